"""One compiled pass a month over leaders and survival of NPOs."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sim.base.kernels import inlined, kernel
from sim.base.randomness_kernels import draw, high, threshold, uniform
from sim.model.agents.counts import WRITTEN_OFF
from sim.model.agents.npos import ACTIVE, CLOSED, DORMANT, FUTURE

INCOME_STREAMS = 4
"""Business, fees and donations, public, other."""
MOST_DIVERSE = 1.0 - 1.0 / INCOME_STREAMS
"""The largest value of 1 - Herfindahl index: all streams equal."""


class SuccessionRates(NamedTuple):
    """Parameters of the monthly pass; see calibration/parameters/organisation.yaml."""

    exit_hazard: Any  # float64 (k,), yearly, by age in years (the last one: older)
    newness: Any  # float64 (k,), extra log hazard by age in months (the last one: older)
    successor_over_60: float
    youngest_leader: float
    oldest_new_leader: float
    prepare_rate: float
    lose_rate: float
    success_prepared: float
    success_unprepared: float
    dormancy_rate: float
    dormancy_cap: float
    income_slope: float
    income_centre: float
    deficit_log: float
    funds_shortage_log: float
    capability_slope: float
    concentration_slope: float
    concentration_centre: float
    close_rate: float
    revive_rate: float


class SuccessionStreams(NamedTuple):
    """uint64 streams of the month (successor, dormancy, closure, revival) and by leader number."""

    successor: Any
    dormancy: Any
    closure: Any
    revival: Any
    leader_exit: Any
    succession: Any


@inlined
def new_leader_age(u: Any, r: Any) -> Any:
    """Age of a new leader from a uniform; equals `sim.model.agents.leaders.new_leader_ages`."""
    over, low, high = r.successor_over_60, r.youngest_leader, r.oldest_new_leader
    if u < over:
        return min(60 + math.floor(u / max(1e-12, over) * (high + 1 - 60)), high)
    return min(low + math.floor((u - over) / max(1e-12, 1.0 - over) * (60 - low)), 59.0)


@inlined
def concentration(c: Any, i: Any, business: Any, fees: Any, diversification: Any) -> Any:
    """Herfindahl index of the NPO's income streams, with the effects of measures."""
    b = c.share_business[i] * math.exp(business)
    f = c.share_fees[i] * math.exp(fees)
    g = c.share_public[i]
    o = max(0.0, 1.0 - c.share_business[i] - c.share_fees[i] - g)
    total = b + f + g + o
    index = (b * b + f * f + g * g + o * o) / (total * total)
    return 1.0 - min(MOST_DIVERSE, (1.0 - index) * math.exp(diversification))


@kernel
def succession_pass(
    month: Any,
    c: Any,
    r: Any,
    s: Any,
    business: Any,
    fees: Any,
    diversification: Any,
    successor: Any,
    events: Any,
    money: Any,
) -> None:
    """Leaders age, leave and are succeeded; NPOs become dormant, revive or close.

    ``c`` NpoColumns, ``r`` SuccessionRates, ``s`` SuccessionStreams; ``business``, ``fees``,
    ``diversification``, ``successor`` float64 (n,): effects of measures; ``events`` int64
    (areas, 6) accumulates leader exits, failed successions, dormancies, closures, revivals,
    entries by ward; ``money`` int64 (4,): the ledger (reserves of closed NPOs are written off).
    """
    t_lose = threshold(r.lose_rate)
    t_prepare = threshold(1.0 - (1.0 - r.prepare_rate))
    monthly_hazard = r.exit_hazard / 12.0
    t_cap = threshold(r.dormancy_cap)  # screens out those who cannot become dormant
    for i in range(c.id.shape[0]):
        status = c.status[i]
        if status in (FUTURE, CLOSED):
            continue
        if status == DORMANT:
            if c.dormant_since[i] < month:
                if high(draw(s.closure, c.id[i])) < threshold(r.close_rate):
                    c.status[i] = CLOSED
                    money[WRITTEN_OFF] += c.reserves[i]
                    c.reserves[i] = 0
                    events[c.ward[i], 3] += 1
                elif high(draw(s.revival, c.id[i])) < threshold(r.revive_rate):
                    c.status[i] = ACTIVE
                    events[c.ward[i], 4] += 1
            continue
        if c.founded[i] == month:
            events[c.ward[i], 5] += 1
        limit = t_lose if c.prepared[i] == 1 else t_prepare
        if successor[i] != 0.0 and c.prepared[i] == 0:
            limit = threshold(1.0 - (1.0 - r.prepare_rate) * (1.0 - successor[i]))
        c.prepared[i] ^= high(draw(s.successor, c.id[i])) < limit
        fails = False
        c.leader_wear[i] += monthly_hazard[c.leader_age[i]]
        if c.leader_wear[i] >= c.leader_limit[i]:
            events[c.ward[i], 0] += 1
            number = c.leader_number[i] + 1
            c.leader_number[i] = number
            key = draw(draw(s.succession, np.uint64(number)), c.id[i])
            chance = r.success_prepared if c.prepared[i] == 1 else r.success_unprepared
            fails = high(draw(key, 0)) >= threshold(chance) and c.large[i] == 0
            c.leader_age[i] = new_leader_age(uniform(draw(key, 1)), r)
            c.leader_wear[i] = 0.0
            bits = draw(draw(s.leader_exit, np.uint64(number)), c.id[i])
            c.leader_limit[i] = -math.log(uniform(bits))
            c.prepared[i] = 0
            events[c.ward[i], 1] += fails
        if c.large[i] == 1:
            continue
        u = high(draw(s.dormancy, c.id[i]))
        if fails or u >= t_cap:
            if fails:
                c.status[i] = DORMANT
                c.dormant_since[i] = month
                events[c.ward[i], 2] += 1
            continue
        hhi = concentration(c, i, business[i], fees[i], diversification[i])
        age = min(max(0, month - c.founded[i]), r.newness.shape[0] - 1)
        log_hazard = (
            r.income_slope
            * (c.income_level[i] + business[i] * c.share_business[i] - r.income_centre)
            + r.newness[age]
            + r.deficit_log * c.deficit[i]
            + r.funds_shortage_log * c.short_funds[i]
            + r.capability_slope * c.capability[i]
            + r.concentration_slope * (hhi - r.concentration_centre) / 0.1
        )
        hazard = r.dormancy_rate * math.exp(log_hazard) / 12.0
        if u < threshold(1.0 - math.exp(-hazard)):
            c.status[i] = DORMANT
            c.dormant_since[i] = month
            events[c.ward[i], 2] += 1
