"""The table of indices: its columns, the names in it, and which of its rows rank the factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

INDEX_COLUMNS = (
    "factor", "other", "method", "order", "index", "low", "high", "fiscal_year", "status",
)  # fmt: skip
"""Columns of the tidy table. ``other``: the second factor of a second-order index, else "".
``order``: first, total, second (Sobol'), mu_star, mu (Morris), delta, pawn. ``low`` to ``high``:
95 % bootstrap interval. ``fiscal_year``: a year, or "overall". ``status``: "ok" or "no_variance",
whose numbers are NaN."""

OVERALL = "overall"

DUMMY = "(dummy)"
"""A factor that nothing depends on: what delta and PAWN give to it is noise (after Khorashadi Zadeh
et al. 2017, doi:10.1016/j.envsoft.2017.02.001)."""

UNEXPLAINED = "(not explained)"
"""Row of the share of variance that the surrogate does not explain."""

MAIN = {
    "sobol": "total",
    "surrogate": "total",
    "morris": "mu_star",
    "delta": "delta",
    "pawn": "pawn",
}
"""The order by which a method ranks the factors."""

SHARES = ("sobol", "surrogate")
"""Methods whose indices are shares of the variance."""

LEADING = 3
"""How many factors at the top must stay the same for the ranks to be called stable."""


def main_rows(table: pd.DataFrame, year: object = OVERALL) -> pd.DataFrame:
    """The rows that rank the factors in a year, the largest index first; notes in brackets last.

    ``table``: as it was made (years are numbers) or as a folder keeps it (years are text).
    """
    import pandas as pd

    method = str(table["method"].iloc[0])
    keep = (table["order"] == MAIN[method]) & (table["fiscal_year"].astype(str) == str(year))
    rows = table.loc[keep].sort_values("index", ascending=False, kind="stable")
    noted = is_note(rows)
    return pd.concat([rows.loc[~noted], rows.loc[noted]], ignore_index=True)


def is_note(rows: pd.DataFrame) -> pd.Series:
    """Which rows are no factors: the dummy, and what is not explained."""
    return rows["factor"].str.startswith("(")
