"""Parts that the browser's charts share: units, styles of scenarios, axes, tooltips."""

from __future__ import annotations

from typing import Any

from sim.pages.labels import PERCENT_UNITS, Labels
from sim.pages.page import DIFFERENCE, Chart
from sim.report.palette import BLUE, SLOTS

Spec = dict[str, Any]

FONT = (
    "system-ui, 'Hiragino Sans', 'Yu Gothic UI', 'Yu Gothic', Meiryo, 'Noto Sans JP', "
    "'Noto Sans CJK JP', IPAexGothic, sans-serif"
)
INK = "#222222"

# One style a slot (sim/report/palette.py); web/charts.js holds the same table for its legends.
COLOURS = tuple(style.colour for style in SLOTS)
DASHES = tuple(style.dash for style in SLOTS)
SHAPES = tuple(style.shape for style in SLOTS)

TIP = {"content": "data"}
"""The whole row goes to the page's own tooltip, which writes it by ``usermeta.kyodo.tooltip``."""


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


def slot_scale(values: tuple[Any, ...]) -> Spec:
    """An encoding by slot, the same whatever scenarios are shown."""
    return {
        "field": "slot",
        "type": "nominal",
        "scale": {"domain": list(range(len(values))), "range": list(values)},
        "legend": None,
    }


def tint(chart: Chart, plain: str = BLUE) -> Spec:
    """The colour of rows: by slot where they are scenarios, else their own ``tint``, if any."""
    if "scenario" in chart.table:
        return slot_scale(COLOURS)
    own = {"test": "isValid(datum.tint)", "field": "tint", "type": "nominal", "scale": None}
    return {"condition": {**own, "legend": None}, "value": plain}


def only(*fields: str) -> Spec:
    """A filter: rows that hold a number in all ``fields``."""
    return {"filter": " && ".join(f"isValid(datum['{field}'])" for field in fields)}


def one_of(field: str) -> list[Spec]:
    """Transforms: one row with the value that all rows share, or none."""
    return [
        only(field),
        {"aggregate": [{"op": "max", "field": field, "as": field}], "groupby": []},
    ]


def names_axis(field: str) -> Spec:
    """Rows named at the left, in the table's order; long names are cut on a narrow screen."""
    return {
        "field": field,
        "type": "nominal",
        "sort": {"field": "order", "op": "min"},
        "axis": {
            "title": None, "labelLimit": {"expr": "max(120, 0.36 * containerSize()[0])"},
            "domain": False, "ticks": False, "labelPadding": 8, "labelColor": "#222222",
        },
    }  # fmt: skip


def amounts(title: str, *, zero: bool = False, ticks: int = 6, upright: bool = False) -> Spec:
    """An axis of amounts in display units; ``upright``: its title stands above the axis."""
    return {
        "type": "quantitative",
        "scale": {"zero": zero, "nice": True},
        "axis": {
            "title": title or None, "tickCount": ticks, "format": ",~f",
            **({"titleAngle": 0, "titleAlign": "right", "titleAnchor": "end", "titleX": -6,
                "titleY": -14} if upright else {}),
        },
    }  # fmt: skip


def mark(kind: str, *, tip: bool = False, **look: Any) -> Spec:
    """A mark that readers of the screen's text pass over: the table beside the chart is theirs."""
    return {"type": kind, **look, **({"tooltip": TIP} if tip else {}), "aria": False}


def at_right(rows: Spec, text: str, *transforms: Spec) -> Spec:
    """A layer that writes ``text``, an expression, at the right edge of each row."""
    return {
        "transform": [*transforms, {"calculate": text, "as": "words"}],
        "mark": mark("text", align="left", dx=8),
        "encoding": {"y": rows, "x": {"value": "width"}, "text": {"field": "words"}},
    }


def written(value: str, unit: Unit, sign: str = "") -> str:
    """An expression that writes a number; what rounds to nothing has no sign."""
    small = 0.5 * 10.0 ** -unit.digits[1]
    nothing = f"{0:.{unit.digits[0]}f}"
    return f"(abs({value}) < {small} ? '{nothing}' : format({value}, '{sign}{unit.format}'))"


def tip(chart: Chart, unit: Unit, labels: Labels) -> Spec:
    """What a tooltip shows: its heading's fields, and rows of field, title, digits and suffix."""
    rows: list[Spec] = []

    def row(
        field: str, title: str, suffix: str = "", digits: Any = None, sign: bool = False
    ) -> None:
        if field in chart.table or chart.table.empty:
            rows.append(
                {"field": field, "title": title, "suffix": suffix,
                 "digits": list(digits or unit.digits), "sign": sign}
            )  # fmt: skip

    heading = ["name", "fiscal_year"] if "name" in chart.table else ["label"]
    interval = chart.interval or labels("interval")
    if chart.kind in ("trajectory", "intervals"):
        row("median", labels("median"), unit.suffix)
        row("low", labels("tip_low", interval=interval), unit.suffix)
        row("high", labels("tip_high", interval=interval), unit.suffix)
        row("p25", labels("tip_p25"), unit.suffix)
        row("p75", labels("tip_p75"), unit.suffix)
        row("effect_median", labels("tip_effect"), unit.points, sign=True)
        row("target", labels("target"), unit.suffix)
        if "probability_target" in chart.table:
            rows.append({"field": "chance", "title": labels("chance"), "suffix": ""})
    elif chart.kind in ("heatmap", "shares"):
        heading = ["row", "part" if chart.kind == "shares" else "column"]
        row("value", chart.y_title or unit.title or labels("tip_value"), unit.suffix)
    elif chart.kind == "scatter":
        row("x", chart.x_title, digits=(0, 2))
        row("y", chart.y_title, unit.suffix)
    elif chart.kind == "spans":
        row("start", labels("column_start"), digits=(0, 0))
        row("end", labels("column_end"), digits=(0, 0))
        row("value", chart.y_title or labels("tip_value"), unit.suffix, digits=(0, 2))
    else:
        if chart.kind == "lines":
            heading = ["name"]
            row("x", chart.x_title, digits=(0, 2))
        row("value", labels("tip_value"), unit.suffix)
        row("low", labels("tip_low", interval=interval), unit.suffix)
        row("high", labels("tip_high", interval=interval), unit.suffix)
        row("mark", labels("column_mark"), unit.suffix)
    return {"heading": heading, "rows": rows}
