"""What a unit allows: the range of its numbers, whether they are whole; the same at every door.

The rules are those of arithmetic: a share is a part of a whole, a flag is off or on, what is
counted or paid is not below zero. Logarithms have a sign; beyond ``LARGEST_LOG`` their exponential
is no effect but a slip. Where an entry of a parameter has ``bounds``, these hold in their place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LARGEST_LOG = 20.0
"""e^20 is a factor of half a billion."""
SIGNED = ("ln", "log", "sd", "index", "odds")
"""How units begin whose numbers may be below zero."""
WHOLE = ("wards", "organisations", "count", "month of the fiscal year")
PER_CENT = 100.0


@dataclass(frozen=True)
class UnitRange:
    """``low`` to ``high``, both allowed; ``whole``: no fractions."""

    low: float
    high: float
    whole: bool = False

    def problem(self, x: float) -> str | None:
        """Why ``x`` cannot be a number of this unit, or None."""
        if not self.low <= x <= self.high:
            return f"{x:g} is outside {self.text}"
        if self.whole and x != int(x):
            return f"{x:g} is not a whole number"
        return None

    @property
    def text(self) -> str:
        """The range in words."""
        if self.whole and self.high == 1.0:
            return "0 or 1"
        return f"{self.low:g} to {self.high:g}" if self.high < math.inf else f"{self.low:g} or more"


def range_of(unit: str, bounds: tuple[float, float] | None = None) -> UnitRange:
    """What a unit allows; ``bounds`` of a parameter win."""
    if bounds is not None:
        low, high = bounds
    elif unit.startswith(SIGNED):
        low, high = -LARGEST_LOG, LARGEST_LOG
    else:
        low, high = 0.0, 1.0 if unit in ("share", "flag") else math.inf
    return UnitRange(low, high, unit in WHOLE or unit == "flag")


def likely(x: float, unit: str, allowed: UnitRange) -> str:
    """`` (did you mean ...?)`` for a share that was given as per cent; else an empty text."""
    meant = x / PER_CENT
    if unit.startswith("share") and abs(x) > 1.0 and allowed.problem(meant) is None:
        return f"; did you mean {meant:g}?"
    return ""
