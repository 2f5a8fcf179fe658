"""One compiled pass a month over all residents: start, stay, change, quit; counts by ward."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import prange

from sim.base.kernels import inlined, parallel
from sim.base.randomness_kernels import draw, high, low, threshold
from sim.model.agents import words_kernels as words
from sim.model.agents.counts import (
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
from sim.model.agents.residents import (
    DIGITAL,
    EPISODIC,
    INTERESTED,
    KNOW_NOT_HOW,
    KNOW_NOT_WHAT,
    NO_TIME,
    REGULAR,
    YEAR,
)
from sim.model.agents.residents_kernels import AGE_BITS, CHANNEL, STATE, WINDOW

DESK_REACHES = INTERESTED | KNOW_NOT_HOW
"""Traits of residents whom a desk may refer: interested, and not knowing how to take part."""


class Chances(NamedTuple):
    """What decides in one month; chances float64, thresholds int64 (see `threshold`).

    ``start_ward`` (areas,) chance to meet an opportunity; ``start_age`` (7,) acceptance;
    ``uninterested`` ratio; ``weights`` (3,) of the barriers time, how, what; ``relief``
    (3, areas, 6) share of each barrier that is lifted, by ward and channel; ``room`` (areas, 6)
    share of volunteers for whom the NPOs of the ward and channel had a place last month (1 in
    other groups); thresholds ``referral`` (areas,) to be referred by a desk and to join, ``load``
    (2, areas, 2) by state, ward, via an NPO, ``time`` (2, 2) by state and barrier, ``mismatch``
    (2, k) by state and tenure (the last one: longer); ``up``, ``down``, ``episodic``.
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


class Bounds(NamedTuple):
    """Upper bounds of the thresholds of a block: below them an event is possible, no more."""

    start: Any
    start_uninterested: Any
    referral: Any
    load: Any
    time: Any
    mismatch: Any
    shift: Any
    episodic: Any


START, LOOK, ACTS = 0, 1, 2
"""Bits of the flags of a resident, see `screen`."""
TIME, HOW, WHAT = 0, 1, 2
"""Rows of the barriers in `Chances`."""


@inlined
def has(traits: Any, trait: Any) -> Any:
    """1 where the bits of ``traits`` hold ``trait``, else 0."""
    return np.int64(traits & trait > 0)


@inlined
def copy_bytes(source: Any, target: Any, number: Any) -> None:
    """Copy ``number`` bytes: as a loop from 0 it is vectorised, an assignment of slices is not."""
    for j in range(number):
        target[j] = source[j]


@inlined
def screen(first_id: Any, nature: Any, s: Any, u: Any, flags: Any, number: Any) -> None:
    """All draws of a block, without a branch; what could happen goes into bits of ``flags``.

    START: a resident who does not volunteer could start or be referred; LOOK: a volunteer could
    quit or change; ACTS: an episodic volunteer is active.
    """
    for j in range(number):
        id = first_id + j
        start = draw(s.start, id)
        quits = draw(s.quit, id)
        change = draw(s.change, id)
        limit = u.start if nature[j] & INTERESTED else u.start_uninterested
        starts = (high(start) < limit) | (low(start) < u.referral)
        looks = (high(quits) < u.load) | (low(quits) < u.time)
        looks |= (high(change) < u.mismatch) | (low(change) < u.shift)
        acts = high(draw(s.active, id)) < u.episodic
        flags[j] = np.uint8(starts) | np.uint8(looks) << LOOK | np.uint8(acts) << ACTS


@inlined
def settle(activity: Any, tenure: Any, flags: Any) -> None:
    """The month of all to whom nothing can happen; eight residents a word, the others are flagged.

    Windows run down, volunteers' tenure goes up, the active ones count for a year again. ``flags``
    afterwards: START where one must be looked at, ACTS as before.
    """
    for v in range(activity.shape[0]):
        x, f = words.a_month_later(activity[v]), flags[v]
        regular = words.regular(x)
        volunteers = words.episodic(x) | regular
        looked = (words.flagged(f, START) & ~volunteers) | (words.flagged(f, LOOK) & volunteers)
        acts = (regular | words.flagged(f, ACTS)) & volunteers & ~looked
        activity[v] = words.with_full_window(x, acts)
        tenure[v] = words.one_more(tenure[v], volunteers)
        flags[v] = looked | (f & (words.EACH << np.uint64(ACTS)))


