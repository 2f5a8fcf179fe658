"""The browser's charts with a row for each thing: bars, waterfalls, tornadoes, spans, forests."""

from __future__ import annotations

from sim.pages.labels import Labels
from sim.pages.page import Chart
from sim.report.charts.browser_parts import (
    COLOURS,
    INK,
    SHAPES,
    Spec,
    Unit,
    amounts,
    at_right,
    mark,
    names_axis,
    one_of,
    only,
    slot_scale,
    tint,
    written,
)
from sim.report.palette import BLUE, GREY, TARGET, VERMILION

NOTE = "(isValid(datum.note) && datum.note !== '' ? '  ' + datum.note : '')"
"""An expression: the words at the right of a row, after its value."""


def _steps(small: bool, tall: int = 28) -> Spec:
    return {"step": 18 if small else tall}


def target_lines(
    axis: str, unit: Unit, labels: Labels, scale: Spec, small: bool = False
) -> list[Spec]:
    """The target as a rule across the plot, and its name."""
    rule: Spec = {
        "transform": one_of("target"),
        "mark": mark("rule", stroke=TARGET, strokeWidth=1.2),
        "encoding": {axis: {"field": "target", **scale}},
    }
    text = f"'{labels('target')} ' + format(datum.target, '{unit.format}') + '{unit.suffix}'"
    look: Spec = {"align": "left", "baseline": "bottom", "dx": 3, "dy": -3, "fontWeight": "bold"}
    place: Spec = {"x": {"value": 0}}
    if axis == "x":
        look |= {"align": "right", "dx": 0}
        place = {"y": {"value": 0}}
    name: Spec = {
        "transform": [*one_of("target"), {"calculate": text, "as": "words"}],
        "mark": mark("text", **look),
        "encoding": {"text": {"field": "words"}, axis: {"field": "target", **scale}, **place},
    }
    return [rule] if small else [rule, name]


def _span(rows: Spec, x: Spec, ends: tuple[str, str], width: float, colour: str = INK) -> Spec:
    """A thin line between two ends, in every row that has them."""
    return {
        "transform": [only(*ends)],
        "mark": mark("rule", stroke=colour, strokeWidth=width),
        "encoding": {"y": rows, "x": {"field": ends[0], **x}, "x2": {"field": ends[1]}},
    }


