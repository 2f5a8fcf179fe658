"""What each measure and each initiative adds to a scenario's effect: which runs, which tables.

Every draw (and replicate) runs the 2^n sets of the scenario's measures, the sets that its sampled
orders of initiatives run through, and two runs with past growth switched on; all but the last two
branch from one burn-in, and every difference is taken within a draw and replicate. A set is run
once per draw whatever asks for it. The estimators are in factorial.py, shapley.py and means.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.analyses.attribute.factorial import (
    INTERACTIONS,
    NATURAL,
    Contrast,
    apply,
    contrasts,
    log_scale,
    transformed,
    verdict,
    without_dust,
)
from sim.analyses.shared.intervals import Floats
from sim.analyses.shared.means import MEAN_COLUMNS, mean_frame, ratio_interval
from sim.analyses.shared.shapley import (
    Order,
    exact_shapley,
    grouped_orders,
    owen_estimate,
    prefix_masks,
    union_masks,
)
from sim.analyses.shared.trend import TREND, with_trend
from sim.analyses.shared.values import scenario_of
from sim.base.errors import UsageError
from sim.scenario.bundled import BASELINE
from sim.scenario.reader import load_scenario

if TYPE_CHECKING:
    from sim.analyses.attribute.question import AttributeQuestion
    from sim.analyses.shared.reached import IndicatorLike
    from sim.analyses.study import Study
    from sim.model.indicators import Indicator
    from sim.runs.spec import RunSpec
    from sim.scenario.types import Scenario

TREND_ARMS = ("baseline_trend", "measures_trend")

DEFAULT_AUXILIARY = ("solved_projects", "solved_cumulative", "participation_rate")
"""Auxiliary indicators that are attributed beside the twenty-four by default."""

SHARE_COLUMNS = (
    "level", "id", "measure", "indicator", "kind", "fiscal_year", "unit", *MEAN_COLUMNS,
    "share", "share_low", "share_high", "permutation_error",
)  # fmt: skip
"""``level`` total | measure | initiative; the figures are contributions to the effect against the
baseline, in the indicator's unit. ``share`` of the mean total effect with its 95 % confidence
interval, empty where the total may be zero; ``permutation_error``: standard error of ``mean`` that
is due to sampled orders (part of its interval), empty with one pair of orders."""

INTERACTION_COLUMNS = (
    "contrast", "factors", "scale", "indicator", "kind", "fiscal_year", "unit", *MEAN_COLUMNS,
    "verdict",
)  # fmt: skip
"""``contrast``, ``scale`` and ``verdict``: see factorial.py; no verdict on effects."""

LEVEL_COLUMNS = ("scenario", "indicator", "kind", "fiscal_year", "unit", *MEAN_COLUMNS)


@dataclass(frozen=True)
class AttributionPlan:
    """Which sets of initiatives are run in which draw and replicate.

    ``players``: the initiatives of ``base``; ``groups``: their positions by measure; ``measures``:
    the numbers of those measures; ``orders``: (draw, replicate) -> sampled orders, none at the
    level of measures; ``trend``: whether the two runs with past growth are added.
    """

    base: Scenario
    players: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]
    measures: tuple[int, ...]
    draws: int
    replicates: int
    orders: Mapping[tuple[int, int], tuple[Order, ...]]
    trend: bool

    @cached_property
    def unions(self) -> tuple[int, ...]:
        """The sets of players of every set of measures, in the order of the factorial."""
        return union_masks(self.groups)

    @property
    def units(self) -> list[tuple[int, int]]:
        """All (draw, replicate), in order."""
        return [(d, r) for d in range(self.draws) for r in range(self.replicates)]

    def masks(self, unit: tuple[int, int]) -> tuple[int, ...]:
        """The sets that one draw and replicate runs, each once: those of the factorial first."""
        sampled = (m for order in self.orders.get(unit, ()) for m in prefix_masks(order))
        return tuple(dict.fromkeys((*self.unions, *sampled)))

    def scenario(self, mask: int) -> Scenario:
        """The scenario with one set of initiatives; the same set has the same id everywhere."""
        on = [name for n, name in enumerate(self.players) if mask >> n & 1]
        if mask == 0:
            name = BASELINE
        elif mask == self.unions[-1]:
            name = self.base.id
        elif mask in self.unions:
            sets = self.unions.index(mask)
            name = "_".join(f"m{m}" for n, m in enumerate(self.measures) if sets >> n & 1)
        else:
            name = "+".join(on)
        return scenario_of(self.base, on, name)


def make_plan(
    base: Scenario,
    *,
    draws: int,
    replicates: int = 1,
    permutations: int = 2,
    seed: int = 0,
    trend: bool = True,
) -> AttributionPlan:
    """Plan the runs of an attribution. ``permutations``: orders per run, even; 0: measures only.

    Raises UsageError for a scenario without initiatives, one that is called baseline, and for an
    odd number of permutations (each is run with its reverse).
    """
    from sim.model.measures import INITIATIVES

    players = tuple(base.initiatives)
    if not players:
        raise UsageError(f"scenario '{base.id}' has no initiative to attribute anything to")
    if base.id == BASELINE:
        raise UsageError("the scenario 'baseline' switches on initiatives: give it another id")
    if permutations < 0 or permutations % 2:
        raise UsageError(
            f"permutations: {permutations} is not an even number of at least 2: each order is run"
            " with its reverse"
        )
    measure = [INITIATIVES[name].measure for name in players]
    measures = tuple(sorted(set(measure)))
    groups = tuple(tuple(n for n, m in enumerate(measure) if m == own) for own in measures)
    orders: dict[tuple[int, int], tuple[Order, ...]] = {}
    if permutations:
        for d in range(draws):
            for r in range(replicates):
                purpose = f"attribute, draw {d}, replicate {r}"
                orders[d, r] = grouped_orders(groups, permutations // 2, seed, purpose)
    return AttributionPlan(base, players, groups, measures, draws, replicates, orders, trend)


@dataclass(frozen=True)
class AttributionRuns:
    """The runs of a plan, those of one burn-in together, and where each stands among them.

    ``place``: (draw, replicate, set of initiatives or trend arm) -> position in ``specs``.
    """

    specs: tuple[RunSpec, ...]
    place: Mapping[tuple[int, int, int | str], int]

    def of(self, plan: AttributionPlan, values: Floats, what: int | str) -> Floats:
        """Values [runs, ...] of one set or arm in all draws: [draws, replicates, ...]."""
        at = [self.place[d, r, what] for d, r in plan.units]
        picked: Floats = values[at]
        return picked.reshape(plan.draws, plan.replicates, *values.shape[1:])


def plan_runs(
    plan: AttributionPlan, spec: Callable[[Scenario, int, int], RunSpec], profile: str
) -> AttributionRuns:
    """The RunSpecs of a plan. ``spec``: a scenario, a draw and a replicate with shared options."""
    specs: list[RunSpec] = []
    place: dict[tuple[int, int, int | str], int] = {}
    known: dict[int | str, Scenario] = {}
    if plan.trend:
        for arm, mask in zip(TREND_ARMS, (0, plan.unions[-1]), strict=True):
            known[arm] = with_trend(plan.scenario(mask), profile)
    for d, r in plan.units:
        for what in (*plan.masks((d, r)), *(TREND_ARMS if plan.trend else ())):
            if what not in known:
                known[what] = plan.scenario(int(what))
            place[d, r, what] = len(specs)
            specs.append(spec(known[what], d, r))
    return AttributionRuns(tuple(specs), place)


@dataclass(frozen=True)
class Attribution:
    """The tables: ``shares`` (SHARE_COLUMNS), ``interactions`` (INTERACTION_COLUMNS), ``levels``.

    ``levels`` (LEVEL_COLUMNS): what the indicators are without and with all of the initiatives.
    ``largest_gap``: by how much the initiatives' contributions miss the total effect at most in
    any run, relative to the larger of 1 and the effect: rounding only.
    """

    shares: pd.DataFrame
    interactions: pd.DataFrame
    levels: pd.DataFrame
    largest_gap: float


def attribute(
    plan: AttributionPlan,
    runs: AttributionRuns,
    cube: Floats,
    indicators: Sequence[IndicatorLike],
    years: Sequence[int],
) -> Attribution:
    """All tables from the values ``cube`` [runs, indicators, years].

    A draw in which any of an indicator's values is missing (NaN: not available, or a failed run)
    is left out of that indicator's year as a whole; so that contributions still add up. Where more
    than a tenth of the runs is missing there is no figure.
    """
    flat = cube.reshape(len(cube), -1)  # [runs, cells], cells = indicator x year
    game = np.stack([runs.of(plan, flat, m) for m in plan.unions], axis=-1)
    game = np.moveaxis(game, 2, 0)  # [cells, draws, replicates, sets]
    places = [(i, int(year)) for i in indicators for year in years]
    shares, gap = _shares(plan, runs, flat, game, places)
    frames = []
    for contrast in contrasts(len(plan.measures)):
        frames += _contrast_frames(contrast, plan, game, places)
    table = pd.concat(frames, ignore_index=True)
    levels = [
        _placed(mean_frame(game[..., n]), places).assign(scenario=plan.scenario(mask).id)
        for n, mask in ((0, 0), (-1, plan.unions[-1]))
    ]
    level_table = pd.concat(levels, ignore_index=True)[list(LEVEL_COLUMNS)]
    return Attribution(shares, with_verdicts(table, indicators), level_table, gap)


def _shares(
    plan: AttributionPlan,
    runs: AttributionRuns,
    flat: Floats,
    game: Floats,
    places: Sequence[tuple[IndicatorLike, int]],
) -> tuple[pd.DataFrame, float]:
    """Contributions of measures and initiatives to the total effect, and the largest gap."""
    players = np.full((*game.shape[:3], len(plan.players)), np.nan)
    noise = np.full_like(players, np.nan)
    missing = np.asarray(np.isnan(game).any(axis=-1))
    for unit, orders in plan.orders.items():
        values = {m: flat[runs.place[(*unit, m)]] for m in plan.masks(unit)}
        estimate, error = owen_estimate(orders, values, plan.groups)
        players[:, unit[0], unit[1]], noise[:, unit[0], unit[1]] = estimate, error
        missing[:, unit[0], unit[1]] |= np.isnan(list(values.values())).any(axis=0)
    total = np.where(missing, np.nan, game[..., -1] - game[..., 0])
    size = np.abs(game).max(axis=-1)[..., None]
    measures = np.where(missing[..., None], np.nan, without_dust(exact_shapley(game), size))
    players = np.where(missing[..., None], np.nan, without_dust(players, size))
    noise = np.where(missing[..., None], np.nan, noise)
    nothing = np.zeros(total.shape)
    frames = [_share_frame("total", plan.base.id, 0, total, total, nothing, places)]
    for n, measure in enumerate(plan.measures):
        part = measures[..., n]
        frames.append(_share_frame("measure", f"m{measure}", measure, part, total, nothing, places))
    gap = 0.0
    if plan.orders:
        for group, measure in zip(plan.groups, plan.measures, strict=True):
            for n in group:
                part, error = players[..., n], noise[..., n]
                name = plan.players[n]
                frames.append(_share_frame("initiative", name, measure, part, total, error, places))
        left = np.abs(players.sum(axis=-1) - total) / np.maximum(1.0, np.abs(total))
        gap = float(np.nanmax(left, initial=0.0))
    out = pd.concat(frames, ignore_index=True)
    return out[list(SHARE_COLUMNS)], gap


def _share_frame(
    level: str,
    name: str,
    measure: int,
    part: Floats,
    total: Floats,
    error: Floats,
    places: Sequence[tuple[IndicatorLike, int]],
) -> pd.DataFrame:
    out = _placed(mean_frame(part), places)
    out["share"], out["share_low"], out["share_high"] = ratio_interval(part, total)
    units = np.sum(~np.isnan(error), axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        out["permutation_error"] = np.where(
            units > 0, np.sqrt(np.nansum(error, axis=(1, 2))) / units, np.nan
        )
    return out.assign(level=level, id=name, measure=measure)


def _placed(frame: pd.DataFrame, places: Sequence[tuple[IndicatorLike, int]]) -> pd.DataFrame:
    """A frame of cells with the indicator, its class and unit, and the year of each."""
    return frame.assign(
        indicator=[i.id for i, _ in places],
        kind=[i.kind for i, _ in places],
        unit=[i.unit for i, _ in places],
        fiscal_year=[year for _, year in places],
    )


def factor_text(contrast: Contrast, measures: Sequence[int]) -> str:
    """The measures that a contrast is about: "m1", "m1 x m3", "m1 x m2 x m3"."""
    return " x ".join(f"m{measures[k]}" for k in contrast.factors)


def _contrast_frames(
    contrast: Contrast,
    plan: AttributionPlan,
    game: Floats,
    places: Sequence[tuple[IndicatorLike, int]],
) -> list[pd.DataFrame]:
    """One contrast on the natural scale and on each indicator's own logarithmic one."""
    own = [log_scale(i) for i, _ in places]
    logged = np.empty_like(game)
    for scale in set(own):
        here = [n for n, s in enumerate(own) if s == scale]
        logged[here] = transformed(game[here], scale)
    frames = []
    for scales, values in (([NATURAL] * len(own), game), (own, logged)):
        frame = _placed(mean_frame(apply(contrast, values)), places)
        frame["contrast"], frame["scale"] = contrast.kind, scales
        frame["factors"] = factor_text(contrast, plan.measures)
        frames.append(frame)
    return frames


