"""The sections of a scenario file that are not about initiatives, each checked and made plain.

Same layer as sim/scenario/types.py. Every function raises ContentError with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sim.base.errors import UsageError, nearest
from sim.base.strict_yaml import YamlFile
from sim.places.place import Place
from sim.scenario.schema import BUDGET_KEYS, BUDGET_RULES, LABEL_KEYS
from sim.scenario.types import BudgetRule


def labels(file: YamlFile, key: str) -> dict[str, str]:
    """Language -> text of ``name`` or ``description``; {} if it is left out."""
    raw = file.data.get(key)
    if raw is None and key not in file.data:
        return {}
    file.check_keys(raw, set(LABEL_KEYS), set(), key)
    for language, text in raw.items():
        if not isinstance(text, str) or not text.strip():
            raise file.error(f"{key}.{language}: expected a text, found {text!r}", key, language)
    if not raw:
        raise file.error(f"{key}: give it in en, ja or both", key)
    # A folded line break is a space in YAML; between Japanese characters it has to go.
    return {
        language: re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", text.strip())
        for language, text in raw.items()
    }


def parameters(file: YamlFile) -> dict[str, float]:
    """Parameter id -> value, ids and bounds checked against the bundled table."""
    raw = file.data["parameters"]
    file.check_keys(raw, set(raw) if isinstance(raw, dict) else set(), set(), "parameters")
    if not raw:
        return {}
    from sim.figures.parameters import load_parameters

    table = load_parameters()
    values: dict[str, float] = {}
    for key, value in raw.items():
        if key in table and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise file.error(
                f"parameters.{key}: expected a number, found {value!r}", "parameters", key
            )
        problem = table.override_problem(key, value)
        if problem is not None:
            raise file.error(problem, "parameters", key)
        values[key] = float(value)
    return values


def profile(file: YamlFile) -> str | None:
    """The name of a bundled evidence profile, the absolute path of a file, or None."""
    from sim.figures.profiles import profile_names

    raw = file.data["profile"]
    if raw is None or raw in profile_names():
        return raw if raw is None else str(raw)
    beside = file.path.parent / str(raw)
    if not isinstance(raw, str) or not beside.is_file():
        if str(raw).endswith((".yaml", ".yml")):
            raise file.error(f"profile: file not found: {raw}", "profile")
        valid = (*profile_names(), "a .yaml file")
        raise file.error(f"profile: unknown profile {unknown(raw, valid)}", "profile")
    return str(beside.resolve())


def unknown(raw: Any, valid: Sequence[str]) -> str:
    """The end of a message about a name that is not valid: the nearest one, or all of them."""
    return f"'{raw}'" + (nearest(str(raw), valid) or f" (one of {', '.join(valid)})")


def budget(file: YamlFile) -> BudgetRule:
    """The budget rule."""
    raw = file.data["budget"]
    file.check_keys(raw, set(BUDGET_KEYS), {"rule"}, "budget")
    if raw["rule"] not in BUDGET_RULES:
        raise file.error(
            f"budget.rule: unknown rule {unknown(raw['rule'], BUDGET_RULES)}", "budget", "rule"
        )
    yen = raw.get("yen_per_year")
    if "yen_per_year" in raw and (isinstance(yen, bool) or not isinstance(yen, int)):
        raise file.error(
            f"budget.yen_per_year: expected whole yen, found {yen!r}", "budget", "yen_per_year"
        )
    try:
        return BudgetRule(raw["rule"], yen)
    except UsageError as error:
        raise file.error(str(error), "budget", "yen_per_year") from None


def wards(file: YamlFile, place: Place) -> tuple[int, ...] | None:
    """Ward codes in rising order, or None for all wards of the place."""
    raw = file.data["wards"]
    if raw == "all":
        return None
    if not isinstance(raw, list) or not raw:
        raise file.error(f"wards: expected all, or a list such as {place.example()}", "wards")
    codes = place.codes_by_name()
    chosen: list[int] = []
    for i, ward in enumerate(raw):
        name = str(ward).strip().casefold()
        if name not in codes:
            shown = {n.title() if n.isascii() else n: n for n in codes}
            hint = nearest(str(ward), shown)
            raise file.error(f"wards: unknown ward '{ward}'{hint}", "wards", i)
        if codes[name] in chosen:
            raise file.error(f"wards: ward '{ward}' is listed twice", "wards", i)
        chosen.append(codes[name])
    return None if len(chosen) == len(place.code) else tuple(sorted(chosen))
