"""Heatmaps and tables of a report as native PowerPoint tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.pages.labels import Labels
from sim.pages.page import CHANCES
from sim.report.charts.slides import Rect
from sim.report.columns import headings
from sim.report.files.deck_text import table
from sim.report.files.workbook_data import tidy

if TYPE_CHECKING:
    import pandas as pd

    from sim.pages.page import Chart

MOST_ROWS, MOST_COLUMNS = 13, 9
"""What fits on a slide at most; the workbook has all of it."""


def heatmap_table(slide: Any, chart: Chart, place: Rect, labels: Labels) -> Any:
    """A heatmap as a native table with filled cells."""
    rows, columns = (list(dict.fromkeys(chart.table[c])) for c in ("row", "column"))
    values = {(r["row"], r["column"]): float(r["value"]) for r in chart.table.to_dict("records")}
    real = [abs(v) for v in values.values() if not math.isnan(v)]
    top = max(real, default=1.0) or 1.0
    cells = [[labels.axis(chart.unit) if chart.unit else "", *map(str, columns)]]
    fills = {}
    for r, row in enumerate(rows, start=1):
        line = [str(row)]
        for c, column in enumerate(columns, start=1):
            value = values.get((row, column), math.nan)
            line.append(labels.number(value, chart.unit, bare=True))
            fills[r, c] = _shade(0.0 if math.isnan(value) else value / top)
        cells.append(line)
    numbers = range(1, len(columns) + 1)
    return table(slide, place, cells, labels.lang, fills=fills, right=numbers)


def _shade(share: float) -> str:
    """White at 0, towards blue at 1 and orange at -1."""
    to = (86, 180, 233) if share >= 0 else (230, 159, 0)
    part = min(1.0, abs(share))
    return "".join(f"{round(255 + (end - 255) * part):02X}" for end in to)


def columns_shown(chart: Chart) -> list[str]:
    """The columns of a table for readers: a scenario stands there by its name alone."""
    named = "name" in chart.table
    return [str(c) for c in chart.table.columns if not (named and c == "scenario")]


def plain_table(slide: Any, chart: Chart, place: Rect, labels: Labels) -> Any:
    """The first rows and columns of a table, as a native table."""
    shown = tidy(chart.table.head(MOST_ROWS))[columns_shown(chart)[:MOST_COLUMNS]]
    heads = headings(chart, list(map(str, shown.columns)), labels)
    rows = [heads or [labels("office_nothing")], *_cells(shown, labels)]
    numbers = [
        n for n, c in enumerate(shown.columns)
        if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in shown[c].dropna())
    ]  # fmt: skip
    return table(slide, place, rows, labels.lang, right=numbers)


def rows_in_words(chart: Chart, labels: Labels) -> list[str]:
    """A line for each row of a table, as the notes of a slide have it."""
    shown = tidy(chart.table)[columns_shown(chart)]
    heads = headings(chart, list(map(str, shown.columns)), labels)
    mark = "：" if labels.lang == "ja" else ": "
    return [
        "; ".join(f"{head}{mark}{text}" for head, text in zip(heads, row, strict=True) if text)
        for row in _cells(shown, labels)
    ]


def _cells(shown: pd.DataFrame, labels: Labels) -> list[list[str]]:
    return [
        [
            labels.chance(v) if c in CHANCES and v is not None else _said(v, labels)
            for c, v in zip(shown.columns, values, strict=True)
        ]
        for values in shown.itertuples(index=False)
    ]


def _said(value: object, labels: Labels) -> str:
    if isinstance(value, bool):
        return labels("office_yes" if value else "office_no")
    if not isinstance(value, (int, float)):
        return "" if value is None else str(value)
    if float(value).is_integer() and abs(value) < 10_000:
        return f"{value:.0f}"
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
