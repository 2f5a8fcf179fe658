"""What each measure and each initiative adds to a scenario's effect: which runs, which tables.

Every draw (and replicate) runs the 2^n sets of the scenario's measures, the sets that its sampled
orders of initiatives run through, and two runs with past growth switched on; all but the last two
branch from one burn-in, and every difference is taken within a draw and replicate. A set is run
once per draw whatever asks for it. The estimators are in factorial.py, shapley.py and means.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from sim.analyses.attribute.plan import (
    AttributionPlan,
    AttributionRuns,
    indicators_of,
    make_plan,
    plan_runs,
)
from sim.analyses.shared.intervals import Floats
from sim.analyses.shared.means import MEAN_COLUMNS, mean_frame, ratio_interval
from sim.analyses.shared.shapley import (
    exact_shapley,
    owen_estimate,
)
from sim.analyses.shared.trend import TREND
from sim.scenario.bundled import BASELINE
from sim.scenario.reader import load_scenario

if TYPE_CHECKING:
    from sim.analyses.attribute.question import AttributeQuestion
    from sim.analyses.shared.reached import IndicatorLike
    from sim.analyses.study import Study

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
    indicators_of(question.indicator)
    plan_of(question, study)


def answer(question: AttributeQuestion, study: Study) -> Attributed:
    """Run the plan and divide the effect."""
    from sim.analyses.attribute.growth import growth_facts, growth_rows
    from sim.analyses.shared.reached import target_value
    from sim.figures.evidence import load_profile

    plan, indicators = plan_of(question, study), indicators_of(question.indicator)
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
