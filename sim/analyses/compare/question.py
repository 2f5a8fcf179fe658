"""What can be asked: which scenarios run like for like, or one by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.analyses.question import Question, asked
from sim.base.user_choices import BY

if TYPE_CHECKING:
    from sim.runs.spec import Design

SPLITS = BY[1:]
_BY_HELP = "Also record every ward or month."


@dataclass(frozen=True, kw_only=True)
class CompareQuestion(Question):
    """Compare scenarios with the baseline, like for like.

    Same draws and same dice; the baseline is always among them. Prints a table and
    writes results, charts and a summary to --out.
    """

    scenarios: tuple[Any, ...] = asked(
        (), "Ids or files [default: the standard eight].", metavar="SCENARIO", argument=True
    )
    by: str | None = asked(None, _BY_HELP, choices=SPLITS)
    explain: int = asked(
        0, "More runs of N draws: what the intervals come from.", low=0, metavar="N"
    )

    def asks(self) -> dict[str, Any]:
        return _asks(self)


@dataclass(frozen=True, kw_only=True)
class RunQuestion(Question):
    """Run one scenario by itself.

    Prints its indicators; central values unless --draws is given. One scenario
    alone shows no effect: use compare for that.
    """

    scenario: str = asked(help="Id or file.", metavar="SCENARIO", argument=True)
    by: str | None = asked(None, _BY_HELP, choices=SPLITS)
    draws: int | None = asked(None, "Parameter draws [default: central values].", low=1)

    def asks(self) -> dict[str, Any]:
        return _asks(self)


def _asks(question: CompareQuestion | RunQuestion) -> dict[str, Any]:
    """What is compared; how many draws explain the intervals may change within one folder."""
    design = design_of(question)
    return {
        "scenarios": [s.to_dict(labels=False) for s in design.scenarios],
        "by": design.by,
        "central": design.draws is None,
    }


def design_of(question: CompareQuestion | RunQuestion) -> Design:
    """The design of a question. Raises UsageError and ContentError."""
    from sim.analyses.compare.design import build_design

    alone = isinstance(question, RunQuestion)
    names = [question.scenario] if isinstance(question, RunQuestion) else [*question.scenarios]
    return build_design(
        names or None,
        draws=question.draws,
        replicates=question.replicates,
        scale=question.scale,
        years=question.years,
        seed=question.seed,
        profile=question.profile,
        discount=question.discount,
        parameters=question.set,
        by=question.by or "year",
        with_baseline=not alone,
    )


QUESTION = CompareQuestion
FURTHER: Mapping[str, type[Question]] = {"run": RunQuestion}
