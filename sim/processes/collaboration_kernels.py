"""Compiled choice of NPOs for commissions, admission of projects, trust of idle pairs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.agents.npos import ACTIVE
from sim.kernels import kernel
from sim.randomness_kernels import draw, uniform

SLACK = 1.0 - 1e-9
"""Keeps the screen of `gumbel_choices` on the safe side of rounding."""


@kernel
def gumbel_choices(stream: Any, partners: Any, ids: Any, score: Any, chosen: Any) -> None:
    """For each proposal the candidate with the largest score plus keyed Gumbel noise.

    ``partners`` int64 (k,): second key of a proposal; ``ids`` int64 (n,) and ``score`` float64
    (n,): candidates; ``chosen`` int64 (k,) gets positions among the candidates. Adding a proposal
    changes no other choice. Equal to `KeyedRandom.uniform(..., partner)` draw by draw.
    """
    highest = score.max()
    for j in range(partners.shape[0]):
        best = -np.inf
        needed = 0.0
        for i in range(ids.shape[0]):
            u = uniform(draw(draw(stream, ids[i]), partners[j]))
            if u < needed:
                continue  # even with the highest score it would lose
            value = score[i] - math.log(-math.log(u))
            if value > best:
                best = value
                chosen[j] = i
                needed = SLACK * math.exp(-math.exp(highest - best))


@kernel
def admit(ward: Any, minutes: Any, free: Any, admitted: Any) -> None:
    """Which projects, in the order of priority, find room in the officers' time of their ward.

    ``ward`` (k,); ``minutes`` and ``free`` int64 (23,): minutes that a project takes, and that are
    free; ``admitted`` bool (k,) is overwritten. More free minutes never drop a project that was
    admitted before: in each ward a prefix of the queue grows.
    """
    needed = np.zeros(free.shape[0], dtype=np.int64)
    for i in range(ward.shape[0]):
        w = ward[i]
        needed[w] += minutes[w]
        admitted[i] = needed[w] <= free[w]


@kernel
def revert(status: Any, ward: Any, holds: Any, trust: Any, rate: Any, mean: Any) -> None:
    """Move trust of idle pairs by ``rate`` towards the mean of the ward's pairs in use.

    ``status``, ``ward``, ``holds`` (1: the NPO has a running project) (n,); ``trust`` float64 (n,)
    is changed; ``mean`` float64 (23,) is overwritten (summed in the order of the NPOs); a ward
    without a pair in use keeps its last mean.
    """
    number = np.zeros(mean.shape[0], dtype=np.int64)
    total = np.zeros(mean.shape[0])
    for i in range(trust.shape[0]):
        if holds[i] == 1 and status[i] == ACTIVE:
            total[ward[i]] += trust[i]
            number[ward[i]] += 1
    for w in range(mean.shape[0]):
        if number[w] > 0:
            mean[w] = total[w] / number[w]
    for i in range(trust.shape[0]):
        trust[i] += (rate if holds[i] == 0 else 0.0) * (mean[ward[i]] - trust[i])
