"""What moves an instant answer: contributions of measures and initiatives, and uncertain inputs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.analyses.instant.anchors import SCALE
from sim.analyses.instant.estimate import Instant, InstantPlan
from sim.analyses.shared.intervals import ENDS, enough_draws, quantiles
from sim.analyses.shared.names import COMMON_DISCOUNT
from sim.analyses.shared.plans import MEASURE_NUMBERS, measure_numbers
from sim.analyses.shared.shapley import exact_shapley
from sim.figures.initiatives import initiative_ids
from sim.model.measures.base import discount_factor
from sim.runs.spec import RunSpec
from sim.scenario.bundled import BASELINE
from sim.scenario.reader import load_scenario

Floats = NDArray[np.float64]

"""The part of the discount that all initiatives share."""


@dataclass(frozen=True)
class Share:
    """A mean over the draws, so that shares add up, with its 5th and 95th percentile."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Contributions:
    """The effect of a plan on one indicator in one year, by measure and initiative.

    ``measures``: Shapley values by measure (1, 2, 3), which add up to ``total``; ``alone``: the
    effect of each initiative that is on, by itself. What is lost without one initiative is not
    told: no anchor leaves one out, and ``kyodo attribute`` shares effects by runs of its own.
    """

    base: float
    total: Share
    measures: dict[int, Share]
    alone: dict[str, Share]


def share_of(values: Floats) -> Share:
    """Mean and interval of values [draws]; NaN where too few draws have one."""
    if not enough_draws(len(values)) or np.isnan(values).any():
        return Share(float(np.mean(values)), float("nan"), float("nan"))
    low, high = quantiles(values[None, :], list(ENDS))[:, 0]
    return Share(float(np.mean(values)), float(low), float(high))


def contributions(
    instant: Instant, setting: InstantPlan, mode: str, indicator: str, year: int
) -> Contributions:
    """Contributions to ``indicator`` in fiscal year ``year``; see ``Contributions``.

    All are interpolated, the total too, so that no share holds the difference between a run and
    its interpolation (where the plan is an anchor, there is none).
    """
    at = instant.anchors.indicators.index(indicator), instant.years.index(year)
    measures = measure_numbers()
    base = instant.anchors.values[mode][BASELINE][:, *at]

    def effect(kept: NDArray[np.bool_]) -> Floats:
        some = replace(setting, strength=np.where(kept, setting.strength, 0.0))
        out: Floats = instant.values(some, mode, interpolate=True)[:, *at] - base
        return out

    def of_set(mask: int) -> Floats:
        return effect(np.array([bool(mask >> int(m) & 1) for m in measures]))

    sets = np.stack([of_set(mask) for mask in range(1 << len(MEASURE_NUMBERS))], axis=-1)
    shapley = exact_shapley(sets)
    numbers = np.arange(len(measures))
    alone = {
        id: share_of(effect(numbers == n))
        for n, id in enumerate(initiative_ids())
        if setting.strength[n] > 0 and setting.start[n] < len(instant.years)
    }
    return Contributions(
        float(np.mean(base)),
        share_of(sets[..., -1]),
        {m: share_of(shapley[:, k]) for k, m in enumerate(MEASURE_NUMBERS)},
        alone,
    )


@dataclass(frozen=True)
class Swing:
    """How an effect differs between draws in which an input is low and draws in which it is high.

    ``low``, ``high``: mean effect in the third of the draws where the input is lowest and highest;
    ``error``: standard error of their gap; ``clear``: the gap is too large for chance among so many
    inputs (Bonferroni, 5 %); ``kind``: "effect" (how far a claim holds) or "behaviour".
    """

    id: str
    kind: str
    low: float
    high: float
    error: float
    clear: bool


def swings(
    instant: Instant, setting: InstantPlan, mode: str, indicator: str, year: int
) -> tuple[list[Swing], float]:
    """The swings of all inputs, the widest first, and the mean effect over all draws."""
    from scipy.special import stdtrit

    at = instant.anchors.indicators.index(indicator), instant.years.index(year)
    effect = instant.values(setting, mode)[:, *at]
    effect = effect - instant.anchors.values[mode][BASELINE][:, *at]
    inputs = _inputs(instant.anchors.profile, mode, len(effect))
    on = {id for id, s in zip(initiative_ids(), setting.strength, strict=True) if s > 0}
    used = {
        id: values
        for id, values in inputs.items()
        if np.ptp(values) > 0 and _initiative(id) in (None, *on)
    }
    found, third = [], len(effect) // 3
    # Student's t: a third of the draws is few for a normal limit
    limit = stdtrit(2 * max(1, third - 1), 1 - 0.05 / 2 / max(1, len(used)))
    for id, values in used.items():
        order = np.argsort(values, kind="stable")
        low, high = effect[order[:third]], effect[order[-third:]]
        error = float(np.sqrt((low.var(ddof=1) + high.var(ddof=1)) / third))
        gap = abs(float(high.mean() - low.mean()))
        kind = "effect" if id.startswith(("initiative.", "discount.")) else "behaviour"
        clear = bool(enough_draws(len(effect)) and error > 0 and gap > limit * error)
        found.append(Swing(id, kind, float(low.mean()), float(high.mean()), error, clear))
    found.sort(key=lambda s: -abs(s.high - s.low))
    return found, float(effect.mean())


def _initiative(id: str) -> str | None:
    return id.split(".", 1)[1].rsplit(".", 1)[0] if id.startswith("initiative.") else None


@lru_cache(maxsize=8)
def _inputs(profile: str, mode: str, draws: int) -> dict[str, Floats]:
    """Uncertain inputs by id [draws]: each discount factor, its shared part, and behaviour."""
    from sim.figures.parameters import load_parameters

    base = load_scenario("baseline")
    resolved = [
        RunSpec(base, draw=d, profile=profile, discount=mode, scale=SCALE).resolved
        for d in range(draws)
    ]
    out = {}
    if mode == "discounted":
        out[COMMON_DISCOUNT] = np.array([values[COMMON_DISCOUNT] for values in resolved])
    for id in initiative_ids():
        factors = [discount_factor(values, id, mode) for values in resolved]
        out[f"initiative.{id}.discount_factor"] = np.array(factors)
    for parameter in load_parameters(profile).values():
        if parameter.kind == "calibrated":
            out[parameter.id] = np.array([values[parameter.id] for values in resolved])
    return out
