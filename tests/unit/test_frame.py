"""Agents in columns: what `AgentFrame` promises."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.agents.frame import AgentFrame, Column

COLUMNS = (
    Column("id", "int64", "id", "number"),
    Column("ward", "int8", "index", "ward"),
    Column("income", "float64", "yen", "income"),
    Column("active", "uint8", "flag", "is active"),
)


@pytest.fixture
def frame() -> AgentFrame:
    made = AgentFrame("npo", 6, COLUMNS)
    made.id[:] = np.arange(6)
    made.ward[:] = [0, 0, 1, 1, 1, 2]
    made.income[:] = [1.0, 3.0, 2.0, 4.0, 9.0, 5.0]
    made.active[:] = [1, 0, 1, 1, 0, 1]
    return made


def test_columns_have_their_declared_type_unit_and_meaning(frame: AgentFrame) -> None:
    assert frame.columns == COLUMNS
    assert [frame.values(c.name).dtype.name for c in COLUMNS] == [c.dtype for c in COLUMNS]
    assert len(frame) == frame.n == 6


def test_add_fills_and_refuses_a_second_one_of_the_same_name(frame: AgentFrame) -> None:
    made = frame.add(Column("age", "int16", "years", "age"), 40)
    assert made is frame.age
    assert frame.age.tolist() == [40] * 6
    other = frame.add(Column("rank", "int32", "", "rank"), np.arange(6))
    assert other.tolist() == list(range(6))
    assert frame.columns[-2:] == (
        Column("age", "int16", "years", "age"), Column("rank", "int32", "", "rank")
    )  # fmt: skip
    with pytest.raises(ValueError, match="already"):
        frame.add(Column("age", "int16", "years", "age"))
    with pytest.raises(ValueError, match="broadcast"):
        frame.add(Column("wrong", "int16", "", ""), np.arange(5))


def test_select_by_value_and_by_function(frame: AgentFrame) -> None:
    assert frame.select(ward=1).tolist() == [2, 3, 4]
    assert frame.select(ward=1, active=1, income=lambda y: y > 2).tolist() == [3]
    assert frame.select().tolist() == list(range(6))
    assert frame.select(ward=9).tolist() == []
    with pytest.raises(KeyError):
        frame.select(nothing=1)


def test_aggregates_and_groups(frame: AgentFrame) -> None:
    assert frame.agg("income") == 4.0
    assert frame.agg("income", "sum", frame.select(ward=1)) == 15.0
    assert frame.agg("income", "median") == 3.5
    assert (frame.agg("income", "min"), frame.agg("income", "max")) == (1.0, 9.0)
    assert frame.agg("income", "count", frame.active == 1) == 4.0
    assert frame.groupby("ward", "income", "sum") == {0: 4.0, 1: 15.0, 2: 5.0}
    assert all(type(k) is int for k in frame.groupby("ward", "income"))


def test_a_view_reads_and_writes_one_agent(frame: AgentFrame) -> None:
    view = frame[4]
    assert (view.id, view.ward, view.income) == (4, 1, 9.0)
    assert type(view.ward) is int
    view.income = 10.5
    assert frame.income[4] == 10.5
    frame.ward[4] = 2
    assert view.ward == 2
    assert view.to_dict() == {"id": 4, "ward": 2, "income": 10.5, "active": 0}
    assert repr(view) == "npo(id=4, ward=2, income=10.5, active=0)"
    assert frame[-1].id == 5
    for bad in (6, -7):
        with pytest.raises(IndexError):
            frame[bad]
    for act in (lambda: view.height, lambda: setattr(view, "height", 1)):
        with pytest.raises(AttributeError, match="height"):
            act()
    assert [a.id for a in frame] == list(range(6))


def test_unknown_attribute_and_column(frame: AgentFrame) -> None:
    with pytest.raises(AttributeError):
        _ = frame.height
    with pytest.raises(KeyError):
        frame.values("height")


def test_a_column_is_written_in_place_and_never_replaced(frame: AgentFrame) -> None:
    """`frame.income += 1` would leave an attribute that a later grow or copy does not know."""
    frame.income[:] += 1.0
    assert frame.income[0] == 2.0
    with pytest.raises(AttributeError, match="income"):
        frame.income = np.zeros(6)
    assert frame.values("income")[0] == 2.0


def test_to_pandas_is_a_copy(frame: AgentFrame) -> None:
    table = frame.to_pandas()
    assert list(table.columns) == [c.name for c in COLUMNS]
    assert [str(t) for t in table.dtypes] == [c.dtype for c in COLUMNS]
    table.loc[0, "income"] = 99.0
    assert frame.income[0] == 1.0
    assert list(frame.to_pandas(["income", "id"]).columns) == ["income", "id"]


def test_a_copy_is_independent(frame: AgentFrame) -> None:
    twin = frame.copy()
    twin.income[:] = 0.0
    twin.grow(2)
    twin.add(Column("new", "int8", "", ""))
    assert frame.income[0] == 1.0
    assert frame.n == 6
    assert frame.columns == COLUMNS


def test_grow_appends_zeros_and_keeps_types(frame: AgentFrame) -> None:
    frame.grow(3)
    assert len(frame) == 9
    assert frame.income.tolist() == [1.0, 3.0, 2.0, 4.0, 9.0, 5.0, 0.0, 0.0, 0.0]
    assert [frame.values(c.name).dtype.name for c in COLUMNS] == [c.dtype for c in COLUMNS]
    frame[8].ward = 3
    assert frame.ward[8] == 3


def test_keep_drops_the_others_in_order(frame: AgentFrame) -> None:
    frame.keep(np.array([1, 4, 5]))
    assert len(frame) == 3
    assert frame.id.tolist() == [1, 4, 5]
    assert frame.to_pandas().income.tolist() == [3.0, 9.0, 5.0]


def test_pack_gives_the_columns_themselves(frame: AgentFrame) -> None:
    from typing import Any, NamedTuple

    class Two(NamedTuple):
        income: Any
        ward: Any

    packed = frame.pack(Two)
    packed.income[0] = 7.0
    assert frame.income[0] == 7.0
    assert packed.ward is frame.ward
