"""The file of a sweep, read strictly: whatever cannot be meant is refused with file, line and the
nearest valid name. docs/experiments.md shows one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.analyses.sweep.estimate import Sweep
from sim.analyses.sweep.points import (
    MOST_POINTS,
    NO_POINTS,
    POINT_METHODS,
    START,
    STRENGTH,
    SweepPoints,
    factor_problem,
    factorial,
    read_points,
    spread,
    unit_points,
)
from sim.base.errors import ContentError, UsageError, nearest
from sim.base.scale import parse_scale
from sim.base.strict_yaml import YamlFile, read_yaml
from sim.base.user_choices import BY, DISCOUNTS
from sim.figures.parameters import load_parameters
from sim.scenario.reader import load_scenario
from sim.scenario.types import Scenario

KEYS = {
    "scenarios",
    "points",
    "draws",
    "replicates",
    "scale",
    "years",
    "seed",
    "profile",
    "discount",
    "by",
    "parameters",
}
POINT_KEYS = {"method", "count", "vary", "file", "seed"}
OWN = "prior"
"""Written for a parameter's own distribution."""


def read_sweep(path: Path | str, **given: Any) -> Sweep:
    """Read a design. ``given``: values of the command line that win (draws, scale ...); None: not.

    Raises UsageError for a missing file or a wrong value of the command line, ContentError for what
    is wrong in the file.
    """
    file = read_yaml(Path(path))
    file.check_keys(file.data, KEYS, {"scenarios"})
    data = {**file.data, **{k: v for k, v in given.items() if v is not None}}
    typed = {k for k, v in given.items() if v is not None}
    years = _whole(file, data, "years", 10, typed)
    scenarios = _scenarios(file, years)
    profile = _choice(file, data, "profile", None, typed) or _profile(file, scenarios)
    by = _choice(file, data, "by", BY, typed) or "year"
    discount = _choice(file, data, "discount", DISCOUNTS, typed)
    draws = data.get("draws")
    if draws is not None and draws != "central":
        draws = _whole(file, data, "draws", 1, typed)
    try:
        scale = parse_scale(data.get("scale", "1/100"))
        table = load_parameters(profile)
    except UsageError as error:
        if {"scale", "profile"} & typed:
            raise
        raise ContentError(str(error), file.path) from None
    sweep = Sweep(
        scenarios,
        draws=None if draws == "central" else draws,
        replicates=_whole(file, data, "replicates", 1, typed),
        scale=scale,
        years=years,
        seed=_whole(file, data, "seed", 0, typed, 0),
        profile=profile,
        discount=discount,
        by=by,
        parameters=tuple(sorted({**_fixed(file, table), **(given.get("overrides") or {})}.items())),
    )
    method, points = _points(file, table, sweep)
    for name in points.names:
        if name in dict(sweep.parameters):
            raise UsageError(f"{name} is varied by the points: it cannot be set as well")
    sweep = replace(sweep, points=points, method=method, recipe=_recipe(file, sweep.seed, points))
    try:
        for scenario in range(len(sweep.scenarios)):
            _ = sweep[scenario].identity
    except UsageError as error:
        if typed:
            raise
        raise ContentError(str(error), file.path) from None
    return sweep


def _profile(file: YamlFile, scenarios: Sequence[Scenario]) -> str:
    """The profile that the scenarios name, if any. Raises ContentError where they name several."""
    named = sorted({s.profile for s in scenarios if s.profile is not None})
    if len(named) > 1:
        raise file.error(
            f"scenarios: they name different profiles ({', '.join(named)}): choose one with the key"
            " profile, or their difference would mix evidence with policy",
            "scenarios",
        )
    return named[0] if named else "document"


def _recipe(file: YamlFile, seed: int, points: SweepPoints) -> str:
    """What of the points names the study: all but how many a Sobol' sequence has."""
    import json

    raw = dict(file.data.get("points", {}))
    if raw.get("method") == "sobol":
        raw.pop("count")
    if raw.get("method") == "file":
        raw["file"] = [list(points.names), points.values.tolist()]
    return json.dumps({"seed": seed, **raw}, sort_keys=True)


def _scenarios(file: YamlFile, years: int) -> tuple[Scenario, ...]:
    names = file.data["scenarios"]
    if not isinstance(names, list) or not names:
        raise file.error(
            f"scenarios: expected a list of ids or files, found {names!r}", "scenarios"
        )
    found: list[Scenario] = []
    for n, name in enumerate(names):
        beside = file.path.parent / str(name)
        is_file = beside.suffix in (".yaml", ".yml") and beside.is_file()
        try:
            found.append(load_scenario(beside if is_file else str(name), years))
        except UsageError as error:
            raise file.error(f"scenarios: {error}", "scenarios", n) from None
        if found[-1].id in [s.id for s in found[:-1]]:
            raise file.error(f"scenarios: '{found[-1].id}' is there twice", "scenarios", n)
    return tuple(found)


