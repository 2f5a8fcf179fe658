"""Compiled queues of initiatives: the first ones in line who may be served."""

from __future__ import annotations

from typing import Any

from sim.base.kernels import kernel
from sim.base.randomness_kernels import draw, high
from sim.model.agents.npos import ACTIVE, DORMANT


@kernel
def first_in_line(
    queue: Any, places: Any, status: Any, served: Any, until: Any, other: Any, other_until: Any
) -> Any:
    """Positions in ``queue`` (in its order) of the first ``places`` active NPOs that may be served.

    ``served`` and ``other`` (n,): months of earlier treatments, which must not lie after ``until``
    and ``other_until``. The queue is read no further than needed.
    """
    chosen = queue[: max(0, places)].copy()
    number = 0
    for q in range(queue.shape[0]):
        if number >= places:
            break
        i = queue[q]
        if status[i] == ACTIVE and served[i] <= until and other[i] <= other_until:
            chosen[number] = i
            number += 1
    return chosen[:number]


@kernel
def count_members(
    status: Any, field: Any, ward: Any, joined: Any, never: Any, in_wards: Any, counts: Any
) -> None:
    """Registered NPOs and active members of networks by field: ``counts`` int64 (5, 2), zeros.

    ``joined`` (n,): month of joining, ``never`` where not; ``in_wards`` bool (areas,).
    """
    for i in range(status.shape[0]):
        here = in_wards[ward[i]] & ((status[i] == ACTIVE) | (status[i] == DORMANT))
        counts[field[i], 0] += here
        counts[field[i], 1] += here & (joined[i] > never) & (status[i] == ACTIVE)


@kernel
def first_by_field(
    queue: Any, places: Any, status: Any, field: Any, joined: Any, never: Any, wants: Any
) -> Any:
    """Positions of the first active NPOs in ``queue`` that want to join, up to the places by field.

    ``places`` int64 (5,) is used up.
    """
    chosen = queue.copy()
    left = 0
    for f in range(places.shape[0]):
        left += max(0, places[f])
    number = 0
    for q in range(queue.shape[0]):
        if left == 0:
            break
        i = queue[q]
        if status[i] == ACTIVE and joined[i] == never and wants[i] == 1 and places[field[i]] > 0:
            places[field[i]] -= 1
            left -= 1
            chosen[number] = i
            number += 1
    return chosen[:number]


@kernel
def that_convert(stream: Any, choice: Any, limit: Any, ids: Any, npos: Any) -> Any:
    """Those of the positions ``npos`` whose draw, by NPO id, then ``choice``, is below ``limit``.

    Equal to `KeyedRandom.below` with ``choice`` as partner.
    """
    chosen = npos.copy()
    number = 0
    for q in range(npos.shape[0]):
        if high(draw(draw(stream, ids[npos[q]]), choice)) < limit:
            chosen[number] = npos[q]
            number += 1
    return chosen[:number]
