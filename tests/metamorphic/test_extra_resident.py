"""One more resident who never takes part: all others have the same draws, and the same paths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from model_runs import SMALL, burnt

from sim.base.randomness import DECISIONS, KeyedRandom
from sim.model.agents.residents import YEAR, Residents
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.processes import participation

MONTHS = 24


def with_one_more(world: World, ward: int) -> World:
    """A copy with one more resident, not interested in anything, at the end of a ward's residents.

    Its id is new; all other residents keep theirs (residents are listed ward by ward).
    """
    twin = world.copy()
    n = twin.residents.n
    blocks = twin.residents.blocks
    after = int((blocks[:, 0] <= ward).sum())
    place = int(blocks[:after, 2].sum())
    more = np.insert(blocks, after, (ward, place, 1, n), axis=0)
    more[after + 1 :, 1] += 1
    twin.residents = Residents(more, twin.wards.n)
    rest = np.delete(np.arange(n + 1), place)
    for column in twin.residents.columns:
        if column.name not in ("id", "ward"):
            old = world.residents.values(column.name)
            twin.residents.set(column.name, rest, old)
    one = twin.residents[place]
    one.age, one.inactive = 3, YEAR
    return twin


def others(twin: World) -> np.ndarray:
    """Positions of all but the additional resident."""
    return np.flatnonzero(twin.residents.id < twin.residents.n - 1)


@pytest.mark.parametrize("decision", [d for d in DECISIONS if d.startswith("resident_")])
def test_every_draw_of_the_others_is_identical(decision: str) -> None:
    random, ids = KeyedRandom(5, 2, 1), np.arange(2000)
    more = np.append(ids, 2000)
    for time in (-72, 0, 17):
        assert (
            random.uniform(decision, time, more)[:-1] == random.uniform(decision, time, ids)
        ).all()


FEEDBACKS = ("targeting", "_quit_thresholds", "_referral_thresholds")


@pytest.mark.parametrize("ward", [0, 11, 22])
def test_paths_of_the_others_with_recorded_feedbacks(
    ward: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hazards and thresholds of the first world, month by month, are replayed in the second."""
    recorded: dict[str, list[Any]] = {name: [] for name in FEEDBACKS}
    originals = {name: getattr(participation, name) for name in FEEDBACKS}

    def record(name: str) -> Any:
        def call(*arguments: Any) -> Any:
            recorded[name].append(originals[name](*arguments))
            return recorded[name][-1]

        return call

    def replay(name: str) -> Any:
        values = iter(recorded[name])
        return lambda *_: next(values)

    first = burnt(0, SMALL).world.copy()
    second = with_one_more(first, ward)
    assert second.residents.n == first.residents.n + 1
    board = EffectBoard(first.wards.n, first.npos.n, first.projects.n, 0.75)
    board.add("pool.barrier_time", 0.3)
    board.add("ward.referral", 5.0)
    for world, way in ((first, record), (second, replay)):
        for name in FEEDBACKS:
            monkeypatch.setattr(participation, name, way(name))
        for month in range(MONTHS):
            world.month = month
            if world.is_april:
                participation.move_residents(world)
            participation.participate(world, board)
    assert len(recorded["targeting"]) == MONTHS

    rows = others(second)
    before = burnt(0, SMALL).world.residents
    moved = 0
    for column in first.residents.columns:
        one, other = (w.residents.values(column.name) for w in (first, second))
        assert one.tobytes() == other[rows].tobytes(), column.name
        moved += int((one != before.values(column.name)).sum())
    assert moved > 1000  # something has happened
    newcomer = second.residents[int(np.setdiff1d(np.arange(second.residents.n), rows)[0])]
    assert (newcomer.ward, newcomer.state, newcomer.inactive) == (ward, 0, YEAR)
    assert not (second.residents_by_ward - first.residents_by_ward).any()  # never counted


def test_movers_are_the_same() -> None:
    first = burnt(0, SMALL).world.copy()
    second = with_one_more(first, 4)
    for year in range(3):
        for world in (first, second):
            world.month = 12 * year
            participation.move_residents(world)
    for column in first.residents.columns:
        one, other = (w.residents.values(column.name) for w in (first, second))
        assert one.tobytes() == other[others(second)].tobytes(), column.name
    assert (first.residents.moves > 0).any()


def test_a_change_of_hazard_would_be_seen() -> None:
    """The comparison above can fail: another ask rate gives other paths."""
    first = burnt(0, SMALL).world.copy()
    second = first.copy()
    second.p = {
        **first.p,
        "participation.external_rate": 1.2 * first.p["participation.external_rate"],
    }
    board = EffectBoard(first.wards.n, first.npos.n, first.projects.n, 0.75)
    for month in range(6):
        for world in (first, second):
            world.month = month
            participation.participate(world, board)
    assert first.residents.state.tobytes() != second.residents.state.tobytes()