def _fixed(file: YamlFile, table: Any) -> dict[str, float]:
    """The section ``parameters``: values that hold in every run."""
    raw = file.data.get("parameters", {})
    file.check_keys(raw, set(table), set(), "parameters")
    for id, value in raw.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise file.error(f"parameters.{id}: {value!r} is not a number", "parameters", id)
        problem = table.override_problem(id, float(value))
        if problem is not None:
            raise file.error(f"parameters.{id}: {problem}", "parameters", id)
    return {id: float(value) for id, value in raw.items()}


def _points(file: YamlFile, table: Any, sweep: Sweep) -> tuple[str, SweepPoints]:
    """The section ``points``."""
    if "points" not in file.data:
        return "none", NO_POINTS
    raw = file.data["points"]
    file.check_keys(raw, POINT_KEYS, {"method"}, "points")
    method = raw["method"]
    if method not in POINT_METHODS:
        hint = nearest(str(method), POINT_METHODS)
        hint = hint or f" (one of {', '.join(POINT_METHODS)})"
        raise file.error(f"points.method: unknown method '{method}'{hint}", "points", "method")
    needed = {"factorial": {"vary"}, "file": {"file"}}.get(method, {"vary", "count"})
    file.check_keys(raw, {"method", "seed", *needed}, {"method", *needed}, "points")
    if method == "file":
        path = file.path.parent / str(raw["file"])
        points = read_points(path)
        for n, name in enumerate(points.names):
            problem = factor_problem(name, table, [], sweep.years)
            if problem:
                raise ContentError(problem, path, 1)
            for row, value in enumerate(points.values[:, n].tolist()):
                problem = factor_problem(name, table, [value], sweep.years)
                if problem:
                    raise ContentError(problem, path, points.lines[row])
        return method, points
    ranges = raw["vary"]
    if not isinstance(ranges, dict) or not ranges:
        raise file.error("points.vary: expected factors with their values", "points", "vary")
    if method == "factorial":
        levels = {str(k): _levels(file, str(k), v) for k, v in ranges.items()}
        _check(file, table, levels, sweep.years)
        return method, factorial(levels)
    spans = {str(k): _span(file, str(k), v, table) for k, v in ranges.items()}
    _check(file, table, {k: v for k, v in spans.items() if v is not None}, sweep.years)
    count, seed = raw["count"], raw.get("seed", sweep.seed)
    for key, value, low in (("count", count, 1), ("seed", seed, 0)):
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not (whole and low <= value <= MOST_POINTS):
            message = f"points.{key}: {value!r} is no whole number from {low} to {MOST_POINTS:,}"
            raise file.error(message, "points", key)
    return method, spread(unit_points(method, count, len(spans), seed), spans, table)


def _check(file: YamlFile, table: Any, values: dict[str, Any], years: int) -> None:
    for name, numbers in values.items():
        problem = factor_problem(name, table, list(numbers), years)
        if problem:
            raise file.error(f"points.vary: {problem}", "points", "vary", name)


def _levels(file: YamlFile, name: str, raw: Any) -> list[float]:
    if not isinstance(raw, list) or not raw or not all(_is_number(v) for v in raw):
        raise file.error(f"points.vary.{name}: expected a list of numbers", "points", "vary", name)
    return [float(v) for v in raw]


def _span(file: YamlFile, name: str, raw: Any, table: Any) -> tuple[float, float] | None:
    """(low, high) of ``{low: 0, high: 1}``, or None for ``prior``."""
    if raw == OWN:
        own = not name.startswith((STRENGTH, START)) and name in table
        if own and table[name].distribution is None:
            message = f"points.vary.{name}: has no distribution of its own; give low and high"
            raise file.error(message, "points", "vary", name)
        if not own:
            lever = name.startswith((STRENGTH, START))
            problem = f"{name} has no distribution; give low and high"
            problem = problem if lever else factor_problem(name, table, [0.0], 1)
            raise file.error(f"points.vary: {problem}", "points", "vary", name)
        return None
    file.check_keys(raw, {"low", "high"}, {"low", "high"}, "points", "vary", name)
    low, high = raw["low"], raw["high"]
    if not (_is_number(low) and _is_number(high) and low < high):
        message = f"points.vary.{name}: low must be a number below high"
        raise file.error(message, "points", "vary", name)
    return float(low), float(high)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(
    file: YamlFile, data: dict[str, Any], key: str, default: int, typed: set[str], low: int = 1
) -> int:
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        message = f"{key}: {value!r} is not a whole number of at least {low}"
        raise UsageError(message) if key in typed else file.error(message, key)
    return value


def _choice(
    file: YamlFile, data: dict[str, Any], key: str, valid: Sequence[str] | None, typed: set[str]
) -> str | None:
    value = data.get(key)
    if value is None or (isinstance(value, str) and (valid is None or value in valid)):
        return value
    hint = nearest(str(value), valid or ()) or f" (one of {', '.join(valid or ())})"
    message = f"{key}: '{value}' is not known{hint}"
    raise UsageError(message) if key in typed else file.error(message, key)
