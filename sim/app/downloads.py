"""Files to take home: reports made from a job's results by ``kyodo report`` in a child process."""

from __future__ import annotations

import re
import subprocess
import threading
import zipfile
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import anyio
from anyio import to_thread
from starlette.responses import FileResponse, Response

from sim.app import processes
from sim.app.errors import ApiError, missing, no_room
from sim.app.jobs import Job
from sim.app.requests import COMPARE
from sim.base.errors import OutputError
from sim.base.files import atomic_write

REPORTS = ("html", "xlsx", "pptx", "csv", "png")
"""Formats that ``kyodo report`` makes."""
STORED = {
    "comparison": "comparison.csv",
    "manifest": "manifest.json",
    "parquet": "results.parquet",
    "results": "results.csv",
    "summary": "summary.md",
}
"""Format -> file that the run itself has written."""
EXPORTS = "exports"
DONE = "done.txt"
"""Beside a report: of which results it was made, and its file."""
REPORT_SECONDS = 300.0
REPORTS_AT_ONCE = 2
"""Reports that are made at the same time, of all sessions together."""
YAML = "application/yaml; charset=utf-8"
FRAMED = {
    "Content-Security-Policy": "sandbox allow-scripts; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
    "Cache-Control": "no-store",
}
"""Headers of a report that is read in a frame of the page."""


def attachment(name: str) -> dict[str, str]:
    """Headers of a download: an ASCII name, and the real one as RFC 5987 has it."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("_") or "kyodo"
    both = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": both, "Cache-Control": "no-store"}


def safe_name(text: str) -> str:
    """A title as part of a file name, on every system."""
    return re.sub(r'[\x00-\x1f<>:"/\\|?*\s]+', "_", text).strip("._ ")[:60]


def base_name(job: Job) -> str:
    """How the files of a job begin: its title, or its analysis and the ids of its scenarios."""
    names = "-".join([job.request.get("analysis", COMPARE), *(s["id"] for s in job.scenarios)])
    title = safe_name(str(job.request["title"])) or names[:60]
    return f"kyodo-{title}"


def packed(files: dict[str, bytes]) -> bytes:
    """Files as one ZIP archive."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class Reports:
    """Makes reports, few at a time and one for each job, and keeps them beside the results."""

    def __init__(self) -> None:
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False
        # made in the loop of the server, which is not there yet
        self._turns: anyio.CapacityLimiter | None = None

    def close(self) -> None:
        """End the processes that are still at work."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            processes.end(process)

    async def response(self, job: Job, format: str, lang: str) -> Response:
        """A file of a job as a download; made first where need be.

        Raises ApiError 404, 409, 500, 503 and 507.

        A report that has to be made waits for its turn without holding a thread.
        """
        base = base_name(job)
        if format == "yaml":
            return await to_thread.run_sync(self._scenarios, job, base)
        if format not in STORED and format not in REPORTS:
            raise missing()
        if not job.has_results:
            raise ApiError(409, "serve_no_results")
        if format in STORED:
            path = job.result / STORED[format]
            if not path.is_file():  # not every analysis has it
                raise missing()
            return FileResponse(path, headers=attachment(f"{base}-{path.name}"))
        path = await self._report(job, format, lang)
        # an archive says what is in it: "plan-ja-csv.zip"
        kind = f"-{format}" if path.suffix == ".zip" else ""
        return FileResponse(path, headers=attachment(f"{base}-{lang}{kind}{path.suffix}"))

    async def read(self, job: Job, lang: str) -> Response:
        """The report of a job, to be read in a frame of the page.

        It is one file with scripts of its own. The sandbox takes the server's origin from it, so
        that nothing in it can ask this server for anything. Raises ApiError 409, 500, 503, 507.
        """
        if not job.has_results:
            raise ApiError(409, "serve_no_results")
        path = await self._report(job, "html", lang)
        return FileResponse(path, headers=FRAMED, media_type="text/html; charset=utf-8")

    async def _report(self, job: Job, format: str, lang: str) -> Path:
        """The file of a report: the one that is kept, or a new one."""
        kept = await to_thread.run_sync(self._kept, job, format, lang)
        if kept is not None:
            return kept
        if self._turns is None:
            self._turns = anyio.CapacityLimiter(REPORTS_AT_ONCE)
        return await to_thread.run_sync(self._made, job, format, lang, limiter=self._turns)

    def _scenarios(self, job: Job, base: str) -> Response:
        files = job.files()
        if not files:
            raise missing()
        if len(files) == 1:
            ((name, text),) = files.items()
            return Response(text, headers=attachment(name), media_type=YAML)
        content = packed({name: text.encode() for name, text in files.items()})
        return Response(
            content, headers=attachment(f"{base}-scenarios.zip"), media_type="application/zip"
        )

    def _kept(self, job: Job, format: str, lang: str) -> Path | None:
        """The file of a report that was made of these results before, if there is one."""
        folder = job.folder / EXPORTS / f"{format}-{lang}"
        try:
            stamp, name = (folder / DONE).read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            return None
        path = folder / name
        return path if stamp == str(job.ended) and path.is_file() else None

    def _made(self, job: Job, format: str, lang: str) -> Path:
        """The file of a report, or one ZIP archive of its files."""
        with self._lock:
            lock = self._locks.setdefault(job.id, threading.Lock())
        with lock:
            kept = self._kept(job, format, lang)
            if kept is not None:
                return kept
            folder = job.folder / EXPORTS / f"{format}-{lang}"
            try:
                name = self._make(job, format, lang, folder)
                with atomic_write(folder / DONE, "w") as stream:
                    stream.write(f"{job.ended}\n{name}\n")
            except (OSError, OutputError) as error:
                raise no_room(error) from None
            return folder / name

    def _make(self, job: Job, format: str, lang: str, folder: Path) -> str:
        out = folder / "files"
        out.mkdir(parents=True, exist_ok=True)
        arguments = ["report", str(job.result.resolve()), "--format", format, "--lang", lang]
        log = folder / "stderr.txt"
        with self._lock:
            if self._closed:
                raise ApiError(503, "serve_export")
            process = processes.start([*arguments, "--out", str(out.resolve())], folder, log)
            self._running.add(process)
        try:
            code = process.wait(REPORT_SECONDS)
        except subprocess.TimeoutExpired:
            processes.end(process)
            code = -1
        finally:
            with self._lock:
                self._running.discard(process)
        made = sorted(p for p in out.rglob("*") if p.is_file() and not p.name.startswith("."))
        if code or not made:
            raise ApiError(500, "serve_export", hint=job.shown(processes.said(log, 500)))
        if len(made) == 1:
            return made[0].relative_to(folder).as_posix()
        archive = folder / f"report.{format}.zip"
        with atomic_write(archive) as stream:
            stream.write(packed({p.relative_to(out).as_posix(): p.read_bytes() for p in made}))
        return archive.name
