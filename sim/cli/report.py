"""``kyodo report``: a report on a folder of results, for the browser, Excel, PowerPoint."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli import shared_options as o

Folder = Annotated[
    str, typer.Argument(metavar="FOLDER", help="Folder that compare or another command wrote.")
]
Format = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="html, xlsx, pptx, png, svg, csv or all; can be repeated [default: html, xlsx, pptx].",
    ),
]
To = Annotated[
    str | None, typer.Option("--out", metavar="DIR", help="Folder [default: FOLDER/report].")
]


def report(
    folder: Folder,
    format: Format = None,
    lang: o.Language = None,
    out: To = None,
    quiet: o.Quiet = False,
) -> None:
    """Write a report on results: HTML, Excel, PowerPoint.

    From any folder that a command wrote; nothing is computed anew. Every file carries
    the limits, the status of the figures and credits.
    """
    from sim.report.export import DEFAULT, write_report_files
    from sim.runs.workers import available_cores

    files = write_report_files(folder, format or DEFAULT, o.language(lang), out, available_cores())
    if not quiet:
        o.emit("\n".join(str(path) for path in files))
