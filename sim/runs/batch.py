"""A batch: the runs that a worker does in one go, and what it hands back, ready to be stored.

A worker returns the bytes of a Parquet file, so that whoever collects batches only writes them: no
table of many runs is ever in the memory of the collecting process.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.runs.durations import BURN_IN_YEARS, year_seconds
from sim.runs.runner import RESULT_COLUMNS, Failure, RunResult, empty_table, failure_of, run_specs
from sim.runs.spec import ID_LENGTH, RunSpec

if TYPE_CHECKING:
    import pandas as pd

RUN = "run"
"""The column of a shard that names the run (``RunSpec.run_id``)."""
BATCH_SECONDS = 2.0
"""Expected seconds of work in a batch: what an interrupted worker loses at most."""
BATCH_RUNS = 256
"""Most runs of a batch."""
BURN_INS_A_GROUP = 20.0
"""Runs of one burn-in are cut when they take this many times as long as the burn-in."""
FEWEST_OF_GROUP = 16
"""Runs of one burn-in that are not cut, however few runs are left."""

_META = b"kyodo"


@dataclass(frozen=True)
class RunRecord:
    """What is kept of every run beside its numbers; ``error`` and ``traceback`` if it failed.

    ``burn_in_seconds`` stands with the first run of those that share a burn-in, 0 with the others.
    """

    identity: str
    scenario: str
    draw: int | None
    replicate: int
    seconds: float = 0.0
    burn_in_seconds: float = 0.0
    error: str = ""
    traceback: str = ""
    point: str = ""

    @property
    def run(self) -> str:
        """The name of the run in shards and indexes."""
        return self.identity[:ID_LENGTH]

    @property
    def failure(self) -> Failure | None:
        """The run as a Failure, or None if it succeeded."""
        if not self.error:
            return None
        return Failure(
            self.scenario,
            self.draw,
            self.replicate,
            self.error,
            self.traceback,
            self.identity,
            self.point,
        )


@dataclass(frozen=True)
class Batch:
    """``content``: a Parquet file with RUN and RESULT_COLUMNS, and the records in its metadata."""

    content: bytes

    @cached_property
    def records(self) -> tuple[RunRecord, ...]:
        """The records of all runs of the batch, failed ones too."""
        import pyarrow.parquet as pq

        return records_of(pq.read_metadata(io.BytesIO(self.content)).metadata)


def records_of(metadata: Mapping[bytes, bytes] | None) -> tuple[RunRecord, ...]:
    """The records in a shard's metadata. Raises KeyError, ValueError or TypeError without them."""
    facts = json.loads((metadata or {})[_META])
    return tuple(RunRecord(**record) for record in facts["runs"])


def run_batch(specs: Sequence[RunSpec]) -> Batch:
    """Run specs on this process; those that fail are in the records, and the others go on."""
    results, failures, _, _ = run_specs(specs)
    return pack(results, failures)


def lost_batch(specs: Sequence[RunSpec], error: BaseException) -> Batch:
    """The batch of specs whose worker died: all of them failed."""
    return pack([], [failure_of(spec, error) for spec in specs])


def pack(results: Iterable[RunResult], failures: Iterable[Failure]) -> Batch:
    """Results and failures as one batch."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    burnt: set[tuple[Any, ...]] = set()
    tables: list[pd.DataFrame] = []
    records: list[RunRecord] = []
    for result in results:
        spec = result.spec
        first = spec.burn_in_key not in burnt
        burnt.add(spec.burn_in_key)
        took = result.burn_in_seconds if first else 0.0
        record = RunRecord(
            spec.identity,
            spec.scenario.id,
            spec.draw,
            spec.replicate,
            result.seconds,
            took,
            point=spec.point,
        )
        records.append(record)
        tables.append(result.table.assign(**{RUN: record.run}))
    records += [
        RunRecord(
            failure.identity,
            failure.scenario,
            failure.draw,
            failure.replicate,
            error=failure.error,
            traceback=failure.traceback,
            point=failure.point,
        )
        for failure in failures
    ]
    table = pd.concat(tables, ignore_index=True) if tables else empty_table().assign(**{RUN: ""})
    arrow = pa.Table.from_pandas(table[[RUN, *RESULT_COLUMNS]], preserve_index=False)
    meta = {
        **(arrow.schema.metadata or {}),
        _META: json.dumps({"runs": [asdict(record) for record in records]}).encode(),
    }
    stream = io.BytesIO()
    pq.write_table(arrow.replace_schema_metadata(meta), stream, compression="zstd")
    return Batch(stream.getvalue())


def at_once(specs: Sequence[RunSpec]) -> int:
    """How many processes can work on specs at the same time: runs of one burn-in stay together
    until there are many."""
    groups = Counter(spec.burn_in_key for spec in specs)
    return max(1, sum(-(-n // FEWEST_OF_GROUP) for n in groups.values()))


def batches(
    specs: Iterable[RunSpec], slots: Callable[[], int], total: int
) -> Iterator[tuple[RunSpec, ...]]:
    """Cut specs into batches of about BATCH_SECONDS; runs of one burn-in that stand together stay.

    ``slots()`` batches run at a time and ``total`` runs are to be done: batches become smaller
    towards the end, so that no slot waits long for the last one (guided self-scheduling,
    Polychronopoulos & Kuck 1987). Where thousands of runs share a burn-in they are cut all the
    same, so that the burn-ins that are made again cost a twentieth at most.
    """
    batch: list[RunSpec] = []
    group: list[RunSpec] = []
    seconds, group_seconds, left = 0.0, 0.0, total
    most = 0
    for spec in specs:
        same = bool(batch) and spec.burn_in_key == batch[-1].burn_in_key
        burn_in = year_seconds(spec.scale) * BURN_IN_YEARS
        if same:
            long = max(5 * BATCH_SECONDS, BURN_INS_A_GROUP * burn_in)
            full = group_seconds >= long or len(group) >= max(most, FEWEST_OF_GROUP)
            full |= len(batch) >= BATCH_RUNS
        else:
            group, group_seconds = [], 0.0
            full = bool(batch) and (seconds >= BATCH_SECONDS or len(batch) >= most)
        if full:
            left -= len(batch)
            yield tuple(batch)
            batch, group, same = [], [], False
            seconds, group_seconds = 0.0, 0.0
        if not batch:
            # with one slot there is nobody to share the end with
            several = slots()
            most = BATCH_RUNS if several <= 1 else min(BATCH_RUNS, left // (4 * several))
        took = year_seconds(spec.scale) * spec.years
        group_seconds += took
        seconds += took + (0.0 if same else burn_in)
        batch.append(spec)
        group.append(spec)
    if batch:
        yield tuple(batch)
