"""Which plan reaches most for a yearly budget: search on a surrogate, verdict by the real model.

1. The standard combinations and the document's order are run for real on the draws of the report.
2. Plans that fill the space are run on other draws, and a surrogate of their paired effects is
   fitted. NSGA-II searches on it; points of its front are run on those draws, join the training
   rows, and the search is repeated.
3. The last front is run for real on the draws of the report, which neither the surrogate nor the
   search has seen (so a plan is not praised for the luck that selected it). Only plans that hold by
   these values are reported; every other one is listed with the reason.

A plan is worth what it adds beyond BOTH baselines, flat and with the past growth of projects: the
smaller of the two. Deliveries are never read (model_rules F).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.experiments.front import KEPT, NOISE, Choice, Claim, choose, spread_out, verdicts
from sim.experiments.plans import Plan, Space, arrays_of, empty_plan, standard_plans
from sim.experiments.search import search_front
from sim.experiments.surrogate import DrawFacts, Rows, Surrogate, fit_surrogate, joined, link
from sim.experiments.worth import (
    COST,
    FLAT,
    SOLVED,
    TREND,
    WORLDS,
    Block,
    Bools,
    Floats,
    Goals,
    Ints,
    Job,
    Outcomes,
    RealModel,
    Worth,
    block_of,
    jobs_of,
    worth_of,
)

SEARCH_DRAWS = 24
"""Draws over which the surrogate's objectives are averaged during the search."""
TINY = 1e-9
"""Numerical guard against a division by zero."""
RERUN_SHARE = 4
"""A point of an earlier front is run again on every fourth of the draws of the search."""


@dataclass(frozen=True)
class Settings:
    """How the search is done. ``budget`` None: the dearest year of measure 1 at full dose.

    ``draws`` report draws 0, 1, ...; ``search_draws`` further ones; ``train`` runs; ``points`` of
    the front run for real; ``rounds`` of search. ``shortfall``: see ``front.verdicts``;
    ``chance``: see ``Worth``; ``margin``: share of the budget that the search leaves free.
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
    seed: int = 0


@dataclass(frozen=True)
class Promise:
    """The surrogate's word on plans: ``objectives`` [P, 3] and ``peak`` [P] as in ``Worth``."""

    objectives: Floats
    peak: Floats


@dataclass(frozen=True)
class Found:
    """The outcome: candidates (the last surrogate front) first, then the standard plans.

    ``promise``: the surrogate's values of the candidates in the draws of the report. ``verdicts``
    of the candidates; ``within`` [P]: real dearest year within the budget. ``offered``: positions
    of the plans that may be chosen; ``choice`` and ``by_targets`` are positions in ``offered``.
    """

    plans: tuple[Plan, ...]
    names: tuple[str, ...]
    candidates: int
    budget: float
    base: Block
    worth: Worth
    promise: Promise
    verdicts: tuple[tuple[str, int | None], ...]
    within: Bools
    offered: tuple[int, ...]
    choice: Choice | None
    by_targets: Choice | None
    surrogate: Surrogate
    training_runs: int

    @property
    def front(self) -> tuple[int, ...]:
        """Positions of the candidates that hold by real values."""
        return tuple(n for n, (verdict, _) in enumerate(self.verdicts) if verdict == KEPT)

    @property
    def chosen(self) -> dict[str, int]:
        """Positions of the chosen plans: ``robust`` and ``expected``; empty without an offer."""
        if self.choice is None:
            return {}
        return {
            "robust": self.offered[self.choice.robust],
            "expected": self.offered[self.choice.expected],
        }

    @property
    def robust_by_targets(self) -> str | None:
        """Name of the plan with the smallest worst regret in outcome targets."""
        if self.by_targets is None:
            return None
        return self.names[self.offered[self.by_targets.robust]]

    @property
    def trend_alone(self) -> tuple[float, float]:
        """Mean solved projects that growth alone adds over the horizon, without any plan; and the
        standard error of that mean."""
        gain = self.base.solved[0, TREND] - self.base.solved[0, FLAT]
        error = gain.std(ddof=1) / np.sqrt(len(gain)) if len(gain) > 1 else 0.0
        return float(gain.mean()), float(error)


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
        self, model: RealModel, space: Space, settings: Settings, budget: float, base: Block
    ) -> None:
        self.model, self.space, self.settings, self.budget = model, space, settings, budget
        self.draws = searched(settings)
        self.facts = model.facts(self.draws)
        self.costs = model.facts(range(settings.draws))
        self.base = base
        self.training = Training([], [], [], [])

    def learn(self, jobs: Sequence[Job], got: Outcomes) -> None:
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
        used = np.arange(min(SEARCH_DRAWS, len(self.draws)))
        base = self.base.part(slice(None), slice(0, len(used)))
        predictor = Predictor(
            surrogate, self.facts.rows(used), self.costs, base, self.model.goals,
            self.model.years, self.settings.chance,
        )  # fmt: skip
        most = self.budget * (1.0 - self.settings.margin)

        def evaluate(points: Floats) -> tuple[Floats, Floats]:
            promise = predictor.promise(*self.space.arrays(points))
            return promise.objectives, promise.peak / most - 1.0

        first = np.array([self.space.point(p) for p in (empty_plan(), *start)])
        points, objectives = search_front(evaluate, first, seed)
        # a gain that could not be told from chance in the report is not worth a place
        least = NOISE * surrogate.error[-1] / np.sqrt(self.settings.draws)
        seen = -objectives[:, SOLVED] > least
        points, objectives = points[seen], objectives[seen]
        if not len(points):
            return []
        chosen = spread_out(objectives, self.settings.points)
        chosen = chosen[np.argsort(-objectives[chosen, COST], kind="stable")]
        return list(dict.fromkeys(self.space.plans(points[chosen])))


