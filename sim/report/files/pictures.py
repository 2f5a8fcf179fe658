"""The charts of a folder of results as pictures, with what must stand beside them in a text."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sim.base.errors import UsageError, nearest
from sim.base.files import atomic_write
from sim.pages.labels import Labels
from sim.report.stored import COMPARISONS, read_folder

if TYPE_CHECKING:
    from sim.pages.page import Report

KINDS = ("png", "svg")
TEXT = "README.txt"
"""The text beside the pictures: limits, what was run, credits."""


def write_pictures(
    folder: Path | str, report: Report, out: Path, kinds: Sequence[str] = KINDS
) -> list[Path]:
    """Write the charts of ``folder`` into ``out`` with ``README.txt`` beside them; return all.

    Charts of a comparison are drawn anew in the report's language; those of an experiment are
    copied as its command drew them. Raises UsageError for an unknown kind, OutputError.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f"unknown picture '{kind}'{nearest(kind, KINDS)}: use png or svg")
    stored = read_folder(folder)
    if stored.command in COMPARISONS:
        from sim.report.comparison_charts import write_charts

        parts = stored.parts
        with TemporaryDirectory() as drawn:
            files = write_charts(
                Path(drawn), parts.rows, parts.indicators, parts.scenarios, parts.facts, report.lang
            )
            made = _copy(files, out, kinds)
    else:
        made = _copy(sorted((stored.folder / "charts").glob("*")), out, kinds)
    with atomic_write(out / TEXT, "w", encoding="utf-8-sig", newline="\r\n") as stream:
        stream.write(_text(report))
    return [*made, out / TEXT]


def _copy(files: Iterable[Path], out: Path, kinds: Sequence[str]) -> list[Path]:
    made = []
    for file in files:
        if file.suffix[1:] in kinds:
            with file.open("rb") as source, atomic_write(out / file.name) as stream:
                shutil.copyfileobj(source, stream)
            made.append(out / file.name)
    return made


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
