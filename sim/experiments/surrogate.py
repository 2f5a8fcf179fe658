"""A surrogate of paired effects: what a plan does in a draw, without running the model.

Effects are differences from the baseline run of the same draw, on a working scale (log-odds for
shares, as they are otherwise). Features are products of a plan and of a draw: strength x
duration x the draw's discount factor of each initiative, with squares, products of two initiatives
and the world (flat or trend). There is no intercept: doing nothing has the effect nothing, exactly.
Ridge regression (Hoerl & Kennard 1970); penalty and error by cross-validation over whole draws, so
that the error is that of a draw which the surrogate has not seen, luck included.

The cost of a year is the known fixed cost plus doses x the draw's unit cost; only doses are fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LINKS = ("logit", "identity")
EDGE = 1e-4
"""Shares are kept this far from 0 and 1 before their log-odds are taken."""

PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Ridge penalties tried, per row, on features scaled to a mean square of one."""
COST_PENALTY = 1e-6
FOLDS = 5
FEWEST_ROWS = 20
"""Fewest training rows with a value for which an output is fitted; else its effect is zero."""
AGES = 4
"""Years since the start that have doses of their own; the last stands for all later ones."""


def link(values: Floats, kind: str) -> Floats:
    """Values on the working scale ``kind``: one of LINKS."""
    if kind == "logit":
        p = np.clip(values, EDGE, 1.0 - EDGE)
        out: Floats = np.log(p / (1.0 - p))
        return out
    return values


@dataclass(frozen=True)
class DrawFacts:
    """What is known of draws before a run, each [draws, 15] in the order of initiative ids.

    ``discount``: d of model_rules B (0 where an initiative does not work); ``unit_cost`` yen a
    dose; ``fixed_cost`` yen a year at strength 1.
    """

    discount: Floats
    unit_cost: Floats
    fixed_cost: Floats

    def rows(self, positions: Ints) -> DrawFacts:
        """The draws at ``positions``, in that order."""
        return DrawFacts(
            self.discount[positions], self.unit_cost[positions], self.fixed_cost[positions]
        )


@dataclass(frozen=True)
class Rows:
    """Plans in draws and worlds, row by row.

    ``strength`` [rows, 15], ``start`` [rows, 15] (fiscal year, 1 = the first), ``facts`` of each
    row's draw [rows, 15], ``trend`` bool [rows], ``years``: the horizon.
    """

    strength: Floats
    start: Ints
    facts: DrawFacts
    trend: Bools
    years: int


def plan_part(strength: Floats, start: Ints, years: int) -> Floats:
    """The plan's factor of every feature [plans, features]; see ``draw_part``."""
    share = np.clip(years - start + 1, 0, years) / years
    given = strength * share
    first, second = np.triu_indices(given.shape[1], k=1)
    pairs = given[:, first] * given[:, second]
    blocks = [given, given, given * strength, given * share, given, given, pairs]
    return np.hstack(blocks)


def draw_part(facts: DrawFacts, trend: Bools) -> Floats:
    """The draw's factor of every feature [draws, features].

    In blocks of fifteen: whether the initiative works; d three times (for strength x duration,
    and these again times strength and times duration); d squared; d with the trend; and products
    of two initiatives' d.
    """
    d = facts.discount
    first, second = np.triu_indices(d.shape[1], k=1)
    works = (d > 0).astype(np.float64)
    return np.hstack([works, d, d, d, d**2, d * trend[:, None], d[:, first] * d[:, second]])


def features(rows: Rows) -> Floats:
    """Columns [rows, features] of the effects: a plan's factor times a draw's factor."""
    out: Floats = plan_part(rows.strength, rows.start, rows.years)
    out *= draw_part(rows.facts, rows.trend)
    return out


def fixed_costs(rows: Rows) -> Floats:
    """Known fixed cost of every row and fiscal year [rows, years], yen."""
    running = _ages(rows.start, rows.years) >= 0
    total: Floats = np.einsum("ri,riy->ry", rows.strength * rows.facts.fixed_cost, running * 1.0)
    return total


def _ages(start: Ints, years: int) -> Ints:
    """Years since the start, in every fiscal year [plans, 15, years]; negative before it."""
    age: Ints = np.arange(1, years + 1) - start[:, :, None]
    return age


def dose_columns(rows: Rows) -> Floats:
    """Columns [rows x years, 2 x AGES x 15]: unit cost x strength (and its square), by age."""
    age = _ages(rows.start, rows.years).transpose(0, 2, 1)
    at = np.minimum(age, AGES - 1)
    spend = (rows.strength * rows.facts.unit_cost)[:, None, :]
    own = [np.where((age >= 0) & (at == k), spend, 0.0) for k in range(AGES)]
    linear = np.stack(own, axis=2)
    both = np.stack([linear, linear * rows.strength[:, None, None, :]], axis=2)
    return both.reshape(len(rows.strength) * rows.years, -1)


