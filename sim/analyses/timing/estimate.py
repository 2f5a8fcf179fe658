"""The price of waiting: every scenario with every start year, in the same draws and dice.

All months of a scenario's initiatives are put off by whole years; what falls behind the horizon
does not happen. A loss is the difference, within a draw and replicate, between starting now and
starting later, so that luck cancels. The last start year is the last of the horizon: one that never
starts is the baseline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.analyses.shared.intervals import Floats
from sim.analyses.shared.names import COST, SOLVED_TOTAL
from sim.analyses.shared.reached import target_value
from sim.analyses.timing.question import EACH_MEASURE
from sim.base.errors import UsageError
from sim.figures.evidence import load_profile
from sim.model.indicators import INDICATORS
from sim.scenario.bundled import BASELINE
from sim.scenario.reader import load_scenario

if TYPE_CHECKING:
    from sim.analyses.study import Study
    from sim.analyses.timing.question import TimingQuestion
    from sim.scenario.types import InitiativeSetting, Scenario


@dataclass(frozen=True)
class Waited:
    """Values at the horizon, by scenario.

    ``amounts``: SOLVED and COST -> [start years, draws, replicates], as differences from the
    baseline of the same draw and replicate; COST is summed over the horizon. ``levels``: outcome
    indicator -> [start years, draws, replicates]. ``baseline``: outcome indicator -> [draws,
    replicates]. NaN where a run failed or has no value.
    """

    scenarios: tuple[Scenario, ...]
    years: tuple[int, ...]
    amounts: Mapping[str, Mapping[str, Floats]]
    levels: Mapping[str, Mapping[str, Floats]]
    baseline: Mapping[str, Floats]
    targets: Mapping[str, float]
    chance: float


def put_off(scenario: Scenario, delay: int, years: int) -> Scenario:
    """The scenario with all its months ``delay`` years later; its id tells the delay.

    An initiative that would start after the horizon of ``years`` is switched off.
    """
    if delay == 0:
        return scenario
    later = {id: _later(s, 12 * delay) for id, s in scenario.initiatives.items()}
    kept = {id: s for id, s in later.items() if s.start < 12 * years}
    return replace(scenario, id=f"{scenario.id}+{delay}", initiatives=kept)


def _later(setting: InitiativeSetting, months: int) -> InitiativeSetting:
    stop = None if setting.stop is None else setting.stop + months
    return replace(setting, start=setting.start + months, stop=stop)


def scenarios_of(question: TimingQuestion, study: Study) -> tuple[Scenario, ...]:
    """The scenarios that are put off. Raises UsageError for one that has nothing to put off."""
    chosen = tuple(load_scenario(n, question.years) for n in question.scenarios or EACH_MEASURE)
    ids = [s.id for s in chosen]
    for scenario in chosen:
        if not scenario.initiatives:
            raise UsageError(f"{scenario.id} switches on no initiative: nothing can be put off")
        if ids.count(scenario.id) > 1:
            raise UsageError(f"two scenarios have the id '{scenario.id}'")
        study.assume(profile=scenario.profile, discount=scenario.discount)
    return chosen


def check(question: TimingQuestion, study: Study) -> None:
    """Refuse what has no start to put off. Raises UsageError."""
    if question.years < 2:
        raise UsageError("years: with one year there is no later start; give --years 2 or more")
    scenarios_of(question, study)


def outcome_targets(profile: str) -> dict[str, float]:
    """The targets of the outcome indicators; deliveries are the plan itself."""
    evidence = load_profile(profile)
    outcomes = {id: i for id, i in INDICATORS.items() if i.kind == "outcome"}
    found = {id: target_value(i, evidence) for id, i in outcomes.items()}
    return {id: target for id, target in found.items() if target is not None}


def answer(question: TimingQuestion, study: Study) -> Waited:
    """Run every start year of every scenario, and the baseline, in all draws and replicates."""
    chosen = scenarios_of(question, study)
    plain = load_scenario(BASELINE, question.years)
    study.name(plain, *chosen)
    delays = range(question.years)
    starts = [put_off(s, delay, question.years) for s in chosen for delay in delays]
    units = [(d, r) for d in range(question.draws or 1) for r in range(question.replicates)]
    specs = [study.spec(s, d, r) for d, r in units for s in (plain, *starts)]
    many = "s" if len(chosen) > 1 else ""
    results = study.run(specs, f"{len(chosen)} scenario{many} from {len(delays)} start years")
    targets = outcome_targets(study.profile)
    cube = results.cube([SOLVED_TOTAL, COST, *targets])  # [runs, indicators, years]
    shape = (len(units), 1 + len(starts), *cube.shape[1:])
    at_horizon = _at_horizon(cube.reshape(shape), question)
    return Waited(
        chosen,
        results.years,
        _amounts(chosen, at_horizon[:2], len(delays)),
        _levels(chosen, at_horizon[2:], tuple(targets), len(delays)),
        dict(zip(targets, at_horizon[2:, 0], strict=True)),
        targets,
        question.chance,
    )


def _at_horizon(cube: Floats, question: TimingQuestion) -> Floats:
    """[indicators, scenarios, draws, replicates] from [units, scenarios, indicators, years]."""
    last = cube[..., -1].copy()
    last[:, :, 1] = cube[:, :, 1].sum(axis=-1)
    by_draw = last.reshape(question.draws or 1, question.replicates, *last.shape[1:])
    out: Floats = np.moveaxis(by_draw, (3, 2), (0, 1))
    return out


def _amounts(
    chosen: Sequence[Scenario], values: Floats, delays: int
) -> dict[str, dict[str, Floats]]:
    effect = values[:, 1:] - values[:, :1]
    return {
        s.id: {
            name: effect[n, k * delays : (k + 1) * delays]
            for n, name in enumerate((SOLVED_TOTAL, COST))
        }
        for k, s in enumerate(chosen)
    }


def _levels(
    chosen: Sequence[Scenario], values: Floats, ids: Sequence[str], delays: int
) -> dict[str, dict[str, Floats]]:
    return {
        s.id: {id: values[n, 1 + k * delays : 1 + (k + 1) * delays] for n, id in enumerate(ids)}
        for k, s in enumerate(chosen)
    }
