"""Value of information: what knowing an assumption would be worth to who chooses among decisions.

Net benefits are arrays [draws, decisions] in yen. The value of perfect information on inputs X
(EVPPI) is E_X[max_s E(net_s | X)] - max_s E(net_s); the inner mean is estimated by regression on
the ensemble (Strong, Oakley & Brennan 2014, doi:10.1177/0272989X13505910): here a ridge regression
on a natural cubic spline of one input, or on powers and products of several, with the penalty of
smallest generalised cross-validation error. In a finite ensemble the estimate is biased upwards, so
that it is compared with its own distribution under permuted draws, where X tells nothing. Pure
functions over arrays. Layer: experiments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.randomness import generator

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PENALTIES = np.logspace(-4.0, 4.0, 17)
"""Penalties tried, relative to the number of draws; the largest leaves the mean alone."""

KNOTS = (0.05, 0.35, 0.65, 0.95)
"""Quantiles of the knots of the spline of one input (Harrell 2015, table 2.3, four knots)."""

PRODUCTS = 4
"""Products of inputs are features for groups of at most so many inputs."""

FEWEST_DRAWS = 20
"""Below this number of draws no regression is made."""

LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True)
class Choice:
    """Which decision is best under present knowledge, and what perfect information is worth.

    ``mean`` [decisions] net benefit; ``best`` and ``second``: positions of the highest means;
    ``chance`` [decisions]: share of draws in which a decision is best; ``evpi``: value of knowing
    everything, the luck of a run included, which nobody can know: an upper bound.
    """

    mean: Floats
    best: int
    second: int
    chance: Floats
    evpi: float


@dataclass(frozen=True)
class Worth:
    """What knowing one item is worth, in the unit of the net benefits.

    ``low`` and ``high``: 90 % interval of the regression's error (residual bootstrap); NaN if
    not asked for. ``null``: 95th percentile where the item tells nothing; ``p``: how often such an
    item does as well. ``explained``: share of the variance of the lead of the best over the second
    decision (0 to 1), ``explained_p`` likewise.
    """

    value: float
    low: float
    high: float
    null: float
    p: float
    explained: float
    explained_p: float

    @property
    def clear(self) -> bool:
        """Whether the value stands out from what an irrelevant item would show."""
        return self.value > self.null


def net_benefit(extra: Floats, cost: Floats, value: float) -> Floats:
    """Net benefits [draws, decisions] in yen: ``extra`` solved projects x ``value`` - ``cost``."""
    return extra * value - cost


def choose(net: Floats) -> Choice:
    """The choice under net benefits [draws, decisions]; of equal means the first one is best."""
    if net.ndim != 2 or net.shape[1] < 2:
        raise UsageError("value of information: at least two decisions are needed")
    mean = net.mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    chance = np.bincount(net.argmax(axis=1), minlength=net.shape[1]) / len(net)
    evpi = float(net.max(axis=1).mean() - mean.max())
    return Choice(mean, int(order[0]), int(order[1]), chance, evpi)


def best_by_value(extra: Floats, cost: Floats) -> list[tuple[float, float, int]]:
    """Which decision is best for every value of a solved project: (from, to, position) in order.

    ``extra`` and ``cost`` [decisions] are means. Mean net benefits are lines in the value, so that
    the best decision is their upper envelope on [0, infinity).
    """
    here = 0.0
    out: list[tuple[float, float, int]] = []
    now = int(np.lexsort((-extra, cost))[0])
    while True:
        steeper = np.flatnonzero(extra > extra[now])
        if not len(steeper):
            return [*out, (here, float("inf"), now)]
        at = (cost[steeper] - cost[now]) / (extra[steeper] - extra[now])
        first = np.lexsort((-extra[steeper], at))[0]
        out.append((here, float(at[first]), now))
        here, now = float(at[first]), int(steeper[first])


def features(x: Floats) -> Floats:
    """Features [draws, columns] of inputs ``x`` [draws, inputs], centred and of unit variance.

    One input: a natural cubic spline (Harrell 2015, section 2.4.5), or the input alone where it
    has few values. Several: the inputs, their squares and, for few inputs, their products.
    """
    x = np.asarray(x, dtype=np.float64)
    scaled = _scaled(x)
    columns = [scaled]
    if x.shape[1] == 1:
        knots = np.unique(np.quantile(scaled[:, 0], KNOTS)) if scaled.size else np.empty(0)
        if len(knots) > 2 and len(np.unique(x)) > len(KNOTS):
            columns.append(_spline(scaled[:, 0], knots))
    else:
        columns.append(scaled**2)
        if scaled.shape[1] <= PRODUCTS:
            pairs = [(i, j) for i in range(scaled.shape[1]) for j in range(i)]
            columns += [scaled[:, [i]] * scaled[:, [j]] for i, j in pairs]
    return _scaled(np.hstack(columns))


def _scaled(x: Floats) -> Floats:
    """Columns with a spread, centred, with unit variance; constant columns are left out."""
    sd = x.std(axis=0)
    kept = sd > 1e-12 * np.maximum(1.0, np.abs(x).max(axis=0, initial=0.0))
    out: Floats = (x[:, kept] - x[:, kept].mean(axis=0)) / sd[kept]
    return out


def _spline(x: Floats, knots: Floats) -> Floats:
    """The columns of a natural cubic spline beyond the linear one: [draws, knots - 2]."""

    def cube(at: float) -> Floats:
        cubed: Floats = np.maximum(x - at, 0.0) ** 3
        return cubed

    last, before = float(knots[-1]), float(knots[-2])
    columns = [
        cube(k)
        - cube(before) * (last - k) / (last - before)
        + cube(last) * (before - k) / (last - before)
        for k in map(float, knots[:-2])
    ]
    return np.column_stack(columns)


class Regression:
    """Ridge regression on the features of inputs ``x`` [draws, inputs], ready for many responses.

    The penalty of each response is the one with the smallest generalised cross-validation error
    (Golub, Heath & Wahba 1979, doi:10.1080/00401706.1979.10489751).
    """

    def __init__(self, x: Floats) -> None:
        self.draws = len(x)
        f = features(x)
        u, s, _ = np.linalg.svd(f, full_matrices=False)
        kept = s > 1e-8 * max(1.0, s.max(initial=0.0))
        self.u: Floats = u[:, kept]
        power = s[kept] ** 2 / self.draws
        self.shrink: Floats = power / (power + PENALTIES[:, None])  # [penalties, columns]

    def fit(self, y: Floats) -> tuple[Floats, Floats]:
        """Fitted values [draws, responses], and the share of variance explained [responses].

        The share is 1 - (generalised cross-validation error / that of the mean), at least 0.
        """
        mean = y.mean(axis=0)
        centred = y - mean
        a = self.u.T @ centred  # [columns, responses]
        total = (centred**2).sum(axis=0)
        f = self.shrink
        left = total - (2.0 * f - f**2) @ (a**2)  # [penalties, responses]
        freedom = 1.0 + f.sum(axis=1)
        room = np.maximum(1.0 - freedom / self.draws, 1e-9)
        error = np.maximum(left, 0.0) / room[:, None] ** 2
        pick = error.argmin(axis=0)
        fitted: Floats = mean + self.u @ (f[pick].T * a)
        base = total / (1.0 - 1.0 / self.draws) ** 2
        smallest = error[pick, np.arange(y.shape[1])]
        share = 1.0 - np.divide(smallest, base, out=np.ones_like(base), where=base > 0.0)
        return fitted, np.clip(share, 0.0, 1.0)


def gain(fitted: Floats) -> Floats:
    """Mean over draws of the best fitted decision, less the best mean; never below 0.

    ``fitted`` [draws, repetitions, decisions]; one gain for each repetition.
    """
    found: Floats = fitted.max(axis=2).mean(axis=0) - fitted.mean(axis=0).max(axis=1)
    return np.maximum(found, 0.0)


BATCH = 100
"""Permutations or resamples that are fitted together: one large product beats many small ones."""


def _refitted(regression: Regression, repeated: Floats) -> tuple[Floats, Floats]:
    """``Regression.fit`` of responses [draws, repetitions, decisions]: fitted, shares."""
    fitted, shares = regression.fit(repeated.reshape(len(repeated), -1))
    return fitted.reshape(repeated.shape), shares.reshape(repeated.shape[1:])


def worth(
    x: Floats, net: Floats, *, permutations: int = 200, resamples: int = 200, seed: int = 0
) -> Worth:
    """What perfect information on inputs ``x`` [draws, inputs] is worth under ``net``.

    ``net`` [draws, decisions]. The numbers of permutations and resamples set the precision of
    ``null``, ``p`` and of the interval. Raises UsageError for too few draws, or for a NaN.
    """
    draws = len(net)
    if draws < FEWEST_DRAWS:
        raise UsageError(f"value of information: {draws} draws, at least {FEWEST_DRAWS} are needed")
    if not (np.isfinite(x).all() and np.isfinite(net).all()):
        raise UsageError("value of information: an input or a net benefit is not a number")
    choice = choose(net)
    # Only differences matter; against the best one the regression has the least to explain.
    relative = net - net[:, [choice.best]]
    lead = choice.second
    regression = Regression(x)
    fitted, shares = regression.fit(relative)
    value, explained = float(gain(fitted[:, None, :])[0]), float(shares[lead])
    random = generator(seed, "voi permutation")
    null = np.empty((permutations, 2))
    for n in range(0, permutations, BATCH):
        size = min(BATCH, permutations - n)
        rows = random.permuted(np.tile(np.arange(draws)[:, None], size), axis=0)
        shuffled, part = _refitted(regression, relative[rows])
        null[n : n + size, 0], null[n : n + size, 1] = gain(shuffled), part[:, lead]
    random = generator(seed, "voi bootstrap")
    again = np.empty(resamples)
    left = relative - fitted
    for n in range(0, resamples, BATCH):
        size = min(BATCH, resamples - n)
        rows = random.integers(0, draws, (draws, size))
        again[n : n + size] = gain(_refitted(regression, fitted[:, None, :] + left[rows])[0])
    ends = np.quantile(again, [LOW, HIGH]) if resamples else (np.nan, np.nan)
    return Worth(
        value,
        float(np.minimum(ends[0], value)),
        float(np.maximum(ends[1], value)),
        float(np.quantile(null[:, 0], HIGH)),
        _p(value, null[:, 0]),
        explained,
        _p(explained, null[:, 1]),
    )


def _p(found: float, null: Floats) -> float:
    """Share of null values that are at least as large as the one found, which counts as one."""
    return float((1 + (null >= found - 1e-12).sum()) / (1 + len(null)))
