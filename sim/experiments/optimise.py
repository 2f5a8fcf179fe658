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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.experiments.front import (
    KEPT,
    NOISE,
    Choice,
    Claim,
    choose,
    spread_out,
    verdicts,
)
from sim.experiments.intervals import MIN_DRAWS, QUANTILE_METHOD
from sim.experiments.plans import Plan, Space, arrays_of, empty_plan, standard_plans
from sim.experiments.search import search_front
from sim.experiments.surrogate import DrawFacts, Rows, Surrogate, fit_surrogate, joined, link

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

WORLDS = (False, True)
"""Whether projects grow by themselves: the two baselines."""
FLAT, TREND = 0, 1
TARGETS, SOLVED, COST = 0, 1, 2
"""Columns of the objectives; smaller is better, so the first two are negative gains."""

SEARCH_DRAWS = 24
"""Draws over which the surrogate's objectives are averaged during the search."""
RERUN_SHARE = 4
"""A point of an earlier front is run again on every fourth of the draws of the search."""


class Job(NamedTuple):
    """One run: a plan in a draw, with or without the trend."""

    plan: Plan
    draw: int
    trend: bool


@dataclass(frozen=True)
class Goals:
    """The outcome targets: ``ids``, working scales, ``targets`` and ``directions`` [K]."""

    ids: tuple[str, ...]
    links: tuple[str, ...]
    targets: Floats
    directions: Ints

    def reached(self, values: Floats) -> Bools:
        """Which targets values [..., K] reach; one that is not available does not."""
        gap = (values - self.targets) * self.directions
        out: Bools = gap >= -1e-9 * np.abs(self.targets)
        return out

    def linked(self, values: Floats) -> Floats:
        """Values [..., K] on the working scales."""
        return np.stack([link(values[..., k], kind) for k, kind in enumerate(self.links)], axis=-1)


@dataclass(frozen=True)
class Outcomes:
    """What runs gave, row by row: ``values`` [rows, K] of the outcome indicators at the horizon,
    ``solved`` [rows] projects cumulated, ``cost`` [rows, years] yen."""

    values: Floats
    solved: Floats
    cost: Floats


class RealModel(Protocol):
    """The model as the search sees it."""

    @property
    def years(self) -> int: ...
    @property
    def goals(self) -> Goals: ...
    def facts(self, draws: Sequence[int]) -> DrawFacts:
        """What is known of the draws before a run."""
        ...

    def run(self, jobs: Sequence[Job], what: str) -> Outcomes:
        """Run the jobs; outcomes in their order."""
        ...


@dataclass(frozen=True)
class Settings:
    """How the search is done. ``budget`` None: the dearest year of measure 1 at full dose.

    ``draws`` report draws 0, 1, ...; ``search_draws`` further ones; ``train`` runs; ``points`` of
    the front run for real; ``rounds`` of search. ``shortfall``: see ``front.verdicts``.
    """

    budget: float | None
    draws: int
    search_draws: int
    train: int
    points: int
    rounds: int
    shortfall: float
    seed: int = 0


@dataclass(frozen=True)
class Block:
    """Plans run in every draw and both worlds: ``values`` [P, 2, D, K], ``solved`` [P, 2, D],
    ``cost`` [P, 2, D, years]."""

    plans: tuple[Plan, ...]
    values: Floats
    solved: Floats
    cost: Floats

    def joined(self, other: Block) -> Block:
        """These plans, then those of ``other``, in the same draws."""
        return Block(
            (*self.plans, *other.plans),
            np.concatenate([self.values, other.values]),
            np.concatenate([self.solved, other.solved]),
            np.concatenate([self.cost, other.cost]),
        )


