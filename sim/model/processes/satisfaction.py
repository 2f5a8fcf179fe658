"""Outcome of projects, trust, and the three satisfaction surveys, at the end of the fiscal year.

Trust (A1): after s solved and f failing projects, trust' = 1 - (1 - trust)(1 - L)^s, then
x (1 - 2L)^f. Losses weigh twice as much as gains (a parameter); at a success share s the fixed
point is then s / (2 - s).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.base.randomness import thresholds
from sim.model.agents.npos import ACTIVE
from sim.model.agents.projects import RUNNING
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.processes import participation_kernels as kernels
from sim.model.processes.collaboration import expit, logit
from sim.model.processes.collaboration_kernels import revert


def success_log_odds(world: World, positions: NDArray[np.int64]) -> NDArray[np.float64]:
    """Log-odds that a project solves its problem this year, without measures and repairs."""
    p, projects, npos = world.p, world.projects, world.npos
    lead = projects.lead[positions]
    log_odds: NDArray[np.float64] = (
        logit(p["collaboration.success_base"])
        + projects.frailty[positions]
        + p["collaboration.capability_slope"] * npos.capability[lead]
        + p["collaboration.trust_success_slope"]
        * (npos.trust[lead] - p["collaboration.trust_initial"])
        - p["collaboration.people_success_slope"]
        * (npos.short_people[lead] - p["reference.shortage_people"])
    )
    return log_odds


def judge(world: World, board: EffectBoard) -> None:
    """March: every project with enough active months solves its problem or fails (A8).

    A project that failed last year and fails again may be improved within the year (repair).
    """
    p, projects, wards = world.p, world.projects, world.wards
    months = p["collaboration.min_active_months"]
    running = projects.stage == RUNNING
    judged = np.flatnonzero(running & (projects.months >= months))
    ids, ward, year = projects.id[judged], projects.ward[judged], world.fiscal_year
    effect = board["project.success"][judged]
    chance = expit(success_log_odds(world, judged) + effect)
    solved = world.random.below("project_outcome", year, ids, chance)
    failed_before = projects.solved[judged] == 0
    log_repair = p["collaboration.repair_present_log"] * wards.uses_evaluation
    repair = p["collaboration.repair_chance"] * np.exp(log_repair + board["ward.repair"])
    repair = np.minimum(repair, p["collaboration.repair_cap"])
    repaired = world.random.below("project_repair", year, ids, repair[ward])
    solved |= failed_before & repaired
    projects.solved[judged] = solved
    present = (projects.coordinated_before[judged] | projects.modelled_before[judged]) == 1
    untreated = (effect == 0.0) & ~present
    world.count_events("judged", ward)
    world.count_events("solved", ward[solved])
    world.count_events("judged_untreated", ward[untreated])
    world.count_events("solved_untreated", ward[untreated & solved])
    factor = np.exp(board["project.participants"]) * projects.months / 12.0
    projects.participants[:] = np.where(running, projects.participants_base * factor, 0.0)
    world.count_events("participants", projects.ward[running], projects.participants[running])
    joint = running & (projects.partners >= 2)
    world.count_events("joint", projects.ward[joint])


def learn_trust(world: World) -> None:
    """March: trust between ward office and NPO follows the outcomes of their projects (A1)."""
    step = world.p["collaboration.trust_gain"]
    loss = world.p["collaboration.trust_loss_ratio"] * step
    projects, npos = world.projects, world.npos
    judged = (projects.stage == RUNNING) & (projects.months >= _min_months(world))
    lead = projects.lead[judged]
    solved = np.bincount(lead, projects.solved[judged] == 1, minlength=npos.n)
    failed = np.bincount(lead, projects.solved[judged] == 0, minlength=npos.n)
    raised = 1.0 - (1.0 - npos.trust) * (1.0 - step) ** solved
    npos.trust[:] = raised * (1.0 - loss) ** failed


def _min_months(world: World) -> float:
    return world.p["collaboration.min_active_months"]


def revert_trust(world: World) -> None:
    """Monthly: trust of NPOs without a running project returns to the mean of the ward's others."""
    npos, rate = world.npos, world.p["collaboration.trust_reversion"]
    revert(npos.status, npos.ward, npos.has_project, npos.trust, rate, world.wards.trust)


