"""What past growth alone would do: the second baseline of everything that counts projects.

The document's own growth (evidence ``collab_growth_5y``, x1.3 in five years) takes the projects to
their target without any measure (C084), so that reaching it is no evidence of an effect: what a
plan adds is counted over a flat baseline and over one with that trend (model_rules A3, F).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from sim.base.errors import UsageError
from sim.figures.evidence import load_profile
from sim.scenario.types import Scenario

TREND = "collaboration.trend"
"""The parameter that switches growth of proposals on: ln per year, from the second fiscal year."""
GROWTH = "collab_growth_5y"
GROWTH_YEARS = 5
"""Years over which the document counts that growth."""
PROJECTS_NOW = "m1_kpiop1_projects_current"
PROJECTS_TARGET = "m1_kpiop1_projects_target"


def trend_rate(profile: str = "document") -> float:
    """Past growth of the projects in a profile, ln per year (0.0525 in the document)."""
    return math.log(load_profile(profile).value(GROWTH)) / GROWTH_YEARS


def years_by_growth(profile: str = "document") -> float:
    """Years in which that growth alone takes the projects from the current value to the target.

    3.3 in the document (C084). Infinite where there was no growth.
    """
    evidence = load_profile(profile)
    rate = trend_rate(profile)
    if rate <= 0:
        return math.inf
    return max(0.0, math.log(evidence.value(PROJECTS_TARGET) / evidence.value(PROJECTS_NOW)) / rate)


def with_trend(scenario: Scenario, profile: str = "document") -> Scenario:
    """The scenario in a world in which past growth goes on. Same id."""
    return replace(scenario, parameters={**scenario.parameters, TREND: trend_rate(profile)})


def refuse_trend(parameters: Mapping[str, float]) -> None:
    """Raise UsageError where ``parameters`` (those of ``--set``) hold the trend itself.

    For commands that switch growth themselves: both baselines would grow alike, or the words would
    be wrong.
    """
    if TREND in parameters:
        raise UsageError(
            f"{TREND} cannot be set here: this command switches past growth on and off by itself"
        )
