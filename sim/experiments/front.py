"""Fronts, verdicts, regret and rankings: pure functions over arrays of plans.

Objectives stand in one table [plans, objectives] in which smaller is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

KEPT, OVER_BUDGET, NO_GAIN = "kept", "over_budget", "no_gain"
FALLS_SHORT, DOMINATED = "falls_short", "dominated"
VERDICTS = (KEPT, OVER_BUDGET, NO_GAIN, FALLS_SHORT, DOMINATED)
NOISE = 2.0
"""Standard errors within which a difference of means counts as chance."""


def dominators(objectives: Floats) -> Bools:
    """[i, j]: whether plan j is as good as plan i everywhere and better somewhere."""
    a, b = objectives[:, None, :], objectives[None, :, :]
    found = np.logical_and(np.all(b <= a, axis=2), np.any(b < a, axis=2))
    return np.asarray(found, dtype=np.bool_)


def nondominated(objectives: Floats) -> Bools:
    """Which plans [plans] no other plan dominates."""
    if len(objectives) == 0:
        return np.zeros(0, dtype=np.bool_)
    return np.asarray(~np.any(dominators(objectives), axis=1), dtype=np.bool_)


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


@dataclass(frozen=True)
class Claim:
    """What the surrogate promised for candidates, and what the real model gave, each [plans].

    ``error``: standard error of the real mean of extra solved projects. ``peak``: dearest fiscal
    year (median over draws), yen. ``objectives`` [all plans, objectives] are real; the candidates
    stand first, then plans that were run for comparison, which may dominate them too.
    """

    promised: Floats
    real: Floats
    error: Floats
    peak: Floats
    objectives: Floats


def verdicts(
    claim: Claim, budget: float, shortfall: float, within: Bools
) -> list[tuple[str, int | None]]:
    """(verdict, position of the plan that dominates it) for every candidate, by real values.

    ``over_budget``: its dearest year costs more than the budget. ``no_gain``: extra solved projects
    are not above zero beyond chance. ``falls_short``: below the promise by more than the share
    ``shortfall`` of it, and beyond chance: what put it on the front was an error of the surrogate.
    ``dominated``: another plan that is ``within`` the budget [all plans] is as good everywhere and
    better somewhere, and is not itself rejected. All others are ``kept``.
    """
    number = len(claim.promised)
    out: list[tuple[str, int | None]] = []
    for n in range(number):
        gap = claim.promised[n] - claim.real[n]
        if claim.peak[n] > budget:
            out.append((OVER_BUDGET, None))
        elif claim.real[n] <= NOISE * claim.error[n]:
            out.append((NO_GAIN, None))
        elif gap > shortfall * claim.promised[n] and gap > NOISE * claim.error[n]:
            out.append((FALLS_SHORT, None))
        else:
            out.append((KEPT, None))
    able = within.copy()
    able[:number] &= np.array([v == KEPT for v, _ in out], dtype=np.bool_)
    beaten = dominators(claim.objectives) & able[None, :]
    for n in range(number):
        if out[n][0] == KEPT and beaten[n].any():
            out[n] = (DOMINATED, int(np.flatnonzero(beaten[n])[0]))
    return out


def regret(values: Floats) -> Floats:
    """Regret [plans, states]: the best plan's value in a state less this plan's (Savage 1951)."""
    out: Floats = values.max(axis=0, keepdims=True) - values
    return out


@dataclass(frozen=True)
class Choice:
    """Positions of two choices: by largest expected value, and robust by smallest worst regret.

    ``worst`` and ``often`` [plans]: largest regret and its 90th percentile over the states.
    """

    expected: int
    robust: int
    worst: Floats
    often: Floats
    mean: Floats

    @property
    def differ(self) -> bool:
        """Whether the two choices are two plans."""
        return self.expected != self.robust


def choose(values: Floats) -> Choice:
    """The choices among plans by ``values`` [plans, states]; ties go to the first plan."""
    losses = regret(values)
    worst, mean = losses.max(axis=1), values.mean(axis=1)
    often = np.quantile(losses, 0.9, axis=1)
    return Choice(int(np.argmax(mean)), int(np.argmin(worst)), worst, often, mean)


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
