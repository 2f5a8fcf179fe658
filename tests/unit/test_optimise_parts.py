"""Parts of ``kyodo optimise``: surrogate, reading of runs, tables, texts. No model is run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.analyses.optimise import tables as tables
from sim.analyses.optimise.costs import read_costs
from sim.analyses.optimise.estimate import Found, Promise, SearchSettings, judged, optimise
from sim.analyses.optimise.real_runs import ModelRuns, goals_of
from sim.analyses.optimise.worth import Block, Goals, PlanRun, PlanWorth, worth_of
from sim.analyses.shared.names import COST, SOLVED_TOTAL
from sim.analyses.shared.plans import Plan, Space, arrays_of, empty_plan, plan_of, standard_plans
from sim.analyses.shared.regression import (
    DrawFacts,
    Rows,
    dose_columns,
    features,
    fit_surrogate,
    fixed_costs,
)
from sim.analyses.shared.values import outcomes
from sim.base.errors import ContentError
from sim.model.indicators import INDICATORS
from sim.pages.word_files import texts
from sim.report import optimise as report
from sim.report.optimise_words import WORDS, Case, OptimiseWords
from sim.runs.spec import RunSpec
from sim.scenario.reader import load_scenario
from sim.scenario.types import Scenario

YEARS = 4


class FakeResults:
    """Results of runs by a formula of the spec; deliveries are ``deliveries`` everywhere."""

    def __init__(self, specs: Sequence[RunSpec], deliveries: float) -> None:
        self.specs, self.deliveries = specs, deliveries
        self.read: set[str] = set()

    def require_whole(self, indicators: Sequence[str] = ()) -> None:
        assert set(indicators) == {SOLVED_TOTAL, COST}

    def cube(self, indicators: Sequence[str]) -> np.ndarray:
        out = np.empty((len(self.specs), len(indicators), YEARS))
        for n, spec in enumerate(self.specs):
            on = spec.scenario.initiatives.values()
            dose = sum(s.strength * (1 - s.start / 12 / YEARS) for s in on)
            trend = spec.scenario.parameters.get("collaboration.trend", 0.0)
            for k, id in enumerate(indicators):
                if id == SOLVED_TOTAL:
                    value = 1000 + spec.draw + 2000 * trend + 40 * dose
                elif id == COST:
                    value = 1e8 * sum(s.strength for s in on)
                elif INDICATORS[id].kind == "delivery":
                    value = self.deliveries
                else:
                    value = 0.5 + 0.02 * dose if INDICATORS[id].unit == "share" else 100 * dose
                out[n, k] = value
        return out


def fake_model(deliveries: float = 0.0) -> ModelRuns:
    def spec(scenario: Scenario, draw: int) -> RunSpec:
        return RunSpec(scenario, draw=draw, years=YEARS)

    return ModelRuns(spec, lambda specs, what: FakeResults(specs, deliveries), YEARS, "document")


SETTINGS = SearchSettings(
    budget=6e8, draws=4, search_draws=4, train=64, points=4, rounds=1, shortfall=0.5
)
SPACE = Space("initiative", 2, 0.25)


@pytest.fixture(scope="module")
def found() -> Found:
    return optimise(fake_model(), SPACE, SETTINGS)


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


def random_rows(number: int, seed: int = 1) -> Rows:
    random = np.random.default_rng(seed)
    facts = DrawFacts(
        random.random((number, 15)) * (random.random((number, 15)) < 0.8),
        random.random((number, 15)) * 1e5,
        random.random((number, 15)) * 1e8,
    )
    strength, start = SPACE.arrays(random.random((number, SPACE.dimensions)))
    return Rows(strength, start, facts, random.random(number) < 0.5, YEARS)


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
    file.write_text(report.scenario_yaml(found, position, "robust"), encoding="utf-8")
    again = load_scenario(file, YEARS)
    assert plan_of(again, YEARS) == found.plans[position]
    assert again.to_dict(labels=False) == found.plans[position].scenario().to_dict(labels=False)
    # a measure that would start after the horizon is not part of a plan
    assert standard_plans(2)["staged"] == standard_plans(2)["m1"]


def made_up(solved: np.ndarray, cost: Sequence[float], draws: int) -> Found:
    """A search without candidates: three plans with given extra solved projects and yearly cost."""
    some = list(standard_plans(YEARS).values())[: len(solved)]
    plans = (*some, empty_plan())
    shape = (len(plans), 2, draws)
    goal = Goals(("M1-KGI-1",), ("logit",), np.array([0.8]), np.array([1]))
    yearly = np.broadcast_to(np.array([*cost, 0.0])[:, None, None, None], (*shape, YEARS))
    gains = np.vstack([solved, np.zeros(draws)])
    done = Block(plans, np.full((*shape, 1, 1), 0.5), gains[:, None, :].repeat(2, 1), yearly)
    honest = fit_surrogate(
        random_rows(30), np.arange(30), np.zeros((30, 2)), fixed_costs(random_rows(30))
    )
    promise = Promise(np.zeros((len(plans), 3)), np.zeros(len(plans)))
    model = replace_goals(goal)

    def again(asked: Sequence[Plan]) -> PlanWorth:
        at = [plans.index(p) for p in asked]
        part = Block(tuple(asked), done.series[at], done.solved[at], done.cost[at])
        return worth_of(part, done.part(slice(len(plans) - 1, None)), goal)

    names = ("m1", "m2", "m3", "baseline")
    return judged(done, names, 0, promise, 1e9, model, SETTINGS, honest, 30, again)


def replace_goals(goals: Goals) -> ModelRuns:
    model = fake_model()
    model.goals, model.key_years = goals, (YEARS,)
    return model


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


def case_of(found: Found) -> Case:
    goals = goals_of("document")
    rows = {
        "plans": tables.plan_rows(found),
        "surrogate": tables.surrogate_rows(found),
        "targets": tables.chance_rows(found, goals),
        "ranking": tables.ranking_rows(found),
    }
    return Case(found, rows, SETTINGS, 3.3, YEARS)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_texts_name_every_plan_and_the_choice(found: Found, lang: str) -> None:
    case, words = case_of(found), OptimiseWords(lang)
    said = "\n".join(report.findings(case, words))
    assert found.names[found.chosen["robust"]] in said
    assert "staged" in said
    assert "3.3" in said
    assert found.candidates >= 2
    listed = [line[0] for line in report.surrogate_table(case, words)[1:]]
    assert listed == list(found.names)
    verdicts = {line[1] for line in report.surrogate_table(case, words)[1:]}
    assert words.say("verdict_nothing") in verdicts
    assert words.say("verdict_over_budget") in verdicts
    # what was promised stands beside what came and its error, in all three objectives
    cells = report.surrogate_table(case, words)[1][2:]
    assert [" ± " in c for c in cells] == [True, True, False, True]
    # what came is more than what was promised: every difference has its sign, yen too
    dearer: dict[str, float] = {}
    for key in ("solved_extra", "targets_extra"):
        dearer |= {f"{key}_surrogate": 5.0, f"{key}_real": 7.0, f"{key}_difference": 2.0}
    for key in ("cost_dearest_year", "cost_total"):
        dearer |= {f"{key}_surrogate": 3e8, f"{key}_real": 5e8, f"{key}_difference": 2e8}
    row = {**case.rows["surrogate"][0], **dearer}
    for key in [k for k in row if k.endswith("_error")]:
        row[key] = None
    for turn, sign in ((1, "(+"), (-1, "(-")):
        turned = {k: turn * v if k.endswith("_difference") else v for k, v in row.items()}
        one = replace(case, rows={**case.rows, "surrogate": [turned]})
        cells = report.surrogate_table(one, words)[1][2:]
        assert [c[c.index("(") :][:2] for c in cells] == [sign] * 4


@pytest.mark.parametrize(("lang", "said"), [("en", "**Do nothing**"), ("ja", "**何もしない**")])
def test_without_a_gain_the_text_says_do_nothing(lang: str, said: str) -> None:
    found = made_up(np.zeros((3, 5)), (1e8, 2e8, 3e8), 5)
    assert {v.kind for v in found.verdicts[:-1]} == {"no_gain"}
    names = ("m1", "m2", "staged", "baseline")
    rows = {"plans": tables.plan_rows(replace(found, names=names))}
    text = report.findings(Case(replace(found, names=names), rows, SETTINGS, 3.3, YEARS),
                           OptimiseWords(lang))  # fmt: skip
    assert text[0].startswith(said)
    assert not [line for line in text if "m1" in line]


def test_chances_stand_at_the_key_years_with_the_baselines_own() -> None:
    model = ModelRuns(fake_model().spec, fake_model().run_specs, 10, "document")
    assert model.key_years == (3, 5, 10)

    class Growing(FakeResults):
        def cube(self, indicators: Sequence[str]) -> np.ndarray:
            out = super().cube(indicators)[..., :1] * np.ones(10)
            k = list(indicators).index("M1-KGI-1")
            out[:, k] = np.linspace(0.0, 0.9, 10)
            return out

    model.run_specs = lambda specs, what: Growing(specs, 0.0)
    at = goals_of("document").ids.index("M1-KGI-1")
    got = model.run([PlanRun(empty_plan(), 0, False)], "one")
    assert got.series[0, :, at] == pytest.approx([0.2, 0.4, 0.9])
    assert got.values[0, at] == pytest.approx(0.9)
    found = optimise(model, SPACE, replace(SETTINGS, train=40, points=2))
    rows = tables.chance_rows(found, goals_of("document"))
    own = {r["year"]: r for r in rows if (r["plan"], r["world"], r["indicator"])
           == ("m1", "flat", "M1-KGI-1")}  # fmt: skip
    assert [own[y]["probability_target"] for y in (3, 5, 10)] == [0.0, 0.0, 1.0]
    assert [own[y]["probability_target_baseline"] for y in (3, 5, 10)] == [0.0, 0.0, 1.0]
    assert [own[y]["fiscal_year"] for y in (3, 5, 10)] == [2026, 2028, 2033]
    # four draws without a hit: the exact upper end is 1 - 0.025^(1/4)
    assert own[3]["probability_high_baseline"] == pytest.approx(1 - 0.025**0.25)
    case = Case(found, {"plans": tables.plan_rows(found), "targets": rows}, SETTINGS, 3.3, 10)
    table = report.chances_table(case, OptimiseWords("en"))
    assert [line[2][:2].strip() for line in table[1:4]] == ["3", "5", "10"]
    assert table[1][3].startswith("0 % [0 %–60 %]")


def test_every_word_that_the_code_names_exists() -> None:
    folder = Path(report.__file__).parent
    code = "".join(p.read_text("utf-8") for p in folder.glob("*optimise*.py"))
    named = set(re.findall(r'\.say\(\s*"([a-z_0-9]+)"', code))
    assert len(named) > 30
    assert named <= set(texts(WORDS))


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


def test_a_file_of_costs_becomes_overrides(tmp_path: Path) -> None:
    file = tmp_path / "costs.yaml"
    file.write_text('"2.3": {unit_cost: 450000, fixed_cost: 6e7}\n', encoding="utf-8")
    expected: Any = ["initiative.2.3.unit_cost=450000", "initiative.2.3.fixed_cost=60000000.0"]
    assert read_costs(file) == expected
