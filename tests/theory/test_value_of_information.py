"""Value of information against closed forms: linear-normal decisions, lines, dead inputs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.analyses.factcheck.moved import design, gain_of_error, slopes, worth_of_errors
from sim.analyses.factcheck.voi import (
    ItemWorth,
    Regression,
    best_by_value,
    choose,
    features,
    gain,
    net_benefit,
    worth,
)
from sim.base.errors import UsageError
from sim.base.randomness import generator


def normal_loss(mean: float, sd: float) -> float:
    """E[max(0, X)] - max(0, mean) with X ~ N(mean, sd): sd (phi(u) - u Phi(-u)), u = |mean| / sd
    (Raiffa & Schlaifer 1961)."""
    u = abs(mean) / sd
    density = math.exp(-u * u / 2.0) / math.sqrt(2.0 * math.pi)
    return sd * (density - u * 0.5 * math.erfc(u / math.sqrt(2.0)))


def linear_normal(seed: int, draws: int, mean: float, slope: float, noise: float) -> ItemWorth:
    """Two decisions whose difference is mean + slope x + noise e, on a large common part."""
    random = generator(seed, "test")
    x = random.standard_normal((draws, 1))
    x = (x - x.mean()) / x.std()
    e = random.standard_normal(draws)
    e -= e.mean()
    common = 20.0 * random.standard_normal(draws)
    difference = mean + slope * x[:, 0] + noise * e
    return worth(x, np.column_stack([common, common + difference]), seed=seed)


@pytest.mark.parametrize(
    ("mean", "slope", "noise"), [(1.0, 2.0, 3.0), (0.0, 2.0, 3.0), (-0.5, 1.0, 2.0)]
)
def test_the_interval_holds_the_normal_loss_integral(
    mean: float, slope: float, noise: float
) -> None:
    truth = normal_loss(mean, slope)
    found = [linear_normal(seed, 200, mean, slope, noise) for seed in range(20)]
    # 90 % intervals: 13 or fewer of 20 would have probability .002
    assert sum(w.low <= truth <= w.high for w in found) > 13
    values = np.array([w.value for w in found])
    assert abs(values.mean() - truth) < 3.0 * values.std() / math.sqrt(len(values))
    assert all(w.clear for w in found)


def test_an_input_that_says_nothing_is_not_told_from_zero() -> None:
    clear = []
    for seed in range(40):
        random = generator(seed, "test")
        net = random.standard_normal((100, 3))
        clear.append(worth(random.standard_normal((100, 2)), net, resamples=0, seed=seed).clear)
    # one in twenty by definition: 7 or more of 40 would have probability .003
    assert sum(clear) < 7


def test_what_is_known_of_one_input_is_at_most_what_is_known_of_all() -> None:
    random = generator(3, "test")
    x = random.standard_normal((300, 3))
    net = np.column_stack([np.zeros(300), x @ np.array([1.0, 2.0, 0.0]), x[:, 2]])
    one, all_three = (worth(part, net, resamples=0).value for part in (x[:, [1]], x))
    assert 0.0 < one < all_three <= choose(net).evpi + 0.02


def test_a_curved_effect_is_seen_by_the_spline() -> None:
    # no slope at all: a straight line would find nothing
    random = generator(4, "test")
    x = random.standard_normal(400)
    net = np.column_stack([np.zeros(400), x**2 - 1.5])
    expected = np.maximum(x**2 - 1.5, 0.0).mean()
    assert worth(x[:, None], net, resamples=0).value == pytest.approx(expected, rel=0.1)


def test_a_switch_is_worth_its_two_means() -> None:
    works = np.repeat([0.0, 1.0], [40, 160])
    net = np.column_stack([np.zeros(200), np.where(works > 0, 1.0, -6.0)])
    # without knowing: mean -.4, so nothing is done; knowing: 1 in four of five cases
    assert worth(works[:, None], net, resamples=0).value == pytest.approx(0.8, rel=1e-3)


def test_net_benefit_and_choice() -> None:
    extra = np.array([[0.0, 10.0], [0.0, 30.0]])
    net = net_benefit(extra, np.array([[0.0, 100.0], [0.0, 100.0]]), 4.0)
    assert net.tolist() == [[0.0, -60.0], [0.0, 20.0]]
    choice = choose(net)
    assert (choice.best, choice.second) == (0, 1)
    assert choice.evpi == pytest.approx(10.0)
    assert choice.chance.tolist() == [0.5, 0.5]


def test_best_by_value_is_the_upper_envelope() -> None:
    extra, cost = np.array([0.0, 10.0, 20.0, 12.0]), np.array([0.0, 50.0, 200.0, 190.0])
    found = best_by_value(extra, cost)
    assert [(low, high, s) for low, high, s in found] == [
        (0.0, 5.0, 0),
        (5.0, 15.0, 1),
        (15.0, math.inf, 2),
    ]
    for value in (1.0, 4.9, 5.1, 14.0, 16.0, 1e6):
        best = int((extra * value - cost).argmax())
        assert next(s for low, high, s in found if low <= value < high) == best


def test_constant_inputs_and_few_values_leave_the_mean() -> None:
    assert features(np.ones((30, 2))).shape == (30, 0)
    fit = Regression(np.ones((30, 1))).fit(np.arange(30.0)[:, None])
    assert np.allclose(fit.fitted, 14.5)
    assert fit.share[0] == 0.0
    assert gain(fit.adjusted[:, None, :]).tolist() == [0.0]


def test_what_is_no_number_is_refused() -> None:
    net = np.zeros((30, 2))
    x = np.full((30, 1), np.nan)
    with pytest.raises(UsageError, match="not a number"):
        worth(x, net)
    with pytest.raises(UsageError, match="at least 20"):
        worth(np.zeros((10, 1)), np.zeros((10, 2)))


def test_slopes_of_moved_figures_are_exact_without_luck() -> None:
    signs = design(5, 8)
    assert np.array_equal(signs.T @ signs, 8 * np.eye(5))
    true = np.arange(10.0).reshape(5, 2)
    own = generator(1, "test").standard_normal((8, 2))
    # what run and mirror share, and products of two errors, must cancel
    even = own + (signs[:, [0]] * signs[:, [1]]) * 7.0
    plus, minus = even + signs @ true, even - signs @ true
    found, error = slopes(plus, minus, signs)
    assert np.allclose(found, true)
    assert np.allclose(error, 0.0)


@pytest.mark.parametrize("draws", [3, 12, 4, 0])
def test_a_design_that_cannot_tell_the_figures_apart_is_refused(draws: int) -> None:
    with pytest.raises(UsageError, match="at least 8"):
        design(5, draws)


@pytest.mark.parametrize(("mean", "slope"), [(0.0, 1.0), (1.0, 2.0), (-3.0, 1.0)])
def test_value_of_a_normal_error_is_the_normal_loss_integral(mean: float, slope: float) -> None:
    (found,) = gain_of_error(np.array([0.0, mean]), np.array([[0.0, slope]]))
    assert found == pytest.approx(normal_loss(mean, slope), rel=2e-2)


def test_moved_figures_that_matter_stand_out_and_others_do_not() -> None:
    signs = design(20, 64)
    slope = np.zeros((20, 3))
    slope[4, 1], slope[7, 2] = 1.5, -1.5
    clear = np.zeros(20)
    for seed in range(10):
        random = generator(seed, "test")
        noise = random.standard_normal((2, 64, 3))
        plus, minus = noise[0] + signs @ slope, noise[1] - signs @ slope
        mean = np.array([0.0, -0.2, -0.3])
        found = worth_of_errors(plus, minus, signs, mean, turns=100, resamples=10, seed=seed)
        clear += [w.clear for w in found]
        assert found[4].value == pytest.approx(gain_of_error(mean, slope)[4], abs=0.35)
    assert clear[4] == clear[7] == 10
    others = np.delete(clear, [4, 7]).sum()
    # one in twenty of 180: 20 or more would have probability .001
    assert others < 20