def with_verdicts(table: pd.DataFrame, indicators: Sequence[IndicatorLike]) -> pd.DataFrame:
    """The table of contrasts with a column ``verdict``, the same on both scales."""
    direction = {i.id: i.direction for i in indicators}
    keys = ["contrast", "factors", "indicator", "fiscal_year"]
    ends = ["mean", "mean_low", "mean_high"]
    words: dict[tuple[Any, ...], str] = {}
    tests = table.loc[table["contrast"].isin(INTERACTIONS)]
    for key, pair in tests.groupby(keys, sort=False):
        natural = pair.loc[pair["scale"] == NATURAL, ends].to_numpy(dtype=np.float64)[0]
        log = pair.loc[pair["scale"] != NATURAL, ends].to_numpy(dtype=np.float64)[0]
        words[tuple(key)] = verdict(list(natural), list(log), direction[str(key[2])])
    found = [words.get(tuple(row)) for row in table[keys].itertuples(index=False)]
    table["verdict"] = pd.Series(found, index=table.index, dtype="object")
    return table[list(INTERACTION_COLUMNS)]


@dataclass(frozen=True)
class Attributed:
    """What was found: the plan, its tables, and the projects over both baselines.

    ``growth``, ``growth_facts``: see `sim.analyses.attribute.growth`. ``targets``: indicator ->
    target, those without one left out.
    """

    plan: AttributionPlan
    parts: Attribution
    growth: pd.DataFrame
    growth_facts: Mapping[str, Any]
    targets: Mapping[str, float]


