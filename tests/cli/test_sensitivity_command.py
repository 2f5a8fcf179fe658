"""``kyodo sensitivity``: refusals on a stand-in, and the real model from end to end."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_model import fake_model
from test_real_run import kyodo

from sim.analyses.shared.factors import factors_of
from sim.base.user_choices import GROUPS
from sim.figures.parameters import load_parameters
from sim.runs.run_all import run_all
from sim.runs.spec import RunSpec
from sim.scenario.types import InitiativeSetting, Scenario


def test_a_failed_run_is_refused_by_its_name(invoke: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    fake = fake_model({"m2": ValueError("no such month")})
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    done = invoke(
        "sensitivity", "m2", "--indicator", "M1-KGI-1", "--method", "morris", "--points", "48",
        "--years", "2", "--workers", "1",
    )  # fmt: skip
    assert done.code == 1
    assert "nothing is analysed" in done.err
    assert "m2, central values, replicate 0" in done.err
    assert "no such month" in done.err
    assert done.out == ""


def test_an_indicator_without_values_is_refused(invoke: Any, model: Any) -> None:
    done = invoke(
        "sensitivity", "m2", "--indicator", "M2-KPIoc-1", "--method", "morris", "--points", "48",
        "--years", "2", "--workers", "1",
    )  # fmt: skip
    assert done.code == 1
    assert "M2-KPIoc-1 has no value in any year" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("m2", "--indicator", "M1-KGI-9"), "M1-KGI"),
        (("baseline",), "--level"),
        (("m2", "--method", "sobol", "--points", "20"), "--points"),
        (("m2", "--method", "sobel"), "sobel"),
        (("nothing",), "unknown scenario"),
        (("m2", "--set", "participation.ask_rat=1"), "ask_rate"),
    ],
)
def test_what_cannot_be_asked(
    invoke: Any, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = invoke("sensitivity", *arguments)
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "results").exists()


def test_constant_output_says_that_nothing_varies(invoke: Any, model: Any) -> None:
    # the stand-in's level hangs on no parameter but for effects, which the baseline has not
    done = invoke(
        "sensitivity", "baseline", "--level", "--indicator", "M1-KGI-1", "--method", "morris",
        "--points", "32", "--years", "2", "--workers", "1", "--lang", "en", "--out", "r",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "Nothing varies" in done.out
    assert "nan" not in done.out.lower()


@pytest.mark.slow
def test_real_run(tmp_path: Path) -> None:
    done = kyodo(
        tmp_path, "sensitivity", "m2", "--method", "morris", "--points", "48", "--years", "1",
        "--workers", "1", "--out", "r", "--json", "--lang", "ja", "--svg",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    rows = content["rows"]
    stars = {
        r["factor"]: r["index"]
        for r in rows
        if r["order"] == "mu_star" and r["fiscal_year"] == "overall"
    }
    assert {"behaviour", "discount", "2.1", "2.2", "2.3", "2.4", "2.5"} < set(stars)
    assert stars["2.3"] > stars["2.5"]
    assert all(r["index"] is None or math.isfinite(r["index"]) for r in rows)
    assert {r["fiscal_year"] for r in content["luck"]} == {2024, "overall"}
    assert content["stability"] is None
    for name in ("indices.csv", "convergence.csv", "luck.csv", "factors.csv", "summary.md",
                 "charts/ranking.png", "charts/by_year.svg"):  # fmt: skip
        assert (tmp_path / "r" / name).stat().st_size > 0, name
    assert not (tmp_path / "r" / "charts" / "convergence.png").exists()  # one number of points
    text = (tmp_path / "r" / "summary.md").read_text("utf-8")
    assert text.index("未検証") < text.index("不確実性はどこから来るか")
    assert "initiative.2.3.own_log" in text


def test_parameters_that_are_left_out_change_nothing() -> None:
    """All of them at once to their ends: the same values of every indicator but the costs."""
    scenario = Scenario(
        "some",
        initiatives={
            "1.2": InitiativeSetting(),
            "2.3": InitiativeSetting(ramp_months=6),
            "3.4": InitiativeSetting(start=36),
        },
    )
    table = load_parameters()
    varied = {c.id for c in factors_of(scenario, years=2, level=GROUPS[2]).columns}
    left = [p for p in table.values() if p.kind == "uncertain" and p.id not in varied]
    assert len(left) > 80
    ends = [{p.id: p.quantile(u) for p in left} for u in (0.02, 0.98)]
    specs = [RunSpec(scenario, scale="1/1000", years=2, parameters=end) for end in ends]
    results = run_all(specs)
    results.require_whole()
    frame = results.frame()
    frame = frame.loc[frame["indicator"] != "programme_cost"]
    low, high = (frame.loc[frame["place"] == n, "value"].to_numpy() for n in (0, 1))
    assert len(low) > 50
    assert np.array_equal(low, high, equal_nan=True)


@pytest.mark.slow
def test_real_surrogate(tmp_path: Path) -> None:
    done = kyodo(
        tmp_path, "sensitivity", "m2", "--points", "128", "--years", "2", "--out", "r", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert content["method"]["name"] == "surrogate"
    assert 0 < content["explained"] < 1
    total = {
        r["factor"]: r["index"]
        for r in content["rows"]
        if r["order"] == "total" and r["fiscal_year"] == "overall"
    }
    named = {k: v for k, v in total.items() if not k.startswith("(")}
    assert max(named, key=lambda k: named[k]) == "2.3"
    assert total["(not explained)"] == pytest.approx(1 - content["explained"])
    assert {r["method"] for r in content["checks"]} == {"delta", "pawn"}
    assert len(content["parameters"]) > 20
    again = kyodo(
        tmp_path, "sensitivity", "m2", "--points", "160", "--years", "2", "--out", "r", "--json",
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    # more points begin with the fewer ones: scenario and baseline of 128 points and the luck
    assert json.loads(again.stdout)["manifest"]["runs"]["read_from_store"] == 2 * 128 + 2 * 24 * 3
