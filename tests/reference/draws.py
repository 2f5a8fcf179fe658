"""Keyed draws: luck without a generator.

A draw is a pure function of (run, decision, time, agent[, partner]). Nobody's luck depends on who
else draws, so a difference between two scenarios is the policy and never the dice. Draws are taken
as arrays, once a month for all agents of a kind, and each agent is handed its own.

A draw has 64 bits. The upper 32 and the lower 32 bits are two independent choices. An event of
chance p happens if the half, a whole number, is below floor(p 2^32) (`threshold_of`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np

from sim.base.randomness import GOLDEN, MASK, KeyedRandom, hash_key, threshold_of, unit

HALF = 1 << 32


class Keyed(Protocol):
    """Whatever has an id that keys its draws."""

    id: int


K = TypeVar("K", bound=Keyed)
Ids = Sequence[int] | np.ndarray


def upper(bits: int) -> int:
    """The first choice of a draw: its upper 32 bits."""
    return bits >> 32


def lower(bits: int) -> int:
    """The second choice of a draw: its lower 32 bits."""
    return bits & (HALF - 1)


def unit_of_half(half: int) -> float:
    """A uniform strictly between 0 and 1 from 32 bits."""
    return (half + 0.5) / HALF


def normal_of(u: float) -> float:
    """Standard normal from a uniform by Acklam's rational approximation (relative error 1.2e-9).

    The monthly shocks of NPOs use it, with these very coefficients; other normals are exact.
    P. J. Acklam (2003), "An algorithm for computing the inverse normal cumulative distribution
    function". The central 95 % are a ratio of polynomials in (u - 1/2)^2, the tails in
    sqrt(-2 ln(tail)).
    """
    if 0.02425 <= u <= 0.97575:
        q = u - 0.5
        top = _polynomial(q * q, _CENTRE_TOP) * q
        return top / (_polynomial(q * q, _CENTRE_LOW) * (q * q) + 1.0)
    q = math.sqrt(-2.0 * math.log(min(u, 1.0 - u)))
    z = _polynomial(q, _TAIL_TOP) / (_polynomial(q, _TAIL_LOW) * q + 1.0)
    return z if u < 0.5 else -z


def _polynomial(x: float, coefficients: tuple[float, ...]) -> float:
    value = coefficients[0]
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value


_CENTRE_TOP = (
    -3.969683028665376e01,
    2.209460984245205e02,
    -2.759285104469687e02,
    1.383577518672690e02,
    -3.066479806614716e01,
    2.506628277459239e00,
)
_CENTRE_LOW = (
    -5.447609879822406e01,
    1.615858368580409e02,
    -1.556989798598866e02,
    6.680131188771972e01,
    -1.328068155288572e01,
)
_TAIL_TOP = (
    -7.784894002430293e-03,
    -3.223964580411365e-01,
    -2.400758277161838e00,
    -2.549732539343734e00,
    4.374664141464968e00,
    2.938163982698783e00,
)
_TAIL_LOW = (
    7.784695709041462e-03,
    3.224671290700398e-01,
    2.445134137142996e00,
    3.754408661907416e00,
)


class Draws:
    """The draws of one run. Methods that take ``ids`` return a plain list, one entry for each."""

    def __init__(self, keys: KeyedRandom):
        self.keys = keys

    def bits(self, decision: str, time: int, ids: Ids, partner: int | None = None) -> list[int]:
        """64 bits for every id; ``partner`` is a second key, hashed in after the id."""
        found = _next_level(self.keys.stream(decision, time), ids)
        if partner is not None:
            found = _scramble(found + np.uint64((partner + 1) * GOLDEN & MASK))
        bits: list[int] = found.tolist()
        return bits

    def bits_under(self, decision: str, time: int, first: int, ids: Ids) -> list[int]:
        """64 bits for every id, with ``first`` hashed in *before* the id (registration in 1.1)."""
        stream = hash_key(self.keys.stream(decision, time), first)
        bits: list[int] = _next_level(stream, ids).tolist()
        return bits

    def one(self, decision: str, *keys: int) -> int:
        """64 bits of a rare single draw, for instance of (leader number, NPO, choice)."""
        return hash_key(self.keys.base(decision), *keys)

    def uniforms(
        self, decision: str, time: int, ids: Ids, partner: int | None = None
    ) -> list[float]:
        """Uniforms strictly between 0 and 1, from the upper 52 bits."""
        return [unit(bits) for bits in self.bits(decision, time, ids, partner)]

    def normals(self, decision: str, time: int, ids: Ids) -> list[float]:
        """Standard normals by the exact inverse of the distribution function."""
        found: list[float] = self.keys.normal(decision, time, np.asarray(ids, np.int64)).tolist()
        return found

    def chosen(
        self,
        agents: Sequence[K],
        decision: str,
        time: int,
        chance: float | Sequence[float],
        partner: int | None = None,
    ) -> list[K]:
        """The agents to whom an event of this chance (one for all, or one each) happens."""
        draws = self.bits(decision, time, [agent.id for agent in agents], partner)
        if isinstance(chance, float):
            limit = threshold_of(chance)
            return [a for a, bits in zip(agents, draws, strict=True) if upper(bits) < limit]
        return [
            agent
            for agent, bits, own in zip(agents, draws, chance, strict=True)
            if upper(bits) < threshold_of(own)
        ]

    def in_order(
        self, agents: Sequence[K], decision: str, time: int, partner: int | None = None
    ) -> list[K]:
        """The agents by keyed priority: smallest draw first, ties by id.

        Limited places go to the first ones, so more places serve a superset.
        """
        draws = self.bits(decision, time, [agent.id for agent in agents], partner)
        ranked = sorted((draws[k], agent.id, k) for k, agent in enumerate(agents))
        return [agents[k] for _, _, k in ranked]


def _next_level(stream: int, ids: Ids) -> np.ndarray:
    """splitmix64: output number id + 1 of the stream, for all ids at once."""
    keys = np.asarray(ids, dtype=np.int64).astype(np.uint64)
    return _scramble(np.uint64(stream) + (keys + np.uint64(1)) * np.uint64(GOLDEN))


def _scramble(z: np.ndarray) -> np.ndarray:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = z ^ (z >> np.uint64(31))
    return mixed
