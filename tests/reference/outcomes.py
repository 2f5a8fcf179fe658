"""Outcomes at the end of the fiscal year: success of projects, trust, and three surveys."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from reference.draws import upper
from reference.projects import Project, expit, logit
from sim.base.randomness import threshold_of

if TYPE_CHECKING:
    from reference.model import ReferenceModel
    from reference.npos import Npo
    from reference.wards import WardOffice


def is_judged(project: Project) -> bool:
    """Running with enough active months in this fiscal year (rule A8)."""
    least = project.model.p["collaboration.min_active_months"]
    return project.is_running and project.months >= least


def judge(model: ReferenceModel) -> None:
    """March: judged projects solve their problem or fail.

    A project that failed last year and fails again may still be repaired within the year.
    """
    p, year, draws = model.p, model.fiscal_year, model.draws
    judged = [project for project in model.projects if is_judged(project)]
    ids = [project.id for project in judged]
    for project, outcome, repair in zip(
        judged,
        draws.bits("project_outcome", year, ids),
        draws.bits("project_repair", year, ids),
        strict=True,
    ):
        effect = project.effects.success(p["collaboration.attenuation"])
        solved = upper(outcome) < threshold_of(expit(log_odds_of_success(project) + effect))
        repaired = upper(repair) < threshold_of(chance_of_repair(project.ward))
        failed_before = project.solved is False
        project.solved = solved or (failed_before and repaired)
        had_help = project.coordinated_before or project.modelled_before
        untreated = effect == 0.0 and not had_help
        for item, counts in (
            ("judged", True),
            ("solved", project.solved),
            ("judged_untreated", untreated),
            ("solved_untreated", untreated and project.solved),
        ):
            model.year.add(item, project.ward.index, counts)
    for project in model.projects:
        project.participants = 0.0
        if project.is_running:
            factor = math.exp(project.effects.participants) * project.months / 12.0
            project.participants = project.participants_base * factor
            # summed in the order of the list of projects
            model.year.add("participants", project.ward.index, project.participants)
            model.year.add("joint", project.ward.index, project.is_joint)


def log_odds_of_success(project: Project) -> float:
    """Without measures and repairs: able and trusted NPOs with enough people succeed more."""
    p, lead = project.model.p, project.lead
    return (
        logit(p["collaboration.success_base"])
        + project.frailty
        + p["collaboration.capability_slope"] * lead.capability
        + p["collaboration.trust_success_slope"] * (lead.trust - p["collaboration.trust_initial"])
        - p["collaboration.people_success_slope"]
        * (lead.short_people - p["reference.shortage_people"])
    )


def chance_of_repair(ward: WardOffice) -> float:
    """Wards that use their evaluations improve failing projects more often, up to a cap."""
    p = ward.model.p
    log_factor = p["collaboration.repair_present_log"] * ward.uses_evaluation
    chance = p["collaboration.repair_chance"] * math.exp(log_factor + ward.effects.repair)
    return min(chance, p["collaboration.repair_cap"])


def learn_trust(model: ReferenceModel) -> None:
    """March: trust rises with each solved project and falls twice as much with each failing one.

    trust' = (1 - (1 - trust)(1 - L)^solved) (1 - loss)^failed, loss = 2 L by default (rule A1).
    """
    gain = model.p["collaboration.trust_gain"]
    loss = model.p["collaboration.trust_loss_ratio"] * gain
    solved: dict[Npo, int] = {}
    failed: dict[Npo, int] = {}
    for project in model.projects:
        if is_judged(project):
            by_outcome = solved if project.solved else failed
            by_outcome[project.lead] = by_outcome.get(project.lead, 0) + 1
    for npo in model.npos:
        raised = 1.0 - (1.0 - npo.trust) * (1.0 - gain) ** solved.get(npo, 0)
        npo.trust = raised * (1.0 - loss) ** failed.get(npo, 0)


def revert_trust(model: ReferenceModel) -> None:
    """Every month: trust without a running project returns to the mean of the ward's others.

    The mean is over the active NPOs with a running project, summed in the order of the NPOs; a ward
    without one keeps its last mean.
    """
    rate = model.p["collaboration.trust_reversion"]
    total, number = [0.0] * len(model.wards), [0] * len(model.wards)
    for npo in model.npos:
        if npo.is_active and npo.has_project:
            total[npo.ward.index] += npo.trust
            number[npo.ward.index] += 1
    for ward in model.wards:
        if number[ward.index]:
            ward.trust = total[ward.index] / number[ward.index]
    for npo in model.npos:
        if not npo.has_project:
            npo.trust += rate * (npo.ward.trust - npo.trust)


def rotate_officers(model: ReferenceModel) -> None:
    """April: officers change post; the officer's part of trust starts anew (rule A12)."""
    p = model.p
    share = p["collaboration.officer_rotation"] * p["collaboration.officer_part_of_trust"]
    for npo in model.npos:
        npo.trust += share * (p["collaboration.trust_initial"] - npo.trust)


