"""Small helpers for the tables of charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def tidy(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """A table with exactly these columns; what a row lacks is NaN."""
    import pandas as pd

    return pd.DataFrame(list(rows), columns=list(columns))


def last_year(table: pd.DataFrame) -> int:
    """The last fiscal year of a table."""
    return int(table["fiscal_year"].max())
