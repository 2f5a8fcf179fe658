"""Run any list of specs, on any engine, and read the results without holding them in memory.

The runs that a store has recorded are read instead of computed, in whatever study they were made.
Results do not depend on engine, workers or batches: a run is a pure function of its spec, and
``Results`` puts the runs in the order of the specs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import KyodoError
from sim.base.scale import SMALLEST_SCALE
from sim.places.load import start_year
from sim.runs.batch import RUN, Batch, RunRecord, batches, lost_batch, run_batch
from sim.runs.runner import RESULT_COLUMNS, Failure, combine, empty_table
from sim.runs.spec import RunSpec
from sim.runs.workers import Engine, map_tasks
from sim.scenario.reader import load_scenario

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.store import ResultStore

Progress = Callable[[int, int, float], None]
"""Called as (runs done, runs in all, seconds since the first run began) at the start, and after
every batch."""

PLACE = "place"
"""The column of ``Results.frame`` that says which spec a row belongs to."""

Shard = Path | Batch
"""Where results are: a file of the store, or a batch in memory."""


@dataclass(frozen=True)
class Results:
    """What became of ``specs``, run by run and in their order.

    ``failures``: the runs that failed. ``timings``: seconds (wall, burn-ins, runs without burn-ins,
    first compilation). ``reused``: runs read from the store instead of computed. The numbers stay
    in ``shards``, each with the runs that are read from it, until they are asked for.
    """

    specs: Sequence[RunSpec] = field(repr=False)
    records: tuple[RunRecord, ...] = field(repr=False)
    shards: tuple[tuple[Shard, frozenset[str]], ...] = field(repr=False)
    timings: dict[str, float]
    reused: int = 0

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The runs that failed, in the order of the specs."""
        return tuple(f for record in self.records if (f := record.failure) is not None)

    @property
    def years(self) -> tuple[int, ...]:
        """The fiscal years of the longest run."""
        longest = max((spec.years for spec in self.specs), default=0)
        return tuple(range(start_year(), start_year() + longest))

    def values(self, indicator: str) -> NDArray[np.float64]:
        """An indicator for all wards, [runs, years]; NaN where it is not available or failed."""
        return self.cube([indicator])[:, 0, :]

    def cube(self, indicators: Sequence[str]) -> NDArray[np.float64]:
        """Indicators for all wards, [runs, indicators, years]; NaN where there is no value."""
        import pyarrow as pa
        import pyarrow.compute as pc

        out = np.full((len(self.specs), len(indicators), len(self.years)), np.nan)
        places: dict[str, list[int]] = {}
        for place, record in enumerate(self.records):
            places.setdefault(record.run, []).append(place)
        columns: dict[str, list[int]] = {}
        for column, name in enumerate(indicators):
            columns.setdefault(name, []).append(column)
        names = pa.array(list(columns), type=pa.string())
        wanted = [RUN, "fiscal_year", "indicator", "value"]
        for table in self._tables([*wanted, "ward", "month"]):
            keep = pc.and_(pc.equal(table["ward"], "all"), pc.equal(table["month"], ""))
            keep = pc.and_(keep, pc.is_in(table["indicator"], names))
            rows = table.filter(keep).select(wanted).to_pydict()
            for run, year, name, value in zip(*(rows[c] for c in wanted), strict=True):
                if value is not None:
                    out[np.ix_(places[run], columns[name], [year - start_year()])] = value
        return out

    def _tables(self, columns: Sequence[str] | None = None) -> Iterator[Any]:
        """The rows of these runs, shard by shard; a run that was recorded twice counts once."""
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        for shard, runs in self.shards:
            source = shard if isinstance(shard, Path) else BytesIO(shard.content)
            table = pq.read_table(source, columns=columns)
            yield table.filter(pc.is_in(table[RUN], pa.array(sorted(runs), type=pa.string())))

    def require_whole(self, indicators: Sequence[str] = ()) -> None:
        """Raise KyodoError, with the run's name, if a run failed or lacks one of ``indicators``.

        One missing number makes every index of a sensitivity analysis wrong without a word.
        """
        if self.failures:
            first, more = self.failures[0], len(self.failures) - 1
            also = f" (and {more} more)" if more else ""
            raise KyodoError(
                f"a run failed{also}, nothing is analysed: {first.name}: {first.error}"
            )
        missing: Any = np.argwhere(np.isnan(self.cube(indicators))) if indicators else []
        for run, indicator, year in missing:
            if year < self.specs[run].years:
                raise KyodoError(
                    f"{indicators[indicator]} has no value in {start_year() + year}, nothing is"
                    f" analysed: {self.specs[run].name}"
                )

    def frame(self) -> pd.DataFrame:
        """All results, RESULT_COLUMNS and ``place`` (of the spec), sorted by place."""
        import pandas as pd

        places = pd.DataFrame(
            {RUN: [r.run for r in self.records], PLACE: np.arange(len(self.records))}
        )
        tables = [table.to_pandas().merge(places, on=RUN) for table in self._tables()]
        if not tables:
            return empty_table().assign(**{PLACE: pd.Series([], dtype="int64")})
        whole: pd.DataFrame = pd.concat(tables, ignore_index=True)
        by = [PLACE, *RESULT_COLUMNS[:7]]
        return whole.sort_values(by, kind="stable", ignore_index=True)[[*RESULT_COLUMNS, PLACE]]

    def tidy(self) -> pd.DataFrame:
        """The results of every run once, with RESULT_COLUMNS, sorted by them."""
        return combine([table.to_pandas()[list(RESULT_COLUMNS)] for table in self._tables()])


