"""Counts of the year, deliveries, and money: what is written down while the model runs.

All amounts are whole numbers (yen, minutes, persons), except participants of projects.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

WARDS = 23


def _row() -> list[float]:
    return [0.0] * WARDS


class YearCounts:
    """How often something happened in this fiscal year, by ward."""

    def __init__(self) -> None:
        self.rows: defaultdict[str, list[float]] = defaultdict(_row)

    def add(self, item: str, ward: int, number: float = 1.0) -> None:
        """Count ``number`` more of ``item`` in the ward with this index."""
        self.rows[item][ward] += number

    def of(self, item: str, ward: int) -> float:
        """The count so far."""
        return self.rows[item][ward] if item in self.rows else 0.0


def _whole_row() -> list[int]:
    return [0] * WARDS


class Ledger:
    """What was delivered and spent in this fiscal year; stocks carry over the year's end."""

    def __init__(self) -> None:
        self.flows: defaultdict[str, list[int]] = defaultdict(_whole_row)
        self.stocks: dict[str, list[int]] = {}
        self.yen: defaultdict[str, int] = defaultdict(int)

    def add(self, item: str, ward: int, number: int = 1) -> None:
        """Book ``number`` deliveries in the ward with this index."""
        self.flows[item][ward] += number

    def set_stock(self, item: str, by_ward: list[int]) -> None:
        """State a stock, by ward."""
        self.stocks[item] = by_ward

    def spend(self, what: str, yen: int) -> None:
        """Book a cost under the id of an initiative, or under "projects"."""
        self.yen[what] += yen

    def new_year(self) -> None:
        """Flows and costs begin at zero, stocks stay."""
        self.flows.clear()
        self.yen.clear()


@dataclass
class Money:
    """All NPOs' cash since the start: endowed + income - spending - written off = reserves."""

    income: int = 0
    spending: int = 0
    endowed: int = 0
    written_off: int = 0
