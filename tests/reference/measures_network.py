"""Measure 3: quality of projects and networks."""

from __future__ import annotations

import math

from reference.measures_base import Initiative, Programme
from reference.npos import ACTIVE, DORMANT, Npo
from reference.projects import IMITATION_SLOT, new_proposals
from reference.wards import FIELDS


class Contest(Initiative):
    """3.1: a yearly contest; entrants gain quality with its years, awards are imitated elsewhere.

    Imitations are proposals like others: within the same officers' minutes and budget.
    """

    id = "3.1"

    def set_up(self) -> None:
        self.awards: list[int] = []  # wards of the projects that won last time

    def deliver(self) -> None:
        self.charge_fixed()
        if self.model.is_april:
            self._imitate()
        if self.month % 12 == int(self.value("month")):
            self._hold()

    def _hold(self) -> None:
        model, year = self.model, self.model.fiscal_year
        apply = model.draws.chosen(
            self.running_projects(), "project_treatment", year, self.value("uptake"), self.key
        )
        queue = self.projects_in_order(apply, time=year + 10000)
        entrants = queue[: math.floor(self.value("places") * self.dose() * self.part)]
        for project in model.projects:
            project.entrant = False
        for project in entrants:
            project.entrant = True
            model.ledger.add("contest_entries", project.ward.index)
        # the best by their lasting quality; equals keep the order of the queue
        best = sorted(entrants, key=lambda project: -project.frailty)
        awards = math.ceil(self.value("awards") * self.setting.strength * self.part)
        self.awards = [project.ward.index for project in best[:awards]]
        self.charge(len(entrants))

    def _imitate(self) -> None:
        model, year = self.model, self.model.fiscal_year
        yearly = self.value("imitations") * self.works * self.part
        number = math.floor(yearly * self.dose())
        if not self.awards or number == 0:
            return
        active = [npo for npo in model.npos if npo.is_active and npo.ward in self.wards]
        leads = model.draws.in_order(active, "uptake", year, self.key)[:number]
        new = new_proposals(model, leads, [IMITATION_SLOT] * len(leads), commissioned=False)
        ids = [project.id for project in new]
        choices = model.draws.uniforms("uptake", year, ids, self.key + 100)
        for project, u in zip(new, choices, strict=True):
            project.imitates = self.awards[math.floor(u * len(self.awards))]

    def keep_stocks(self) -> None:
        """After the stop the last entrants keep their gain until the year's end only."""
        if self.model.is_april and not self.runs():
            for project in self.model.projects:
                project.entrant = False

    def apply_to_projects(self) -> None:
        years = min((self.month - self.setting.start) / 12.0, self.value("saturation_years"))
        amount = math.log1p(self.value("score_claim")) * years * self.d * self.fading()
        for project in self.model.projects:
            if project.entrant:
                project.effects.add_success(amount)


class FieldNetworks(Programme):
    """3.2: networks by field: ties, less administrative work, participants of joint projects."""

    id = "3.2"

    def may_be_served(self, npo: Npo) -> bool:
        """No member yet, and cooperates or wants to."""
        return npo.network is None and npo.wants_ties

    def deliver(self) -> None:
        self.charge_fixed()
        for npo in self.enrol():
            npo.network = self.month

    def enrol(self) -> list[Npo]:
        """New members by field, up to the planned share of the field's existing NPOs."""
        coverage = self.value("coverage") * self.dose()
        queue = self.able_applicants()
        here = [npo for npo in self.model.npos if npo.ward in self.wards]
        joining: list[Npo] = []
        for field in range(FIELDS):
            own = [npo for npo in here if npo.field == field]
            existing = len([npo for npo in own if npo.status in (ACTIVE, DORMANT)])
            members = len([npo for npo in own if npo.is_active and npo.network is not None])
            places = math.ceil(coverage * existing) - members
            applicants = [npo for npo in queue if npo.field == field]
            joining += applicants[: max(0, places)]
        return self.serve(joining)

    def apply(self) -> None:
        ties = math.log(self.value("ties_ratio")) * self.works * self.fading()
        admin = math.log1p(self.value("efficiency_claim")) * self.d * self.fading()
        for npo in self.model.npos:
            if npo.network is not None:
                rise = self.rise(npo.network)
                npo.effects.ties += ties * rise
                npo.effects.admin_minutes -= admin * rise

    def apply_to_projects(self) -> None:
        claim = math.log(self.value("participants_claim")) * self.d
        for project in self.model.projects:
            if project.is_joint:
                degree = self.rise(project.lead.network) * self.fading()
                project.effects.participants += claim * degree


