"""``kyodo sweep`` and ``kyodo query``: many runs from a design in a file, and SQL over them."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.base.optional import need
from sim.base.rows import rows_as_json
from sim.cli import shared_options as o
from sim.cli.running import engine_of, overrides_of, run_kept

if TYPE_CHECKING:
    from sim.analyses.sweep.estimate import Sweep
    from sim.runs.run_all import Results
    from sim.runs.store import ResultStore

PARTIAL = 4
"""Exit code of a sweep of which some runs failed."""
SHOWN_FAILURES = 5

Design = Annotated[str, typer.Argument(metavar="DESIGN.yaml", help="File (docs/experiments.md).")]
SweepDraws = Annotated[
    int | None, typer.Option("--draws", min=1, help="Parameter draws [default: the file's].")
]
SweepReplicates = Annotated[
    int | None, typer.Option("--replicates", min=1, help="Runs per draw [default: the file's].")
]
SweepScale = Annotated[
    str | None, typer.Option("--scale", help="Share of residents [default: the file's, 1/100].")
]
SweepYears = Annotated[
    int | None, typer.Option("--years", min=1, max=50, help="Fiscal years [default: the file's].")
]
SweepSeed = Annotated[int | None, typer.Option("--seed", min=0, help="Seed [default: the file's].")]
Part = Annotated[
    str | None,
    typer.Option("--shard", metavar="I/N", help="Only the I-th of N shares (job arrays)."),
]
Verify = Annotated[
    int | None,
    typer.Option("--verify", metavar="K", min=1, help="Repeat K recorded runs and compare bits."),
]


def sweep(
    design: Design,
    draws: SweepDraws = None,
    replicates: SweepReplicates = None,
    scale: SweepScale = None,
    years: SweepYears = None,
    profile: o.Profile = None,
    discount: o.DiscountMode = None,
    set_: o.Set = None,
    seed: SweepSeed = None,
    by: o.SplitBy = None,
    workers: o.Workers = None,
    engine: o.Engine = None,
    scheduler: o.Scheduler = None,
    shard: Part = None,
    verify: Verify = None,
    out: o.Out = None,
    force: o.Force = False,
    resume: o.Resume = False,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Run a design of many runs; go on, extend or verify it.

    Scenarios x points x draws x replicates from a YAML file. Recorded runs are never
    repeated: call it again to go on, or with more draws to extend it.
    """
    from dataclasses import replace

    from sim.analyses.sweep.design import read_sweep
    from sim.analyses.sweep.estimate import parse_part
    from sim.base.errors import UsageError
    from sim.runs.store import ResultStore
    from sim.runs.workers import available_cores

    whole = read_sweep(
        design,
        draws=draws,
        replicates=replicates,
        scale=scale,
        years=years,
        profile=profile,
        discount=None if discount is None else discount.value,
        seed=seed,
        by=None if by is None else by.value,
        overrides=overrides_of(set_ or []),
    )
    asked = replace(whole, part=(1, 1) if shard is None else parse_part(shard))
    folder = Path(out or f"results/sweep-{whole.study_hash[:8]}")
    store = ResultStore(folder)
    if verify is not None:
        store.require(whole.study_hash)
        raise typer.Exit(_verify(asked, store, verify, json, quiet))
    if force and shard is not None:
        raise UsageError("--force with --shard would remove what other jobs have done")
    if not len(asked):
        raise UsageError(f"--shard {shard}: there are fewer runs than shares")
    store.open(whole.study_hash, force=force)
    count = workers or available_cores()
    where = engine_of(None if engine is None else engine.value, scheduler, count)
    results = run_kept(
        asked,
        _announcement(asked, folder, count),
        workers=count,
        engine=where,
        store=store,
        quiet=quiet,
    )
    raise typer.Exit(_finish(asked, store, results, json, quiet))


def _announcement(sweep: Sweep, folder: Path, workers: int) -> str:
    from sim.runs.durations import duration, residents, sweep_seconds

    drawn = "central values" if sweep.draws is None else f"{sweep.draws} draws"
    part = "" if sweep.part == (1, 1) else f"share {sweep.part[0]} of {sweep.part[1]}, "
    took = duration(sweep_seconds(sweep) / workers)
    return (
        f"kyodo sweep: {part}{len(sweep.scenarios)} scenarios x {len(sweep.points):,} points x"
        f" {drawn} x {sweep.replicates} replicates = {len(sweep):,} runs of {sweep.years} years at"
        f" scale {sweep.scale} (about {residents(sweep.scale):,} residents), profile"
        f" {sweep.profile}, on {workers} workers: {took}; results in {folder}"
    )


