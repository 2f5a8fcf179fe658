"""Co-production projects: proposals, acceptance, start within officer hours, renewal.

NPOs propose subsidies, co-hosting and cooperation; ward offices propose commissions and choose an
NPO by Gumbel-max on size, capability and trust. Officers' hours and, if the scenario fixes it, the
budget limit what starts; priority is keyed, so more hours never drop a project.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.model.agents.npos import ACTIVE, income_distribution
from sim.model.agents.projects import (
    ACCEPTED,
    COMMISSION_SLOT,
    MAX_SLOTS,
    OVER,
    PROPOSED,
    RUNNING,
    TRAIT_LEAD_TIME,
    TRAIT_PARTNERS,
    append,
    new_proposals,
)
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.processes.collaboration_kernels import (
    Acceptance,
    ProjectColumns,
    admit,
    decide_pass,
    gumbel_choices,
    run_pass,
)

NPO_SLOTS = (0, 1)


def logit(share: float) -> float:
    """Log-odds of a share strictly between 0 and 1."""
    return math.log(share / (1.0 - share))


def expit(x: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Share from log-odds."""
    return 1.0 / (1.0 + np.exp(-np.asarray(x, dtype=np.float64)))


def expected_projects(world: World) -> NDArray[np.float64]:
    """Projects by ward in the steady state (areas,), in sum the baseline's number.

    New projects follow the wards' NPOs; the stock is new / (1 - renewal), so wards with a
    department have more of them.
    """
    p, npos = world.p, world.npos
    renewal = expit(
        logit(p["collaboration.renewal_without_department"])
        + p["collaboration.department_log_odds"] * world.wards.department
    )
    npo_count = np.bincount(npos.ward[npos.status > 0], minlength=world.wards.n)
    stock = npo_count / (1.0 - (1.0 - p["collaboration.lost_with_npo"]) * renewal)
    total: NDArray[np.float64] = p["collaboration.projects"] * stock / stock.sum()
    return total


def set_up(world: World) -> None:
    """Before the burn-in: officers' capacity, commissions, and the projects that run already."""
    p, wards, npos = world.p, world.wards, world.npos
    stock = expected_projects(world)
    minutes = p["collaboration.minutes_per_project"]
    wards.minutes_capacity[:] = (stock * minutes / p["collaboration.hours_use"]).astype(np.int64)
    wards.solved_reference[:] = stock * p["reference.success"]
    npo_count = np.bincount(npos.ward[npos.status > 0], minlength=world.wards.n)
    wards.commissions[:] = p["collaboration.commission_rate"] * npo_count / npo_count.sum()
    first_year = world.fiscal_year
    number = np.rint(stock).astype(np.int64)
    share = p["collaboration.commission_share"]
    for commissioned in (True, False):
        leads: list[NDArray[np.int64]] = []
        for w in range(world.wards.n):
            part = round(number[w] * share)
            k = part if commissioned else int(number[w]) - part
            own = np.flatnonzero((npos.ward == w) & (npos.status == ACTIVE))
            score = p["collaboration.size_slope"] * npos.income_level[own]
            u = world.random.uniform("project_match", int(commissioned), npos.id[own])
            leads.append(own[np.argsort(-(score - np.log(-np.log(u))), kind="stable")[:k]])
        lead = np.concatenate(leads)
        slot = COMMISSION_SLOT if commissioned else 0
        new = new_proposals(
            lead,
            npos.id[lead],
            npos.ward[lead].astype(np.int64),
            first_year - 1,
            slot,
            commissioned,
            world.month - 12,
            p,
            world.random,
        )
        new.stage[:], new.start[:], new.months[:] = RUNNING, world.month - 12, 0
        new.partners[:] = _partners(world, new.lead, new.id)
        append(world.projects, new)
    refresh_workload(world, None)


def minutes_of_projects(world: World, board: EffectBoard | None) -> NDArray[np.int64]:
    """Officer minutes that one project takes in a year, by ward, int64 (areas,)."""
    p = world.p
    admin = p["collaboration.admin_share"]
    factor = np.ones(world.wards.n) if board is None else np.exp(board["ward.admin_minutes"])
    minutes = p["collaboration.minutes_per_project"] * (1.0 - admin + admin * factor)
    whole: NDArray[np.int64] = np.floor(minutes).astype(np.int64)
    return whole


def refresh_workload(world: World, board: EffectBoard | None) -> None:
    """Officer minutes in use by ward, from the running projects."""
    running = world.projects.stage == RUNNING
    number = np.bincount(world.projects.ward[running], minlength=world.wards.n)
    world.wards.minutes_used[:] = number * minutes_of_projects(world, board)


