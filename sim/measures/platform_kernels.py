"""Compiled registration of NPOs in the management system."""

from __future__ import annotations

from typing import Any

from sim.kernels import kernel
from sim.randomness_kernels import draw, high


@kernel
def register(stream: Any, ids: Any, ward: Any, status: Any, registered: Any, limit: Any) -> Any:
    """Register active NPOs whose draw is below their ward's threshold; return how many joined.

    ``ids``, ``ward``, ``status``, ``registered`` (n,); ``limit`` int64 (23,), 0 where not live.
    """
    joined = 0
    for i in range(ids.shape[0]):
        if status[i] == 1 and registered[i] == 0 and limit[ward[i]] > 0:
            if high(draw(stream, ids[i])) < limit[ward[i]]:
                registered[i] = 1
                joined += 1
    return joined
