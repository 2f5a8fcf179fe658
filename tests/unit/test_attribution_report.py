"""What is told of an attribution is what its tables hold, in both languages."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import pytest
from attribution_game import YEARS, Game, game

from sim.analyses.analysis import analysis
from sim.analyses.attribute.estimate import Attributed, attribute
from sim.analyses.attribute.growth import growth_facts, growth_rows
from sim.analyses.attribute.tables import SCHEMA, tables, verdicts
from sim.analyses.tables import Tables, check_tables
from sim.analyses.words import Words
from sim.figures.evidence import load_profile
from sim.pages.cells import fine, percent
from sim.pages.labels import Labels, display_width
from sim.pages.page import Chart, Page
from sim.report.files.terminal import aligned

LANGS = ("en", "ja")
NAMES = {"all_measures": {"en": "All measures", "ja": "全支援策"}}


def found_in(study: Game) -> Attributed:
    plan, declared = study.plan, list(study.indicators.values())
    growth = growth_rows(plan, study.runs, study.cube, declared, YEARS, load_profile("document"))
    facts = growth_facts(growth, "document")
    return Attributed(plan, study.tables, growth, facts, {"M1-KPIop-1": 2200.0})


@cache
def made(draws: int = 12) -> Tables:
    return tables(found_in(game(draws=draws)))


def told(of: Tables, lang: str = "en") -> dict[str, Page]:
    pages = analysis("attribute").pages(of, Words("attribute", lang, NAMES))
    return {page.id: page for page in pages}


def said(page: Page) -> str:
    """All texts of a page."""
    charts = [str(v) for c in page.charts for v in (c.title, c.reading, *c.table.to_numpy().flat)]
    findings = [f.text for f in page.findings]
    return "\n".join([page.title, page.message, *findings, *charts, *page.notes])


def chart(page: Page, id: str) -> Chart:
    (found,) = [c for c in page.charts if c.id == id]
    return found


def test_the_tables_are_those_that_are_declared() -> None:
    check_tables(made(), SCHEMA)


@pytest.mark.parametrize("lang", LANGS)
def test_deliveries_stand_apart_and_last(lang: str) -> None:
    pages = told(made(), lang)
    assert next(iter(pages)) == "shares_outcome"
    assert list(pages)[-1] == "shares_delivery"
    assert "M2-KPIop-1" not in said(pages["shares_outcome"])
    assert "M2-KPIop-1" in said(pages["shares_delivery"])
    assert pages["shares_delivery"].detail
    assert Words("attribute", lang)("deliveries_text") in pages["shares_delivery"].notes


@pytest.mark.parametrize("lang", LANGS)
def test_past_growth_stands_beside_the_projects(lang: str) -> None:
    page = told(made(), lang)["growth"]
    assert not page.detail
    text = said(page)
    assert "C084" in text
    for figure in ("3.3", "1,850", "2,200", "+150"):
        assert figure in text
    assert "C084" not in said(told(made(), lang)["M1-KGI-1"]), "of projects alone"
    for name in ("measures_over_flat", "measures_over_trend", "growth_alone"):
        assert Words("attribute", lang)(f"diff_{name}") in text


def test_the_synergy_claim_is_answered() -> None:
    assert verdicts(made()) == {
        "negative_one_scale": ["M1-KPIop-1"], "scale_dependent": ["M1-KGI-1"],
    }  # fmt: skip
    page = told(made())["synergy"]
    assert "none of the 2 outcome goals" in page.message
    assert any("scale-dependent" in f.text and "M1-KGI-1" in f.text for f in page.findings)
    assert "lines 198 and 276" in said(page)


def test_a_clear_synergy_is_named() -> None:
    study = game()
    cube = study.cube.copy()
    for n, spec in enumerate(study.runs.specs):
        on = {name[0] for name in spec.scenario.initiatives}
        cube[n, 0, :] += 0.2 * (len(on) == 3) - 0.3 * len(spec.scenario.initiatives) / 15
    parts = attribute(study.plan, study.runs, cube, list(study.indicators.values()), YEARS)
    clear = tables(dataclasses.replace(found_in(study), parts=parts))
    assert verdicts(clear)["positive"] == ["M1-KGI-1"]
    assert "synergy in 1 of 2" in told(clear)["synergy"].message


def test_one_draw_says_nothing_about_synergy() -> None:
    assert "one draw" in told(made(1))["synergy"].message


def test_initiatives_are_named_where_they_are_clear() -> None:
    page = told(made())["initiatives"]
    (projects,) = [f.text for f in page.findings if f.id == "initiatives_M1-KPIop-1"]
    assert projects.count(" +10.0 (") == 15
    assert "The other" not in projects
    shares = made()["shares"]
    mine = shares.loc[(shares["indicator"] == "M2-KPIop-1") & (shares["level"] == "initiative")]
    last = mine.loc[mine["fiscal_year"] == YEARS[-1]]
    # the delivery of 2.4: no other initiative moves it
    assert list(last.loc[last["mean"] != 0, "id"]) == ["2.4"]


def test_a_scenario_of_one_measure() -> None:
    one = tables(found_in(game("m2", draws=3)))
    pages = told(one)
    assert "one measure only" in pages["synergy"].message
    assert pages["synergy"].charts == ()
    # its part is the whole: neither a column of it nor the largest part is told
    (shares,) = pages["shares_outcome"].charts
    assert list(shares.table) == ["Indicator", "Total effect"]
    assert "largest part" not in said(pages["shares_outcome"])
    assert [c.kind for c in pages["M1-KPIop-1"].charts] == ["waterfall"]


def test_few_draws_call_no_effect_clear() -> None:
    few, enough = told(made(9)), told(made(10))
    note = Words("attribute", "en")("exp_few_draws", least=10)
    assert note in few["shares_outcome"].notes
    assert note not in enough["shares_outcome"].notes
    nothing = Labels("en")("exp_attribute_none")
    assert nothing in few["M1-KPIop-1"].message
    assert few["synergy"].message == note
    assert enough["synergy"].message != note
    assert nothing not in enough["M1-KPIop-1"].message


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_clear_is_a_sentence_of_its_own(lang: str) -> None:
    unclear = made(1)  # one draw has no interval
    pages = told(unclear, lang)
    words = Words("attribute", lang)
    assert words.labels("exp_attribute_none") in pages["M1-KPIop-1"].message
    for finding in pages["initiatives"].findings:
        assert "none clear" not in finding.text
        assert words("initiatives_others", n=15) not in finding.text
    assert pages["shares_outcome"].message == words(
        "shares_none", year=words.labels.year(YEARS[-1]), all=2
    )


@pytest.mark.parametrize("lang", LANGS)
def test_a_measure_is_called_as_its_scenario(lang: str) -> None:
    words = Words("attribute", lang)
    assert [words.measure(m) for m in ("m1", "m3")] == [words.scenario(m) for m in ("m1", "m3")]


def test_goals_have_a_waterfall_that_adds_up() -> None:
    pages = told(made())
    goals = [id for id, page in pages.items() if any(c.kind == "waterfall" for c in page.charts)]
    assert goals == ["M1-KGI-1", "M1-KPIop-1"]
    table = chart(pages["M1-KPIop-1"], "M1-KPIop-1_waterfall").table
    steps = table.loc[table["kind"] == "step", "value"].sum()
    first, last = table.loc[table["kind"] == "level", "value"]
    assert steps == pytest.approx(150)
    assert last - first == pytest.approx(150)
    assert set(table["target"]) == {2200.0}


def test_a_goal_without_values_has_no_waterfall() -> None:
    shares = made()["shares"]
    lost = shares["indicator"] == "M1-KGI-1"
    columns = ["mean", "mean_low", "mean_high", "low", "high", "share"]
    frames = {**made().frames, "shares": shares.assign(
        **{c: shares[c].mask(lost) for c in columns if c in shares})}  # fmt: skip
    page = told(dataclasses.replace(made(), frames=frames))["M1-KGI-1"]
    assert Words("attribute", "en").labels("exp_attribute_none") in page.message
    assert "waterfall" not in {c.kind for c in page.charts}
    assert "nan" not in page.message


def test_interactions_are_shown_on_both_scales() -> None:
    page = told(made())["synergy"]
    for id in ("interactions", "interactions_log"):
        table = chart(page, id).table
        assert table["panel"].nunique() == 2
        assert (table["outer_low"] <= table["value"]).all()
    assert chart(page, "interactions_log").aside


@pytest.mark.parametrize("draws", [1, 12])
def test_both_languages_say_the_same(draws: int) -> None:
    ja, en = told(made(draws), "ja"), told(made(draws), "en")
    assert list(ja) == list(en)
    for id, page in ja.items():
        assert [f.id for f in page.findings] == [f.id for f in en[id].findings]
        assert [c.id for c in page.charts] == [c.id for c in en[id].charts]
        assert len(page.notes) == len(en[id].notes)


def test_figures_in_words() -> None:
    labels: Any = Labels("en")
    assert fine(0.0012, "share", labels) == "+0.12"
    assert fine(-0.00001, "share", labels) == "0.00"
    assert fine(12.34, "count", labels) == "+12.3"
    assert percent(-0.001, labels) == "0 %"
    assert percent(1.04, Labels("ja")) == "104%"
    lines = aligned(["名前", "x"], [["ab", "1"], ["長い名前", "23"]])
    assert {display_width(line) for line in lines} == {14}