@dataclass(frozen=True)
class Surrogate:
    """Fitted effects and costs.

    On draws not seen, luck included: ``error`` [outputs] standard deviation of the error;
    ``relative`` [outputs]: the same as a share of the root mean square of the prediction, because
    a plan that does little errs by little; ``explained`` [outputs]: share of the variance (NaN
    where nothing moved); ``cost_error``: root mean square of the relative error of a year's cost.
    """

    weights: Floats
    error: Floats
    relative: Floats
    explained: Floats
    rows: int
    cost_weights: Floats
    cost_error: float

    def effects(
        self, strength: Floats, start: Ints, facts: DrawFacts, trend: bool, years: int
    ) -> Floats:
        """Expected effects [plans, draws, outputs] on the working scale, of every plan (strength
        and start [plans, 15]) in every draw."""
        plans = plan_part(strength, start, years)
        draws = draw_part(facts, np.full(len(facts.discount), trend))
        by_draw = (draws[:, :, None] * self.weights).transpose(1, 0, 2)
        flat: Floats = plans @ by_draw.reshape(len(self.weights), -1)
        return flat.reshape(len(plans), len(draws), -1)

    def costs(self, strength: Floats, start: Ints, facts: DrawFacts, years: int) -> Floats:
        """Expected cost of every fiscal year [plans, draws, years], yen."""
        age = _ages(start, years)
        linear, square = self.cost_weights.reshape(2, AGES, -1)
        at, who = np.clip(age, 0, AGES - 1), np.arange(strength.shape[1])[None, :, None]
        s = strength[:, :, None]
        doses = np.where(age >= 0, s * (linear[at, who] + s * square[at, who]), 0.0)
        fixed = np.where(age >= 0, s, 0.0)
        spent = np.einsum("piy,di->pdy", doses, facts.unit_cost, optimize=True)
        known = np.einsum("piy,di->pdy", fixed, facts.fixed_cost, optimize=True)
        total: Floats = known + np.maximum(spent, 0.0)
        return total


def fit_surrogate(rows: Rows, draws: Ints, effects: Floats, costs: Floats) -> Surrogate:
    """Fit to runs: ``draws`` [rows] says which belong together, ``effects`` [rows, outputs] (NaN
    where not available), ``costs`` [rows, years] in yen."""
    x = features(rows)
    size = np.sqrt(np.mean(x**2, axis=0))
    scale = np.where(size > 0, size, 1.0)
    fold = np.unique(draws, return_inverse=True)[1] % FOLDS
    outputs = effects.shape[1]
    weights, error = np.zeros((x.shape[1], outputs)), np.zeros(outputs)
    relative, explained = np.zeros(outputs), np.full(outputs, np.nan)
    for k in range(outputs):
        seen = ~np.isnan(effects[:, k])
        y = effects[seen, k]
        if seen.sum() < FEWEST_ROWS or not np.any(y):
            error[k] = _size(y) if y.size else 0.0
            continue
        penalty, left = _best(x[seen] / scale, y, fold[seen])
        error[k] = _size(y - left)
        relative[k] = error[k] / _size(left) if np.any(left) else 0.0
        weights[:, k] = _ridge(x[seen] / scale, y, penalty) / scale
        if np.var(y) > 0:
            explained[k] = 1.0 - error[k] ** 2 / np.var(y)
    cost_weights, cost_error = _fit_costs(rows, fold, costs)
    return Surrogate(weights, error, relative, explained, len(x), cost_weights, cost_error)


def _best(x: Floats, y: Floats, fold: Ints) -> tuple[float, Floats]:
    """The penalty with the smallest cross-validated error, and its predictions of rows not seen."""
    tried = {penalty: _left_out(x, y, fold, penalty) for penalty in PENALTIES}
    best = min(PENALTIES, key=lambda penalty: _size(y - tried[penalty]))
    return best, tried[best]


def _size(x: Floats) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(x**2)))


def _left_out(x: Floats, y: Floats, fold: Ints, penalty: float) -> Floats:
    """Predictions of every row by a fit without its fold; 0 where nothing is left to fit."""
    out = np.zeros(len(y))
    for f in np.unique(fold):
        kept = fold != f
        if kept.any():
            out[~kept] = x[~kept] @ _ridge(x[kept], y[kept], penalty)
    return out


def _ridge(x: Floats, y: Floats, penalty: float) -> Floats:
    from sklearn.linear_model import Ridge

    found: Any = Ridge(alpha=penalty * len(x), fit_intercept=False).fit(x, y)
    return np.asarray(found.coef_, dtype=np.float64)


def _fit_costs(rows: Rows, fold: Ints, costs: Floats) -> tuple[Floats, float]:
    x, y = dose_columns(rows), (costs - fixed_costs(rows)).ravel()
    size = np.sqrt(np.mean(x**2, axis=0))
    scale = np.where(size > 0, size, 1.0)
    by_year = np.repeat(fold, rows.years)
    left = _left_out(x / scale, y, by_year, COST_PENALTY)
    truth = costs.ravel()
    spent = truth > 0
    relative = (y - left)[spent] / truth[spent]
    error = _size(relative) if spent.any() else 0.0
    return _ridge(x / scale, y, COST_PENALTY) / scale, error


def joined(parts: Sequence[Rows]) -> Rows:
    """Rows put one after the other."""
    facts = DrawFacts(
        *(
            np.vstack([getattr(p.facts, name) for p in parts])
            for name in ("discount", "unit_cost", "fixed_cost")
        )
    )
    return Rows(
        np.vstack([p.strength for p in parts]),
        np.vstack([p.start for p in parts]),
        facts,
        np.concatenate([p.trend for p in parts]),
        parts[0].years,
    )
