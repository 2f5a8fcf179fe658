"""Native, editable PowerPoint charts; each carries its numbers in a workbook of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.pages.labels import PERCENT_UNITS, Labels, wrap
from sim.report.charts.slides_book import CHART_NS, error_bars, workbook
from sim.report.columns import meaning
from sim.report.files.deck_tables import MOST_ROWS, Rect, heatmap_table, plain_table
from sim.report.files.deck_text import set_fonts
from sim.report.files.office import (
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
)
from sim.report.palette import BLACK, BLUE, GREY, ORANGE, SKY, TARGET, styles

if TYPE_CHECKING:
    from datetime import datetime

    from sim.pages.page import Chart

MOST_BARS = 18
"""Bars that fit on a slide; the workbook has all of them."""

_DASHES = {
    "solid": "SOLID", "dash": "DASH", "dash_dot": "DASH_DOT", "round_dot": "ROUND_DOT",
    "long_dash": "LONG_DASH", "long_dash_dot": "LONG_DASH_DOT", "square_dot": "SQUARE_DOT",
}  # fmt: skip


def add_chart(slide: Any, chart: Chart, place: Rect, labels: Labels, moment: datetime) -> Any:
    """Put a chart, or a native table for heatmaps and tables, at ``place`` (inches).

    ``moment``: the date that the embedded workbook carries. Returns the frame.
    """
    if chart.kind == "heatmap":
        return heatmap_table(slide, chart, place, labels)
    if chart.kind == "table" or chart.table.empty:
        return plain_table(slide, chart, place, labels)
    return _Native(slide, chart, place, labels, moment).make()


def cut(chart: Chart) -> int:
    """How many rows of its table a slide shows."""
    most = {"bars": MOST_BARS, "tornado": MOST_BARS, "table": MOST_ROWS}
    return min(len(chart.table), most.get(chart.kind, len(chart.table)))


class _Native:
    def __init__(
        self, slide: Any, chart: Chart, place: Rect, labels: Labels, moment: datetime
    ) -> None:
        self.slide, self.chart, self.place, self.labels = slide, chart, place, labels
        self.table = chart.table.head(cut(chart)).reset_index(drop=True)
        self.moment = moment

    def make(self) -> Any:
        """The frame with the chart."""
        frame: Any = getattr(self, f"_{self.chart.kind}")()
        made = frame.chart
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

    def _add(
        self, kind: str, names: Sequence[Any], columns: Sequence[tuple[str, Sequence[float]]],
        plotted: int, errors: tuple[int, int, int] | None = None,
    ) -> Any:  # fmt: skip
        """A chart of the first ``plotted`` columns, with all of them in its workbook.

        ``errors``: places of the middle, low and high columns that error bars are made from.
        """
        from pptx.chart.data import CategoryChartData
        from pptx.enum.chart import XL_CHART_TYPE
        from pptx.util import Inches

        data = CategoryChartData()
        data.categories = list(names)
        for name, values in columns[:plotted]:
            data.add_series(name, [_value(v) for v in values])
        frame = self.slide.shapes.add_chart(
            getattr(XL_CHART_TYPE, kind), *(Inches(v) for v in self.place), data
        )
        made = frame.chart
        book = workbook(names, columns, errors, self.moment)
        made.part.chart_workbook.update_from_xlsx_blob(book)
        if errors:
            error_bars(made.plots[0].series[errors[0]], columns, errors, len(names))
        made.has_legend = False
        return frame

    def _column(self, name: str) -> list[float]:
        return [float(v) for v in self.table[name]]

    # --- looks ------------------------------------------------------------------------------

    def _axes(self, made: Any, values: Sequence[float], *, zero: bool = False) -> None:
        low, high, step = axis_bounds(values, zero=zero)
        axis = made.value_axis
        axis.minimum_scale, axis.maximum_scale, axis.major_unit = low, high, step
        axis.tick_labels.number_format = axis_format(self.chart.unit, self.labels.lang, step)
        axis.tick_labels.number_format_is_linked = False
        axis.major_gridlines.format.line.color.rgb = _rgb(PALE)
        axis.format.line.fill.background()
        self._axis_title(axis, axis_title(self.chart, self.labels, step))
        names = made.category_axis
        names.format.line.color.rgb = _rgb(GREY)
        names.has_major_gridlines = False
        _low_labels(names, 8 if self.chart.kind == "intervals" and len(self.table) > 6 else 9)

    def _axis_title(self, axis: Any, text: str) -> None:
        if not text:
            return
        axis.has_title = True
        run = axis.axis_title.text_frame.paragraphs[0].add_run()
        run.text = text
        run.font.size, run.font.bold = _pt(10), False
        set_fonts(run._r.get_or_add_rPr(), self.labels.lang)

    def _legend(self, made: Any, hidden: Sequence[int] = ()) -> None:
        from pptx.enum.chart import XL_LEGEND_POSITION

        made.has_legend = True
        made.legend.position = XL_LEGEND_POSITION.BOTTOM
        made.legend.include_in_layout = False
        made.legend.font.size = _pt(9)
        place = made.legend._element.find(f"{{{CHART_NS}}}legendPos")
        for index in reversed(hidden):
            entry = place.makeelement(f"{{{CHART_NS}}}legendEntry", {})
            for tag, value in (("idx", str(index)), ("delete", "1")):
                entry.append(entry.makeelement(f"{{{CHART_NS}}}{tag}", {"val": value}))
            place.addnext(entry)

    # --- kinds ------------------------------------------------------------------------------

    def _trajectory(self) -> Any:
        years = sorted(int(y) for y in self.table["fiscal_year"].unique())
        names = list(dict.fromkeys(self.table["scenario"]))
        columns: list[tuple[str, list[float]]] = []
        drawn: list[tuple[str, str]] = []
        for name in names:
            rows = self.table.loc[self.table["scenario"] == name].set_index("fiscal_year")
            shown = str(rows["name"].iloc[0])
            ends = name in banded(names) and not rows["low"].isna().all()
            for column in ("median", "low", "high") if ends else ("median",):
                word = shown
                if column != "median":
                    word = self.labels(f"office_{column}_of", name=shown)
                columns.append((word, [float(v) for v in rows[column].reindex(years)]))
                drawn.append((name, column))
        if not self.table["target"].isna().all():
            rows = self.table.drop_duplicates("fiscal_year").set_index("fiscal_year")
            columns.append(
                (self.labels("target"), [float(v) for v in rows["target"].reindex(years)])
            )
            drawn.append(("", "target"))
        frame = self._add("LINE_MARKERS", years, columns, len(columns))
        made, hidden = frame.chart, []
        for n, (series, (name, column)) in enumerate(zip(made.plots[0].series, drawn, strict=True)):
            if column == "median":
                look = styles(names)[name]
                _line(series, look.colour, 2.25, look.office_dash)
                _marker(series, look.office_marker, 6, look.colour)
            elif column == "target":
                _line(series, TARGET, 1.25)
                _marker(series, "none")
            else:
                _line(series, styles(names)[name].colour, 1.0, "round_dot")
                _marker(series, "none")
                hidden.append(n)
        self._axes(made, [v for _, values in columns for v in values])
        self._axis_title(made.category_axis, self.chart.x_title)
        self._legend(made, hidden)
        return frame

    def _intervals(self) -> Any:
        columns = [
            (self.labels("median"), self._column("median")),
            *[
                (self.labels(f"office_{end}", interval=self.chart.interval), self._column(end))
                for end in ("low", "high")
            ],
        ]
        if not self.table["target"].isna().all():
            columns.append((self.labels("target"), self._column("target")))
        frame = self._add(
            "LINE_MARKERS", list(self.table["name"]), columns, len(columns), errors=(0, 1, 2)
        )
        made = frame.chart
        series = list(made.plots[0].series)
        for n, one in enumerate(series[:3]):
            one.format.line.fill.background()
            _marker(one, "dash" if n else "diamond", 7 if n else 10, GREY if n else BLUE)
        for n, colour in enumerate(self._scenario_colours()):
            _fill_marker(series[0].points[n].marker, "diamond", 10, colour)
        for one in series[3:]:
            _line(one, TARGET, 1.25)
            _marker(one, "none")
        values = [v for _, column in columns for v in column]
        self._axes(made, values)
        self._chances(series, axis_bounds(values))
        self._legend(made, [1, 2])
        return frame

    def _chances(self, series: Sequence[Any], bounds: tuple[float, float, float]) -> None:
        from pptx.enum.chart import XL_LABEL_POSITION

        below = chances_below(self.chart, bounds)
        for n, text in enumerate(chances(self.chart, self.labels)):
            if text:
                label = series[1 if below else 2].points[n].data_label
                run = label.text_frame.paragraphs[0].add_run()
                run.text, run.font.size = text, _pt(10)
                set_fonts(run._r.get_or_add_rPr(), self.labels.lang)
                label.position = XL_LABEL_POSITION.BELOW if below else XL_LABEL_POSITION.ABOVE

    def _bars(self) -> Any:
        columns = [
            (self.labels("office_value"), self._column("value")),
            *[
                (self.labels(f"office_{end}", interval=self.chart.interval), self._column(end))
                for end in ("low", "high")
            ],
        ]
        frame = self._add("BAR_CLUSTERED", list(self.table["label"]), columns, 1, errors=(0, 1, 2))
        series = frame.chart.plots[0].series[0]
        frame.chart.plots[0].gap_width = 60
        _bar(series, SKY)
        for n, colour in enumerate(self._scenario_colours()):
            _bar(series.points[n], colour)
        self._lying(frame.chart, [v for _, values in columns for v in values])
        return frame

    def _scenario_colours(self) -> list[str]:
        """The colour of each row's scenario; none where rows are no scenarios."""
        names = list(self.table["scenario"]) if "scenario" in self.table else []
        look = styles(names)
        return [look[name].colour for name in names]

    def _lying(self, made: Any, values: Sequence[float], zero: bool = True) -> None:
        """Axes of bars that lie; the first row is on top, the values at the bottom."""
        self._axes(made, values, zero=zero)
        made.category_axis.reverse_order = True
        made.value_axis._element.find(f"{{{CHART_NS}}}crosses").set("val", "max")

    def _tornado(self) -> Any:
        columns = [(self.labels(f"office_end_{e}"), self._column(e)) for e in ("low", "high")]
        frame = self._add("BAR_CLUSTERED", list(self.table["label"]), columns, 2)
        plot = frame.chart.plots[0]
        plot.overlap, plot.gap_width = 100, 40
        for series, colour in zip(plot.series, (SKY, ORANGE), strict=True):
            _bar(series, colour)
        self._lying(frame.chart, [v for _, values in columns for v in values])
        self._legend(frame.chart)
        return frame

    def _waterfall(self) -> Any:
        parts = waterfall_parts(self.table)
        colours = {"level": GREY, "up": BLUE, "down": ORANGE}
        shown = [c for c in WATERFALL if not c.endswith("_below") or parts[c].any()]
        columns = []
        for column in shown:
            stem = column.removesuffix("_below")
            columns.append((self.labels("office_value" if stem == "base" else f"office_{stem}"),
                            [float(v) for v in parts[column]]))  # fmt: skip
        rest = [(meaning(c)[self.labels.lang], self._column(c)) for c in ("value", "low", "high")]
        frame = self._add("BAR_STACKED", list(self.table["label"]), [*columns, *rest], len(columns))
        plot = frame.chart.plots[0]
        plot.gap_width, plot.overlap = 40, 100
        for series, column in zip(plot.series, shown, strict=True):
            stem = column.removesuffix("_below")
            if stem == "base":
                series.format.fill.background()
                series.format.line.fill.background()
            else:
                _bar(series, colours[stem])
        self._lying(frame.chart, waterfall_span(parts), zero=False)
        return frame

    def _scatter(self) -> Any:
        from pptx.chart.data import XyChartData
        from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION
        from pptx.util import Inches

        data = XyChartData()
        points = data.add_series(self.chart.title)
        for x, y in zip(self._column("x"), self._column("y"), strict=True):
            points.add_data_point(x, y)
        frame = self.slide.shapes.add_chart(
            XL_CHART_TYPE.XY_SCATTER, *(Inches(v) for v in self.place), data
        )
        made = frame.chart
        rows = [(str(t), v) for t, v in zip(self.table["label"], self._column("y"), strict=True)]
        made.part.chart_workbook.update_from_xlsx_blob(
            workbook(
                self._column("x"),
                [(self.chart.title, [v for _, v in rows])],
                None, self.moment, [name for name, _ in rows],
            )
        )  # fmt: skip
        series = made.plots[0].series[0]
        series.format.line.fill.background()
        _marker(series, "circle", 9, BLUE)
        made.has_legend = False
        if len(rows) <= 25:
            for n, (name, _) in enumerate(rows):
                label = series.points[n].data_label
                run = label.text_frame.paragraphs[0].add_run()
                run.text, run.font.size = name, _pt(10)
                set_fonts(run._r.get_or_add_rPr(), self.labels.lang)
                label.position = XL_LABEL_POSITION.RIGHT
        for axis, column, title in (
            (made.category_axis, "x", self.chart.x_title),
            (made.value_axis, "y", self.chart.y_title),
        ):
            low, high, step = axis_bounds(self._column(column))
            axis.minimum_scale, axis.maximum_scale, axis.major_unit = low, high, step
            unit = self.chart.unit if self.chart.unit in PERCENT_UNITS and "%" in title else ""
            axis.tick_labels.number_format = axis_format(unit, self.labels.lang, step)
            axis.tick_labels.number_format_is_linked = False
            axis.has_major_gridlines = True
            axis.major_gridlines.format.line.color.rgb = _rgb(PALE)
            self._axis_title(axis, title)
        return frame


