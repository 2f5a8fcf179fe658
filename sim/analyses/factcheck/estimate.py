"""The runs of a fact check and what is made of them (see sim.analyses.factcheck.ranking).

Nine scenarios x draws, then mirrored runs of the leading scenarios with all fixed figures moved.
Layer: experiments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analyses.factcheck import ranking as fc
from sim.analyses.factcheck.facts import Item, assumed_items, claim_items, groups_of, present_items
from sim.analyses.factcheck.levels import expected_levels
from sim.analyses.factcheck.moved import MovedFigure, design, figures_of, moves
from sim.analyses.factcheck.voi import FEWEST_DRAWS, BestDecision, Floats
from sim.analyses.shared.trend import refuse_trend
from sim.base.errors import UsageError
from sim.figures.evidence import load_profile
from sim.runs.spec import EXPERIMENT, MAX_YEARS, POPULATION, RunSpec
from sim.scenario.bundled import STANDARD
from sim.scenario.reader import load_scenario
from sim.scenario.types import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.factcheck.question import FactcheckQuestion
    from sim.analyses.study import Study
    from sim.figures.evidence import Profile
    from sim.figures.parameter import Parameter
    from sim.runs.run_all import Results

DECIDED_BETWEEN = (*STANDARD, "staged")
"""The scenarios that the choice is among (model_rules F)."""

NOT_MOVED = ("reference.", EXPERIMENT, POPULATION)
"""Parameters that say what others mean, weights of experiments, and what agents are made from: five
shares of one whole do not err each by itself, and 11 wards do not err by a tenth of a ward."""

CONSTANTS = ("discount.cap", "uptake.improved_untreated")
"""Constants of the discount that no draw varies, beside the grades."""

MOVED_DRAWS = 64
"""Default: the smallest design that tells the figures of the bundled profiles apart."""

Spec = Callable[..., RunSpec]
Run = Callable[[Sequence[RunSpec], str], "Results"]


@dataclass(frozen=True)
class FactcheckPlan:
    """What to run: ``moved_draws`` mirrored pairs (0: none). ``trend``: past growth goes on in each
    scenario. ``with_budget``: the budget of more projects counts as cost. ``false_share``: of the
    rows of a table that are called clear, about this share may be so by chance alone."""

    draws: int
    replicates: int
    years: int
    value: float
    factor: float
    error: float
    false_share: float
    moved_draws: int = MOVED_DRAWS
    trend: bool = False
    with_budget: bool = False
    seed: int = 0
    permutations: int = fc.PERMUTATIONS

    def __post_init__(self) -> None:
        if self.draws < FEWEST_DRAWS:
            raise UsageError(f"draws: {self.draws} are too few, at least {FEWEST_DRAWS} are needed")
        if self.value <= 0.0:
            raise UsageError(f"value: {self.value:g} yen for a solved project is not above 0")


@dataclass(frozen=True)
class FactCheck:
    """The answer. ``tables``: value of a solved project -> ranked rows (factcheck.COLUMNS), with
    ``choices``; ``main`` is the value asked for. ``decisions``: a row per scenario at that value;
    ``ranges``: which scenario is best for which value. ``unused``: claims nothing hangs on.
    ``moved``: figures given an error, tested for ``candidates``. ``level_source``: see levels.py.
    ``indicators``: target of calibration -> indicator.
    """

    plan: FactcheckPlan
    scenarios: tuple[Scenario, ...]
    tables: Mapping[float, pd.DataFrame]
    choices: Mapping[float, BestDecision]
    decisions: list[dict[str, Any]]
    ranges: list[dict[str, Any]]
    unused: tuple[str, ...]
    moved: tuple[MovedFigure, ...]
    candidates: tuple[str, ...]
    level_source: str
    indicators: Mapping[str, str]
    profile: Profile = field(repr=False)

    @property
    def main(self) -> pd.DataFrame:
        """The ranking at the value asked for."""
        return self.tables[self.plan.value]

    @property
    def choice(self) -> BestDecision:
        """The choice at the value asked for."""
        return self.choices[self.plan.value]


def decision_scenarios(years: int, trend: bool, profile: str) -> tuple[Scenario, ...]:
    """The nine scenarios, the baseline first; with ``trend`` in a world where growth goes on."""
    from sim.analyses.shared.trend import with_trend

    # what starts after a short horizon stays away, which is a decision, too
    scenarios = [load_scenario(id, max(years, MAX_YEARS)) for id in DECIDED_BETWEEN]
    return tuple(with_trend(s, profile) if trend else s for s in scenarios)


def constants_of(parameters: Mapping[str, Parameter]) -> dict[str, tuple[str, ...]]:
    """Constants of the discount to move: the grades, those of one value as one, and CONSTANTS."""
    grades: dict[float, list[str]] = {}
    for parameter in parameters.values():
        if parameter.id.endswith(".grade") and parameter.kind == "fixed":
            grades.setdefault(parameter.value, []).append(parameter.id)
    out = {f"grade {value:g}": tuple(ids) for value, ids in sorted(grades.items())}
    return out | {id: (id,) for id in CONSTANTS if parameters[id].kind == "fixed"}


def check_design(
    plan: FactcheckPlan, parameters: Mapping[str, Parameter], profile: Profile
) -> tuple[MovedFigure, ...]:
    """The figures to move. Raises UsageError for too few pairs to tell them apart."""
    figures = figures_of(parameters, profile, plan.error, NOT_MOVED, constants_of(parameters))
    if plan.moved_draws:
        design(len(figures), plan.moved_draws)
    return figures


def check_facts(
    plan: FactcheckPlan,
    spec: Spec,
    run: Run,
    parameters: Mapping[str, Parameter],
    profile: Profile,
    name: str,
) -> FactCheck:
    """Run what is needed and rank.

    ``spec(scenario, draw=..., replicate=..., parameters=...)`` makes a run, ``run(specs, what)``
    runs. ``name``: of the profile, or its file. Raises UsageError for a design that cannot tell the
    figures apart, KyodoError where a run failed.
    """
    from sim.calibrate.targets import load_targets
    from sim.model.measures import INITIATIVES

    scenarios = decision_scenarios(plan.years, plan.trend, name)
    figures = check_design(plan, parameters, profile)
    specs = [
        spec(scenario, draw=draw, replicate=replicate)
        for draw in range(plan.draws)
        for replicate in range(plan.replicates)
        for scenario in scenarios
    ]
    results = run(specs, f"{len(scenarios)} scenarios x {plan.draws} draws")
    results.require_whole(fc.READ_INDICATORS)
    per_draw = plan.replicates * len(scenarios)
    drawn = columns([specs[d * per_draw].resolved for d in range(plan.draws)])
    claims, unused = claim_items(INITIATIVES, parameters, profile)
    targets = load_targets(name).rows
    present = present_items(targets, profile)
    assumed = assumed_items(INITIATIVES, parameters, claims)
    wanted = [t for t in targets if t.id in {item.key for item in present}]
    found = expected_levels(name, wanted, parameters, drawn)
    if found is not None:
        levels, source = dict(found.values), found.source
    else:
        levels, source = _simulated(results, present, plan, per_draw), "runs"
    ensemble = fc.Ensemble(
        tuple(s.id for s in scenarios),
        fc.outcomes(results, plan.draws, plan.replicates, len(scenarios)),
        drawn,
        levels,
        source,
    )
    values = fc.sweep_values(plan.value, plan.factor)
    kept = fc.candidates(ensemble.outcomes, values, plan.with_budget)
    moved = _moved(plan, spec, run, [scenarios[n] for n in kept], kept, figures)
    items = [*claims, *present, *assumed, *groups_of([*claims, *assumed], parameters)]
    tables, choices = {}, {}
    for value in dict.fromkeys(values):
        main = value == plan.value
        tables[value], choices[value] = fc.assess(
            ensemble,
            items,
            moved,
            fc.BenefitRule(value, plan.with_budget),
            profile,
            false_share=plan.false_share,
            permutations=plan.permutations,
            intervals=main,
            seed=plan.seed,
        )
    question = fc.BenefitRule(plan.value, plan.with_budget)
    return FactCheck(
        plan,
        scenarios,
        tables,
        choices,
        fc.decision_rows(ensemble, question, choices[plan.value]),
        fc.best_ranges(ensemble, plan.with_budget),
        tuple(unused),
        figures if plan.moved_draws else (),
        tuple(scenarios[n].id for n in kept),
        source,
        {t.id: t.indicator for t in targets},
        profile,
    )


def columns(resolved: Sequence[Mapping[str, float]]) -> dict[str, Floats]:
    """Parameter -> values [draws], from the resolved parameters of one run of each draw."""
    return {id: np.array([row[id] for row in resolved]) for id in resolved[0]}


def _simulated(
    results: Results, present: Sequence[Item], plan: FactcheckPlan, per_draw: int
) -> dict[str, Floats]:
    """Levels in the first year of the baseline (the first of each draw's runs), replicate 0."""
    indicators = list(dict.fromkeys(item.indicator for item in present))
    cube = results.cube(indicators)[::per_draw, :, 0]
    return {id: cube[:, n] for n, id in enumerate(indicators) if np.isfinite(cube[:, n]).all()}


def _moved(
    plan: FactcheckPlan,
    spec: Spec,
    run: Run,
    scenarios: Sequence[Scenario],
    kept: tuple[int, ...],
    figures: tuple[MovedFigure, ...],
) -> fc.Moved | None:
    """Mirrored runs of the leading scenarios; replicate 0 of draws 0, 1, ..."""
    if not plan.moved_draws:
        return None
    signs = design(len(figures), plan.moved_draws)
    specs = [
        spec(scenario, draw=draw, replicate=0, parameters=overrides)
        for draw, pair in enumerate(moves(figures, signs))
        for overrides in pair
        for scenario in scenarios
    ]
    what = f"{len(figures)} figures moved by {plan.error:.0%}, {len(scenarios)} scenarios"
    results = run(specs, what)
    results.require_whole(fc.READ_INDICATORS)
    both = fc.outcomes(results, 2 * plan.moved_draws, 1, len(scenarios))
    plus, minus = (
        fc.DecisionOutcomes(both.solved[n::2], both.cost[n::2], both.budget[n::2]) for n in (0, 1)
    )
    return fc.Moved(figures, signs, plus, minus, kept, plan.error)


WEIGHTS = (
    "experiment.value_per_project", "experiment.value_factor", "experiment.figure_error",
    "experiment.false_share",
)  # fmt: skip
"""Parameters that the runs are weighed with."""


def plan_of(question: FactcheckQuestion, study: Study) -> FactcheckPlan:
    """What a question asks to be run. Raises UsageError for a design that cannot tell."""
    refuse_trend(study.parameters)
    value, factor, error, false_share = (study.value(name) for name in WEIGHTS)
    return FactcheckPlan(
        draws=question.draws,
        replicates=question.replicates,
        years=question.years,
        value=value if question.value is None else question.value,
        factor=factor,
        error=error,
        false_share=false_share,
        moved_draws=question.moved_draws,
        trend=question.trend,
        with_budget=question.project_budget,
        seed=question.seed,
    )


def check(question: FactcheckQuestion, study: Study) -> None:
    """Refuse a design that cannot tell the figures apart. Raises UsageError."""
    check_design(plan_of(question, study), study.table, load_profile(study.profile))


def answer(question: FactcheckQuestion, study: Study) -> FactCheck:
    """Run what is needed and rank."""
    plan, profile = plan_of(question, study), load_profile(study.profile)
    found = check_facts(plan, study.spec, study.run, study.table, profile, study.profile)
    study.name(*found.scenarios)
    return found