def rotate_officers(world: World) -> None:
    """April: officers change post; the officer part of trust starts anew (A12)."""
    p, npos = world.p, world.npos
    share = p["collaboration.officer_rotation"] * p["collaboration.officer_part_of_trust"]
    npos.trust[:] = npos.trust + share * (p["collaboration.trust_initial"] - npos.trust)


def ask_partners(world: World, board: EffectBoard) -> None:
    """March: yearly survey of NPOs with a running project, and of partners of ending ones.

    One latent (trust, outcome, capability, rating by trained officers), two measurement models
    with an intercept each (C050).
    """
    p, projects, npos = world.p, world.projects, world.npos
    running = projects.stage == RUNNING
    solved = np.where(projects.solved >= 0, projects.solved, p["reference.success"])
    rating = board["project.rating"]
    number = np.bincount(projects.lead[running], minlength=npos.n)
    led = np.maximum(1, number)
    outcome = np.bincount(projects.lead[running], solved[running], minlength=npos.n) / led
    rated = np.bincount(projects.lead[running], rating[running], minlength=npos.n) / led
    common = (
        p["satisfaction.partner_trust_slope"] * (npos.trust - p["collaboration.trust_initial"])
        + p["satisfaction.partner_capability_slope"] * npos.capability
    )
    slope = p["satisfaction.partner_success_slope"]

    asked = np.flatnonzero((number > 0) & (npos.status == ACTIVE))
    log_odds = (
        logit(p["satisfaction.partner_base"])
        + (common + slope * (outcome - p["reference.success"]) + rated)[asked]
    )
    yes = world.random.below("npo_satisfied", world.fiscal_year, npos.id[asked], expit(log_odds))
    world.count_events("asked", npos.ward[asked])
    world.count_events("satisfied", npos.ward[asked[yes]])

    ended = np.flatnonzero(running & (projects.ending == 1))
    log_odds = (
        logit(p["satisfaction.partner_end_base"])
        + common[projects.lead[ended]]
        + slope * (solved[ended] - p["reference.success"])
        + rating[ended]
    )
    yes = world.random.below("project_end_satisfied", 0, projects.id[ended], expit(log_odds))
    world.count_events("asked_end", projects.ward[ended])
    world.count_events("satisfied_end", projects.ward[ended[yes]])


def ask_residents(world: World) -> None:
    """March: yearly survey of residents on local problem solving.

    Log-odds of "satisfied": level without co-production + taking part + exposure (ln of the ward's
    solved projects relative to those expected at the baseline) + outcome (share solved).
    """
    p, wards, residents = world.p, world.wards, world.residents
    judged, solved = world.counted("judged"), world.counted("solved")
    wards.solved[:] = solved
    rate = np.where(judged > 0, solved / np.maximum(1.0, judged), wards.solve_rate)
    wards.solve_rate[:] = rate
    # a ward is compared with its own expected number: wards differ in NPOs, not in residents' eyes
    least = p["satisfaction.least_solved"]
    exposure = np.log(np.maximum(solved, least) / np.maximum(wards.solved_reference, least))
    log_odds = (
        logit(p["satisfaction.resident_base"])
        + p["satisfaction.resident_intercept"]
        + p["satisfaction.resident_exposure"] * exposure
        + p["satisfaction.resident_outcome"] * (rate - p["reference.success"])
    )
    by_block = np.empty((len(residents.blocks), 4), dtype=np.int64)
    kernels.survey(
        residents.blocks,
        residents.packed.activity,
        np.uint64(world.random.stream("resident_satisfied", world.fiscal_year)),
        thresholds(expit(log_odds + p["satisfaction.resident_participation"])),
        thresholds(expit(log_odds)),
        by_block,
    )
    counts = np.empty((world.wards.n, 4), dtype=np.int64)
    residents.sum_blocks(by_block, counts)
    world.count("residents_asked", counts[:, 1] + counts[:, 3])
    world.count("residents_satisfied", counts[:, 0] + counts[:, 2])
    world.count("volunteers_asked", counts[:, 1])
    world.count("volunteers_satisfied", counts[:, 0])
    asked = np.maximum(1, counts[:, 1] + counts[:, 3])
    wards.satisfaction[:] = (counts[:, 0] + counts[:, 2]) / asked
