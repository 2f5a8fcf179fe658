"""The charts of a report as pictures, with what must stand beside them in a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.base.errors import UsageError, nearest
from sim.base.files import atomic_write
from sim.pages.labels import Labels
from sim.pages.page import Report

KINDS = ("png", "svg")
TEXT = "README.txt"
"""The text beside the pictures: limits, what was run, credits."""


def write_picture_folder(
    report: Report, out: Path, kinds: Sequence[str] = ("png",), workers: int = 1
) -> list[Path]:
    """Write a picture of each page that has charts into ``out``, and ``README.txt`` beside them.

    In the report's language; ``kinds``: "png", "svg" or both. Returns all files. Raises UsageError
    for an unknown kind, OutputError.
    """
    from sim.report.charts.pictures import write_pictures

    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f"unknown picture '{kind}'{nearest(kind, KINDS)}: use png or svg")
    made = write_pictures(report.pages, out, report.lang, report.foot, kinds, workers)
    with atomic_write(out / TEXT, "w", encoding="utf-8-sig", newline="\r\n") as stream:
        stream.write(_text(report))
    return [*made, out / TEXT]


def _text(report: Report) -> str:
    labels = Labels(report.lang)
    parts = (
        (labels("office_readme_limits"), report.limits),
        (labels("office_readme_ran"), [f"{name}: {value}" for name, value in report.ran]),
        (labels("office_readme_credits"), report.credits),
    )
    lines = [report.title, "", report.headline]
    for title, texts in parts:
        lines += ["", f"■ {title}", *(f"- {text}" for text in texts)]
    return "\n".join(lines) + "\n"
