"""Figures as the table and the summary write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.pages.labels import Labels
from sim.report.scope import ReportIndicator, Row, missing

"""The two classes of indicators, never added."""


def chance_cell(row: Row, labels: Labels, *, own: bool = True) -> str:
    """A chance with the baseline's own behind it, "12 % (3 %)"; ✕ if not reachable."""
    text = labels.chance(row["probability_target"])
    if not row["reachable"] and not missing(row["probability_target"]):
        text = "✕"
    if not own or missing(row["probability_target_baseline"]):
        return text
    return f"{text} ({labels.chance(row['probability_target_baseline'])})"


def interval_cell(row: Row, prefix: str, labels: Labels) -> str:
    """A median and the two ends of its interval, "66.6 % [61.9, 72.0]"; prefix "" or "effect_"."""
    if missing(row[f"{prefix}median"]):
        return "–" if prefix else labels("not_available")
    write = labels.difference if prefix else labels.number
    low, high = (write(row[f"{prefix}{end}"], row["unit"], bare=True) for end in ("low", "high"))
    return f"{write(row[f'{prefix}median'], row['unit'])} [{low}, {high}]"


def heading(indicator: ReportIndicator, row: Row, labels: Labels) -> str:
    """An indicator's id and name, with its current value and target."""
    text = f"{indicator.id} {labels.name(indicator)}"
    known = [
        f"{labels(key)} {labels.number(row[key], indicator.unit)}"
        for key in ("current", "target")
        if not missing(row[key])
    ]
    return text + (f"  ({', '.join(known)})" if known else "")


def reached_cell(row: Row, labels: Labels) -> str:
    """ "3 of 12 (1-5)": median over the runs, fewest and most."""
    return labels(
        "reached_cell", median=f"{row['median']:g}", targets=int(row["targets"]),
        low=int(row["low"]), high=int(row["high"]),
    )  # fmt: skip


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table; bars inside cells are escaped."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for row in rows:
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
    return lines
