"""The table of a chart as texts: what a reader sees, in the language of the report."""

from __future__ import annotations

import math
from typing import Any

from sim.base.rows import records
from sim.pages.labels import Labels
from sim.pages.page import Chart
from sim.report.charts.bands import amount
from sim.report.charts.browser import SCALED
from sim.report.files.html_columns import columns_of


def texts_of(chart: Chart, labels: Labels) -> tuple[list[str], list[list[str]]]:
    """(headings, rows) of the columns that have anything in them; a heatmap as it is drawn."""
    if chart.kind == "heatmap":
        return _heatmap(chart, labels)
    factor = labels.scale(chart.unit)
    shown = columns_of(chart, labels)
    shown = [{"factor": factor, **c} if c["field"] in SCALED else c for c in shown]
    heads = [str(column["title"]) for column in shown]
    rows = [
        [text_of(record[column["field"]], column) for column in shown]
        for record in chart.table.to_dict(orient="records")
    ]
    return heads, rows


def _heatmap(chart: Chart, labels: Labels) -> tuple[list[str], list[list[str]]]:
    """A line for each row, a column for each column."""
    rows, columns = (list(dict.fromkeys(chart.table[c])) for c in ("row", "column"))
    cells = {(r["row"], r["column"]): r["value"] for r in records(chart.table)}
    lines = [
        [str(row), *(amount(cells.get((row, c), math.nan), chart.unit, labels) for c in columns)]
        for row in rows
    ]
    return [chart.y_title or labels("column_row"), *map(str, columns)], lines


def text_of(value: Any, column: dict[str, Any]) -> str:
    """One cell; nothing for what is not known. ``column``: as `columns_of` describes it."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if "digits" not in column:
        return f"{value:,.4g}" if isinstance(value, float) and abs(value) < 1e4 else f"{value:,.0f}"
    least, most = column["digits"]
    scaled = value * column.get("factor", 1)
    if not math.isfinite(scaled):
        return str(value)
    if column.get("plain"):
        return f"{scaled:.0f}"
    sign = "+" if column.get("sign") and scaled > 0 else ""
    text = f"{scaled:,.{most}f}"
    if most > least and "." in text:
        whole, _, rest = text.partition(".")
        rest = rest[:least] + rest[least:].rstrip("0")
        text = f"{whole}.{rest}" if rest else whole
    return f"{sign}{text}{column.get('suffix', '')}"
