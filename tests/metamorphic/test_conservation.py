"""Ledgers close, no rate leaves [0, 1], no stock is negative: all measures, ten years."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from model_runs import USUAL, burnt

from sim.model.agents import counts
from sim.model.agents.npos import ACTIVE, CLOSED, DORMANT, FUTURE
from sim.model.agents.projects import ACCEPTED, OVER, PROPOSED, RUNNING
from sim.model.agents.residents import AGE_BANDS, EPISODIC, REGULAR
from sim.model.agents.world import World
from sim.model.effects import RATES
from sim.model.model import CollaborationModel
from sim.model.processes import collaboration, participation

YEARS = 10


class Watch:
    """What is noted at the end of every month of a run."""

    def __init__(self, model: CollaborationModel):
        self.model = model
        self.problems: list[str] = []
        self.booked_before = model.world.wards.minutes_booked.copy()
        self.minutes: list[np.ndarray] = []
        self.money: list[tuple[int, int]] = []
        self.yen = 0
        self.project_yen: list[tuple[int, int]] = []
        self.months = 0

    def claim(self, holds: bool, what: str) -> None:
        if not holds:
            self.problems.append(f"month {self.months}: {what}")

    def run(self) -> None:
        model, world = self.model, self.model.world
        due: dict[int, int] = {}
        while model.running:
            if world.month % 12 == 0:
                due = {}
            april = world.month % 12 == 0
            model.step()
            self.months += 1
            self._stocks(world)
            self._rates(model)
            self._people(world)
            books = world.money
            closing = int(
                books[counts.ENDOWED]
                + books[counts.INCOME]
                - books[counts.SPENDING]
                - books[counts.WRITTEN_OFF]
            )
            founded = world.npos.status != FUTURE
            self.money.append((closing, int(world.npos.reserves[founded].sum())))
            self.minutes.append(world.wards.minutes_booked - self.booked_before)
            self.booked_before = world.wards.minutes_booked.copy()
            running = world.projects.stage == RUNNING
            if not april and world.month % 12 != 0:
                for id, budget in zip(
                    world.projects.id[running].tolist(),
                    world.projects.budget[running].tolist(),
                    strict=True,
                ):
                    due[id] = budget
                self.project_yen.append((world.ledger.yen.get("projects", 0), sum(due.values())))
            elif april:
                due = dict(
                    zip(
                        world.projects.id[running].tolist(),
                        world.projects.budget[running].tolist(),
                        strict=True,
                    )
                )

    def _stocks(self, world: World) -> None:
        npos, projects = world.npos, world.projects
        for name in (
            "reserves",
            "income_year",
            "business_year",
            "spending_year",
            "staff",
            "volunteers",
            "leader_wear",
            "leader_limit",
            "leader_age",
        ):
            self.claim(bool((npos.values(name) >= 0).all()), f"npo.{name} < 0")
        for name in ("budget", "months", "partners", "participants", "participants_base"):
            self.claim(bool((projects.values(name) >= 0).all()), f"project.{name} < 0")
        for group in (world.ledger.flows, world.ledger.stocks):
            for name, value in group.items():
                self.claim(bool((value >= 0).all()), f"delivery {name} < 0")
        self.claim(all(v >= 0 for v in world.ledger.yen.values()), "negative cost")
        for name in ("minutes_used", "minutes_capacity", "minutes_booked"):
            self.claim(bool((world.wards.values(name) >= 0).all()), f"ward.{name} < 0")
        for frame in (npos, projects, world.wards):
            for column in frame.columns:
                values = frame.values(column.name)
                if values.dtype.kind == "f":
                    self.claim(
                        bool(np.isfinite(values).all()), f"{frame.kind}.{column.name} finite"
                    )
                if column.unit == "flag":
                    self.claim(bool((values <= 1).all()), f"{frame.kind}.{column.name} flag")
                if column.unit == "share":
                    inside = (values >= 0.0) & (values <= 1.0)
                    self.claim(bool(inside.all()), f"{frame.kind}.{column.name} in [0, 1]")

    def _rates(self, model: CollaborationModel) -> None:
        board, world = model.board, model.world
        for rate in RATES.values():
            value = board[rate.id]
            self.claim(bool(np.isfinite(value).all()), f"{rate.id} finite")
            if rate.combiner == "chance":
                self.claim(bool(((value >= 0.0) & (value <= 1.0)).all()), f"{rate.id} in [0, 1]")
        meets = participation.targeting(world)
        self.claim(bool(((meets >= 0.0) & (meets <= 1.0)).all()), "start chance in [0, 1]")
        starts = meets.max() * participation.acceptance(world.p).max()
        self.claim(0.0 <= starts <= 1.0, "start chance after acceptance in [0, 1]")
        absorbed = world.absorbed
        # a mean of whole and fractional numbers: one unit in the last place of slack
        self.claim(
            bool(((absorbed >= 0.0) & (absorbed <= 1.0 + 1e-12)).all()), "pool share in [0, 1]"
        )
        minutes = collaboration.minutes_of_projects(world, board)
        self.claim(bool((minutes > 0).all()), "minutes of a project > 0")
        self.claim(bool((board["ward.referral"] >= 0).all()), "referrals >= 0")

    def _people(self, world: World) -> None:
        residents, table = world.residents, world.residents_by_ward
        self.claim(bool((table >= 0).all()), "counts of residents >= 0")
        states = np.bincount(residents.ward[residents.state == EPISODIC], minlength=23)
        self.claim(bool((states == table[:, counts.EPISODIC_NOW]).all()), "episodic counted")
        states = np.bincount(residents.ward[residents.state == REGULAR], minlength=23)
        self.claim(bool((states == table[:, counts.REGULAR_NOW]).all()), "regular counted")
        took_part = residents.inactive < 12
        states = np.bincount(residents.ward[took_part], minlength=23)
        self.claim(bool((states == table[:, counts.PARTICIPANTS]).all()), "participants counted")
        self.claim(bool((residents.state <= REGULAR).all()), "states of residents")
        status = world.npos.status
        self.claim(bool(((status >= FUTURE) & (status <= CLOSED)).all()), "states of NPOs")
        future = world.npos.founded >= world.month
        self.claim(bool(((status == FUTURE) == future).all()), "NPOs are founded in their month")
        stage = world.projects.stage
        self.claim(
            set(np.unique(stage)) <= {PROPOSED, ACCEPTED, RUNNING, OVER}, "stages of projects"
        )
        running = stage == RUNNING
        lead = world.npos.status[world.projects.lead[running]]
        self.claim(bool(((lead == ACTIVE) | (lead == DORMANT) | (lead == CLOSED)).all()), "leads")
        self.claim(len(np.unique(world.projects.id)) == world.projects.n, "ids of projects unique")


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    watched = Watch(burnt(0, USUAL).branch("all_measures", "as_claimed", years=YEARS))
    watched.run()
    return watched


def test_no_rate_leaves_its_range_and_no_stock_is_negative(watch: Watch) -> None:
    assert watch.months == 12 * YEARS
    assert watch.problems == []


def test_the_watch_sees_a_problem() -> None:
    model = burnt(0, USUAL).branch("baseline", years=1)
    watched = Watch(model)
    model.world.npos.trust[3] = 1.5
    model.world.npos.reserves[5] = -10
    watched._stocks(model.world)
    assert [p.split(": ")[1] for p in watched.problems] == [
        "npo.reserves < 0", "npo.trust in [0, 1]"
    ]  # fmt: skip


def test_the_money_of_npos_is_conserved_to_the_yen(watch: Watch) -> None:
    """Endowments + income - spending - reserves of closed NPOs = reserves in hand, every month."""
    assert [a - b for a, b in watch.money] == [0] * len(watch.money)
    assert watch.money[0][0] != watch.money[-1][0]


def test_officer_minutes_of_a_year_stay_within_capacity(watch: Watch) -> None:
    capacity = watch.model.world.wards.minutes_capacity
    for year in range(YEARS):
        booked = np.sum(watch.minutes[12 * year : 12 * year + 12], axis=0)
        assert (booked <= capacity).all(), year
        assert booked.sum() > 0.5 * capacity.sum()  # 1.1 saves a part of the rest


def test_minutes_of_the_projects_are_booked_exactly(watch: Watch) -> None:
    total = np.sum(watch.minutes, axis=0)
    start = burnt(0, USUAL).world.wards.minutes_booked
    assert (watch.model.world.wards.minutes_booked - start == total).all()


def test_project_yen_are_the_budgets_of_the_projects_of_the_year(watch: Watch) -> None:
    """What is booked in a fiscal year = the budgets of the projects that ran in it, to the yen.

    Projects that start and end between two looks cannot be seen from outside; none may remain.
    """
    assert len(watch.project_yen) == 11 * YEARS - YEARS  # between May and February
    assert [booked - due for booked, due in watch.project_yen] == [0] * len(watch.project_yen)


def test_population_is_constant(watch: Watch) -> None:
    before, after = burnt(0, USUAL).world.residents, watch.model.world.residents
    for name in ("id", "ward", "age"):
        assert (before.values(name) == after.values(name)).all()
    assert after.age.max() == len(AGE_BANDS) - 1


def test_npo_numbers_add_up(watch: Watch) -> None:
    """Registered NPOs = those before + founded - closed, over the ten years."""
    start, end = burnt(0, USUAL).world, watch.model.world
    founded = ((end.npos.founded >= 0) & (end.npos.founded < 120)).sum()
    closed = ((end.npos.status == CLOSED) & (start.npos.status != CLOSED)).sum()
    registered = [
        int(((w.npos.status == ACTIVE) | (w.npos.status == DORMANT)).sum()) for w in (start, end)
    ]
    assert registered[1] == registered[0] + founded - closed
    events = (end.npo_events - start.npo_events).sum(axis=0)
    assert (events[3], events[5]) == (closed, founded)
    assert (end.npos.status[end.npos.large == 1] != CLOSED).all()
