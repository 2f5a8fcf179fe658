"""Tables of the scorecard: figures, verdicts on the asserted order, costs, weights, indicators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiments import ranking as r
from sim.experiments import scorecard as s
from sim.experiments.intervals import MIN_DRAWS, QUANTILE_METHOD
from sim.experiments.prioritise import OUTCOMES, READ
from sim.experiments.scorecard_figures import CRITERIA, Figure, Inputs, figures
from sim.indicators import INDICATORS

Floats = NDArray[np.float64]


def interval(values: Floats, better: int) -> tuple[float, float, float]:
    """(low, median, high) of ``values`` [draws]: 5th, 50th, 95th percentile.

    Under ``MIN_DRAWS`` draws the ends are the smallest and largest value. NaN counts as the worst
    value there is; an end or median that falls on it is NaN.
    """
    worst = -np.inf if better > 0 else np.inf
    filled = np.where(np.isnan(values), worst, values)
    ends = [0.05, 0.5, 0.95] if len(values) >= MIN_DRAWS else [0.0, 0.5, 1.0]
    if np.isfinite(filled).all():
        low, median, high = np.quantile(filled, ends, method=QUANTILE_METHOD)
    else:  # no average with infinity: one of the values
        low, median, high = np.quantile(filled, ends, method="inverted_cdf")
    found = np.array([low, median, high])
    low, median, high = np.where(np.isfinite(found), found, np.nan)
    return float(low), float(median), float(high)


@dataclass(frozen=True)
class Scorecard:
    """All tables (see `build`), with what they were made from."""

    inputs: Inputs
    figures: list[Figure]
    scores: Floats
    """[draws, criteria, alternatives], 1 = first, 0 = last."""
    scorecard: pd.DataFrame
    verdicts: pd.DataFrame
    pairs: pd.DataFrame
    costs: pd.DataFrame
    weights: pd.DataFrame
    indicators: pd.DataFrame
    growth: dict[str, float]

    def tables(self) -> dict[str, pd.DataFrame]:
        """File name without suffix -> table."""
        return {
            "scorecard": self.scorecard,
            "verdicts": self.verdicts,
            "pairs": self.pairs,
            "costs": self.costs,
            "weights": self.weights,
            "indicators": self.indicators,
        }


def build(inputs: Inputs, seed: int) -> Scorecard:
    """Compute figures, ranks and tables. Shapes as in ``sim.experiments.scorecard_figures``."""
    found = figures(inputs)
    ranks = {f.declared.id: r.ranks(f.values, f.declared.better, f.applies) for f in found}
    scores = np.stack([criterion_score(found, ranks, c) for c in CRITERIA], axis=1)
    verdicts, pairs = judge(inputs, found, ranks, scores)
    return Scorecard(
        inputs=inputs,
        figures=found,
        scores=scores,
        scorecard=figure_table(inputs, found, ranks),
        verdicts=verdicts,
        pairs=pairs,
        costs=cost_table(inputs),
        weights=weight_table(inputs, scores, seed),
        indicators=indicator_table(inputs),
        growth=growth(inputs),
    )


def criterion_score(found: list[Figure], ranks: dict[str, Floats], criterion: str) -> Floats:
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


def figure_table(inputs: Inputs, found: list[Figure], ranks: dict[str, Floats]) -> pd.DataFrame:
    """One row per figure and alternative: median, interval, pooled value, chance to be first.

    ``no_effect_share``: share of draws without an effect to describe. ``given`` False: not to be
    printed (the ratio to cost where the effect's 5th percentile is not above zero); median and
    interval are NaN then.
    """
    rows = []
    for figure in found:
        d = figure.declared
        first = r.first_place(ranks[d.id])
        for n, alternative in enumerate(inputs.alternatives):
            low, median, high = interval(figure.values[:, n], d.better)
            pooled = np.nan if figure.pooled is None else float(figure.pooled[n])
            given = bool(figure.applies[n]) and (figure.given is None or bool(figure.given[n]))
            chance = r.chance(first[:, n] if figure.applies[n] else np.array([np.nan]))
            rows.append({
                "criterion": d.criterion, "figure": d.id, "alternative": alternative.id,
                "unit": d.unit, "better": d.better, "ranked": d.ranked, "given": given,
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
    inputs: Inputs, found: list[Figure], ranks: dict[str, Floats], scores: Floats
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
            "tau_high": found_order.tau_high,
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


def _constant(figure: Figure) -> bool:
    """Whether the figure comes from no run and is the same in every draw."""
    same = np.array_equal(figure.values, np.tile(figure.values[:1], (len(figure.values), 1)))
    return figure.declared.exact and same


def cost_table(inputs: Inputs) -> pd.DataFrame:
    """At which ratio of costs two alternatives change places by extra solved projects per yen.

    ``factor_*``: how many times the assumed ratio; ``defined_share``: draws in which both have an
    effect; ``factor_over_draws``: from the means over the draws. Empty numbers where one of the two
    has no effect whose 5th percentile is above zero.
    """
    effect, cost = inputs.solved_beyond_both, inputs.cost()
    sure = np.quantile(effect, 0.05, axis=0) > 0
    rows = []
    for i, j in r.pairs_of(len(inputs.alternatives)):
        each = s.flip(effect, cost, i, j)
        pooled = s.flip(effect.mean(axis=0)[None], cost.mean(axis=0)[None], i, j)
        row: dict[str, Any] = {
            "alternative": inputs.alternatives[i].id, "against": inputs.alternatives[j].id,
            "given": bool(sure[i] and sure[j]),
            "defined_share": float((~np.isnan(each["factor"])).mean()),
        }  # fmt: skip
        for name, values in each.items():
            known = values[~np.isnan(values)]
            ends = interval(known, 1) if len(known) else (np.nan,) * 3
            numbers = dict(zip(("low", "median", "high"), ends, strict=True))
            numbers["over_draws"] = float(pooled[name][0])
            given = name == "assumed" or row["given"]
            row |= {f"{name}_{k}": v if given else np.nan for k, v in numbers.items()}
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
    """Effect of each alternative on each outcome indicator in the last year, without growth.

    ``clear``: +1, -1, 0 over the draws; ``moved_share``, ``worse_share``: draws in which it moves
    by the material share; ``gained_share``: draws in which its target is reached, and is not by the
    baseline, without growth and with it; ``foreign``: another measure's goal; ``direct``: declared
    as moved directly by an initiative of the alternative; ``years_to_half`` of the mean path.
    """
    effects, (aims, _, direction) = inputs.outcome_effects(), inputs.goals
    sign = s.right_sign(effects, direction)
    gained = (inputs.gains("flat") > 0) & (inputs.gains("trend") > 0)
    rows = []
    for n, alternative in enumerate(inputs.alternatives):
        for k, key in enumerate(OUTCOMES):
            path = inputs.paths.effect("flat", key)[:, n].mean(axis=0) * direction[k]
            low, median, high = interval(effects[:, n, k], int(direction[k]))
            rows.append({
                "alternative": alternative.id, "indicator": key, "unit": INDICATORS[key].unit,
                "foreign": bool(inputs.foreign[n, k]), "direct": key in alternative.direct,
                "target": aims[k],
                "effect_median": median, "effect_low": low, "effect_high": high,
                "right_sign_share": sign[n, k], "clear": int(inputs.clear[n, k]),
                "moved_share": float((inputs.moved[:, n, k] > 0).mean()),
                "worse_share": float((inputs.moved[:, n, k] < 0).mean()),
                "gained_share": float(gained[:, n, k].mean()),
                "years_to_half": float(s.years_to_half(path)),
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
