"""The JSON Schema of scenario files and the documentation follow the code."""

from __future__ import annotations

from pathlib import Path

import jsonschema

from sim.base.files import data_dir
from sim.base.strict_yaml import read_yaml
from sim.scenario.bundled import scenario_ids
from sim.scenario.describe import validate_file
from sim.scenario.schema import SCENARIO_KEYS, SETTING_KEYS, json_schema, schema_text

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_schema_file_is_the_one_that_the_code_makes() -> None:
    written = data_dir("scenarios", "scenario.schema.json").read_text(encoding="utf-8")
    assert written == schema_text(), (
        "write it anew: python -m sim.scenario.schema > scenarios/scenario.schema.json"
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
