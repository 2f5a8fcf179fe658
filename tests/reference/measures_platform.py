"""Measure 1: a digital platform for collaboration, digital support, ward offices that learn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reference.draws import upper
from reference.effects import either
from reference.measures_base import Initiative, Programme
from reference.npos import Npo
from reference.projects import PROPOSED
from reference.wards import FIELDS, WardOffice
from sim.base.randomness import threshold_of

if TYPE_CHECKING:
    from reference.model import ReferenceModel


class ManagementSystem(Initiative):
    """1.1: wards go live one after the other; lead time and administrative minutes shrink there.

    NPOs register by diffusion (Bass 1969) or when they apply. Success of projects is not touched.
    """

    id = "1.1"

    def set_up(self) -> None:
        self.live = self.roll_out(self.model.wards)

    def is_live(self, ward: WardOffice) -> bool:
        """Whether the ward's office uses the system now."""
        return ward.index in self.live and self.live[ward.index] <= self.month

    def deliver(self) -> None:
        self.charge_fixed()
        joined = self._register_by_diffusion()
        for project in self.model.projects:
            # whose proposal was decided last month was registered with it, at no cost
            applied = project.stage != PROPOSED and project.proposed == self.month - 1
            if applied and self.is_live(project.lead.ward):
                project.lead.registered = True
        self.charge(joined)

    def _register_by_diffusion(self) -> int:
        """Hazard a year: innovation + imitation x registered share of the ward's active NPOs."""
        model = self.model
        active, members = [0] * len(model.wards), [0] * len(model.wards)
        for npo in model.npos:
            active[npo.ward.index] += npo.is_active
            members[npo.ward.index] += npo.is_active and npo.registered
        limits = []
        for ward in model.wards:
            share = members[ward.index] / max(1, active[ward.index])
            hazard = self.value("innovation") + self.value("imitation") * share
            limits.append(threshold_of(hazard / 12.0) if self.is_live(ward) else 0)
        joined = 0
        draws = model.draws.bits_under("uptake", self.month, self.key, model.npo_ids)
        for npo, bits in zip(model.npos, draws, strict=True):
            if npo.is_active and not npo.registered and upper(bits) < limits[npo.ward.index]:
                npo.registered = True
                joined += 1
        return joined

    def apply(self) -> None:
        for ward in self.model.wards:
            rise = self.rise(self.live.get(ward.index)) * self.fading() * self.d
            ward.effects.lead_time += math.log(1.0 - self.value("lead_time_claim")) * rise
            ward.effects.admin_minutes += math.log(1.0 - self.value("admin_claim")) * rise


class DigitalSupport(Programme):
    """1.2: courses; some NPOs go online, fees and donations and administrative work improve once.

    Treated NPOs are easier to find: the barrier "know not what" falls where they offer something.
    """

    id = "1.2"

    def deliver(self) -> None:
        self.charge_fixed()
        served = self.enrol()
        new = [npo for npo in served if npo.first_course is None]
        for npo in served:
            self.model.ledger.add("digital_courses", npo.ward.index)
            npo.course = self.month
        for npo in new:
            npo.first_course = self.month
        for npo in self.takes_on(served, self.value("conversion") * self.works):
            npo.effects.online = either(npo.effects.online, 1.0)
        self.improve_capability(new)

    def apply(self) -> None:
        fees = math.log1p(self.value("fees_claim")) * self.d * self.fading()
        admin = math.log1p(self.value("admin_claim")) * self.d * self.fading()
        for npo in self.model.npos:
            if npo.first_course is not None:
                rise = self.rise(npo.first_course)
                npo.effects.fees += fees * rise
                npo.effects.admin_minutes -= admin * rise
        degrees = {
            npo: self.rise(npo.first_course)
            for npo in self.model.npos
            if npo.first_course is not None
        }
        relief_of_all = self.value("visibility") * self.works * self.fading()
        for ward, shares in share_of_opportunities(self.model, degrees):
            for channel, share in enumerate(shares):
                ward.effects.relief_what[channel] = either(
                    ward.effects.relief_what[channel], min(share * relief_of_all, 1.0)
                )


class OnlinePlatform(Initiative):
    """1.3: in wards without digital collaboration a share of the projects goes online.

    More participants a project, and less of the barrier "no time" for residents with digital access
    whose opportunities come from NPOs with such projects. No effect on satisfaction (C053).
    """

    id = "1.3"

    def set_up(self) -> None:
        without = [ward for ward in self.model.wards if not ward.digital_collaboration]
        order = self.wards_in_order(without)
        self.treated = order[: round(len(order) * self.setting.strength)]

    def deliver(self) -> None:
        self.charge_fixed()
        share = self.value("online_share") * self.ramp()
        offline = [
            project
            for project in self.running_projects()
            if project.ward in self.treated and not project.online
        ]
        # always the same draw, so projects go online as the share rises above it
        goes = self.model.draws.chosen(offline, "project_treatment", 0, share, self.key)
        for project in goes:
            project.online = True
        self.charge(len(goes))

    def apply(self) -> None:
        degrees = {
            project.lead: 1.0
            for project in self.model.projects
            if project.online and project.is_running
        }
        relief_of_all = self.value("time_relief") * self.works * self.fading()
        for ward, shares in share_of_opportunities(self.model, degrees):
            for channel, share in enumerate(shares):
                ward.effects.relief_time[channel] = either(
                    ward.effects.relief_time[channel], min(share * relief_of_all, 1.0)
                )

    def apply_to_projects(self) -> None:
        amount = math.log(self.value("participants_claim")) * self.d * self.fading()
        for project in self.model.projects:
            if project.online:
                project.effects.participants += amount


