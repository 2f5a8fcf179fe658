"""The factors of a scenario: what is varied, and what a point means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import rankdata

from sim.analyses.sensitivity.indices import space_sample
from sim.analyses.shared.factors import behaviour_of, factors_of
from sim.analyses.shared.names import BEHAVIOUR
from sim.base.errors import UsageError
from sim.base.user_choices import GROUPS
from sim.figures.parameters import load_parameters
from sim.scenario.reader import load_scenario
from sim.scenario.types import InitiativeSetting, Scenario


def test_all_measures_vary_by_initiative_and_costs_only_where_asked() -> None:
    factors = factors_of(load_scenario("all_measures"))
    initiatives = [name for name in factors.names if name[0].isdigit()]
    assert len(initiatives) == 15
    assert {BEHAVIOUR, "discount", "uptake"} < set(factors.names)
    ids = {c.id for c in factors.columns}
    assert not any(id.endswith(("unit_cost", "fixed_cost", "decay_half_life")) for id in ids)
    costs = {c.id for c in factors_of(load_scenario("all_measures"), costs=True).columns} - ids
    assert len(costs) == 30
    assert all(id.endswith(("unit_cost", "fixed_cost")) for id in costs)


def test_initiatives_that_are_off_or_late_are_left_out() -> None:
    on = InitiativeSetting()
    scenario = Scenario(
        "x",
        initiatives={
            "2.3": on,
            "2.4": replace(on, strength=0.0),
            "3.4": replace(on, start=24),
            "1.1": replace(on, stop=12, ramp_months=6),
        },
    )
    names = set(factors_of(scenario, years=2).names)
    assert {"2.3", "1.1"} < names
    assert not {"2.4", "3.4", "1.2"} & names
    assert "3.4" in factors_of(scenario, years=3).names
    ids = {c.id for c in factors_of(scenario, years=2).columns}
    assert "initiative.1.1.decay_half_life" in ids
    assert "initiative.1.1.ramp_months" not in ids
    claimed = {c.id for c in factors_of(scenario, years=2, discount="as_claimed").columns}
    assert ids - claimed == {
        "discount.common_log",
        *(f"initiative.{i}.{n}" for i in ("1.1", "2.3") for n in ("own_log", "works")),
    }
    assert "discount" not in factors_of(Scenario("none")).names


def test_what_the_user_sets_is_in_no_point() -> None:
    fixed = ("collaboration.admin_share", "participation.ask_rate")
    scenario = replace(load_scenario("m2"), parameters={"initiative.2.3.works": 1.0})
    factors = factors_of(scenario, fixed=fixed)
    points = factors.parameters(space_sample(len(factors.columns), 16, 0))
    assert not {*fixed, "initiative.2.3.works"} & set(points[0])
    assert "initiative.2.3.own_log" in points[0]


def test_levels_split_the_same_columns() -> None:
    columns = [{c.id for c in factors_of(load_scenario("m2"), level=x).columns} for x in GROUPS]
    assert columns[0] == columns[1] == columns[2]
    parts = factors_of(load_scenario("m2"), level="part").names
    assert {"2.3 effect", "2.3 delivery"} < set(parts)
    with pytest.raises(UsageError, match="initiative"):
        factors_of(load_scenario("m2"), level="initiatives")


def test_behaviour_has_the_margins_and_correlations_of_the_ensemble() -> None:
    factors = factors_of(load_scenario("m2"))
    table = load_parameters()
    assert table.posterior is not None
    known = table.posterior.values
    n = len(factors.members(BEHAVIOUR))
    assert [c.id for c in factors.columns[:n]] == list(table.posterior.ids)
    drawn = factors.values(space_sample(len(factors.columns), 2048, 0))[:, :n]
    at = [0.05, 0.25, 0.5, 0.75, 0.95]
    gap = np.quantile(drawn, at, axis=0) - np.quantile(known, at, axis=0)
    # a quantile of the 400 rows has a standard error above .06 sd itself
    assert np.abs(gap / known.std(axis=0)).max() < 0.2
    ranks = [np.corrcoef(rankdata(x, axis=0), rowvar=False) for x in (drawn, known)]
    assert np.abs(ranks[0] - ranks[1]).max() < 0.12
    strong = np.abs(ranks[1] - np.eye(n)) > 0.5
    assert strong.any()
    assert np.abs(ranks[0][strong]).min() > 0.4
    assert (drawn >= known.min(axis=0)).all()
    assert (drawn <= known.max(axis=0)).all()


def test_uncertain_columns_are_quantiles_and_one_column_moves_one_parameter() -> None:
    factors = factors_of(load_scenario("m2"))
    table = load_parameters()
    u = np.full((2, len(factors.columns)), 0.3)
    n = len(factors.members(BEHAVIOUR))
    u[1, n] = 0.9
    before, after = factors.parameters(u)
    for column in factors.columns[n:]:
        assert before[column.id] == table[column.id].quantile(0.3)
    assert {id for id in before if before[id] != after[id]} == {factors.columns[n].id}
    assert table.resolve(before)  # all values lie within their bounds


def test_features_are_standardised_and_see_the_step() -> None:
    factors = factors_of(load_scenario("m2"))
    u = space_sample(len(factors.columns), 4096, 0)
    x = factors.features(u)
    assert np.abs(x.mean(axis=0)).max() < 0.02
    assert np.abs(x.std(axis=0) - 1).max() < 0.02
    j = [c.id for c in factors.columns].index("initiative.2.3.works")
    values = factors.values(u)[:, j]
    assert len(np.unique(x[:, j])) == 2
    assert np.array_equal(x[:, j] > 0, values == 1.0)


def test_the_baseline_does_not_read_effects() -> None:
    factors = factors_of(load_scenario("m2"))
    point = factors.parameters(np.full((1, len(factors.columns)), 0.5))[0]
    kept = behaviour_of(point)
    assert not any(id.startswith(("initiative.", "discount.")) for id in kept)
    assert len(kept) < len(point)


def test_rows_say_where_a_factor_comes_from() -> None:
    rows = {row["parameter"]: row for row in factors_of(load_scenario("m2")).rows()}
    row = rows["initiative.2.1.join_share"]
    assert row["evidence"] == ["window_would_join"]
    assert (row["unit"], row["status"], row["kind"]) == ("share", "derived", "uncertain")
    behaviour = rows["participation.ask_rate"]
    assert behaviour["factor"] == BEHAVIOUR
    assert behaviour["p05"] < behaviour["value"] < behaviour["p95"]
