"""Figures of the scorecard: pure functions over arrays of paired effects, for ``prioritise``.

An effect is a run minus the baseline's run with the same draw. Arrays are [draws, alternatives,
years] or [draws, alternatives, indicators]; an alternative is a measure or an initiative alone.
NaN stands for "there is no effect that the figure could describe", never for zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.analyses.shared.intervals import MIN_RUNS_CLEAR
from sim.base.errors import UsageError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

YEN_UNIT = 1e8
"""Effects are given per this many yen (100 million, 1 oku)."""


def years_to_half(effect: Floats) -> Floats:
    """Years from the start to half of the effect of the last fiscal year: [...] from [..., years].

    The value of a fiscal year stands at its middle; before the first one the effect rises in a
    straight line from nothing at half a year before the start. The first crossing counts, with
    linear interpolation between two years. So a step at the beginning of a year gives that moment,
    and a straight rise half of the time to the middle of the last year. NaN where the effect of the
    last year is not above zero or a year is missing: there is no effect to reach the half of.
    """
    half = effect[..., -1] / 2
    shape = (*effect.shape[:-1], 1)
    path = np.concatenate([np.zeros(shape), effect], axis=-1)
    there = path[..., 1:] >= half[..., None]
    first = np.argmax(there, axis=-1)[..., None]
    before = np.take_along_axis(path, first, axis=-1)[..., 0]
    after = np.take_along_axis(path, first + 1, axis=-1)[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (half - before) / (after - before)
    years = np.maximum(0.0, first[..., 0] - 0.5 + share)
    defined = (half > 0) & ~np.isnan(effect).any(axis=-1)
    return np.where(defined, years, np.nan)


def check_stop(years: int, stop: int, after: int) -> None:
    """Raise UsageError where the horizon ends before ``after`` fiscal years after the stop."""
    if stop < 1 or stop + after > years:
        raise UsageError(
            f"what remains {after} fiscal years after a stop at the end of year {stop} needs at"
            f" least {max(stop, 1) + after} years, not {years}: raise --years or lower --stop-after"
        )


def remaining(going_on: Floats, stopped: Floats, stop: int, after: int) -> Floats:
    """Effect ``after`` fiscal years after the stop over that of the last year before it: [...].

    ``going_on``, ``stopped`` [..., years]: effects without and with the stop at the end of fiscal
    year ``stop`` (counted from 1). Below 0 where the effect turned round; above 1 where it still
    grew. NaN where the effect was not above zero at the stop. Raises UsageError (`check_stop`).
    """
    check_stop(going_on.shape[-1], stop, after)
    return positive_ratio(stopped[..., stop + after - 1], going_on[..., stop - 1])


def positive_ratio(top: Floats, bottom: Floats) -> Floats:
    """``top / bottom``, NaN where the bottom is not above zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom > 0, top / bottom, np.nan)


def material(effect: Floats, direction: Whole, gap: Floats, share: float) -> Whole:
    """+1 moved as wanted, -1 moved the other way, 0 neither: [draws, alternatives, indicators].

    ``effect`` has that shape; ``direction`` and ``gap`` [indicators]: wanted sign, and distance of
    the target from the current value. Moved = by at least ``share`` of that distance (never where
    the target is the current value). A value that is not available has not moved.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        way = np.where(gap > 0, effect * direction / gap, np.nan)
        return (way >= share).astype(np.int64) - (way <= -share).astype(np.int64)


def clear(effect: Floats, direction: Whole, certainty: float) -> Whole:
    """+1, -1 or 0 over the draws: [alternatives, indicators].

    ``effect`` [draws, alternatives, indicators], ``direction`` [indicators]: wanted sign.
    +1: a share of at least ``certainty`` of the draws has an effect of the wanted sign (which is
    the same as a paired interval that excludes zero); -1: of the other sign. Zeros and missing
    values count for neither. Nothing is clear under ``MIN_RUNS_CLEAR`` draws.
    """
    if effect.shape[0] < MIN_RUNS_CLEAR:
        return np.zeros(effect.shape[1:], dtype=np.int64)
    signed = effect * direction
    better, worse = ((sign * signed > 0).mean(axis=0) >= certainty for sign in (1, -1))
    found: Whole = better.astype(np.int64) - worse.astype(np.int64)
    return found


def right_sign(effect: Floats, direction: Whole) -> Floats:
    """Share of draws whose effect has the wanted sign: [alternatives, indicators]."""
    share: Floats = (effect * direction > 0).mean(axis=0)
    return share


def per_yen(effect: Floats, cost: Floats, unit: float) -> Floats:
    """Effect per ``unit`` yen; NaN where the effect or the cost is not above zero.

    A ratio of a harm to its cost has no order: the dearer harm would look the smaller one.
    """
    return np.where(effect > 0, unit * positive_ratio(effect, cost), np.nan)


def worse(flat: Floats, trend: Floats, better: int) -> Floats:
    """The worse of two worlds' values: the smaller for ``better`` +1, the larger for -1.

    NaN (no effect to describe) is worse than any number. Draw by draw this serves ranks only: the
    mean of such minima lies below both worlds' means by luck alone. What is printed is the worse of
    the two worlds' medians or means (`sim.analyses.prioritise.card.worse_interval`).
    """
    return np.minimum(flat, trend) if better > 0 else np.maximum(flat, trend)


def delivered(value: Floats, baseline: Floats, target: Floats) -> Floats:
    """Share of the plan that is delivered, mean over the indicators: [draws].

    ``value``, ``baseline`` [draws, indicators]: delivery indicators with the alternative and
    without; ``target`` [indicators]. Each is the way from the baseline's own value to the target,
    cut at 0 and 1. An indicator that the baseline meets by itself says nothing and is left out; NaN
    where none is left.
    """
    way = np.clip(positive_ratio(value - baseline, target - baseline), 0.0, 1.0)
    known = ~np.isnan(way)
    count = known.sum(axis=1)
    total = np.where(known, way, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def flip(effect: Floats, cost: Floats, first: int, second: int) -> dict[str, Floats]:
    """At which ratio of costs the order of two alternatives by effect per yen turns: [draws] each.

    ``effect``, ``cost`` [draws, alternatives]. ``assumed``: cost of the first over that of the
    second as we assume them. ``flips_at``: the ratio at which both give as much per yen, which is
    the ratio of their effects. ``factor``: flips_at / assumed; above 1 the first is ahead, and
    stays so until its cost is that many times higher, relative to the second's, than assumed.
    NaN where one of the two has no effect above zero, or no cost.
    """
    assumed = positive_ratio(cost[:, first], cost[:, second])
    flips_at = positive_ratio(effect[:, first], effect[:, second])
    flips_at = np.where(effect[:, first] > 0, flips_at, np.nan)
    return {
        "assumed": assumed,
        "flips_at": flips_at,
        "factor": positive_ratio(flips_at, assumed),
    }
