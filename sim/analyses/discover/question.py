"""What can be asked: which package, and which goals in place of all targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

from sim.analyses.question import Asked, Question, asked


@dataclass(frozen=True, kw_only=True)
class DiscoverQuestion(Question):
    """Tell under which assumptions a package misses its targets.

    Prints plain sentences: limits on few assumptions within which misses gather,
    checked on draws that were kept apart; and says where nothing predicts them.
    """

    LEFT_OUT: ClassVar[tuple[str, ...]] = ("replicates",)

    scenario: str = asked(help="Id or file.", metavar="SCENARIO", argument=True)
    goal: Mapping[str, float] = field(
        default_factory=dict,
        metadata={
            "asked": Asked("Your own target instead of all; can be repeated.", metavar="ID=VALUE")
        },
    )
    draws: int = asked(300, "Parameter draws (under 50: no 90 % interval).", low=1)
    scale: str | float | Fraction = asked("1/1000", "Share of residents: 0.01 or 1/100.")

    def asks(self) -> dict[str, Any]:
        """The package; goals are no part of the study, so that other goals reuse its runs."""
        from sim.scenario.reader import load_scenario

        return {"scenario": load_scenario(self.scenario, self.years).to_dict(labels=False)}


QUESTION = DiscoverQuestion
NEEDS = ("sklearn", "experiments")
