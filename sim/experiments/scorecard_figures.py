"""The figures of the five criteria, each with its value in every draw.

One declaration a figure (`FIGURES`): criterion, wanted direction, unit, whether it takes part in
the rank of its criterion, and how it is computed from paths. Figures of one half share its weight,
and the two halves that the document names in a criterion weigh the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from sim.evidence import load_profile
from sim.experiments import scorecard as s
from sim.experiments.prioritise import OUTCOMES, SPREADS, Alternative, Paths, Settings, goals, plan

Floats = NDArray[np.float64]

CRITERIA = ("immediacy", "feasibility", "cost", "fairness", "evidence")
"""The document's five, in its order (lines 174-189)."""

TARGETS_YEN = 1e10
"""Outcome targets are given per this many yen (10 billion): there are only twelve."""


@dataclass(frozen=True)
class Inputs:
    """What figures are computed from."""

    paths: Paths
    alternatives: Sequence[Alternative]
    settings: Settings
    profile: str

    @cached_property
    def goals(self) -> tuple[Floats, Floats, NDArray[np.int64]]:
        """(targets, distances, wanted signs) of OUTCOMES, see `goals`."""
        return goals(self.profile)

    def outcome_effects(self, world: str = "flat") -> Floats:
        """Effects on OUTCOMES in the last year [draws, alternatives, OUTCOMES]."""
        values = self.paths.last(world, OUTCOMES)
        return values[:, 1:] - values[:, :1]

    @cached_property
    def moved(self) -> NDArray[np.int64]:
        """+1, -1, 0 by draw [draws, alternatives, OUTCOMES], see `scorecard.material`."""
        _, gap, direction = self.goals
        return s.material(self.outcome_effects(), direction, gap, self.settings.material)

    @cached_property
    def clear(self) -> NDArray[np.int64]:
        """+1, -1, 0 over the draws [alternatives, OUTCOMES], see `scorecard.clear`."""
        return s.clear(self.outcome_effects(), self.goals[2], self.settings.sign)

    @cached_property
    def foreign(self) -> NDArray[np.bool_]:
        """Outcomes of the other measures' goals [alternatives, OUTCOMES]."""
        return np.array([[k in a.foreign for k in OUTCOMES] for a in self.alternatives])

    def gains(self, world: str) -> NDArray[np.int64]:
        """Targets in the last year: +1 reached and not by the baseline of the same world, -1 the
        other way round, 0 [draws, alternatives, OUTCOMES]. A missing value does not reach."""
        reached = self._reached(world).astype(np.int64)
        return reached[:, 1:] - reached[:, :1]

    def _reached(self, world: str) -> NDArray[np.bool_]:
        from sim.experiments.values import reached

        values = self.paths.last(world, OUTCOMES)
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

    def cost(self, world: str = "flat") -> Floats:
        """Assumed cost of the alternative over all years, yen [draws, alternatives]."""
        yen: Floats = self.paths.effect(world, "programme_cost").sum(axis=-1)
        return yen

    @cached_property
    def solved_beyond_both(self) -> Floats:
        """Extra solved projects beyond both baselines [draws, alternatives]."""
        return s.beyond_both(self.solved("flat"), self.solved("trend"))

    def per_yen(self, what: Callable[[str], Floats], unit: float) -> Floats:
        """The smaller of both worlds' effects per ``unit`` yen [draws, alternatives]."""
        flat, trend = (s.positive_ratio(what(w), self.cost(w)) for w in ("flat", "trend"))
        return unit * s.beyond_both(flat, trend)

    def spread(self, indicator: str) -> Floats:
        """Change of an inequality in the last year [draws, alternatives]."""
        return self.paths.effect("flat", indicator)[..., -1]

    def halves(self) -> Floats:
        """Years to half of the yearly effect on solved projects [draws, alternatives]."""
        return s.years_to_half(self.paths.effect("flat", "solved_projects"))

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
        from sim.measures import INITIATIVES

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

    ``ranked``: takes part in the criterion's rank; the others stand beside it. ``exact``: does not
    come from runs. ``pooled``: the value over all draws together [alternatives], or None.
    ``given``: where it may be printed [alternatives], or None (everywhere).
    """

    id: str
    criterion: str
    half: int
    better: int
    unit: str
    values: Callable[[Inputs], Floats]
    ranked: bool = True
    exact: bool = False
    pooled: Callable[[Inputs], Floats] | None = None
    given: Callable[[Inputs], NDArray[np.bool_]] | None = None


def _surely_more(x: Inputs) -> NDArray[np.bool_]:
    """Where the 5th percentile of extra solved projects is above zero (model_rules F)."""
    low: Floats = np.quantile(x.solved_beyond_both, 0.05, axis=0)
    return low > 0


def _ratio_of_means(top: Floats, bottom: Floats, unit: float) -> Floats:
    ratio: Floats = s.positive_ratio(top.mean(axis=0), bottom.mean(axis=0))
    return unit * ratio


def _mean_path(x: Inputs, world: str) -> Floats:
    path: Floats = x.paths.effect(world, "solved_projects").mean(axis=0)
    return path


def _foreign_share(x: Inputs, moved: NDArray[np.int64]) -> Floats:
    better = (moved > 0) & x.foreign
    share: Floats = better.sum(axis=-1) / x.foreign.sum(axis=-1)
    return share


def _with_budgets(x: Inputs) -> Floats:
    budgets: Floats = x.paths.effect("flat", "project_budget").sum(axis=-1)
    return x.cost() + budgets


FIGURES: tuple[Declared, ...] = (
    Declared(
        "years_to_half", "immediacy", 0, -1, "years", Inputs.halves,
        pooled=lambda x: s.years_to_half(_mean_path(x, "flat")),
    ),
    Declared(
        "outcomes_moved", "immediacy", 1, 1, "indicators",
        lambda x: (x.moved > 0).sum(axis=2).astype(np.float64),
        pooled=lambda x: (x.clear > 0).sum(axis=1).astype(np.float64),
    ),
    Declared(
        "spill_over", "immediacy", 1, 1, "share", lambda x: _foreign_share(x, x.moved),
        pooled=lambda x: _foreign_share(x, x.clear),
    ),
    Declared(
        "outcomes_worse", "immediacy", 1, -1, "indicators",
        lambda x: (x.moved < 0).sum(axis=2).astype(np.float64), ranked=False,
        pooled=lambda x: (x.clear < 0).sum(axis=1).astype(np.float64),
    ),
    Declared("plan_delivered", "feasibility", 0, 1, "share", Inputs.delivered),
    Declared(
        "proposals_refused", "feasibility", 1, -1, "count per year",
        lambda x: x.paths.effect("flat", "refused_proposals").mean(axis=-1),
    ),
    Declared(
        "solved_per_yen", "cost", 0, 1, "projects per 100 m yen",
        lambda x: x.per_yen(x.solved, s.YEN_UNIT), given=_surely_more,
        pooled=lambda x: _ratio_of_means(x.solved_beyond_both, x.cost(), s.YEN_UNIT),
    ),
    Declared(
        "targets_per_yen", "cost", 1, 1, "targets per 10 bn yen",
        lambda x: x.per_yen(x.gained, TARGETS_YEN),
        pooled=lambda x: _ratio_of_means(
            s.beyond_both(x.gained("flat"), x.gained("trend")), x.cost(), TARGETS_YEN
        ),
    ),
    Declared(
        "solved_per_yen_all", "cost", 0, 1, "projects per 100 m yen",
        lambda x: s.YEN_UNIT * s.positive_ratio(x.solved("flat"), _with_budgets(x)),
        ranked=False, given=_surely_more,
        pooled=lambda x: _ratio_of_means(x.solved("flat"), _with_budgets(x), s.YEN_UNIT),
    ),
    Declared(
        "solved_flat", "cost", 0, 1, "projects", lambda x: x.solved("flat"), ranked=False,
        pooled=lambda x: x.solved("flat").mean(axis=0),
    ),
    Declared(
        "solved_trend", "cost", 0, 1, "projects", lambda x: x.solved("trend"), ranked=False,
        pooled=lambda x: x.solved("trend").mean(axis=0),
    ),
    Declared(
        "targets_gained", "cost", 1, 1, "targets",
        lambda x: s.beyond_both(x.gained("flat"), x.gained("trend")), ranked=False,
        pooled=lambda x: s.beyond_both(x.gained("flat"), x.gained("trend")).mean(axis=0),
    ),
    Declared("cost", "cost", 0, -1, "yen", lambda x: x.cost(), ranked=False),
    *(
        Declared(
            key, "fairness", 0, -1, "difference of shares", partial(Inputs.spread, indicator=key),
        )
        for key in SPREADS
    ),
    Declared(
        "remains", "fairness", 1, 1, "ratio", lambda x: x.remains("stop"),
        pooled=lambda x: s.remaining(
            _mean_path(x, "flat"), _mean_path(x, "halted"), x.settings.stop, x.settings.after
        ),
    ),
    Declared(
        "remains_of_going_on", "fairness", 1, 1, "ratio",
        lambda x: x.remains("going_on"), ranked=False,
    ),
    Declared("grade_mean", "evidence", 0, 1, "grade", lambda x: x.grade(np.mean), exact=True),
    Declared(
        "grade_lowest", "evidence", 0, 1, "grade", lambda x: x.grade(np.min), ranked=False,
        exact=True,
    ),
    Declared(
        "claims_unverified", "evidence", 1, -1, "share", lambda x: x.by_claims(x.unverified),
        exact=True,
    ),
    Declared(
        "claims", "evidence", 1, 1, "claims", lambda x: x.by_claims(len), ranked=False, exact=True,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A declared figure with its values [draws, alternatives].

    ``applies`` [alternatives]: False where the figure does not exist (no delivery indicator).
    """

    declared: Declared
    values: Floats
    applies: NDArray[np.bool_]
    pooled: Floats | None = field(default=None)
    given: NDArray[np.bool_] | None = field(default=None)


def figures(inputs: Inputs) -> list[Figure]:
    """All figures with their values, in the order of the criteria."""
    out = []
    for declared in FIGURES:
        values = declared.values(inputs)
        # an alternative without a delivery indicator has no plan to deliver
        applies = np.array(
            [declared.id != "plan_delivered" or bool(a.deliveries) for a in inputs.alternatives]
        )
        pooled = None if declared.pooled is None else declared.pooled(inputs)
        given = None if declared.given is None else declared.given(inputs)
        out.append(Figure(declared, values, applies, pooled, given))
    return out
