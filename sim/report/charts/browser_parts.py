"""Parts that the browser's charts share: styles of scenarios, axes, tooltips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.pages.labels import Labels
from sim.report.palette import SLOTS

if TYPE_CHECKING:
    from sim.pages.page import Chart
    from sim.report.charts.browser import Unit

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


def slot_scale(values: tuple[Any, ...]) -> Spec:
    """An encoding by slot, the same whatever scenarios are shown."""
    return {
        "field": "slot",
        "type": "nominal",
        "scale": {"domain": list(range(len(values))), "range": list(values)},
        "legend": None,
    }


def only(field: str) -> Spec:
    """A filter: rows that hold a number in ``field``."""
    return {"filter": f"isValid(datum['{field}'])"}


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
    elif chart.kind == "heatmap":
        heading = ["row", "column"]
        row("value", chart.y_title or unit.title or labels("tip_value"), unit.suffix)
    elif chart.kind == "scatter":
        row("x", chart.x_title, digits=(0, 2))
        row("y", chart.y_title, unit.suffix)
    else:
        row("value", labels("tip_value"), unit.suffix)
        row("low", labels("tip_low", interval=interval), unit.suffix)
        row("high", labels("tip_high", interval=interval), unit.suffix)
    return {"heading": heading, "rows": rows}
