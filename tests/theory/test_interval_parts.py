"""Shares of an interval's variance on functions whose shares are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from sim.analyses.compare.interval_parts import (
    PART_COLUMNS,
    part_rows,
    parts_with_intervals,
    resamples,
    variance_parts,
)

Floats = NDArray[np.float64]
Runs = tuple[Floats, Floats, Floats]
Function = Callable[[Floats, Floats, Floats], Floats]


def runs(function: Function, cells: int, draws: int, seed: int = 1) -> Runs:
    """f, e and c [cells, draws] of a function of independent standard normals (b, e, luck)."""
    b, e, e2, r, r2 = np.random.default_rng(seed).normal(size=(5, cells, draws))
    return function(b, e, r), function(b, e2, r), function(b, e, r2)


def ones(cells: int) -> Floats:
    return np.ones(cells)


FUNCTIONS: dict[str, tuple[Function, tuple[float, float, float]]] = {
    "additive": (lambda b, e, r: 2 * b + e + 0.5 * r, (4 / 5.25, 1 / 5.25, 0.25 / 5.25)),
    "effects and chance interact": (lambda b, e, r: b + e * r, (0.5, 0.25, 0.25)),
    "behaviour and effects interact": (lambda b, e, r: b + b * e + r, (1 / 3, 1 / 3, 1 / 3)),
    "behaviour and chance interact": (lambda b, e, r: e + b * r, (0.0, 0.5, 0.5)),
    "behaviour alone": (lambda b, e, r: b**3, (1.0, 0.0, 0.0)),
    "effects alone": (lambda b, e, r: np.exp(e / 2), (0.0, 1.0, 0.0)),
    "chance alone": (lambda b, e, r: 5 + r, (0.0, 0.0, 1.0)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_shares_are_those_of_the_law_of_total_variance(name: str) -> None:
    function, exact = FUNCTIONS[name]
    share, (low, high) = parts_with_intervals(*runs(function, 1, 2000), ones(1))
    assert share.sum(axis=0) == pytest.approx(1.0, abs=1e-12)
    for part in range(3):
        # six times the half width: the chance of a false alarm is far below 1e-6
        half = 3 * (high[part, 0] - low[part, 0]) + 1e-12
        assert abs(share[part, 0] - exact[part]) <= half
        assert low[part, 0] <= share[part, 0] + 1e-12 <= high[part, 0] + 2e-12


def test_ninety_per_cent_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    function, exact = FUNCTIONS["additive"]
    cells = 400
    _, (low, high) = parts_with_intervals(*runs(function, cells, 60), ones(cells))
    for part in range(3):
        inside = np.mean((low[part] <= exact[part]) & (exact[part] <= high[part]))
        # percentile intervals of 60 draws are somewhat narrow; 400 cells give +-3.5 points (99 %)
        assert 0.80 <= inside <= 0.96, (part, inside)


def test_no_part_is_negative_and_they_add_to_one_in_every_resample() -> None:
    weights = resamples(8)
    shares = variance_parts(*runs(FUNCTIONS["additive"][0], 50, 8), ones(50), weights)
    known = ~np.isnan(shares).any(axis=0)
    assert (shares[:, known] >= 0).all()
    np.testing.assert_allclose(shares[:, known].sum(axis=0), 1.0, atol=1e-12)


def test_the_bootstrap_is_keyed() -> None:
    counts = resamples(20)
    assert counts.sum(axis=1).tolist() == [20.0] * 500
    assert counts.mean() == 1.0
    # a multinomial count has variance 1 - 1/n
    assert counts.var() == pytest.approx(0.95, abs=0.05)
    resamples.cache_clear()
    assert (resamples(20) == counts).all()


def test_without_variance_nothing_is_shared_out() -> None:
    f = np.full((2, 10), 0.7)
    f[1] += np.linspace(0, 1e-13, 10)
    share, interval = parts_with_intervals(f, f.copy(), f.copy(), np.full(2, 0.7))
    assert np.isnan(share).all()
    assert np.isnan(interval).all()


def test_a_few_missing_values_are_left_out_and_many_give_no_share() -> None:
    f, e, c = runs(FUNCTIONS["additive"][0], 3, 100)
    full = parts_with_intervals(f, e, c, ones(3))[0]
    e[1, :5] = np.nan
    c[2, :11] = np.nan
    share, interval = parts_with_intervals(f, e, c, ones(3))
    assert (share[:, 0] == full[:, 0]).all()
    cut = parts_with_intervals(f[1:2, 5:], e[1:2, 5:], c[1:2, 5:], ones(1))[0]
    np.testing.assert_allclose(share[:, 1], cut[:, 0], atol=1e-12)
    assert not np.isnan(interval[:, :, 1]).any()
    assert np.isnan(share[:, 2]).all()
    assert np.isnan(interval[:, :, 2]).all()


def test_what_all_scenarios_share_is_in_values_and_not_in_effects() -> None:
    """Baseline b + luck, scenario one effect e more: the paired difference is e alone."""
    index = pd.MultiIndex.from_product([["M1-KGI-1"], [2026, 2033]])
    index.names = ["indicator", "fiscal_year"]
    base = runs(lambda b, e, r: b + r, 2, 400)
    more = runs(lambda b, e, r: b + r + e, 2, 400)
    f, e, c = (
        {"baseline": pd.DataFrame(x, index=index), "m1": pd.DataFrame(y, index=index)}
        for x, y in zip(base, more, strict=True)
    )
    rows = part_rows(f, e, c)
    assert tuple(rows.columns) == PART_COLUMNS
    assert len(rows) == 2 * 3 * 3
    share = rows.set_index(["scenario", "of", "fiscal_year", "part"])["share"]
    assert share["baseline", "value", 2033, "effects"] == 0.0
    assert share["m1", "effect", 2033, "chance"] == pytest.approx(0.0, abs=1e-12)
    assert share["m1", "effect", 2033, "effects"] == pytest.approx(1.0, abs=0.25)
    assert share["m1", "value", 2033, "behaviour"] == pytest.approx(1 / 3, abs=0.1)
    assert ("baseline", "effect", 2033, "chance") not in share.index
    assert set(rows["draws"]) == {400}
