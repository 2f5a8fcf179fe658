"""The scorecard on made-up paths: what counts where, ranks, verdicts, tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.analyses.analysis import analysis
from sim.analyses.prioritise import worlds as p
from sim.analyses.prioritise.card import Scorecard, build, interval
from sim.analyses.prioritise.question import CRITERIA
from sim.analyses.prioritise.scorecard_figures import FIGURES, Inputs
from sim.analyses.prioritise.tables import content, tables
from sim.analyses.words import Words
from sim.base.errors import UsageError
from sim.figures.evidence import load_profile
from sim.figures.parameters import load_parameters
from sim.model.indicators import INDICATORS
from sim.model.measures import INITIATIVES
from sim.pages.page import Page
from sim.scenario.reader import load_scenario

YEARS = 10
TABLE = load_parameters()
SETTINGS = p.ScorecardSettings.of(lambda name: TABLE[name].value)


def paths(draws: int = 60, level: str = "measures") -> p.Paths:
    """Made-up values; alternative n solves n more projects a year than the one before it."""
    number = len(p.alternatives(level))
    rng = np.random.default_rng(5)
    base = rng.uniform(0.4, 0.6, size=(draws, 1, len(p.READ), YEARS))
    flat = np.repeat(base, number + 1, axis=1)
    rise = (np.arange(YEARS) + 0.5)[None] * np.arange(1, number + 1)[:, None]
    solved, total = p.READ.index("solved_projects"), p.READ.index("solved_cumulative")
    flat[:, 1:, solved] += rise + rng.normal(0, 0.1, (draws, number, YEARS))
    flat[:, 1:, total] = flat[:, :1, total] + rise.cumsum(axis=-1)
    flat[:, 0, p.READ.index("programme_cost")] = 0
    flat[:, 1:, p.READ.index("programme_cost")] = 1e8
    halted = flat[:, 1:].copy()
    halted[..., SETTINGS.stop :] = flat[:, :1, :, SETTINGS.stop :]
    grades = np.tile([TABLE[f"initiative.{i}.grade"].value for i in INITIATIVES], (draws, 1))
    return p.Paths(flat, halted, flat * 1.1, tuple(INITIATIVES), grades)


def card_of(found: p.Paths, level: str = "measures") -> Scorecard:
    return build(Inputs(found, p.alternatives(level), SETTINGS, "document"), seed=0)


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return card_of(paths())


def said(card: Scorecard, lang: str) -> str:
    """All texts of the pages of a scorecard."""
    out = []
    for page in told(card, lang):
        out += [page.title, page.message, *(f.text for f in page.findings), *page.notes]
        for chart in page.charts:
            out += [*map(str, chart.table.columns), chart.reading]
            out += [str(v) for v in chart.table.to_numpy().flat if v is not None and v == v]
    return "\n".join(out)


def told(card: Scorecard, lang: str) -> tuple[Page, ...]:
    """The pages of a scorecard."""
    names = {a.id: {"en": a.name_en, "ja": a.name_ja} for a in card.inputs.alternatives}
    return analysis("prioritise").pages(tables(card), Words("prioritise", lang, names))


def figure(card: Scorecard, name: str, column: str = "median") -> list[float]:
    rows = card.tables["scorecard"].loc[card.tables["scorecard"]["figure"] == name]
    return [float(v) for v in rows[column]]


def verdict(card: Scorecard, name: str) -> str:
    rows = card.tables["verdicts"].loc[card.tables["verdicts"]["figure"] == name]
    return str(rows["verdict"].iloc[0])


def test_figures_say_what_the_paths_were_made_to_say(card: Scorecard) -> None:
    assert figure(card, "years_to_half") == pytest.approx([(YEARS - 0.5) / 2] * 3, abs=0.1)
    # 1 + ... + 10 less a half each = 50 projects for 10 x 100 m yen, 5 an oku; twice, three times
    assert figure(card, "solved_per_yen") == pytest.approx([5.0, 10.0, 15.0])
    assert figure(card, "remains") == pytest.approx([0.0] * 3)
    assert verdict(card, "solved_per_yen") == "disagrees"
    assert card.tables["costs"]["factor_median"].tolist() == pytest.approx([1 / 2, 1 / 3, 2 / 3])
    assert figure(card, "grade_mean") == pytest.approx([0.4, 0.36, 0.38])
    assert figure(card, "claims_unverified") == [1.0, 1.0, 1.0]


def test_deliveries_change_the_share_of_the_plan_and_no_rank(card: Scorecard) -> None:
    moved = paths()
    places = [p.READ.index(i) for i in p.DELIVERY_IDS]
    for values in (moved.flat[:, 1:], moved.trend[:, 1:], moved.halted):
        values[:, 0, places] += 1e6
    other = card_of(moved)
    same = card.tables["scorecard"]["figure"] != "plan_delivered"
    pd.testing.assert_frame_equal(
        other.tables["scorecard"].loc[same], card.tables["scorecard"].loc[same]
    )
    pd.testing.assert_frame_equal(other.tables["indicators"], card.tables["indicators"])
    pd.testing.assert_frame_equal(other.tables["costs"], card.tables["costs"])
    pd.testing.assert_frame_equal(other.tables["weights"], card.tables["weights"])
    own = card.tables["verdicts"]["figure"] != "plan_delivered"
    pd.testing.assert_frame_equal(
        other.tables["verdicts"].loc[own], card.tables["verdicts"].loc[own]
    )
    assert figure(other, "plan_delivered")[0] == 1.0 > figure(card, "plan_delivered")[0]
    np.testing.assert_array_equal(other.scores, card.scores)


def test_only_the_smaller_of_both_worlds_counts() -> None:
    found = paths()
    place = p.READ.index("solved_cumulative")
    found.trend[:, 1, place] = found.trend[:, 0, place] + 1.0
    assert figure(card_of(found), "solved_per_yen")[0] < 1.0


def rises(found: p.Paths, world: str, indicator: str, path: Any) -> None:
    """Give the first alternative the effect ``path`` on an indicator in one world."""
    values, place = getattr(found, world), p.READ.index(indicator)
    values[:, 1, place] = values[:, 0, place] + path


@pytest.mark.parametrize(("world", "other"), [("flat", "trend"), ("trend", "flat")])
def test_the_worse_of_both_worlds_counts_everywhere(world: str, other: str) -> None:
    found = paths()
    _, gap, direction = p.goals("document")
    late, early = np.where(np.arange(YEARS) >= 8, 9.0, 0.0), np.full(YEARS, 9.0)
    step = np.where(np.arange(YEARS) >= 0, 1.0, 0.0)
    for name, path in ((world, late), (other, early)):
        rises(found, name, "solved_projects", path)
        rises(found, name, "refused_proposals", step if name == world else 0 * step)
        rises(found, name, "project_budget", 1e8 * step)  # as much again as the programme
        for key in p.SPREADS:
            rises(found, name, key, 0.1 * step if name == world else -0.1 * step)
        for k, key in enumerate(p.OUTCOMES):
            way = -1.0 if name == world else 1.0
            rises(found, name, key, way * direction[k] * gap[k] * step)
    rises(found, other, "solved_cumulative", 40.0 * step)
    rises(found, world, "solved_cumulative", 10.0 * step)
    for values in (found.flat, found.trend):
        values[:, 1, p.READ.index("programme_cost")] = 1e8
        values[:, 0, p.READ.index("programme_cost")] = 0.0
    sheet = card_of(found)
    assert figure(sheet, "years_to_half")[0] == pytest.approx(8.0)
    assert figure(sheet, "years_to_half", "over_draws")[0] == pytest.approx(8.0)
    assert figure(sheet, "proposals_refused")[0] == pytest.approx(1.0)
    for name, per_oku in (("solved_per_yen", 1.0), ("solved_per_yen_all", 0.5)):
        assert figure(sheet, name)[0] == pytest.approx(per_oku)
        assert figure(sheet, name, "over_draws")[0] == pytest.approx(per_oku)
    assert figure(sheet, "outcomes_moved")[0] == figure(sheet, "spill_over")[0] == 0.0
    assert figure(sheet, "outcomes_worse")[0] == len(gap) - (gap == 0).sum() > 0
    for key in p.SPREADS:
        assert figure(sheet, key)[0] == pytest.approx(0.1)
    first = sheet.tables["indicators"].loc[sheet.tables["indicators"]["alternative"] == "m1"]
    moves = gap > 0
    assert first["clear"][moves].eq(-1).all()
    assert first["worse_share"][moves].eq(1).all()
    assert first["moved_share"].eq(0).all()
    wanted = first["effect_median"].to_numpy() * direction
    assert wanted == pytest.approx(-gap)
    worlds = sheet.tables["costs"].loc[
        sheet.tables["costs"]["alternative"] == "m1", "alternative_world"
    ]
    assert set(worlds) == {world}


def test_what_remains_is_measured_without_growth_and_says_so(card: Scorecard) -> None:
    rows = card.tables["scorecard"].set_index("figure")["worlds"]
    for name in ("remains", "remains_of_going_on"):
        assert set(rows[name]) == {"flat"}
    assert set(rows["years_to_half"]) == {"flat trend"}
    assert "measured without growth only" in said(card, "en")
    assert "横ばいの場合だけで測定" in said(card, "ja")


def test_luck_in_either_world_does_not_pull_down_what_is_printed() -> None:
    found = paths(draws=400)
    rng = np.random.default_rng(3)
    for values in (found.flat, found.trend):
        place = p.READ.index("solved_cumulative")
        luck = rng.normal(50.0, 10.0, (400, 3, 1))  # mean of the smaller of two: 50 - 5.6
        values[:, 1:, place] = values[:, :1, place] + luck
        values[:, 1:, p.READ.index("programme_cost")] = 1e8
        values[:, 0, p.READ.index("programme_cost")] = 0.0
    sheet = card_of(found)
    for column in ("median", "over_draws"):
        assert figure(sheet, "solved_per_yen", column) == pytest.approx([5.0] * 3, abs=0.2)
    # ranks take the smaller of each draw
    values = next(f for f in sheet.figures if f.declared.id == "solved_per_yen").values
    assert values.mean() == pytest.approx(5.0 - 1 / np.sqrt(np.pi), abs=0.05)


def test_feasibility_is_ranked_by_refused_proposals_alone(card: Scorecard) -> None:
    rows = card.tables["scorecard"].loc[card.tables["scorecard"]["criterion"] == "feasibility"]
    assert set(rows.loc[rows["ranked"], "figure"]) == {"proposals_refused"}
    assert "stands beside and does not count" in said(card, "en")


def test_under_fifty_draws_no_cost_per_effect_is_given() -> None:
    found = {}
    for n in (49, 50):
        made = paths(draws=n)
        goal = float(p.goals("document")[0][p.OUTCOMES.index("M3-KGI-2")])
        for values in (made.flat, made.trend):
            values[:, 1, p.READ.index("M3-KGI-2")] = goal
            values[:, 0, p.READ.index("M3-KGI-2")] = goal - 0.1
        found[n] = card_of(made)
    for name in ("solved_per_yen", "solved_per_yen_all", "targets_per_yen"):
        assert [any(figure(found[n], name, "given")) for n in (49, 50)] == [False, True]
    assert [found[n].tables["costs"]["given"].any() for n in (49, 50)] == [False, True]
    for name in ("scorecard", "indicators", "costs", "verdicts"):
        kinds = [set(found[n].tables[name]["interval_kind"]) for n in (49, 50)]
        assert kinds == [{"range"}, {"p05_p95"}], name
    assert content(tables(found[49]))["rows"][0]["interval_kind"] == "range"


def test_targets_stand_beside_the_baselines_own_chance() -> None:
    found = paths(draws=40)
    name = "M3-KGI-2"
    goal = float(p.goals("document")[0][p.OUTCOMES.index(name)])
    place = p.READ.index(name)
    for values in (found.flat, found.trend):
        values[:, :, place] = goal - 0.1
        values[:, 1, place, 4:] = goal  # reached from the fifth year on
    found.trend[:10, :2, place, 9] = goal  # by the baseline too, with growth
    sheet = card_of(found)
    row = sheet.tables["indicators"].query("alternative == 'm1' and indicator == @name").iloc[0]
    assert row["gained_share"] == 0.75
    assert row["gained_low"] == pytest.approx(0.588, abs=1e-3)  # Clopper-Pearson of 30 in 40
    assert row["gained_high"] == pytest.approx(0.873, abs=1e-3)
    assert row["baseline_share"] == 0.25
    assert row["baseline_low"] == pytest.approx(0.127, abs=1e-3)
    assert "M3-KGI-2 75 % [59 %, 87 %], baseline alone 25 % [13 %, 41 %]" in said(sheet, "en")
    rows = sheet.tables["targets"].query("alternative == 'm1' and indicator == @name")
    at = rows.set_index(["world", "years"])["reached_share"]
    assert at.to_dict() == {
        ("flat", 3): 0.0, ("flat", 5): 1.0, ("flat", 10): 1.0,
        ("trend", 3): 0.0, ("trend", 5): 1.0, ("trend", 10): 1.0,
    }  # fmt: skip
    assert rows.set_index(["world", "years"])["baseline_share"].sum() == 0.25
    assert set(rows["fiscal_year"]) == {2026, 2028, 2033}


@pytest.mark.parametrize("world", ["flat", "trend"])
def test_a_ratio_to_cost_is_withheld_where_the_effect_may_be_none(world: str) -> None:
    found = paths()
    place = p.READ.index("solved_cumulative")
    values = getattr(found, world)
    values[:6, 2, place] = values[:6, 0, place] - 1.0  # a tenth of the draws
    sheet = card_of(found)
    rows = sheet.tables["scorecard"].loc[sheet.tables["scorecard"]["figure"] == "solved_per_yen"]
    assert rows["given"].tolist() == [True, False, True]
    assert rows[["median", "low", "high", "over_draws"]].iloc[1].isna().all()
    assert sheet.tables["costs"]["given"].tolist() == [False, True, False]
    assert np.isnan(sheet.tables["costs"]["factor_median"].iloc[0])
    assert "not given" in said(sheet, "en")


def test_spill_over_counts_the_other_measures_goals_only() -> None:
    found = paths()
    _, gap, direction = p.goals("document")
    foreign = p.alternatives("measures")[0].foreign
    for k, name in enumerate(p.OUTCOMES):
        up = name in foreign or name == "M1-KGI-1"  # one of its own goals, which is no spill-over
        step = direction[k] * gap[k] * (1.0 if up else -1.0)
        for world in ("flat", "trend"):
            rises(found, world, name, step)
    sheet = card_of(found)
    assert figure(sheet, "spill_over") == [1.0, 0.0, 0.0]
    assert figure(sheet, "outcomes_moved") == [8.0, 0.0, 0.0]
    assert figure(sheet, "outcomes_worse") == [4.0, 0.0, 0.0]
    assert figure(sheet, "outcomes_moved", "over_draws") == [8.0, 0.0, 0.0]


def test_equal_measures_cannot_be_told_apart() -> None:
    found = paths(draws=400)
    rng = np.random.default_rng(8)
    for name in ("solved_projects", "solved_cumulative"):
        place = p.READ.index(name)
        luck = rng.normal(5, 1, (400, 3, YEARS)).cumsum(axis=-1)
        found.flat[:, 1:, place] = found.flat[:, :1, place] + luck
        found.trend[:, 1:, place] = found.trend[:, :1, place] + luck
    sheet = card_of(found)
    assert figure(sheet, "solved_per_yen", "first_share") == pytest.approx([1 / 3] * 3, abs=0.09)
    assert verdict(sheet, "solved_per_yen") == verdict(sheet, "years_to_half") == "cannot_tell"


def test_worst_values_stand_for_draws_without_an_effect() -> None:
    values = np.array([1.0, 2.0, 3.0, np.nan, np.nan])
    assert interval(values, -1)[:2] == (1.0, 3.0)
    assert np.isnan(interval(values, -1)[2])
    low, median, high = interval(values, 1)
    assert np.isnan(low)
    assert (median, high) == (1.0, 3.0)


def test_initiatives_are_placed_by_their_measure() -> None:
    sheet = card_of(paths(draws=12, level="initiatives"), "initiatives")
    assert len(sheet.tables["weights"]) == len(INITIATIVES)
    none = sheet.tables["scorecard"].loc[~sheet.tables["scorecard"]["applies"], "alternative"]
    assert set(none) == {"1.3", "1.5", "3.3"}  # no delivery indicator of their own
    assert sheet.tables["verdicts"]["order_share"].isna().all()
    assert len(sheet.tables["pairs"].loc[sheet.tables["pairs"]["figure"] == ""]) == 5 * 75
    for lang in ("ja", "en"):
        assert "nan" not in said(sheet, lang)


def test_plans_and_goals_cover_the_documents_24() -> None:
    found = p.alternatives("measures")
    assert sorted(k for a in found for k in a.deliveries) == sorted(p.DELIVERY_IDS)
    assert [len(a.foreign) for a in found] == [7, 9, 8]
    assert set(p.READ) <= set(INDICATORS)
    assert {f.criterion for f in FIGURES} == set(CRITERIA)
    with pytest.raises(UsageError, match=r"measures \| initiatives"):
        p.alternatives("wards")


def test_the_document_asserts_this_order() -> None:
    # what lines 195-197 call first, next, and medium or long term are the names of the measures
    assert p.DOCUMENT_ORDER == {1: 1, 2: 2, 3: 3}
    assert [load_scenario(f"m{n}").initiatives.keys() for n in (1, 2, 3)] == [
        {k: None for k in INITIATIVES if k.startswith(f"{n}.")}.keys() for n in (1, 2, 3)
    ]


def test_a_stop_ends_every_initiative_at_the_end_of_a_year() -> None:
    halted = p.stopped(load_scenario("m2"), 5)
    assert {s.stop for s in halted.initiatives.values()} == {60}
    assert halted.id != "m2"


def test_arms_keep_the_runs_of_one_burn_in_together() -> None:
    worlds = p.arms(p.alternatives("measures"), 5, "document")
    assert len(worlds) == 11
    grown = ["collaboration.trend" in s.parameters for s in worlds]
    assert grown == [False] * 7 + [True] * 4


def test_runs_are_sorted_by_world() -> None:
    from sim.runs.spec import RunSpec

    worlds = p.arms(p.alternatives("measures"), 5, "document")
    specs = [RunSpec(s, draw=d, replicate=r) for d in range(2) for r in range(2) for s in worlds]
    cube = np.array(
        [
            np.full((len(p.READ), 3), s.draw * 100 + n % 11 + s.replicate)
            for n, s in enumerate(specs)
        ]
    )
    found = p.paths_of(cube, specs, 3, 2)
    assert found.flat[:, :, 0, 0].tolist() == [[0.5, 1.5, 2.5, 3.5], [100.5, 101.5, 102.5, 103.5]]
    assert found.halted[:, :, 0, 0].tolist() == [[4.5, 5.5, 6.5], [104.5, 105.5, 106.5]]
    assert found.trend[0, :, 0, 0].tolist() == [7.5, 8.5, 9.5, 10.5]
    assert found.grades.shape == (2, 15)


def test_grades_have_no_monte_carlo_error_unless_they_are_drawn(card: Scorecard) -> None:
    def lows(sheet: Scorecard) -> list[float]:
        rows = sheet.tables["pairs"].loc[sheet.tables["pairs"]["figure"] == "grade_mean"]
        return [float(v) for v in rows["low"]]

    assert lows(card) == [1.0, 1.0, 0.0]
    drawn = paths(draws=12)
    drawn.grades[0] += 0.01
    assert max(lows(card_of(drawn))) < 0.8


def test_a_claim_that_was_checked_counts_as_such(
    card: Scorecard, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = card.inputs.claims()
    assert [len(c) for c in claims] == [12, 10, 8]
    rows = dict(load_profile("document").items())
    for key in claims[2][:2]:
        rows[key] = replace(rows[key], status="official")
    monkeypatch.setattr("sim.analyses.prioritise.scorecard_figures.load_profile", lambda _: rows)
    sheet = card_of(paths(draws=2))
    assert figure(sheet, "claims_unverified") == [1.0, 1.0, 0.75]


def test_settings_follow_the_command_line() -> None:
    assert p.ScorecardSettings.of(lambda name: TABLE[name].value, stop=3).stop == 3
    assert replace(SETTINGS, stop=3) == p.ScorecardSettings.of(lambda name: TABLE[name].value, 3)
