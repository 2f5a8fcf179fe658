"""Fronts, verdicts, regret and rankings: pure functions over arrays of plans.

Objectives stand in one table [plans, objectives] in which smaller is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

KEPT, OVER_BUDGET, NO_GAIN = "kept", "over_budget", "no_gain"
FALLS_SHORT, DOMINATED = "falls_short", "dominated"
VERDICTS = (KEPT, OVER_BUDGET, NO_GAIN, FALLS_SHORT, DOMINATED)

OBJECTIVES = ("targets_extra", "solved_extra", "cost_total")
"""Names of the objectives of a plan, in the order of their columns."""
AT_TARGETS, AT_SOLVED, AT_COST = range(len(OBJECTIVES))
"""Their columns in arrays of objectives; smaller is better, so gains are negative there."""
ROUNDING = 1e-9
"""Relative difference that floating point alone can make."""


def dominators(objectives: Floats) -> Bools:
    """[i, j]: whether plan j is as good as plan i everywhere and better somewhere."""
    from pymoo.util.dominator import Dominator

    return np.asarray(Dominator.calc_domination_matrix(objectives) == -1, dtype=np.bool_)


def nondominated(objectives: Floats) -> Bools:
    """Which plans [plans] no other plan dominates."""
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

    found = np.zeros(len(objectives), dtype=np.bool_)
    found[NonDominatedSorting().do(objectives, only_non_dominated_front=True)] = True
    return found


def spread_out(objectives: Floats, number: int) -> Ints:
    """Positions of at most ``number`` plans that cover a front, the best of each objective first.

    Then, one by one, the plan farthest from those chosen, in objectives scaled to [0, 1].
    """
    if len(objectives) <= number:
        return np.arange(len(objectives), dtype=np.int64)
    low, high = objectives.min(axis=0), objectives.max(axis=0)
    unit = (objectives - low) / np.where(high > low, high - low, 1.0)
    chosen = list(dict.fromkeys(int(np.argmin(unit[:, k])) for k in range(unit.shape[1])))
    chosen = chosen[:number]
    while len(chosen) < number:
        gaps = np.min(np.linalg.norm(unit[:, None, :] - unit[chosen][None, :, :], axis=2), axis=1)
        chosen.append(int(np.argmax(gaps)))
    return np.array(sorted(chosen), dtype=np.int64)


class Verdict(NamedTuple):
    """The verdict on a plan; ``by``: the plan that dominates it; ``short``: the objectives in which
    it is worse than promised."""

    kind: str
    by: int | None = None
    short: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """What the surrogate promised for candidates [candidates, 3], and what the real model gave.

    ``real`` [plans, 3]: objectives, the candidates first, then plans run for comparison, which no
    surrogate recommended. ``error`` [plans, 3]: their standard errors. ``peak`` [plans]: dearest
    fiscal year (quantile over draws), yen.
    """

    promised: Floats
    real: Floats
    error: Floats
    peak: Floats


def verdicts(claim: Claim, budget: float, shortfall: float, noise: float) -> list[Verdict]:
    """The verdict on every plan by itself, by real values.

    ``over_budget``: its dearest year costs more than the budget. ``no_gain``: extra solved projects
    are not above zero beyond chance, ``noise`` standard errors. ``falls_short``: in solved
    projects, targets or total cost worse than promised by more than the share ``shortfall`` of the
    promise, and beyond chance: what put it on the front was an error of the surrogate. All others
    are ``kept``.
    """
    out: list[Verdict] = []
    for n, real in enumerate(claim.real):
        chance = noise * claim.error[n]
        short: tuple[str, ...] = ()
        if n < len(claim.promised):
            promised = claim.promised[n]
            gap = real - promised
            wrong = (gap > shortfall * np.abs(promised)) & (gap > chance)
            short = tuple(o for o, w in zip(OBJECTIVES, wrong, strict=True) if w)
        if claim.peak[n] > budget:
            out.append(Verdict(OVER_BUDGET))
        elif not -real[AT_SOLVED] > chance[AT_SOLVED]:
            out.append(Verdict(NO_GAIN))
        elif short:
            out.append(Verdict(FALLS_SHORT, short=short))
        else:
            out.append(Verdict(KEPT))
    return out


def outdone(said: Sequence[Verdict], at: Sequence[int], objectives: Floats) -> list[Verdict]:
    """Verdicts after a comparison of the plans ``at`` by their ``objectives`` [len(at), 3].

    ``dominated``: another of them is as good everywhere and better somewhere.
    """
    out = list(said)
    beaten = dominators(objectives)
    free = ~beaten.any(axis=1)
    for n, plan in enumerate(at):
        by = np.flatnonzero(beaten[n] & free)
        if len(by):
            out[plan] = Verdict(DOMINATED, int(at[by[0]]))
    return out


def regret(values: Floats) -> Floats:
    """Regret [plans, states]: the best plan's value in a state less this plan's (Savage 1951)."""
    out: Floats = values.max(axis=0, keepdims=True) - values
    return out


@dataclass(frozen=True)
class Regrets:
    """Largest regret (``worst``) and a quantile of it (``often``) over the states, each [plans]."""

    worst: Floats
    often: Floats


def regrets_of(values: Floats, quantile: float) -> Regrets:
    """Regrets of plans by ``values`` [plans, states]."""
    losses = regret(values)
    return Regrets(losses.max(axis=1), np.quantile(losses, quantile, axis=1))


@dataclass(frozen=True)
class PlanChoice:
    """Positions of two choices: by largest expected value, and robust by smallest regret.

    ``by_quantile``: the quantile of regret decided, not its maximum.
    """

    expected: int
    robust: int
    by_quantile: bool

    @property
    def differ(self) -> bool:
        """Whether the two choices are two plans."""
        return self.expected != self.robust


def choose(values: Floats, cost: Floats, quantile: float | None) -> PlanChoice:
    """The choices among plans by ``values`` [plans, states]; of equals the cheapest by ``cost``.

    ``quantile`` of regret that decides; None: its maximum, which few states give best.
    """
    regrets = regrets_of(values, quantile or 1.0)
    loss = regrets.worst if quantile is None else regrets.often
    mean = values.mean(axis=1)
    return PlanChoice(_least(-mean, cost), _least(loss, cost), quantile is not None)


def _least(values: Floats, cost: Floats) -> int:
    """Position of the smallest value; of those equal but for rounding, the cheapest."""
    tied = values <= values.min() + ROUNDING * max(1.0, float(np.abs(values).max()))
    return int(np.flatnonzero(tied)[np.argmin(cost[tied])])


def flip_ratios(cost: Floats, effect: Floats) -> list[tuple[int, float | None]]:
    """The ranking by cost per unit of effect: (position, factor) with the cheapest first.

    The factor is by how much the plan's costs must rise, all others' unchanged, for it to fall
    behind the next one; None for the last. Plans without a positive effect are left out.
    """
    good = np.flatnonzero(effect > 0)
    price = cost[good] / effect[good]
    order = np.argsort(price, kind="stable")
    out: list[tuple[int, float | None]] = []
    for n, at in enumerate(order):
        following = price[order[n + 1]] if n + 1 < len(order) else None
        free = following is None or price[at] <= 0
        out.append((int(good[at]), None if free else float(following / price[at])))
    return out


def ordered(positions: Sequence[int], objectives: Floats, by: int) -> list[int]:
    """Positions sorted by one objective."""
    return sorted(positions, key=lambda n: (float(objectives[n, by]), n))
