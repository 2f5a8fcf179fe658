"""A design run at once, as tests of runs need it: all numbers in one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.runs.run_all import Results, run_all
from sim.runs.runner import Failure
from sim.runs.spec import Design


@dataclass
class DesignRuns:
    """All runs of a design: ``table`` (RESULT_COLUMNS, sorted), failures and timings."""

    results: Results
    table: pd.DataFrame

    @property
    def failures(self) -> tuple[Failure, ...]:
        return self.results.failures

    @property
    def timings(self) -> dict[str, float]:
        return self.results.timings

    @property
    def reused(self) -> int:
        return self.results.reused


def run_design(design: Design, **how: Any) -> DesignRuns:
    """Run a design; ``how``: see ``run_all``."""
    found = run_all(list(design), **how)
    return DesignRuns(found, found.tidy())
