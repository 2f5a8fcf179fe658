"""Methods of inference on a linear normal model, whose posterior is known in closed form."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from sim.base.randomness import generator
from sim.calibrate.design import sobol_normal
from sim.calibrate.emulator import fit_emulator
from sim.calibrate.methods import CALIBRATION_METHODS, TrainingRuns
from sim.calibrate.screen import screen_prior

PARAMETERS, TARGETS, ROWS = 6, 5, 2048
SLOPES = generator(3, "slopes").normal(size=(PARAMETERS, TARGETS))
SLOPES[-1] = 0.0  # the last parameter shows nowhere
ERROR = np.array([0.5, 0.8, 1.0, 0.6, 0.7])
OBSERVED = np.array([0.5, -0.4, 0.8, 0.2, -0.6])


def exact() -> tuple[np.ndarray, np.ndarray]:
    """Mean [parameters] and covariance of z given OBSERVED: prior N(0, I), y = z S + noise."""
    gain = SLOPES / ERROR**2
    covariance = np.linalg.inv(np.eye(PARAMETERS) + gain @ SLOPES.T)
    return covariance @ gain @ OBSERVED, covariance


@pytest.fixture(scope="module")
def runs() -> TrainingRuns:
    z = sobol_normal(ROWS, PARAMETERS, seed=1)
    return TrainingRuns(z, z @ SLOPES, ERROR)


@pytest.mark.parametrize("name", [m for m in CALIBRATION_METHODS if m != "rejection"])
def test_a_method_finds_the_exact_posterior(name: str, runs: TrainingRuns) -> None:
    mean, covariance = exact()
    draws = CALIBRATION_METHODS[name](runs).draws(OBSERVED, 1000, "test")
    sd = np.sqrt(np.diag(covariance))
    assert np.abs(draws.mean(axis=0) - mean).max() < 0.15
    assert np.allclose(draws.std(axis=0), sd, rtol=0.12)
    assert draws[:, -1].std() == pytest.approx(1.0, rel=0.1), "nothing informs the last one"


def test_rejection_comes_near_the_exact_posterior_but_less_near(runs: TrainingRuns) -> None:
    mean, _ = exact()

    def gap(name: str) -> float:
        draws = CALIBRATION_METHODS[name](runs).draws(OBSERVED, 1000, "test")
        return float(np.abs(draws.mean(axis=0) - mean).max())

    assert gap("linear") < gap("rejection") < 0.5


@pytest.mark.parametrize("name", CALIBRATION_METHODS)
def test_draws_are_a_function_of_their_arguments(name: str, runs: TrainingRuns) -> None:
    few = TrainingRuns(runs.z[:256], runs.y[:256], ERROR)
    first = CALIBRATION_METHODS[name](few).draws(OBSERVED, 20, "a")
    again = CALIBRATION_METHODS[name](few).draws(OBSERVED, 20, "a")
    other = CALIBRATION_METHODS[name](few).draws(OBSERVED, 20, "b")
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_emulator_finds_a_cubic_surface() -> None:
    z = sobol_normal(1024, 8, seed=2)
    y = np.column_stack([z[:, 0] - 0.3 * z[:, 1] ** 2 + 0.2 * z[:, 0] * z[:, 1] * z[:, 2], z[:, 5]])
    emulator = fit_emulator(z, y)
    assert (1.0 - (emulator.error / y.std(axis=0)) ** 2 > 0.99).all()
    fresh = generator(5, "fresh").normal(size=(500, 8))
    expected = fresh[:, 0] - 0.3 * fresh[:, 1] ** 2 + 0.2 * fresh[:, 0] * fresh[:, 1] * fresh[:, 2]
    assert np.sqrt(np.mean((emulator.predict(fresh)[:, 0] - expected) ** 2)) < 0.15


def test_the_error_of_the_emulator_is_the_noise_that_it_cannot_see() -> None:
    z = sobol_normal(2048, 5, seed=2)
    y = z[:, :1] + 0.4 * generator(7, "noise").normal(size=(2048, 1))
    assert fit_emulator(z, y).error[0] == pytest.approx(0.4, rel=0.08)


def test_the_screen_keeps_the_prior_where_figures_can_be_met() -> None:
    z = sobol_normal(1024, 4, seed=4)
    emulator = fit_emulator(z, z[:, :2])
    screen = screen_prior(emulator, np.array([1.0, 0.0]), np.array([0.2, 9.0]), 4, 500, seed=0)
    assert screen.z.shape == (500, 4)
    assert np.abs(screen.z[:, 0] - 1.0).max() < 0.65, "three standard deviations and no more"
    assert screen.z[:, 0].std() > 0.25, "spread over all of the region"
    assert np.abs(screen.z[:, 1:].mean(axis=0)).max() < 0.15
    assert screen.z[:, 3].std() == pytest.approx(1.0, rel=0.1)
    share = NormalDist().cdf(1.6) - NormalDist().cdf(0.4)
    assert screen.share == pytest.approx(share, rel=0.1)


def test_sobol_points_are_standard_normal_and_reproducible() -> None:
    z = sobol_normal(1024, 10, seed=0)
    assert np.array_equal(z, sobol_normal(1024, 10, seed=0))
    assert not np.array_equal(z, sobol_normal(1024, 10, seed=1))
    assert np.abs(z.mean(axis=0)).max() < 0.01
    assert np.allclose(z.std(axis=0), 1.0, atol=0.02)
    assert np.array_equal(z, z.astype(np.float32).astype(np.float64)), "single precision"
