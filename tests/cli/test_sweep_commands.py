"""``sweep`` and ``query``: streams, exit codes, shares, verifying, on a stand-in for the model."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fake_model import fake_model

DESIGN = """
scenarios: [baseline, m1]
points:
  method: factorial
  vary: {strength.1: [0.25, 0.5, 1]}
draws: 2
years: 2
"""
SWEEP = ("sweep", "design.yaml", "--out", "here", "--workers", "1")


@pytest.fixture
def design(tmp_path: Path) -> Path:
    path = tmp_path / "design.yaml"
    path.write_text(DESIGN, encoding="utf-8")
    return path


def test_a_sweep_keeps_every_run_and_an_index(
    invoke: Any, model: Any, design: Path, tmp_path: Path
) -> None:
    done = invoke(*SWEEP, "--json")
    assert done.code == 0, done.err
    content = json.loads(done.out)
    assert content["rows"] == [
        {"id": "baseline", "ok": 6, "failed": 0},
        {"id": "m1", "ok": 6, "failed": 0},
    ]
    assert content["manifest"]["design"]["factors"] == ["strength.1"]
    assert "2 scenarios x 3 points x 2 draws x 1 replicates = 12 runs" in done.err
    index = pd.read_parquet(tmp_path / "here" / "runs.parquet")
    assert len(index) == 12
    # the baseline is one run at all strengths of a draw
    assert index.groupby("scenario")["run"].nunique().to_dict() == {"baseline": 2, "m1": 6}
    again = invoke(*SWEEP, "--draws", "3")
    assert again.code == 0
    assert "8 of 12 runs are there already" in again.err
    assert len(model.burn_ins) == 3


def test_shares_add_up_to_the_sweep_and_nothing_counts_twice(
    invoke: Any, model: Any, design: Path, tmp_path: Path
) -> None:
    for i in range(1, 5):  # as jobs that start together: none sees what the others recorded
        share = ("--out", f"job{i}", "--shard", f"{i}/4", "--workers", "1")
        assert invoke("sweep", "design.yaml", *share).code == 0
        here = tmp_path / "here" / "shards"
        here.mkdir(parents=True, exist_ok=True)
        for path in (tmp_path / f"job{i}" / "shards").glob("*.parquet"):
            path.rename(here / path.name)
        (tmp_path / f"job{i}" / "study.json").rename(tmp_path / "here" / "study.json")
        assert (tmp_path / f"job{i}" / f"manifest-{i}-of-4.json").is_file()
        assert not (tmp_path / f"job{i}" / "runs.parquet").exists()
    burn_ins = len(model.burn_ins)
    assert burn_ins > 2
    assert invoke(*SWEEP).code == 0
    assert len(model.burn_ins) == burn_ins
    count = "SELECT scenario, count(*) AS n FROM results GROUP BY ALL ORDER BY ALL"
    rows = json.loads(invoke("query", "here", count, "--json").out)["rows"]
    # two years of two indicators; 2 runs of the baseline, 6 of m1
    assert rows == [{"scenario": "baseline", "n": 8}, {"scenario": "m1", "n": 24}]


def test_failed_runs_end_with_four_and_are_tried_again(
    invoke: Any, design: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        sys.modules, "sim.model.model", fake_model({"m1": ZeroDivisionError("none")})
    )
    done = invoke(*SWEEP)
    assert done.code == 4
    assert "error: run failed: m1, draw 0, replicate 0: ZeroDivisionError: none" in done.err
    assert "6 of 12 runs failed" in done.err
    index = pd.read_parquet(tmp_path / "here" / "runs.parquet")
    bad = index.loc[index["status"] == "failed"]
    assert set(bad["scenario"]) == {"m1"}
    assert bad["traceback"].str.startswith("Traceback").all()
    fake = fake_model()
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    assert invoke(*SWEEP, "--workers", "1").code == 0
    assert set(pd.read_parquet(tmp_path / "here" / "runs.parquet")["status"]) == {"ok"}


def test_verify_repeats_distinct_recorded_runs_and_writes_nothing(
    invoke: Any, model: Any, design: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = invoke(*SWEEP, "--verify", "3")
    assert missing.code == 1
    assert not (tmp_path / "here").exists()
    invoke(*SWEEP)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    done = invoke(*SWEEP, "--verify", "99")
    assert (done.code, done.out) == (
        0,
        "8 of 8 runs are equal bit for bit when they are repeated\n",
    )
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before
    monkeypatch.setitem(sys.modules, "sim.model.model", fake_model({"m1": ValueError("x")}))
    worse = invoke(*SWEEP, "--verify", "99", "--json")
    assert worse.code == 1
    names = [row["id"] for row in json.loads(worse.out)["rows"]]
    assert len(names) == 6
    assert names[0].endswith("ValueError: x")


def test_an_interrupted_sweep_exits_130_and_goes_on(
    invoke: Any, design: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sim.model.model", fake_model({"m1": KeyboardInterrupt}))
    done = invoke(*SWEEP)
    assert done.code == 130
    assert "call it again" in done.err
    monkeypatch.setitem(sys.modules, "sim.model.model", fake_model())
    assert invoke(*SWEEP).code == 0


def test_another_design_or_a_forced_share_is_refused(
    invoke: Any, model: Any, design: Path, tmp_path: Path
) -> None:
    assert invoke(*SWEEP, "--quiet").code == 0
    kept = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    forced = invoke(*SWEEP, "--shard", "1/2", "--force")
    assert (forced.code, "other jobs" in forced.err) == (2, True)
    design.write_text(DESIGN.replace("[0.25", "[0.1"), encoding="utf-8")
    other = invoke(*SWEEP)
    assert (other.code, "another study" in other.err) == (1, True)
    design.write_text(DESIGN, encoding="utf-8")
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == kept


QUERIES = {
    "SELECT quantile_cont(value, [0.05, 0.5]) AS q FROM results": "q",
    "SELECT TIMESTAMP '2024-04-01' AS t, 1.5::DECIMAL(4, 1) AS d, NULL AS n": "t",
    "SELECT r.point, avg(value) AS v FROM results JOIN runs r USING (run) GROUP BY ALL": "v",
}


@pytest.mark.parametrize("sql", QUERIES)
def test_answers_of_every_kind_are_printed(
    sql: str, invoke: Any, model: Any, design: Path, tmp_path: Path
) -> None:
    invoke("sweep", "design.yaml", "--out", "odd [1]", "--quiet", "--workers", "1")
    (tmp_path / "odd [1]" / "shards" / "broken.parquet").write_bytes(b"PAR1")
    done = invoke("query", "odd [1]", sql, "--json")
    assert done.code == 0, done.err
    rows = json.loads(done.out)["rows"]
    assert rows[0][QUERIES[sql]] is not None
    assert invoke("query", "odd [1]", sql).code == 0
    assert invoke("query", "odd [1]", sql, "--csv", "answer.csv").code == 0
    assert (tmp_path / "answer.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("sql", ["", "SELEC 1", "SELECT x FROM results", "SELECT * FROM nowhere"])
def test_a_wrong_query_is_one_line(sql: str, invoke: Any, model: Any, design: Path) -> None:
    invoke(*SWEEP, "--quiet")
    done = invoke("query", "here", sql)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    assert invoke("query", "nowhere", "SELECT 1").code == 1
