"""Under which assumptions a package misses its targets: runs, and boxes for every target.

Layer: experiments. The search itself is sim.analyses.discover.rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.analyses.discover.assumptions import Assumptions, assumptions_of
from sim.analyses.discover.rules import (
    FEWEST_CASES,
    HELD_OUT,
    RULES,
    Bools,
    BoxFinding,
    Floats,
    Rules,
    find_boxes,
    rules_of,
    settle,
)
from sim.analyses.discover.sentences import COUNT
from sim.analyses.shared.reached import is_reached, margin, target_value
from sim.analyses.shared.values import known_indicator, outcomes
from sim.base.errors import KyodoError, UsageError
from sim.figures.evidence import load_profile
from sim.model.indicators import INDICATORS
from sim.scenario.bundled import BASELINE
from sim.scenario.reader import load_scenario

if TYPE_CHECKING:
    from sim.analyses.discover.question import DiscoverQuestion
    from sim.analyses.study import Study
    from sim.figures.evidence import Profile
    from sim.figures.parameter import Parameter
    from sim.runs.run_all import Results
    from sim.runs.spec import RunSpec
    from sim.scenario.types import Scenario

FEWEST_DRAWS = 2 * FEWEST_CASES * HELD_OUT // (HELD_OUT - 1)
"""Fewest draws: with fewer, no target can have enough misses and hits for a tree."""

Spec = Callable[..., "RunSpec"]
Run = Callable[[Sequence["RunSpec"], str], "Results"]


@dataclass(frozen=True)
class Goal:
    """An indicator that should reach ``value`` in the last year; COUNT: that many targets.

    ``direction``: +1 if it should be at least ``value``. ``own``: set by the user."""

    indicator: str
    value: float
    direction: int = 1
    own: bool = False

    def margin(self, values: Floats) -> Floats:
        """By how much each value reaches the goal (0 or more) or misses it; NaN without a value."""
        return margin(values, self.value, self.direction)

    def reached(self, values: Floats) -> Bools:
        """Which values reach the goal; one that is not available does not."""
        return is_reached(values, self.value, self.direction)


@dataclass(frozen=True)
class Answer:
    """What was found about one goal. ``baseline_missed``: draws in which the baseline misses it.

    ``nearest``: the value of the draw that comes nearest to the other side (the best one where the
    goal is always missed, the worst where it never is), None without any value.
    """

    goal: Goal
    finding: BoxFinding
    baseline_missed: int
    nearest: float | None


@dataclass(frozen=True)
class Discovery:
    """Answers for one scenario, and the assumptions that were looked at."""

    scenario: Scenario
    answers: tuple[Answer, ...]
    assumptions: Assumptions
    fiscal_year: int
    draws: int
    rules: Rules


def goals_of(own: Mapping[str, float], profile: Profile) -> tuple[Goal, ...]:
    """The goals: the user's (indicator -> value), else the targets of all outcome indicators.

    Raises UsageError for an unknown indicator, or one without a better direction.
    """
    goals = []
    for id, value in own.items():
        declared = INDICATORS[known_indicator(id)]
        if not declared.direction:
            raise UsageError(f"{id}: neither more nor less of it is better, so it is no goal")
        if declared.unit == "share" and not 0.0 <= value <= 1.0:
            raise UsageError(f"{id} is a share: write it as a fraction, as {id}=0.8, not {value:g}")
        goals.append(Goal(id, value, declared.direction, own=True))
    if own:
        return tuple(goals)
    for id in outcomes():
        declared = INDICATORS[id]
        target = target_value(declared, profile)
        if target is not None:
            goals.append(Goal(id, target, declared.direction))
    return tuple(goals)


def check_draws(draws: int) -> None:
    """Raise UsageError for a number of draws that no tree can learn from."""
    if draws < FEWEST_DRAWS:
        raise UsageError(f"draws: {draws} are too few, at least {FEWEST_DRAWS} are needed")


def discover(
    scenario: Scenario,
    baseline: Scenario,
    goals: Sequence[Goal],
    draws: int,
    spec: Spec,
    run: Run,
    parameters: Mapping[str, Parameter],
    discount: str,
    rules: Rules,
) -> Discovery:
    """Run the scenario and the baseline over the draws, and look for boxes of each goal.

    Without goals of the user's, one is added: as many outcome targets as the median draw reaches.
    Raises UsageError for too few draws or for the baseline itself, KyodoError if a run failed.
    """
    check_draws(draws)
    scenarios = [baseline] if scenario.id == baseline.id else [baseline, scenario]
    specs = [spec(s, draw=draw) for draw in range(draws) for s in scenarios]
    results = run(specs, f"{scenario.id} and the baseline x {draws} draws")
    if results.failures:
        results.require_whole()
        raise KyodoError("a run failed")
    indicators = [goal.indicator for goal in goals]
    last = results.cube(indicators)[:, :, -1].reshape(draws, len(scenarios), len(goals))
    resolved = [specs[d * len(scenarios)].resolved for d in range(draws)]
    drawn = {id: np.array([row[id] for row in resolved]) for id in resolved[0]}
    assumptions = assumptions_of(scenario, parameters, drawn, discount, specs[0].years)
    values = {goal: (last[:, -1, n], last[:, 0, n]) for n, goal in enumerate(goals)}
    if not any(goal.own for goal in goals):
        values |= _count(goals, last)
    answers = [answer_to(goal, *both, assumptions, rules) for goal, both in values.items()]
    settled = settle([a.finding for a in answers], rules)
    answers = [replace(a, finding=f) for a, f in zip(answers, settled, strict=True)]
    return Discovery(scenario, tuple(answers), assumptions, results.years[-1], draws, rules)


def _count(goals: Sequence[Goal], last: Floats) -> dict[Goal, tuple[Floats, Floats]]:
    """The goal of as many targets as the median draw of the scenario reaches, with its values."""
    reached = np.stack([goal.reached(last[:, :, n]) for n, goal in enumerate(goals)], axis=2)
    counts = reached.sum(axis=2).astype(np.float64)
    middle = float(np.ceil(np.median(counts[:, -1])))
    return {Goal(COUNT, middle): (counts[:, -1], counts[:, 0])} if middle > 0.0 else {}


def answer_to(
    goal: Goal, values: Floats, baseline: Floats, assumptions: Assumptions, rules: Rules
) -> Answer:
    """What assumptions may tell about a goal, from ``values`` of scenario and baseline [draws].

    Its boxes are not settled yet."""
    by = goal.margin(values)
    missed = ~goal.reached(values)
    finding = find_boxes(assumptions.x, assumptions.names, missed, by, rules=rules)
    known = np.flatnonzero(np.isfinite(by))
    nearest = None
    if len(known):
        best = finding.missed == finding.draws
        place = known[(by[known] if best else -by[known]).argmax()]
        nearest = float(values[place])
    return Answer(goal, finding, int((~goal.reached(baseline)).sum()), nearest)


def goals_and_scenario(
    question: DiscoverQuestion, profile: str
) -> tuple[tuple[Goal, ...], Scenario]:
    """What is asked for. Raises UsageError for too few draws, no package, or an unknown goal."""
    check_draws(question.draws)
    chosen = load_scenario(question.scenario, question.years)
    if not chosen.initiatives:
        raise UsageError(f"{chosen.id} switches on no initiative: there is no package to look at")
    return goals_of(question.goal, load_profile(profile)), chosen


def check(question: DiscoverQuestion, study: Study) -> None:
    """Refuse what cannot be looked for. Raises UsageError."""
    goals_and_scenario(question, study.profile)


def answer(question: DiscoverQuestion, study: Study) -> Discovery:
    """Run the package and the baseline over the draws, and look for boxes of each goal."""
    goals, chosen = goals_and_scenario(question, study.profile)
    plain = load_scenario(BASELINE, question.years)
    study.name(plain, chosen)
    return discover(
        chosen,
        plain,
        goals,
        question.draws,
        study.spec,
        study.run,
        study.table,
        study.discount,
        rules_of({id: study.value(id) for id in RULES}),
    )
