"""How much of an interval is due to behaviour, to effects, and to chance: estimators on arrays.

Every draw has three runs: f, and two partners in which one group of inputs is frozen and another
picked anew (pick-freeze; Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018; Jansen 1999,
doi:10.1016/S0010-4655(98)00154-4): e has the behaviour and the luck of f with effects of another
draw, c has the behaviour and the effects of f with other luck. By the law of total variance

    Var f = Var E[f | behaviour] + E Var[f | behaviour],

and e and c share nothing but the behaviour, so E (e - c)^2 / 2 is the second term. It splits into
(e - c)^2 = (f - e)(c - e) + (f - c)(e - c):

- behaviour: the part of the variance that would go if behaviour were known (its first-order index);
- effects:   E (f - e)(c - e) / 2 = total index of effects less half of effects x chance;
- chance:    E (f - c)(e - c) / 2 = total index of chance less half of effects x chance.

The three add to 1. Interactions are allotted: behaviour x effects to effects, behaviour x chance to
chance, effects x chance to both by halves. The structure of the model is in none of them. Nothing
is simulated here (sim/analyses/compare/explain.py does that).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analyses.shared.intervals import ENDS, Floats, available

if TYPE_CHECKING:
    import pandas as pd

PARTS = ("behaviour", "effects", "chance")
OF = ("value", "effect")
PART_COLUMNS = (
    "scenario", "indicator", "fiscal_year", "of", "part", "share", "low", "high", "draws",
)  # fmt: skip
"""Columns of the tidy table: ``of`` "value" or "effect" (paired difference from the baseline);
``share`` of the variance with its bootstrap interval ``low`` to ``high``, NaN where there is no
variance or no value; ``draws`` that have a value."""

RESAMPLES = 500
"""Bootstrap resamples of the draws."""


NO_VARIANCE = 1e-9
"""A standard deviation below this share of the largest value is rounding (the model's promise)."""


@lru_cache(maxsize=8)
def resamples(draws: int, number: int = RESAMPLES) -> Floats:
    """How often each draw is in each bootstrap resample: [number, draws], keyed by number."""
    from sim.base.randomness import parameter_uniform

    counts = np.zeros((number, draws))
    for row in range(number):
        for n in range(draws):
            picked = int(draws * parameter_uniform(row, n, "interval_parts bootstrap"))
            counts[row, picked] += 1
    return counts


def variance_parts(f: Floats, e: Floats, c: Floats, size: Floats, weights: Floats) -> Floats:
    """Shares of PARTS in the variance, [3, resamples, cells], each at least 0 and 1 together.

    ``f``, ``e``, ``c`` [cells, draws]: the three runs of every draw (see above); where one of them
    is NaN the draw is left out. ``size`` [cells]: magnitude below which a spread is rounding.
    ``weights`` [resamples, draws]: how often each draw counts. An estimate below 0 becomes 0 and
    the others are scaled to 1. NaN without variance or with fewer than two draws.
    """
    seen = np.asarray(~(np.isnan(f) | np.isnan(e) | np.isnan(c)))
    count = weights @ seen.T.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.where(seen, f, 0.0).sum(axis=1) / seen.sum(axis=1)
        f, e, c = (np.where(seen, x - centre[:, None], 0.0) for x in (f, e, c))

        def mean(x: Floats) -> Floats:
            return np.asarray((weights @ x.T) / count, dtype=np.float64)

        total = sum(mean(x * x) - mean(x) ** 2 for x in (f, e, c)) / 3 * (count / (count - 1))
        effects = mean((f - e) * (c - e)) / 2 / total
        chance = mean((f - c) * (e - c)) / 2 / total
        shares = np.maximum(np.stack([1 - effects - chance, effects, chance]), 0.0)
        shares /= shares.sum(axis=0)
        none = (count < 2) | ~(total > (NO_VARIANCE * size) ** 2)
    return np.where(none, np.nan, shares)


def parts_with_intervals(f: Floats, e: Floats, c: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Shares [3, cells] and their 90 % bootstrap intervals over draws [2, 3, cells].

    Arguments as in ``variance_parts``. NaN where under nine tenths of the draws have all three
    values, or where there is no variance.
    """
    draws = f.shape[1]
    ok = available(np.where(np.isnan(e) | np.isnan(c), np.nan, f))
    share = np.full((len(PARTS), len(f)), np.nan)
    interval = np.full((2, len(PARTS), len(f)), np.nan)
    if ok.any():
        runs = (f[ok], e[ok], c[ok], size[ok])
        share[:, ok] = variance_parts(*runs, np.ones((1, draws)))[:, 0]
        tried = variance_parts(*runs, resamples(draws))
        known = np.asarray(~np.isnan(tried).all(axis=1))
        tried = np.where(known[:, None], tried, 0.0)
        interval[:, :, ok] = np.where(known, np.nanquantile(tried, ENDS, axis=1), np.nan)
        interval[:, np.isnan(share)] = np.nan
    return share, interval


def part_rows(
    f: Mapping[str, pd.DataFrame],
    e: Mapping[str, pd.DataFrame],
    c: Mapping[str, pd.DataFrame],
    baseline: str = "baseline",
) -> pd.DataFrame:
    """The tidy table (PART_COLUMNS) of all scenarios, in their order.

    ``f``, ``e``, ``c``: scenario -> table with one row per (indicator, fiscal_year) and one column
    per draw, the same in all. The paired difference is taken run by run: same behaviour, same
    effects, same luck. The baseline has no effect.
    """
    import pandas as pd

    frames = []
    for scenario in f:
        runs = [table[scenario].to_numpy(dtype=np.float64) for table in (f, e, c)]
        base = [table[baseline].to_numpy(dtype=np.float64) for table in (f, e, c)]
        size = _size([*runs, *base])
        frames.append(_rows(f[scenario].index, scenario, "value", runs, size))
        if scenario != baseline:
            pairs = [run - own for run, own in zip(runs, base, strict=True)]
            frames.append(_rows(f[scenario].index, scenario, "effect", pairs, size))
    return pd.concat(frames, ignore_index=True)[list(PART_COLUMNS)]


def _size(tables: Sequence[Floats]) -> Floats:
    """The largest magnitude in each row of [cells, draws] tables; 0 where there is no value."""
    largest = [np.where(np.isnan(table), 0.0, np.abs(table)).max(axis=1) for table in tables]
    return np.asarray(np.max(largest, axis=0), dtype=np.float64)


def _rows(
    cells: pd.Index[Any], scenario: str, of: str, runs: Sequence[Floats], size: Floats
) -> pd.DataFrame:
    import pandas as pd

    f, e, c = runs
    share, (low, high) = parts_with_intervals(f, e, c, size)
    seen = np.sum(~(np.isnan(f) | np.isnan(e) | np.isnan(c)), axis=1)
    frames = []
    for n, part in enumerate(PARTS):
        frame = cells.to_frame(index=False)
        frame["part"], frame["share"], frame["low"], frame["high"] = part, share[n], low[n], high[n]
        frame["draws"] = seen
        frame["cell"] = np.arange(len(frame))
        frames.append(frame)
    out = pd.concat(frames).sort_values("cell", kind="stable")
    return out.assign(scenario=scenario, of=of)
