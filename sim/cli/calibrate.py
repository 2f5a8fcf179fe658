"""``kyodo calibrate`` and its checks: run, announce, progress, print and write."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli import shared_options as o
from sim.cli.calibrate_said import (
    names,
    plain_changes,
    say_changes,
    say_misses,
    say_quality,
    waves,
)

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
    str,
    typer.Option("--method", help="rejection, linear, local, quadratic or emulator."),
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
    "target": "target",
    "role": "role",
    "observed": "observed",
    "median": "median",
    "p05": "p05",
    "p95": "p95",
    "z": "z",
    "inside_90": "inside 90 %",
    "inside_90_runs": "runs alone",
    "close": "within 2 points",
}


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
    from sim.base.scale import parse_scale
    from sim.calibrate.study import (
        CalibrationRequest,
        base_profile,
        calibrate,
        changes,
        put_in_place,
    )
    from sim.report.calibration_record import write_profile_record
    from sim.runs import memory

    _need_extra()
    name = profile or "document"
    _check_method(method)
    share, cores = parse_scale(scale), _workers(workers)
    memory.require(partial(memory.of_runs, share), cores, f"{runs:,} runs at scale {share}")
    request = CalibrationRequest(name, runs, draws, seed, method, float(share))
    folder = Path(out or f"results/calibrate-{request.name}")
    say = _quiet if quiet else o.say
    say(
        f"kyodo calibrate: profile {name}, up to {runs:,} runs of the baseline and 200 to check,"
        f" on {cores} workers: at most about {_minutes(runs + 200, cores)} min; results in {folder}"
    )
    with waves(quiet) as progress:
        fitted = calibrate(
            request,
            folder,
            workers=cores,
            engine=_engine(engine, scheduler, cores),
            force=force,
            reuse=not fresh,
            progress=progress,
            say=say,
        )
        record = _record(fitted, cores, progress, _engine(engine, scheduler, cores))
    files = write_profile_record(record, folder)
    placed = put_in_place(request, folder, force=force)
    base = base_profile(name)
    changed = changes(fitted, base) if base != name else None
    if json:
        o.emit_json({"rows": record.check.rows, "changes": plain_changes(changed)})
    elif not quiet:
        o.emit_table(CHECK_COLUMNS, record.check.rows)
        say_changes(changed)
    say(f"results in {folder}: posterior.parquet, design.parquet, {names(files)}")
    for path in placed:
        say(f"beside the profile: {path}")
    say_misses(record.check, quiet)
    if not quiet:
        say_quality(record, runs, USUAL_RUNS)


def _engine(engine: o.EngineName | None, scheduler: str | None, workers: int) -> Any:
    """Where runs go, anew for each pass: an engine is entered once."""
    from sim.cli.running import engine_of

    return engine_of(None if engine is None else engine.value, scheduler, workers)


def _record(
    fitted: Any, workers: int, progress: Callable[[str, int, int], None], engine: Any
) -> Any:
    """Check, recovery and identification of a fitted calibration."""
    from sim.calibrate.check import posterior_runs, predictive_check
    from sim.calibrate.identify import identify_rows, normal_scores
    from sim.calibrate.recover import MIN_TRUTHS, recover
    from sim.report.calibration_record import ProfileRecord

    table = fitted.table.with_posterior(fitted.posterior)
    outputs = posterior_runs(
        table,
        fitted.targets.rows,
        workers=workers,
        engine=engine,
        progress=lambda done, total: progress("check", done, total),
    )
    second = fitted.design.second
    enough = int(second.truths.sum()) >= MIN_TRUTHS
    recovery = recover(second, fitted.targets.used, fitted.method) if enough else None
    return ProfileRecord(
        calibration=fitted,
        check=predictive_check(fitted.targets.rows, outputs, fitted.design.first),
        recovery=recovery,
        methods=[],
        identify=identify_rows(
            fitted.table, fitted.posterior, normal_scores(fitted.table, fitted.posterior)
        ),
        cross_check=None,
        hindcast=None,
    )


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
    from sim.base.scale import parse_scale
    from sim.calibrate.check import posterior_runs, predictive_check
    from sim.calibrate.study import required_design
    from sim.calibrate.targets import load_targets
    from sim.figures.parameters import load_parameters
    from sim.runs import memory

    name = profile or "document"
    share, cores = parse_scale(scale), _workers(workers)
    memory.require(partial(memory.of_runs, share), cores, f"{draws:,} runs at scale {share}")
    table = _with_own_posterior(load_parameters(name), name)
    targets = load_targets(name)
    prior = required_design(name).first
    with waves(quiet) as progress:
        outputs = posterior_runs(
            table,
            targets.rows,
            draws=draws,
            seed=seed,
            scale=float(share),
            workers=cores,
            engine=_engine(engine, scheduler, cores),
            progress=lambda done, total: progress("check", done, total),
        )
    found = predictive_check(targets.rows, outputs, prior, seed)
    if json:
        o.emit_json({"rows": found.rows, "log_score": found.log_score})
    else:
        o.emit_table(CHECK_COLUMNS, found.rows)
    say_misses(found, quiet)


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
            found.append(
                module.recover(
                    second,
                    used,
                    one,
                    seed=seed,
                    truths=truths,
                    progress=partial(progress, one),
                )
            )
    summaries = [module.summary_row(r) for r in found]
    rows = module.recovery_rows(found[0])
    if json:
        o.emit_json({"rows": rows if len(found) == 1 else summaries, "methods": summaries})
        return
    if len(found) == 1:
        o.emit_table({key: key.replace("_", " ") for key in rows[0]}, rows)
        if not quiet:
            s = summaries[0]
            low, high = module.band(s["truths"])
            o.say(
                f"{s['identified']} of {s['parameters']} parameters identified; pooled coverage of"
                f" 90 % intervals {s['coverage']:.1%}; outside the exact 99 % band of {low}-{high}"
                f" of {s['truths']}: {s['outside_band']}; rank tests rejected: {s['rank_rejected']}"
            )
    else:
        o.emit_table({key: key.replace("_", " ") for key in summaries[0]}, summaries)


@app.command()
def identify(profile: o.Profile = None, json: o.Json = False) -> None:
    """Which parameters the figures inform, from prior to posterior, and correlations."""
    from sim.calibrate.identify import identify_rows, normal_scores
    from sim.figures.parameters import load_parameters

    name = profile or "document"
    table = _with_own_posterior(load_parameters(name), name)
    plain = load_parameters(name, posterior=False)
    assert table.posterior is not None
    rows = identify_rows(plain, table.posterior, normal_scores(plain, table.posterior))
    if json:
        o.emit_json({"rows": rows})
        return
    columns = ("parameter", "sd_ratio", "contraction", "shift", "identified", "unit")
    drawn = ("prior_p05", "prior_median", "prior_p95")
    after = ("posterior_p05", "posterior_median", "posterior_p95")
    headings = (*columns, *drawn, *after)
    o.emit_table({key: key.replace("_", " ") for key in headings}, rows)


def _with_own_posterior(table: Any, name: str) -> Any:
    """The table, if its posterior was made for this profile; else UsageError."""
    from sim.base.errors import UsageError

    if table.posterior is None or table.posterior.borrowed:
        raise UsageError(f"{name} was not calibrated: run kyodo calibrate --profile {name}")
    return table


def _need_extra() -> None:
    for module in ("sklearn", "emcee"):
        o.need(module, "calibrate")


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


def _quiet(text: str) -> None:
    pass
