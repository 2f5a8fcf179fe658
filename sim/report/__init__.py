"""Reports in Japanese or English: table, charts and summary of a comparison; files to hand on.

Two functions take a ``ComparisonStudy`` (``sim.analyses.compare.estimate``): ``terminal_table`` and
``write_report``. Two take any folder of results: ``build_report`` (the pages) and
``write_report_files`` (the files). Nothing heavy is imported until one of them is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.analyses.compare.estimate import ComparisonStudy
    from sim.pages.page import Report

__all__ = ["build_report", "terminal_table", "write_report", "write_report_files"]


def terminal_table(study: ComparisonStudy, lang: str = "en") -> str:
    """The comparison as text, as wide as the terminal (100 to 140 columns; 140 in a pipe)."""
    import shutil
    import sys

    from sim.report.comparison_files import of_study
    from sim.report.table import WIDEST, comparison_text

    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size((WIDEST, 40)).columns if terminal else WIDEST
    return comparison_text(of_study(study), lang, width=width, colour=terminal)


def write_report(
    study: ComparisonStudy, folder: Path, lang: str = "en", workers: int = 1, svg: bool = False
) -> list[Path]:
    """Write comparison.csv, summary.md and charts/ into ``folder``; return the files.

    Charts are drawn on ``workers`` processes, as PNG and with ``svg`` as SVG too. The results and
    manifest.json are written by the store. Raises OutputError.
    """
    from sim.report.comparison_files import of_study, write_files

    kinds = ("png", "svg") if svg else ("png",)
    return write_files(folder, of_study(study), lang, workers, kinds)


def build_report(folder: Path | str, lang: str = "ja") -> Report:
    """The report on a folder that any command wrote: pages, limits, sources, tables, credits.

    Raises OutputError for a folder without results, UsageError for another language.
    """
    from sim.report.build import build_report as build

    return build(folder, lang)


def write_report_files(
    folder: Path | str,
    formats: Sequence[str] = ("html", "xlsx", "pptx"),
    lang: str = "ja",
    out: Path | str | None = None,
    workers: int = 1,
) -> list[Path]:
    """Write the report on a folder of results (``kyodo report``); return the files.

    ``formats``: of ``sim.report.export.FORMATS``, or "all"; ``out``: else ``folder/report``;
    ``workers``: processes that draw pictures. Raises OutputError, UsageError (unknown format or
    language) and KyodoError (a library is missing).
    """
    from sim.report.export import write_report_files as write

    return write(folder, formats, lang, out, workers)
