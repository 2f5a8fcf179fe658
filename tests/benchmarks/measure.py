"""What the benchmarks measure, one function each. Times are wall seconds, the best of several.

Everything is measured in one process after the other on the same machine in the same minutes, so
that ratios can be compared; absolute seconds belong to the machine.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
MONTHS = 120


def best_of(times: int, what: Callable[[], Any]) -> float:
    """Seconds of the fastest of several calls."""
    found = []
    for _ in range(times):
        gc.collect()
        start = time.perf_counter()
        what()
        found.append(time.perf_counter() - start)
    return min(found)


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Passes over residents take this many threads, whatever the number of residents."""
    from sim.base import kernels

    before = kernels.BLOCKS_A_THREAD
    kernels.BLOCKS_A_THREAD = 1 if number > 1 else 10**9
    try:
        yield
    finally:
        kernels.BLOCKS_A_THREAD = before


@dataclass(frozen=True)
class Run:
    """One size of the model. Seconds; ``residents`` in the sample."""

    scale: float
    residents: int
    burn_in: float
    run: float
    resident_pass: float
    phases: dict[str, float]

    @property
    def agent_months(self) -> int:
        """Residents x months of the run, the burn-in not counted."""
        return self.residents * MONTHS


def run_once(burnt: Any, scenario: str) -> tuple[float, float, dict[str, float]]:
    """Seconds of ten years, of the compiled pass over residents in them, and by phase."""
    from sim.model.processes import participation_kernels as kernels

    original, spent = kernels.month_pass, 0.0

    def timed(*arguments: Any) -> None:
        nonlocal spent
        start = time.perf_counter()
        original(*arguments)
        spent += time.perf_counter() - start

    kernels.month_pass = timed
    try:
        gc.collect()
        start = time.perf_counter()
        model = burnt.branch(scenario)
        model.run()
        took = time.perf_counter() - start
    finally:
        kernels.month_pass = original
    assert model.world.month == MONTHS
    return took, spent, model.seconds


def ours(scale: float, scenario: str, rounds: int = 3) -> Run:
    """Our model: population and burn-in (six years), then ten years of a scenario."""
    from sim.model.model import BurnIn

    burnt = BurnIn(scale=scale)
    again = [BurnIn(scale=scale).seconds for _ in range(rounds - 1)]
    burn_in = min([burnt.seconds, *again])
    runs = [run_once(burnt, scenario) for _ in range(rounds)]
    took, _, phases = min(runs, key=lambda r: r[0])
    return Run(
        scale, burnt.world.residents.n, burn_in, took, min(spent for _, spent, _ in runs), phases
    )


@dataclass(frozen=True)
class ReferenceRun:
    """The Mesa reference: seconds of ``months``, and of the residents' part of them."""

    residents: int
    months: int
    run: float
    residents_only: float


def reference(scale: float, scenario: str, months: int = MONTHS) -> ReferenceRun:
    """Ordinary Mesa objects from the same state through the same months (one round)."""
    sys.path.insert(0, str(TESTS))
    from reference.model import ReferenceModel

    from sim.model.model import BurnIn

    model = ReferenceModel(BurnIn(scale=scale).world, scenario)
    original, spent = model.residents_month, 0.0

    def timed() -> None:
        nonlocal spent
        start = time.perf_counter()
        original()
        spent += time.perf_counter() - start

    vars(model)["residents_month"] = timed
    start = time.perf_counter()
    for _ in range(months):
        model.step()
    return ReferenceRun(len(model.residents), months, time.perf_counter() - start, spent)


def philox(numbers: int, on_threads: int, rounds: int = 3) -> float:
    """Seconds to make this many numbers with Philox4x32-10, none of them stored."""
    sys.path.insert(0, str(TESTS / "benchmarks"))
    from philox import philox_numbers

    numbers -= numbers % 4
    philox_numbers(4_000_000, 1, on_threads)
    return best_of(rounds, lambda: philox_numbers(numbers, 1, on_threads))


@numba.njit(parallel=True)
def _sweep(columns: Any) -> None:
    for column in range(columns.shape[0]):
        for i in numba.prange(columns.shape[1]):
            columns[column, i] ^= 1


def memory_sweep(residents: int, on_threads: int, rounds: int = 3) -> float:
    """Seconds to read and write the four bytes of all residents, once a month for ten years."""
    columns = np.zeros((4, residents), dtype=np.uint8)
    numba.set_num_threads(on_threads)
    _sweep(columns)

    def all_months() -> None:
        for _ in range(MONTHS):
            _sweep(columns)

    return best_of(rounds, all_months)


PEAK = """
import sys
try:
    with open("/proc/self/status") as status:  # a child's ru_maxrss begins at its parent's
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
except OSError:
    import resource
    unit = 1024**2 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
print(peak)
"""


def in_process(code: str, env: dict[str, str] | None = None) -> tuple[float, float]:
    """Wall seconds and peak memory in MB of a Python process that runs ``code``."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code + "\n" + PEAK],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=True,
    )
    return time.perf_counter() - start, float(done.stdout.splitlines()[-1])


def command(*arguments: str, env: dict[str, str] | None = None) -> float:
    """Wall seconds of ``kyodo`` with arguments, in a process of its own."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "sim", *arguments],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start


def start_up() -> dict[str, float]:
    """Seconds: help, import, and the first and second run of a fresh cache of compiled code."""
    found = {
        "kyodo --help": min(command("--help") for _ in range(5)),
        "import sim": min(in_process("import sim")[0] for _ in range(5)),
    }
    with tempfile.TemporaryDirectory() as folder:
        fresh = {"XDG_CACHE_HOME": folder, "NUMBA_CACHE_DIR": ""}
        run = ("run", "all_measures", "--scale", "1/1000", "--years", "1", "--workers", "1")
        for name in ("first run, compiles all", "second run"):
            with tempfile.TemporaryDirectory() as out:
                found[name] = command(*run, "--out", f"{out}/results", env=fresh)
    return found


def default_compare() -> dict[str, float]:
    """Seconds of ``kyodo compare`` as a user starts it: wall, and of the runs in it."""
    with tempfile.TemporaryDirectory() as out:
        wall = command("compare", "--out", f"{out}/results")
        manifest = json.loads(Path(f"{out}/results/manifest.json").read_text(encoding="utf-8"))
    return {
        "kyodo compare, all of it": wall,
        "of which 400 runs and 50 burn-ins on the workers": manifest["timings"]["wall_seconds"],
    }


def loglog_slope(x: list[float], y: list[float]) -> float:
    """Least-squares slope of log y on log x."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def line(x: list[float], y: list[float]) -> tuple[float, float]:
    """Least-squares a and b of y = a + b x, by relative errors."""
    b, a = np.polyfit(x, y, 1, w=1.0 / np.asarray(y))
    return float(a), float(b)
