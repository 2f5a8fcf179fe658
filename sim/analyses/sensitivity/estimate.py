"""A sensitivity study: choose the method, run its points, analyse, and say how far to trust it.

All points share the luck of a replicate (``draw=None`` and overrides), so that a difference between
two points is the parameters. The effect of a scenario is paired: the run of the scenario minus the
baseline's with the same behaviour and luck; baseline runs do not depend on effects, so that points
which differ in effects alone share theirs. The luck is varied apart, on a few points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analyses.sensitivity import indices as indices
from sim.analyses.sensitivity.indices import Floats, Problem
from sim.analyses.sensitivity.over_time import Stability, convergence, seed_share, sizes, stability
from sim.analyses.sensitivity.surrogate import (
    FEWEST_RUNS,
    ROUGH,
    SensitivitySurrogate,
    fit,
    parameter_rows,
    surrogate_bootstrap,
    surrogate_indices,
)
from sim.analyses.shared.factors import Factors, behaviour_of
from sim.analyses.shared.intervals import MIN_DRAWS
from sim.base.errors import KyodoError, UsageError, nearest

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.run_all import Results
    from sim.runs.spec import RunSpec
    from sim.scenario.types import Scenario

SENSITIVITY_METHODS = ("auto", "morris", "sobol", "surrogate", "delta", "pawn")

BASE_ENOUGH = 64
"""Fewest base points from which Sobol' indices are taken directly without being asked to."""

MOST_PAIRED = 40
"""Most factors whose pairs are looked at: their number grows with the square."""

SEED_POINTS = 24
SEED_REPLICATES = 4
"""Points, and replicates of each, that say how much of the variance is luck."""

FOLDS = 5
"""Folds of the scores that stand for factors of several parameters in delta and PAWN."""


@dataclass(frozen=True)
class ChosenMethod:
    """The method chosen: ``size`` base points, trajectories or points; ``points`` parameter vectors
    in all; ``reason``: key of the sentence that says why, with ``facts`` for it. ``second_order``:
    whether pairs of factors are looked at (not of more than MOST_PAIRED factors)."""

    name: str
    size: int
    points: int
    reason: str
    facts: Mapping[str, Any]
    second_order: bool = True


