"""Tell what a folder of results holds: summary.md and charts beside its tables, and the terminal.

Every word is made from the folder as it was written, so that a command says what ``kyodo report``
would say of the same folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.files import atomic_write
from sim.report.build import build_report
from sim.report.files.markdown import summary_text
from sim.report.files.terminal import terminal_lines

if TYPE_CHECKING:
    from sim.pages.page import Report

SUMMARY = "summary.md"
CHARTS = "charts"


@dataclass(frozen=True)
class Told:
    """The report on a folder, and the files that were written into it, as a person opens them."""

    report: Report
    files: tuple[str, ...]

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest of the folder."""
        return self.report.manifest

    def terminal(self) -> list[str]:
        """What the command prints."""
        return terminal_lines(self.report)


def tell(folder: Path, lang: str, *, svg: bool = False, workers: int = 1) -> Told:
    """Write summary.md and the charts into a folder of results. Raises OutputError."""
    from sim.report.charts.pictures import write_pictures

    report = build_report(folder, lang)
    kinds = ("png", "svg") if svg else ("png",)
    drawn = write_pictures(report.pages, folder / CHARTS, lang, report.foot, kinds, workers)
    pictures = sorted({path.stem for path in drawn})
    with atomic_write(folder / SUMMARY, "w", newline="\n") as stream:
        stream.write(summary_text(report, pictures, _files(report, charts=bool(drawn))))
    files = [SUMMARY] + ([f"{CHARTS}/"] if drawn else [])
    return Told(report, tuple(files))


def _files(report: Report, *, charts: bool) -> list[str]:
    """The tables and charts of a folder, each with what it holds (``file_NAME`` of the words)."""
    from sim.analyses.words import Words

    words = Words(str(report.manifest["analysis"]), report.lang)
    names = {name: f"{name}.csv" for name in report.sheets}
    names |= {CHARTS: f"{CHARTS}/"} if charts else {}
    return [
        f"{file}{words.colon}{words(f'file_{name}')}" if f"file_{name}" in words else file
        for name, file in names.items()
    ]
