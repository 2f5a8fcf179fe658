"""Residents aged 15 and over, one by one or as a stratified sample, four bytes each.

The census gives ward x (15-64, 65-74, 75+); the finer bands inside 15-64 follow an assumed split
(evidence rows ``age_split_*``). A sample keeps all ward and age totals exact up to rounding.

Residents stand ward by ward. What changes or must be kept is packed into four bytes (`PACKED`), so
that the whole city, 8.6 million, is 35 MB and a pass over it stays near the processor; ward and id
follow from the position. `Residents` still reads like every other frame, column by column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.base.randomness import KeyedRandom
from sim.model.agents.frame import AgentFrame, Column
from sim.model.agents.residents_kernels import (
    BLOCK,
    LONGEST,
    MOST_MOVES,
    Packed,
    draw_traits,
    first_volunteers,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.places.place import Place

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
YEAR = 12
"""Months that an activity counts as participation."""

COLUMNS = (
    Column("id", "int64", "id", "position in the synthetic population; keys all draws"),
    Column("ward", "int8", "index", "ward of residence, from 0 in the order of the ward codes"),
    Column("age", "uint8", "index", "age band, see AGE_BANDS; fixed (ageing is left out)"),
    Column("traits", "uint8", "bits", "interested 1, no time 2, how 4, what 8, digital access 16"),
    Column("channel", "uint8", "index", "where opportunities come from: 0 other groups, 1-5 field"),
    Column("state", "uint8", "code", "0 none, 1 episodic, 2 regular volunteer"),
    Column("tenure", "uint8", "months", "of the present volunteering; 128: that many or more"),
    Column("inactive", "uint8", "months", "since the last activity; 12: a year or more, or never"),
    Column("moves", "uint8", "count", "newcomers who took over the slot so far; 31: or more"),
)
PACKED = {
    "traits": ("nature", 0, 0x1F),
    "channel": ("nature", 5, 0x07),
    "age": ("slot", 0, 0x07),
    "moves": ("slot", 3, 0x1F),
    "window": ("activity", 0, 0x0F),
    "state": ("activity", 4, 0x03),
    "tenure": ("tenure", 0, 0xFF),
}
"""Field: (byte, shift, mask). ``window``: months for which the last activity still counts."""
MOST = {
    "traits": 31,
    "channel": 5,
    "age": len(AGE_BANDS) - 1,
    "moves": MOST_MOVES,
    "state": REGULAR,
    "tenure": LONGEST,
    "inactive": YEAR,
}
"""The largest value of each column that can be written."""


class Residents(AgentFrame):
    """Residents of all wards in four bytes each: ``nature``, ``slot``, ``activity``, ``tenure``.

    ``blocks`` int64 (k, 4): ward, first position, number and first id of each run of residents, in
    the order of positions; passes work on one block after the other. ``in_ward`` int64 (areas,).
    Columns read as usual, as copies (``residents.state`` is (n,)); `set` writes them.
    """

    def __init__(self, blocks: NDArray[np.int64], areas: int):
        super().__init__("resident", int(blocks[:, 2].sum()))
        self._declared = {column.name: column for column in COLUMNS}
        self._values = {byte: np.zeros(self.n, dtype=np.uint8) for byte, _, _ in PACKED.values()}
        self.blocks = blocks
        self.in_ward = np.zeros(areas, dtype=np.int64)
        np.add.at(self.in_ward, blocks[:, 0], blocks[:, 2])

    @property
    def packed(self) -> Packed:
        """The four bytes of all residents, for kernels."""
        return Packed(*(self._values[byte] for byte in Packed._fields))

    def values(self, name: str) -> NDArray[Any]:
        """A column, as a copy that cannot be written to; KeyError if there is none."""
        found: NDArray[Any] = self.read(name, slice(None))
        found.flags.writeable = False
        return found

    def read(self, name: str, where: Any) -> Any:
        """A column at ``where`` (index, slice, positions or mask)."""
        if name in ("id", "ward"):
            one = isinstance(where, int)  # without a list of all residents
            positions = np.int64(range(self.n)[where]) if one else np.arange(self.n)[where]
            block = self.blocks[np.searchsorted(self.blocks[:, 1], positions, side="right") - 1]
            if name == "ward":
                return block[..., 0].astype(np.int8)
            return block[..., 3] + positions - block[..., 1]
        if name == "inactive":
            return YEAR - self.read("window", where)
        byte, shift, mask = PACKED[name]
        return (self._values[byte][where] >> np.uint8(shift)) & np.uint8(mask)

    def set(self, name: str, where: Any, value: Any) -> None:
        """Write a column at ``where``. KeyError for ``id`` and ``ward``, which the place fixes.

        Raises ValueError for a value that the column cannot hold (see MOST).
        """
        if name not in MOST:
            raise KeyError(f"resident.{name} cannot be written; those that can: {', '.join(MOST)}")
        wanted = np.asarray(value)
        whole = wanted.dtype.kind in "biu"
        if wanted.size and not (whole and 0 <= wanted.min() <= wanted.max() <= MOST[name]):
            raise ValueError(f"{name}: only whole numbers from 0 to {MOST[name]}")
        if name == "inactive":
            name, wanted = "window", YEAR - wanted
        byte, shift, mask = PACKED[name]
        values = self._values[byte]
        kept = values[where] & np.uint8(0xFF ^ (mask << shift))
        values[where] = kept | (wanted.astype(np.uint8) << np.uint8(shift))

    def grow(self, extra: int) -> None:
        """Not for residents: their number is that of the blocks. Raises TypeError."""
        raise TypeError("the number of residents is fixed: make new Residents with other blocks")

    def keep(self, positions: NDArray[np.int64]) -> None:
        """Not for residents, see `grow`. Raises TypeError."""
        self.grow(0)

    def add(self, column: Column, values: Any = 0) -> NDArray[Any]:
        """Not for residents, whose columns are packed. Raises TypeError."""
        raise TypeError(f"residents are packed into {len(Packed._fields)} bytes: no more columns")

    def sum_blocks(self, by_block: NDArray[np.int64], by_ward: NDArray[np.int64]) -> None:
        """Add up counts by block, int64 (k, ...), into ``by_ward`` (areas, ...), overwritten."""
        by_ward[...] = 0
        np.add.at(by_ward, self.blocks[:, 0], by_block)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in MOST:
            raise AttributeError(f"write residents.set('{name}', where, value): columns are packed")
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        return f"<{self.n:,} residents: {', '.join(self._declared)}>"

    def copy(self) -> Residents:
        """An independent copy; the blocks are shared."""
        twin = Residents.__new__(Residents)
        twin.__dict__.update(self.__dict__)
        twin._values = {byte: values.copy() for byte, values in self._values.items()}
        return twin


def blocks_of(in_ward: NDArray[np.int64]) -> NDArray[np.int64]:
    """Blocks (k, 4) of at most BLOCK residents of one ward; ids are positions."""
    ends = np.cumsum(in_ward)
    return np.array(
        [
            (ward, first, min(BLOCK, int(end) - first), first)
            for ward, end in enumerate(ends)
            for first in range(int(end - in_ward[ward]), int(end), BLOCK)
        ],
        dtype=np.int64,
    )


def expected_counts(wards: Place, split: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected residents by ward and age band, float64 (areas, 7), summing to the census' 15+."""
    young = np.asarray(wards.numbers.pop_15_64)[:, None] * split[None, :]
    old = np.asarray(wards.numbers.pop_65_74)[:, None]
    oldest = np.asarray(wards.numbers.pop_75plus)[:, None]
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