def searched(settings: Settings) -> list[int]:
    """The draws of the search, apart from those of the report."""
    return list(range(settings.draws, settings.draws + settings.search_draws))


def training_jobs(space: Space, settings: Settings) -> list[Job]:
    """Plans that fill the space, each in one draw and world in turn."""
    draws = searched(settings)
    size = len(draws)
    return [
        Job(p, draws[n % size], WORLDS[n // size % 2])
        for n, p in enumerate(space.filling(settings.train, settings.seed))
        if not p.empty
    ]


def optimise(model: RealModel, space: Space, settings: Settings) -> Found:
    """Search, run the front for real, judge, choose. See the head of this module."""
    report = list(range(settings.draws))
    standard = standard_plans(model.years)
    plans = [empty_plan(), *standard.values()]
    first, second = jobs_of(plans, report), jobs_of(plans[:1], searched(settings))
    train = training_jobs(space, settings)
    got = model.run([*first, *second, *train], "standard plans, training")
    known = block_of(plans, got.rows(slice(0, len(first))))
    base, known = known.part(slice(0, 1)), known.part(slice(1, None))
    budget = settings.budget
    if budget is None:
        worth = worth_of(known, base, model.goals, settings.chance)
        budget = float(worth.peak[list(standard).index("m1")])
    seconds = got.rows(slice(len(first), len(first) + len(second)))
    search = Search(model, space, settings, budget, block_of(plans[:1], seconds))
    search.learn(train, got.rows(slice(len(first) + len(second), None)))
    front: list[Plan] = []
    for n in range(settings.rounds):
        surrogate = search.training.fit()
        front = search.front(surrogate, [*standard.values(), *front], settings.seed + n)
        some = search.draws[n % RERUN_SHARE :: RERUN_SHARE]
        if front and n + 1 < settings.rounds:
            jobs = [Job(p, d, w) for p in front for w in WORLDS for d in some]
            search.learn(jobs, model.run(jobs, f"front of round {n + 1}"))
    candidates = [p for p in front if p not in standard.values()]
    done = known
    if candidates:
        again = model.run(jobs_of(candidates, report), "the surrogate's front")
        done = block_of(candidates, again).joined(known)
    names = [f"P{n + 1}" for n in range(len(candidates))] + list(standard)
    facts = search.costs
    predictor = Predictor(surrogate, facts, facts, base, model.goals, model.years, settings.chance)
    promise = predictor.promise(*arrays_of(done.plans))
    training = int(sum(len(d) for d in search.training.draws))
    return judged(done, names, len(candidates), base, promise, budget, model.goals, settings,
                  surrogate, training)  # fmt: skip


def judged(
    done: Block,
    names: Sequence[str],
    candidates: int,
    base: Block,
    promise: Promise,
    budget: float,
    goals: Goals,
    settings: Settings,
    surrogate: Surrogate,
    training: int,
) -> Found:
    """Verdicts and choices by real values; ``done`` holds candidates first, then known plans."""
    worth = worth_of(done, base, goals, settings.chance)
    within = worth.peak <= budget * (1 + 1e-9)
    some = slice(0, candidates)
    real = worth.objectives
    claim = Claim(
        -promise.objectives[some, SOLVED], -real[some, SOLVED], worth.error[some],
        worth.peak[some], real,
    )  # fmt: skip
    said = verdicts(claim, budget * (1 + 1e-9), settings.shortfall, within)
    kept = [n for n, (verdict, _) in enumerate(said) if verdict == KEPT]
    offered = [*kept, *(n for n in range(candidates, len(names)) if within[n])]
    choice = by_targets = None
    if offered:
        states = len(WORLDS) * worth.solved.shape[2]
        choice = choose(worth.solved[offered].reshape(len(offered), states))
        by_targets = choose(worth.targets[offered].reshape(len(offered), states))
    return Found(
        done.plans, tuple(names), candidates, budget, base, worth, promise, tuple(said), within,
        tuple(offered), choice, by_targets, surrogate, training,
    )  # fmt: skip
