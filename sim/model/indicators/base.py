"""What an indicator is: a declaration and a formula over agents' states and deliveries.

Every value is computed from agents' states and deliveries at the end of a fiscal year (or month);
no scenario can set one. A measurement is a ratio of sums by ward, a total by ward, or one number
for the city, so results by ward and for all wards come from the same formula.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.model.agents.world import World

    Array = NDArray[Any]

Level = Literal["KGI", "KSI", "KPI-outcome", "KPI-output", "auxiliary"]
Kind = Literal["outcome", "delivery", "auxiliary"]
DOCUMENT_KINDS: tuple[Kind, ...] = ("outcome", "delivery")
"""Kinds of the document's own indicators, which have targets; the two are never added up."""


@dataclass(frozen=True)
class Measurement:
    """``top`` over ``bottom``, both (areas,), or alone; or one ``city`` value (None: not known)."""

    top: Array | None = None
    bottom: Array | None = None
    city: float | None = None

    def all_wards(self) -> float | None:
        """Value for all wards together; None where it is not available."""
        if self.top is None:
            return self.city
        if self.bottom is None:
            return float(np.add.reduce(self.top))
        total = float(np.add.reduce(self.bottom))
        return float(np.add.reduce(self.top)) / total if total > 0 else None

    def by_ward(self) -> list[float | None] | None:
        """Value of each ward, None where it is not available; None if only known for the city."""
        if self.top is None:
            return None
        if self.bottom is None:
            return [float(v) for v in self.top]
        return [
            float(t) / float(b) if b > 0 else None
            for t, b in zip(self.top, self.bottom, strict=True)
        ]


@dataclass(frozen=True)
class Indicator:
    """Declaration of an indicator. ``target`` and ``current`` are ids of evidence rows.

    ``direction`` +1: higher is better, -1: lower, 0: neither. ``kind`` outcome | delivery (the
    plan, limited by uptake) | auxiliary. ``monthly``: can be measured at the end of any month.
    """

    id: str
    name_en: str
    name_ja: str
    unit: str
    direction: int
    formula: str
    measure: Callable[[World], Measurement]
    level: Level = "auxiliary"
    kind: Kind = "auxiliary"
    target: str | None = None
    current: str | None = None
    measured_as: str = "not an indicator of the document"
    evidence: tuple[str, ...] = ()
    limits: str = ""
    monthly: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        # formulas are plain lambdas, which cannot be sent to a worker: the id can
        return registered, (self.id,)


DECLARED: dict[str, Indicator] = {}
"""The declared indicators by id; ``sim.model.indicators`` fills it when it is loaded."""


def registered(id: str) -> Indicator:
    """The declared indicator of an id."""
    return DECLARED[id]


def share(top: Array, bottom: Array) -> Measurement:
    """Ratio of two counts by ward."""
    return Measurement(np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64))


def total(amount: Array) -> Measurement:
    """Total of a count by ward."""
    return Measurement(np.asarray(amount, dtype=np.float64))


def city(value: float | None) -> Measurement:
    """One number for all wards together."""
    return Measurement(city=None if value is None else float(value))
