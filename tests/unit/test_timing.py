"""The price of waiting: delays of scenarios, losses, last starts, and what is told of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.analyses.analysis import analysis
from sim.analyses.shared.names import COST, SOLVED_TOTAL
from sim.analyses.study import Study
from sim.analyses.tables import Tables, check_tables
from sim.analyses.timing import tables as t
from sim.analyses.timing.estimate import Waited, answer, outcome_targets, put_off
from sim.analyses.timing.question import TimingQuestion
from sim.analyses.words import Words
from sim.base.errors import UsageError
from sim.runs.runner import run
from sim.scenario.reader import load_scenario
from sim.scenario.types import InitiativeSetting

YEARS = (2024, 2025, 2026, 2027)
KGI = "M1-KGI-1"


def waited(effect: Any, levels: Any = None, base: Any = None, chance: float = 0.5) -> Waited:
    """An answer for one scenario from its solved projects [start years, draws]."""
    solved = np.asarray(effect, dtype=np.float64)[..., None]
    levels = np.zeros_like(solved) if levels is None else np.asarray(levels, dtype=float)[..., None]
    base = np.zeros(solved.shape[1:]) if base is None else np.asarray(base, dtype=float)[..., None]
    return Waited(
        (load_scenario("m1"),),
        YEARS,
        {"m1": {SOLVED_TOTAL: solved, COST: 1e6 * solved}},
        {"m1": {KGI: levels}},
        {KGI: base},
        {KGI: 0.8},
        chance,
    )


def test_a_delay_moves_all_months_and_drops_what_falls_behind_the_horizon() -> None:
    scenario = replace(
        load_scenario("m1"),
        initiatives={"1.1": InitiativeSetting(1.0, 6, 30), "1.2": InitiativeSetting(0.5, 40)},
    )
    later = put_off(scenario, 2, 5)
    assert later.initiatives == {"1.1": InitiativeSetting(1.0, 30, 54)}
    assert put_off(scenario, 0, 5) is scenario
    assert later.id != put_off(scenario, 1, 5).id


def test_losses_are_differences_within_a_draw() -> None:
    found = t.waited(np.array([[[10.0], [4.0]], [[7.0], [4.0]], [[2.0], [1.0]]]))
    assert found["lost"][:, :, 0].tolist() == [[0, 0], [3, 0], [8, 3]]
    assert found["step"][:, :, 0].tolist() == [[0, 0], [3, 0], [5, 3]]
    assert np.allclose(found["step"].cumsum(axis=0), found["lost"])


def test_last_start_and_its_special_cases() -> None:
    levels = [[0.9, 0.9, 0.1], [0.9, 0.8, 0.1], [0.9, 0.1, 0.1], [0.1, 0.1, 0.1]]
    made = t.tables(waited(np.ones((4, 3)), levels))
    (row,) = made["last_starts"].to_dict(orient="records")
    assert (row["last_start"], row["never"], row["always"]) == (2025, False, False)
    never = t.tables(waited(np.ones((4, 3)), np.zeros((4, 3))))["last_starts"].iloc[0]
    assert never["never"]
    assert pd.isna(never["last_start"])
    base = t.tables(waited(np.ones((4, 3)), levels, np.full(3, 0.85)))["last_starts"].iloc[0]
    assert base["baseline_reaches"]


def test_the_chance_that_is_enough_can_be_chosen() -> None:
    levels = [[0.9, 0.9, 0.1], [0.9, 0.8, 0.1], [0.9, 0.1, 0.1], [0.1, 0.1, 0.1]]
    row = t.tables(waited(np.ones((4, 3)), levels, chance=0.3))["last_starts"].iloc[0]
    assert row["last_start"] == 2026


def test_the_dearest_year_is_counted_over_draws() -> None:
    # first draw: waiting through 2024 is dearest; second and third: through 2025
    effect = [[10.0, 10.0, 10.0], [4.0, 9.0, 9.0], [3.0, 2.0, 2.0], [2.0, 1.0, 1.0]]
    found = t.tables(waited(effect))["dearest_years"]
    assert dict(zip(found["year_waited"], found["share"], strict=True)) == {
        2024: pytest.approx(1 / 3), 2025: pytest.approx(2 / 3), 2026: 0.0,
    }  # fmt: skip


def test_lost_chances_are_paired() -> None:
    levels = [[0.9, 0.9, 0.9, 0.1], [0.9, 0.9, 0.1, 0.1], [0.1] * 4, [0.1] * 4]
    rows = t.tables(waited(np.ones((4, 4)), levels))["chances"]
    assert rows["probability_target"].tolist() == [0.75, 0.5, 0.0, 0.0]
    assert rows["lost"].tolist() == [0.0, 0.25, 0.75, 0.75]
    assert (rows["lost_low"] <= rows["lost"]).all()


@pytest.mark.parametrize(("draws", "said"), [(2, False), (9, False), (10, True)])
def test_few_draws_lower_no_chance_clearly(draws: int, said: bool) -> None:
    # every draw reaches the target in the first year only: the interval has no width
    levels = [[0.9] * draws, *([[0.1] * draws] * 3)]
    made = page(t.tables(waited(np.ones((4, draws)), levels)), "chances_m1")
    words = Words("timing", "en", {"m1": {"en": "A", "ja": "A"}})
    assert (words("exp_few_draws", least=10) in made.notes) is not said
    assert (KGI in made.message) is said


def test_a_failed_run_is_left_out() -> None:
    effect = np.full((4, 20), 5.0)
    effect[1, 0] = np.nan
    made = t.tables(waited(effect))
    rows = made["start_years"]
    keep = (rows["indicator"] == SOLVED_TOTAL) & (rows["start_year"] == 2025)
    lost = rows.loc[keep & (rows["quantity"] == "lost")].iloc[0]
    assert lost["runs_available"] == 19
    assert lost["mean"] == 0.0


def told(made: Tables, lang: str) -> Any:
    return analysis("timing").pages(made, Words("timing", lang, {"m1": {"en": "A", "ja": "あ"}}))


def test_pages_say_the_same_in_both_languages() -> None:
    effect = np.linspace(40, 10, 4)[:, None] + np.linspace(0, 3, 60)
    made = t.tables(waited(effect, np.full((4, 60), 0.9)))
    check_tables(made, t.SCHEMA)
    ja, en = told(made, "ja"), told(made, "en")
    for a, b in zip(ja, en, strict=True):
        assert a.id == b.id
        assert [f.id for f in a.findings] == [f.id for f in b.findings]
        assert [c.id for c in a.charts] == [c.id for c in b.charts]
        assert a.message != b.message
    assert "10 [" in next(p for p in en if p.id == "price").findings[0].text


def page(made: Tables, id: str, lang: str = "en") -> Any:
    return next(p for p in told(made, lang) if p.id == id)


CLEAR = np.linspace(40, 10, 4)[:, None] + np.linspace(0, 3, 12) * np.linspace(1, 0, 4)[:, None]
UNCLEAR = np.array([[100.0, 52.0], [24.0, 24.0], [2.0, 2.0], [2.0, 2.0]])
GAIN = -CLEAR


def test_the_losses_are_the_chart_that_is_shown() -> None:
    made = page(t.tables(waited(CLEAR)), "price")
    assert [(c.id, c.aside) for c in made.charts] == [("lost", False), ("effect", True)]
    assert {c.y_title for c in made.charts} == {"solved projects"}


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        (CLEAR, "Waiting one year with A loses"),
        (UNCLEAR, "cannot be told from none"),
        (CLEAR[:, :9], "cannot be told from none"),  # clear by its interval, from too few draws
        (GAIN, "loses no solved projects"),
        (np.full((4, 2), np.nan), "not known"),
        (CLEAR[:, :1], "no interval with one draw"),
    ],
)
def test_the_headline_says_whether_the_loss_is_clear(effect: Any, said: str) -> None:
    message = page(t.tables(waited(effect)), "price").message
    assert said in message
    assert "most" not in message  # there is one scenario only


def test_a_scenario_loses_most_only_among_several() -> None:
    one = waited(CLEAR)
    both = replace(
        one,
        scenarios=(load_scenario("m1"), load_scenario("m2")),
        amounts={"m1": one.amounts["m1"], "m2": {k: 2 * v for k, v in one.amounts["m1"].items()}},
        levels={"m1": one.levels["m1"], "m2": one.levels["m1"]},
    )
    assert "loses most with Measure 2: 2" in page(t.tables(both), "price").message


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_money_gives_both_paired_intervals(lang: str) -> None:
    made = page(t.tables(waited(UNCLEAR)), "money", lang)
    assert not made.detail
    # losses of 76 and 28 in the two draws: mean 52, t quantile 12.7
    assert "52" in made.message
    assert "-253, 357" in made.message
    told_from_none = "0と区別でき" if lang == "ja" else "cannot be told from none"
    assert told_from_none in made.message


def test_draws_are_counted_and_not_given_as_a_share() -> None:
    message = page(t.tables(waited(UNCLEAR)), "dearest").message
    assert "2 of 2 draws" in message
    assert "%" not in message
    gap = UNCLEAR.repeat(10, axis=1)
    gap[1, 0] = np.nan
    assert "19 of 19 draws" in page(t.tables(waited(gap)), "dearest").message


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_targets_out_of_reach_show_how_sure_that_is(lang: str) -> None:
    made = page(t.tables(waited(np.ones((4, 2)))), "targets", lang)
    assert "84" in made.message
    assert "2027" in made.message
    for empty in ("0 reached", "0 with", "none", "0件", "なし"):
        assert empty not in made.message
    assert "84" in made.charts[0].table.iloc[0, 1]
    sure = page(t.tables(waited(np.ones((4, 60)))), "targets", lang)
    assert sure.message.count("50") == 1


def test_a_target_that_nothing_delivers_is_no_finding() -> None:
    one = waited(np.ones((4, 3)))
    spread = "M3-KPIoc-2"
    levels, base = one.levels["m1"][KGI], one.baseline[KGI]
    made = t.tables(
        replace(one, levels={"m1": {spread: levels}}, baseline={spread: base}, targets={spread: 5})
    )
    assert made.facts["unreachable"] == [["m1", spread]]
    told_of = page(made, "targets")
    assert "1 out of reach by construction" in told_of.message
    assert told_of.charts[0].table.iloc[0, 1] == "not by construction"


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_no_chance_that_is_lowered_is_said_as_such(lang: str) -> None:
    words = Words("timing", lang, {"m1": {"en": "A", "ja": "あ"}})
    message = page(t.tables(waited(np.ones((4, 3)))), "chances_m1", lang).message
    assert message == words("chances_none", name=words.scenario("m1"), all=1)


def test_deliveries_are_not_among_the_targets() -> None:
    from sim.model.indicators import INDICATORS

    assert {INDICATORS[id].kind for id in outcome_targets("document")} == {"outcome"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"scenarios": ("baseline",)}, "nothing can be put off"),
        ({"scenarios": ("m1", "m1")}, "two scenarios have the id 'm1'"),
        ({"years": 1}, "no later start"),
    ],
)
def test_what_cannot_be_put_off_is_refused(fields: dict[str, Any], said: str) -> None:
    question = TimingQuestion(**fields)
    with pytest.raises(UsageError, match=said):
        analysis("timing").check(question, Study("timing", question))


def test_real_runs_agree_with_single_ones_and_end_at_the_baseline() -> None:
    question = TimingQuestion(scenarios=("m3",), draws=2, years=2, scale="1/1000")
    study = Study("timing", question)
    found = answer(question, study)
    m3 = load_scenario("m3", 2)
    for start in (0, 1):
        for draw in (0, 1):
            own = run(study.spec(put_off(m3, start, 2), draw)).table
            base = run(study.spec(load_scenario("baseline", 2), draw)).table
            last = [
                r.loc[(r["indicator"] == SOLVED_TOTAL) & (r["fiscal_year"] == 2025), "value"].item()
                for r in (own, base)
            ]
            assert found.amounts["m3"][SOLVED_TOTAL][start, draw, 0] == last[0] - last[1]
    # a start behind the horizon is the baseline itself, bit for bit
    never = run(study.spec(put_off(m3, 2, 2), 0)).table
    base = run(study.spec(load_scenario("baseline", 2), 0)).table
    pd.testing.assert_series_equal(never["value"], base["value"])
