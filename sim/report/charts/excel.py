"""Native Excel charts whose series refer to the cells of data sheets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.pages.labels import Labels, wrap
from sim.pages.page import CHART_KINDS, Chart
from sim.report.charts.axes import axis_format, axis_title, unit_of_axis
from sim.report.charts.office_series import Plot, Series, drawn, plot_of
from sim.report.files.office import FONTS
from sim.report.palette import BLACK, GRID

WIDTH = 800
"""Width of a chart in pixels."""

_NAMES = ("scenario", "kind", "group", "unit", "panel", "panel_group")
"""Texts that stay in a data sheet, beside those that a kind needs."""
_FORMS = {
    "line": {"type": "line"},
    "bars": {"type": "bar"},
    "stacked": {"type": "bar", "subtype": "stacked"},
    "points": {"type": "scatter"},
    "lines": {"type": "scatter", "subtype": "straight_with_markers"},
}


def chart_data(chart: Chart, labels: Labels) -> pd.DataFrame:
    """The rows behind a chart, with the columns that only drawing needs at the end.

    Other texts than names are left out: they are numbers as a reader sees them, such as "12 %".
    """
    table = plot_of(chart, labels).table if drawn(chart) else chart.table.reset_index(drop=True)
    names = {*CHART_KINDS[chart.kind], *_NAMES}
    texts = [c for c in table if c not in names and _text(table[c])]
    table = table.drop(columns=texts)
    if "unit" not in table:
        table = table.assign(unit=chart.unit)
    lead = ["chart", *[c for c in table.columns if c != "unit"], "unit"]
    return table.assign(chart=chart.id)[lead]


def _text(column: pd.Series[Any]) -> bool:
    return any(isinstance(v, str) for v in column)


@dataclass(frozen=True)
class TableRange:
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


def draw(book: Any, chart: Chart, place: TableRange, labels: Labels) -> Any:
    """The Excel chart of one chart that is ``drawn``, its data standing at ``place``."""
    return _ExcelChart(book, chart, place, labels).make()


class _ExcelChart:
    def __init__(self, book: Any, chart: Chart, place: TableRange, labels: Labels) -> None:
        self.chart, self.place, self.labels = chart, place, labels
        self.plot = plot_of(chart, labels)
        self.latin = FONTS[labels.lang][0]
        joined = self.plot.form == "points" and any(s.line for s in self.plot.series)
        self.made = book.add_chart(_FORMS["lines" if joined else self.plot.form])

    def make(self) -> Any:
        made, plot = self.made, self.plot
        for series in plot.series:
            made.add_series(self._series(series))
        title = wrap(self.chart.title, 62)
        made.set_title({"name": title, "name_font": self._font(12, bold=True), "overlay": False})
        made.set_chartarea({"border": {"color": GRID}})
        made.set_plotarea({"fill": {"none": True}})
        hidden = [n for n, series in enumerate(plot.series) if not series.listed]
        if plot.legend:
            more = {"delete_series": hidden} if hidden else {}
            made.set_legend({"position": "bottom", "font": self._font(), **more})
        else:
            made.set_legend({"none": True})
        height = self._lying(plot) if plot.form in ("bars", "stacked") else self._standing(plot)
        made.set_size({"width": WIDTH, "height": height})
        return made

    def _series(self, series: Series) -> dict[str, Any]:
        at = (series.first, series.rows)
        out: dict[str, Any] = {
            "name": series.name,
            "categories": self.place.span(self.plot.names, *at),
            "values": self.place.span(series.column, *at),
        }
        if series.bar:
            seen = series.colour != ""
            out["fill"] = {"color": series.colour} if seen else {"none": True}
            out["border"] = {"color": BLACK, "width": 0.75} if seen else {"none": True}
            out["gap"] = 60 if series.errors else 40
            if self.plot.form == "bars":
                out["overlap"] = 100
            if series.colours:
                out["points"] = [
                    {"fill": {"color": c}, "border": {"color": BLACK}} for c in series.colours
                ]
        else:
            dash = {"color": series.colour, "width": series.line, "dash_type": series.dash}
            out["line"] = dash if series.line else {"none": True}
            marker = "long_dash" if series.marker == "dash" else series.marker
            edge = series.colour if series.line or series.marker == "dash" else BLACK
            out["marker"] = {
                "type": marker, "size": series.size, "border": {"color": edge},
                "fill": {"color": series.colour},
            } if marker != "none" else {"type": "none"}  # fmt: skip
        if series.errors:
            out["y_error_bars"] = {
                "type": "custom", "direction": "both", "end_style": 1,
                "plus_values": self.place.formula("error_above"),
                "minus_values": self.place.formula("error_below"),
                "line": {"color": BLACK if series.bar else series.colour,
                         "width": 1.5 if series.bar else 2.25},
            }  # fmt: skip
        if any(series.texts):
            custom = [{"value": text} if text else {"delete": True} for text in series.texts]
            side = "right" if self.plot.form == "points" else "above"
            out["data_labels"] = {
                "value": True, "custom": custom, "font": self._font(10),
                "position": "below" if series.below else side,
            }  # fmt: skip
        return out

    def _font(self, size: float = 9, **more: Any) -> dict[str, Any]:
        return {"name": self.latin, "size": size, "bold": False, **more}

    def _axis(
        self, bounds: tuple[float, float, float], title: str, unit: str, years: bool, **more: Any
    ) -> dict[str, Any]:
        low, high, step = bounds
        number = "0" if years else axis_format(unit, self.labels.lang, step)
        return {
            "min": low, "max": high, "major_unit": step, "num_format": number,
            "num_font": self._font(), "name": title or axis_title(self.chart, self.labels, step),
            "name_font": self._font(),
            "major_gridlines": {"visible": True, "line": {"color": GRID}}, **more,
        }  # fmt: skip

    def _name_axis(self, **more: Any) -> dict[str, Any]:
        return {"num_font": self._font(), "label_position": "low", **more}

    def _lying(self, plot: Plot) -> int:
        """Axes of bars that lie, the first row on top; their height in pixels."""
        # XlsxWriter's y axis is the one that stands; reversed, it would put the values on top
        self.made.set_y_axis(self._name_axis(reverse=True, crossing="max"))
        axis = self._axis(plot.bounds, "", self.chart.unit, plot.years, line={"none": True})
        self.made.set_x_axis(axis)
        return 150 + 30 * plot.series[0].rows

    def _standing(self, plot: Plot) -> int:
        """Axes of lines and points; their height in pixels."""
        chart = self.chart
        if plot.form == "line":
            named = chart.kind == "trajectory"
            more = {"name": chart.x_title, "name_font": self._font()} if named else {}
            self.made.set_x_axis(self._name_axis(**more))
            line = {"none": True}
            self.made.set_y_axis(self._axis(plot.bounds, "", chart.unit, False, line=line))
            return 430 if named else 400
        unit = unit_of_axis(chart, chart.x_title)
        axis = self._axis(plot.across, chart.x_title, unit, plot.years)
        if plot.log:
            axis = {"log_base": plot.log, "min": min(plot.table[plot.names]), "name": chart.x_title,
                    "name_font": self._font(), "num_font": self._font()}  # fmt: skip
        self.made.set_x_axis(axis)
        unit = chart.unit if chart.kind == "lines" else unit_of_axis(chart, chart.y_title)
        self.made.set_y_axis(self._axis(plot.bounds, chart.y_title, unit, False))
        return 430
