"""Plans: how strongly each of the fifteen initiatives runs, and in which year each measure starts.

A plan is a point of a decision space and a scenario at once. Strengths lie on a grid, so that the
plan that is printed is the plan that was run.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from sim.figures.initiatives import initiative_ids
from sim.scenario.reader import load_scenario
from sim.scenario.types import InitiativeSetting, Scenario

Floats = NDArray[np.float64]

MEASURE_NUMBERS = (1, 2, 3)
STANDARD_PLANS = ("m1", "m2", "m3", "m1_m2", "m1_m3", "m2_m3", "all_measures", "staged")
"""What a search is compared with: the combinations at full dose, and the document's order."""

OFF, FULL = 0.2, 0.9
"""Coordinates up to OFF mean strength 0 and from FULL on strength 1: plans that leave initiatives
out, or run them whole, are ordinary points of the space and not a set of measure zero."""


@cache
def measure_numbers() -> NDArray[np.int64]:
    """The measure (0, 1, 2) of each initiative, int64 [15], in the order of their ids."""
    return np.array([int(i.split(".")[0]) - 1 for i in initiative_ids()], dtype=np.int64)


@dataclass(frozen=True)
class Plan:
    """``strengths`` [15] in [0, 1] by initiative; ``starts`` [3]: first fiscal year, 1 = the first.

    The start of a measure without any initiative carries no meaning and is set to 1, so that plans
    which do the same compare equal.
    """

    strengths: tuple[float, ...]
    starts: tuple[int, ...] = (1, 1, 1)

    def __post_init__(self) -> None:
        used = set(measure_numbers()[np.array(self.strengths) > 0].tolist())
        starts = tuple(s if m in used else 1 for m, s in enumerate(self.starts))
        object.__setattr__(self, "starts", starts)

    @cached_property
    def id(self) -> str:
        """A scenario id made of what the plan does."""
        text = repr((tuple(round(s, 6) for s in self.strengths), self.starts))
        return f"plan_{hashlib.sha256(text.encode()).hexdigest()[:10]}"

    @property
    def empty(self) -> bool:
        """Whether it does nothing: the baseline."""
        return not any(self.strengths)

    @property
    def used(self) -> tuple[int, ...]:
        """The measures (1, 2, 3) with an initiative switched on."""
        on = set(measure_numbers()[np.array(self.strengths) > 0].tolist())
        return tuple(m for m in MEASURE_NUMBERS if m - 1 in on)

    @property
    def order(self) -> str:
        """The order in which its measures start: "1+2 > 3"; empty without any."""
        years = sorted({self.starts[m - 1] for m in self.used})
        steps = ["+".join(str(m) for m in self.used if self.starts[m - 1] == y) for y in years]
        return " > ".join(steps)

    def scenario(self, name_en: str = "", name_ja: str = "", description: str = "") -> Scenario:
        """The plan as a scenario; without any initiative the baseline itself."""
        base = load_scenario("baseline")
        if self.empty:
            return base
        months = [12 * (self.starts[m] - 1) for m in measure_numbers()]
        on = {
            id: InitiativeSetting(strength=s, start=month)
            for id, s, month in zip(initiative_ids(), self.strengths, months, strict=True)
            if s > 0
        }
        return replace(
            base,
            id=self.id,
            name_en=name_en or self.id,
            name_ja=name_ja or self.id,
            description=description,
            description_ja="",
            initiatives=on,
        )


@cache
def empty_plan() -> Plan:
    """The plan that does nothing."""
    return Plan((0.0,) * len(initiative_ids()))


def plan_of(scenario: Scenario, years: int) -> Plan:
    """The plan of a scenario whose measures each start in one April, as the bundled ones do.

    A measure that would start after a horizon of ``years`` is left out: it could not be run.
    """
    ids = initiative_ids()
    strengths, starts = [0.0] * len(ids), [1, 1, 1]
    for n, id in enumerate(ids):
        setting = scenario.initiatives.get(id)
        if setting is not None and setting.start < 12 * years:
            strengths[n] = setting.strength
            starts[measure_numbers()[n]] = setting.start // 12 + 1
    return Plan(tuple(strengths), tuple(starts))


def standard_plans(years: int) -> dict[str, Plan]:
    """The seven combinations and the document's order (``staged``) by scenario id."""
    # read with a horizon that holds the dates of staged, then cut to the one asked for
    return {s: plan_of(load_scenario(s, max(years, 10)), years) for s in STANDARD_PLANS}


@dataclass(frozen=True)
class Space:
    """The decision space: points in the unit cube, decoded to plans.

    ``by``: one strength for each initiative, or one for each measure. ``latest``: last fiscal year
    (1 = the first) in which a measure may start. ``step``: grid of the strengths.
    """

    by: str
    latest: int
    step: float

    @property
    def knobs(self) -> int:
        """Number of strengths that are chosen: 15 or 3."""
        return len(initiative_ids()) if self.by == "initiative" else len(MEASURE_NUMBERS)

    @property
    def dimensions(self) -> int:
        """Strengths, then the starts of the three measures."""
        return self.knobs + len(MEASURE_NUMBERS)

    def arrays(self, points: Floats) -> tuple[Floats, NDArray[np.int64]]:
        """Strengths [points, 15] and start years of each initiative [points, 15] of points."""
        x = np.clip(points, 0.0, 1.0)
        raw = np.clip((x[:, : self.knobs] - OFF) / (FULL - OFF), 0.0, 1.0)
        strengths = np.round(np.round(raw / self.step) * self.step, 6)
        years = 1 + np.minimum(np.floor(x[:, self.knobs :] * self.latest), self.latest - 1)
        measures = measure_numbers()
        if self.by == "measure":
            strengths = strengths[:, measures]
        return strengths, years.astype(np.int64)[:, measures]

    def plans(self, points: Floats) -> list[Plan]:
        """The plans of points [points, dimensions]."""
        strengths, years = self.arrays(points)
        first = [int(np.flatnonzero(measure_numbers() == m - 1)[0]) for m in MEASURE_NUMBERS]
        return [
            Plan(tuple(map(float, s)), tuple(map(int, y[first])))
            for s, y in zip(strengths, years, strict=True)
        ]

    def point(self, plan: Plan) -> Floats:
        """A point [dimensions] that decodes to the plan, or to the nearest one of the grid."""
        strengths = np.array(plan.strengths)
        if self.by == "measure":
            measures = measure_numbers()
            strengths = np.array([strengths[measures == m - 1].mean() for m in MEASURE_NUMBERS])
        x = np.where(strengths > 0, OFF + (FULL - OFF) * strengths, 0.0)
        years = (np.minimum(plan.starts, self.latest) - 0.5) / self.latest
        return np.concatenate([x, years])

    def filling(self, number: int, seed: int) -> list[Plan]:
        """``number`` plans that fill the space evenly (scrambled Sobol' points)."""
        from scipy.stats import qmc

        from sim.base.randomness import generator

        if number == 0:
            return []
        sampler = qmc.Sobol(self.dimensions, scramble=True, rng=generator(seed, "sobol"))
        points = sampler.random_base2(math.ceil(math.log2(number)))[:number]
        return self.plans(np.asarray(points, dtype=np.float64))


def arrays_of(plans: Sequence[Plan]) -> tuple[Floats, NDArray[np.int64]]:
    """Strengths [plans, 15] and start years of each initiative [plans, 15]."""
    strengths = np.array([p.strengths for p in plans], dtype=np.float64)
    starts = np.array([p.starts for p in plans], dtype=np.int64)
    return strengths, starts[:, measure_numbers()]
