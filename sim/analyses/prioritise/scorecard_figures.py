"""The figures of the five criteria, each with its value in every draw.

One declaration a figure (`FIGURES`): criterion, wanted direction, unit, whether it takes part in
the rank of its criterion, in which worlds it is computed, and how. Figures of one half share its
weight, and the two halves that the document names in a criterion weigh the same. Whatever is
computed without and with the past growth counts by the worse of both (model_rules F).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from sim.analyses.prioritise import scorecard as s
from sim.analyses.prioritise.worlds import (
    OUTCOMES,
    SPREADS,
    Alternative,
    Paths,
    ScorecardSettings,
    goals,
    plan,
)
from sim.analyses.shared.intervals import surely_positive
from sim.figures.evidence import load_profile

Floats = NDArray[np.float64]

FLAT = ("flat",)
BOTH = ("flat", "trend")
"""Worlds of a figure: without growth; without and with the past growth in both arms."""

TARGETS_YEN = 1e10
"""Outcome targets are given per this many yen (10 billion): there are only twelve."""


@dataclass(frozen=True)
class Inputs:
    """What figures are computed from."""

    paths: Paths
    alternatives: Sequence[Alternative]
    settings: ScorecardSettings
    profile: str

    @cached_property
    def goals(self) -> tuple[Floats, Floats, NDArray[np.int64]]:
        """(targets, distances, wanted signs) of OUTCOMES, see `goals`."""
        return goals(self.profile)

    def outcome_effects(self, world: str) -> Floats:
        """Effects on OUTCOMES in the last year [draws, alternatives, OUTCOMES]."""
        values = self.paths.last(world, OUTCOMES)
        return values[:, 1:] - values[:, :1]

    def moved(self, world: str) -> NDArray[np.int64]:
        """+1, -1, 0 by draw [draws, alternatives, OUTCOMES], see `scorecard.material`."""
        _, gap, direction = self.goals
        return s.material(self.outcome_effects(world), direction, gap, self.settings.material)

    def clear(self, world: str) -> NDArray[np.int64]:
        """+1, -1, 0 over the draws [alternatives, OUTCOMES], see `scorecard.clear`."""
        return s.clear(self.outcome_effects(world), self.goals[2], self.settings.sign)

    @cached_property
    def foreign(self) -> NDArray[np.bool_]:
        """Outcomes of the other measures' goals [alternatives, OUTCOMES]."""
        return np.array([[k in a.foreign for k in OUTCOMES] for a in self.alternatives])

    def gains(self, world: str) -> NDArray[np.int64]:
        """Targets in the last year: +1 reached and not by the baseline of the same world, -1 the
        other way round, 0 [draws, alternatives, OUTCOMES]."""
        reached = self.reached(world).astype(np.int64)
        return reached[:, 1:] - reached[:, :1]

    def reached(self, world: str, year: int = -1) -> NDArray[np.bool_]:
        """Targets reached in a year (position) [draws, 1 + alternatives, OUTCOMES], the baseline
        first. A missing value does not reach."""
        from sim.analyses.shared.values import reached

        values = self.paths.last(world, OUTCOMES, year)
        return np.stack(
            [reached(values[..., n], k, self.profile) for n, k in enumerate(OUTCOMES)], axis=-1
        )

    def gained(self, world: str) -> Floats:
        """Outcome targets reached more than by the baseline of the same world [draws, alts]."""
        more: Floats = self.gains(world).sum(axis=2).astype(np.float64)
        return more

    def solved(self, world: str) -> Floats:
        """Extra solved projects up to the horizon [draws, alternatives]."""
        return self.paths.effect(world, "solved_cumulative")[..., -1]

    def cost(self, world: str) -> Floats:
        """Assumed cost of the alternative over all years, yen [draws, alternatives]."""
        yen: Floats = self.paths.effect(world, "programme_cost").sum(axis=-1)
        return yen

    @cached_property
    def surely_more(self) -> NDArray[np.bool_]:
        """Where extra solved projects are surely above zero in both worlds [alternatives]."""
        return surely_positive(self.solved("flat")) & surely_positive(self.solved("trend"))

    @cached_property
    def worse_world(self) -> list[str]:
        """The world in which the mean of extra solved projects is smaller, by alternative."""
        flat, trend = (self.solved(world).mean(axis=0) for world in BOTH)
        return [BOTH[int(t < f)] for f, t in zip(flat, trend, strict=True)]

    def in_worse_world(self, what: Callable[[str], Floats]) -> Floats:
        """``what`` [draws, alternatives], each alternative in its `worse_world`."""
        worlds = {world: what(world) for world in BOTH}
        return np.stack([worlds[w][:, n] for n, w in enumerate(self.worse_world)], axis=1)

    def spread(self, world: str, indicator: str) -> Floats:
        """Change of an inequality in the last year [draws, alternatives]."""
        return self.paths.effect(world, indicator)[..., -1]

    def remains(self, of: str) -> Floats:
        """Effect on solved projects after the stop, over the effect at ``of`` [draws, alts].

        ``of`` "stop": over that of the last year before the stop; "going_on": over that of the
        same year without a stop.
        """
        going = self.paths.effect("flat", "solved_projects")
        halted = self.paths.effect("halted", "solved_projects")
        stop, after = self.settings.stop, self.settings.after
        if of == "stop":
            return s.remaining(going, halted, stop, after)
        s.check_stop(self.paths.years, stop, after)
        return s.positive_ratio(halted[..., stop + after - 1], going[..., stop + after - 1])

    def delivered(self) -> Floats:
        """Share of the plan delivered in the last year [draws, alternatives]; NaN: no plan."""
        out = np.full((self.paths.draws, len(self.alternatives)), np.nan)
        for n, alternative in enumerate(self.alternatives):
            ids = alternative.deliveries
            if ids:
                values = self.paths.last("flat", ids)
                aims = plan(self.profile, ids)
                out[:, n] = s.delivered(values[:, 1 + n], values[:, 0], aims)
        return out

    def grade(self, how: Callable[..., Floats]) -> Floats:
        """Mean or lowest grade over each alternative's initiatives [draws, alternatives]."""
        columns = [
            [self.paths.initiatives.index(i) for i in a.initiatives] for a in self.alternatives
        ]
        return np.stack([how(self.paths.grades[:, c], axis=1) for c in columns], axis=1)

    def claims(self) -> list[list[str]]:
        """Evidence ids behind each alternative, each once."""
        from sim.model.measures import INITIATIVES

        return [
            list(dict.fromkeys(c for i in a.initiatives for c in INITIATIVES[i].claims))
            for a in self.alternatives
        ]

    def by_claims(self, of: Callable[[list[str]], float]) -> Floats:
        """A number from each alternative's claims, the same in every draw."""
        return np.tile([of(c) for c in self.claims()], (self.paths.draws, 1))

    def unverified(self, claims: list[str]) -> float:
        """Share of claims that nobody has checked against their origin."""
        evidence = load_profile(self.profile)
        return float(np.mean([evidence[c].status == "unverified" for c in claims]))


