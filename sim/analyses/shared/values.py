"""What experiments read from runs: outcome indicators, targets, scenarios with some initiatives."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.analyses.shared.reached import is_reached, target_value
from sim.base.errors import UsageError, nearest
from sim.model.indicators import INDICATORS
from sim.scenario.types import Scenario


@cache
def outcomes() -> tuple[str, ...]:
    """Ids of the indicators of class outcome that have a target: what measures are judged by.

    Deliveries are the plan itself and never count as success (model_rules F).
    """
    return tuple(i.id for i in INDICATORS.values() if i.kind == "outcome" and i.target is not None)


def known_indicator(id: str) -> str:
    """``id``, if there is such an indicator. Raises UsageError with the nearest name."""
    if id not in INDICATORS:
        raise UsageError(f"unknown indicator '{id}'{nearest(id, INDICATORS)}")
    return id


def reached(values: ArrayLike, indicator: str, profile: str) -> NDArray[np.bool_]:
    """Whether each value reaches the indicator's target (``is_reached``).

    Raises UsageError for an indicator without a target.
    """
    from sim.figures.evidence import load_profile

    declared = INDICATORS[known_indicator(indicator)]
    target = target_value(declared, load_profile(profile))
    if target is None:
        raise UsageError(f"{indicator} has no target")
    return is_reached(values, target, declared.direction)


def scenario_of(base: Scenario, initiatives: Collection[str], id: str) -> Scenario:
    """``base`` with only these of its initiatives switched on, under another id.

    Raises UsageError for one that is not switched on in ``base``.
    """
    for initiative in initiatives:
        if initiative not in base.initiatives:
            hint = nearest(initiative, base.initiatives)
            raise UsageError(f"{base.id} does not switch on initiative '{initiative}'{hint}")
    kept = {k: s for k, s in base.initiatives.items() if k in initiatives}
    return replace(base, id=id, name_en=id, name_ja=id, initiatives=kept)
