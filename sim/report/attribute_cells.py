"""Words and figures that the text and the charts of an attribution share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analyses.attribute.estimate import Attribution, Plan
from sim.analyses.attribute.factorial import NATURAL
from sim.analyses.attribute.growth import PROJECTS
from sim.analyses.shared.reached import target_value
from sim.base.strict_yaml import read_yaml
from sim.figures.evidence import load_profile
from sim.pages.labels import LANGUAGES, PERCENT_UNITS, Labels, Named, display_width
from sim.report.preamble import experiment_facts
from sim.report.scope import Facts, ReportIndicator, Row, missing

if TYPE_CHECKING:
    import pandas as pd

Cell = dict[tuple[str, str, int], Row]


@cache
def texts() -> dict[str, dict[str, str]]:
    """All words of attribute.yaml: key -> language -> text."""
    source = read_yaml(Path(str(files("sim.report").joinpath("attribute.yaml"))))
    for key, text in source.data.items():
        source.check_keys(text, set(LANGUAGES), set(LANGUAGES), key)
    return {key: {k: str(v) for k, v in text.items()} for key, text in source.data.items()}


def words(labels: Labels, key: str, **values: object) -> str:
    """The text of ``key`` in the language of ``labels``. Raises KeyError for an unknown key."""
    text = texts()[key][labels.lang]
    return text.format(**values) if values else text


@dataclass(frozen=True)
class AttributionParts:
    """What the report of an attribution is made of.

    ``names``: initiative id, "m1" ... and the scenario's id -> name in both languages.
    ``growth``, ``growth_facts``: ``sim.analyses.attribute.growth``. ``manifest``: of the runs.
    """

    plan: Plan
    tables: Attribution
    growth: pd.DataFrame
    growth_facts: Mapping[str, Any]
    indicators: Mapping[str, ReportIndicator]
    names: Mapping[str, Named]
    manifest: Mapping[str, Any]

    @cached_property
    def facts(self) -> Facts:
        """How the numbers came about."""
        return experiment_facts(self.manifest)

    @property
    def failed(self) -> int:
        """How many runs failed."""
        return int(self.manifest["runs"]["failed"])

    def shares(self, year: int) -> Cell:
        """Rows of ``shares`` in a year by (indicator, id, measure)."""
        rows = self.tables.shares.loc[self.tables.shares["fiscal_year"] == year]
        return {
            (r["indicator"], r["id"] if r["level"] != "total" else "total", r["measure"]): r
            for r in records(rows)
        }

    def interactions(self, year: int) -> dict[tuple[str, str, str, bool], Row]:
        """Rows in a year by (indicator, contrast, factors, whether on the natural scale)."""
        table = self.tables.interactions
        return {
            (r["indicator"], r["contrast"], r["factors"], r["scale"] == NATURAL): r
            for r in records(table.loc[table["fiscal_year"] == year])
        }

    def level(self, indicator: str, scenario: str, year: int) -> Row:
        """The level of an indicator in a scenario (the baseline or the one attributed)."""
        rows = self.tables.levels
        keep = (rows["indicator"] == indicator) & (rows["scenario"] == scenario)
        return next(iter(records(rows.loc[keep & (rows["fiscal_year"] == year)])))

    def target(self, indicator: ReportIndicator) -> float:
        """The target of an indicator; NaN where there is none."""
        value = target_value(indicator, load_profile(self.facts.profile))
        return float("nan") if value is None else value

    def of_kind(self, kind: str) -> list[ReportIndicator]:
        """The attributed indicators of a class."""
        return [i for i in self.indicators.values() if i.kind == kind]


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table."""
    return [{str(k): v for k, v in row.items()} for row in table.to_dict(orient="records")]


def fine(value: float, unit: str, labels: Labels) -> str:
    """A small difference with its sign: +0.12 pt, +3.4; two decimals for points."""
    if missing(value):
        return "–"
    if unit in PERCENT_UNITS:
        text = f"{100 * value:+.2f}"
    elif abs(value) >= 100 or unit.startswith("yen"):
        return labels.difference(value, unit, bare=True)
    else:
        text = f"{value:+.1f}"
    return text if float(text) else text.lstrip("+-")


def mean_cell(row: Row, labels: Labels) -> str:
    """A mean difference with its confidence interval: "+2.10 pt [+1.50, +2.70]"."""
    if missing(row["mean"]):
        return labels("not_available")
    unit = row["unit"]
    end = " pt" if unit in PERCENT_UNITS else ""
    text = fine(row["mean"], unit, labels) + end
    if missing(row["mean_low"]):
        return text
    ends = (fine(row[f"mean_{e}"], unit, labels) for e in ("low", "high"))
    return f"{text} [{', '.join(ends)}]"


def share_cell(row: Row, labels: Labels) -> str:
    """A contribution with its share of the total: "+2.10 pt (35 %) [+1.50, +2.70]"."""
    text = mean_cell(row, labels)
    if missing(row["share"]):
        return text
    value, bracket, rest = text.partition(" [")
    return f"{value} ({percent(row['share'], labels)}){bracket}{rest}"


def percent(share: float, labels: Labels) -> str:
    """A share of a total, which may lie below 0 or above 1: "35 %", "-4 %"."""
    return f"{100 * share:.0f}".replace("-0", "0") + ("%" if labels.lang == "ja" else " %")


def log_cell(row: Row) -> str:
    """A mean on a logarithmic scale with its interval: "+0.021 [-0.003, +0.045]"."""
    if missing(row["mean"]):
        return "–"
    if missing(row["mean_low"]):
        return f"{row['mean']:+.3f}"
    return f"{row['mean']:+.3f} [{row['mean_low']:+.3f}, {row['mean_high']:+.3f}]"


def spread_cell(row: Row, labels: Labels) -> str:
    """The two ends of the spread over runs."""
    if missing(row["low"]):
        return "–"
    return f"{fine(row['low'], row['unit'], labels)} … {fine(row['high'], row['unit'], labels)}"


def growth_note(parts: AttributionParts, indicator: str, labels: Labels) -> list[str]:
    """The finding C084 for the chart of the projects; nothing for other indicators."""
    rows = parts.growth
    facts = parts.growth_facts
    if indicator != PROJECTS or rows.empty or facts["years_by_growth"] is None:
        return []
    last = (rows["fiscal_year"] == parts.facts.last_year) & (rows["indicator"] == PROJECTS)
    effect = records(rows.loc[last & (rows["quantity"] == "growth_alone")])[0]["mean"]
    return [words(
        labels, "chart_growth", current=labels.number(facts["current"], "count"),
        target=labels.number(facts["target"], "count"), years=f"{facts['years_by_growth']:.1f}",
        effect=labels.difference(effect, "count"), year=labels.year(parts.facts.last_year),
    )]  # fmt: skip


def clear_mean(row: Row) -> bool:
    """Whether the 95 % interval of a mean excludes zero."""
    return bool(row["mean_low"] > 0 or row["mean_high"] < 0)


def aligned(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table for the terminal, columns as wide as they need, the first one left."""
    table = [list(heads), *[list(row) for row in rows]]
    widths = [max(display_width(row[n]) for row in table) for n in range(len(heads))]
    lines = []
    for row in table:
        cells = [row[0] + " " * (widths[0] - display_width(row[0]))]
        cells += [
            " " * (w - display_width(c)) + c for c, w in zip(row[1:], widths[1:], strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return lines
