"""Sobol' indices of a surrogate: where direct runs would be too many.

The polynomial emulator of the calibration (sim/calibrate/emulator.py) is fitted to space-filling
runs, one surface per fiscal year, and stands for the model at many points. Its indices are shares
of what it explains; they are multiplied by the share of the variance of runs that it did not see
(cross-validated R2), so that with the row UNEXPLAINED they are shares of all variance. What it
leaves open is luck, interactions of high order and lack of fit together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.calibrate.emulator import Emulator, fit_emulator, refit
from sim.experiments.factors import BEHAVIOUR, Factors
from sim.experiments.sensitivity import (
    CONFIDENCE,
    OVERALL,
    Floats,
    Problem,
    checked,
    sobol,
    sobol_sample,
    varies,
)

if TYPE_CHECKING:
    import pandas as pd

UNEXPLAINED = "(not explained)"
"""Row of the share of variance that the surrogate does not explain."""

BASE = 2048
ROUGH = 256
"""Base points of the Sobol' design on the surrogate; ROUGH: in bootstrap resamples and for N/2 ..."""

MONTE_CARLO = 25
"""Bootstrap resamples of these points: their error is small beside that of the runs."""

RESAMPLES = 40
"""Bootstrap resamples of the runs that the surrogate is fitted to."""

FEWEST_RUNS = 64
"""Fewest runs that a surrogate is fitted to."""

BLOCK = 16_384
"""Points predicted at a time: bounds the memory of their features."""


@dataclass(frozen=True)
class Surrogate:
    """A fitted surrogate. ``varying``: which years [years] it has a surface for, the others being
    constant at ``means`` [years]; ``explained`` [years]: cross-validated R2, 0 at least;
    ``variance`` [years] of the runs."""

    factors: Factors
    emulator: Emulator | None
    varying: tuple[bool, ...]
    means: Floats
    explained: Floats
    variance: Floats

    def predict(self, u: Floats) -> Floats:
        """Expected outputs [points, years] at u [points, columns]."""
        return self.predict_features(self.factors.features(u))

    def predict_features(self, x: Floats) -> Floats:
        """Expected outputs [points, years] at ``Factors.features`` x [points, columns]."""
        out = np.tile(self.means, (len(x), 1))
        if self.emulator is not None:
            at = np.flatnonzero(self.varying)
            for start in range(0, len(x), BLOCK):
                block = slice(start, start + BLOCK)
                out[block, at] = self.emulator.predict(x[block])
        return out

    @property
    def overall(self) -> float:
        """The share of the variance of all years that it explains."""
        total = float(self.variance.sum())
        return float(self.explained @ self.variance) / total if total > 0 else 0.0


def fit(factors: Factors, u: Floats, y: Floats, names: Sequence[str] = ()) -> Surrogate:
    """Fit to runs: u [runs, columns], y [runs, years]. Raises KyodoError for a NaN."""
    table = checked(y, names)
    varying = tuple(varies(table[:, k]) for k in range(table.shape[1]))
    explained = np.zeros(table.shape[1])
    emulator = None
    if any(varying):
        emulator = fit_emulator(factors.features(u), table[:, varying])
        explained[list(varying)] = np.maximum(emulator.explained, 0.0)
    return Surrogate(
        factors, emulator, varying, table.mean(axis=0), explained, table.var(axis=0)
    )


def surrogate_indices(
    surrogate: Surrogate, *, years: Sequence[int], seed: int = 0, base: int = BASE
) -> pd.DataFrame:
    """First, total and second order of the factors as shares of all variance (INDEX_COLUMNS).

    The interval is the Monte-Carlo error on the surrogate alone: see ``surrogate_bootstrap``.
    """
    import pandas as pd

    problem = Problem(surrogate.factors.of_column)
    points = sobol_sample(problem, base, seed)
    table = sobol(
        problem, surrogate.predict(points), years=years, seed=seed, resamples=MONTE_CARLO
    )
    table["method"] = "surrogate"
    weights = _weights(surrogate, years)
    share = table["fiscal_year"].map(dict(zip(years, surrogate.explained.tolist(), strict=True)))
    own = table["fiscal_year"] != OVERALL
    for column in ("index", "low", "high"):
        table.loc[own, column] *= share[own].astype(float)
        # the surrogate's own overall index weights years by what it predicts, not by all variance
        table.loc[~own, column] = _overall(table.loc[own, column].to_numpy(), weights)
    return pd.concat([table, _left(surrogate, years)], ignore_index=True)