class DepartmentAndTraining(Initiative):
    """1.4: departments in wards without one; courses for the staff of all wards.

    A department counts once, on continuation (rule A3). Trained officers raise the rating of their
    projects by partners.
    """

    id = "1.4"

    def set_up(self) -> None:
        without = [ward for ward in self.model.wards if not ward.department]
        self.opened = self.roll_out(without)
        # trained staff by ward and years since the course
        self.cohorts = [[0] * int(self.value("course_years")) for _ in self.model.wards]

    def deliver(self) -> None:
        """Train as many as the path to the planned share lacks, those who left included."""
        self.charge_fixed()
        elapsed = self.month - self.setting.start + 1
        path = min(1.0, elapsed / self.value("training_months")) * self.setting.strength
        goal = self.value("training_share") * self.value("uptake") * path
        everywhere = 0
        for ward, cohorts in zip(self.model.wards, self.cohorts, strict=True):
            plan = math.ceil(goal * ward.staff) if ward in self.wards else 0
            trained = max(0, plan - sum(cohorts))
            cohorts[0] += trained
            everywhere += trained
        self.charge(everywhere)

    def keep_stocks(self) -> None:
        """Courses expire and trained staff leave, also after the stop."""
        stay = 1.0 - self.value("staff_turnover")
        if self.model.is_april:
            self.cohorts = [
                [0] + [math.floor(number * stay) for number in cohorts[:-1]]
                for cohorts in self.cohorts
            ]
        self.model.ledger.set_stock("staff_trained", [sum(cohorts) for cohorts in self.cohorts])

    def apply(self) -> None:
        renewal = math.log(self.value("continuation_odds_ratio")) * self.d
        proposals = math.log(self.value("proposals_ratio")) * self.d
        for ward in self.model.wards:
            rise = self.rise(self.opened.get(ward.index)) * self.fading()
            ward.effects.renewal += renewal * rise
            ward.effects.proposals += proposals * rise

    def apply_to_projects(self) -> None:
        projects = self.model.projects
        share = [
            sum(cohorts) / max(1, ward.staff) * self.fading()
            for ward, cohorts in zip(self.model.wards, self.cohorts, strict=True)
        ]
        chances = [share[project.ward.index] for project in projects]
        with_trained_officer = self.model.draws.chosen(
            projects, "project_treatment", self.model.fiscal_year, chances, self.key
        )
        for project in with_trained_officer:
            project.effects.rating += math.log(self.value("rating_odds_ratio")) * self.d


class EvaluationSystem(Initiative):
    """1.5: wards start to evaluate and use the results, so more failing projects are repaired."""

    id = "1.5"

    def set_up(self) -> None:
        not_using = [ward for ward in self.model.wards if not ward.uses_evaluation]
        self.using = self.roll_out(not_using)

    def deliver(self) -> None:
        self.charge_fixed()
        new = [ward for ward in self.model.wards if self.using.get(ward.index) == self.month]
        for ward in new:
            ward.evaluating_new = True
        self.charge(len(new))

    def apply(self) -> None:
        claim = math.log(self.value("improvement_claim")) * self.d
        for ward in self.model.wards:
            rise = self.rise(self.using.get(ward.index)) * self.fading()
            ward.effects.repair += claim * rise


def share_of_opportunities(
    model: ReferenceModel, degrees: Mapping[Npo, float]
) -> list[tuple[WardOffice, list[float]]]:
    """For each ward, by channel: the share of opportunities that comes from treated active NPOs.

    ``degrees``: how far each treated NPO's effect has risen. NPOs count with their volunteer
    weight, summed in the order of the NPOs; the sums of all weights are those of last month. Other
    groups (channel 0) are never treated, so relief of a barrier reaches few residents (rule B).
    """
    treated = [[0.0] * FIELDS for _ in model.wards]
    for npo in model.npos:
        if npo.is_active and npo in degrees:
            treated[npo.ward.index][npo.field] += npo.volunteer_weight * degrees[npo]
    shares = []
    for ward in model.wards:
        by_channel = [0.0]
        for field in range(FIELDS):
            whole = max(ward.pool_weight[field], 1e-12)
            by_channel.append(min(1.0, treated[ward.index][field] / whole))
        shares.append((ward, by_channel))
    return shares
