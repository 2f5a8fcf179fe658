"""Scenarios: months, the bundled files, the objects, values of the command line."""

from __future__ import annotations

import dataclasses
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.base.calendar import month_index, month_text
from sim.base.errors import UsageError
from sim.base.files import data_dir
from sim.figures.initiatives import initiative_ids
from sim.figures.parameters import parse_set
from sim.scenario.bundled import STANDARD, scenario_ids
from sim.scenario.describe import describe_rows
from sim.scenario.reader import load_scenario
from sim.scenario.types import BudgetRule, InitiativeSetting, Scenario

PRESETS = {
    "setagaya": (13112,),
    "bunkyo": (13105,),
    "suginami": (13115,),
    "yokohama": None,
    "kobe": None,
}


def of_measures(*measures: str) -> list[str]:
    return [i for i in initiative_ids() if i[0] in measures]


# Months
@pytest.mark.parametrize(
    ("text", "index"), [("2024-04", 0), ("2025-03", 11), ("2034-03", 119), ("2024-03", -1)]
)
def test_month_zero_is_april_2024(text: str, index: int) -> None:
    assert (month_index(text, 2024), month_text(index, 2024)) == (index, text)
    assert month_index(text, 2023) == index + 12


# Bundled scenarios
def test_ids_are_those_of_the_contract() -> None:
    ids = scenario_ids()
    assert ids[:8] == list(STANDARD)
    assert ids[8:14] == ["staged", *PRESETS]
    assert [load_scenario(i).id for i in ids] == ids


@pytest.mark.parametrize(
    ("scenario_id", "measures"),
    [
        ("baseline", ""),
        ("m1", "1"),
        ("m2", "2"),
        ("m3", "3"),
        ("m1_m2", "12"),
        ("m1_m3", "13"),
        ("m2_m3", "23"),
        ("all_measures", "123"),
    ],
)
def test_standard_scenarios_run_whole_measures_from_the_start(
    scenario_id: str, measures: str
) -> None:
    scenario = load_scenario(scenario_id)
    assert list(scenario.initiatives) == of_measures(*measures)
    assert set(scenario.initiatives.values()) <= {InitiativeSetting(1.0, 0, None, None)}
    assert (scenario.wards, scenario.profile, scenario.discount) == (None, None, None)
    assert scenario.budget == BudgetRule("follow")
    assert scenario.parameters == {}


def test_fifteen_initiatives_are_known() -> None:
    assert list(initiative_ids()) == [f"{m}.{k}" for m in (1, 2, 3) for k in (1, 2, 3, 4, 5)]


def test_staged_starts_in_years_one_three_and_five() -> None:
    starts = {i: s.start for i, s in load_scenario("staged").initiatives.items()}
    assert starts == {i: {"1": 0, "2": 24, "3": 48}[i[0]] for i in initiative_ids()}


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_complete_and_explained(preset: str) -> None:
    scenario = load_scenario(preset)
    assert scenario.wards == PRESETS[preset]
    assert 3 <= len(scenario.initiatives) < 15
    assert scenario.description
    assert scenario.description_ja
    lines = data_dir("scenarios", f"{preset}.yaml").read_text(encoding="utf-8").splitlines()
    for i, line in enumerate(lines):
        if line.startswith('  "'):
            comment = " ".join(lines[j] for j in range(i - 3, i) if lines[j].startswith("  #"))
            assert "Line" in comment, line
            if "strength: 1.0" not in line:
                assert any(word in comment for word in ("Half", "quarter")), line


def test_a_japanese_text_has_no_space_where_the_file_breaks_the_line() -> None:
    assert " " not in load_scenario("staged").description_ja


