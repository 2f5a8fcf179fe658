"""The browser's charts over two axes: paths, lines, points, cells, maps."""

from __future__ import annotations

from typing import Any

from sim.pages.labels import Labels
from sim.pages.page import Chart
from sim.report.charts.browser_parts import (
    COLOURS,
    DASHES,
    SHAPES,
    Spec,
    Unit,
    amounts,
    mark,
    names_axis,
    one_of,
    only,
    slot_scale,
)
from sim.report.charts.browser_rows import target_lines
from sim.report.charts.outlines import boundaries, stretch
from sim.report.palette import BLACK, BLUE, GREY, GROUPS, SHADES


def _paths(x: Spec, y: Spec, field: str, small: bool, steps: bool = False) -> list[Spec]:
    """Bands of the rows that have one, then lines, then points with their tooltips."""
    colour = slot_scale(COLOURS)
    look: dict[str, Any] = {"interpolate": "step-after"} if steps else {}
    areas: list[Spec] = [
        {
            "transform": [{"filter": "datum.band"}, only(low)],
            "mark": mark("area", opacity=opacity, **look),
            "encoding": {
                "x": x, "y": {"field": low, **y}, "y2": {"field": high}, "color": colour,
            },
        }
        for low, high, opacity in (("low", "high", 0.16), ("p25", "p75", 0.22))
    ]  # fmt: skip
    own = {"x": x, "y": {"field": field, **y}, "color": colour}
    line: Spec = {
        "mark": mark("line", strokeWidth=1.6 if small else 2.2, **look),
        "encoding": {**own, "strokeDash": slot_scale(DASHES)},
    }
    points: Spec = {
        "transform": [only(field)],
        "mark": mark("point", tip=True, filled=True, opacity=1, size=16 if small else 48),
        "encoding": {**own, "shape": slot_scale(SHAPES)},
    }
    return [*areas, line, points]