def _finish(sweep: Sweep, store: ResultStore, results: Results, json: bool, quiet: bool) -> int:
    from sim.analyses.study import names_of
    from sim.analyses.sweep.estimate import index_table
    from sim.runs.manifest import manifest_of
    from sim.runs.store import INDEX, MANIFEST

    table = index_table(sweep, results)
    failed = results.failures
    manifest = manifest_of(
        failed[:SHOWN_FAILURES],
        len(sweep),
        design=sweep.to_dict(),
        hashes={"study": sweep.study_hash},
        reused=results.reused,
        timings=results.timings,
        command=[shlex.join(["kyodo", *sys.argv[1:]])],
    )
    manifest |= {"analysis": "sweep", "facts": {}, "names": names_of(sweep.scenarios)}
    manifest["runs"] |= {"finished": len(sweep) - len(failed), "failed": len(failed)}
    name = MANIFEST
    if sweep.part == (1, 1):
        store.write_parquet(INDEX.removesuffix(".parquet"), table)
    else:
        name = "manifest-{}-of-{}.json".format(*sweep.part)
    store.write_json(name, manifest)
    counts = table.groupby("scenario", sort=False)["status"].value_counts().unstack(fill_value=0)
    rows = [
        {"id": str(id), "ok": int(row.get("ok", 0)), "failed": int(row.get("failed", 0))}
        for id, row in counts.iterrows()
    ]
    if json:
        o.emit_json({"rows": rows, "manifest": manifest})
    elif not quiet:
        o.emit_table({"id": "scenario", "ok": "runs", "failed": "failed"}, rows)
    if not quiet:
        files = f"{name}, shards/" + (f", {INDEX}" if sweep.part == (1, 1) else "")
        o.say(f"results in {store.folder}: {files}; ask with: kyodo query {store.folder} SQL")
        if sweep.part != (1, 1):
            o.say("when all shares are done, call it without --shard: it writes the index")
    for failure in failed[:SHOWN_FAILURES]:
        o.say(f"error: run failed: {failure.name}: {failure.error}")
    if failed:
        where = INDEX if sweep.part == (1, 1) else "the index, which a call without --shard writes"
        o.say(f"error: {len(failed)} of {len(sweep)} runs failed; tracebacks in {where}")
    return PARTIAL if failed else 0


def _verify(sweep: Sweep, store: ResultStore, count: int, json: bool, quiet: bool) -> int:
    from sim.analyses.sweep.estimate import verify

    done, differ = verify(sweep, store, count, time.time_ns())
    if json:
        o.emit_json({"rows": [{"id": name} for name in differ], "verified": done})
    elif not quiet:
        o.emit(f"{done - len(differ)} of {done} runs are equal bit for bit when they are repeated")
    for name in differ:
        o.say(f"error: differs when it is repeated: {name}")
    return 1 if differ else 0


def query(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Folder of a sweep.")],
    sql: Annotated[
        str, typer.Argument(metavar="SQL", help="Over the tables results and runs; see docs.")
    ],
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE", help="Write the rows as CSV.")
    ] = None,
    json: o.Json = False,
) -> None:
    """Ask the runs of a sweep with SQL (DuckDB).

    Example: SELECT scenario, fiscal_year, median(value) FROM results WHERE
    indicator = 'M1-KGI-1' GROUP BY ALL ORDER BY ALL
    """
    need("duckdb", "experiments")
    from sim.base.files import atomic_write
    from sim.runs.query import query as ask

    rows = ask(folder, sql)
    if csv is not None:
        with atomic_write(csv, "w", encoding="utf-8-sig", newline="") as stream:
            rows.to_csv(stream, index=False, lineterminator="\r\n")
        o.say(f"{len(rows):,} rows in {csv}")
        return
    found = rows_as_json(rows.astype(object))
    if json:
        o.emit_json({"rows": found})
    else:
        o.emit_table({str(c): str(c) for c in rows.columns}, found)