# --- parts of charts ----------------------------------------------------------------------------


def _value(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _rgb(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(colour.lstrip("#"))


def _pt(size: float) -> Any:
    from pptx.util import Pt

    return Pt(size)


def _line(series: Any, colour: str, width: float, dash: str = "solid") -> None:
    from pptx.enum.dml import MSO_LINE

    series.smooth = False
    line = series.format.line
    line.color.rgb, line.width = _rgb(colour), _pt(width)
    line.dash_style = getattr(MSO_LINE, _DASHES[dash])


def _marker(series: Any, style: str, size: int = 6, colour: str = BLACK) -> None:
    from pptx.enum.chart import XL_MARKER_STYLE

    series.smooth = False
    if style == "none":
        series.marker.style = XL_MARKER_STYLE.NONE
    else:
        _fill_marker(series.marker, style, size, colour)


def _fill_marker(marker: Any, style: str, size: int, colour: str) -> None:
    from pptx.enum.chart import XL_MARKER_STYLE

    marker.style, marker.size = getattr(XL_MARKER_STYLE, style.upper()), size
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = _rgb(colour)
    marker.format.line.color.rgb = _rgb(colour)


def _bar(series: Any, colour: str) -> None:
    """The look of bars: of a series, or of one point of it."""
    if hasattr(series, "invert_if_negative"):
        series.invert_if_negative = False
    series.format.fill.solid()
    series.format.fill.fore_color.rgb = _rgb(colour)
    series.format.line.color.rgb = _rgb(BLACK)
    series.format.line.width = _pt(0.75)


def _low_labels(axis: Any, size: float) -> None:
    """Names of categories at the edge, also where values are below 0, and never turned."""
    from pptx.enum.chart import XL_TICK_LABEL_POSITION

    axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    axis.tick_labels.font.size = _pt(size)
    axis._element.xpath("c:txPr/a:bodyPr")[0].set("rot", "0")
