"""Scenarios of the page: a plan (JSON) and the bundled file format (YAML), each into the other.

Both go through the strict reader of scenario files. What comes from a browser may extend bundled
scenarios and name bundled profiles only: no text of a client is ever used as a path.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from sim.app.errors import ApiError
from sim.base.strict_yaml import YamlFile, parse_yaml
from sim.scenario.bundled import scenario_ids
from sim.scenario.types import Scenario

UPLOAD = "scenario.yaml"
"""The name that errors give to what was sent."""
MOST_NODES = 5_000
"""Keys and values of a file: every initiative and every parameter set take about a thousand."""


def read_json(body: bytes) -> Any:
    """JSON strictly: no NaN, no number or nesting that Python refuses. Raises ApiError 400.

    Raises ApiError 422 for a text that cannot be written down (half of a pair of surrogates).
    """

    def refuse(name: str) -> Any:
        raise ValueError(name)

    try:
        found = json.loads(body.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError):
        raise ApiError(400, "serve_json") from None
    _check_texts(found)
    return found


def _check_texts(found: Any) -> None:
    """Refuse what could not be written to a file or sent. Raises ApiError 422."""
    try:
        json.dumps(found, ensure_ascii=False, skipkeys=True, default=str).encode()
    except UnicodeEncodeError:
        raise ApiError(422, "serve_utf8", hint="serve_utf8_hint") from None


def read_object(body: bytes, allowed: set[str]) -> dict[str, Any]:
    """A JSON object with no other keys than ``allowed``. Raises ApiError 400 or 422."""
    found = read_json(body)
    if not isinstance(found, dict):
        raise ApiError(400, "serve_json")
    unknown = sorted(set(found) - allowed)
    if unknown:
        raise ApiError(422, "serve_request", unknown[0][:80], "serve_unknown_key")
    return found


def of_plan(plan: Any, years: int) -> Scenario:
    """The scenario of a plan. Raises ApiError and ContentError."""
    return _read(YamlFile(Path(UPLOAD), plan), years)


def of_yaml(body: bytes, years: int) -> Scenario:
    """The scenario of an uploaded file. Raises ApiError and ContentError."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ApiError(422, "serve_utf8", hint="serve_utf8_hint") from None
    file = parse_yaml(text, UPLOAD, MOST_NODES)
    _check_texts(file.data)
    return _read(file, years)


@cache
def _profiles() -> tuple[str, ...]:
    from sim.figures.profiles import profile_names

    return tuple(profile_names())


def _read(file: YamlFile, years: int) -> Scenario:
    from sim.scenario.reader import scenario_of

    if isinstance(file.data, dict):
        for key, valid in (("extends", scenario_ids()), ("profile", _profiles())):
            given = file.data.get(key)
            if given is not None and given not in valid:
                raise ApiError(422, f"serve_{key}", key, ", ".join(valid))
    return scenario_of(file, years)


def answer(scenario: Scenario) -> dict[str, Any]:
    """A scenario as the page gets it: the file's text and the plan."""
    return {"yaml": scenario.to_yaml(), "plan": scenario.to_dict()}
