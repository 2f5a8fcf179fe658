"""Targets and current values of indicators, when a value reaches a target, and how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sim.analyses.shared.intervals import Floats, available

if TYPE_CHECKING:
    from sim.figures.evidence import Profile

RUN = ["draw", "replicate"]
"""Columns that name a run within a scenario."""

ANY_PLACE_UNITS = ("share", "share per year")
"""Units whose targets also hold for one ward or one month; others are for all wards together."""


IMPACT = "M3-KGI-1"
IMPACT_READINGS = ("impact_solved", "impact_product")
"""Auxiliary indicators that read the same goal differently."""


TOLERANCE = 1e-9
"""Rounding error, relative to the target, within which a value still reaches it."""


class IndicatorLike(Protocol):
    """What the comparison needs of an indicator (``sim.model.indicators.Indicator`` has it)."""

    @property
    def id(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def direction(self) -> int: ...
    @property
    def target(self) -> str | None: ...
    @property
    def current(self) -> str | None: ...


def target_value(indicator: IndicatorLike, profile: Profile) -> float | None:
    """The target of an indicator in its own unit (a rise of 30 % is 0.3), or None without one."""
    return None if indicator.target is None else float(profile.value(indicator.target))


def current_value(indicator: IndicatorLike, profile: Profile) -> float | None:
    """The document's current value of an indicator, or None where it prints none."""
    return None if indicator.current is None else float(profile.value(indicator.current))


def margin(values: ArrayLike, target: ArrayLike, direction: ArrayLike) -> Floats:
    """By how much values [...] reach a target: positive beyond it, 0 at it, negative short of it.

    ``direction`` +1: more is better; -1: less is. ``target`` and ``direction`` are of the values'
    shape or spread over it. What is nearer than TOLERANCE to the target stands at it, so that 0.8
    reaches 0.8 however it was rounded on the way. NaN without a value or a target.
    """
    aim = np.asarray(target, dtype=np.float64)
    gap = (np.asarray(values, dtype=np.float64) - aim) * np.asarray(direction)
    out: Floats = np.where(np.abs(gap) <= TOLERANCE * np.abs(aim), 0.0, gap)
    return out


def is_reached(values: ArrayLike, target: ArrayLike, direction: ArrayLike) -> NDArray[np.bool_]:
    """Whether values reach a target: where the ``margin`` is 0 or more. The one rule.

    A value that is not available (NaN) does not reach, nor does any without a target.
    """
    met: NDArray[np.bool_] = margin(values, target, direction) >= 0.0
    return met


def share_reached(values: Floats, target: Floats, direction: NDArray[np.int64]) -> Floats:
    """Share of runs whose value reaches the target of its cell: [cells], NaN without one.

    ``values`` [cells, runs]; runs without a value are left out, and a cell in which too few have
    one (``available``) has no share.
    """
    reached = is_reached(values, target[:, None], direction[:, None])
    counts = np.sum(~np.isnan(values), axis=1)
    share = np.sum(reached, axis=1) / np.maximum(counts, 1)
    return np.where(available(values) & ~np.isnan(target), share, np.nan)


def key_years(fiscal_years: Sequence[int], at: Sequence[int] = (3, 5, 10)) -> dict[int, int]:
    """Years after the start at which to report -> fiscal year; the horizon is always among them.

    ``key_years(range(2024, 2034))`` is ``{3: 2026, 5: 2028, 10: 2033}``.
    """
    first, last = min(fiscal_years), max(fiscal_years)
    years = {n: first + n - 1 for n in sorted(at) if first + n - 1 <= last}
    years[last - first + 1] = last
    return years


def targets_reached(
    results: pd.DataFrame,
    indicators: Mapping[str, IndicatorLike],
    profile: Profile,
    fiscal_year: int,
) -> pd.DataFrame:
    """How many targets a run reaches in a fiscal year, per class; the two are never summed.

    Columns: scenario, kind (outcome | delivery), targets (how many the class has), mean, median,
    low, high (fewest and most over the runs). A value that is not available does not reach.
    """
    targets = {k: target_value(i, profile) for k, i in indicators.items()}
    used = {k: t for k, t in targets.items() if t is not None}
    part = results.loc[
        (results["fiscal_year"] == fiscal_year) & (results["ward"] == "all")
        & (results["month"] == "") & results["indicator"].isin(list(used))
    ].copy()  # fmt: skip
    target = part["indicator"].map(used).astype("float64")
    direction = part["indicator"].map({k: indicators[k].direction for k in used})
    value = part["value"].where(part["status"] == "ok")
    part["reached"] = is_reached(value, target, direction)
    part["kind"] = part["indicator"].map({k: indicators[k].kind for k in used})
    counts = part.groupby(["scenario", "kind", *RUN], sort=False)["reached"].sum()
    by_class = counts.groupby(level=["scenario", "kind"], sort=False)
    out = by_class.agg(mean="mean", median="median", low="min", high="max").reset_index()
    sizes = pd.Series([indicators[k].kind for k in used]).value_counts()
    out.insert(2, "targets", out["kind"].map(sizes).astype("int64"))
    return out


def impact_chances(
    results: pd.DataFrame,
    indicators: Mapping[str, IndicatorLike],
    profile: Profile,
    fiscal_year: int,
) -> pd.DataFrame:
    """How often each reading of social impact rises by M3-KGI-1's target in a fiscal year.

    Columns: scenario, indicator (M3-KGI-1 and those of ``IMPACT_READINGS`` that are there), median
    rise, chance. The document does not define the index, so its readings stand side by side
    (model_rules C). Empty without M3-KGI-1.
    """
    columns = ["scenario", "indicator", "median", "chance"]
    goal = target_value(indicators[IMPACT], profile) if IMPACT in indicators else None
    part = results.loc[
        (results["fiscal_year"] == fiscal_year) & (results["ward"] == "all")
        & (results["month"] == "") & results["indicator"].isin([IMPACT, *IMPACT_READINGS])
    ]  # fmt: skip
    if goal is None or part.empty:
        return pd.DataFrame(columns=columns)
    value = part["value"].where(part["status"] == "ok")
    reached = is_reached(value, goal, indicators[IMPACT].direction)
    table = part.assign(value=value, chance=reached.astype("float64"))
    grouped = table.groupby(["scenario", "indicator"], sort=False)
    out = grouped.agg(median=("value", "median"), chance=("chance", "mean")).reset_index()
    return out[columns]
