"""Which plan reaches most for a yearly budget: search on a surrogate, verdict by the real model.

1. The standard combinations and the document's order are run for real on the draws of the report.
2. Plans that fill the space are run on other draws, and a surrogate of their paired effects is
   fitted. NSGA-II searches on it; points of its front are run on those draws, join the training
   rows, and the search is repeated.
3. The last front is run for real on the draws of the report, which neither the surrogate nor the
   search has seen. Only plans that hold by these values are offered, standard plans by the same
   tests; every other one is listed with the reason. Doing nothing is always offered.
4. Plans are compared with each other, and the choice is made, by real runs on the draws of the
   search. What is printed of the choice comes from the draws of the report, so that no plan is
   praised for the luck that selected it.

A plan is worth what it adds beyond BOTH baselines, flat and with the past growth of projects: the
smaller of the two. Deliveries are never read (model_rules F).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.analyses.optimise.front import (
    AT_COST,
    AT_SOLVED,
    KEPT,
    ROUNDING,
    Claim,
    PlanChoice,
    Regrets,
    Verdict,
    choose,
    outdone,
    regrets_of,
    spread_out,
    verdicts,
)
from sim.analyses.optimise.search import search_front
from sim.analyses.optimise.worth import (
    FLAT,
    TREND,
    WORLDS,
    Block,
    Bools,
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
from sim.analyses.shared.plans import Plan, Space, arrays_of, empty_plan, standard_plans
from sim.analyses.shared.regression import DrawFacts, Rows, Surrogate, fit_surrogate, joined, link

NOTHING = "baseline"
"""Name of the empty plan, which is always offered."""
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
class Found:
    """The outcome: candidates (the last surrogate front), the standard plans, and the empty plan.

    ``promise``: the surrogate's values of the plans in the draws of the report. ``verdicts`` of all
    plans; ``within`` [P]: real dearest year within the budget. ``offered``: positions of the plans
    that may be chosen, among them always the empty plan; ``choice`` and ``by_targets``, made in the
    draws of the search, are positions in ``offered``. ``regrets`` [offered] in solved projects and
    ``regrets_targets`` are those of the draws of the report.
    """

    plans: tuple[Plan, ...]
    names: tuple[str, ...]
    candidates: int
    budget: float
    base: Block
    worth: PlanWorth
    promise: Promise
    verdicts: tuple[Verdict, ...]
    within: Bools
    offered: tuple[int, ...]
    choice: PlanChoice
    by_targets: PlanChoice
    regrets: Regrets
    regrets_targets: Regrets
    surrogate: Surrogate
    training_runs: int
    key_years: tuple[int, ...]

    @property
    def front(self) -> tuple[int, ...]:
        """Positions of the candidates that hold by real values."""
        some = self.verdicts[: self.candidates]
        return tuple(n for n, verdict in enumerate(some) if verdict.kind == KEPT)

    @property
    def picked(self) -> dict[str, int]:
        """Positions of the choices, ``robust`` and ``expected``; the empty plan may be one."""
        return {
            "robust": self.offered[self.choice.robust],
            "expected": self.offered[self.choice.expected],
        }

    @property
    def chosen(self) -> dict[str, int]:
        """The choices that do something; empty where doing nothing is as good as any plan."""
        return {kind: n for kind, n in self.picked.items() if not self.plans[n].empty}

    @property
    def robust_by_targets(self) -> str:
        """Name of the plan with the smallest regret in outcome targets."""
        return self.names[self.offered[self.by_targets.robust]]

    @property
    def trend_alone(self) -> tuple[float, float]:
        """Mean solved projects that growth alone adds over the horizon, without any plan; and the
        standard error of that mean (infinite for one draw)."""
        gain = self.base.solved[0, TREND] - self.base.solved[0, FLAT]
        error = gain.std(ddof=1) / np.sqrt(len(gain)) if len(gain) > 1 else np.inf
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


def optimise(model: RealModel, space: Space, settings: SearchSettings) -> Found:
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
        step = max(1, round(1 / settings.rerun))
        some = search.draws[n % step % len(search.draws) :: step]
        if front and n + 1 < settings.rounds:
            jobs = [PlanRun(p, d, w) for p in front for w in WORLDS for d in some]
            search.learn(jobs, model.run(jobs, f"front of round {n + 1}"))
    candidates = [p for p in front if p not in standard.values()]
    done = known.joined(base)
    if candidates:
        again = model.run(jobs_of(candidates, report), "the surrogate's front")
        done = block_of(candidates, again).joined(done)
    names = [*(f"P{n + 1}" for n in range(len(candidates))), *standard, NOTHING]
    facts = search.costs
    predictor = Predictor(surrogate, facts, facts, base, model.goals, model.years, settings.chance)
    promise = predictor.promise(*arrays_of(done.plans))
    training = int(sum(len(d) for d in search.training.draws))
    return judged(done, names, len(candidates), promise, budget, model, settings, surrogate,
                  training, search.again)  # fmt: skip


def judged(
    done: Block,
    names: Sequence[str],
    candidates: int,
    promise: Promise,
    budget: float,
    model: RealModel,
    settings: SearchSettings,
    surrogate: Surrogate,
    training: int,
    again: Callable[[Sequence[Plan]], PlanWorth],
) -> Found:
    """Verdicts and choices by real values.

    ``done``: candidates, standard plans, the empty plan, in the draws of the report. ``again`` runs
    plans in other draws, those of the choice.
    """
    last = len(names) - 1
    base = done.part(slice(last, None))
    worth = worth_of(done, base, model.goals, settings.chance)
    most = budget * (1 + ROUNDING)
    claim = Claim(
        promise.objectives[:candidates], worth.objectives, worth.errors, worth.peak
    )  # fmt: skip
    said = verdicts(claim, most, settings.shortfall, settings.noise)
    said[last] = Verdict(KEPT)  # doing nothing costs and promises nothing
    held = [n for n, verdict in enumerate(said) if verdict.kind == KEPT]
    trial = again([done.plans[n] for n in held])
    said = outdone(said, held, trial.objectives)
    place = [k for k, n in enumerate(held) if said[n].kind == KEPT]
    offered = [held[k] for k in place]
    draws = trial.solved.shape[2]
    rule = settings.often if draws >= settings.regret_draws else None
    cost = trial.objectives[place, AT_COST]
    choice, by_targets = (
        choose(_states(v, place), cost, rule) for v in (trial.solved, trial.targets)
    )
    regrets, regrets_targets = (
        regrets_of(_states(v, offered), settings.often) for v in (worth.solved, worth.targets)
    )
    return Found(
        done.plans, tuple(names), candidates, budget, base, worth, promise, tuple(said),
        worth.peak <= most, tuple(offered), choice, by_targets, regrets, regrets_targets,
        surrogate, training, model.key_years,
    )  # fmt: skip


def _states(values: Floats, plans: Sequence[int]) -> Floats:
    """Values [P, 2, D] of some plans by state: every draw in both worlds [plans, states]."""
    some: Floats = values[list(plans)].reshape(len(plans), -1)
    return some