def test_every_file_names_the_schema() -> None:
    for path in data_dir("scenarios").glob("*.yaml"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first == "# yaml-language-server: $schema=scenario.schema.json"


def test_rows_for_describe() -> None:
    rows = {row["id"]: row for row in describe_rows()}
    assert list(rows) == scenario_ids()
    assert rows["setagaya"]["wards"] == [13112]
    assert rows["m1"]["initiatives"]["1.1"]["start"] == "2024-04"
    assert rows["m1"]["name_ja"] == "支援策①"
    json.dumps(list(rows.values()), allow_nan=False)


# Objects
def test_round_trip_through_yaml(tmp_path: Path, known_trend: None) -> None:
    scenario = Scenario(
        id="round",
        name_en="Round trip",
        name_ja="往復",
        description="Everything set.",
        description_ja="すべて設定。",
        initiatives={"2.3": InitiativeSetting(0.25, 5, 40, 3), "1.1": InitiativeSetting()},
        parameters={"collaboration.trend": -0.05},
        profile="official",
        discount="as_claimed",
        budget=BudgetRule("fixed", 1_000_000),
        wards=(13123, 13101),
    )
    path = tmp_path / "round.yaml"
    path.write_text(scenario.to_yaml(), encoding="utf-8")
    again = load_scenario(path)
    assert again == scenario
    assert hash(again) == hash(scenario)
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    assert load_scenario(scenario) is scenario


def test_every_bundled_scenario_reads_back_equal(tmp_path: Path) -> None:
    for scenario_id in scenario_ids():
        path = tmp_path / f"{scenario_id}.yaml"
        path.write_text(load_scenario(scenario_id).to_yaml(), encoding="utf-8")
        assert load_scenario(path) == load_scenario(scenario_id)


def test_identity_leaves_out_labels_only() -> None:
    scenario = load_scenario("m1")
    renamed = dataclasses.replace(scenario, name_en="Other", description="Other.")
    assert renamed != scenario
    assert renamed.to_dict(labels=False) == scenario.to_dict(labels=False)
    for change in (
        {"wards": (13101,)},
        {"discount": "none"},
        {"parameters": {"a.b": 1.0}},
        {"initiatives": {}},
        {"budget": BudgetRule("fixed", 5)},
        {"profile": "official"},
    ):
        changed = dataclasses.replace(scenario, **change)
        assert changed.to_dict(labels=False) != scenario.to_dict(labels=False)


@pytest.mark.parametrize(
    "make",
    [
        lambda: InitiativeSetting(strength=-0.1),
        lambda: InitiativeSetting(strength=1.1),
        lambda: InitiativeSetting(strength=float("nan")),
        lambda: InitiativeSetting(start=5, stop=5),
        lambda: InitiativeSetting(ramp_months=-1),
        lambda: BudgetRule("fixed"),
        lambda: BudgetRule("follow", 5),
        lambda: BudgetRule("fixed", 0),
        lambda: BudgetRule("folow"),
        lambda: Scenario("x", discount="some"),
    ],
)
def test_values_that_cannot_be_are_refused_in_python_too(make: Callable[[], Any]) -> None:
    with pytest.raises(UsageError):
        make()


# Command line
def test_set_is_parsed() -> None:
    assert parse_set(" collaboration.trend = 1e-3 ") == ("collaboration.trend", 0.001)
    for text in ("collaboration.trend", "=1", "a=", "a=b", "a=nan", "a=inf", ""):
        with pytest.raises(UsageError, match="--set"):
            parse_set(text)


def test_overrides_of_the_command_line_win(known_trend: None) -> None:
    scenario = dataclasses.replace(load_scenario("m1"), parameters={"collaboration.trend": 0.1})
    assert scenario.with_overrides({"collaboration.trend": 0.0}).parameters == {
        "collaboration.trend": 0.0
    }
    assert scenario.with_overrides({}) is scenario
    with pytest.raises(UsageError, match=r"did you mean 'collaboration\.trend'"):
        scenario.with_overrides({"collaboration.trnd": 0.0})
    with pytest.raises(UsageError, match="is outside"):
        scenario.with_overrides({"collaboration.trend": 3.0})


def test_unknown_names_and_missing_files_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown scenario 'all_measure' .did you mean 'all_mea"):
        load_scenario("all_measure")
    with pytest.raises(UsageError, match="file not found"):
        load_scenario(str(tmp_path / "none.yaml"))
    with pytest.raises(UsageError, match="folder"):
        load_scenario(str(tmp_path))
