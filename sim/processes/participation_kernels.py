"""One compiled pass a month over all residents: start, stay, change, quit; counts by ward."""

from __future__ import annotations

from typing import Any, NamedTuple

from sim.agents.counts import (
    ACTIVE_NOW,
    EPISODIC_NOW,
    PARTICIPANTS,
    QUIT_LOAD,
    QUIT_MISMATCH,
    QUIT_TIME,
    QUITS,
    REFERRABLE,
    REFERRED,
    REGULAR_NOW,
    STARTS,
)
from sim.kernels import kernel
from sim.randomness_kernels import draw, high, low, threshold


class Residents(NamedTuple):
    """The columns of `sim.agents.residents` that the pass reads and writes, each (n,)."""

    id: Any
    age: Any
    traits: Any
    channel: Any
    state: Any
    tenure: Any
    last_active: Any


class Chances(NamedTuple):
    """What decides in one month; chances float64, thresholds int64 (see `threshold`).

    ``start_ward`` (23,) chance to meet an opportunity; ``start_age`` (7,) acceptance;
    ``uninterested`` ratio; ``weights`` (3,) of the barriers time, how, what; ``relief`` (3, 23, 6)
    share of each barrier that is lifted, by ward and channel; ``room`` (23, 6) share of volunteers
    for whom the NPOs of the ward and channel had a place last month (1 in other groups);
    thresholds ``referral`` (23,) to be referred by a desk and to join, ``load`` (2, 23, 2) by
    state, ward, via an NPO, ``time`` (2, 2) by state and barrier, ``mismatch`` (2, 60) by state and
    tenure; ``up``, ``down``, ``episodic``.
    """

    start_ward: Any
    start_age: Any
    uninterested: Any
    weights: Any
    relief: Any
    room: Any
    referral: Any
    load: Any
    time: Any
    mismatch: Any
    up: Any
    down: Any
    episodic: Any


class Streams(NamedTuple):
    """uint64 streams of the month: the upper and the lower half of a draw are two choices.

    start (and referral), quit (load and time), change (mismatch and shift), active.
    """

    start: Any
    quit: Any
    change: Any
    active: Any


@kernel
def starts(u: Any, i: Any, w: Any, r: Any, c: Any) -> Any:
    """Whether resident ``i`` of ward ``w`` starts by the draw ``u``: acceptance and barriers."""
    p = c.start_ward[w] * c.start_age[r.age[i]] * c.room[w, r.channel[i]]
    bits = r.traits[i]
    if bits & 1 == 0:
        p *= c.uninterested
    for k in range(3):
        if bits & (2 << k):
            lifted = c.relief[k, w, r.channel[i]]
            if k == 0 and bits & 16 == 0:
                lifted = 0.0  # time is only saved online
            p *= 1.0 - c.weights[k] * (1.0 - lifted)
    return u < threshold(p)


