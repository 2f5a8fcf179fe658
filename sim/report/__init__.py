"""Reports on any folder of results, in Japanese or English: the pages, and the files to hand on.

Nothing heavy is imported until a function is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.pages.page import Report

__all__ = ["build_report", "write_report_files"]


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
