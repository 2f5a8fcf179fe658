"""Scenarios: bundled files, overlays, horizon, canonical form, JSON Schema, validate."""

from __future__ import annotations

import dataclasses
import json
import pickle
import random
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import sim.parameters
from sim.errors import ContentError, UsageError
from sim.parameters import Parameter, ParameterTable
from sim.resources import data_dir, read_yaml
from sim.scenario import (
    STANDARD,
    BudgetRule,
    InitiativeSetting,
    Scenario,
    describe_rows,
    initiative_ids,
    load_scenario,
    month_index,
    month_text,
    parse_set,
    scenario_ids,
    validate_file,
    ward_codes,
)
from sim.scenario_schema import SCENARIO_KEYS, SETTING_KEYS, json_schema, schema_text

PRESETS = {
    "setagaya": (13112,),
    "bunkyo": (13105,),
    "suginami": (13115,),
    "yokohama": None,
    "kobe": None,
}
ROOT = Path(__file__).resolve().parent.parent.parent
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a scenario file; ``id`` and ``name`` are added."""

    def writer(text: str, name: str = "mine") -> Path:
        path = tmp_path / f"{name}.yaml"
        head = f"id: {name}\nname: {{en: Mine, ja: 私案}}\n"
        path.write_text(head + textwrap.dedent(text), encoding="utf-8")
        return path

    return writer


def of_measures(*measures: str) -> list[str]:
    return [i for i in initiative_ids() if i[0] in measures]


@pytest.fixture
def trend(monkeypatch: pytest.MonkeyPatch) -> None:
    """One known parameter, ``collaboration.trend`` with bounds -0.2 to 0.2."""
    parameter = Parameter(
        id="collaboration.trend",
        value=0.0,
        unit="per year",
        kind="lever",
        status="assumed",
        meaning="Growth of proposals.",
        distribution=None,
        bounds=(-0.2, 0.2),
        source="example",
        evidence=(),
        value_from=None,
        file=Path("known.yaml"),
        line=1,
    )
    monkeypatch.setattr(sim.parameters, "load_parameters", lambda: ParameterTable([parameter]))


# Months


@pytest.mark.parametrize(
    ("text", "index"), [("2024-04", 0), ("2025-03", 11), ("2034-03", 119), ("2024-03", -1)]
)
def test_month_zero_is_april_2024(text: str, index: int) -> None:
    assert (month_index(text), month_text(index)) == (index, text)


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


# Overlays


def test_single_initiatives_win_over_the_shorthand_and_keep_what_they_do_not_say(
    write: Write,
) -> None:
    scenario = load_scenario(
        write(
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


def test_extends_lays_one_file_over_the_other(write: Write, trend: None) -> None:
    write(
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
        write(
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


def test_a_preset_for_all_wards(write: Write) -> None:
    everywhere = load_scenario(write("extends: setagaya\nwards: all\n"))
    assert everywhere.wards is None
    assert everywhere.initiatives == load_scenario("setagaya").initiatives


def test_order_in_the_file_does_not_matter(write: Write, trend: None) -> None:
    blocks = [
        "measures:\n  3: {start: 2028-04}\n  1: on\n",
        'initiatives:\n  "3.2": {strength: 0.3}\n  "1.5": off\n',
        "parameters: {collaboration.trend: 0.1}\n",
        "wards: [Setagaya, 13101]\n",
        "discount: as_claimed\n",
    ]
    reference = load_scenario(write("".join(blocks)))
    reordered = [
        b.replace("3: {start: 2028-04}\n  1: on", "1: on\n  3: {start: 2028-04}") for b in blocks
    ]
    dice = random.Random(1)
    for _ in range(10):
        dice.shuffle(reordered)
        scenario = load_scenario(write("".join(reordered)))
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
def test_wards_by_code_and_name(write: Write, written: str, codes: tuple[int, ...] | None) -> None:
    assert load_scenario(write(f"wards: {written}\n")).wards == codes


def test_ward_codes_cover_the_23_wards() -> None:
    assert sorted(set(ward_codes().values())) == list(range(13101, 13124))


def test_profile_file_is_found_beside_the_scenario(write: Write, tmp_path: Path) -> None:
    (tmp_path / "mine.profile.yaml").write_text("name: mine\n", encoding="utf-8")
    scenario = load_scenario(write("profile: mine.profile.yaml\n"))
    assert scenario.profile == str((tmp_path / "mine.profile.yaml").resolve())
    assert load_scenario(write("profile: official\n")).profile == "official"


# Horizon


def test_dates_must_lie_inside_the_horizon(write: Write) -> None:
    path = write("measures:\n  3: {start: 2028-04}\n")
    assert load_scenario(path, years=5).initiatives["3.1"].start == 48
    with pytest.raises(
        ContentError, match=r"mine.yaml:4: measures.3.start.*needs 5 years"
    ) as caught:
        load_scenario(path, years=4)
    assert caught.value.exit_code == 3
    with pytest.raises(UsageError, match="years must be 1 or more"):
        load_scenario(path, years=0)


def test_a_date_that_a_later_file_replaces_does_no_harm(write: Write) -> None:
    path = write("extends: staged\nmeasures:\n  2: off\n  3: {start: 2025-04}\n")
    assert load_scenario(path, years=2).initiatives["3.1"].start == 12


def test_a_start_after_the_horizon_is_allowed_in_python() -> None:
    scenario = load_scenario("m1")
    late = dataclasses.replace(
        scenario,
        initiatives={i: dataclasses.replace(s, start=999) for i, s in scenario.initiatives.items()},
    )
    assert {s.start for s in late.initiatives.values()} == {999}


# Objects


def test_round_trip_through_yaml(tmp_path: Path, trend: None) -> None:
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


def test_overrides_of_the_command_line_win(trend: None) -> None:
    scenario = dataclasses.replace(load_scenario("m1"), parameters={"collaboration.trend": 0.1})
    assert scenario.with_overrides({"collaboration.trend": 0.0}).parameters == {
        "collaboration.trend": 0.0
    }
    assert scenario.with_overrides({}) is scenario
    with pytest.raises(UsageError, match=r"did you mean 'collaboration\.trend'"):
        scenario.with_overrides({"collaboration.trnd": 0.0})
    with pytest.raises(UsageError, match="outside its bounds"):
        scenario.with_overrides({"collaboration.trend": 3.0})


def test_unknown_names_and_missing_files_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown scenario 'all_measure' .did you mean 'all_mea"):
        load_scenario("all_measure")
    with pytest.raises(UsageError, match="file not found"):
        load_scenario(str(tmp_path / "none.yaml"))
    with pytest.raises(UsageError, match="folder"):
        load_scenario(str(tmp_path))


def test_validate_tells_what_a_file_is(write: Write, tmp_path: Path) -> None:
    assert "valid scenario 'mine'" in validate_file(write("measures: {1: on}\n"))
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


# JSON Schema and documentation


def test_the_schema_file_is_the_one_that_the_code_makes() -> None:
    written = data_dir("scenarios", "scenario.schema.json").read_text(encoding="utf-8")
    assert written == schema_text(), (
        "write it anew: python -m sim.scenario_schema > scenarios/scenario.schema.json"
    )
    jsonschema.Draft7Validator.check_schema(json_schema())


def schema_accepts(path: Path) -> bool:
    return jsonschema.Draft7Validator(json_schema()).is_valid(read_yaml(path).data)


def test_the_schema_accepts_the_bundled_files() -> None:
    assert all(schema_accepts(path) for path in data_dir("scenarios").glob("*.yaml"))


def test_the_schema_refuses_what_needs_no_knowledge_of_names() -> None:
    refused = {
        "unknown_section",
        "unknown_setting_key",
        "missing_id",
        "missing_name",
        "bad_id",
        "empty_name",
        "unknown_language",
        "negative_strength",
        "strength_above_one",
        "strength_text",
        "date_malformed",
        "date_thirteenth_month",
        "ramp_fraction",
        "setting_number",
        "setting_empty",
        "wards_empty",
        "unknown_discount",
        "unknown_budget_rule",
        "fixed_budget_without_yen",
        "follow_budget_with_yen",
        "parameter_not_a_number",
        "list",
    }
    folder = ROOT / "tests" / "broken" / "scenarios"
    for name in sorted(refused):
        assert not schema_accepts(folder / f"{name}.yaml"), name
    # Names, dates against the horizon and other files are beyond a schema.
    for name in ("unknown_initiative", "date_after_horizon", "unknown_ward", "extends_unknown"):
        assert schema_accepts(folder / f"{name}.yaml"), name


def test_the_documentation_names_every_key() -> None:
    text = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    for key in (*SCENARIO_KEYS, *SETTING_KEYS):
        assert f"`{key}`" in text, key
    for scenario_id in scenario_ids():
        assert f"`{scenario_id}`" in text, scenario_id


def test_the_examples_of_the_documentation_are_valid(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    examples = [block.partition("```")[0] for block in text.split("```yaml\n")[1:]]
    assert len(examples) >= 3
    for i, example in enumerate(examples):
        path = tmp_path / f"example_{i}.yaml"
        path.write_text(example, encoding="utf-8")
        assert "valid" in validate_file(path)
