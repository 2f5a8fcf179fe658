"""Organisation of NPOs: money, people, online services, ties, capability.

Shortages emerge: of funds when reserves are below what the NPO needs, of people when staff and
volunteers are. Money is whole yen, so the ledger closes to the yen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference.draws import lower, normal_of, unit_of_half, upper
from reference.effects import either
from reference.npos import ACTIVE, FUTURE, STAFF_TRAIT, Npo, uptake_tilts
from reference.wards import FIELDS, NpoCounts
from sim.base.randomness import threshold_of

if TYPE_CHECKING:
    from reference.model import ReferenceModel


def close_books(model: ReferenceModel) -> None:
    """April: last year's results, deficits, staff, and who is a client of intermediaries.

    Staff follows the expected income: floor(income / yen per person + u), u fixed for each NPO.
    """
    p, draws = model.p, model.draws
    rounding = draws.uniforms("npo_trait", STAFF_TRAIT, model.npo_ids)
    half_variance = 0.5 * p["organisation.income_volatility"] ** 2
    for npo, u in zip(model.npos, rounding, strict=True):
        npo.deficit = npo.spending_year > npo.income_year
        npo.income_last_year = npo.income_year
        npo.business_last_year = npo.business_year
        npo.income_year = npo.business_year = npo.spending_year = 0
        gain = 1.0 + npo.share_business * math.expm1(npo.effects.business_income)
        gain += npo.share_fees * math.expm1(npo.effects.fees)
        expected = math.exp(npo.income_level + half_variance) * gain
        npo.staff = math.floor(expected / p["organisation.yen_per_staff"] + u)
        npo.client_last_year = npo.consulted
        npo.consulted = False
    for intermediary in model.intermediaries:
        intermediary.consultations = 0
    share = p["organisation.client_share"] * math.exp(model.effects.consultation_demand)
    clients = draws.bits("npo_client", model.fiscal_year, model.npo_ids)
    for npo, bits, tilt in zip(model.npos, clients, uptake_tilts(model.npos, p), strict=True):
        npo.client = npo.is_active and upper(bits) < threshold_of(min(share * tilt, 1.0))


def npos_month(model: ReferenceModel) -> None:
    """One month of all NPOs; the volunteers of a ward and field are shared by fixed weights."""
    draws, month = model.draws, model.month
    found_entrants(model)
    pools = [volunteers_of_pools(model, ward.index) for ward in model.wards]
    used = [[0.0] * FIELDS for _ in model.wards]  # volunteers with a place, summed in NPO order
    for ward in model.wards:
        ward.npo_counts = NpoCounts()
    year = money_of_the_year(model)
    for npo, shock, digital, ties in zip(
        model.npos,
        draws.bits("npo_shock", month, model.npo_ids),
        draws.bits("npo_digital", month, model.npo_ids),
        draws.bits("npo_ties", month, model.npo_ids),
        strict=True,
    ):
        if npo.status != ACTIVE:
            continue
        earn_and_spend(npo, upper(shock), year)
        gather_people(npo, pools[npo.ward.index][npo.field])
        used[npo.ward.index][npo.field] += npo.volunteers
        change_capability(npo, lower(shock))
        change_online(npo, upper(digital))
        change_ties(npo, upper(ties))
        counts = npo.ward.npo_counts
        counts.active += 1
        counts.short_funds += npo.short_funds
        counts.short_people += npo.short_people
        counts.online += npo.online
        counts.cooperate += npo.cooperates
        counts.unprepared += not npo.prepared
    for ward in model.wards:
        for field in range(FIELDS):
            pool = pools[ward.index][field]
            share = used[ward.index][field] / pool if pool > 0.0 else 1.0
            ward.room[1 + field] = min(1.0, share)


def found_entrants(model: ReferenceModel) -> None:
    """NPOs whose founding month has come become active; weights of pools are summed anew.

    Entries are the same in every scenario (rule A4). Weights are added in the order of the NPOs.
    """
    for ward in model.wards:
        ward.pool_weight = [0.0] * FIELDS
    for npo in model.npos:
        if npo.status == FUTURE and npo.founded == model.month:
            npo.status = ACTIVE
            model.money.endowed += npo.reserves
        if npo.status == ACTIVE:
            npo.ward.pool_weight[npo.field] += npo.volunteer_weight


def volunteers_of_pools(model: ReferenceModel, index: int) -> list[float]:
    """Volunteers of a ward who reach NPOs, by field: the ward's volunteers x fixed shares (A7).

    Few volunteers come through NPOs; counting the members of a small pool in a sample would be
    dice, so the whole ward's volunteers are counted and the share is fixed.
    """
    counts = model.wards[index].counts
    stock = (counts.episodic + counts.regular) * model.weight
    share = model.p["participation.npo_pool_share"]
    return [share * stock * of_field for of_field in model.field_share]


@dataclass
class MoneyYear:
    """What the money of all NPOs has in common in a month."""

    keep: float  # part of the deviation of ln income that stays
    shock_sd: float  # of an NPO's own monthly shock
    common: float  # the fiscal year's shock to ln income
    mean_factor: float  # mean of exp(deviation)


def money_of_the_year(model: ReferenceModel) -> MoneyYear:
    """ln income returns to the NPO's level; its spread around it is the volatility (rule A5)."""
    p = model.p
    volatility = p["organisation.income_volatility"]
    keep = 1.0 - p["organisation.income_reversion"]
    sd = p["organisation.common_income_sd"]
    z = model.draws.normals("common_income", model.fiscal_year, [0])[0]
    return MoneyYear(
        keep=keep,
        shock_sd=volatility * math.sqrt(1.0 - keep**2),
        common=sd * z - sd**2 / 2,
        mean_factor=math.exp(0.5 * volatility**2),
    )


