"""The command ``kyodo``. Data goes to stdout; the announcing line, progress and errors to stderr.

Exit codes: 0 ok, 1 failure (a run failed, or an output cannot be written), 2 usage, 3 invalid
content of a file, 4 some runs of a sweep failed, 130 interrupted. Commands import what they need
when they run, so that ``kyodo --help`` loads no heavy library.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from types import FrameType
from typing import Annotated, NoReturn

import typer

import sim
from sim.base.errors import KyodoError
from sim.cli import (
    calibrate as cli_calibrate,
)
from sim.cli import (
    report as cli_report,
)
from sim.cli import (
    serve as cli_serve,
)
from sim.cli import shared_options as o
from sim.cli import (
    sweep as cli_sweep,
)
from sim.cli.analysis_command import add_commands

app = typer.Typer(
    name="kyodo",
    help=(
        "Kyodo compares support measures for co-production (kyodo) in Tokyo's special wards."
        " Its numbers follow from unverified figures and assumptions: not a forecast."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
describe = typer.Typer(
    help="List figures, parameters, initiatives ...",
    no_args_is_help=True,
)
app.add_typer(describe, name="describe")
app.add_typer(cli_calibrate.app, name="calibrate")


def _version(wanted: bool) -> None:
    if wanted:
        o.emit(f"kyodo {sim.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


add_commands(app)


@app.command()
def validate(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="YAML files to check.")],
    years: o.Years = 10,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Check scenario, profile, parameter, prior and target files.

    The first error ends the command. Exit code 3 with file, line and the
    nearest valid name if one is wrong; 2 if it is missing.
    """
    from sim.cli.validate import validate_file

    rows = [{"id": str(file), "message": validate_file(file, years)} for file in files]
    if json:
        o.emit_json({"rows": rows})
    elif not quiet:
        o.emit("\n".join(row["message"] for row in rows))


app.command()(cli_sweep.sweep)
app.command()(cli_sweep.query)
add_commands(app)
app.command()(cli_serve.serve)
app.command()(cli_report.report)


def _add_descriptions() -> None:
    from sim.cli.describe import DESCRIBED, describe_command

    def command_for(kind: str) -> None:
        def command(
            grep: Annotated[
                str | None, typer.Option("--grep", help="Only rows that contain this text.")
            ] = None,
            role: Annotated[
                str | None, typer.Option("--role", help="Only rows with this role (evidence).")
            ] = None,
            status: Annotated[
                str | None, typer.Option("--status", help="Only rows with this status.")
            ] = None,
            kind_: Annotated[
                str | None, typer.Option("--kind", help="Only rows with this kind.")
            ] = None,
            initiative: Annotated[
                str | None, typer.Option("--initiative", help="Only rows on this initiative.")
            ] = None,
            profile: o.Profile = None,
            csv: Annotated[
                str | None, typer.Option("--csv", metavar="FILE", help="Export the rows as CSV.")
            ] = None,
            json: o.Json = False,
            lang: o.Language = None,
        ) -> None:
            filters = {
                "role": role,
                "status": status,
                "kind": kind_,
                "initiative": initiative,
            }
            describe_command(
                kind,
                grep=grep,
                filters={name: value for name, value in filters.items() if value is not None},
                profile=profile or "document",
                csv=csv,
                json=json,
                lang=o.language(lang),
            )

        command.__doc__ = DESCRIBED[kind].meaning
        describe.command(name=kind)(command)

    for kind in DESCRIBED:
        command_for(kind)


_add_descriptions()


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show Japanese gets escapes instead of an error.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app(prog_name="kyodo")
    except KyodoError as error:
        if os.environ.get("KYODO_DEBUG"):
            raise
        o.say(f"error: {error}")
        sys.exit(error.exit_code)
    except o.ClosedPipe:
        # Python would complain when it flushes stdout at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(0)