def choose(asked: str, points: int, factors: int) -> ChosenMethod:
    """The method and its size for about ``points`` parameter vectors and so many ``factors``.

    ``auto`` takes Sobol' indices directly where BASE_ENOUGH base points can be had, else fits a
    surrogate. Raises UsageError for an unknown method, or too few points for it.
    """
    if asked not in SENSITIVITY_METHODS:
        raise UsageError(f"unknown method '{asked}'{nearest(asked, SENSITIVITY_METHODS)}")
    if factors < 2:
        raise UsageError("fewer than two factors vary: there is nothing to compare")
    paired = factors <= MOST_PAIRED
    each = (2 if paired else 1) * factors + 2
    base = _power_of_two(points // each)
    facts = {"factors": factors, "each": each, "base": base, "enough": BASE_ENOUGH}
    facts |= {"points": points, "direct": each * BASE_ENOUGH}
    if asked == "auto":
        if base >= BASE_ENOUGH:
            return ChosenMethod("sobol", base, base * each, "enough", facts, paired)
        asked, reason = "surrogate", "too_many"
    else:
        reason = "asked"
    if asked == "sobol":
        _enough(base, indices.FEWEST_BASE, each, asked)
        return ChosenMethod(asked, base, base * each, reason, facts, paired)
    if asked == "morris":
        size = points // (factors + 1)
        _enough(size, indices.FEWEST_BASE, factors + 1, asked)
        return ChosenMethod(asked, size, size * (factors + 1), reason, facts)
    _enough(points, FEWEST_RUNS if asked == "surrogate" else indices.FEWEST_RUNS, 1, asked)
    return ChosenMethod(asked, points, points, reason, facts, paired)


def _power_of_two(n: int) -> int:
    return 2 ** (n.bit_length() - 1) if n else 0


def _enough(size: int, fewest: int, each: int, method: str) -> None:
    if size < fewest:
        raise UsageError(f"--points: {method} needs at least {fewest * each} for these factors")


@dataclass(frozen=True)
class PointRuns:
    """Runs of points: ``u`` [points, columns]; ``y`` [points, replicates, years]; ``names`` of the
    points; ``years`` in which the indicator exists."""

    u: Floats
    y: Floats
    names: tuple[str, ...]
    years: tuple[int, ...]


@dataclass(frozen=True)
class AskedIndicator:
    """What is asked: an indicator of ``scenario``, or its effect against ``baseline`` if given.

    ``spec(scenario, draw, replicate, parameters=...)`` makes a RunSpec with the shared options;
    ``run(specs, what)`` runs them.
    """

    factors: Factors
    scenario: Scenario
    baseline: Scenario | None
    indicator: str
    spec: Callable[..., RunSpec]
    run: Callable[[Sequence[RunSpec], str], Results]
    set_by_user: Mapping[str, float]
    seed: int = 0


def run_points(
    question: AskedIndicator, u: Floats, replicates: Sequence[int], what: str
) -> PointRuns:
    """Run all points with all replicates. Raises KyodoError naming a failed run or a missing value.

    Years in which no run has a value (the indicator does not exist yet) are left out.
    """
    parameters = question.factors.parameters(u)
    specs: list[RunSpec] = []
    place: dict[tuple[Any, ...], int] = {}
    wanted = np.empty((2, len(u), len(replicates)), dtype=np.int64)
    shared: dict[tuple[Any, ...], list[int]] = {}
    for n, point in enumerate(parameters):
        shared.setdefault(tuple(sorted(behaviour_of(point).items())), []).append(n)
    for r, replicate in enumerate(replicates):
        for members in shared.values():  # runs of one burn-in stand together
            for n in members:
                pairs: list[tuple[int, Scenario | None, dict[str, float]]] = [
                    (0, question.scenario, parameters[n]),
                    (1, question.baseline, behaviour_of(parameters[n])),
                ]
                for row, scenario, own in pairs:
                    if scenario is None:
                        continue
                    own = {**own, **question.set_by_user}
                    key = (row, replicate, *sorted(own.items()))
                    if key not in place:
                        place[key] = len(specs)
                        specs.append(question.spec(scenario, None, replicate, parameters=own))
                    wanted[row, n, r] = place[key]
    results = question.run(specs, what)
    results.require_whole()
    values = results.values(question.indicator)
    exists = np.asarray(~np.isnan(values).all(axis=0))
    if not exists.any():
        raise KyodoError(f"{question.indicator} has no value in any year of these runs")
    hole = np.argwhere(np.isnan(values[:, exists]))
    years = [year for year, ok in zip(results.years, exists.tolist(), strict=True) if ok]
    if len(hole):
        run, year = (int(k) for k in hole[0])
        raise KyodoError(
            f"{question.indicator} has no value in {years[year]} in one run, and nothing is"
            f" analysed: {specs[run].name}"
        )
    y = values[wanted[0]][:, :, exists]
    if question.baseline is not None:
        y = y - values[wanted[1]][:, :, exists]
    names = tuple(f"point {n}: {specs[k].name}" for n, k in enumerate(wanted[0, :, 0].tolist()))
    return PointRuns(u, np.asarray(y, dtype=np.float64), names, tuple(years))


@dataclass(frozen=True)
class Sensitivity:
    """The outcome. ``table`` (INDEX_COLUMNS), ``convergence`` (with ``n``), ``checks`` (delta and
    PAWN in the last year, empty without independent points), ``luck`` (seed_share), ``parameters``
    (single parameters on the surrogate, empty without one), ``spread`` of the output by year."""

    method: ChosenMethod
    years: tuple[int, ...]
    table: pd.DataFrame
    convergence: pd.DataFrame
    stability: Stability | None
    checks: pd.DataFrame
    luck: pd.DataFrame
    parameters: pd.DataFrame
    spread: pd.DataFrame
    surrogate: SensitivitySurrogate | None


def study(question: AskedIndicator, method: ChosenMethod) -> Sensitivity:
    """Run the points of the method, analyse them, and add checks, convergence and luck.

    Raises KyodoError, and analyses nothing, where a run failed or lacks a value.
    """
    problem = Problem(question.factors.of_column)
    seed = question.seed
    u = _design(problem, method, seed)
    runs = run_points(question, u, [0], "points")
    independent = _independent(problem, method, len(u))
    few = np.arange(len(u))[independent][:SEED_POINTS]
    more = run_points(question, u[few], range(1, SEED_REPLICATES), "other luck")
    luck = seed_share(np.concatenate([runs.y[few], more.y], axis=1), runs.years, seed)
    with one_thread():
        return _analysed(question, method, problem, runs, luck)


@contextmanager
def one_thread() -> Iterator[None]:
    """Within this context linear algebra uses one thread: many small fits on several threads that
    wait for each other took 17 times as long beside other work."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def _analysed(
    question: AskedIndicator,
    method: ChosenMethod,
    problem: Problem,
    runs: PointRuns,
    luck: pd.DataFrame,
) -> Sensitivity:
    import pandas as pd

    seed, years = question.seed, runs.years
    independent = _independent(problem, method, len(runs.u))
    y = runs.y[independent, 0, :]
    analyse = _Analysis(question.factors, problem, method, runs, seed)
    table = analyse(method.size)
    known = {method.size: table}
    conv = convergence(
        lambda n: known[n] if n in known else analyse(n), sizes(method.size, analyse.fewest)
    )
    empty = pd.DataFrame(columns=list(indices.INDEX_COLUMNS))
    checks, parameters = empty, pd.DataFrame()
    surrogate = analyse.surrogate
    if method.name in ("sobol", "surrogate"):
        checks = _checks(question.factors, runs, independent, seed)
    if surrogate is not None:
        parameters = parameter_rows(surrogate, years=years, seed=seed)
    # Morris' points lie on a grid of extremes: they are no sample of the ranges
    enough = len(y) >= MIN_DRAWS and method.name != "morris"
    p05, p95 = np.quantile(y, [0.05, 0.95], axis=0) if enough else np.full((2, len(years)), np.nan)
    spread = pd.DataFrame(
        {
            "fiscal_year": list(years),
            "mean": y.mean(axis=0),
            "sd": y.std(axis=0, ddof=1),
            "p05": p05,
            "p95": p95,
        }
    )
    return Sensitivity(
        method, years, table, conv, stability(conv), checks, luck, parameters, spread, surrogate
    )


def _design(problem: Problem, method: ChosenMethod, seed: int) -> Floats:
    if method.name == "sobol":
        return indices.sobol_sample(problem, method.size, seed, method.second_order)
    if method.name == "morris":
        return indices.morris_sample(problem, method.size, seed)
    return indices.space_sample(len(problem.of_column), method.size, seed)


def _independent(problem: Problem, method: ChosenMethod, points: int) -> NDArray[np.int64]:
    """Which of ``points`` points are independent of each other.

    Of Sobol' indices the matrices A and B: the first and the last run of every base point.
    """
    if method.name == "sobol":
        each = problem.sobol_runs(method.second_order)
        first = np.arange(0, points, each)
        return np.sort(np.concatenate([first, first + each - 1]))
    if method.name == "morris":
        return np.arange(0, points, len(problem.factors) + 1)
    return np.arange(points)


class _Analysis:
    """Indices from the first ``size`` base points, trajectories or points of the design."""

    def __init__(
        self, factors: Factors, problem: Problem, method: ChosenMethod, runs: PointRuns, seed: int
    ) -> None:
        self.factors, self.problem, self.method = factors, problem, method
        self.runs, self.seed = runs, seed
        self.surrogate: SensitivitySurrogate | None = None

    @property
    def fewest(self) -> int:
        """The smallest size that can be analysed."""
        if self.method.name in ("delta", "pawn"):
            return indices.FEWEST_RUNS
        return FEWEST_RUNS if self.method.name == "surrogate" else indices.FEWEST_BASE

    def __call__(self, size: int) -> pd.DataFrame:
        name, years = self.method.name, self.runs.years
        each = self.method.points // self.method.size
        u, y = self.runs.u[: size * each], self.runs.y[: size * each, 0, :]
        names = self.runs.names[: size * each]
        if name == "sobol":
            return indices.sobol(
                self.problem, y, years=years, seed=self.seed, names=names,
                second_order=self.method.second_order,
            )  # fmt: skip
        if name == "morris":
            return indices.morris(self.problem, u, y, years=years, seed=self.seed, names=names)
        if name == "surrogate":
            fitted = fit(self.factors, u, y, names)
            if size < self.method.size:
                return surrogate_indices(
                    fitted, years=years, seed=self.seed, base=ROUGH, second_order=False
                )
            self.surrogate = fitted
            found = surrogate_indices(
                fitted, years=years, seed=self.seed, second_order=self.method.second_order
            )
            return surrogate_bootstrap(fitted, found, u, y, seed=self.seed)
        x = factor_scores(self.factors, u, y)
        given_data = indices.delta if name == "delta" else indices.pawn
        return given_data(self.factors.names, x, y, years=years, seed=self.seed, names=names)


def _checks(
    factors: Factors, runs: PointRuns, independent: NDArray[np.int64], seed: int
) -> pd.DataFrame:
    """delta and PAWN in the last year from the independent points; empty where they are few."""
    import pandas as pd

    u, y = runs.u[independent], runs.y[independent, 0, -1:]
    if len(u) < indices.FEWEST_RUNS:
        return pd.DataFrame(columns=list(indices.INDEX_COLUMNS))
    x = factor_scores(factors, u, y)
    tables = [
        analyse(factors.names, x, y, years=runs.years[-1:], seed=seed)
        for analyse in (indices.delta, indices.pawn)
    ]
    whole = pd.concat(tables, ignore_index=True)
    return whole.loc[whole["fiscal_year"] != indices.OVERALL].reset_index(drop=True)


def factor_scores(factors: Factors, u: Floats, y: Floats) -> Floats:
    """One number per factor and run [runs, factors], for methods that take no groups.

    Of a factor with one column: its u. Of others: the direction of its columns along which the
    output (mean over years, each scaled) changes most, a ridge regression whose score of a run is
    fitted without it. What delta and PAWN find along that direction is a lower bound for the group.
    """
    from sklearn.linear_model import RidgeCV

    from sim.calibrate.emulator import PENALTIES

    features = factors.features(u)
    sd = y.std(axis=0)
    target = ((y - y.mean(axis=0)) / np.where(sd > 0, sd, 1.0)).mean(axis=1)
    out = np.empty((len(u), len(factors.names)))
    fold = np.arange(len(u)) % FOLDS
    of_column = np.array(factors.of_column)
    for k, name in enumerate(factors.names):
        at = np.flatnonzero(of_column == name)
        if len(at) == 1:
            out[:, k] = u[:, at[0]]
            continue
        for f in range(FOLDS):
            left = fold == f
            model = RidgeCV(PENALTIES).fit(features[~left][:, at], target[~left])
            # folds differ in their intercepts and slopes: only the direction is wanted
            score = features[left][:, at] @ np.ravel(model.coef_)
            norm = float(np.linalg.norm(model.coef_))
            out[left, k] = score / norm if norm > 0 else u[left, at[0]]
    return out
