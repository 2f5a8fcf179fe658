"""``kyodo attribute`` from end to end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from test_real_run import kyodo

SMALL = ("--draws", "3", "--years", "2", "--workers", "1", "--scale", "1/1000", "--out", "r")
GOALS = ("--indicator", "M1-KGI-1")


def sums(rows: list[dict[str, Any]], level: str) -> pd.Series:
    """Sum of the means of a level by indicator and year; cells without a value left out."""
    table = pd.DataFrame(rows)
    part = table.loc[(table["level"] == level) & (table["status"] == "ok")]
    return part.groupby(["indicator", "fiscal_year"])["mean"].sum()


def test_contributions_add_up_and_nothing_is_run_twice(invoke: Any, model: Any) -> None:
    first = invoke("attribute", *SMALL, *GOALS, "--json")
    assert first.code == 0, first.err
    content = json.loads(first.out)
    # the stand-in adds 1/8 for every initiative
    total = sums(content["rows"], "total")
    assert total.to_numpy() == pytest.approx([1.875] * 2)
    for level in ("measure", "initiative"):
        assert sums(content["rows"], level).to_numpy() == pytest.approx(total.to_numpy())
    assert content["largest_gap"] <= 1e-9
    assert content["growth"]["years_by_growth"] == pytest.approx(3.3, abs=0.05)
    assert content["synergy"] == {"zero": ["M1-KGI-1"]}
    assert len(model.burn_ins) == 3 * 2
    again = invoke("attribute", *SMALL, *GOALS, "--json")
    assert json.loads(again.out)["rows"] == content["rows"]
    assert len(model.burn_ins) == 3 * 2
    for name in ("shares.csv", "interactions.csv", "levels.csv", "summary.md", "manifest.json"):
        assert (Path("r") / name).stat().st_size > 0
    assert (Path("r/charts/M1-KGI-1.png")).stat().st_size > 0


def test_a_failed_run_is_named_and_its_draw_left_out(
    invoke: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from fake_model import fake_model

    fake = fake_model({"m1_m2": ZeroDivisionError("no one left")})
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    done = invoke("attribute", *SMALL, *GOALS, "--json")
    assert done.code == 1
    assert "m1_m2" in done.err
    content = json.loads(done.out)
    assert {row["status"] for row in content["rows"]} == {"not_available"}
    assert content["manifest"]["runs"]["failed"] == 3
    assert "3 of" in (Path("r") / "summary.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("baseline",), "has no initiative"),
        (("--permutations", "3"), "even number"),
        (("--indicator", "M1-KGI-9"), "did you mean 'M1-KGI-"),
        (("all_measure",), "all_measures"),
    ],
)
def test_refusals_come_before_any_folder(
    invoke: Any, arguments: tuple[str, ...], said: str
) -> None:
    done = invoke("attribute", *arguments, "--out", "r")
    assert done.code == 2
    assert said in done.err
    assert not Path("r").exists()


def test_a_trend_that_is_set_by_hand_is_in_both_arms(invoke: Any, model: Any) -> None:
    done = invoke(
        "attribute", *SMALL, "--indicator", "M1-KPIop-1", "--set", "collaboration.trend=0.03",
        "--lang", "en",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "was set by hand" in done.out
    assert "3.3 years" in done.out
    assert not Path("r/growth.csv").exists()
    assert len(model.burn_ins) == 3


def test_measures_only(invoke: Any, model: Any) -> None:
    done = invoke(
        "attribute", "staged", *SMALL, *GOALS, "--level", "measures", "--years", "5", "--json"
    )
    assert done.code == 0, done.err
    content = json.loads(done.out)
    assert content["scenario"] == "staged"
    assert {row["level"] for row in content["rows"]} == {"total", "measure"}
    assert content["manifest"]["runs"]["requested"] == 3 * 10


def test_the_real_model(tmp_path: Path) -> None:
    some = ("M1-KPIop-1", "M1-KGI-1", "M3-KGI-2", "M2-KPIop-1")
    done = kyodo(
        tmp_path, "attribute", "--draws", "1", "--years", "1", "--scale", "1/1000", "--workers",
        "1", "--out", "r", "--json", "--lang", "ja", *(x for i in some for x in ("--indicator", i)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    total, parts = sums(content["rows"], "total"), sums(content["rows"], "initiative")
    assert len(total) == 4
    assert (parts - total).abs().max() <= 1e-9 * total.abs().max()
    assert content["largest_gap"] <= 1e-9
    assert (tmp_path / "r" / "charts" / "M1-KPIop-1.png").stat().st_size > 0
    assert "C084" in (tmp_path / "r" / "summary.md").read_text("utf-8")
