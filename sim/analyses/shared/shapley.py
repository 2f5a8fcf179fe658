"""Shapley and Owen values: who contributes how much to a total effect. Pure functions over arrays.

A game has n players; ``values[..., mask]`` is what the set of players with bits ``mask`` reaches
(bit k set: player k is in). A player's Shapley value is the mean, over all orders in which the
players may come, of what the value rises by when this one comes (Shapley 1953; as a decomposition
of a model's output: Owen 2014, doi:10.1137/130936233). The values sum to v(all) - v(none).

The fifteen initiatives belong to three measures, and a planner expects the initiatives of a measure
to add up to the measure's own share. Shapley values of fifteen separate players do not: they also
average over sets with parts of a measure. The Owen value (Owen 1977,
doi:10.1007/978-3-642-45494-3_7) does: it averages over those orders only that keep the players of a
group together; summed within a group it is the Shapley value of the group. There are 3! x (5!)^3
such orders, so they are sampled, in antithetic pairs of an order and its reverse (Mitchell et al.
2022, "Sampling permutations for Shapley value estimation"). In expectation the sample is right in
both respects; in a finite one every order sums to the total exactly, but groups miss their own
value, which is known exactly (all 2^3 sets of groups are run). The gap is then shared out evenly
within the group (``consistent``): a control variate, which leaves the estimate unbiased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import factorial

import numpy as np

from sim.analyses.shared.intervals import Floats

Order = tuple[int, ...]
"""A permutation of the players, the first to come first."""


def exact_shapley(values: Floats) -> Floats:
    """Shapley values [..., n] of the game ``values`` [..., 2^n], by the sum over all sets.

    NaN in any set of a game gives NaN for its players. Raises ValueError for another length.
    """
    sets = values.shape[-1]
    players = sets.bit_length() - 1
    if sets != 1 << players:
        raise ValueError(f"a game of n players has 2^n values, not {sets}")
    out = np.zeros((*values.shape[:-1], players))
    for player in range(players):
        for mask in range(sets):
            if not mask >> player & 1:
                size = mask.bit_count()
                weight = factorial(size) * factorial(players - size - 1) / factorial(players)
                out[..., player] += weight * (values[..., mask | 1 << player] - values[..., mask])
    return out


def mask_of(players: Sequence[int]) -> int:
    """The bits of a set of players."""
    return sum(1 << player for player in players)


def union_masks(groups: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The set of players of every set of groups: ``union_masks(...)[m]``, bit g of m: group g."""
    whole = [mask_of(group) for group in groups]
    return tuple(
        sum(w for g, w in enumerate(whole) if sets >> g & 1) for sets in range(1 << len(groups))
    )


def prefix_masks(order: Order) -> tuple[int, ...]:
    """The sets that an order runs through, from nobody to all: n + 1 masks."""
    masks = [0]
    for player in order:
        masks.append(masks[-1] | 1 << player)
    return tuple(masks)


def grouped_orders(
    groups: Sequence[Sequence[int]], pairs: int, seed: int, purpose: str
) -> tuple[Order, ...]:
    """``pairs`` random orders that keep groups together, each followed by its reverse.

    Keyed: pair j is a pure function of (seed, purpose, j), so that more pairs leave the earlier
    ones as they are. Each is uniform over all grouped orders. From one pair to the next the order
    of the groups is rotated: three pairs hold all six orders of three groups.
    """
    from sim.base.randomness import generator

    first = [int(g) for g in generator(seed, f"{purpose}, groups").permutation(len(groups))]
    out: list[Order] = []
    for pair in range(pairs):
        dice = generator(seed, f"{purpose}, pair {pair}")
        turn = pair % len(groups)
        order: list[int] = []
        for group in (*first[turn:], *first[:turn]):
            members = groups[group]
            order += [members[int(n)] for n in dice.permutation(len(members))]
        out += [tuple(order), tuple(reversed(order))]
    return tuple(out)


def contributions(order: Order, values: Mapping[int, Floats]) -> Floats:
    """What the value rises by when each player of an order comes: [..., players].

    ``values``: mask -> value [...] of the sets that the order runs through. Sums to v(all) -
    v(none) but for rounding.
    """
    masks = prefix_masks(order)
    first = np.asarray(values[0], dtype=np.float64)
    out = np.empty((*first.shape, len(order)))
    for player, before, after in zip(order, masks, masks[1:], strict=False):
        out[..., player] = values[after] - values[before]
    return out


def consistent(estimate: Floats, groups: Sequence[Sequence[int]], exact: Floats) -> Floats:
    """Players' values [..., players] moved so that each group sums to its own [..., groups].

    The gap of a group is shared out evenly among its players. Its expectation is zero for an
    unbiased ``estimate``, so the result is unbiased too.
    """
    out = np.array(estimate, dtype=np.float64)
    for g, group in enumerate(groups):
        members = list(group)
        gap = exact[..., g] - out[..., members].sum(axis=-1)
        out[..., members] += gap[..., None] / len(members)
    return out


def owen_estimate(
    orders: Sequence[Order], values: Mapping[int, Floats], groups: Sequence[Sequence[int]]
) -> tuple[Floats, Floats]:
    """Owen values [..., players] from sampled orders, and the variance of their sampling error.

    ``orders``: pairs of an order and its reverse (``grouped_orders``). ``values``: mask -> [...],
    with all unions of groups and all sets that the orders run through. Each pair is made
    consistent with the groups' exact values; the mean over pairs is the estimate. The variance
    [..., players] is that of the mean over pairs, NaN with one pair.
    """
    exact = exact_shapley(np.stack([values[m] for m in union_masks(groups)], axis=-1))
    pairs = []
    for n in range(0, len(orders), 2):
        both = [contributions(order, values) for order in orders[n : n + 2]]
        pairs.append(consistent(np.mean(both, axis=0), groups, exact))
    sample = np.stack(pairs)
    if len(pairs) < 2:
        return sample[0], np.full(sample.shape[1:], np.nan)
    return sample.mean(axis=0), sample.var(axis=0, ddof=1) / len(pairs)
