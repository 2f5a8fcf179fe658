"""A job: one exact run, with its files in a folder of its session and its state in job.json."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sim.app.errors import without_folders
from sim.app.requests import RESULT, JobRequest, file_list, file_name
from sim.base.files import atomic_write
from sim.runs.store import ResultStore

STATE = "job.json"
LOG = "stderr.txt"
SUMMARY = "summary.md"
WAITING = ("queued", "running")
"""States of a job that will still change by itself."""
NOT_KEPT = ("folder", "clock", "texts")
"""Fields of a job that do not stand in job.json."""
AGAIN = ("interrupted", "cancelled", "failed")
"""States from which a job can go on."""


def now() -> str:
    """The time as it stands in job.json."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass
class Job:
    """What is kept of a job; all but the fields of ``NOT_KEPT`` stands in job.json."""

    id: str
    request: dict[str, Any]
    scenarios: list[dict[str, Any]]
    arguments: list[str]
    command: str
    lang: str
    runs_total: int
    estimate_seconds: float
    created: str
    state: str = "queued"
    started: str | None = None
    ended: str | None = None
    seconds: float = 0.0
    runs_done: int = 0
    exit_code: int | None = None
    error: str = ""
    pid: int | None = None
    pid_created: float | None = None
    folder: Path = field(default_factory=Path, repr=False)
    clock: Clock | None = field(default=None, repr=False)
    texts: dict[str, str] = field(default_factory=dict, repr=False)

    def save(self) -> None:
        """Write job.json. Raises OutputError, for example on a full disk."""
        names = [f.name for f in fields(self) if f.name not in NOT_KEPT]
        kept = {name: getattr(self, name) for name in names}
        with atomic_write(self.folder / STATE, "w") as stream:
            json.dump(kept, stream, ensure_ascii=False, indent=1)

    @property
    def result(self) -> Path:
        """The folder of the results."""
        return self.folder / RESULT

    @property
    def has_results(self) -> bool:
        """Whether it can be read, and files can be had: the summary is written last."""
        return self.state not in WAITING and (self.result / SUMMARY).is_file()

    def files(self) -> dict[str, str]:
        """Name -> text of the scenario files, without those that are missing; read once."""
        names = [s["file"] for s in self.scenarios if s["file"]]
        for name in names:
            if name not in self.texts:
                with suppress(OSError, ValueError):
                    self.texts[name] = (self.folder / name).read_text(encoding="utf-8")
        return {name: self.texts[name] for name in names if name in self.texts}

    def shown(self, text: str) -> str:
        """What a process said, as it may leave the server: without folders of this machine."""
        home = self.folder.resolve()
        return without_folders(text, home, self.folder, *home.parents[2:4])

    def to_dict(self, position: int) -> dict[str, Any]:
        """What the page gets; ``position``: jobs before it in the queue."""
        clock = self.clock if self.state == "running" else None
        return {
            "id": self.id,
            "title": self.request["title"],
            "state": self.state,
            "phase": self._phase(),
            "runs_done": self.runs_done,
            "runs_total": self.runs_total,
            "seconds": round(self.seconds if clock is None else clock.seconds(), 1),
            "seconds_left": None if clock is None else clock.left(self.runs_total),
            "estimate_seconds": self.estimate_seconds,
            "position": position,
            "created": self.created,
            "started": self.started,
            "ended": self.ended,
            "error": self.shown(self.error),
            "request": self.request,
            "scenarios": self.scenarios,
            "command": self.command,
            "files": file_list(self.files()),
            "results": self.has_results,
        }

    def _phase(self) -> str:
        if self.state != "running":
            return "waiting" if self.state == "queued" else "done"
        if self.runs_done >= self.runs_total:
            return "writing"
        return "running" if self.clock is not None and self.clock.moving else "starting"


class Clock:
    """Time and pace of a running job: counts the runs that its store has recorded.

    Only shards that are new since the last look are opened.
    """

    def __init__(self, result: Path) -> None:
        self.store = ResultStore(result)
        self.begun = time.monotonic()
        self.seen: set[str] = set()
        self.runs: set[str] = set()
        self.first: tuple[int, float] | None = None
        self.at_start: int | None = None
        self.at_start = self.count()

    def count(self) -> int:
        """Distinct runs recorded by now; failed ones do not count, they are tried again."""
        for path in self.store.shards():
            if path.name not in self.seen:
                self.seen.add(path.name)
                self.runs |= _recorded(path)
        done = len(self.runs)
        if self.first is None and self.at_start is not None and done > self.at_start:
            self.first = done, self.seconds()
        return done

    @property
    def moving(self) -> bool:
        """Whether a run has been recorded since the start."""
        return self.first is not None

    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.begun

    def left(self, total: int) -> float | None:
        """About how many seconds the runs will still take; None where that is not known yet."""
        if self.first is None:
            return None
        done, (first, at) = len(self.runs), self.first
        pace = (self.seconds() - at) / (done - first) if done > first else at / max(1, first)
        return round(pace * max(0, total - done), 1)


def _recorded(path: Path) -> set[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from sim.runs.batch import records_of

    try:
        records = records_of(pq.read_metadata(path).metadata)
    except (OSError, KeyError, TypeError, ValueError, pa.ArrowException):
        return set()
    return {record.identity for record in records if not record.error}


def new_job(id: str, request: JobRequest, check: dict[str, Any], arguments: list[str]) -> Job:
    """A job of a checked request; nothing is written yet."""
    chosen = zip(request.scenarios, request.bundled, strict=True)
    return Job(
        id=id,
        request=request.given,
        scenarios=[
            {
                "id": s.id,
                "name": {"ja": s.name_ja, "en": s.name_en},
                "file": None if bundled else file_name(s.id),
            }
            for s, bundled in chosen
        ],
        arguments=arguments,
        command=check["command"],
        lang=arguments[arguments.index("--lang") + 1],
        runs_total=check["runs"],
        estimate_seconds=check["estimate_seconds"],
        created=now(),
    )


def read_job(folder: Path) -> Job | None:
    """The job of a folder; None where job.json is missing or not ours."""
    try:
        kept = json.loads((folder / STATE).read_text(encoding="utf-8"))
        return Job(**kept, folder=folder)
    except (OSError, ValueError, TypeError):
        return None


def stored(out: Path) -> Iterator[tuple[str, Job]]:
    """Every job below ``out`` with the key of its session."""
    for path in sorted((out / "sessions").glob(f"*/jobs/*/{STATE}")):
        job = read_job(path.parent)
        if job is not None and job.id == path.parent.name:
            yield path.parts[-4], job
