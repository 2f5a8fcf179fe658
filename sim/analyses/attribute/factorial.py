"""The 2^n factorial of the measures: effects and interactions, on two scales, and what they say.

Pure functions over arrays; the last axis holds the 2^n combinations in the order of their bits
(bit k set: factor k is on). All contrasts are in the unit of the response, none carries the factor
1/2 of some textbooks. With y(S) the response with the factors S on:

- ``alone``: y({k}) - y({}), the effect of k where no other factor is on;
- ``main``: the mean of y(S + k) - y(S) over all settings S of the others (the main effect);
- ``last``: y(all) - y(all but k), what would be lost without k;
- ``pair``: the mean of y(S + k + l) - y(S + k) - y(S + l) + y(S) over the settings S of the third
  (two-factor interaction); ``pair_alone``: the same with the third off;
- ``triple``: y(all) - sum of pairs on + sum of singles on - y({}) (three-factor interaction);
- ``gap``: y(all) - y({}) - sum of ``alone``: by how much all together bring more than the sum of
  what each brings alone. For three factors = sum of ``pair_alone`` + ``triple``. This is what a
  claim of synergy is about.

Shares are also read on the log-odds, positive amounts on the log, rises (a change of x per cent) on
the log of 1 + x: there, effects that multiply odds or amounts are additive, so an interaction on
the natural scale alone may come from a ceiling. A sign that differs is called scale-dependent
(model_rules F).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from sim.analyses.shared.intervals import Floats

if TYPE_CHECKING:
    from sim.analyses.shared.reached import IndicatorLike

NATURAL = "natural"
LOG_SCALES = ("log_odds", "log", "log_rise")

RISES = ("M3-KGI-1", "M2-KPIoc-1", "impact_solved", "impact_product")
"""Indicators that are rises: a share that is a change, not a part of a whole."""

INTERACTIONS = ("pair", "pair_alone", "triple", "gap")
"""Contrasts that are zero where effects add."""

VERDICTS = (
    "positive", "negative", "positive_one_scale", "negative_one_scale", "scale_dependent",
    "unclear", "zero", "not_available",
)  # fmt: skip
"""What ``verdict`` may say."""


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of the combinations. ``factors``: numbers of those it is about."""

    kind: str
    factors: tuple[int, ...]
    weights: tuple[float, ...]


def contrasts(factors: int) -> tuple[Contrast, ...]:
    """All contrasts of a factorial of n factors, in a fixed order: effects, then interactions.

    ``triple`` for three or more (of each three), ``gap`` for two or more. With two factors ``pair``
    and ``pair_alone`` and ``gap`` are the same number.
    """
    out = []
    every = tuple(range(factors))
    for k in every:
        out.append(_of("alone", factors, (k,), average=False))
    for k in every:
        out.append(_of("main", factors, (k,), average=True))
    for k in every:
        weights = np.zeros(1 << factors)
        weights[-1] += 1.0
        weights[(1 << factors) - 1 - (1 << k)] -= 1.0
        out.append(Contrast("last", (k,), tuple(weights)))
    for kind, average in (("pair", True), ("pair_alone", False)):
        for two in combinations(every, 2):
            out.append(_of(kind, factors, two, average=average))
    for three in combinations(every, 3):
        out.append(_of("triple", factors, three, average=True))
    if factors > 1:
        weights = np.zeros(1 << factors)
        weights[-1] += 1.0
        weights[0] += factors - 1.0
        for k in every:
            weights[1 << k] -= 1.0
        out.append(Contrast("gap", every, tuple(weights)))
    return tuple(out)


def _of(kind: str, factors: int, about: tuple[int, ...], *, average: bool) -> Contrast:
    """The difference of differences over ``about``; the others averaged over, or off."""
    weights = np.zeros(1 << factors)
    inside = sum(1 << k for k in about)
    settings = [m for m in range(1 << factors) if not m & inside]
    for rest in settings if average else [0]:
        for on in range(1 << len(about)):
            mask = rest | sum(1 << k for n, k in enumerate(about) if on >> n & 1)
            sign = (-1.0) ** (len(about) - on.bit_count())
            weights[mask] += sign / (len(settings) if average else 1)
    return Contrast(kind, about, tuple(weights))


def apply(contrast: Contrast, values: Floats) -> Floats:
    """A contrast [...] of responses [..., 2^n]; what is no more than rounding becomes zero.

    Combinations of weight zero are not looked at, so that their NaN does no harm.
    """
    used = [n for n, w in enumerate(contrast.weights) if w]
    out = np.zeros(values.shape[:-1])
    for n in used:
        out += contrast.weights[n] * values[..., n]
    return without_dust(out, np.abs(values[..., used]).max(axis=-1))


ROUNDING = 1e-12
"""A difference below this share of the largest response is the rounding of its own sum."""


def without_dust(differences: Floats, size: Floats) -> Floats:
    """Differences of responses with those that are only rounding set to 0.

    ``size``: the largest response behind each. Otherwise an exact zero, the same in every draw,
    would show as a tiny effect of which one is certain.
    """
    with np.errstate(invalid="ignore"):
        dust = np.abs(differences) <= ROUNDING * size
    return np.where(dust, 0.0, differences)


def log_scale(indicator: IndicatorLike) -> str:
    """The scale on which an indicator's effects are taken to add: one of LOG_SCALES."""
    if indicator.id in RISES:
        return "log_rise"
    return "log_odds" if indicator.unit.startswith("share") else "log"


def transformed(values: Floats, scale: str) -> Floats:
    """Values on a scale, in the same shape; NaN where the scale has none (a share of 0, say)."""
    if scale == NATURAL:
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "log_odds":
            out = np.log(values) - np.log1p(-values)
        elif scale == "log_rise":
            out = np.log1p(values)
        else:
            out = np.log(values)
    return np.where(np.isfinite(out), out, np.nan)


def sign_of(low: float, high: float) -> int:
    """+1 or -1 for an interval that excludes 0, else 0 (also without one)."""
    return int(low > 0) - int(high < 0)


def verdict(natural: Sequence[float], log: Sequence[float], direction: int = 1) -> str:
    """What an interaction is, from (mean, low, high) of its mean on the two scales.

    - positive: above 0 on both (the measures strengthen each other), the interval of the mean
      excluding 0; negative: below 0 on both (they weaken each other);
    - scale_dependent: the signs of the means differ, and at least one of the intervals excludes 0;
    - positive_one_scale, negative_one_scale: one interval excludes 0, the other (of the same sign,
      or zero, or of a scale that does not exist here) does not;
    - zero: exactly zero, as where each delivery has one initiative;
    - unclear: neither interval excludes 0, so it cannot be told from zero; not_available: no mean.

    ``direction`` -1 turns the sign, for an indicator that is better when lower.
    """
    mean, *ends = natural
    if not np.isfinite(mean):
        return "not_available"
    signs = [sign_of(*ends), sign_of(*log[1:])]
    means = [np.sign(mean), np.sign(log[0]) if np.isfinite(log[0]) else 0]
    if means[0] == 0 and not any(means) and ends[0] == ends[1] == 0:
        return "zero"
    if not any(signs):
        return "unclear"
    if means[0] * means[1] < 0:
        return "scale_dependent"
    word = "positive" if (signs[0] or signs[1]) * (direction or 1) > 0 else "negative"
    return word if all(signs) else f"{word}_one_scale"
