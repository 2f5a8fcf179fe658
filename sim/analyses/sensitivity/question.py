"""What can be asked: of which result the unknowns are ranked, and how."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from sim.analyses.question import Question, asked
from sim.analyses.shared.names import SOLVED_TOTAL
from sim.base.user_choices import GROUPS

SENSITIVITY_METHODS = ("auto", "morris", "sobol", "surrogate", "delta", "pawn")


@dataclass(frozen=True, kw_only=True)
class SensitivityQuestion(Question):
    """Rank the unknowns by how far they move a result.

    Indices of behaviour, the shared discount and each initiative over the years,
    with intervals, convergence and the share of luck.
    """

    LEFT_OUT: ClassVar[tuple[str, ...]] = ("draws", "replicates")

    scenario: str = asked("all_measures", "Id or file.", metavar="[SCENARIO]", argument=True)
    indicator: str = asked(SOLVED_TOTAL, "What is looked at.", metavar="ID")
    effect: bool = asked(
        True, "Paired effect against the baseline, or the level.", flag="--effect/--level"
    )
    method: str = asked(
        "auto",
        "auto: Sobol' where the points suffice, else a surrogate.",
        choices=SENSITIVITY_METHODS,
    )
    points: int = asked(256, "Parameter vectors to run, about.", low=8)
    group: str = asked("initiative", "What counts as one factor.", choices=GROUPS)
    scale: str | float | Fraction = asked("1/1000", "Share of residents: 0.01 or 1/100.")

    def __post_init__(self) -> None:
        # a point is a draw of all parameters: their number may grow within a folder
        object.__setattr__(self, "draws", self.points)
        super().__post_init__()

    def asks(self) -> dict[str, Any]:
        from sim.scenario.reader import load_scenario

        return {
            "scenario": load_scenario(self.scenario, self.years).to_dict(labels=False),
            "indicator": self.indicator,
            "effect": self.effect,
            "method": self.method,
            "group": self.group,
        }


QUESTION = SensitivityQuestion
NEEDS = ("sklearn", "experiments")
