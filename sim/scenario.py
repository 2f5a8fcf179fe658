"""Scenarios: overlays on the baseline that say which initiatives run, how strongly, when and where.

A scenario is data only. It is written as YAML (docs/scenarios.md) or built in Python; both become
the frozen ``Scenario``. Layer: above parameters, evidence and measures, below the model.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.errors import UsageError, nearest
from sim.resources import data_dir, read_yaml
from sim.scenario_schema import BUDGET_RULES, DISCOUNTS, MONTH

START_YEAR = 2024
"""Month index 0 is April of this year."""
SMALLEST_SCALE = Fraction(1, 1000)
"""The smallest share of residents that can be simulated: below it, wards hold too few."""
STANDARD = ("baseline", "m1", "m2", "m3", "m1_m2", "m1_m3", "m2_m3", "all_measures")
"""The scenarios that ``kyodo compare`` runs by default: the baseline and the seven combinations."""
_FIRST = (*STANDARD, "staged", "setagaya", "bunkyo", "suginami", "yokohama", "kobe")


def parse_scale(value: str | float | Fraction) -> Fraction:
    """The share of residents to simulate, between 1/1000 and 1: ``0.01`` or ``"1/100"``.

    Raises UsageError for anything else.
    """
    try:
        scale = value if isinstance(value, Fraction) else Fraction(str(value).strip())
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"scale: '{value}' is neither 0.01 nor 1/100") from None
    if not SMALLEST_SCALE <= scale <= 1:
        raise UsageError(f"scale: {value} is not between 1/1000 and 1")
    return scale


def month_index(text: str) -> int:
    """Month index of ``YYYY-MM``: 0 = April 2024, negative before. ValueError if malformed."""
    if not re.match(MONTH, text):
        raise ValueError(f"a month is written YYYY-MM, as 2024-04, not '{text}'")
    return (int(text[:4]) - START_YEAR) * 12 + int(text[5:]) - 4


def month_text(index: int) -> str:
    """``YYYY-MM`` of a month index: 0 = 2024-04."""
    year, month = divmod(index + 3, 12)
    return f"{START_YEAR + year:04d}-{month + 1:02d}"


@dataclass(frozen=True)
class InitiativeSetting:
    """How one initiative is switched on.

    ``strength`` in [0, 1] scales dose and coverage, never the effect per dose. ``start`` and
    ``stop`` (first month without it, or None) are month indices. ``ramp_months`` is the time to
    full dose; None = the initiative's own parameter. Raises UsageError for values that cannot be.
    """

    strength: float = 1.0
    start: int = 0
    stop: int | None = None
    ramp_months: int | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.strength <= 1.0:
            raise UsageError(f"strength must lie between 0 and 1, not {self.strength}")
        if self.stop is not None and self.stop <= self.start:
            raise UsageError(
                f"stop {month_text(self.stop)} must be after start {month_text(self.start)}"
            )
        if self.ramp_months is not None and self.ramp_months < 0:
            raise UsageError(f"ramp_months must be 0 or more, not {self.ramp_months}")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, months as text."""
        return {
            "strength": float(self.strength),
            "start": month_text(self.start),
            "stop": None if self.stop is None else month_text(self.stop),
            "ramp_months": self.ramp_months,
        }


@dataclass(frozen=True)
class BudgetRule:
    """``follow``: the budget follows the projects. ``fixed``: ``yen_per_year`` is a hard limit."""

    rule: str = "follow"
    yen_per_year: int | None = None

    def __post_init__(self) -> None:
        if self.rule not in BUDGET_RULES:
            raise UsageError(f"unknown budget rule '{self.rule}'{nearest(self.rule, BUDGET_RULES)}")
        if (self.rule == "fixed") != (self.yen_per_year is not None):
            raise UsageError("budget: yen_per_year is given with rule fixed, and only then")
        if self.yen_per_year is not None and self.yen_per_year <= 0:
            raise UsageError(f"budget: yen_per_year must be above 0, not {self.yen_per_year}")


def _natural(initiative_id: str) -> tuple[tuple[int, str], ...]:
    """Sort key that puts 1.2 before 1.10."""
    return tuple((int(p) if p.isdigit() else -1, p) for p in initiative_id.split("."))


