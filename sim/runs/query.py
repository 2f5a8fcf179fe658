"""SQL over the runs of a store, with DuckDB (extra ``experiments``): no run is loaded that is not
asked for, whatever the number of runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import OutputError, UsageError
from sim.runs.store import INDEX, SHARDS

if TYPE_CHECKING:
    import pandas as pd


def query(folder: Path | str, sql: str) -> pd.DataFrame:
    """The rows of an SQL statement over two tables of a store.

    ``results``: run, scenario, draw, replicate, fiscal_year, month, ward, indicator, value, status.
    ``runs``: one row a run with its point and factors (of a finished sweep). Raises OutputError for
    a folder without results, UsageError for a statement that DuckDB refuses.
    """
    import duckdb

    folder = Path(folder)
    shards, index = folder / SHARDS, folder / INDEX
    if not any(shards.glob("*.parquet")):
        raise OutputError(f"no results in {folder}")
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        views = {"results": shards / "*.parquet"} | ({"runs": index} if index.is_file() else {})
        for name, path in views.items():
            quoted = str(path).replace("'", "''")
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{quoted}')")
        try:
            found: pd.DataFrame = connection.execute(sql).df()
        except duckdb.Error as error:
            raise UsageError(f"the query cannot be run: {error}") from None
    return found
