"""What a command prints: the caveat, then the pages that are no detail, as text."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from sim.pages.labels import Labels, display_width, wrap
from sim.pages.page import Chart, Page, Report
from sim.report.files.cells import texts_of

WIDEST = 140
"""Columns of text in a pipe, and at most on a terminal."""
MOST_ROWS = 24
"""Rows of a table that are printed."""
MOST_CELL, LEAST_CELL = 44, 24
"""Columns of a cell; the first of a row, which is wrapped and not cut, gives way to others."""
HANGING = 4
"""Columns that closing signs of Japanese may hang over."""
MOST_HEAD = 14
"""Columns of a heading, where its cells are not wider."""


def terminal_lines(report: Report, width: int | None = None) -> list[str]:
    """Lines of at most ``width`` columns (default: the terminal's, 140 in a pipe)."""
    if width is None:
        terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size((WIDEST, 40)).columns if terminal else WIDEST
    width = min(width, WIDEST)
    labels = Labels(report.lang)
    said = (report.headline, *report.foot.lines)
    out = [report.title, *(t for s in said for t in wrap(s, width - HANGING).split("\n")), ""]
    for page in report.pages:
        if not page.detail:
            out += page_lines(page, labels, width)
    left = sum(page.detail for page in report.pages)
    if left:
        out.append(labels("terminal_left", n=left))
    return out


def page_lines(page: Page, labels: Labels, width: int) -> list[str]:
    """One page: title, message, findings, and the tables of its charts that are no aside.

    Where the page has plain tables, they stand for all its charts.
    """
    out = [page.title, *indented(page.message, width)]
    for finding in page.findings:
        out += indented(f"- {finding.text}", width)
    plain = [chart for chart in page.charts if chart.plain]
    shown = plain or [c for c in page.charts if not c.aside and "panel" not in c.table]
    for chart in shown:
        out += chart_lines(chart, labels, width, titled=bool(plain) or len(shown) > 1)
    return [*out, ""]


def chart_lines(chart: Chart, labels: Labels, width: int, *, titled: bool) -> list[str]:
    """The table of a chart, ``titled`` under its title, and how to read a plain one."""
    heads, rows = texts_of(chart, labels)
    if not rows:
        return []
    out = ["", *(indented(chart.title, width) if titled else ())]
    out += aligned(heads, rows[:MOST_ROWS], width)
    if len(rows) > MOST_ROWS:
        out += indented(labels("exp_rows_left", n=MOST_ROWS, all=len(rows)), width)
    return out + (indented(chart.reading, width) if chart.plain and chart.reading else [])


def indented(text: str, width: int) -> list[str]:
    """A paragraph, wrapped, two columns in."""
    return [f"  {line}" for line in wrap(text, width - 2 - HANGING).split("\n")]


def aligned(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int = WIDEST) -> list[str]:
    """Lines of a table, columns as wide as they need, the first at the left.

    The first column gives way where they do not fit; columns that still do not are printed below,
    beside the first again. A cell may have several lines.
    """
    cells = [[row[0].split("\n"), *map(_cut, row[1:])] for row in rows]
    needed = [max((_width(row[n]) for row in cells), default=0) for n in range(len(heads))]
    tops = [wrap(h, max(MOST_HEAD, n)).split("\n") for h, n in zip(heads, needed, strict=True)]
    widths = [max(_width(top), n) for top, n in zip(tops, needed, strict=True)]
    room = max(width - sum(widths[1:]) - 2 * len(widths), LEAST_CELL)
    first = min(room, widths[0], MOST_CELL)
    leads = [[heads[0]], *(row[0] for row in cells)]
    lead = [[line for part in one for line in wrap(part, first).split("\n")] for one in leads]
    first = max(map(_width, lead))
    table = [[lead[n], *row[1:]] for n, row in enumerate([tops, *cells])]
    out: list[str] = []
    for part in _parts(widths, first, width):
        out += [line for row in table for line in _lines(row, part, first, widths)]
    return out


def _cut(cell: str) -> list[str]:
    return [wrap(line, MOST_CELL, 1) for line in cell.split("\n")]


def _width(lines: Sequence[str]) -> int:
    return max(display_width(line) for line in lines)


def _parts(widths: Sequence[int], first: int, width: int) -> list[list[int]]:
    """The columns after the first, in as many parts as it takes to fit, of about equal number."""
    rest = list(range(1, len(widths)))
    for parts in range(1, len(rest) + 1):
        size = -(-len(rest) // parts)
        cut = [rest[n : n + size] for n in range(0, len(rest), size)]
        if all(2 + first + sum(widths[n] + 2 for n in part) <= width for part in cut):
            return cut
    return [[n] for n in rest] or [[]]


def _lines(
    row: Sequence[Sequence[str]], shown: Sequence[int], first: int, widths: Sequence[int]
) -> list[str]:
    """A row as lines of text, as many as its tallest cell has."""
    out = []
    for k in range(max(len(row[n]) for n in (0, *shown))):
        texts = [(row[n][k] if k < len(row[n]) else "") for n in (0, *shown)]
        line = texts[0] + " " * (first - display_width(texts[0]))
        for text, n in zip(texts[1:], shown, strict=True):
            line += "  " + " " * (widths[n] - display_width(text)) + text
        out.append(f"  {line}".rstrip())
    return out
