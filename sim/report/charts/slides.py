"""Native, editable PowerPoint charts; each carries its numbers in a workbook of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.pages.labels import Labels, wrap
from sim.pages.page import Chart
from sim.report.charts.axes import axis_format, axis_title, unit_of_axis
from sim.report.charts.office_series import Series, plot_of
from sim.report.charts.slides_book import CHART_NS, error_bars, workbook
from sim.report.files.deck_text import set_fonts
from sim.report.palette import BLACK, GREY, GRID

if TYPE_CHECKING:
    from datetime import datetime

Rect = tuple[float, float, float, float]

MOST_BARS = 18
"""Bars that fit on a slide; the workbook has all of them."""

_FORMS = {
    "line": "LINE_MARKERS", "bars": "BAR_CLUSTERED", "stacked": "BAR_STACKED",
    "points": "XY_SCATTER", "lines": "XY_SCATTER_LINES",
}  # fmt: skip


def draw(slide: Any, chart: Chart, place: Rect, labels: Labels, moment: datetime) -> Any:
    """Put a chart that is ``drawn`` at ``place`` (inches); returns the frame.

    ``moment``: the date that the embedded workbook carries.
    """
    return _SlideChart(slide, chart, place, labels, moment).make()


def bars_shown(chart: Chart) -> int:
    """How many rows of its table a chart on a slide shows."""
    few = chart.kind in ("bars", "tornado", "forest", "spans")
    return min(len(chart.table), MOST_BARS) if few else len(chart.table)


class _SlideChart:
    def __init__(
        self, slide: Any, chart: Chart, place: Rect, labels: Labels, moment: datetime
    ) -> None:
        self.slide, self.place, self.labels, self.moment = slide, place, labels, moment
        self.chart = replace(chart, table=chart.table.head(bars_shown(chart)))
        self.plot = plot_of(self.chart, labels)

    def make(self) -> Any:
        """The frame with the chart."""
        plot = self.plot
        frame = self._points() if plot.form == "points" else self._named()
        made = frame.chart
        for series, own in zip(made.plots[0].series, plot.series, strict=True):
            self._look(series, own)
        if plot.form in ("bars", "stacked"):
            made.plots[0].gap_width = 60 if plot.series[0].errors else 40
            if len(plot.series) > 1:
                made.plots[0].overlap = 100
        self._axes(made)
        made.has_legend = plot.legend
        if plot.legend:
            self._legend(made, [n for n, series in enumerate(plot.series) if not series.listed])
        made.font.size = _pt(10)
        set_fonts(made.font._rPr, self.labels.lang)
        made.has_title = True
        run = made.chart_title.text_frame.paragraphs[0].add_run()
        run.text = wrap(self.chart.title, int(self.place[2] * 72 / (13 * 0.53)) - 4).replace(
            "\n", " "
        )
        run.font.size, run.font.bold = _pt(13), True
        set_fonts(run._r.get_or_add_rPr(), self.labels.lang)
        made.chart_title.include_in_layout = False
        return frame

    # --- the numbers ------------------------------------------------------------------------

    def _cells(self, column: str, first: int = 0, rows: int | None = None) -> list[float]:
        table = self.plot.table
        last = len(table) if rows is None else first + rows
        return [float(v) for v in table[column].iloc[first:last]]

    def _frame(self, form: str, data: Any) -> Any:
        from pptx.enum.chart import XL_CHART_TYPE
        from pptx.util import Inches

        place = (Inches(v) for v in self.place)
        return self.slide.shapes.add_chart(getattr(XL_CHART_TYPE, _FORMS[form]), *place, data)

    def _named(self) -> Any:
        """A chart over names, with its series, and what stands beside them, in its workbook."""
        from pptx.chart.data import CategoryChartData

        plot = self.plot
        names = plot.table[plot.names].iloc[: plot.series[0].rows].tolist()
        data = CategoryChartData()
        data.categories = names
        columns = [(s.name, self._cells(s.column, s.first, s.rows)) for s in plot.series]
        for name, values in columns:
            data.add_series(name, [v if math.isfinite(v) else None for v in values])
        columns += [(name, self._cells(column)) for name, column in plot.more]
        errors = (0, 1, 2) if plot.series[0].errors else None
        frame = self._frame(plot.form, data)
        book = workbook(names, columns, errors, self.moment)
        frame.chart.part.chart_workbook.update_from_xlsx_blob(book)
        if errors:
            error_bars(frame.chart.plots[0].series[0], columns, errors, len(names))
        return frame

    def _points(self) -> Any:
        """A chart over two axes: the points of its series below each other in its workbook."""
        from pptx.chart.data import XyChartData

        plot = self.plot
        data = XyChartData()
        for own in plot.series:
            series = data.add_series(own.name)
            at = (own.first, own.rows)
            for x, y in zip(
                self._cells(plot.names, *at), self._cells(own.column, *at), strict=True
            ):
                series.add_data_point(x, y)
        frame = self._frame("lines" if plot.series[0].line else "points", data)
        if len(plot.series) == 1:
            name, texts = plot.series[0].name, plot.table["label"].astype(str).tolist()
            columns = [(name, self._cells(plot.series[0].column))]
            book = workbook(self._cells(plot.names), columns, None, self.moment, texts)
            frame.chart.part.chart_workbook.update_from_xlsx_blob(book)
        return frame

    # --- looks ------------------------------------------------------------------------------

    def _look(self, series: Any, own: Series) -> None:
        if own.bar:
            _bar(series, own.colour)
            for n, colour in enumerate(own.colours):
                _bar(series.points[n], colour)
            return
        series.smooth = False
        if own.line:
            _line(series, own)
        else:
            series.format.line.fill.background()
        _marker(series.marker, own.marker, own.size, own.colour)
        for n, colour in enumerate(own.colours):
            _marker(series.points[n].marker, own.marker, own.size, colour)
        for n, text in enumerate(own.texts):
            if text:
                self._text(series.points[n].data_label, text, own.below)

    def _text(self, label: Any, text: str, below: bool) -> None:
        from pptx.enum.chart import XL_LABEL_POSITION as AT

        run = label.text_frame.paragraphs[0].add_run()
        run.text, run.font.size = text, _pt(10)
        set_fonts(run._r.get_or_add_rPr(), self.labels.lang)
        label.position = AT.RIGHT if self.plot.form == "points" else AT.BELOW if below else AT.ABOVE

    def _axes(self, made: Any) -> None:
        plot, chart = self.plot, self.chart
        if plot.form == "points":
            if plot.log:
                _log(made.category_axis, plot.log, min(self._cells(plot.names)))
            else:
                unit = unit_of_axis(chart, chart.x_title)
                self._scale(made.category_axis, plot.across, unit, plot.years)
            self._axis_title(made.category_axis, chart.x_title)
            unit = chart.unit if chart.kind == "lines" else unit_of_axis(chart, chart.y_title)
            self._scale(made.value_axis, plot.bounds, unit, False)
            self._axis_title(made.value_axis, chart.y_title)
            return
        self._scale(made.value_axis, plot.bounds, chart.unit, plot.years)
        made.value_axis.format.line.fill.background()
        self._axis_title(made.value_axis, axis_title(chart, self.labels, plot.bounds[2]))
        names = made.category_axis
        names.format.line.color.rgb = _rgb(GREY)
        names.has_major_gridlines = False
        _low_labels(names, 8 if chart.kind == "intervals" and len(plot.table) > 6 else 9)
        if plot.form != "line":  # bars lie: the first row on top, the values at the bottom
            names.reverse_order = True
            made.value_axis._element.find(f"{{{CHART_NS}}}crosses").set("val", "max")
        elif chart.kind == "trajectory":
            self._axis_title(names, chart.x_title)

    def _scale(self, axis: Any, bounds: tuple[float, float, float], unit: str, years: bool) -> None:
        axis.minimum_scale, axis.maximum_scale, axis.major_unit = bounds
        number = "0" if years else axis_format(unit, self.labels.lang, bounds[2])
        axis.tick_labels.number_format = number
        axis.tick_labels.number_format_is_linked = False
        axis.has_major_gridlines = True
        axis.major_gridlines.format.line.color.rgb = _rgb(GRID)

    def _axis_title(self, axis: Any, text: str) -> None:
        if not text:
            return
        axis.has_title = True
        run = axis.axis_title.text_frame.paragraphs[0].add_run()
        run.text = text
        run.font.size, run.font.bold = _pt(10), False
        set_fonts(run._r.get_or_add_rPr(), self.labels.lang)

    def _legend(self, made: Any, hidden: Sequence[int]) -> None:
        from pptx.enum.chart import XL_LEGEND_POSITION

        made.legend.position = XL_LEGEND_POSITION.BOTTOM
        made.legend.include_in_layout = False
        made.legend.font.size = _pt(9)
        place = made.legend._element.find(f"{{{CHART_NS}}}legendPos")
        for index in reversed(hidden):
            entry = place.makeelement(f"{{{CHART_NS}}}legendEntry", {})
            for tag, value in (("idx", str(index)), ("delete", "1")):
                entry.append(entry.makeelement(f"{{{CHART_NS}}}{tag}", {"val": value}))
            place.addnext(entry)


# --- parts of charts ----------------------------------------------------------------------------


def _rgb(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(colour.lstrip("#"))


def _pt(size: float) -> Any:
    from pptx.util import Pt

    return Pt(size)


def _line(series: Any, own: Series) -> None:
    from pptx.enum.dml import MSO_LINE

    line = series.format.line
    line.color.rgb, line.width = _rgb(own.colour), _pt(own.line)
    line.dash_style = getattr(MSO_LINE, own.dash.upper())


def _marker(marker: Any, style: str, size: int, colour: str) -> None:
    from pptx.enum.chart import XL_MARKER_STYLE

    marker.style = getattr(XL_MARKER_STYLE, style.upper())
    if style == "none":
        return
    marker.size = size
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = _rgb(colour)
    marker.format.line.color.rgb = _rgb(colour)


def _bar(series: Any, colour: str) -> None:
    """The look of bars, of a series or of one point of it; "" for bars that are not seen."""
    if colour == "":
        series.format.fill.background()
        series.format.line.fill.background()
        return
    if hasattr(series, "invert_if_negative"):
        series.invert_if_negative = False
    series.format.fill.solid()
    series.format.fill.fore_color.rgb = _rgb(colour)
    series.format.line.color.rgb = _rgb(BLACK)
    series.format.line.width = _pt(0.75)


def _log(axis: Any, base: int, least: float) -> None:
    """A logarithmic axis; python-pptx has no name for it."""
    scaling = axis._element.find(f"{{{CHART_NS}}}scaling")
    scaling.insert(0, scaling.makeelement(f"{{{CHART_NS}}}logBase", {"val": str(base)}))
    axis.minimum_scale = least


def _low_labels(axis: Any, size: float) -> None:
    """Names of categories at the edge, also where values are below 0, and never turned."""
    from pptx.enum.chart import XL_TICK_LABEL_POSITION

    axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    axis.tick_labels.font.size = _pt(size)
    axis._element.xpath("c:txPr/a:bodyPr")[0].set("rot", "0")
