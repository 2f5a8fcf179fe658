"""Native Excel charts whose series refer to the cells of data sheets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.pages.labels import PERCENT_UNITS, Labels, wrap
from sim.pages.page import KINDS, Chart
from sim.report.files.office import (
    FONTS,
    PALE,
    WATERFALL,
    axis_bounds,
    axis_format,
    axis_title,
    banded,
    chances,
    chances_below,
    waterfall_parts,
    waterfall_span,
    with_errors,
)
from sim.report.palette import BLACK, BLUE, GREY, ORANGE, SKY, TARGET, styles

WIDTH = 800
"""Width of a chart in pixels."""

_DRAWN = ("trajectory", "intervals", "waterfall", "tornado", "bars", "scatter")


_NAMES = ("scenario", "kind", "group", "unit")


def _text(column: pd.Series[Any]) -> bool:
    return any(isinstance(v, str) for v in column)


def drawn(chart: Chart) -> bool:
    """Whether it becomes a chart; a heatmap and a table are cells."""
    return chart.kind in _DRAWN and not chart.table.empty


def chart_data(chart: Chart) -> pd.DataFrame:
    """The rows behind a chart, with the columns that only drawing needs at the end.

    Other texts than names are left out: they are numbers as a reader sees them, such as "12 %".
    """
    names = {*KINDS[chart.kind], *_NAMES}
    texts = [c for c in chart.table if c not in names and _text(chart.table[c])]
    table = chart.table.drop(columns=texts).reset_index(drop=True)
    if chart.kind == "intervals":
        table = with_errors(table, "median")
    elif chart.kind == "bars":
        table = with_errors(table, "value")
    elif chart.kind == "waterfall":
        table = waterfall_parts(table)
    if "unit" not in table:
        table = table.assign(unit=chart.unit)
    lead = ["chart", *[c for c in table.columns if c != "unit"], "unit"]
    return table.assign(chart=chart.id)[lead]


@dataclass(frozen=True)
class Place:
    """Where a chart's rows stand: sheet, first row (0-based) and the sheet's columns."""

    sheet: str
    first: int
    rows: int
    columns: list[str]

    def span(self, column: str, start: int = 0, rows: int | None = None) -> list[Any]:
        """A range as XlsxWriter takes it: ``rows`` rows of a column from ``start``."""
        at, count = self.first + start, self.rows if rows is None else rows
        place = self.columns.index(column)
        return [self.sheet, at, place, at + count - 1, place]

    def formula(self, column: str) -> str:
        """A range as a formula, for error bars."""
        from xlsxwriter.utility import xl_range_abs

        _, top, left, bottom, right = self.span(column)
        return f"='{self.sheet}'!{xl_range_abs(top, left, bottom, right)}"


def draw(book: Any, chart: Chart, place: Place, labels: Labels) -> Any:
    """The Excel chart of one chart, its data standing at ``place``."""
    return _Drawing(book, chart, place, labels).make()


class _Drawing:
    def __init__(self, book: Any, chart: Chart, place: Place, labels: Labels) -> None:
        self.book, self.chart, self.place, self.labels = book, chart, place, labels
        self.table = chart.table.reset_index(drop=True)
        self.latin = FONTS[labels.lang][0]

    def make(self) -> Any:
        made = getattr(self, f"_{self.chart.kind}")()
        title = wrap(self.chart.title, 62)
        made.set_title({"name": title, "name_font": self._font(12, bold=True), "overlay": False})
        made.set_chartarea({"border": {"color": PALE}})
        made.set_plotarea({"fill": {"none": True}})
        return made

    def _font(self, size: float = 9, **more: Any) -> dict[str, Any]:
        return {"name": self.latin, "size": size, "bold": False, **more}

    def _legend(self, made: Any, hidden: list[int] | None = None) -> None:
        more = {"delete_series": hidden} if hidden else {}
        made.set_legend({"position": "bottom", "font": self._font(), **more})

    def _values(self, *columns: str) -> list[float]:
        return [float(v) for c in columns if c in self.table for v in self.table[c]]

    def _value_axis(self, values: list[float], *, zero: bool = False) -> dict[str, Any]:
        low, high, step = axis_bounds(values, zero=zero)
        return {
            "min": low, "max": high, "major_unit": step,
            "num_format": axis_format(self.chart.unit, self.labels.lang, step),
            "num_font": self._font(), "name": axis_title(self.chart, self.labels, step),
            "name_font": self._font(), "line": {"none": True},
            "major_gridlines": {"visible": True, "line": {"color": PALE}},
        }  # fmt: skip

    def _name_axis(self, **more: Any) -> dict[str, Any]:
        return {"num_font": self._font(), "label_position": "low", **more}

    def _points(self) -> list[Any] | None:
        """The colour of each row's scenario; None where rows are no scenarios."""
        if "scenario" not in self.table:
            return None
        look = styles(list(self.table["scenario"]))
        return [
            {"fill": {"color": look[s].colour}, "border": {"color": BLACK}}
            for s in self.table["scenario"]
        ]

    def _trajectory(self) -> Any:
        made = self.book.add_chart({"type": "line"})
        names = list(dict.fromkeys(self.table["scenario"]))
        bands, hidden, count = banded(names), [], 0
        for name in names:
            look = styles(names)[name]
            rows = self.table.index[self.table["scenario"] == name]
            start, size = int(rows[0]), len(rows)
            years = self.place.span("fiscal_year", start, size)
            shown = str(self.table["name"][start])
            line = {"color": look.colour, "width": 2.25, "dash_type": look.office_dash}
            point = {"type": look.office_marker, "size": 6, "border": {"color": look.colour},
                     "fill": {"color": look.colour}}  # fmt: skip
            made.add_series({
                "name": shown, "categories": years, "line": line, "marker": point,
                "values": self.place.span("median", start, size),
            })  # fmt: skip
            count += 1
            if name in bands and not self.table["low"][rows].isna().all():
                for end in ("low", "high"):
                    made.add_series({
                        "name": self.labels(f"office_{end}_of", name=shown), "categories": years,
                        "values": self.place.span(end, start, size), "marker": {"type": "none"},
                        "line": {"color": look.colour, "width": 1, "dash_type": "round_dot"},
                    })  # fmt: skip
                    hidden.append(count)
                    count += 1
        if not self.table["target"].isna().all():
            size = int((self.table["scenario"] == names[0]).sum())
            made.add_series({
                "name": self.labels("target"), "values": self.place.span("target", 0, size),
                "categories": self.place.span("fiscal_year", 0, size), "marker": {"type": "none"},
                "line": {"color": TARGET, "width": 1.25},
            })  # fmt: skip
        inside = self.table["scenario"].isin(bands)
        ends = [float(v) for c in ("low", "high") for v in self.table.loc[inside, c]]
        made.set_y_axis(self._value_axis([*self._values("median", "target"), *ends]))
        made.set_x_axis(self._name_axis(name=self.chart.x_title, name_font=self._font()))
        self._legend(made, hidden)
        made.set_size({"width": WIDTH, "height": 430})
        return made

    def _intervals(self) -> Any:
        made = self.book.add_chart({"type": "line"})
        names = self.place.span("name")
        series = {"categories": names, "line": {"none": True}}
        custom: list[Any] = [
            {"value": text} if text else {"delete": True}
            for text in chances(self.chart, self.labels)
        ]
        made.add_series({
            **series, "name": self.labels("median"), "values": self.place.span("median"),
            "marker": {"type": "diamond", "size": 10, "fill": {"color": GREY},
                       "border": {"color": BLACK}},
            "y_error_bars": {
                "type": "custom", "direction": "both", "end_style": 1,
                "plus_values": self.place.formula("error_above"),
                "minus_values": self.place.formula("error_below"),
                "line": {"color": GREY, "width": 2.25},
            },
        })  # fmt: skip
        hidden = []
        bounds = axis_bounds(self._values("median", "low", "high", "target"))
        below = chances_below(self.chart, bounds)
        for end in ("low", "high"):
            hidden.append(len(made.series))
            mark = {
                "type": "long_dash",
                "size": 7,
                "border": {"color": GREY},
                "fill": {"color": GREY},
            }
            said = {"value": True, "custom": custom, "font": self._font(10),
                    "position": "below" if below else "above"}  # fmt: skip
            here = end == ("low" if below else "high") and any("value" in c for c in custom)
            shown = {"data_labels": said} if here else {}
            made.add_series({
                **series, "name": self.labels(f"office_{end}", interval=self.chart.interval),
                "values": self.place.span(end), "marker": mark, **shown,
            })  # fmt: skip
        if not self.table["target"].isna().all():
            made.add_series({
                "name": self.labels("target"), "values": self.place.span("target"),
                "categories": names, "marker": {"type": "none"},
                "line": {"color": TARGET, "width": 1.25},
            })  # fmt: skip
        made.set_y_axis(self._value_axis(self._values("median", "low", "high", "target")))
        made.set_x_axis(self._name_axis())
        self._legend(made, hidden)
        made.set_size({"width": WIDTH, "height": 400})
        return made

    def _bars(self) -> Any:
        made = self.book.add_chart({"type": "bar"})
        made.add_series({
            "name": self.labels("office_value"), "categories": self.place.span("label"),
            "values": self.place.span("value"), "gap": 60, "fill": {"color": SKY},
            "border": {"color": BLACK, "width": 0.75},
            "points": self._points(),
            "y_error_bars": {
                "type": "custom", "direction": "both", "end_style": 1,
                "plus_values": self.place.formula("error_above"),
                "minus_values": self.place.formula("error_below"),
                "line": {"color": BLACK, "width": 1.5},
            },
        })  # fmt: skip
        made.set_legend({"none": True})
        return self._lying(made, self._values("value", "low", "high"))

    def _lying(self, made: Any, values: list[float], *, zero: bool = True) -> Any:
        """Axes of bars that lie; the first row is on top."""
        # XlsxWriter's y axis is the one that stands; reversed, it would put the values on top
        made.set_y_axis(self._name_axis(reverse=True, crossing="max"))
        made.set_x_axis(self._value_axis(values, zero=zero))
        made.set_size({"width": WIDTH, "height": 150 + 30 * len(self.table)})
        return made

    def _tornado(self) -> Any:
        made = self.book.add_chart({"type": "bar"})
        for end, colour in (("low", SKY), ("high", ORANGE)):
            made.add_series({
                "name": self.labels(f"office_end_{end}"), "categories": self.place.span("label"),
                "values": self.place.span(end), "overlap": 100, "gap": 40,
                "fill": {"color": colour}, "border": {"color": BLACK, "width": 0.75},
            })  # fmt: skip
        self._legend(made)
        return self._lying(made, self._values("low", "high"))

    def _waterfall(self) -> Any:
        made = self.book.add_chart({"type": "bar", "subtype": "stacked"})
        parts = waterfall_parts(self.table)
        looks_of = {"base": None, "level": GREY, "up": BLUE, "down": ORANGE,
                    "up_below": BLUE, "down_below": ORANGE}  # fmt: skip
        for column in WATERFALL:
            if column.endswith("_below") and not parts[column].any():
                continue
            colour = looks_of[column]
            fill = {"none": True} if colour is None else {"color": colour}
            border = {"none": True} if colour is None else {"color": BLACK, "width": 0.75}
            word = "value" if colour is None else column.removesuffix("_below")
            made.add_series({
                "name": self.labels(f"office_{word}"), "categories": self.place.span("label"),
                "values": self.place.span(column), "fill": fill, "border": border, "gap": 40,
            })  # fmt: skip
        made.set_legend({"none": True})  # the sentence under the chart names the colours
        return self._lying(made, waterfall_span(parts), zero=False)

    def _scatter(self) -> Any:
        made = self.book.add_chart({"type": "scatter"})
        custom: list[Any] = [{"value": str(t)} for t in self.table["label"]]
        labelled = {
            "data_labels": {
                "value": True,
                "custom": custom,
                "position": "right",
                "font": self._font(),
            }
        }
        made.add_series({
            "name": self.chart.title, "categories": self.place.span("x"),
            "values": self.place.span("y"),
            "marker": {"type": "circle", "size": 8, "fill": {"color": BLUE},
                       "border": {"color": BLACK}},
            **(labelled if len(self.table) <= 25 else {}),
        })  # fmt: skip
        for put, column, title in (
            (made.set_x_axis, "x", self.chart.x_title), (made.set_y_axis, "y", self.chart.y_title),
        ):  # fmt: skip
            values = self._values(column)
            low, high, step = axis_bounds(values)
            put({
                "min": low, "max": high, "major_unit": step, "name": title,
                "name_font": self._font(), "num_font": self._font(),
                "num_format": axis_format(_unit_of(self.chart, title), self.labels.lang, step),
                "major_gridlines": {"visible": True, "line": {"color": PALE}},
            })  # fmt: skip
        made.set_legend({"none": True})
        made.set_size({"width": WIDTH, "height": 430})
        return made


def _unit_of(chart: Chart, title: str) -> str:
    """The unit of an axis: the chart's own, where its title names none of another kind."""
    return chart.unit if chart.unit in PERCENT_UNITS and "%" in title else ""
