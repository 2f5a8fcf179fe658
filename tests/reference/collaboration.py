"""From the proposal to the end: proposing, deciding, starting, running, renewing projects.

NPOs propose subsidies, co-hosting and cooperation; ward offices propose commissions and choose an
NPO. What can start is limited by officers' minutes and, if the scenario fixes it, by the budget.
Places go by keyed priority, so more minutes never drop a project.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from reference.draws import upper
from reference.npos import Npo
from reference.projects import (
    ACCEPTED,
    COMMISSION_SLOT,
    LEAD_TIME,
    NPO_SLOTS,
    OVER,
    PROPOSED,
    RUNNING,
    SLOTS,
    TRAITS,
    Project,
    expit,
    logit,
    new_proposals,
    partners,
)
from sim.base.randomness import threshold_of, unit

if TYPE_CHECKING:
    from reference.model import ReferenceModel
    from reference.wards import WardOffice


def propose(model: ReferenceModel) -> None:
    """April: the year's proposals. First the NPOs' two slots, then commissions ward by ward.

    A declared trend lets proposals grow, and officers' time with them; without one both are flat.
    """
    p, years = model.p, max(0, model.fiscal_year - model.start_year)
    growth = math.exp(p["collaboration.trend"] * years)
    if years > 0:
        for ward in model.wards:
            yearly = math.exp(p["collaboration.trend"])
            ward.minutes_capacity = math.floor(ward.minutes_capacity * yearly)
    active = [npo for npo in model.npos if npo.is_active]
    chances = [chance_to_propose(npo, growth) for npo in active]
    for slot in NPO_SLOTS:
        leads = model.draws.chosen(
            active, "project_proposal", model.fiscal_year, chances, partner=slot
        )
        new_proposals(model, leads, [slot] * len(leads), commissioned=False)
    leads, slots = [], []
    for ward in model.wards:
        own = [npo for npo in active if npo.ward is ward]
        for slot in commission_slots(ward, growth):
            if own:
                leads.append(npo_for_commission(ward, slot, own))
                slots.append(COMMISSION_SLOT + slot)
    new_proposals(model, leads, slots, commissioned=True)


def chance_to_propose(npo: Npo, growth: float) -> float:
    """Chance that an NPO fills a slot: larger, abler and trusted ones propose more."""
    p = npo.model.p
    log_rate = (
        p["collaboration.size_slope"] * npo.size
        + p["collaboration.capability_slope"] * npo.capability
        + p["collaboration.trust_acceptance_slope"] * (npo.trust - p["collaboration.trust_initial"])
    )
    rate = p["collaboration.proposal_rate"] * math.exp(log_rate)
    rate *= math.exp(npo.ward.effects.proposals) * growth
    return -math.expm1(-rate)


def commission_slots(ward: WardOffice, growth: float) -> list[int]:
    """The slots that a ward office fills this year; their number leaves ample headroom."""
    model = ward.model
    mean = ward.commissions * math.exp(ward.effects.proposals) * growth
    number = math.ceil(model.p["collaboration.commission_headroom"] * ward.commissions) + 1
    limit = threshold_of(mean / number)
    draws = model.draws.bits("ward_proposal", model.fiscal_year, range(number), partner=ward.index)
    return [slot for slot, bits in enumerate(draws) if upper(bits) < limit]


def npo_for_commission(ward: WardOffice, slot: int, candidates: list[Npo]) -> Npo:
    """The NPO of the ward with the largest score plus Gumbel noise (a random choice by score).

    Noise is keyed by (NPO, ward, slot), so an added commission changes no other choice. Of equal
    scores the first one wins.
    """
    model, p = ward.model, ward.model.p
    draws = model.draws.bits(
        "project_match",
        model.fiscal_year,
        [npo.id for npo in candidates],
        partner=ward.index * SLOTS + slot,
    )

    def score(npo: Npo, bits: int) -> float:
        return (
            p["collaboration.size_slope"] * npo.size
            + p["collaboration.capability_slope"] * npo.capability
            + p["collaboration.trust_acceptance_slope"] * npo.trust
        ) - math.log(-math.log(unit(bits)))

    scores = [score(npo, bits) for npo, bits in zip(candidates, draws, strict=True)]
    return candidates[scores.index(max(scores))]


def decide(model: ReferenceModel) -> None:
    """Every month: ward offices accept or refuse the month's proposals; the start is planned."""
    now = [p for p in model.projects if p.stage == PROPOSED and p.proposed <= model.month]
    ids = [project.id for project in now]
    for project, accept, lead_time in zip(
        now,
        model.draws.bits("project_accept", 0, ids),
        model.draws.uniforms(TRAITS, LEAD_TIME, ids),
        strict=True,
    ):
        accepted = upper(accept) < threshold_of(chance_of_acceptance(project))
        months = model.p["collaboration.lead_time"] * math.exp(project.ward.effects.lead_time)
        project.start = model.month + math.floor(months + lead_time)
        project.stage = ACCEPTED if accepted and project.lead.is_active else OVER


def chance_of_acceptance(project: Project) -> float:
    """Trusted and able NPOs are accepted more, and less when officers are busier than usual."""
    p, ward, lead = project.model.p, project.ward, project.lead
    use = ward.minutes_used / max(1, ward.minutes_capacity)
    return expit(
        logit(p["collaboration.acceptance"])
        + p["collaboration.trust_acceptance_slope"]
        * (lead.trust - p["collaboration.trust_initial"])
        + p["collaboration.capability_slope"] * lead.capability
        - p["collaboration.workload_slope"] * (use - p["collaboration.hours_use"])
    )


