"""Pages of ``kyodo optimise``, from tables alone. No model is run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from plan_searches import (
    SETTINGS,
    SPACE,
    YEARS,
    FakeResults,
    fake_model,
    made_up,
    small_search,
)

from sim.analyses.analysis import analysis
from sim.analyses.folder import keep, read_kept
from sim.analyses.optimise import rows as tables
from sim.analyses.optimise.estimate import (
    Found,
    PlansFound,
    optimise,
)
from sim.analyses.optimise.pages import findings, pages
from sim.analyses.optimise.plan_cells import plan_name
from sim.analyses.optimise.question import OptimiseQuestion
from sim.analyses.optimise.real_runs import ModelRuns, goals_of
from sim.analyses.optimise.tables import tables as make_tables
from sim.analyses.optimise.worth import Goals, PlanRun
from sim.analyses.shared.plans import empty_plan
from sim.analyses.study import Study
from sim.analyses.tables import Tables, check_tables, read_tables
from sim.analyses.words import Words
from sim.figures.initiatives import initiative_ids
from sim.pages.page import Page
from sim.pages.word_files import texts
from sim.runs.store import ResultStore


@pytest.fixture(scope="module")
def found() -> Found:
    return small_search()


def told(found: Found, goals: Goals | None = None, years: int = YEARS) -> Tables:
    """The tables of a search, as its pages get them."""
    return make_tables(
        PlansFound(found, goals or goals_of("document"), SETTINGS, 3.3, years, budget_given=True)
    )


def page_of(found: Tables, id: str, lang: str) -> Page:
    return next(p for p in pages(found, Words("optimise", lang)) if p.id == id)


def said_in(page: Page) -> str:
    return "\n".join([page.message, *(f.text for f in page.findings)])


def test_the_tables_are_those_that_are_declared(found: Found) -> None:
    check_tables(told(found), analysis("optimise").schema)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_texts_name_every_plan_and_the_choice(found: Found, lang: str) -> None:
    all_told, words = told(found), Words("optimise", lang)
    text = said_in(page_of(all_told, "findings", lang))
    assert plan_name(found.names[found.chosen["robust"]], words) in text
    assert "staged" in text
    assert "3.3" in text
    assert found.candidates >= 2
    table = page_of(all_told, "surrogate_values", lang).charts[0].table
    assert list(table[words("plan")]) == [plan_name(n, words) for n in found.names]
    verdicts = set(table[words("verdict")])
    assert words("verdict_nothing") in verdicts
    assert words("verdict_over_budget") in verdicts
    # what was promised stands beside what came and its error, in all three objectives
    cells = table.iloc[0, 1:5]
    assert [" ± " in c for c in cells] == [True, True, False, True]


@pytest.mark.parametrize(("lang", "said"), [("en", "Do nothing"), ("ja", "何もしない")])
def test_without_a_gain_the_text_says_do_nothing(lang: str, said: str) -> None:
    found = made_up(np.zeros((3, 5)), (1e8, 2e8, 3e8), 5)
    assert {v.kind for v in found.verdicts[:-1]} == {"no_gain"}
    found = replace(found, names=("m1", "m2", "staged", "baseline"))
    tables = told(found, Goals(("M1-KGI-1",), ("logit",), np.array([0.8]), np.array([1])))
    words = Words("optimise", lang)
    first, *rest = findings(tables, words)
    assert first.text.startswith(said)
    assert [f.id for f in rest] == ["rule", "staged", "growth", "rejected"]
    assert not [f for f in (first, *rest) if words.scenario("m1") in f.text]


def test_the_choice_by_the_mean_stands_beside_the_robust_one(found: Found) -> None:
    offered = [found.names[n] for n in found.offered]
    other = next(n for n in offered if n not in ("baseline", found.names[found.picked["robust"]]))
    tables = told(found)
    facts = {**tables.facts, "choice": {**tables.facts["choice"], "expected": other}}
    said = findings(Tables(tables.frames, facts), Words("optimise", "en"))
    assert {f.id: f.text for f in said}["expected"].startswith(
        f"The largest expected number among the offered plans belongs to"
        f" {plan_name(other, Words('optimise', 'en'))} ("
    )
    assert found.picked["expected"] == found.picked["robust"]
    same = {f.id: f.text for f in findings(tables, Words("optimise", "en"))}
    assert "the two ways to choose agree" in same["expected"]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_folder_is_told_from_its_files_as_it_was_told_at_once(
    found: Found, lang: str, tmp_path: Path
) -> None:
    at_once, store = told(found), ResultStore(tmp_path)
    for name, frame in at_once.items():
        store.write_table(name, frame)
    facts = json.loads(json.dumps(at_once.facts, allow_nan=False))
    again = read_tables(tmp_path, analysis("optimise").schema, facts)
    first, second = (pages(t, Words("optimise", lang)) for t in (at_once, again))
    assert [(p.id, p.title, p.message, p.findings, p.notes) for p in first] == [
        (p.id, p.title, p.message, p.findings, p.notes) for p in second
    ]
    for one, two in zip(first, second, strict=True):
        for a, b in zip(one.charts, two.charts, strict=True):
            assert a.id == b.id
            pd.testing.assert_frame_equal(a.table, b.table, check_dtype=False)


def test_what_an_earlier_answer_left_is_gone(found: Found, tmp_path: Path) -> None:
    folder, less = tmp_path / "r", told(found)
    ranking = pd.DataFrame({
        "rank": [1], "plan": ["m1"], "cost_per_extra_solved": [1e6], "flips_at": [np.nan],
        "next": [np.nan],
    })  # fmt: skip
    study = Study("optimise", OptimiseQuestion(years=YEARS), folder=folder)
    study.open()
    study.keep("robust_plan.yaml", "id: mine\n")
    more = Tables({**less.frames, "ranking": ranking}, less.facts)
    assert {"ranking.csv", "robust_plan.yaml"} <= set(keep(study, more, "en", ["kyodo optimise"]))
    assert list(read_kept(folder).tables) == ["plans", "surrogate", "targets", "ranking"]
    study.keep("robust_plan.yaml", "")
    assert keep(study, less, "en", ["kyodo optimise"]) == [f"{name}.csv" for name in less]
    assert not {"ranking.csv", "robust_plan.yaml"} & {p.name for p in folder.iterdir()}
    assert "ranking" not in read_kept(folder).tables


def test_both_languages_say_as_much(found: Found) -> None:
    one, other = (pages(told(found), Words("optimise", lang)) for lang in ("en", "ja"))
    assert [(p.id, [f.id for f in p.findings], [(c.id, c.kind, c.table.shape) for c in p.charts])
            for p in one] == [
        (p.id, [f.id for f in p.findings], [(c.id, c.kind, c.table.shape) for c in p.charts])
        for p in other
    ]  # fmt: skip
    assert not [
        t
        for pair in texts("sim.analyses.optimise.words").values()
        for t in pair.values()
        if "**" in t
    ]


def test_the_choice_is_shown_in_full(found: Found) -> None:
    page = page_of(told(found), "schedule", "en")
    plan = found.plans[found.chosen["robust"]]
    bars = page.charts[0].table
    on = {i: s for i, s in zip(initiative_ids(), plan.strengths, strict=True) if s > 0}
    assert list(bars["value"]) == list(on.values())
    assert list(bars["start"]) == [2023 + plan.starts[int(i[0]) - 1] for i in on]
    assert set(bars["end"]) == {2024 + YEARS}
    assert [label.split(" ")[0] for label in bars["label"]] == list(on)


def test_every_difference_from_the_promise_has_its_sign(found: Found) -> None:
    tables = told(found)
    row = tables["surrogate"].copy()
    for key, said, real in (
        ("solved_extra", 5.0, 7.0), ("targets_extra", 5.0, 7.0), ("cost_dearest_year", 3e8, 5e8),
        ("cost_total", 3e8, 5e8),
    ):  # fmt: skip
        row[f"{key}_surrogate"], row[f"{key}_real"] = said, real
        row[f"{key}_difference"] = real - said
        if f"{key}_error" in row:
            row[f"{key}_error"] = np.nan
    for turn, sign in ((1, "(+"), (-1, "(-")):
        turned = row.assign(**{c: turn * row[c] for c in row if c.endswith("_difference")})
        frames = {**tables.frames, "surrogate": turned}
        page = page_of(Tables(frames, tables.facts), "surrogate_values", "en")
        cells = page.charts[0].table.iloc[0, 1:5]
        assert [c[c.index("(") :][:2] for c in cells] == [sign] * 4


def test_the_front_shows_every_plan_with_the_budget_and_the_choice(found: Found) -> None:
    tables = told(found)
    solved, targets = page_of(tables, "front", "en").charts
    rows, robust = tables["plans"].set_index("plan"), found.names[found.chosen["robust"]]
    for chart, gain in ((solved, "solved_extra"), (targets, "targets_extra")):
        assert sorted(chart.table["y"]) == sorted(rows[gain])
        assert list(chart.table["x_limit"].unique()) == [pytest.approx(0.6)]
        ring = chart.table.loc[chart.table["chosen"]]
        assert list(ring["label"]) == [plan_name(robust, Words("optimise", "en"))]
    assert sorted(solved.table["low"]) == sorted(rows["solved_extra_low"])
    assert targets.table["low"].isna().all()


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
    charts = page_of(told(found, years=10), "chances", "en").charts
    yearly = [c for c in charts if c.title.startswith("Year ")]
    assert [c.title for c in yearly] == ["Year 3 (FY2026)", "Year 5 (FY2028)", "Year 10 (FY2033)"]
    assert yearly[0].table["Baseline"].iloc[at].startswith("0 % [0 %–60 %]")
    assert [len(c.table) for c in yearly] == [12] * 3
