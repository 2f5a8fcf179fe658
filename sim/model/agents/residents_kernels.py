"""Compiled passes over residents, block by block: traits, first volunteers, tables of a March.

The layout of the four bytes is that of `sim.model.agents.residents.PACKED`; `sim.model.processes`
works on the same bytes month by month.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import prange

from sim.base.kernels import parallel
from sim.base.randomness_kernels import draw, high, uniform

BLOCK = 8192
"""Residents that a pass works on at a time: their bytes and its scratch fit the nearest cache."""

CHANNEL, AGE_BITS, MOVES, STATE, WINDOW = 5, 7, 3, 4, 15
"""Shifts of channel, moves and state in their bytes; masks of age and window."""
MOST_MOVES, LONGEST = 31, 128
"""Where the count of moves and the months of tenure stop."""


class Packed(NamedTuple):
    """The four bytes of all residents, each uint8 (n,); see `sim.model.agents.residents.PACKED`."""

    nature: Any
    slot: Any
    activity: Any
    tenure: Any


@parallel
def draw_traits(
    blocks: Any,
    r: Any,
    t_moves: Any,
    s_moves: Any,
    s_traits: Any,
    prevalence: Any,
    digital: Any,
    correlation: Any,
    channels: Any,
) -> None:
    """Set traits and channel: of all (``t_moves`` 0), or of those whose draw says that they move.

    ``r`` Packed; ``s_moves``, ``s_traits`` uint64 streams; ``prevalence`` (4,), ``digital`` (7,)
    by age, ``channels`` (6,) cumulative shares.

    Every trait has its exact prevalence. With chance ``correlation`` it is taken from a uniform
    that all traits of the resident share (barriers where it is low, interest where it is high), so
    the interested have fewer barriers and barriers come together.
    """
    nature, slot, activity, tenure = r.nature, r.slot, r.activity, r.tenure
    for b in prange(blocks.shape[0]):
        first, number, first_id = blocks[b, 1], blocks[b, 2], blocks[b, 3]
        for j in range(number):
            i, id = first + j, first_id + j
            if t_moves > 0:
                if high(draw(s_moves, id)) >= t_moves:
                    continue
                activity[i] = 0
                tenure[i] = 0
                if slot[i] >> MOVES < MOST_MOVES:
                    slot[i] += 1 << MOVES
            key = draw(draw(s_traits, id), slot[i] >> MOVES)
            common = uniform(draw(key, 0))
            bits = 0
            for k in range(4):
                own = uniform(draw(key, 1 + k))
                shared = uniform(draw(key, 11 + k)) < correlation
                u = own
                if shared:
                    u = 1.0 - common if k == 0 else common
                if u < prevalence[k]:
                    bits |= 1 << k
            if uniform(draw(key, 5)) < digital[slot[i] & AGE_BITS]:
                bits |= 16
            u = uniform(draw(key, 6))
            chosen = 0
            for f in range(1, channels.shape[0]):
                if channels[f - 1] <= u < channels[f]:
                    chosen = f
            nature[i] = np.uint8(bits | chosen << CHANNEL)


@parallel
def first_volunteers(
    blocks: Any,
    r: Any,
    stream: Any,
    volunteers: Any,
    regular: Any,
    longest: Any,
) -> None:
    """Interested residents who volunteer before the burn-in: shares ``volunteers``, ``regular``.

    Their tenure is even between 1 and ``longest`` months.
    """
    nature, activity, tenure = r.nature, r.activity, r.tenure
    for b in prange(blocks.shape[0]):
        first, number, first_id = blocks[b, 1], blocks[b, 2], blocks[b, 3]
        for j in range(number):
            u = uniform(draw(stream, first_id + j))
            if nature[first + j] & 1 and u < max(volunteers, regular):
                activity[first + j] = (2 if u < regular else 1) << STATE
                tenure[first + j] = min(LONGEST, 1 + np.int64(longest * u / volunteers))


@parallel
def tabulate(blocks: Any, r: Any, by_age: Any, by_trait: Any) -> None:
    """Participants by age and traits of non-participants, a row for every block.

    ``by_age`` int64 (k, 7, 2): participants, all. ``by_trait`` int64 (k, 6): interested among
    all; then of non-participants: no time, how, what, all of them; all residents. Both are zeros.
    """
    nature, slot, activity = r.nature, r.slot, r.activity
    for b in prange(blocks.shape[0]):
        first, number = blocks[b, 1], blocks[b, 2]
        for i in range(first, first + number):
            bits = nature[i]
            part = (activity[i] & WINDOW) > 0
            by_age[b, slot[i] & AGE_BITS, 1] += 1
            by_age[b, slot[i] & AGE_BITS, 0] += part
            by_trait[b, 0] += bits & 1
            out = 1 - part
            by_trait[b, 1] += out & (bits >> 1)
            by_trait[b, 2] += out & (bits >> 2)
            by_trait[b, 3] += out & (bits >> 3)
            by_trait[b, 4] += out
        by_trait[b, 5] = number
