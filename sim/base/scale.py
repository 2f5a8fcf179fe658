"""The share of residents that is simulated."""

from __future__ import annotations

from fractions import Fraction

from sim.base.errors import UsageError

SMALLEST_SCALE = Fraction(1, 1000)
"""The smallest share of residents that can be simulated: below it, wards hold too few."""


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
