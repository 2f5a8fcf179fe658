"""The document's five criteria as a scorecard computed from runs.

Alternatives are the three measures (or the fifteen initiatives), each alone, at full strength from
the first month. In every draw each runs (a) without growth, (b) without growth and stopped after
some years, (c) with the past growth, against the baseline of the same world. Outcomes and solved
projects decide; the share of the plan that is delivered stands beside and has no rank.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analyses.shared.values import outcomes
from sim.base.errors import UsageError
from sim.base.user_choices import LEVELS
from sim.model.indicators import INDICATORS

if TYPE_CHECKING:
    from sim.runs.spec import RunSpec
    from sim.scenario.types import Scenario

Floats = NDArray[np.float64]

DOCUMENT_ORDER = {1: 1, 2: 2, 3: 3}
"""Measure -> place that the document asserts (lines 195-197; 441 names the same three)."""

OUTCOMES = outcomes()
DELIVERY_IDS = tuple(i.id for i in INDICATORS.values() if i.kind == "delivery")
SPREADS = ("participation_spread_wards", "participation_gap_ages", "support_gap_size")
AUXILIARY = (
    "solved_projects",
    "solved_cumulative",
    "programme_cost",
    "project_budget",
    "refused_proposals",
    *SPREADS,
)
READ = (*OUTCOMES, *DELIVERY_IDS, *AUXILIARY)
"""Indicators that the scorecard reads."""

OPTIONAL = ("M2-KPIoc-1",)
"""Read, but not available in years with under 30 supported NPOs; it then has not moved."""


@dataclass(frozen=True)
class Alternative:
    """One thing to put in order. ``asserted``: its place in the document's order, from 1."""

    id: str
    measure: int
    asserted: int
    initiatives: tuple[str, ...]
    scenario: Scenario
    name_en: str
    name_ja: str

    @property
    def deliveries(self) -> tuple[str, ...]:
        """Delivery indicators of its initiatives: the plan that it is to deliver."""
        from sim.model.measures import INITIATIVES

        moved = {k for i in self.initiatives for k, _ in INITIATIVES[i].proximal}
        return tuple(k for k in DELIVERY_IDS if k in moved)

    @property
    def direct(self) -> tuple[str, ...]:
        """Outcome indicators that its initiatives are declared to move directly."""
        from sim.model.measures import INITIATIVES

        moved = {k for i in self.initiatives for k, _ in INITIATIVES[i].proximal}
        return tuple(k for k in OUTCOMES if k in moved)

    @property
    def foreign(self) -> tuple[str, ...]:
        """Outcome indicators of the other two measures' goals."""
        return tuple(k for k in OUTCOMES if not k.startswith(f"M{self.measure}-"))


def alternatives(level: str) -> tuple[Alternative, ...]:
    """The three measures or the fifteen initiatives, each alone. UsageError for another level."""
    from sim.figures.initiatives import initiative_ids
    from sim.model.measures import INITIATIVES
    from sim.scenario.reader import load_scenario
    from sim.scenario.types import InitiativeSetting

    if level not in LEVELS:
        raise UsageError(f"level: '{level}' is not {' | '.join(LEVELS)}")
    base = load_scenario("baseline")
    found: list[tuple[str, int, tuple[str, ...], Scenario]] = []
    if level == "initiatives":
        for id in initiative_ids():
            kind = INITIATIVES[id]
            scenario = replace(
                base, id=f"only_{id}", initiatives={id: InitiativeSetting()},
                name_en=f"{id} {kind.name_en}", name_ja=f"{id} {kind.name_ja}",
            )  # fmt: skip
            found.append((id, kind.measure, (id,), scenario))
    else:
        for measure in DOCUMENT_ORDER:
            scenario = load_scenario(f"m{measure}")
            found.append((scenario.id, measure, tuple(scenario.initiatives), scenario))
    return tuple(
        Alternative(id, m, DOCUMENT_ORDER[m], parts, s, s.name_en, s.name_ja)
        for id, m, parts, s in found
    )


def stopped(scenario: Scenario, years: int) -> Scenario:
    """The scenario with every initiative stopped at the end of fiscal year ``years``."""
    settings = {k: replace(s, stop=12 * years) for k, s in scenario.initiatives.items()}
    return replace(scenario, id=f"{scenario.id}_stop{years}", initiatives=settings)


