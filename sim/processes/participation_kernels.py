"""One compiled pass a month over all residents: start, stay, change, quit; counts by ward."""

from __future__ import annotations

from typing import Any

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
from sim.randomness_kernels import draw, high, threshold


@kernel
def month_pass(
    month: Any,
    ward: Any,
    age: Any,
    traits: Any,
    channel: Any,
    state: Any,
    tenure: Any,
    last_active: Any,
    ids: Any,
    streams: Any,
    start_ward: Any,
    start_age: Any,
    uninterested: Any,
    weights: Any,
    relief: Any,
    referral: Any,
    t_load: Any,
    t_time: Any,
    t_mismatch: Any,
    t_up: Any,
    t_down: Any,
    t_episodic: Any,
    counts: Any,
) -> None:
    """Advance all residents by one month.

    Shapes: residents' columns (n,); ``streams`` uint64 (7,) start, active, shift, load, time,
    mismatch, referral; ``start_ward`` float64 (23,) chance per month before acceptance;
    ``start_age`` float64 (7,) acceptance; ``weights`` (3,) of the barriers time, how, what;
    ``relief`` (3, 23, 6) share of each barrier lifted by ward and channel; ``referral`` int64
    (23,) threshold to be referred and to join; thresholds int64: ``t_load`` (2, 23, 2) by state,
    ward, via an NPO; ``t_time`` (2, 2) by state and barrier; ``t_mismatch`` (2, 60) by state and
    tenure; ``counts`` int64 (23, 11), see `sim.agents.counts`, is overwritten. A chance is first
    screened by its upper bound, so most residents cost one draw.
    """
    counts[:, :] = 0
    bound = 0.0
    for w in range(start_ward.shape[0]):
        for a in range(start_age.shape[0]):
            bound = max(bound, start_ward[w] * start_age[a])
    t_bound = threshold(bound)
    for i in range(state.shape[0]):
        w = ward[i]
        s = state[i]
        if s == 0:
            bits = traits[i]
            referrable = (bits & 5) == 5
            u = high(draw(streams[0], ids[i]))
            started = False
            if u < t_bound:
                p = start_ward[w] * start_age[age[i]]
                if bits & 1 == 0:
                    p *= uninterested
                c = channel[i]
                for k in range(3):
                    if bits & (2 << k):
                        lifted = relief[k, w, c]
                        if k == 0 and bits & 16 == 0:
                            lifted = 0.0  # time is only saved online
                        p *= 1.0 - weights[k] * (1.0 - lifted)
                started = u < threshold(p)
            if referrable:
                counts[w, REFERRABLE] += 1
                if referral[w] > 0 and not started:
                    if high(draw(streams[6], ids[i])) < referral[w]:
                        started = True
                        counts[w, REFERRED] += 1
            if started:
                s = 1
                state[i] = 1
                tenure[i] = 0
                last_active[i] = month
                counts[w, STARTS] += 1
                counts[w, EPISODIC_NOW] += 1
                counts[w, ACTIVE_NOW] += 1
                counts[w, PARTICIPANTS] += 1
            elif last_active[i] > month - 12:
                counts[w, PARTICIPANTS] += 1
            continue
        tenure[i] += 1
        k = s - 1
        via_npo = 1 if channel[i] > 0 else 0
        no_time = 1 if traits[i] & 2 else 0
        age_of_tie = min(tenure[i], 59)
        load = high(draw(streams[3], ids[i])) < t_load[k, w, via_npo]
        time = high(draw(streams[4], ids[i])) < t_time[k, no_time]
        mismatch = high(draw(streams[5], ids[i])) < t_mismatch[k, age_of_tie]
        if load or time or mismatch:
            state[i] = 0
            tenure[i] = 0
            counts[w, QUITS] += 1
            counts[w, QUIT_LOAD] += load
            counts[w, QUIT_TIME] += time
            counts[w, QUIT_MISMATCH] += mismatch
            counts[w, PARTICIPANTS] += last_active[i] > month - 12
            continue
        shift = high(draw(streams[2], ids[i]))
        if s == 1 and shift < t_up:
            s = 2
        elif s == 2 and shift < t_down:
            s = 1
        state[i] = s
        if s == 2 or high(draw(streams[1], ids[i])) < t_episodic:
            last_active[i] = month
            counts[w, ACTIVE_NOW] += 1
        counts[w, EPISODIC_NOW if s == 1 else REGULAR_NOW] += 1
        counts[w, PARTICIPANTS] += last_active[i] > month - 12


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