def propose(world: World, board: EffectBoard) -> None:
    """April: the year's proposals of NPOs and ward offices (each has its month)."""
    p, npos, wards, random = world.p, world.npos, world.wards, world.random
    year = world.fiscal_year
    growth = math.exp(p["collaboration.trend"] * max(0, year - world.place.start_year))
    if year > world.place.start_year:
        # officers grow with a trend of the tasks, else a trend could not show
        yearly = math.exp(p["collaboration.trend"])
        wards.minutes_capacity[:] = np.floor(wards.minutes_capacity * yearly)
    factor = np.exp(board["ward.proposals"]) * growth
    active = np.flatnonzero(npos.status == ACTIVE)
    size = npos.income_level - income_distribution(p)[0]
    log_rate = (
        p["collaboration.size_slope"] * size
        + p["collaboration.capability_slope"] * npos.capability
        + p["collaboration.trust_acceptance_slope"]
        * (npos.trust - p["collaboration.trust_initial"])
    )[active]
    rate = p["collaboration.proposal_rate"] * np.exp(log_rate) * factor[npos.ward[active]]
    for slot in NPO_SLOTS:
        chosen = active[
            random.below("project_proposal", year, npos.id[active], -np.expm1(-rate), slot)
        ]
        _add(world, chosen, slot, commissioned=False)
    leads: list[NDArray[np.int64]] = []
    slots_made: list[NDArray[np.int64]] = []
    headroom = p["collaboration.commission_headroom"]
    score = (
        p["collaboration.size_slope"] * size
        + p["collaboration.capability_slope"] * npos.capability
        + p["collaboration.trust_acceptance_slope"] * npos.trust
    )
    in_order = active[np.argsort(npos.ward[active], kind="stable")]
    ends = np.searchsorted(npos.ward[in_order], np.arange(world.wards.n), side="right")
    stream = np.uint64(random.stream("project_match", year))
    for w, own in enumerate(np.split(in_order, ends[:-1])):
        mean = wards.commissions[w] * factor[w]
        slots = np.arange(math.ceil(headroom * wards.commissions[w]) + 1)
        made = slots[random.below("ward_proposal", year, slots, mean / len(slots), w)]
        if not len(made) or not len(own):
            continue
        picks = np.empty(len(made), dtype=np.int64)
        gumbel_choices(stream, w * MAX_SLOTS + made, npos.id[own], score[own], picks)
        leads.append(own[picks])
        slots_made.append(COMMISSION_SLOT + made)
    if leads:
        _add(world, np.concatenate(leads), np.concatenate(slots_made), commissioned=True)
    board.resize_projects(world.projects.n)


def _add(
    world: World, leads: NDArray[np.int64], slots: NDArray[np.int64] | int, commissioned: bool
) -> None:
    if not len(leads):
        return
    april = world.month - world.month % 12
    npos = world.npos
    new = new_proposals(
        leads,
        npos.id[leads],
        npos.ward[leads].astype(np.int64),
        world.fiscal_year,
        slots,
        commissioned,
        april,
        world.p,
        world.random,
    )
    append(world.projects, new)
    world.ledger.add_events("proposals", new.ward)


def decide(world: World, board: EffectBoard) -> None:
    """The month's proposals: accepted by trust, capability and workload; the start follows."""
    p, npos, wards, random = world.p, world.npos, world.wards, world.random
    use = wards.minutes_used / np.maximum(1, wards.minutes_capacity)
    decide_pass(
        world.month,
        world.projects.pack(ProjectColumns),
        Acceptance(
            base=logit(p["collaboration.acceptance"]),
            trust_slope=p["collaboration.trust_acceptance_slope"],
            trust_centre=p["collaboration.trust_initial"],
            capability_slope=p["collaboration.capability_slope"],
            workload_slope=p["collaboration.workload_slope"],
            use=use - p["collaboration.hours_use"],
            lead_months=p["collaboration.lead_time"] * np.exp(board["ward.lead_time"]),
        ),
        npos.status,
        npos.trust,
        npos.capability,
        np.uint64(random.stream("project_accept", 0)),
        np.uint64(random.stream("project_trait", TRAIT_LEAD_TIME)),
    )


