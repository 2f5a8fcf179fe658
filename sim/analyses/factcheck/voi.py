"""Value of information: what knowing an assumption would be worth to who chooses among decisions.

Net benefits are arrays [draws, decisions] in yen. The value of perfect information on inputs X
(EVPPI) is E_X[max_s E(net_s | X)] - max_s E(net_s); the inner mean is estimated by regression on
the ensemble (Strong, Oakley & Brennan 2014, doi:10.1177/0272989X13505910): here least
squares on a natural cubic spline of one input, or on powers and products of several, or on straight
lines alone, by generalised cross-validation. Noise that the features fit by chance would bias the
estimate upwards, the more the more inputs there are, and a penalty would bias it downwards; the
fitted values are therefore scaled to the variance that is explained beyond chance (adjusted R
squared), which is neutral to the number of inputs. Two biases are left. Where nothing is known the
estimate is not 0 on average (it cannot be negative): its mean under permuted draws, where X tells
nothing, is reported beside it, and taken off for rankings. Where the two best decisions are nearly
tied, chance makes one lead, and the estimate is too low, as any estimate of a gain over the best of
noisy means is. Measured in tests/theory/test_voi_coverage.py. Pure functions over arrays.
Layer: experiments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import UsageError
from sim.base.randomness import generator

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_COLUMNS = 1.0 / 3.0
"""Most features of a regression, as a share of the draws. Of more straight ones the leading
principal components are taken, so that what they leave out is missed; curves are left out first."""

KNOTS = (0.05, 0.35, 0.65, 0.95)
"""Quantiles of the knots of the spline of one input (Harrell 2015, table 2.3, four knots)."""

PRODUCTS = 4
"""Products of inputs are features for groups of at most so many inputs."""

FEWEST_DRAWS = 20
"""Below this number of draws no regression is made."""

LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True)
class BestDecision:
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
class ItemWorth:
    """What knowing one item is worth, in the unit of the net benefits.

    ``low`` and ``high``: bootstrap interval of the regression, meant to hold the truth in 90 % of
    all ensembles (measured: docs/factcheck.md); it need not hold ``value``. The ends are those of
    residuals resampled around the adjusted fit, the upper one around the plain fit if that is
    higher. NaN if not asked for. ``null``: 95th percentile where the item tells nothing,
    ``null_mean``: the mean there; ``p``: how often such an item does as well. ``explained``: share
    of the variance of the lead of the best over the second decision (0 to 1), ``explained_p``
    likewise.
    """

    value: float
    low: float
    high: float
    null: float
    null_mean: float
    p: float
    explained: float
    explained_p: float

    @property
    def beyond_chance(self) -> float:
        """The value less what an irrelevant item shows on average; at least 0. For rankings."""
        return max(0.0, self.value - self.null_mean)

    @property
    def clear(self) -> bool:
        """Whether the value stands out from what an irrelevant item would show."""
        return self.value > self.null


def net_benefit(extra: Floats, cost: Floats, value: float) -> Floats:
    """Net benefits [draws, decisions] in yen: ``extra`` solved projects x ``value`` - ``cost``."""
    return extra * value - cost


def choose(net: Floats) -> BestDecision:
    """The choice under net benefits [draws, decisions]; of equal means the first one is best."""
    if net.ndim != 2 or net.shape[1] < 2:
        raise UsageError("value of information: at least two decisions are needed")
    mean = net.mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    chance = np.bincount(net.argmax(axis=1), minlength=net.shape[1]) / len(net)
    evpi = float(net.max(axis=1).mean() - mean.max())
    return BestDecision(mean, int(order[0]), int(order[1]), chance, evpi)


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


@dataclass(frozen=True)
class Fit:
    """Least squares of responses [draws, responses].

    ``fitted``: plain fitted values. ``adjusted``: the same, drawn towards the mean until their
    variance is what the features explain beyond chance (that of the adjusted R squared); ``share``
    [responses] is that R squared, at least 0. ``scale`` [responses]: factor that brings residuals
    to the standard deviation of the errors.
    """

    fitted: Floats
    adjusted: Floats
    share: Floats
    scale: Floats


class Regression:
    """Least squares on the features of inputs ``x`` [draws, inputs], ready for many responses.

    Each response takes the straight features, or the curved ones as well, whichever has the smaller
    generalised cross-validation error (Golub, Heath & Wahba 1979,
    doi:10.1080/00401706.1979.10489751).
    """

    def __init__(self, x: Floats) -> None:
        self.draws = len(x)
        most = int(MOST_COLUMNS * self.draws)
        straight, every = _scaled(np.asarray(x, dtype=np.float64)), features(x)
        line = _basis(straight)[:, :most]
        curves = _basis(_scaled(every - line @ (line.T @ every)))
        self.sizes: Ints = np.array([line.shape[1]], dtype=np.int64)
        if curves.shape[1] and line.shape[1] + curves.shape[1] <= most:
            self.sizes = np.append(self.sizes, line.shape[1] + curves.shape[1])
        self.u: Floats = np.hstack([line, curves])[:, : self.sizes[-1]]

    def fit(self, y: Floats) -> Fit:
        """The fit of ``y`` [draws, responses]."""
        n = self.draws
        mean = y.mean(axis=0)
        centred = y - mean
        a = self.u.T @ centred  # [columns, responses]
        total = (centred**2).sum(axis=0)
        left = np.stack([total - (a[:size] ** 2).sum(axis=0) for size in self.sizes])
        left = np.maximum(left, 0.0)  # [sizes, responses]
        error = left / (1.0 - (1.0 + self.sizes[:, None]) / n) ** 2
        pick = error.argmin(axis=0)
        size, rest = self.sizes[pick], left[pick, np.arange(y.shape[1])]
        freedom = n - 1.0 - size
        beyond = np.maximum(total - rest - size * rest / freedom, 0.0)
        shrink = np.sqrt(beyond / np.maximum(total - rest, 1e-300))
        move = self.u @ (a * (np.arange(len(a))[:, None] < size))
        share = np.divide(beyond, total, out=np.zeros_like(total), where=total > 0.0)
        scale = np.sqrt(n / freedom)
        return Fit(mean + move, mean + np.minimum(shrink, 1.0) * move, np.clip(share, 0, 1), scale)


def _basis(f: Floats) -> Floats:
    """An orthonormal basis of the columns of ``f`` [draws, columns], by falling variance."""
    u, s, _ = np.linalg.svd(f, full_matrices=False)
    kept: Floats = u[:, s > 1e-8 * max(1.0, s.max(initial=0.0))]
    return kept


def gain(fitted: Floats) -> Floats:
    """Mean over draws of the best fitted decision, less the best mean; never below 0.

    ``fitted`` [draws, repetitions, decisions]; one gain for each repetition.
    """
    found: Floats = fitted.max(axis=2).mean(axis=0) - fitted.mean(axis=0).max(axis=1)
    return np.maximum(found, 0.0)


BATCH = 100
"""Permutations or resamples that are fitted together: one large product beats many small ones."""


def _refitted(regression: Regression, repeated: Floats) -> tuple[Floats, Floats]:
    """Adjusted fit of responses [draws, repetitions, decisions], and the shares explained."""
    fit = regression.fit(repeated.reshape(len(repeated), -1))
    return fit.adjusted.reshape(repeated.shape), fit.share.reshape(repeated.shape[1:])


def worth(
    x: Floats, net: Floats, *, permutations: int = 200, resamples: int = 200, seed: int = 0
) -> ItemWorth:
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
    fit = regression.fit(relative)
    value, explained = float(gain(fit.adjusted[:, None, :])[0]), float(fit.share[lead])
    random = generator(seed, "voi permutation")
    null = np.empty((permutations, 2))
    for n in range(0, permutations, BATCH):
        size = min(BATCH, permutations - n)
        rows = random.permuted(np.tile(np.arange(draws)[:, None], size), axis=0)
        shuffled, part = _refitted(regression, relative[rows])
        null[n : n + size, 0], null[n : n + size, 1] = gain(shuffled), part[:, lead]
    random = generator(seed, "voi bootstrap")
    again = np.empty((resamples, 2))
    left = (relative - fit.fitted) * fit.scale
    for n in range(0, resamples, BATCH):
        size = min(BATCH, resamples - n)
        luck = left[random.integers(0, draws, (draws, size))]
        for j, centre in enumerate((fit.adjusted, fit.fitted)):
            again[n : n + size, j] = gain(_refitted(regression, centre[:, None, :] + luck)[0])
    return item_worth(value, explained, null, again)


def item_worth(value: float, explained: float, null: Floats, again: Floats) -> ItemWorth:
    """A value and a share of variance beside what chance makes of both.

    ``null`` [permutations, 2]: both where the item tells nothing. ``again`` [resamples, 2]: the
    value with other luck, around the adjusted and around the plain fit; no rows give no interval.
    """
    ends = np.quantile(again, [LOW, HIGH], axis=0) if len(again) else np.full((2, 2), np.nan)
    return ItemWorth(
        value,
        float(ends[0, 0]),
        float(ends[1].max()),
        float(np.quantile(null[:, 0], HIGH)),
        float(null[:, 0].mean()),
        _p(value, null[:, 0]),
        explained,
        _p(explained, null[:, 1]),
    )


def _p(found: float, null: Floats) -> float:
    """Share of null values that are at least as large as the one found, which counts as one."""
    return float((1 + (null >= found - 1e-12).sum()) / (1 + len(null)))
