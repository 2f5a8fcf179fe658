"""What can be asked: which scenarios are put off, and what chance of a target is enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.analyses.question import Question, asked

EACH_MEASURE = ("m1", "m2", "m3")
"""The scenarios that are put off where none is named: each measure by itself."""


@dataclass(frozen=True, kw_only=True)
class TimingQuestion(Question):
    """Tell the price of waiting: what each year of delay loses.

    Every scenario is started in the first year, one year later, and so on to the
    last year of the horizon. Prints what is lost in solved projects and in chances
    of targets, the last start that still reaches a target, and when waiting costs
    most. The default takes about five minutes on two cores.
    """

    scenarios: tuple[str, ...] = asked(
        (), "Ids or files [default: each measure by itself].", metavar="SCENARIO", argument=True
    )
    chance: float = asked(
        0.5, "Chance from which a target counts as within reach.", low=0.0, high=1.0
    )

    def asks(self) -> dict[str, Any]:
        from sim.scenario.reader import load_scenario

        named = self.scenarios or EACH_MEASURE
        return {"scenarios": [load_scenario(n, self.years).to_dict(labels=False) for n in named]}


QUESTION = TimingQuestion
