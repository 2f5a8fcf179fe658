"""Same specs, same numbers: twice, on one worker or two, alone or in a chunk. The real model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from design_runs import DesignRuns, run_design

from sim.analyses.compare.design import build_design
from sim.runs.runner import combine, run
from sim.runs.store import ResultStore

ROOT = Path(__file__).resolve().parents[2]

DESIGN: dict[str, Any] = {
    "scenarios": ["all_measures"],
    "draws": 2,
    "replicates": 2,
    "scale": "1/1000",
    "years": 2,
    "seed": 11,
    "by": "ward",
}


def study(workers: int, **more: Any) -> DesignRuns:
    given = {**DESIGN, **more}
    return run_design(build_design(given.pop("scenarios"), **given), workers=workers)


@pytest.fixture(scope="module")
def one() -> DesignRuns:
    result = study(workers=1)
    assert not result.failures, result.failures[0].traceback
    return result


@pytest.fixture(scope="module")
def two() -> DesignRuns:
    return study(workers=2)


def equal(a: pd.DataFrame, b: pd.DataFrame) -> None:
    """Equal tables, floats bit for bit."""
    pd.testing.assert_frame_equal(a, b, check_exact=True)
    assert a["value"].to_numpy().tobytes() == b["value"].to_numpy().tobytes()


def test_two_workers_give_the_table_of_one(one: DesignRuns, two: DesignRuns) -> None:
    assert not two.failures
    equal(one.table, two.table)
    assert len(one.table) > 1000


def test_the_same_design_twice_gives_the_same_table(one: DesignRuns) -> None:
    equal(one.table, study(workers=1).table)


def test_a_run_alone_equals_the_run_in_its_chunk(one: DesignRuns) -> None:
    specs = build_design(DESIGN["scenarios"], **{k: DESIGN[k] for k in DESIGN if k != "scenarios"})
    alone = combine([run(spec).table for spec in specs.chunk((1, 1))])
    table = one.table
    part = table[(table["draw"] == 1) & (table["replicate"] == 1)].reset_index(drop=True)
    equal(part, alone)


def test_draws_and_replicates_differ_and_neither_is_a_copy(one: DesignRuns) -> None:
    solved = one.table.query("indicator == 'M1-KGI-1' and ward == 'all' and scenario == 'baseline'")
    last = solved[solved["fiscal_year"] == 2025]
    assert len(last) == last["value"].nunique() == 4


def test_more_draws_and_scenarios_leave_the_others_as_they_were(one: DesignRuns) -> None:
    more = study(workers=1, draws=3, replicates=1, scenarios=["m1", "all_measures"]).table
    common = one.table.query("replicate == 0 and scenario in ('baseline', 'all_measures')")
    again = more.query("draw < 2 and scenario in ('baseline', 'all_measures')")
    equal(common.reset_index(drop=True), again.reset_index(drop=True))


def test_a_resumed_study_equals_one_in_one_go(one: DesignRuns, tmp_path: Path) -> None:
    given = dict(DESIGN)
    names = given.pop("scenarios")
    store = ResultStore(tmp_path)
    first = build_design(names, **{**given, "replicates": 1})
    store.open(first.study_hash)
    run_design(first, store=store)
    whole = build_design(names, **given)
    store.open(whole.study_hash)
    result = run_design(whole, store=store)
    assert result.reused == 4
    equal(one.table, result.table)


WITHOUT_PICTURES = """
import sys
from sim.cli.main import main
from sim.report.charts import pictures
pictures.write_pictures = lambda *given, **options: []
if __name__ == "__main__":
    sys.exit(main())
"""


def test_files_are_equal_whatever_the_number_of_workers(tmp_path: Path) -> None:
    command = ["compare", "m1", "--draws", "2", "--scale", "1/1000", "--years", "1", "--quiet"]
    content = []
    for workers in ("1", "2"):
        out = tmp_path / workers
        subprocess.run(
            [
                sys.executable,
                "-c",
                WITHOUT_PICTURES,
                *command,
                "--workers",
                workers,
                "--out",
                str(out),
            ],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True,
            stdin=subprocess.DEVNULL,
        )
        names = ("results.parquet", "results.csv", "comparison.csv")
        content.append({name: (out / name).read_bytes() for name in names})
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["timings"]["workers"] == int(workers)
    assert content[0] == content[1]
