"""The uncertain factors of a scenario: what is varied, how it is grouped, what a point means.

A point is a row of shares u in (0, 1), one per column. Of an `uncertain` parameter u is the
quantile. The `calibrated` parameters are correlated, so they are no factors one by one: they form
ONE factor, ``behaviour``, with one column per parameter. Its columns are independent: their normal
scores s are mixed by the symmetric root of the ensemble's rank correlations, and each parameter is
the quantile of its own column in the ensemble at Phi(z), z = R^1/2 s (a normal copula; margins and
rank correlations are the ensemble's, no value lies outside it). Picking a row of the ensemble would
be exact, but a number of a row is no coordinate: neither Morris' steps nor a surrogate could use
it.

Only what can matter is varied: parameters of initiatives that are off or come too late, fading
without a stop, costs where no cost is asked about, and what the user has set are left out
(tests/cli hold that these change nothing). Used by sensitivity, factcheck and scenario discovery.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analyses.shared.names import BEHAVIOUR
from sim.base.distributions import Bernoulli, Choice
from sim.base.errors import UsageError, nearest
from sim.base.user_choices import GROUPS
from sim.figures.parameter import Parameter
from sim.figures.parameters import load_parameters
from sim.runs.spec import EFFECT_GROUPS

if TYPE_CHECKING:
    from sim.figures.posterior import Posterior
    from sim.scenario.types import InitiativeSetting, Scenario

Floats = NDArray[np.float64]

COSTS = ("unit_cost", "fixed_cost")
DELIVERY = ("ramp_months", "decay_half_life", "uptake", "adoption", "online_share", "load_limit",
            "reach_gain")  # fmt: skip
"""Last words of parameters that say how much is delivered; what is left says what it does."""

COST_INDICATORS = ("programme_cost",)
"""Indicators that read unit costs; nothing else in the model does."""

OWN = ("works", "own_log")
"""Parts of the discount that belong to one initiative: its claims' own truth."""
EDGE = 1e-9
"""Shares are kept this far from 0 and 1, where quantiles would be infinite."""


_GRID, _HALVINGS = 200, 40
"""How the jumps of a parameter with a few values are found."""


@dataclass(frozen=True)
class Coordinate:
    """One coordinate of a point: a parameter, and the factor that it belongs to."""

    parameter: Parameter
    factor: str

    @property
    def id(self) -> str:
        """The parameter's id."""
        return self.parameter.id

    @property
    def discrete(self) -> bool:
        """Whether it has a few values only (works or not, one reading or the other)."""
        return isinstance(self.parameter.distribution, Bernoulli | Choice)


