"""For a fixed list of applicants more capacity serves a superset: nobody served is dropped."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from model_runs import SMALL, burnt

from sim.model.agents.npos import ACTIVE
from sim.model.agents.projects import RUNNING
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.measures import INITIATIVES
from sim.model.measures.base import Programme
from sim.model.processes import collaboration, organisation
from sim.model.processes.collaboration_kernels import admit
from sim.scenario.types import InitiativeSetting

EVERYWHERE = np.ones(23, dtype=bool)
PLACES = ["1.2", "2.2", "2.4", "2.5", "3.5"]


@pytest.fixture
def world() -> World:
    return burnt(0, SMALL).world.copy()


def programme(id: str, world: World, **values: Any) -> Programme:
    world = world.copy()
    world.p = {**world.p, **{f"initiative.{id}.{k}": v for k, v in values.items()}}
    made = INITIATIVES[id](InitiativeSetting(ramp_months=0), world, "as_claimed", EVERYWHERE)
    assert isinstance(made, Programme)
    return made


@pytest.mark.parametrize("id", PLACES)
@pytest.mark.parametrize("month", [0, 7, 31])
def test_more_places_serve_a_superset(id: str, month: int, world: World) -> None:
    world.month = month
    before: set[int] = set()
    sizes = []
    for places in (0, 12, 60, 240, 1200, 6000, 10**6):
        served = set(programme(id, world, places=places).enrol(world.copy()).tolist())
        assert before <= served
        before = served
        sizes.append(len(served))
    assert sizes[:4] == [0, 1, 5, 20]
    assert sizes[-1] < (world.npos.status == ACTIVE).sum()  # only those who apply
    assert all(world.npos.status[i] == ACTIVE for i in before)


@pytest.mark.parametrize("id", PLACES)
def test_a_year_with_more_places_serves_a_superset(id: str, world: World) -> None:
    """Month by month over a fiscal year: who is served earlier is not served less."""
    before: set[int] = set()
    for places in (60, 240, 1200):
        made, twin, served = programme(id, world, places=places), world.copy(), set()
        for month in range(12):
            twin.month = month
            served |= set(made.enrol(twin).tolist())
        assert len(served) == places or places == 1200
        assert before <= served
        before = served


def test_more_applicants_keep_their_relative_order(world: World) -> None:
    """Whoever drops out frees one place: the others keep their order in the queue."""
    first = programme("2.2", world, places=2400).enrol(world.copy())
    assert len(first) == 200
    again = programme("2.2", world, places=2400)
    again.served[first[:3]] = world.month  # not able this time
    second = again.enrol(world.copy())
    assert second[: len(first) - 3].tolist() == first[3:].tolist()
    assert len(second) == len(first)


def test_networks_serve_a_superset(world: World) -> None:
    before: set[int] = set()
    for coverage in (0.0, 0.1, 0.35, 0.7, 1.0):
        served = set(programme("3.2", world, coverage=coverage).enrol(world.copy()).tolist())
        assert before <= served
        before = served
    assert len(before) > 50
    assert (world.npos.wants_ties[list(before)] == 1).all()


@given(
    ward=hnp.arrays(np.int8, st.integers(0, 60), elements=st.integers(0, 22)),
    minutes=hnp.arrays(np.int64, 23, elements=st.integers(0, 20_000)),
    free=hnp.arrays(np.int64, 23, elements=st.integers(-50_000, 200_000)),
    more=hnp.arrays(np.int64, 23, elements=st.integers(0, 100_000)),
)
@settings(deadline=None)
def test_more_officer_minutes_admit_a_superset(
    ward: np.ndarray, minutes: np.ndarray, free: np.ndarray, more: np.ndarray
) -> None:
    few, many = np.empty(len(ward), dtype=bool), np.empty(len(ward), dtype=bool)
    admit(ward, minutes, free, few)
    admit(ward, minutes, free + more, many)
    assert (many | ~few).all()
    for admitted, limit in ((few, free), (many, free + more)):
        number = np.bincount(ward[admitted], minlength=23)
        assert (number * minutes <= np.maximum(0, limit)).all()
        # in each ward the first in the queue, none passed over
        for w in np.unique(ward):
            own = admitted[ward == w]
            assert not (own[1:] & ~own[:-1]).any()


@pytest.mark.parametrize("month", [0, 5, 22])
def test_more_consultations_serve_a_superset(month: int, world: World) -> None:
    world.month = month
    world.npos.consulted[:] = 0
    before: set[int] = set()
    refused = []
    for gain in (0.0, 0.1, 0.5, 1.0):
        twin = world.copy()
        half = 0.5 * world.p["organisation.consultations"]
        twin.p = {
            **world.p,
            "organisation.consultations": half,
            "organisation.consultation_demand": 2.4,
        }
        board = EffectBoard(twin.wards.n, twin.npos.n, twin.projects.n, 0.75)
        board.add("city.consultations", math.log1p(gain))
        organisation.consult(twin, board)
        served = set(np.flatnonzero(twin.npos.consulted).tolist())
        assert before <= served
        before = served
        held = int(twin.ledger.get("consultations").sum())
        assert held <= twin.intermediaries.capacity.sum() / 12 + 1e-9
        assert (
            held
            == twin.intermediaries.consultations.sum() - world.intermediaries.consultations.sum()
        )
        refused.append(int(twin.ledger.get("consultations_refused").sum()))
    assert refused[0] > refused[1] > refused[2]


def started(world: World, hours: float = 1.0, budget: int | None = None) -> tuple[set[int], World]:
    twin = world.copy()
    twin.budget_limit = budget
    twin.wards.minutes_capacity[:] = (twin.wards.minutes_capacity * hours).astype(np.int64)
    board = EffectBoard(twin.wards.n, twin.npos.n, twin.projects.n, 0.75)
    waiting = set(twin.projects.id[twin.projects.stage != RUNNING].tolist())
    collaboration.start(twin, board)
    running = set(twin.projects.id[twin.projects.stage == RUNNING].tolist())
    return running & waiting, twin


@pytest.fixture
def queue(world: World) -> World:
    """Every accepted or proposed project wants to start now, and nobody's hours are taken."""
    projects = world.projects
    waiting = projects.stage != RUNNING
    if waiting.sum() < 100:  # between fiscal years few wait: let running ones queue again
        projects.stage[::2] = 1
        waiting = projects.stage != RUNNING
    projects.stage[waiting] = 1
    projects.start[waiting] = world.month
    return world


