"""``kyodo prioritise`` on the real model, small."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

SMALL = ("--draws", "2", "--scale", "1/1000", "--workers", "1", "--out", "r")
PER_YEN = ("solved_per_yen", "solved_per_yen_all", "targets_per_yen")


def test_a_small_run_from_end_to_end(invoke: Any, tmp_path: Path) -> None:
    done = invoke(
        "prioritise", *SMALL, "--years", "3", "--stop-after", "1", "--json", "--lang", "ja"
    )
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["manifest"]["runs"] == {
        "requested": 22, "finished": 22, "failed": 0, "read_from_store": 0,
    }  # fmt: skip
    assert found["asserted"] == {"m1": 1, "m2": 2, "m3": 3}
    # two draws are too few for any verdict that rests on runs
    verdicts = {r["criterion"]: r["verdict"] for r in found["verdicts"] if not r["figure"]}
    assert verdicts == {
        "immediacy": "cannot_tell", "feasibility": "cannot_tell", "cost": "cannot_tell",
        "fairness": "cannot_tell", "evidence": "disagrees",
    }  # fmt: skip
    names = ["scorecard", "verdicts", "pairs", "costs", "weights", "indicators", "targets"]
    for name in names:
        with (tmp_path / "r" / f"{name}.csv").open(encoding="utf-8-sig") as stream:
            assert list(csv.DictReader(stream))
    assert {r["interval_kind"] for r in found["rows"]} == {"range"}
    assert found["growth"]["interval_kind"] == "range"
    summary = (tmp_path / "r" / "summary.md").read_text(encoding="utf-8")
    assert "区別できない" in summary
    assert (tmp_path / "r" / "charts" / "criterion_cost.png").stat().st_size > 10_000
    # nor is a cost per effect printed
    ratios = [r for r in found["rows"] if r["figure"] in PER_YEN]
    assert len(ratios) == 9
    for row in ratios:
        assert row["given"] is False
        assert [row[k] for k in ("low", "median", "high", "over_draws")] == [None] * 4
    assert {r["factor_median"] for r in found["costs"]} == {None}
    again = invoke("prioritise", *SMALL, "--years", "3", "--stop-after", "1", "--json")
    other = json.loads(again.out)
    assert other["manifest"]["runs"]["read_from_store"] == 22
    assert other["rows"] == found["rows"]


def test_a_horizon_too_short_is_refused_before_anything_runs(invoke: Any, tmp_path: Path) -> None:
    done = invoke("prioritise", *SMALL, "--years", "6")
    assert done.code == 2
    assert "--stop-after" in done.err
    assert not (tmp_path / "r" / "manifest.json").exists()


@pytest.mark.parametrize("rate", ["0", "0.05"])
def test_the_trend_cannot_be_set(invoke: Any, tmp_path: Path, rate: str) -> None:
    done = invoke("prioritise", *SMALL, "--years", "8", "--set", f"collaboration.trend={rate}")
    assert done.code == 2
    assert "collaboration.trend cannot be set here" in " ".join(done.err.split())
    assert not (tmp_path / "r").exists()
