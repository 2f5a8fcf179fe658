"""What a user may choose in several places: discount mode, split of results, language.

The command line takes the enums; files, requests and functions take the words of the tuples.
"""

from __future__ import annotations

from enum import StrEnum


class Discount(StrEnum):
    """Discount modes of claimed effects."""

    discounted = "discounted"
    as_claimed = "as_claimed"
    none = "none"


class By(StrEnum):
    """What results are split by, beside the fiscal year."""

    ward = "ward"
    month = "month"


class Lang(StrEnum):
    """Languages of tables, charts and summaries."""

    ja = "ja"
    en = "en"


DISCOUNTS = tuple(mode.value for mode in Discount)
"""Discount modes; the first is the one that holds where none is named."""

BY = ("year", *(split.value for split in By))
"""What results are split by; the first is the one that holds where none is named."""

LANGUAGES = tuple(lang.value for lang in Lang)
"""Languages of everything that a person reads."""

GROUPS = ("initiative", "part", "parameter")
"""How uncertain parameters are grouped: by initiative; by its effect, delivery and cost; not."""

LEVELS = ("measures", "initiatives")
"""What effects are divided among, and what is put in order."""
