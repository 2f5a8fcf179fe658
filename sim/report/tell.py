"""Tell what a folder of results holds: summary.md and charts beside its tables, and the terminal.

Every word is made from the folder as it was written, so that a command says what ``kyodo report``
would say of the same folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analyses.folder import read_kept
from sim.base.files import atomic_write
from sim.report.build import build_report
from sim.report.files.markdown import summary_text
from sim.report.files.terminal import terminal_lines
from sim.runs.store import MANIFEST

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


def _files(folder: Path, report: Report, drawn: bool) -> list[str]:
    """The files of a folder and what is in them, a line each."""
    words = read_kept(folder).words(report.lang)
    named = {SUMMARY: "file_summary"}
    for name in report.sheets:
        key = f"file_{name}" if f"file_{name}" in words else "file_table"
        named |= {f.name: key for f in sorted(folder.glob(f"{name}.*"))}
    named |= {f"{CHARTS}/": "file_charts"} if drawn else {}
    named |= {MANIFEST: "file_manifest"}
    return [f"{name}{words.colon}{words(key)}" for name, key in named.items()]


def tell(folder: Path, lang: str, *, svg: bool = False, workers: int = 1) -> Told:
    """Write summary.md and the charts into a folder of results. Raises OutputError."""
    from sim.report.charts.pictures import write_pictures

    report = build_report(folder, lang)
    kinds = ("png", "svg") if svg else ("png",)
    drawn = write_pictures(report.pages, folder / CHARTS, lang, report.foot, kinds, workers)
    pictures = sorted({path.stem for path in drawn})
    with atomic_write(folder / SUMMARY, "w", newline="\n") as stream:
        stream.write(summary_text(report, pictures, _files(folder, report, bool(drawn))))
    files = [SUMMARY] + ([f"{CHARTS}/"] if drawn else [])
    return Told(report, tuple(files))
