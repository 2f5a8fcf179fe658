"""The level of each present figure in a draw, as its behaviour makes it, without the luck of a run.

The posterior carries the error of the figures: draws differ in the levels that they show. A level
read off one run also holds its luck (a good year for incomes), which no fact check settles and
which moves net benefits too. So it is predicted from the draw's parameters of behaviour, by a
quadratic surface through the stored runs of the calibration. Layer: experiments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analyses.factcheck.voi import Floats
from sim.calibrate.design import read_design
from sim.calibrate.study import stored_design_path
from sim.calibrate.targets import Target, scaled
from sim.figures.evidence import load_profile

if TYPE_CHECKING:
    from sim.figures.parameter import Parameter

GRID = np.linspace(-6.0, 6.0, 1201)
"""Normal scores at which quantiles of a prior are tabulated to find the score of a value."""


@dataclass(frozen=True)
class Levels:
    """``values``: indicator -> level in each draw [draws]. ``source``: "surface" through the stored
    runs of a profile, or "runs" (first year of the baseline, with its luck)."""

    values: Mapping[str, Floats]
    source: str


def normal_score(parameter: Parameter, values: Floats) -> Floats:
    """The scores [draws] at which the prior's quantile is each of ``values`` [draws]."""
    from scipy.special import ndtr

    at = np.array([parameter.quantile(float(u)) for u in ndtr(GRID)])
    rising, first = np.unique(at, return_index=True)
    scores: Floats = np.interp(values, rising, GRID[first])
    return scores


def surface(z: Floats, y: Floats, at: Floats) -> Floats:
    """Least squares on all z and their squares: fitted to ``z`` [runs, parameters] and ``y``
    [runs, responses], evaluated at ``at`` [points, parameters]; [points, responses]."""

    def columns(x: Floats) -> Floats:
        return np.column_stack([np.ones(len(x)), x, x**2])

    weights, *_ = np.linalg.lstsq(columns(z), y, rcond=None)
    expected: Floats = columns(at) @ weights
    return expected


def expected_levels(
    profile: str,
    targets: Sequence[Target],
    parameters: Mapping[str, Parameter],
    drawn: Mapping[str, Floats],
) -> Levels | None:
    """Levels of the targets' indicators in every draw, on their working scale; None if no runs of
    a calibration with the same parameters and targets are stored for the profile or a parent."""
    for name in (profile, *reversed(load_profile(profile).chain)):
        path = stored_design_path(name)
        if not path.is_file():
            continue
        runs = read_design(path)
        column = {id: n for n, id in enumerate(runs.columns)}
        if not set(runs.ids) <= set(drawn) or any(t.id not in column for t in targets):
            continue
        # The second wave lies where the posterior is: a quadratic is good enough there.
        outputs = runs.outputs[:, [column[t.id] for t in targets]]
        kept = (runs.wave >= 2) & np.isfinite(outputs).all(axis=1)
        if kept.sum() <= 4 * len(runs.ids):
            continue
        at = np.column_stack([normal_score(parameters[id], drawn[id]) for id in runs.ids])
        found = surface(runs.z[kept], scaled(targets, outputs[kept]), at)
        return Levels({t.indicator: found[:, n] for n, t in enumerate(targets)}, "surface")
    return None
