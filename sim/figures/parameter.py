"""Parameters: every number of the model that is not code, with unit, range, source and grade.

``calibration/parameters/*.yaml`` map an id to an entry (see docs/scenarios.md, "Parameters"). A
parameter is *fixed*, *uncertain* (drawn from its range in draw 0, 1, 2, ...), *calibrated* (drawn
from the posterior ensemble of the profile, sim/figures/posterior.py) or a *lever*. Reading is
strict: whatever cannot be meant is refused with file, line and the nearest valid name
(sim/figures/parameter_files.py). Layer: above randomness, resources and evidence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sim.base.distributions import Distribution
from sim.base.errors import UsageError, nearest
from sim.figures.units import UnitRange, likely, range_of

if TYPE_CHECKING:
    from sim.figures.posterior import Posterior
    from sim.places.features import WardFeatures

PARAMETER_KINDS = ("fixed", "uncertain", "calibrated", "lever")
PARAMETER_STATUSES = ("provisional", "calibrated", "assumed", "unverified", "official", "derived")


class EvidenceValues(Protocol):
    """What is needed of an evidence profile: its ids, and the number of each in model units."""

    def __contains__(self, row_id: object, /) -> bool: ...

    def __iter__(self) -> Iterator[str]: ...

    def value(self, row_id: str, /) -> float:
        """The value of a row, shares as fractions between 0 and 1."""
        ...


@dataclass(frozen=True)
class Parameter:
    """One parameter with its central value and all that a reader needs to judge it.

    ``value`` is in ``unit``; ``value_from`` names the evidence row it was taken from, if any.
    ``bounds`` are hard limits (low, high): values and overrides outside are refused, draws clipped.
    Of a calibrated one, ``distribution`` is the prior and ``value`` the centre of the posterior,
    or the middle of the prior where there is none.
    """

    id: str
    value: float
    unit: str
    kind: str
    status: str
    meaning: str
    distribution: Distribution | None
    bounds: tuple[float, float] | None
    source: str
    evidence: tuple[str, ...]
    value_from: str | None
    file: Path
    line: int

    @property
    def provisional(self) -> bool:
        """True if the number was not calibrated for the profile that is used."""
        return self.status == "provisional"

    @property
    def allowed(self) -> UnitRange:
        """What its value may be: what its unit allows, within its own bounds."""
        return range_of(self.unit, self.bounds)

    def clip(self, x: float) -> float:
        """``x`` moved to the nearest bound if it lies outside."""
        return x if self.bounds is None else min(max(x, self.bounds[0]), self.bounds[1])

    def quantile(self, u: float) -> float:
        """The value at share ``u`` (strictly between 0 and 1), clipped; ``value`` if no range."""
        return self.value if self.distribution is None else self.clip(self.distribution.quantile(u))

    def problem_with(self, x: float) -> str | None:
        """Why ``x`` cannot be this parameter's value, or None."""
        if not math.isfinite(x):
            return f"parameter {self.id}: {x!r} is not a finite number"
        allowed = self.allowed
        problem = allowed.problem(x)
        if problem is None:
            return None
        return f"parameter {self.id}: {problem} ({self.unit}){likely(x, self.unit, allowed)}"


