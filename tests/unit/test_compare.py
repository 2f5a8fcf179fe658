"""The comparison: pairing, intervals, chances, what it refuses. All data are made up."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from synthetic_results import INDICATORS, PROFILE, FakeEvidence, FakeIndicator, FakeProfile, study

from sim.analyses.compare.design import build_design
from sim.analyses.compare.question import CompareQuestion
from sim.analyses.shared.comparison import (
    EXTRA_COLUMNS,
    ROW_COLUMNS,
    comparison_rows,
)
from sim.analyses.shared.intervals import clopper_pearson, effective_runs, quantiles
from sim.analyses.shared.reached import impact_chances, key_years, target_value, targets_reached
from sim.analyses.study import Study
from sim.base.errors import KyodoError, UsageError
from sim.base.rows import rows_as_json
from sim.runs.runner import RESULT_COLUMNS
from sim.scenario.types import Scenario

SHARE = FakeIndicator("share", "Share", "率", "outcome", "share", "goal", "now")
COUNT = FakeIndicator("count", "Count", "数", "delivery", "count per year", "many")
FREE = FakeIndicator("free", "Free", "自由", "auxiliary", "share", None)
THREE = {i.id: i for i in (SHARE, COUNT, FREE)}
GOALS = FakeProfile(
    goal=FakeEvidence("goal", 0.8, "share"),
    now=FakeEvidence("now", 0.6, "share"),
    many=FakeEvidence("many", 100.0, "count per year"),
)


def frame(values: dict[str, np.ndarray], indicator: str = "share", ward: str = "all",
          year: int = 2024) -> pd.DataFrame:  # fmt: skip
    """Tidy results of one indicator and year: scenario -> values [draws, replicates]."""
    rows = []
    for scenario, table in values.items():
        for (draw, replicate), value in np.ndenumerate(np.asarray(table, dtype=float)):
            status = "not_available" if np.isnan(value) else "ok"
            rows.append((scenario, draw, replicate, year, "", ward, indicator, value, status))
    return pd.DataFrame(rows, columns=list(RESULT_COLUMNS))


def one(rows: pd.DataFrame, scenario: str) -> pd.Series:
    return rows.loc[rows["scenario"] == scenario].iloc[0]


def test_rows_have_the_contracts_columns_in_order() -> None:
    rows = comparison_rows(study(("baseline", "m1"), 3, 1, 2), INDICATORS, PROFILE)
    assert tuple(rows.columns) == (*ROW_COLUMNS, *EXTRA_COLUMNS)
    assert ROW_COLUMNS[:8] == (
        "scenario", "indicator", "fiscal_year", "unit", "median", "p05", "p95", "effect_median",
    )  # fmt: skip
    assert not rows.duplicated(["scenario", "indicator", "fiscal_year"]).any()
    assert len(rows) == 2 * len(INDICATORS) * 2


def test_effect_pairs_same_draw_and_same_replicate() -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(0.5, 0.2, (60, 3))
    gain = rng.normal(0.05, 0.01, (60, 3))
    rows = comparison_rows(frame({"baseline": base, "m1": base + gain}), THREE, GOALS)
    row = one(rows, "m1")
    wanted = np.quantile(gain.ravel(), [0.05, 0.5, 0.95], method="median_unbiased")
    got = row[["effect_p05", "effect_median", "effect_p95"]].to_numpy(float)
    assert got == pytest.approx(wanted, abs=1e-12)
    # Had replicates been mixed up, the spread would be that of the luck, twenty times as wide.
    assert got[2] - got[0] < 0.1 * (row["p95"] - row["p05"])
    assert row["variance_ratio"] < 0.01


def test_pairing_does_not_depend_on_the_order_of_results() -> None:
    results = study(("baseline", "m1", "m2"), 6, 2, 3)
    mixed = results.sample(frac=1, random_state=3)
    order = ["baseline", "m1", "m2"]
    pd.testing.assert_frame_equal(
        comparison_rows(results, INDICATORS, PROFILE, scenarios=order),
        comparison_rows(mixed, INDICATORS, PROFILE, scenarios=order),
    )


def test_a_missing_partner_is_an_error_that_names_the_run() -> None:
    results = frame({"baseline": np.ones((2, 2)), "m1": np.ones((2, 2))})
    gone = (results["scenario"] == "baseline") & (results["draw"] == 1)
    gone &= results["replicate"] == 1
    with pytest.raises(KyodoError, match=r"scenario m1 .* draw 1, replicate 1 has no partner"):
        comparison_rows(results.loc[~gone], THREE, GOALS)


def test_bad_results_are_refused() -> None:
    results = frame({"baseline": np.ones((2, 2)), "m1": np.ones((2, 2))})
    twice = pd.concat([results, results.iloc[[5]]])
    with pytest.raises(KyodoError, match="row twice: scenario m1, draw 0, replicate 1"):
        comparison_rows(twice, THREE, GOALS)
    infinite = results.assign(value=[np.inf, *results["value"].iloc[1:]])
    with pytest.raises(KyodoError, match="infinite value: scenario baseline, draw 0"):
        comparison_rows(infinite, THREE, GOALS)
    two_years = pd.concat([results, frame({"baseline": np.ones((2, 2))}, year=2025).iloc[:3]])
    with pytest.raises(KyodoError, match="baseline, draw 1, replicate 1 has 1 of 2 rows"):
        comparison_rows(two_years, THREE, GOALS)
    with pytest.raises(UsageError, match=r"'m2'.*did you mean 'm1'"):
        comparison_rows(results, THREE, GOALS, scenarios=["baseline", "m2"])
    with pytest.raises(UsageError, match="no results of scenario 'baseline'"):
        comparison_rows(results.loc[results["scenario"] == "m1"], THREE, GOALS)


@pytest.mark.parametrize(("draws", "kind"), [(49, "range"), (50, "p05_p95")])
def test_no_90_percent_interval_under_50_draws(draws: int, kind: str) -> None:
    base = np.random.default_rng(2).normal(0.5, 0.1, (draws, 2))
    row = one(comparison_rows(frame({"baseline": base, "m1": base**2}), THREE, GOALS), "m1")
    assert row["interval_kind"] == kind
    few = kind == "range"
    for name in ("p05", "p95", "effect_p05", "effect_p95"):
        assert np.isnan(row[name]) == few
    low, high = (base**2).min(), (base**2).max()
    if not few:
        low, high = np.quantile(base**2, [0.05, 0.95], method="median_unbiased")
        assert (row["p05"], row["p95"]) == pytest.approx((low, high))
    assert (row["low"], row["high"]) == pytest.approx((low, high))
    assert row["draws"] == draws
    assert row["replicates"] == 2
    assert row["runs"] == 2 * draws


def test_chance_counts_runs_at_or_beyond_the_target() -> None:
    base = np.array([[0.7, 0.8], [0.79999, 0.9]])
    rows = comparison_rows(frame({"baseline": base, "m1": base + 0.01}), THREE, GOALS)
    assert one(rows, "baseline")["probability_target"] == 0.5
    assert one(rows, "m1")["probability_target"] == 0.75
    assert one(rows, "m1")["probability_target_baseline"] == 0.5
    assert one(rows, "m1")["target"] == 0.8
    assert one(rows, "m1")["current"] == 0.6
    # Reaching 0.8 must not hang on the last bit.
    exact = comparison_rows(frame({"baseline": [[0.1 + 0.7]]}), THREE, GOALS)
    assert 0.1 + 0.7 < 0.8
    assert one(exact, "baseline")["probability_target"] == 1.0
    falling = {"share": replace(SHARE, direction=-1)}
    down = comparison_rows(frame({"baseline": base}), falling, GOALS)
    assert one(down, "baseline")["probability_target"] == 0.75


def test_baseline_has_no_effect_and_no_target_means_no_chance() -> None:
    rows = comparison_rows(
        frame({"baseline": np.ones((3, 1)), "m1": np.ones((3, 1))}, "free"), THREE, GOALS
    )
    effects = ["effect_median", "effect_p05", "effect_p95", "effect_low", "variance_ratio"]
    assert one(rows, "baseline")[effects].isna().all()
    assert one(rows, "m1")["effect_median"] == 0
    assert rows[["target", "probability_target", "probability_mc_error"]].isna().all(axis=None)


def test_without_a_baseline_there_are_levels_only() -> None:
    results = frame({"m1": np.full((2, 1), 0.9)})
    row = one(comparison_rows(results, THREE, GOALS, baseline=None), "m1")
    assert row["median"] == 0.9
    assert row["probability_target"] == 1
    assert np.isnan(row["effect_median"])
    assert np.isnan(row["probability_target_baseline"])


def test_not_available_is_said_and_never_nan_in_json() -> None:
    base = np.full((10, 1), 0.5)
    some, most = base.copy(), base.copy()
    some[0], most[:2] = np.nan, np.nan
    rows = comparison_rows(frame({"baseline": base, "m1": some, "m2": most}), THREE, GOALS)
    assert one(rows, "m1")["status"] == "ok"
    assert one(rows, "m1")["runs_available"] == 9
    assert one(rows, "m1")["effect_median"] == 0
    assert one(rows, "m2")["status"] == "not_available"
    content = rows_as_json(rows)
    text = json.dumps(content, allow_nan=False)
    assert json.loads(text) == content
    assert [row["scenario"] for row in content] == ["baseline", "m1", "m2"]
    bad = content[2]
    assert (bad["median"], bad["effect_median"], bad["probability_target"]) == (None, None, None)
    assert bad["target"] == 0.8
    assert content[0]["effect_median"] is None
    assert content[0]["provisional"] is True
    assert isinstance(content[0]["fiscal_year"], int)


def test_variance_ratio_tells_luck_shared_from_luck_apart() -> None:
    rng = np.random.default_rng(4)
    base = rng.normal(0, 1, (400, 1))
    apart = rng.normal(0, 1, (400, 1))
    rows = comparison_rows(frame({"baseline": base, "m1": base + 1, "m2": apart}), THREE, GOALS)
    assert one(rows, "m1")["variance_ratio"] == pytest.approx(0, abs=1e-12)
    assert one(rows, "m2")["variance_ratio"] == pytest.approx(1, abs=0.2)


def test_wards_have_no_targets_and_no_current_values() -> None:
    values = {"baseline": np.full((2, 1), 200.0)}
    results = pd.concat([
        frame(values, name, ward) for name in ("share", "count") for ward in ("all", "13101")
    ])  # fmt: skip
    rows = comparison_rows(results, THREE, GOALS)
    assert list(rows.columns)[len(ROW_COLUMNS)] == "ward"
    got = rows.set_index(["indicator", "ward"])["target"]
    assert got["share", "all"] == 0.8
    assert got["count", "all"] == 100
    assert (
        rows.loc[rows["ward"] == "13101", ["current", "probability_target"]].isna().all(axis=None)
    )
    assert np.isnan(got["share", "13101"])
    assert np.isnan(got["count", "13101"])


def test_unreachable_targets_are_marked() -> None:
    results = frame({"baseline": np.ones((2, 1)), "m1": np.ones((2, 1))})
    rows = comparison_rows(results, THREE, GOALS, unreachable={("m1", "share")})
    assert one(rows, "baseline")["reachable"]
    assert not one(rows, "m1")["reachable"]
    rows = comparison_rows(results, {"share": replace(SHARE, reachable=False)}, GOALS)
    assert not rows["reachable"].any()


def test_targets_come_from_the_profile() -> None:
    assert target_value(INDICATORS["M3-KGI-1"], PROFILE) == 0.3
    assert target_value(FREE, GOALS) is None
    other = FakeProfile(GOALS, goal=FakeEvidence("goal", 0.5, "share"))
    rows = comparison_rows(frame({"baseline": [[0.6]]}), THREE, other)
    assert one(rows, "baseline")["target"] == 0.5
    assert one(rows, "baseline")["probability_target"] == 1


def test_readings_of_social_impact_stand_side_by_side() -> None:
    indicators = {**INDICATORS, "impact_product": replace(FREE, id="impact_product")}
    results = pd.concat([
        frame({"m1": [[0.29], [0.3], [0.4]]}, "M3-KGI-1"),
        frame({"m1": [[0.1], [np.nan], [0.3]]}, "impact_product"),
        frame({"m1": [[0.9], [0.9], [0.9]]}, "share"),
    ])  # fmt: skip
    got = impact_chances(results, indicators, PROFILE, 2024)
    assert list(got["indicator"]) == ["M3-KGI-1", "impact_product"]
    assert list(got["chance"]) == pytest.approx([2 / 3, 1 / 3])
    assert list(got["median"]) == pytest.approx([0.3, 0.2])
    assert impact_chances(results, THREE, GOALS, 2024).empty


def test_targets_reached_are_counted_per_run_and_class() -> None:
    results = pd.concat([
        frame({"baseline": [[0.9], [0.1], [0.85]]}, "share"),
        frame({"baseline": [[100.0], [99.0], [np.nan]]}, "count"),
        frame({"baseline": [[1.0], [1.0], [1.0]]}, "free"),
    ])  # fmt: skip
    got = targets_reached(results, THREE, GOALS, 2024).set_index("kind")
    assert list(got.index) == ["outcome", "delivery"]
    assert list(got["targets"]) == [1, 1]
    assert list(got["mean"]) == pytest.approx([2 / 3, 1 / 3])
    assert list(got["median"]) == [1, 0]
    assert list(got["low"]) == [0, 0]
    assert list(got["high"]) == [1, 1]


def test_key_years_are_3_5_10_within_the_horizon_and_the_horizon() -> None:
    assert key_years(range(2024, 2034)) == {3: 2026, 5: 2028, 10: 2033}
    assert key_years(range(2024, 2031)) == {3: 2026, 5: 2028, 7: 2030}
    assert key_years([2024]) == {1: 2024}


def test_clopper_pearson_agrees_with_published_values() -> None:
    # Exact 95 % limits for 0, 5 and 10 of 10 (e.g. Newcombe 1998, and any statistical table).
    low, high = clopper_pearson(np.array([0.0, 0.5, 1.0]), np.full(3, 10.0))
    assert low == pytest.approx([0, 0.1871, 0.6915], abs=1e-4)
    assert high == pytest.approx([0.3085, 0.8129, 1], abs=1e-4)


def test_replicates_of_one_draw_count_less_than_draws() -> None:
    draw = np.repeat(np.arange(50), 4)
    same = np.repeat(np.arange(50) % 2 == 0, 4)
    assert effective_runs(same, draw) == pytest.approx(50)
    apart = np.random.default_rng(5).random(200) < 0.5
    assert 150 < effective_runs(apart, draw) <= 200
    assert effective_runs(np.ones(200, bool), draw) == 50
    assert effective_runs(apart, np.arange(200)) == 200


def test_quantiles_leave_out_what_is_not_available() -> None:
    values = np.vstack([np.arange(20.0), np.arange(20.0)])
    values[1, 0] = np.nan
    got = quantiles(values, [0.5])
    assert got[0] == pytest.approx([9.5, 10.0])
    values[1, :5] = np.nan
    assert np.isnan(quantiles(values, [0.5])[0, 1])


def test_nothing_given_is_left_out_of_a_comparison() -> None:
    grown = Scenario("baseline", parameters={"collaboration.trend": 0.05})
    for given in (["baseline", grown, "m1"], ["baseline", "baseline"], [grown, "m1", grown]):
        with pytest.raises(UsageError, match="two scenarios have the id 'baseline'"):
            build_design(given, draws=1)
    assert build_design([grown, "m1"], draws=1).scenarios[0] is grown
    assert [s.id for s in build_design("m1", draws=1).scenarios] == ["baseline", "m1"]


def test_the_study_stays_the_same_when_draws_are_added() -> None:
    def study_of(**asked: Any) -> Study:
        return Study("compare", CompareQuestion(scenarios=("m1",), scale="1/1000", **asked))

    few, many = study_of(draws=2), study_of(draws=9, replicates=2)
    assert few.hash == many.hash
    assert few.folder != many.folder
    for other in (study_of(draws=2, seed=1), study_of(draws=None), study_of(draws=2, years=9)):
        assert few.hash != other.hash
