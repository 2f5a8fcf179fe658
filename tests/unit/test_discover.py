"""Scenario discovery on made-up runs: goals, assumptions, sentences in two languages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from experiment_runs import Runner

from sim.analyses.analysis import analysis
from sim.analyses.discover.assumptions import assumptions_of
from sim.analyses.discover.estimate import COUNT, Discovery, discover, goals_of
from sim.analyses.discover.rules import RULES, Box, Rules, rules_of
from sim.analyses.discover.sentences import goals_in, limit_text, sentences_of, significant
from sim.analyses.discover.tables import SCHEMA, content, tables
from sim.analyses.tables import Tables, check_tables
from sim.analyses.words import Words
from sim.base.errors import UsageError
from sim.figures.evidence import load_profile
from sim.figures.parameters import load_parameters
from sim.model.measures.base import discount_factor
from sim.pages.labels import Labels
from sim.pages.word_files import texts
from sim.pages.words import NAMES, parameter_name
from sim.runs.spec import RunSpec
from sim.scenario.reader import load_scenario


def world(spec: RunSpec, p: Mapping[str, float]) -> Mapping[str, float]:
    """M1-KGI-1 hangs on the discount of 2.3 in the scenario; survival is always missed and
    continuation never; residents' satisfaction is luck; the other targets have no value."""
    d = discount_factor(p, "2.3", "discounted") if "2.3" in spec.scenario.initiatives else 0.0
    luck = float(np.sin(12.9898 * ((spec.draw or 0) + 1)) * 43758.5453 % 1.0)
    return {
        "M1-KGI-1": 0.70 + 0.25 * d,
        "M2-KGI-1": 0.80 + 0.01 * luck,
        "M1-KPIoc-1": 0.95 + 0.01 * luck,
        "M3-KGI-2": 0.75 + 0.2 * luck,
    }


def rules() -> Rules:
    return rules_of({id: load_parameters("document")[id].value for id in RULES})


@cache
def found() -> Discovery:
    runner = Runner(world)
    return discover(
        load_scenario("m2"), load_scenario("baseline"), goals_of({}, load_profile("document")),
        150, runner.spec, runner.run, load_parameters("document"), "discounted", rules(),
    )  # fmt: skip


def answer(id: str) -> object:
    return next(a for a in found().answers if a.goal.indicator == id)


def test_what_a_target_hangs_on_is_found() -> None:
    goal = answer("M1-KGI-1")
    assert goal.finding.outcome == "found"
    assert goal.baseline_missed == 150
    limits = {limit.name: limit for box in goal.finding.boxes for limit in box.limits}
    assert set(limits) == {"initiative.2.3.discount_factor"}
    # the target of 80 % is reached from d = .4 on
    limit = limits["initiative.2.3.discount_factor"]
    assert (limit.low or limit.high) == pytest.approx(0.4, abs=0.08)


def test_always_never_luck_and_no_value_are_told_apart() -> None:
    assert answer("M2-KGI-1").finding.outcome == "always"
    assert answer("M2-KGI-1").nearest == pytest.approx(0.81, abs=0.001)
    assert answer("M1-KPIoc-1").finding.outcome == "never"
    assert answer("M1-KPIoc-1").nearest == pytest.approx(0.95, abs=0.001)
    assert answer("M3-KGI-2").finding.outcome == "nothing"
    assert answer("M3-KPIoc-1").finding.missed == 150
    assert answer("M3-KPIoc-1").nearest is None
    assert answer(COUNT).goal.value in (2.0, 3.0)


def test_assumptions_that_cannot_matter_are_left_out() -> None:
    names = found().assumptions.names
    assert not any(n.endswith(("unit_cost", "fixed_cost", "works", "own_log")) for n in names)
    assert not any(n.startswith(("initiative.1", "initiative.3")) for n in names)
    assert not any(n.endswith("decay_half_life") for n in names)  # nothing stops
    assert {"discount.common_log", "initiative.2.1.step", "collaboration.success_base"} <= set(
        names
    )
    table = load_parameters("document")
    drawn = {id: np.array([v, v]) for id, v in table.resolve({}).items()}
    drawn["collaboration.joint_share"] = np.array([0.04, 0.05])
    only = assumptions_of(load_scenario("baseline"), table, drawn, "discounted", 10)
    assert only.names == ("collaboration.joint_share",)


def test_what_the_horizon_or_the_scenario_rules_out_is_no_assumption() -> None:
    table = load_parameters("document")
    values = [table.resolve({}, draw, 0) for draw in range(3)]
    drawn = {id: np.array([v[id] for v in values]) for id in values[0]}
    scenario = load_scenario("m2")
    first = scenario.initiatives["2.1"]
    initiatives = {
        "2.1": replace(first, ramp_months=6),
        "2.3": replace(scenario.initiatives["2.3"], start=24),
    }
    changed = replace(scenario, initiatives=initiatives)
    short, long = (assumptions_of(changed, table, drawn, "discounted", y).names for y in (2, 3))
    assert not any(n.startswith("initiative.2.3") for n in short)
    assert "initiative.2.3.discount_factor" in long
    assert "initiative.2.1.step" in short
    assert "initiative.2.1.ramp_months" not in long
    assert "initiative.2.3.ramp_months" in long


