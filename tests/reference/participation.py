"""Participation: the chances of residents to start and to quit, and their month.

The chain: there is an opportunity (target), one accepts it (age), there is a place (room), barriers
are overcome. What residents meet depends on their ward last month: how many were active (being
asked is the strongest channel), how many took part in co-production projects last year, and how
satisfied residents are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from reference.draws import upper
from reference.residents import EPISODIC, REGULAR, Chances
from reference.wards import ResidentCounts, WardOffice
from sim.base.randomness import threshold_of

if TYPE_CHECKING:
    from reference.model import ReferenceModel


def move_residents(model: ReferenceModel) -> None:
    """April: a share of the residents moves away; newcomers take their places (rule A13)."""
    limit = threshold_of(model.p["participation.move_rate"])
    draws = model.draws.bits("resident_moves", model.fiscal_year, model.resident_ids)
    for resident, draw in zip(model.residents, draws, strict=True):
        if upper(draw) < limit:
            resident.is_replaced_by_newcomer()


def residents_month(model: ReferenceModel) -> None:
    """All residents' month, with four draws each, and the counts of their wards."""
    draws, month, ids = model.draws, model.month, model.resident_ids
    model.chances = chances_of_all(model)
    shock = common_shock(model)
    for ward in model.wards:
        ward.target = target(ward, shock)
        ward.referral_limit = threshold_of(chance_of_referral(ward))
        ward.load_limits = load_limits(ward)
    for ward in model.wards:
        ward.counts = ResidentCounts()
    for resident, start, quit, change, active in zip(
        model.residents,
        draws.bits("resident_start", month, ids),
        draws.bits("resident_quit", month, ids),
        draws.bits("resident_change", month, ids),
        draws.bits("resident_active", month, ids),
        strict=True,
    ):
        resident.live_a_month(start, quit, change, active)
    for ward in model.wards:
        counts = ward.counts
        model.year.add("starts", ward.index, counts.starts)
        model.year.add("quits", ward.index, counts.quits)
        model.year.add("quit_load", ward.index, counts.quit_load)
        model.year.add("quit_time", ward.index, counts.quit_time)
        model.year.add("quit_mismatch", ward.index, counts.quit_mismatch)
        # a simulated resident stands for `weight` residents
        model.ledger.add("referrals", ward.index, round(counts.referred * model.weight))


def target(ward: WardOffice, shock: float) -> float:
    """Chance a month to meet an opportunity, before acceptance and barriers."""
    model = ward.model
    p = model.p
    active = ward.counts.active / max(1, ward.residents)
    asked = p["participation.ask_rate"] * active
    # of projects' participants only those count who did not volunteer anyway (rule A9)
    participants = model.last_year.of("participants", ward.index)
    exposed = (1.0 - p["collaboration.displacement"]) * participants
    institution = p["participation.institution_rate"]
    institution += p["participation.project_exposure_rate"] * exposed / (12.0 * ward.population)
    hazard = p["participation.external_rate"] + asked + institution
    mood = p["participation.satisfaction_slope"] * (ward.satisfaction - p["reference.satisfaction"])
    return -math.expm1(-hazard * math.exp(shock + mood))


def common_shock(model: ReferenceModel) -> float:
    """A shock of the fiscal year to all starts, mean 1 after exp (rule A11)."""
    sd = model.p["participation.common_shock_sd"]
    z = model.draws.normals("common_participation", model.fiscal_year, [0])[0]
    return sd * z - 0.5 * sd**2


def chance_of_referral(ward: WardOffice) -> float:
    """Joining places of the ward's desks over those who could use one, at the end of last month.

    The expected number of joiners is so the same at any scale of the population.
    """
    could_use = ward.counts.referrable * ward.model.weight
    if could_use <= 0.0:
        return 0.0
    return ward.effects.referral / max(could_use, 1.0)


def quit_rates(p: dict[str, float]) -> dict[str, float]:
    """Basic rate a month to quit, by state: regular volunteers stay longer."""
    rate = p["participation.quit_rate"]
    return {EPISODIC: rate, REGULAR: rate * p["participation.quit_regular_ratio"]}


def load_limits(ward: WardOffice) -> dict[tuple[str, bool], int]:
    """Thresholds to quit from load, by (state, volunteers through an NPO).

    NPOs short of people burden their volunteers: the ward's shortage of last month counts.
    """
    p, npos = ward.model.p, ward.npo_counts
    excess = 0.0
    if npos.active > 0:
        excess = npos.short_people / npos.active - p["reference.shortage_people"]
    burden = math.exp(p["participation.load_slope"] * excess)
    limits = {}
    for state, rate in quit_rates(p).items():
        load = p["participation.quit_load_ratio"] * rate
        limits[state, False] = threshold_of(load)
        limits[state, True] = threshold_of(load * burden)
    return limits


def chances_of_all(model: ReferenceModel) -> Chances:
    """What holds for all residents of the city in this month."""
    p = model.p
    young, thirties = p["participation.age_20s"], p["participation.age_30s"]
    forties = p["participation.age_taper"] * thirties
    logs = [young, young, thirties, forties, 0.0, 0.0, p["participation.age_75"]]
    time_limits: dict[tuple[str, bool], int] = {}
    mismatch_limits: dict[str, list[int]] = {}
    for state, rate in quit_rates(p).items():
        time_limits[state, False] = threshold_of(rate * p["participation.quit_time_free_ratio"])
        time_limits[state, True] = threshold_of(rate * p["participation.quit_time_ratio"])
        fresh = p["participation.quit_mismatch_ratio"] * rate
        mismatch_limits[state] = [
            threshold_of(fresh * math.exp(-tenure / p["participation.mismatch_months"]))
            for tenure in range(int(p["participation.mismatch_last_month"]) + 1)
        ]
    return Chances(
        acceptance=[math.exp(log) for log in logs],
        uninterested=p["participation.uninterested_ratio"],
        weight_time=p["participation.barrier_time_weight"],
        weight_how=p["participation.barrier_how_weight"],
        weight_what=p["participation.barrier_what_weight"],
        time_limits=time_limits,
        mismatch_limits=mismatch_limits,
        step_up_limit=threshold_of(p["participation.step_up_rate"]),
        step_down_limit=threshold_of(p["participation.step_down_rate"]),
        activity_limit=threshold_of(p["participation.episodic_activity"]),
    )
