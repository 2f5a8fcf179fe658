"""Which parameters do the figures inform: from prior to posterior, and what hangs together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.recover import IDENTIFIED
from sim.figures.parameter import Parameter, ParameterTable
from sim.figures.posterior import Posterior

Floats = NDArray[np.float64]

CORRELATED = 0.5
"""Smallest correlation in the posterior that is listed."""


def normal_scores(table: ParameterTable, posterior: Posterior) -> Floats:
    """The ensemble in normal scores of the priors [draws, parameters]: prior mean 0 and sd 1.

    By bisection of the prior's quantiles, because distributions have no distribution function. A
    draw that sits at a hard limit gets the score at which the limit is reached.
    """
    from scipy.special import ndtr

    out = np.empty_like(posterior.values)
    for j, id in enumerate(posterior.ids):
        parameter = table[id]

        def edge(
            below: Callable[[Floats, Floats], NDArray[np.bool_]],
            wanted: Floats,
            parameter: Parameter = parameter,
        ) -> Floats:
            low, high = np.full(len(wanted), -8.0), np.full(len(wanted), 8.0)
            for _ in range(60):
                middle = (low + high) / 2.0
                at = np.array([parameter.quantile(float(u)) for u in ndtr(middle)])
                less = below(at, wanted)
                low, high = np.where(less, middle, low), np.where(less, high, middle)
            found: Floats = (low + high) / 2.0
            return found

        first, last = (edge(f, posterior.values[:, j]) for f in (np.less, np.less_equal))
        out[:, j] = np.where(np.abs(first) < np.abs(last), first, last)
    return out


def identify_rows(table: ParameterTable, posterior: Posterior, z: Floats) -> list[dict[str, Any]]:
    """One plain dict per parameter, the best informed first.

    parameter, unit, prior_p05, prior_median, prior_p95, posterior_p05, posterior_median,
    posterior_p95 (in units), shift (of the mean, in prior sd), sd_ratio (posterior to prior),
    contraction (1 - sd_ratio^2), identified, correlated (others with |r| >= .5, with r).
    """
    correlation: Floats = np.asarray(np.corrcoef(z, rowvar=False))
    rows = []
    for j, id in enumerate(posterior.ids):
        p = table[id]
        drawn = np.quantile(posterior.values[:, j], [0.05, 0.5, 0.95])
        sd = float(z[:, j].std())
        others = [
            {"parameter": posterior.ids[k], "r": round(float(correlation[j, k]), 2)}
            for k in np.argsort(-np.abs(correlation[j]), kind="stable")
            if k != j and abs(correlation[j, k]) >= CORRELATED
        ]
        rows.append(
            {
                "parameter": id,
                "unit": p.unit,
                "prior_p05": p.quantile(0.05),
                "prior_median": p.quantile(0.5),
                "prior_p95": p.quantile(0.95),
                "posterior_p05": float(drawn[0]),
                "posterior_median": float(drawn[1]),
                "posterior_p95": float(drawn[2]),
                "shift": float(z[:, j].mean()),
                "sd_ratio": sd,
                "contraction": 1.0 - sd**2,
                "identified": sd <= IDENTIFIED,
                "correlated": others,
            }
        )
    return sorted(rows, key=lambda row: row["sd_ratio"])


def cross_check(ours: Floats, other: Floats) -> dict[str, float]:
    """Agreement of two posteriors [draws, parameters]: means in posterior sd, and ratio of sds."""
    sd = np.sqrt((ours.var(axis=0) + other.var(axis=0)) / 2.0)
    gap = np.abs(ours.mean(axis=0) - other.mean(axis=0)) / sd
    ratio = ours.std(axis=0) / other.std(axis=0)
    return {
        "largest_gap": float(gap.max()),
        "mean_gap": float(gap.mean()),
        "smallest_sd_ratio": float(ratio.min()),
        "largest_sd_ratio": float(ratio.max()),
    }
