"""Charts as series of numbers, for the two media that draw charts themselves: Excel and PowerPoint.

A plot says which columns of a chart's table are its series, and how each looks. What neither can
draw stands in the data behind the chart alone: inner and outer intervals, second values, intervals
of lines without a band and of points, and the steps between lines' values. Heatmaps, maps, tables
and small multiples are shown as tables.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.pages.labels import Labels
from sim.pages.page import Chart
from sim.report.charts.axes import axis_bounds
from sim.report.charts.bands import (
    bands,
    chances,
    fills,
    line_column,
    one_value,
    series_slots,
    waterfall_rows,
)
from sim.report.palette import BLUE, GREY, ORANGE, SKY, SLOTS, TARGET, Style, styles

MOST_NAMED = 25
"""Points that have their names beside them."""


@dataclass(frozen=True)
class Series:
    """One series: ``rows`` rows of a column of the plot's table, from ``first``, and its look.

    ``line``: its width in points, 0 for none; ``bar``: it is drawn as bars, in ``colour``, or not
    seen where that is "". ``colours``: of single bars or markers. ``texts``: beside the values,
    under them where ``below``. ``listed``: it stands in the legend. ``errors``: error bars from
    the columns error_below and error_above.
    """

    name: str
    column: str
    first: int
    rows: int
    colour: str
    bar: bool = False
    line: float = 0.0
    dash: str = "solid"
    marker: str = "none"
    size: int = 6
    colours: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    below: bool = False
    listed: bool = True
    errors: bool = False


@dataclass(frozen=True)
class Plot:
    """A chart as Office draws it.

    ``form``: "line" over names, "bars" or "stacked" bars that lie, or "points" over two axes.
    ``names``: the column of names, or of x. ``span``: what the axis of values must hold, from 0
    where ``zero``. ``more``: (name, column) of data that stand beside the series in a workbook.
    ``years``: the axis of its bars, or of x, counts fiscal years; ``log``: base of the axis of x, 0
    for none.
    """

    form: str
    table: pd.DataFrame
    names: str
    series: tuple[Series, ...]
    span: tuple[float, ...]
    zero: bool = False
    legend: bool = False
    more: tuple[tuple[str, str], ...] = ()
    years: bool = False
    log: int = 0

    @property
    def bounds(self) -> tuple[float, float, float]:
        """Least and greatest tick of the axis of values, and the step."""
        if self.years and self.form != "points":
            return _whole(self.span)
        return axis_bounds(self.span, zero=self.zero)

    @property
    def across(self) -> tuple[float, float, float]:
        """The same of the axis of x, for a plot of points."""
        values = [float(v) for v in self.table[self.names]]
        return _whole(values) if self.years else axis_bounds(values)


def _whole(values: Sequence[float]) -> tuple[float, float, float]:
    """Bounds and step of an axis that counts years."""
    low, high = math.floor(min(values)), math.ceil(max(values))
    return low, high, max(1, math.ceil((high - low) / 8))


def drawn(chart: Chart) -> bool:
    """Whether Excel and slides draw it; heatmaps, maps, tables and small multiples are cells."""
    return chart.kind in _PLOTS and not chart.table.empty and "panel" not in chart.table


def plot_of(chart: Chart, labels: Labels) -> Plot:
    """The plot of a chart that is ``drawn``; rows of a line cover the same years."""
    return _PLOTS[chart.kind](chart, labels)


def _values(table: pd.DataFrame, *columns: str) -> tuple[float, ...]:
    return tuple(float(v) for c in columns if c in table for v in table[c])


def _ends(name: str, chart: Chart, first: int, rows: int, look: Style, labels: Labels) -> Any:
    """The two ends of a band, as thin dotted lines that the legend leaves out."""
    for end in ("low", "high"):
        word = labels(f"office_{end}_of", name=name)
        yield Series(word, end, first, rows, look.colour, line=1.0, dash="round_dot", listed=False)


def _paths(chart: Chart, column: str, labels: Labels) -> tuple[pd.DataFrame, list[Series]]:
    """A series for each line, with the ends of its band where it has one."""
    key = line_column(chart)
    table = chart.table.assign(slot=series_slots(chart)).reset_index(drop=True)
    look = styles(list(table[key]))
    out: list[Series] = []
    for name in dict.fromkeys(table[key]):
        rows = table.index[table[key] == name]
        first, size = int(rows[0]), len(rows)
        own = look[name] if key == "scenario" else SLOTS[int(table["slot"][first])]
        shown = str(table["name"][first])
        out.append(
            Series(shown, column, first, size, own.colour, line=2.25, dash=own.office_dash,
                   marker=own.office_marker)
        )  # fmt: skip
        if name in bands(chart):
            out += _ends(shown, chart, first, size, own, labels)
    return table.drop(columns="slot"), out


def _target(table: pd.DataFrame, rows: int, labels: Labels) -> list[Series]:
    if one_value(table, "target") is None:
        return []
    return [Series(labels("target"), "target", 0, rows, TARGET, line=1.25)]


def _trajectory(chart: Chart, labels: Labels) -> Plot:
    table, series = _paths(chart, "median", labels)
    inside = table.loc[table["scenario"].isin(bands(chart))]
    span = (*_values(table, "median", "target"), *_values(inside, "low", "high"))
    series += _target(table, series[0].rows, labels)
    return Plot("line", table, "fiscal_year", tuple(series), span, legend=True)


def _lines(chart: Chart, labels: Labels) -> Plot:
    table, series = _paths(chart, "value", labels)
    inside = table.loc[table[line_column(chart)].isin(bands(chart))]
    span = (*_values(table, "value"), *_values(inside, "low", "high"))
    log, years = 2 if "log" in chart.options else 0, "years" in chart.options
    return Plot("points", table, "x", tuple(series), span, legend=True, log=log, years=years)


def _intervals(chart: Chart, labels: Labels) -> Plot:
    table = with_errors(chart.table, "median")
    rows = len(table)
    span = _values(table, "median", "low", "high", "target")
    texts = tuple(text.replace(" [", "\n[") for text in chances(chart, labels))
    below = chances_below(chart, axis_bounds(span))
    series = [
        Series(labels("median"), "median", 0, rows, GREY, marker="diamond", size=10, errors=True,
               colours=tuple(fills(chart)))
    ]  # fmt: skip
    for end in ("low", "high"):
        here = end == ("low" if below else "high")
        name = labels(f"office_{end}", interval=chart.interval)
        series.append(
            Series(name, end, 0, rows, GREY, marker="dash", size=7, listed=False, below=below,
                   texts=texts if here else ())
        )  # fmt: skip
    series += _target(table, rows, labels)
    return Plot("line", table, "name", tuple(series), span, legend=True)


def _bars(chart: Chart, labels: Labels) -> Plot:
    table = with_errors(chart.table, "value")
    name = labels("office_value")
    bar = Series(name, "value", 0, len(table), SKY, bar=True, errors=True,
                 colours=tuple(fills(chart)))  # fmt: skip
    more = tuple((labels(f"office_{end}", interval=chart.interval), end) for end in ("low", "high"))
    return Plot("bars", table, "label", (bar,), _values(table, "value", "low", "high"),
                zero=True, more=more)  # fmt: skip


def _tornado(chart: Chart, labels: Labels) -> Plot:
    table = chart.table.reset_index(drop=True)
    series = tuple(
        Series(labels(f"office_end_{end}"), end, 0, len(table), colour, bar=True)
        for end, colour in (("low", SKY), ("high", ORANGE))
    )
    return Plot("bars", table, "label", series, _values(table, "low", "high"), zero=True,
                legend=True)  # fmt: skip


WATERFALL = ("base", "level", "up", "down", "up_below", "down_below")
"""Columns that stack to a waterfall; ``base`` is not seen. The last two hold what is below 0."""
_STEPS = {"base": "", "level": GREY, "up": BLUE, "down": ORANGE}


def _waterfall(chart: Chart, labels: Labels) -> Plot:
    table = waterfall_parts(chart.table).reset_index(drop=True)
    series = []
    for column in WATERFALL:
        stem = column.removesuffix("_below")
        if stem == column or table[column].any():
            word = labels("office_value" if stem == "base" else f"office_{stem}")
            series.append(Series(word, column, 0, len(table), _STEPS[stem], bar=True))
    more = tuple((labels(f"column_{c}"), c) for c in ("value", "low", "high"))
    return Plot("stacked", table, "label", tuple(series), waterfall_span(table), more=more)


def _spans(chart: Chart, labels: Labels) -> Plot:
    table = chart.table.assign(length=chart.table["end"] - chart.table["start"])
    table = table.reset_index(drop=True)
    bars = Series(labels("column_end"), "length", 0, len(table), SKY, bar=True,
                  colours=tuple(fills(chart)))  # fmt: skip
    start = Series(labels("column_start"), "start", 0, len(table), "", bar=True)
    return Plot("stacked", table, "label", (start, bars), _values(table, "start", "end"),
                more=((labels("column_value"), "value"),), years=True)  # fmt: skip


def _shares(chart: Chart, labels: Labels) -> Plot:
    slots = chart.table.assign(slot=series_slots(chart))
    names, parts = (list(dict.fromkeys(slots[c])) for c in ("row", "part"))
    place = {part: n for n, part in enumerate(parts)}
    order = [(names.index(r), place[p]) for r, p in zip(slots["row"], slots["part"], strict=True)]
    table = slots.assign(
        at_part=[part for _, part in order], at_row=[row for row, _ in order]
    ).sort_values(["at_part", "at_row"])
    series = []
    for n, (part, rows) in enumerate(table.groupby("part", sort=False)):
        colour = SLOTS[int(rows["slot"].iloc[0])].colour
        series.append(Series(str(part), "value", n * len(names), len(names), colour, bar=True))
    whole = tuple(float(v) for v in table.groupby("row")["value"].sum())
    table = table.drop(columns=["slot", "at_part", "at_row"]).reset_index(drop=True)
    return Plot("stacked", table, "row", tuple(series), whole, zero=True, legend=True)


def _scatter(chart: Chart, labels: Labels) -> Plot:
    table = chart.table.reset_index(drop=True)
    named = tuple(map(str, table["label"])) if len(table) <= MOST_NAMED else ()
    points = Series(chart.title, "y", 0, len(table), BLUE, marker="circle", size=8, texts=named)
    return Plot("points", table, "x", (points,), _values(table, "y"))


_PLOTS: Mapping[str, Callable[[Chart, Labels], Plot]] = {
    "trajectory": _trajectory,
    "intervals": _intervals,
    "lines": _lines,
    "waterfall": _waterfall,
    "tornado": _tornado,
    "bars": _bars,
    "spans": _spans,
    "shares": _shares,
    "forest": _bars,
    "scatter": _scatter,
}


def with_errors(table: pd.DataFrame, middle: str) -> pd.DataFrame:
    """The table with ``error_below`` and ``error_above``: from ``middle`` to its interval's ends.

    An end that is missing gives 0, so that no bar is drawn.
    """
    return table.assign(
        error_below=(table[middle] - table["low"]).clip(lower=0).fillna(0.0),
        error_above=(table["high"] - table[middle]).clip(lower=0).fillna(0.0),
    ).reset_index(drop=True)


def waterfall_parts(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of ``WATERFALL`` for steps between levels, one row a row of ``table``."""
    rows: list[dict[str, float]] = []
    for step in waterfall_rows(table.to_dict(orient="records")):
        row = dict.fromkeys(WATERFALL, 0.0)
        low, high = sorted((float(step["start"]), float(step["end"])))
        if step["kind"] == "level":
            row["level"] = high
        elif step["value"] == step["value"]:
            name = "up" if step["value"] >= 0 else "down"
            row["base"] = low if low > 0 else min(high, 0.0)
            row[name] = max(high, 0.0) - max(low, 0.0)
            row[f"{name}_below"] = min(low, 0.0) - min(high, 0.0)
        rows.append(row)
    return table.assign(**pd.DataFrame(rows, index=table.index, columns=list(WATERFALL)))


def waterfall_span(parts: pd.DataFrame) -> tuple[float, ...]:
    """What the axis of a waterfall spans: every end of its steps and levels, and a little less.

    The axis need not begin at 0: steps that are small beside the levels would not be seen.
    """
    levels = parts.loc[parts["kind"] == "level", "level"]
    steps = parts.loc[parts["kind"] != "level"]
    ends = [steps["base"] + steps[f"{d}{b}"] for d in ("up", "down") for b in ("", "_below")]
    values = tuple(float(v) for part in (levels, steps["base"], *ends) for v in part)
    real = [v for v in values if v == v] or [0.0]
    low, high = min(real), max(real)
    return (*values, 0.0) if low <= 0 else (max(0.0, low - (high - low) / 4), *values)


def chances_below(chart: Chart, bounds: tuple[float, float, float]) -> bool:
    """Whether chances stand under their intervals: where the target is above most of them."""
    table = chart.table
    room = bool((table["low"].fillna(table["median"]) > bounds[0] + bounds[2] / 2).all())
    return room and bool(table["median"].median() < table["target"].median())
