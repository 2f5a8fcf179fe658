"""Emulator of the model: polynomials in the normal scores of the parameters, one per target.

All parameters enter linearly, those that matter most for the target with squares and products, the
strongest also with cubes; ridge regression, its penalty by leave-one-out (scikit-learn). The error
of the emulator, taken from rows that it did not see, includes the luck of single runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ACTIVE_SQUARES = 14
"""Parameters with squares and products in the emulator of a target (14 beat 8 and 20)."""

ACTIVE_CUBES = 5
"""Parameters with cubes and triple products."""

FOLDS = 5
PENALTIES = (0.1, 1.0, 10.0, 100.0, 1000.0)
IMPLAUSIBLE = 3.0
"""Standard deviations beyond which a point is ruled out (Pukelsheim's three-sigma rule)."""


@dataclass(frozen=True)
class _Surface:
    """Polynomial of one target: value = mean + features(z) @ weights."""

    squares: Ints
    cubes: Ints
    mean: float
    weights: Floats
    penalty: float


@dataclass(frozen=True)
class Emulator:
    """Predicts targets on the working scale. ``error`` [targets]: its standard deviation."""

    surfaces: tuple[_Surface, ...]
    error: Floats

    def predict(self, z: Floats) -> Floats:
        """Expected targets [points, targets] at points z [points, parameters]."""
        pairs, triples, weights = self._joined
        quadratic = z[:, pairs[:, 0]] * z[:, pairs[:, 1]]
        cubic = z[:, triples[:, 0]] * z[:, triples[:, 1]] * z[:, triples[:, 2]]
        expected: Floats = np.hstack([z, quadratic, cubic]) @ weights
        expected += np.array([s.mean for s in self.surfaces])
        return expected

    @cached_property
    def _joined(self) -> tuple[Ints, Ints, Floats]:
        """All surfaces as one: pairs [., 2], triples [., 3] of parameters, weights [., targets].

        A sampler calls `predict` thousands of times with few points: one product of matrices.
        """
        pairs = sorted({p for s in self.surfaces for p in _pairs(s.squares)})
        triples = sorted({c for s in self.surfaces for c in _triples(s.cubes)})
        parameters = len(self.surfaces[0].weights)
        parameters -= len(_pairs(self.surfaces[0].squares)) + len(_triples(self.surfaces[0].cubes))
        row = {key: parameters + n for n, key in enumerate([*pairs, *triples])}
        weights = np.zeros((parameters + len(row), len(self.surfaces)))
        for k, s in enumerate(self.surfaces):
            products = [row[key] for key in (*_pairs(s.squares), *_triples(s.cubes))]
            weights[[*range(parameters), *products], k] = s.weights
        return np.array(pairs).reshape(-1, 2), np.array(triples).reshape(-1, 3), weights

    def predict_one(self, k: int, z: Floats) -> Floats:
        """Expected target number ``k`` [points]."""
        s = self.surfaces[k]
        expected: Floats = s.mean + _features(z, s.squares, s.cubes) @ s.weights
        return expected


def _pairs(squares: Ints) -> list[tuple[int, ...]]:
    """Products of two active parameters, squares included."""
    return list(combinations_with_replacement(squares.tolist(), 2))


def _triples(cubes: Ints) -> list[tuple[int, ...]]:
    """Products of three of the strongest parameters, cubes included."""
    return list(combinations_with_replacement(cubes.tolist(), 3))


def _features(z: Floats, squares: Ints, cubes: Ints) -> Floats:
    """Columns [points, features]: all z, products of two active ones, of three strongest ones."""
    products = [z[:, i] * z[:, j] for i, j in _pairs(squares)]
    products += [z[:, i] * z[:, j] * z[:, k] for i, j, k in _triples(cubes)]
    return np.column_stack([z, *products])


def fit_emulator(z: Floats, y: Floats) -> Emulator:
    """Fit to runs: ``z`` [rows, parameters], ``y`` [rows, targets] on the working scale."""
    from sklearn.linear_model import RidgeCV

    linear = RidgeCV(PENALTIES).fit(z, (y - y.mean(axis=0)) / y.std(axis=0))
    order = np.argsort(-np.abs(np.atleast_2d(linear.coef_)), axis=1, kind="stable")
    surfaces, errors = [], []
    fold = np.arange(len(z)) % FOLDS
    for k in range(y.shape[1]):
        squares = np.sort(order[k, :ACTIVE_SQUARES])
        cubes = np.sort(order[k, :ACTIVE_CUBES])
        features = _features(z, squares, cubes)
        penalty = _best_penalty(features, y[:, k])
        residual = np.empty(len(z))
        for f in range(FOLDS):
            kept = fold != f
            mean, weights = _ridge(features[kept], y[kept, k], penalty)
            residual[~kept] = y[~kept, k] - mean - features[~kept] @ weights
        mean, weights = _ridge(features, y[:, k], penalty)
        surfaces.append(_Surface(squares, cubes, mean, weights, penalty))
        errors.append(residual.std())
    return Emulator(tuple(surfaces), np.array(errors))


def refit(emulator: Emulator, z: Floats, y: Floats) -> Emulator:
    """The same form and penalty fitted to other runs, for a bootstrap; errors are not new."""
    surfaces = []
    for k, s in enumerate(emulator.surfaces):
        mean, weights = _ridge(_features(z, s.squares, s.cubes), y[:, k], s.penalty)
        surfaces.append(_Surface(s.squares, s.cubes, mean, weights, s.penalty))
    return Emulator(tuple(surfaces), emulator.error)


def _scaler(features: Floats) -> tuple[Floats, Floats]:
    return features.mean(axis=0), np.maximum(features.std(axis=0), 1e-12)


def _best_penalty(features: Floats, y: Floats) -> float:
    from sklearn.linear_model import RidgeCV

    mean, sd = _scaler(features)
    return float(RidgeCV(PENALTIES).fit((features - mean) / sd, y).alpha_)


def _ridge(features: Floats, y: Floats, penalty: float) -> tuple[float, Floats]:
    """Intercept and weights of a ridge regression on scaled features, for unscaled ones."""
    from sklearn.linear_model import Ridge

    mean, sd = _scaler(features)
    found = Ridge(alpha=penalty).fit((features - mean) / sd, y)
    weights = np.asarray(found.coef_) / sd
    return float(found.intercept_ - mean @ weights), weights
