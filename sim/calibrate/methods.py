"""Methods that turn runs and figures into draws of the posterior. All share one interface.

A method is made from runs (``z`` [rows, parameters] normal scores drawn from the prior or from what
the screen left of it, ``y`` [rows, targets] on the working scale, ``error_sd`` [targets]) and gives
draws [draws, parameters] for any observed vector [targets]. Errors of the figures are part of the
data: every run is seen through ``NOISY_COPIES`` noisy copies, so that a method learns what a figure
with that error says and no more (noisy ABC; Fearnhead & Prangle 2012,
doi:10.1111/j.1467-9868.2011.01010.x).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.base.randomness import generator, legacy_state
from sim.calibrate.emulator import fit_emulator

Floats = NDArray[np.float64]

NOISY_COPIES = 4
NEAREST_SHARE = 0.02
"""Share of runs that rejection keeps."""

LOCAL_SHARE = 0.5
"""Share of runs, the nearest ones, that local regression sees."""

RIDGE = 1.0
"""Penalty of linear regressions: hardly any, there are a hundred runs a target."""

QUADRATIC_RIDGE = 1000.0
"""Penalty with squares and products, 500 features: the smallest without overfitting."""

FOLDS = 5
WALKERS_PER_PARAMETER = 4
STEPS = 1500
BURN_IN_STEPS = 500


class CalibrationMethod(Protocol):
    """What calibration needs of a method."""

    def draws(self, observed: Floats, number: int, purpose: str) -> Floats:
        """``number`` draws [number, parameters]; a pure function of its arguments."""
        ...


@dataclass(frozen=True)
class TrainingRuns:
    """What methods learn from, see the module."""

    z: Floats
    y: Floats
    error_sd: Floats
    seed: int = 0

    def noisy(self) -> tuple[Floats, Floats]:
        """Noisy copies: z [rows x copies, parameters], targets in error units [., targets]."""
        noise = generator(self.seed, "noise").standard_normal(
            (NOISY_COPIES * len(self.y), self.y.shape[1])
        )
        return (
            np.tile(self.z, (NOISY_COPIES, 1)),
            np.tile(self.y, (NOISY_COPIES, 1)) / self.error_sd + noise,
        )


def unseen_residuals(
    fitted: Callable[[Floats, Floats], Callable[[Floats], Floats]],
    x: Floats,
    z: Floats,
    rows: NDArray[np.int64],
) -> Floats:
    """Residuals [., parameters] of each run under a fit that did not see any copy of it.

    ``fitted``: makes a predictor from x and z; ``rows``: the run behind each noisy copy.
    """
    residual = np.empty_like(z)
    for fold in range(FOLDS):
        out = rows % FOLDS == fold
        residual[out] = z[out] - fitted(x[~out], z[~out])(x[out])
    return residual


class Rejection:
    """Keeps the parameter vectors whose noisy targets are nearest to the figures (plain ABC)."""

    def __init__(self, runs: TrainingRuns):
        self.runs = runs
        self.z, self.s = runs.noisy()
        self.spread = self.s.std(axis=0)

    def draws(self, observed: Floats, number: int, purpose: str) -> Floats:
        """See `CalibrationMethod`."""
        gap = (self.s - observed / self.runs.error_sd) / self.spread
        distance = np.sqrt(np.mean(gap**2, axis=1))
        kept = np.argsort(distance, kind="stable")[: max(50, int(NEAREST_SHARE * len(self.s)))]
        chosen = generator(self.runs.seed, purpose).choice(kept, size=number)
        kept_z: Floats = self.z[chosen]
        return kept_z


class LinearAdjustment:
    """Global ridge regression of parameters on targets; its residuals are the posterior's spread.

    Source: Beaumont, Zhang & Balding 2002 (regression adjustment), here with a flat kernel.
    """

    def __init__(self, runs: TrainingRuns):
        from sklearn.linear_model import Ridge

        self.runs = runs
        self.z, self.s = runs.noisy()
        self.fit = Ridge(alpha=RIDGE).fit(self.s, self.z)
        rows = np.tile(np.arange(len(runs.z)), NOISY_COPIES)
        self.residual = unseen_residuals(
            lambda s, z: Ridge(alpha=RIDGE).fit(s, z).predict, self.s, self.z, rows
        )

    def draws(self, observed: Floats, number: int, purpose: str) -> Floats:
        """See `CalibrationMethod`."""
        centre = self.fit.predict((observed / self.runs.error_sd)[None, :])
        chosen = generator(self.runs.seed, purpose).integers(len(self.residual), size=number)
        moved: Floats = centre + self.residual[chosen]
        return moved


class LocalAdjustment:
    """Ridge regression of the runs nearest to the figures, weighted by nearness (Epanechnikov).

    Nearness is measured in the predicted parameters of a global regression (semi-automatic
    summaries), so that targets which say nothing do not count. Source: Beaumont et al. 2002;
    Fearnhead & Prangle 2012.
    """

    def __init__(self, runs: TrainingRuns):
        self.base = LinearAdjustment(runs)
        self.summary = self.base.fit.predict(self.base.s)
        self.spread = np.maximum(self.base.residual.std(axis=0), 1e-9)

    def draws(self, observed: Floats, number: int, purpose: str) -> Floats:
        """See `CalibrationMethod`."""
        from sklearn.linear_model import Ridge

        base = self.base
        s = (observed / base.runs.error_sd)[None, :]
        gap = (self.summary - base.fit.predict(s)) / self.spread
        distance = np.sqrt(np.sum(gap**2, axis=1))
        width = np.quantile(distance, LOCAL_SHARE)
        near = distance < width
        weight = 1.0 - (distance[near] / width) ** 2
        fit = Ridge(alpha=RIDGE).fit(base.s[near], base.z[near], sample_weight=weight)
        # residuals of rows that the regression saw are too small by its degrees of freedom
        rows = weight.sum() ** 2 / np.sum(weight**2) / NOISY_COPIES
        grown = np.sqrt(rows / max(rows - s.shape[1] - 1.0, 1.0))
        residual = grown * (base.z[near] - fit.predict(base.s[near]))
        random = generator(base.runs.seed, purpose)
        chosen = random.choice(len(residual), size=number, p=weight / weight.sum())
        moved: Floats = fit.predict(s) + residual[chosen]
        return moved


class QuadraticAdjustment:
    """Regression on targets and their squares and products, spread by a second regression.

    The residuals of the nearest runs are rescaled by the ratio of the spreads predicted at the
    figures and at the run. Source: Blum & Francois 2010, doi:10.1007/s11222-009-9116-0
    (heteroscedastic adjustment), with polynomials for the neural network.
    """

    def __init__(self, runs: TrainingRuns):
        from sklearn.linear_model import Ridge
        from sklearn.preprocessing import PolynomialFeatures

        self.runs = runs
        z, s = runs.noisy()
        self.z = z
        self.centre, self.scale = s.mean(axis=0), s.std(axis=0)
        u = (s - self.centre) / self.scale
        self.features = PolynomialFeatures(2, include_bias=False).fit(u)
        f = self.features.transform(u)
        self.mean = Ridge(alpha=QUADRATIC_RIDGE).fit(f, z)
        rows = np.tile(np.arange(len(runs.z)), NOISY_COPIES)
        self.residual = unseen_residuals(
            lambda f, z: Ridge(alpha=QUADRATIC_RIDGE).fit(f, z).predict, f, z, rows
        )
        log_size = np.log(np.abs(self.residual) + 1e-6)
        self.size = Ridge(alpha=QUADRATIC_RIDGE).fit(u, log_size)
        self.log_size = self.size.predict(u)

    def draws(self, observed: Floats, number: int, purpose: str) -> Floats:
        """See `CalibrationMethod`."""
        u = ((observed / self.runs.error_sd - self.centre) / self.scale)[None, :]
        chosen = generator(self.runs.seed, purpose).integers(len(self.z), size=number)
        ratio = np.exp(np.clip(self.size.predict(u) - self.log_size[chosen], -1.0, 1.0))
        moved: Floats = (
            self.mean.predict(self.features.transform(u)) + self.residual[chosen] * ratio
        )
        return moved


class EmulatorMcmc:
    """Likelihood of the emulator, normal prior, ensemble sampler (emcee) from rows of the design.

    Source: Foreman-Mackey et al. 2013, doi:10.1086/670067; moves by differential evolution.
    """

    def __init__(self, runs: TrainingRuns):
        self.runs = runs
        self.emulator = fit_emulator(runs.z, runs.y)

    def log_posterior(self, z: Floats, observed: Floats) -> Floats:
        """Log density up to a constant [points] at points z [points, parameters]."""
        sd = np.hypot(self.runs.error_sd, self.emulator.error)
        gap = (self.emulator.predict(z) - observed) / sd
        value: Floats = -0.5 * np.sum(gap**2, axis=1) - 0.5 * np.sum(z**2, axis=1)
        return value

    def draws(self, observed: Floats, number: int, purpose: str) -> Floats:
        """See `CalibrationMethod`."""
        import emcee

        parameters = self.runs.z.shape[1]
        walkers = WALKERS_PER_PARAMETER * parameters
        random = generator(self.runs.seed, purpose)
        first = self.runs.z[random.choice(len(self.runs.z), size=walkers, replace=False)]
        sampler = emcee.EnsembleSampler(
            walkers,
            parameters,
            lambda z: self.log_posterior(z, observed),
            # not emcee's snooker move: on a standard normal in 52 dimensions its sd is .85
            moves=emcee.moves.DEMove(),
            vectorize=True,
        )
        sampler.random_state = legacy_state(random)
        sampler.run_mcmc(first, STEPS, skip_initial_state_check=True)
        chain = sampler.get_chain(discard=BURN_IN_STEPS, flat=True)
        chosen = random.choice(len(chain), size=number, replace=False)
        kept: Floats = np.asarray(chain[np.sort(chosen)])
        return kept


CALIBRATION_METHODS: dict[str, Callable[[TrainingRuns], CalibrationMethod]] = {
    "rejection": Rejection,
    "linear": LinearAdjustment,
    "local": LocalAdjustment,
    "quadratic": QuadraticAdjustment,
    "emulator": EmulatorMcmc,
}
"""Methods by name, in the order of the record's table."""