def draw_natures(
    residents: Residents,
    p: Mapping[str, float],
    random: KeyedRandom,
    field_shares: NDArray[np.float64],
    movers: int = 0,
    fiscal_year: int = 0,
) -> None:
    """Draw traits and channel, keyed by (id, moves): of all, or of those who move in a year.

    ``movers``: 0, or the threshold (`sim.base.randomness.thresholds`) of moving away in
    ``fiscal_year``; the slot of a resident who does becomes a newcomer without local activity.
    """
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
        residents.blocks,
        residents.packed,
        movers,
        np.uint64(random.stream("resident_moves", fiscal_year)),
        np.uint64(random.stream("resident_traits")),
        prevalence,
        digital_access(p),
        p["participation.trait_correlation"],
        channels,
    )


def build_residents(
    wards: Place,
    split: NDArray[np.float64],
    scale: float,
    p: Mapping[str, float],
    random: KeyedRandom,
    field_shares: NDArray[np.float64],
) -> Residents:
    """A population of ``scale`` times the residents aged 15+, before the burn-in.

    ``split`` (5,): shares of the bands inside 15-64. Some start as volunteers (near the steady
    state, so that the burn-in is short); the burn-in decides what they become.
    """
    counts = controlled_rounding(expected_counts(wards, split) * scale)
    residents = Residents(blocks_of(counts.sum(axis=1)), len(counts))
    ages = np.tile(np.arange(len(AGE_BANDS), dtype=np.uint8), len(counts))
    residents.packed.slot[:] = np.repeat(ages, counts.ravel())
    draw_natures(residents, p, random, field_shares)
    volunteers = p["reference.volunteer_stock"] / p["participation.interest"]
    regular = p["reference.participation"] * p["reference.regular_share"]
    regular /= p["participation.interest"]
    first_volunteers(
        residents.blocks,
        residents.packed,
        np.uint64(random.stream("resident_initial", 0)),
        volunteers,
        regular,
        p["participation.initial_tenure"],
    )
    return residents
