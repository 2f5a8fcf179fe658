"""One compiled pass a month over all NPOs: money, people, digital services, ties, capability."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sim.base.kernels import inlined, kernel
from sim.base.randomness_kernels import (
    central_normals,
    draw,
    high,
    normal,
    threshold,
    unit_high,
    unit_low,
)
from sim.model.agents.counts import (
    ACTIVE_NPOS,
    COOPERATE,
    ENDOWED,
    INCOME,
    ONLINE,
    SHORT_FUNDS,
    SHORT_PEOPLE,
    SPENDING,
    UNPREPARED,
)
from sim.model.agents.npos import ACTIVE, FUTURE


class NpoColumns(NamedTuple):
    """The columns of `sim.model.agents.npos` that the kernels read and write, each (n,)."""

    id: Any
    ward: Any
    field: Any
    founded: Any
    status: Any
    dormant_since: Any
    large: Any
    income_level: Any
    level_yen: Any
    income_deviation: Any
    share_business: Any
    share_fees: Any
    share_public: Any
    reserve_target: Any
    reserves: Any
    income_year: Any
    business_year: Any
    spending_year: Any
    deficit: Any
    short_funds: Any
    staff: Any
    volunteer_weight: Any
    volunteers_reference: Any
    volunteers: Any
    people_need: Any
    short_people: Any
    capability: Any
    online: Any
    wants_ties: Any
    cooperates: Any
    leader_age: Any
    leader_number: Any
    leader_wear: Any
    leader_limit: Any
    prepared: Any


class OrganisationRates(NamedTuple):
    """Parameters of the monthly pass; see calibration/parameters/organisation.yaml."""

    half_variance: float
    keep_deviation: float
    deviation_sd: float
    common_income: float
    reserve_adjustment: float
    funds_need: float
    volunteer_capacity: float
    volunteer_staff_ratio: float
    people_need: float
    admin_share: float
    capability_reversion: float
    capability_sd: float
    capability_shortage_slope: float
    capability_ties_slope: float
    reference_shortage: float
    reference_cooperation: float
    online_adopt: float
    online_drop: float
    ties_start: float
    ties_end: float


class OrganisationEffects(NamedTuple):
    """Combined effects of measures on NPOs, each float64 (n,); see `sim.model.effects.RATES`."""

    business: Any
    fees: Any
    admin: Any
    capability: Any
    online: Any
    ties: Any


@kernel
def organisation_pass(
    month: Any,
    c: Any,
    r: Any,
    e: Any,
    shock: Any,
    digital: Any,
    ties: Any,
    pool: Any,
    weights: Any,
    counts: Any,
    absorbed: Any,
    money: Any,
) -> None:
    """Advance all active NPOs by one month: money, people, capability, services and ties.

    ``c`` NpoColumns, ``r`` OrganisationRates, ``e`` OrganisationEffects; ``shock``, ``digital``,
    ``ties`` uint64 streams; ``pool`` float64 (areas, 5) volunteers who reach the NPOs of a ward and
    field; ``weights`` and ``absorbed``, both float64 (areas, 5), are overwritten with the NPOs'
    total weight and the share of the pool that found a place; ``counts`` int64
    (areas, 6), see `sim.model.agents.counts`, is overwritten; ``money`` int64 (4,) accumulates the
    ledger.

    One loop a rule, each over the few columns that it needs, is faster than one loop over all.
    """
    n = c.id.shape[0]
    live, k = np.empty(n, dtype=np.int64), 0
    for i in range(n):
        if c.status[i] == FUTURE and c.founded[i] == month:
            c.status[i] = ACTIVE
            money[ENDOWED] += c.reserves[i]
        live[k] = i
        k += c.status[i] == ACTIVE
    live = live[:k]
    # normals of all at once; nan where the formula of the tails is needed
    shock_income, shock_capability = np.empty(n), np.empty(n)
    central_normals(shock, c.id, shock_income, shock_capability)
    earn_and_spend(live, c, r, e, shock, shock_income, money)
    share_volunteers(live, c, r, e, pool, weights, absorbed)
    gain_capability(live, c, r, e, shock, shock_capability)
    change_services(live, c, r, e, digital, ties)
    counts[:, :] = 0
    for i in live:
        w = c.ward[i]
        counts[w, ACTIVE_NPOS] += 1
        counts[w, SHORT_FUNDS] += c.short_funds[i]
        counts[w, SHORT_PEOPLE] += c.short_people[i]
        counts[w, ONLINE] += c.online[i]
        counts[w, COOPERATE] += c.cooperates[i]
        counts[w, UNPREPARED] += 1 - c.prepared[i]


@inlined
def earn_and_spend(live: Any, c: Any, r: Any, e: Any, shock: Any, normals: Any, money: Any) -> None:
    """Income by its shocks, spending towards the reserves aimed at, shortage of funds."""
    mean_factor = math.exp(r.half_variance)
    earned = spent = 0
    for i in live:
        if c.large[i] == 0:
            z = normals[i]
            if z != z:
                z = normal(unit_high(draw(shock, c.id[i])))
            c.income_deviation[i] = r.keep_deviation * c.income_deviation[i] + r.deviation_sd * z
        business = c.share_business[i]
        if e.business[i] != 0.0:
            business *= math.exp(e.business[i])
        fees = c.share_fees[i]
        if e.fees[i] != 0.0:
            fees *= math.exp(e.fees[i])
        mix = 1.0 + (business - c.share_business[i]) + (fees - c.share_fees[i])
        level = c.level_yen[i] * mix / 12.0
        income = math.floor(level * math.exp(c.income_deviation[i] + r.common_income))
        usual = level * mean_factor
        gap = c.reserves[i] / usual - c.reserve_target[i]
        plan = usual * max(0.0, 1.0 + r.reserve_adjustment * gap)
        spending = min(c.reserves[i] + income, math.floor(plan))
        c.reserves[i] += income - spending
        c.income_year[i] += income
        c.business_year[i] += math.floor(income * (business / mix))
        c.spending_year[i] += spending
        earned += income
        spent += spending
        # the need follows the NPO's own level: extra income of a measure fills reserves
        own = c.level_yen[i] / 12.0 * mean_factor
        c.short_funds[i] = c.reserves[i] < math.floor(r.funds_need * own)
    money[INCOME] += earned
    money[SPENDING] += spent


@inlined
def share_volunteers(
    live: Any, c: Any, r: Any, e: Any, pool: Any, weights: Any, absorbed: Any
) -> None:
    """The volunteers of a pool by its NPOs' weights and places; shortage of people."""
    weights[:, :] = 0.0
    absorbed[:, :] = 0.0
    for i in live:
        weights[c.ward[i], c.field[i]] += c.volunteer_weight[i]
    for i in live:
        w, f = c.ward[i], c.field[i]
        share = pool[w, f] * c.volunteer_weight[i] / weights[w, f]
        volunteers = min(share, r.volunteer_capacity * c.volunteers_reference[i])
        c.volunteers[i] = volunteers
        absorbed[w, f] += volunteers
        people = c.staff[i] + r.volunteer_staff_ratio * volunteers
        reference = c.staff[i] + r.volunteer_staff_ratio * c.volunteers_reference[i]
        work = 1.0
        if e.admin[i] != 0.0:
            work = 1.0 - r.admin_share + r.admin_share * math.exp(e.admin[i])
        c.short_people[i] = people < r.people_need * c.people_need[i] * reference * work
    for w in range(pool.shape[0]):
        for f in range(pool.shape[1]):
            absorbed[w, f] = min(1.0, absorbed[w, f] / pool[w, f]) if pool[w, f] > 0.0 else 1.0


