"""Measure 3: quality of projects and networks."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.model.agents.npos import ACTIVE, N_FIELDS, NEVER
from sim.model.agents.projects import IMITATION_SLOT, RUNNING, append, new_proposals
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.measures.base import Initiative, Programme, improve_capability
from sim.model.measures.base_kernels import count_members, first_by_field


class Contest(Initiative):
    """3.1: a yearly contest; entrants gain quality with the years, awards are imitated elsewhere.

    Imitations are proposals like others: within the same officer hours and budget.
    """

    id, measure = "3.1", 3
    name_en, name_ja = "Co-production contest", "協働事業コンテストの開催"
    claims = ("e31_score_growth", "e31_similar_projects")
    acts_on = ("project.success",)
    proximal = (("M3-KPIop-1", 1),)
    distal = (("M3-KPIoc-2", 1), ("M1-KGI-1", 1))

    def set_up(self, world: World) -> None:
        self.awards: list[int] = []

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        if world.is_april:
            self._imitate(world, board)
        if world.month % 12 != int(self.value("month")):
            return
        projects, year = world.projects, world.fiscal_year
        running = (projects.stage == RUNNING) & self.in_wards[projects.ward]
        applies = world.random.below(
            "project_treatment", year, projects.id, self.value("uptake"), self.key
        )
        queue = np.flatnonzero(running & applies)
        queue = queue[self.priority(world, projects.id[queue], year + 10000)]
        entrants = queue[: math.floor(self.value("places") * self.dose(world.month) * self.part)]
        projects.entrant[:] = 0
        projects.entrant[entrants] = 1
        world.ledger.add_events("contest_entries", projects.ward[entrants])
        best = entrants[np.argsort(-projects.frailty[entrants], kind="stable")]
        awards = best[: math.ceil(self.value("awards") * self.setting.strength * self.part)]
        self.awards = [int(w) for w in projects.ward[awards]]
        self.charge(world, len(entrants))

    def _imitate(self, world: World, board: EffectBoard) -> None:
        yearly = self.value("imitations") * self.works * self.part
        number = math.floor(yearly * self.dose(world.month))
        if not self.awards or number == 0:
            return
        npos, year = world.npos, world.fiscal_year
        active = np.flatnonzero((npos.status == ACTIVE) & self.in_wards[npos.ward])
        leads = active[world.random.rank("uptake", year, npos.id[active], self.key)][:number]
        new = new_proposals(
            leads,
            npos.id[leads],
            npos.ward[leads].astype(np.int64),
            year,
            IMITATION_SLOT,
            False,
            world.month,
            world.p,
            world.random,
        )
        u = world.random.uniform("uptake", year, new.id, self.key + 100)
        new.imitates[:] = np.array(self.awards)[np.floor(u * len(self.awards)).astype(np.int64)]
        append(world.projects, new)
        board.resize_projects(world.projects.n)
        world.ledger.add_events("proposals", new.ward)

    def keep_stocks(self, world: World) -> None:
        """After the stop the last entrants keep their gain until the year's end only."""
        if world.is_april and not self.running(world.month):
            world.projects.entrant[:] = 0

    def apply_to_projects(self, world: World, board: EffectBoard) -> None:
        years = min((world.month - self.setting.start) / 12.0, self.value("saturation_years"))
        amount = math.log1p(self.value("score_claim")) * years * self.d
        board.add("project.success", amount * self.fading(world.month) * world.projects.entrant)


class FieldNetworks(Programme):
    """3.2: networks by field; ties, less admin work, more participants in joint projects."""

    id, measure = "3.2", 3
    name_en, name_ja = "Field networks of NPOs", "分野別NPOネットワークの形成支援"
    claims = ("e32_efficiency", "e32_participants")
    acts_on = ("npo.ties", "npo.admin_minutes", "project.participants")
    proximal = (("M3-KSI-1", 1), ("cooperation_share", 1))
    distal = (("M3-KPIoc-1", 1), ("shortage_people_share", -1))

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        world.npos.network[self.enrol(world)] = world.month

    def enrol(self, world: World) -> NDArray[np.int64]:
        """New members by field: up to the planned share of the field's registered NPOs.

        Those who are no members yet and cooperate or want to, in the order of the queue.
        """
        npos, month = world.npos, world.month
        counts = np.zeros((N_FIELDS, 2), dtype=np.int64)
        count_members(
            npos.status, npos.field, npos.ward, npos.network, NEVER, self.in_wards, counts
        )
        registered, members = counts.T
        places = np.ceil(self.value("coverage") * self.dose(month) * registered) - members
        joined: NDArray[np.int64] = first_by_field(
            self.applicants(world),
            places.astype(np.int64),
            npos.status,
            npos.field,
            npos.network,
            NEVER,
            npos.wants_ties,
        )
        self.served[joined] = month
        self.charge(world, len(joined))
        return joined

    def apply(self, world: World, board: EffectBoard) -> None:
        joined = world.npos.network
        ties = math.log(self.value("ties_ratio")) * self.works
        self.add_since(world, board, "npo.ties", ties, joined)
        claim = math.log1p(self.value("efficiency_claim")) * self.d
        self.add_since(world, board, "npo.admin_minutes", -claim, joined)

    def apply_to_projects(self, world: World, board: EffectBoard) -> None:
        projects = world.projects
        joined = world.npos.network[projects.lead]
        degree = self.rise(world.month - joined) * (joined > NEVER) * self.fading(world.month)
        amount = math.log(self.value("participants_claim")) * self.d * degree
        board.add("project.participants", amount * (projects.partners >= 2))


