"""One compiled pass a month over all residents: start, stay, change, quit; counts by ward."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

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
from sim.agents.residents import (
    DIGITAL,
    EPISODIC,
    INTERESTED,
    KNOW_NOT_HOW,
    NEVER,
    NO_TIME,
    REGULAR,
)
from sim.kernels import kernel
from sim.randomness_kernels import draw, high, low, threshold

DESK_REACHES = INTERESTED | KNOW_NOT_HOW
"""Traits of residents whom a desk may refer: interested, and not knowing how to take part."""


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
    state, ward, via an NPO, ``time`` (2, 2) by state and barrier, ``mismatch`` (2, k) by state and
    tenure (the last one: longer); ``up``, ``down``, ``episodic``.
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
def month_pass(
    month: Any, bounds: Any, r: Any, c: Any, s: Any, flags: Any, lists: Any, counts: Any
) -> None:
    """Advance all residents by one month.

    ``bounds`` int64 (24,): residents of ward w stand at bounds[w]..bounds[w+1]; ``r`` Residents,
    ``c`` Chances, ``s`` Streams; scratch ``flags`` uint8 (largest ward,), ``lists`` int32
    (2, largest ward + 1); ``counts`` int64 (23, 11), see `sim.agents.counts`, is overwritten.

    Per ward: a pass without branches flags the volunteers, and those others whose draw passes the
    upper bound of the chance to start; only these are looked at closely, with the same draw. All
    in one function: a call would count references to every column it is passed.
    """
    ids, age, traits, channel = r.id, r.age, r.traits, r.channel
    states, tenures, last_active = r.state, r.tenure, r.last_active
    t_load, t_time, t_mismatch = c.load, c.time, c.mismatch
    t_up, t_down, t_episodic = c.up, c.down, c.episodic
    s_start, s_quit, s_change, s_active = s.start, s.quit, s.change, s.active
    candidates, volunteers = lists[0], lists[1]
    highest = 0.0
    for a in range(c.start_age.shape[0]):
        highest = max(highest, c.start_age[a])
    year_ago = month - 12
    longest = t_mismatch.shape[1] - 1
    for w in range(bounds.shape[0] - 1):
        first, last = bounds[w], bounds[w + 1]
        limit = threshold(c.start_ward[w] * highest)
        referral = c.referral[w]
        for i in range(first, last):
            draws = draw(s_start, ids[i])
            idle = states[i] == 0
            hit = idle & ((high(draws) < limit) | (low(draws) < referral))
            flags[i - first] = np.uint8(2 * (not idle)) | np.uint8(hit)
        n_candidates = n_volunteers = 0
        for j in range(last - first):
            candidates[n_candidates] = j
            n_candidates += flags[j] & 1
            volunteers[n_volunteers] = j
            n_volunteers += flags[j] >> 1

        episodic = regular = active = quits = by_load = by_time = by_mismatch = 0
        for j in range(n_volunteers):
            i = first + volunteers[j]
            state = states[i]
            k = state - 1
            tenure = tenures[i] + 1
            draws = draw(s_quit, ids[i])
            load = high(draws) < t_load[k, w, 1 if channel[i] > 0 else 0]
            time = low(draws) < t_time[k, (traits[i] >> 1) & 1]
            draws = draw(s_change, ids[i])
            mismatch = high(draws) < t_mismatch[k, min(tenure, longest)]
            if load | time | mismatch:
                states[i] = 0
                tenures[i] = 0
                quits += 1
                by_load += load
                by_time += time
                by_mismatch += mismatch
                continue
            tenures[i] = tenure
            if low(draws) < (t_up if state == EPISODIC else t_down):
                state = EPISODIC + REGULAR - state
            states[i] = state
            acts = (state == REGULAR) | (high(draw(s_active, ids[i])) < t_episodic)
            last_active[i] = month if acts else last_active[i]
            active += acts
            regular += state == REGULAR
            episodic += state == EPISODIC

        started = referred = 0
        for j in range(n_candidates):
            i = first + candidates[j]
            draws = draw(s_start, ids[i])
            bits = traits[i]
            by_desk = low(draws) < referral and (bits & DESK_REACHES) == DESK_REACHES
            p = c.start_ward[w] * c.start_age[age[i]] * c.room[w, channel[i]]
            if bits & INTERESTED == 0:
                p *= c.uninterested
            for k in range(3):
                if bits & (NO_TIME << k):
                    lifted = c.relief[k, w, channel[i]]
                    if k == 0 and bits & DIGITAL == 0:
                        lifted = 0.0  # time is only saved online
                    p *= 1.0 - c.weights[k] * (1.0 - lifted)
            if high(draws) < threshold(p):
                by_desk = False
            elif not by_desk:
                continue
            states[i] = EPISODIC
            tenures[i] = 0
            last_active[i] = month
            started += 1
            referred += by_desk

        part = referrable = 0
        for i in range(first, last):
            part += last_active[i] > year_ago
            referrable += (states[i] == 0) & ((traits[i] & DESK_REACHES) == DESK_REACHES)
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
            last_active[i] = NEVER
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
