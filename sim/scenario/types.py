"""Scenarios: overlays on the baseline that say which initiatives run, how strongly, when and where.

A scenario is data only. It is written as YAML (docs/scenarios.md) or built in Python; both become
the frozen ``Scenario``. Floor: above figures and places, below the model, which reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sim.base.calendar import month_text
from sim.base.errors import UsageError, nearest
from sim.base.user_choices import DISCOUNTS
from sim.figures.initiatives import natural_order
from sim.places.load import load_place
from sim.scenario.schema import BUDGET_RULES


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
            raise UsageError(f"stop (month {self.stop}) must be after start (month {self.start})")
        if self.ramp_months is not None and self.ramp_months < 0:
            raise UsageError(f"ramp_months must be 0 or more, not {self.ramp_months}")

    def to_dict(self, start_year: int) -> dict[str, Any]:
        """Plain values, months as text: month 0 is April of ``start_year``."""
        return {
            "strength": float(self.strength),
            "start": month_text(self.start, start_year),
            "stop": None if self.stop is None else month_text(self.stop, start_year),
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


@dataclass(frozen=True)
class Scenario:
    """Which initiatives run, and under which assumptions. Equal content compares equal.

    ``initiatives`` holds only those switched on, in the order of their ids. ``profile`` and
    ``discount`` None leave the choice to the command. ``wards`` are the ward codes where measures
    apply; None = all. A start after the horizon is allowed here (it gives the baseline), though
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
        ordered = {k: self.initiatives[k] for k in sorted(self.initiatives, key=natural_order)}
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
        from sim.figures.parameters import load_parameters

        table = load_parameters()
        for parameter_id, value in parameters.items():
            problem = table.override_problem(parameter_id, value)
            if problem is not None:
                raise UsageError(problem)
        return replace(self, parameters={**self.parameters, **parameters})

    def to_dict(self, labels: bool = True, start_year: int | None = None) -> dict[str, Any]:
        """Canonical plain form: equal for equal scenarios, whatever the order in the file.

        ``labels`` False leaves out names and descriptions, which no result depends on: hash that.
        ``start_year``: that of the place, if None of the default place.
        """
        year = load_place().start_year if start_year is None else start_year
        plain: dict[str, Any] = {"id": self.id}
        if labels:
            for key, en, ja in (
                ("name", self.name_en, self.name_ja),
                ("description", self.description, self.description_ja),
            ):
                texts = {k: v for k, v in (("en", en), ("ja", ja)) if v}
                if texts:
                    plain[key] = texts
        plain["initiatives"] = {k: s.to_dict(year) for k, s in self.initiatives.items()}
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
