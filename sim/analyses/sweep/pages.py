"""What is told of a sweep: the range of each indicator over all runs of the design."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.base.rows import records
from sim.pages.frames import tidy
from sim.pages.page import Chart, Page

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.tables import Tables
    from sim.analyses.words import Words


def pages(tables: Tables, words: Words) -> tuple[Page, ...]:
    """One page for each indicator of the document: every scenario in the last year."""
    table = tables["horizon"]
    ids = dict.fromkeys(table["indicator"])
    return tuple(_indicator(id, table.loc[table["indicator"] == id], words) for id in ids)


def _indicator(id: str, rows: pd.DataFrame, words: Words) -> Page:
    labels, first = words.labels, records(rows)[0]
    shown = tidy(
        (
            {
                "scenario": r["scenario"], "name": words.scenario(r["scenario"]),
                "median": r["median"], "low": r["low"], "high": r["high"], "target": r["target"],
                "probability_target": r["probability_target"], "runs": r["runs"],
            }
            for r in records(rows)
        ),
        ("scenario", "name", "median", "low", "high", "target", "probability_target", "runs"),
    )  # fmt: skip
    name = words.indicator(id)
    message = words(
        "sweep_message",
        year=labels.year(int(first["fiscal_year"])),
        low=labels.number(rows["median"].min(), first["unit"]),
        high=labels.number(rows["median"].max(), first["unit"]),
    )
    chart = Chart(
        f"{id}_horizon", "intervals", name, shown, unit=first["unit"],
        fiscal_year=int(first["fiscal_year"]),
        interval=words("sweep_90" if first["ninety"] else "sweep_range"),
        reading=words("sweep_reading"), x_title=labels.axis(first["unit"]),
    )  # fmt: skip
    return Page(id, name, message, (chart,), (words("sweep_note"),))
