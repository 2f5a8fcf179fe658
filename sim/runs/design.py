"""A design as a study: its runs, their tidy table, and what of them was already there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.runs.run_all import Progress, run_all
from sim.runs.runner import Failure
from sim.runs.spec import Design

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.store import ResultStore
    from sim.runs.workers import Engine


@dataclass
class DesignResult:
    """All runs of a design: ``table`` (RESULT_COLUMNS, sorted), failures and timings."""

    design: Design
    table: pd.DataFrame
    failures: tuple[Failure, ...]
    timings: dict[str, float]
    reused: int = 0
    """Runs that were read from the store instead of computed."""


def run_design(
    design: Design,
    *,
    workers: int = 1,
    engine: Engine | None = None,
    store: ResultStore | None = None,
    progress: Progress | None = None,
) -> DesignResult:
    """Run a design and put its runs together in one table; see ``run_all``."""
    found = run_all(list(design), workers=workers, engine=engine, store=store, progress=progress)
    return DesignResult(design, found.tidy(), found.failures, found.timings, found.reused)
