"""Measures against past growth: the number of projects over both baselines, flat and with trend.

The document's target of 2,200 projects is reached by its own past growth alone in about 3.3 years
(finding C084), so reaching it is no evidence of an effect. Four arms of the same draws and dice
tell the two apart: without and with the measures, without and with past growth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.analyses.attribute.plan import TREND_ARMS, AttributionPlan, AttributionRuns
from sim.analyses.shared.intervals import Floats, clopper_pearson
from sim.analyses.shared.means import MEAN_COLUMNS, mean_frame
from sim.analyses.shared.reached import current_value, share_reached, target_value
from sim.analyses.shared.trend import years_by_growth

if TYPE_CHECKING:
    from sim.analyses.shared.reached import IndicatorLike
    from sim.figures.evidence import Profile

PROJECTS = "M1-KPIop-1"
GROWING = (PROJECTS, "solved_projects", "solved_cumulative")
"""Indicators that past growth moves: the projects themselves and what they solve."""

ARMS = ("baseline_flat", "measures_flat", *TREND_ARMS)

DIFFERENCES: Mapping[str, tuple[str, str]] = {
    "growth_alone": ("baseline_trend", "baseline_flat"),
    "measures_over_flat": ("measures_flat", "baseline_flat"),
    "measures_over_trend": ("measures_trend", "baseline_trend"),
    "measures_less_growth": ("measures_flat", "baseline_trend"),
}
"""Name -> (arm, arm that is taken from it), within each draw and replicate. ``measures_over_flat``
and ``measures_over_trend`` are the effect of the measures over the two baselines, like for like;
``measures_less_growth``: what the measures without growth reach beyond growth without measures."""

GROWTH_COLUMNS = (
    "quantity", "indicator", "fiscal_year", "unit", *MEAN_COLUMNS, "target", "probability_target",
    "probability_low", "probability_high",
)  # fmt: skip
"""``quantity``: an arm (its level, with the chance of the target) or a difference."""


def growth_rows(
    plan: AttributionPlan,
    runs: AttributionRuns,
    cube: Floats,
    indicators: Sequence[IndicatorLike],
    years: Sequence[int],
    profile: Profile,
) -> pd.DataFrame:
    """GROWTH_COLUMNS for those of GROWING that are among ``indicators``.

    ``cube`` [runs, indicators, years]. Empty for a plan without the runs with growth.
    """
    frames = []
    whole = plan.unions[-1]
    for n, indicator in enumerate(indicators):
        if indicator.id not in GROWING or not plan.trend:
            continue
        own = cube[:, n, :]
        arms: tuple[int | str, ...] = (0, whole, *TREND_ARMS)
        of: dict[str, Floats] = {
            arm: np.moveaxis(runs.of(plan, own, what), 2, 0)
            for arm, what in zip(ARMS, arms, strict=True)
        }
        target = target_value(indicator, profile)
        for name in ARMS:
            frame = mean_frame(of[name]).assign(quantity=name)
            frame["target"] = np.nan if target is None else target
            frame["probability_target"] = share_reached(
                of[name].reshape(len(years), -1),
                frame["target"].to_numpy(dtype=np.float64),
                np.full(len(years), indicator.direction, dtype=np.int64),
            )
            # runs of one draw count as one: its replicates share the parameters
            worth = np.full(len(years), float(of[name].shape[1]))
            chance = frame["probability_target"].to_numpy(dtype=np.float64)
            low, high = clopper_pearson(chance, worth)
            frame["probability_low"], frame["probability_high"] = low, high
            frames.append(_placed(frame, indicator, years))
        for name, (arm, less) in DIFFERENCES.items():
            frame = mean_frame(of[arm] - of[less]).assign(quantity=name)
            frame["target"] = frame["probability_target"] = np.nan
            frame["probability_low"] = frame["probability_high"] = np.nan
            frames.append(_placed(frame, indicator, years))
    if not frames:
        return pd.DataFrame(columns=list(GROWTH_COLUMNS))
    return pd.concat(frames, ignore_index=True)[list(GROWTH_COLUMNS)]


def _placed(frame: pd.DataFrame, indicator: IndicatorLike, years: Sequence[int]) -> pd.DataFrame:
    return frame.assign(indicator=indicator.id, unit=indicator.unit, fiscal_year=list(years))


def growth_facts(rows: pd.DataFrame, profile: str) -> dict[str, Any]:
    """The finding in numbers: arithmetic of the document, and what the runs show.

    ``years_by_growth``: years in which past growth alone takes the projects from the current
    value to the target (C084), None without growth; ``current`` and ``target`` of it;
    ``first_year``: arm -> first fiscal year in which at least half of its runs reach the target,
    None within the horizon.
    """
    from sim.figures.evidence import load_profile
    from sim.model.indicators import INDICATORS

    evidence = load_profile(profile)
    years = years_by_growth(profile)
    projects = INDICATORS[PROJECTS]
    first: dict[str, int | None] = {}
    for arm in ARMS:
        mine = rows.loc[(rows["quantity"] == arm) & (rows["indicator"] == PROJECTS)]
        hit = mine.loc[mine["probability_target"] >= 0.5, "fiscal_year"]
        first[arm] = int(hit.min()) if len(hit) else None
    return {
        "finding": "C084",
        "years_by_growth": years if math.isfinite(years) else None,
        "current": current_value(projects, evidence),
        "target": target_value(projects, evidence),
        "first_year": first if len(rows) else {},
    }
