"""Shapley and Owen values on games whose values are known."""

from __future__ import annotations

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.analyses.shared.shapley import (
    consistent,
    contributions,
    exact_shapley,
    grouped_orders,
    mask_of,
    owen_estimate,
    prefix_masks,
    union_masks,
)

Floats = NDArray[np.float64]

GROUPS = ((0, 1, 2), (3, 4), (5,))
"""Three groups of six players, of different sizes."""


def game(players: int, seed: int = 1) -> Floats:
    """A random game [2^n], not zero for the empty set."""
    return np.random.default_rng(seed).normal(size=1 << players)


def table(values: Floats) -> dict[int, Floats]:
    """A game as mask -> value."""
    return {mask: np.asarray(value) for mask, value in enumerate(values)}


def brute(values: Floats, orders: list[tuple[int, ...]]) -> Floats:
    """Mean contributions over a list of orders, by the definition."""
    out = np.zeros(len(orders[0]))
    for order in orders:
        mask = 0
        for player in order:
            out[player] += values[mask | 1 << player] - values[mask]
            mask |= 1 << player
    return out / len(orders)


def all_grouped() -> list[tuple[int, ...]]:
    """All orders that keep GROUPS together."""
    out = []
    for sequence in permutations(GROUPS):
        for parts in product(*(permutations(group) for group in sequence)):
            out.append(tuple(player for part in parts for player in part))
    return out


def test_additive_game_gives_own_effects() -> None:
    own = np.array([0.3, -2.0, 5.0, 0.0])
    values = np.array([7.0 + sum(own[k] for k in range(4) if m >> k & 1) for m in range(16)])
    assert exact_shapley(values) == pytest.approx(own, abs=1e-12)


def test_symmetric_game_gives_equal_parts() -> None:
    values = np.array([m.bit_count() ** 2.0 for m in range(32)])
    assert exact_shapley(values) == pytest.approx(np.full(5, 5.0), abs=1e-12)


def test_glove_game() -> None:
    # one left glove (player 0), two right ones: a pair is worth 1
    values = np.array([float(m & 1 and m & 6 != 0) for m in range(8)])
    assert exact_shapley(values) == pytest.approx([2 / 3, 1 / 6, 1 / 6], abs=1e-12)


def test_random_game_agrees_with_all_orders() -> None:
    values = game(4)
    found = exact_shapley(values)
    assert found == pytest.approx(brute(values, list(permutations(range(4)))), abs=1e-12)
    assert found.sum() == pytest.approx(values[-1] - values[0], abs=1e-12)


def test_a_player_that_does_nothing_gets_nothing() -> None:
    values = game(3)
    with_idle = np.concatenate([values, values])  # bit 3 changes nothing
    assert exact_shapley(with_idle)[3] == pytest.approx(0.0, abs=1e-12)


def test_arrays_of_games_and_missing_values() -> None:
    values = np.stack([game(3, 1), game(3, 2), game(3, 3)])
    values[1, 5] = np.nan
    found = exact_shapley(values)
    assert np.isnan(found[1]).all()
    assert found[2] == pytest.approx(exact_shapley(game(3, 3)))
    with pytest.raises(ValueError, match="2\\^n values, not 7"):
        exact_shapley(np.zeros(7))


def test_every_order_sums_to_the_total_effect() -> None:
    values = 1e6 * game(15)
    fifteen = tuple(tuple(range(n, n + 5)) for n in (0, 5, 10))
    for order in grouped_orders(fifteen, 20, 3, "x"):
        parts = contributions(order, table(values))
        assert abs(parts.sum() - (values[-1] - values[0])) <= 1e-9 * 1e6


def test_orders_keep_groups_together_and_come_with_their_reverse() -> None:
    orders = grouped_orders(GROUPS, 6, 5, "keyed")
    assert len(orders) == 12
    for order, reverse in zip(orders[::2], orders[1::2], strict=True):
        assert reverse == order[::-1]
    group_of = {player: g for g, group in enumerate(GROUPS) for player in group}
    for order in orders:
        assert sorted(order) == list(range(6))
        changes = sum(group_of[p] != group_of[q] for p, q in pairwise(order))
        assert changes == 2
    # three pairs hold every order of the groups
    assert len({tuple(dict.fromkeys(group_of[p] for p in o)) for o in orders[:6]}) == 6