def intervals(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """A point and a bar for each scenario, the chance of the target at the right."""
    rows = names_axis("name")
    x = amounts(chart.x_title or unit.title)
    colour = slot_scale(COLOURS)
    bar: Spec = {
        "transform": [only("low")],
        "mark": mark("rule", tip=True, strokeWidth=3),
        "encoding": {
            "y": rows, "x": {"field": "low", **x}, "x2": {"field": "high"}, "color": colour,
        },
    }  # fmt: skip
    point: Spec = {
        "transform": [only("median")],
        "mark": mark("point", tip=True, filled=True, opacity=1, size=90, stroke="white",
                     strokeWidth=0.8),
        "encoding": {
            "y": rows, "x": {"field": "median", **x}, "shape": slot_scale(SHAPES), "fill": colour,
        },
    }  # fmt: skip
    chance: Spec = {
        "mark": mark("text", align="left", dx=8),
        "encoding": {"y": rows, "x": {"value": "width"}, "text": {"field": "chance"}},
    }
    head: Spec = {
        "transform": [
            only("probability_target"),
            {"aggregate": [{"op": "count", "as": "rows"}], "groupby": []},
            {"calculate": f"'{labels('chance')}'", "as": "words"},
        ],
        "mark": mark("text", align="left", baseline="bottom", dx=8, dy=-3, fontSize=11),
        "encoding": {"x": {"value": "width"}, "y": {"value": 0}, "text": {"field": "words"}},
    }
    layers = [*target_lines("x", unit, labels, x, small), bar, point, chance]
    return {"height": _steps(small), "layer": layers if small else [*layers, head]}


def bars(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """A bar for each row from 0, its interval as a line, its value in figures."""
    rows = names_axis("label")
    x = amounts(chart.x_title or chart.y_title or unit.title, zero=True)
    fill = tint(chart)
    bar: Spec = {"y": rows, "x": {"field": "value", **x}, "color": fill, "stroke": fill}
    if "centred" in chart.options:
        half = {"calculate": "datum.value / 2", "as": "half"}
        turned = {"calculate": "-datum.value / 2", "as": "other_half"}
        bar |= {"x": {"field": "other_half", **x, "axis": None}, "x2": {"field": "half"}}
        return {
            "height": _steps(small, 44),
            "layer": [
                {"transform": [half, turned], "mark": mark("bar", tip=True, fillOpacity=0.35),
                 "encoding": bar},
                at_right(rows, "datum.note"),
            ],
        }  # fmt: skip
    return {
        "height": _steps(small),
        "layer": [
            {"mark": mark("bar", tip=True, fillOpacity=0.35), "encoding": bar},
            _span(rows, x, ("low", "high"), 1.5),
            *_second(chart, rows, x, "diamond"),
            *(target_lines("x", unit, labels, x, small) if "target" in chart.table else []),
            at_right(rows, f"{written('datum.value', unit)} + '{unit.suffix}' + {NOTE}",
                     only("value")),
        ],
    }  # fmt: skip


def _second(chart: Chart, rows: Spec, x: Spec, shape: str) -> list[Spec]:
    """The second value of rows, where the table has one."""
    if "mark" not in chart.table:
        return []
    look = mark("point", shape=shape, size=70, stroke=INK, strokeWidth=1.2, opacity=1,
                filled=shape == "diamond", fill=INK if shape == "diamond" else None)  # fmt: skip
    encoding = {"y": rows, "x": {"field": "mark", **x}}
    return [{"transform": [only("mark")], "mark": look, "encoding": encoding}]


def tornado(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """Bars from a reference (column ``reference``, else 0) to both ends."""
    rows = names_axis("label")
    x = amounts(chart.x_title or unit.title)
    fill = {"calculate": "isValid(datum.reference) ? datum.reference : 0", "as": "middle"}
    sides: list[Spec] = [
        {
            "transform": [only(end), fill],
            "mark": mark("bar", tip=True, color=colour),
            "encoding": {"y": rows, "x": {"field": end, **x}, "x2": {"field": "middle"}},
        }
        for end, colour in (("low", BLUE), ("high", VERMILION))
    ]
    middle: Spec = {
        "transform": [fill, *one_of("middle")],
        "mark": mark("rule", stroke=INK, strokeWidth=1.4),
        "encoding": {"x": {"field": "middle", **x}},
    }
    return {"height": _steps(small, 24), "layer": [*sides, middle]}


def waterfall(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """Levels and steps between them, from the top down; thin lines: intervals of the steps."""
    rows = names_axis("label")
    x = amounts(chart.x_title or unit.title)
    shade = {"calculate": "datum.value < 0 ? 'down' : 'up'", "as": "shade"}
    colour: Spec = {
        "field": "shade", "type": "nominal", "legend": None,
        "scale": {"domain": ["up", "down"], "range": [BLUE, VERMILION]},
    }  # fmt: skip
    if "measure" in chart.table:
        colour = tint(chart)
    words = f"datum.kind == 'level' ? {written('datum.value', unit)} + '{unit.suffix}' : "
    words += f"{written('datum.value', unit, sign='+')} + '{unit.points}' + {NOTE}"
    levels: Spec = {
        "transform": [{"filter": "datum.kind == 'level'"}],
        "mark": mark("tick", tip=True, thickness=4, color=GREY),
        "encoding": {"y": rows, "x": {"field": "end", **x}},
    }
    steps: Spec = {
        "transform": [{"filter": "datum.kind != 'level'"}, shade],
        "mark": mark("bar", tip=True),
        "encoding": {
            "y": rows, "x": {"field": "start", **x}, "x2": {"field": "end"}, "color": colour,
        },
    }  # fmt: skip
    ends = _span(rows, x, ("step_low", "step_high"), 1.2)
    return {
        "height": _steps(small, 26),
        "layer": [levels, steps, ends, at_right(rows, words)],
    }


def spans(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """Bars from a start to an end, the darker the larger their value, which stands in them."""
    rows = names_axis("label")
    x = amounts(chart.x_title)
    x["axis"] |= {"format": "d", "tickMinStep": 1}
    shade = {"field": "value", "type": "quantitative", "legend": None,
             "scale": {"domain": [0, 1], "range": [0.25, 0.9], "clamp": True}}  # fmt: skip
    bar: Spec = {
        "mark": mark("bar", tip=True),
        "encoding": {
            "y": rows, "x": {"field": "start", **x}, "x2": {"field": "end"}, "color": tint(chart),
            "opacity": shade,
        },
    }  # fmt: skip
    value: Spec = {
        "transform": [only("value"), {"calculate": "format(datum.value, '~g')", "as": "words"}],
        "mark": mark("text", align="left", dx=4, fontSize=11),
        "encoding": {"y": rows, "x": {"field": "start", **x}, "text": {"field": "words"}},
    }
    return {"height": _steps(small, 26), "layer": [bar, value]}


def shares(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """One bar a row, made of its parts, with their values where they have room."""
    rows = names_axis("row")
    x = {**amounts(chart.x_title or unit.title, zero=True), "field": "value", "stack": "zero"}
    order = {"field": "order", "type": "quantitative"}
    bar: Spec = {
        "mark": mark("bar", tip=True, stroke="white"),
        "encoding": {"y": rows, "x": x, "color": slot_scale(COLOURS), "order": order},
    }
    text = f"{written('datum.value', unit)} + '{unit.suffix}'"
    middle = {**x, "bandPosition": 0.5}
    value: Spec = {
        "transform": [{"filter": "datum.value >= datum.room"}, {"calculate": text, "as": "words"}],
        "mark": mark("text", fontSize=11, fill="white", stroke=INK, strokeWidth=0.4),
        "encoding": {"y": rows, "x": middle, "text": {"field": "words"}, "order": order},
    }
    return {"height": _steps(small), "layer": [bar, value]}


def forest(chart: Chart, unit: Unit, labels: Labels, small: bool) -> Spec:
    """A point with its interval for each row, a wider one behind it, around 0 or a reference."""
    rows = names_axis("label")
    x = amounts("" if small else chart.x_title or unit.title, ticks=4 if small else 6)
    colour = tint(chart)
    own = {"y": rows, "x": {"field": "value", **x}, "color": colour}
    fill = {"calculate": "isValid(datum.reference) ? datum.reference : 0", "as": "middle"}
    zero: Spec = {
        "transform": [fill, *one_of("middle")],
        "mark": mark("rule", stroke=GREY, strokeWidth=1),
        "encoding": {"x": {"field": "middle", **x}},
    }
    interval: Spec = {
        "transform": [only("low", "high")],
        "mark": mark("rule", strokeWidth=3.2),
        "encoding": {**own, "x": {"field": "low", **x}, "x2": {"field": "high"}},
    }
    point: Spec = {
        "transform": [only("value")],
        "mark": mark("point", tip=True, filled=True, size=60, opacity=1),
        "encoding": own,
    }
    outer = [_span(rows, x, ("outer_low", "outer_high"), 1)] if "outer_low" in chart.table else []
    layers = [zero, *outer, interval, point, *_second(chart, rows, x, "circle")]
    return {
        "height": _steps(small, 24),
        "layer": [*layers, at_right(rows, "datum.note", {"filter": "isValid(datum.note)"})],
    }
