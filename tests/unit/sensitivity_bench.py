"""A subject of a sensitivity study whose runs are a formula: no model, known answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.analyses.sensitivity.indices import Floats
from sim.analyses.sensitivity.points import AskedIndicator
from sim.analyses.shared.factors import factors_of
from sim.runs.spec import RunSpec
from sim.scenario.reader import load_scenario

STRONG, WEAK = "initiative.2.3.own_log", "collaboration.admin_share"


@dataclass(frozen=True)
class FakeResults:
    """Results of a formula: one value per run and year."""

    specs: Sequence[RunSpec]
    array: Floats
    years: tuple[int, ...]

    def require_whole(self, indicators: Sequence[str] = ()) -> None:
        """No run fails."""

    def values(self, indicator: str) -> Floats:
        """The one indicator."""
        return self.array


class Bench:
    """A subject whose runs are a formula of a few parameters; keeps what was asked for."""

    def __init__(self, effect: bool = True, noise: float = 0.0, level: str = "initiative"):
        self.calls: list[list[RunSpec]] = []
        self.noise, self.hole = noise, -1
        scenario = load_scenario("m2")
        self.subject = AskedIndicator(
            factors=factors_of(scenario, years=3, level=level),
            scenario=scenario,
            baseline=load_scenario("baseline") if effect else None,
            indicator="solved_cumulative",
            spec=self.spec,
            run=self.run,
            set_by_user={},
        )

    def spec(self, scenario: Any, draw: Any, replicate: int, **more: Any) -> RunSpec:
        return RunSpec(scenario, draw=draw, replicate=replicate, years=3, **more)

    def run(self, specs: Sequence[RunSpec], what: str) -> Any:
        self.calls.append(list(specs))
        rows = []
        for n, spec in enumerate(specs):
            p = dict(spec.parameters)
            # the same luck for a replicate; the level of both scenarios hangs on WEAK
            base = 100.0 + 40.0 * p[WEAK] + 5.0 * spec.replicate
            gain = 10.0 * p[STRONG] + 2.0 * p[WEAK] if spec.scenario.id == "m2" else 0.0
            luck = self.noise * np.sin(1e4 * p[WEAK] + 7.0 * spec.replicate) * (gain != 0)
            rows.append([np.nan, base + gain + luck, base + 2 * gain + luck])
            if n == self.hole:
                rows[-1][2] = np.nan
        return FakeResults(specs, np.array(rows), (2024, 2025, 2026))