class IssueProjects(Initiative):
    """3.3: supported running projects on one issue get two partners and become multi-party."""

    id = "3.3"

    def deliver(self) -> None:
        self.charge_fixed()
        running = self.running_projects()
        supported = len([project for project in running if project.multi_party])
        planned = self.value("places") * self.value("uptake")
        places = math.floor(planned * self.dose() * self.part) - supported
        eligible = [p for p in running if not p.is_joint and p.lead.wants_ties]
        chosen = self.projects_in_order(eligible)[: max(0, places)]
        for project in chosen:
            project.multi_party = True
            project.partners = 2
        self.charge((supported + len(chosen)) / 12.0)

    def apply_to_projects(self) -> None:
        amount = math.log(self.value("odds_ratio")) * self.d * self.fading()
        for project in self.model.projects:
            if project.multi_party:
                project.effects.add_success(amount)


class StandardModels(Initiative):
    """3.4: solved projects of evaluating wards become models; new projects anywhere adopt them."""

    id = "3.4"

    def set_up(self) -> None:
        self.origins: list[int] = []  # the ward of each model

    def deliver(self) -> None:
        self.charge_fixed()
        if self.month % 12 == int(self.value("month")):
            self._make_models()
        self._adopt()

    def _make_models(self) -> None:
        ripe = [
            project
            for project in self.running_projects()
            if self.month - project.start >= self.value("ripe_after")
            and project.solved
            and not project.made_model
            and (project.ward.evaluates or project.ward.evaluating_new)
        ]
        places = self.value("places") * self.value("uptake") * self.part
        made = self.projects_in_order(ripe)[: math.floor(places * self.dose())]
        for project in made:
            project.made_model = True
            self.origins.append(project.ward.index)
            self.model.ledger.add("models_made", project.ward.index)
        self.charge(len(made))

    def _adopt(self) -> None:
        """Projects that started last month and follow no model may adopt one; all equally likely.

        The chance grows with the number of models until there is enough variety.
        """
        if not self.origins:
            return
        draws = self.model.draws
        fresh = [
            project
            for project in self.running_projects()
            if project.start == self.month - 1
            and project.model_number is None
            and not project.modelled_before
        ]
        variety = min(1.0, len(self.origins) / self.value("variety"))
        chance = self.value("adoption") * variety * self.setting.strength
        adopting = draws.chosen(fresh, "project_treatment", 2, chance, self.key)
        ids = [project.id for project in adopting]
        which = draws.uniforms("project_treatment", 1, ids, self.key)
        for project, u in zip(adopting, which, strict=True):
            project.model_number = math.floor(u * len(self.origins))
            if self.origins[project.model_number] != project.ward.index:
                self.model.ledger.add("spread_projects", project.ward.index)

    def apply_to_projects(self) -> None:
        amount = math.log(self.value("odds_ratio")) * self.d * self.fading()
        for project in self.model.projects:
            if project.model_number is not None:
                project.effects.add_success(amount)


class InternationalExchange(Programme):
    """3.5: exchange and learning with other countries; a capability step for some."""

    id = "3.5"

    def deliver(self) -> None:
        self.charge_fixed()
        served = self.enrol()
        self.book_heads("international_participants", served, self.value("people_per_npo"))
        self.improve_capability(served)
