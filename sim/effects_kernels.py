"""Compiled sums of effects that grow with the months since a treatment."""

from __future__ import annotations

from typing import Any

from sim.kernels import kernel


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
        if months[i] > never:
            degree = (month - months[i] + 1.0) * step
            out[i] += amount * min(1.0, max(0.0, degree))


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
    """Add weight x degree of the treated active agents to their pool: ``out`` float64 (23, 5)."""
    step = 1.0 / effect_months
    for i in range(months.shape[0]):
        if months[i] > never and status[i] == 1:
            degree = (month - months[i] + 1.0) * step
            out[ward[i], field[i]] += weight[i] * min(1.0, max(0.0, degree))
