"""``kyodo compare`` and ``kyodo run``: check, announce, run with progress, print and write."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.rows import rows_as_json
from sim.cli import options as o
from sim.runs.durations import duration, estimate_seconds, explain_seconds, residents
from sim.runs.spec import Design

if TYPE_CHECKING:
    from sim.analyses.compare.estimate import ComparisonStudy
    from sim.runs.run_all import Progress
    from sim.runs.runner import Failure
    from sim.runs.workers import Engine

SAY_AFTER = 5.0
"""Seconds after the first runs at which a command without a terminal says how long it will take."""
SAY_EVERY = 900.0
"""Seconds until it says so again."""


@dataclass(frozen=True)
class CompareRequest:
    """What the user asked for, as typed."""

    command: str
    scenarios: list[str] | None
    draws: int | None
    replicates: int
    scale: str
    years: int
    profile: str | None
    discount: str | None
    overrides: list[str]
    seed: int
    workers: int | None
    engine: str | None
    scheduler: str | None
    by: str
    out: str | None
    force: bool
    resume: bool
    lang: str
    json: bool
    quiet: bool
    svg: bool = False
    explain: int = 0


def study_command(request: CompareRequest) -> int:
    """Carry out a request; return the exit code (1 if a run failed)."""
    from sim.analyses.compare.estimate import build_design, run_study
    from sim.analyses.compare.explain import check_draws, number_of_runs
    from sim.base.kernels import nothing_compiled
    from sim.runs import memory
    from sim.runs.store import ResultStore
    from sim.runs.workers import available_cores

    if request.explain:
        check_draws(request.explain)
    design = build_design(
        request.scenarios or None,
        draws=request.draws,
        replicates=request.replicates,
        scale=request.scale,
        years=request.years,
        seed=request.seed,
        profile=request.profile,
        discount=request.discount,
        parameters=overrides_of(request.overrides),
        by=request.by,
        with_baseline=request.command == "compare",
    )
    folder = Path(request.out or f"results/{request.command}-{design.design_hash[:8]}")
    workers = min(request.workers or available_cores(), len(design.chunks))
    memory.check(design, workers)
    engine = engine_of(request.engine, request.scheduler, workers)
    store = ResultStore(folder)
    store.open(design.study_hash, force=request.force)
    if not request.quiet:
        o.say(announcement(request.command, design, workers, folder))
        if nothing_compiled():
            o.say("first start of this version: it is compiled once, which takes half a minute")
    with ExitStack() as bars:
        progress = bars.enter_context(progress_bar(len(design), request.quiet))

        def explaining() -> Progress | None:
            bars.close()
            runs = number_of_runs(design, request.explain)
            if not request.quiet:
                took = duration(explain_seconds(design, request.explain, runs, workers))
                o.say(
                    f"what the intervals come from: {_count(runs, 'more run')} of"
                    f" {_count(request.explain, 'draw')}: {took}"
                )
            return bars.enter_context(progress_bar(runs, request.quiet))

        try:
            study = run_study(
                design,
                workers=workers,
                engine=engine,
                store=store,
                progress=progress,
                command=[shlex.join(["kyodo", *sys.argv[1:]])],
                explain_draws=request.explain,
                explain_progress=explaining,
            )
        except KeyboardInterrupt:
            bars.close()
            o.say(f"interrupted: finished runs are kept in {folder}; go on with --resume")
            raise
    _report(study, request, folder, request.workers or available_cores())
    return _failures(study)


def overrides_of(texts: Sequence[str]) -> dict[str, float]:
    """The parameters of ``--set``. Raises UsageError for one that is set twice."""
    from sim.base.errors import UsageError
    from sim.figures.parameters import parse_set

    parameters: dict[str, float] = {}
    for text in texts:
        name, value = parse_set(text)
        if name in parameters:
            raise UsageError(f"--set {text}: {name} is set twice")
        parameters[name] = value
    return parameters


def engine_of(engine: str | None, scheduler: str | None, workers: int) -> Engine | None:
    """The engine of ``--engine`` and ``--scheduler``; None for processes of this machine."""
    from sim.base.errors import UsageError

    if scheduler is not None and engine == "local":
        raise UsageError("--scheduler needs --engine dask")
    if engine != "dask" and scheduler is None:
        return None
    o.need("distributed", "cluster")
    from sim.runs.cluster import Cluster

    return Cluster(scheduler, workers)


def announcement(command: str, design: Design, workers: int, folder: Path) -> str:
    """The first line on stderr: what will run, how long it will take, where results go."""
    n = len(design.scenarios)
    draws = "central values" if design.draws is None else _count(design.draws, "draw")
    what = f"{_count(n, 'scenario')} x {draws} x {_count(design.replicates, 'replicate')}"
    took = duration(estimate_seconds(design, workers))
    return (
        f"kyodo {command}: {what} = {_count(len(design), 'run')} of {_count(design.years, 'year')}"
        f" at scale {design.scale} (about {residents(design.scale):,} residents), profile"
        f" {design.profile}, on {_count(workers, 'worker')}: {took}; results in {folder}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@contextmanager
def progress_bar(runs: int, quiet: bool) -> Iterator[Progress | None]:
    """A bar on a terminal; one line after the first runs elsewhere; nothing if quiet."""
    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        yield _FirstRuns()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    columns = ("runs", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("runs", total=runs)
        yield lambda done, total, seconds: bar.update(task, completed=done, total=total)


class _FirstRuns:
    """Says how long the rest will take, after the first runs and then every quarter of an hour."""

    def __init__(self) -> None:
        self.first: tuple[int, float] | None = None
        self.started = False
        self.next = 0.0

    def __call__(self, done: int, total: int, seconds: float) -> None:
        if not self.started:
            self.started = True
            if done:
                o.say(f"{done:,} of {total:,} runs are there already")
        elif self.first is None:
            self.first = done, seconds  # what comes before is mostly the start of the workers
            self.next = seconds + SAY_AFTER
        elif done < total and seconds >= self.next:
            self.next = seconds + SAY_EVERY
            pace = (seconds - self.first[1]) / (done - self.first[0])
            left = duration(pace * (total - done))
            o.say(f"{done:,} of {total:,} runs done in {seconds:.0f} s; {left} left")


def _report(study: ComparisonStudy, request: CompareRequest, folder: Path, workers: int) -> None:
    from sim.analyses.compare.interval_parts_table import FILE
    from sim.report import terminal_table, write_report

    files = []
    if len(study.rows):
        files = write_report(study, folder, request.lang, workers, request.svg)
    if request.json:
        o.emit_json(json_content(study))
    elif not request.quiet and len(study.rows):
        o.emit(terminal_table(study, lang=request.lang))
    if not request.quiet:
        tables = [] if study.parts is None else [folder / FILE]
        o.say(f"results in {folder}: {', '.join(top_level(folder, [*tables, *files]))}")


def top_level(folder: Path, files: Sequence[Path]) -> list[str]:
    """Names in the folder that a person will open, folders with a slash and their count."""
    names = ["results.parquet", "results.csv", "manifest.json"]
    inside: dict[str, int] = {}
    for path in files:
        parts = path.relative_to(folder).parts
        if len(parts) == 1:
            names.append(parts[0])
        else:
            inside[parts[0]] = inside.get(parts[0], 0) + 1
    return names + [f"{name}/ ({count} files)" for name, count in inside.items()]


def json_content(study: ComparisonStudy) -> dict[str, Any]:
    """The JSON of ``compare`` (design section 11): null where there is no number, never NaN.

    ``interval_parts`` (facts and rows) is there where the shares are known.
    """
    ids = [s.id for s in study.design.scenarios]
    content = {"scenarios": ids, "rows": rows_as_json(study.rows), "manifest": study.manifest}
    if study.parts is not None:
        content["interval_parts"] = {**study.parts.facts(), "rows": rows_as_json(study.parts.rows)}
    return content


def _failures(study: ComparisonStudy) -> int:
    lost = () if study.parts is None else study.parts.failures
    _name_failures(lost)
    if lost:
        o.say(f"error: {len(lost)} of the runs of --explain failed; their draws are left out")
    if not study.failures:
        return 1 if lost else 0
    _name_failures(study.failures)
    kept = "" if study.folder is None else f"; tracebacks in {study.folder / 'manifest.json'}"
    left = f", {len(study.left_out)} (draw, replicate) pairs left out" if study.left_out else ""
    o.say(f"error: {len(study.failures)} of {len(study.design)} runs failed{left}{kept}")
    return 1


def _name_failures(failures: Sequence[Failure]) -> None:
    """The first few failed runs on stderr, and how many more there are."""
    for failure in failures[:5]:
        o.say(f"error: run failed: {failure.name}: {failure.error}")
    more = len(failures) - 5
    if more > 0:
        o.say(f"error: ... and {more} more failed runs")
