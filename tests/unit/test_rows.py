"""Rows of tables as JSON has them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.base.rows import plain, records, rows_as_json


@dataclass(frozen=True)
class Pair:
    name: str
    ends: tuple[float, float]


TABLE = pd.DataFrame(
    {
        "name": ["a", None],
        "value": [0.5, np.nan],
        "whole": np.array([1, 2]),
        "nullable": pd.array([3, None], dtype="Int64"),
        "clear": [True, False],
        "time": [pd.Timestamp("2024-04-01"), pd.NaT],
        7: [np.inf, -np.inf],
    }
)


def test_rows_have_null_where_there_is_no_number() -> None:
    rows = rows_as_json(TABLE)
    first = {"name": "a", "value": 0.5, "whole": 1, "nullable": 3, "clear": True}
    assert rows[0] == {**first, "time": "2024-04-01 00:00:00", "7": None}
    second = dict.fromkeys(("name", "value", "nullable", "time", "7"))
    assert rows[1] == {**second, "whole": 2, "clear": False}
    assert rows[1]["clear"] is False
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


def test_records_keep_their_cells() -> None:
    first, second = records(TABLE)
    assert first["7"] == np.inf
    assert np.isnan(second["value"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), 0.5),
        (np.int8(3), 3),
        (np.bool_(True), True),
        (np.array([1.0, np.nan]), [1.0, None]),
        ({1: (np.nan, "x")}, {"1": [None, "x"]}),
        (Pair("a", (0.0, np.inf)), {"name": "a", "ends": [0.0, None]}),
        (Decimal("1.50"), "1.50"),
        (Path("a") / "b", "a/b"),
        (pd.NA, None),
        (float("nan"), None),
    ],
)
def test_values_become_plain(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)
