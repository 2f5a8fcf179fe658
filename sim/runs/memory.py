"""How much memory a study needs, and whether the machine has it: asked before anything starts.

Constants were measured (docs/performance.md says how) and are rounded up. A resident takes four
bytes; a process keeps the state after the burn-in and one branch of it at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

from sim.base.errors import KyodoError
from sim.runs.durations import residents
from sim.runs.spec import Design

MB = 1_000_000
COMMAND_BYTES = 520 * MB
"""The process of a command: all libraries, compiled code, NPOs, projects, and the charts."""
WORKER_BYTES = 360 * MB
"""A worker, which runs models or draws charts."""
RESIDENT_BYTES = 2 * 4
"""A resident in two states at a time."""
RECORD_BYTES = 1_500
"""A run of a sweep: its identity and record, and its row in the index."""
ROW_BYTES = 800
"""A row of results while the tables of all runs are put together and written."""
SPARE = 0.9
"""Share of the free memory that a study may fill."""

_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUP = Path("/proc/self/cgroup")
_VERSIONS = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Files of a Linux control group (versions 2, 1): limit, use, and what of it can be taken back."""


def of_runs(scale: Fraction, workers: int) -> int:
    """Bytes that runs at a scale take on ``workers`` processes, this one included."""
    model = RESIDENT_BYTES * residents(scale)
    if workers <= 1:
        return COMMAND_BYTES + model
    return COMMAND_BYTES + workers * (WORKER_BYTES + model)


def of_sweep(scale: Fraction, workers: int, runs: int) -> int:
    """Bytes that a sweep takes at most: its runs, and what is kept of each; never the results."""
    return of_runs(scale, workers) + RECORD_BYTES * runs


def of_design(design: Design, workers: int) -> int:
    """Bytes that a design takes at most: its runs and the table of all results."""
    from sim.model.indicators import INDICATORS
    from sim.places.load import load_place

    per_year = {"year": 1, "ward": 1 + len(load_place().code), "month": 13}[design.by]
    rows = len(design) * design.years * per_year * len(INDICATORS)
    return of_runs(design.scale, workers) + ROW_BYTES * rows


def available() -> int:
    """Bytes that this process and its children may still take: of the machine and its container."""
    import psutil

    machine = int(psutil.virtual_memory().available)
    return min([machine, *_free_in_groups()])


def _free_in_groups() -> Iterator[int]:
    """What the control groups of this process, and those around them, leave free (Linux)."""
    try:
        lines = _OWN_GROUP.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory") and "memory" not in controllers.split(","):
            continue
        root = _GROUPS / "memory" if controllers else _GROUPS
        own = root / path.strip("/")
        # inside a container the path may be the host's: then only the root is there
        for folder in [f for f in (own, *own.parents) if f.is_relative_to(root)]:
            for limit, used, reclaimable in _VERSIONS:
                try:
                    most = int((folder / limit).read_text())
                    taken = int((folder / used).read_text())
                    stat = dict(
                        row.split() for row in (folder / "memory.stat").read_text().splitlines()
                    )
                except (OSError, ValueError):
                    continue  # no such file, or "max": no limit
                # pages of files are given back when they are needed
                yield max(0, most - taken + int(stat.get(reclaimable, 0)))


def check(design: Design, workers: int) -> None:
    """Refuse a study that the machine has no memory for; see `require`."""
    what = f"{len(design):,} runs at scale {design.scale}"
    less = "" if design.by == "year" else f" without --by {design.by},"
    require(lambda n: of_design(design, n), workers, what, less)


def require(need: Callable[[int], int], workers: int, what: str, less: str = "") -> None:
    """Raise KyodoError (exit code 1) where ``need(workers)`` bytes are more than are free.

    The message says what would fit: fewer workers, else a smaller scale, ``less`` or fewer runs.
    """
    free = SPARE * available()
    if need(workers) <= free:
        return
    fewer = max((n for n in range(1, workers) if need(n) <= free), default=0)
    advice = f"--workers {fewer} would fit"
    if not fewer:
        advice = f"try a smaller --scale,{less} or fewer runs"
    raise KyodoError(
        f"memory: {what} on {workers} worker{'' if workers == 1 else 's'} need about"
        f" {_size(need(workers))}, and {_size(free)} are free: {advice}"
    )


def _size(number: float) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"
