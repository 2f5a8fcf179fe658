"""A message of a comparison names the plans that it is about: all of them, not the last one."""

from __future__ import annotations

import pytest
from report_parts import make

from sim.analyses.compare.view import MOST_SPOKEN_OF, View
from sim.analyses.words import Words
from sim.pages.page import Page

SPEAKING = ("chances", "targets", "cost", "M1-KGI-1", "M2-KPIoc-1")
SEVERAL = ("baseline", "m1", "m2", "m3")
MANY = ("baseline", "m1", "m2", "m3", "m1_m2", "m1_m3")


def pages(scenarios: tuple[str, ...], lang: str) -> dict[str, Page]:
    """The pages of a comparison, by id."""
    return {page.id: page for page in make(50, scenarios).report(lang).pages}


def view(scenarios: tuple[str, ...], lang: str = "en") -> View:
    """What the pages read."""
    case = make(50, scenarios)
    return View(case.tables, Words("compare", lang, case.kept().manifest["names"]))


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_message_names_every_plan_and_its_own_number(lang: str) -> None:
    told, names = pages(SEVERAL, lang), view(SEVERAL, lang).names
    for id in set(SPEAKING) & set(told):
        message = told[id].message
        for scenario in SEVERAL[1:]:
            assert message.count(names[scenario]) == 1, (id, scenario)
        assert message.index(names["m1"]) < message.index(names["m2"]) < message.index(names["m3"])
    assert {"chances", "targets", "M1-KGI-1"} <= set(told)


def test_of_many_plans_the_ends_are_named() -> None:
    seen = view(MANY)
    assert len(MANY) - 1 > MOST_SPOKEN_OF
    value = dict(zip(MANY, (0.0, 3.0, 9.0, 1.0, float("nan"), 4.0), strict=True))
    assert seen.spoken_of(value.__getitem__) == ["m2", "m3"]
    assert seen.spoken_of(lambda scenario: float("nan")) == ["m1"]


def test_all_measures_stand_for_their_parts_and_a_plan_alone_for_itself() -> None:
    assert view(("baseline", "m1", "all_measures")).spoken_of(lambda s: 0.0) == ["all_measures"]
    assert view(("baseline", "m2")).spoken_of(lambda s: 0.0) == ["m2"]
    assert view(("baseline",)).spoken_of(lambda s: 0.0) == ["baseline"]


def test_several_plans_are_shown_at_the_horizon_beside_doing_nothing() -> None:
    (chart,) = pages(SEVERAL, "en")["chances"].charts
    assert chart.table["column"].nunique() == len(SEVERAL)
    (one,) = pages(("baseline", "m1"), "en")["chances"].charts
    assert one.table["column"].nunique() > 2
