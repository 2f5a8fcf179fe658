"""Rows of a run for the page: each column once, as comparison.csv has them."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sim.app.rows import COLUMNS, rows_of

ROWS = (
    {"scenario": "m1", "indicator": "M1-KGI-1", "fiscal_year": "2024", "p05": "0.1", "p25": "0.2",
     "p75": "0.4", "reachable": "False", "runs": "60.0", "ward": "all"},
    {"scenario": "m1", "indicator": "M1-KGI-1", "fiscal_year": "2024", "ward": "13113"},
    {"scenario": "m1", "indicator": "programme_cost", "fiscal_year": "2024", "ward": "all"},
)  # fmt: skip


def test_rows_have_each_column_once_and_the_values_of_the_file(tmp_path: Path) -> None:
    assert len(set(COLUMNS)) == len(COLUMNS)
    assert {"p25", "p75", "interval_kind", "low", "probability_low"} <= set(COLUMNS)
    with (tmp_path / "comparison.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(cast(Any, ROWS))
    job = cast(Any, SimpleNamespace(id="x", result=tmp_path))
    found = rows_of(job, all_indicators=False, wards=False, scenario=None)
    (row,) = (dict(zip(found["columns"], values, strict=True)) for values in found["rows"])
    assert (row["p05"], row["p25"], row["p75"], row["median"]) == (0.1, 0.2, 0.4, None)
    assert (row["reachable"], row["runs"], row["fiscal_year"]) == (False, 60, 2024)
    everything = rows_of(job, all_indicators=True, wards=True, scenario="m1")
    assert len(everything["rows"]) == len(ROWS)
