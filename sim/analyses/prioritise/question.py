"""What can be asked: what is put in order, and when it is stopped to see what remains."""

from __future__ import annotations

from dataclasses import dataclass

from sim.analyses.question import Question, asked
from sim.base.user_choices import LEVELS

CRITERIA = ("immediacy", "feasibility", "cost", "fairness", "evidence")
"""The document's five criteria (lines 174-193)."""


@dataclass(frozen=True, kw_only=True)
class PrioritiseQuestion(Question):
    """Check the document's order of priority, criterion by criterion.

    Its five criteria as a scorecard computed from runs: immediacy and spill-over,
    feasibility, cost-effectiveness, fairness and sustainability, evidence. Says for
    each whether it alone would give the asserted order, and how surely.
    """

    level: str = asked(
        "measures", "Put in order: the 3 measures or the 15 initiatives.", choices=LEVELS
    )
    stop_after: int | None = asked(
        None,
        "Stop at the end of this year to see what remains [default: 5].",
        low=1,
        metavar="YEARS",
    )


QUESTION = PrioritiseQuestion
