"""Compiled choice of NPOs for commissions, and the return of trust to the ward's mean."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.kernels import kernel
from sim.randomness_kernels import draw, uniform


@kernel
def gumbel_choices(stream: Any, partners: Any, ids: Any, score: Any, chosen: Any) -> None:
    """For each proposal the candidate with the largest score plus keyed Gumbel noise.

    ``partners`` int64 (k,): second key of a proposal; ``ids`` int64 (n,) and ``score`` float64
    (n,): candidates; ``chosen`` int64 (k,) gets positions among the candidates. Adding a proposal
    changes no other choice. Equal to `KeyedRandom.uniform(..., partner)` draw by draw.
    """
    for j in range(partners.shape[0]):
        best = -np.inf
        for i in range(ids.shape[0]):
            u = uniform(draw(draw(stream, ids[i]), partners[j]))
            value = score[i] - math.log(-math.log(u))
            if value > best:
                best = value
                chosen[j] = i


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
        if status[i] == 1 and holds[i] == 1:
            total[ward[i]] += trust[i]
            number[ward[i]] += 1
    for w in range(mean.shape[0]):
        if number[w] > 0:
            mean[w] = total[w] / number[w]
    for i in range(trust.shape[0]):
        if holds[i] == 0:
            trust[i] += rate * (mean[ward[i]] - trust[i])