@inlined
def gain_capability(live: Any, c: Any, r: Any, e: Any, shock: Any, normals: Any) -> None:
    """Capability reverts to a level set by ties and shortage, with shocks and effects."""
    for i in live:
        aim = r.capability_ties_slope * (c.cooperates[i] - r.reference_cooperation)
        aim -= r.capability_shortage_slope * (c.short_people[i] - r.reference_shortage)
        drift = r.capability_reversion * (aim - c.capability[i])
        z = normals[i]
        if z != z:
            z = normal(unit_low(draw(shock, c.id[i])))
        c.capability[i] += drift + r.capability_sd * z + e.capability[i]


@inlined
def change_services(live: Any, c: Any, r: Any, e: Any, digital: Any, ties: Any) -> None:
    """Online services are taken up and dropped, regular cooperation starts and ends."""
    t_drop, t_adopt = threshold(r.online_drop), threshold(r.online_adopt)
    t_end, t_start = threshold(r.ties_end), threshold(1.0 - math.exp(-r.ties_start))
    for i in live:
        limit = t_drop if c.online[i] == 1 else t_adopt
        if e.online[i] != 0.0 and c.online[i] == 0:
            limit = threshold(1.0 - (1.0 - r.online_adopt) * (1.0 - e.online[i]))
        c.online[i] ^= high(draw(digital, c.id[i])) < limit
        limit = t_end if c.cooperates[i] == 1 else t_start * c.wants_ties[i]
        if e.ties[i] != 0.0 and c.cooperates[i] == 0 and c.wants_ties[i] == 1:
            limit = threshold(1.0 - math.exp(-r.ties_start * math.exp(e.ties[i])))
        c.cooperates[i] ^= high(draw(ties, c.id[i])) < limit


@kernel
def serve(queue: Any, capacity: Any, ward: Any, consulted: Any, tally: Any) -> None:
    """Hold consultations in the order of ``queue`` (positions of NPOs) up to ``capacity``.

    ``consulted`` (n,) is set to 1; ``tally`` int64 (3, areas), zeros: held, NPOs for the first time
    this year, refused.
    """
    for q in range(queue.shape[0]):
        i = queue[q]
        if q < capacity:
            tally[0, ward[i]] += 1
            tally[1, ward[i]] += consulted[i] == 0
            consulted[i] = 1
        else:
            tally[2, ward[i]] += 1
