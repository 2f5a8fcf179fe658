"""Tasks on worker processes, on this machine or on a cluster, through one interface.

An engine gives an executor of ``concurrent.futures``: ``Processes`` here, ``Cluster`` in
sim/runs/cluster.py. Local workers start by an explicit spawn context, with one numba and one BLAS
thread each: two processes of two threads each were measured 8 to 60 times slower than two of one
thread. The only module of ``sim`` that starts processes.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from multiprocessing import connection
from types import TracebackType
from typing import NoReturn, Protocol, Self, TypeVar

from sim.base.errors import KyodoError

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

NOTHING_DONE = (
    "the worker processes cannot start: in a script, more than one worker needs the guard"
    ' if __name__ == "__main__": (without it, use one worker)'
)

AHEAD = 2
"""Tasks handed out for every slot, so that none waits for this process; the rest stay here."""


class Engine(Protocol):
    """Where tasks run. A context manager: workers start when it is entered and end with it."""

    @property
    def slots(self) -> int:
        """Tasks that run at the same time."""
        ...

    @property
    def dead(self) -> tuple[type[BaseException], ...]:
        """What a future raises whose worker died."""
        ...

    def submit(self, function: Callable[[Task], Outcome], task: Task, /) -> Future[Outcome]:
        """Hand out a task."""
        ...

    def restart(self) -> None:
        """New workers after one died, where the engine does not see to that itself."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """Variables of the environment for processes that start inside."""
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


class Processes:
    """The default engine: worker processes of this machine."""

    dead: tuple[type[BaseException], ...] = (BrokenExecutor,)

    def __init__(self, workers: int):
        self.slots = workers

    def __enter__(self) -> Self:
        self._others = set(multiprocessing.active_children())
        self._start()
        return self

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(self.slots, mp_context=context, initializer=_start_worker)

    def submit(self, function: Callable[[Task], Outcome], task: Task, /) -> Future[Outcome]:
        """Hand out a task; workers start with the first ones."""
        with environment(ONE_THREAD):
            return self._pool.submit(function, task)

    def restart(self) -> None:
        """A pool in which a process died is of no use any more."""
        self._end()
        self._start()

    def _end(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - self._others:
            process.terminate()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        if kind is None:
            self._pool.shutdown()
        else:
            self._end()


def _probe(task: None) -> bool:
    """A task that takes no worker down: whether workers start at all."""
    return True


def map_tasks(
    function: Callable[[Task], Outcome],
    tasks: Iterable[Task],
    workers: int,
    finished: Callable[[Outcome], None],
    lost: Callable[[Task, BaseException], Outcome] | None = None,
    engine: Engine | None = None,
    split: Callable[[Task], Sequence[Task]] = lambda task: (),
) -> None:
    """Call ``function`` for every task and hand each outcome to ``finished`` as it comes.

    ``finished`` runs in this process. Without an ``engine``, one worker is this process itself.
    Tasks are taken from the iterable as workers become free. A worker that dies (out of memory,
    say) takes down no other task than its own: those that were under way are tried again one by
    one. One that takes its worker down once more is tried in the parts that ``split`` makes of it;
    where it makes none it becomes a ``lost`` outcome, or raises where there is no such function. On
    any exception here, KeyboardInterrupt included, the workers are ended before it goes on. Raises
    KyodoError where workers cannot start.
    """
    if engine is None and workers <= 1:
        for task in tasks:
            finished(function(task))
        return
    left = iter(tasks)
    suspects: deque[Task] = deque()
    running: dict[Future[Outcome], Task] = {}
    trial = broken = any_done = False
    with engine or Processes(workers) as pool:
        while True:
            if not running:
                if broken:
                    pool.restart()
                    if not any_done:
                        _check_start(pool)
                        any_done = True
                trial, broken = bool(suspects), False
            handed: Iterable[Task] = ()
            if trial and not running:
                handed = (suspects.popleft(),)
            elif not trial and not suspects:
                handed = islice(left, max(0, AHEAD * pool.slots - len(running)))
            for task in handed:
                try:
                    running[pool.submit(function, task)] = task
                except pool.dead:
                    broken = True
                    suspects.appendleft(task)
            if not running:
                if not suspects:
                    return
                continue
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                task = running.pop(future)
                try:
                    outcome = future.result()
                except pool.dead as error:
                    broken = True
                    parts = split(task) if trial else (task,)
                    if parts:
                        suspects.extend(parts)
                        continue
                    if lost is None:
                        raise
                    outcome = lost(task, error)
                any_done = True
                finished(outcome)


def took_down(what: str, error: BaseException) -> NoReturn:
    """Say that a task has taken its worker down twice; for callers that need every outcome."""
    raise KyodoError(
        f"{what} ended its worker process twice (out of memory?): what is done is kept; try again"
        " with fewer --workers"
    ) from error


def _check_start(pool: Engine) -> None:
    """Raise KyodoError where a worker dies of a task that does nothing."""
    try:
        pool.submit(_probe, None).result()
    except pool.dead as error:
        raise KyodoError(NOTHING_DONE) from error
