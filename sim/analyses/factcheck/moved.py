"""Figures without a spread in the draws: what an error in each would change, all tested at once.

A figure that a parameter takes as it stands has no spread in the draws. It is given an error by
a two-level design: in run d all figures are moved up or down together, by the signs of row d of a
Hadamard matrix, and a mirrored run with the same draw and luck moves each the other way. Half the
difference of the two is free of everything that both share and of all products of two errors
(foldover; Box, Hunter & Hunter 2005, Statistics for Experimenters, chapter 6), and its
regression on the signs gives the slope of every figure with the precision of the whole design.
Layer: experiments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analyses.factcheck.voi import Floats, ItemWorth, item_worth
from sim.base.errors import UsageError
from sim.base.randomness import generator

if TYPE_CHECKING:
    from sim.figures.evidence import Profile
    from sim.figures.parameter import Parameter

NODES = np.linspace(-6.0, 6.0, 121)
WEIGHTS = np.exp(-(NODES**2) / 2.0) / np.exp(-(NODES**2) / 2.0).sum()
"""Nodes and weights of the integral over a normal error, in standard deviations."""


@dataclass(frozen=True)
class MovedFigure:
    """A printed figure (or a constant) and the parameters that are moved as one with it.

    ``evidence``: rows of the registry that the number comes from, through derived rows; empty for
    a constant of judgement. ``low``, ``high``: each parameter's value at one error down and up.
    """

    key: str
    evidence: tuple[str, ...]
    parameters: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def overrides(self, up: bool) -> dict[str, float]:
        """The parameters at one error up or down."""
        return dict(zip(self.parameters, self.high if up else self.low, strict=True))


def moved_values(parameter: Parameter, error: float) -> tuple[float, float]:
    """The parameter's value at one relative ``error`` down and up, within its limits.

    Near a limit (a share near 1) both moves are cut to half the way, so that they stay equal.
    """
    value = parameter.value
    low, high = parameter.bounds or (-np.inf, np.inf)
    if parameter.unit == "share" or parameter.unit.startswith("share "):
        low, high = max(low, 0.0), min(high, 1.0)
    step = min(error * abs(value), (high - value) / 2.0, (value - low) / 2.0)
    return value - step, value + step


def roots(id: str, profile: Profile) -> tuple[str, ...]:
    """The rows that a row was computed from, through rows that were computed too; else itself."""
    row = profile[id]
    if not row.derived_from:
        return (id,)
    found: dict[str, None] = {}
    for source in row.derived_from:
        found |= dict.fromkeys(roots(source, profile) if source in profile else ())
    return tuple(found) or (id,)


def figures_of(
    parameters: Mapping[str, Parameter],
    profile: Profile,
    error: float,
    skip: Sequence[str] = (),
    constants: Mapping[str, Sequence[str]] | None = None,
) -> tuple[MovedFigure, ...]:
    """Unverified figures that fixed parameters are set from, then ``constants`` of judgement.

    ``constants``: name -> ids of the parameters that are moved as one.
    Parameters set from the same row, or one from a plain copy of the other's row, move as one.
    Left out: ids that begin with one of ``skip``, and figures that are official altogether.
    """
    groups: dict[str, list[Parameter]] = {}
    for parameter in parameters.values():
        row = parameter.value_from
        if parameter.kind != "fixed" or row is None or parameter.id.startswith(tuple(skip)):
            continue
        source = roots(row, profile)
        if not any(profile[r].status == "unverified" for r in source):
            continue
        copied = len(source) == 1 and profile.value(source[0]) == profile.value(row)
        groups.setdefault(source[0] if copied else row, []).append(parameter)
    out = [_figure(key, roots(key, profile), members, error) for key, members in groups.items()]
    for name, ids in (constants or {}).items():
        out.append(_figure(name, (), [parameters[id] for id in ids], error))
    return tuple(out)


def _figure(
    key: str, evidence: tuple[str, ...], members: Sequence[Parameter], error: float
) -> MovedFigure:
    ends = [moved_values(p, error) for p in members]
    ids = tuple(p.id for p in members)
    return MovedFigure(key, evidence, ids, tuple(e[0] for e in ends), tuple(e[1] for e in ends))


def design(figures: int, draws: int) -> Floats:
    """Signs [draws, figures] with orthogonal columns, each as often +1 as -1.

    Raises UsageError unless ``draws`` is a power of two above ``figures``.
    """
    from scipy.linalg import hadamard

    if draws < 2 or draws & (draws - 1) or draws <= figures:
        least = 1 << max(1, int(figures).bit_length())
        raise UsageError(
            f"{draws} draws cannot tell {figures} figures apart: a power of two is needed,"
            f" at least {least}"
        )
    signs: Floats = hadamard(draws).astype(np.float64)[:, 1 : figures + 1]
    return signs


def moves(figures: Sequence[MovedFigure], signs: Floats) -> list[tuple[dict[str, float], ...]]:
    """Overrides of the run and of its mirror, for each row of ``signs`` [draws, figures]."""
    out = []
    for row in signs:
        pair: list[dict[str, float]] = []
        for turn in (1.0, -1.0):
            overrides: dict[str, float] = {}
            for figure, sign in zip(figures, row, strict=True):
                overrides |= figure.overrides(bool(sign * turn > 0))
            pair.append(overrides)
        out.append(tuple(pair))
    return out


def slopes(plus: Floats, minus: Floats, signs: Floats) -> tuple[Floats, Floats]:
    """Slopes [figures, responses] by one error up, and their standard errors.

    ``plus``, ``minus`` [draws, responses]: runs and their mirrors under ``signs`` [draws, figures].
    """
    half = (plus - minus) / 2.0
    draws, figures = signs.shape
    found = signs.T @ half / draws
    left = half - signs @ found
    variance = (left**2).sum(axis=0) / max(draws - figures, 1)
    error = np.broadcast_to(np.sqrt(variance / draws), found.shape)
    return found, np.array(error)


def gain_of_error(mean: Floats, slope: Floats) -> Floats:
    """E[max_s(mean_s + slope_s z)] - max_s mean_s with z ~ N(0, 1) [figures].

    ``mean`` [decisions], ``slope`` [figures, decisions]. The value of knowing a figure whose error
    is normal, with the standard deviation that the slopes were measured by, where net benefits are
    linear in it. For two decisions this is the unit normal loss integral (Raiffa & Schlaifer 1961).
    """
    lines = mean + NODES[:, None, None] * slope
    found: Floats = np.tensordot(WEIGHTS, lines.max(axis=2), axes=1) - mean.max()
    return np.maximum(found, 0.0)


def beyond_error(slope: Floats, error: Floats) -> Floats:
    """Slopes drawn towards 0 until their square is what it is beyond their standard error.

    The square of an estimated slope is too large by the square of its error, on average.
    """
    square = np.maximum(slope**2 - error**2, 0.0)
    out: Floats = np.sign(slope) * np.sqrt(square)
    return out


def worth_of_errors(
    plus: Floats,
    minus: Floats,
    signs: Floats,
    mean: Floats,
    *,
    turns: int = 1000,
    resamples: int = 200,
    seed: int = 0,
) -> list[ItemWorth]:
    """What knowing each figure is worth; see ``sim.analyses.factcheck.voi.ItemWorth``.

    ``plus``, ``minus`` [draws, decisions]: net benefits of the mirrored runs; ``mean`` [decisions]:
    mean net benefits of the ensemble. The null turns the signs of the draws' residuals at random
    (``turns`` times), the interval adds such noise to the slopes (``resamples`` times; around the
    adjusted slopes, its upper end around the plain ones if that is higher).
    ``explained`` is the share of the variance of the moved lead that the figure's error makes up,
    ``explained_p`` its p under the null.
    """
    order = np.argsort(-mean, kind="stable")
    best, second = int(order[0]), int(order[1])
    half = (plus - minus) / 2.0
    half = half - half[:, [best]]
    mean = mean - mean[best]
    draws, figures = signs.shape
    found = signs.T @ half / draws
    fitted = signs @ found
    # residuals of all free columns: inflated for the slopes that were fitted
    left = (half - fitted) * np.sqrt(draws / max(draws - figures, 1))
    error = np.sqrt((left**2).mean(axis=0) / draws)
    settled = beyond_error(found, error)
    random = generator(seed, "moved figures")
    null = np.empty((turns, figures, 2))
    again = np.empty((resamples, 2, figures))
    total = max(float((half[:, second] ** 2).sum()), 1e-300)

    def noise() -> Floats:
        turn = random.choice(np.array([-1.0, 1.0]), draws)[:, None]
        turned: Floats = signs.T @ (left * turn) / draws
        return turned

    for n in range(turns):
        slope = noise()
        null[n, :, 0] = gain_of_error(mean, beyond_error(slope, error))
        null[n, :, 1] = draws * slope[:, second] ** 2 / total
    for n in range(resamples):
        luck = noise()
        for j, centre in enumerate((settled, found)):
            again[n, j] = gain_of_error(mean, beyond_error(centre + luck, error))
    values = gain_of_error(mean, settled)
    shares = np.minimum(1.0, draws * found[:, second] ** 2 / total)
    return [
        item_worth(float(values[j]), float(shares[j]), null[:, j], again[:, :, j])
        for j in range(figures)
    ]
