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

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analyses.optimise.front import (
    AT_COST,
    KEPT,
    ROUNDING,
    Claim,
    PlanChoice,
    Regrets,
    Verdict,
    choose,
    outdone,
    regrets_of,
    verdicts,
)
from sim.analyses.optimise.search import (
    Predictor,
    Promise,
    Search,
    SearchSettings,
    searched,
    training_jobs,
)
from sim.analyses.optimise.worth import (
    FLAT,
    TREND,
    WORLDS,
    Block,
    Bools,
    Floats,
    Goals,
    PlanRun,
    PlanWorth,
    RealModel,
    block_of,
    jobs_of,
    worth_of,
)
from sim.analyses.shared.plans import Plan, Space, arrays_of, empty_plan, standard_plans
from sim.analyses.shared.regression import Surrogate
from sim.pages.word_files import texts
from sim.scenario.bundled import BASELINE

if TYPE_CHECKING:
    from sim.analyses.optimise.question import OptimiseQuestion
    from sim.analyses.study import Study

CHOICES = ("robust", "expected")
"""How a plan is chosen: by the least regret, by the largest mean."""


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
    names = [*(f"P{n + 1}" for n in range(len(candidates))), *standard, BASELINE]
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


@dataclass(frozen=True)
class PlansFound:
    """What was found, by which goals and settings, and the years that growth alone needs.

    ``budget_given``: whether the question names a budget. ``growth``: infinite without past growth.
    """

    found: Found
    goals: Goals
    settings: SearchSettings
    growth: float
    years: int
    budget_given: bool


def check(question: OptimiseQuestion, study: Study) -> None:
    """Refuse a past growth that is set: every plan is run with and without it."""
    from sim.analyses.shared.trend import TREND as GROWTH
    from sim.base.errors import UsageError

    if GROWTH in study.parameters:
        raise UsageError(f"--set {GROWTH}: optimise runs every plan with and without that trend")


def answer(question: OptimiseQuestion, study: Study) -> PlansFound:
    """Search, run the front for real, choose; the choices become files of scenarios."""
    from sim.analyses.optimise.real_runs import ModelRuns
    from sim.analyses.shared.trend import years_by_growth

    settings = settings_of(question, study.value)
    latest = math.floor(question.years * study.value("experiment.optimise_latest") + 1e-9)
    space = Space(question.by, max(1, latest), study.value("experiment.optimise_step"))
    model = ModelRuns(study.spec, study.run, question.years, study.profile)
    found = optimise(model, space, settings)
    for kind, text in chosen_files(found).items():
        study.keep(f"{kind}_plan.yaml", text)
    growth = years_by_growth(study.profile)
    return PlansFound(
        found, model.goals, settings, growth, question.years, question.budget is not None
    )


def settings_of(question: OptimiseQuestion, value: Callable[[str], float]) -> SearchSettings:
    """How the search is done; ``value``: reads a parameter that is not drawn."""
    of = "experiment.optimise_"
    return SearchSettings(
        budget=question.budget,
        draws=question.draws or 1,
        search_draws=question.search_draws,
        train=question.train,
        points=question.points,
        rounds=question.rounds,
        shortfall=value(f"{of}shortfall"),
        chance=value(f"{of}budget_chance"),
        margin=value(f"{of}margin"),
        noise=value(f"{of}noise"),
        rerun=value(f"{of}rerun"),
        often=value(f"{of}regret_quantile"),
        regret_draws=round(value(f"{of}regret_draws")),
        seed=question.seed,
    )


def chosen_files(found: Found) -> dict[str, str]:
    """Kind of choice -> the scenario file of its plan, which ``kyodo compare`` reads.

    "" for a choice to do nothing, and for one by the mean that is the robust one.
    """
    out = dict.fromkeys(CHOICES, "")
    for kind, position in found.chosen.items():
        if kind == "robust" or position != found.chosen.get("robust"):
            out[kind] = scenario_yaml(found, position, kind)
    return out


def scenario_yaml(found: Found, position: int, kind: str) -> str:
    """The scenario file of a plan, the choice of a ``kind``."""
    name = found.names[position]
    chosen = texts("sim.analyses.optimise.words")[f"choice_{kind}"]
    return (
        found.plans[position]
        .scenario(
            name_en=chosen["en"].format(name=name),
            name_ja=chosen["ja"].format(name=name),
            description=f"Found by kyodo optimise for {found.budget:,.0f} yen a year.",
        )
        .to_yaml()
    )
