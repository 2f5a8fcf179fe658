"""Results of a job as JSON for the page: the rows of comparison.csv, with quartiles beside them."""

from __future__ import annotations

import csv
from typing import Any

from sim.app.jobs import Job
from sim.experiments.compare import CELL, EXTRA_COLUMNS, ROW_COLUMNS

QUARTILES = ("p25", "p75")
COLUMNS = (*ROW_COLUMNS, "ward", "month", *EXTRA_COLUMNS, *QUARTILES)
TEXT = {"scenario", "indicator", "unit", "status", "ward", "month", "interval_kind"}
FLAGS = {"provisional": True, "reachable": True}
WHOLE = {"fiscal_year", "runs", "runs_available", "draws", "replicates"}


def rows_of(job: Job, *, all_indicators: bool, wards: bool, scenario: str | None) -> dict[str, Any]:
    """Columns and rows. ``wards``: also those of single wards, where the run recorded them."""
    from sim.indicators import INDICATORS

    wanted = {i for i, one in INDICATORS.items() if all_indicators or one.level != "auxiliary"}
    found: list[list[Any]] = []
    keys: list[tuple[str, ...]] = []
    with (job.result / "comparison.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            row.setdefault("ward", "all")
            row.setdefault("month", "")
            if row["indicator"] not in wanted or (scenario and row["scenario"] != scenario):
                continue
            if not wards and row["ward"] != "all":
                continue
            keys.append(tuple(row[name] for name in ("scenario", *CELL)))
            found.append([_value(name, row.get(name, "")) for name in COLUMNS[: -len(QUARTILES)]])
    kinds = {row[COLUMNS.index("interval_kind")] for row in found}
    # Under 50 draws no band is given: their ends would be single runs.
    quartiles = {} if kinds != {"p05_p95"} else _quartiles(job, wanted, wards)
    for key, values in zip(keys, found, strict=True):
        values += quartiles.get(key, (None, None))
    return {"job": job.id, "columns": list(COLUMNS), "rows": found}


def _value(name: str, text: str) -> Any:
    if name in TEXT:
        return text
    if text == "":
        return None
    if name in FLAGS:
        return text == "True"
    return int(float(text)) if name in WHOLE else float(text)


def _quartiles(
    job: Job, indicators: set[str], wards: bool
) -> dict[tuple[str, ...], tuple[float | None, float | None]]:
    """25th and 75th percentile of every cell over its runs, by scenario and cell."""
    from sim.experiments.intervals import quantiles
    from sim.runs.store import ResultStore

    table = ResultStore(job.result).read_results()
    table = table.loc[table["indicator"].isin(indicators)]
    if not wards:
        table = table.loc[table["ward"] == "all"]
    value = table["value"].where(table["status"] == "ok")
    table = table.assign(value=value)
    out: dict[tuple[str, ...], tuple[float | None, float | None]] = {}
    wide = table.pivot_table(
        index=["scenario", *CELL], columns=["draw", "replicate"], values="value", dropna=False,
        aggfunc="first", observed=True,
    )  # fmt: skip
    low, high = quantiles(wide.to_numpy(dtype="float64"), [0.25, 0.75])
    for key, one, other in zip(wide.index, low, high, strict=True):
        ends = (None if one != one else float(one), None if other != other else float(other))
        out[tuple(str(part) for part in key)] = ends
    return out