@dataclass(frozen=True)
class Declared:
    """A figure: ``better`` +1 high, -1 low; ``half`` 0 or 1 of its criterion's two halves.

    ``of`` gives its values [draws, alternatives] in one of ``worlds``. ``ranked``: takes part in
    the criterion's rank; the others stand beside it. ``exact``: does not come from runs.
    ``pooled``: the value over all draws of a world together [alternatives], or None. ``given``:
    where it may be printed [alternatives], or None (everywhere).
    """

    id: str
    criterion: str
    half: int
    better: int
    unit: str
    of: Callable[[Inputs, str], Floats]
    worlds: tuple[str, ...] = BOTH
    ranked: bool = True
    exact: bool = False
    pooled: Callable[[Inputs, str], Floats] | None = None
    given: Callable[[Inputs], NDArray[np.bool_]] | None = None

    def worst(self, values: Sequence[Floats]) -> Floats:
        """The worse of the values by world."""
        first, *others = values
        for other in others:
            first = s.worse(first, other, self.better)
        return first


def _surely_more(x: Inputs) -> NDArray[np.bool_]:
    return x.surely_more


def _surely_gained(x: Inputs) -> NDArray[np.bool_]:
    return surely_positive(x.gained("flat")) & surely_positive(x.gained("trend"))


def _of_means(top: Floats, bottom: Floats, unit: float) -> Floats:
    return s.per_yen(top.mean(axis=0), bottom.mean(axis=0), unit)


def _mean_path(x: Inputs, world: str) -> Floats:
    path: Floats = x.paths.effect(world, "solved_projects").mean(axis=0)
    return path


def _count(which: NDArray[np.bool_]) -> Floats:
    count: Floats = which.sum(axis=-1).astype(np.float64)
    return count


def _foreign_share(x: Inputs, moved: NDArray[np.int64]) -> Floats:
    better = (moved > 0) & x.foreign
    share: Floats = better.sum(axis=-1) / x.foreign.sum(axis=-1)
    return share


def _with_budgets(x: Inputs, world: str) -> Floats:
    budgets: Floats = x.paths.effect(world, "project_budget").sum(axis=-1)
    return x.cost(world) + budgets


