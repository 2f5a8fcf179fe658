"""The share of residents that is simulated."""

from __future__ import annotations

import re
from fractions import Fraction

from sim.base.errors import UsageError

_WRITTEN = re.compile(
    r"[+-]?(?:[0-9]{1,9}/[0-9]{1,9}|[0-9]{0,3}\.?[0-9]{0,20}(?:[eE][+-]?[0-9]{1,2})?)"
)

SMALLEST_SCALE = Fraction(1, 1000)
"""The smallest share of residents that can be simulated: below it, wards hold too few."""


def parse_scale(value: str | float | Fraction) -> Fraction:
    """The share of residents to simulate, between 1/1000 and 1: ``0.01`` or ``"1/100"``.

    Raises UsageError for anything else.
    """
    text = str(value).strip()
    try:
        # bounded before it is computed: 1e-99999999 has a hundred million digits
        if not isinstance(value, Fraction) and not _WRITTEN.fullmatch(text):
            raise ValueError
        scale = value if isinstance(value, Fraction) else Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"scale: '{text[:40]}' is neither 0.01 nor 1/100") from None
    if not SMALLEST_SCALE <= scale <= 1:
        raise UsageError(f"scale: {value} is not between 1/1000 and 1")
    return scale
