"""Numbers and names as the record of a calibration writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.analyses.tables import Tables
from sim.analyses.words import Words
from sim.base.rows import rows_as_json
from sim.pages.frames import tidy
from sim.pages.page import Chart

Row = Mapping[str, Any]

NONE = "–"
ROLES = ("fitted", "held_out", "anchored", "input")
"""Roles in the order of the record: what counts first."""
DIGITS: Mapping[str, int] = {"ratio": 3, "persons": 1}
"""Units that need other decimals than a report has."""


def rows_of(tables: Tables, name: str, profile: str) -> list[dict[str, Any]]:
    """The rows of a profile in a table, None for what is missing; none without such a table."""
    if name not in tables:
        return []
    table = tables[name]
    return rows_as_json(table.loc[table["profile"] == profile].drop(columns="profile"))


def targets_of(tables: Tables, profile: str) -> list[dict[str, Any]]:
    """The targets of a profile, those that count first."""
    return sorted(rows_of(tables, "check", profile), key=lambda r: ROLES.index(r["role"]))


def table_chart(
    id: str, title: str, rows: Sequence[Mapping[str, str]], words: Words, **more: Any
) -> Chart:
    """A table of texts; the keys of its rows are its headings, or stand for them in the words."""
    heads = {k: words(f"head_{k}") for k in rows[0] if f"head_{k}" in words}
    shown = tidy(map(dict, rows), tuple(rows[0])).rename(columns=heads)
    return Chart(id, "table", title, shown, **more)


def level(value: float | None, unit: str, words: Words) -> str:
    """A level with its unit: shares as per cent, ratios with three decimals."""
    known = value is not None and unit in DIGITS
    return f"{value:.{DIGITS[unit]}f}" if known else words.labels.number(value, unit)


def gap(value: float, unit: str, words: Words) -> str:
    """A difference with its sign: shares in points."""
    known = unit in DIGITS
    return signed(value, DIGITS[unit]) if known else words.labels.difference(value, unit)


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign; what rounds to 0 has a plus."""
    text = f"{value:+.{digits}f}"
    return text.replace("-", "+") if float(text) == 0 else text


def number(value: float | None) -> str:
    """A number with three significant digits."""
    return NONE if value is None else f"{value:.3g}"


def listed(items: Sequence[str], words: Words) -> str:
    """Items in one line, or "none"."""
    return words.join(items) or words("none")


def target_cells(row: Row, words: Words) -> dict[str, str]:
    """All that tables write of a target; "NO" in capitals, to be found."""
    unit = row["unit"]

    def ends(low: str, high: str) -> str:
        bare = unit not in DIGITS
        of = words.labels.number
        both = (
            of(row[k], unit, bare=True) if bare else level(row[k], unit, words) for k in (low, high)
        )
        return words("to", **dict(zip(("low", "high"), both, strict=True)))

    def yes(key: str) -> str:
        return NONE if row[key] is None else words("yes" if row[key] else "no")

    return {
        "target": target_name(row, words), "role": words(f"role_{row['role']}"),
        "figure": level(row["observed"], unit, words), "median": level(row["median"], unit, words),
        "gap": gap(row["gap"], unit, words), "interval": ends("p05", "p95"),
        "runs": ends("runs_p05", "runs_p95"), "z": signed(row["z"]), "inside": yes("inside_90"),
        "close": yes("close"), "evidence": row["evidence"] or words("assumption"),
        "s_obs": gap(row["s_obs"], unit, words).lstrip("+"),
        "s_discrepancy": gap(row["s_discrepancy"], unit, words).lstrip("+"),
        "reason": row["reason"],
    }  # fmt: skip


def target_name(row: Row, words: Words) -> str:
    """The name of a target for a reader: that of its indicator, and its id."""
    from sim.model.indicators import INDICATORS

    known = INDICATORS.get(row["indicator"])
    name = row["indicator"] if known is None else words.labels.name(known)
    if row["measure"] == "yearly_ratio":
        name = words("yearly", name=name)
    return words("target_name", name=name, id=row["target"])
