"""Instant answers: exact at the anchors, shifted in time, refused where they do not reach."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.analyses.instant import anchors as module
from sim.analyses.instant.anchors import (
    COMBINATIONS,
    HALVES,
    Anchors,
    anchor_scenarios,
    check_scenarios,
    find_anchors,
    kept_indicators,
    read_anchors,
    stamp_of,
    write_anchors,
)
from sim.analyses.instant.estimate import PARTS, Instant, InstantPlan, NotCovered, setting_of
from sim.analyses.instant.views import contributions, share_of, swings
from sim.analyses.shared.comparison import comparison_rows
from sim.base.errors import ContentError, OutputError
from sim.base.randomness import generator
from sim.figures.evidence import load_profile
from sim.figures.initiatives import initiative_ids
from sim.figures.parameter import ParameterTable
from sim.figures.parameters import load_parameters
from sim.model.indicators import INDICATORS
from sim.scenario.reader import load_scenario
from sim.scenario.types import BudgetRule, InitiativeSetting

YEARS = tuple(range(2024, 2034))
DRAWS = 60


@pytest.fixture(scope="module")
def instant() -> Instant:
    """Anchors of random numbers: what holds for them holds for any."""
    dice = generator(3, "instant")
    ids = kept_indicators()
    scenarios = {**anchor_scenarios(), **check_scenarios()}
    size = (DRAWS, len(ids), len(YEARS))
    values = {
        mode: {label: dice.uniform(0.2, 0.8, size) for label in scenarios}
        for mode in ("discounted", "as_claimed", "none")
    }
    return Instant(Anchors("document", ids, YEARS, values, scenarios, {}))


@pytest.mark.parametrize("label", [*COMBINATIONS, *HALVES, *initiative_ids(), "baseline"])
def test_anchors_come_out_exactly_draw_by_draw(instant: Instant, label: str) -> None:
    setting = setting_of(instant.anchors.scenarios[label], len(YEARS))
    assert instant.exact_label(setting) == label
    got = instant.values(setting, "discounted", interpolate=True)
    np.testing.assert_allclose(got, instant.anchors.values["discounted"][label], atol=1e-12)


def test_a_later_start_shifts_the_effect_and_leaves_the_years_before(instant: Instant) -> None:
    m1 = load_scenario("m1")
    later = {k: replace(s, start=36) for k, s in m1.initiatives.items()}
    setting = setting_of(replace(m1, initiatives=later), len(YEARS))
    got = instant.values(setting, "discounted")
    base = instant.anchors.values["discounted"]["baseline"]
    np.testing.assert_allclose(got[:, :, :3], base[:, :, :3], atol=1e-12)
    n = kept_indicators().index("M3-KPIop-1")  # a delivery, whose working scale is its own
    whole = instant.anchors.values["discounted"]["m1"] - base
    wanted = np.clip(base[:, n, 3:] + whole[:, n, :7], 0.2, 0.8)
    np.testing.assert_allclose(got[:, n, 3:], wanted, atol=1e-3)


def test_shares_stay_within_what_anchors_reach(instant: Instant) -> None:
    plan = setting_of(instant.anchors.scenarios["check_1"], len(YEARS))
    got = instant.values(plan, "as_claimed", interpolate=True)
    assert got.min() >= 0.2 - 1e-9
    assert got.max() <= 0.8 + 1e-9


@pytest.mark.parametrize(
    ("why", "change"),
    [
        ("wards", {"wards": (13101,)}),
        ("parameters", {"parameters": {"collaboration.lead_time": 3.0}}),
        ("budget", {"budget": BudgetRule("fixed", 10**9)}),
        ("ramp", {"initiatives": {"1.1": InitiativeSetting(ramp_months=3)}}),
        ("stop", {"initiatives": {"1.1": InitiativeSetting(stop=24)}}),
        ("start", {"initiatives": {"1.1": InitiativeSetting(start=5)}}),
        ("start", {"initiatives": {"1.1": InitiativeSetting(start=-12)}}),
    ],
)
def test_what_anchors_do_not_cover_is_refused(why: str, change: dict[str, Any]) -> None:
    plan = replace(load_scenario("m1"), **change)
    with pytest.raises(NotCovered) as caught:
        setting_of(plan, 10)
    assert caught.value.why == why


@pytest.mark.parametrize("years", [1, 2, 3, 7, 10])
def test_a_plan_that_is_called_exact_is_read_whatever_the_horizon(
    instant: Instant, years: int
) -> None:
    """``staged`` cut after some years is still what ran; only within these years is it asked."""
    setting = setting_of(load_scenario("staged", len(YEARS)), years)
    label = instant.exact_label(setting)
    assert label is not None
    ran = instant.anchors.values["discounted"][label]
    np.testing.assert_array_equal(instant.values(setting, "discounted"), ran)
    if years > 2:  # before, its only measure is the first, as in m1
        assert label == "staged"


def test_a_start_after_the_horizon_is_the_baseline(instant: Instant) -> None:
    late = {"1.1": InitiativeSetting(start=60)}
    setting = setting_of(replace(load_scenario("m1"), initiatives=late), 3)
    assert instant.exact_label(setting) == "baseline"


def test_rows_are_those_of_the_comparison(instant: Instant) -> None:
    plan = instant.anchors.scenarios["check_0"]
    values = instant.values(setting_of(plan, len(YEARS)), "discounted")
    tidy = []
    blocks = {"baseline": instant.anchors.values["discounted"]["baseline"], "p": values}
    for name, block in blocks.items():
        for draw in range(DRAWS):
            for n, id in enumerate(kept_indicators()):
                for y, year in enumerate(YEARS[:4]):
                    tidy.append((name, draw, 0, year, "", "all", id, block[draw, n, y], "ok"))
    columns = [
        "scenario", "draw", "replicate", "fiscal_year", "month", "ward", "indicator", "value",
        "status",
    ]  # fmt: skip
    profile = load_profile()
    want = comparison_rows(pd.DataFrame(tidy, columns=columns), INDICATORS, profile)
    rows = pd.DataFrame(instant.rows({"p": replace(plan, id="p")}, "discounted", 4, profile))
    key = ["scenario", "indicator", "fiscal_year"]
    want, rows = want.set_index(key).sort_index(), rows.set_index(key).sort_index()
    assert len(rows) == len(want)
    for column in set(rows.columns) - {"reachable"}:
        pd.testing.assert_series_equal(
            rows[column], want[column], check_dtype=False, check_index_type=False, rtol=1e-9
        )


def test_a_file_reads_back_what_was_written(tmp_path: Path, instant: Instant) -> None:
    path = tmp_path / "document.parquet"
    write_anchors(path, instant.anchors)
    back = read_anchors(path)
    assert back.indicators == instant.anchors.indicators
    assert back.years == YEARS
    for mode, some in instant.anchors.values.items():
        for label, block in some.items():
            np.testing.assert_array_equal(back.values[mode][label], block.astype(np.float32))


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"nowhere\.parquet"):
        read_anchors(tmp_path / "nowhere.parquet")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(ContentError, match=r"bad\.parquet"):
        read_anchors(tmp_path / "bad.parquet")


def test_anchors_of_other_figures_are_not_used(
    tmp_path: Path, instant: Instant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "data_dir", lambda *parts: tmp_path / "none")
    write_anchors(tmp_path / "document.parquet", replace(instant.anchors, stamp={"old": "1"}))
    assert find_anchors("document", [tmp_path]) is None
    fresh = replace(instant.anchors, stamp=stamp_of("document"))
    write_anchors(tmp_path / "document.parquet", fresh)
    assert find_anchors("document", [tmp_path]) is not None


def test_a_figure_that_agents_are_made_from_counts_in_the_stamp(tmp_path: Path) -> None:
    """Once, as a figure: prepared answers stay valid when it gets a parameter of its own."""
    bundled = stamp_of("document")
    stamps = {}
    for row in ("age_split_15_19", "npo_field_health", "intermediary_with_gov"):
        path = tmp_path / f"{row}.yaml"
        path.write_text(
            f"name: mine\nextends: document\nrows:\n  {row}:\n    value: 7\n"
            "    source: {title: Our own count}\n    status: assumed\n",
            encoding="utf-8",
        )
        stamps[row] = stamp_of(str(path))
    assert all(s["figures"] != bundled["figures"] for s in stamps.values())
    assert all(s["parameters"] == bundled["parameters"] for s in stamps.values())


def test_a_parameter_of_the_population_that_is_no_figure_counts_in_the_stamp(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bundled, table = stamp_of("document"), load_parameters("document")
    id = "population.age_15_19"
    for change in ({"value_from": None}, {"kind": "lever"}):
        changed = ParameterTable(
            [replace(p, **change) if p.id == id else p for p in table.values()], table.posterior
        )
        monkeypatch.setattr("sim.figures.parameters.load_parameters", lambda *_, t=changed: t)
        assert stamp_of("document")["parameters"] != bundled["parameters"]


def test_the_stamp_tells_profiles_apart() -> None:
    assert stamp_of("document")["figures"] != stamp_of("official")["figures"]
    assert stamp_of("document") == stamp_of("document")


def test_contributions_add_up_to_the_effect(instant: Instant) -> None:
    setting = setting_of(load_scenario("all_measures"), len(YEARS))
    found = contributions(instant, setting, "discounted", "solved_projects", 2030)
    assert sum(s.value for s in found.measures.values()) == pytest.approx(found.total.value)
    at = kept_indicators().index("solved_projects"), YEARS.index(2030)
    values = instant.anchors.values["discounted"]
    alone = (values["2.3"] - values["baseline"])[:, *at]
    assert found.alone["2.3"].value == pytest.approx(alone.mean())
    assert set(found.alone) == set(initiative_ids())


def test_contributions_of_the_documents_order_hold_no_error_of_interpolation(
    instant: Instant,
) -> None:
    """An initiative that does nothing, alone or with others, has no share in ``staged``."""
    values = {m: dict(some) for m, some in instant.anchors.values.items()}
    some = values["discounted"]
    base = some["baseline"]
    for label in some:
        if label != "staged" and not label.startswith("check"):
            some[label] = base
    found = contributions(
        Instant(replace(instant.anchors, values=values)),
        setting_of(instant.anchors.scenarios["staged"], len(YEARS)),
        "discounted", "solved_projects", 2033,
    )  # fmt: skip
    assert found.total.value == pytest.approx(0.0, abs=1e-9)
    assert all(abs(s.value) < 1e-9 for s in found.measures.values())


def test_few_draws_give_no_interval() -> None:
    assert np.isnan(share_of(np.ones(49)).low)
    assert share_of(np.arange(50.0)).low < share_of(np.arange(50.0)).high


def test_a_swing_finds_the_input_that_matters(instant: Instant) -> None:
    """An effect that is one input plus a little noise: that input is first, and the only clear."""
    from sim.analyses.instant.views import _inputs

    inputs = _inputs("document", "discounted", DRAWS)
    id = "initiative.2.3.discount_factor"
    noise = generator(1, "swing").normal(0, 0.02, DRAWS)
    at = kept_indicators().index("solved_projects")
    values = {m: dict(some) for m, some in instant.anchors.values.items()}
    block = values["discounted"]["baseline"].copy()
    block[:, at, -1] += inputs[id] + noise
    values["discounted"]["m2"] = block
    changed = Instant(replace(instant.anchors, values=values))
    setting = setting_of(load_scenario("m2"), len(YEARS))
    found, mean = swings(changed, setting, "discounted", "solved_projects", 2033)
    assert found[0].id == id
    assert found[0].clear
    assert found[0].high > mean > found[0].low
    assert not any(s.id.startswith(("initiative.1", "initiative.3")) for s in found)


def test_a_sum_of_two_starts_with_the_later_one() -> None:
    """Weights by start year: a pair of one measure, a pair of two measures, and all three."""
    ids = list(initiative_ids())
    strength, start = np.zeros(15), np.zeros(15, dtype=np.int64)
    for id, year in (("1.1", 1), ("1.2", 4), ("2.1", 2), ("3.1", 6)):
        strength[ids.index(id)], start[ids.index(id)] = 0.5, year
    weights = dict(zip(PARTS, InstantPlan(strength, start).weights(10), strict=True))
    assert {id: np.flatnonzero(weights[id]).tolist() for id in ("1.1", "1.2", "2.1")} == {
        "1.1": [1], "1.2": [4], "2.1": [2],
    }  # fmt: skip
    assert weights["s1"].tolist() == [0, 0, 0, 0, 0.25 / 10, 0, 0, 0, 0, 0]
    assert weights["b1"].tolist() == [0, 1 / 5, 0, 0, 1 / 5, 0, 0, 0, 0, 0]
    np.testing.assert_allclose(weights["s12"], [0, 0, 0.01, 0, 0.01, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(weights["s123"], [0, 0, 0, 0, 0, 0, 2 * 0.125 / 125, 0, 0, 0])


def test_outcome_shares_are_added_as_log_odds(instant: Instant) -> None:
    """Half of an effect alone is half of it on the log-odds, not on the share."""
    n = kept_indicators().index("M1-KGI-1")
    size = (DRAWS, len(kept_indicators()), len(YEARS))
    some = {label: np.full(size, 0.2) for label in instant.anchors.scenarios}
    for label in ("1.1", "m1", "m1_m2", "m1_m3", "all_measures"):  # 1.1 alone does anything
        some[label] = np.full(size, 0.8)
    half = 1 / (1 + np.exp(-0.5 * np.log(0.2 / 0.8) - 0.5 * np.log(0.8 / 0.2)))
    some["half_1"] = np.full(size, half)
    other = Instant(replace(instant.anchors, values={"discounted": some}))
    strength = np.zeros(15)
    strength[0] = 0.5
    got = other.values(InstantPlan(strength, np.zeros(15, dtype=np.int64)), "discounted")
    np.testing.assert_allclose(got[:, n], half)  # half of the log-odds from .2 to .8: .5
    delivery = kept_indicators().index("M1-KSI-1")
    assert not np.allclose(got[:, delivery], 0.2)


def test_swings_by_chance_are_rarely_called_clear(instant: Instant) -> None:
    """Effects that hang on no input: a clear swing in 5 % of the tries, so in at most 5 of 30
    (with more than 5 the chance is one in 300)."""
    dice = generator(9, "chance")
    at = kept_indicators().index("solved_projects")
    setting = setting_of(load_scenario("m2"), len(YEARS))
    clear = 0
    for _ in range(30):
        values = {m: dict(some) for m, some in instant.anchors.values.items()}
        values["discounted"]["baseline"] = np.full_like(values["discounted"]["m2"], 0.5)
        block = values["discounted"]["baseline"].copy()
        block[:, at, -1] += dice.normal(0, 0.05, DRAWS)
        values["discounted"]["m2"] = block
        other = Instant(replace(instant.anchors, values=values))
        found, _ = swings(other, setting, "discounted", "solved_projects", 2033)
        clear += any(s.clear for s in found)
    assert clear <= 5


def test_a_ward_fact_of_a_profile_is_in_the_stamp(tmp_path: Path) -> None:
    plain, known = tmp_path / "plain.yaml", tmp_path / "known.yaml"
    head = "name: {name}\nextends: document\n"
    plain.write_text(head.format(name="plain"), encoding="utf-8")
    wards = "wards:\n  13112: {department: true}\n"
    known.write_text(head.format(name="known") + wards, encoding="utf-8")
    assert stamp_of(str(plain))["wards"] != stamp_of(str(known))["wards"]
