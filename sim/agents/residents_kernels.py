"""Compiled drawing of residents' traits."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.kernels import kernel
from sim.randomness_kernels import draw, uniform


@kernel
def draw_traits(
    which: Any,
    ids: Any,
    moves: Any,
    age: Any,
    traits: Any,
    channel: Any,
    stream: Any,
    prevalence: Any,
    digital: Any,
    correlation: Any,
    channels: Any,
) -> None:
    """Set ``traits`` and ``channel`` at the positions ``which``.

    Every trait has its exact prevalence. With chance ``correlation`` it is taken from a uniform
    that all traits of the resident share (barriers where it is low, interest where it is high), so
    the interested have fewer barriers and barriers come together.
    """
    for j in range(which.shape[0]):
        i = which[j]
        key = draw(draw(stream, ids[i]), moves[i])
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
        if uniform(draw(key, 5)) < digital[age[i]]:
            bits |= 16
        traits[i] = np.uint8(bits)
        u = uniform(draw(key, 6))
        chosen = 0
        for f in range(1, channels.shape[0]):
            if channels[f - 1] <= u < channels[f]:
                chosen = f
        channel[i] = chosen


@kernel
def tabulate(
    ward: Any, age: Any, traits: Any, last_active: Any, month: Any, by_age: Any, by_trait: Any
) -> None:
    """Participants by age and traits of non-participants.

    ``by_age`` int64 (23, 7, 2): participants, all. ``by_trait`` int64 (23, 6): interested among
    all; then of non-participants: no time, how, what, all of them; all residents.
    """
    by_age[:, :, :] = 0
    by_trait[:, :] = 0
    for i in range(ward.shape[0]):
        w = ward[i]
        bits = traits[i]
        by_age[w, age[i], 1] += 1
        by_trait[w, 0] += bits & 1
        by_trait[w, 5] += 1
        if last_active[i] > month - 12:
            by_age[w, age[i], 0] += 1
        else:
            by_trait[w, 4] += 1
            by_trait[w, 1] += (bits >> 1) & 1
            by_trait[w, 2] += (bits >> 2) & 1
            by_trait[w, 3] += (bits >> 3) & 1
