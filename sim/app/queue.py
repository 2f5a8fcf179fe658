"""The queue: jobs of all sessions, few of them running at a time, watched by one thread."""

from __future__ import annotations

import logging
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.app import processes
from sim.app.errors import ApiError, missing, no_room
from sim.app.jobs import AGAIN, LOG, WAITING, Clock, Job, now, stored
from sim.app.sessions import folder_of
from sim.app.settings import MAX_JOBS, AppSettings
from sim.base.errors import OutputError
from sim.base.files import atomic_write
from sim.pages.labels import Labels

_log = logging.getLogger("kyodo.serve")
LOOK_SECONDS = 0.25
"""How often running jobs are looked at."""


class Queue:
    """All jobs by session. Its methods may be called from any thread."""

    def __init__(self, settings: AppSettings) -> None:
        self.settings = settings
        self._jobs: dict[str, dict[str, Job]] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._ending: set[str] = set()  # being cancelled, which takes a moment
        self._unsaved: set[str] = set()  # jobs whose last state is not on the disk
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._watch, name="kyodo jobs", daemon=True)

    def open(self) -> None:
        """Find the jobs of earlier servers, and begin to watch.

        One that was waiting or running then is interrupted now; its process is ended if it is still
        there, which loses no finished run.
        """
        for key, job in stored(self.settings.out):
            if job.state in WAITING:
                with _guarded(job):
                    if job.pid is not None and job.pid_created is not None:
                        processes.end_leftover(job.pid, job.pid_created)
                self._interrupt(job)
            self._jobs.setdefault(key, {})[job.id] = job
        self._thread.start()

    def close(self) -> None:
        """End what runs and keep its state. Idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._wake.set()
            running = dict(self._running)
        for process in running.values():
            with suppress(OSError):
                processes.end(process)
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            for jobs in self._jobs.values():
                for job in jobs.values():
                    if job.state in WAITING:
                        self._interrupt(job)
                    elif job.id in self._unsaved:
                        self._save(job)

    def _interrupt(self, job: Job) -> None:
        with _guarded(job):
            job.runs_done = Clock(job.result).count()
        if job.clock is not None:
            job.seconds = round(job.clock.seconds(), 1)
        job.state, job.ended, job.pid, job.clock = "interrupted", now(), None, None
        job.error = Labels(job.lang)("serve_ended")
        self._save(job)

    def _save(self, job: Job) -> None:
        """Write the state of a job; one that cannot be written now is tried again later."""
        tried = job.id in self._unsaved
        self._unsaved.add(job.id)
        with _guarded(job, quiet=tried):
            if Path(job.folder).is_dir():
                job.save()
            self._unsaved.discard(job.id)

    def add(self, key: str, job: Job, files: dict[str, str]) -> None:
        """Keep a new job of a session and let it wait its turn. Raises ApiError 409, 507."""
        with self._lock:
            jobs = self._jobs.setdefault(key, {})
            if len(jobs) >= MAX_JOBS:
                raise ApiError(409, "serve_full", hint="serve_full_hint", most=MAX_JOBS)
            job.folder = folder_of(self.settings.out, key) / "jobs" / job.id
            try:
                for name, text in files.items():
                    with atomic_write(job.folder / name, "w", newline="\n") as stream:
                        stream.write(text)
                job.save()
            except OutputError as error:
                shutil.rmtree(job.folder, ignore_errors=True)
                raise no_room(error) from None
            jobs[job.id] = job
        self._wake.set()

    def of(self, key: str | None) -> list[Job]:
        """The jobs of a session, the newest first."""
        with self._lock:
            return sorted(
                self._jobs.get(key or "", {}).values(), key=lambda j: j.created, reverse=True
            )

    def get(self, key: str | None, id: str) -> Job:
        """A job of a session. Raises ApiError 404, also for a job of another session."""
        with self._lock:
            job = self._jobs.get(key or "", {}).get(id)
        if job is None:
            raise missing()
        return job

    def position(self, job: Job) -> int:
        """How many jobs are before it: 0 for one that does not wait."""
        with self._lock:
            waiting = self._waiting()
            return waiting.index(job) + self._busy() if job in waiting else 0

    def cancel(self, key: str | None, id: str) -> Job:
        """End a job; finished runs are kept. Raises ApiError 404 and 409."""
        job = self.get(key, id)
        with self._lock:
            self._require(job, WAITING)
            process = self._running.pop(job.id, None)
            if process is not None:
                self._ending.add(job.id)
        if process is not None:
            processes.end(process)
        with self._lock:
            if process is not None or job.id not in self._ending:
                self._ending.discard(job.id)
                job.state, job.ended = "cancelled", now()
                self._ended(job)
        self._wake.set()
        return job

    def resume(self, key: str | None, id: str) -> Job:
        """Let a job go on where it was. Raises ApiError 404 and 409."""
        job = self.get(key, id)
        with self._lock:
            self._require(job, AGAIN)
            job.state, job.error, job.ended, job.exit_code = "queued", "", None, None
            self._save(job)
        self._wake.set()
        return job

    def delete(self, key: str | None, id: str) -> None:
        """End a job and remove its files. Raises ApiError 404."""
        job = self.get(key, id)
        if job.state in WAITING:
            with suppress(ApiError):  # it may have ended in between
                self.cancel(key, id)
        with self._lock:
            self._jobs[str(key)].pop(id, None)
            self._unsaved.discard(id)
        shutil.rmtree(job.folder, ignore_errors=True)

    def _require(self, job: Job, states: tuple[str, ...]) -> None:
        if job.state not in states:
            raise ApiError(409, "serve_state", hint=job.state)

    def _waiting(self) -> list[Job]:
        found = [j for jobs in self._jobs.values() for j in jobs.values() if j.state == "queued"]
        return sorted(found, key=lambda job: job.created)

    def _busy(self) -> int:
        return len(self._running) + len(self._ending)

    def _watch(self) -> None:
        while True:
            self._wake.wait(LOOK_SECONDS if self._running or self._unsaved else None)
            self._wake.clear()
            with self._lock:
                if self._closed:
                    return
                for job in [j for jobs in self._jobs.values() for j in jobs.values()]:
                    if job.id in self._running:
                        self._try(self._look, job)
                    elif job.id in self._unsaved:
                        self._save(job)
                for job in self._waiting()[: max(0, self.settings.running - self._busy())]:
                    self._try(self._begin, job)

    def _try(self, act: Callable[[Job], None], job: Job) -> None:
        """Do something with a job. What goes wrong ends that job, never the queue."""
        try:
            act(job)
        except Exception as error:
            _log.exception("job %s", job.id)
            process = self._running.pop(job.id, None)
            if process is not None:
                with suppress(OSError):
                    processes.end(process)
            job.state, job.error, job.ended = "failed", _reason(error), now()
            job.pid = job.clock = None
            self._save(job)

    def _begin(self, job: Job) -> None:
        workers = self.settings.workers
        more = [] if workers is None else ["--workers", str(workers)]
        job.clock = Clock(job.result)
        job.runs_done = len(job.clock.runs)
        process = processes.start([*job.arguments, "--quiet", *more], job.folder, job.folder / LOG)
        self._running[job.id] = process  # from here on it is ended with the queue
        job.state, job.started = "running", now()
        job.pid, job.pid_created = process.pid, processes.created(process.pid)
        self._save(job)

    def _look(self, job: Job) -> None:
        process = self._running[job.id]
        code = process.poll()
        if job.clock is not None:
            job.runs_done = job.clock.count()
        if code is None:
            return
        del self._running[job.id]
        job.exit_code = code
        job.state, job.ended = ("failed" if code else "finished"), now()
        if code:
            exit_line = Labels(job.lang)("serve_exit", code=code)
            job.error = processes.said(job.folder / LOG) or exit_line
        self._ended(job)

    def _ended(self, job: Job) -> None:
        """Keep what is known of a job whose process has ended."""
        if job.clock is not None:
            job.seconds = round(job.clock.seconds(), 1)
            with _guarded(job):
                job.runs_done = job.clock.count()
        job.pid = job.clock = None
        self._save(job)


@contextmanager
def _guarded(job: Job, *, quiet: bool = False) -> Iterator[None]:
    """Whatever goes wrong with a job is told in the terminal, and stops nothing."""
    try:
        yield
    except Exception:
        if not quiet:
            _log.exception("job %s", job.id)


def _reason(error: Exception) -> str:
    """An error as the user sees it: the system's sentence, without a file's path."""
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
