"""Ranks within draws, agreement with an asserted order, and weights, on known cases."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import kendalltau

from sim.analyses.prioritise import ranking as r

ORDER = np.array([1, 2, 3], dtype=np.int64)
CERTAINTY = 0.8


def noise(draws: int, alternatives: int = 3) -> np.ndarray:
    return np.random.default_rng(11).normal(size=(draws, alternatives))


def test_ranks_know_the_better_side_ties_and_missing_effects() -> None:
    values = np.array([[3.0, 1.0, 2.0], [1.0, 1.0, 0.0], [np.nan, 5.0, np.nan]])
    assert r.ranks(values, 1).tolist() == [[1, 3, 2], [1.5, 1.5, 3], [2.5, 1, 2.5]]
    assert r.ranks(values, -1).tolist() == [[3, 1, 2], [2.5, 2.5, 1], [2.5, 1, 2.5]]
    applies = np.array([True, False, True])
    assert r.ranks(values[:1], 1, applies)[0, [0, 2]].tolist() == [1, 2]
    assert np.isnan(r.ranks(values, 1, applies)[:, 1]).all()


def test_scores_run_from_one_to_zero() -> None:
    assert r.scores(np.array([[1.0, 2.0, 3.0]])).tolist() == [[1.0, 0.5, 0.0]]
    assert r.scores(np.array([[1.5, np.nan, 1.5]]))[0, [0, 2]].tolist() == [0.5, 0.5]
    parts = [np.array([[1.0, np.nan]]), np.array([[0.0, np.nan]])]
    assert r.mean_scores(parts).tolist() == [[0.5, 0.5]]


@pytest.mark.parametrize("places", list(itertools.permutations([1.0, 2.0, 3.0])))
def test_tau_equals_kendalls(places: tuple[float, ...]) -> None:
    rank = np.array([places])
    expected = kendalltau(ORDER, places).statistic
    assert r.tau(rank, ORDER) == pytest.approx([expected])
    assert r.order_holds(rank, ORDER).tolist() == [float(places == (1.0, 2.0, 3.0))]


def test_tau_leaves_out_pairs_that_the_document_does_not_order() -> None:
    asserted = np.array([1, 1, 2], dtype=np.int64)
    assert r.tau(np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 3.0]]), asserted).tolist() == [1.0, 1.0]
    assert r.tau(np.array([[3.0, 2.0, 1.0], [1.0, 3.0, 2.0]]), asserted).tolist() == [-1.0, 0.0]


def test_exchangeable_alternatives_cannot_be_told_apart() -> None:
    draws = 3000
    rank = r.ranks(noise(draws), 1)
    share = r.first_place(rank).mean(axis=0)
    assert share.sum() == pytest.approx(1)
    for one in share:  # exact 99.9 % interval of a third
        low, high = r.clopper_pearson(np.array([one]), np.array([float(draws)]), 0.999)[:, 0]
        assert low < 1 / 3 < high
    found = r.agreement(rank, ORDER, CERTAINTY)
    assert found.verdict == found.first_verdict == r.OPEN
    assert found.order.low < 1 / 6 < found.order.high
    assert abs(found.tau_mean) < 0.1


def test_verdicts_need_sureness_and_enough_draws() -> None:
    sure = np.tile([1.0, 2.0, 3.0], (60, 1))
    assert r.agreement(sure, ORDER, CERTAINTY).verdict == r.AGREES
    assert r.agreement(sure[:, ::-1], ORDER, CERTAINTY).verdict == r.DISAGREES
    # four draws of four say little, unless the figure is no sample
    assert r.agreement(sure[:4], ORDER, CERTAINTY).verdict == r.OPEN
    assert r.agreement(sure[:4], ORDER, CERTAINTY, exact=True).verdict == r.AGREES
    # one sure reversal is enough to disagree on the order, not on the first place
    swapped = np.tile([1.0, 3.0, 2.0], (60, 1))
    found = r.agreement(swapped, ORDER, CERTAINTY)
    assert (found.verdict, found.first_verdict) == (r.DISAGREES, r.AGREES)
    # 49 of 60 is above .8 only before its Monte-Carlo error is taken off
    mostly = sure.copy()
    mostly[:11] = [2.0, 1.0, 3.0]
    assert r.agreement(mostly, ORDER, CERTAINTY).verdict == r.OPEN


def test_equals_share_the_first_place_and_half_a_pair() -> None:
    equal = np.full((5, 3), 2.0)
    assert r.first_place(equal).tolist() == [[1 / 3] * 3] * 5
    assert r.ahead(equal, 0, 1).tolist() == [0.5] * 5
    found = r.agreement(equal, ORDER, CERTAINTY, exact=True)
    assert (found.verdict, found.order.share) == (r.OPEN, 0.0)


def test_weights_are_even_on_the_simplex() -> None:
    weights = r.even_weights(20_000, 5, seed=3)
    assert weights.min() >= 0
    assert weights.sum(axis=1) == pytest.approx(np.ones(20_000))
    assert weights.mean(axis=0) == pytest.approx(np.full(5, 0.2), abs=0.005)
    # Dirichlet(1, ..., 1): variance (1/k)(1 - 1/k)/(k + 1)
    assert weights.var(axis=0) == pytest.approx(np.full(5, 0.16 / 6), rel=0.05)
    assert np.array_equal(weights, r.even_weights(20_000, 5, seed=3))


def test_share_of_weights_of_two_criteria_in_closed_form() -> None:
    # one wins the first criterion by 1, the other the second by 1/2: first where w > 1/3
    score = np.array([[[1.0, 0.0], [0.0, 0.5]]])
    found = r.weighted(score, r.even_weights(40_000, 2, seed=1))
    assert found.mean_first == pytest.approx([2 / 3, 1 / 3], abs=0.01)
    assert found.first == pytest.approx(found.mean_first)
    assert found.equal_first.tolist() == [1.0, 0.0]
    assert found.typical[0] == pytest.approx([2 / 3, 1 / 3], abs=0.01)
