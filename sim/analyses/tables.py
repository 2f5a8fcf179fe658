"""The tables of an analysis: all that is said afterwards is made from them alone.

A folder of results keeps them as CSV files and, for what is no table, as ``facts`` in its manifest;
both read back without loss, so a folder can be told again in either language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sim.base.errors import KyodoError, OutputError

if TYPE_CHECKING:
    import pandas as pd

Content = Literal["text", "number", "whole", "flag"]

_FLAGS: Mapping[str, bool | None] = {"True": True, "False": False, "": None}


@dataclass(frozen=True)
class TableColumn:
    """A column of a table. ``unit``: "" for none, "of the row" for that of the column ``unit``.

    ``meaning``: in English, where the register of columns (sim/report/columns.yaml) has none.
    ``may_lack``: not every such table has it.
    """

    name: str
    content: Content = "number"
    unit: str = ""
    meaning: str = ""
    may_lack: bool = False


def columns(
    text: str = "", number: str = "", whole: str = "", flag: str = "", *, may_lack: bool = False
) -> dict[str, TableColumn]:
    """Columns by name, from the names of each content, separated by blanks."""
    named: tuple[tuple[Content, str], ...] = (
        ("text", text), ("number", number), ("whole", whole), ("flag", flag),
    )  # fmt: skip
    return {
        name: TableColumn(name, content, may_lack=may_lack)
        for content, names in named
        for name in names.split()
    }


@dataclass(frozen=True)
class Tables(Mapping[str, "pd.DataFrame"]):
    """Frames by name, in the order in which they are told, and plain ``facts`` beside them.

    ``facts``: what the pages say that is no table (numbers, words, lists, mappings; never NaN).
    """

    frames: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.frames)

    def __len__(self) -> int:
        return len(self.frames)


Schema = Mapping[str, Mapping[str, TableColumn]]
"""Name of a table -> its columns by name. A table may be absent, and may have no row."""


def read_tables(folder: Path, schema: Schema, facts: Mapping[str, Any]) -> Tables:
    """The tables of a folder, with the contents that ``schema`` declares.

    One that is kept as Parquet as well is read from there: it may have millions of rows. Raises
    OutputError for a file that is not a table, or lacks a column.
    """
    frames = {}
    for name, declared in schema.items():
        path, whole = folder / f"{name}.csv", folder / f"{name}.parquet"
        if whole.is_file():
            frames[name] = _read_parquet(whole)
        elif path.is_file():
            frames[name] = read_table(path, declared)
    return Tables(frames, facts)


def _read_parquet(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise OutputError(f"{path} is not the table that was written: {error}") from None


def read_table(path: Path, declared: Mapping[str, TableColumn]) -> pd.DataFrame:
    """One CSV file; a column that is not declared is text. Numbers come back bit for bit."""
    try:
        table = _read(path, declared)
    except (ValueError, KeyError, UnicodeDecodeError) as error:
        raise OutputError(f"{path} is not the table that was written: {error}") from None
    missing = [n for n, c in declared.items() if n not in table and not c.may_lack]
    if missing:
        raise OutputError(f"{path} lacks the column '{missing[0]}'")
    return table


def as_kept(tables: Tables, schema: Schema) -> Tables:
    """Tables as a folder would give them back, so that what is made of them is the same."""
    frames = {
        name: _read(StringIO(table.to_csv(index=False)), schema[name])
        for name, table in tables.items()
    }
    return Tables(frames, json.loads(json.dumps(tables.facts)))


def _read(csv: Path | StringIO, declared: Mapping[str, TableColumn]) -> pd.DataFrame:
    import pandas as pd

    # "none" and "NA" are words; ids such as 1.1 are no numbers
    table = pd.read_csv(csv, encoding="utf-8-sig", dtype="str", keep_default_na=False)
    for name in (n for n in declared if n in table):
        table[name] = _content(table[name], declared[name].content)
    return table


def _content(cells: pd.Series[str], content: Content) -> pd.Series[Any]:
    """Texts as what they are; an empty cell is nothing."""
    import pandas as pd

    if content == "text":
        return cells.where(cells != "", None)
    if content == "number":
        return pd.Series([float(c) if c else float("nan") for c in cells], dtype="float64")
    if content == "whole":
        whole = [int(float(c)) if c else None for c in cells]
        return pd.Series(whole, dtype="Int64")
    return pd.Series([_FLAGS[c] for c in cells], dtype="boolean")


def check_tables(tables: Tables, schema: Schema) -> None:
    """Raise KyodoError for a table or a column that ``schema`` does not declare, or that lacks."""
    for name, frame in tables.items():
        if name not in schema:
            raise KyodoError(f"table '{name}' is not declared")
        there, declared = set(map(str, frame.columns)), schema[name]
        odd = sorted(
            (there - set(declared))
            | {n for n in declared if n not in there}
            - {n for n, c in declared.items() if c.may_lack}
        )
        if odd:
            raise KyodoError(f"table '{name}': column '{odd[0]}' is written or declared, not both")