def test_orders_are_keyed() -> None:
    few, many = grouped_orders(GROUPS, 2, 5, "a"), grouped_orders(GROUPS, 5, 5, "a")
    assert many[:4] == few
    assert grouped_orders(GROUPS, 5, 5, "b") != many
    assert grouped_orders(GROUPS, 5, 6, "a") != many


def test_orders_are_uniform() -> None:
    """Each of the 72 grouped orders is as likely: chi-squared, exact to 1 in 10,000."""
    from scipy.stats import chi2

    number = 3600
    counts: dict[tuple[int, ...], int] = dict.fromkeys(all_grouped(), 0)
    for n in range(number):
        counts[grouped_orders(GROUPS, 1, 0, f"order {n}")[0]] += 1
    expected = number / len(counts)
    statistic = sum((c - expected) ** 2 / expected for c in counts.values())
    assert statistic < chi2.ppf(0.9999, len(counts) - 1)


def test_all_grouped_orders_give_the_owen_value_and_the_groups_shapley_value() -> None:
    values = game(6)
    orders = all_grouped()
    assert len(orders) == 6 * 6 * 2
    owen = brute(values, orders)
    paired = [o for order in orders for o in (order, order[::-1])]
    found, _ = owen_estimate(paired, table(values), GROUPS)
    assert found == pytest.approx(owen, abs=1e-12)
    between = exact_shapley(values[list(union_masks(GROUPS))])
    assert [owen[list(g)].sum() for g in GROUPS] == pytest.approx(between, abs=1e-12)
    # the plain Shapley value of six players does not add up to that of the groups
    plain = exact_shapley(values)
    assert np.abs([plain[list(g)].sum() for g in GROUPS] - between).max() > 0.05


def test_single_players_as_groups_give_the_shapley_value() -> None:
    values = game(4)
    alone = ((0,), (1,), (2,), (3,))
    found, _ = owen_estimate(grouped_orders(alone, 1, 0, "s"), table(values), alone)
    assert found == pytest.approx(exact_shapley(values), abs=1e-12)


@pytest.mark.parametrize("pairs", [1, 2, 5])
def test_a_sample_adds_up_within_groups_and_in_total(pairs: int) -> None:
    values = game(6)
    found, variance = owen_estimate(grouped_orders(GROUPS, pairs, 9, "p"), table(values), GROUPS)
    between = exact_shapley(values[list(union_masks(GROUPS))])
    assert [found[list(g)].sum() for g in GROUPS] == pytest.approx(between, abs=1e-9)
    assert abs(found.sum() - (values[-1] - values[0])) <= 1e-9
    assert np.isnan(variance).all() == (pairs == 1)
    # a group of one has no order to sample
    assert found[5] == pytest.approx(between[2], abs=1e-12)


def test_sampled_values_are_unbiased_and_their_error_is_known() -> None:
    """Over many samples the mean is the Owen value, and the stated variance is the true one."""
    values = game(6)
    owen = brute(values, all_grouped())
    samples, variances = [], []
    for n in range(1500):
        found, variance = owen_estimate(grouped_orders(GROUPS, 3, n, "u"), table(values), GROUPS)
        samples.append(found)
        variances.append(variance)
    sample = np.array(samples)
    error = sample.std(axis=0, ddof=1) / np.sqrt(len(sample))
    assert (np.abs(sample.mean(axis=0) - owen) <= 4.5 * error + 1e-12).all()
    # the rotation of the groups makes the pairs of a sample differ more than independent ones, so
    # that the stated variance errs on the safe side
    stated, true = np.mean(variances, axis=0)[:5], sample.var(axis=0, ddof=1)[:5]
    assert (stated > 0.9 * true).all()


def test_consistency_shares_the_gap_evenly() -> None:
    moved = consistent(np.array([1.0, 2.0, 3.0, 0.0, 0.0, 4.0]), GROUPS, np.array([9.0, 1.0, 4.0]))
    assert moved == pytest.approx([2.0, 3.0, 4.0, 0.5, 0.5, 4.0])


def test_masks() -> None:
    assert prefix_masks((2, 0, 1)) == (0, 4, 5, 7)
    assert mask_of((0, 3)) == 9
    assert union_masks(((0, 2), (1,))) == (0, 5, 2, 7)
