"""The drawing of each kind of chart, as layers of Vega-Lite."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sim.pages.labels import Labels
from sim.pages.page import Chart
from sim.report.charts.browser import Unit
from sim.report.charts.browser_parts import (
    COLOURS,
    DASHES,
    INK,
    SHAPES,
    Spec,
    amounts,
    names_axis,
    one_of,
    only,
    slot_scale,
)
from sim.report.palette import BLUE, GREEN, GREY, TARGET, VERMILION

TIP = {"content": "data"}
"""The whole row goes to the page's own tooltip, which writes it by ``usermeta.kyodo.tooltip``."""


def trajectory(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """Lines over the fiscal years, bands of at most two scenarios, the target as a rule."""
    x = {
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
    colour = slot_scale(COLOURS)
    bands: list[Spec] = [
        {
            "transform": [{"filter": "datum.band"}, only(low)],
            "mark": {"type": "area", "opacity": opacity, "aria": False},
            "encoding": {
                "x": x, "y": {"field": low, **y}, "y2": {"field": high}, "color": colour,
            },
        }
        for low, high, opacity in (("low", "high", 0.16), ("p25", "p75", 0.22))
    ]  # fmt: skip
    line: Spec = {
        "mark": {"type": "line", "strokeWidth": 1.6 if small else 2.2, "aria": False},
        "encoding": {
            "x": x, "y": {"field": "median", **y}, "color": colour,
            "strokeDash": slot_scale(DASHES),
        },
    }  # fmt: skip
    points: Spec = {
        "transform": [only("median")],
        "mark": {
            "type": "point", "filled": True, "opacity": 1, "size": 16 if small else 48,
            "tooltip": TIP, "aria": False,
        },
        "encoding": {
            "x": x, "y": {"field": "median", **y}, "color": colour, "shape": slot_scale(SHAPES),
        },
    }  # fmt: skip
    return {
        "height": 110 if small else 300,
        "layer": [*bands, *_target("y", unit, labels, y, small), line, points],
    }


def _target(axis: str, unit: Unit, labels: Labels, scale: Spec, small: bool = False) -> list[Spec]:
    """The target as a rule across the plot, and its name."""
    rule: Spec = {
        "transform": one_of("target"),
        "mark": {"type": "rule", "stroke": TARGET, "strokeWidth": 1.2, "aria": False},
        "encoding": {axis: {"field": "target", **scale}},
    }
    text = f"'{labels('target')} ' + format(datum.target, '{unit.format}') + '{unit.suffix}'"
    name: Spec = {
        "transform": [*one_of("target"), {"calculate": text, "as": "words"}],
        "mark": {
            "type": "text", "align": "left", "baseline": "bottom", "dx": 3, "dy": -3,
            "fontWeight": "bold", "aria": False,
        },
        "encoding": {"text": {"field": "words"}, axis: {"field": "target", **scale}},
    }  # fmt: skip
    if axis == "y":
        name["encoding"]["x"] = {"value": 0}
    else:
        name["mark"] |= {"align": "right", "dx": 0}
        name["encoding"]["y"] = {"value": 0}
    return [rule] if small else [rule, name]


def intervals(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """A point and a bar for each scenario, the chance of the target at the right."""
    rows = names_axis("name")
    x = amounts(chart.x_title or unit.title)
    colour = slot_scale(COLOURS)
    bar: Spec = {
        "transform": [only("low")],
        "mark": {"type": "rule", "strokeWidth": 3, "tooltip": TIP, "aria": False},
        "encoding": {
            "y": rows, "x": {"field": "low", **x}, "x2": {"field": "high"}, "color": colour,
        },
    }  # fmt: skip
    point: Spec = {
        "transform": [only("median")],
        "mark": {
            "type": "point", "filled": True, "opacity": 1, "size": 90, "tooltip": TIP,
            "stroke": "white", "strokeWidth": 0.8, "aria": False,
        },
        "encoding": {
            "y": rows, "x": {"field": "median", **x}, "shape": slot_scale(SHAPES),
            "fill": colour,
        },
    }  # fmt: skip
    chance: Spec = {
        "mark": {"type": "text", "align": "left", "dx": 8, "aria": False},
        "encoding": {"y": rows, "x": {"value": "width"}, "text": {"field": "chance"}},
    }
    head: Spec = {
        "transform": [
            only("probability_target"),
            {"aggregate": [{"op": "count", "as": "rows"}], "groupby": []},
            {"calculate": f"'{labels('chance')}'", "as": "words"},
        ],
        "mark": {
            "type": "text", "align": "left", "baseline": "bottom", "dx": 8, "dy": -3,
            "fontSize": 11, "aria": False,
        },
        "encoding": {"x": {"value": "width"}, "y": {"value": 0}, "text": {"field": "words"}},
    }  # fmt: skip
    layers = [*_target("x", unit, labels, x, small), bar, point, chance]
    return {
        "height": {"step": 18 if small else 28},
        "layer": layers if small else [*layers, head],
    }


def bars(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """A bar for each row from 0, its interval as a line, its value in figures."""
    rows = names_axis("label")
    x = amounts(chart.x_title or chart.y_title or unit.title, zero=True)
    fill: Spec = slot_scale(COLOURS) if "scenario" in chart.table else {"value": BLUE}
    return {
        "height": {"step": 18 if small else 28},
        "layer": [
            {
                "mark": {"type": "bar", "fillOpacity": 0.35, "tooltip": TIP, "aria": False},
                "encoding": {
                    "y": rows,
                    "x": {"field": "value", **x},
                    "color": fill,
                    "stroke": fill,
                },
            },
            {
                "transform": [only("low"), only("high")],
                "mark": {"type": "rule", "stroke": INK, "strokeWidth": 1.5, "aria": False},
                "encoding": {"y": rows, "x": {"field": "low", **x}, "x2": {"field": "high"}},
            },
            _figures("value", unit, rows),
        ],
    }


def written(value: str, unit: Unit, sign: str = "") -> str:
    """An expression that writes a number; what rounds to nothing has no sign."""
    small = 0.5 * 10.0 ** -unit.digits[1]
    nothing = f"{0:.{unit.digits[0]}f}"
    return f"(abs({value}) < {small} ? '{nothing}' : format({value}, '{sign}{unit.format}'))"


def _figures(field: str, unit: Unit, rows: Spec) -> Spec:
    """Values in figures at the right edge of the plot."""
    text = written(f"datum['{field}']", unit) + f" + '{unit.suffix}'"
    return {
        "transform": [only(field), {"calculate": text, "as": "words"}],
        "mark": {"type": "text", "align": "left", "dx": 8, "aria": False},
        "encoding": {"y": rows, "x": {"value": "width"}, "text": {"field": "words"}},
    }


def tornado(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """Bars from a reference (column ``reference``, else 0) to both ends."""
    rows = names_axis("label")
    x = amounts(chart.x_title or unit.title)
    fill = {"calculate": "isValid(datum.reference) ? datum.reference : 0", "as": "middle"}
    sides: list[Spec] = [
        {
            "transform": [only(end), fill],
            "mark": {"type": "bar", "color": colour, "tooltip": TIP, "aria": False},
            "encoding": {"y": rows, "x": {"field": end, **x}, "x2": {"field": "middle"}},
        }
        for end, colour in (("low", "#8CBFE0"), ("high", BLUE))
    ]
    middle: Spec = {
        "transform": [fill, {"aggregate": [{"op": "max", "field": "middle", "as": "middle"}]}],
        "mark": {"type": "rule", "stroke": INK, "strokeWidth": 1.4, "aria": False},
        "encoding": {"x": {"field": "middle", **x}},
    }
    return {"height": {"step": 18 if small else 24}, "layer": [*sides, middle]}


def waterfall(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """Levels and steps between them, from the top down; thin lines: intervals of the steps."""
    rows = names_axis("label")
    x = amounts(chart.x_title or unit.title)
    shade = {"calculate": "datum.value < 0 ? 'down' : 'up'", "as": "shade"}
    colour = {
        "field": "shade", "type": "nominal", "legend": None,
        "scale": {"domain": ["up", "down"], "range": [BLUE, VERMILION]},
    }  # fmt: skip
    words = f"datum.kind == 'level' ? {written('datum.value', unit)} + '{unit.suffix}' : "
    words += f"{written('datum.value', unit, sign='+')} + '{unit.points}'"
    return {
        "height": {"step": 18 if small else 26},
        "layer": [
            {
                "transform": [{"filter": "datum.kind == 'level'"}],
                "mark": {"type": "tick", "thickness": 4, "color": GREY, "tooltip": TIP,
                         "aria": False},
                "encoding": {"y": rows, "x": {"field": "end", **x}},
            },
            {
                "transform": [{"filter": "datum.kind != 'level'"}, shade],
                "mark": {"type": "bar", "tooltip": TIP, "aria": False},
                "encoding": {
                    "y": rows, "x": {"field": "start", **x}, "x2": {"field": "end"},
                    "color": colour,
                },
            },
            {
                "transform": [only("step_low"), only("step_high")],
                "mark": {"type": "rule", "stroke": INK, "strokeWidth": 1.2, "aria": False},
                "encoding": {
                    "y": rows, "x": {"field": "step_low", **x}, "x2": {"field": "step_high"},
                },
            },
            {
                "transform": [{"calculate": words, "as": "words"}],
                "mark": {"type": "text", "align": "left", "dx": 8, "aria": False},
                "encoding": {"y": rows, "x": {"value": "width"}, "text": {"field": "words"}},
            },
        ],
    }  # fmt: skip


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
    return {
        "height": {"step": 24},
        "layer": [
            {
                "mark": {"type": "rect", "stroke": "white", "tooltip": TIP, "aria": False},
                "encoding": {
                    **cell,
                    "color": {
                        "field": "value", "type": "quantitative", "scale": scale, "legend": None,
                    },
                },
            },
            {
                "transform": [{"calculate": text, "as": "words"}],
                "mark": {"type": "text", "fontSize": 11, "aria": False},
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
    mark: Spec = {"type": "point", "filled": True, "opacity": 1, "size": 80, "tooltip": TIP}
    look: Spec = {"color": {"value": BLUE}}
    if "group" in chart.table:
        groups = {"field": "group", "type": "nominal", "sort": None,
                  "legend": {"title": None, "orient": "bottom", "labelLimit": 300}}  # fmt: skip
        look = {
            "color": {**groups, "scale": {"range": [BLUE, "#B26B00", GREEN, GREY]}},
            "shape": {**groups, "scale": {"range": ["circle", "square", "triangle-up", "cross"]}},
        }
    return {
        "height": 140 if small else 340,
        "layer": [
            {"mark": {**mark, "aria": False}, "encoding": {**encoding, **look}},
            {
                "mark": {"type": "text", "dy": -10, "fontSize": 11, "aria": False},
                "encoding": {**encoding, "text": {"field": "label"}},
            },
        ],
    }


MARKS: Mapping[str, Callable[[Chart, Unit, Labels, bool], Spec]] = {
    "trajectory": trajectory,
    "intervals": intervals,
    "waterfall": waterfall,
    "tornado": tornado,
    "bars": bars,
    "heatmap": heatmap,
    "scatter": scatter,
}
