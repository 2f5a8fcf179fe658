"""A stand-in for the model: an attribution whose answers are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analyses.attribute.estimate import Attribution, attribute
from sim.analyses.attribute.plan import AttributionPlan, AttributionRuns, make_plan, plan_runs
from sim.analyses.shared.trend import TREND
from sim.model.indicators import INDICATORS
from sim.runs.spec import RunSpec
from sim.scenario.reader import load_scenario
from sim.scenario.types import Scenario

Floats = NDArray[np.float64]

YEARS = (2024, 2025, 2026)
OWN = {f"{m}.{n}": 0.02 * m + 0.004 * n for m in (1, 2, 3) for n in range(1, 6)}
"""What each initiative adds to a share by itself, in the last year."""


@dataclass(frozen=True)
class Game:
    """Plan, runs, values and tables of a made-up study."""

    plan: AttributionPlan
    runs: AttributionRuns
    cube: Floats
    tables: Attribution
    indicators: dict[str, Any] = field(default_factory=dict)


def spec(scenario: Scenario, draw: int, replicate: int) -> RunSpec:
    return RunSpec(scenario, draw=draw, replicate=replicate, years=3)


def share(of: RunSpec, year: int) -> float:
    """A share: additive, but for an interaction of 1.1 with 2.1 and of measures 1 and 3 entire."""
    on = of.scenario.initiatives
    scale = (year - 2023) / 3 * (1 + 0.1 * np.sin(of.draw or 0) + 0.02 * np.cos(of.replicate))
    total = sum(OWN[name] for name in on)
    total += 0.05 * ("1.1" in on and "2.1" in on)
    return float(0.1 + total / 2 * scale)


def count(of: RunSpec, year: int) -> float:
    """A number of projects: each initiative adds 10, past growth multiplies."""
    growth = of.scenario.parameters.get(TREND, 0.0)
    own = 10.0 * len(of.scenario.initiatives) + 7.0 * (of.draw or 0)
    return float((1850 + own) * np.exp(growth * (year - 2023)))


def delivery(of: RunSpec, year: int) -> float:
    """What initiative 2.4 alone hands out; zero without it."""
    return 800.0 * ("2.4" in of.scenario.initiatives)


FORMULAS: dict[str, Callable[[RunSpec, int], float]] = {
    "M1-KGI-1": share,
    "M1-KPIop-1": count,
    "M2-KPIop-1": delivery,
}


@cache
def game(
    scenario: str = "all_measures",
    draws: int = 12,
    replicates: int = 1,
    permutations: int = 2,
    trend: bool = True,
) -> Game:
    """An attribution of FORMULAS."""
    base = load_scenario(scenario)
    plan = make_plan(
        base, draws=draws, replicates=replicates, permutations=permutations, seed=1, trend=trend
    )
    runs = plan_runs(plan, spec, "document")
    cube = np.array([[[f(s, y) for y in YEARS] for f in FORMULAS.values()] for s in runs.specs])
    indicators = {name: INDICATORS[name] for name in FORMULAS}
    tables = attribute(plan, runs, cube, list(indicators.values()), YEARS)
    return Game(plan, runs, cube, tables, indicators)
