"""Bias and coverage of the value of information in weak regressions (R squared .1 and less)."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from test_value_of_information import normal_loss

from sim.analyses.factcheck.moved import beyond_error, design, gain_of_error, worth_of_errors
from sim.analyses.factcheck.voi import worth
from sim.base.randomness import generator

SEEDS, DRAWS = 60, 200


@cache
def found(inputs: int, mean: float, share: float) -> NDArray[np.float64]:
    """Value, low, high, null mean [seeds, 4]; two decisions, their difference is mean + x0 + noise,
    with ``share`` of its variance due to x0 (0: no effect); the other inputs are irrelevant."""
    rows = []
    for seed in range(SEEDS):
        random = generator(seed, "coverage")
        x = random.standard_normal((DRAWS, inputs))
        noise = math.sqrt(1.0 / share - 1.0) if share else 3.0
        lead = mean + bool(share) * x[:, 0] + noise * random.standard_normal(DRAWS)
        net = np.column_stack([np.zeros(DRAWS), lead])
        w = worth(x, net, permutations=40, resamples=100, seed=seed)
        rows.append((w.value, w.low, w.high, w.null_mean))
    return np.array(rows)


@pytest.mark.parametrize("inputs", [1, 3, 6, 20])
def test_bias_and_coverage_do_not_hang_on_irrelevant_inputs(inputs: int) -> None:
    truth = normal_loss(0.5, 1.0)
    value, low, high, _ = found(inputs, 0.5, 0.1).T
    # the standard error of the mean over 60 seeds is .013
    assert value.mean() == pytest.approx(truth, abs=0.03)
    # nominal 90 %; 48 or fewer of 60 would have probability .02, 46 or fewer .004
    assert ((low <= truth) & (truth <= high)).sum() > 46


@pytest.mark.parametrize("inputs", [1, 3, 6])
def test_at_a_tie_the_estimate_is_low_by_no_more_than_is_stated(inputs: int) -> None:
    truth = normal_loss(0.0, 1.0)
    value, low, high, _ = found(inputs, 0.0, 0.1).T
    # whichever decision leads by chance: E loss(|error of the lead|), error sqrt(10 / 200)
    error = np.abs(generator(0, "tie").standard_normal(20000)) * math.sqrt(10.0 / DRAWS)
    expected = np.mean([normal_loss(e, 1.0) for e in error[:4000]])
    assert value.mean() == pytest.approx(expected, abs=0.045)
    assert value.mean() > 0.7 * truth
    assert ((low <= truth) & (truth <= high)).mean() > 0.65
    assert (low <= truth).mean() >= 0.95


@pytest.mark.parametrize("inputs", [1, 6])
def test_where_nothing_is_known_the_null_mean_takes_the_bias_off(inputs: int) -> None:
    value, low, _, null = found(inputs, 0.0, 0.0).T
    assert (value - null).mean() == pytest.approx(0.0, abs=0.02)
    assert (low <= 1e-12).mean() > 0.85


def test_the_value_of_a_moved_figure_is_unbiased_by_the_error_of_its_slope() -> None:
    signs = design(20, 64)
    slope = np.zeros((20, 2))
    slope[3, 1] = 0.4  # its standard error is 1.5 / 8
    mean = np.array([0.3, 0.0])
    truth = float(gain_of_error(mean, slope)[3])
    inside = 0
    values: list[float] = []
    idle: list[float] = []
    for seed in range(40):
        noise = 1.5 * generator(seed, "moved coverage").standard_normal((64, 2)) / math.sqrt(2.0)
        half = noise + signs @ slope
        w = worth_of_errors(half, -half, signs, mean, turns=30, resamples=80, seed=seed)
        inside += w[3].low <= truth <= w[3].high
        values.append(w[3].value)
        idle += [v.value - v.null_mean for v in w if v is not w[3]]
    assert np.mean(values) == pytest.approx(truth, abs=0.035)
    assert inside > 31  # nominal 36; 31 or fewer would have probability .02
    assert np.mean(idle) == pytest.approx(0.0, abs=0.01)


def test_the_square_of_a_slope_is_that_beyond_its_error() -> None:
    slope = np.array([0.5, 0.1, -0.5])
    assert beyond_error(slope, np.full(3, 0.3)) == pytest.approx([0.4, 0.0, -0.4])
    # and it is used: a slope within its error is worth nothing
    signs = design(3, 4)
    half = np.array([[0.0, 1.0], [0.0, -1.0], [0.0, 0.5], [0.0, -0.4]])
    found = worth_of_errors(half, -half, signs[:, :1], np.zeros(2), turns=20, resamples=20)
    assert (signs[:, 0] @ half[:, 1]) ** 2 > 0.0
    own = signs[:, 0] @ half[:, 1] / 4.0
    left = half[:, 1] - own * signs[:, 0]
    beyond = max(own**2 - (left**2).sum() / 3.0 / 4.0, 0.0)
    lines = gain_of_error(np.zeros(2), np.array([[0.0, math.sqrt(beyond)]]))
    assert found[0].value == pytest.approx(float(lines[0]))
