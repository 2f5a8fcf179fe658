"""Compiled months of projects: choice of NPOs, decisions, admission, activity, idle trust."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sim.base.kernels import kernel
from sim.base.randomness_kernels import draw, high, threshold, uniform
from sim.model.agents.npos import ACTIVE
from sim.model.agents.projects import ACCEPTED, OVER, PROPOSED, RUNNING

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


class ProjectColumns(NamedTuple):
    """The columns of `sim.model.agents.projects` that the monthly passes read and write, each
    (m,)."""

    id: Any
    ward: Any
    lead: Any
    budget: Any
    stage: Any
    proposed: Any
    start: Any
    months: Any
    ran_before: Any


class Acceptance(NamedTuple):
    """Parameters of `decide_pass`; ``use``, ``lead_months`` float64 (areas,) of ward offices."""

    base: Any  # log-odds
    trust_slope: Any
    trust_centre: Any
    capability_slope: Any
    workload_slope: Any
    use: Any  # officer minutes in use, less those of the reference, as shares of the capacity
    lead_months: Any


@kernel
def decide_pass(
    month: Any, c: Any, a: Any, status: Any, trust: Any, capability: Any, accept: Any, lead: Any
) -> None:
    """Accept or refuse the proposals that are due, and set the start of the accepted ones.

    ``c`` ProjectColumns, ``a`` Acceptance; ``status``, ``trust``, ``capability`` of NPOs (n,);
    ``accept``, ``lead`` uint64 streams of the decision and of the part of a month in the lead time.
    """
    for i in range(c.id.shape[0]):
        if c.stage[i] != PROPOSED or c.proposed[i] > month:
            continue
        npo, w = c.lead[i], c.ward[i]
        log_odds = (
            a.base
            + a.trust_slope * (trust[npo] - a.trust_centre)
            + a.capability_slope * capability[npo]
            - a.workload_slope * a.use[w]
        )
        chance = 1.0 / (1.0 + math.exp(-log_odds))
        accepted = high(draw(accept, c.id[i])) < threshold(chance) and status[npo] == ACTIVE
        c.start[i] = month + math.floor(a.lead_months[w] + uniform(draw(lead, c.id[i])))
        c.stage[i] = ACCEPTED if accepted else OVER


@kernel
def run_pass(c: Any, has_project: Any, begun: Any, continued: Any) -> Any:
    """Running projects are active this month; yen that are granted, int64.

    ``has_project`` (n,) of NPOs is set anew; ``begun`` and ``continued`` int64 (areas,), zeros:
    first active months of the fiscal year, and those of projects that ran last year, too.
    """
    granted = 0
    has_project[:] = 0
    for i in range(c.id.shape[0]):
        if c.stage[i] == RUNNING:
            if c.months[i] == 0:
                begun[c.ward[i]] += 1
                continued[c.ward[i]] += c.ran_before[i]
                granted += c.budget[i]
            c.months[i] += 1
            has_project[c.lead[i]] = 1
    return granted


@kernel
def admit(ward: Any, minutes: Any, free: Any, admitted: Any) -> None:
    """Which projects, in the order of priority, find room in the officers' time of their ward.

    ``ward`` (k,); ``minutes`` and ``free`` int64 (areas,): minutes that a project takes, and that
    are free; ``admitted`` bool (k,) is overwritten. More free minutes never drop a project that was
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
    is changed; ``mean`` float64 (areas,) is overwritten (summed in the order of the NPOs); a ward
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
