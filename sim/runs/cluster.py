"""Workers beyond one machine: Dask distributed behind the interface of ``concurrent.futures``.

Needs the extra ``cluster``. Dask itself gives the tasks of a worker that died to another one, as
often as the scheduler's setting ``allowed-failures`` says.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from types import TracebackType
from typing import Any, Self

from sim.base.errors import KyodoError
from sim.runs.spec import evidence_hash, model_hash
from sim.runs.workers import ONE_THREAD, Outcome, Task, environment

CONNECT_SECONDS = 30
"""How long a scheduler may take to answer."""


def _prepare() -> tuple[str, str]:
    """Make a worker ready; what its results depend on beside the specs: model and bundled figures.

    One numba thread a task, set before numba is loaded: the worker's other slots have the rest.
    """
    os.environ.update(ONE_THREAD)
    return _version()


def _version() -> tuple[str, str]:
    return model_hash(), evidence_hash("document")


class Cluster:
    """An engine over a Dask scheduler: the one at ``scheduler``, else one on this machine.

    ``workers``: processes of the local one; a scheduler of yours has its own. Raises KyodoError for
    a scheduler that does not answer, or whose workers have another version of Kyodo or none.
    """

    def __init__(self, scheduler: str | None = None, workers: int = 2):
        self.scheduler = scheduler
        self.workers = workers
        self.dead: tuple[type[BaseException], ...] = (CancelledError,)
        self._client: Any = None

    def __enter__(self) -> Self:
        from distributed import Client, KilledWorker, LocalCluster

        self.dead = (CancelledError, KilledWorker)
        # a worker that dies is not worth a page of warnings: its tasks are done elsewhere
        logging.getLogger("distributed").setLevel(logging.ERROR)
        self._cluster: Any = None
        if self.scheduler is None:
            with environment(ONE_THREAD):
                self._cluster = LocalCluster(
                    n_workers=self.workers,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address=None,
                )
        try:
            self._client = Client(self._cluster or self.scheduler, timeout=CONNECT_SECONDS)
        except (OSError, TimeoutError, ValueError) as error:
            raise KyodoError(f"no Dask scheduler answers at {self.scheduler}: {error}") from None
        try:
            self._check_versions()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self._executor = self._client.get_executor(pure=False)
        return self

    def _check_versions(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
            # those that come later are made ready by the same call
            self._client.register_worker_callbacks(setup=_prepare)
            found = self._client.run(_prepare)
        except TimeoutError:
            raise KyodoError(f"the Dask scheduler {self.scheduler} has no worker") from None
        except ModuleNotFoundError as error:
            raise KyodoError(f"the Dask workers cannot load Kyodo: {error}") from None
        for address, version in found.items():
            if tuple(version) != _version():
                raise KyodoError(
                    f"the Dask worker {address} has another version of Kyodo than this process:"
                    " install the same one"
                )

    @property
    def slots(self) -> int:
        """Threads of all workers that are there now, at least one."""
        if self._client is None:
            return self.workers
        try:
            return max(1, sum(int(n) for n in self._client.nthreads().values()))
        except OSError as error:
            raise KyodoError(f"the Dask scheduler has gone away: {error}") from None

    def submit(self, function: Callable[[Task], Outcome], task: Task, /) -> Future[Outcome]:
        """Hand out a task."""
        future: Future[Outcome] = self._executor.submit(function, task)
        return future

    def restart(self) -> None:
        """Dask starts its workers anew by itself."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()
