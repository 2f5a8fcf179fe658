"""Memory is estimated before a study starts, and one that does not fit is refused in one line."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from sim.errors import KyodoError
from sim.experiments.study import build_design
from sim.runs import memory
from sim.runs.spec import Design
from tests.benchmarks.measure import in_process

GB = 1_000_000_000


@pytest.fixture(scope="module")
def full() -> Design:
    return build_design(["m1"], draws=2, scale="1", years=1)


def has(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(memory, "available", lambda: free)


def test_memory_grows_with_residents_workers_and_rows(full: Design) -> None:
    small = build_design(["m1"], draws=2, scale="1/1000", years=1)
    by_ward = build_design(["m1"], draws=2, scale="1", years=1, by="ward")
    residents = memory.of_design(full, 1) - memory.of_design(small, 1)
    assert residents == pytest.approx(8 * 8_638_445 * 0.999, rel=1e-3)
    assert memory.of_design(full, 2) - memory.of_design(full, 1) > memory.PROCESS_BYTES
    assert memory.of_design(by_ward, 1) > memory.of_design(full, 1)
    assert memory.of_runs(Fraction(1), 2) < 1.5 * GB  # two full cities at a time


def test_a_study_that_fits_is_let_through(full: Design, monkeypatch: pytest.MonkeyPatch) -> None:
    has(monkeypatch, 2 * GB)
    memory.check(full, 2)


def test_the_message_says_what_would_fit(full: Design, monkeypatch: pytest.MonkeyPatch) -> None:
    has(monkeypatch, GB)
    with pytest.raises(KyodoError, match=r"4 runs at scale 1 on 4 workers .*--workers 1 would fit"):
        memory.check(full, 4)
    has(monkeypatch, GB // 5)
    with pytest.raises(KyodoError, match=r"on 1 worker need .* smaller --scale or fewer runs"):
        memory.check(full, 1)


def test_a_container_limits_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, used = tmp_path / "max", tmp_path / "current"
    used.write_text("300\n")
    monkeypatch.setattr(memory, "_CGROUPS", ((str(limit), str(used)),))
    machine = memory.available()
    assert machine > 1000
    limit.write_text("max\n")
    assert memory.available() > 1000
    limit.write_text("1000\n")
    assert memory.available() == 700


def test_the_command_refuses_before_it_writes(tmp_path: Path) -> None:
    """In a process whose machine is made to look full: exit code 1, no folder."""
    code = (
        "import sys; from sim.runs import memory; memory.available = lambda: 10**8;"
        "sys.argv = ['kyodo', 'compare', 'm1', '--scale', '1', '--out', 'there'];"
        "from sim.cli import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("kyodo: memory:") or "memory:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "there").exists()


@pytest.mark.slow
def test_a_full_run_stays_within_the_estimate() -> None:
    """Peak memory of a process that runs the whole city is below what was announced."""
    code = "from sim.model import BurnIn; BurnIn(scale=1.0, years=1).branch('all_measures').run()"
    peak = in_process(code)[1] * memory.MB
    estimate = memory.of_runs(Fraction(1), 1)
    assert 0.5 * estimate < peak < estimate
    assert peak < 1.5 * GB
