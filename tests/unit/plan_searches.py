"""Searches of plans without a model, for tests of their tables and pages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from sim.analyses.optimise.estimate import (
    Found,
    Promise,
    SearchSettings,
    judged,
    optimise,
)
from sim.analyses.optimise.real_runs import ModelRuns
from sim.analyses.optimise.worth import Block, Goals, PlanWorth, worth_of
from sim.analyses.shared.names import COST, SOLVED_TOTAL
from sim.analyses.shared.plans import Plan, Space, empty_plan, standard_plans
from sim.analyses.shared.regression import (
    DrawFacts,
    Rows,
    fit_surrogate,
    fixed_costs,
)
from sim.model.indicators import INDICATORS
from sim.runs.spec import RunSpec
from sim.scenario.types import Scenario

YEARS = 4


class FakeResults:
    """Results of runs by a formula of the spec; deliveries are ``deliveries`` everywhere."""

    def __init__(self, specs: Sequence[RunSpec], deliveries: float) -> None:
        self.specs, self.deliveries = specs, deliveries
        self.read: set[str] = set()

    def require_whole(self, indicators: Sequence[str] = ()) -> None:
        assert set(indicators) == {SOLVED_TOTAL, COST}

    def cube(self, indicators: Sequence[str]) -> np.ndarray:
        out = np.empty((len(self.specs), len(indicators), YEARS))
        for n, spec in enumerate(self.specs):
            on = spec.scenario.initiatives.values()
            dose = sum(s.strength * (1 - s.start / 12 / YEARS) for s in on)
            trend = spec.scenario.parameters.get("collaboration.trend", 0.0)
            for k, id in enumerate(indicators):
                if id == SOLVED_TOTAL:
                    value = 1000 + spec.draw + 2000 * trend + 40 * dose
                elif id == COST:
                    value = 1e8 * sum(s.strength for s in on)
                elif INDICATORS[id].kind == "delivery":
                    value = self.deliveries
                else:
                    value = 0.5 + 0.02 * dose if INDICATORS[id].unit == "share" else 100 * dose
                out[n, k] = value
        return out


def fake_model(deliveries: float = 0.0) -> ModelRuns:
    def spec(scenario: Scenario, draw: int) -> RunSpec:
        return RunSpec(scenario, draw=draw, years=YEARS)

    return ModelRuns(spec, lambda specs, what: FakeResults(specs, deliveries), YEARS, "document")


SETTINGS = SearchSettings(
    budget=6e8, draws=4, search_draws=4, train=64, points=4, rounds=1, shortfall=0.5
)
SPACE = Space("initiative", 2, 0.25)


def random_rows(number: int, seed: int = 1) -> Rows:
    random = np.random.default_rng(seed)
    facts = DrawFacts(
        random.random((number, 15)) * (random.random((number, 15)) < 0.8),
        random.random((number, 15)) * 1e5,
        random.random((number, 15)) * 1e8,
    )
    strength, start = SPACE.arrays(random.random((number, SPACE.dimensions)))
    return Rows(strength, start, facts, random.random(number) < 0.5, YEARS)


def made_up(solved: np.ndarray, cost: Sequence[float], draws: int) -> Found:
    """A search without candidates: three plans with given extra solved projects and yearly cost."""
    some = list(standard_plans(YEARS).values())[: len(solved)]
    plans = (*some, empty_plan())
    shape = (len(plans), 2, draws)
    goal = Goals(("M1-KGI-1",), ("logit",), np.array([0.8]), np.array([1]))
    yearly = np.broadcast_to(np.array([*cost, 0.0])[:, None, None, None], (*shape, YEARS))
    gains = np.vstack([solved, np.zeros(draws)])
    done = Block(plans, np.full((*shape, 1, 1), 0.5), gains[:, None, :].repeat(2, 1), yearly)
    honest = fit_surrogate(
        random_rows(30), np.arange(30), np.zeros((30, 2)), fixed_costs(random_rows(30))
    )
    promise = Promise(np.zeros((len(plans), 3)), np.zeros(len(plans)))
    model = replace_goals(goal)

    def again(asked: Sequence[Plan]) -> PlanWorth:
        at = [plans.index(p) for p in asked]
        part = Block(tuple(asked), done.series[at], done.solved[at], done.cost[at])
        return worth_of(part, done.part(slice(len(plans) - 1, None)), goal)

    names = ("m1", "m2", "m3", "baseline")
    return judged(done, names, 0, promise, 1e9, model, SETTINGS, honest, 30, again)


def replace_goals(goals: Goals) -> ModelRuns:
    model = fake_model()
    model.goals, model.key_years = goals, (YEARS,)
    return model


@cache
def small_search() -> Found:
    """A search of a few plans on the formula."""
    return optimise(fake_model(), SPACE, SETTINGS)
