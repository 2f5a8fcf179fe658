"""Parts of ``kyodo optimise``: surrogate, reading of runs, tables, costs. No model is run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from plan_searches import (
    SETTINGS,
    SPACE,
    YEARS,
    fake_model,
    made_up,
    random_rows,
    small_search,
)

from sim.analyses.optimise import rows as tables
from sim.analyses.optimise.estimate import (
    Found,
    optimise,
    scenario_yaml,
)
from sim.analyses.optimise.own_costs import read_costs
from sim.analyses.optimise.question import OptimiseQuestion
from sim.analyses.optimise.real_runs import goals_of
from sim.analyses.optimise.worth import PlanRun
from sim.analyses.shared.plans import Plan, arrays_of, plan_of, standard_plans
from sim.analyses.shared.regression import (
    DrawFacts,
    Rows,
    dose_columns,
    features,
    fit_surrogate,
    fixed_costs,
)
from sim.analyses.shared.values import outcomes
from sim.base.errors import ContentError, UsageError
from sim.model.indicators import INDICATORS
from sim.scenario.reader import load_scenario


@pytest.fixture(scope="module")
def found() -> Found:
    return small_search()


def test_deliveries_never_count(found: Found) -> None:
    other = optimise(fake_model(1e6), SPACE, SETTINGS)
    assert other.plans == found.plans
    assert np.array_equal(other.worth.objectives, found.worth.objectives)
    assert other.chosen == found.chosen
    goals = goals_of("document")
    assert goals.ids == outcomes()
    assert {INDICATORS[i].kind for i in goals.ids} == {"outcome"}
    assert len(goals.ids) == 12


def test_jobs_come_back_in_their_order() -> None:
    model = fake_model()
    plans = list(standard_plans(YEARS).values())
    jobs = [PlanRun(p, d, w) for p in plans[:3] for d in (3, 0) for w in (True, False)]
    got = model.run(jobs, "jobs")
    one_by_one = [model.run([job], "one").solved[0] for job in jobs]
    assert got.solved.tolist() == one_by_one
    assert len(set(one_by_one)) > 3


def test_links_follow_the_units() -> None:
    goals = goals_of("document")
    links = dict(zip(goals.ids, goals.links, strict=True))
    assert links["M1-KGI-1"] == "logit"
    # a rise and a growth rate may be negative, a count is no share
    assert {links[i] for i in ("M3-KGI-1", "M2-KPIoc-1", "M1-KPIop-1")} == {"identity"}


def test_every_plan_in_every_draw_is_what_row_by_row_gives() -> None:
    rows, random = random_rows(60), np.random.default_rng(2)
    x, costs = features(rows), fixed_costs(rows)
    costs += 300 * (rows.strength @ np.ones((15, YEARS)))
    fit = fit_surrogate(rows, np.arange(60), x @ random.normal(size=(x.shape[1], 2)), costs)
    strength, start = rows.strength[:5], rows.start[:5]
    facts = rows.facts.rows(np.array([7, 9]))
    for trend in (False, True):
        grid = fit.effects(strength, start, facts, trend, YEARS)
        money = fit.costs(strength, start, facts, YEARS)
        for p in range(5):
            for d in range(2):
                one = Rows(
                    strength[p : p + 1], start[p : p + 1], facts.rows(np.array([d])),
                    np.array([trend]), YEARS,
                )  # fmt: skip
                assert grid[p, d] == pytest.approx((features(one) @ fit.weights)[0], rel=1e-9)
                spent = np.maximum(dose_columns(one) @ fit.cost_weights, 0)
                assert money[p, d] == pytest.approx(fixed_costs(one)[0] + spent, rel=1e-9)


def test_fixed_costs_begin_with_the_start() -> None:
    plan = Plan((1.0, *[0.0] * 9, 0.5, *[0.0] * 4), (2, 1, 4))
    strength, start = arrays_of([plan])
    facts = DrawFacts(np.ones((1, 15)), np.zeros((1, 15)), np.arange(15.0)[None, :] + 1)
    rows = Rows(strength, start, facts, np.array([False]), YEARS)
    assert fixed_costs(rows).tolist() == [[0.0, 1.0, 1.0, 1.0 + 5.5]]


def test_the_error_is_that_of_draws_not_seen() -> None:
    rows, random = random_rows(200), np.random.default_rng(3)
    draw = np.repeat(np.arange(20), 10)
    rows = replace(rows, facts=rows.facts.rows(draw))
    luck = random.normal(size=20)[draw][:, None]
    fit = fit_surrogate(rows, draw, luck, fixed_costs(rows))
    # luck of a draw cannot be learnt from other draws
    assert fit.explained[0] < 0.1
    assert fit.cost_error == pytest.approx(0.0, abs=1e-9)


def test_plans_are_scenarios_and_back(tmp_path: Path, found: Found) -> None:
    staged = standard_plans(10)["staged"]
    assert staged == plan_of(load_scenario("staged"), 10)
    assert (staged.order, staged.starts) == ("1 > 2 > 3", (1, 3, 5))
    file = tmp_path / "plan.yaml"
    position = found.chosen["robust"]
    file.write_text(scenario_yaml(found, position, "robust"), encoding="utf-8")
    again = load_scenario(file, YEARS)
    assert plan_of(again, YEARS) == found.plans[position]
    assert again.to_dict(labels=False) == found.plans[position].scenario().to_dict(labels=False)
    # a measure that would start after the horizon is not part of a plan
    assert standard_plans(2)["staged"] == standard_plans(2)["m1"]


def test_cost_per_solved_project_needs_a_clear_gain_and_fifty_draws() -> None:
    random = np.random.default_rng(0)
    solved = np.stack([100 + random.random(60), random.normal(20, 100, 60), 50 + random.random(60)])
    found = made_up(solved, (1e8, 1e8, 0.6e8), 60)
    price = tables.prices(found)
    assert price[0] == pytest.approx(4e8 / solved[0].mean())
    assert price[1] is None
    assert [row["plan"] for row in tables.ranking_rows(found)] == ["m1", "m3"]
    first = tables.ranking_rows(found)[0]
    assert first["flips_at"] == pytest.approx(0.6 * solved[0].mean() / solved[2].mean())
    few = made_up(solved[:, :49], (1e8, 1e8, 1e8), 49)
    assert tables.prices(few) == [None] * 4
    assert {row["interval_kind"] for row in tables.plan_rows(few)} == {"range"}
    assert tables.plan_rows(few)[1]["solved_extra_low"] == solved[1, :49].min()


def test_a_plan_over_the_budget_is_not_offered() -> None:
    solved = np.stack([np.full(5, 9.0), np.full(5, 99.0), np.full(5, 5.0)])
    found = made_up(solved, (9e8, 1.1e9, 1e8), 5)
    assert [found.names[n] for n in found.offered] == ["m1", "m3", "baseline"]
    assert found.chosen == {"robust": 0, "expected": 0}
    assert tables.plan_rows(found)[1]["probability_over_budget"] == 1.0
    assert tables.plan_rows(found)[1]["regret_solved_worst"] is None


def test_what_a_plan_cannot_reach_is_marked(found: Found) -> None:
    rows = tables.chance_rows(found, goals_of("document"))
    marked = {(r["plan"], r["indicator"]) for r in rows if not r["reachable"]}
    assert ("m1", "M3-KPIoc-2") in marked
    assert {i for _, i in marked} == {"M3-KPIoc-2"}
    assert ("all_measures", "M3-KPIoc-2") not in marked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"2.9": {unit_cost: 3}', r"unknown key '2\.9'"),
        ('"2.3": {unit: 3}', "unknown key 'unit'"),
        ('"2.3": {unit_cost: many}', "'many' is not a number"),
    ],
)
def test_a_wrong_file_of_costs_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "costs.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=said):
        read_costs(file)


def test_a_file_of_costs_becomes_parameters(tmp_path: Path) -> None:
    file = tmp_path / "costs.yaml"
    file.write_text('"2.3": {unit_cost: 450000, fixed_cost: 6e7}\n', encoding="utf-8")
    own = {"initiative.2.3.unit_cost": 450000.0, "initiative.2.3.fixed_cost": 6e7}
    assert read_costs(file) == own
    question = OptimiseQuestion(costs=str(file), set={"initiative.2.4.unit_cost": 1e5})
    assert question.set == {**own, "initiative.2.4.unit_cost": 1e5}
    assert "costs" not in question.asks()
    with pytest.raises(UsageError, match=r"initiative\.2\.3\.unit_cost is set twice"):
        OptimiseQuestion(costs=str(file), set={"initiative.2.3.unit_cost": 1.0})