@dataclass(frozen=True)
class Scenario:
    """Which initiatives run, and under which assumptions. Equal content compares equal.

    ``initiatives`` holds only those switched on, in the order of their ids. ``profile`` and
    ``discount`` None leave the choice to the command. ``wards`` are the ward codes where measures
    apply; None = all 23. A start after the horizon is allowed here (it gives the baseline), though
    a file may not have one. ``dataclasses.replace`` makes variants.
    """

    id: str
    name_en: str = ""
    name_ja: str = ""
    description: str = ""
    description_ja: str = ""
    initiatives: Mapping[str, InitiativeSetting] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    profile: str | None = None
    discount: str | None = None
    budget: BudgetRule = field(default_factory=BudgetRule)
    wards: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        # One canonical order, so that neither equality nor hashes see the order in the file.
        ordered = {k: self.initiatives[k] for k in sorted(self.initiatives, key=_natural)}
        object.__setattr__(self, "initiatives", ordered)
        numbers = {k: float(self.parameters[k]) for k in sorted(self.parameters)}
        object.__setattr__(self, "parameters", numbers)
        if self.wards is not None:
            object.__setattr__(self, "wards", tuple(sorted(set(self.wards))))
        if self.discount is not None and self.discount not in DISCOUNTS:
            raise UsageError(
                f"unknown discount mode '{self.discount}'{nearest(self.discount, DISCOUNTS)}"
            )

    def __hash__(self) -> int:
        return hash((self.id, tuple(self.initiatives.items()), tuple(self.parameters.items())))

    def with_overrides(self, parameters: Mapping[str, float]) -> Scenario:
        """A copy with parameter values of the command line, which win over those of the file.

        Raises UsageError for an unknown parameter (with the nearest name) or one out of bounds.
        """
        if not parameters:
            return self
        from sim.parameters import load_parameters

        table = load_parameters()
        for parameter_id, value in parameters.items():
            problem = table.override_problem(parameter_id, value)
            if problem is not None:
                raise UsageError(problem)
        return replace(self, parameters={**self.parameters, **parameters})

    def to_dict(self, labels: bool = True) -> dict[str, Any]:
        """Canonical plain form: equal for equal scenarios, whatever the order in the file.

        ``labels`` False leaves out names and descriptions, which no result depends on: hash that.
        """
        plain: dict[str, Any] = {"id": self.id}
        if labels:
            for key, en, ja in (
                ("name", self.name_en, self.name_ja),
                ("description", self.description, self.description_ja),
            ):
                texts = {k: v for k, v in (("en", en), ("ja", ja)) if v}
                if texts:
                    plain[key] = texts
        plain["initiatives"] = {k: s.to_dict() for k, s in self.initiatives.items()}
        plain["parameters"] = dict(self.parameters)
        plain["profile"] = self.profile
        plain["discount"] = self.discount
        plain["budget"] = {"rule": self.budget.rule}
        if self.budget.yen_per_year is not None:
            plain["budget"]["yen_per_year"] = self.budget.yen_per_year
        plain["wards"] = "all" if self.wards is None else list(self.wards)
        return plain

    def to_yaml(self) -> str:
        """The scenario as a file of its own (no ``extends``) that reads back equal."""
        import yaml

        plain = self.to_dict()
        plain.setdefault("name", {"en": self.id})
        return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)


def initiative_ids() -> tuple[str, ...]:
    """Ids of all initiatives, "1.1" to "3.5", in order."""
    from sim.measures import INITIATIVES

    return tuple(sorted(INITIATIVES, key=_natural))


@lru_cache(maxsize=1)
def ward_codes() -> dict[str, int]:
    """Code of each of the 23 wards by code, English and Japanese name (with and without 区)."""
    from sim.evidence import load_wards

    wards = load_wards()
    codes: dict[str, int] = {}
    for code, en, ja in zip(wards.code, wards.name_en, wards.name_ja, strict=True):
        codes.update(dict.fromkeys((str(code), en.casefold(), ja, ja.removesuffix("区")), code))
    return codes


def scenario_ids() -> list[str]:
    """Ids of the bundled scenarios: the standard ones, staged, the presets, then any other."""
    found = {path.stem for path in data_dir("scenarios").glob("*.yaml")}
    return [s for s in _FIRST if s in found] + sorted(found.difference(_FIRST))


