"""The runs of points: scenario and baseline with the same parameters and the same luck.

All points share the luck of a replicate (``draw=None`` and overrides), so that a difference between
two points is the parameters. The effect of a scenario is paired: the run of the scenario minus the
baseline's with the same behaviour and luck; baseline runs do not depend on effects, so that points
which differ in effects alone share theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analyses.sensitivity.indices import Floats
from sim.analyses.shared.factors import Factors, behaviour_of
from sim.base.errors import KyodoError

if TYPE_CHECKING:
    from sim.runs.run_all import Results
    from sim.runs.spec import RunSpec
    from sim.scenario.types import Scenario


@dataclass(frozen=True)
class PointRuns:
    """Runs of points: ``u`` [points, columns]; ``y`` [points, replicates, years]; ``names`` of the
    points; ``years`` in which the indicator exists, of the years ``horizon`` that were run."""

    u: Floats
    y: Floats
    names: tuple[str, ...]
    years: tuple[int, ...]
    horizon: tuple[int, ...]


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
    subject: AskedIndicator, u: Floats, replicates: Sequence[int], what: str
) -> PointRuns:
    """Run all points with all replicates. Raises KyodoError naming a failed run or a missing value.

    Years in which no run has a value (the indicator does not exist yet) are left out.
    """
    parameters = subject.factors.parameters(u)
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
                    (0, subject.scenario, parameters[n]),
                    (1, subject.baseline, behaviour_of(parameters[n])),
                ]
                for row, scenario, own in pairs:
                    if scenario is None:
                        continue
                    own = {**own, **subject.set_by_user}
                    key = (row, replicate, *sorted(own.items()))
                    if key not in place:
                        place[key] = len(specs)
                        specs.append(subject.spec(scenario, None, replicate, parameters=own))
                    wanted[row, n, r] = place[key]
    results = subject.run(specs, what)
    results.require_whole()
    values = results.values(subject.indicator)
    exists = np.asarray(~np.isnan(values).all(axis=0))
    if not exists.any():
        raise KyodoError(f"{subject.indicator} has no value in any year of these runs")
    hole = np.argwhere(np.isnan(values[:, exists]))
    years = [year for year, ok in zip(results.years, exists.tolist(), strict=True) if ok]
    if len(hole):
        run, year = (int(k) for k in hole[0])
        raise KyodoError(
            f"{subject.indicator} has no value in {years[year]} in one run, and nothing is"
            f" analysed: {specs[run].name}"
        )
    y = values[wanted[0]][:, :, exists]
    if subject.baseline is not None:
        y = y - values[wanted[1]][:, :, exists]
    names = tuple(f"point {n}: {specs[k].name}" for n, k in enumerate(wanted[0, :, 0].tolist()))
    return PointRuns(u, np.asarray(y, dtype=np.float64), names, tuple(years), tuple(results.years))
