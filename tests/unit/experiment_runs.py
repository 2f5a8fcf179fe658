"""Made-up runs for experiments: results computed from the parameters of the specs, no model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.runs.spec import RunSpec

Floats = NDArray[np.float64]
Formula = Callable[[RunSpec, Mapping[str, float]], Mapping[str, float]]
"""Indicator -> value in every year, of a run and its parameters."""


class MadeUp:
    """Looks like ``sim.runs.run_all.Results``; an indicator that the formula lacks is NaN."""

    def __init__(self, specs: Sequence[RunSpec], formula: Formula) -> None:
        self.specs = tuple(specs)
        self.failures: tuple[Any, ...] = ()
        self.years = tuple(range(2024, 2024 + self.specs[0].years))
        self.rows = [formula(spec, spec.resolved) for spec in self.specs]
        self.asked: list[Sequence[str]] = []

    def cube(self, indicators: Sequence[str]) -> Floats:
        each = [[row.get(id, np.nan) for id in indicators] for row in self.rows]
        values = np.array(each, dtype=np.float64)
        return np.repeat(values[:, :, None], len(self.years), axis=2)

    def values(self, indicator: str) -> Floats:
        return self.cube([indicator])[:, 0, :]

    def require_whole(self, indicators: Sequence[str] = ()) -> None:
        self.asked.append(indicators)
        assert np.isfinite(self.cube(indicators)).all()


class Runner:
    """``spec`` and ``run`` as experiments take them; ``studies``: what was run, in order."""

    def __init__(self, formula: Formula, years: int = 2, profile: str = "document") -> None:
        self.formula, self.years, self.profile = formula, years, profile
        self.studies: list[MadeUp] = []

    def spec(self, scenario: Any, draw: int | None, replicate: int = 0, **more: Any) -> RunSpec:
        return RunSpec(
            scenario, draw=draw, replicate=replicate, years=self.years, profile=self.profile, **more
        )

    def run(self, specs: Sequence[RunSpec], what: str) -> MadeUp:
        self.studies.append(MadeUp(specs, self.formula))
        return self.studies[-1]
