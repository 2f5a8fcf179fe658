"""Run specs: one run, or a list of them in which runs that share a burn-in branch from one.

Every run is a pure function of its spec, so that neither the number of workers nor the order of
work shows in a result. Layer: above model and ``sim.runs.spec``.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.base.errors import KyodoError
from sim.runs.spec import RunSpec, run_name

if TYPE_CHECKING:
    import pandas as pd

    from sim.model.model import CollaborationModel

RESULT_COLUMNS = (
    "scenario",
    "draw",
    "replicate",
    "fiscal_year",
    "month",
    "ward",
    "indicator",
    "value",
    "status",
)
"""Columns of the tidy results: one row per run, year (month), ward and indicator."""

CENTRAL_DRAW = -1
"""The ``draw`` column of a run with central values."""


def draw_number(draw: int | None) -> int:
    """A run's number in the ``draw`` column."""
    return CENTRAL_DRAW if draw is None else draw


@dataclass(frozen=True)
class Failure:
    """A run that ended with an error: kept, named, and never swallowed."""

    scenario: str
    draw: int | None
    replicate: int
    error: str
    traceback: str
    identity: str = ""
    point: str = ""
    """What sets the run apart from others of its scenario, draw and replicate (``RunSpec``)."""

    @property
    def name(self) -> str:
        """The run in words."""
        return run_name(self.scenario, self.draw, self.replicate, self.point)

    def to_dict(self) -> dict[str, Any]:
        """One row for the manifest."""
        return {
            "name": self.name,
            "scenario": self.scenario,
            "draw": self.draw,
            "replicate": self.replicate,
            "error": self.error,
            "traceback": self.traceback,
        }


@dataclass(frozen=True)
class RunResult:
    """The outcome of one run: ``table`` has RESULT_COLUMNS; seconds exclude the burn-in."""

    spec: RunSpec
    table: pd.DataFrame
    seconds: float
    burn_in_seconds: float


def tidy(records: Iterable[tuple[int, str, str, str, float | None]], spec: RunSpec) -> pd.DataFrame:
    """A model's records as a table with RESULT_COLUMNS. Raises KyodoError on a NaN or infinity."""
    import numpy as np
    import pandas as pd

    rows = list(records)
    values = [row[4] for row in rows]
    if not rows:
        raise KyodoError(f"{spec.name}: the run recorded nothing")
    value = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    status = ["not_available" if v is None else "ok" for v in values]
    bad = [i for i, v in enumerate(values) if v is not None and not np.isfinite(v)]
    if bad:
        year, month, ward, indicator, number = rows[bad[0]]
        raise KyodoError(f"{spec.name}: {indicator} is {number} in {month or year}, ward {ward}")
    table = pd.DataFrame(
        {
            "scenario": spec.scenario.id,
            "draw": np.int64(draw_number(spec.draw)),
            "replicate": np.int64(spec.replicate),
            "fiscal_year": np.array([row[0] for row in rows], dtype=np.int64),
            "month": [row[1] for row in rows],
            "ward": [row[2] for row in rows],
            "indicator": [row[3] for row in rows],
            "value": value,
            "status": status,
        }
    )
    return table[list(RESULT_COLUMNS)]


def empty_table() -> pd.DataFrame:
    """A table with RESULT_COLUMNS and no row."""
    import pandas as pd

    kinds = {"draw": "int64", "replicate": "int64", "fiscal_year": "int64", "value": "float64"}
    return pd.DataFrame({c: pd.Series([], dtype=kinds.get(c, "str")) for c in RESULT_COLUMNS})


def combine(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One table of many, sorted by all key columns, so that no order of work shows in it."""
    import pandas as pd

    tables = [t for t in tables if len(t)]
    if not tables:
        return empty_table()
    table = pd.concat(tables, ignore_index=True)
    return table.sort_values(list(RESULT_COLUMNS[:7]), kind="stable", ignore_index=True)


def _burn_in(spec: RunSpec) -> Any:
    from sim.model.model import BurnIn

    return BurnIn(
        scale=float(spec.scale),
        seed=spec.seed,
        draw=spec.draw,
        replicate=spec.replicate,
        profile=spec.profile,
        parameters=spec.burn_in_overrides,
        years=spec.years,
    )


def _model(burnt: Any, spec: RunSpec) -> CollaborationModel:
    more = {} if spec.effects is None else {"effects": spec.effects}
    model: CollaborationModel = burnt.branch(
        spec.scenario, discount=spec.discount, years=spec.years, by=spec.by, **more
    )
    return model


def models(specs: Iterable[RunSpec]) -> Iterator[tuple[RunSpec, CollaborationModel]]:
    """The model of each spec in month 0, to be stepped by the caller: for a look inside.

    Specs that follow each other with the same burn-in share it. Errors are raised as they are.
    """
    burnt: Any = None
    key: tuple[Any, ...] | None = None
    for spec in specs:
        if spec.burn_in_key != key:
            burnt, key = _burn_in(spec), spec.burn_in_key
        yield spec, _model(burnt, spec)


def _branch(burnt: Any, spec: RunSpec) -> pd.DataFrame:
    model = _model(burnt, spec)
    model.run(collect=False)  # studies read the records
    model.close()
    return tidy(model.records, spec)


def run(spec: RunSpec) -> RunResult:
    """Run one spec in this process. Errors of the model are raised as they are."""
    start = time.perf_counter()
    burnt = _burn_in(spec)
    burnt_at = time.perf_counter()
    table = combine([_branch(burnt, spec)])
    return RunResult(spec, table, time.perf_counter() - burnt_at, burnt_at - start)


def run_specs(specs: Sequence[RunSpec]) -> tuple[list[RunResult], list[Failure], float, int]:
    """Run specs: each distinct burn-in once, then every run that branches from it.

    Returns the runs that succeeded (each with the seconds of its burn-in), those that failed, the
    seconds of all burn-ins and their number. An error in one run becomes a Failure and the others
    go on; an error in a burn-in fails all runs that need it. KeyboardInterrupt is not caught.
    """
    groups: dict[tuple[Any, ...], list[RunSpec]] = {}
    for spec in specs:
        groups.setdefault(spec.burn_in_key, []).append(spec)
    results: list[RunResult] = []
    failures: list[Failure] = []
    burn_in_seconds = 0.0
    for group in groups.values():
        start = time.perf_counter()
        try:
            burnt = _burn_in(group[0])
        except Exception as error:
            failures += [failure_of(spec, error) for spec in group]
            continue
        finally:
            took = time.perf_counter() - start
            burn_in_seconds += took
        for spec in group:
            start = time.perf_counter()
            try:
                table = _branch(burnt, spec)
            except Exception as error:
                failures.append(failure_of(spec, error))
                continue
            results.append(RunResult(spec, table, time.perf_counter() - start, took))
    return results, failures, burn_in_seconds, len(groups)


def failure_of(spec: RunSpec, error: BaseException) -> Failure:
    """The Failure of a run that ended with ``error``, with the full traceback."""
    text = "".join(traceback.format_exception(error))
    short = f"{type(error).__name__}: {error}"
    return Failure(
        spec.scenario.id, spec.draw, spec.replicate, short, text, spec.identity, spec.point
    )
