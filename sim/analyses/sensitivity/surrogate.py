"""Sobol' indices of a surrogate: where direct runs would be too many.

Most of a hundred columns do nothing, and a polynomial in all of them drowns in their noise: the
columns with a linear effect in any year are picked first (multi-task lasso, the sparsest within one
standard error of the best). The polynomial emulator of the calibration (sim/calibrate/emulator.py),
one surface per fiscal year, is fitted in these and stands for the model at many points. Its indices
are shares of what it explains; they are multiplied by the share of the variance of runs that
neither choice nor fit has seen (cross-validated R2), so that with the row UNEXPLAINED they are
shares of all variance. What is left open is luck, interactions without a main effect, and lack of
fit together.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analyses.sensitivity.indices import (
    CONFIDENCE,
    Floats,
    Problem,
    checked,
    sobol,
    sobol_sample,
    varies,
)
from sim.analyses.sensitivity.ranks import INDEX_COLUMNS, OVERALL, UNEXPLAINED
from sim.analyses.shared.factors import Factors
from sim.analyses.shared.names import BEHAVIOUR
from sim.calibrate.emulator import Emulator, Ints, fit_emulator, refit

if TYPE_CHECKING:
    import pandas as pd

BASE = 2048
ROUGH = 256
"""Base points of the Sobol' design on the surrogate; ROUGH: in resamples and for N/2 ..."""

FOLDS = 5
PENALTIES, SMALLEST_PENALTY = 25, 0.02
"""Cross-validation, and the lasso's penalties as shares of the one that leaves no column."""

MONTE_CARLO = 25
"""Bootstrap resamples of these points: their error is small beside that of the runs."""

RESAMPLES = 40
"""Bootstrap resamples of the runs that the surrogate is fitted to."""

FEWEST_RUNS = 64
"""Fewest runs that a surrogate is fitted to."""

BLOCK = 16_384
"""Points predicted at a time: bounds the memory of their features."""


@dataclass(frozen=True)
class SensitivitySurrogate:
    """A fitted surrogate. ``varying``: which years [years] it has a surface for, the others being
    constant at ``means`` [years]; ``kept``: the columns that it reads; ``explained`` [years]:
    cross-validated R2, 0 at least; ``variance`` [years] of the runs."""

    factors: Factors
    emulator: Emulator | None
    kept: Ints
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
                out[block, at] = self.emulator.predict(x[block][:, self.kept])
        return out

    @property
    def overall(self) -> float:
        """The share of the variance of all years that it explains."""
        total = float(self.variance.sum())
        return float(self.explained @ self.variance) / total if total > 0 else 0.0


def fit(factors: Factors, u: Floats, y: Floats, names: Sequence[str] = ()) -> SensitivitySurrogate:
    """Fit to runs: u [runs, columns], y [runs, years]. Raises KyodoError for a NaN."""
    table = checked(y, names)
    varying = tuple(varies(table[:, k]) for k in range(table.shape[1]))
    explained = np.zeros(table.shape[1])
    emulator, kept = None, np.arange(0, dtype=np.int64)
    if any(varying):
        x, z = factors.features(u), table[:, varying]
        kept = pick_columns(x, z)
        emulator = fit_emulator(x[:, kept], z)
        explained[list(varying)] = np.maximum(_unseen(x, z), 0.0)
    return SensitivitySurrogate(
        factors, emulator, kept, varying, table.mean(axis=0), explained, table.var(axis=0)
    )


