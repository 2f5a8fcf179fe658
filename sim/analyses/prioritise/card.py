"""Tables of the scorecard: figures, verdicts on the asserted order, costs, weights, indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analyses.prioritise import ranking as r
from sim.analyses.prioritise import scorecard as s
from sim.analyses.prioritise.question import CRITERIA
from sim.analyses.prioritise.scorecard_figures import BOTH, Inputs, ScoredFigure, figures
from sim.analyses.prioritise.worlds import OUTCOMES, READ
from sim.analyses.shared.intervals import QUANTILE_METHOD, ends_of, interval_kind
from sim.analyses.shared.reached import key_years
from sim.model.indicators import INDICATORS
from sim.places.load import start_year

Floats = NDArray[np.float64]


def interval(values: Floats, better: int) -> tuple[float, float, float]:
    """(low, median, high) of ``values`` [draws]: 5th, 50th, 95th percentile.

    Under ``MIN_DRAWS`` draws the ends are the smallest and largest value. NaN counts as the worst
    value there is; an end or median that falls on it is NaN.
    """
    worst = -np.inf if better > 0 else np.inf
    filled = np.where(np.isnan(values), worst, values)
    least, most = ends_of(len(values))
    ends = [least, 0.5, most]
    if np.isfinite(filled).all():
        low, median, high = np.quantile(filled, ends, method=QUANTILE_METHOD)
    else:  # no average with infinity: one of the values
        low, median, high = np.quantile(filled, ends, method="inverted_cdf")
    found = np.array([low, median, high])
    low, median, high = np.where(np.isfinite(found), found, np.nan)
    return float(low), float(median), float(high)


def worse_interval(by_world: Sequence[Floats], better: int) -> tuple[float, float, float]:
    """`interval` of the world whose median is the worse one; no median is the worst.

    ``by_world``: values [draws] of each world. Not the interval of the worse values draw by draw:
    luck alone puts those below (or above) both worlds.
    """

    def key(found: tuple[float, float, float]) -> float:
        return -np.inf if np.isnan(found[1]) else better * found[1]

    return min((interval(values, better) for values in by_world), key=key)


@dataclass(frozen=True)
class Scorecard:
    """The tables, with what they were made from."""

    inputs: Inputs
    figures: list[ScoredFigure]
    scores: Floats
    """[draws, criteria, alternatives], 1 = first, 0 = last."""
    tables: dict[str, pd.DataFrame]
    """File name without suffix -> table."""
    growth: dict[str, float]


def build(inputs: Inputs, seed: int) -> Scorecard:
    """Compute figures, ranks and tables. Shapes as in
    ``sim.analyses.prioritise.scorecard_figures``."""
    found = figures(inputs)
    ranks = {f.declared.id: r.ranks(f.values, f.declared.better, f.applies) for f in found}
    scores = np.stack([criterion_score(found, ranks, c) for c in CRITERIA], axis=1)
    verdicts, pairs = judge(inputs, found, ranks, scores)
    return Scorecard(
        inputs=inputs,
        figures=found,
        scores=scores,
        tables={
            "scorecard": figure_table(inputs, found, ranks),
            "verdicts": verdicts,
            "pairs": pairs,
            "costs": cost_table(inputs),
            "weights": weight_table(inputs, scores, seed),
            "indicators": indicator_table(inputs),
            "targets": target_table(inputs),
        },
        growth=growth(inputs),
    )


def criterion_score(found: list[ScoredFigure], ranks: dict[str, Floats], criterion: str) -> Floats:
    """Score of a criterion [draws, alternatives]: mean of its halves, each of its figures."""
    halves: dict[int, list[Floats]] = {}
    for figure in found:
        d = figure.declared
        if d.criterion == criterion and d.ranked:
            halves.setdefault(d.half, []).append(r.scores(ranks[d.id]))
    means = [_mean_known(parts) for parts in halves.values()]
    return r.mean_scores(means)


def _mean_known(parts: list[Floats]) -> Floats:
    """Mean of one half; NaN where an alternative has none of its figures."""
    none = np.isnan(np.stack(parts)).all(axis=0)
    return np.where(none, np.nan, r.mean_scores(parts))


def figure_table(
    inputs: Inputs, found: list[ScoredFigure], ranks: dict[str, Floats]
) -> pd.DataFrame:
    """One row per figure and alternative: median, interval, pooled value, chance to be first.

    Median, interval and pooled value are those of the worse world (`worse_interval`); ranks and
    chances to be first use the worse value of each draw. ``interval_kind``: what its ends are.
    ``no_effect_share``: share of draws without an effect to describe. ``given`` False: not to be
    printed (the ratio to cost where the effect is not surely above zero in both worlds); median and
    interval are NaN then.
    """
    rows = []
    for figure in found:
        d = figure.declared
        first = r.first_place(ranks[d.id])
        for n, alternative in enumerate(inputs.alternatives):
            low, median, high = worse_interval([v[:, n] for v in figure.by_world], d.better)
            pooled = np.nan if figure.pooled is None else float(figure.pooled[n])
            given = bool(figure.applies[n]) and (figure.given is None or bool(figure.given[n]))
            chance = r.chance(first[:, n] if figure.applies[n] else np.array([np.nan]))
            rows.append({
                "criterion": d.criterion, "figure": d.id, "alternative": alternative.id,
                "unit": d.unit, "better": d.better, "ranked": d.ranked, "given": given,
                "worlds": " ".join(d.worlds), "interval_kind": interval_kind(inputs.paths.draws),
                "applies": bool(figure.applies[n]),
                "median": median if given else np.nan, "low": low if given else np.nan,
                "high": high if given else np.nan, "over_draws": pooled if given else np.nan,
                "no_effect_share": float(np.isnan(figure.values[:, n]).mean()),
                "first_share": chance.share,
                "first_low": chance.share if d.exact else chance.low,
                "first_high": chance.share if d.exact else chance.high,
                "mean_rank": float(ranks[d.id][:, n].mean()),
            })  # fmt: skip
    return pd.DataFrame(rows)


def judge(
    inputs: Inputs, found: list[ScoredFigure], ranks: dict[str, Floats], scores: Floats
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Verdicts on figures and criteria, and the chances of the pairs behind them.

    A row with an empty ``figure`` is the criterion. The whole order is judged between measures
    only: fifteen initiatives are never all in place.
    """
    asserted = np.array([a.asserted for a in inputs.alternatives], dtype=np.int64)
    certainty = inputs.settings.certainty
    judged: list[tuple[str, str, bool, bool, Floats]] = []
    for c, criterion in enumerate(CRITERIA):
        own = [f for f in found if f.declared.criterion == criterion]
        exact = all(_constant(f) for f in own if f.declared.ranked)
        judged.append((criterion, "", True, exact, r.ranks(scores[:, c], 1)))
        for f in own:
            d = f.declared
            judged.append((criterion, d.id, d.ranked, _constant(f), ranks[d.id]))
    rows, pairs = [], []
    for criterion, name, ranked, exact, rank in judged:
        found_order = r.agreement(rank, asserted, certainty, exact)
        whole = len(set(asserted)) == len(asserted)
        first = r.first_place(rank).mean(axis=0)
        best = int(np.argmax(first))
        rows.append({
            "criterion": criterion, "figure": name, "ranked": ranked,
            "verdict": found_order.verdict, "first_verdict": found_order.first_verdict,
            "order_share": found_order.order.share if whole else np.nan,
            "order_low": found_order.order.low if whole else np.nan,
            "order_high": found_order.order.high if whole else np.nan,
            "tau_mean": found_order.tau_mean, "tau_low": found_order.tau_low,
            "tau_high": found_order.tau_high, "interval_kind": interval_kind(len(rank)),
            "first": inputs.alternatives[best].id, "first_share": float(first[best]),
            "asserted_first_share": found_order.first.share,
            "asserted_first_low": found_order.first.low,
            "asserted_first_high": found_order.first.high,
        })  # fmt: skip
        for (i, j), held in found_order.pairs.items():
            pairs.append({
                "criterion": criterion, "figure": name,
                "before": inputs.alternatives[i].id, "behind": inputs.alternatives[j].id,
                "share": held.share, "low": held.low, "high": held.high,
            })  # fmt: skip
    return pd.DataFrame(rows), pd.DataFrame(pairs)


