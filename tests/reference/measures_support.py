"""Measure 2: intermediary support and people."""

from __future__ import annotations

import math

from reference.effects import either
from reference.measures_base import Initiative, Programme
from reference.npos import Npo
from reference.projects import CONTRACT


class SupportCentre(Programme):
    """2.1: more consultations, business income of users, desks that refer residents.

    Who consulted an intermediary becomes a user of the centre, once. Desks refer residents who are
    interested but know not how; those who join are half of the stated intention.
    """

    id = "2.1"

    def deliver(self) -> None:
        self.charge_fixed()
        model = self.model
        consulted = [
            npo
            for npo in model.npos
            if npo.consulted and npo.is_active and npo.centre is None and npo.ward in self.wards
        ]
        users = self.takes_on(consulted, self.dose())
        for npo in users:
            npo.centre = self.month
        self.charge(len(users))
        self.improve_capability(users)
        for desk in model.intermediaries:
            if desk.ward in self.wards:
                places = self.value("referrals") / 12.0 * self.dose()
                desk.ward.effects.referral += places * self.value("join_share") * self.works

    def apply(self) -> None:
        effects = self.model.effects
        if self.runs():
            dose = self.dose() * self.part
            effects.consultations += math.log1p(self.value("capacity_gain") * dose)
            effects.consultation_demand += math.log1p(self.value("reach_gain") * dose)
        claim = math.log1p(self.value("income_claim")) * self.d * self.fading()
        for npo in self.model.npos:
            if npo.centre is not None:
                npo.effects.business_income += claim * self.rise(npo.centre)


class ProBonoMatching(Programme):
    """2.2: skilled volunteers of companies work for NPOs; a capability step for some."""

    id = "2.2"

    def deliver(self) -> None:
        self.charge_fixed()
        served = self.enrol()
        for npo in served:
            self.model.ledger.add("probono_matches", npo.ward.index)
        self.improve_capability(served)


class Coordinators(Initiative):
    """2.3: certified coordinators; each takes a limited number of projects, whose success rises.

    Projects that had a coordinator already are not treated again (C047).
    """

    id = "2.3"

    def set_up(self) -> None:
        self.cohorts: dict[int, int] = {}  # certified people by the first month of their year
        self.certified = 0

    def active(self) -> int:
        """Coordinators at work: those who take it up, less the yearly attrition.

        The sum over the cohorts is exact (fsum), then cut to a whole number.
        """
        stay, take_up = 1.0 - self.value("attrition"), self.value("active_share")
        return int(
            math.fsum(
                number * take_up * stay ** ((self.month - first) // 12)
                for first, number in self.cohorts.items()
            )
        )

    def deliver(self) -> None:
        self.charge_fixed()
        limit = math.floor(self.value("certified_limit") * self.setting.strength * self.part)
        places = self.value("places") * self.value("uptake") * self.part
        new = self.places_of_month(places * self.dose())
        new = max(0, min(new, limit - self.certified))
        first = self.month - (self.month - self.setting.start) % 12
        self.cohorts[first] = self.cohorts.get(first, 0) + new
        self.certified += new
        self.charge(new)

    def keep_stocks(self) -> None:
        """Coordinators take projects, and some stop, also after the programme has stopped."""
        if self.assigns():
            self._assign()
        # stocks of the city are shown by ward in equal parts, the remainder first
        here = [ward.index for ward in self.model.wards if ward in self.wards]
        for item, number in (
            ("coordinators_certified", self.certified),
            ("coordinators_active", self.active()),
        ):
            each, rest = divmod(number, len(here))
            stock = [0] * len(self.model.wards)
            for place, index in enumerate(here):
                stock[index] = each + (1 if place < rest else 0)
            self.model.ledger.set_stock(item, stock)

    def _assign(self) -> None:
        for project in self.model.projects:
            project.coordinator = False
        eligible = [p for p in self.running_projects() if not p.coordinated_before]
        places = math.floor(self.active() * self.value("load_limit"))
        for project in self.projects_in_order(eligible)[:places]:
            project.coordinator = True

    def apply_to_projects(self) -> None:
        # after a stop the coordinators themselves become fewer, so nothing fades twice
        amount = math.log(self.value("odds_ratio")) * self.d
        for project in self.model.projects:
            if project.coordinator:
                project.effects.add_success(amount)


class ManagementTraining(Programme):
    """2.4: management training: capability, prepared successors, and advice to one other NPO."""

    id = "2.4"

    def set_up(self) -> None:
        super().set_up()
        self.advised: dict[Npo, int] = {}  # month of the last advice
        self.advice_queue: list[Npo] = []
        self.advice_year: int | None = None

    def deliver(self) -> None:
        self.charge_fixed()
        trained = self.enrol()
        self.book_heads("management_trainees", trained, self.value("people_per_npo"))
        self.improve_capability(trained)
        chance = self.value("successor_chance") * self.works
        for npo in trained:
            npo.effects.successor = either(npo.effects.successor, chance)
        advisers = self.model.draws.chosen(
            trained,
            "staff_graduate",
            self.model.fiscal_year,
            self.value("advising_claim"),
            self.key,
        )
        advised = [npo for npo in self.others_in_order() if self.may_be_advised(npo)]
        advised = advised[: len(advisers)]  # each graduate advises at most one
        for npo in advised:
            self.advised[npo] = self.month
        self.improve_capability(advised, self.value("advice_ratio"))

    def may_be_advised(self, npo: Npo) -> bool:
        """Active, never trained, and not advised of late."""
        last = self.advised.get(npo)
        rested = last is None or last <= self.month - self.value("advised_again_after")
        return npo.is_active and npo not in self.served and rested

    def others_in_order(self) -> list[Npo]:
        """The keyed order in which NPOs are advised, formed once a fiscal year."""
        model, year = self.model, self.model.fiscal_year
        if self.advice_year != year:
            others = [npo for npo in model.npos if npo.is_active and npo.ward in self.wards]
            self.advice_queue = model.draws.in_order(others, "staff_graduate", year, self.key + 100)
            self.advice_year = year
        return self.advice_queue


class Fundraising(Programme):
    """2.5: fundraising support diversifies income; a few contracts become outcome-based (SIB)."""

    id = "2.5"

    def deliver(self) -> None:
        self.charge_fixed()
        served = self.enrol()
        self.book_heads("fund_consultations", served, self.value("consultations_per_npo"))
        for npo in served:
            if npo.funding is None:
                npo.funding = self.month
        if self.assigns():
            self._assign_contracts()

    def _assign_contracts(self) -> None:
        for project in self.model.projects:
            project.outcome_based = False
        eligible = [p for p in self.running_projects() if p.form == CONTRACT]
        contracts = math.floor(self.value("sib_contracts") * self.dose() * self.part)
        for project in self.projects_in_order(eligible)[:contracts]:
            project.outcome_based = True

    def apply(self) -> None:
        claim = math.log1p(self.value("diversification_claim")) * self.d * self.fading()
        for npo in self.model.npos:
            if npo.funding is not None:
                npo.effects.diversification += claim * self.rise(npo.funding)

    def apply_to_projects(self) -> None:
        amount = math.log(self.value("sib_odds_ratio")) * self.d * self.fading()
        for project in self.model.projects:
            if project.outcome_based:
                project.effects.add_success(amount)
