"""Quartiles of tidy results, for the inner band of a chart: half of the runs lie in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.experiments.compare import CELL, RESULT_COLUMNS
from sim.experiments.intervals import MIN_DRAWS, quantiles

if TYPE_CHECKING:
    import pandas as pd


def add_quartiles(rows: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """Comparison rows with columns ``p25`` and ``p75``, empty under 50 draws (``MIN_DRAWS``).

    ``rows``: of ``comparison_rows``; ``results``: the tidy results that they were made of, as in
    ``study.rows`` and ``study.table`` of ``sim.compare``. Raises UsageError where a column is
    missing.
    """
    import pandas as pd

    missing = [c for c in RESULT_COLUMNS if c not in results]
    if missing:
        raise UsageError(f"results: no column '{missing[0]}'; needed: {', '.join(RESULT_COLUMNS)}")
    keys = ["scenario", *(c for c in CELL if c in rows or c in ("indicator", "fiscal_year"))]
    whole = results
    for column, everything in (("ward", "all"), ("month", "")):
        if column not in rows:
            whole = whole.loc[whole[column] == everything]
    value = whole["value"].where(whole["status"] == "ok").astype("float64")
    wide = value.set_axis(pd.MultiIndex.from_frame(whole[[*keys, "draw", "replicate"]]))
    table = pd.DataFrame(wide.unstack(["draw", "replicate"]))
    p25, p75 = quantiles(table.to_numpy(float), [0.25, 0.75])
    found = table.index.to_frame(index=False).assign(p25=p25, p75=p75)
    out = rows.merge(found, on=keys, how="left", validate="one_to_one")
    out.loc[out["draws"] < MIN_DRAWS, ["p25", "p75"]] = float("nan")
    return out
