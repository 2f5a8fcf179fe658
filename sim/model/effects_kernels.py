"""Compiled sums of effects that grow with the months since a treatment."""

from __future__ import annotations

from typing import Any

from sim.base.kernels import inlined, kernel


@inlined
def degree(months: Any, never: Any, month: Any, step: Any) -> Any:
    """0 where never treated, else the months since the treatment x ``step``, between 0 and 1."""
    risen = (month - months + 1.0) * step
    risen = risen if risen < 1.0 else 1.0
    return risen if (months > never) & (risen > 0.0) else 0.0


@kernel
def add_since(
    months: Any, never: Any, month: Any, effect_months: Any, amount: Any, out: Any
) -> None:
    """Add ``amount`` x degree to ``out`` (float64 (n,)) for every treated agent.

    ``months`` (n,): month of the treatment, ``never`` where there was none. The degree rises
    linearly from the treatment on and is complete after ``effect_months``.
    """
    step = 1.0 / effect_months
    for i in range(months.shape[0]):
        out[i] += amount * degree(months[i], never, month, step)


@kernel
def pool_since(
    months: Any,
    never: Any,
    month: Any,
    effect_months: Any,
    status: Any,
    ward: Any,
    field: Any,
    weight: Any,
    out: Any,
) -> None:
    """Add weight x degree of treated active agents to their pool: ``out`` float64 (areas, 5)."""
    step = 1.0 / effect_months
    for i in range(months.shape[0]):
        if months[i] > never and status[i] == 1:
            out[ward[i], field[i]] += weight[i] * degree(months[i], never, month, step)


@kernel
def count_events(wards: Any, row: Any) -> None:
    """Add one to ``row`` (areas,) for each ward index of ``wards``."""
    for i in range(wards.shape[0]):
        row[wards[i]] += 1
