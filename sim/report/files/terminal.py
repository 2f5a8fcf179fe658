"""What a command prints: the caveat, then the pages that are no detail, as text."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from sim.pages.labels import Labels, display_width, wrap
from sim.pages.page import Page, Report
from sim.report.files.cells import texts_of

WIDEST = 140
"""Columns of text in a pipe, and at most on a terminal."""
MOST_ROWS = 24
"""Rows of a table that are printed."""
MOST_CELL = 44
"""Columns of the first cell of a row."""


def terminal_lines(report: Report, width: int | None = None) -> list[str]:
    """Lines of at most ``width`` columns (default: the terminal's, 140 in a pipe)."""
    if width is None:
        terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size((WIDEST, 40)).columns if terminal else WIDEST
    width = min(width, WIDEST)
    labels = Labels(report.lang)
    out = [report.title, *wrap(report.headline, width).split("\n"), ""]
    for page in report.pages:
        if not page.detail:
            out += page_lines(page, labels, width)
    left = sum(page.detail for page in report.pages)
    if left:
        out.append(labels("terminal_left", n=left))
    return out


def page_lines(page: Page, labels: Labels, width: int) -> list[str]:
    """One page: title, message, findings, and its tables; without any, those of its charts.

    What is aside is left to the files.
    """
    out = [page.title, *indented(page.message, width)]
    for finding in page.findings:
        out += indented(f"- {finding.text}", width)
    shown = [c for c in page.charts if not c.aside and "panel" not in c.table]
    for chart in [c for c in shown if c.kind == "table"] or shown:
        heads, rows = texts_of(chart, labels)
        if rows:
            out += ["", *aligned(heads, rows[:MOST_ROWS], width)]
        if len(rows) > MOST_ROWS:
            out += indented(labels("exp_rows_left", n=MOST_ROWS, all=len(rows)), width)
    return [*out, ""]


def indented(text: str, width: int) -> list[str]:
    """A paragraph, wrapped, two columns in."""
    return [f"  {line}" for line in wrap(text, width - 2).split("\n")]


def aligned(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int = WIDEST) -> list[str]:
    """Lines of a table, columns as wide as they need, the first at the left; the last columns
    are left out where they do not fit."""
    table = [[wrap(cell, MOST_CELL, 1) for cell in row] for row in (heads, *rows)]
    widths = [max(display_width(row[n]) for row in table) for n in range(len(heads))]
    while len(widths) > 2 and sum(widths) + 2 * len(widths) > width:
        widths.pop()
    lines = []
    for row in table:
        cells = [row[0] + " " * (widths[0] - display_width(row[0]))]
        for cell, room in zip(row[1 : len(widths)], widths[1:], strict=True):
            cells.append(" " * (room - display_width(cell)) + cell)
        lines.append(("  " + "  ".join(cells)).rstrip())
    return lines
