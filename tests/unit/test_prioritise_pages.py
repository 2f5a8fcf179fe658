"""What is told of a scorecard: limits, numbers in their units and both languages."""

from __future__ import annotations

import json

import numpy as np
import pytest
from test_prioritise import card_of, paths, said, told

from sim.analyses.prioritise.card import Scorecard
from sim.analyses.prioritise.question import CRITERIA
from sim.analyses.prioritise.scorecard_figures import FIGURES
from sim.analyses.prioritise.sentences import CardText
from sim.analyses.prioritise.tables import SCHEMA, content, tables
from sim.analyses.tables import check_tables
from sim.analyses.words import Words
from sim.places.load import load_place


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return card_of(paths())


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (np.nan, "years", "–"), (0.123, "share", "12.3 %"), (1.034, "ratio", "103 %"),
        (-0.00001, "difference of shares", "0.00 pt"), (0.0539, "difference of shares", "+5.39 pt"),
        (7.0, "indicators", "7"), (1363.5, "projects", "1,364"), (0.36, "grade", "0.36"),
        (-0.001, "projects per 100 m yen", "0.00"), (35.12, "projects per 100 m yen", "35.1"),
    ],
)  # fmt: skip
def test_values_are_written_in_their_unit(value: float, unit: str, written: str) -> None:
    text = CardText(tables(card_of(paths(draws=2))), Words("prioritise", "en"))
    assert text.value(value, unit) == written


def test_json_has_no_nan(card: Scorecard) -> None:
    made = tables(card)
    check_tables(made, SCHEMA)
    text = json.dumps([content(made), made.facts], allow_nan=False)
    assert set(json.loads(text)[0]) >= {"rows", "verdicts", "pairs", "costs", "weights"}


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_texts_say_the_limits_and_name_no_ward(card: Scorecard, lang: str) -> None:
    text, words = said(card, lang), Words("prioritise", lang)
    assert "nan" not in text
    assert "{" not in text
    for key in ("limit_costs", "pr_costs_how", "pr_limit_order", "pr_limit_by_plan"):
        assert words(key) in text
    first = told(card, lang)[0]
    assert not first.detail
    assert words("pr_disagrees") in "\n".join(f.text for f in first.findings)
    assert not [name for name in load_place().area_names["ja"] if name in text]


def test_both_languages_say_the_same(card: Scorecard) -> None:
    for a, b in zip(told(card, "ja"), told(card, "en"), strict=True):
        assert a.id == b.id
        assert [f.id for f in a.findings] == [f.id for f in b.findings]
        assert [c.id for c in a.charts] == [c.id for c in b.charts]
        assert len(a.notes) == len(b.notes)


@pytest.mark.parametrize(("lang", "level"), [("ja", "measures"), ("en", "initiatives")])
def test_every_figure_has_a_small_chart_and_every_draw_a_first_place(lang: str, level: str) -> None:
    sheet = card_of(paths(draws=12, level=level), level)
    pages = {page.id: page for page in told(sheet, lang)}
    panels = [
        chart
        for criterion in CRITERIA
        for chart in pages[f"criterion_{criterion}"].charts
        if chart.id.startswith("panels_")
    ]
    assert sum(chart.table["panel"].nunique() for chart in panels) == len(FIGURES)
    # 12 draws: no ratio to cost, so no point
    (cost,) = [c for c in panels if c.id == "panels_cost"]
    empty = cost.table.groupby("panel")["value"].apply(lambda v: v.isna().all())
    assert empty.sum() == 3
    (shares,) = [c for c in pages["verdicts"].charts if c.kind == "shares"]
    sums = shares.table.groupby("row")["value"].sum()
    assert sums.to_numpy() == pytest.approx(np.ones(len(CRITERIA)))
