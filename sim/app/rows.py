"""Results of a job as JSON for the page: the rows of comparison.csv."""

from __future__ import annotations

import csv
from typing import Any

from sim.analyses.shared.comparison import EXTRA_COLUMNS, ROW_COLUMNS
from sim.app.jobs import Job

COLUMNS = (*ROW_COLUMNS, "ward", "month", *EXTRA_COLUMNS)
TEXT = {"scenario", "indicator", "unit", "status", "ward", "month", "interval_kind"}
FLAGS = {"provisional": True, "reachable": True}
WHOLE = {"fiscal_year", "runs", "runs_available", "draws", "replicates"}


def rows_of(job: Job, *, all_indicators: bool, wards: bool, scenario: str | None) -> dict[str, Any]:
    """Columns and rows. ``wards``: also those of single wards, where the run recorded them."""
    from sim.model.indicators import INDICATORS

    wanted = {i for i, one in INDICATORS.items() if all_indicators or one.level != "auxiliary"}
    found: list[list[Any]] = []
    with (job.result / "comparison.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            row.setdefault("ward", "all")
            row.setdefault("month", "")
            if row["month"]:
                continue
            if row["indicator"] not in wanted or (scenario and row["scenario"] != scenario):
                continue
            if not wards and row["ward"] != "all":
                continue
            found.append([_value(name, row.get(name, "")) for name in COLUMNS])
    return {"job": job.id, "columns": list(COLUMNS), "rows": found}


def _value(name: str, text: str) -> Any:
    if name in TEXT:
        return text
    if text == "":
        return None
    if name in FLAGS:
        return text == "True"
    return int(float(text)) if name in WHOLE else float(text)
