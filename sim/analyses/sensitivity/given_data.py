"""Indices from any independent sample of points: delta and PAWN, which take no groups of columns.

Sources: delta after Plischke, Borgonovo & Smith 2013, doi:10.1016/j.ejor.2012.11.047; PAWN after
Pianosi & Wagener 2018, doi:10.1016/j.envsoft.2018.07.019.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analyses.sensitivity.indices import (
    Floats,
    Row,
    checked,
    index_row,
    index_table,
    salib_seed,
)
from sim.analyses.sensitivity.ranks import DUMMY
from sim.analyses.shared.intervals import CONFIDENCE
from sim.base.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.shared.factors import Factors

SLICES = 10
"""Conditioning intervals of PAWN."""

FEWEST_RUNS = 100
"""Fewest runs of delta and PAWN (SALib gives no delta below)."""

FOLDS = 5
"""Folds of the scores that stand for factors of several parameters."""


def factor_scores(factors: Factors, u: Floats, y: Floats) -> Floats:
    """One number per factor and run [runs, factors], for methods that take no groups.

    Of a factor with one column: its u. Of others: the direction of its columns along which the
    output (mean over years, each scaled) changes most, a ridge regression whose score of a run is
    fitted without it. What delta and PAWN find along that direction is a lower bound for the group.
    """
    from sklearn.linear_model import RidgeCV

    from sim.calibrate.emulator import PENALTIES

    features = factors.features(u)
    sd = y.std(axis=0)
    target = ((y - y.mean(axis=0)) / np.where(sd > 0, sd, 1.0)).mean(axis=1)
    out = np.empty((len(u), len(factors.names)))
    fold = np.arange(len(u)) % FOLDS
    of_column = np.array(factors.of_column)
    for k, name in enumerate(factors.names):
        at = np.flatnonzero(of_column == name)
        if len(at) == 1:
            out[:, k] = u[:, at[0]]
            continue
        for f in range(FOLDS):
            left = fold == f
            model = RidgeCV(PENALTIES).fit(features[~left][:, at], target[~left])
            # folds differ in their intercepts and slopes: only the direction is wanted
            score = features[left][:, at] @ np.ravel(model.coef_)
            norm = float(np.linalg.norm(model.coef_))
            out[left, k] = score / norm if norm > 0 else u[left, at[0]]
    return out


def with_dummy(x: Floats, seed: int) -> Floats:
    """``x`` [runs, factors] and a last column of uniforms that nothing depends on."""
    from sim.base.randomness import generator

    dummy = generator(seed, "sensitivity dummy").random(len(x))
    return np.column_stack([x, dummy])


def _given_data(x: Floats, y: Floats, factors: Sequence[str], names: Sequence[str]) -> Floats:
    table = checked(y, names)
    if len(x) != len(table) or x.shape[1] != len(factors):
        raise UsageError(f"{len(table)} outputs do not fit {x.shape} inputs")
    if len(x) < FEWEST_RUNS:
        raise UsageError(f"{len(x)} runs: delta and PAWN need at least {FEWEST_RUNS}")
    return table


def delta(
    factors: Sequence[str],
    x: Floats,
    y: Floats,
    *,
    years: Sequence[int] | None = None,
    seed: int = 0,
    names: Sequence[str] = (),
    resamples: int = 20,
) -> pd.DataFrame:
    """Borgonovo's delta of y from any independent sample x [runs, factors], and of a dummy.

    How far the whole distribution of y shifts when the factor is known (0 to 1). Biased upwards:
    a factor matters where its interval lies above the dummy's.
    """
    from SALib.analyze import delta as analyzer

    table = _given_data(x, y, factors, names)
    every = [*factors, DUMMY]
    inputs = with_dummy(x, seed)
    problem = {
        "num_vars": len(every),
        "names": [f"x{j}" for j in range(len(every))],
        "bounds": [[0.0, 1.0]] * len(every),
    }

    def analyse(column: Floats) -> list[Row]:
        # seeds numpy's old global generator, which nothing in Kyodo reads
        s = analyzer.analyze(
            problem, inputs, column, num_resamples=resamples, conf_level=CONFIDENCE,
            seed=salib_seed(seed), method="delta",
        )  # fmt: skip
        key = "delta_raw" if "delta_raw" in s else "delta"  # SALib 1.6 splits it in three
        return [
            index_row(f, "", "delta", s[key][j], s[f"{key}_conf"][j]) for j, f in enumerate(every)
        ]

    return index_table("delta", table, years, [(f, "", "delta") for f in every], analyse)


def pawn(
    factors: Sequence[str],
    x: Floats,
    y: Floats,
    *,
    years: Sequence[int] | None = None,
    seed: int = 0,
    names: Sequence[str] = (),
    resamples: int = 40,
) -> pd.DataFrame:
    """PAWN of y from any independent sample x [runs, factors], and of a dummy.

    The median, over SLICES of the factor, of the largest gap between the distribution of y within
    the slice and overall (Kolmogorov-Smirnov, 0 to 1). Its interval is from resampled runs.
    """
    from SALib.analyze import pawn as analyzer

    from sim.base.randomness import generator

    table = _given_data(x, y, factors, names)
    every = [*factors, DUMMY]
    inputs = with_dummy(x, seed)
    problem = {
        "num_vars": len(every),
        "names": [f"x{j}" for j in range(len(every))],
        "bounds": [[0.0, 1.0]] * len(every),
    }
    random = generator(seed, "pawn bootstrap")
    picks = random.integers(0, len(inputs), size=(resamples, len(inputs)))
    ends = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]

    def median(rows: Any, column: Floats) -> Floats:
        s = analyzer.analyze(problem, inputs[rows], column[rows], S=SLICES)
        return np.asarray(s["median"], dtype=np.float64)

    def analyse(column: Floats) -> list[Row]:
        index = median(slice(None), column)
        tried = np.array([median(rows, column) for rows in picks])
        # resampled runs repeat, which widens every gap: the interval is moved back to the index
        low, high = np.quantile(tried - tried.mean(axis=0), ends, axis=0) + index
        return [
            (f, "", "pawn", float(index[j]), float(low[j]), float(high[j]))
            for j, f in enumerate(every)
        ]

    return index_table("pawn", table, years, [(f, "", "pawn") for f in every], analyse)
