"""Compiled sums of agents by ward, in the order of the agents."""

from __future__ import annotations

from typing import Any

from sim.base.kernels import kernel


@kernel
def count_by_ward(ward: Any, mask: Any, out: Any) -> None:
    """Number of agents in ``mask`` (bool (n,)) by ``ward`` into ``out`` float64 (areas,), zeros."""
    for i in range(mask.shape[0]):
        out[ward[i]] += mask[i]


@kernel
def sum_by_ward(ward: Any, values: Any, mask: Any, out: Any) -> None:
    """Sum of ``values`` (n,) of agents in ``mask`` by ward, into ``out`` float64 (areas,), zeros.

    Added up in the order of the agents.
    """
    for i in range(mask.shape[0]):
        out[ward[i]] += values[i] if mask[i] else 0.0
