"""Plans, their verdicts and their amounts, as sentences and cells write them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sim.base.rows import records
from sim.pages.cells import missing

if TYPE_CHECKING:
    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.pages.cells import Row

YEN = "yen per year"
STAGED = "staged"
"""Name of the document's order."""
_SHORT_IN = {"solved_extra": "solved", "targets_extra": "targets", "cost_total": "total"}
"""Column in which a plan falls short of its promise -> key of its word."""
GROUPS = ("chart_kept", "chart_standard", "baseline", "chart_rejected")
"""Kinds of plans in a chart, as keys of words."""


def plan_rows(tables: Tables) -> dict[str, Row]:
    """The rows of ``plans`` by the plan's name."""
    return {row["plan"]: row for row in records(tables["plans"])}


def offered(tables: Tables) -> list[Row]:
    """The plans that are offered and do something."""
    return [r for r in records(tables["plans"]) if r["offered"] and r["kind"] != "nothing"]


def chosen(tables: Tables, kind: str) -> Row | None:
    """The plan of the "robust" or "expected" choice; None for doing nothing."""
    row = plan_rows(tables)[tables.facts["choice"][kind]]
    return None if row["kind"] == "nothing" else row


def plan_name(plan: str, words: Words) -> str:
    """A plan that was found by its number, a standard one by its name."""
    return words("staged_name") if plan == STAGED else words.scenario(plan)


def verdict(row: Row, words: Words) -> str:
    """The verdict on a plan."""
    word = row["verdict"]
    if word == "kept" and row["kind"] != "candidate":
        word = row["kind"]
    columns = "" if missing(row["falls_short_in"]) else row["falls_short_in"]
    short = [words(_SHORT_IN[column]) for column in columns.split(", ") if column]
    by = "" if missing(row["dominated_by"]) else plan_name(row["dominated_by"], words)
    return words(f"verdict_{word}", by=by, what=words("and").join(short))


def group(row: Row) -> str:
    """Which of ``GROUPS`` a plan belongs to."""
    if row["kind"] == "nothing":
        return "baseline"
    if row["kind"] == "standard":
        return "chart_standard"
    return "chart_kept" if row["verdict"] == "kept" else "chart_rejected"


def by_group(rows: Iterable[Row]) -> list[Row]:
    """Plans in the order of ``GROUPS``."""
    return sorted(rows, key=lambda row: GROUPS.index(group(row)))


def yen(value: float, words: Words, *, bare: bool = False) -> str:
    """An amount with its unit; ``bare``: without."""
    return words.labels.number(value, YEN, bare=bare)


def projects(value: Any) -> str:
    """A difference in whole projects."""
    return "–" if missing(value) else f"{value:+,.0f}".replace("-0", "+0")


def targets(value: float) -> str:
    """A difference in a mean number of targets."""
    return f"{value:+.1f}".replace("-0.0", "+0.0")


def count(value: Any) -> str:
    """Projects without a sign; "–" where nothing is known."""
    return "–" if missing(value) else f"{value:,.0f}"


def price(value: Any, words: Words) -> str:
    """Yen for one project."""
    if missing(value):
        return "–"
    text = f"{value / 1e4:,.0f}" if words.lang == "ja" else f"{value / 1e6:,.2f}"
    return words("price_unit", n=text)


def order_sentence(order: str, words: Words) -> str:
    """In which order the measures of a plan start, beside the order that the document asks for."""
    if ">" in order:
        key = "order_document" if order == "1 > 2 > 3" else "order_other"
        return words(key, order=order)
    return words("order_together", order=order) if "+" in order else words("order_alone")