def run_all(
    specs: Sequence[RunSpec],
    *,
    workers: int = 1,
    engine: Engine | None = None,
    store: ResultStore | None = None,
    progress: Progress | None = None,
) -> Results:
    """Run every spec once (equal specs share a run) and return the results in their order.

    ``workers``: processes (1 = in this process); more than one needs the usual ``if __name__ ==
    "__main__":`` guard in a script. ``engine``: where tasks run instead (sim/runs/cluster.py). With
    a ``store``, finished batches are kept there as they come and recorded runs are not computed
    again; failed ones are. Runs that share a burn-in should stand together. Failed runs are in
    ``Results.failures``. On KeyboardInterrupt the workers are ended, what is recorded stays, and
    the interrupt goes on to the caller. Raises UsageError for a parameter that does not exist.
    """
    start = time.perf_counter()
    order = [spec.identity for spec in specs]
    wanted = dict.fromkeys(order, 0)
    done: dict[str, RunRecord] = {}
    shards: dict[str, Shard] = {}
    failed_before = False
    for record, path in store.records() if store is not None else ():
        if record.identity in wanted:
            failed_before |= bool(record.error)
            if not record.error:
                done[record.identity], shards[record.identity] = record, path
    reused = sum(identity in done for identity in order)
    counted = len(done)
    left = len(wanted) - counted
    if progress is not None:
        progress(counted, len(wanted), 0.0)

    def todo() -> Iterator[RunSpec]:
        """The specs that are still to be run, each once; made anew where ``specs`` makes them."""
        begun: set[str] = set(done)
        for identity, spec in zip(order, specs, strict=True):
            if identity not in begun:
                begun.add(identity)
                yield spec

    # what failed before may have killed its worker: it never runs in this process again
    if engine is None and not failed_before:
        workers = min(workers, max(1, left))
    warm = warm_up() if left and (workers > 1 or engine is not None) else 0.0
    begun = time.perf_counter()

    def finished(batch: Batch) -> None:
        nonlocal counted
        for record in batch.records:
            if record.identity not in wanted:
                raise KyodoError(
                    f"a worker ran {record.scenario} with other sources or figures than this"
                    " process has: were files changed meanwhile? Call it again"
                )
        kept: Shard = batch if store is None else store.write(batch)
        for record in batch.records:
            done[record.identity], shards[record.identity] = record, kept
        counted += len(batch.records)
        if progress is not None:
            progress(counted, len(wanted), time.perf_counter() - begun)

    most_slots = workers if engine is None else 1

    def slots() -> int:
        nonlocal most_slots
        now = workers if engine is None else engine.slots
        most_slots = max(most_slots, now)
        return now

    tasks = batches(todo(), slots, left)
    map_tasks(run_batch, tasks, workers, finished, lost_batch, engine, one_by_one)
    ended = time.perf_counter()
    timings = {
        "wall_seconds": ended - start,
        "runs_seconds": ended - begun,
        "warm_up_seconds": warm,
        "burn_in_seconds": sum(r.burn_in_seconds for r in done.values()),
        "burn_ins": float(sum(r.burn_in_seconds > 0 for r in done.values())),
        "run_seconds_without_burn_in": sum(r.seconds for r in done.values()),
        "workers": float(most_slots),
    }
    served: dict[int, tuple[Shard, set[str]]] = {}
    for identity, shard in shards.items():
        served.setdefault(id(shard), (shard, set()))[1].add(done[identity].run)
    used = tuple((shard, frozenset(runs)) for shard, runs in served.values())
    return Results(specs, tuple(done[identity] for identity in order), used, timings, reused)


def one_by_one(specs: Sequence[RunSpec]) -> list[tuple[RunSpec, ...]]:
    """The parts of a batch that took its worker down twice; none for a single run."""
    return [(spec,) for spec in specs] if len(specs) > 1 else []


def warm_up() -> float:
    """Compile once, in this process, what workers then load from the disk cache; seconds taken.

    Runs all measures at the smallest scale and drops the results: none of the study's own specs,
    which might be one that takes its process down.
    """
    start = time.perf_counter()
    run_batch([RunSpec(load_scenario("all_measures"), scale=SMALLEST_SCALE)])
    return time.perf_counter() - start
