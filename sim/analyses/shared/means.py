"""Two intervals that must not be confused: of the runs, and of their mean. Arrays [cells, d, r].

``d`` draws, ``r`` replicates. The spread over runs (median, 5th to 95th percentile) says how far
the answer depends on the uncertain assumptions, and on luck; more runs do not narrow it. The
confidence interval of the mean says how well the mean over all assumptions is known from so many
draws; more draws narrow it. Draws are independent, replicates of one draw are not: the error comes
from the means of draws. Contributions add up in the mean, not in the median.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.analyses.shared.intervals import (
    CONFIDENCE,
    MIN_AVAILABLE,
    Floats,
    spread_of,
)
from sim.analyses.tables import columns

MEAN_COLUMNS = (
    "mean", "mean_low", "mean_high", "median", "p05", "p95", "low", "high", "interval_kind",
    "above_zero", "runs_available", "draws", "status",
)  # fmt: skip
"""``mean_low`` to ``mean_high``: 95 % confidence interval of the mean over draws; ``p05``/``p95``
over runs, empty under 50 draws; ``low``/``high``: those, or the smallest and largest value;
``above_zero``: share of runs above zero."""

MEAN_SCHEMA = columns(
    text="interval_kind status",
    number="mean mean_low mean_high median p05 p95 low high above_zero",
    whole="runs_available draws",
)
"""MEAN_COLUMNS as columns of a table."""


def _draw_means(sample: Floats) -> tuple[Floats, Floats]:
    """Means over replicates [cells, d], NaN without any, and the number of draws with one."""
    seen = ~np.isnan(sample)
    count = seen.sum(axis=2)
    with np.errstate(invalid="ignore"):
        means = np.where(count > 0, np.where(seen, sample, 0.0).sum(axis=2) / count, np.nan)
    return means, (count > 0).sum(axis=1).astype(np.float64)


def mean_interval(sample: Floats, confidence: float = CONFIDENCE) -> Floats:
    """Mean over draws and its confidence interval (Student's t): [3, cells] mean, low, high.

    NaN where under nine tenths of the runs have a value; the ends NaN with one draw.
    """
    from scipy.special import stdtrit

    means, n = _draw_means(sample)
    enough = (~np.isnan(sample)).mean(axis=(1, 2)) >= MIN_AVAILABLE
    seen = ~np.isnan(means)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(seen, means, 0.0).sum(axis=1) / n
        residual = np.where(seen, means - mean[:, None], 0.0)
        error = np.sqrt((residual**2).sum(axis=1) / (n - 1) / n)
        half = np.where(n > 1, stdtrit(np.maximum(n - 1, 1), (1 + confidence) / 2) * error, np.nan)
    return np.where(enough, np.stack([mean, mean - half, mean + half]), np.nan)


def ratio_interval(part: Floats, whole: Floats, confidence: float = CONFIDENCE) -> Floats:
    """Ratio of the means of two samples [cells, d, r], and its confidence interval: [3, cells].

    By linearisation: the error is that of mean(part - ratio x whole) / mean(whole). NaN where the
    interval of the mean of ``whole`` holds 0, since a share of an effect that may be none says
    nothing.
    """
    total = mean_interval(whole, confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = mean_interval(part, confidence)[0] / total[0]
        left = mean_interval(part - ratio[:, None, None] * whole, confidence)
        half = (left[2] - left[0]) / np.abs(total[0])
        known = (total[1] > 0) | (total[2] < 0)
    return np.where(known, np.stack([ratio, ratio - half, ratio + half]), np.nan)


def mean_frame(sample: Floats) -> pd.DataFrame:
    """MEAN_COLUMNS of every cell of a sample [cells, d, r], one row per cell."""
    cells, draws, _ = sample.shape
    runs = sample.reshape(cells, -1)
    mean, low, high = mean_interval(sample)
    spread = spread_of(runs, draws)
    seen = (~np.isnan(runs)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        above = np.where(np.isnan(mean), np.nan, (runs > 0).sum(axis=1) / seen)
    columns = (
        mean, low, high, spread.median, spread.p05, spread.p95, spread.low, spread.high,
        spread.kind, above, seen, draws,
        np.where(np.isnan(mean), "not_available", "ok"),
    )  # fmt: skip
    return pd.DataFrame(dict(zip(MEAN_COLUMNS, columns, strict=True)), index=range(cells))