def trajectory(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """Lines over the fiscal years, bands of some of them, the target as a rule."""
    x: Spec = {
        "field": "fiscal_year",
        "type": "quantitative",
        "scale": {"zero": False, "nice": False, "padding": 6 if small else 12},
        "axis": {
            "title": None if small else chart.x_title or labels("fiscal_year_axis"),
            # tickMinStep does not keep ticks from half years of short horizons
            "labelExpr": "datum.value % 1 ? '' : format(datum.value, 'd')",
            "tickCount": 3 if small else 10, "grid": False,
        },
    }  # fmt: skip
    y = amounts("" if small else unit.title, ticks=3 if small else 6, upright=True)
    *areas, line, points = _paths(x, y, "median", small)
    target = target_lines("y", unit, labels, y, small)
    return {"height": 110 if small else 300, "layer": [*areas, *target, line, points]}


def lines(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """Lines over a number; whiskers where there are intervals and no bands."""
    x: Spec = {
        "field": "x", "type": "quantitative",
        "scale": {"zero": False, "nice": False, "padding": 12},
        "axis": {"title": None if small else chart.x_title or None, "grid": False},
    }  # fmt: skip
    if "log" in chart.options:
        x["scale"] |= {"type": "log", "base": 2}
        x["axis"]["format"] = ",~d"
    y = amounts("" if small else chart.y_title or unit.title, upright=True)
    whiskers: Spec = {
        "transform": [{"filter": "datum.whisker"}, only("low", "high")],
        "mark": mark("rule", opacity=0.6),
        "encoding": {
            "x": x, "y": {"field": "low", **y}, "y2": {"field": "high"},
            "color": slot_scale(COLOURS),
        },
    }  # fmt: skip
    paths = _paths(x, y, "value", small, steps="steps" in chart.options)
    return {"height": 140 if small else 300, "layer": [*paths[:2], whiskers, *paths[2:]]}


def heatmap(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """Cells with their values in figures; below 0 another hue. Dark figures read on every shade."""
    signed = bool((chart.table["value"] < 0).any())
    scale: Spec = {"range": ["#F7FBFF", "#6BAED6"]}
    if signed:
        scale = {"range": ["#F1A868", "#FFFFFF", "#7DBBE8"], "domainMid": 0}
    sort = {"field": "order", "op": "min"}
    cell: Spec = {
        "x": {
            "field": "column", "type": "nominal", "sort": sort,
            "axis": {"title": chart.x_title or None, "labelAngle": -40, "labelLimit": 180,
                     "orient": "top", "domain": False, "ticks": False},
        },
        "y": names_axis("row"),
    }  # fmt: skip
    text = f"isValid(datum.value) ? format(datum.value, '{unit.format}') : '–'"
    shade = {"field": "shade", "type": "quantitative", "scale": scale, "legend": None}
    return {
        "height": {"step": 24},
        "layer": [
            {
                "transform": [{"calculate": "datum.sure === false ? null : datum.value",
                               "as": "shade"}],
                "mark": mark("rect", tip=True, stroke="white", invalid="filter"),
                "encoding": {**cell, "color": shade},
            },
            {
                "transform": [{"calculate": text, "as": "words"}],
                "mark": mark("text", fontSize=11),
                "encoding": {**cell, "text": {"field": "words"}},
            },
        ],
    }  # fmt: skip


def scatter(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """Points with their names; column ``group``, where there is one, is colour and shape."""
    encoding: Spec = {
        "x": {"field": "x", **amounts(chart.x_title)},
        "y": {"field": "y", **amounts(chart.y_title or unit.title, upright=True)},
    }
    for channel in ("x", "y"):
        encoding[channel]["scale"] = {**encoding[channel]["scale"], "padding": 14}
    look: Spec = {"color": {"value": BLUE}}
    if "group" in chart.table:
        groups = {"field": "group", "type": "nominal", "sort": None,
                  "legend": {"title": None, "orient": "bottom", "labelLimit": 300}}  # fmt: skip
        shapes = ["circle", "square", "triangle-up", "cross", "diamond"]
        look = {
            "color": {**groups, "scale": {"range": list(GROUPS)}},
            "shape": {**groups, "scale": {"range": shapes}},
        }
    behind: list[Spec] = []
    if "x_limit" in chart.table:
        behind.append({
            "transform": one_of("x_limit"),
            "mark": mark("rule", stroke=GREY, strokeDash=[4, 2]),
            "encoding": {"x": {**encoding["x"], "field": "x_limit"}},
        })  # fmt: skip
    if "equal" in chart.options:
        behind.append({
            "transform": [{"fold": ["x", "y"], "as": ["axis", "both"]}],
            "mark": mark("line", stroke=GREY, strokeWidth=1),
            "encoding": {c: {**encoding[c], "field": "both"} for c in ("x", "y")},
        })  # fmt: skip
    if "low" in chart.table:
        ends = {"y": {**encoding["y"], "field": "low"}, "y2": {"field": "high"}}
        behind.append({
            "transform": [only("low", "high")], "mark": mark("rule", opacity=0.4),
            "encoding": {"x": encoding["x"], **ends, "color": look["color"]},
        })  # fmt: skip
    if "chosen" in chart.table:
        behind.append({
            "transform": [{"filter": "datum.chosen"}],
            "mark": mark("point", size=260, stroke=BLACK, strokeWidth=1.8, opacity=1),
            "encoding": encoding,
        })  # fmt: skip
    return {
        "height": 140 if small else 340,
        "layer": [
            *behind,
            {"mark": mark("point", tip=True, filled=True, opacity=1, size=80),
             "encoding": {**encoding, **look}},
            {
                "mark": mark("text", dy=-10, fontSize=11),
                "encoding": {**encoding, "text": {"field": "label"}},
            },
        ],
    }  # fmt: skip


def wards(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """Areas shaded by value, in classes with about as many of them each."""
    wide = stretch()
    shapes = [
        {
            "ward": code,
            "shape": {
                "type": "Feature",
                "geometry": {
                    "type": "MultiPolygon",
                    "coordinates": [
                        [[[round(x * wide, 5), round(y, 5)] for x, y in ring.tolist()]]
                        for ring in rings
                    ],
                },
            },
        }
        for code, rings in boundaries().items()
    ]
    found = {"data": {"values": shapes}, "key": "ward", "fields": ["shape"]}
    legend = {"title": chart.y_title or unit.title or None, "format": unit.format}
    return {
        "height": 260 if small else 440,
        "projection": {"type": "identity", "reflectY": True},
        "layer": [
            {
                "transform": [{"lookup": "ward", "from": found}],
                "mark": mark("geoshape", tip=True, stroke="white"),
                "encoding": {
                    "shape": {"field": "shape", "type": "geojson"},
                    "color": {
                        "field": "value", "type": "quantitative", "legend": legend,
                        "scale": {"type": "quantile", "range": list(SHADES[:5])},
                    },
                },
            },
        ],
    }  # fmt: skip
