"""Instant answers as the page asks for them: equal to the anchors, refused where they must be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.analyses.instant.anchors import find_anchors, kept_indicators
from sim.analyses.shared.reached import target_value
from sim.app.answers import Answers
from sim.app.errors import ApiError
from sim.app.settings import AppSettings
from sim.base.errors import KyodoError
from sim.figures.evidence import load_profile
from sim.model.indicators import INDICATORS
from sim.scenario.reader import load_scenario

YEARS = 10


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return Answers(AppSettings(out=tmp_path_factory.mktemp("serve")))


def plan(id: str, name: str | None = None) -> dict[str, Any]:
    return {**load_scenario(id, YEARS).to_dict(), "id": name or id}


def ask(answers: Answers, method: str = "answer", **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = getattr(answers, method)(json.dumps(body).encode())
    return found


def column(answer: dict[str, Any], name: str, **where: Any) -> list[Any]:
    at = {c: n for n, c in enumerate(answer["columns"])}
    return [
        row[at[name]]
        for row in answer["rows"]
        if all(row[at[key]] == value for key, value in where.items())
    ]


def block(label: str, indicator: str) -> np.ndarray[Any, Any]:
    """What an anchor ran: [draws, years]."""
    anchors = find_anchors("document")
    assert anchors is not None
    return anchors.values["discounted"][label][:, kept_indicators().index(indicator)]


def test_a_plan_that_was_run_is_told_as_it_ran(answers: Answers) -> None:
    got = ask(answers, plans=[plan("m1", "mine")], years=YEARS)
    assert got["state"] == "ready"
    assert [s["exact"] for s in got["scenarios"]] == [True, True]
    for indicator in ("M1-KGI-1", "M1-KPIop-1", "programme_cost"):
        mine, base = block("m1", indicator), block("baseline", indicator)
        median = column(got, "median", scenario="mine", indicator=indicator)
        np.testing.assert_allclose(median, np.median(mine, axis=0), rtol=1e-4)
        effect = column(got, "effect_median", scenario="mine", indicator=indicator)
        np.testing.assert_allclose(effect, np.median(mine - base, axis=0), rtol=1e-4, atol=1e-7)
    assert column(got, "effect_median", scenario="baseline", indicator="M1-KGI-1") == [None] * 10


def test_a_shorter_horizon_of_a_plan_that_was_run_is_exact_too(answers: Answers) -> None:
    got = ask(answers, plans=[plan("staged", "a")], years=5)
    assert [s["exact"] for s in got["scenarios"]] == [True, True]
    median = column(got, "median", scenario="a", indicator="M1-KPIop-1")
    want = np.median(block("staged", "M1-KPIop-1")[:, :5], axis=0)
    np.testing.assert_allclose(median, want, rtol=1e-6)


def test_chances_and_the_baselines_own_stand_side_by_side(answers: Answers) -> None:
    got = ask(answers, plans=[plan("all_measures", "a")])
    goal = target_value(INDICATORS["M3-KPIoc-1"], load_profile())
    assert goal is not None
    for name, label in (
        ("probability_target", "all_measures"),
        ("probability_target_baseline", "baseline"),
    ):
        want = (block(label, "M3-KPIoc-1") >= goal).mean(axis=0)
        np.testing.assert_allclose(
            column(got, name, scenario="a", indicator="M3-KPIoc-1"), want, atol=1e-6
        )
    low = column(got, "probability_low", scenario="a", indicator="M3-KPIoc-1")
    high = column(got, "probability_high", scenario="a", indicator="M3-KPIoc-1")
    assert all(a < b for a, b in zip(low, high, strict=True))


def test_targets_reached_are_counted_by_class(answers: Answers) -> None:
    got = ask(answers, plans=[plan("m2", "a")])
    profile = load_profile()
    for name, label in (("baseline", "baseline"), ("a", "m2")):
        for kind in ("outcome", "delivery"):
            hits = [
                (block(label, id)[:, -1] - goal) * declared.direction >= -1e-9 * abs(goal)
                for id, declared in INDICATORS.items()
                if declared.kind == kind and (goal := target_value(declared, profile)) is not None
            ]
            counts = np.sum(hits, axis=0)
            (row,) = (r for r in got["reached"] if (r["scenario"], r["kind"]) == (name, kind))
            assert row["targets"] == len(hits) == 12
            assert (row["median"], row["low"], row["high"]) == (
                np.median(counts), counts.min(), counts.max(),
            )  # fmt: skip


def test_the_budget_tells_how_often_each_year_costs_more(answers: Answers) -> None:
    cost = block("m1", "programme_cost")
    budget = float(np.quantile(cost[:, 4], 0.3))
    got = ask(answers, plans=[plan("m1", "a")], budget=budget)
    (row,) = got["budget"]["scenarios"]
    np.testing.assert_allclose(row["share_over"], (cost > budget).mean(axis=0))
    assert 0.5 < row["share_over"][4] < 0.9
    assert ask(answers, plans=[plan("m1", "a")])["budget"] is None


def test_a_plan_between_anchors_says_so_and_how_far_it_may_be_off(answers: Answers) -> None:
    half = plan("m2", "half")
    for setting in half["initiatives"].values():
        setting |= {"strength": 0.4, "start": "2026-04"}
    got = ask(answers, plans=[half])
    assert [s["exact"] for s in got["scenarios"]] == [True, False]
    assert got["error"]["indicators"]["M1-KGI-1"]["typical"] > 0
    assert set(got["error"]["text"]) == {"ja", "en"}
    assert column(got, "effect_median", scenario="half", indicator="M1-KGI-1")[:2] == [0.0, 0.0]


def test_contributions_and_swings_name_their_parts(answers: Answers) -> None:
    got = ask(answers, "contribution", plan=plan("all_measures", "a"), indicator="solved_projects")
    assert [row["id"] for row in got["rows"]] == ["1", "2", "3"]
    total = sum(row["value"] for row in got["rows"])
    assert total == pytest.approx(got["total"]["value"], rel=1e-5)
    effect = block("all_measures", "solved_projects") - block("baseline", "solved_projects")
    assert got["total"]["value"] == pytest.approx(effect[:, -1].mean(), rel=1e-4)
    assert len(got["initiatives"]) == 15
    swings = ask(answers, "tornado", plan=plan("all_measures", "a"), indicator="solved_projects")
    widths = [abs(row["high"] - row["low"]) for row in swings["rows"]]
    assert widths == sorted(widths, reverse=True)
    assert any(row["clear"] for row in swings["rows"])
    assert all(row["name"]["ja"] for row in swings["rows"])


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("serve_plans", {"plans": []}),
        ("serve_plans", {"plans": [plan("m1", f"p{n}") for n in range(5)]}),
        ("serve_plans", {"plans": [plan("m1", "a"), plan("m2", "a")]}),
        ("serve_plans", {"plans": [plan("baseline")]}),
        ("serve_horizon", {"plans": [plan("m1")], "years": 11}),
        ("serve_horizon", {"plans": [plan("m1")], "years": True}),
        ("serve_discount", {"plans": [plan("m1")], "discount": "half"}),
        ("serve_request", {"plans": [plan("m1")], "profile": "secret.yaml"}),
        ("serve_request", {"plans": [plan("m1")], "more": 1}),
        ("serve_budget", {"plans": [plan("m1")], "budget": -1}),
        ("serve_uncovered_wards", {"plans": [{**plan("m1"), "wards": [13101]}]}),
    ],
)
def test_bad_requests_are_named(answers: Answers, key: str, body: dict[str, Any]) -> None:
    with pytest.raises((ApiError, KyodoError)) as caught:
        ask(answers, **body)
    assert isinstance(caught.value, ApiError)
    assert (caught.value.status, caught.value.key) == (422, key)


def test_a_profile_without_anchors_says_so(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("name: own\nextends: document\nwards:\n  13112: {department: true}\n", "utf-8")
    got = ask(Answers(AppSettings(out=tmp_path, profile=str(own))), plans=[plan("m1", "a")])
    assert got["state"] == "missing"
    assert "--prepare" in got["text"]["ja"]
