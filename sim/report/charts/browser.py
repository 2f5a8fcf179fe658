"""Charts for the browser: Vega-Lite specifications and their data, from charts of the pages.

A specification holds no data and does not depend on it: the page gives the rows by the name
``values`` and may give others later (``web/charts.js``). Rows are in display units: shares as per
cent, yen in hundred millions or billions. Styles of scenarios are the palette's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sim.pages.labels import PERCENT_UNITS, Labels
from sim.pages.page import Chart
from sim.report.charts.browser_parts import FONT, Spec, tip
from sim.report.palette import GREY, slots
from sim.scenario.bundled import FULLEST

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
DATA = "values"
DIFFERENCE = "difference of shares"
Row = dict[Any, Any]


# Columns in the chart's own unit; other numbers (chances, ranks) stay as they are.
SCALED = (
    "median", "low", "high", "p25", "p75", "target", "current", "effect_median", "effect_low",
    "effect_high", "value", "reference", "x", "y", "start", "end", "step_low", "step_high",
)  # fmt: skip
CHANCES = tuple(
    f"probability_{what}{of}" for of in ("", "_baseline") for what in ("target", "low", "high")
)


def banded(scenarios: Sequence[str]) -> list[str]:
    """The scenarios whose bands are drawn, at most two: the baseline and the fullest other one."""
    names = list(dict.fromkeys(scenarios))
    fullest = FULLEST if FULLEST in names else names[-1] if names else ""
    return [name for name in names if name in ("baseline", fullest)]


def spec(chart: Chart, lang: str = "ja", *, small: bool = False) -> Spec:
    """The Vega-Lite specification of a chart; ``small``: for small multiples, without axis titles.

    Raises KeyError for a kind that has no drawing ("table").
    """
    from sim.report.charts.browser_marks import MARKS

    labels = Labels(lang)
    unit = Unit(chart.unit, labels)
    layers = MARKS[chart.kind](chart, unit, labels, small)
    about = [chart.title, chart.interval, chart.reading]
    if isinstance(layers["height"], int):
        layers = {"autosize": {"type": "fit", "contains": "padding"}, **layers}
    return {
        "$schema": SCHEMA,
        "description": ("。" if lang == "ja" else ". ").join(t.rstrip("。.") for t in about if t),
        "data": {"name": DATA},
        "width": "container",
        **layers,
        "usermeta": {"kyodo": {"tooltip": tip(chart, unit, labels)}},
        "config": _config(small),
    }


def data_of(chart: Chart, lang: str = "ja") -> list[dict[str, Any]]:
    """A chart's rows in display units, NaN as None; with what the drawing needs besides.

    Added: ``order`` (place of the row), and where the table has scenarios ``slot`` (style) and
    ``band`` (its bands are drawn); ``chance`` (the chance of the target in words);
    for waterfalls ``start`` and ``end`` of each bar, ``step_low`` and ``step_high``.
    """
    labels = Labels(lang)
    factor = labels.scale(chart.unit)
    rows: list[Row] = [dict(row) for row in chart.table.to_dict(orient="records")]
    if chart.kind == "waterfall":
        rows = waterfall_rows(rows)
    names = [str(r["scenario"]) for r in rows if "scenario" in r]
    place, bands = slots(names), banded(names)
    out = []
    for order, row in enumerate(rows):
        shown = {str(k): _plain(v, factor if k in SCALED else 1.0) for k, v in row.items()}
        if chart.kind != "table":
            shown["order"] = order
        if "scenario" in row:
            shown["slot"], shown["band"] = place[row["scenario"]], row["scenario"] in bands
        if "probability_target" in row:
            shown["chance"] = chance(row, labels)
        out.append(shown)
    # what comes last is drawn on top: the dashed baseline stays visible on other lines
    return sorted(out, key=lambda r: r.get("slot") == 0) if chart.kind == "trajectory" else out


def chance(row: Row, labels: Labels) -> str:
    """The chance of the target in words, with its interval where that is known: "5 % [1–12 %]";
    ✕ where nothing in the scenario can reach it."""
    value = row["probability_target"]
    if _missing(value):
        return ""
    if not row.get("reachable", True):
        return "✕"
    text = labels.chance(value)
    low, high = (row.get(f"probability_{end}") for end in ("low", "high"))
    if low is None or high is None or _missing(low) or _missing(high):
        return text
    return f"{text} [{100 * low:.0f}–{labels.chance(high)}]"


def waterfall_rows(rows: Sequence[Row]) -> list[Row]:
    """Rows of a waterfall with the ends of their bars; a level is a point, no bar from 0, so that
    the axis may show the steps."""
    out: list[Row] = []
    here = 0.0
    for row in rows:
        value = 0.0 if _missing(row["value"]) else float(row["value"])
        start = value if row["kind"] == "level" else here
        here = value if row["kind"] == "level" else here + value
        ends = {f"step_{e}": start + row[e] for e in ("low", "high") if not _missing(row[e])}
        out.append({**row, "start": start, "end": here, **ends})
    return out


class Unit:
    """How numbers of one unit are written: title of an axis, d3 format, digits, sign behind."""

    def __init__(self, unit: str, labels: Labels) -> None:
        self.title = labels.axis(unit) if unit else ""
        self.digits = (1, 1) if unit in PERCENT_UNITS else (0, 1)
        if unit == "sd" or unit.startswith("yen"):
            self.digits = (2, 2)
        self.format = f",.{self.digits[1]}{'' if self.digits[0] else '~'}f"
        gap = "" if labels.lang == "ja" else " "
        self.points = gap + labels("points") if unit in PERCENT_UNITS else ""
        self.suffix = gap + "%" if unit in PERCENT_UNITS else ""
        if unit == DIFFERENCE:
            self.suffix = self.points
        if unit.startswith("yen"):
            self.suffix = self.points = gap + labels("billion_yen")


def compiled(vega_lite: Spec) -> Spec:
    """The same chart as a Vega specification, so that a browser need not compile it."""
    import vl_convert

    vega: Spec = vl_convert.vegalite_to_vega(vega_lite)
    return vega


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _plain(value: Any, factor: float) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if _missing(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return value * factor if factor != 1.0 else value


def _config(small: bool) -> Spec:
    size = 10 if small else 12
    return {
        "font": FONT,
        "background": None,
        "view": {"stroke": None},
        "aria": True,
        "axis": {
            "labelFontSize": size, "titleFontSize": size, "titleFontWeight": "normal",
            "labelColor": "#333333", "titleColor": "#333333", "gridColor": "#e3e3e3",
            "domainColor": "#666666", "tickColor": "#666666",
        },
        "text": {"fontSize": size, "fill": "#222222"},
        "rule": {"stroke": GREY},
    }  # fmt: skip