def pick_columns(x: Floats, y: Floats) -> Ints:
    """Columns of x [runs, columns] with a linear effect on y [runs, years] in any year.

    At least two, the strongest where the lasso finds fewer.
    """
    from sklearn.linear_model import MultiTaskLasso, MultiTaskLassoCV

    z = (y - y.mean(axis=0)) / np.maximum(y.std(axis=0), 1e-300)
    pull = np.sqrt(((x.T @ z) ** 2).sum(axis=1)) / len(x)
    penalties = float(pull.max()) * np.geomspace(1.0, SMALLEST_PENALTY, PENALTIES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the smallest penalties may not converge: not chosen
        path = MultiTaskLassoCV(alphas=penalties, cv=FOLDS, tol=1e-3).fit(x, z)
        error = path.mse_path_.mean(axis=1)
        best = int(np.argmin(error))
        slack = path.mse_path_[best].std(ddof=1) / np.sqrt(FOLDS)
        penalty = max(path.alphas_[error <= error[best] + slack])
        weight = np.abs(MultiTaskLasso(alpha=penalty, tol=1e-3).fit(x, z).coef_).max(axis=0)
    kept = np.flatnonzero(weight > 0)
    if len(kept) < 2:
        kept = np.sort(np.argsort(-pull, kind="stable")[:2])
    return kept.astype(np.int64)


def _unseen(x: Floats, y: Floats) -> Floats:
    """Share of the variance of runs explained that neither choice of columns nor fit has seen."""
    fold = np.arange(len(x)) % FOLDS
    residual = np.empty_like(y)
    for f in range(FOLDS):
        left = fold == f
        kept = pick_columns(x[~left], y[~left])
        fitted = fit_emulator(x[~left][:, kept], y[~left])
        residual[left] = y[left] - fitted.predict(x[left][:, kept])
    out: Floats = 1.0 - (residual**2).mean(axis=0) / y.var(axis=0)
    return out


def surrogate_indices(
    surrogate: SensitivitySurrogate,
    *,
    years: Sequence[int],
    seed: int = 0,
    base: int = BASE,
    second_order: bool = True,
) -> pd.DataFrame:
    """First, total and second order of the factors as shares of all variance (INDEX_COLUMNS).

    The interval is the Monte-Carlo error on the surrogate alone: see ``surrogate_bootstrap``.
    """
    import pandas as pd

    problem = Problem(surrogate.factors.of_column)
    points = sobol_sample(problem, base, seed, second_order)
    table = sobol(
        problem, surrogate.predict(points), years=years, seed=seed, resamples=MONTE_CARLO,
        second_order=second_order,
    )  # fmt: skip
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
    surrogate: SensitivitySurrogate, table: pd.DataFrame, u: Floats, y: Floats, *, seed: int = 0
) -> pd.DataFrame:
    """``table`` of ``surrogate_indices`` with intervals that hold the choice of runs, too.

    The surrogate is fitted again to resampled runs (u [runs, columns], y [runs, years]); its
    columns, form and R2 are kept. The spread of the indices is added in quadrature to the
    Monte-Carlo error.
    """
    from sim.base.randomness import generator

    if surrogate.emulator is None:
        return table
    own = table["fiscal_year"] != OVERALL
    years = [int(year) for year in dict.fromkeys(table.loc[own, "fiscal_year"])]
    problem = Problem(surrogate.factors.of_column)
    paired = bool((table["order"] == "second").any())
    rough = surrogate.factors.features(sobol_sample(problem, ROUGH, seed, paired))
    features = surrogate.factors.features(u)[:, surrogate.kept]
    random = generator(seed, "surrogate bootstrap")
    tried = []
    for _ in range(RESAMPLES):
        rows = random.integers(0, len(u), size=len(u))
        emulator = refit(surrogate.emulator, features[rows], y[rows][:, list(surrogate.varying)])
        again = replace(surrogate, emulator=emulator)
        predicted = again.predict_features(rough)
        found = sobol(problem, predicted, years=years, seed=seed, resamples=2, second_order=paired)
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


def _weights(surrogate: SensitivitySurrogate, years: Sequence[int]) -> Floats:
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


def _left(surrogate: SensitivitySurrogate, years: Sequence[int]) -> pd.DataFrame:
    """Rows of the share that is not explained."""
    import pandas as pd

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


def parameter_rows(
    surrogate: SensitivitySurrogate, *, years: Sequence[int], seed: int = 0
) -> pd.DataFrame:
    """What single uncertain parameters do in the last year (those of behaviour are no factors).

    parameter, total (index as share of all variance), swing (mean change of the output when the
    parameter goes from its 5 % to its 95 % point; from not working to working), low and high
    (values of the output at both ends, the others at random), the largest total first.
    """
    import pandas as pd

    columns = surrogate.factors.columns
    single = Problem(tuple(BEHAVIOUR if c.factor == BEHAVIOUR else c.id for c in columns))
    points = sobol_sample(single, ROUGH, seed, second_order=False)
    last = surrogate.predict(points)[:, -1:]
    table = sobol(single, last, years=years[-1:], seed=seed, second_order=False, resamples=2)
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
