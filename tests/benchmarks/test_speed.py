"""Speed and memory as benchmarks: measured and printed, never asserted in the suite.

    python -m pytest tests/benchmarks --benchmark-only -s

The default suite skips them (``--benchmark-skip``). Times depend on the machine; the table of
ratios, measured in one run, is ``python -m tests.benchmarks.compare``.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from sim.model.model import BurnIn
from tests.benchmarks import measure

SCALE = 0.01


@pytest.fixture(scope="module")
def burnt() -> BurnIn:
    """A warm burn-in: everything is compiled."""
    state = BurnIn(scale=SCALE, seed=0)
    state.branch("all_measures", years=1).run()
    return state


@pytest.mark.parametrize("scenario", ["baseline", "m1", "m2", "m3", "all_measures"])
def test_ten_years(benchmark: Any, burnt: BurnIn, scenario: str) -> None:
    """One run of ten years at 1/100 scale on one thread, burn-in excluded."""
    models = []

    def setup() -> tuple[tuple[Any, ...], dict[str, Any]]:
        models.append(burnt.branch(scenario))
        return (models[-1],), {}

    with measure.threads(1):
        benchmark.pedantic(lambda model: model.run(), setup=setup, rounds=7)
    months = models[-1].world.month
    assert months == measure.MONTHS
    agent_months = models[-1].residents.n * months
    benchmark.extra_info.update(
        burn_in_seconds=round(burnt.seconds, 3),
        million_agent_months_per_second=round(agent_months / benchmark.stats["min"] / 1e6, 1),
        phases_ms={k: round(1e3 * v, 1) for k, v in models[-1].seconds.items()},
    )
    print(f"\n{scenario}: {benchmark.stats['min']:.3f} s at best; {benchmark.extra_info}")


def test_burn_in(benchmark: Any) -> None:
    """Population and burn-in of six years at 1/100 scale."""
    state = benchmark.pedantic(lambda: BurnIn(scale=SCALE, seed=1), rounds=3)
    assert state.world.month == 0


def test_the_whole_city(benchmark: Any) -> None:
    """Every resident of the 23 wards: population, burn-in and ten years."""

    def all_of_it() -> int:
        model = BurnIn(scale=1.0).branch("baseline")
        model.run()
        return int(model.residents.n)

    assert benchmark.pedantic(all_of_it, rounds=2) == 8_638_445


def test_memory_of_a_process(benchmark: Any) -> None:
    """Peak resident memory of a process that runs ten years of the whole city, in MB."""
    code = "from sim.model.model import BurnIn; BurnIn(scale=1.0).branch('all_measures').run()"
    megabytes = benchmark.pedantic(lambda: measure.in_process(code)[1], rounds=1)
    benchmark.extra_info["peak_mb"] = round(megabytes)
    print(f"\npeak memory of a process: {megabytes:.0f} MB")
    assert megabytes > 0


@pytest.mark.parametrize("command", ["import sim", "from sim.cli.main import app"])
def test_start_up(benchmark: Any, command: str) -> None:
    """Wall seconds to start Python and import."""
    done = benchmark.pedantic(
        lambda: subprocess.run([sys.executable, "-c", command], check=True), rounds=5
    )
    assert done.returncode == 0
