"""Residents in four bytes read and write like every other frame of agents."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.agents.residents import COLUMNS, PACKED, YEAR, Residents, blocks_of
from sim.model.agents.residents_kernels import BLOCK
from sim.model.agents.world import World
from sim.model.model import BurnIn

IN_WARD = np.array([3, 0, 9000, *([5] * 20)])


@pytest.fixture
def residents() -> Residents:
    return Residents(blocks_of(IN_WARD), len(IN_WARD))


def test_blocks_hold_every_resident_once_and_one_ward_each() -> None:
    blocks = blocks_of(IN_WARD)
    assert blocks[:, 2].sum() == IN_WARD.sum()
    assert (blocks[:, 2] > 0).all()
    assert blocks[:, 2].max() == BLOCK
    places = np.concatenate([np.arange(first, first + n) for _, first, n, _ in blocks])
    assert (places == np.arange(IN_WARD.sum())).all()
    assert blocks[2].tolist() == [2, 3 + BLOCK, 9000 - BLOCK, 3 + BLOCK]


def test_ward_and_id_follow_from_the_place(residents: Residents) -> None:
    assert residents.id.tolist() == list(range(residents.n))
    assert (np.bincount(residents.ward, minlength=23) == IN_WARD).all()
    assert (residents.in_ward == IN_WARD).all()
    assert (residents[2].ward, residents[3].ward, residents[-1].ward) == (0, 2, 22)
    assert residents.read("ward", np.array([2, 3])).tolist() == [0, 2]


def test_columns_have_their_declared_types_and_fit_their_bits(residents: Residents) -> None:
    for column in COLUMNS:
        assert residents.values(column.name).dtype.name == column.dtype, column.name
    bits: dict[str, int] = {}
    for byte, shift, mask in PACKED.values():
        assert bits.get(byte, 0) & (mask << shift) == 0, "two fields share bits"
        bits[byte] = bits.get(byte, 0) | (mask << shift)
    assert all(used <= 0xFF for used in bits.values())


@pytest.mark.parametrize(
    ("column", "value"),
    [("traits", 31), ("channel", 5), ("age", 6), ("moves", 31), ("state", 2), ("tenure", 128),
     ("inactive", 0)],
)  # fmt: skip
def test_a_written_column_is_read_back_and_leaves_the_others(
    residents: Residents, column: str, value: int
) -> None:
    before = {c.name: residents.values(c.name).copy() for c in COLUMNS}
    residents.set(column, [1, 5], value)
    assert residents.values(column)[[1, 5]].tolist() == [value, value]
    residents[7].__setattr__(column, value)
    assert getattr(residents[7], column) == value
    for c in COLUMNS:
        changed = np.flatnonzero(before[c.name] != residents.values(c.name))
        assert set(changed) <= ({1, 5, 7} if c.name == column else set()), c.name
    residents.set(column, slice(None), before[column])
    assert (residents.values(column) == before[column]).all()


@pytest.mark.parametrize(
    ("column", "value"),
    [("age", 200), ("age", 7), ("state", 3), ("state", -1), ("state", 1.5), ("inactive", 13),
     ("tenure", 129), ("moves", 32), ("traits", 32), ("channel", 6)],
)  # fmt: skip
def test_what_a_column_cannot_hold_is_refused_and_changes_nothing(
    residents: Residents, column: str, value: float
) -> None:
    before = [residents.values(c.name).copy() for c in COLUMNS]
    for write in (
        lambda: residents.set(column, 3, value),
        lambda: residents.set(column, [1, 2], np.array([0, value])),
        lambda: residents[3].__setattr__(column, value),
    ):
        with pytest.raises(ValueError, match=f"{column}: only whole numbers from 0 to"):
            write()
    after = [residents.values(c.name) for c in COLUMNS]
    assert all((a == b).all() for a, b in zip(before, after, strict=True))


def test_a_column_is_not_replaced(residents: Residents) -> None:
    with pytest.raises(AttributeError, match=r"residents\.set\('state', where, value\)"):
        residents.__setattr__("state", np.zeros(residents.n))
    assert "state" in repr(residents)


def test_a_new_resident_was_never_active(residents: Residents) -> None:
    assert (residents.inactive == YEAR).all()


def test_copies_are_independent_and_columns_read_only(residents: Residents) -> None:
    twin = residents.copy()
    twin.set("state", slice(None), 2)
    assert (residents.state == 0).all()
    assert (twin.state == 2).all()
    with pytest.raises(ValueError, match="read-only"):
        residents.state[0] = 1
    with pytest.raises(KeyError):
        residents.set("ward", 0, 3)
    with pytest.raises(AttributeError):
        _ = residents.nothing


def test_their_number_and_columns_are_fixed(residents: Residents) -> None:
    for change in (lambda: residents.grow(1), lambda: residents.keep(np.arange(3))):
        with pytest.raises(TypeError, match="number of residents"):
            change()
    with pytest.raises(TypeError, match="no more columns"):
        residents.add(COLUMNS[0])


def test_select_aggregate_and_pandas(residents: Residents) -> None:
    residents.set("state", [4, 5], 1)
    assert residents.select(ward=2, state=1).tolist() == [4, 5]
    assert residents.agg("state", "sum") == 2.0
    assert residents.groupby("ward", "state", "sum")[2] == 2.0
    assert residents.to_pandas(["ward", "state"]).state.sum() == 2


@pytest.fixture(scope="module")
def world() -> World:
    return BurnIn(scale=0.001, years=1, burn_in_months=12).world


def test_tables_follow_the_parameters(world: World) -> None:
    """What is computed once must not outlive the parameters that it was computed from."""
    twin = world.copy()
    made = []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [twin.table("x", make), twin.table("x", make)] == [1, 1]
    twin.p = {**twin.p}
    assert twin.table("x", make) == 2
    assert twin.copy().table("x", make) == 3