def test_more_hours_start_a_superset_of_projects(queue: World) -> None:
    before: set[int] = set()
    sizes = []
    for hours in (0.3, 0.5, 0.6, 0.7, 0.8, 1.0, 1.5):
        chosen, twin = started(queue, hours)
        assert before <= chosen
        before = chosen
        sizes.append(len(chosen))
        fits = twin.wards.minutes_used <= np.maximum(
            twin.wards.minutes_capacity,
            np.bincount(queue.projects.ward[queue.projects.stage == RUNNING], minlength=23) * 7200,
        )
        assert fits.all()
    assert sizes[0] < sizes[2] < sizes[-1]


def test_a_larger_budget_starts_a_superset_of_projects(queue: World) -> None:
    before: set[int] = set()
    sizes = []
    committed = int(queue.projects.budget[queue.projects.stage == RUNNING].sum())
    for extra in (0, 10**8, 10**9, 4 * 10**9, 10**12):
        chosen, twin = started(queue, 2.0, committed + extra)
        assert before <= chosen
        before = chosen
        sizes.append(len(chosen))
        assert twin.projects.budget[twin.projects.stage == RUNNING].sum() <= committed + extra
    assert sizes[1] < sizes[2] < sizes[-1]


@pytest.mark.parametrize(
    ("id", "parameter", "column", "sizes"),
    [
        ("2.3", "load_limit", "coordinator", (1, 2, 5, 13)),
        ("2.5", "sib_contracts", "outcome_based", (1, 5, 20, 50)),
        ("3.3", "places", "multi_party", (2, 10, 61, 200)),
        ("3.1", "places", "entrant", (1, 10, 50, 100)),
    ],
)
def test_more_places_on_projects_treat_a_superset(
    id: str, parameter: str, column: str, sizes: tuple[int, ...], world: World
) -> None:
    before: set[int] = set()
    counts = []
    for size in sizes:
        twin = world.copy()
        twin.p = {**world.p, f"initiative.{id}.{parameter}": float(size)}
        initiative = INITIATIVES[id](
            InitiativeSetting(ramp_months=0), twin, "as_claimed", EVERYWHERE
        )
        board = EffectBoard(twin.wards.n, twin.npos.n, twin.projects.n, 0.75)
        for month in range(9):
            twin.month = month
            board.clear()
            initiative.deliver(twin, board)
            initiative.keep_stocks(twin)
        chosen = set(twin.projects.id[twin.projects.values(column) == 1].tolist())
        assert before <= chosen
        before = chosen
        counts.append(len(chosen))
    assert 0 < counts[0] < counts[1] < counts[-1]
