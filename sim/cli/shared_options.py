"""Options that commands share, and small helpers of the command line. Imports nothing heavy."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from sim.base.user_choices import By, Discount, Lang


class EngineName(StrEnum):
    """Where runs are computed."""

    local = "local"
    dask = "dask"


Draws = Annotated[
    int, typer.Option("--draws", min=1, help="Parameter draws (under 50: no 90 % interval).")
]
Replicates = Annotated[int, typer.Option("--replicates", min=1, help="Runs per draw.")]
Scale = Annotated[str, typer.Option("--scale", help="Share of residents: 0.01 or 1/100.")]
Years = Annotated[int, typer.Option("--years", min=1, max=50, help="Fiscal years from 2024.")]
Profile = Annotated[
    str | None,
    typer.Option("--profile", help="Evidence: document, official or a file [default: document]."),
]
DiscountMode = Annotated[
    Discount | None,
    typer.Option("--discount", help="How far to believe claimed effects [default: discounted]."),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="ID=VALUE", help="Override a parameter; can be repeated."),
]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of all dice.")]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="Processes [default: all cores].")
]
SplitBy = Annotated[By | None, typer.Option("--by", help="Also record every ward or month.")]
Out = Annotated[
    str | None,
    typer.Option("--out", metavar="DIR", help="Folder [default: ./results/<command>-<hash>]."),
]
Force = Annotated[bool, typer.Option("--force", help="Write into a folder with other content.")]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with a study (recorded runs are never repeated).")
]
Language = Annotated[
    Lang | None, typer.Option("--lang", help="Language [default: ja in a Japanese locale].")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, and only JSON, on stdout.")]
Engine = Annotated[
    EngineName | None, typer.Option("--engine", help="Where runs go: local or dask [local].")
]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="ADDRESS", help="Dask scheduler, as tcp://host:8786."),
]
Svg = Annotated[bool, typer.Option("--svg", help="Draw the charts as SVG files as well.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only (and JSON, with --json).")]


class ClosedPipe(Exception):
    """The reader of stdout has gone away: end quietly."""


def language(lang: Lang | None) -> str:
    """The language asked for, else ``ja`` in a Japanese locale, else ``en``."""
    if lang is not None:
        return lang.value
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "ja" if os.environ[name].lower().startswith("ja") else "en"
    return "en"


def emit(text: str) -> None:
    """Write data to stdout. Raises ClosedPipe if nobody reads it any more."""
    try:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise ClosedPipe from None


def say(text: str) -> None:
    """Write a line for the user to stderr."""
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def emit_json(content: Any) -> None:
    """Write JSON to stdout; a NaN is refused rather than printed."""
    emit(json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1))


_NOTHING = 1e-12
"""Rounding error of a sum that is zero."""

_SHORT = 16
"""Characters that a cell of a table may have to be kept on one line."""


def emit_table(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows to stdout: a table on a terminal, tab-separated text into a pipe.

    ``columns``: key of a row -> heading.
    """
    if not sys.stdout.isatty():
        lines = ["\t".join(columns.values())]
        lines += ["\t".join(cell(row.get(key)) for key in columns) for row in rows]
        emit("\n".join(lines))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    texts = [[cell(row.get(key)) for key in columns] for row in rows]
    needed = 0
    for n, heading in enumerate(columns.values()):
        # Ids and short cells stay whole; long texts share the rest of the width.
        longest = max((len(line[n]) for line in texts), default=0)
        short = n == 0 or longest <= _SHORT
        needed += 2 + (max(longest, len(heading)) if short else _SHORT)
        table.add_column(heading, overflow="fold", no_wrap=short, ratio=None if short else 1)
    for line in texts:
        table.add_row(*(text.replace("[", r"\[") for text in line))
    try:
        # Wider than the terminal rather than digits cut off: the terminal wraps the lines.
        console = Console()
        Console(width=max(console.width, needed)).print(table, soft_wrap=console.width < needed)
    except BrokenPipeError:
        raise ClosedPipe from None


def cell(value: Any) -> str:
    """A value as one line of text; empty for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{0.0 if abs(value) < _NOTHING else value:g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(cell(v) for v in value)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return " ".join(str(value).split())