class ParameterTable(Mapping[str, Parameter]):
    """All parameters in the order of the files, under one evidence profile.

    ``posterior``: the ensemble that calibrated parameters are drawn from, if there is one.
    ``ward_features``: what the profile knows of single wards, the one thing beside parameters that
    enters the model from it.
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        posterior: Posterior | None = None,
        ward_features: WardFeatures | None = None,
    ):
        self._all = {p.id: p for p in parameters}
        self.posterior = posterior
        self.ward_features: WardFeatures = ward_features or {}

    def __getitem__(self, parameter_id: str) -> Parameter:
        return self._all[parameter_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def override_problem(self, parameter_id: str, value: float) -> str | None:
        """Why an override cannot be used (unknown id with the nearest one, bounds), or None."""
        parameter = self._all.get(parameter_id)
        if parameter is None:
            return f"unknown parameter '{parameter_id}'{nearest(parameter_id, self._all)}"
        return parameter.problem_with(value)

    def resolve(
        self,
        overrides: Mapping[str, float] | None = None,
        draw: int | None = None,
        seed: int = 0,
        effects_draw: int | None = None,
    ) -> dict[str, float]:
        """The number of every parameter, in the order of the table.

        ``draw`` None gives the central values; draw 0, 1, 2, ... one row of the posterior and keyed
        draws of the uncertain ones, each a pure function of (seed, draw, id); without a posterior
        the calibrated ones are drawn from their priors. ``effects_draw``: another draw for all that
        is not calibrated. Overrides win over draws and change no other parameter's draw.

        Raises UsageError for an unknown id, a value outside its bounds or a negative draw.
        """
        overrides = overrides or {}
        for parameter_id, value in overrides.items():
            problem = self.override_problem(parameter_id, value)
            if problem is not None:
                raise UsageError(problem)
        for given in (draw, effects_draw):
            if given is not None and given < 0:
                raise UsageError(f"a draw is 0, 1, 2, ..., not {given}")
        joint: Mapping[str, float] = {}
        if draw is not None and self.posterior is not None:
            joint = self.posterior.row(seed, draw)
        values: dict[str, float] = {}
        for parameter_id, parameter in self._all.items():
            if parameter_id in overrides:
                values[parameter_id] = float(overrides[parameter_id])
            elif parameter_id in joint:
                values[parameter_id] = parameter.clip(joint[parameter_id])
            elif draw is None or parameter.kind not in ("uncertain", "calibrated"):
                values[parameter_id] = parameter.value
            else:
                from sim.base.randomness import parameter_uniform

                index = draw if effects_draw is None else effects_draw
                if parameter.kind == "calibrated":
                    index = draw
                values[parameter_id] = parameter.quantile(
                    parameter_uniform(seed, index, parameter_id)
                )
        return values

    def with_posterior(self, posterior: Posterior) -> ParameterTable:
        """The table with calibrated parameters at the centre of an ensemble, to draw from it."""
        status = "provisional" if posterior.borrowed else "calibrated"
        moved = [
            replace(p, value=p.clip(posterior.centre[p.id]), status=status)
            if p.kind == "calibrated"
            else p
            for p in self._all.values()
        ]
        return ParameterTable(moved, posterior, self.ward_features)

    def calibrated(self) -> tuple[Parameter, ...]:
        """The parameters that calibration estimates, in order."""
        return tuple(p for p in self._all.values() if p.kind == "calibrated")

    def range_of(self, p: Parameter) -> tuple[float, float] | None:
        """5th and 95th percentile of what is drawn: posterior, else range; None if fixed."""
        if self.posterior is not None and p.kind == "calibrated":
            drawn = self.posterior.values[:, self.posterior.ids.index(p.id)]
            low, high = sorted(drawn)[len(drawn) // 20], sorted(drawn)[-1 - len(drawn) // 20]
            return float(low), float(high)
        return None if p.distribution is None else (p.quantile(0.05), p.quantile(0.95))

    def provisional(self) -> tuple[str, ...]:
        """Ids of the parameters that were not calibrated for the profile that is used."""
        return tuple(p.id for p in self._all.values() if p.provisional)

    def to_rows(self) -> list[dict[str, Any]]:
        """One plain dict per parameter, for ``describe parameters --json``; null where unknown."""
        rows: list[dict[str, Any]] = []
        for p in self._all.values():
            drawn = self.range_of(p)
            prior = p.distribution is not None and p.kind == "calibrated"
            rows.append(
                {
                    "id": p.id,
                    "value": p.value,
                    "unit": p.unit,
                    "p05": None if drawn is None else drawn[0],
                    "p95": None if drawn is None else drawn[1],
                    "prior_p05": p.quantile(0.05) if prior else None,
                    "prior_p95": p.quantile(0.95) if prior else None,
                    "low": None if p.bounds is None else p.bounds[0],
                    "high": None if p.bounds is None else p.bounds[1],
                    "kind": p.kind,
                    "status": p.status,
                    "provisional": p.provisional,
                    "meaning": p.meaning,
                    "source": p.source,
                    "evidence": list(p.evidence),
                    "value_from": p.value_from,
                    "file": p.file.name,
                    "line": p.line,
                }
            )
        return rows