@dataclass(frozen=True)
class Worth:
    """What plans add to the baseline of the same draw and world, by real runs.

    ``targets`` [P, 2, D]: outcome targets reached beyond the baseline's own number; ``reached``
    [P, 2, D, K]; ``solved`` [P, 2, D]; ``cost`` [P, 2, D, years].
    """

    targets: Floats
    reached: Bools
    solved: Floats
    cost: Floats

    @property
    def worse(self) -> Ints:
        """The world (FLAT or TREND) in which each plan adds fewer solved projects [P]."""
        out: Ints = np.argmin(self.solved.mean(axis=2), axis=1)
        return out

    @property
    def objectives(self) -> Floats:
        """[P, 3]: targets and solved projects beyond both baselines (negative), mean total cost."""
        return np.column_stack(
            [
                -self.targets.mean(axis=2).min(axis=1),
                -self.solved.mean(axis=2).min(axis=1),
                self.cost.sum(axis=3).mean(axis=(1, 2)),
            ]
        )

    @property
    def yearly(self) -> Floats:
        """Median cost of each fiscal year in the dearer world [P, years], yen."""
        out: Floats = np.median(self.cost, axis=2).max(axis=1)
        return out

    @property
    def peak(self) -> Floats:
        """Cost of the dearest fiscal year, median over the draws [P], yen."""
        out: Floats = self.yearly.max(axis=1)
        return out

    def over(self, budget: float) -> Floats:
        """Share of draws in which some fiscal year costs more than the budget [P]."""
        out: Floats = (self.cost > budget).any(axis=3).mean(axis=(1, 2))
        return out

    @property
    def error(self) -> Floats:
        """Standard error of the mean of extra solved projects in the worse world [P]."""
        draws = self.solved.shape[2]
        if draws < 2:
            return np.zeros(len(self.solved))
        sd = self.solved.std(axis=2, ddof=1) / np.sqrt(draws)
        out: Floats = sd[np.arange(len(sd)), self.worse]
        return out

    def interval(self) -> tuple[Floats, Floats, str]:
        """Ends of extra solved projects [P] in the worse world, and their kind: 5th and 95th
        percentile, or smallest and largest value under 50 draws (model_rules F)."""
        own = self.solved[np.arange(len(self.solved)), self.worse]
        if own.shape[1] < MIN_DRAWS:
            return own.min(axis=1), own.max(axis=1), "range"
        low, high = np.quantile(own, [0.05, 0.95], axis=1, method=QUANTILE_METHOD)
        return low, high, "p05_p95"


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
    def trend_alone(self) -> tuple[float, float]:
        """Mean solved projects that growth alone adds over the horizon, without any plan; and the
        standard error of that mean."""
        gain = self.base.solved[0, TREND] - self.base.solved[0, FLAT]
        error = gain.std(ddof=1) / np.sqrt(len(gain)) if len(gain) > 1 else 0.0
        return float(gain.mean()), float(error)


def block(model: RealModel, plans: Sequence[Plan], draws: Sequence[int], what: str) -> Block:
    """Run plans in every draw and both worlds."""
    jobs = [Job(p, d, w) for p in plans for w in WORLDS for d in draws]
    got = model.run(jobs, what)
    shape = (len(plans), len(WORLDS), len(draws))
    return Block(
        tuple(plans),
        got.values.reshape(*shape, -1),
        got.solved.reshape(shape),
        got.cost.reshape(*shape, -1),
    )


def worth_of(done: Block, base: Block, goals: Goals) -> Worth:
    """What the plans of a block add to the baseline ``base`` (one plan) in the same draws."""
    reached, before = goals.reached(done.values), goals.reached(base.values)
    targets = reached.sum(axis=-1) - before.sum(axis=-1)
    return Worth(targets.astype(np.float64), reached, done.solved - base.solved, done.cost)


