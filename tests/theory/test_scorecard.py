"""Figures of the scorecard on effects whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from sim.analyses.prioritise import scorecard as s
from sim.analyses.prioritise.ranking import ranks
from sim.analyses.shared.intervals import MIN_DRAWS, MIN_RUNS_CLEAR, surely_positive
from sim.base.errors import UsageError

YEARS = 10
MIDDLE = np.arange(YEARS) + 0.5
UP = np.array([1], dtype=np.int64)


@pytest.mark.parametrize("start", range(YEARS))
def test_a_step_has_its_half_at_its_start(start: int) -> None:
    effect = np.where(np.arange(YEARS) >= start, 7.0, 0.0)
    assert s.years_to_half(effect) == pytest.approx(start)


@pytest.mark.parametrize("slope", [0.2, 40.0])
def test_a_straight_rise_has_its_half_at_half_of_the_horizon(slope: float) -> None:
    # the last value stands at the middle of the last year
    assert s.years_to_half(slope * MIDDLE) == pytest.approx((YEARS - 0.5) / 2)


def test_an_exponential_approach_has_its_half_near_its_half_life() -> None:
    effect = 1 - 0.5 ** (np.arange(1, 41) / 3)  # at the end of a year; half a year is the middle
    assert s.years_to_half(effect) == pytest.approx(3 - 0.5, abs=0.01)


def test_the_first_crossing_counts() -> None:
    effect = np.array([0.0, 8.0, 0.0, 0.0, 10.0])
    # from 0 at 0.5 to 8 at 1.5, half of the last is 5
    assert s.years_to_half(effect) == pytest.approx(0.5 + 5 / 8)


def test_without_an_effect_there_is_no_half() -> None:
    paths = np.array([[0.0, 3.0, 0.0], [1.0, 1.0, -1.0], [1.0, np.nan, 1.0], [0.0, 0.0, 0.0]])
    assert np.isnan(s.years_to_half(paths)).all()


def test_what_remains_of_effects_that_vanish_stay_or_halve() -> None:
    going = np.tile(np.minimum(MIDDLE, 5) * 2, (4, 1))
    going[3] = -1.0
    stopped = going.copy()
    stopped[0, 5:] = 0.0
    stopped[2, 5:] = going[2, 4] * 0.5 ** (np.arange(1, 6) / 2)
    left = s.remaining(going, stopped, stop=5, after=2)
    assert left[:3] == pytest.approx([0.0, going[1, 6] / going[1, 4], 0.5])
    assert np.isnan(left[3])


@pytest.mark.parametrize(("stop", "after"), [(9, 2), (0, 2), (5, 6)])
def test_a_horizon_too_short_for_the_stop_is_refused(stop: int, after: int) -> None:
    with pytest.raises(UsageError, match="--years"):
        s.remaining(np.ones((1, YEARS)), np.ones((1, YEARS)), stop, after)


def test_the_flip_ratio_is_the_ratio_of_effects() -> None:
    effect, cost = np.array([[30.0, 10.0]]), np.array([[4.0, 2.0]])
    found = {k: float(v[0]) for k, v in s.flip(effect, cost, 0, 1).items()}
    assert found == {"assumed": 2.0, "flips_at": 3.0, "factor": 1.5}
    # at that ratio both give as much per yen, and the order turns beyond it
    for factor, first in ((1.499, True), (1.501, False)):
        per_yen = effect / (cost * [factor, 1.0])
        assert bool(per_yen[0, 0] > per_yen[0, 1]) is first
    turned = s.flip(effect, cost, 1, 0)
    assert float(turned["factor"][0]) == pytest.approx(1 / 1.5)


def test_no_flip_without_two_effects() -> None:
    effect = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -2.0]])
    found = s.flip(effect, np.ones((3, 2)), 0, 1)
    assert np.isnan(found["flips_at"]).all()
    assert np.isnan(found["factor"]).all()


def test_material_is_a_share_of_the_way_to_the_target() -> None:
    effect = np.array([[[0.05, 0.049, -0.05, np.nan]]])
    gap = np.array([1.0, 1.0, 1.0, 1.0])
    up = np.ones(4, dtype=np.int64)
    assert s.material(effect, up, gap, 0.05).tolist() == [[[1, 0, -1, 0]]]
    assert s.material(effect, -up, gap, 0.05).tolist() == [[[-1, 0, 1, 0]]]
    assert s.material(effect, up, 0 * gap, 0.05).tolist() == [[[0, 0, 0, 0]]]


def test_clear_needs_draws_of_one_sign() -> None:
    effect = np.ones((20, 1, 3))
    effect[0, 0, 1] = -1  # 19 of 20
    effect[:2, 0, 2] = 0  # 18 of 20
    up = np.ones(3, dtype=np.int64)
    assert s.clear(effect, up, 0.95).tolist() == [[1, 1, 0]]
    assert s.clear(-effect, up, 0.95).tolist() == [[-1, -1, 0]]
    assert s.clear(effect[1:MIN_RUNS_CLEAR], up, 0.95).tolist() == [[0, 0, 0]]
    assert s.right_sign(effect, up).tolist() == [[1.0, 0.95, 0.9]]


def test_delivered_is_the_way_from_the_baseline_and_leaves_out_what_is_met_anyway() -> None:
    value = np.array([[50.0, 0.5], [200.0, 0.7], [50.0, 0.7]])
    baseline = np.array([[0.0, 0.3], [0.0, 0.3], [0.0, 0.6]])
    share = s.delivered(value, baseline, np.array([100.0, 0.6]))
    assert share == pytest.approx([(0.5 + 2 / 3) / 2, 1.0, 0.5])
    met = s.delivered(np.array([[0.7]]), np.array([[0.6]]), np.array([0.6]))
    assert np.isnan(met).all()


def test_the_worse_of_two_worlds_is_none_before_it_is_a_number() -> None:
    flat, trend = np.array([3.0, -1.0, np.nan]), np.array([2.0, 4.0, 1.0])
    assert s.worse(flat, trend, 1)[:2].tolist() == [2.0, -1.0]
    assert s.worse(flat, trend, -1)[:2].tolist() == [3.0, 4.0]
    for better in (1, -1):
        assert np.isnan(s.worse(flat, trend, better)[2])


def test_a_dearer_harm_is_not_the_better_one() -> None:
    effect, cost = np.array([[-10.0, -10.0, 5.0, 0.0]]), np.array([[1.0, 100.0, 50.0, 1.0]])
    found = s.per_yen(effect, cost, 1.0)
    np.testing.assert_equal(found, [[np.nan, np.nan, 0.1, np.nan]])
    assert ranks(found, 1).tolist() == [[3.0, 3.0, 1.0, 3.0]]


def test_an_effect_is_sure_from_fifty_draws_on() -> None:
    assert MIN_DRAWS == 50
    effect = np.ones((50, 2, 3))
    assert surely_positive(effect).shape == (2, 3)
    assert surely_positive(effect).all()
    assert not surely_positive(effect[:49]).any()
    effect[7, 0, 0] = np.nan  # 49 have a value
    assert surely_positive(effect).tolist() == [[False, True, True], [True, True, True]]


def test_an_effect_is_sure_by_the_rule_for_quantiles_of_the_module() -> None:
    # the third lowest of 50 is the 5th percentile, by the module's rule just below it: 2.85
    effect = np.ones((50, 3))
    effect[:2, 0] = -1.0
    effect[:3, 1] = -1.0
    effect[:2, 2] = -50.0
    assert surely_positive(effect).tolist() == [True, False, False]
    assert surely_positive(np.zeros((60, 1))).tolist() == [False]