@cache
def made() -> Tables:
    return tables(found())


def words(lang: str) -> Words:
    return Words("discover", lang, {"m2": {"en": "Measure 2", "ja": "支援策②"}})


def test_the_table_is_the_declared_one() -> None:
    check_tables(made(), SCHEMA)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_sentences_are_plain_and_hold_the_counts(lang: str) -> None:
    goal = answer("M1-KGI-1")
    (told,) = [g for g in goals_in(made(), words(lang)) if g.indicator == "M1-KGI-1"]
    text = "\n".join(sentences_of(told, words(lang)))
    box = goal.finding.boxes[0]
    assert str(goal.finding.missed) in text
    assert str(box.cases) in text
    assert words(lang).labels.chance(box.coverage) in text
    assert words(lang).labels.chance(box.of_cases / box.of_draws) in text
    name = parameter_name("initiative.2.3.discount_factor", Labels(lang))
    assert name in text
    assert ("コーディネーター" if lang == "ja" else "coordinators") in name
    pages = analysis("discover").pages(made(), words(lang))
    whole = "\n".join(s for p in pages for s in (p.title, p.message, *(f.text for f in p.findings)))
    assert "nan" not in whole
    assert "{" not in whole
    assert ("常に未達成" if lang == "ja" else "Always missed") in whole


def test_pages_say_the_same_in_both_languages() -> None:
    ja, en = (analysis("discover").pages(made(), words(lang)) for lang in ("ja", "en"))
    for a, b in zip(ja, en, strict=True):
        assert a.id == b.id
        assert [f.id for f in a.findings] == [f.id for f in b.findings]
        assert [c.id for c in a.charts] == [c.id for c in b.charts]
        assert len(a.notes) == len(b.notes)


def test_a_limit_on_both_sides_and_digits() -> None:
    row = {
        "assumption": "initiative.2.1.ramp_months", "low": 3.21, "high": 17.04, "unit": "months"
    }  # fmt: skip
    assert "between 3.2 months and 17 months" in limit_text(row, words("en"))
    assert [significant(x) for x in (0.01234, 1234.0, 5.0)] == ["0.012", "1,200", "5"]


def test_density_and_coverage() -> None:
    box = Box((), draws=20, cases=15, of_draws=100, of_cases=25, p=0.001)
    assert (box.density, box.coverage) == (0.75, 0.6)


def test_goals_of_the_user() -> None:
    profile = load_profile("document")
    (goal,) = goals_of({"M1-KPIop-1": 2000.0}, profile)
    assert (goal.value, goal.direction, goal.own) == (2000.0, 1, True)
    (fewer,) = goals_of({"programme_cost": 1e9}, profile)
    assert fewer.margin(np.array([2e9, 1e9, 0.5e9])).tolist() == [-1e9, 0.0, 5e8]
    with pytest.raises(UsageError, match="M1-KPIop-1"):
        goals_of({"M1-KPIop1": 1.0}, profile)
    with pytest.raises(UsageError, match="no goal"):
        goals_of({"project_budget": 1.0}, profile)


def test_too_few_draws_are_refused() -> None:
    runner = Runner(world)
    goals = goals_of({}, load_profile("document"))
    with pytest.raises(UsageError, match="at least 24"):
        discover(
            load_scenario("m2"), load_scenario("baseline"), goals, 23, runner.spec, runner.run,
            load_parameters("document"), "discounted", rules(),
        )  # fmt: skip
    assert runner.studies == []


def test_json_and_table() -> None:
    said = json.loads(json.dumps(content(made()), allow_nan=False))
    rows = [r for r in said["rows"] if r["indicator"] == "M1-KGI-1"]
    assert rows[0]["assumption"] == "initiative.2.3.discount_factor"
    assert rows[0]["density"] > 0.8
    assert [s["indicator"] for s in said["sentences"]["ja"]] == [
        s["indicator"] for s in said["sentences"]["en"]
    ]
    assert len(made()["discover"]) == len(said["rows"])


def test_every_uncertain_parameter_has_a_name_in_both_languages() -> None:
    table = load_parameters("document")
    drawn = [p.id for p in table.values() if p.kind in ("uncertain", "calibrated")]
    for lang in ("en", "ja"):
        assert [id for id in drawn if parameter_name(id, Labels(lang)) == id] == []
    last = {id.rsplit(".", 1)[1] for id in table if id.startswith("initiative.")}
    unknown = set(texts(NAMES)) - set(table) - last - {"discount_factor"}
    assert unknown == set()
