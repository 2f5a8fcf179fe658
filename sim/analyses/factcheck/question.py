"""What can be asked: what one more solved project is worth, and what counts in the choice."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sim.analyses.question import Question, asked


@dataclass(frozen=True, kw_only=True)
class FactcheckQuestion(Question):
    """Rank the unverified figures by how much a choice hangs on them.

    The choice is among the nine standard scenarios; knowing a figure is worth what
    it adds to the net benefit of the scenario then chosen. Names what to verify
    first and where the document says it comes from.
    """

    draws: int = asked(150, "Parameter draws (under 50: no 90 % interval).", low=1)
    scale: str | float | Fraction = asked("1/1000", "Share of residents: 0.01 or 1/100.")
    value: float | None = asked(
        None, "Worth of one more solved project; swept, too.", metavar="YEN"
    )
    trend: bool = asked(False, "Past growth goes on in every scenario.")
    project_budget: bool = asked(False, "The budget of more projects is a cost, too.")
    moved_draws: int = asked(64, "Pairs that test fixed figures: 64, 128 ... or 0.", low=0)

    def asks(self) -> dict[str, Any]:
        """What the runs are weighed with is no part of the study: another value reuses them."""
        return {"trend": self.trend}


QUESTION = FactcheckQuestion