@dataclass(frozen=True)
class Factors:
    """The factors of a scenario: ``columns`` in order, those of behaviour first.

    ``posterior``: the ensemble that behaviour comes from; None: its priors, each by itself.
    ``fixed``: ids that the user has set, which no point contains.
    """

    columns: tuple[Coordinate, ...]
    posterior: Posterior | None
    fixed: frozenset[str]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The factors, in order."""
        return tuple(dict.fromkeys(self.of_column))

    @cached_property
    def of_column(self) -> tuple[str, ...]:
        """The factor of each column."""
        return tuple(c.factor for c in self.columns)

    def members(self, factor: str) -> tuple[Coordinate, ...]:
        """The columns of a factor."""
        return tuple(c for c in self.columns if c.factor == factor)

    @cached_property
    def _margins(self) -> tuple[Floats, Floats]:
        """Sorted ensemble [draws, behaviour columns] and the symmetric root of its correlations."""
        from scipy.special import ndtri
        from scipy.stats import rankdata

        assert self.posterior is not None
        places = [self.posterior.ids.index(c.id) for c in self.members(BEHAVIOUR)]
        values = self.posterior.values[:, places]
        scores = ndtri((rankdata(values, axis=0) - 0.5) / len(values))
        correlation = np.atleast_2d(np.corrcoef(scores, rowvar=False))
        size, direction = np.linalg.eigh(correlation)
        root: Floats = (direction * np.sqrt(np.maximum(size, 0.0))) @ direction.T
        return np.sort(values, axis=0), root

    def values(self, u: Floats) -> Floats:
        """The parameters [points, columns] at shares ``u`` [points, columns], in natural units."""
        from scipy.special import ndtr, ndtri

        u = np.clip(np.asarray(u, dtype=np.float64), EDGE, 1.0 - EDGE)
        out = np.empty_like(u)
        joint = len(self.members(BEHAVIOUR)) if self.posterior is not None else 0
        if joint:
            ordered, root = self._margins
            mixed = ndtr(ndtri(u[:, :joint]) @ root)
            at = (np.arange(len(ordered)) + 0.5) / len(ordered)
            for j in range(joint):
                drawn = np.interp(mixed[:, j], at, ordered[:, j])
                out[:, j] = [self.columns[j].parameter.clip(float(x)) for x in drawn]
        for j in range(joint, len(self.columns)):
            out[:, j] = [self.columns[j].parameter.quantile(float(x)) for x in u[:, j]]
        return out

    def parameters(self, u: Floats) -> list[dict[str, float]]:
        """Overrides for a RunSpec with ``draw=None``, one dict per point; without fixed ids."""
        ids = [c.id for c in self.columns]
        return [
            {id: x for id, x in zip(ids, row, strict=True) if id not in self.fixed}
            for row in self.values(u).tolist()
        ]

    def features(self, u: Floats) -> Floats:
        """Coordinates for a regression [points, columns], each with mean 0 and sd 1 over u.

        Normal scores; of a parameter with a few values, the value itself, scaled: a straight line
        in its score would miss the step.
        """
        from scipy.special import ndtri

        out: Floats = ndtri(np.clip(np.asarray(u, dtype=np.float64), EDGE, 1.0 - EDGE))
        for j, (steps, values, mean, sd) in self._steps.items():
            out[:, j] = (values[np.searchsorted(steps, u[:, j], side="left")] - mean) / sd
        return out

    @cached_property
    def _steps(self) -> dict[int, tuple[Floats, Floats, float, float]]:
        """Column number -> (shares where a discrete parameter jumps, its values, mean, sd)."""
        out = {}
        for j, column in enumerate(self.columns):
            if not column.discrete:
                continue
            quantile = column.parameter.quantile
            grid = [(n + 0.5) / _GRID for n in range(_GRID)]
            at = [quantile(x) for x in grid]
            steps, values = [], [at[0]]
            for n in range(1, _GRID):
                if at[n] != at[n - 1]:
                    low, high = grid[n - 1], grid[n]
                    for _ in range(_HALVINGS):
                        middle = (low + high) / 2
                        low, high = (
                            (middle, high) if quantile(middle) == at[n - 1] else (low, middle)
                        )
                    steps.append(high)
                    values.append(at[n])
            mass = np.diff([0.0, *steps, 1.0])
            x = np.array(values)
            mean = float(mass @ x)
            sd = float(np.sqrt(mass @ (x - mean) ** 2))
            out[j] = (np.array(steps), x, mean, max(sd, EDGE))
        return out

    def rows(self) -> list[dict[str, Any]]:
        """One plain dict per column: where a factor comes from, for the table of a report."""
        ends = self.values(np.tile([[0.05], [0.95]], (1, len(self.columns))))
        if self.posterior is not None and self.members(BEHAVIOUR):
            ordered = self._margins[0]
            ends[:, : ordered.shape[1]] = np.quantile(ordered, [0.05, 0.95], axis=0)
        return [
            {
                "factor": c.factor,
                "parameter": c.id,
                "kind": c.parameter.kind,
                "value": c.parameter.value,
                "unit": c.parameter.unit,
                "p05": float(ends[0, j]),
                "p95": float(ends[1, j]),
                "status": c.parameter.status,
                "evidence": list(c.parameter.evidence),
                "meaning": c.parameter.meaning,
                "source": c.parameter.source,
            }
            for j, c in enumerate(self.columns)
            if c.id not in self.fixed
        ]


def behaviour_of(parameters: Mapping[str, float]) -> dict[str, float]:
    """The part of a point that the baseline depends on: all but ``EFFECT_GROUPS``."""
    return {id: x for id, x in parameters.items() if not id.startswith(EFFECT_GROUPS)}


def factors_of(
    scenario: Scenario,
    *,
    profile: str = "document",
    discount: str = "discounted",
    years: int = 10,
    fixed: Collection[str] = (),
    level: str = "initiative",
    costs: bool = False,
) -> Factors:
    """The factors that can matter for a scenario within ``years``.

    ``fixed``: parameters that the user has set, beside those of the scenario itself. ``level``: one
    of GROUPS. ``costs``: vary unit costs too. Raises UsageError for an unknown level.
    """
    if level not in GROUPS:
        raise UsageError(f"unknown level '{level}'{nearest(level, GROUPS)}: {' | '.join(GROUPS)}")
    table = load_parameters(profile)
    held = frozenset(fixed) | frozenset(scenario.parameters)
    behaviour = [Coordinate(p, BEHAVIOUR) for p in table.calibrated()]
    if table.posterior is not None:
        known = table.posterior.ids
        behaviour = [c for c in behaviour if c.id in known]
    else:
        behaviour = [c for c in behaviour if c.id not in held]
    if all(c.id in held for c in behaviour):
        behaviour = []
    others = [
        Coordinate(p, factor_name(p.id, level))
        for p in table.values()
        if p.kind == "uncertain"
        and p.id not in held
        and matters(p.id, scenario, discount, 12 * years, costs)
    ]
    # all columns of a factor stand together
    order = {name: n for n, name in enumerate(dict.fromkeys(c.factor for c in others))}
    others.sort(key=lambda c: order[c.factor])
    return Factors((*behaviour, *others), table.posterior, held)


def factor_name(id: str, level: str = "initiative") -> str:
    """The factor of an uncertain parameter: ``2.3``, ``2.3 effect`` or ``discount``, or its id."""
    if level == "parameter":
        return id
    words = id.split(".")
    if words[0] != "initiative":
        return words[0]
    initiative = ".".join(words[1:3])
    if level == "initiative":
        return initiative
    part = "cost" if words[3] in COSTS else "delivery" if words[3] in DELIVERY else "effect"
    return f"{initiative} {part}"


def running(scenario: Scenario, months: int) -> dict[str, InitiativeSetting]:
    """The initiatives of a scenario that start within ``months`` with any strength."""
    return {k: s for k, s in scenario.initiatives.items() if s.strength > 0 and s.start < months}


def matters(id: str, scenario: Scenario, discount: str, months: int, costs: bool) -> bool:
    """Whether an uncertain parameter can change an outcome of a scenario within ``months``.

    ``discount``: the mode of the runs. ``costs``: whether costs are outcomes that are asked about.
    """
    words = id.split(".")
    on = running(scenario, months)
    if words[0] == "discount":
        return bool(on) and discount == "discounted"
    if words[0] != "initiative":
        return True
    setting = on.get(".".join(words[1:3]))
    return setting is not None and _read(words[3], setting, discount, months, costs)


def _read(name: str, setting: InitiativeSetting, discount: str, months: int, costs: bool) -> bool:
    """Whether a running initiative reads its parameter ``name``."""
    if name in COSTS:
        return costs
    if name in OWN:
        return discount == "discounted"
    if name == "decay_half_life":
        return setting.stop is not None and setting.stop < months
    return name != "ramp_months" or setting.ramp_months is None
