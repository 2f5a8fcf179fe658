"""The search: a surrogate learns on draws of its own, NSGA-II searches on it.

What it finds is only proposed: estimate.py runs it for real on other draws, and judges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.analyses.optimise.front import AT_COST, AT_SOLVED, spread_out
from sim.analyses.optimise.nsga import search_front
from sim.analyses.optimise.worth import (
    WORLDS,
    Block,
    Floats,
    Goals,
    Ints,
    PlanOutcomes,
    PlanRun,
    PlanWorth,
    RealModel,
    block_of,
    jobs_of,
    worth_of,
)
from sim.analyses.shared.plans import Plan, Space, arrays_of, empty_plan
from sim.analyses.shared.regression import DrawFacts, Rows, Surrogate, fit_surrogate, joined, link

TINY = 1e-9
"""Numerical guard against a division by zero."""


@dataclass(frozen=True)
class SearchSettings:
    """How the search is done. ``budget`` None: the dearest year of measure 1 at full dose.

    ``draws`` report draws 0, 1, ...; ``search_draws`` further ones; ``train`` runs; ``points`` of
    the front run for real; ``rounds`` of search. ``shortfall``: see ``front.verdicts``;
    ``chance``: see ``PlanWorth``; ``margin``: share of the budget that the search leaves free.
    ``noise``: standard errors within which a difference of means counts as chance; ``rerun``: share
    of the search's draws in which a point of an earlier front is run again; ``often``: quantile of
    regret that decides from ``regret_draws`` draws on, its maximum below.
    """

    budget: float | None
    draws: int
    search_draws: int
    train: int
    points: int
    rounds: int
    shortfall: float
    chance: float = 0.5
    margin: float = 0.0
    noise: float = 2.0
    rerun: float = 0.25
    often: float = 0.9
    regret_draws: int = 20
    seed: int = 0


@dataclass(frozen=True)
class Promise:
    """The surrogate's word on plans: ``objectives`` [P, 3] and ``peak`` [P] as in ``PlanWorth``."""

    objectives: Floats
    peak: Floats


@dataclass(frozen=True)
class Predictor:
    """A surrogate over certain draws: ``facts`` of the draws, ``base`` their baseline runs.

    ``costs``: the draws whose costs count, those of the report. Costs are assumptions, known before
    anything is run: a search that uses them learns nothing of the outcome in these draws.
    """

    surrogate: Surrogate
    facts: DrawFacts
    costs: DrawFacts
    base: Block
    goals: Goals
    years: int
    chance: float = 0.5

    def promise(self, strength: Floats, start: Ints) -> Promise:
        """Expected objectives of plans by strength and start year [plans, 15]."""
        targets, solved = [], []
        for w, trend in enumerate(WORLDS):
            effects = self.surrogate.effects(strength, start, self.facts, trend, self.years)
            targets.append(self._targets(effects[..., :-1], w).mean(axis=1))
            solved.append(effects[..., -1].mean(axis=1))
        costs = self.surrogate.costs(strength, start, self.costs, self.years)
        objectives = np.column_stack(
            [
                -np.min(targets, axis=0),
                -np.min(solved, axis=0),
                costs.sum(axis=2).mean(axis=1),
            ]
        )
        return Promise(objectives, np.quantile(costs, self.chance, axis=1).max(axis=1))

    def _targets(self, effects: Floats, world: int) -> Floats:
        """Expected targets beyond the baseline's [plans, draws], errors of the surrogate spread.

        The chance to reach is that of a normal error around the prediction, whose size goes with
        the effect, less whether the baseline run itself reaches: doing nothing adds nothing.
        """
        from scipy.special import ndtr

        goals = self.goals
        base = goals.linked(self.base.values[0, world])
        goal = np.stack([link(goals.targets[k : k + 1], s)[0] for k, s in enumerate(goals.links)])
        gap = (base - goal) * goals.directions
        spread = np.maximum(self.surrogate.relative[:-1] * np.abs(effects), TINY)
        before = goals.reached(self.base.values[0, world])
        gain = ndtr((gap + effects * goals.directions) / spread) - before
        gain = np.where(effects == 0.0, 0.0, gain)
        out: Floats = np.nansum(gain, axis=-1)
        return out


