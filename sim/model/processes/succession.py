"""Succession and survival: leaders leave by age, unprepared NPOs fall dormant, some close.

Entrants are a keyed process at the baseline's rate, the same in every scenario (A4); their rows
exist from the start and become active in their founding month (`organisation_pass`).
"""

from __future__ import annotations

import numpy as np

from sim.model.agents.leaders import leader_exit_hazard
from sim.model.agents.npos import ACTIVE, DORMANT, income_distribution
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.processes.organisation_kernels import NpoColumns
from sim.model.processes.succession_kernels import (
    SuccessionRates,
    SuccessionStreams,
    succession_pass,
)

EVENTS = ("leader_exits", "failed_successions", "dormancies", "closures", "revivals", "entries")


def age_leaders(world: World) -> None:
    """April: every leader of a registered NPO is a year older."""
    npos = world.npos
    registered = (npos.status == ACTIVE) | (npos.status == DORMANT)
    oldest = int(world.p["succession.oldest_leader"])
    npos.leader_age[registered] = np.minimum(npos.leader_age[registered] + 1, oldest)


def remember_active(world: World) -> None:
    """April: shift the memory of who was active in the last three Marches (survival tracking)."""
    npos = world.npos
    npos.active_3[:] = npos.active_2
    npos.active_2[:] = npos.active_1
    npos.active_1[:] = npos.status == ACTIVE


def succeed(world: World, board: EffectBoard) -> None:
    """One month of leaders and survival."""
    random, month = world.random, world.month
    streams = SuccessionStreams(
        successor=np.uint64(random.stream("npo_successor", month)),
        dormancy=np.uint64(random.stream("npo_dormancy", month)),
        closure=np.uint64(random.stream("npo_closure", month)),
        revival=np.uint64(random.stream("npo_revival", month)),
        leader_exit=np.uint64(random.base("npo_leader_exit")),
        succession=np.uint64(random.base("npo_succession")),
    )
    before = world.npo_events.copy()
    succession_pass(
        month,
        world.npos.pack(NpoColumns),
        _rates(world),
        streams,
        board["npo.business_income"],
        board["npo.fees"],
        board["npo.diversification"],
        board["npo.successor"],
        world.npo_events,
        world.money,
    )
    for item, by_ward in zip(EVENTS, (world.npo_events - before).T, strict=True):
        if by_ward.any():
            world.count(item, by_ward)


def _rates(world: World) -> SuccessionRates:
    rates: SuccessionRates = world.table("succession", lambda: _table(world.p))
    return rates


def _table(p: dict[str, float]) -> SuccessionRates:
    ages = np.arange(p["succession.oldest_leader"] + 1.0)
    months = np.arange(int(p["succession.newness_last_month"]) + 1)
    return SuccessionRates(
        exit_hazard=leader_exit_hazard(ages, p),
        newness=p["succession.newness"] * np.exp(-months / p["succession.age_months"]),
        successor_over_60=p["succession.successor_over_60"],
        youngest_leader=p["succession.youngest_leader"],
        oldest_new_leader=p["succession.oldest_new_leader"],
        prepare_rate=p["succession.prepare_rate"],
        lose_rate=p["succession.lose_rate"],
        success_prepared=p["succession.success_prepared"],
        success_unprepared=p["succession.success_unprepared"],
        dormancy_rate=p["succession.dormancy_rate"],
        dormancy_cap=p["succession.dormancy_cap"],
        income_slope=p["succession.income_slope"],
        income_centre=income_distribution(p)[0],
        deficit_log=p["succession.deficit_log"],
        funds_shortage_log=p["succession.funds_shortage_log"],
        capability_slope=p["succession.capability_slope"],
        concentration_slope=p["succession.concentration_slope"],
        concentration_centre=p["reference.concentration"],
        close_rate=p["succession.close_rate"],
        revive_rate=p["succession.revive_rate"],
    )
