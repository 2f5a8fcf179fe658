"""Sensitivity indices by SALib over any outputs: designs, Morris and Sobol' in one tidy table.

Nothing is simulated here. A `Problem` names the factor of every column of a point; outputs are
arrays y [runs] or [runs, years] in the order of the sample. SALib must not be given a hole: one NaN
makes every Sobol' index 0 without a word, so a NaN is refused by the name of its run, and so is too
small a sample. An output that does not vary has no indices: its rows say ``no_variance``.

Sources: Morris 1991, doi:10.1080/00401706.1991.10484804, with groups after Campolongo, Cariboni &
Saltelli 2007, doi:10.1016/j.envsoft.2006.10.004; Sobol' indices after Saltelli et al. 2010,
doi:10.1016/j.cpc.2009.09.018. Indices that need no design are in given_data.py.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analyses.sensitivity.ranks import INDEX_COLUMNS, OVERALL
from sim.analyses.shared.intervals import CONFIDENCE
from sim.base.errors import KyodoError, UsageError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

RESAMPLES = 200
"""Bootstrap resamples of the base points, trajectories or runs."""

MORRIS_LEVELS = 4
"""Levels of Morris' grid."""

EDGES = (0.05, 0.95)
"""Range of u in Morris' design: a factor moves within its 5-95 % range."""

OUTERMOST = 0.001
"""Space-filling points stay this far from 0 and 1: a score of 3 sd has leverage enough."""

FEWEST_BASE = 4
"""Fewest base points or trajectories that a bootstrap can say anything from."""

NO_VARIANCE = 1e-9
"""A standard deviation below this share of the largest value is rounding (the model's promise)."""


@dataclass(frozen=True)
class Problem:
    """Which factor each column of a point belongs to; columns of a factor move together."""

    of_column: tuple[str, ...]

    @cached_property
    def factors(self) -> tuple[str, ...]:
        """The factors, in the order of their first columns."""
        return tuple(dict.fromkeys(self.of_column))

    def salib(self, low: float = 0.0, high: float = 1.0) -> dict[str, Any]:
        """SALib's dict. Raises UsageError for fewer than two factors: nothing to compare."""
        if len(self.factors) < 2:
            raise UsageError("fewer than two factors vary: there is nothing to compare")
        n = len(self.of_column)
        place = {name: f"g{k}" for k, name in enumerate(self.factors)}
        return {
            "num_vars": n,
            "names": [f"x{j}" for j in range(n)],
            "groups": [place[name] for name in self.of_column],
            "bounds": [[low, high]] * n,
        }

    def sobol_runs(self, second_order: bool = True) -> int:
        """Runs per base point of a Sobol' design."""
        return (2 if second_order else 1) * len(self.factors) + 2


def salib_seed(seed: int) -> int:
    """A seed that SALib uses: it takes 0 for no seed, and numpy wants 32 bits."""
    return seed % (2**32 - 1) + 1


def sobol_sample(problem: Problem, base: int, seed: int, second_order: bool = True) -> Floats:
    """Saltelli's design of ``base`` (a power of two) points: u [base * sobol_runs, columns]."""
    from SALib.sample import sobol

    if base < FEWEST_BASE or base & (base - 1):
        raise UsageError(f"{base} base points: a power of two of at least {FEWEST_BASE} is needed")
    out: Floats = sobol.sample(
        problem.salib(), base, calc_second_order=second_order, seed=salib_seed(seed)
    )
    return out


def morris_sample(problem: Problem, trajectories: int, seed: int) -> Floats:
    """Morris' trajectories within EDGES: u [trajectories * (factors + 1), columns]."""
    from SALib.sample import morris

    if trajectories < FEWEST_BASE:
        raise UsageError(f"{trajectories} trajectories: at least {FEWEST_BASE} are needed")
    out: Floats = morris.sample(
        problem.salib(*EDGES), trajectories, num_levels=MORRIS_LEVELS, seed=salib_seed(seed)
    )
    return out


