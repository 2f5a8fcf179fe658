"""A sensitivity study: choose the method, run its points, analyse, and say how far to trust it.

The luck is the same for all points (points.py); it is varied apart, on a few of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.analyses.sensitivity import given_data, indices
from sim.analyses.sensitivity.indices import Floats, Problem
from sim.analyses.sensitivity.method import ChosenMethod, choose
from sim.analyses.sensitivity.over_time import Stability, convergence, seed_share, sizes, stability
from sim.analyses.sensitivity.points import AskedIndicator, PointRuns, run_points
from sim.analyses.sensitivity.ranks import INDEX_COLUMNS, OVERALL
from sim.analyses.sensitivity.surrogate import (
    FEWEST_RUNS,
    ROUGH,
    SensitivitySurrogate,
    fit,
    parameter_rows,
    surrogate_bootstrap,
    surrogate_indices,
)
from sim.analyses.shared.factors import COST_INDICATORS, Factors, factors_of
from sim.analyses.shared.intervals import ENDS, enough_draws
from sim.analyses.shared.values import known_indicator
from sim.base.errors import UsageError
from sim.scenario.bundled import BASELINE
from sim.scenario.reader import load_scenario

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.sensitivity.question import SensitivityQuestion
    from sim.analyses.study import Study

SEED_POINTS = 24
SEED_REPLICATES = 4
"""Points, and replicates of each, that say how much of the variance is luck."""


@dataclass(frozen=True)
class Sensitivity:
    """The outcome. ``table`` (INDEX_COLUMNS), ``convergence`` (with ``n``), ``checks`` (delta and
    PAWN in the last year, empty without independent points), ``luck`` (seed_share), ``parameters``
    (single parameters on the surrogate, empty without one), ``spread`` of the output by year.
    ``years``: of ``horizon`` those in which the indicator exists."""

    subject: AskedIndicator
    method: ChosenMethod
    years: tuple[int, ...]
    horizon: tuple[int, ...]
    table: pd.DataFrame
    convergence: pd.DataFrame
    stability: Stability | None
    checks: pd.DataFrame
    luck: pd.DataFrame
    parameters: pd.DataFrame
    spread: pd.DataFrame
    surrogate: SensitivitySurrogate | None


def rank(subject: AskedIndicator, method: ChosenMethod) -> Sensitivity:
    """Run the points of the method, analyse them, and add checks, convergence and luck.

    Raises KyodoError, and analyses nothing, where a run failed or lacks a value.
    """
    problem = Problem(subject.factors.of_column)
    seed = subject.seed
    u = _design(problem, method, seed)
    runs = run_points(subject, u, [0], f"points ({method.name})")
    independent = _independent(problem, method, len(u))
    few = np.arange(len(u))[independent][:SEED_POINTS]
    more = run_points(subject, u[few], range(1, SEED_REPLICATES), "other luck")
    luck = seed_share(np.concatenate([runs.y[few], more.y], axis=1), runs.years, seed)
    with one_thread():
        return _analysed(subject, method, problem, runs, luck)


@contextmanager
def one_thread() -> Iterator[None]:
    """Within this context linear algebra uses one thread: many small fits on several threads that
    wait for each other took 17 times as long beside other work."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def _analysed(
    subject: AskedIndicator,
    method: ChosenMethod,
    problem: Problem,
    runs: PointRuns,
    luck: pd.DataFrame,
) -> Sensitivity:
    import pandas as pd

    seed, years = subject.seed, runs.years
    independent = _independent(problem, method, len(runs.u))
    y = runs.y[independent, 0, :]
    analyse = _Analysis(subject.factors, problem, method, runs, seed)
    table = analyse(method.size)
    known = {method.size: table}
    conv = convergence(
        lambda n: known[n] if n in known else analyse(n), sizes(method.size, analyse.fewest)
    )
    empty = pd.DataFrame(columns=list(INDEX_COLUMNS))
    checks, parameters = empty, pd.DataFrame()
    surrogate = analyse.surrogate
    if method.name in ("sobol", "surrogate"):
        checks = _checks(subject.factors, runs, independent, seed)
    if surrogate is not None:
        parameters = parameter_rows(surrogate, years=years, seed=seed)
    # Morris' points lie on a grid of extremes: they are no sample of the ranges
    enough = enough_draws(len(y)) and method.name != "morris"
    p05, p95 = np.quantile(y, ENDS, axis=0) if enough else np.full((2, len(years)), np.nan)
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
        subject,
        method,
        years,
        runs.horizon,
        table,
        conv,
        stability(conv),
        checks,
        luck,
        parameters,
        spread,
        surrogate,
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
            return given_data.FEWEST_RUNS
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
        x = given_data.factor_scores(self.factors, u, y)
        found_by = given_data.delta if name == "delta" else given_data.pawn
        return found_by(self.factors.names, x, y, years=years, seed=self.seed, names=names)


def _checks(
    factors: Factors, runs: PointRuns, independent: NDArray[np.int64], seed: int
) -> pd.DataFrame:
    """delta and PAWN in the last year from the independent points; empty where they are few."""
    import pandas as pd

    u, y = runs.u[independent], runs.y[independent, 0, -1:]
    if len(u) < given_data.FEWEST_RUNS:
        return pd.DataFrame(columns=list(INDEX_COLUMNS))
    x = given_data.factor_scores(factors, u, y)
    tables = [
        analyse(factors.names, x, y, years=runs.years[-1:], seed=seed)
        for analyse in (given_data.delta, given_data.pawn)
    ]
    whole = pd.concat(tables, ignore_index=True)
    return whole.loc[whole["fiscal_year"] != OVERALL].reset_index(drop=True)


def subject_of(question: SensitivityQuestion, study: Study) -> AskedIndicator:
    """What is looked at, with the unknowns that can matter to it. Raises UsageError."""
    known_indicator(question.indicator)
    scenario = load_scenario(question.scenario, question.years)
    if question.effect and not scenario.initiatives:
        raise UsageError(f"{scenario.id} has no initiative and hence no effect: use --level")
    study.assume(profile=scenario.profile, discount=scenario.discount)
    study.name(scenario)
    factors = factors_of(
        scenario,
        profile=study.profile,
        discount=study.discount,
        years=question.years,
        fixed=study.parameters,
        level=question.group,
        costs=question.indicator in COST_INDICATORS,
    )
    return AskedIndicator(
        factors=factors,
        scenario=scenario,
        baseline=load_scenario(BASELINE, question.years) if question.effect else None,
        indicator=question.indicator,
        spec=study.spec,
        run=study.run,
        set_by_user=study.parameters,
        seed=question.seed,
    )


def check(question: SensitivityQuestion, study: Study) -> None:
    """Refuse what cannot be ranked. Raises UsageError."""
    subject = subject_of(question, study)
    choose(question.method, question.points, len(subject.factors.names))


def answer(question: SensitivityQuestion, study: Study) -> Sensitivity:
    """Run the points and rank the unknowns. Raises KyodoError where a run failed."""
    subject = subject_of(question, study)
    return rank(subject, choose(question.method, question.points, len(subject.factors.names)))
