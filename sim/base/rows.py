"""Rows of a table as plain values: what JSON, templates and tables in words are made from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_MISSING = ("NaT", "<NA>")
"""How pandas writes a missing time and a missing value; their own comparisons raise."""


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, cells as they are, with text keys."""
    return [{str(k): v for k, v in row.items()} for row in table.to_dict(orient="records")]


def rows_as_json(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as JSON has them: null where there is no number, never NaN."""
    return [plain(row) for row in records(table)]


def plain(value: Any) -> Any:
    """A value as JSON has it.

    Scalars and arrays of numpy become Python's; what is missing or not finite becomes None; sets
    and tuples become lists, dataclasses mappings; anything else (dates, decimals, enums, paths)
    becomes text.
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    text = str(value)
    return None if text in _MISSING else text