@kernel
def month_pass(month: Any, bounds: Any, r: Any, c: Any, s: Any, scratch: Any, counts: Any) -> None:
    """Advance all residents by one month.

    ``bounds`` int64 (24,): residents of ward w stand at bounds[w]..bounds[w+1]; ``r`` Residents,
    ``c`` Chances, ``s`` Streams; ``scratch`` int32 (2, largest ward + 1); ``counts`` int64
    (23, 11), see `sim.agents.counts`, is overwritten. A first pass without branches lists the
    volunteers and those whose draw passes the ward's upper bound of the chance to start; only
    these are looked at closely, with the same draw.
    """
    highest = 0.0
    for a in range(c.start_age.shape[0]):
        highest = max(highest, c.start_age[a])
    year_ago = month - 12
    hits, volunteers = scratch[0], scratch[1]
    for w in range(bounds.shape[0] - 1):
        first, last = bounds[w], bounds[w + 1]
        limit = threshold(c.start_ward[w] * highest)
        referral = c.referral[w]
        n_hits = n_volunteers = 0
        for i in range(first, last):
            idle = r.state[i] == 0
            draws = draw(s.start, r.id[i])
            hits[n_hits] = i - first
            n_hits += idle & ((high(draws) < limit) | (low(draws) < referral))
            volunteers[n_volunteers] = i - first
            n_volunteers += not idle
        episodic = regular = active = started = referrable = referred = 0
        quits = by_load = by_time = by_mismatch = 0
        for j in range(n_volunteers):
            i = first + volunteers[j]
            state = r.state[i]
            k = state - 1
            tenure = r.tenure[i] + 1
            draws = draw(s.quit, r.id[i])
            load = high(draws) < c.load[k, w, 1 if r.channel[i] > 0 else 0]
            time = low(draws) < c.time[k, 1 if r.traits[i] & 2 else 0]
            draws = draw(s.change, r.id[i])
            mismatch = high(draws) < c.mismatch[k, min(tenure, 59)]
            if load | time | mismatch:
                r.state[i] = 0
                r.tenure[i] = 0
                quits += 1
                by_load += load
                by_time += time
                by_mismatch += mismatch
                continue
            r.tenure[i] = tenure
            if state == 1:
                if low(draws) < c.up:
                    state = 2
            elif low(draws) < c.down:
                state = 1
            r.state[i] = state
            if state == 2 or high(draw(s.active, r.id[i])) < c.episodic:
                r.last_active[i] = month
                active += 1
            regular += state == 2
            episodic += state == 1
        for j in range(n_hits):
            i = first + hits[j]
            draws = draw(s.start, r.id[i])
            by_desk = low(draws) < referral and (r.traits[i] & 5) == 5
            if high(draws) < limit and starts(high(draws), i, w, r, c):
                by_desk = False
            elif not by_desk:
                continue
            r.state[i] = 1
            r.tenure[i] = 0
            r.last_active[i] = month
            started += 1
            referred += by_desk
        part = 0
        for i in range(first, last):
            part += r.last_active[i] > year_ago
            referrable += (r.state[i] == 0) & ((r.traits[i] & 5) == 5)
        counts[w, EPISODIC_NOW] = episodic + started
        counts[w, REGULAR_NOW] = regular
        counts[w, ACTIVE_NOW] = active + started
        counts[w, PARTICIPANTS] = part
        counts[w, STARTS] = started
        counts[w, QUITS] = quits
        counts[w, QUIT_LOAD] = by_load
        counts[w, QUIT_TIME] = by_time
        counts[w, QUIT_MISMATCH] = by_mismatch
        counts[w, REFERRABLE] = referrable
        counts[w, REFERRED] = referred


@kernel
def movers(
    ids: Any,
    stream: Any,
    chance: Any,
    state: Any,
    tenure: Any,
    last_active: Any,
    moves: Any,
    out: Any,
) -> Any:
    """Replace movers by newcomers without local activity; positions into ``out``, count back."""
    limit = threshold(chance)
    n = 0
    for i in range(ids.shape[0]):
        if high(draw(stream, ids[i])) < limit:
            state[i] = 0
            tenure[i] = 0
            last_active[i] = -30000
            moves[i] += 1
            out[n] = i
            n += 1
    return n


@kernel
def survey(
    ids: Any,
    ward: Any,
    last_active: Any,
    month: Any,
    stream: Any,
    t_part: Any,
    t_other: Any,
    counts: Any,
) -> None:
    """Residents' survey: ``counts`` int64 (23, 4) satisfied and asked, participants then others.

    ``t_part``/``t_other`` int64 (23,): thresholds of answering "satisfied" by ward.
    """
    counts[:, :] = 0
    for i in range(ids.shape[0]):
        w = ward[i]
        u = high(draw(stream, ids[i]))
        if last_active[i] > month - 12:
            counts[w, 1] += 1
            counts[w, 0] += u < t_part[w]
        else:
            counts[w, 3] += 1
            counts[w, 2] += u < t_other[w]
