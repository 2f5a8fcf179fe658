"""Leaders and survival of NPOs.

Leaders leave by age. Without a prepared successor the NPO often falls dormant; others fall dormant
because they are small, young, in deficit or weak. A dormant NPO closes or, rarely, revives.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reference.draws import upper
from reference.effects import either
from reference.npos import ACTIVE, CLOSED, DORMANT, Npo
from sim.base.randomness import threshold_of, unit

if TYPE_CHECKING:
    from reference.model import ReferenceModel

MOST_DIVERSE = 0.75
"""The largest 1 - Herfindahl index that four equal income streams can have."""
RETIREMENT = 60
"""From this age on the hazard to step down rises (Gompertz)."""


def age_leaders(model: ReferenceModel) -> None:
    """April: leaders of NPOs that exist are a year older."""
    oldest = int(model.p["succession.oldest_leader"])
    for npo in model.npos:
        if npo.status in (ACTIVE, DORMANT):
            npo.leader_age = min(npo.leader_age + 1, oldest)


def remember_active(model: ReferenceModel) -> None:
    """April: who was active in the last three Marches; survival over three years needs it."""
    for npo in model.npos:
        npo.active_3 = npo.active_2
        npo.active_2 = npo.active_1
        npo.active_1 = npo.is_active


def survival_month(model: ReferenceModel) -> None:
    """One month of leaders and survival of all NPOs."""
    draws, month = model.draws, model.month
    for npo, successor, dormancy, closure, revival in zip(
        model.npos,
        draws.bits("npo_successor", month, model.npo_ids),
        draws.bits("npo_dormancy", month, model.npo_ids),
        draws.bits("npo_closure", month, model.npo_ids),
        draws.bits("npo_revival", month, model.npo_ids),
        strict=True,
    ):
        if npo.status == DORMANT:
            close_or_revive(npo, upper(closure), upper(revival))
        elif npo.status == ACTIVE:
            if npo.founded == month:
                model.note("entries", npo)
            prepare_successor(npo, upper(successor))
            failed = wear_of_leader(npo) and succession_fails(npo)
            if not npo.large and (failed or upper(dormancy) < threshold_of(dormancy_chance(npo))):
                npo.status = DORMANT
                npo.dormant_since = month
                model.note("dormancies", npo)


def close_or_revive(npo: Npo, closure: int, revival: int) -> None:
    """From the month after it fell dormant an NPO may close; what it owns is written off."""
    model = npo.model
    if npo.dormant_since is not None and npo.dormant_since >= model.month:
        return
    if closure < threshold_of(model.p["succession.close_rate"]):
        npo.status = CLOSED
        model.money.written_off += npo.reserves
        npo.reserves = 0
        model.note("closures", npo)
    elif revival < threshold_of(model.p["succession.revive_rate"]):
        npo.status = ACTIVE
        model.note("revivals", npo)


def prepare_successor(npo: Npo, draw: int) -> None:
    """A prepared successor may be lost; else one may be prepared, also by training (2.4)."""
    p = npo.model.p
    if npo.prepared:
        if draw < threshold_of(p["succession.lose_rate"]):
            npo.prepared = False
    elif draw < threshold_of(either(p["succession.prepare_rate"], npo.effects.successor)):
        npo.prepared = True


def wear_of_leader(npo: Npo) -> bool:
    """A month more of the leader's exit hazard; does the leader reach the limit and leave?

    The limit is -ln(u), so the time to exit has the hazard that is summed. It is keyed by the
    number of the leader, so that a measure cannot change how long this very person stays.
    """
    npo.leader_wear += exit_hazard(npo.leader_age, npo.model.p) / 12.0
    return npo.leader_wear >= npo.leader_limit


def exit_hazard(age: int, p: Mapping[str, float]) -> float:
    """Yearly hazard that a leader of this age steps down."""
    if age < RETIREMENT:
        return p["succession.exit_under_60"]
    return p["succession.exit_at_70"] * math.exp(p["succession.exit_slope"] * (age - 70.0))


def succession_fails(npo: Npo) -> bool:
    """The leader leaves. A new one is named in any case; True if the NPO does not survive it.

    Large NPOs always find a successor. Nobody is prepared to follow the new leader yet.
    """
    model, p = npo.model, npo.model.p
    npo.leader_number += 1
    model.note("leader_exits", npo)

    def draw(choice: int) -> int:
        return model.draws.one("npo_succession", npo.leader_number, npo.id, choice)

    chance = p["succession.success_prepared" if npo.prepared else "succession.success_unprepared"]
    fails = upper(draw(0)) >= threshold_of(chance) and not npo.large
    npo.leader_age = new_leader_age(unit(draw(1)), p)
    npo.leader_wear = 0.0
    limit = model.draws.one("npo_leader_exit", npo.leader_number, npo.id)
    npo.leader_limit = -math.log(unit(limit))
    npo.prepared = False
    if fails:
        model.note("failed_successions", npo)
    return fails


def new_leader_age(u: float, p: Mapping[str, float]) -> int:
    """Age of a new leader: 60 and over with its share, else younger; even within both ranges."""
    over = p["succession.successor_over_60"]
    youngest, oldest = p["succession.youngest_leader"], p["succession.oldest_new_leader"]
    if u < over:
        years = math.floor(u / over * (oldest + 1 - RETIREMENT))
        return int(min(RETIREMENT + years, oldest))
    years = math.floor((u - over) / (1.0 - over) * (RETIREMENT - youngest))
    return int(min(youngest + years, RETIREMENT - 1))


def dormancy_chance(npo: Npo) -> float:
    """Chance to fall dormant in this month for other reasons than a failed succession, capped."""
    p = npo.model.p
    age = min(max(0, npo.model.month - npo.founded), int(p["succession.newness_last_month"]))
    size = npo.size + npo.effects.business_income * npo.share_business
    log_hazard = (
        p["succession.income_slope"] * size
        + p["succession.newness"] * math.exp(-age / p["succession.age_months"])
        + p["succession.deficit_log"] * npo.deficit
        + p["succession.funds_shortage_log"] * npo.short_funds
        + p["succession.capability_slope"] * npo.capability
        + p["succession.concentration_slope"]
        * (concentration(npo) - p["reference.concentration"])
        / 0.1
    )
    hazard = p["succession.dormancy_rate"] * math.exp(log_hazard) / 12.0
    return min(p["succession.dormancy_cap"], 1.0 - math.exp(-hazard))


def concentration(npo: Npo) -> float:
    """Herfindahl index of the four income streams, with the effects of measures on them.

    Diversification support (2.5) acts on 1 - index, at most up to four equal streams.
    """
    business = npo.share_business * math.exp(npo.effects.business_income)
    fees = npo.share_fees * math.exp(npo.effects.fees)
    public = npo.share_public
    other = max(0.0, 1.0 - npo.share_business - npo.share_fees - npo.share_public)
    total = business + fees + public + other
    index = (business**2 + fees**2 + public**2 + other**2) / total**2
    diversity = (1.0 - index) * math.exp(npo.effects.diversification)
    return 1.0 - min(MOST_DIVERSE, diversity)
