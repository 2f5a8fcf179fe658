"""What the report is given: an indicator as it needs it, and the facts of the runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from sim.analyses.shared.intervals import MIN_RUNS_CLEAR, interval_kind
from sim.analyses.shared.reached import IndicatorLike
from sim.pages.labels import Labels, Named

if TYPE_CHECKING:
    from sim.analyses.compare.interval_parts_table import IntervalParts
    from sim.figures.evidence import Profile


class ReportIndicator(IndicatorLike, Named, Protocol):
    """An indicator (``sim.model.indicators.Indicator`` has all of this)."""

    @property
    def measured_as(self) -> str: ...
    @property
    def evidence(self) -> Sequence[str]: ...
    @property
    def limits(self) -> str: ...


class ReportScenario(Named, Protocol):
    """A scenario (``sim.scenario.types.Scenario`` has all of this)."""

    @property
    def id(self) -> str: ...
    @property
    def initiatives(self) -> Mapping[str, Any]: ...


class ReportInitiative(Named, Protocol):
    """An initiative (the classes in ``sim.model.measures.INITIATIVES`` have all of this)."""

    @property
    def claims(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Facts:
    """How the numbers came about, from ``manifest.json`` and the rows.

    ``provisional``: parameters behind them are not calibrated for the profile. ``posterior``: the
    profile whose calibration they are drawn from, None without one.
    """

    draws: int
    replicates: int
    runs: int
    scale: str
    seed: str
    years: int
    first_year: int
    last_year: int
    profile: str
    discounts: tuple[str, ...]
    overrides: Mapping[str, Any]
    versions: Mapping[str, str]
    seconds: float | None
    command: str
    provisional: bool
    posterior: str | None = None

    @property
    def calibration(self) -> str:
        """Where the parameters of behaviour come from: "calibrated" for the profile that is used,
        "borrowed" from the calibration for ``posterior``, another profile, or "none"."""
        if not self.provisional:
            return "calibrated"
        return "none" if self.posterior is None else "borrowed"

    @property
    def interval_kind(self) -> str:
        """ "p05_p95", or "range" under 50 draws."""
        return interval_kind(self.draws)

    def interval(self, labels: Labels) -> str:
        """What an interval is called."""
        return labels.interval(self.interval_kind, self.draws * self.replicates)

    def discount(self, labels: Labels) -> str:
        """The discount modes in words."""
        return ", ".join(labels.discount(mode) for mode in self.discounts)


@dataclass(frozen=True)
class Parts:
    """What a report is made of. ``reached``, ``impact``: ``targets_reached`` and
    ``impact_chances`` at the horizon. ``shares``: what the intervals come from, if it is known."""

    rows: pd.DataFrame
    reached: pd.DataFrame
    impact: pd.DataFrame
    indicators: Mapping[str, ReportIndicator]
    scenarios: Mapping[str, ReportScenario]
    initiatives: Mapping[str, ReportInitiative]
    facts: Facts
    profile: Profile
    credits: Sequence[str]
    shares: IntervalParts | None = None


def facts_of(rows: pd.DataFrame, manifest: Mapping[str, Any]) -> Facts:
    """The facts of a study: from its rows, and from the manifest as ``sim.runs`` writes it."""
    design: Mapping[str, Any] = manifest.get("design", {})
    discount = design.get("discount", {})
    modes = [str(m) for m in discount.values()] if isinstance(discount, Mapping) else [discount]
    versions = {"kyodo": manifest.get("kyodo"), "python": manifest.get("python")}
    versions |= dict(manifest.get("packages", {}))
    command = manifest.get("command", "")
    first, last = int(rows["fiscal_year"].min()), int(rows["fiscal_year"].max())
    return Facts(
        draws=int(rows["draws"].max()),
        replicates=int(rows["replicates"].max()),
        runs=int(rows.groupby("scenario")["runs"].max().sum()),
        scale=str(design.get("scale", "–")),
        seed=str(design.get("seed", "–")),
        years=last - first + 1,
        first_year=first,
        last_year=last,
        profile=str(design.get("profile") or "document"),
        discounts=tuple(dict.fromkeys(modes)),
        overrides=dict(design.get("parameters", {})),
        versions={k: str(v) for k, v in versions.items() if v},
        seconds=manifest.get("timings", {}).get("wall_seconds"),
        command=command if isinstance(command, str) else " ".join(command),
        provisional=bool(rows["provisional"].any()),
        posterior=(manifest.get("interval", {}).get("posterior") or {}).get("profile"),
    )


def city(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of all wards together and whole fiscal years."""
    keep = pd.Series(True, index=rows.index)
    for column, value in (("ward", "all"), ("month", "")):
        if column in rows:
            keep &= rows[column] == value
    return rows.loc[keep]


Row = Mapping[str, Any]
"""One row of the comparison: column -> value."""


def missing(value: object) -> bool:
    """Whether a figure of a row is not there (NaN)."""
    return value is None or value != value


def cells_of(rows: pd.DataFrame) -> dict[tuple[str, int], dict[str, Row]]:
    """Rows of all wards and whole years by (indicator, fiscal year), then by scenario."""
    out: dict[tuple[str, int], dict[str, Row]] = {}
    for record in city(rows).to_dict(orient="records"):
        row = {str(column): value for column, value in record.items()}
        out.setdefault((row["indicator"], row["fiscal_year"]), {})[row["scenario"]] = row
    return out


def clear(row: Row) -> bool:
    """Whether a row's effect is clear: its interval excludes zero, over at least ten runs."""
    enough = row["runs_available"] >= MIN_RUNS_CLEAR
    return bool(enough and (row["effect_low"] > 0 or row["effect_high"] < 0))
