"""What is told of a discovery: how often targets are missed, and where the misses gather."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analyses.discover.sentences import (
    GoalRows,
    goals_in,
    limit_text,
    sentences_of,
    short_text,
    significant,
)
from sim.pages.frames import tidy
from sim.pages.page import Chart, Finding, Page

if TYPE_CHECKING:
    from sim.analyses.tables import Tables
    from sim.analyses.words import Words


def pages(tables: Tables, words: Words) -> tuple[Page, ...]:
    """Misses of all goals, then a page for each goal with its sentences."""
    goals = goals_in(tables, words)
    return (_misses(goals, tables, words), *(_goal(goal, tables, words) for goal in goals))


def _misses(goals: list[GoalRows], tables: Tables, words: Words) -> Page:
    labels = words.labels
    bars = tidy(
        (
            {
                "label": words.indicator(g.indicator),
                "value": g.first["missed"] / g.first["draws"],
                "baseline": labels.chance(g.first["baseline_missed"] / g.first["draws"]),
                "answer": short_text(g, words),
            }
            for g in goals
        ),
        ("label", "value", "low", "high", "baseline", "answer"),
    )
    scenario = words.scenario(tables.facts["scenario"])
    always = sum(g.first["missed"] == g.first["draws"] for g in goals)
    message = words(
        "missed_message", scenario=scenario, n=always, all=len(goals),
        draws=tables.facts["draws"],
    )  # fmt: skip
    year = int(goals[0].first["fiscal_year"])
    chart = Chart(
        "missed", "bars", words("col_missed"), bars, unit="share", fiscal_year=year, x_title="%",
        aside=True,
    )  # fmt: skip
    how = words(
        "how", draws=tables.facts["draws"], false=labels.chance(tables.facts["false_share"])
    )
    notes = (how, words("inputs", n=len(tables.facts["assumptions"])), words("limits_note"))
    return Page("missed", words("heading_table"), message, (chart,), notes)


def _goal(goal: GoalRows, tables: Tables, words: Words) -> Page:
    first, *rest = sentences_of(goal, words)
    findings = tuple(Finding(f"{goal.indicator}_{n}", text) for n, text in enumerate(rest))
    charts = (_boxes(goal, words),) if goal.found else ()
    return Page(
        f"goal_{goal.indicator}", goal.title, first, charts, _inputs(goal, tables, words),
        findings=findings,
    )  # fmt: skip


def _inputs(goal: GoalRows, tables: Tables, words: Words) -> tuple[str, ...]:
    """The parameters that the boxes name, with their range in the draws."""
    names = dict.fromkeys(row["assumption"] for box in goal.boxes for row in box)
    ranges = {name: tables.facts["ranges"][name] for name in names}
    return tuple(
        words("parameter", id=name, low=significant(low), high=significant(high))
        for name, (low, high) in ranges.items()
    )


def _boxes(goal: GoalRows, words: Words) -> Chart:
    """The limits of the boxes, a row each."""
    chance = words.labels.chance
    table = tidy(
        (
            {
                "box": int(row["box"]), "label": words.parameter(row["assumption"]),
                "low": row["low"], "high": row["high"], "unit": row["unit"],
                "limit": limit_text(row, words), "density": chance(row["density"]),
                "coverage": chance(row["coverage"]),
            }
            for box in goal.boxes
            for row in box
        ),
        ("box", "label", "low", "high", "unit", "limit", "density", "coverage"),
    )  # fmt: skip
    return Chart(f"boxes_{goal.indicator}", "table", goal.title, table, aside=True)
