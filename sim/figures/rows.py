"""What one figure of the evidence registry is: its fields, and the words that they may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_PERCENT = {
    "percent": "share",
    "percentage points": "difference of shares",
    "percent change": "relative change",
    "percent per year": "share per year",
    "percent change per year": "relative change per year",
}
_PLAIN = (
    "count",
    "count per year",
    "yen",
    "yen per year",
    "persons",
    "persons, full-time equivalent",
    "hours per year",
    "ratio",
    "year",
    "years",
    "age in years",
    "times per year",
    "times per month",
    "date",
)
UNITS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {printed: (unit, 100) for printed, unit in _PERCENT.items()}
    | {unit: (unit, 1) for unit in (*_PERCENT.values(), *_PLAIN)}
)
"""Unit in a file -> (unit in the program, divisor): ``percent`` over 100 is a ``share``."""
BOUNDS: Mapping[str, tuple[float, float]] = {
    "share": (0.0, 1.0),
    "share per year": (0.0, 1.0),
    "difference of shares": (-1.0, 1.0),
    "relative change": (-1.0, float("inf")),
    "relative change per year": (-1.0, float("inf")),
}
"""Unit in the program -> range of its values; others are at least 0."""
ROLES = (
    "input",
    "fitted",
    "anchored",
    "held_out",
    "effect",
    "target",
    "context",
    "duplicate",
    "derived",
)
AGENTS = ("resident", "npo", "ward", "intermediary", "project", "system")
STATUSES = ("unverified", "official", "derived", "assumed")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure comes from; ``line`` counts in ``file`` (source document or a data file)."""

    title: str
    organisation: str = "not stated"
    fiscal_year: int | None = None
    line: int | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One figure. ``value`` is a fraction for the units share, difference of shares and relative
    change (and those per year), a text for the unit date, else a number in ``unit``; ``printed``
    is what the file says, empty where the value was computed or taken over from another row.
    ``profile`` is the one that the value comes from, ``flag`` a warning about its use."""

    id: str
    quantity: str
    value: float | str
    unit: str
    printed: str
    population: str
    period: str
    source: Source
    role: str
    status: str
    profile: str
    agent: str = ""
    initiative: str = ""
    comparator: str = ""
    conflicts_with: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    duplicate_of: str = ""
    formula: str = ""
    derived_from: tuple[str, ...] = ()
    flag: str = ""
    note: str = ""

    @property
    def treatment(self) -> tuple[str, ...]:
        """Ids of the consistency findings on this figure; docs/evidence.md tells the treatment."""
        return self.checks
