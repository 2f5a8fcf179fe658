"""``kyodo optimise`` on the real model, small, and its refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SMALL = (
    "optimise", "--draws", "2", "--search-draws", "3", "--train", "30", "--points", "2",
    "--rounds", "1", "--years", "2", "--scale", "1/1000", "--workers", "1", "--out", "r",
)  # fmt: skip


@pytest.mark.slow
def test_a_small_search_from_end_to_end(invoke: Any, tmp_path: Path) -> None:
    done = invoke(*SMALL, "--budget", "9e8", "--json", "--quiet", "--lang", "en", "--svg")
    assert done.code == 0, done.err
    content = json.loads(done.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert content["budget"] == 9e8
    plans = {row["plan"]: row for row in content["rows"]}
    assert {"m1", "all_measures", "staged"} <= set(plans)
    # every plan is printed with both values, and only affordable ones may be chosen
    assert {row["plan"] for row in content["surrogate"]} == set(plans)
    for row in content["surrogate"]:
        gap = row["solved_extra_surrogate"] - row["solved_extra_real"]
        assert row["solved_extra_difference"] == pytest.approx(gap)
    for name in [*content["front"], *content["choice"].values()]:
        assert plans[name]["cost_dearest_year"] <= 9e8 * (1 + 1e-9)
    assert all(row["interval_kind"] == "range" for row in content["rows"])
    assert all(row["cost_per_extra_solved"] is None for row in content["rows"])
    for name in ("plans.csv", "surrogate.csv", "targets.csv", "summary.md", "charts/front.png",
                 "charts/surrogate.svg", "charts/schedule.png", "manifest.json"):  # fmt: skip
        assert (tmp_path / "r" / name).stat().st_size > 0
    assert {(r["year"], r["fiscal_year"]) for r in content["targets"]} == {(2, 2025)}
    summary = (tmp_path / "r" / "summary.md").read_text(encoding="utf-8")
    assert summary.index("unverified") < summary.index("## Findings")
    for part in ("Costs are our assumptions", "Surrogate against real model", "C084"):
        assert part in summary

    # the plan reads back: compare runs it with the same draws and finds the same effect
    name = content["choice"]["robust"]
    told = invoke("compare", "r/robust_plan.yaml", "--draws", "2", "--years", "2", "--scale",
                  "1/1000", "--workers", "1", "--json", "--quiet", "--out", "c")  # fmt: skip
    row = next(
        r
        for r in json.loads(told.out)["rows"]
        if r["scenario"].startswith("plan_")
        and (r["indicator"], r["fiscal_year"]) == ("solved_cumulative", 2025)
    )
    # with two draws the median is the mean
    assert row["effect_median"] == pytest.approx(plans[name]["solved_extra_flat"])


@pytest.mark.usefixtures("plain_report")
def test_one_draw_recommends_nothing(invoke: Any, tmp_path: Path) -> None:
    least = ("--draws", "1", "--years", "1", "--train", "20", "--points", "1")
    done = invoke(*SMALL, *least, "--json", "--quiet", "--lang", "en")
    assert done.code == 0, done.err
    content = json.loads(done.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert content["choice"] == {"robust": "baseline", "expected": "baseline"}
    assert content["choice_rule"]["offered"] == ["baseline"]
    assert not list((tmp_path / "r").glob("*_plan.yaml"))
    assert "**Do nothing: " in (tmp_path / "r" / "summary.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_same_call_again_runs_nothing_and_says_the_same(invoke: Any) -> None:
    arguments = (*SMALL, "--budget", "9e8", "--json", "--quiet", "--lang", "ja")
    content = json.loads(invoke(*arguments).out)
    repeated = json.loads(invoke(*arguments, "--resume").out)
    assert repeated["rows"] == content["rows"]
    runs = repeated["manifest"]["runs"]
    assert runs["read_from_store"] >= runs["requested"] > 50


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--budget", "0"), "--budget: 0.0 is not an amount above 0 yen"),
        (("--by", "measures"), "--by: 'measures' is not initiative | measure"),
        (
            ("--set", "initiative.2.3.unit_cost=1", "--set", "initiative.2.3.unit_cost=2"),
            "initiative.2.3.unit_cost is set twice",
        ),
        (("--set", "collaboration.trend=0.01"), "optimise runs every plan with and without"),
    ],
)
def test_what_cannot_be_is_refused(invoke: Any, more: tuple[str, ...], said: str) -> None:
    done = invoke(*SMALL, *more)
    assert done.code == 2
    assert said in done.err
