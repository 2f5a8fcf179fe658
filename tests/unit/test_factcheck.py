"""The fact check on made-up runs: what hangs on a figure is found, ranked, named and sourced."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd
import pytest
from experiment_runs import Runner

from sim.analyses.analysis import analysis
from sim.analyses.factcheck.estimate import (
    DECIDED_BETWEEN,
    NOT_MOVED,
    FactCheck,
    FactcheckPlan,
    check_facts,
    constants_of,
    decision_scenarios,
)
from sim.analyses.factcheck.facts import assumed_items, claim_items, inputs, present_items
from sim.analyses.factcheck.moved import figures_of, moved_values, moves
from sim.analyses.factcheck.ranking import provenance, source_parts, sweep_values, verify_first
from sim.analyses.factcheck.tables import SCHEMA, content, tables
from sim.analyses.shared.discoveries import discoveries
from sim.analyses.tables import Tables, check_tables
from sim.analyses.words import Words
from sim.base.errors import UsageError
from sim.figures.evidence import load_profile
from sim.figures.parameters import load_parameters
from sim.model.measures import INITIATIVES
from sim.model.measures.base import discount_factor
from sim.pages.page import Page
from sim.runs.spec import RunSpec

VALUE = 1e6


def world(spec: RunSpec, p: Mapping[str, float]) -> Mapping[str, float]:
    """Measure 2 pays if the claims of 2.3 hold; m1 pays by the printed size of 1.1's lead time,
    m3 never pays. Luck is a keyed number of the draw, the same in every scenario."""
    on = set(spec.scenario.initiatives)
    solved = 1000.0 + 50.0 * math.sin(7.0 * (spec.draw or 0))
    if "2.3" in on:
        solved += 600.0 * discount_factor(p, "2.3", "discounted")
    if "1.1" in on:
        solved += 1000.0 * p["initiative.1.1.lead_time_claim"]
    cost = 160e6 * ("2.3" in on) + 290e6 * ("1.1" in on) + 100e6 * ("3.1" in on)
    budget = 1e9 + 1e7 * ("1.1" in on)
    years = spec.years
    return {
        "solved_cumulative": solved,
        "programme_cost": cost / years,
        "project_budget": budget / years,
    }


def plan(**more: object) -> FactcheckPlan:
    given: dict[str, object] = {
        "draws": 60, "replicates": 1, "years": 2, "value": VALUE, "factor": 4.0, "error": 0.1,
        "false_share": 0.1,
    }  # fmt: skip
    return FactcheckPlan(**{**given, **more})


@cache
def checked() -> FactCheck:
    runner = Runner(world)
    table, profile = load_parameters("document"), load_profile("document")
    return check_facts(plan(), runner.spec, runner.run, table, profile, "document")


def told(of: Tables, lang: str) -> dict[str, Page]:
    """The pages of a fact check, by id."""
    names = {id: {"en": f"plan {id}", "ja": f"案{id}"} for id in DECIDED_BETWEEN}
    pages = analysis("factcheck").pages(of, Words("factcheck", lang, names))
    return {page.id: page for page in pages}


def said(pages: Mapping[str, Page]) -> str:
    """All texts of pages."""
    out = []
    for page in pages.values():
        out += [page.title, page.message, *(f.text for f in page.findings), *page.notes]
        for chart in page.charts:
            out += [*map(str, chart.table.columns), chart.interval]
            out += [str(v) for v in chart.table.to_numpy().flat if v is not None and v == v]
    return "\n".join(out)


def test_the_claim_that_the_choice_hangs_on_comes_first() -> None:
    facts = checked().main.query("table == 'facts'")
    first = facts.iloc[0]
    assert (first["kind"], first["item"]) == ("claim", "2.3")
    assert first["evidence"] == "e23_success; e23_active_share"
    assert first["clear"]
    assert first["rank"] == 1
    assert first["line"] == "253; 253"
    # nothing else changes the choice but the judgement that scales the claim, ranked apart
    assert facts["clear"].sum() <= 2
    judged = checked().main.query("table == 'judgement'").set_index("item")
    assert judged.index[0] == "grade 0.4"
    assert judged.drop("grade 0.4")["evppi"].idxmax() == "discount.common_log"
    assert not {"discount.common_log", "grade 0.4"} & set(facts["item"])


def test_worth_is_the_gain_of_choosing_with_the_claim_known() -> None:
    table = load_parameters("document")
    draws = [table.resolve({}, d, 0) for d in range(60)]
    gain = np.array(
        [600.0 * discount_factor(p, "2.3", "discounted") * VALUE - 160e6 for p in draws]
    )
    everything = np.maximum(gain, 0.0).mean() - max(gain.mean(), 0.0)
    choice = checked().choice
    assert choice.evpi == pytest.approx(everything, rel=1e-9)
    first = checked().main.iloc[0]
    assert 0.3 * everything < first["evppi"] <= everything * 1.1


def test_a_printed_size_moves_the_lead_by_what_it_does() -> None:
    sizes = checked().main.query("table == 'sizes'").set_index("item")
    row = sizes.loc["e11_lead_time"]
    best, second = (DECIDED_BETWEEN[n] for n in (checked().choice.best, checked().choice.second))
    # one error up is a tenth of .283: 28.3 more solved projects where 1.1 is switched on
    with_system = [d for d in (best, second) if d.startswith("m1") or d in ("all_measures",)]
    assert len(with_system) == 1
    sign = 1.0 if with_system == [best] else -1.0
    assert row["lead_change"] == pytest.approx(sign * 28.3 * VALUE, rel=1e-6)
    lead = (
        checked().choice.mean[checked().choice.best]
        - checked().choice.mean[checked().choice.second]
    )
    assert row["flip_at"] == pytest.approx(0.1 * lead / (28.3 * VALUE), rel=1e-6)
    assert abs(sizes.loc["e12_donations", "lead_change"]) < 1e-3 * VALUE


def test_ranges_say_where_the_best_scenario_changes() -> None:
    ranges = checked().ranges
    assert ranges[0]["from"] == 0.0
    assert ranges[0]["scenario"] == "baseline"
    assert ranges[-1]["to"] is None
    assert [r["to"] for r in ranges[:-1]] == [r["from"] for r in ranges[1:]]
    at = next(r for r in ranges if r["from"] <= VALUE and (r["to"] is None or r["to"] > VALUE))
    assert at["scenario"] == DECIDED_BETWEEN[checked().choice.best]
    assert sorted(checked().tables) == sweep_values(VALUE, 4.0)


def test_the_project_budget_counts_only_if_asked() -> None:
    runner = Runner(world)
    table, profile = load_parameters("document"), load_profile("document")
    asked = plan(with_budget=True, moved_draws=0, draws=20, permutations=20)
    with_budget = check_facts(asked, runner.spec, runner.run, table, profile, "document")
    rows = {r["scenario"]: r for r in with_budget.decisions}
    plain = {r["scenario"]: r for r in checked().decisions}
    assert rows["m1"]["extra_budget"] == pytest.approx(1e7)
    assert rows["m1"]["net_benefit"] == pytest.approx(plain["m1"]["net_benefit"] - 1e7)
    assert len(runner.studies) == 1
    assert with_budget.moved == ()


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_under_fifty_draws_no_ninety_per_cent_interval_is_given(lang: str) -> None:
    runner = Runner(world)
    table, profile = load_parameters("document"), load_profile("document")
    few = check_facts(
        plan(moved_draws=0, draws=20, permutations=20),
        runner.spec, runner.run, table, profile, "document",
    )  # fmt: skip
    solved = np.array([row["solved_cumulative"] for row in runner.studies[0].rows]).reshape(20, 9)
    place = DECIDED_BETWEEN.index("m2")
    extra = solved[:, place] - solved[:, 0]
    row = few.decisions[place]
    assert row["interval_kind"] == "range"
    assert row["net_benefit_p05"] is row["net_benefit_p95"] is None
    ends = (row["net_benefit_low"], row["net_benefit_high"])
    assert ends == pytest.approx((extra.min() * VALUE - 160e6, extra.max() * VALUE - 160e6))
    assert checked().decisions[place]["interval_kind"] == "p05_p95"
    assert few.main[["low", "high"]].isna().all(axis=None)
    assert set(few.main["interval_kind"]) == {"none"}
    assert set(checked().main["interval_kind"]) == {"bootstrap"}
    for check, shown in ((few, False), (checked(), True)):
        pages = told(tables(check), lang)
        for name in ("facts", "judgement"):
            (bars,) = pages[f"factcheck_{name}"].charts
            assert bars.table["low"].notna().all() == shown
        text = said(pages)
        assert ("90 %]" in text or "90%］" in text) == shown
        assert (("[90 % of draws]" if lang == "en" else "［組の90%］") in text) == shown
        assert (("[smallest, largest" if lang == "en" else "［最小の組") in text) != shown


def test_moved_runs_are_mirrored_and_paired() -> None:
    runner = Runner(world)
    table, profile = load_parameters("document"), load_profile("document")
    found = check_facts(
        plan(draws=20, permutations=20), runner.spec, runner.run, table, profile, "document"
    )
    specs = runner.studies[1].specs
    k = len(found.candidates)
    assert len(specs) == 64 * 2 * k
    plus, minus = specs[0], specs[k]
    assert plus.draw == minus.draw
    for name, value in plus.parameters:
        centre = (value + dict(minus.parameters)[name]) / 2.0
        assert centre == pytest.approx(table[name].value)
        assert value != table[name].value


def test_too_few_draws_and_a_small_design_are_refused_before_a_run() -> None:
    runner = Runner(world)
    table, profile = load_parameters("document"), load_profile("document")
    with pytest.raises(UsageError, match="at least 20"):
        plan(draws=19)
    with pytest.raises(UsageError, match="not above 0"):
        plan(value=0.0)
    with pytest.raises(UsageError, match="figures apart"):
        check_facts(plan(moved_draws=32), runner.spec, runner.run, table, profile, "document")
    assert runner.studies == []


def test_every_used_claim_is_an_item_and_the_others_are_named() -> None:
    table, profile = load_parameters("document"), load_profile("document")
    items, unused = claim_items(INITIATIVES, table, profile)
    claims = {c for i in INITIATIVES.values() for c in i.claims}
    assert {e for item in items for e in item.evidence} | set(unused) == claims
    assert len(unused) == len(set(unused))
    assert set(unused) == {
        "e13_satisfaction", "e14_projects", "e15_cost_effectiveness", "e34_similar_projects",
    }  # fmt: skip
    three = next(item for item in items if item.key == "3.3")
    assert three.parameters[-1] == "initiative.3.3.odds_ratio"


def test_every_drawn_parameter_is_in_one_item_or_cannot_matter() -> None:
    from sim.calibrate.targets import load_targets

    table, profile = load_parameters("document"), load_profile("document")
    claims, _ = claim_items(INITIATIVES, table, profile)
    items = [*claims, *assumed_items(INITIATIVES, table, claims)]
    named = [p for item in items for p in item.parameters]
    assert len(named) == len(set(named))
    drawn = {p.id for p in table.values() if p.kind == "uncertain"}
    assert {p.rsplit(".", 1)[1] for p in drawn - set(named)} == {"decay_half_life"}
    present = present_items(load_targets("document").rows, profile)
    assert {item.key for item in present} >= {"success", "survival", "projects"}
    assert not any(item.key == "npo_income" for item in present)


def test_own_part_of_a_discount_does_nothing_where_the_initiative_does_not_work() -> None:
    table, profile = load_parameters("document"), load_profile("document")
    items, _ = claim_items(INITIATIVES, table, profile)
    item = next(i for i in items if i.key == "2.2")
    works, own = np.array([1.0, 0.0, 1.0]), np.array([0.3, 5.0, -0.7])
    drawn = {"initiative.2.2.works": works, "initiative.2.2.own_log": own}
    x = inputs(item, drawn, {})
    assert x[1].tolist() == [0.0, 0.0]
    assert x[0, 1] - x[2, 1] == pytest.approx(1.0)


def test_figures_that_are_moved() -> None:
    table, profile = load_parameters("document"), load_profile("document")
    figures = {f.key: f for f in figures_of(table, profile, 0.1, NOT_MOVED)}
    assert figures["npo_count"].parameters == (
        "organisation.npo_count", "organisation.npo_count_at_start",
    )  # fmt: skip
    left_out = [p for f in figures.values() for p in f.parameters if p.startswith(NOT_MOVED)]
    assert left_out == []
    more = {f.key for f in figures_of(table, profile, 0.1)} - set(figures)
    assert {"npo_field_health", "intermediary_count", "wards_with_department_count"} <= more
    assert "resident_move_rate" not in figures  # official
    assert figures["e23_success_odds_ratio"].evidence == ("e23_success", "e23_success_control")
    # 92.3 % cannot rise by a tenth: both ways it moves by half of what is left
    low, high = moved_values(table["initiative.2.1.improved"], 0.1)
    assert (low, high) == pytest.approx((0.923 - 0.0385, 0.923 + 0.0385))
    (pair,) = moves((figures["npo_count"],), np.array([[1.0]]))
    assert pair[0]["organisation.npo_count"] == pytest.approx(8950 * 1.1)
    assert pair[1]["organisation.npo_count_at_start"] == pytest.approx(8950 * 0.9)


def test_grades_of_one_value_move_as_one() -> None:
    constants = constants_of(load_parameters("document"))
    assert len(constants["grade 0.4"]) + len(constants["grade 0.3"]) == 15
    assert "discount.cap" in constants


def test_sources_as_the_document_states_them() -> None:
    profile = load_profile("document")
    assert source_parts(profile, "m1_kgi1_solve_rate_current")[1] is False
    title, stated = source_parts(profile, "e21_business_income")
    assert stated
    assert "総務省" in title
    row = provenance(("e23_success",), profile)
    assert "not in the document's list of references" in row["source"]
    assert row["status"] == "unverified"
    assert "C080" in row["checks"]


def test_false_discoveries_are_kept_down() -> None:
    assert discoveries(np.array([0.001, 0.2, 0.03, 0.9]), 0.1).tolist() == [
        True,
        False,
        True,
        False,
    ]
    assert not discoveries(np.array([0.04, 0.5, 0.6, 0.9]), 0.1).any()
    # a larger p below the line carries the smaller ones that miss their own
    assert discoveries(np.array([0.055, 0.06, 0.065]), 0.1).all()
    assert discoveries(np.array([]), 0.1).tolist() == []


def test_discoveries_are_those_of_exact_arithmetic() -> None:
    """p values of permutations are fractions and often lie at their limit, where rounding tells."""
    rng = np.random.default_rng(7)
    at_limit = 0
    for _ in range(400):
        number, share = int(rng.integers(1, 30)), Fraction(int(rng.integers(1, 30)), 100)
        exact = [Fraction(int(k), 200) for k in rng.integers(1, 60, number)]
        limits = [share * place / number for place in range(1, number + 1)]
        passed = [p for p, limit in zip(sorted(exact), limits, strict=True) if p <= limit]
        at_limit += any(p == limit for p, limit in zip(sorted(exact), limits, strict=True))
        wanted = [bool(passed) and p <= max(passed) for p in exact]
        assert discoveries(np.array(exact, dtype=np.float64), float(share)).tolist() == wanted
    assert at_limit > 20


def test_verify_first_names_each_figure_once() -> None:
    rows = [("a; b", True), ("a", True), ("b; c", True), ("d", False)]
    table = pd.DataFrame({"table": "facts", "evidence": [e for e, _ in rows]})
    table["clear"] = [c for _, c in rows]
    assert [r["evidence"] for r in verify_first(table)] == ["a; b", "b; c"]
    assert [r["evidence"] for r in verify_first(table, 1)] == ["a; b"]
    # where nothing stands out, the first row is shown as what it is
    (only,) = verify_first(table.assign(clear=False))
    assert (only["evidence"], only["clear"]) == ("a; b", False)


def test_extra_projects_are_those_beyond_the_baseline_of_the_same_draw() -> None:
    rows = {r["scenario"]: r for r in checked().decisions}
    assert rows["baseline"]["extra_solved"] == rows["baseline"]["net_benefit"] == 0.0
    assert rows["m1"]["extra_solved"] == pytest.approx(283.0)
    assert rows["m1"]["net_benefit"] == pytest.approx(283.0 * VALUE - 290e6)
    # the luck of a draw is common to all scenarios, and cancels
    assert rows["m1"]["net_benefit_p05"] == pytest.approx(rows["m1"]["net_benefit_p95"])


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_pages_say_what_to_verify_and_where_it_stands(lang: str) -> None:
    pages = told(tables(checked()), lang)
    first = pages["first"].message
    for part in ("e23_success", "86.7", "253", "協働コーディネーター活用効果調査", "C080"):
        assert part in first
    assert ("missing from the document" if lang == "en" else "参考文献一覧にない") in first
    assert not pages["first"].detail
    text = said(pages)
    name = "plan " if lang == "en" else "案"
    for part in ("e13_satisfaction", "C090", f"{name}all_measures", f"{name}baseline"):
        assert part in text
    assert "nan" not in text
    assert "None" not in text.split("\n")
    assert "**" not in text


def test_both_languages_say_the_same() -> None:
    ja, en = (told(tables(checked()), lang) for lang in ("ja", "en"))
    assert list(ja) == list(en)
    for id, page in ja.items():
        assert [f.id for f in page.findings] == [f.id for f in en[id].findings]
        assert [c.id for c in page.charts] == [c.id for c in en[id].charts]
        assert len(page.notes) == len(en[id].notes)


def test_json_has_no_nan_and_csv_all_rankings() -> None:
    made = tables(checked())
    check_tables(made, SCHEMA)
    json.dumps(made.facts, allow_nan=False)
    printed = json.loads(json.dumps(content(made), allow_nan=False))
    assert printed["best"] == DECIDED_BETWEEN[checked().choice.best]
    assert printed["verify_first"][0]["item"] == "2.3"
    assert len({row["value_per_project"] for row in printed["rows"]}) == 5
    assert len(printed["rows"]) == len(made["factcheck"]) == 5 * len(checked().main)


def test_trend_changes_the_world_of_every_scenario() -> None:
    plain, growing = (decision_scenarios(10, trend, "document") for trend in (False, True))
    assert [s.id for s in plain] == list(DECIDED_BETWEEN) == [s.id for s in growing]
    assert all(
        s.parameters["collaboration.trend"] == pytest.approx(0.0525, abs=1e-4) for s in growing
    )
    assert not any("collaboration.trend" in s.parameters for s in plain)
