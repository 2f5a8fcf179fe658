"""The real model as ``optimise`` sees it: jobs become run specs, results the few numbers it reads.

Only the outcome indicators with a target, the solved projects and the assumed cost are read, so no
delivery can count (model_rules F).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sim.analyses.optimise.worth import Goals, PlanOutcomes, PlanRun
from sim.analyses.shared.names import COST, SOLVED_TOTAL
from sim.analyses.shared.plans import empty_plan
from sim.analyses.shared.reached import key_years
from sim.analyses.shared.regression import DrawFacts, Floats
from sim.analyses.shared.trend import with_trend
from sim.analyses.shared.values import outcomes
from sim.figures.initiatives import initiative_ids
from sim.model.measures.base import discount_factor
from sim.places.load import start_year
from sim.scenario.types import Scenario

if TYPE_CHECKING:
    from sim.runs.spec import RunSpec


class Values(Protocol):
    """What is asked of ``sim.runs.run_all.Results``."""

    def require_whole(self, indicators: Sequence[str] = ()) -> None: ...
    def cube(self, indicators: Sequence[str]) -> Floats: ...


def goals_of(profile: str) -> Goals:
    """The outcome targets of a profile, in the order of the indicators."""
    from sim.figures.evidence import load_profile
    from sim.model.indicators import INDICATORS

    evidence = load_profile(profile)
    links, targets = [], []
    for id in outcomes():
        declared = INDICATORS[id]
        # some shares are changes, which may be negative: their target's unit says so
        units = {declared.unit, evidence[str(declared.target)].unit}
        links.append("logit" if units == {"share"} else "identity")
        targets.append(float(evidence.value(str(declared.target))))
    directions = [INDICATORS[id].direction for id in outcomes()]
    return Goals(outcomes(), tuple(links), np.array(targets), np.array(directions, dtype=np.int64))


class ModelRuns:
    """Runs jobs by ``run`` (specs, what for -> results); ``spec`` fills in a study's options."""

    def __init__(
        self,
        spec: Callable[[Scenario, int], RunSpec],
        run: Callable[[Sequence[RunSpec], str], Values],
        years: int,
        profile: str,
    ) -> None:
        self.spec, self.run_specs, self.profile = spec, run, profile
        self.years = years
        self.key_years = tuple(key_years(range(start_year(), start_year() + years)))
        self.goals = goals_of(profile)

    def facts(self, draws: Sequence[int]) -> DrawFacts:
        """Discount factors and assumed costs of the draws."""
        base, ids = empty_plan().scenario(), initiative_ids()
        specs = [self.spec(base, d) for d in draws]
        discount = [[discount_factor(s.resolved, i, s.discount) for i in ids] for s in specs]
        costs = [
            np.array([[s.resolved[f"initiative.{i}.{name}"] for i in ids] for s in specs])
            for name in ("unit_cost", "fixed_cost")
        ]
        return DrawFacts(np.array(discount), *costs)

    def run(self, jobs: Sequence[PlanRun], what: str) -> PlanOutcomes:
        """Run the jobs, those of one burn-in together; outcomes in the order of the jobs."""
        order = sorted(range(len(jobs)), key=lambda n: (jobs[n].trend, jobs[n].draw))
        results = self.run_specs([self._spec(jobs[n]) for n in order], what)
        results.require_whole([SOLVED_TOTAL, COST])
        cube = results.cube([*self.goals.ids, SOLVED_TOTAL, COST])
        back = np.argsort(np.array(order, dtype=np.int64), kind="stable")
        cube = cube[back]
        at = np.array(self.key_years, dtype=np.int64) - 1
        series = cube[:, :-2][:, :, at].swapaxes(1, 2)
        return PlanOutcomes(series, cube[:, -2, -1], cube[:, -1, :])

    def _spec(self, job: PlanRun) -> RunSpec:
        scenario = job.plan.scenario()
        return self.spec(with_trend(scenario, self.profile) if job.trend else scenario, job.draw)