class IssueProjects(Initiative):
    """3.3: multi-party projects on one issue: supported running projects get two more partners."""

    id, measure = "3.3", 3
    name_en, name_ja = "Issue-solving projects", "地域課題解決プロジェクトの企画・支援"
    claims = ("e33_solve_rate",)
    acts_on = ("project.success",)
    proximal = (("M3-KPIoc-1", 1),)
    distal = (("M1-KGI-1", 1),)

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        projects, npos = world.projects, world.npos
        running = (projects.stage == RUNNING) & self.in_wards[projects.ward]
        supported = int((running & (projects.multi_party == 1)).sum())
        planned = self.value("places") * self.value("uptake")
        planned = math.floor(planned * self.dose(world.month) * self.part)
        places = planned - supported
        open_to = running & (projects.partners < 2) & (npos.wants_ties[projects.lead] == 1)
        eligible = np.flatnonzero(open_to)
        queue = eligible[self.priority(world, projects.id[eligible])]
        chosen = queue[: max(0, places)]
        projects.multi_party[chosen] = 1
        projects.partners[chosen] = 2
        self.charge(world, (supported + len(chosen)) / 12.0)

    def apply_to_projects(self, world: World, board: EffectBoard) -> None:
        amount = math.log(self.value("odds_ratio")) * self.d * self.fading(world.month)
        board.add("project.success", amount * world.projects.multi_party)


class StandardModels(Initiative):
    """3.4: solved, evaluated projects become models that new projects adopt, anywhere."""

    id, measure = "3.4", 3
    name_en, name_ja = "Modelling and standardisation", "協働事業のモデル化・標準化"
    claims = ("e34_success", "e34_similar_projects")
    acts_on = ("project.success",)
    proximal = (("M3-KSI-2", 1), ("modelled_projects", 1))
    distal = (("M3-KPIoc-2", 1), ("M1-KGI-1", 1))

    def set_up(self, world: World) -> None:
        self.origins: list[int] = []

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        projects, wards = world.projects, world.wards
        if world.month % 12 == int(self.value("month")):
            evaluated = (wards.evaluates | wards.evaluating_new) == 1
            ripe = (
                (projects.stage == RUNNING)
                & (world.month - projects.start >= self.value("ripe_after"))
                & (projects.solved == 1)
                & (projects.made_model == 0)
                & evaluated[projects.ward]
                & self.in_wards[projects.ward]
            )
            eligible = np.flatnonzero(ripe)
            queue = eligible[self.priority(world, projects.id[eligible])]
            places = self.value("places") * self.value("uptake") * self.part
            made = queue[: math.floor(places * self.dose(world.month))]
            projects.made_model[made] = 1
            self.origins += [int(w) for w in projects.ward[made]]
            world.ledger.add_events("models_made", projects.ward[made])
            self.charge(world, len(made))
        self._adopt(world)

    def _adopt(self, world: World) -> None:
        projects = world.projects
        fresh = np.flatnonzero(
            (projects.stage == RUNNING)
            & (projects.start == world.month - 1)
            & (projects.model < 0)
            & (projects.modelled_before == 0)
            & self.in_wards[projects.ward]
        )
        if not self.origins or not len(fresh):
            return
        variety = min(1.0, len(self.origins) / self.value("variety"))
        chance = self.value("adoption") * variety * self.setting.strength
        adopts = fresh[
            world.random.below("project_treatment", 2, projects.id[fresh], chance, self.key)
        ]
        u = world.random.uniform("project_treatment", 1, projects.id[adopts], self.key)
        model = np.floor(u * len(self.origins)).astype(np.int64)
        projects.model[adopts] = model
        origin = np.array(self.origins, dtype=np.int64)[model]
        elsewhere = adopts[origin != projects.ward[adopts]]
        world.ledger.add_events("spread_projects", projects.ward[elsewhere])

    def apply_to_projects(self, world: World, board: EffectBoard) -> None:
        uses: NDArray[np.bool_] = world.projects.model >= 0
        amount = math.log(self.value("odds_ratio")) * self.d * self.fading(world.month)
        board.add("project.success", amount * uses)


class InternationalExchange(Programme):
    """3.5: exchange and learning with other countries; a capability step for some."""

    id, measure = "3.5", 3
    name_en, name_ja = "International exchange and learning", "国際交流・学習機会の提供"
    claims = ("e35_widened_share",)
    acts_on = ("npo.capability",)
    proximal = (("M3-KPIop-2", 1),)
    distal = (("capability_mean", 1),)

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        chosen = self.enrol(world)
        self.book_heads(world, "international_participants", chosen, self.value("people_per_npo"))
        improve_capability(self, world, board, chosen, 1.0)
