"""Agents in columns: one array per attribute, light row views for inspection one by one.

A model of millions of residents cannot hold one Python object each. An `AgentFrame` keeps one numpy
array per attribute, each with a unit and a meaning, and offers what a set of agents is expected to:
select, aggregate, group by, a per-agent view, and a pandas copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Column:
    """Declaration of an attribute: numpy dtype (as text), unit, meaning."""

    name: str
    dtype: str
    unit: str
    meaning: str


class AgentView:
    """One agent of a frame: attributes read and write the frame's columns."""

    __slots__ = ("_frame", "_index")

    def __init__(self, frame: AgentFrame, index: int):
        object.__setattr__(self, "_frame", frame)
        object.__setattr__(self, "_index", index)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._frame.read(name, self._index).item()
        except KeyError:
            raise AttributeError(f"{self._frame.kind} has no attribute '{name}'") from None

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            self._frame.set(name, self._index, value)
        except KeyError:
            raise AttributeError(f"{self._frame.kind} has no attribute '{name}'") from None

    def to_dict(self) -> dict[str, Any]:
        """All attributes of this agent as plain Python values."""
        return {c.name: getattr(self, c.name) for c in self._frame.columns}

    def __repr__(self) -> str:
        values = ", ".join(f"{k}={v}" for k, v in self.to_dict().items())
        return f"{self._frame.kind}({values})"


class AgentFrame:
    """``n`` agents of one kind in columns. Columns are attributes: ``npos.ward`` is (n,)."""

    def __init__(self, kind: str, n: int, columns: Iterable[Column] = ()):
        self.kind = kind
        self.n = n
        self._declared: dict[str, Column] = {}
        self._values: dict[str, NDArray[Any]] = {}
        for column in columns:
            self.add(column)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The declarations, in the order in which they were added."""
        return tuple(self._declared.values())

    def add(self, column: Column, values: Any = 0) -> NDArray[Any]:
        """Add a column filled with ``values`` (scalar or array (n,)); return its array."""
        if column.name in self._declared:
            raise ValueError(f"{self.kind} has a column '{column.name}' already")
        array = np.empty(self.n, dtype=column.dtype)
        array[:] = values
        self._declared[column.name] = column
        self._values[column.name] = array
        self._show()
        return array

    def _show(self) -> None:
        # attributes of the object itself are found without a search, a thousand times a month
        self.__dict__.update(self._values)

    def values(self, name: str) -> NDArray[Any]:
        """The array of a column; KeyError if there is none."""
        return self._values[name]

    def read(self, name: str, where: Any) -> Any:
        """A column at ``where`` (index, slice, positions or mask); KeyError if there is none."""
        return self._values[name][where]

    def set(self, name: str, where: Any, value: Any) -> None:
        """Write ``value`` to a column at ``where``; KeyError if there is none."""
        self._values[name][where] = value

    def __getattr__(self, name: str) -> NDArray[Any]:
        if name not in self.__dict__.get("_declared", {}):
            raise AttributeError(name)
        return self.values(name)

    def __setattr__(self, name: str, value: Any) -> None:
        # `frame.column += x` would otherwise leave a stale attribute beside the column
        if name in self.__dict__.get("_declared", {}):
            raise AttributeError(f"write to {self.kind}.{name}[:], a column is never replaced")
        object.__setattr__(self, name, value)

    def pack(self, kind: Any) -> Any:
        """The columns as the named tuple type ``kind`` (its fields name columns), for kernels."""
        return kind(*(self._values[name] for name in kind._fields))

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> AgentView:
        if not -self.n <= index < self.n:
            raise IndexError(f"{self.kind} {index} of {self.n}")
        return AgentView(self, index % self.n)

    def __iter__(self) -> Iterator[AgentView]:
        return (AgentView(self, i) for i in range(self.n))

    def select(self, **where: Any) -> NDArray[np.int64]:
        """Positions of the agents whose columns equal the given values (or pass a function).

        ``npos.select(ward=3, income_year=lambda y: y > 5e6)``
        """
        mask = np.ones(self.n, dtype=bool)
        for name, wanted in where.items():
            values = self.values(name)
            mask &= wanted(values) if callable(wanted) else values == wanted
        return np.flatnonzero(mask)

    def agg(self, name: str, how: str = "mean", where: Any = None) -> float:
        """Aggregate a column ("sum", "mean", "median", "min", "max", "count") over a selection."""
        values = self.values(name) if where is None else self.read(name, where)
        if how == "count":
            return float(len(values))
        return float(getattr(np, how)(values))

    def groupby(self, by: str, name: str, how: str = "mean") -> dict[Any, float]:
        """Aggregate a column within each value of ``by``: {value: aggregate}."""
        keys = self.values(by)
        return {k.item(): self.agg(name, how, np.flatnonzero(keys == k)) for k in np.unique(keys)}

    def to_pandas(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """A pandas copy of the columns."""
        import pandas as pd

        return pd.DataFrame({c: self.values(c).copy() for c in names or self._declared})

    def copy(self) -> AgentFrame:
        """An independent copy: the arrays are copied, the declarations shared."""
        twin = AgentFrame(self.kind, self.n)
        twin._declared = dict(self._declared)
        twin._values = {name: array.copy() for name, array in self._values.items()}
        twin._show()
        return twin

    def grow(self, extra: int) -> None:
        """Append ``extra`` agents with zeros in every column."""
        for name, array in self._values.items():
            self._values[name] = np.concatenate([array, np.zeros(extra, dtype=array.dtype)])
        self.n += extra
        self._show()

    def keep(self, positions: NDArray[np.int64]) -> None:
        """Drop every agent that is not in ``positions``."""
        self._values = {name: array[positions] for name, array in self._values.items()}
        self.n = len(positions)
        self._show()
