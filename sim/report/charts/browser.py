"""Charts for the browser: Vega-Lite specifications and their data, from charts of the pages.

A specification holds no data and does not depend on it: the page gives the rows by the name
``values`` and may give others later (``web/charts.js``). Rows are in display units: shares as per
cent, yen in hundred millions or billions. Styles of scenarios are the palette's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.base.rows import plain
from sim.pages.labels import Labels
from sim.pages.page import Chart
from sim.report.charts import browser_planes as planes
from sim.report.charts import browser_rows as rows
from sim.report.charts.bands import (
    bands,
    chance,
    fills,
    line_column,
    series_slots,
    waterfall_rows,
)
from sim.report.charts.browser_parts import FONT, Spec, Unit, tip
from sim.report.palette import BLUE, GREY

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
DATA = "values"

# Columns in the chart's own unit; other numbers (chances, ranks) stay as they are.
SCALED = (
    "median", "low", "high", "p25", "p75", "target", "current", "effect_median", "effect_low",
    "effect_high", "value", "reference", "y", "mark", "outer_low", "outer_high",
)  # fmt: skip
BARS_ENDS = ("start", "end", "step_low", "step_high")
"""Ends of a waterfall's bars, in its unit too; those of spans are years."""

MARKS: Mapping[str, Callable[[Chart, Unit, Labels, bool], Spec]] = {
    "trajectory": planes.trajectory,
    "intervals": rows.intervals,
    "lines": planes.lines,
    "waterfall": rows.waterfall,
    "tornado": rows.tornado,
    "bars": rows.bars,
    "spans": rows.spans,
    "shares": rows.shares,
    "forest": rows.forest,
    "heatmap": planes.heatmap,
    "scatter": planes.scatter,
    "map": planes.wards,
}
"""Kind -> what draws it: (chart, unit, labels, small) to layers."""

_SERIES = ("trajectory", "lines", "shares")
_TINTED = ("bars", "waterfall", "spans", "forest")


def spec(chart: Chart, lang: str = "ja", *, small: bool = False) -> Spec:
    """The Vega-Lite specification of a chart; ``small``: for small multiples, without axis titles.

    Small multiples are drawn by panel (``Chart.panels``), one specification each. Raises KeyError
    for a kind that has no drawing ("table").
    """
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

    Added: ``order`` (place of the row); of lines ``slot`` (style) and ``band`` (its bands are
    drawn); ``chance`` (the chance of the target in words); for waterfalls ``start`` and ``end`` of
    each bar, ``step_low`` and ``step_high``; ``tint``, the colour of rows that are no scenarios.
    """
    labels = Labels(lang)
    factor = labels.scale(chart.unit)
    table = chart.table
    found: list[dict[Any, Any]] = [dict(row) for row in table.to_dict(orient="records")]
    scaled = (*SCALED, *BARS_ENDS) if chart.kind == "waterfall" else SCALED
    if chart.kind == "waterfall":
        found = waterfall_rows(found)
    more: dict[str, list[Any]] = {}
    if chart.kind in _SERIES or "scenario" in table:
        more["slot"] = series_slots(chart)
    if chart.kind in ("trajectory", "lines"):
        own = bands(chart)
        more["band"] = [id in own for id in table[line_column(chart)]]
        if chart.kind == "lines":
            more["whisker"] = [not own] * len(table)
    if chart.kind in _TINTED and "scenario" not in table:
        more["tint"] = fills(chart, BLUE)
    if chart.kind == "shares":
        whole = table.groupby("row")["value"].transform("sum")
        more["room"] = [0.07 * value * factor for value in whole]
    out = []
    for order, row in enumerate(found):
        shown = {str(k): _scaled(v, factor if k in scaled else 1.0) for k, v in row.items()}
        if chart.kind != "table":
            shown["order"] = order
        shown |= {key: values[order] for key, values in more.items()}
        if "probability_target" in row:
            shown["chance"] = chance(row, labels)
        out.append(shown)
    # what comes last is drawn on top: the dashed baseline stays visible on other lines
    return sorted(out, key=lambda r: r.get("slot") == 0) if chart.kind == "trajectory" else out


def legend(chart: Chart) -> list[dict[str, Any]]:
    """The entries (name, slot) of a legend for a chart of lines or parts that are no scenarios'."""
    if chart.kind not in ("lines", "shares"):
        return []
    column = "part" if chart.kind == "shares" else "name"
    pairs = zip(chart.table[column], series_slots(chart), strict=True)
    return [{"name": str(name), "slot": slot} for name, slot in dict(pairs).items()]


def compiled(vega_lite: Spec) -> Spec:
    """The same chart as a Vega specification, so that a browser need not compile it."""
    import vl_convert

    vega: Spec = vl_convert.vegalite_to_vega(vega_lite)
    return vega


def _scaled(value: Any, factor: float) -> Any:
    found = plain(value)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return found
    return found * factor if factor != 1.0 else found


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