def _constant(figure: ScoredFigure) -> bool:
    """Whether the figure comes from no run and is the same in every draw."""
    same = np.array_equal(figure.values, np.tile(figure.values[:1], (len(figure.values), 1)))
    return figure.declared.exact and same


def cost_table(inputs: Inputs) -> pd.DataFrame:
    """At which ratio of costs two alternatives change places by extra solved projects per yen.

    Each alternative counts in the world in which the mean of its effect is smaller
    (``alternative_world``, ``against_world``). ``factor_*``: how many times the assumed ratio;
    ``defined_share``: draws in which both have an effect; ``factor_over_draws``: from the means
    over the draws. Empty numbers where one of the two effects is not surely above zero.
    ``interval_kind``: of the ends, by the draws in which both have an effect.
    """
    effect, cost = inputs.in_worse_world(inputs.solved), inputs.in_worse_world(inputs.cost)
    sure = inputs.surely_more
    rows = []
    for i, j in r.pairs_of(len(inputs.alternatives)):
        each = s.flip(effect, cost, i, j)
        pooled = s.flip(effect.mean(axis=0)[None], cost.mean(axis=0)[None], i, j)
        given = bool(sure[i] and sure[j])
        # one kind a row: where the flip is not given, only the ratio of costs is there
        both = ~np.isnan(each["factor" if given else "assumed"])
        row: dict[str, Any] = {
            "alternative": inputs.alternatives[i].id, "against": inputs.alternatives[j].id,
            "alternative_world": inputs.worse_world[i], "against_world": inputs.worse_world[j],
            "given": given, "interval_kind": interval_kind(int(both.sum())),
            "defined_share": float((~np.isnan(each["factor"])).mean()),
        }  # fmt: skip
        for name, values in each.items():
            known = values[both & ~np.isnan(values)]
            ends = interval(known, 1) if len(known) else (np.nan,) * 3
            numbers = dict(zip(("low", "median", "high"), ends, strict=True))
            numbers["over_draws"] = float(pooled[name][0])
            shown = name == "assumed" or given
            row |= {f"{name}_{k}": v if shown else np.nan for k, v in numbers.items()}
        rows.append(row)
    return pd.DataFrame(rows)


