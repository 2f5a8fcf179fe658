"""Measure 2: intermediary support and people."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.model.agents.npos import ACTIVE, NEVER
from sim.model.agents.projects import CONTRACT, RUNNING
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.measures.base import Initiative, Programme, improve_capability
from sim.model.measures.base_kernels import first_in_line


class SupportCentre(Programme):
    """2.1: more capacity and reach of consultations, business income of users, desks for residents.

    A desk refers residents who do not know how to take part; those who join are half of the stated
    intention (83.7 %), at most 400 referrals a desk and year.
    """

    id, measure = "2.1", 2
    name_en, name_ja = "Comprehensive support centre", "総合的NPO支援センターの拡充"
    claims = ("e21_business_income", "e21_improved_share", "window_would_join")
    acts_on = (
        "city.consultations",
        "city.consultation_demand",
        "npo.business_income",
        "npo.capability",
        "ward.referral",
    )
    proximal = (("M2-KSI-1", 1), ("consultations", 1), ("referrals", 1))
    distal = (("M2-KPIoc-1", 1), ("M2-KGI-1", 1), ("participation_rate", 1))

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        npos, month = world.npos, world.month
        users = np.flatnonzero(npos.consulted)
        users = users[(npos.status[users] == ACTIVE) & (npos.centre[users] == NEVER)]
        users = users[self.in_wards[npos.ward[users]]]
        users = self.converts(world, users, self.dose(month))
        npos.centre[users] = month
        self.charge(world, len(users))
        improve_capability(self, world, board, users, 1.0)
        desks = np.bincount(world.intermediaries.ward, minlength=world.wards.n) * self.in_wards
        places = desks * self.value("referrals") / 12.0 * self.dose(month)
        board.add("ward.referral", places * self.value("join_share") * self.works)

    def apply(self, world: World, board: EffectBoard) -> None:
        if self.running(world.month):
            dose = self.dose(world.month) * self.part
            board.add("city.consultations", math.log1p(self.value("capacity_gain") * dose))
            board.add("city.consultation_demand", math.log1p(self.value("reach_gain") * dose))
        claim = math.log1p(self.value("income_claim")) * self.d
        self.add_since(world, board, "npo.business_income", claim, world.npos.centre)


class ProBonoMatching(Programme):
    """2.2: skilled volunteers of companies work for NPOs; a capability step for some."""

    id, measure = "2.2", 2
    name_en, name_ja = "Pro bono matching", "プロボノ・マッチングプログラムの展開"
    claims = ("e22_quality_share",)
    acts_on = ("npo.capability",)
    proximal = (("M2-KSI-2", 1),)
    distal = (("capability_mean", 1), ("M1-KGI-1", 1))

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        chosen = self.enrol(world)
        world.ledger.add_events("probono_matches", world.npos.ward[chosen])
        improve_capability(self, world, board, chosen, 1.0)


class Coordinators(Initiative):
    """2.3: certified coordinators; each takes a limited number of projects, whose success rises.

    Projects that have a coordinator already (C047) are not treated again.
    """

    id, measure = "2.3", 2
    name_en, name_ja = "Co-production coordinators", "協働コーディネーター育成プログラム"
    claims = ("e23_success", "e23_active_share")
    acts_on = ("project.success",)
    proximal = (("M2-KPIoc-2", 1), ("coordinated_projects", 1))
    distal = (("M1-KGI-1", 1), ("M2-KGI-2", 1))

    def set_up(self, world: World) -> None:
        self.cohorts: dict[int, int] = {}
        self.certified = 0

    def active(self, month: int) -> int:
        """Coordinators at work: graduates who start, less the yearly attrition."""
        stay, start = 1.0 - self.value("attrition"), self.value("active_share")
        years = ((month - first) // 12 for first in self.cohorts)
        numbers = zip(self.cohorts.values(), years, strict=True)
        return int(math.fsum(number * start * stay**age for number, age in numbers))

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        month = world.month
        limit = math.floor(self.value("certified_limit") * self.setting.strength * self.part)
        places = self.value("places") * self.value("uptake") * self.part
        new = self.in_month(places * self.dose(month), month)
        new = max(0, min(new, limit - self.certified))
        year = month - (month - self.setting.start) % 12
        self.cohorts[year] = self.cohorts.get(year, 0) + new
        self.certified += new
        self.charge(world, new)

    def keep_stocks(self, world: World) -> None:
        """Coordinators take projects, and some stop, also after the programme has stopped."""
        month = world.month
        if self.assigns(month):
            self._assign(world)
        # stocks of the whole city are shown by ward in equal parts, the remainder first
        wards = np.flatnonzero(self.in_wards)
        for item, number in (
            ("coordinators_certified", self.certified),
            ("coordinators_active", self.active(month)),
        ):
            parts = np.zeros(world.wards.n, dtype=np.int64)
            parts[wards] = number // len(wards) + (np.arange(len(wards)) < number % len(wards))
            world.ledger.set(item, parts)

    def _assign(self, world: World) -> None:
        projects = world.projects
        eligible = np.flatnonzero(
            (projects.stage == RUNNING)
            & (projects.coordinated_before == 0)
            & self.in_wards[projects.ward]
        )
        queue = eligible[self.priority(world, projects.id[eligible])]
        places = math.floor(self.active(world.month) * self.value("load_limit"))
        projects.coordinator[:] = 0
        projects.coordinator[queue[:places]] = 1

    def apply_to_projects(self, world: World, board: EffectBoard) -> None:
        # after a stop the coordinators themselves become fewer, so nothing fades twice
        amount = math.log(self.value("odds_ratio")) * self.d
        board.add("project.success", amount * world.projects.coordinator)


class ManagementTraining(Programme):
    """2.4: management training; capability, prepared successors, and advice to one other NPO."""

    id, measure = "2.4", 2
    name_en, name_ja = "NPO management training", "NPO経営力向上研修の実施"
    claims = ("e24_improved_share", "e24_advising_share")
    acts_on = ("npo.capability", "npo.successor")
    proximal = (("M2-KPIop-1", 1), ("no_successor_share", -1))
    distal = (("capability_mean", 1), ("M2-KGI-1", 1))

    def set_up(self, world: World) -> None:
        super().set_up(world)
        self.advised = np.full(world.npos.n, NEVER, dtype=np.int64)
        self.advice: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.advice_year = NEVER

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        npos, year = world.npos, world.fiscal_year
        chosen = self.enrol(world)
        self.book_heads(world, "management_trainees", chosen, self.value("people_per_npo"))
        improve_capability(self, world, board, chosen, 1.0)
        board.add("npo.successor", self.value("successor_chance") * self.works, chosen)
        advises = world.random.below(
            "staff_graduate", year, npos.id[chosen], self.value("advising_claim"), self.key
        )
        fresh = self._advised(world, int(advises.sum()))
        self.advised[fresh] = world.month
        improve_capability(self, world, board, fresh, self.value("advice_ratio"))

    def _advised(self, world: World, number: int) -> NDArray[np.int64]:
        """The next NPOs of the year's queue that are never trained nor advised of late."""
        rested = world.month - self.value("advised_again_after")
        chosen: NDArray[np.int64] = first_in_line(
            self._advice_queue(world),
            number,
            world.npos.status,
            self.served,
            NEVER,
            self.advised,
            rested,
        )
        return chosen

    def _advice_queue(self, world: World) -> NDArray[np.int64]:
        """The order in which other NPOs are advised this fiscal year, keyed by NPO."""
        year, npos = world.fiscal_year, world.npos
        if self.advice_year != year:
            others = np.flatnonzero((npos.status == ACTIVE) & self.in_wards[npos.ward])
            ranked = world.random.rank("staff_graduate", year, npos.id[others], self.key + 100)
            self.advice = others[ranked]
            self.advice_year = year
        return self.advice


