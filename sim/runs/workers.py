"""Chunks on worker processes. The only module of ``sim`` that starts processes.

Workers start by an explicit spawn context, with one numba and one BLAS thread each: two processes
of two threads each were measured 8 to 60 times slower than two of one thread.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection
from typing import TypeVar

from sim.runs.runner import ChunkResult, empty_table, failure_of, run_chunk
from sim.runs.spec import RunSpec

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

ONE_THREAD = {
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
}
"""Set in the environment of workers before they import numba or numpy."""


GARBAGE_AFTER = 50_000
"""New objects after which a worker looks for cycles: closed models leave little in them."""


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _start_worker() -> None:
    """Leave Ctrl-C to the parent, end with it even if it is killed, look for garbage rarely."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(GARBAGE_AFTER)
    parent = multiprocessing.parent_process()
    if parent is not None:
        sentinel = parent.sentinel

        def watch() -> None:
            connection.wait([sentinel])
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()


def map_tasks(
    function: Callable[[Task], Outcome],
    tasks: Sequence[Task],
    workers: int,
    finished: Callable[[Outcome], None],
    lost: Callable[[Task, BrokenProcessPool], Outcome] | None = None,
) -> None:
    """Call ``function`` for every task and hand each outcome to ``finished`` as it comes.

    ``finished`` runs in this process. A worker that dies (out of memory, say) turns the tasks it
    leaves undone into ``lost`` outcomes, or raises where there is no such function. On any
    exception here, KeyboardInterrupt included, the workers are ended before it goes on.
    """
    if workers <= 1:
        for task in tasks:
            finished(function(task))
        return
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    with _environment(ONE_THREAD):
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)
        try:
            futures = {pool.submit(function, task): task for task in tasks}
            for future in as_completed(futures):
                try:
                    outcome = future.result()
                except BrokenProcessPool as error:
                    if lost is None:
                        raise
                    outcome = lost(futures[future], error)
                finished(outcome)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise
        pool.shutdown()


def map_chunks(
    chunks: Sequence[Sequence[RunSpec]], workers: int, finished: Callable[[ChunkResult], None]
) -> None:
    """Run every chunk and hand each result to ``finished`` (in this process) as it comes.

    A worker that dies turns the chunks it leaves undone into failures.
    """
    map_tasks(run_chunk, chunks, workers, finished, _lost)


def _lost(specs: Sequence[RunSpec], error: BrokenProcessPool) -> ChunkResult:
    failures = tuple(failure_of(spec, error) for spec in specs)
    key = (specs[0].draw, specs[0].replicate)
    return ChunkResult(key, empty_table(), {}, {}, 0.0, 0, failures)
