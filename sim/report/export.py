"""Output files of a report in every format: HTML, Excel, PowerPoint, pictures, CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.errors import UsageError, nearest
from sim.base.files import atomic_write
from sim.base.optional import need

if TYPE_CHECKING:
    from sim.pages.page import Report

FORMATS = ("html", "xlsx", "pptx", "png", "svg", "csv")
DEFAULT = ("html", "xlsx", "pptx")
ALL = "all"

_NEEDS = {
    "html": ("vl_convert", "report"), "xlsx": ("xlsxwriter", "report"), "pptx": ("pptx", "report"),
}  # fmt: skip
"""Format -> the library that it needs, and the extra that installs it."""


def formats_of(names: Iterable[str]) -> tuple[str, ...]:
    """The formats asked for, each once, in their own order; ``all`` is every one.

    Raises UsageError for an unknown name.
    """
    wanted = set()
    for name in names:
        if name not in (*FORMATS, ALL):
            raise UsageError(
                f"unknown format '{name}'{nearest(name, (*FORMATS, ALL))}:"
                f" use {', '.join(FORMATS)} or {ALL}"
            )
        wanted.add(name)
    return FORMATS if ALL in wanted else tuple(f for f in FORMATS if f in wanted)


def check_libraries(formats: Sequence[str]) -> None:
    """Raise KyodoError with the pip line where a library for a format is not installed."""
    for name in formats:
        module, extra = _NEEDS.get(name, ("", ""))
        if module:
            need(module, extra, f"the format {name}")


def write_report_files(
    folder: Path | str,
    formats: Sequence[str] = DEFAULT,
    lang: str = "ja",
    out: Path | str | None = None,
    workers: int = 1,
) -> list[Path]:
    """Write the report on a folder of results; return the files, in the order of ``FORMATS``.

    ``out``: where they go, else ``folder/report``; ``workers``: processes that draw pictures. Every
    file is written beside its place and then renamed. Raises OutputError (no results, cannot
    write), UsageError (unknown format or language) and KyodoError (a library is missing).
    """
    from sim.report.build import build_report

    chosen = formats_of(formats)
    check_libraries(chosen)
    folder = Path(folder)
    place = Path(out) if out is not None else folder / "report"
    report = build_report(folder, lang)
    files: list[Path] = []
    if "html" in chosen:
        files.append(_write_html(report, place / "report.html"))
    if "xlsx" in chosen:
        from sim.report.files.workbook import write_workbook

        files.append(write_workbook(report, place / "report.xlsx"))
    if "pptx" in chosen:
        from sim.report.files.deck import write_slides

        files.append(write_slides(report, place / "report.pptx"))
    pictures = [f for f in ("png", "svg") if f in chosen]
    if pictures:
        from sim.report.files.pictures import write_picture_folder

        files += write_picture_folder(report, place / "charts", pictures, workers)
    if "csv" in chosen:
        files += write_csv(report, place / "csv")
    return files


def _write_html(report: Report, path: Path) -> Path:
    from sim.report.files.html import html_text

    text = html_text(report)
    with atomic_write(path, "w", newline="\n") as stream:
        stream.write(text)
    return path


def write_csv(report: Report, out: Path) -> list[Path]:
    """Every sheet as CSV with a byte order mark (Excel reads it as UTF-8), and about.csv.

    about.csv holds headline, limits, how it was run and credits; figures.csv the figures' status.
    """
    import pandas as pd

    about = [("headline", report.headline), *(("limit", text) for text in report.limits)]
    about += [("ran", f"{name}: {value}") for name, value in report.ran]
    about += [("credit", text) for text in report.credits]
    sheets = {
        "about": pd.DataFrame(about, columns=["what", "text"]),
        "figures": report.figures,
        **report.sheets,
    }
    files = []
    for name, table in sheets.items():
        path = out / f"{name}.csv"
        with atomic_write(path, "w", encoding="utf-8-sig", newline="") as stream:
            table.to_csv(stream, index=False, lineterminator="\n")
        files.append(path)
    return files