def indicators_of(question: AttributeQuestion) -> dict[str, Indicator]:
    """The indicators to attribute, in the order of their declaration. Raises UsageError."""
    from sim.analyses.shared.values import known_indicator
    from sim.model.indicators import INDICATORS

    wanted = {known_indicator(name) for name in question.indicator}
    if wanted:
        return {k: i for k, i in INDICATORS.items() if k in wanted}
    return {k: i for k, i in INDICATORS.items() if i.kind != "auxiliary" or k in DEFAULT_AUXILIARY}


def plan_of(question: AttributeQuestion, study: Study) -> AttributionPlan:
    """The runs of a question. A past growth that is set stands in both arms: nothing to compare."""
    base = load_scenario(question.scenario, question.years)
    study.assume(profile=base.profile, discount=base.discount)
    study.name(base, load_scenario(BASELINE, question.years))
    return make_plan(
        base,
        draws=question.draws or 1,
        replicates=question.replicates,
        permutations=question.orders,
        seed=question.seed,
        trend=TREND not in study.parameters and TREND not in base.parameters,
    )


def check(question: AttributeQuestion, study: Study) -> None:
    """Refuse what cannot be attributed. Raises UsageError."""
    indicators_of(question)
    plan_of(question, study)


def answer(question: AttributeQuestion, study: Study) -> Attributed:
    """Run the plan and divide the effect."""
    from sim.analyses.attribute.growth import growth_facts, growth_rows
    from sim.analyses.shared.reached import target_value
    from sim.figures.evidence import load_profile

    plan, indicators = plan_of(question, study), indicators_of(question)
    runs = plan_runs(plan, study.spec, study.profile)
    results = study.run(runs.specs, f"attribution of {plan.base.id}")
    cube, declared = results.cube(list(indicators)), list(indicators.values())
    evidence = load_profile(study.profile)
    growth = growth_rows(plan, runs, cube, declared, results.years, evidence)
    targets = {i.id: target_value(i, evidence) for i in declared}
    return Attributed(
        plan,
        attribute(plan, runs, cube, declared, results.years),
        growth,
        growth_facts(growth, study.profile),
        {id: target for id, target in targets.items() if target is not None},
    )
