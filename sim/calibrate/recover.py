"""Recovery of synthetic truths: does the method find parameters that it should find?

Rows of the second wave, kept apart, serve as truths: their outputs, with errors of the
figures added, are given to a method that has not seen them. What is identified (posterior sd at
most .7 of the prior's) is decided from the spread of the posteriors alone, before any truth is
looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import UsageError
from sim.base.randomness import generator
from sim.calibrate.design import DesignRuns
from sim.calibrate.fit import data_of, whole_rows
from sim.calibrate.methods import CALIBRATION_METHODS, TrainingRuns
from sim.calibrate.targets import Target, error_sds

Floats = NDArray[np.float64]

IDENTIFIED = 0.7
"""Largest ratio of posterior to prior sd for a parameter that the figures inform."""

DRAWS = 400
MIN_TRUTHS = 20
SIGNIFICANCE = 0.01


@dataclass(frozen=True)
class Recovery:
    """How well one method recovers truths.

    ``truth`` [truths, parameters]; ``mean``, ``sd`` of the posteriors, ``inside`` the 90 %
    interval, ``rank`` in (0, 1) of the truth among the draws: all [truths, parameters]. The prior
    sd of every parameter is 1 in these coordinates (before the screen).
    """

    method: str
    ids: tuple[str, ...]
    truth: Floats
    mean: Floats
    sd: Floats
    inside: NDArray[np.bool_]
    rank: Floats
    seconds: float

    @property
    def identified(self) -> NDArray[np.bool_]:
        """Parameters that the figures inform [parameters]."""
        informed: NDArray[np.bool_] = self.sd.mean(axis=0) <= IDENTIFIED
        return informed

    @property
    def rmse(self) -> Floats:
        """Root mean squared error of the posterior means, in prior sd [parameters]."""
        error: Floats = np.sqrt(np.mean((self.mean - self.truth) ** 2, axis=0))
        return error

    @property
    def coverage(self) -> Floats:
        """Share of truths inside the 90 % interval [parameters]."""
        share: Floats = self.inside.mean(axis=0)
        return share


def recover(
    second: DesignRuns,
    used: tuple[Target, ...],
    method: str,
    *,
    seed: int = 0,
    truths: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Recovery:
    """Give ``truths`` (all, if None) synthetic truths of the second wave to a method.

    Raises UsageError where the design keeps too few truths.
    """
    second = whole_rows(second, used)
    held, kept = second.rows(second.truths), second.rows(~second.truths)
    number = len(held.z) if truths is None else min(truths, len(held.z))
    if number < MIN_TRUTHS:
        raise UsageError(
            f"the design keeps {len(held.z)} synthetic truths, at least {MIN_TRUTHS} are needed:"
            " calibrate with more --runs"
        )
    error = error_sds(used)
    noise = generator(seed, "truths").standard_normal((len(held.z), len(used)))
    figures = data_of(held, used) + error * noise
    start = time.perf_counter()
    fitted = CALIBRATION_METHODS[method](TrainingRuns(kept.z, data_of(kept, used), error, seed))
    draws = []
    for i in range(number):
        draws.append(fitted.draws(figures[i], DRAWS, f"truth {i}"))
        progress(i + 1, number)
    seconds = time.perf_counter() - start
    all_draws = np.stack(draws)
    truth = held.z[:number]
    low, high = np.quantile(all_draws, [0.05, 0.95], axis=1)
    below = np.sum(all_draws < truth[:, None, :], axis=1)
    return Recovery(
        method,
        second.ids,
        truth,
        all_draws.mean(axis=1),
        all_draws.std(axis=1),
        (low <= truth) & (truth <= high),
        (below + 0.5) / (DRAWS + 1.0),
        seconds,
    )


def band(truths: int, level: float = 0.9, confidence: float = 0.99) -> tuple[int, int]:
    """Exact binomial band of how many of ``truths`` an honest interval holds (168-190 of 200)."""
    from scipy.stats import binom

    low, high = binom.interval(confidence, truths, level)
    return int(low), int(high)


def recovery_rows(recovery: Recovery) -> list[dict[str, Any]]:
    """One plain dict per parameter: parameter, identified, posterior_sd, rmse, coverage, hits,
    truths, in_band, rank_p (Kolmogorov-Smirnov against uniform), rank_ok (Holm-corrected over the
    parameters)."""
    from scipy.stats import kstest

    n = len(recovery.truth)
    low, high = band(n)
    p_values = [
        float(kstest(recovery.rank[:, j], "uniform").pvalue) for j in range(len(recovery.ids))
    ]
    ok = holm(p_values)
    hits = recovery.inside.sum(axis=0)
    return [
        {
            "parameter": id,
            "identified": bool(recovery.identified[j]),
            "posterior_sd": float(recovery.sd[:, j].mean()),
            "rmse": float(recovery.rmse[j]),
            "coverage": float(recovery.coverage[j]),
            "hits": int(hits[j]),
            "truths": n,
            "in_band": bool(low <= hits[j] <= high),
            "rank_p": p_values[j],
            "rank_ok": bool(ok[j]),
        }
        for j, id in enumerate(recovery.ids)
    ]


def holm(p_values: Sequence[float], level: float = SIGNIFICANCE) -> list[bool]:
    """Which hypotheses stand after Holm's correction for their number (True: not rejected)."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    stands = [True] * len(p_values)
    for k, i in enumerate(order):
        if p_values[i] > level / (len(p_values) - k):
            break
        stands[i] = False
    return stands


def summary_row(recovery: Recovery) -> dict[str, Any]:
    """One row of the table of methods."""
    known = recovery.identified
    low, high = band(len(recovery.truth))
    hits = recovery.inside.sum(axis=0)
    rows = recovery_rows(recovery)
    return {
        "method": recovery.method,
        "truths": len(recovery.truth),
        "parameters": len(recovery.ids),
        "identified": int(known.sum()),
        "rmse": float(recovery.rmse.mean()),
        "rmse_identified": float(recovery.rmse[known].mean()) if known.any() else None,
        "coverage": float(recovery.coverage.mean()),
        "coverage_identified": float(recovery.coverage[known].mean()) if known.any() else None,
        "outside_band": int(np.sum((hits < low) | (hits > high))),
        "rank_rejected": sum(not r["rank_ok"] for r in rows),
        "seconds": round(recovery.seconds, 1),
    }
