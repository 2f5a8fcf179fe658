"""From a question to a scorecard: runs of all worlds, then figures, ranks and verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analyses.prioritise.card import Scorecard, build
from sim.analyses.prioritise.scorecard import check_stop
from sim.analyses.prioritise.scorecard_figures import Inputs
from sim.analyses.prioritise.worlds import (
    OPTIONAL,
    READ,
    ScorecardSettings,
    alternatives,
    arms,
    paths_of,
)
from sim.analyses.shared.trend import refuse_trend
from sim.scenario.bundled import BASELINE
from sim.scenario.reader import load_scenario

if TYPE_CHECKING:
    from sim.analyses.prioritise.question import PrioritiseQuestion
    from sim.analyses.study import Study


def settings_of(question: PrioritiseQuestion, study: Study) -> ScorecardSettings:
    """The constants of judgement. Raises UsageError for a stop that leaves no year to look at."""
    settings = ScorecardSettings.of(study.value, question.stop_after)
    check_stop(question.years, settings.stop, settings.after)
    return settings


def check(question: PrioritiseQuestion, study: Study) -> None:
    """Refuse what cannot be put in order. Raises UsageError."""
    refuse_trend(study.parameters)
    settings_of(question, study)


def answer(question: PrioritiseQuestion, study: Study) -> Scorecard:
    """Run every alternative in all worlds and compute the scorecard.

    Raises KyodoError where a run failed: one missing number makes every rank wrong.
    """
    found, settings = alternatives(question.level), settings_of(question, study)
    study.name(load_scenario(BASELINE), *(a.scenario for a in found))
    worlds = arms(found, settings.stop, study.profile)
    specs = [
        study.spec(scenario, draw, replicate)
        for draw in range(question.draws or 1)
        for replicate in range(question.replicates)
        for scenario in worlds
    ]
    results = study.run(specs, "scorecard")
    results.require_whole([i for i in READ if i not in OPTIONAL])
    paths = paths_of(results.cube(READ), specs, len(found), question.replicates)
    return build(Inputs(paths, found, settings, study.profile), question.seed)
