"""Attribution: which runs are planned, and that the tables say what a known game holds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from attribution_game import OWN, YEARS, Game, game, spec

from sim.analyses.attribute.estimate import INTERACTION_COLUMNS, SHARE_COLUMNS, attribute
from sim.analyses.attribute.growth import ARMS, DIFFERENCES, growth_facts, growth_rows
from sim.analyses.attribute.plan import TREND_ARMS, make_plan, plan_runs
from sim.analyses.shared.shapley import prefix_masks
from sim.analyses.shared.trend import TREND, trend_rate
from sim.base.errors import UsageError
from sim.figures.evidence import load_profile
from sim.scenario.bundled import STANDARD
from sim.scenario.reader import load_scenario


def rows(study: Game, level: str, indicator: str, year: int = 2026) -> pd.DataFrame:
    table = study.tables.shares
    keep = (table["level"] == level) & (table["indicator"] == indicator)
    return table.loc[keep & (table["fiscal_year"] == year)].set_index("id")


def contrast(study: Game, kind: str, factors: str, scale: str, indicator: str) -> pd.Series:
    table = study.tables.interactions
    found = table.loc[
        (table["contrast"] == kind) & (table["factors"] == factors) & (table["scale"] == scale)
        & (table["indicator"] == indicator) & (table["fiscal_year"] == 2026)
    ]  # fmt: skip
    assert len(found) == 1
    return found.iloc[0]


# ---- the runs


def test_a_set_is_run_once_per_draw() -> None:
    study = game()
    names = [(s.scenario.id, s.draw, s.replicate, s.identity) for s in study.runs.specs]
    plain = [n for n, s in zip(names, study.runs.specs, strict=True) if TREND not in s.overrides]
    assert len({n[3] for n in names}) == len(names)
    sets = {(frozenset(s.scenario.initiatives), s.draw) for s in study.runs.specs}
    assert len(sets) == len(plain)
    # two orders run through 2 x 12 sets that are no union of measures; the first and the last
    # initiative of an order may meet those of its reverse
    assert len(names) <= 12 * (8 + 24 + 2)


def test_unions_are_the_standard_scenarios() -> None:
    study = game(permutations=0)
    first = [s.scenario for s in study.runs.specs[:8]]
    assert {s.id for s in first} == set(STANDARD)
    for scenario in first:
        assert dict(scenario.initiatives) == dict(load_scenario(scenario.id).initiatives)


def test_all_sets_of_a_draw_share_one_burn_in_but_those_with_growth() -> None:
    study = game()
    one = [s for s in study.runs.specs if s.draw == 3]
    keys = [s.burn_in_key for s in one]
    assert len(set(keys)) == 2
    assert len(set(keys[:-2])) == 1  # neighbours: a worker makes each burn-in once
    assert [s.overrides[TREND] for s in one[-2:]] == [trend_rate("document")] * 2


def test_more_draws_and_permutations_keep_the_earlier_runs() -> None:
    few = {s.identity for s in game(draws=4).runs.specs}
    assert few <= {s.identity for s in game(draws=12).runs.specs}
    assert few <= {s.identity for s in game(draws=4, permutations=6).runs.specs}


def test_replicates_have_orders_of_their_own() -> None:
    orders = game(draws=2, replicates=2).plan.orders
    assert len(set(orders.values())) == 4


def test_a_subset_keeps_the_settings_of_the_scenario() -> None:
    base = load_scenario("staged")
    plan = make_plan(base, draws=1)
    some = plan.scenario(plan.unions[4] | 1)
    assert set(some.initiatives) == {"1.1", "3.1", "3.2", "3.3", "3.4", "3.5"}
    assert some.initiatives["3.2"] == base.initiatives["3.2"]


def test_what_cannot_be_attributed_is_refused() -> None:
    whole = load_scenario("all_measures")
    with pytest.raises(UsageError, match="has no initiative"):
        make_plan(load_scenario("baseline"), draws=1)
    with pytest.raises(UsageError, match="give it another id"):
        make_plan(dataclasses.replace(whole, id="baseline"), draws=1)
    for number in (3, -2):
        with pytest.raises(UsageError, match="even number"):
            make_plan(whole, draws=1, permutations=number)


# ---- contributions


def test_contributions_sum_to_the_total_effect() -> None:
    study = game(permutations=2)
    assert study.tables.largest_gap <= 1e-9
    for indicator in study.indicators:
        for year in YEARS:
            total = rows(study, "total", indicator, year)["mean"].sum()
            for level in ("measure", "initiative"):
                parts = rows(study, level, indicator, year)
                assert parts["mean"].sum() == pytest.approx(total, abs=1e-9)
    shares = rows(study, "initiative", "M1-KGI-1")["share"]
    assert shares.sum() == pytest.approx(1.0, abs=1e-9)


def test_initiatives_sum_to_their_measure() -> None:
    study = game()
    measures = rows(study, "measure", "M1-KGI-1")
    by_measure = rows(study, "initiative", "M1-KGI-1").groupby("measure")["mean"].sum()
    assert by_measure.to_numpy() == pytest.approx(measures["mean"].to_numpy(), abs=1e-12)


def test_contributions_are_those_of_the_game() -> None:
    study = game()
    scale = np.mean([1 + 0.1 * np.sin(d) + 0.02 for d in range(12)]) / 2
    found = rows(study, "initiative", "M1-KGI-1")["mean"]
    # the interaction of 1.1 and 2.1 goes to the two by halves, whatever the order
    own = {k: v + 0.025 * (k in ("1.1", "2.1")) for k, v in OWN.items()}
    exact = np.array([own[k] * scale for k in found.index])
    others = [k not in ("1.1", "2.1") for k in found.index]
    assert found[others].to_numpy() == pytest.approx(exact[others], abs=0.004)
    measure = rows(study, "measure", "M1-KGI-1")["mean"]
    for m in (1, 2, 3):
        whole = sum(v for k, v in own.items() if k.startswith(str(m)))
        assert measure[f"m{m}"] == pytest.approx(whole * scale, abs=1e-12)


def test_the_interval_of_a_sampled_contribution_holds_the_exact_one() -> None:
    study = game(draws=60, permutations=4)
    found = rows(study, "initiative", "M1-KGI-1")
    scale = np.mean([1 + 0.1 * np.sin(d) + 0.02 for d in range(60)]) / 2
    exact = {k: (v + 0.025 * (k in ("1.1", "2.1"))) * scale for k, v in OWN.items()}
    for name in ("1.1", "2.1", "3.3"):
        assert (
            found.loc[name, "mean_low"] - 1e-9 <= exact[name] <= found.loc[name, "mean_high"] + 1e-9
        )
    assert found.loc["1.1", "permutation_error"] > 0
    assert found.loc["3.3", "permutation_error"] == pytest.approx(0.0, abs=1e-12)


def test_a_delivery_belongs_to_its_initiative() -> None:
    found = rows(game(), "initiative", "M2-KPIop-1")
    assert found.loc["2.4", "share"] == pytest.approx(1.0)
    assert found["mean"].drop("2.4").abs().max() == 0.0
    assert set(found["kind"]) == {"delivery"}


def test_the_tables_have_the_columns_that_are_declared() -> None:
    study = game()
    assert tuple(study.tables.shares) == SHARE_COLUMNS
    assert tuple(study.tables.interactions) == INTERACTION_COLUMNS
    levels = study.tables.levels
    assert set(levels["scenario"]) == {"baseline", "all_measures"}


def test_measures_only() -> None:
    study = game(permutations=0)
    assert set(study.tables.shares["level"]) == {"total", "measure"}
    assert len(study.runs.specs) == 12 * 10


def test_a_scenario_of_one_measure_has_no_interactions() -> None:
    study = game("m2", draws=3)
    assert study.plan.measures == (2,)
    assert set(study.tables.interactions["contrast"]) == {"alone", "main", "last"}
    assert rows(study, "measure", "M1-KPIop-1").loc["m2", "share"] == pytest.approx(1.0)


def test_a_missing_value_takes_its_draw_out_of_the_whole_indicator_and_year() -> None:
    study = game(draws=30)
    cube = study.cube.copy()
    runs, plan = study.runs, study.plan
    spoilt = next(m for m in prefix_masks(plan.orders[4, 0][0]) if m not in plan.unions)
    cube[runs.place[4, 0, spoilt], 0, 2] = np.nan
    tables = attribute(plan, runs, cube, list(study.indicators.values()), YEARS)
    found = rows(dataclasses.replace(study, tables=tables), "measure", "M1-KGI-1")
    assert set(found["runs_available"]) == {29}
    parts = rows(dataclasses.replace(study, tables=tables), "initiative", "M1-KGI-1")
    total = rows(dataclasses.replace(study, tables=tables), "total", "M1-KGI-1")
    assert parts["mean"].sum() == pytest.approx(total["mean"].iloc[0], abs=1e-12)
    # the factorial does not need that run, and other years and indicators neither
    whole = tables.interactions.loc[tables.interactions["scale"] == "natural", "runs_available"]
    assert set(whole) == {30}
    cube[[runs.place[d, 0, 0] for d in range(4)], 0, 2] = np.nan
    tables = attribute(plan, runs, cube, list(study.indicators.values()), YEARS)
    lost = rows(dataclasses.replace(study, tables=tables), "measure", "M1-KGI-1")
    assert set(lost["status"]) == {"not_available"}


# ---- interactions


def test_interactions_are_those_of_the_game() -> None:
    study = game()
    scale = np.mean([1 + 0.1 * np.sin(d) + 0.02 for d in range(12)]) / 2
    pair = contrast(study, "pair", "m1 x m2", "natural", "M1-KGI-1")
    assert pair["mean"] == pytest.approx(0.05 * scale)
    # the shares add, so their log-odds do not: above 0 in points, below 0 on the log-odds
    log = contrast(study, "pair", "m1 x m2", "log_odds", "M1-KGI-1")
    assert log["mean_high"] < 0
    assert pair["verdict"] == log["verdict"] == "scale_dependent"
    gap = contrast(study, "gap", "m1 x m2 x m3", "natural", "M1-KGI-1")
    assert gap["mean"] == pytest.approx(0.05 * scale)
    for factors in ("m1 x m3", "m2 x m3"):
        none = contrast(study, "pair", factors, "natural", "M1-KGI-1")
        assert none["mean"] == 0.0


def test_additive_counts_interact_on_the_log_scale_only() -> None:
    study = game()
    log = contrast(study, "gap", "m1 x m2 x m3", "log", "M1-KPIop-1")
    natural = contrast(study, "gap", "m1 x m2 x m3", "natural", "M1-KPIop-1")
    assert natural["mean"] == 0.0
    assert log["mean_high"] < 0
    assert log["verdict"] == natural["verdict"] == "negative_one_scale"


def test_a_delivery_of_one_initiative_does_not_interact() -> None:
    gap = contrast(game(), "gap", "m1 x m2 x m3", "natural", "M2-KPIop-1")
    log = contrast(game(), "gap", "m1 x m2 x m3", "log", "M2-KPIop-1")
    assert gap["verdict"] == "zero"
    assert np.isnan(log["mean"])


# ---- past growth


def growth(study: Game) -> pd.DataFrame:
    declared = list(study.indicators.values())
    profile = load_profile("document")
    return growth_rows(study.plan, study.runs, study.cube, declared, YEARS, profile)


def test_measures_stand_over_both_baselines() -> None:
    table = growth(game())
    last = table.loc[table["fiscal_year"] == 2026].set_index("quantity")
    assert set(table["indicator"]) == {"M1-KPIop-1"}
    assert set(last.index) == {*ARMS, *DIFFERENCES}
    grown = np.exp(3 * trend_rate("document"))
    assert last.loc["measures_over_flat", "mean"] == pytest.approx(150)
    assert last.loc["measures_over_trend", "mean"] == pytest.approx(150 * grown)
    alone = (1850 + 7 * 5.5) * (grown - 1)
    assert last.loc["growth_alone", "mean"] == pytest.approx(alone)
    assert last.loc["measures_less_growth", "mean"] == pytest.approx(150 - alone)
    assert last.loc["baseline_trend", "probability_target"] > 0.4
    assert last.loc["baseline_flat", "probability_target"] == 0.0


def test_the_finding_c084() -> None:
    facts = growth_facts(growth(game()), "document")
    assert facts["finding"] == "C084"
    assert facts["years_by_growth"] == pytest.approx(3.3, abs=0.05)
    assert (facts["current"], facts["target"]) == (1850, 2200)
    assert facts["first_year"]["baseline_flat"] is None
    assert facts["first_year"]["baseline_trend"] == 2026
    assert facts["first_year"]["measures_trend"] == 2025


def test_no_growth_runs_where_the_user_sets_the_trend() -> None:
    study = game(trend=False)
    assert not any(TREND in s.overrides for s in study.runs.specs)
    assert growth(study).empty
    assert growth_facts(growth(study), "document")["first_year"] == {}


def test_the_arms_are_the_scenario_and_the_baseline() -> None:
    study = game()
    for arm, on in zip(TREND_ARMS, (0, 15), strict=True):
        run = study.runs.specs[study.runs.place[2, 0, arm]]
        assert len(run.scenario.initiatives) == on
    again = plan_runs(study.plan, spec, "document")
    assert again.place == study.runs.place