def surrogate_bootstrap(
    surrogate: Surrogate, table: pd.DataFrame, u: Floats, y: Floats, *, seed: int = 0
) -> pd.DataFrame:
    """``table`` of ``surrogate_indices`` with intervals that hold the choice of runs, too.

    The surrogate is fitted again to resampled runs (u [runs, columns], y [runs, years]), its form
    and R2 kept; the spread of the indices is added in quadrature to the Monte-Carlo error.
    """
    from sim.randomness import generator

    if surrogate.emulator is None:
        return table
    own = table["fiscal_year"] != OVERALL
    years = [int(year) for year in dict.fromkeys(table.loc[own, "fiscal_year"])]
    problem = Problem(surrogate.factors.of_column)
    rough = surrogate.factors.features(sobol_sample(problem, ROUGH, seed))
    features = surrogate.factors.features(u)
    random = generator(seed, "surrogate bootstrap")
    tried = []
    for _ in range(RESAMPLES):
        rows = random.integers(0, len(u), size=len(u))
        emulator = refit(surrogate.emulator, features[rows], y[rows][:, list(surrogate.varying)])
        again = replace(surrogate, emulator=emulator)
        predicted = again.predict_features(rough)
        found = sobol(problem, predicted, years=years, seed=seed, resamples=2)
        numbers = found["index"].to_numpy().reshape(len(years) + 1, -1)[:-1]
        numbers = numbers * surrogate.explained[:, None]
        overall = _overall(numbers.ravel(), _weights(surrogate, years))
        tried.append(np.concatenate([numbers.ravel(), overall]))
    out = table.copy()
    explained = ~out["factor"].eq(UNEXPLAINED)
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    half = (out["high"] - out["low"])[explained] / 2
    half = np.hypot(half, z * np.array(tried).std(axis=0, ddof=1))
    out.loc[explained, "low"] = out.loc[explained, "index"] - half
    out.loc[explained, "high"] = out.loc[explained, "index"] + half
    return out


def _weights(surrogate: Surrogate, years: Sequence[int]) -> Floats:
    if len(years) != len(surrogate.variance):
        raise ValueError(f"{len(years)} years for {len(surrogate.variance)} outputs")
    variance = np.where(surrogate.varying, surrogate.variance, 0.0)
    return variance / max(float(variance.sum()), 1e-300)


def _overall(column: Floats, weights: Floats) -> Floats:
    by_year = column.reshape(len(weights), -1)
    seen = weights > 0
    if not seen.any():
        return np.full(by_year.shape[1], np.nan)
    out: Floats = weights[seen] @ by_year[seen]
    return out


def _left(surrogate: Surrogate, years: Sequence[int]) -> pd.DataFrame:
    """Rows of the share that is not explained."""
    import pandas as pd

    from sim.experiments.sensitivity import INDEX_COLUMNS

    rows: list[tuple[Any, ...]] = []
    for k, year in enumerate(years):
        ok = surrogate.varying[k]
        left = 1.0 - float(surrogate.explained[k]) if ok else float("nan")
        rows.append((year, left, "ok" if ok else "no_variance"))
    any_ok = any(surrogate.varying)
    whole = 1.0 - surrogate.overall if any_ok else float("nan")
    rows.append((OVERALL, whole, "ok" if any_ok else "no_variance"))
    return pd.DataFrame(
        [
            (UNEXPLAINED, "", "surrogate", "total", left, left, left, year, status)
            for year, left, status in rows
        ],
        columns=list(INDEX_COLUMNS),
    )


def parameter_rows(surrogate: Surrogate, *, years: Sequence[int], seed: int = 0) -> pd.DataFrame:
    """What single uncertain parameters do in the last year (those of behaviour are no factors).

    parameter, total (index as share of all variance), swing (mean change of the output when the
    parameter goes from its 5 % to its 95 % point; from not working to working), low and high
    (values of the output at both ends, the others at random), the largest total first.
    """
    import pandas as pd

    columns = surrogate.factors.columns
    single = Problem(
        tuple(BEHAVIOUR if c.factor == BEHAVIOUR else c.id for c in columns)
    )
    points = sobol_sample(single, ROUGH, seed, second_order=False)
    last = surrogate.predict(points)[:, -1:]
    table = sobol(
        single, last, years=years[-1:], seed=seed, second_order=False, resamples=2
    )
    total = table.loc[(table["order"] == "total") & (table["fiscal_year"] == OVERALL)]
    index = total.set_index("factor")["index"] * float(surrogate.explained[-1])
    base = surrogate.factors.features(points[:: single.sobol_runs(second_order=False)])
    ends_of = surrogate.factors.features(np.tile([[0.05], [0.95]], (1, len(columns))))
    rows = []
    for j, column in enumerate(columns):
        if column.factor == BEHAVIOUR:
            continue
        ends = []
        for end in (0, 1):
            moved = base.copy()
            moved[:, j] = ends_of[end, j]
            ends.append(float(surrogate.predict_features(moved)[:, -1].mean()))
        rows.append((column.factor, column.id, float(index[column.id]), ends[1] - ends[0], *ends))
    names = ["factor", "parameter", "total", "swing", "low", "high"]
    out = pd.DataFrame(rows, columns=names)
    return out.sort_values("total", ascending=False, kind="stable", ignore_index=True)
