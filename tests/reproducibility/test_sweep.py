"""Sweeps of the real model: equal on every engine, extended, verified, killed and gone on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pyarrow.parquet as pq
import pytest

from sim.analyses.sweep.design import read_sweep
from sim.analyses.sweep.estimate import Sweep, verify
from sim.base.errors import KyodoError, OutputError
from sim.runs.cluster import Cluster
from sim.runs.run_all import Results, run_all
from sim.runs.runner import run_specs
from sim.runs.spec import RunSpec
from sim.runs.store import ResultStore
from sim.scenario.reader import load_scenario

ROOT = Path(__file__).resolve().parents[2]
SMALL: dict[str, Any] = {"scale": "1/1000", "years": 1}


def sweep_of(folder: Path, scenarios: str, **more: Any) -> Sweep:
    path = folder / "design.yaml"
    path.write_text(f"scenarios: [{scenarios}]\nscale: 1/1000\nyears: 1\n", encoding="utf-8")
    return read_sweep(path, **more)


def equal(a: Results, b: Results) -> None:
    """Equal tables, floats bit for bit."""
    one, two = a.frame(), b.frame()
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert one["value"].to_numpy().tobytes() == two["value"].to_numpy().tobytes()


def test_runs_that_differ_in_effects_share_a_burn_in() -> None:
    """An override of what initiatives alone read gives the same numbers, without a burn-in of its
    own; the population before April 2024 cannot know it."""
    m1 = load_scenario("m1")
    spec = RunSpec(m1, draw=1, **SMALL)
    value = 1.3 * spec.resolved["initiative.1.2.conversion"]
    moved = replace(spec, parameters=(("initiative.1.2.conversion", value),))
    assert moved.burn_in_key == spec.burn_in_key
    results, failures, _, burn_ins = run_specs([spec, moved])
    assert (failures, burn_ins) == ([], 1)
    # the same values, told to the burn-in as well
    from sim.model.model import BurnIn

    own = BurnIn(scale=0.001, seed=0, draw=1, parameters=dict(moved.parameters), years=1)
    model = own.branch(m1, discount="discounted", years=1)
    model.run()
    told = {(r[0], r[3]): r[4] for r in model.records if r[2] == "all" and not r[1]}
    table = results[1].table
    found = table.loc[(table["ward"] == "all") & (table["month"] == "")]
    assert len(found) == len(told) > 50
    for year, name, number in zip(
        found["fiscal_year"], found["indicator"], found["value"], strict=True
    ):
        assert number == told[year, name] or (np.isnan(number) and told[year, name] is None)
    assert not results[0].table.equals(table)


def test_a_sweep_is_extended_without_repeating_a_run(tmp_path: Path) -> None:
    few = sweep_of(tmp_path, "baseline, m2", draws=2)
    store = ResultStore(tmp_path / "out")
    store.open(few.study_hash)
    first = run_all(few, store=store)
    before = {p.name: p.stat().st_mtime_ns for p in store.shards()}
    more = sweep_of(tmp_path, "baseline, m2", draws=3, replicates=2)
    store.open(more.study_hash)
    second = run_all(more, store=store)
    assert (first.reused, second.reused) == (0, 4)
    assert {p.name: p.stat().st_mtime_ns for p in store.shards() if p.name in before} == before
    assert Counter(r.identity for r, _ in store.records()).most_common(1)[0][1] == 1
    equal(second, run_all(more))


def test_values_are_those_of_all_wards_and_whole_years() -> None:
    """Also where wards and months are recorded; an indicator asked for twice is there twice."""
    plain = RunSpec(load_scenario("m1"), draw=0, **SMALL)
    names = ["M1-KPIoc-2", "solved_projects", "M1-KPIoc-2"]
    cubes = [run_all([replace(plain, by=by)]).cube(names) for by in ("year", "ward", "month")]
    assert np.isfinite(cubes[0]).all()
    assert np.array_equal(cubes[0], cubes[1])
    assert np.array_equal(cubes[0], cubes[2])
    assert np.array_equal(cubes[0][:, 0], cubes[0][:, 2])


def test_verify_finds_a_single_changed_bit(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, "baseline, m3", draws=2)
    store = ResultStore(tmp_path / "out")
    store.open(sweep.study_hash)
    with pytest.raises(KyodoError, match="no run of this design"):
        verify(sweep, store, 2, seed=0)
    run_all(sweep, store=store)
    assert verify(sweep, store, 10, seed=0) == (4, [])
    path = next(path for record, path in store.records() if record.draw == 1)
    table = pq.read_table(path)
    rows = table.to_pandas()
    place = rows.index[(rows["scenario"] == "m3") & (rows["value"] > 0) & (rows["draw"] == 1)][0]
    rows.loc[place, "value"] = np.nextafter(rows.loc[place, "value"], np.inf)
    changed = type(table).from_pandas(rows, preserve_index=False)
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)
    assert verify(sweep, store, 10, seed=1) == (4, ["m3, draw 1, replicate 0"])


@pytest.mark.slow
def test_one_worker_two_workers_and_dask_give_equal_tables(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, "baseline, m1, m2, all_measures, bunkyo", draws=10, replicates=2)
    assert len(sweep) == 100
    one = run_all(sweep, workers=1)
    assert not one.failures
    equal(one, run_all(sweep, workers=2))
    equal(one, run_all(sweep, engine=Cluster(workers=2)))


def worker_processes(parent: psutil.Process) -> list[psutil.Process]:
    """Processes below ``parent`` that run models: the busy ones."""
    return [p for p in parent.children(recursive=True) if p.cpu_times().user > 1.0]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["local", "dask"])
def test_a_killed_worker_costs_no_result(engine: str, tmp_path: Path) -> None:
    """SIGKILL of one of two workers amid a sweep: every run is there, equal to an undisturbed one.

    Dask: a real scheduler and two workers on loopback.
    """
    sweep = sweep_of(tmp_path, "baseline, m1, m2, m3, all_measures", draws=40)
    killed: list[int] = []

    def kill(done: int, total: int, seconds: float) -> None:
        if not killed and 20 <= done < total / 2:
            victim = worker_processes(psutil.Process())[0]
            killed.append(victim.pid)
            victim.send_signal(signal.SIGKILL)

    cluster = Cluster(workers=2) if engine == "dask" else None
    disturbed = run_all(sweep, workers=2, engine=cluster, progress=kill)
    assert len(killed) == 1
    assert disturbed.failures == ()
    equal(disturbed, run_all(sweep, workers=2))


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_is_named() -> None:
    spec = RunSpec(load_scenario("baseline"), **SMALL)
    with pytest.raises(KyodoError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        run_all([spec], engine=Cluster("tcp://127.0.0.1:9"))


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sim", "sweep", "design.yaml", "--out", "out", "--quiet"]
    return subprocess.Popen(
        [*command, *more],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_a_sweep_killed_three_times_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    """2,000 runs of 12 months; SIGKILL to the whole group at moments set by the shards written."""
    names = "baseline, m1, m2, m3, m1_m2, m1_m3, m2_m3, all_measures, bunkyo, setagaya"
    sweep = sweep_of(tmp_path, names, draws=200)
    assert len(sweep) == 2000
    store = ResultStore(tmp_path / "out")
    kept: dict[str, int] = {}
    for wanted, delay in ((3, 0.37), (9, 1.13), (17, 0.71)):
        process = start(tmp_path, "--draws", "200")
        deadline = time.monotonic() + 240
        while len(store.shards()) < wanted:
            assert time.monotonic() < deadline
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for path in store.shards():  # every file can be read, and none was written anew
            pq.read_table(path)
            assert kept.setdefault(path.name, path.stat().st_mtime_ns) == path.stat().st_mtime_ns
    recorded = {record.identity for record, _ in store.records()}
    assert 0 < len(recorded) < 2000
    last = start(tmp_path, "--draws", "200")
    _, said = last.communicate(timeout=600)
    assert last.returncode == 0, said
    for name, written in kept.items():
        assert (store.folder / "shards" / name).stat().st_mtime_ns == written
    counts = Counter(record.identity for record, _ in store.records())
    assert set(counts) == {spec.identity for spec in sweep}
    assert set(counts.values()) == {1}
    assert not [p for p in store.folder.rglob("*") if p.name.startswith(".")]
    index = pd.read_parquet(store.folder / "runs.parquet")
    assert (len(index), set(index["status"])) == (2000, {"ok"})
    equal(run_all(sweep, store=store), run_all(sweep, workers=2))


@pytest.mark.slow
def test_a_full_disk_ends_with_a_clear_error_and_loses_nothing(tmp_path: Path) -> None:
    """On a tmpfs of 300 kB: the error names the file; what was written is whole and is gone on."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, timeout=20).returncode:
        pytest.skip("only root may mount a tmpfs (.ci/run does)")
    try:
        sweep = sweep_of(tmp_path, "baseline, m1, m2, all_measures", draws=100)
        store = ResultStore(disk / "out")
        store.open(sweep.study_hash)
        with pytest.raises(OutputError, match=r"cannot write .*No space left"):
            run_all(sweep, workers=2, store=store)
        shards = store.shards()
        assert len(shards) >= 2
        assert not [p for p in store.folder.rglob("*") if p.name.startswith(".")]
        before = {p.name: p.read_bytes() for p in shards}
        recorded = {record.identity for record, _ in store.records()}
        assert 0 < len(recorded) < len(sweep)
        subprocess.run(["mount", "-o", "remount,size=30m", str(disk)], check=True, timeout=20)
        results = run_all(sweep, workers=2, store=store)
        assert results.reused == len(recorded)
        assert not results.failures
        assert {p.name: p.read_bytes() for p in shards} == before
    finally:
        subprocess.run(["umount", str(disk)], check=True, timeout=20)
