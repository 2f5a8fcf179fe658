"""Throughput of a sweep on two workers against one, and what a run costs beside the model.

``python -m tests.benchmarks.sweep`` prints both, with their spread over repetitions. Workers are
started, and have compiled code loaded, before the clock is.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sim.runs.run_all import Results, run_all
from sim.runs.spec import RunSpec
from sim.runs.store import ResultStore
from sim.runs.workers import Processes
from sim.scenario.reader import load_scenario


class Kept:
    """An engine whose workers go on between calls of ``run_all``."""

    def __init__(self, pool: Processes):
        self.pool, self.slots, self.dead = pool, pool.slots, pool.dead

    def submit(self, function: Callable[[Any], Any], task: Any, /) -> Future[Any]:
        return self.pool.submit(function, task)

    def restart(self) -> None:
        raise AssertionError("a worker died")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


def specs_of(scenarios: list[str], draws: int, first: int = 0, **more: Any) -> list[RunSpec]:
    """Runs of scenarios in draws ``first`` and on, those of one burn-in together."""
    loaded = [load_scenario(name) for name in scenarios]
    return [RunSpec(s, draw=first + d, **more) for d in range(draws) for s in loaded]


def timed(workers: int, specs: list[RunSpec]) -> Results:
    """The specs run into a store on workers that are warm."""
    with tempfile.TemporaryDirectory() as folder, Processes(workers) as pool:
        engine = Kept(pool)
        ready = specs_of(["all_measures"], 4 * workers, 900, scale=specs[0].scale, years=1)
        run_all(ready, workers=workers, engine=engine)
        store = ResultStore(Path(folder))
        store.open("benchmark")
        results = run_all(specs, workers=workers, engine=engine, store=store)
        assert not results.failures
        return results


def seconds_of(results: Results) -> float:
    """Wall seconds of the runs, storing included; compilation in this process left out."""
    return results.timings["wall_seconds"] - results.timings["warm_up_seconds"]


def speed_up(draws: int) -> tuple[float, float, float]:
    """Seconds on one worker, on two, and their ratio: 10 years at 1/100, two scenarios a draw."""
    specs = specs_of(["baseline", "all_measures"], draws, scale="1/100", years=10)
    one, two = (seconds_of(timed(workers, specs)) for workers in (1, 2))
    return one, two, one / two


def overhead(workers: int, runs: int) -> float:
    """(wall x workers - summed model time) / runs, in seconds: 12 months at 1/1000."""
    specs = specs_of(
        ["baseline", "m1", "m2", "m3", "all_measures"], runs // 5, scale="1/1000", years=1
    )
    results = timed(workers, specs)
    times = results.timings
    model = times["burn_in_seconds"] + times["run_seconds_without_burn_in"]
    return (seconds_of(results) * workers - model) / len(specs)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--draws", type=int, default=30)
    parser.add_argument("--runs", type=int, default=600)
    given = parser.parse_args()
    ratios = []
    for _ in range(given.repeat):
        one, two, ratio = speed_up(given.draws)
        ratios.append(ratio)
        print(f"1/100, {2 * given.draws} runs of 10 years: {one:.1f} s on one worker,"
              f" {two:.1f} s on two: x {ratio:.2f}", flush=True)  # fmt: skip
    for workers in (1, 2):
        found = [1000 * overhead(workers, given.runs) for _ in range(given.repeat)]
        print(f"1/1000, {given.runs} runs of 12 months on {workers} worker(s): overhead"
              f" {min(found):.1f} to {max(found):.1f} ms a run", flush=True)  # fmt: skip
    print(f"throughput of two workers against one: x {min(ratios):.2f} to x {max(ratios):.2f}")


if __name__ == "__main__":
    main()
