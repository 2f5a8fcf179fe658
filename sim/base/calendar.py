"""Months of the model: index 0 is April of the start year; fiscal years run April to March.

The start year is a fact of the place (`sim.places.place.Place`).
"""

from __future__ import annotations

import re

MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
"""How a month is written: YYYY-MM."""


def month_index(text: str, start_year: int) -> int:
    """Month index of ``YYYY-MM``: 0 = April of ``start_year``. ValueError if malformed."""
    if not re.match(MONTH, text):
        raise ValueError(f"a month is written YYYY-MM, as {start_year}-04, not '{text}'")
    return (int(text[:4]) - start_year) * 12 + int(text[5:]) - 4


def month_text(index: int, start_year: int) -> str:
    """``YYYY-MM`` of a month index: 0 = April of ``start_year``."""
    year, month = divmod(index + 3, 12)
    return f"{start_year + year:04d}-{month + 1:02d}"
