"""Where the runs of a command go, and what is said while they run."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from sim.base.optional import need
from sim.cli import shared_options as o
from sim.runs.durations import duration

if TYPE_CHECKING:
    from sim.runs.run_all import Progress, Results
    from sim.runs.spec import RunSpec
    from sim.runs.store import ResultStore
    from sim.runs.workers import Engine

SAY_AFTER = 5.0
"""Seconds after the first runs at which a command without a terminal says how long it will take."""
SAY_EVERY = 900.0
"""Seconds until it says so again."""


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
    need("distributed", "cluster")
    from sim.runs.cluster import Cluster

    return Cluster(scheduler, workers)


def run_kept(
    specs: Sequence[RunSpec],
    announcement: str,
    *,
    workers: int,
    engine: Engine | None,
    store: ResultStore | None,
    quiet: bool,
) -> Results:
    """Check the memory, announce, run with a bar, keep: what every command does with its runs.

    ``store`` None: they are gone afterwards. Raises KyodoError where memory lacks.
    """
    from sim.base.kernels import nothing_compiled
    from sim.runs import memory
    from sim.runs.run_all import run_all

    scale = specs[0].scale
    memory.require(lambda n: memory.of_sweep(scale, n, len(specs)), workers, f"{len(specs):,} runs")
    if not quiet:
        o.say(announcement)
        if nothing_compiled():
            o.say("first start of this version: it is compiled once (about half a minute)")
    with ExitStack() as bars:
        progress = bars.enter_context(progress_bar(len(specs), quiet))
        try:
            return run_all(specs, workers=workers, engine=engine, store=store, progress=progress)
        except KeyboardInterrupt:
            bars.close()
            where = "" if store is None else f": finished runs are kept in {store.folder}"
            o.say(f"interrupted{where}; call it again to go on")
            raise


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
