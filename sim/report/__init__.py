"""The report of a comparison: table, charts, summary, in Japanese or English.

Two functions take a ``Study`` (``sim.experiments.study``): ``terminal_table`` and ``write_report``.
Nothing heavy is imported until one of them is called.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.experiments.study import Study

__all__ = ["terminal_table", "write_report"]


def terminal_table(study: Study, lang: str = "en") -> str:
    """The comparison as text, as wide as the terminal (100 to 140 columns; 140 in a pipe)."""
    import shutil
    import sys

    from sim.report.files import of_study
    from sim.report.table import WIDEST, comparison_text

    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size((WIDEST, 40)).columns if terminal else WIDEST
    return comparison_text(of_study(study), lang, width=width, colour=terminal)


def write_report(study: Study, folder: Path, lang: str = "en", workers: int = 1) -> list[Path]:
    """Write comparison.csv, summary.md and charts/ into ``folder``; return the files.

    Charts are drawn on ``workers`` processes. The results and manifest.json are written by the
    store. Raises OutputError.
    """
    from sim.report.files import of_study, write_files

    return write_files(folder, of_study(study), lang, workers)
