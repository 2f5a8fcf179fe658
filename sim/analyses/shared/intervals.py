"""Quantiles and Monte-Carlo errors of pooled runs. Pure functions over arrays [cells, runs].

A cell is one scenario, indicator, fiscal year (ward, month); a run is one draw and replicate.
NaN means "not available in this run". A summary is given where at least ``MIN_AVAILABLE`` of the
runs have a value and is NaN elsewhere, so that a figure never rests on a selected handful of runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MIN_AVAILABLE = 0.9
"""Smallest share of runs with a value for which a summary is given."""

MIN_DRAWS = 50
"""Fewest draws for which a 90 % interval is given (model_rules F)."""

ENDS = (0.05, 0.95)
"""Quantiles between which a 90 % interval lies."""

PERCENTILES, RANGE = "p05_p95", "range"
"""Kinds of interval: between ENDS; from the smallest to the largest value."""

MIN_RUNS_CLEAR = 10
"""Fewest runs or draws for which an effect may be called clear."""

QUANTILE_METHOD: Final = "median_unbiased"
"""Quantile rule: nearly median-unbiased whatever the distribution (Hyndman & Fan 1996, type 8)."""

CONFIDENCE = 0.95
"""Level of the Monte-Carlo interval of a probability."""


def available(values: Floats) -> NDArray[np.bool_]:
    """Which cells of ``values`` [cells, runs] have enough runs with a value; bool [cells]."""
    if values.shape[1] == 0:
        return np.zeros(values.shape[0], dtype=np.bool_)
    share: Floats = np.mean(~np.isnan(values), axis=1)
    return share >= MIN_AVAILABLE


def quantiles(values: Floats, q: list[float]) -> Floats:
    """Quantiles ``q`` of each cell over its runs: [len(q), cells], NaN where not available."""
    out = np.full((len(q), values.shape[0]), np.nan)
    complete = ~np.isnan(values).any(axis=1) if values.shape[1] else available(values)
    if complete.any():
        out[:, complete] = np.quantile(values[complete], q, axis=1, method=QUANTILE_METHOD)
    for cell in np.flatnonzero(available(values) & ~complete):
        row = values[cell]
        out[:, cell] = np.quantile(row[~np.isnan(row)], q, method=QUANTILE_METHOD)
    return out


def enough_draws(draws: int) -> bool:
    """Whether so many draws have a 5th and a 95th percentile worth the name (``MIN_DRAWS``)."""
    return draws >= MIN_DRAWS


def interval_kind(draws: int) -> str:
    """What an interval over ``draws`` is: PERCENTILES, or RANGE where they are too few."""
    return PERCENTILES if enough_draws(draws) else RANGE


def ends_of(draws: int) -> tuple[float, float]:
    """Between which quantiles an interval over ``draws`` lies: ENDS, or 0 and 1 (the range)."""
    return ENDS if enough_draws(draws) else (0.0, 1.0)


class Spread(NamedTuple):
    """What is said of each cell over its runs, each [cells]; ``kind`` of ``low`` and ``high``.

    ``p05`` and ``p95`` are NaN where the draws are too few for them."""

    low: Floats
    median: Floats
    high: Floats
    p05: Floats
    p95: Floats
    kind: str


def spread_of(values: Floats, draws: int) -> Spread:
    """Median and interval of each cell of ``values`` [cells, runs], which come from ``draws``."""
    p05, median, p95 = quantiles(values, [ENDS[0], 0.5, ENDS[1]])
    kind = interval_kind(draws)
    if kind == PERCENTILES:
        return Spread(p05, median, p95, p05, p95, kind)
    low, high = extremes(values)
    none = np.full(len(values), np.nan)
    return Spread(low, median, high, none, none, kind)


def surely_positive(values: Floats) -> NDArray[np.bool_]:
    """Whether effects ``values`` [draws, ...] are surely above zero: bool [...].

    The 5th percentile over the draws is above zero, and at least ``MIN_DRAWS`` draws have a value:
    a smaller number has no 5th percentile worth the name. Model_rules F prints a cost per effect
    only where this holds.
    """
    cells = values.reshape(len(values), -1).T
    enough = np.sum(~np.isnan(cells), axis=1) >= MIN_DRAWS
    out = np.zeros(len(cells), dtype=np.bool_)
    if enough.any():
        out[enough] = quantiles(cells[enough], [ENDS[0]])[0] > 0  # NaN is not
    return out.reshape(values.shape[1:])


def clear_mean(row: Mapping[str, Any]) -> bool:
    """Whether a mean of ``means.MEAN_COLUMNS`` may be called clear: its 95 % interval excludes
    zero, and it rests on ``MIN_RUNS_CLEAR`` draws or more, since few draws may agree by luck."""
    return bool(row["draws"] >= MIN_RUNS_CLEAR and (row["mean_low"] > 0 or row["mean_high"] < 0))


def extremes(values: Floats) -> Floats:
    """Smallest and largest value of each cell: [2, cells], NaN where not available."""
    ok = available(values)
    out = np.full((2, values.shape[0]), np.nan)
    if ok.any():
        out[0, ok] = np.nanmin(values[ok], axis=1)
        out[1, ok] = np.nanmax(values[ok], axis=1)
    return out


def effective_runs(hits: NDArray[np.bool_], draw: NDArray[np.int64]) -> float:
    """Number of independent runs that ``hits`` [runs] is worth, given which draw each belongs to.

    Replicates of one draw share its parameters, so they say less than as many draws. The number is
    runs / (1 + (m - 1) ICC), with the intra-draw correlation ICC from a one-way analysis of
    variance and m the mean number of replicates; without any variation, the number of draws.
    """
    _, group = np.unique(draw, return_inverse=True)
    groups, n = int(group.max()) + 1, len(hits)
    if n == groups:
        return float(n)
    mean = float(hits.mean())
    sizes = np.bincount(group)
    means = np.bincount(group, weights=hits.astype(float)) / sizes
    between = float(np.sum(sizes * (means - mean) ** 2))
    within = float(np.sum((hits - means[group]) ** 2))
    if groups < 2 or between + within == 0.0:
        return float(groups)
    m = n / groups
    between, within = between / (groups - 1), within / (n - groups)
    icc = min(max((between - within) / (between + (m - 1) * within), 0.0), 1.0)
    return n / (1 + (m - 1) * icc)


def clopper_pearson(share: Floats, runs: Floats, confidence: float = CONFIDENCE) -> Floats:
    """Exact (Clopper-Pearson) interval of a share seen in ``runs`` independent runs: [2, cells].

    ``runs`` may be fractional (see ``effective_runs``). NaN where the share is NaN.
    Source: Clopper & Pearson 1934, Biometrika 26, as quantiles of beta distributions.
    """
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    hits = share * runs
    with np.errstate(invalid="ignore"):
        low = np.where(share <= 0, 0.0, betaincinv(np.maximum(hits, 1e-12), runs - hits + 1, tail))
        high = np.where(
            share >= 1, 1.0, betaincinv(hits + 1, np.maximum(runs - hits, 1e-12), 1 - tail)
        )
    out: Floats = np.where(np.isnan(share), np.nan, np.stack([low, high]))
    return out


def variance(values: Floats) -> Floats:
    """Sample variance of each cell over its runs: [cells], NaN under two runs or not available."""
    ok = available(values) & (np.sum(~np.isnan(values), axis=1) >= 2)
    out = np.full(values.shape[0], np.nan)
    if ok.any():
        out[ok] = np.nanvar(values[ok], axis=1, ddof=1)
    return out
