"""Targets and current values of indicators, and how many targets a run reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import pandas as pd

if TYPE_CHECKING:
    from sim.evidence import Profile

RUN = ["draw", "replicate"]
"""Columns that name a run within a scenario."""

ANY_PLACE_UNITS = ("share", "ratio")
"""Units whose targets also hold for one ward or one month; other targets are for all 23 wards."""


class IndicatorLike(Protocol):
    """What the comparison needs of an indicator (``sim.indicators.Indicator`` has it)."""

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
    """The target of an indicator in its own unit, or None where it has none.

    An index (100 = base) whose target is printed as a relative rise ("30 % up") gets 100 x 1.30.
    """
    if indicator.target is None:
        return None
    value = float(profile.value(indicator.target))
    if indicator.unit == "index":
        unit = str(profile[indicator.target].unit)
        if unit.startswith("relative change"):
            return 100 * (1 + value)
    return value


def current_value(indicator: IndicatorLike, profile: Profile) -> float | None:
    """The document's current value of an indicator, or None where it prints none."""
    return None if indicator.current is None else float(profile.value(indicator.current))


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
    gap = (part["value"].where(part["status"] == "ok") - target) * direction
    part["reached"] = gap >= -1e-9 * target.abs()
    part["kind"] = part["indicator"].map({k: indicators[k].kind for k in used})
    counts = part.groupby(["scenario", "kind", *RUN], sort=False)["reached"].sum()
    by_class = counts.groupby(level=["scenario", "kind"], sort=False)
    out = by_class.agg(mean="mean", median="median", low="min", high="max").reset_index()
    sizes = pd.Series([indicators[k].kind for k in used]).value_counts()
    out.insert(2, "targets", out["kind"].map(sizes).astype("int64"))
    return out
