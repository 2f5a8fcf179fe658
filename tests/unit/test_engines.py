"""Batches, and tasks on workers that die: with a stand-in for the engine, in milliseconds."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import pytest
from fake_model import fake_model

from sim.base.errors import KyodoError
from sim.runs.batch import BATCH_RUNS, batches
from sim.runs.run_all import run_all
from sim.runs.spec import RunSpec
from sim.runs.workers import AHEAD, map_tasks
from sim.scenario.reader import load_scenario


class Dead(Exception):
    """A worker has died."""


class FakeEngine:
    """Does what it is given at once; a task that holds "k" takes all that runs down with it."""

    dead = (Dead,)

    def __init__(self, slots: int = 2, starts: bool = True):
        self.slots, self.starts = slots, starts
        self.broken = False
        self.waiting: list[tuple[Future[Any], Callable[[Any], Any], Any]] = []
        self.handed: list[Any] = []
        self.restarts = 0
        self.most = 0
        self.closed: type[BaseException] | bool | None = False

    def submit(self, function: Callable[[Any], Any], task: Any, /) -> Future[Any]:
        if self.broken:
            raise Dead
        future: Future[Any] = Future()
        self.handed.append(task)
        self.waiting.append((future, function, task))
        self.most = max(self.most, len(self.waiting))
        if not self.starts or (task is not None and "k" in task):
            self.broken = True
            for waiting, _, _ in self.waiting:
                waiting.set_exception(Dead())
            self.waiting.clear()
        elif len(self.waiting) >= self.slots or task is None or self.alone:
            first, function, task = self.waiting.pop(0)
            first.set_result(function(task))
        else:
            future.set_result(function(task))
            self.waiting.pop()
        return future

    alone = True

    def restart(self) -> None:
        self.broken = False
        self.restarts += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        self.closed = kind


def outcomes(tasks: list[str], engine: FakeEngine, **more: Any) -> list[str]:
    found: list[str] = []
    map_tasks(str.upper, tasks, 2, found.append, engine=engine, **more)
    return found


def lost(task: str, error: BaseException) -> str:
    return f"lost {task}"


def test_every_task_is_done_once() -> None:
    engine = FakeEngine()
    tasks = [f"t{n}" for n in range(20)]
    assert sorted(outcomes(tasks, engine)) == sorted(t.upper() for t in tasks)
    assert engine.closed is None
    assert engine.restarts == 0


def test_tasks_are_taken_only_as_workers_become_free() -> None:
    taken = []

    def tasks() -> Any:
        for n in range(50):
            taken.append(n)
            yield f"t{n}"

    seen: list[int] = []
    map_tasks(str.upper, tasks(), 2, lambda _: seen.append(len(taken)), engine=FakeEngine())
    assert seen[0] <= 2 * AHEAD
    assert len(seen) == 50


@pytest.mark.parametrize("place", [0, 3, 9])
def test_one_bad_task_takes_no_other_down(place: int) -> None:
    tasks = [f"t{n}" for n in range(10)]
    tasks.insert(place, "killer")
    engine = FakeEngine()
    found = outcomes(tasks, engine, lost=lost)
    assert Counter(found) == Counter(["lost killer", *(f"T{n}" for n in range(10))])
    assert engine.handed.count("killer") == 2
    assert engine.restarts == 2


def test_a_batch_with_a_killer_is_done_in_its_parts() -> None:
    def split(task: str) -> list[str]:
        return task.split("+") if "+" in task else []

    found = outcomes(["a", "b+killer+c", "d"], FakeEngine(), lost=lost, split=split)
    assert sorted(found) == ["A", "B", "C", "D", "lost killer"]


def test_without_a_loss_function_the_death_is_an_error() -> None:
    engine = FakeEngine()
    with pytest.raises(Dead):
        outcomes(["a", "killer"], engine)
    assert engine.closed is Dead


def test_workers_that_cannot_start_are_said_to_need_the_main_guard() -> None:
    with pytest.raises(KyodoError, match="__main__"):
        outcomes(["a", "b"], FakeEngine(starts=False), lost=lost)


def test_a_killer_that_comes_first_is_no_broken_start() -> None:
    assert outcomes(["killer"], FakeEngine(), lost=lost) == ["lost killer"]


def specs_of(groups: int, runs: int, **more: Any) -> list[RunSpec]:
    """``groups`` burn-ins with ``runs`` each."""
    m1 = load_scenario("m1")
    spec = RunSpec(m1, **{"scale": "1/1000", "years": 1, **more})
    return [
        replace(spec, draw=g, parameters=(("initiative.1.2.conversion", 0.1 + r / 10_000),))
        for g in range(groups)
        for r in range(runs)
    ]


def cut(specs: list[RunSpec], slots: int) -> list[tuple[RunSpec, ...]]:
    found = list(batches(specs, lambda: slots, len(specs)))
    assert [s for batch in found for s in batch] == specs
    return found


def test_batches_keep_runs_of_one_burn_in_together_and_shrink() -> None:
    found = cut(specs_of(60, 8), slots=2)
    for batch in found:
        assert len(batch) % 8 == 0
    sizes = [len(batch) for batch in found]
    assert sizes[0] > 8
    assert sizes[-1] == 8
    assert sizes == sorted(sizes, reverse=True)


def test_thousands_of_runs_that_share_a_burn_in_are_cut_too() -> None:
    found = cut(specs_of(1, 2000, years=10), slots=2)
    assert len(found) > 20
    assert max(len(batch) for batch in found) <= BATCH_RUNS
    assert len(found[-1]) < 60


def test_a_few_long_runs_are_batches_of_their_own() -> None:
    found = cut(specs_of(6, 1, scale="1", years=10), slots=2)
    assert [len(batch) for batch in found] == [1] * 6
    one_group = cut(specs_of(1, 8, scale="1/100", years=10), slots=2)
    assert [len(batch) for batch in one_group] == [8]


def test_batches_of_short_runs_take_about_two_seconds() -> None:
    sizes = [len(batch) for batch in cut(specs_of(2000, 1), slots=2)]
    middle = sizes[: len(sizes) // 2]
    assert set(middle) == {middle[0]}
    assert 5 <= middle[0] <= 40
    assert all(a >= b for a, b in itertools.pairwise(sizes))
    assert sizes[-1] == 1
    alone = [len(batch) for batch in cut(specs_of(100, 1), slots=1)]
    assert set(alone[:-1]) == {middle[0]}


def test_the_manifest_tells_the_slots_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sim.model.model", fake_model())
    results = run_all(specs_of(5, 2), workers=2, engine=FakeEngine(slots=7))
    assert results.timings["workers"] == 7
    assert not results.failures
