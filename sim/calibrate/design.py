"""The designed runs of a calibration: points in parameter space, run once, kept, resumed.

Points are given by normal scores: coordinate j of a point is z, and the parameter is the quantile
of its prior at Phi(z), so that the prior of z is standard normal in every direction. Values are
rounded to single precision before anything is fitted: what is stored is what was used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import ContentError
from sim.base.files import atomic_write
from sim.base.randomness import KeyedRandom
from sim.calibrate.simulate import simulate
from sim.calibrate.targets import Target

if TYPE_CHECKING:
    from sim.figures.parameter import ParameterTable
    from sim.runs.workers import Engine

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

CHUNK = 32
"""Runs in one stored piece: the most that an interruption can lose per worker."""

COMMON_REPLICATES = 8
"""Replicates that the points of a design share in turn (common random numbers)."""

OWN_REPLICATES = 1_000_000
"""First replicate number of points that have luck of their own (the second wave)."""

TRUTH = 3
"""Code in column ``wave`` of rows of the second wave that are kept apart as synthetic truths."""

_META = b"kyodo_design"


@dataclass(frozen=True)
class DesignRuns:
    """Runs of a design, row by row.

    ``z`` [rows, parameters], ``replicate`` [rows]; ``wave`` [rows]: 1 for points of the prior, 2
    for points that the screen left, 3 for those of them that are kept apart as synthetic truths;
    ``outputs`` [rows, targets] in the units of the targets, NaN where the model has no value.
    Columns are named by ``ids`` and ``columns``.
    """

    key: str
    ids: tuple[str, ...]
    columns: tuple[str, ...]
    z: Floats
    replicate: NDArray[np.int64]
    wave: NDArray[np.int64]
    outputs: Floats

    @property
    def truths(self) -> NDArray[np.bool_]:
        """Rows that serve as synthetic truths."""
        kept: NDArray[np.bool_] = self.wave == TRUTH
        return kept

    def rows(self, chosen: NDArray[np.bool_] | slice) -> DesignRuns:
        """The rows that are chosen."""
        return replace(
            self, z=self.z[chosen], replicate=self.replicate[chosen], wave=self.wave[chosen],
            outputs=self.outputs[chosen],
        )  # fmt: skip

    def joined(self, *others: DesignRuns) -> DesignRuns:
        """These rows, then those of the others."""
        every = (self, *others)
        return replace(
            self, z=np.vstack([d.z for d in every]), outputs=np.vstack([d.outputs for d in every]),
            replicate=np.concatenate([d.replicate for d in every]),
            wave=np.concatenate([d.wave for d in every]),
        )  # fmt: skip


@dataclass(frozen=True)
class WavePoints:
    """Points to run: ``z`` [rows, parameters] and ``replicate`` [rows], of one wave."""

    wave: int
    z: Floats
    replicate: NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """One piece of a design for a worker."""

    number: int
    z: Floats
    replicate: NDArray[np.int64]
    targets: tuple[Target, ...]
    profile: str
    scale: float
    seed: int


def singles(x: Floats) -> Floats:
    """Rounded to single precision."""
    return x.astype(np.float32).astype(np.float64)


def sobol_normal(rows: int, parameters: int, seed: int) -> Floats:
    """``rows`` (a power of two) scrambled Sobol' points as normal scores [rows, parameters]."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    from sim.base.randomness import generator

    sampler = qmc.Sobol(parameters, scramble=True, rng=generator(seed, "sobol"))
    u = sampler.random_base2(int(np.log2(rows)))
    half = 0.5 / rows
    return singles(ndtri(np.clip(u, half, 1.0 - half)))


def prior_points(rows: int, parameters: int, seed: int) -> WavePoints:
    """The first wave: space-filling over the prior, replicates shared in turn."""
    z = sobol_normal(rows, parameters, seed)
    return WavePoints(1, z, np.arange(rows, dtype=np.int64) % COMMON_REPLICATES)


def parameters_of(table: ParameterTable, z: Floats) -> dict[str, float]:
    """The calibrated parameters of one point z [parameters], in natural units."""
    from scipy.special import ndtr

    u = np.clip(ndtr(z), 1e-12, 1.0 - 1e-12)
    free = table.calibrated()
    return {p.id: p.quantile(float(x)) for p, x in zip(free, u, strict=True)}


def run_task(task: Task) -> tuple[int, Floats]:
    """Run one piece; the outputs [rows, targets] rounded to single precision."""
    from sim.figures.parameters import load_parameters

    table = load_parameters(task.profile, posterior=False)
    rows = []
    for z, replicate in zip(task.z, task.replicate, strict=True):
        p = table.resolve(parameters_of(table, z))
        random = KeyedRandom(task.seed, None, int(replicate))
        rows.append(simulate(task.targets, p, table.ward_features, random, task.scale))
    return task.number, singles(np.array(rows, dtype=np.float64))


