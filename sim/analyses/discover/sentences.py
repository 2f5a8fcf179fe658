"""Scenario discovery in plain sentences, from the table alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.base.rows import records
from sim.model.indicators import INDICATORS
from sim.pages.cells import missing
from sim.pages.labels import PERCENT_UNITS

if TYPE_CHECKING:
    from sim.analyses.tables import Tables
    from sim.analyses.words import Words

COUNT = "outcome_targets"
"""Name of the goal that counts how many outcome targets a draw reaches."""
DIGITS = 2
"""Significant digits of a limit: it is read from a sample, and rough."""
PLAIN_UNITS = ("ratio", "flag", "share")
"""Units that a sentence does not name: the number says it."""


@dataclass(frozen=True)
class GoalRows:
    """One goal of the table. ``first``: its first row; ``boxes``: the rows (limits) of each box.

    ``overall``: (cases, draws) of all held-out draws, for each box; ``title``: the goal in words.
    """

    indicator: str
    title: str
    first: dict[str, Any]
    boxes: tuple[tuple[dict[str, Any], ...], ...]
    overall: tuple[tuple[int, int], ...]

    @property
    def found(self) -> bool:
        """Whether some box tells where the cases gather."""
        return bool(self.first["outcome"] == "found")


def goals_in(tables: Tables, words: Words) -> list[GoalRows]:
    """The goals in the order of the table."""
    table, out = tables["discover"], []
    for id in dict.fromkeys(table["indicator"]):
        rows = records(table.loc[table["indicator"] == id])
        numbers = [n for n in dict.fromkeys(r["box"] for r in rows) if not missing(n)]
        boxes = tuple(tuple(r for r in rows if r["box"] == n) for n in numbers)
        overall = tuple((int(a), int(b)) for a, b in tables.facts["overall"][id])
        direction = tables.facts["goals"][id]["direction"]
        out.append(GoalRows(id, _title(rows[0], direction, words), rows[0], boxes, overall))
    return out


def _title(row: dict[str, Any], direction: int, words: Words) -> str:
    year = words.labels.year(int(row["fiscal_year"]))
    if row["indicator"] == COUNT:
        return words("goal_count", value=f"{row['target']:g}", year=year)
    declared = INDICATORS[row["indicator"]]
    return words(
        "goal",
        id=row["indicator"],
        name=words.labels.name(declared),
        sign=words("at_least" if direction > 0 else "at_most"),
        value=_value(row["indicator"], row["target"], words),
        year=year,
    )


def _value(indicator: str, value: float, words: Words) -> str:
    """A value of the goal's indicator with its unit."""
    if indicator == COUNT:
        return f"{value:g}"
    return words.labels.number(value, INDICATORS[indicator].unit)


def limit_text(row: dict[str, Any], words: Words) -> str:
    """One limit of a box."""
    ends = {
        side: _number(row[side], row["unit"], words)
        for side in ("low", "high")
        if not missing(row[side])
    }
    key = "between" if len(ends) == 2 else "below" if "high" in ends else "above"
    return words(key, name=words.parameter(row["assumption"]), **ends)


def _number(value: float, unit: str, words: Words) -> str:
    if unit in PERCENT_UNITS:
        return words.labels.number(value, unit)
    shown = significant(value)
    return shown if unit in PLAIN_UNITS else words("unit", value=shown, unit=unit)


def limits_text(box: tuple[dict[str, Any], ...], words: Words) -> str:
    """All limits of a box in one sentence."""
    return words("join").join(limit_text(row, words) for row in box)


def sentences_of(goal: GoalRows, words: Words) -> list[str]:
    """How often the goal is missed, and what predicts that."""
    row, share = goal.first, words.labels.chance
    missed, draws = int(row["missed"]), int(row["draws"])
    out = [words(
        "missed", scenario=words.scenario(row["scenario"]), missed=missed, draws=draws,
        share=share(missed / draws), baseline=int(row["baseline_missed"]),
    )]  # fmt: skip
    if goal.found:
        for box, (cases, of) in zip(goal.boxes, goal.overall, strict=True):
            n = int(box[0]["box_draws"])
            out.append(words(
                f"box_{row['about']}", limits=limits_text(box, words), n=n,
                cases=int(box[0]["box_cases"]), density=share(box[0]["density"]),
                overall=share(cases / of), coverage=share(box[0]["coverage"]),
                share=share(n / of),
            ))  # fmt: skip
        return out
    if row["outcome"] in ("always", "never"):
        if missing(row["nearest"]):
            return [*out, words("always_none")]
        nearest = _value(goal.indicator, row["nearest"], words)
        return [*out, words(row["outcome"], nearest=nearest)]
    if row["outcome"] == "few":
        n = missed if row["about"] == "missed" else draws - missed
        return [*out, words(f"few_{row['about']}", n=n)]
    return [*out, words("nothing", draws=draws)]


def short_text(goal: GoalRows, words: Words) -> str:
    """What predicts a goal, in one cell."""
    if not goal.found:
        return words(f"short_{goal.first['outcome']}")
    return "; ".join(limits_text(box, words) for box in goal.boxes)


def significant(value: float) -> str:
    """A number with DIGITS significant digits, without an exponent where it is short."""
    rounded = float(f"{value:.{DIGITS}g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100.0 else f"{rounded:g}"