def load_scenario(name_or_path: str | Path | Scenario, years: int = 10) -> Scenario:
    """Read a scenario by bundled id or by file.

    ``years`` is the horizon in fiscal years; dates in files must lie inside it. A ``Scenario`` is
    returned as it is. Raises UsageError (unknown id, missing file), ContentError (file and line).
    """
    if isinstance(name_or_path, Scenario):
        return name_or_path
    from sim.scenario_files import read_scenario

    if years < 1:
        raise UsageError(f"years must be 1 or more, not {years}")
    name = str(name_or_path)
    known = scenario_ids()
    if name in known:
        return read_scenario(data_dir("scenarios", f"{name}.yaml"), years)
    path = Path(name)
    if path.suffix.lower() in (".yaml", ".yml") or path.exists() or len(path.parts) > 1:
        return read_scenario(path, years)
    hint = nearest(name, known) or f" (bundled: {', '.join(known)}; or give a .yaml file)"
    raise UsageError(f"unknown scenario '{name}'{hint}")


def parse_set(text: str) -> tuple[str, float]:
    """``ID=VALUE`` of ``--set`` -> (id, value). Raises UsageError; ids are checked on use."""
    parameter_id, equals, raw = (part.strip() for part in text.partition("="))
    if not equals or not parameter_id or not raw:
        raise UsageError(f"--set needs ID=VALUE, as collaboration.trend=0.0, not '{text}'")
    try:
        value = float(raw)
    except ValueError:
        raise UsageError(f"--set {parameter_id}: '{raw}' is not a number") from None
    if not math.isfinite(value):
        raise UsageError(f"--set {parameter_id}: {raw} is not a finite number")
    return parameter_id, value


def describe_rows() -> list[dict[str, Any]]:
    """One plain dict per bundled scenario, for ``describe scenarios``."""
    rows: list[dict[str, Any]] = []
    for scenario_id in scenario_ids():
        s = load_scenario(scenario_id)
        plain = s.to_dict()
        rows.append(
            {
                "id": s.id,
                "name_en": s.name_en,
                "name_ja": s.name_ja,
                "description_en": s.description,
                "description_ja": s.description_ja,
                **{k: plain[k] for k in plain if k not in ("id", "name", "description")},
                "file": f"scenarios/{scenario_id}.yaml",
            }
        )
    return rows


def validate_file(path: str | Path, years: int = 10) -> str:
    """Check a scenario, an evidence profile, or a file of parameters or priors; say what it is.

    Evidence rows, or extending a profile, make a profile; entries that look like parameters or
    priors a file of these, which must fit the bundled priors or parameters; all else is read as a
    scenario of ``years``. Raises UsageError (missing file), ContentError (line, nearest name).
    """
    from sim.evidence import load_profile, profile_names
    from sim.parameter_files import read_parameter_file, read_table
    from sim.priors import priors_path, read_priors

    data = read_yaml(path).data
    keys = data if isinstance(data, dict) else {}
    if (
        {"rows", "new_rows", "includes"} & set(keys)
        or isinstance(keys.get("wards"), dict)
        or keys.get("extends") in profile_names()
    ):
        folder = data_dir("calibration", "evidence")
        part = set(keys) == {"rows"} and Path(path).resolve().parent == folder.resolve()
        profile = load_profile("document" if part else path)
        what = "valid part of" if part else "valid"
        return f"{path}: {what} evidence profile '{profile.name}', {len(profile)} rows"
    entries = [set(v) for v in keys.values() if isinstance(v, dict)]
    if any(len({"value", "unit", "kind"} & e) > 1 for e in entries):
        found = read_parameter_file(path, load_profile(), read_priors(priors_path()))
        return f"{path}: valid parameter file, {len(found)} parameters"
    if any(len({"distribution", "unit", "reason", "citation"} & e) > 1 for e in entries):
        table = read_table(data_dir("calibration"), load_profile(), Path(path))
        return f"{path}: valid file of priors, {len(table.calibrated())} priors"
    from sim.scenario_files import read_scenario

    scenario = read_scenario(Path(path), years)
    running = ", ".join(scenario.initiatives) or "none"
    return f"{path}: valid scenario '{scenario.id}', initiatives switched on: {running}"
