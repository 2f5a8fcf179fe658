"""The table of a sweep: chances and intervals by the rules of every analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.analyses.shared.intervals import ENDS, MIN_DRAWS, quantiles
from sim.analyses.shared.reached import target_value
from sim.analyses.sweep import tables
from sim.figures.evidence import load_profile
from sim.model.indicators import INDICATORS

ID = "M1-KGI-1"
MANIFEST = {"design": {"profile": "document", "years": 3}}


def row_of(values: list[float], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The row that a sweep of one scenario has for values of its runs."""
    runs = pd.DataFrame({"scenario": "m1", "indicator": ID, "value": values})
    monkeypatch.setattr(tables, "last_values", lambda folder, year: runs)
    (row,) = tables.read(Path("anywhere"), MANIFEST)["horizon"].to_dict("records")
    return {str(k): v for k, v in row.items()}


def test_many_runs_have_the_percentiles_of_every_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.linspace(0.2, 0.8, MIN_DRAWS + 10)
    row = row_of(values.tolist(), monkeypatch)
    assert [row["low"], row["high"]] == quantiles(values[None, :], list(ENDS))[:, 0].tolist()
    assert row["median"] == pytest.approx(np.median(values), rel=1e-12)
    assert row["ninety"]


def test_few_runs_have_their_range(monkeypatch: pytest.MonkeyPatch) -> None:
    row = row_of([0.3, 0.1, 0.2, float("nan")], monkeypatch)
    assert (row["low"], row["median"], row["high"], row["runs"]) == (0.1, 0.2, 0.3, 3)
    assert not row["ninety"]


def test_a_rounding_error_short_of_the_target_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    target = target_value(INDICATORS[ID], load_profile("document"))
    assert target is not None
    row = row_of([target * (1 - 1e-12), target * 0.99, target * 1.01, target], monkeypatch)
    assert row["probability_target"] == 0.75