@dataclass(frozen=True)
class Predictor:
    """A surrogate over certain draws: ``facts`` of the draws, ``base`` their baseline runs."""

    surrogate: Surrogate
    facts: DrawFacts
    base: Block
    goals: Goals
    years: int

    def promise(self, strength: Floats, start: Ints) -> Promise:
        """Expected objectives of plans by strength and start year [plans, 15]."""
        targets, solved = [], []
        for w, trend in enumerate(WORLDS):
            effects = self.surrogate.effects(strength, start, self.facts, trend, self.years)
            targets.append(self._targets(effects[..., :-1], w).mean(axis=1))
            solved.append(effects[..., -1].mean(axis=1))
        costs = self.surrogate.costs(strength, start, self.facts, self.years)
        objectives = np.column_stack(
            [
                -np.min(targets, axis=0),
                -np.min(solved, axis=0),
                costs.sum(axis=2).mean(axis=1),
            ]
        )
        return Promise(objectives, np.median(costs, axis=1).max(axis=1))

    def _targets(self, effects: Floats, world: int) -> Floats:
        """Expected targets beyond the baseline's [plans, draws], errors of the surrogate spread.

        The chance to reach is that of a normal error around the prediction, less the same chance
        without effect, so that doing nothing adds nothing.
        """
        from scipy.special import ndtr

        goals = self.goals
        base = goals.linked(self.base.values[0, world])
        goal = np.stack([link(goals.targets[k : k + 1], s)[0] for k, s in enumerate(goals.links)])
        spread = np.maximum(self.surrogate.error[:-1], 1e-9)
        gap = (base - goal) * goals.directions / spread
        gain = ndtr(gap + effects * goals.directions / spread) - ndtr(gap)
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
    """The search on draws of its own: training runs, surrogate, front."""

    def __init__(self, model: RealModel, space: Space, settings: Settings, budget: float) -> None:
        self.model, self.space, self.settings, self.budget = model, space, settings, budget
        self.draws = list(range(settings.draws, settings.draws + settings.search_draws))
        self.facts = model.facts(self.draws)
        self.base = block(model, [empty_plan()], self.draws, "baselines of the search")
        self.training = Training([], [], [], [])
        plans = space.filling(settings.train, settings.seed)
        size = len(self.draws)
        jobs = [
            Job(p, self.draws[n % size], WORLDS[n // size % 2])
            for n, p in enumerate(plans)
            if not p.empty
        ]
        self.learn(jobs, "plans that fill the space")

    def learn(self, jobs: Sequence[Job], what: str) -> None:
        """Run jobs on draws of the search and add them to the training rows."""
        got = self.model.run(jobs, what)
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
        base = Block(
            self.base.plans,
            self.base.values[:, :, used],
            self.base.solved[:, :, used],
            self.base.cost[:, :, used],
        )
        predictor = Predictor(
            surrogate, self.facts.rows(used), base, self.model.goals, self.model.years
        )

        def evaluate(points: Floats) -> tuple[Floats, Floats]:
            promise = predictor.promise(*self.space.arrays(points))
            return promise.objectives, promise.peak / self.budget - 1.0

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


def optimise(model: RealModel, space: Space, settings: Settings) -> Found:
    """Search, run the front for real, judge, choose. See the head of this module."""
    report = list(range(settings.draws))
    standard = standard_plans(model.years)
    base = block(model, [empty_plan()], report, "the two baselines")
    known = block(model, list(standard.values()), report, "standard plans")
    budget = settings.budget
    if budget is None:
        budget = float(worth_of(known, base, model.goals).peak[list(standard).index("m1")])
    search = Search(model, space, settings, budget)
    front: list[Plan] = []
    for n in range(settings.rounds):
        surrogate = search.training.fit()
        front = search.front(surrogate, [*standard.values(), *front], settings.seed + n)
        again = search.draws[n % RERUN_SHARE :: RERUN_SHARE]
        if front and n + 1 < settings.rounds:
            jobs = [Job(p, d, w) for p in front for w in WORLDS for d in again]
            search.learn(jobs, f"front of round {n + 1}")
    candidates = [p for p in front if p not in standard.values()]
    done = known
    if candidates:
        done = block(model, candidates, report, "the surrogate's front").joined(known)
    names = [f"P{n + 1}" for n in range(len(candidates))] + list(standard)
    predictor = Predictor(surrogate, model.facts(report), base, model.goals, model.years)
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
    worth = worth_of(done, base, goals)
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


def chances(found: Found, goals: Goals) -> Mapping[str, Floats]:
    """Probability of reaching each target by indicator: [plans, 2]; the baseline's own last row."""
    own = goals.reached(found.base.values)
    both = np.concatenate([found.worth.reached, own]).mean(axis=2)
    return {id: both[:, :, k] for k, id in enumerate(goals.ids)}
