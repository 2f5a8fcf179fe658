"""Pages of ``kyodo factcheck``: what knowing each figure better would be worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.pages.labels import Labels
from sim.pages.page import Chart, Page
from sim.pages.words import FileWords
from sim.report.experiment_parts import known, tidy

if TYPE_CHECKING:
    import pandas as pd

    from sim.report.stored import Stored

TABLES = ("facts", "sizes", "judgement", "costs", "groups")
MOST = 15
"""Bars of a chart, the highest ranks; all rows stand in the sheet of data."""


def pages(stored: Stored, labels: Labels) -> tuple[Page, ...]:
    """A ranking for each table, at the value of a solved project that the study was made for."""
    table = stored.tables["factcheck"]
    words = FileWords("sim.report.factcheck", labels)
    # the study's own value stands first; the others show how far the ranking depends on it
    price = table["value_per_project"].iloc[0]
    main = table.loc[table["value_per_project"] == price]
    indicators = _indicators(stored.profile)
    return tuple(
        _ranking(name, main.loc[main["table"] == name], indicators, words, labels)
        for name in TABLES
        if (main["table"] == name).any()
    )


def _ranking(
    name: str, rows: pd.DataFrame, indicators: Mapping[str, str], words: FileWords, labels: Labels
) -> Page:
    from sim.report.factcheck import row_name, yen_text

    rows = rows.sort_values("rank", kind="stable")
    shown = tidy(
        (
            {
                "label": row_name(r, indicators, words, labels).replace("`", ""),
                "value": r["evppi"], "low": r["low"], "high": r["high"],
                "by_chance": r["null95"], "clear": labels("exp_yes" if r["clear"] else "exp_no"),
                "printed": r["printed"] if known(r["printed"]) else "",
                "line": str(r["line"]) if known(r["line"]) else "",
                "status": r["status"] if known(r["status"]) else "",
                "source": r["source"] if known(r["source"]) else "",
            }
            for r in rows.to_dict(orient="records")
        ),
        ("label", "value", "low", "high", "by_chance", "clear", "printed", "line", "status",
         "source"),
    )  # fmt: skip
    clear = rows.loc[rows["clear"].astype(bool)]
    if len(clear):
        first = shown.loc[list(rows["clear"].astype(bool))].iloc[0]
        value = yen_text(words, labels, float(first["value"]))
        message = labels("exp_facts_first", name=first["label"], value=value, n=len(clear))
    else:
        message = labels("exp_facts_none")
    chart = Chart(
        f"factcheck_{name}", "bars", labels("exp_facts_chart"), shown.head(MOST), unit="yen",
        interval=labels("interval"), reading=labels("exp_facts_reading"),
        x_title=labels.axis("yen"),
    )  # fmt: skip
    notes = (labels("exp_rows_left", n=MOST, all=len(shown)),) if len(shown) > MOST else ()
    return Page(f"factcheck_{name}", labels(f"exp_facts_{name}"), message, (chart,), notes)


def _indicators(profile: str) -> dict[str, str]:
    """Targets of the calibration -> indicators that they are measured by."""
    from sim.calibrate.targets import load_targets

    return {t.id: t.indicator for t in load_targets(profile).rows}
