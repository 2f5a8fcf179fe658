"""Months of the model: index 0 is April of the start year; fiscal years run April to March."""

from __future__ import annotations

import re

START_YEAR = 2024
"""Month index 0 is April of this year."""

MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
"""How a month is written: YYYY-MM."""


def month_index(text: str) -> int:
    """Month index of ``YYYY-MM``: 0 = April 2024, negative before. ValueError if malformed."""
    if not re.match(MONTH, text):
        raise ValueError(f"a month is written YYYY-MM, as 2024-04, not '{text}'")
    return (int(text[:4]) - START_YEAR) * 12 + int(text[5:]) - 4


def month_text(index: int) -> str:
    """``YYYY-MM`` of a month index: 0 = 2024-04."""
    year, month = divmod(index + 3, 12)
    return f"{START_YEAR + year:04d}-{month + 1:02d}"
