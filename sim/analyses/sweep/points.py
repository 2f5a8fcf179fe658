"""Points of a design: full factorial, Latin hypercube, Sobol' sequence, or the rows of a CSV file.

A point gives a value to every factor that is varied: a parameter by its id, or a lever of the
scenario, ``strength.<measure or initiative>`` or ``start_year.<measure or initiative>``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import ContentError, UsageError, nearest
from sim.figures.parameter import ParameterTable
from sim.model.measures import INITIATIVES
from sim.places.load import start_year
from sim.scenario.types import Scenario

POINT_METHODS = ("factorial", "latin_hypercube", "sobol", "file")
STRENGTH, START = "strength.", "start_year."
MOST_POINTS = 10_000_000


@dataclass(frozen=True)
class SweepPoints:
    """``names``: the factors; ``values`` [points, factors] in natural units."""

    names: tuple[str, ...]
    values: NDArray[np.float64]
    lines: tuple[int, ...] = ()
    """Of points from a file: the line of each."""

    def __len__(self) -> int:
        return len(self.values)

    def row(self, point: int) -> dict[str, float]:
        """The values of a point, by factor."""
        return dict(zip(self.names, self.values[point].tolist(), strict=True))


NO_POINTS = SweepPoints((), np.zeros((1, 0)))
"""A design that varies nothing: one point."""


def factor_problem(name: str, table: ParameterTable, values: Sequence[float], years: int) -> str:
    """Why a factor cannot take these values (with the nearest name), or an empty text."""
    if not name.startswith((STRENGTH, START)):
        if name not in table:
            return f"unknown parameter '{name}'{nearest(name, table)}"
        for value in values:
            problem = table.override_problem(name, value)
            if problem is not None:
                return problem
        return ""
    kind, _, which = name.partition(".")
    known = sorted({*INITIATIVES, *(str(i.measure) for i in INITIATIVES.values())})
    if which not in known:
        return f"{name}: no measure or initiative '{which}'{nearest(which, known)}"
    last = start_year() + years - 1
    for value in values:
        if kind == "strength" and not 0.0 <= value <= 1.0:
            return f"{name}: {value:g} is not between 0 and 1"
        if kind == "start_year" and not (value == int(value) and start_year() <= value <= last):
            return f"{name}: {value:g} is no fiscal year from {start_year()} to {last}"
    return ""


def factorial(levels: Mapping[str, Sequence[float]]) -> SweepPoints:
    """Every combination of the levels; the last factor runs fastest."""
    number = math.prod(len(values) for values in levels.values())
    if number > MOST_POINTS:
        raise UsageError(f"the full factorial has {number:,} points, more than {MOST_POINTS:,}")
    values = np.array(list(product(*levels.values())), dtype=np.float64)
    return SweepPoints(tuple(levels), values.reshape(number, len(levels)))


def unit_points(method: str, count: int, factors: int, seed: int) -> NDArray[np.float64]:
    """``count`` points in the unit cube [count, factors], a pure function of the arguments.

    ``sobol``: a scrambled Sobol' sequence, whose first points stay when there are more of them
    (Sobol' 1967, Owen 1998). ``latin_hypercube``: one point in each of ``count`` slices of every
    factor (McKay, Beckman & Conover 1979).
    """
    from scipy.stats import qmc

    from sim.base.randomness import generator

    rng = generator(seed, method)
    if method == "latin_hypercube":
        unit: NDArray[np.float64] = qmc.LatinHypercube(factors, rng=rng).random(count)
        return unit
    # always a power of two inside, so that scipy has no cause to warn
    power = max(0, math.ceil(math.log2(count)))
    whole: NDArray[np.float64] = qmc.Sobol(factors, scramble=True, rng=rng).random_base2(power)
    return whole[:count]


def spread(
    unit: NDArray[np.float64], ranges: Mapping[str, tuple[float, float] | None], table: Any
) -> SweepPoints:
    """Points of the unit cube in natural units.

    ``ranges``: factor -> (low, high), evenly between them (start years rounded down to whole
    ones), or None for the parameter's own distribution.
    """
    columns = []
    for u, (name, span) in zip(unit.T, ranges.items(), strict=True):
        if span is None:
            inside = np.clip(u, 1e-12, 1.0 - 1e-12)
            columns.append([table[name].quantile(float(x)) for x in inside])
        elif name.startswith(START):
            columns.append(np.floor(span[0] + u * (span[1] + 1 - span[0])).clip(*span).tolist())
        else:
            columns.append((span[0] + u * (span[1] - span[0])).tolist())
    return SweepPoints(tuple(ranges), np.array(columns, dtype=np.float64).T.reshape(unit.shape))


def read_points(path: Path) -> SweepPoints:
    """The rows of a CSV file: one column a factor, one row a point. Raises ContentError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            found = [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise ContentError(f"cannot be read: {error.strerror or error}", path) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ContentError(f"is no CSV file in UTF-8: {error}", path) from None
    rows = [(line, row) for line, row in found if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise ContentError("needs a row of names and at least one point", path)
    names = tuple(cell.strip() for cell in rows[0][1])
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ContentError(f"the column '{twice}' is there twice", path, rows[0][0])
    values = np.empty((len(rows) - 1, len(names)))
    for number, (line, row) in enumerate(rows[1:]):
        if len(row) != len(names):
            raise ContentError(f"{len(row)} cells, not {len(names)}", path, line)
        for column, cell in enumerate(row):
            try:
                values[number, column] = float(cell)
            except ValueError:
                message = f"{names[column]}: '{cell}' is not a number"
                raise ContentError(message, path, line) from None
            if not math.isfinite(values[number, column]):
                raise ContentError(f"{names[column]}: {cell} is not finite", path, line)
    return SweepPoints(names, values, tuple(line for line, _ in rows[1:]))


def at_point(scenario: Scenario, point: Mapping[str, float]) -> tuple[Scenario, dict[str, float]]:
    """The scenario with the levers of a point, and the parameters of the point.

    A lever moves the initiatives that the scenario switches on; it switches on no other, so that
    the baseline is one and the same run at all strengths. ``strength`` multiplies the scenario's
    own; one initiative's lever wins over its measure's.
    """
    parameters = {k: v for k, v in point.items() if not k.startswith((STRENGTH, START))}
    settings = dict(scenario.initiatives)
    for id, setting in scenario.initiatives.items():
        measure = id.partition(".")[0]
        strength = point.get(STRENGTH + id, point.get(STRENGTH + measure))
        start = point.get(START + id, point.get(START + measure))
        if strength is not None:
            setting = replace(setting, strength=setting.strength * strength)
        if start is not None:
            setting = replace(setting, start=12 * (int(start) - start_year()))
        settings[id] = setting
    return replace(scenario, initiatives=settings), parameters