def weight_table(inputs: Inputs, scores: Floats, seed: int) -> pd.DataFrame:
    """What weights over the five criteria would decide, see `ranking.Weighted`."""
    weights = r.even_weights(inputs.settings.weights, len(CRITERIA), seed)
    found = r.weighted(scores, weights)
    rows = []
    for n, alternative in enumerate(inputs.alternatives):
        row: dict[str, Any] = {
            "alternative": alternative.id, "first_by_mean_score": found.mean_first[n],
            "first_by_draw": found.first[n], "first_equal_weights": found.equal_first[n],
        }  # fmt: skip
        row |= {f"typical_{c}": found.typical[n, k] for k, c in enumerate(CRITERIA)}
        rows.append(row)
    return pd.DataFrame(rows)


def indicator_table(inputs: Inputs) -> pd.DataFrame:
    """Effect of each alternative on each outcome indicator in the last year.

    Everything is that of the worse world, without growth or with it in both arms: ``effect_*`` of
    the world with the worse median (``interval_kind``: its ends); ``clear``: +1 clearly as wanted
    in both worlds, -1 clearly the other way in one, else 0; ``right_sign_share``, ``moved_share``:
    the smaller, ``worse_share``: the larger share of draws; ``years_to_half`` of the mean path.
    ``gained_share``: the smaller of both worlds' shares of draws in which the target is reached and
    is not by the baseline, with its Clopper-Pearson interval; ``baseline_share``: the larger of
    the baseline's own shares, with its interval (`target_table` has both worlds and earlier years).
    ``foreign``: another measure's goal; ``direct``: declared as moved directly by an initiative of
    the alternative.
    """
    aims, _, direction = inputs.goals
    effects = {w: inputs.outcome_effects(w) for w in BOTH}
    moved = {w: inputs.moved(w) for w in BOTH}
    gains = {w: inputs.gains(w) > 0 for w in BOTH}
    alone = {w: inputs.reached(w)[:, 0] for w in BOTH}
    sign = np.minimum(*(s.right_sign(effects[w], direction) for w in BOTH))
    clear = np.minimum(*(inputs.clear(w) for w in BOTH))
    rows = []
    for n, alternative in enumerate(inputs.alternatives):
        for k, key in enumerate(OUTCOMES):
            flat, trend = (
                s.years_to_half(inputs.paths.effect(w, key)[:, n].mean(axis=0) * direction[k])
                for w in BOTH
            )
            low, median, high = worse_interval(
                [effects[w][:, n, k] for w in BOTH], int(direction[k])
            )
            rows.append({
                "alternative": alternative.id, "indicator": key, "unit": INDICATORS[key].unit,
                "foreign": bool(inputs.foreign[n, k]), "direct": key in alternative.direct,
                "target": aims[k],
                "effect_median": median, "effect_low": low, "effect_high": high,
                "interval_kind": interval_kind(inputs.paths.draws),
                "right_sign_share": sign[n, k], "clear": int(clear[n, k]),
                "moved_share": min(float((moved[w][:, n, k] > 0).mean()) for w in BOTH),
                "worse_share": max(float((moved[w][:, n, k] < 0).mean()) for w in BOTH),
                **_chance("gained", min((gains[w][:, n, k] for w in BOTH), key=np.mean)),
                **_chance("baseline", max((alone[w][:, k] for w in BOTH), key=np.mean)),
                "years_to_half": float(s.worse(flat, trend, -1)),
            })  # fmt: skip
    return pd.DataFrame(rows)


