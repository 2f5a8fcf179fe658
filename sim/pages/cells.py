"""Differences and their intervals as the cells of a table write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.pages.labels import PERCENT_UNITS, Labels

Row = Mapping[str, Any]


def missing(value: Any) -> bool:
    """Whether there is no number and no text: None or NaN, which does not equal itself."""
    return value is None or value != value


def fine(value: float, unit: str, labels: Labels) -> str:
    """A small difference with its sign: +0.12 pt, +3.4; two decimals for points."""
    if missing(value):
        return "–"
    if unit in PERCENT_UNITS:
        text = f"{100 * value:+.2f}"
    elif abs(value) >= 100 or unit.startswith("yen"):
        return labels.difference(value, unit, bare=True)
    else:
        text = f"{value:+.1f}"
    return text if float(text) else text.lstrip("+-")


def mean_cell(row: Row, labels: Labels) -> str:
    """A mean difference with its confidence interval: "+2.10 pt [+1.50, +2.70]"."""
    if missing(row["mean"]):
        return labels("not_available")
    unit = row["unit"]
    text = fine(row["mean"], unit, labels) + (" pt" if unit in PERCENT_UNITS else "")
    if missing(row["mean_low"]):
        return text
    ends = (fine(row[f"mean_{e}"], unit, labels) for e in ("low", "high"))
    return f"{text} [{', '.join(ends)}]"


def share_cell(row: Row, labels: Labels) -> str:
    """A contribution with its share of the total: "+2.10 pt (35 %) [+1.50, +2.70]"."""
    text = mean_cell(row, labels)
    if missing(row["share"]):
        return text
    value, bracket, rest = text.partition(" [")
    return f"{value} ({percent(row['share'], labels)}){bracket}{rest}"


def percent(share: float, labels: Labels) -> str:
    """A share of a total, which may lie below 0 or above 1: "35 %", "-4 %"."""
    return f"{100 * share:.0f}".replace("-0", "0") + ("%" if labels.lang == "ja" else " %")


def log_cell(row: Row) -> str:
    """A mean on a logarithmic scale with its interval: "+0.021 [-0.003, +0.045]"."""
    if missing(row["mean"]):
        return "–"
    if missing(row["mean_low"]):
        return f"{row['mean']:+.3f}"
    return f"{row['mean']:+.3f} [{row['mean_low']:+.3f}, {row['mean_high']:+.3f}]"


def spread_cell(row: Row, labels: Labels) -> str:
    """The two ends of the spread over runs."""
    if missing(row["low"]):
        return "–"
    return f"{fine(row['low'], row['unit'], labels)} … {fine(row['high'], row['unit'], labels)}"
