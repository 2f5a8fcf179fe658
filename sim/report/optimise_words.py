"""Words of the report of ``kyodo optimise`` (optimise_words.yaml), and its numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from sim.analyses.optimise.estimate import Found, SearchSettings
from sim.pages.labels import Labels
from sim.pages.word_files import texts

YEN = "yen per year"
WORDS = "sim.report.optimise_words"


class OptimiseWords(Labels):
    """The words of this report first, then those of all reports; numbers as everywhere."""

    def say(self, key: str, **values: object) -> str:
        """A text of this report, its {fields} filled in. Raises KeyError for an unknown key."""
        return texts(WORDS)[key][self.lang].format(**values)

    def yen(self, value: float) -> str:
        """An amount with its unit."""
        return self.number(value, YEN)

    def more_yen(self, value: float) -> str:
        """A difference of amounts: its sign, then the amount with its unit."""
        return ("+" if value > 0 else "") + self.yen(value)

    def projects(self, value: float | None) -> str:
        """A difference in whole projects."""
        return "–" if value is None else f"{value:+,.0f}"

    def targets(self, value: float) -> str:
        """A mean number of targets."""
        return f"{value:+.1f}".replace("-0.0", "+0.0")

    def count(self, value: float | None) -> str:
        """Projects without a sign; "–" where nothing is known."""
        return "–" if value is None or not math.isfinite(value) else f"{value:,.0f}"

    def price(self, value: float | None) -> str:
        """Yen for one project."""
        if value is None:
            return "–"
        if self.lang == "ja":
            return f"{value / 1e4:,.0f}万円"
        return f"{value / 1e6:,.2f} m yen"


@dataclass(frozen=True)
class Case:
    """What the report is made from: the outcome and its tables (``rows``: plans, surrogate,
    targets, ranking), how the search was done, and the years that growth alone needs."""

    found: Found
    rows: dict[str, list[dict[str, Any]]]
    settings: SearchSettings
    growth: float
    years: int

    @property
    def chance(self) -> float:
        """The quantile of a year's cost that counts against the budget."""
        return self.settings.chance

    def plan(self, name: str) -> dict[str, Any]:
        """The row of a plan by name."""
        return next(row for row in self.rows["plans"] if row["plan"] == name)
