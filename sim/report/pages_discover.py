"""Pages of ``kyodo discover``: how often targets are missed, and where the misses gather."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.pages.labels import Labels
from sim.pages.page import Chart, Page
from sim.pages.words import FileWords, parameter_name
from sim.report.experiment_parts import (
    indicator_name,
    joined,
    known,
    last_year,
    scenario_name,
    tidy,
)

if TYPE_CHECKING:
    import pandas as pd

    from sim.report.stored import Stored


def pages(stored: Stored, labels: Labels) -> tuple[Page, ...]:
    """Misses of all goals, then a page for each goal whose misses a box describes."""
    table = stored.tables["discover"]
    words = FileWords("sim.report.discover", labels)
    goals = table.drop_duplicates("indicator").to_dict(orient="records")
    out = [_misses(goals, last_year(table), words, labels)]
    boxed = table.loc[table["box"].notna()]
    out += [
        _boxes(goal, boxed.loc[boxed["indicator"] == goal["indicator"]], words, labels)
        for goal in goals
        if (boxed["indicator"] == goal["indicator"]).any()
    ]
    return tuple(out)


def _name(id: str, labels: Labels) -> str:
    from sim.model.indicators import INDICATORS

    return indicator_name(id, labels) if id in INDICATORS else id


def _misses(goals: list[dict[Any, Any]], year: int, words: FileWords, labels: Labels) -> Page:
    bars = tidy(
        (
            {
                "label": _name(g["indicator"], labels),
                "value": g["missed"] / g["draws"],
                "baseline": labels.chance(g["baseline_missed"] / g["draws"]),
                "answer": _short(g, words),
            }
            for g in goals
        ),
        ("label", "value", "low", "high", "baseline", "answer"),
    )
    scenario = scenario_name(str(goals[0]["scenario"]), labels)
    always = sum(g["missed"] == g["draws"] for g in goals)
    message = labels(
        "exp_discover_message", scenario=scenario, n=always, all=len(goals), draws=goals[0]["draws"]
    )
    chart = Chart(
        "missed", "bars", words("col_missed"), bars, unit="share", fiscal_year=year, x_title="%"
    )
    title = words("title", scenario=scenario)
    return Page("missed", title, message, (chart,), (words("limits_note"),))


def _short(goal: dict[Any, Any], words: FileWords) -> str:
    from sim.pages.word_files import texts

    key = f"short_{goal['outcome']}"
    return words(key) if key in texts("sim.report.discover") else "↓"


def _boxes(goal: dict[Any, Any], rows: pd.DataFrame, words: FileWords, labels: Labels) -> Page:
    name = _name(goal["indicator"], labels)
    table = tidy(
        (
            {
                "box": int(r["box"]),
                "label": parameter_name(str(r["assumption"]), labels),
                "low": r["low"], "high": r["high"],
                "unit": r["unit"] if known(r["unit"]) else "",
                "density": labels.chance(r["density"]), "coverage": labels.chance(r["coverage"]),
            }
            for r in rows.to_dict(orient="records")
        ),
        ("box", "label", "low", "high", "unit", "density", "coverage"),
    )  # fmt: skip
    first = rows.iloc[0]
    message = labels(
        f"exp_box_{'missed' if goal['about'] == 'missed' else 'reached'}",
        name=name,
        density=labels.chance(first["density"]),
        coverage=labels.chance(first["coverage"]),
        items=joined(table.loc[table["box"] == table["box"].iloc[0], "label"], labels),
    )
    chart = Chart(f"boxes_{goal['indicator']}", "table", name, table)
    return Page(f"box_{goal['indicator']}", name, message, (chart,), (words("limits_note"),))