def ask_partners(model: ReferenceModel) -> None:
    """March: are NPOs satisfied with co-production? One latent, two surveys (C050).

    Yearly: every NPO with a running project, about all its projects. At the end: the lead NPO of
    every project that ends, about this one. Each survey has an intercept of its own, because
    projects that end are a selection of worse ones.
    """
    p, slope = model.p, model.p["satisfaction.partner_success_slope"]
    led: dict[Npo, list[Project]] = {}
    for project in model.projects:
        if project.is_running:
            led.setdefault(project.lead, []).append(project)

    asked = [npo for npo in model.npos if npo in led and npo.is_active]
    chances = []
    for npo in asked:
        outcome, rating = 0.0, 0.0  # means over its projects, in the order of the list
        for project in led[npo]:
            outcome += outcome_seen(project)
            rating += project.effects.rating
        outcome, rating = outcome / len(led[npo]), rating / len(led[npo])
        chances.append(
            expit(
                logit(p["satisfaction.partner_base"])
                + (partner_latent(npo) + slope * (outcome - p["reference.success"]) + rating)
            )
        )
    satisfied = model.draws.chosen(asked, "npo_satisfied", model.fiscal_year, chances)
    for item, npos in (("asked", asked), ("satisfied", satisfied)):
        for npo in npos:
            model.year.add(item, npo.ward.index)

    ended = [project for project in model.projects if project.is_running and project.ending]
    chances = [
        expit(
            logit(p["satisfaction.partner_end_base"])
            + partner_latent(project.lead)
            + slope * (outcome_seen(project) - p["reference.success"])
            + project.effects.rating
        )
        for project in ended
    ]
    content = model.draws.chosen(ended, "project_end_satisfied", 0, chances)
    for item, projects in (("asked_end", ended), ("satisfied_end", content)):
        for project in projects:
            model.year.add(item, project.ward.index)


def outcome_seen(project: Project) -> float:
    """1 solved, 0 failing; a project that was never judged counts as the usual share."""
    if project.solved is None:
        return project.model.p["reference.success"]
    return float(project.solved)


def partner_latent(npo: Npo) -> float:
    """What both surveys of partners share: trust and capability."""
    p = npo.model.p
    trust = npo.trust - p["collaboration.trust_initial"]
    return (
        p["satisfaction.partner_trust_slope"] * trust
        + p["satisfaction.partner_capability_slope"] * npo.capability
    )


def ask_residents(model: ReferenceModel) -> None:
    """March: are residents satisfied with how local problems are solved?

    Log-odds = level without co-production + taking part + exposure (ln of the ward's solved
    projects over those expected at the baseline: a ward is compared with itself) + outcome (share
    of its projects that solved their problem).
    """
    p, year = model.p, model.year
    takes_part_limit, other_limit = [], []
    for ward in model.wards:
        judged, ward.solved = year.of("judged", ward.index), year.of("solved", ward.index)
        if judged > 0:
            ward.solve_rate = ward.solved / judged
        least = p["satisfaction.least_solved"]
        exposure = math.log(max(ward.solved, least) / max(ward.solved_reference, least))
        log_odds = (
            logit(p["satisfaction.resident_base"])
            + p["satisfaction.resident_intercept"]
            + p["satisfaction.resident_exposure"] * exposure
            + p["satisfaction.resident_outcome"] * (ward.solve_rate - p["reference.success"])
        )
        taking_part = log_odds + p["satisfaction.resident_participation"]
        takes_part_limit.append(threshold_of(expit(taking_part)))
        other_limit.append(threshold_of(expit(log_odds)))
    draws = model.draws.bits("resident_satisfied", model.fiscal_year, model.resident_ids)
    for resident, bits in zip(model.residents, draws, strict=True):
        index, took_part = resident.ward.index, resident.took_part()
        satisfied = upper(bits) < (takes_part_limit if took_part else other_limit)[index]
        year.add("residents_asked", index)
        year.add("residents_satisfied", index, satisfied)
        if took_part:
            year.add("volunteers_asked", index)
            year.add("volunteers_satisfied", index, satisfied)
    for ward in model.wards:
        asked = max(1.0, year.of("residents_asked", ward.index))
        ward.satisfaction = year.of("residents_satisfied", ward.index) / asked
