"""The keys of a scenario file, declared once: the loader and the editors' JSON Schema read them.

``python -m sim.scenario.schema > scenarios/scenario.schema.json`` writes the schema anew; a test
holds that the file equals what this module says.
"""

from __future__ import annotations

import json
from typing import Any

from sim.base.calendar import MONTH
from sim.base.user_choices import DISCOUNTS

SCENARIO_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
BUDGET_RULES = ("follow", "fixed")

LABEL_KEYS: dict[str, Any] = {
    "en": {"type": "string", "minLength": 1, "description": "English"},
    "ja": {"type": "string", "minLength": 1, "description": "Japanese"},
}
SETTING_KEYS: dict[str, Any] = {
    "strength": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 1,
        "description": "Dose and coverage: 1 = the dose that would meet the document's own targets "
        "with full uptake. It never scales the effect per dose.",
    },
    "start": {
        "type": "string",
        "pattern": MONTH,
        "description": "First month, YYYY-MM, inside the horizon; left out: the first month of the "
        "horizon, April of the place's start year.",
    },
    "stop": {
        "type": ["string", "null"],
        "pattern": MONTH,
        "default": None,
        "description": "First month without it, YYYY-MM; null = until the end.",
    },
    "ramp_months": {
        "type": ["integer", "null"],
        "minimum": 0,
        "default": None,
        "description": "Months from the start to full dose; null = the initiative's own; 0 = none.",
    },
}
BUDGET_KEYS: dict[str, Any] = {
    "rule": {
        "enum": list(BUDGET_RULES),
        "description": "follow: the budget follows the projects and extra yen are reported as cost "
        "(default). fixed: the yen of yen_per_year are a hard limit.",
    },
    "yen_per_year": {
        "type": "integer",
        "minimum": 1,
        "description": "Yen a year of all wards together; with rule fixed only.",
    },
}


def _mapping(keys: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": keys, **more}


def _settings(pattern: str, description: str) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "patternProperties": {pattern: {"$ref": "#/definitions/setting"}},
        "description": description,
    }


SCENARIO_KEYS: dict[str, Any] = {
    "id": {
        "type": "string",
        "pattern": SCENARIO_ID,
        "description": "Short name that stands in every result: letters, digits, '_' and '-'.",
    },
    "name": _mapping(LABEL_KEYS, minProperties=1, description="Name in English, Japanese or both."),
    "description": _mapping(
        LABEL_KEYS,
        minProperties=1,
        description="One or two sentences, in English, Japanese or both.",
    ),
    "extends": {
        "type": "string",
        "minLength": 1,
        "description": "The scenario this one changes: a bundled id, or a file relative to this "
        "one. Left out: nothing is switched on.",
    },
    "measures": _settings(
        "^[1-9]$", "Shorthand: the setting of all initiatives of a measure (1, 2, 3)."
    ),
    "initiatives": _settings(
        r"^[1-9]\.[1-9][0-9]*$", "Single initiatives (1.1 to 3.5); they win over the shorthand."
    ),
    "parameters": {
        "type": "object",
        "additionalProperties": {"type": "number"},
        "description": "Parameter id -> value; wins over draws. Ids: kyodo describe parameters.",
    },
    "profile": {
        "type": ["string", "null"],
        "minLength": 1,
        "description": "Evidence profile: document, official, or a file relative to this one.",
    },
    "discount": {
        "enum": [*DISCOUNTS, None],
        "description": "How claimed effects are taken: discounted (default), as_claimed (labelled "
        "extreme), none (claimed effects have no effect).",
    },
    "budget": _mapping(
        BUDGET_KEYS,
        required=["rule"],
        description="The rule of the co-production budget.",
        **{
            "if": {"properties": {"rule": {"const": "fixed"}}},
            "then": {"required": ["yen_per_year"]},
            "else": {"properties": {"yen_per_year": False}},
        },
    ),
    "wards": {
        "oneOf": [
            {"const": "all"},
            {
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": {"type": ["integer", "string"]},
            },
        ],
        "description": "Wards where the measures apply: all, or a list of codes (JIS X 0402, five "
        "digits) or names in English or Japanese.",
    },
}
REQUIRED_KEYS = ("id", "name")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 7, the one editors know best) of a scenario file."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Kyodo scenario",
        "description": "An overlay on another scenario. Generated by sim/scenario/schema.py; names "
        "of initiatives, parameters and wards and the horizon are checked by kyodo validate.",
        **_mapping(SCENARIO_KEYS, required=list(REQUIRED_KEYS)),
        "definitions": {
            "setting": {
                "description": "on, off, or a mapping; what is left out is inherited.",
                "oneOf": [{"enum": ["on", "off", True, False]}, _mapping(SETTING_KEYS)],
            }
        },
    }


def schema_text() -> str:
    """``json_schema()`` as the text of scenarios/scenario.schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(schema_text())