def space_sample(columns: int, points: int, seed: int) -> Floats:
    """``points`` scrambled Sobol' points u [points, columns], for surrogates and given data.

    More points begin with the fewer ones, so that their recorded runs are read, not repeated.
    """
    from scipy.stats import qmc

    from sim.base.randomness import generator

    sampler = qmc.Sobol(columns, scramble=True, rng=generator(seed, "sensitivity design"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # numbers that are no power of two are fine
        out: Floats = np.clip(sampler.random(points), OUTERMOST, 1.0 - OUTERMOST)
    return out


def checked(y: Floats, names: Sequence[str] = ()) -> Floats:
    """The outputs as [runs, years]. Raises KyodoError naming the first run that has no number."""
    table = np.asarray(y, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    bad = np.argwhere(~np.isfinite(table))
    if len(bad):
        run, year = (int(n) for n in bad[0])
        name = names[run] if names else f"run {run}"
        raise KyodoError(
            f"{name} gave {table[run, year]} in year {year + 1}: nothing is analysed, because one"
            " such run would change every index"
        )
    return table


def varies(column: Floats) -> bool:
    """Whether an output [runs] varies beyond rounding."""
    return bool(column.std() > NO_VARIANCE * max(float(np.abs(column).max()), 1e-300))


Row = tuple[str, str, str, float, float, float]
"""factor, other, order, index, low, high."""


def index_table(
    method: str,
    y: Floats,
    years: Sequence[int] | None,
    entries: Sequence[tuple[str, str, str]],
    analyse: Callable[[Floats], list[Row]],
) -> pd.DataFrame:
    """Analyse every year of y [runs, years]; ``entries``: (factor, other, order) of all rows.

    The overall index is the mean over years weighted by their variance. Its interval is the mean of
    theirs: exact if the errors of all years go together, too wide otherwise.
    """
    import pandas as pd

    labels: list[Any] = list(range(1, y.shape[1] + 1)) if years is None else list(years)
    rows: list[tuple[Any, ...]] = []
    sums, weight = np.zeros((len(entries), 3)), 0.0
    for k, label in enumerate(labels):
        ok = varies(y[:, k])
        with quiet():
            found = analyse(y[:, k]) if ok else [(*e, *[float("nan")] * 3) for e in entries]
        if [row[:3] for row in found] != list(entries):
            raise KyodoError(f"{method}: SALib gave other rows than its design has")
        numbers = np.array([row[3:] for row in found])
        if ok and not np.isfinite(numbers).all():
            raise KyodoError(f"{method}: no index for some factors in {label}: more runs needed")
        status = "ok" if ok else "no_variance"
        rows += [(f, o, method, order, *n, label, status) for (f, o, order, *n) in found]
        if ok:
            sums += numbers * y[:, k].var()
            weight += float(y[:, k].var())
    overall = sums / weight if weight > 0 else np.full(sums.shape, np.nan)
    status = "ok" if weight > 0 else "no_variance"
    rows += [
        (f, o, method, order, *n, OVERALL, status)
        for (f, o, order), n in zip(entries, overall.tolist(), strict=True)
    ]
    return pd.DataFrame(rows, columns=list(INDEX_COLUMNS))


@contextmanager
def quiet() -> Iterator[None]:
    """SALib warns, and changes how warnings are shown, for the whole process: undone here."""
    shown = warnings.formatwarning
    try:
        with warnings.catch_warnings(record=True):  # SALib overrules a filter
            yield
    finally:
        warnings.formatwarning = shown


def sobol(
    problem: Problem,
    y: Floats,
    *,
    years: Sequence[int] | None = None,
    seed: int = 0,
    second_order: bool = True,
    names: Sequence[str] = (),
    resamples: int = RESAMPLES,
) -> pd.DataFrame:
    """Sobol' indices of y [runs] or [runs, years] over the design of ``sobol_sample``.

    First order: the share of the variance that would go if the factor were known; total: the share
    that would stay if all others were known; second: what two factors explain only together.
    """
    from SALib.analyze import sobol as analyzer

    table = checked(y, names)
    n = problem.sobol_runs(second_order)
    if len(table) % n or len(table) < FEWEST_BASE * n:
        raise UsageError(f"{len(table)} outputs: a Sobol' design has {n} runs per base point")
    names_ = problem.factors
    pairs = [(j, k) for j in range(len(names_)) for k in range(j + 1, len(names_))]
    entries = [(f, "", order) for order in ("first", "total") for f in names_]
    if second_order:
        entries += [(names_[j], names_[k], "second") for j, k in pairs]

    def analyse(column: Floats) -> list[Row]:
        s = analyzer.analyze(
            problem.salib(), column, calc_second_order=second_order, num_resamples=resamples,
            conf_level=CONFIDENCE, seed=salib_seed(seed),
        )  # fmt: skip
        rows = [
            index_row(f, "", order, float(s[key][j]), float(s[f"{key}_conf"][j]))
            for order, key in (("first", "S1"), ("total", "ST"))
            for j, f in enumerate(names_)
        ]
        if second_order:
            rows += [
                index_row(names_[j], names_[k], "second", s["S2"][j, k], s["S2_conf"][j, k])
                for j, k in pairs
            ]
        return rows

    return index_table("sobol", table, years, entries, analyse)


def index_row(factor: str, other: str, order: str, index: Any, half: Any) -> Row:
    """A row with an interval of half-width ``half`` around its index."""
    i, h = float(index), float(half)
    return factor, other, order, i, i - h, i + h


def morris(
    problem: Problem,
    u: Floats,
    y: Floats,
    *,
    years: Sequence[int] | None = None,
    seed: int = 0,
    names: Sequence[str] = (),
) -> pd.DataFrame:
    """Morris' mean absolute elementary effect mu* of y over the trajectories u.

    In the unit of y, for a move over the whole 5-95 % range. The members of a factor move at once,
    each up or down; mu (with its sign) is given for factors of one column only: in a group members
    cancel out.
    """
    from SALib.analyze import morris as analyzer

    table = checked(y, names)
    if len(table) != len(u) or len(u) % (len(problem.factors) + 1):
        raise UsageError(f"{len(table)} outputs do not fit {len(u)} points of Morris' design")
    columns = [problem.of_column.count(f) for f in problem.factors]
    single = [j for j, n in enumerate(columns) if n == 1]
    entries = [(f, "", "mu_star") for f in problem.factors]
    entries += [(problem.factors[j], "", "mu") for j in single]

    def analyse(column: Floats) -> list[Row]:
        s = analyzer.analyze(
            problem.salib(*EDGES), u, column, num_levels=MORRIS_LEVELS, num_resamples=RESAMPLES,
            conf_level=CONFIDENCE, seed=salib_seed(seed),
        )  # fmt: skip
        rows = [
            index_row(f, "", "mu_star", s["mu_star"][j], s["mu_star_conf"][j])
            for j, f in enumerate(problem.factors)
        ]
        # the interval of mu is that of the mean of as many effects
        z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
        half = z / np.sqrt(len(u) // (len(problem.factors) + 1))
        rows += [
            index_row(problem.factors[j], "", "mu", s["mu"][j], half * float(s["sigma"][j]))
            for j in single
        ]
        return rows

    return index_table("morris", table, years, entries, analyse)
