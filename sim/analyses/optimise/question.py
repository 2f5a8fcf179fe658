"""What can be asked: a budget, whose costs, and how thoroughly plans are searched for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from sim.analyses.question import Question, asked
from sim.base.errors import UsageError

KNOBS = ("initiative", "measure")
"""What has a strength of its own."""


@dataclass(frozen=True, kw_only=True)
class OptimiseQuestion(Question):
    """Find strengths and start years that reach most for a yearly budget.

    Outcome targets and solved projects beyond both baselines; deliveries never count.
    Every plan of the surrogate's front is run again on the real model.
    """

    LEFT_OUT: ClassVar[tuple[str, ...]] = ("replicates",)

    budget: float | None = asked(
        None,
        "Yen for each fiscal year [default: what measure 1 at full dose costs].",
        metavar="YEN",
    )
    costs: str | None = asked(None, "Your own costs by initiative (YAML).", metavar="FILE")
    by: str = asked(
        "initiative", "Strengths by initiative or by measure.", choices=KNOBS, metavar="WHAT"
    )
    points: int = asked(5, "Plans of the front that are run for real.", low=1, high=12)
    train: int = asked(400, "Runs that train the surrogate.", low=20)
    search_draws: int = asked(32, "Draws of the search, apart from --draws.", low=2)
    rounds: int = asked(2, "Rounds of search.", low=1, high=5)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.budget is not None and not (math.isfinite(self.budget) and self.budget > 0):
            raise UsageError(f"budget: {self.budget} is not an amount above 0 yen")
        if self.costs is not None:
            from sim.analyses.optimise.own_costs import read_costs

            own = read_costs(self.costs)
            for name in own.keys() & self.set.keys():
                raise UsageError(f"set: {name} is set twice, by the file of costs too")
            object.__setattr__(self, "set", own | dict(self.set))

    def asks(self) -> dict[str, Any]:
        # costs stand among the parameters
        return {name: value for name, value in super().asks().items() if name != "costs"}


QUESTION = OptimiseQuestion
NEEDS = ("pymoo", "experiments")
