"""Measure 1: a digital platform for collaboration, digital support, ward offices that learn."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.base.randomness import hash_key
from sim.model.agents.npos import ACTIVE, N_FIELDS, NEVER
from sim.model.agents.projects import PROPOSED, RUNNING
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.effects_kernels import pool_since
from sim.model.measures.base import Initiative, Programme, improve_capability
from sim.model.measures.platform_kernels import register


class ManagementSystem(Initiative):
    """1.1: wards go live one after the other; NPOs register by diffusion (Bass 1969) or applying.

    Lead time and the administrative part of officer hours shrink in live wards; success does not.
    """

    id, measure = "1.1", 1
    name_en, name_ja = "Collaboration management system", "協働事業マネジメントシステムの構築"
    claims = ("e11_lead_time", "e11_admin_hours")
    acts_on = ("ward.lead_time", "ward.admin_minutes")
    proximal = (("M1-KSI-1", 1), ("officer_minutes_per_project", -1))
    distal = (("M1-KPIop-1", 1),)

    def set_up(self, world: World) -> None:
        self.live = self.roll_out(world, np.ones(world.wards.n, dtype=bool))

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        npos, month = world.npos, world.month
        is_live = self.live <= month
        # keyed by initiative, NPO and month
        stream = hash_key(world.random.stream("uptake", month), self.key)
        joined = register(
            np.uint64(stream),
            npos.id,
            npos.ward,
            npos.status,
            npos.registered,
            is_live,
            self.value("innovation"),
            self.value("imitation"),
        )
        projects = world.projects
        # those who applied last month were registered with their application
        applying = (projects.stage != PROPOSED) & (projects.proposed == month - 1)
        leads = projects.lead[applying]
        npos.registered[leads[is_live[npos.ward[leads]]]] = 1
        self.charge(world, float(joined))

    def apply(self, world: World, board: EffectBoard) -> None:
        rise = self.since_roll_out(self.live, world.month) * self.d
        board.add("ward.lead_time", math.log(1.0 - self.value("lead_time_claim")) * rise)
        board.add("ward.admin_minutes", math.log(1.0 - self.value("admin_claim")) * rise)


class DigitalSupport(Programme):
    """1.2: courses for NPOs; some go online, fees and donations and admin work improve once."""

    id, measure = "1.2", 1
    name_en, name_ja = (
        "Digital support programme",
        "NPO・ボランティア団体向けデジタル支援プログラム",
    )
    claims = ("e12_donations", "e12_admin_efficiency", "e12_outreach_share")
    acts_on = (
        "npo.online",
        "npo.fees",
        "npo.admin_minutes",
        "npo.capability",
        "pool.barrier_what",
    )
    proximal = (("M1-KSI-2", 1), ("M1-KPIoc-2", 1))
    distal = (("shortage_people_share", -1), ("shortage_funds_share", -1), ("M2-KGI-1", 1))

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        npos, month = world.npos, world.month
        chosen = self.enrol(world)
        world.ledger.add_events("digital_courses", npos.ward[chosen])
        npos.course[chosen] = month
        new = chosen[npos.first_course[chosen] == NEVER]
        npos.first_course[new] = month
        chance = self.value("conversion") * self.works
        board.add("npo.online", 1.0, self.converts(world, chosen, chance))
        improve_capability(self, world, board, new, 1.0)

    def apply(self, world: World, board: EffectBoard) -> None:
        npos = world.npos
        fees, admin = math.log1p(self.value("fees_claim")), math.log1p(self.value("admin_claim"))
        self.add_since(world, board, "npo.fees", fees * self.d, npos.first_course)
        self.add_since(world, board, "npo.admin_minutes", -admin * self.d, npos.first_course)
        treated = np.zeros((world.wards.n, N_FIELDS))
        pool_since(
            npos.first_course,
            NEVER,
            world.month,
            self.value("effect_months"),
            npos.status,
            npos.ward,
            npos.field,
            npos.volunteer_weight,
            treated,
        )
        reached = pool_share(world, treated)
        relief = reached * self.value("visibility") * self.works * self.fading(world.month)
        board.add("pool.barrier_what", np.minimum(relief, 1.0))


class OnlinePlatform(Initiative):
    """1.3: in wards without digital collaboration a share of projects goes online.

    More participants a project, less of the barrier "time" for residents who are online and whose
    opportunities come from NPOs with such projects. No effect on satisfaction (C053).
    """

    id, measure = "1.3", 1
    name_en, name_ja = "Online co-production platform", "オンライン協働プラットフォームの運営"
    claims = ("e13_participants", "e13_satisfaction")
    acts_on = ("project.participants", "pool.barrier_time")
    proximal = (("online_projects", 1), ("project_participants", 1))
    distal = (("participation_rate", 1), ("M3-KGI-1", 1))

    def set_up(self, world: World) -> None:
        order = self.ward_order(world, world.wards.digital_collaboration == 0)
        self.treated = np.zeros(world.wards.n, dtype=bool)
        self.treated[order[: round(len(order) * self.setting.strength)]] = True

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        projects = world.projects
        share = self.value("online_share") * self.ramp(world.month - self.setting.start)
        open_to = self.treated[projects.ward] & (projects.stage == RUNNING) & (projects.online == 0)
        offline = np.flatnonzero(open_to)
        ids = projects.id[offline]
        goes = world.random.below("project_treatment", 0, ids, share, self.key)
        projects.online[offline[goes]] = 1
        self.charge(world, float(goes.sum()))

    def apply(self, world: World, board: EffectBoard) -> None:
        projects, npos = world.projects, world.npos
        online = (projects.online == 1) & (projects.stage == RUNNING)
        leading = np.zeros(npos.n, dtype=bool)
        leading[projects.lead[online]] = True
        leads = np.flatnonzero(leading)
        leads = leads[npos.status[leads] == ACTIVE]
        pool = npos.ward[leads].astype(np.int64) * N_FIELDS + npos.field[leads]
        pools = world.pool_weight
        treated = np.bincount(pool, npos.volunteer_weight[leads], minlength=pools.size)
        reached = pool_share(world, treated.astype(np.float64).reshape(pools.shape))
        relief = reached * self.value("time_relief") * self.works
        board.add("pool.barrier_time", np.minimum(relief * self.fading(world.month), 1.0))

    def apply_to_projects(self, world: World, board: EffectBoard) -> None:
        amount = math.log(self.value("participants_claim")) * self.d * self.fading(world.month)
        board.add("project.participants", amount * world.projects.online)


class DepartmentAndTraining(Initiative):
    """1.4: departments in wards without one, and courses for the staff of all wards.

    Counts once, on continuation (A3); the claimed x1.8 projects is a check, not a lever. Trained
    officers raise the partner's rating of their projects.
    """

    id, measure = "1.4", 1
    name_en = "Co-production department and staff training"
    name_ja = "協働推進専門部署の設置と職員研修"
    claims = ("e14_continuation", "e14_partner_rating", "e14_projects")
    acts_on = ("ward.renewal", "ward.proposals", "project.rating")
    proximal = (("M1-KPIop-2", 1), ("M1-KPIoc-1", 1))
    distal = (("M1-KPIop-1", 1), ("M1-KGI-2", 1), ("M2-KGI-2", 1))

    def set_up(self, world: World) -> None:
        self.opened = self.roll_out(world, world.wards.department == 0)
        self.cohorts = np.zeros((world.wards.n, int(self.value("course_years"))), dtype=np.int64)

    def deliver(self, world: World, board: EffectBoard) -> None:
        """Train as many as the path to the planned share lacks, those who left included."""
        self.charge_fixed(world)
        elapsed = world.month - self.setting.start + 1
        path = min(1.0, elapsed / self.value("training_months")) * self.setting.strength
        goal = self.value("training_share") * self.value("uptake") * path
        plan = np.ceil(goal * world.wards.staff * self.in_wards)
        trained = np.maximum(0, plan.astype(np.int64) - self.cohorts.sum(axis=1))
        self.cohorts[:, 0] += trained
        self.charge(world, float(trained.sum()))

    def keep_stocks(self, world: World) -> None:
        """Courses expire and trained staff leave, also after the stop."""
        if world.is_april:
            self.cohorts = np.roll(self.cohorts, 1, axis=1)
            self.cohorts[:, 0] = 0
            stay = 1.0 - self.value("staff_turnover")
            self.cohorts[:, 1:] = np.floor(self.cohorts[:, 1:] * stay).astype(np.int64)
        world.ledger.set("staff_trained", self.cohorts.sum(axis=1))

    def trained_share(self, world: World) -> NDArray[np.float64]:
        """Share of the staff with a valid course, by ward (areas,)."""
        share: NDArray[np.float64] = self.cohorts.sum(axis=1) / np.maximum(1, world.wards.staff)
        return share

    def apply(self, world: World, board: EffectBoard) -> None:
        rise = self.since_roll_out(self.opened, world.month)
        claim = math.log(self.value("continuation_odds_ratio"))
        board.add("ward.renewal", claim * self.d * rise)
        board.add("ward.proposals", math.log(self.value("proposals_ratio")) * self.d * rise)

    def apply_to_projects(self, world: World, board: EffectBoard) -> None:
        projects = world.projects
        share = self.trained_share(world)[projects.ward] * self.fading(world.month)
        trained = world.random.below(
            "project_treatment", world.fiscal_year, projects.id, share, self.key
        )
        board.add("project.rating", math.log(self.value("rating_odds_ratio")) * self.d * trained)


class EvaluationSystem(Initiative):
    """1.5: wards start to evaluate and use the results; more failing projects are improved.

    The claimed +23.8 % cost-effectiveness is a check on the cost of a solved project, no lever.
    """

    id, measure = "1.5", 1
    name_en, name_ja = "Evaluation system", "協働事業評価システムの確立"
    claims = ("e15_improvement_rate", "e15_cost_effectiveness")
    acts_on = ("ward.repair",)
    proximal = (("wards_using_evaluation", 1),)
    distal = (("M1-KGI-1", 1),)

    def set_up(self, world: World) -> None:
        self.using = self.roll_out(world, world.wards.uses_evaluation == 0)

    def deliver(self, world: World, board: EffectBoard) -> None:
        self.charge_fixed(world)
        new = self.using == world.month
        world.wards.evaluating_new[new] = 1
        self.charge(world, float(new.sum()))

    def apply(self, world: World, board: EffectBoard) -> None:
        rise = self.since_roll_out(self.using, world.month)
        board.add("ward.repair", math.log(self.value("improvement_claim")) * self.d * rise)


def pool_share(world: World, treated: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the opportunities of a ward and channel that come from treated NPOs, (areas, 6).

    ``treated`` (areas, 5): volunteer weight of the treated NPOs by ward and field. Column 0 (other
    groups) is zero: relief of a barrier reaches only residents whose opportunity comes from treated
    NPOs (model_rules B).
    """
    shares = np.zeros((world.wards.n, N_FIELDS + 1))
    shares[:, 1:] = np.minimum(1.0, treated / np.maximum(world.pool_weight, 1e-12))
    return shares
