"""Compiled registration of NPOs in the management system."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.base.kernels import kernel
from sim.base.randomness_kernels import draw, high, threshold
from sim.model.agents.npos import ACTIVE


@kernel
def register(
    stream: Any,
    ids: Any,
    ward: Any,
    status: Any,
    registered: Any,
    is_live: Any,
    innovation: Any,
    imitation: Any,
) -> Any:
    """One month of registration by diffusion (Bass 1969); return how many joined.

    ``ids``, ``ward``, ``status``, ``registered`` (n,); ``is_live`` bool (areas,); ``innovation``,
    ``imitation`` a year: hazard (p + q F)/12 with F the registered share of the ward's active NPOs.
    """
    members = np.zeros(is_live.shape[0], dtype=np.int64)
    active = np.zeros(is_live.shape[0], dtype=np.int64)
    for i in range(ids.shape[0]):
        is_active = status[i] == ACTIVE
        active[ward[i]] += is_active
        members[ward[i]] += is_active & (registered[i] == 1)
    limit = np.zeros(is_live.shape[0], dtype=np.int64)
    for w in range(is_live.shape[0]):
        if is_live[w]:
            share = members[w] / max(1, active[w])
            limit[w] = threshold((innovation + imitation * share) / 12.0)
    joined = 0
    for i in range(ids.shape[0]):
        joins = (status[i] == ACTIVE) & (registered[i] == 0)
        joins &= high(draw(stream, ids[i])) < limit[ward[i]]
        registered[i] |= joins
        joined += joins
    return joined
