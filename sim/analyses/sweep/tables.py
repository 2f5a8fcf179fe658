"""The table of a sweep: every scenario and indicator in the last year, over all recorded runs.

A sweep keeps its runs in shards and adds to them, call by call, on several machines; so its table
is a function of what the folder holds, made when it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analyses.shared.intervals import PERCENTILES, spread_of
from sim.analyses.shared.reached import is_reached, target_value
from sim.analyses.tables import Schema, Tables, columns
from sim.base.errors import OutputError
from sim.figures.evidence import load_profile
from sim.model.indicators import DOCUMENT_KINDS, INDICATORS
from sim.places.load import start_year
from sim.runs.store import ResultStore

if TYPE_CHECKING:
    import pandas as pd

SCHEMA: Schema = {
    "horizon": columns(
        text="scenario indicator unit",
        number="median low high target probability_target",
        whole="fiscal_year runs",
        flag="ninety",
    )
}
"""``low`` and ``high``: a 90 % interval where ``ninety``, else the smallest and largest run."""


def read(folder: Path, manifest: Mapping[str, Any]) -> Tables:
    """The table of a folder. Raises OutputError for one without runs."""
    import pandas as pd

    profile = load_profile(str(manifest["design"]["profile"]))
    year = start_year() + int(manifest["design"]["years"]) - 1
    values = last_values(folder, year)
    rows = []
    for id, declared in INDICATORS.items():
        mine = values.loc[values["indicator"] == id]
        if declared.kind not in DOCUMENT_KINDS or mine["value"].isna().all():
            continue
        target = target_value(declared, profile)
        aim = float("nan") if target is None else target
        fewest = int(mine.groupby("scenario")["value"].count().min())
        for scenario in dict.fromkeys(mine["scenario"]):
            own = mine.loc[mine["scenario"] == scenario, "value"].dropna().to_numpy()
            spread = spread_of(own[None, :], fewest)
            met = is_reached(own, aim, declared.direction)
            rows.append({
                "scenario": scenario, "indicator": id, "unit": declared.unit,
                "fiscal_year": year, "median": float(spread.median[0]),
                "low": float(spread.low[0]), "high": float(spread.high[0]), "target": aim,
                "probability_target": float(met.mean()) if target is not None else float("nan"),
                "runs": len(own), "ninety": spread.kind == PERCENTILES,
            })  # fmt: skip
    names = list(SCHEMA["horizon"])
    return Tables({"horizon": pd.DataFrame(rows, columns=names)}, {})


def last_values(folder: Path, year: int) -> pd.DataFrame:
    """Scenario, indicator and value of every run in a fiscal year, over all wards.

    Raises OutputError for a folder without runs.
    """
    import pandas as pd

    chosen = {record.run: path for record, path in ResultStore(folder).records()}
    if not chosen:
        raise OutputError(f"no results in {folder}")
    frames = []
    for path in sorted(set(chosen.values())):
        rows = pd.read_parquet(path, filters=[("fiscal_year", "==", year)])
        whole = (rows["ward"] == "all") & (rows["month"] == "")
        own = rows["run"].map(chosen) == path
        frames.append(rows.loc[whole & own, ["scenario", "indicator", "value"]])
    return pd.concat(frames, ignore_index=True)
