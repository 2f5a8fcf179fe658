"""Ranks of alternatives within every draw, and how they agree with an asserted order.

Pure functions over [draws, alternatives]. Rank 1 is the best; equals share the mean of their ranks
and, where they are first, the first place. Weights over criteria are never chosen: what is shown is
the share of all weights, drawn evenly, under which an alternative comes first (SMAA-2, Lahdelma &
Salminen 2001, doi:10.1287/opre.49.3.444.11220, on ranks instead of values).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sim.analyses.shared.intervals import QUANTILE_METHOD, clopper_pearson, ends_of

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

AGREES, DISAGREES, OPEN = "agrees", "disagrees", "cannot_tell"
VERDICTS = (AGREES, DISAGREES, OPEN)


def ranks(values: Floats, better: int, applies: NDArray[np.bool_] | None = None) -> Floats:
    """Rank of each alternative in each draw: float64 [draws, alternatives].

    ``values`` of that shape; ``better`` +1: the highest is first, -1: the lowest. NaN (no effect)
    is behind every number. ``applies`` [alternatives]: where False, the figure does not exist for
    the alternative, which then has no rank (NaN) and takes no place from others.
    """
    from scipy.stats import rankdata

    used = np.ones(values.shape[1], dtype=np.bool_) if applies is None else applies
    out = np.full(values.shape, np.nan)
    if used.any():
        key = np.where(np.isnan(values), np.inf, -better * values)
        out[:, used] = rankdata(key[:, used], axis=1)
    return out


def scores(rank: Floats) -> Floats:
    """1 for the first, 0 for the last of those ranked, evenly between: [draws, alternatives].

    A single ranked alternative has 0.5: it beats nobody.
    """
    ranked = int((~np.isnan(rank[0])).sum()) if len(rank) else 0
    if ranked < 2:
        return np.where(np.isnan(rank), np.nan, 0.5)
    return (ranked - rank) / (ranked - 1)


def mean_scores(parts: list[Floats]) -> Floats:
    """Mean of scores [draws, alternatives], leaving out those that an alternative does not have.

    0.5 (neither ahead nor behind) where it has none.
    """
    stack = np.stack(parts)
    known = ~np.isnan(stack)
    count = known.sum(axis=0)
    total = np.where(known, stack, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), 0.5)


def first_place(rank: Floats) -> Floats:
    """Whether each alternative is first in each draw, equals sharing: [draws, alternatives]."""
    best = np.nanmin(rank, axis=1, keepdims=True)
    first = rank == best
    out: Floats = first / np.maximum(first.sum(axis=1, keepdims=True), 1)
    return out


def ahead(rank: Floats, one: int, other: int) -> Floats:
    """1 where ``one`` is before ``other``, 0.5 where equal, 0 where behind: [draws]."""
    difference = rank[:, other] - rank[:, one]
    return np.where(np.isnan(difference), np.nan, (np.sign(difference) + 1) / 2)


def asserted_pairs(asserted: Whole) -> list[tuple[int, int]]:
    """(before, behind) of all pairs that the asserted places [alternatives] put in an order."""
    n = len(asserted)
    ordered = [(i, j) for i in range(n) for j in range(n) if asserted[i] < asserted[j]]
    return ordered


def tau(rank: Floats, asserted: Whole) -> Floats:
    """Kendall's tau of the ranks with the asserted places in each draw: [draws].

    (pairs in the asserted order - pairs in the opposite one) / pairs that the assertion orders and
    that have both ranks; equals count for neither (tau-a for an order without ties). NaN without
    any pair. Source: Kendall 1938, doi:10.1093/biomet/30.1-2.81.
    """
    pairs = asserted_pairs(asserted)
    if not pairs:
        return np.full(len(rank), np.nan)
    signs = np.stack([2 * ahead(rank, i, j) - 1 for i, j in pairs])
    known = ~np.isnan(signs)
    count = known.sum(axis=0)
    total = np.where(known, signs, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def order_holds(rank: Floats, asserted: Whole) -> Floats:
    """1 where all asserted pairs hold strictly, else 0: [draws]; NaN without any pair."""
    if not asserted_pairs(asserted):
        return np.full(len(rank), np.nan)
    held = [ahead(rank, i, j) == 1 for i, j in asserted_pairs(asserted)]
    out: Floats = np.all(held, axis=0).astype(np.float64)
    return out


@dataclass(frozen=True)
class Chance:
    """A share of draws with its Monte-Carlo interval (exact where nothing varies over draws)."""

    share: float
    low: float
    high: float


def chance(hits: Floats) -> Chance:
    """Share of ``hits`` [draws] (1, 0, or 0.5 for a tie) with a 95 % Clopper-Pearson interval."""
    known = hits[~np.isnan(hits)]
    if not len(known):
        return Chance(np.nan, np.nan, np.nan)
    share = float(known.mean())
    low, high = clopper_pearson(np.array([share]), np.array([float(len(known))]))[:, 0]
    return Chance(share, float(low), float(high))


@dataclass(frozen=True)
class Agreement:
    """How the ranks by one figure or criterion agree with the asserted order.

    ``pairs``: (before, behind) positions of the asserted order -> chance that it holds.
    ``order``: chance that the whole order holds. ``tau_*``: Kendall's tau over the draws: mean, and
    5th to 95th percentile (smallest to largest under ``MIN_DRAWS`` draws).
    ``first``: chance that an alternative that is asserted first is first. ``verdict`` on the whole
    order and ``first_verdict`` on the first place: each one of ``VERDICTS``.
    """

    pairs: dict[tuple[int, int], Chance]
    order: Chance
    tau_mean: float
    tau_low: float
    tau_high: float
    first: Chance
    verdict: str
    first_verdict: str


def agreement(rank: Floats, asserted: Whole, certainty: float, exact: bool = False) -> Agreement:
    """Judge ranks [draws, alternatives] against the asserted places [alternatives].

    On the order, ``agrees``: every asserted pair holds, ``disagrees``: at least one is reversed,
    with a chance whose Monte-Carlo interval lies at or above ``certainty``; else it cannot be told.
    On the first place the same of the chance that an alternative asserted first is first.
    ``exact``: the figure is the same in every draw, so its chances have no Monte-Carlo error.
    """

    def judged(hits: Floats) -> Chance:
        found = chance(hits)
        return Chance(found.share, found.share, found.share) if exact else found

    pairs = {(i, j): judged(ahead(rank, i, j)) for i, j in asserted_pairs(asserted)}
    known = [c for c in pairs.values() if not np.isnan(c.share)]
    if known and all(c.low >= certainty for c in known):
        verdict = AGREES
    elif any(1 - c.high >= certainty for c in known):
        verdict = DISAGREES
    else:
        verdict = OPEN
    on_top = first_place(rank)[:, asserted == asserted.min()].sum(axis=1)
    first = judged(on_top)
    first_verdict = OPEN
    if first.low >= certainty:
        first_verdict = AGREES
    elif 1 - first.high >= certainty:
        first_verdict = DISAGREES
    each = tau(rank, asserted)
    each = each[~np.isnan(each)]
    ends = ends_of(len(each))
    low, high = np.quantile(each, ends, method=QUANTILE_METHOD) if len(each) else (np.nan, np.nan)
    mean = float(each.mean()) if len(each) else np.nan
    whole = judged(order_holds(rank, asserted))
    ends_of_tau = (float(low), float(high))
    return Agreement(pairs, whole, mean, *ends_of_tau, first, verdict, first_verdict)


def even_weights(number: int, criteria: int, seed: int) -> Floats:
    """Weights drawn evenly from all that are not negative and sum to 1: [number, criteria]."""
    from sim.base.randomness import generator

    raw: Floats = generator(seed, "prioritise weights").standard_exponential((number, criteria))
    weights: Floats = raw / raw.sum(axis=1, keepdims=True)
    return weights


@dataclass(frozen=True)
class Weighted:
    """What weights would decide.

    ``mean_first`` [alternatives]: share of the weights under which the mean score over the draws is
    highest. ``first`` [alternatives]: share of pairs of weights and draws with the highest score.
    ``equal_first`` [alternatives]: share of draws in which it is highest under equal weights.
    ``typical`` [alternatives, criteria]: mean of the weights that put it first (NaN: none do).
    """

    mean_first: Floats
    first: Floats
    equal_first: Floats
    typical: Floats


def weighted(score: Floats, weights: Floats) -> Weighted:
    """First places of alternatives under many weights.

    ``score`` [draws, criteria, alternatives] in 0-1; ``weights`` [number, criteria].
    """
    mean = weights @ score.mean(axis=0)  # [number, alternatives]
    mean_first = first_place(-mean)
    each = np.einsum("wc,dca->wda", weights, score)
    first = first_place(-each.reshape(-1, score.shape[2])).mean(axis=0)
    equal = first_place(-score.mean(axis=1)).mean(axis=0)
    used = mean_first.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        typical = np.where(used[:, None] > 0, (mean_first.T @ weights) / used[:, None], np.nan)
    return Weighted(mean_first.mean(axis=0), first, equal, typical)


def pairs_of(alternatives: int) -> list[tuple[int, int]]:
    """All pairs of alternatives by position."""
    return list(combinations(range(alternatives), 2))
