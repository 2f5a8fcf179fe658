"""Attribution and sensitivity in one call each, for notebooks: nothing is written, one process.

The commands ``kyodo attribute`` and ``kyodo sensitivity`` run the same experiments with folders,
several processes, checks and reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sim.analyses.shared.values import known_indicator
from sim.base.errors import KyodoError
from sim.base.scale import parse_scale
from sim.scenario.reader import load_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from sim.analyses.attribute.estimate import Attribution
    from sim.analyses.sensitivity.estimate import Sensitivity
    from sim.runs.run_all import Results
    from sim.runs.spec import RunSpec
    from sim.scenario.types import Scenario


def attribute(
    scenario: str | Path | Scenario = "all_measures",
    indicators: Sequence[str] = ("M1-KGI-1",),
    *,
    draws: int = 50,
    scale: str | float | Fraction = "1/100",
    years: int = 10,
    permutations: int = 0,
    seed: int = 0,
    profile: str = "document",
) -> Attribution:
    """What each measure (and, with ``permutations`` > 0, each initiative) adds to the effect.

    Runs 2^measures sets of every draw. Raises UsageError; KyodoError where a run failed.
    """
    from sim.analyses.attribute.estimate import attribute as divided
    from sim.analyses.attribute.plan import make_plan, plan_runs
    from sim.model.indicators import INDICATORS

    chosen = [INDICATORS[known_indicator(i)] for i in indicators]
    plan = make_plan(
        load_scenario(scenario, years), draws=draws, permutations=permutations, seed=seed,
        trend=False,
    )  # fmt: skip
    runs = plan_runs(plan, _specs(scale, years, seed, profile), profile)
    results = _run(runs.specs)
    return divided(plan, runs, results.cube(list(indicators)), chosen, results.years)


def sensitivity(
    scenario: str | Path | Scenario = "all_measures",
    indicator: str = "M1-KGI-1",
    *,
    points: int = 256,
    method: str = "morris",
    effect: bool = True,
    scale: str | float | Fraction = "1/1000",
    years: int = 10,
    level: str = "initiative",
    seed: int = 0,
    profile: str = "document",
) -> Sensitivity:
    """Which unknowns move the effect (or the level) of a scenario on an indicator.

    ``points``, ``method``, ``level``: as in ``kyodo sensitivity`` (docs/sensitivity.md). Raises
    UsageError, and KyodoError where a run failed.
    """
    from sim.analyses.sensitivity.estimate import AskedIndicator, choose, study
    from sim.analyses.shared.factors import COST_INDICATORS, factors_of

    known_indicator(indicator)
    chosen = load_scenario(scenario, years)
    factors = factors_of(
        chosen, profile=profile, years=years, level=level, costs=indicator in COST_INDICATORS
    )
    question = AskedIndicator(
        factors=factors,
        scenario=chosen,
        baseline=load_scenario("baseline", years) if effect else None,
        indicator=indicator,
        spec=_specs(scale, years, seed, profile),
        run=lambda specs, what: _run(specs),
        set_by_user={},
        seed=seed,
    )
    return study(question, choose(method, points, len(factors.names)))


def _specs(scale: str | float | Fraction, years: int, seed: int, profile: str) -> Any:
    from sim.runs.spec import RunSpec

    exact = parse_scale(scale)

    def spec(scenario: Scenario, draw: int | None, replicate: int = 0, **more: Any) -> RunSpec:
        return RunSpec(
            scenario, scale=exact, seed=seed, draw=draw, replicate=replicate, years=years,
            profile=profile, **more,
        )  # fmt: skip

    return spec


def _run(specs: Sequence[RunSpec]) -> Results:
    from sim.runs.run_all import run_all

    results = run_all(specs)
    if results.failures:
        first = results.failures[0]
        raise KyodoError(f"{first.name} failed: {first.error}")
    return results