def start(world: World, board: EffectBoard) -> None:
    """Accepted projects whose month has come start, if officer minutes and budget allow.

    Those that find no room wait until the end of the fiscal year and then lapse.
    """
    projects, npos, wards = world.projects, world.npos, world.wards
    projects.stage[npos.status[projects.lead] != ACTIVE] = OVER
    minutes = minutes_of_projects(world, board)
    running = np.bincount(projects.ward[projects.stage == RUNNING], minlength=world.wards.n)
    wards.minutes_used[:] = running * minutes
    due = np.flatnonzero((projects.stage == ACCEPTED) & (projects.start <= world.month))
    if len(due):
        due = due[world.random.rank("project_priority", 0, projects.id[due])]
        admitted = np.empty(len(due), dtype=bool)
        admit(projects.ward[due], minutes, wards.minutes_capacity - wards.minutes_used, admitted)
        no_hours = due[~admitted]
        no_budget = due[:0]
        if world.budget_limit is not None:
            granted = (projects.stage == RUNNING) | (projects.months > 0)
            committed = int(projects.budget[granted].sum())
            cost = np.cumsum(np.where(admitted, projects.budget[due], 0))
            fits = (committed + cost <= world.budget_limit) | (projects.budget[due] == 0)
            no_budget = due[admitted & ~fits]
            admitted &= fits
        chosen = due[admitted]
        projects.stage[chosen] = RUNNING
        projects.start[chosen] = world.month
        projects.months[chosen] = 0
        world.ledger.add_events("new_projects", projects.ward[chosen])
        imitating = chosen[projects.imitates[chosen] >= 0]
        elsewhere = imitating[projects.imitates[imitating] != projects.ward[imitating]]
        world.ledger.add_events("spread_projects", projects.ward[elsewhere])
        projects.partners[chosen] = _partners(world, projects.lead[chosen], projects.id[chosen])
        if world.is_march:
            projects.stage[no_hours] = OVER
            projects.stage[no_budget] = OVER
            world.ledger.add_events("refused_hours", projects.ward[no_hours])
            world.ledger.add_events("refused_budget", projects.ward[no_budget])
        running += np.bincount(projects.ward[chosen], minlength=world.wards.n)
        wards.minutes_used[:] = running * minutes


def run_month(world: World) -> None:
    """Running projects are active this month; officer minutes and money are booked.

    Minutes: a twelfth a month in whole minutes, so that twelve months add up to the year exactly.
    Money: contracts and subsidies are granted for the fiscal year, all in its first active month.
    """
    wards = world.wards
    begun = np.zeros(world.wards.n, dtype=np.int64)
    continued = np.zeros(world.wards.n, dtype=np.int64)
    columns = world.projects.pack(ProjectColumns)
    granted = run_pass(columns, world.npos.has_project, begun, continued)
    world.count("project_years", begun)
    world.count("running_continued", continued)
    wards.minutes_booked[:] += _twelfth(wards.minutes_used, world.month)
    world.ledger.spend("projects", int(granted))


def _twelfth(year: NDArray[np.int64], month: int) -> NDArray[np.int64]:
    m = month % 12
    part: NDArray[np.int64] = year * (m + 1) // 12 - year * m // 12
    return part


def _partners(world: World, lead: NDArray[np.int32], ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Partner organisations: two or more with a chance that rises with the lead NPO's ties."""
    p, npos = world.p, world.npos
    slope = p["collaboration.joint_ties_log_odds"]
    centred = npos.cooperates[lead] - p["reference.cooperation"]
    chance = expit(logit(p["collaboration.joint_share"]) + slope * centred)
    u = world.random.uniform("project_trait", TRAIT_PARTNERS, ids)
    return np.where(u < chance, 2, np.where(u < p["collaboration.pair_share"], 1, 0))


def renew(world: World, board: EffectBoard) -> None:
    """March: which running projects go on in April; the others are marked as ending."""
    p, projects, npos, wards = world.p, world.projects, world.npos, world.wards
    running = np.flatnonzero(projects.stage == RUNNING)
    ward, lead = projects.ward[running], projects.lead[running]
    solved = projects.solved[running]
    outcome = np.where(solved >= 0, solved - p["reference.success"], 0.0)
    log_odds = (
        logit(p["collaboration.renewal_without_department"])
        + p["collaboration.department_log_odds"] * wards.department[ward]
        + board["ward.renewal"][ward]
        + p["collaboration.success_renewal_slope"] * outcome
        + p["collaboration.trust_acceptance_slope"]
        * (npos.trust[lead] - p["collaboration.trust_initial"])
    )
    goes_on = world.random.below(
        "project_renewal", world.fiscal_year, projects.id[running], expit(log_odds)
    )
    projects.ending[:] = 0
    projects.ending[running] = ~goes_on


def close_year(world: World, board: EffectBoard) -> None:
    """End of March, after the indicators: projects that end leave the list, counts start anew."""
    projects = world.projects
    running = projects.stage == RUNNING
    going_on = running & (projects.ending == 0)
    if world.month >= 0:
        world.solved_before += world.counted("solved")
    world.last_year = world.year
    world.year = {}
    world.count("running_before", world.last_year.get("project_years", np.zeros(world.wards.n)))
    projects.ran_before[:] = projects.months > 0
    projects.months[:] = 0
    waiting = (projects.stage == PROPOSED) | (projects.stage == ACCEPTED)
    projects.keep(np.flatnonzero(going_on | waiting))
    board.resize_projects(projects.n)
    refresh_workload(world, board)
    world.ledger.new_year()