def run_points(
    points: WavePoints,
    targets: Sequence[Target],
    ids: tuple[str, ...],
    *,
    profile: str,
    key: str,
    scale: float,
    seed: int,
    folder: Path,
    workers: int,
    engine: Engine | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> DesignRuns:
    """Run the points on ``workers`` processes, or on an engine's.

    Pieces in ``folder`` are read instead of run again.

    A piece of another design (other model, figures, targets, points) is run again. The result does
    not depend on the number of workers nor on interruptions. Raises KyodoError where a piece takes
    its worker down twice.
    """
    from sim.runs.workers import map_tasks, took_down

    columns = tuple(t.id for t in targets)
    total = len(points.z)
    wave = np.full(total, points.wave, dtype=np.int64)
    whole = DesignRuns(
        key, ids, columns, points.z, points.replicate, wave, np.empty((total, 0))
    )  # without outputs
    runs = {n: whole.rows(slice(a, a + CHUNK)) for n, a in enumerate(range(0, total, CHUNK))}
    path = {n: folder / f"wave{points.wave}-{n:04d}.parquet" for n in runs}
    done: dict[int, DesignRuns] = {}
    for n in runs:
        found = _matching(path[n], runs[n])
        if found is not None:
            done[n] = found
    progress(sum(len(r.z) for r in done.values()), total)

    def finished(outcome: tuple[int, Floats]) -> None:
        n, outputs = outcome
        done[n] = replace(runs[n], outputs=outputs)
        write_design(done[n], path[n])
        progress(sum(len(r.z) for r in done.values()), total)

    tasks = [
        Task(n, r.z, r.replicate, tuple(targets), profile, scale, seed)
        for n, r in runs.items()
        if n not in done
    ]
    map_tasks(
        run_task, tasks, min(workers, max(1, len(tasks))), finished,
        lambda task, error: took_down(f"piece {task.number} of wave {points.wave}", error), engine,
    )  # fmt: skip
    return done[0].joined(*(done[n] for n in range(1, len(runs))))


def _matching(path: Path, wanted: DesignRuns) -> DesignRuns | None:
    """The stored piece if it is whole and of the same points, else None: it is run again."""
    if not path.is_file():
        return None
    try:
        found = read_design(path)
    except ContentError:
        return None
    same = (
        found.key == wanted.key
        and found.ids == wanted.ids
        and found.columns == wanted.columns
        and np.array_equal(found.z, wanted.z)
        and np.array_equal(found.replicate, wanted.replicate)
    )
    return found if same else None


def write_design(runs: DesignRuns, path: Path, more: Mapping[str, Any] | None = None) -> None:
    """Write runs as Parquet, single precision; the same runs give the same bytes.

    ``more``: what else the file shall say, plain values by name (see `read_meta`).
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays: dict[str, pa.Array] = {
        "wave": pa.array(runs.wave.astype(np.int8)),
        "replicate": pa.array(runs.replicate),
    }
    arrays |= {
        f"z {id}": pa.array(runs.z[:, j].astype(np.float32)) for j, id in enumerate(runs.ids)
    }
    arrays |= {
        f"y {id}": pa.array(runs.outputs[:, j].astype(np.float32))
        for j, id in enumerate(runs.columns)
    }
    meta = json.dumps({"key": runs.key, **(more or {})}, sort_keys=True)
    table = pa.table(arrays).replace_schema_metadata({_META: meta})
    with atomic_write(path) as file:
        pq.write_table(table, file, compression="zstd")


def read_meta(path: Path) -> dict[str, Any]:
    """What a file of stored runs says beside the runs. ContentError for a file that is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        content = json.loads((pq.read_schema(path).metadata or {})[_META])
        return dict(content)
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        raise ContentError(f"no stored runs of a calibration ({error})", path) from None


def read_design(path: Path) -> DesignRuns:
    """Read stored runs. ContentError for a file that holds none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    key = str(read_meta(path)["key"])
    try:
        table = pq.read_table(path)
        names = table.schema.names
        ids = tuple(n[2:] for n in names if n.startswith("z "))
        columns = tuple(n[2:] for n in names if n.startswith("y "))
        return DesignRuns(
            key,
            ids,
            columns,
            np.column_stack([np.asarray(table[f"z {i}"], dtype=np.float64) for i in ids]),
            np.asarray(table["replicate"], dtype=np.int64),
            np.asarray(table["wave"], dtype=np.int64),
            np.column_stack([np.asarray(table[f"y {c}"], dtype=np.float64) for c in columns]),
        )
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        raise ContentError(f"no stored runs of a calibration ({error})", path) from None
