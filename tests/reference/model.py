"""The month on one page: `ReferenceModel.step`.

A plain Mesa model: 23 ward offices, 34 intermediaries, all NPOs, their projects and the residents
(or a sample of them) are agents, one object each. April opens the fiscal year, March closes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import mesa

from reference import (
    collaboration,
    intermediaries,
    measures_network,
    measures_platform,
    measures_support,
    organisation,
    outcomes,
    participation,
    start,
    succession,
)
from reference.books import Ledger, Money, YearCounts
from reference.draws import Draws
from reference.effects import CityEffects, NpoEffects, ProjectEffects, WardEffects
from reference.measures_base import Initiative
from reference.npos import Npo, mean_log_income
from sim.scenario.reader import load_scenario
from sim.scenario.types import Scenario

if TYPE_CHECKING:
    from sim.model.agents.world import World

START_YEAR = 2024
"""Month 0 is April of this year; months before it are the burn-in."""

INITIATIVES: tuple[type[Initiative], ...] = (
    measures_platform.ManagementSystem,
    measures_platform.DigitalSupport,
    measures_platform.OnlinePlatform,
    measures_platform.DepartmentAndTraining,
    measures_platform.EvaluationSystem,
    measures_support.SupportCentre,
    measures_support.ProBonoMatching,
    measures_support.Coordinators,
    measures_support.ManagementTraining,
    measures_support.Fundraising,
    measures_network.Contest,
    measures_network.FieldNetworks,
    measures_network.IssueProjects,
    measures_network.StandardModels,
    measures_network.InternationalExchange,
)
"""In the order of their ids, in which they also act."""


class ReferenceModel(mesa.Model):
    """The wards under one scenario, from a state of the fast model on (it is only read).

    ``world``: the state to start from, after a burn-in or before it. ``scenario``: id, path or
    `Scenario`. ``discount``: "discounted", "as_claimed" or "none"; default: the scenario's.
    """

    def __init__(
        self,
        world: World,
        scenario: str | Scenario = "baseline",
        discount: str | None = None,
    ):
        super().__init__(seed=0)  # Mesa's own generator is never asked
        settings = load_scenario(scenario)
        self.p = dict(world.p)
        self.draws = Draws(world.random)
        self.month = world.month
        self.start_year = START_YEAR
        self.weight = world.weight  # residents that a simulated resident stands for
        self.field_share: list[float] = world.field_share.tolist()
        self.mean_log_income = mean_log_income(self.p)

        self.wards = start.ward_offices(self, world)
        self.intermediaries = start.intermediaries(self, world)
        self.residents = start.residents(self, world)
        self.npos = start.npos(self, world)
        self.projects = start.projects(self, world)
        # residents and NPOs are never removed and keep their ids, so these are kept, too
        self.resident_ids = [resident.id for resident in self.residents]
        self.npo_ids = [npo.id for npo in self.npos]

        self.year, self.last_year = start.year_counts(world)
        self.ledger: Ledger = start.ledger(world)
        self.money: Money = start.money(world)
        self.events: dict[str, int] = start.npo_events(world)

        # called where the fast model computes its indicators (from nothing but this state); a data
        # collector or a test may set it
        self.when_recording: Callable[[], None] = lambda: None

        self.effects = CityEffects()
        self.chances = participation.chances_of_all(self)
        self.budget_limit = settings.budget.yen_per_year  # None: the budget follows the projects
        mode = discount or settings.discount or "discounted"
        here = [w for w in self.wards if settings.wards is None or w.code in settings.wards]
        self.initiatives = [
            initiative(self, settings.initiatives[initiative.id], mode, here)
            for initiative in INITIATIVES
            if initiative.id in settings.initiatives
        ]

    # the calendar

    @property
    def fiscal_year(self) -> int:
        """The fiscal year of the present month, named by the year in which it starts."""
        return START_YEAR + self.month // 12

    @property
    def is_april(self) -> bool:
        """First month of a fiscal year."""
        return self.month % 12 == 0

    @property
    def is_march(self) -> bool:
        """Last month of a fiscal year."""
        return self.month % 12 == 11

    # the month

    def step(self) -> None:
        """One month. What happens early in it sees the others' state of the month before."""
        self.measures_act()
        if self.is_april:
            organisation.close_books(self)
            succession.age_leaders(self)
            succession.remember_active(self)
            participation.move_residents(self)
            outcomes.rotate_officers(self)
            collaboration.propose(self)

        self.residents_month()
        organisation.npos_month(self)
        succession.survival_month(self)
        intermediaries.consultations_month(self)
        collaboration.decide(self)
        collaboration.start_projects(self)
        collaboration.run_projects(self)
        outcomes.revert_trust(self)

        if self.is_march:
            self.measures_act_on_projects()
            outcomes.judge(self)
            outcomes.learn_trust(self)
            collaboration.renew(self)
            outcomes.ask_partners(self)
            outcomes.ask_residents(self)
        self.when_recording()
        if self.is_march:
            collaboration.close_year(self)
        self.month += 1

    def residents_month(self) -> None:
        """Residents start, stay, change, quit (a method of its own, so that it can be timed)."""
        participation.residents_month(self)

    def measures_act(self) -> None:
        """First all running initiatives treat agents, then all that have started add effects."""
        self.effects = CityEffects()
        for ward in self.wards:
            ward.effects = WardEffects()
        for npo in self.npos:
            npo.effects = NpoEffects()
        for project in self.projects:
            project.effects = ProjectEffects()
        for initiative in self.initiatives:
            if initiative.runs():
                initiative.deliver()
        for initiative in self.initiatives:
            if initiative.has_started():
                initiative.keep_stocks()
                initiative.apply()

    def measures_act_on_projects(self) -> None:
        """Initiatives add their effects on projects, just before these are judged."""
        for initiative in self.initiatives:
            if initiative.has_started():
                initiative.apply_to_projects()

    # what processes note

    def note(self, event: str, npo: Npo) -> None:
        """Count an event in the life of an NPO."""
        self.year.add(event, npo.ward.index)
        self.events[event] += 1

    def turn_year(self) -> None:
        """The year's counts become last year's, and begin anew."""
        self.last_year, self.year = self.year, YearCounts()
