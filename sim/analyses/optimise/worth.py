"""What plans are worth: outcome targets and solved projects beyond BOTH baselines, and their cost.

Both baselines: flat, and with the past growth of projects. A gain is the smaller of the two, each
against the baseline run of the same draw and world. Deliveries are never read (model_rules F).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.analyses.optimise.front import AT_SOLVED
from sim.analyses.shared.intervals import spread_of
from sim.analyses.shared.plans import Plan
from sim.analyses.shared.reached import is_reached
from sim.analyses.shared.regression import DrawFacts, link

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

WORLDS = (False, True)
"""Whether projects grow by themselves: the two baselines."""
FLAT, TREND = 0, 1


class PlanRun(NamedTuple):
    """One run: a plan in a draw, with or without the trend."""

    plan: Plan
    draw: int
    trend: bool


@dataclass(frozen=True)
class Goals:
    """The outcome targets: ``ids``, working scales, ``targets`` and ``directions`` [K]."""

    ids: tuple[str, ...]
    links: tuple[str, ...]
    targets: Floats
    directions: Ints

    def reached(self, values: Floats) -> Bools:
        """Which targets values [..., K] reach; one that is not available does not."""
        return is_reached(values, self.targets, self.directions)

    def linked(self, values: Floats) -> Floats:
        """Values [..., K] on the working scales."""
        return np.stack([link(values[..., k], kind) for k, kind in enumerate(self.links)], axis=-1)


@dataclass(frozen=True)
class PlanOutcomes:
    """What runs gave, row by row: ``series`` [rows, Y, K] of the outcome indicators in the key
    years, the horizon last; ``solved`` [rows] projects cumulated, ``cost`` [rows, years] yen."""

    series: Floats
    solved: Floats
    cost: Floats

    @property
    def values(self) -> Floats:
        """The outcome indicators at the horizon [rows, K]."""
        out: Floats = self.series[:, -1]
        return out

    def rows(self, part: slice) -> PlanOutcomes:
        """The rows in ``part``."""
        return PlanOutcomes(self.series[part], self.solved[part], self.cost[part])


class RealModel(Protocol):
    """The model as the search sees it."""

    @property
    def years(self) -> int: ...
    @property
    def key_years(self) -> tuple[int, ...]:
        """Years (1, 2, ...) in which chances of targets are told; the horizon is the last."""
        ...

    @property
    def goals(self) -> Goals: ...
    def facts(self, draws: Sequence[int]) -> DrawFacts:
        """What is known of the draws before a run."""
        ...

    def run(self, jobs: Sequence[PlanRun], what: str) -> PlanOutcomes:
        """Run the jobs; outcomes in their order."""
        ...


@dataclass(frozen=True)
class Block:
    """Plans run in every draw and both worlds: ``series`` [P, 2, D, Y, K], ``solved``
    [P, 2, D], ``cost`` [P, 2, D, years]."""

    plans: tuple[Plan, ...]
    series: Floats
    solved: Floats
    cost: Floats

    @property
    def values(self) -> Floats:
        """The outcome indicators at the horizon [P, 2, D, K]."""
        out: Floats = self.series[..., -1, :]
        return out

    def part(self, plans: slice) -> Block:
        """Some of the plans, by position."""
        return Block(self.plans[plans], self.series[plans], self.solved[plans], self.cost[plans])

    def joined(self, other: Block) -> Block:
        """These plans, then those of ``other``, in the same draws."""
        return Block(
            (*self.plans, *other.plans),
            np.concatenate([self.series, other.series]),
            np.concatenate([self.solved, other.solved]),
            np.concatenate([self.cost, other.cost]),
        )


@dataclass(frozen=True)
class PlanWorth:
    """What plans add to the baseline of the same draw and world, by real runs.

    ``targets`` [P, 2, D]: outcome targets reached beyond the baseline's own number; ``reached``
    [P, 2, D, Y, K] in the key years; ``solved`` [P, 2, D]; ``cost`` [P, 2, D, years]. ``chance``:
    the quantile over draws of a year's cost that counts against the budget (.5: its median).
    """

    targets: Floats
    reached: Bools
    solved: Floats
    cost: Floats
    chance: float = 0.5

    @property
    def worse(self) -> Ints:
        """The world (FLAT or TREND) in which each plan adds fewer solved projects [P]."""
        out: Ints = np.argmin(self.solved.mean(axis=2), axis=1)
        return out

    @property
    def objectives(self) -> Floats:
        """[P, 3]: targets and solved projects beyond both baselines (negative), mean total cost."""
        return np.column_stack(
            [
                -self.targets.mean(axis=2).min(axis=1),
                -self.solved.mean(axis=2).min(axis=1),
                self.cost.sum(axis=3).mean(axis=(1, 2)),
            ]
        )

    @property
    def yearly(self) -> Floats:
        """Cost of each fiscal year (quantile ``chance``) in the dearer world [P, years], yen."""
        out: Floats = np.quantile(self.cost, self.chance, axis=2).max(axis=1)
        return out

    @property
    def peak(self) -> Floats:
        """Cost of the dearest fiscal year (quantile ``chance``) [P], yen."""
        out: Floats = self.yearly.max(axis=1)
        return out

    def over(self, budget: float) -> Floats:
        """Share of draws in which some fiscal year costs more than the budget [P]."""
        out: Floats = (self.cost > budget).any(axis=3).mean(axis=(1, 2))
        return out

    @property
    def errors(self) -> Floats:
        """Standard errors of the objectives' means [P, 3], each in its worse world.

        Infinite under two draws: one draw says nothing of chance. The mean number of targets is a
        count over the draws, known to one draw at best: where it never changed its error is not 0.
        """
        number, _, draws = self.solved.shape
        if draws < 2:
            return np.full((number, 3), np.inf)
        rows, root = np.arange(number), np.sqrt(draws)
        fewer = np.argmin(self.targets.mean(axis=2), axis=1)
        targets = self.targets.std(axis=2, ddof=1)[rows, fewer] / root
        solved = self.solved.std(axis=2, ddof=1)[rows, self.worse] / root
        cost = self.cost.sum(axis=3).mean(axis=1).std(axis=1, ddof=1) / root
        return np.column_stack([np.maximum(targets, 1.0 / draws), solved, cost])

    @property
    def error(self) -> Floats:
        """Standard error of the mean of extra solved projects in the worse world [P]."""
        out: Floats = self.errors[:, AT_SOLVED]
        return out

    def interval(self) -> tuple[Floats, Floats, str]:
        """Ends of extra solved projects [P] in the worse world, and their kind: 5th and 95th
        percentile, or smallest and largest value under 50 draws (model_rules F)."""
        own = self.solved[np.arange(len(self.solved)), self.worse]
        spread = spread_of(own, own.shape[1])
        return spread.low, spread.high, spread.kind


def jobs_of(plans: Sequence[Plan], draws: Sequence[int]) -> list[PlanRun]:
    """Every plan in both worlds and every draw."""
    return [PlanRun(p, d, w) for p in plans for w in WORLDS for d in draws]


def block_of(plans: Sequence[Plan], got: PlanOutcomes) -> Block:
    """The outcomes of ``jobs_of(plans, draws)`` as a block."""
    shape = (len(plans), len(WORLDS), -1)
    return Block(
        tuple(plans),
        got.series.reshape(*shape, *got.series.shape[1:]),
        got.solved.reshape(shape),
        got.cost.reshape(*shape, got.cost.shape[1]),
    )


def worth_of(done: Block, base: Block, goals: Goals, chance: float = 0.5) -> PlanWorth:
    """What the plans of a block add to the baseline ``base`` (one plan) in the same draws."""
    reached, before = goals.reached(done.series), goals.reached(base.series)
    targets = reached[..., -1, :].sum(axis=-1) - before[..., -1, :].sum(axis=-1)
    solved = done.solved - base.solved
    return PlanWorth(targets.astype(np.float64), reached, solved, done.cost, chance)
