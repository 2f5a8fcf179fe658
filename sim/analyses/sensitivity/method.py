"""Which method a number of points suffices for, and how many runs it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.analyses.sensitivity import given_data, indices
from sim.analyses.sensitivity.question import SENSITIVITY_METHODS
from sim.analyses.sensitivity.surrogate import FEWEST_RUNS
from sim.base.errors import UsageError, nearest

BASE_ENOUGH = 64
"""Fewest base points from which Sobol' indices are taken directly without being asked to."""

MOST_PAIRED = 40
"""Most factors whose pairs are looked at: their number grows with the square."""


@dataclass(frozen=True)
class ChosenMethod:
    """The method chosen: ``size`` base points, trajectories or points; ``points`` parameter vectors
    in all; ``reason``: key of the sentence that says why, with ``facts`` for it. ``second_order``:
    whether pairs of factors are looked at (not of more than MOST_PAIRED factors)."""

    name: str
    size: int
    points: int
    reason: str
    facts: Mapping[str, Any]
    second_order: bool = True


def choose(asked: str, points: int, factors: int) -> ChosenMethod:
    """The method and its size for about ``points`` parameter vectors and so many ``factors``.

    ``auto`` takes Sobol' indices directly where BASE_ENOUGH base points can be had, else fits a
    surrogate. Raises UsageError for an unknown method, or too few points for it.
    """
    if asked not in SENSITIVITY_METHODS:
        raise UsageError(f"unknown method '{asked}'{nearest(asked, SENSITIVITY_METHODS)}")
    if factors < 2:
        raise UsageError("fewer than two factors vary: there is nothing to compare")
    paired = factors <= MOST_PAIRED
    each = (2 if paired else 1) * factors + 2
    base = _power_of_two(points // each)
    facts = {"factors": factors, "each": each, "base": base, "enough": BASE_ENOUGH}
    facts |= {"points": points, "direct": each * BASE_ENOUGH, "most": MOST_PAIRED}
    if asked == "auto":
        if base >= BASE_ENOUGH:
            return ChosenMethod("sobol", base, base * each, "enough", facts, paired)
        asked, reason = "surrogate", "too_many"
    else:
        reason = "asked"
    if asked == "sobol":
        _enough(base, indices.FEWEST_BASE, each, asked)
        return ChosenMethod(asked, base, base * each, reason, facts, paired)
    if asked == "morris":
        size = points // (factors + 1)
        _enough(size, indices.FEWEST_BASE, factors + 1, asked)
        return ChosenMethod(asked, size, size * (factors + 1), reason, facts)
    _enough(points, FEWEST_RUNS if asked == "surrogate" else given_data.FEWEST_RUNS, 1, asked)
    return ChosenMethod(asked, points, points, reason, facts, paired)


def _power_of_two(n: int) -> int:
    return 2 ** (n.bit_length() - 1) if n else 0


def _enough(size: int, fewest: int, each: int, method: str) -> None:
    if size < fewest:
        raise UsageError(f"--points: {method} needs at least {fewest * each} for these factors")
