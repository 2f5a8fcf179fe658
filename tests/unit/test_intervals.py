"""What an interval over draws is, and where it ends."""

from __future__ import annotations

import numpy as np
import pytest

from sim.analyses.shared.intervals import (
    ENDS,
    MIN_DRAWS,
    PERCENTILES,
    RANGE,
    ends_of,
    interval_kind,
    quantiles,
    spread_of,
)

VALUES = np.random.default_rng(3).normal(size=(3, 2 * MIN_DRAWS))


@pytest.mark.parametrize(
    ("draws", "kind", "ends"),
    [(1, RANGE, (0.0, 1.0)), (MIN_DRAWS - 1, RANGE, (0.0, 1.0)), (MIN_DRAWS, PERCENTILES, ENDS)],
)
def test_few_draws_have_no_percentiles(draws: int, kind: str, ends: tuple[float, float]) -> None:
    assert interval_kind(draws) == kind
    assert ends_of(draws) == ends
    assert spread_of(VALUES, draws).kind == kind


def test_a_spread_over_enough_draws_lies_between_percentiles() -> None:
    found = spread_of(VALUES, MIN_DRAWS)
    p05, median, p95 = quantiles(VALUES, [0.05, 0.5, 0.95])
    for got, wanted in ((found.p05, p05), (found.median, median), (found.p95, p95)):
        assert got.tolist() == wanted.tolist()
    assert (found.low.tolist(), found.high.tolist()) == (p05.tolist(), p95.tolist())


def test_a_spread_over_few_draws_is_the_range() -> None:
    # replicates make no draws: many runs of few draws are a range all the same
    found = spread_of(VALUES, MIN_DRAWS - 1)
    assert found.low.tolist() == VALUES.min(axis=1).tolist()
    assert found.high.tolist() == VALUES.max(axis=1).tolist()
    assert found.median.tolist() == quantiles(VALUES, [0.5])[0].tolist()
    assert np.isnan([found.p05, found.p95]).all()


def test_cells_with_too_few_values_have_no_spread() -> None:
    values = VALUES.copy()
    values[0, : MIN_DRAWS // 2] = np.nan
    values[1, 0] = np.nan
    for draws in (1, MIN_DRAWS):
        found = spread_of(values, draws)
        assert np.isnan([found.low[0], found.median[0], found.high[0]]).all()
        assert np.isfinite([found.low[1], found.median[1], found.high[1]]).all()