def _chance(name: str, hits: NDArray[np.bool_]) -> dict[str, float]:
    """Share of draws and its Clopper-Pearson interval as columns."""
    found = r.chance(hits.astype(np.float64))
    return {f"{name}_share": found.share, f"{name}_low": found.low, f"{name}_high": found.high}


def target_table(inputs: Inputs) -> pd.DataFrame:
    """Chance of every outcome target beside the baseline's own, at years 3, 5 and 10 and the last.

    One row per alternative, indicator, year after the start and world (``flat``, ``trend``):
    ``reached_*`` by the alternative, ``baseline_*`` by the baseline of the same world, ``gained_*``
    by the alternative and not by the baseline: share of draws and its Clopper-Pearson interval.
    """
    years = key_years(range(start_year(), start_year() + inputs.paths.years))
    rows = []
    for world in BOTH:
        for after, fiscal_year in years.items():
            hits = inputs.reached(world, after - 1)
            for n, alternative in enumerate(inputs.alternatives):
                for k, key in enumerate(OUTCOMES):
                    own, base = hits[:, 1 + n, k], hits[:, 0, k]
                    rows.append({
                        "alternative": alternative.id, "indicator": key, "world": world,
                        "years": after, "fiscal_year": fiscal_year,
                        **_chance("reached", own), **_chance("baseline", base),
                        **_chance("gained", own & ~base),
                    })  # fmt: skip
    return pd.DataFrame(rows)


def growth(inputs: Inputs) -> dict[str, float]:
    """What the past growth alone adds to solved projects up to the horizon: low, median, high.

    ``beaten_by_<id>``: share of draws in which the alternative adds more without growth.
    """
    place = READ.index("solved_cumulative")
    more = inputs.paths.trend[:, 0, place, -1] - inputs.paths.flat[:, 0, place, -1]
    low, median, high = interval(more, 1)
    flat = inputs.solved("flat")
    beaten = {
        f"beaten_by_{a.id}": float((flat[:, n] > more).mean())
        for n, a in enumerate(inputs.alternatives)
    }
    return {"low": low, "median": median, "high": high, **beaten}
