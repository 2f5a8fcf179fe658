"""Pages of ``kyodo sweep``: the range that each indicator has over all runs of the design."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.indicators import DOCUMENT_KINDS
from sim.pages.labels import Labels
from sim.pages.page import Chart, Page
from sim.report.experiment_parts import indicator_name, scenario_name, tidy

if TYPE_CHECKING:
    import pandas as pd

    from sim.report.stored import Stored


def pages(stored: Stored, labels: Labels) -> tuple[Page, ...]:
    """One page for each indicator of the document: every scenario in the last year.

    Raises OutputError where the folder holds no runs.
    """
    from sim.analyses.shared.reached import target_value
    from sim.figures.evidence import load_profile
    from sim.model.indicators import INDICATORS
    from sim.places.load import start_year

    year = start_year() + int(stored.manifest["design"]["years"]) - 1
    values = last_values(stored, year)
    profile = load_profile(stored.profile)
    out = []
    for id, declared in INDICATORS.items():
        mine = values.loc[values["indicator"] == id]
        if declared.kind not in DOCUMENT_KINDS or mine["value"].isna().all():
            continue
        target = target_value(declared, profile)
        out.append(_indicator(id, mine, year, target, labels))
    return tuple(out)


def last_values(stored: Stored, year: int) -> pd.DataFrame:
    """Scenario, indicator and value of every run in a fiscal year, over all wards.

    Raises OutputError for a folder without runs.
    """
    import pandas as pd

    from sim.base.errors import OutputError
    from sim.runs.store import ResultStore

    chosen = {record.run: path for record, path in ResultStore(stored.folder).records()}
    if not chosen:
        raise OutputError(f"no results in {stored.folder}")
    frames = []
    for path in sorted(set(chosen.values())):
        rows = pd.read_parquet(path, filters=[("fiscal_year", "==", year)])
        whole = (rows["ward"] == "all") & (rows["month"] == "")
        own = rows["run"].map(chosen) == path
        frames.append(rows.loc[whole & own, ["scenario", "indicator", "value"]])
    return pd.concat(frames, ignore_index=True)


def _indicator(
    id: str, values: pd.DataFrame, year: int, target: float | None, labels: Labels
) -> Page:
    from sim.analyses.shared.intervals import ends_of
    from sim.model.indicators import INDICATORS

    unit, direction = INDICATORS[id].unit, INDICATORS[id].direction
    rows = []
    fewest = int(values.groupby("scenario")["value"].count().min())
    ends = ends_of(fewest)
    for scenario in dict.fromkeys(values["scenario"]):
        own = values.loc[values["scenario"] == scenario, "value"].dropna()
        low, high = own.quantile(ends[0]), own.quantile(ends[1])
        reached = None
        if target is not None and len(own):
            reached = float(((own >= target) if direction >= 0 else (own <= target)).mean())
        rows.append(
            {"scenario": scenario, "name": scenario_name(str(scenario), labels),
             "median": own.median(), "low": low, "high": high, "target": target,
             "probability_target": reached, "runs": len(own)}
        )  # fmt: skip
    table = tidy(
        rows,
        ("scenario", "name", "median", "low", "high", "target", "probability_target", "runs"),
    )
    interval = labels("exp_sweep_90" if ends[0] else "exp_sweep_range")
    lowest, highest = table["median"].min(), table["median"].max()
    message = labels(
        "exp_sweep_message",
        year=labels.year(year),
        low=labels.number(lowest, unit),
        high=labels.number(highest, unit),
    )
    chart = Chart(
        f"{id}_horizon", "intervals", indicator_name(id, labels), table, unit=unit,
        fiscal_year=year, interval=interval, reading=labels("exp_sweep_reading"),
        x_title=labels.axis(unit),
    )  # fmt: skip
    return Page(id, indicator_name(id, labels), message, (chart,), (labels("exp_sweep_note"),))