FIGURES: tuple[Declared, ...] = (
    Declared(
        "years_to_half", "immediacy", 0, -1, "years",
        lambda x, w: s.years_to_half(x.paths.effect(w, "solved_projects")),
        pooled=lambda x, w: s.years_to_half(_mean_path(x, w)),
    ),
    Declared(
        "outcomes_moved", "immediacy", 1, 1, "indicators", lambda x, w: _count(x.moved(w) > 0),
        pooled=lambda x, w: _count(x.clear(w) > 0),
    ),
    Declared(
        "spill_over", "immediacy", 1, 1, "share", lambda x, w: _foreign_share(x, x.moved(w)),
        pooled=lambda x, w: _foreign_share(x, x.clear(w)),
    ),
    Declared(
        "outcomes_worse", "immediacy", 1, -1, "indicators", lambda x, w: _count(x.moved(w) < 0),
        ranked=False, pooled=lambda x, w: _count(x.clear(w) < 0),
    ),
    # a delivery: shown, but it buys no rank (model_rules F)
    Declared(
        "plan_delivered", "feasibility", 0, 1, "share", lambda x, _: x.delivered(),
        worlds=FLAT, ranked=False,
    ),
    Declared(
        "proposals_refused", "feasibility", 1, -1, "count per year",
        lambda x, w: x.paths.effect(w, "refused_proposals").mean(axis=-1),
    ),
    Declared(
        "solved_per_yen", "cost", 0, 1, "projects per 100 m yen",
        lambda x, w: s.per_yen(x.solved(w), x.cost(w), s.YEN_UNIT), given=_surely_more,
        pooled=lambda x, w: _of_means(x.solved(w), x.cost(w), s.YEN_UNIT),
    ),
    Declared(
        "targets_per_yen", "cost", 1, 1, "targets per 10 bn yen",
        lambda x, w: s.per_yen(x.gained(w), x.cost(w), TARGETS_YEN), given=_surely_gained,
        pooled=lambda x, w: _of_means(x.gained(w), x.cost(w), TARGETS_YEN),
    ),
    Declared(
        "solved_per_yen_all", "cost", 0, 1, "projects per 100 m yen",
        lambda x, w: s.per_yen(x.solved(w), _with_budgets(x, w), s.YEN_UNIT),
        ranked=False, given=_surely_more,
        pooled=lambda x, w: _of_means(x.solved(w), _with_budgets(x, w), s.YEN_UNIT),
    ),
    *(
        Declared(
            f"solved_{world}", "cost", 0, 1, "projects", lambda x, w: x.solved(w),
            worlds=(world,), ranked=False, pooled=lambda x, w: x.solved(w).mean(axis=0),
        )
        for world in BOTH
    ),
    Declared(
        "targets_gained", "cost", 1, 1, "targets", lambda x, w: x.gained(w), ranked=False,
        pooled=lambda x, w: x.gained(w).mean(axis=0),
    ),
    Declared(
        "cost", "cost", 0, -1, "yen", lambda x, w: x.cost(w), worlds=FLAT, ranked=False,
    ),
    *(
        Declared(
            key, "fairness", 0, -1, "difference of shares", partial(Inputs.spread, indicator=key),
        )
        for key in SPREADS
    ),
    Declared(
        "remains", "fairness", 1, 1, "ratio", lambda x, _: x.remains("stop"), worlds=FLAT,
        pooled=lambda x, _: s.remaining(
            _mean_path(x, "flat"), _mean_path(x, "halted"), x.settings.stop, x.settings.after
        ),
    ),
    Declared(
        "remains_of_going_on", "fairness", 1, 1, "ratio",
        lambda x, _: x.remains("going_on"), worlds=FLAT, ranked=False,
    ),
    Declared(
        "grade_mean", "evidence", 0, 1, "grade", lambda x, _: x.grade(np.mean), worlds=FLAT,
        exact=True,
    ),
    Declared(
        "grade_lowest", "evidence", 0, 1, "grade", lambda x, _: x.grade(np.min), worlds=FLAT,
        ranked=False, exact=True,
    ),
    Declared(
        "claims_unverified", "evidence", 1, -1, "share", lambda x, _: x.by_claims(x.unverified),
        worlds=FLAT, exact=True,
    ),
    Declared(
        "claims", "evidence", 1, 1, "claims", lambda x, _: x.by_claims(len), worlds=FLAT,
        ranked=False, exact=True,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class ScoredFigure:
    """A declared figure with its values [draws, alternatives].

    ``by_world``: in each of its worlds; ``values``: the worse of them draw by draw, for ranks;
    ``pooled`` [alternatives]: the worse of the worlds' values over all draws. ``applies``
    [alternatives]: False where the figure does not exist (no delivery indicator).
    """

    declared: Declared
    by_world: tuple[Floats, ...]
    values: Floats
    applies: NDArray[np.bool_]
    pooled: Floats | None = field(default=None)
    given: NDArray[np.bool_] | None = field(default=None)


def figures(inputs: Inputs) -> list[ScoredFigure]:
    """All figures with their values, in the order of the criteria."""
    out = []
    for declared in FIGURES:
        by_world = tuple(declared.of(inputs, world) for world in declared.worlds)
        values = declared.worst(by_world)
        # an alternative without a delivery indicator has no plan to deliver
        applies = np.array(
            [declared.id != "plan_delivered" or bool(a.deliveries) for a in inputs.alternatives]
        )
        pooled = None
        if declared.pooled is not None:
            pooled = declared.worst([declared.pooled(inputs, w) for w in declared.worlds])
        given = None if declared.given is None else declared.given(inputs)
        out.append(ScoredFigure(declared, by_world, values, applies, pooled, given))
    return out
