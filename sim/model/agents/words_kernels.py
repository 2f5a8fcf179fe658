"""Eight residents at a time: their ``activity`` bytes read as one 64-bit word, without a branch.

The byte of a resident holds the months for which the last activity counts (bits 0-3, 0 to 12) and
the state (bit 4 episodic, bit 5 regular), see `sim.model.agents.residents.PACKED`. Every function
gives a word with a one in the byte of each resident that it names, or the number of such bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.base.kernels import inlined

RESIDENTS_A_WORD = 8
EACH = np.uint64(0x0101010101010101)
_1, _2, _3, _4, _5, _7 = (np.uint64(k) for k in (1, 2, 3, 4, 5, 7))
_12, _15, _56 = np.uint64(12), np.uint64(15), np.uint64(56)


@inlined
def participants(activity: Any) -> Any:
    """Those whose last activity still counts (window above 0)."""
    return (activity | (activity >> _1) | (activity >> _2) | (activity >> _3)) & EACH


@inlined
def active_now(activity: Any) -> Any:
    """Those who were active this month (window 12: of 0 to 12 only 12 has both bits)."""
    return (activity >> _3) & (activity >> _2) & EACH


@inlined
def episodic(activity: Any) -> Any:
    """Episodic volunteers."""
    return (activity >> _4) & EACH


@inlined
def regular(activity: Any) -> Any:
    """Regular volunteers."""
    return (activity >> _5) & EACH


@inlined
def desk_reaches(nature: Any) -> Any:
    """Those whom a desk may refer: interested (bit 0), not knowing how to take part (bit 2)."""
    return nature & (nature >> _2) & EACH


@inlined
def flagged(flags: Any, bit: Any) -> Any:
    """Those whose byte of flags has ``bit`` set."""
    return (flags >> np.uint64(bit)) & EACH


@inlined
def a_month_later(activity: Any) -> Any:
    """The window of each resident is a month shorter, down to 0."""
    return activity - participants(activity)


@inlined
def with_full_window(activity: Any, who: Any) -> Any:
    """The last activity of ``who`` counts for twelve months from now."""
    return (activity & ~(who * _15)) | (who * _12)


@inlined
def one_more(months: Any, who: Any) -> Any:
    """A month more for ``who``; a count stops at 128."""
    return months + (who & ~(months >> _7))


@inlined
def number_of(who: Any) -> Any:
    """How many bytes of a word hold a one: they are added up in the highest byte."""
    return (who * EACH) >> _56


@inlined
def lowest(who: Any) -> Any:
    """Only the lowest one of a word."""
    return who & (~who + _1)


@inlined
def byte_of(one: Any) -> Any:
    """The byte, 0 to 7, in which the only one of a word stands: the bytes below it, counted."""
    return np.int64(number_of((one - _1) & EACH))