def earn_and_spend(npo: Npo, draw: int, year: MoneyYear) -> None:
    """A month's income and spending; reserves slowly go to the months that the NPO aims at.

    Measures raise business income and fees. The need for funds follows the NPO's own level, so
    that such extra income fills reserves and is not eaten up by a growing need.
    """
    model, p = npo.model, npo.model.p
    if not npo.large:
        z = normal_of(unit_of_half(draw))
        npo.income_deviation = year.keep * npo.income_deviation + year.shock_sd * z
    business = npo.share_business * math.exp(npo.effects.business_income)
    fees = npo.share_fees * math.exp(npo.effects.fees)
    mix = 1.0 + (business - npo.share_business) + (fees - npo.share_fees)
    level = npo.level_yen * mix / 12.0
    income = math.floor(level * math.exp(npo.income_deviation + year.common))

    usual = level * year.mean_factor
    gap = npo.reserves / usual - npo.reserve_target
    plan = usual * max(0.0, 1.0 + p["organisation.reserve_adjustment"] * gap)
    spending = min(npo.reserves + income, math.floor(plan))

    npo.reserves += income - spending
    npo.income_year += income
    npo.business_year += math.floor(income * (business / mix))
    npo.spending_year += spending
    model.money.income += income
    model.money.spending += spending
    own = npo.level_yen / 12.0 * year.mean_factor
    npo.short_funds = npo.reserves < math.floor(p["organisation.funds_need"] * own)


def gather_people(npo: Npo, pool: float) -> None:
    """The NPO's share of the pool's volunteers, up to its capacity; is it short of people?

    Administrative work that measures save lowers the need.
    """
    p = npo.model.p
    share = pool * npo.volunteer_weight / npo.ward.pool_weight[npo.field]
    capacity = p["organisation.volunteer_capacity"] * npo.volunteers_reference
    npo.volunteers = min(share, capacity)
    ratio = p["organisation.volunteer_staff_ratio"]
    people = npo.staff + ratio * npo.volunteers
    used_to = npo.staff + ratio * npo.volunteers_reference
    admin = p["organisation.admin_share"]
    work = 1.0
    if npo.effects.admin_minutes != 0.0:
        work = 1.0 - admin + admin * math.exp(npo.effects.admin_minutes)
    need = p["organisation.people_need"] * npo.people_need * used_to * work
    npo.short_people = people < need


def change_capability(npo: Npo, draw: int) -> None:
    """Capability moves towards an aim set by ties and shortage, with shocks; spread stays 1."""
    p = npo.model.p
    aim = p["organisation.capability_ties_slope"] * (npo.cooperates - p["reference.cooperation"])
    aim -= p["organisation.capability_shortage_slope"] * (
        npo.short_people - p["reference.shortage_people"]
    )
    reversion = p["organisation.capability_reversion"]
    sd = math.sqrt(1.0 - (1.0 - reversion) ** 2)
    z = normal_of(unit_of_half(draw))
    npo.capability += reversion * (aim - npo.capability) + sd * z + npo.effects.capability


def change_online(npo: Npo, draw: int) -> None:
    """Online services are dropped or taken up; a course (1.2) is one more reason for it."""
    p = npo.model.p
    if npo.online:
        if draw < threshold_of(p["organisation.online_drop_rate"]):
            npo.online = False
        return
    chance = p["organisation.online_adopt_rate"]
    if npo.effects.online != 0.0:
        chance = either(chance, npo.effects.online)
    if draw < threshold_of(chance):
        npo.online = True


def change_ties(npo: Npo, draw: int) -> None:
    """Regular cooperation ends, or starts if the NPO wants ties."""
    p = npo.model.p
    if npo.cooperates:
        if draw < threshold_of(p["organisation.ties_end_rate"]):
            npo.cooperates = False
    elif npo.wants_ties:
        rate = p["organisation.ties_start_rate"] * math.exp(npo.effects.ties)
        if draw < threshold_of(1.0 - math.exp(-rate)):
            npo.cooperates = True