@inlined
def append_ones(who: Any, first: Any, positions: Any, n: Any) -> Any:
    """Append the places of the ones of a word to ``positions``; the new length of the list.

    A word seldom holds two, so its first one is written without asking whether there is one (the
    list has room for one entry too many), and only the others take a branch.
    """
    one = words.lowest(who)
    positions[n] = first + words.byte_of(one)
    n += who != 0
    who ^= one
    while who != 0:
        one = words.lowest(who)
        positions[n] = first + words.byte_of(one)
        n += 1
        who ^= one
    return n


@inlined
def list_events(activity: Any, flags: Any, candidates: Any, volunteers: Any) -> Any:
    """Positions of those to be looked at, in order; numbers of candidates and of volunteers."""
    n_candidates = n_volunteers = 0
    for v in range(activity.shape[0]):
        first = words.RESIDENTS_A_WORD * v
        looked = words.flagged(flags[v], START)
        own = (words.episodic(activity[v]) | words.regular(activity[v])) & looked
        n_candidates = append_ones(looked ^ own, first, candidates, n_candidates)
        n_volunteers = append_ones(own, first, volunteers, n_volunteers)
    return n_candidates, n_volunteers


@parallel
def month_pass(blocks: Any, r: Any, c: Any, s: Any, counts: Any) -> None:
    """Advance all residents by one month.

    ``blocks`` int64 (k, 4), see `sim.model.agents.residents.Residents`; ``r`` Packed, ``c``
    Chances, ``s`` Streams; ``counts`` int64 (k, 11), see `sim.model.agents.counts`, is overwritten
    with the counts of every block.

    All draws of a block are made without a branch and compared with upper bounds; only residents
    who pass (about 4 %) are looked at closely, with the same draws. So nobody's path depends on who
    else is looked at, and almost all of the work is done on eight residents or more at a time.
    """
    nature, slot, activity, tenure = r.nature, r.slot, r.activity, r.tenure
    highest = c.start_age.max()
    longest = c.mismatch.shape[1] - 1
    for b in prange(blocks.shape[0]):
        w, first, number, first_id = blocks[b, 0], blocks[b, 1], blocks[b, 2], blocks[b, 3]
        last = first + number
        bounds = Bounds(
            threshold(c.start_ward[w] * highest),
            threshold(c.start_ward[w] * highest * c.uninterested),
            c.referral[w],
            c.load[:, w].max(),
            c.time.max(),
            c.mismatch.max(),
            max(c.up, c.down),
            c.episodic,
        )
        n_words = -(-number // words.RESIDENTS_A_WORD)
        room = words.RESIDENTS_A_WORD * n_words
        scratch = np.zeros((4, room), dtype=np.uint8)
        flags, active, months, natures = scratch[0], scratch[1], scratch[2], scratch[3]
        candidates = np.empty(room + 1, dtype=np.int16)
        volunteers = np.empty(room + 1, dtype=np.int16)
        copy_bytes(activity[first:last], active, number)
        copy_bytes(tenure[first:last], months, number)
        copy_bytes(nature[first:last], natures, number)
        by_word = scratch.view(np.uint64)
        flag_words, activity_words, tenure_words = by_word[0], by_word[1], by_word[2]
        screen(first_id, natures, s, bounds, flags, number)
        settle(activity_words, tenure_words, flag_words)
        n_candidates, n_volunteers = list_events(activity_words, flag_words, candidates, volunteers)

        quits = by_load = by_time = by_mismatch = 0
        for q in range(n_volunteers):
            j = np.int64(volunteers[q])
            bits, window = np.int64(natures[j]), np.int64(active[j]) & WINDOW
            state = np.int64(active[j]) >> STATE
            k = state - 1
            draws = draw(s.quit, first_id + j)
            load = high(draws) < c.load[k, w, np.int64(bits >> CHANNEL > 0)]
            time = low(draws) < c.time[k, has(bits, NO_TIME)]
            draws = draw(s.change, first_id + j)
            mismatch = high(draws) < c.mismatch[k, min(np.int64(months[j]), longest)]
            leaves = load | time | mismatch
            shifts = low(draws) < (c.up if state == EPISODIC else c.down)
            state = EPISODIC + REGULAR - state if shifts else state
            acts = (state == REGULAR) | (flags[j] >> ACTS == 1)
            stays = state << STATE | (YEAR if acts else window)
            active[j] = window if leaves else stays
            months[j] = 0 if leaves else months[j]
            quits += leaves
            by_load += load
            by_time += time
            by_mismatch += mismatch

        started = referred = 0
        for q in range(n_candidates):
            j = np.int64(candidates[q])
            bits = np.int64(natures[j])
            channel = bits >> CHANNEL
            draws = draw(s.start, first_id + j)
            p = c.start_ward[w] * c.start_age[slot[first + j] & AGE_BITS] * c.room[w, channel]
            p *= 1.0 if bits & INTERESTED else c.uninterested
            # a factor is exactly 1 where there is no barrier; time is only saved online
            relief = c.relief[TIME, w, channel] if bits & DIGITAL else 0.0
            p *= 1.0 - has(bits, NO_TIME) * (c.weights[TIME] * (1.0 - relief))
            relief = c.relief[HOW, w, channel]
            p *= 1.0 - has(bits, KNOW_NOT_HOW) * (c.weights[HOW] * (1.0 - relief))
            relief = c.relief[WHAT, w, channel]
            p *= 1.0 - has(bits, KNOW_NOT_WHAT) * (c.weights[WHAT] * (1.0 - relief))
            by_itself = high(draws) < threshold(p)
            by_desk = low(draws) < c.referral[w] and (bits & DESK_REACHES) == DESK_REACHES
            starts = by_itself | by_desk
            active[j] = EPISODIC << STATE | YEAR if starts else active[j]
            months[j] = 0 if starts else months[j]
            started += starts
            referred += by_desk & ~by_itself

        copy_bytes(active, activity[first:last], number)
        copy_bytes(months, tenure[first:last], number)
        part = acted = episodic = regular = desk = np.uint64(0)
        for v in range(n_words):
            x = activity_words[v]
            is_episodic, is_regular = words.episodic(x), words.regular(x)
            part += words.number_of(words.participants(x))
            acted += words.number_of(words.active_now(x))
            episodic += words.number_of(is_episodic)
            regular += words.number_of(is_regular)
            reached = words.desk_reaches(by_word[3, v]) & ~(is_episodic | is_regular)
            desk += words.number_of(reached)
        counts[b, EPISODIC_NOW] = episodic
        counts[b, REGULAR_NOW] = regular
        counts[b, ACTIVE_NOW] = acted
        counts[b, PARTICIPANTS] = part
        counts[b, STARTS] = started
        counts[b, QUIT_LOAD] = by_load
        counts[b, QUIT_TIME] = by_time
        counts[b, QUIT_MISMATCH] = by_mismatch
        counts[b, QUITS] = quits
        counts[b, REFERRABLE] = desk
        counts[b, REFERRED] = referred


@parallel
def survey(blocks: Any, activity: Any, stream: Any, t_part: Any, t_other: Any, counts: Any) -> None:
    """Residents' survey: ``counts`` int64 (k, 4) satisfied and asked, participants then others.

    ``t_part``/``t_other`` int64 (areas,): thresholds of answering "satisfied" by ward.
    """
    for b in prange(blocks.shape[0]):
        w, first, number, first_id = blocks[b, 0], blocks[b, 1], blocks[b, 2], blocks[b, 3]
        part = yes_part = yes_other = 0
        own = activity[first : first + number]
        for j in range(number):
            takes_part = (own[j] & WINDOW) > 0
            u = high(draw(stream, first_id + j))
            part += takes_part
            yes_part += takes_part & (u < t_part[w])
            yes_other += (not takes_part) & (u < t_other[w])
        counts[b, 0] = yes_part
        counts[b, 1] = part
        counts[b, 2] = yes_other
        counts[b, 3] = number - part
