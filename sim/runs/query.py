"""SQL over the runs of a store, with DuckDB (extra ``experiments``): no run is loaded that is not
asked for, whatever the number of runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.errors import OutputError, UsageError
from sim.runs.store import INDEX

if TYPE_CHECKING:
    import pandas as pd


def query(folder: Path | str, sql: str) -> pd.DataFrame:
    """The rows of an SQL statement over two tables of a store.

    ``results``: run, scenario, draw, replicate, fiscal_year, month, ward, indicator, value, status.
    ``runs``: one row a run with its point and factors (of a finished sweep). Raises OutputError for
    a folder without results, UsageError for a statement that DuckDB refuses.
    """
    import duckdb
    import pandas as pd

    from sim.runs.store import ResultStore

    folder = Path(folder)
    # a run that two jobs recorded counts once; a shard that cannot be read is passed over
    chosen = {record.run: str(path) for record, path in ResultStore(folder).records()}
    if not chosen:
        raise OutputError(f"no results in {folder}")
    files = sorted(set(chosen.values()))
    kept = pd.DataFrame({"run": list(chosen), "filename": list(chosen.values())})
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        connection.register("chosen_runs", kept)
        # DuckDB reads a file name as a pattern: its special signs are put in brackets
        names = ", ".join(f"'{_literal(name)}'" for name in files)
        source = f"read_parquet([{names}], filename = true)"
        connection.execute(
            f"CREATE VIEW results AS SELECT rows.* EXCLUDE (filename) FROM {source} AS rows"
            " SEMI JOIN chosen_runs USING (run, filename)"
        )
        index = folder / INDEX
        if index.is_file():
            connection.execute(
                f"CREATE VIEW runs AS SELECT * FROM read_parquet('{_literal(str(index))}')"
            )
        try:
            answer = connection.execute(sql)
            if answer is None:  # an empty statement
                raise UsageError("the query is empty")
            found: pd.DataFrame = answer.df()
        except duckdb.Error as error:
            raise UsageError(f"the query cannot be run: {error}") from None
    return found


def _literal(path: str) -> str:
    """A path as text of SQL that DuckDB takes for this one file."""
    quoted = path.replace("'", "''")
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in quoted)