def arms(found: Sequence[Alternative], stop: int, profile: str) -> list[Scenario]:
    """The scenarios that one draw needs, those of one burn-in together.

    Baseline and alternatives; the stopped ones; baseline and alternatives with the past growth.
    """
    from sim.analyses.shared.trend import with_trend
    from sim.scenario.reader import load_scenario

    flat = [load_scenario("baseline"), *(a.scenario for a in found)]
    halted = [stopped(a.scenario, stop) for a in found]
    return [*flat, *halted, *(with_trend(s, profile) for s in flat)]


@dataclass(frozen=True)
class Paths:
    """Values by world, means over the replicates of a draw; NaN where one is not available.

    ``flat``, ``trend`` [draws, 1 + alternatives, READ, years]: the baseline first. ``halted``
    [draws, alternatives, READ, years]: stopped, without growth. ``grades`` [draws, initiatives]:
    grade of the evidence of each initiative in ``initiatives``.
    """

    flat: Floats
    halted: Floats
    trend: Floats
    initiatives: tuple[str, ...]
    grades: Floats

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.flat.shape[0])

    @property
    def years(self) -> int:
        """Number of fiscal years."""
        return int(self.flat.shape[-1])

    def effect(self, world: str, indicator: str) -> Floats:
        """Paired effect [draws, alternatives, years] in ``flat``, ``halted`` or ``trend``."""
        k = READ.index(indicator)
        if world == "halted":
            return self.halted[:, :, k] - self.flat[:, :1, k]
        values = self.flat if world == "flat" else self.trend
        return values[:, 1:, k] - values[:, :1, k]

    def last(self, world: str, indicators: Sequence[str], year: int = -1) -> Floats:
        """Values of a world in the last year, or in another (position) [draws, 1 + alternatives,
        indicators]."""
        values = self.flat if world == "flat" else self.trend
        return values[:, :, [READ.index(i) for i in indicators], year]


def paths_of(cube: Floats, specs: Sequence[RunSpec], number: int, replicates: int) -> Paths:
    """Sort the runs of ``arms`` by world.

    ``cube`` [runs, READ, years] in the order draw, replicate, arm; ``number`` of alternatives.
    """
    from sim.model.measures import INITIATIVES

    each = 3 * number + 2
    draws = len(specs) // (each * replicates)
    by_arm = cube.reshape(draws, replicates, each, *cube.shape[1:]).mean(axis=1)
    ids = tuple(INITIATIVES)
    rows = [specs[d * replicates * each].resolved for d in range(draws)]
    grades = np.array([[row[f"initiative.{i}.grade"] for i in ids] for row in rows])
    flat, halted, trend = np.split(by_arm, [number + 1, 2 * number + 1], axis=1)
    return Paths(flat, halted, trend, ids, grades)


@dataclass(frozen=True)
class ScorecardSettings:
    """Constants of judgement (parameters ``experiment.*``)."""

    stop: int
    after: int
    material: float
    sign: float
    certainty: float
    weights: int

    @staticmethod
    def of(value: Callable[[str], float], stop: int | None = None) -> ScorecardSettings:
        """``value``: of a parameter id; ``stop`` given on the command line wins."""
        return ScorecardSettings(
            stop=int(value("experiment.stop_after_years")) if stop is None else stop,
            after=int(value("experiment.remains_after_years")),
            material=value("experiment.material_share"),
            sign=value("experiment.sign_share"),
            certainty=value("experiment.verdict_certainty"),
            weights=int(value("experiment.number_of_weights")),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the manifest."""
        return dict(vars(self))


def goals(profile: str) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """(targets, distances of the targets from the current values, wanted signs) of OUTCOMES.

    An outcome without a current value (income growth, impact, transfers) starts from zero.
    """
    from sim.analyses.shared.reached import current_value, target_value
    from sim.figures.evidence import load_profile

    evidence = load_profile(profile)
    used = [INDICATORS[i] for i in OUTCOMES]
    aims = np.array([target_value(i, evidence) for i in used], dtype=np.float64)
    current = np.array([current_value(i, evidence) or 0.0 for i in used])
    return aims, np.abs(aims - current), np.array([i.direction for i in used], dtype=np.int64)


def plan(profile: str, ids: Sequence[str]) -> Floats:
    """Targets of delivery indicators: [indicators]."""
    from sim.analyses.shared.reached import target_value
    from sim.figures.evidence import load_profile

    evidence = load_profile(profile)
    return np.array([target_value(INDICATORS[i], evidence) for i in ids], dtype=np.float64)