class Fundraising(Programme):
    """2.5: fundraising support diversifies income; a few outcome-based contracts (SIB)."""

    id, measure = "2.5", 2
    name_en, name_ja = "Fundraising support", "資金調達支援プログラムの充実"
    claims = ("e25_income_diversity", "e25_sib_achievement")
    acts_on = ("npo.diversification", "project.success")
    proximal = (("M2-KPIop-2", 1), ("outcome_based_projects", 1))
    distal = (("M2-KGI-1", 1), ("M1-KGI-1", 1))

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        npos = world.npos
        chosen = self.enrol(world)
        self.book_heads(world, "fund_consultations", chosen, self.value("consultations_per_npo"))
        new = chosen[npos.funding[chosen] == NEVER]
        npos.funding[new] = world.month
        if not self.assigns(world.month):
            return
        projects = world.projects
        eligible = np.flatnonzero(
            (projects.stage == RUNNING) & (projects.form == CONTRACT) & self.in_wards[projects.ward]
        )
        queue = eligible[self.priority(world, projects.id[eligible])]
        contracts = math.floor(self.value("sib_contracts") * self.dose(world.month) * self.part)
        projects.outcome_based[:] = 0
        projects.outcome_based[queue[:contracts]] = 1

    def apply(self, world: World, board: EffectBoard) -> None:
        claim = math.log1p(self.value("diversification_claim")) * self.d
        self.add_since(world, board, "npo.diversification", claim, world.npos.funding)

    def apply_to_projects(self, world: World, board: EffectBoard) -> None:
        amount = math.log(self.value("sib_odds_ratio")) * self.d * self.fading(world.month)
        board.add("project.success", amount * world.projects.outcome_based)
