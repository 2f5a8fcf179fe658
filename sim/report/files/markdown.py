"""summary.md: limits and credits first, then what was run, then every page with its tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.pages.labels import Labels
from sim.pages.page import Page, Report
from sim.report.files.cells import texts_of

MOST_ROWS = 30
"""Rows of a table that are printed; all stand in the CSV files."""


def summary_text(report: Report, pictures: Iterable[str] = (), files: Sequence[str] = ()) -> str:
    """The whole of summary.md. ``pictures``: ids of pages that have one in ``charts/``.

    ``files``: the lines of the list of files.
    """
    labels, drawn = Labels(report.lang), set(pictures)
    out = [f"# {report.title}", "", report.headline, ""]
    for heading, lines in (
        ("limits_heading", report.limits),
        ("credits_heading", report.credits),
        ("ran_heading", [f"{name}: {value}" for name, value in report.ran]),
    ):
        out += [f"## {labels(heading)}", "", *(f"- {line}" for line in lines), ""]
    out += [labels("summary_sources"), ""]
    for page in report.pages:
        out += page_lines(page, labels, picture=page.id in drawn)
    if files:
        out += [f"## {labels('files_heading')}", "", *(f"- {line}" for line in files), ""]
    return "\n".join(out).rstrip() + "\n"


def page_lines(page: Page, labels: Labels, *, picture: bool) -> list[str]:
    """One page: its message, findings, picture, tables and notes."""
    out = [f"## {page.title}", "", f"**{page.message}**", ""]
    if page.findings:
        out += [*(f"- {finding.text}" for finding in page.findings), ""]
    if picture:
        out += [f"![{page.title}](charts/{page.id}.png)", ""]
    for chart in page.charts:
        heads, rows = texts_of(chart, labels)
        drawn = picture and chart.kind != "table" and not chart.aside
        if not rows or drawn or "panel" in chart.table:
            continue
        title = f"### {chart.title}" if len(page.charts) > 1 or chart.title != page.title else ""
        out += [line for line in (title, "") if title]
        out += [*markdown_table(heads, rows[:MOST_ROWS]), ""]
        if len(rows) > MOST_ROWS:
            out += [labels("exp_rows_left", n=MOST_ROWS, all=len(rows)), ""]
        also = [text for text in (chart.reading, chart.interval) if text]
        out += [*(f"{text}" for text in also), ""] if also else []
    if page.notes:
        out += [*(f"*{note}*" for note in page.notes), ""]
    if page.sources:
        out += [labels("html_sources"), "", *(f"- {line}" for line in page.sources), ""]
    return out


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table; bars inside cells are escaped, lines of a cell broken."""
    body = ["| " + " | ".join(map(_cell, row)) + " |" for row in (heads, *rows)]
    return [body[0], "|" + "---|" * len(heads), *body[1:]]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")
