"""Parameters: every number of the model that is not code, with unit, range, source and grade.

``calibration/parameters/*.yaml`` map an id to an entry (see docs/scenarios.md, "Parameters"). A
parameter is *fixed*, *uncertain* (drawn in draw 0, 1, 2, ...), *calibrated* (kept at its value
until a posterior exists) or a *lever*. Reading is strict: whatever cannot be meant is refused with
file, line and the nearest valid name (sim/parameter_files.py). Layer: above randomness, resources
and evidence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sim.distributions import Distribution
from sim.errors import UsageError, nearest
from sim.resources import data_dir

KINDS = ("fixed", "uncertain", "calibrated", "lever")
STATUSES = ("provisional", "assumed", "unverified", "official", "derived")


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
        """True if the number is a stand-in until calibration exists."""
        return self.status == "provisional"

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
        if self.bounds is not None and not self.bounds[0] <= x <= self.bounds[1]:
            low, high = self.bounds
            return f"parameter {self.id}: {x:g} is outside its bounds {low:g} to {high:g}"
        return None


class ParameterTable(Mapping[str, Parameter]):
    """All parameters in the order of the files, under one evidence profile."""

    def __init__(self, parameters: Iterable[Parameter]):
        self._all = {p.id: p for p in parameters}

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
        self, overrides: Mapping[str, float] | None = None, draw: int | None = None, seed: int = 0
    ) -> dict[str, float]:
        """The number of every parameter, in the order of the table.

        ``draw`` None gives the central values; draw 0, 1, 2, ... the keyed draws of the uncertain
        ones, each a pure function of (seed, draw, id). Overrides win over draws and change no other
        parameter's draw. Raises UsageError for an unknown id, a value outside its bounds or a
        negative draw.
        """
        overrides = overrides or {}
        for parameter_id, value in overrides.items():
            problem = self.override_problem(parameter_id, value)
            if problem is not None:
                raise UsageError(problem)
        if draw is not None and draw < 0:
            raise UsageError(f"a draw is 0, 1, 2, ..., not {draw}")
        values: dict[str, float] = {}
        for parameter_id, parameter in self._all.items():
            if parameter_id in overrides:
                values[parameter_id] = float(overrides[parameter_id])
            elif draw is None or parameter.kind != "uncertain":
                values[parameter_id] = parameter.value
            else:
                from sim.randomness import parameter_uniform

                values[parameter_id] = parameter.quantile(
                    parameter_uniform(seed, draw, parameter_id)
                )
        return values

    def provisional(self) -> tuple[str, ...]:
        """Ids of the parameters that are stand-ins until calibration exists."""
        return tuple(p.id for p in self._all.values() if p.provisional)

    def to_rows(self) -> list[dict[str, Any]]:
        """One plain dict per parameter, for ``describe parameters --json``; null where unknown."""
        rows: list[dict[str, Any]] = []
        for p in self._all.values():
            ranged = p.distribution is not None
            rows.append(
                {
                    "id": p.id,
                    "value": p.value,
                    "unit": p.unit,
                    "p05": p.quantile(0.05) if ranged else None,
                    "p95": p.quantile(0.95) if ranged else None,
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


_cache: dict[str, tuple[EvidenceValues, ParameterTable]] = {}


def load_parameters(profile: str = "document") -> ParameterTable:
    """The bundled parameters under an evidence profile (a name, or the path of a user's file).

    Cached as long as the profile is; a profile file that was changed since is read again. Raises
    ContentError for a broken parameter or profile file, UsageError for an unknown profile.
    """
    from sim.evidence import load_profile
    from sim.parameter_files import read_table

    evidence = load_profile(profile)
    known = _cache.get(profile)
    if known is None or known[0] is not evidence:
        known = (evidence, read_table(data_dir("calibration", "parameters"), evidence))
        _cache[profile] = known
    return known[1]
