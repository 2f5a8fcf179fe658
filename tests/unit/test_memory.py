"""Memory is estimated before a study starts, and one that does not fit is refused in one line."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from fractions import Fraction
from pathlib import Path

import pytest

from sim.analyses.compare.design import build_design
from sim.base.errors import KyodoError
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
    assert memory.of_design(full, 2) - memory.of_design(full, 1) > memory.WORKER_BYTES
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
    with pytest.raises(KyodoError, match=r"on 1 worker need .* smaller --scale, or fewer runs"):
        memory.check(full, 1)
    by_ward = build_design(["m1"], draws=2, years=1, by="ward")
    with pytest.raises(KyodoError, match=r"smaller --scale, without --by ward, or fewer runs"):
        memory.check(by_ward, 1)


@pytest.mark.parametrize("version", [2, 1])
def test_a_container_limits_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    """The smallest room of the process's group and those around it; pages of files can go."""
    root = tmp_path / "memory" if version == 1 else tmp_path
    inner = root / "slice" / "job"
    inner.mkdir(parents=True)
    own = tmp_path / "cgroup"
    own.write_text("4:cpu,cpuacct:/\n3:memory:/slice/job\n" if version == 1 else "0::/slice/job\n")
    monkeypatch.setattr(memory, "_GROUPS", tmp_path)
    monkeypatch.setattr(memory, "_OWN_GROUP", own)
    machine = memory.available()
    assert machine > 10_000
    limit, used, reclaimable = memory._VERSIONS[2 - version]

    def group(folder: Path, most: str, taken: int, pages: int) -> None:
        (folder / limit).write_text(f"{most}\n")
        (folder / used).write_text(f"{taken}\n")
        (folder / "memory.stat").write_text(f"anon 5\n{reclaimable} {pages}\n")

    group(inner, "max", 300, 0)
    assert memory.available() > 10_000
    group(inner, "1000", 300, 0)
    assert memory.available() == 700
    group(inner, "1000", 300, 200)
    assert memory.available() == 900
    group(inner.parent, "500", 300, 0)  # a limit around it
    assert memory.available() == 200
    group(root, "100", 300, 0)
    assert memory.available() == 0


def test_the_command_refuses_before_it_writes(tmp_path: Path) -> None:
    """In a process whose machine is made to look full: exit code 1, no folder."""
    code = (
        "import sys; from sim.runs import memory; memory.available = lambda: 10**8;"
        "sys.argv = ['kyodo', 'compare', 'm1', '--scale', '1', '--out', 'there'];"
        "from sim.cli.main import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("kyodo: memory:") or "memory:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "there").exists()


def test_a_world_ends_with_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """No run of a study waits for the garbage collector: the whole city is 36 MB a run."""
    from sim.model.agents.world import World
    from sim.runs.batch import run_batch

    alive: weakref.WeakSet[World] = weakref.WeakSet()
    copy = World.copy

    def counted(world: World) -> World:
        twin = copy(world)
        alive.add(twin)
        return twin

    monkeypatch.setattr(World, "__hash__", object.__hash__, raising=False)
    monkeypatch.setattr(World, "copy", counted)
    design = build_design(["m1", "m2"], draws=1, scale="1/1000", years=1)
    gc.disable()
    try:
        run_batch(design.chunk(design.chunks[0]))
        assert len(alive) == 0
    finally:
        gc.enable()


STUDY = """
from pathlib import Path
import sim
from sim.report.tell import tell
folder = Path({folder!r})
sim.compare(
    {scenarios}, draws={draws}, scale="{scale}", years={years}, by="{by}", out=folder
)
tell(folder, "en")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scale", "by", "draws", "years"),
    [("1", "year", 4, 2), ("1/1000", "year", 20, 10), ("1/1000", "ward", 4, 8),
     ("1/1000", "month", 4, 10)],
)  # fmt: skip
def test_a_study_stays_within_the_estimate(
    tmp_path: Path, scale: str, by: str, draws: int, years: int
) -> None:
    """Peak memory of a process that runs a study, writes it and draws its charts."""
    scenarios = ["m1", "m2", "m3", "m1_m2", "m1_m3", "m2_m3", "all_measures"]
    design = build_design(scenarios, draws=draws, scale=scale, years=years, by=by)
    code = STUDY.format(
        scenarios=scenarios, draws=draws, scale=scale, years=years, by=by, folder=str(tmp_path)
    )
    peak = in_process(code)[1] * 1024**2
    estimate = memory.of_design(design, 1)
    print(f"{scale} {by}: {peak / 1e6:.0f} MB of {estimate / 1e6:.0f} MB announced")
    assert 0.5 * estimate < peak < estimate
    assert peak < 1.5 * GB
