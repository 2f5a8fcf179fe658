"""``kyodo calibrate`` and its checks: run, announce, progress, print and write."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.base.optional import need
from sim.cli import shared_options as o
from sim.cli.running import engine_of

if TYPE_CHECKING:
    from sim.analyses.calibration.estimate import CheckedCalibration

app = typer.Typer(
    help="Estimate the behaviour of residents, NPOs and projects from the documented baselines.",
    invoke_without_command=True,
    no_args_is_help=False,
)

Runs = Annotated[int, typer.Option("--runs", min=128, help="Runs of the model for the two waves.")]
Ensemble = Annotated[int, typer.Option("--draws", min=100, help="Draws of the ensemble.")]
CheckDraws = Annotated[
    int, typer.Option("--draws", min=20, help="Draws of the posterior that are run.")
]
Method = Annotated[
    str, typer.Option("--method", help="rejection, linear, local, quadratic or emulator.")
]
Truths = Annotated[
    int | None, typer.Option("--truths", min=20, help="Synthetic truths [default: all].")
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Reuse no stored runs.")]

USUAL_RUNS = 4_352
"""``sim.calibrate.fit.DEFAULT_RUNS`` without loading numpy for --help; a test holds them equal."""

REFERENCE_RUNS = 13.0
"""Runs of the baseline year a second on two cores; for the announcing line only."""

CHECK_COLUMNS = {
    **{name: name for name in ("target", "role", "observed", "median", "p05", "p95", "z")},
    "inside_90": "inside 90 %", "inside_90_runs": "runs alone", "close": "within 2 points",
}  # fmt: skip


@app.callback()
def calibrate(
    context: typer.Context,
    profile: o.Profile = None,
    runs: Runs = USUAL_RUNS,
    draws: Ensemble = 400,
    method: Method = "linear",
    scale: o.Scale = "1/100",
    seed: o.Seed = 0,
    workers: o.Workers = None,
    engine: o.Engine = None,
    scheduler: o.Scheduler = None,
    out: o.Out = None,
    force: o.Force = False,
    resume: o.Resume = False,
    fresh: Fresh = False,
    lang: o.Language = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Calibrate a profile: a posterior ensemble that every projection then draws from.

    With a profile of your own, the ensemble goes beside it (my_ward.posterior.parquet), where
    compare finds it. Without a profile: document. Repeating the command takes up the runs that
    an interrupted calibration left in --out.
    """
    if context.invoked_subcommand is not None:
        return
    from sim.analyses.calibration.estimate import CalibrationRecord, checked, keep_record
    from sim.base.scale import parse_scale
    from sim.calibrate.study import (
        CalibrationRequest,
        base_profile,
        calibrate,
        changes,
        put_in_place,
    )
    from sim.report.tell import tell
    from sim.runs import memory

    _need_extra()
    spoken = o.language(lang)
    name = profile or "document"
    _check_method(method)
    share, cores = parse_scale(scale), _workers(workers)
    memory.require(partial(memory.of_runs, share), cores, f"{runs:,} runs at scale {share}")
    request = CalibrationRequest(name, runs, draws, seed, method, float(share))
    folder = Path(out or f"results/calibrate-{request.name}")
    say = (lambda text: None) if quiet else o.say
    say(
        f"kyodo calibrate: profile {name}, up to {runs:,} runs of the baseline and 200 to check,"
        f" on {cores} workers: at most about {_minutes(runs + 200, cores)} min; results in {folder}"
    )
    with waves(quiet) as progress:
        fitted = calibrate(
            request,
            folder,
            workers=cores,
            engine=engine_of(engine and engine.value, scheduler, cores),
            force=force,
            reuse=not fresh,
            progress=progress,
            say=say,
        )
        found = checked(
            fitted,
            workers=cores,
            engine=engine_of(engine and engine.value, scheduler, cores),
            progress=partial(progress, "check"),
        )
    command = [shlex.join(["kyodo", *sys.argv[1:]])]
    files = keep_record(CalibrationRecord((found,)), folder, spoken, command)
    told = tell(folder, spoken, workers=cores)
    placed = put_in_place(request, folder, force=force)
    base = base_profile(name)
    changed = changes(fitted, base) if base != name else None
    if json:
        o.emit_json({"rows": found.check.rows, "changes": changed})
    elif not quiet:
        o.emit("\n".join(told.terminal()))
        say_changes(changed)
    kept = ["posterior.parquet", "design.parquet", "manifest.json", *files, *told.files]
    say(f"results in {folder}: {', '.join(kept)}")
    for path in placed:
        say(f"beside the profile: {path}")


