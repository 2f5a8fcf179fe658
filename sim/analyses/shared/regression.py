"""A surrogate of paired effects: what a plan does in a draw, without running the model.

Effects are differences from the baseline run of the same draw, on a working scale (log-odds for
shares, as they are otherwise). Features are products of a plan and of a draw: strength x duration x
the draw's discount factor of each initiative, with squares, products of two initiatives and the
world (flat or trend). There is no intercept: doing nothing has the effect nothing, exactly.
Ridge regression (Hoerl & Kennard 1970), its penalty and error by cross-validation over whole
draws, so that the error is that of a draw which the surrogate has not seen, luck included.

The cost of a year is the known fixed cost plus doses x the draw's unit cost; only doses are fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    x, fold = features(rows), np.unique(draws, return_inverse=True)[1] % FOLDS
    outputs = effects.shape[1]
    weights, error = np.zeros((x.shape[1], outputs)), np.zeros(outputs)
    relative, explained = np.zeros(outputs), np.full(outputs, np.nan)
    missing = np.isnan(effects)
    for some in np.unique(missing, axis=1).T:
        # outputs that are there in the same rows share their matrices
        seen, mine = ~some, np.flatnonzero((missing == some[:, None]).all(axis=0))
        y = effects[np.ix_(seen, mine)]
        if seen.sum() < FEWEST_ROWS:
            error[mine] = _size(y)
            continue
        ridge = _Ridge(x[seen], fold[seen])
        tried = np.stack([ridge.left_out(y, penalty) for penalty in PENALTIES])
        best = np.argmin(_size(y - tried, axis=1), axis=0)
        left = np.take_along_axis(tried, best[None, None, :], axis=0)[0]
        error[mine], size = _size(y - left), _size(left)
        relative[mine] = np.where(size > 0, error[mine] / np.where(size > 0, size, 1.0), 0.0)
        for n in np.unique(best):
            chosen = best == n
            weights[:, mine[chosen]] = ridge.weights(y[:, chosen], PENALTIES[n])
        spread = np.var(y, axis=0)
        moved = spread > 0
        explained[mine[moved]] = 1.0 - error[mine[moved]] ** 2 / spread[moved]
    cost_weights, cost_error = _fit_costs(rows, fold, costs)
    return Surrogate(weights, error, relative, explained, len(x), cost_weights, cost_error)


def _size(x: Floats, axis: int = 0) -> Floats:
    """Root mean square over one axis; 0 of nothing."""
    out: Floats = np.sqrt(np.sum(x**2, axis=axis) / max(1, x.shape[axis]))
    return out


class _Ridge:
    """Ridge regressions without intercept on columns scaled to a mean square of one.

    Whole folds are left out by taking their part off the matrix of products, which is made once.
    """

    def __init__(self, x: Floats, fold: Ints) -> None:
        size = np.sqrt(np.mean(x**2, axis=0))
        self.scale = np.where(size > 0, size, 1.0)
        self.x, self.fold = x / self.scale, fold
        self.products = self.x.T @ self.x
        self.parts = {f: self.x[fold == f] for f in np.unique(fold)}

    def _solve(self, products: Floats, moments: Floats, rows: int, penalty: float) -> Floats:
        ridge = penalty * rows * np.eye(len(products))
        return np.asarray(np.linalg.solve(products + ridge, moments), dtype=np.float64)

    def left_out(self, y: Floats, penalty: float) -> Floats:
        """Predictions of every row by a fit without its fold; 0 where nothing is left to fit."""
        out, moments = np.zeros_like(y), self.x.T @ y
        for f, part in self.parts.items():
            mine = self.fold == f
            if mine.all():
                continue
            left = self.products - part.T @ part
            rows = len(y) - len(part)
            out[mine] = part @ self._solve(left, moments - part.T @ y[mine], rows, penalty)
        return out

    def weights(self, y: Floats, penalty: float) -> Floats:
        """Weights of the unscaled columns, from all rows."""
        found = self._solve(self.products, self.x.T @ y, len(y), penalty)
        return found / (self.scale if y.ndim == 1 else self.scale[:, None])


def _fit_costs(rows: Rows, fold: Ints, costs: Floats) -> tuple[Floats, float]:
    y = (costs - fixed_costs(rows)).ravel()
    ridge = _Ridge(dose_columns(rows), np.repeat(fold, rows.years))
    truth = costs.ravel()
    spent = truth > 0
    relative = (y - ridge.left_out(y, COST_PENALTY))[spent] / truth[spent]
    error = float(_size(relative))
    return ridge.weights(y, COST_PENALTY), error


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