def start_projects(model: ReferenceModel) -> None:
    """Every month: due projects start within officers' minutes and the budget, by priority.

    Projects whose lead NPO is no longer active are over. Who finds no room waits, and lapses when
    the fiscal year ends.
    """
    for project in model.projects:
        if not project.lead.is_active:
            project.stage = OVER
    count_workload(model)
    due = [p for p in model.projects if p.stage == ACCEPTED and p.start <= model.month]
    queue = model.draws.in_order(due, "project_priority", 0)
    admitted, no_minutes = admit_by_minutes(model, queue)
    starting, no_budget = admit_by_budget(model, admitted)
    for project in starting:
        begin(project)
    if model.is_march:
        for reason, lapsed in (("refused_hours", no_minutes), ("refused_budget", no_budget)):
            for project in lapsed:
                project.stage = OVER
                model.ledger.add(reason, project.ward.index)
    count_workload(model)


def admit_by_minutes(
    model: ReferenceModel, queue: list[Project]
) -> tuple[list[Project], list[Project]]:
    """Those for whom their ward's officers have minutes, and the others; both in order."""
    free = {w.index: w.minutes_capacity - w.minutes_used for w in model.wards}
    admitted: list[Project] = []
    refused: list[Project] = []
    for project in queue:
        ward = project.ward
        free[ward.index] -= ward.minutes_of_a_project()
        (admitted if free[ward.index] >= 0 else refused).append(project)
    return admitted, refused


def admit_by_budget(
    model: ReferenceModel, queue: list[Project]
) -> tuple[list[Project], list[Project]]:
    """With a fixed budget: those whose yen fit under the limit; projects without money always do.

    Granted are the yen of all projects that run or have run this year. A project must fit together
    with all before it in the queue, also those that did not fit.
    """
    if model.budget_limit is None:
        return queue, []
    yen = sum(p.budget for p in model.projects if p.is_running or p.months > 0)
    fitting: list[Project] = []
    refused: list[Project] = []
    for project in queue:
        yen += project.budget
        fits = yen <= model.budget_limit or project.budget == 0
        (fitting if fits else refused).append(project)
    return fitting, refused


def begin(project: Project) -> None:
    """The project starts, with its partners."""
    model, ward = project.model, project.ward.index
    project.stage = RUNNING
    project.start = model.month
    project.months = 0
    project.partners = partners(project)
    model.ledger.add("new_projects", ward)
    if project.imitates is not None and project.imitates != ward:
        model.ledger.add("spread_projects", ward)


def count_workload(model: ReferenceModel) -> None:
    """Officer minutes a year that the running projects take, by ward."""
    running = [0] * len(model.wards)
    for project in model.projects:
        running[project.ward.index] += project.is_running
    for ward in model.wards:
        ward.minutes_used = running[ward.index] * ward.minutes_of_a_project()


def run_projects(model: ReferenceModel) -> None:
    """Every month: running projects are active; minutes are booked, money in the first month.

    Contracts and subsidies are granted for the whole fiscal year.
    """
    for npo in model.npos:
        npo.has_project = False
    for project in model.projects:
        if not project.is_running:
            continue
        if project.months == 0:
            model.year.add("project_years", project.ward.index)
            if project.ran_before:
                model.year.add("running_continued", project.ward.index)
            model.ledger.spend("projects", project.budget)
        project.months += 1
        project.lead.has_project = True
    for ward in model.wards:
        ward.book_minutes(model.month)


def renew(model: ReferenceModel) -> None:
    """March: which running projects go on in April. The others end, but still run this month."""
    for project in model.projects:
        project.ending = False
    running = [project for project in model.projects if project.is_running]
    chances = [chance_of_renewal(project) for project in running]
    going_on = model.draws.chosen(running, "project_renewal", model.fiscal_year, chances)
    for project in running:
        project.ending = True
    for project in going_on:
        project.ending = False


def chance_of_renewal(project: Project) -> float:
    """Departments, success and trust keep projects going; a project not judged yet counts as 0."""
    p = project.model.p
    outcome = 0.0 if project.solved is None else project.solved - p["reference.success"]
    return expit(
        logit(p["collaboration.renewal_without_department"])
        + p["collaboration.department_log_odds"] * project.ward.department
        + project.ward.effects.renewal
        + p["collaboration.success_renewal_slope"] * outcome
        + p["collaboration.trust_acceptance_slope"]
        * (project.lead.trust - p["collaboration.trust_initial"])
    )


def close_year(model: ReferenceModel) -> None:
    """March, last of all: what is over leaves the list (its order stays), counts begin anew."""
    if model.month >= 0:
        for ward in model.wards:
            ward.solved_before += model.year.of("solved", ward.index)
    model.turn_year()
    for ward in model.wards:
        model.year.add(
            "running_before", ward.index, model.last_year.of("project_years", ward.index)
        )
    for project in model.projects:
        goes_on = project.is_running and not project.ending
        if not goes_on and project.stage not in (PROPOSED, ACCEPTED):
            project.remove()
        project.ran_before = project.months > 0
        project.months = 0
    model.projects = [p for p in model.projects if p in model.agents_by_type[Project]]
    count_workload(model)
    model.ledger.new_year()
