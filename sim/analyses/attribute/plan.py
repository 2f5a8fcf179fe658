"""Which sets of initiatives an attribution runs: the factorial of measures, and sampled orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sim.analyses.shared.intervals import Floats
from sim.analyses.shared.shapley import Order, grouped_orders, prefix_masks, union_masks
from sim.analyses.shared.trend import with_trend
from sim.analyses.shared.values import known_indicator, scenario_of
from sim.base.errors import UsageError
from sim.scenario.bundled import BASELINE

if TYPE_CHECKING:
    from sim.model.indicators import Indicator
    from sim.runs.spec import RunSpec
    from sim.scenario.types import Scenario

TREND_ARMS = ("baseline_trend", "measures_trend")

DEFAULT_AUXILIARY = ("solved_projects", "solved_cumulative", "participation_rate")
"""Auxiliary indicators that are attributed beside the twenty-four by default."""


def indicators_of(names: Sequence[str]) -> dict[str, Indicator]:
    """The indicators to attribute, in the order of their declaration; none named: the default.

    Raises UsageError for an unknown name.
    """
    from sim.model.indicators import INDICATORS

    wanted = {known_indicator(name) for name in names}
    if wanted:
        return {k: i for k, i in INDICATORS.items() if k in wanted}
    return {k: i for k, i in INDICATORS.items() if i.kind != "auxiliary" or k in DEFAULT_AUXILIARY}


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
