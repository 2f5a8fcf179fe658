"""Child processes: the same commands that a user types, each in a process group of its own.

Models run there and never in the server, so that a run can be ended, and takes nothing down with
it. Windows has no process groups of this kind: there the first process is ended, and its workers
end with it (sim/runs/workers.py). That path is untested.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil

GRACE_SECONDS = 5.0
"""Time that a process has to end by itself when it is asked to."""
COMMAND = ("-P", "-m", "sim")
"""Arguments of Python before those of a command. -P: the folder that a command runs in holds what
users sent, and nothing is imported from there."""
ERROR_CHARACTERS = 4000
"""The end of what a process said on stderr that is kept as its error."""


def start(arguments: Sequence[str], folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """``python -m sim ARGUMENTS`` in ``folder``; what it says on stderr goes to ``log``."""
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "PYTHONUTF8": "1",
    }
    environment.pop("KYODO_DEBUG", None)
    new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    with log.open("wb") as stream:
        return subprocess.Popen(
            [sys.executable, *COMMAND, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stream,
            start_new_session=os.name == "posix",
            creationflags=new_group,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, wait a little, then end its whole group."""
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
    _kill_group(process.pid)
    process.wait()


def _kill_group(leader: int) -> None:
    if hasattr(os, "killpg"):
        try:
            os.killpg(leader, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return  # nobody is left


def created(pid: int) -> float | None:
    """When the process of an id was created: with it, an id names one process only."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def end_leftover(pid: int, when: float) -> bool:
    """End what a server left running that was killed: ``pid`` created at ``when``."""
    now = created(pid)
    if now is None or abs(now - when) > 1.0:
        return False
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    process.terminate()
    _, alive = psutil.wait_procs(family, GRACE_SECONDS)
    for member in alive:
        member.kill()
    return True


def said(log: Path, most: int = ERROR_CHARACTERS) -> str:
    """The last whole lines of what a process said on stderr, ``most`` characters of them."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    text = text.strip()
    if len(text) <= most:
        return text
    cut = text[-most:]
    return cut.partition("\n")[2] or cut