@app.command()
def check(
    profile: o.Profile = None,
    draws: CheckDraws = 200,
    scale: o.Scale = "1/100",
    seed: o.Seed = 0,
    workers: o.Workers = None,
    engine: o.Engine = None,
    scheduler: o.Scheduler = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Run the posterior and compare it with every target, fitted and held out.

    Intervals (90 %) hold the errors of figure and model; beside them, runs alone.
    """
    from sim.analyses.calibration.estimate import checked
    from sim.base.scale import parse_scale
    from sim.calibrate.study import stored_calibration
    from sim.runs import memory

    share, cores = parse_scale(scale), _workers(workers)
    memory.require(partial(memory.of_runs, share), cores, f"{draws:,} runs at scale {share}")
    fitted = stored_calibration(profile or "document")
    with waves(quiet) as progress:
        found = checked(
            fitted,
            draws=draws,
            seed=seed,
            scale=float(share),
            workers=cores,
            engine=engine_of(engine and engine.value, scheduler, cores),
            progress=partial(progress, "check"),
            only=True,
        )
    if json:
        o.emit_json({"rows": found.check.rows, "log_score": found.check.log_score})
    else:
        o.emit_table(CHECK_COLUMNS, found.check.rows)
    if not quiet:
        say_check(found)


def say_check(found: CheckedCalibration) -> None:
    """What the record would say of a check."""
    from sim.analyses.analysis import analysis
    from sim.analyses.calibration.estimate import CalibrationRecord
    from sim.analyses.calibration.pages import limits
    from sim.analyses.calibration.pages_targets import target_pages
    from sim.analyses.tables import as_kept
    from sim.analyses.words import Words

    asked = analysis("calibration")
    tables = as_kept(asked.tables(CalibrationRecord((found,))), asked.schema)
    words = Words(asked.folder, "en")
    for page in target_pages(tables, found.name, words):
        for text in (page.message, *(finding.text for finding in page.findings)):
            o.say(text)
    o.say(limits(tables, words)[0])


@app.command()
def recover(
    profile: o.Profile = None,
    method: Method = "linear",
    truths: Truths = None,
    seed: o.Seed = 0,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Recover synthetic truths from the stored runs: coverage and rank statistics.

    The method does not see the rows that serve as truths. --method all compares all methods.
    """
    from sim.calibrate import recover as module
    from sim.calibrate.methods import CALIBRATION_METHODS
    from sim.calibrate.study import required_design
    from sim.calibrate.targets import load_targets

    _need_extra()
    name = profile or "document"
    methods = list(CALIBRATION_METHODS) if method == "all" else [method]
    for one in methods:
        _check_method(one)
    second = required_design(name).second
    used = load_targets(name).used
    found = []
    for one in methods:
        with waves(quiet) as progress:
            told = partial(progress, one)
            found.append(module.recover(second, used, one, seed=seed, truths=truths, progress=told))
    summaries = [module.summary_row(r) for r in found]
    rows = module.recovery_rows(found[0]) if len(found) == 1 else summaries
    if json:
        o.emit_json({"rows": rows, "methods": summaries})
        return
    o.emit_table({key: key.replace("_", " ") for key in rows[0]}, rows)
    if len(found) == 1 and not quiet:
        s = summaries[0]
        low, high = module.band(s["truths"])
        o.say(
            f"{s['identified']} of {s['parameters']} parameters identified; pooled coverage of"
            f" 90 % intervals {s['coverage']:.1%}; outside the exact 99 % band of {low}-{high}"
            f" of {s['truths']}: {s['outside_band']}; rank tests rejected: {s['rank_rejected']}"
        )


@app.command()
def identify(profile: o.Profile = None, json: o.Json = False) -> None:
    """Which parameters the figures inform, from prior to posterior, and correlations."""
    from sim.calibrate.identify import identify_rows, normal_scores
    from sim.calibrate.study import own_posterior
    from sim.figures.parameters import load_parameters

    name = profile or "document"
    posterior = own_posterior(name)
    plain = load_parameters(name, posterior=False)
    rows = identify_rows(plain, posterior, normal_scores(plain, posterior))
    if json:
        o.emit_json({"rows": rows})
        return
    first = ("parameter", "sd_ratio", "contraction", "shift", "identified", "unit")
    drawn = [f"{of}_{q}" for of in ("prior", "posterior") for q in ("p05", "median", "p95")]
    o.emit_table({key: key.replace("_", " ") for key in (*first, *drawn)}, rows)


def _need_extra() -> None:
    for module in ("sklearn", "emcee"):
        need(module, "calibrate")


def _check_method(method: str) -> None:
    from sim.base.errors import UsageError, nearest
    from sim.calibrate.methods import CALIBRATION_METHODS

    if method not in CALIBRATION_METHODS:
        hint = nearest(method, CALIBRATION_METHODS)
        hint = hint or f" (one of {', '.join(CALIBRATION_METHODS)})"
        raise UsageError(f"unknown method '{method}'{hint}")


def _workers(workers: int | None) -> int:
    from sim.runs.workers import available_cores

    return workers or available_cores()


def _minutes(runs: int, workers: int) -> int:
    return max(1, round(runs / REFERENCE_RUNS * 2 / min(workers, 2) / 60))


def say_changes(changed: dict[str, Any] | None) -> None:
    """Which figures differ from the profile that is extended, and what moved with them."""
    if changed is None:
        return
    o.say(f"figures that differ from profile {changed['base']}:")
    for row, value in changed["figures"].items():
        o.say(f"  {row}: {value['there']:g} -> {value['here']:g}")
    if not changed["figures"]:
        o.say("  none")
    moved = changed["parameters"]
    o.say(f"parameters whose central value moved by more than half a posterior sd ({len(moved)}):")
    if not moved:
        o.say("  none: the changes are small against the errors of the figures")
    for row in moved[:12]:
        values = f"{row['there']:g} -> {row['here']:g} {row['unit']} ({row['shift_sd']:+.1f} sd)"
        o.say(f"  {row['parameter']}: {values}")


@contextmanager
def waves(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Progress by wave: a bar on a terminal, a line every quarter elsewhere, nothing if quiet."""
    if quiet:
        yield lambda wave, done, total: None
        return
    if not sys.stderr.isatty():
        said: dict[str, int] = {}

        def line(wave: str, done: int, total: int) -> None:
            quarter = 4 * done // max(1, total)
            if said.get(wave, 0) < quarter:
                said[wave] = quarter
                o.say(f"{wave}: {done} of {total}")

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def update(wave: str, done: int, total: int) -> None:
            if wave not in tasks:
                tasks[wave] = bar.add_task(wave, total=total)
            bar.update(tasks[wave], completed=done)

        yield update
