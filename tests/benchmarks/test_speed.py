"""Speed and memory of one run, as benchmarks: measured and printed, never asserted in the suite.

    python -m pytest tests/benchmarks --benchmark-only -s

The default suite skips them (``--benchmark-skip``). Times depend on the machine; ratios in one run
are comparable, so each run is also given relative to a plain pass of draws over the residents.
"""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest

from sim.model import BurnIn
from sim.randomness_kernels import draw_array

SCALE, YEARS = 0.01, 10


@pytest.fixture(scope="module")
def burnt() -> BurnIn:
    """A warm burn-in: everything is compiled."""
    state = BurnIn(scale=SCALE, seed=0, years=YEARS)
    state.branch("all_measures", years=1).run()
    return state


def raw_draws(residents: int, months: int) -> float:
    """Seconds for one keyed draw a resident and month, nothing else (the best of three)."""
    ids, out = np.arange(residents), np.empty(residents, dtype=np.uint64)
    draw_array(np.uint64(1), ids, -1, out)
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for month in range(months):
            draw_array(np.uint64(month), ids, -1, out)
        best = min(best, time.perf_counter() - start)
    return best


@pytest.mark.parametrize("scenario", ["baseline", "all_measures"])
def test_ten_years(benchmark: Any, burnt: BurnIn, scenario: str) -> None:
    """One run of ten years at 1/100 scale, burn-in excluded."""
    models = []

    def setup() -> tuple[tuple[Any, ...], dict[str, Any]]:
        models.append(burnt.branch(scenario))
        return (models[-1],), {}

    benchmark.pedantic(lambda model: model.run(), setup=setup, rounds=5)
    months = 12 * YEARS
    assert models[-1].world.month == months
    raw = raw_draws(models[-1].residents.n, months)
    residents = models[-1].seconds["participation"]
    benchmark.extra_info.update(
        burn_in_seconds=round(burnt.seconds, 3),
        million_agent_months_per_second=round(
            models[-1].residents.n * months / benchmark.stats["min"] / 1e6, 1
        ),
        resident_phase_over_raw_draws=round(residents / raw, 1),
        phases_ms={k: round(1e3 * v, 1) for k, v in models[-1].seconds.items()},
    )
    print(f"\n{scenario}: {benchmark.stats['min']:.3f} s at best; {benchmark.extra_info}")


def test_burn_in(benchmark: Any) -> None:
    """Population and burn-in of six years at 1/100 scale."""
    state = benchmark.pedantic(lambda: BurnIn(scale=SCALE, seed=1, years=YEARS), rounds=3)
    assert state.world.month == 0


def test_memory_of_a_process(benchmark: Any) -> None:
    """Peak resident memory of a process that imports all and runs ten years, in MB."""
    code = (
        "import resource; from sim.model import BurnIn;"
        f"b = BurnIn(scale={SCALE}, years={YEARS}); b.branch('all_measures').run();"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )

    def measure() -> float:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        return float(done.stdout)

    megabytes = benchmark.pedantic(measure, rounds=1)
    benchmark.extra_info["peak_mb"] = round(megabytes)
    print(f"\npeak memory of a process: {megabytes:.0f} MB")
    assert megabytes > 0


@pytest.mark.parametrize("command", ["import sim", "from sim.cli import app"])
def test_start_up(benchmark: Any, command: str) -> None:
    """Wall seconds to start Python and import."""
    done = benchmark.pedantic(
        lambda: subprocess.run([sys.executable, "-c", command], check=True), rounds=5
    )
    assert done.returncode == 0
