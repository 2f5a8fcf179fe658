"""What can be asked: whose effect is divided, among what, and for which indicators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.analyses.question import Question, asked
from sim.base.user_choices import LEVELS


@dataclass(frozen=True, kw_only=True)
class AttributeQuestion(Question):
    """Divide a scenario's effect among its measures and initiatives.

    Shapley shares that add up to the effect, interactions of the measures on two
    scales, and the projects beside what past growth does alone. The default takes
    some minutes on two cores.
    """

    scenario: str = asked(
        "all_measures", "Id or file: whose initiatives.", metavar="[SCENARIO]", argument=True
    )
    level: str = asked(
        "initiatives", "Divide among measures only, or initiatives too.", choices=LEVELS
    )
    permutations: int = asked(2, "Orders of initiatives per run (even).", low=2, metavar="N")
    indicator: tuple[str, ...] = asked(
        (), "Can be repeated [default: the 24 and three more].", metavar="ID"
    )

    @property
    def orders(self) -> int:
        """Orders of initiatives that are sampled for a run; 0 at the level of measures."""
        return self.permutations if self.level == "initiatives" else 0

    def asks(self) -> dict[str, Any]:
        from sim.analyses.attribute.plan import indicators_of
        from sim.scenario.reader import load_scenario

        return {
            "scenario": load_scenario(self.scenario, self.years).to_dict(labels=False),
            "level": self.level,
            "permutations": self.orders,
            "indicators": list(indicators_of(self.indicator)),
        }


QUESTION = AttributeQuestion
