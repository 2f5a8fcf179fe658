"""Residents aged 15 and over, one by one or as a stratified sample, in columns.

The census gives ward x (15-64, 65-74, 75+); the finer bands inside 15-64 follow an assumed split
(evidence rows ``age_split_*``). A sample keeps all ward and age totals exact up to rounding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agents.frame import AgentFrame, Column
from sim.agents.residents_kernels import draw_traits
from sim.randomness import KeyedRandom

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.evidence import WardTable

AGE_BANDS = ("15-19", "20-29", "30-39", "40-49", "50-64", "65-74", "75+")
NONE, EPISODIC, REGULAR = 0, 1, 2
INTERESTED, NO_TIME, KNOW_NOT_HOW, KNOW_NOT_WHAT, DIGITAL = 1, 2, 4, 8, 16
TRAITS = {
    "interested": INTERESTED,
    "barrier_time": NO_TIME,
    "barrier_how": KNOW_NOT_HOW,
    "barrier_what": KNOW_NOT_WHAT,
    "digital": DIGITAL,
}
NEVER = -30000

COLUMNS = (
    Column("id", "int64", "id", "position in the synthetic population; keys all draws"),
    Column("ward", "int8", "index", "ward of residence, 0-22 in the order of the ward codes"),
    Column("age", "int8", "index", "age band, see AGE_BANDS; fixed (ageing is left out)"),
    Column("traits", "uint8", "bits", "interested 1, no time 2, how 4, what 8, digital access 16"),
    Column("channel", "int8", "index", "where opportunities come from: 0 other groups, 1-5 field"),
    Column("state", "int8", "code", "0 none, 1 episodic, 2 regular volunteer"),
    Column("tenure", "int16", "months", "months since the present volunteering started"),
    Column("last_active", "int16", "month", "month of the last activity (-30000 never)"),
    Column("moves", "int16", "count", "how often the slot was taken over by a newcomer"),
)


def expected_counts(wards: WardTable, split: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected residents by ward and age band, float64 (23, 7), summing to the census' 15+."""
    young = np.asarray(wards.pop_15_64)[:, None] * split[None, :]
    old = np.asarray(wards.pop_65_74)[:, None]
    oldest = np.asarray(wards.pop_75plus)[:, None]
    return np.hstack([young, old, oldest])


def controlled_rounding(expected: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round a table so that every cell, row total, column total and the sum is off by less than 1.

    A controlled rounding (Cox 1987, doi:10.1080/01621459.1987.10478456) found as the optimum of a
    linear programme whose constraint matrix is totally unimodular, hence whole numbers.
    """
    from scipy.optimize import linprog

    rows, cols = expected.shape
    floor = np.floor(expected + 1e-9)
    fraction = np.clip(expected - floor, 0.0, 1.0)
    by_row = np.kron(np.eye(rows), np.ones((1, cols)))
    by_col = np.kron(np.ones((1, rows)), np.eye(cols))
    sums = np.vstack([by_row, by_col])
    rest = np.concatenate([fraction.sum(axis=1), fraction.sum(axis=0)])
    total = round(expected.sum()) - floor.sum()
    solution = linprog(
        (1.0 - 2.0 * fraction).ravel(),
        A_ub=np.vstack([sums, -sums]),
        b_ub=np.concatenate([np.ceil(rest - 1e-9), -np.floor(rest + 1e-9)]),
        A_eq=np.ones((1, rows * cols)),
        b_eq=[total],
        bounds=[(0.0, float(np.ceil(f - 1e-9))) for f in fraction.ravel()],
        method="highs-ds",
    )
    if solution.x is None:
        raise ValueError(f"no controlled rounding found: {solution.message}")
    rounded: NDArray[np.int64] = np.rint(floor + solution.x.reshape(rows, cols)).astype(np.int64)
    return rounded


def digital_access(p: Mapping[str, float]) -> NDArray[np.float64]:
    """Chance of digital access by age band (7,)."""
    under = p["participation.digital_access_under_65"]
    return np.array(
        [under] * 5
        + [p["participation.digital_access_65_74"], p["participation.digital_access_75"]]
    )


def redraw_traits(
    residents: AgentFrame,
    which: NDArray[np.int64],
    p: Mapping[str, float],
    random: KeyedRandom,
    field_shares: NDArray[np.float64],
) -> None:
    """Draw traits and channel of the residents at positions ``which``, keyed by (id, moves)."""
    prevalence = np.array(
        [
            p["participation.interest"],
            p["participation.barrier_time_prevalence"],
            p["participation.barrier_how_prevalence"],
            p["participation.barrier_what_prevalence"],
        ]
    )
    channels = np.concatenate([[0.0], np.cumsum(p["participation.npo_pool_share"] * field_shares)])
    draw_traits(
        which,
        residents.id,
        residents.moves,
        residents.age,
        residents.traits,
        residents.channel,
        np.uint64(random.stream("resident_traits")),
        prevalence,
        digital_access(p),
        p["participation.trait_correlation"],
        channels,
    )


def build_residents(
    wards: WardTable,
    split: NDArray[np.float64],
    scale: float,
    p: Mapping[str, float],
    random: KeyedRandom,
    field_shares: NDArray[np.float64],
) -> AgentFrame:
    """A population of ``scale`` times the residents aged 15+, before the burn-in.

    ``split`` (5,): shares of the bands inside 15-64. Some start as volunteers (near the steady
    state, so that the burn-in is short); the burn-in decides what they become.
    """
    counts = controlled_rounding(expected_counts(wards, split) * scale)
    n = int(counts.sum())
    residents = AgentFrame("resident", n, COLUMNS)
    residents.id[:] = np.arange(n)
    cells = np.repeat(np.arange(counts.size), counts.ravel())
    residents.ward[:] = cells // len(AGE_BANDS)
    residents.age[:] = cells % len(AGE_BANDS)
    residents.last_active[:] = NEVER
    redraw_traits(residents, residents.id, p, random, field_shares)

    u = random.uniform("resident_initial", 0, residents.id)
    volunteers = p["reference.volunteer_stock"] / p["participation.interest"]
    regular = p["reference.participation"] * p["reference.regular_share"]
    regular /= p["participation.interest"]
    interested = (residents.traits & INTERESTED) > 0
    residents.state[interested & (u < volunteers)] = EPISODIC
    residents.state[interested & (u < regular)] = REGULAR
    active = residents.state > 0
    months = p["participation.initial_tenure"] * u[active] / volunteers
    residents.tenure[active] = 1 + months.astype(np.int16)
    return residents
