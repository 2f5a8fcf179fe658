"""How much memory a study needs, and whether the machine has it: asked before anything starts.

Constants were measured (docs/performance.md says how) and are rounded up. A resident takes four
bytes; a process keeps the state after the burn-in and one branch of it at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from sim.errors import KyodoError
from sim.runs.estimate import residents
from sim.runs.spec import Design

MB = 1_000_000
PROCESS_BYTES = 340 * MB
"""A process with all libraries, compiled code, NPOs and projects, whatever the scale."""
RESIDENT_BYTES = 2 * 4
"""A resident in two states at a time."""
ROW_BYTES = 300
"""A row of results while the tables of all runs are put together."""
SPARE = 0.9
"""Share of the free memory that a study may fill."""

_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)
"""Limit and use of a container, in versions 2 and 1 of Linux control groups."""


def of_runs(scale: Fraction, workers: int) -> int:
    """Bytes that runs at a scale take on ``workers`` processes, this one included."""
    a_model = PROCESS_BYTES + RESIDENT_BYTES * residents(scale)
    return PROCESS_BYTES + workers * a_model if workers > 1 else a_model


def of_design(design: Design, workers: int) -> int:
    """Bytes that a design takes at most: its runs and the table of all results."""
    from sim.indicators import INDICATORS

    per_year = {"year": 1, "ward": 24, "month": 13}[design.by]
    rows = len(design) * design.years * per_year * len(INDICATORS)
    return of_runs(design.scale, workers) + ROW_BYTES * rows


def available() -> int:
    """Bytes that this process and its children may still take: of the machine and its container."""
    import psutil

    found = int(psutil.virtual_memory().available)
    for limit, used in _CGROUPS:
        try:
            free = int(Path(limit).read_text()) - int(Path(used).read_text())
        except (OSError, ValueError):
            continue  # no such file, or "max": no limit
        found = min(found, max(0, free))
    return found


def check(design: Design, workers: int) -> None:
    """Refuse a study that the machine has no memory for; see `require`."""
    what = f"{len(design):,} runs at scale {design.scale}"
    require(lambda n: of_design(design, n), workers, what)


def require(need: Callable[[int], int], workers: int, what: str) -> None:
    """Raise KyodoError (exit code 1) where ``need(workers)`` bytes are more than are free.

    The message says what would fit: fewer workers, else a smaller scale or fewer runs.
    """
    free = SPARE * available()
    if need(workers) <= free:
        return
    fewer = max((n for n in range(1, workers) if need(n) <= free), default=0)
    advice = f"--workers {fewer} would fit" if fewer else "try a smaller --scale or fewer runs"
    raise KyodoError(
        f"memory: {what} on {workers} worker{'' if workers == 1 else 's'} need about"
        f" {_size(need(workers))}, and {_size(free)} are free: {advice}"
    )


def _size(number: float) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"
