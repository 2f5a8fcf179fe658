"""Scenario files: laying them over each other, the horizon, what validate says."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.base.errors import ContentError, UsageError
from sim.base.files import data_dir
from sim.figures.initiatives import initiative_ids
from sim.places.load import load_place
from sim.scenario.describe import validate_file
from sim.scenario.reader import load_scenario
from sim.scenario.types import BudgetRule, InitiativeSetting

Write = Callable[..., Path]


def of_measures(*measures: str) -> list[str]:
    return [i for i in initiative_ids() if i[0] in measures]


# Overlays
def test_single_initiatives_win_over_the_shorthand_and_keep_what_they_do_not_say(
    write_scenario: Write,
) -> None:
    scenario = load_scenario(
        write_scenario(
            """
            initiatives:
              "1.2": {strength: 0.5}
              "1.3": off
              "2.1": on
              "3.1": {start: 2030-04, stop: 2032-04, ramp_months: 6}
            measures:
              1: {strength: 0.8, start: 2026-04}
            """
        )
    )
    assert dict(scenario.initiatives) == {
        "1.1": InitiativeSetting(0.8, 24),
        "1.2": InitiativeSetting(0.5, 24),
        "1.4": InitiativeSetting(0.8, 24),
        "1.5": InitiativeSetting(0.8, 24),
        "2.1": InitiativeSetting(1.0, 0),
        "3.1": InitiativeSetting(1.0, 72, 96, 6),
    }


def test_extends_lays_one_file_over_the_other(write_scenario: Write, known_trend: None) -> None:
    write_scenario(
        """
        extends: m1_m2
        parameters: {collaboration.trend: 0.1}
        discount: none
        wards: [13112]
        budget: {rule: fixed, yen_per_year: 28700000000}
        """,
        "parent",
    )
    child = load_scenario(
        write_scenario(
            """
            extends: parent.yaml
            measures:
              1: off
              2: {start: 2027-04}
            wards: all
            budget: {rule: follow}
            """
        )
    )
    assert dict(child.initiatives) == dict.fromkeys(of_measures("2"), InitiativeSetting(1.0, 36))
    assert (child.parameters, child.discount) == ({"collaboration.trend": 0.1}, "none")
    assert (child.wards, child.budget, child.id) == (None, BudgetRule("follow"), "mine")


def test_a_preset_for_all_wards(write_scenario: Write) -> None:
    everywhere = load_scenario(write_scenario("extends: setagaya\nwards: all\n"))
    assert everywhere.wards is None
    assert everywhere.initiatives == load_scenario("setagaya").initiatives


def test_order_in_the_file_does_not_matter(write_scenario: Write, known_trend: None) -> None:
    blocks = [
        "measures:\n  3: {start: 2028-04}\n  1: on\n",
        'initiatives:\n  "3.2": {strength: 0.3}\n  "1.5": off\n',
        "parameters: {collaboration.trend: 0.1}\n",
        "wards: [Setagaya, 13101]\n",
        "discount: as_claimed\n",
    ]
    reference = load_scenario(write_scenario("".join(blocks)))
    reordered = [
        b.replace("3: {start: 2028-04}\n  1: on", "1: on\n  3: {start: 2028-04}") for b in blocks
    ]
    dice = random.Random(1)
    for _ in range(10):
        dice.shuffle(reordered)
        scenario = load_scenario(write_scenario("".join(reordered)))
        assert scenario == reference
        assert list(scenario.initiatives) == list(reference.initiatives)
        assert json.dumps(scenario.to_dict()) == json.dumps(reference.to_dict())


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("all", None),
        ("[13112]", (13112,)),
        ("[setagaya, 文京区, 杉並]", (13105, 13112, 13115)),
        (f"[{', '.join(str(c) for c in range(13101, 13124))}]", None),
    ],
)
def test_wards_by_code_and_name(
    write_scenario: Write, written: str, codes: tuple[int, ...] | None
) -> None:
    assert load_scenario(write_scenario(f"wards: {written}\n")).wards == codes


def test_ward_codes_cover_the_23_wards() -> None:
    assert sorted(set(load_place().codes_by_name().values())) == list(range(13101, 13124))


def test_profile_file_is_found_beside_the_scenario(write_scenario: Write, tmp_path: Path) -> None:
    (tmp_path / "mine.profile.yaml").write_text("name: mine\n", encoding="utf-8")
    scenario = load_scenario(write_scenario("profile: mine.profile.yaml\n"))
    assert scenario.profile == str((tmp_path / "mine.profile.yaml").resolve())
    assert load_scenario(write_scenario("profile: official\n")).profile == "official"


# Horizon
def test_dates_must_lie_inside_the_horizon(write_scenario: Write) -> None:
    path = write_scenario("measures:\n  3: {start: 2028-04}\n")
    assert load_scenario(path, years=5).initiatives["3.1"].start == 48
    with pytest.raises(
        ContentError, match=r"mine.yaml:4: measures.3.start.*needs 5 years"
    ) as caught:
        load_scenario(path, years=4)
    assert caught.value.exit_code == 3
    with pytest.raises(UsageError, match="years must be 1 or more"):
        load_scenario(path, years=0)


def test_a_date_that_a_later_file_replaces_does_no_harm(write_scenario: Write) -> None:
    path = write_scenario("extends: staged\nmeasures:\n  2: off\n  3: {start: 2025-04}\n")
    assert load_scenario(path, years=2).initiatives["3.1"].start == 12


def test_a_start_after_the_horizon_is_allowed_in_python() -> None:
    scenario = load_scenario("m1")
    late = dataclasses.replace(
        scenario,
        initiatives={i: dataclasses.replace(s, start=999) for i, s in scenario.initiatives.items()},
    )
    assert {s.start for s in late.initiatives.values()} == {999}


def test_validate_tells_what_a_file_is(write_scenario: Write, tmp_path: Path) -> None:
    assert "valid scenario 'mine'" in validate_file(write_scenario("measures: {1: on}\n"))
    profile = tmp_path / "mine_profile.yaml"
    profile.write_text(
        "name: mine\nextends: document\nrows:\n  vol_rate:\n    valu: 30\n", encoding="utf-8"
    )
    with pytest.raises(ContentError, match=r"mine_profile.yaml:5: .*valu"):
        validate_file(profile)
    official = data_dir("calibration", "evidence", "official.yaml")
    assert "evidence profile 'official'" in validate_file(official)
    parameter = tmp_path / "p.yaml"
    parameter.write_text("a.b:\n  value: 1\n  unit: share\n  kind: fixd\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"p\.yaml:1: a\.b: missing meaning, source, status"):
        validate_file(parameter)
    more = parameter.read_text(encoding="utf-8").replace("fixd", "fixed")
    parameter.write_text(
        more + "  status: assumed\n  meaning: A number.\n  source: example\n", encoding="utf-8"
    )
    assert "valid parameter file, 1 parameters" in validate_file(parameter)
    assert "valid file of priors" in validate_file(data_dir("calibration", "priors.yaml"))
    prior = tmp_path / "priors.yaml"
    prior.write_text("a.b:\n  distribution: {}\n  unit: share\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"priors\.yaml:1: a\.b: missing citation, reason"):
        validate_file(prior)