@dataclass
class Training:
    """Training rows as they come: plans in draws, their effects and costs."""

    rows: list[Rows]
    draws: list[Ints]
    effects: list[Floats]
    costs: list[Floats]

    def fit(self) -> Surrogate:
        """The surrogate of all rows so far."""
        return fit_surrogate(
            joined(self.rows),
            np.concatenate(self.draws),
            np.vstack(self.effects),
            np.vstack(self.costs),
        )


class Search:
    """The search on draws of its own: training rows, surrogate, front.

    ``base``: the baseline in those draws.
    """

    def __init__(
        self, model: RealModel, space: Space, settings: SearchSettings, budget: float, base: Block
    ) -> None:
        self.model, self.space, self.settings, self.budget = model, space, settings, budget
        self.draws = searched(settings)
        self.facts = model.facts(self.draws)
        self.costs = model.facts(range(settings.draws))
        self.base = base
        self.training = Training([], [], [], [])

    def learn(self, jobs: Sequence[PlanRun], got: PlanOutcomes) -> None:
        """Add jobs on draws of the search to the training rows."""
        at = np.array([j.draw for j in jobs]) - self.draws[0]
        world = np.array([WORLDS.index(j.trend) for j in jobs])
        strength, start = arrays_of([j.plan for j in jobs])
        goals = self.model.goals
        base = goals.linked(self.base.values[0, world, at])
        effects = goals.linked(got.values) - base
        solved = got.solved - self.base.solved[0, world, at]
        trend = np.array([j.trend for j in jobs], dtype=np.bool_)
        self.training.rows.append(
            Rows(strength, start, self.facts.rows(at), trend, self.model.years)
        )
        self.training.draws.append(at.astype(np.int64))
        self.training.effects.append(np.column_stack([effects, solved]))
        self.training.costs.append(got.cost)

    def front(self, surrogate: Surrogate, start: Sequence[Plan], seed: int) -> list[Plan]:
        """Plans that cover the surrogate's front within the budget, dearest first."""
        predictor = Predictor(
            surrogate, self.facts, self.costs, self.base, self.model.goals,
            self.model.years, self.settings.chance,
        )  # fmt: skip
        most = self.budget * (1.0 - self.settings.margin)

        def evaluate(points: Floats) -> tuple[Floats, Floats]:
            promise = predictor.promise(*self.space.arrays(points))
            return promise.objectives, promise.peak / most - 1.0

        first = np.array([self.space.point(p) for p in (empty_plan(), *start)])
        points, objectives = search_front(evaluate, first, seed)
        # a gain that could not be told from chance in the report is not worth a place
        least = self.settings.noise * surrogate.error[-1] / np.sqrt(self.settings.draws)
        seen = -objectives[:, AT_SOLVED] > least
        points, objectives = points[seen], objectives[seen]
        if not len(points):
            return []
        chosen = spread_out(objectives, self.settings.points)
        chosen = chosen[np.argsort(-objectives[chosen, AT_COST], kind="stable")]
        return list(dict.fromkeys(self.space.plans(points[chosen])))

    def again(self, plans: Sequence[Plan]) -> PlanWorth:
        """What plans are worth by real runs on the draws of the search, the empty plan last."""
        done = self.base
        some = [p for p in plans if not p.empty]
        if some:
            got = self.model.run(jobs_of(some, self.draws), "the plans that hold, to choose")
            done = block_of(some, got).joined(self.base)
        return worth_of(done, self.base, self.model.goals, self.settings.chance)


def searched(settings: SearchSettings) -> list[int]:
    """The draws of the search, apart from those of the report."""
    return list(range(settings.draws, settings.draws + settings.search_draws))


def training_jobs(space: Space, settings: SearchSettings) -> list[PlanRun]:
    """Plans that fill the space, each in one draw and world in turn."""
    draws = searched(settings)
    size = len(draws)
    return [
        PlanRun(p, draws[n % size], WORLDS[n // size % 2])
        for n, p in enumerate(space.filling(settings.train, settings.seed))
        if not p.empty
    ]
