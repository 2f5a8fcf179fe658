"""What the pages of a comparison read from its tables: rows by cell, years, names, intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.analyses.shared.intervals import MIN_RUNS_CLEAR
from sim.analyses.shared.reached import key_years
from sim.base.rows import records
from sim.model.indicators import INDICATORS
from sim.pages.cells import Row, missing
from sim.scenario.bundled import BASELINE, FULLEST

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.model.indicators import Indicator


MOST_SPOKEN_OF = 4
"""Scenarios that one message may be about; a sentence each."""


def city(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of all wards together and whole fiscal years."""
    import pandas as pd

    keep = pd.Series(True, index=rows.index)
    for column, value in (("ward", "all"), ("month", "")):
        if column in rows:
            keep &= rows[column].fillna("") == value
    return rows.loc[keep]


def clear(row: Row) -> bool:
    """Whether a row's effect is clear: its interval excludes zero, over at least ten runs."""
    enough = row["runs_available"] >= MIN_RUNS_CLEAR
    return bool(enough and (row["effect_low"] > 0 or row["effect_high"] < 0))


@dataclass(frozen=True)
class View:
    """The tables of a comparison as its pages need them."""

    tables: Tables
    words: Words

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The comparison, all wards and whole years."""
        return city(self.tables["comparison"])

    @cached_property
    def cells(self) -> dict[tuple[str, int], dict[str, Row]]:
        """Rows by (indicator, fiscal year), then by scenario."""
        out: dict[tuple[str, int], dict[str, Row]] = {}
        for row in records(self.rows):
            out.setdefault((row["indicator"], row["fiscal_year"]), {})[row["scenario"]] = row
        return out

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is told beside the tables."""
        return self.tables.facts

    @cached_property
    def scenarios(self) -> list[str]:
        """Ids in order, the baseline first."""
        return list(self.facts["scenarios"])

    @property
    def paired(self) -> bool:
        """Whether there is a baseline, and another scenario to compare with it."""
        return BASELINE in self.scenarios and len(self.scenarios) > 1

    def spoken_of(self, value: Callable[[str], float]) -> list[str]:
        """The scenarios that a message is about, in order; the baseline only if it is alone.

        The one with all measures stands for its parts. Else all; of more than MOST_SPOKEN_OF, the
        one with the largest ``value`` and the one with the smallest.
        """
        if FULLEST in self.scenarios:
            return [FULLEST]
        others = [s for s in self.scenarios if s != BASELINE] or self.scenarios
        if len(others) <= MOST_SPOKEN_OF:
            return others
        known = [s for s in others if not missing(value(s))] or others
        ends = (max(known, key=value), min(known, key=value))
        return list(dict.fromkeys(ends))

    @cached_property
    def names(self) -> dict[str, str]:
        """Id -> name of every scenario; the id where two have one name."""
        found = {s: self.words.scenario(s) for s in self.scenarios}
        twice = {name for name in found.values() if list(found.values()).count(name) > 1}
        return {s: s if name in twice else name for s, name in found.items()}

    @cached_property
    def years(self) -> dict[int, int]:
        """Years after the start at which chances are told -> fiscal year."""
        return key_years(self.rows["fiscal_year"].tolist())

    @property
    def last(self) -> int:
        """The last fiscal year."""
        return max(self.years.values())

    @property
    def horizon(self) -> dict[str, Any]:
        """The last year, for sentences."""
        return {"year": self.words.labels.year(self.last), "n": max(self.years)}

    @cached_property
    def runs(self) -> int:
        """Runs of a scenario, the failed ones left out."""
        return int(self.rows["runs"].max())

    @property
    def few(self) -> bool:
        """Whether there are too few draws for 90 % intervals."""
        return str(self.rows["interval_kind"].iloc[0]) == "range"

    @cached_property
    def interval(self) -> str:
        """What an interval is called."""
        return self.words.labels.interval(str(self.rows["interval_kind"].iloc[0]), self.runs)

    def indicators(self, *kinds: str) -> list[Indicator]:
        """Those of some classes that the rows have, in the order of their declaration."""
        there = set(self.rows["indicator"])
        return [i for k, i in INDICATORS.items() if i.kind in kinds and k in there]

    def end(self, indicator: str) -> dict[str, Row]:
        """Rows of an indicator in the last year, by scenario."""
        return self.cells[indicator, self.last]

    # ---- cells of tables

    def chance(self, row: Row, *, own: bool = True) -> str:
        """A chance with the baseline's own behind it, "12 % (3 %)"; ✕ if not reachable."""
        labels = self.words.labels
        text = labels.chance(row["probability_target"])
        if not row["reachable"] and not missing(row["probability_target"]):
            text = "✕"
        if not own or missing(row["probability_target_baseline"]):
            return text
        return f"{text} ({labels.chance(row['probability_target_baseline'])})"

    def between(self, row: Row, prefix: str = "") -> str:
        """A median and the two ends of its interval, "66.6 % [61.9, 72.0]"; prefix "effect_"."""
        labels = self.words.labels
        if missing(row[f"{prefix}median"]):
            return "–" if prefix else labels("not_available")
        write = labels.difference if prefix else labels.number
        ends = (write(row[f"{prefix}{end}"], row["unit"], bare=True) for end in ("low", "high"))
        return f"{write(row[f'{prefix}median'], row['unit'])} [{', '.join(ends)}]"

    def reached(self, scenario: str, kind: str, key: str = "reached_cell") -> str:
        """Targets of a class that a scenario reaches: median over the runs, fewest, most."""
        for row in self.facts["reached"]:
            if row["scenario"] == scenario and row["kind"] == kind:
                return self.words(
                    key, median=f"{row['median']:g}", targets=int(row["targets"]),
                    low=int(row["low"]), high=int(row["high"]),
                )  # fmt: skip
        return "–"
