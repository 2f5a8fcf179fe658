"""The pages of an experiment's folder: from its tables, one message a page.

The command's own findings, as its summary.md has them, stand first where the summary is in the
language of the report; the pages after it hold charts and tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from sim.pages.labels import Labels
from sim.pages.page import Page
from sim.pages.word_files import texts

if TYPE_CHECKING:
    from sim.report.stored import Stored

Pages = tuple[Page, ...]

_PAGES: Mapping[str, str] = {
    "prioritise": "sim.report.pages_prioritise",
}
_HEADINGS: Mapping[str, tuple[str, str]] = {
    "prioritise": ("sim.report.prioritise", "pr_findings_heading"),
}
"""Command -> file and key of the heading over the findings in its summary."""
MOST_FINDINGS = 14


def is_experiment(command: str) -> bool:
    """Whether a command writes its own summary, from which its findings are read."""
    return command in _PAGES


def experiment_pages(stored: Stored, labels: Labels) -> Pages:
    """All pages of a folder that an experiment wrote. Raises OutputError for an unknown command."""
    from sim.base.errors import OutputError

    if stored.command not in _PAGES:
        raise OutputError(f"{stored.folder}: no report is made of 'kyodo {stored.command}'")
    make: Callable[[Stored, Labels], Pages] = import_module(_PAGES[stored.command]).pages
    return (*own_findings(stored, labels), *make(stored, labels))


def own_findings(stored: Stored, labels: Labels) -> Pages:
    """One page with the findings of the command's own summary; none in another language."""
    path = stored.folder / "summary.md"
    if stored.command not in _HEADINGS or not path.is_file():
        return ()
    file, key = _HEADINGS[stored.command]
    heading = texts(file)[key][labels.lang].partition("{")[0]
    found: list[str] = []
    lead = None
    inside = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            inside = line[3:].startswith(heading)
        elif inside and line.strip() and not line.startswith(("#", "|", "<")):
            # explanations may stand before the first finding
            first = lead is None and line.startswith(("**", "- ", "1. "))
            lead = len(found) if first else lead
            found.append(plain(line))
    if not found:
        return ()
    message = found.pop(lead or 0)
    return (Page("findings", labels("exp_findings"), message, notes=tuple(found[:MOST_FINDINGS])),)


def plain(line: str) -> str:
    """A line of Markdown without its marks."""
    return line.lstrip("-# ").replace("**", "").replace("`", "").replace("*", "").strip()
