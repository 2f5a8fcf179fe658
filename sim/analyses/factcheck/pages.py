"""What is told of a fact check: what to verify first, the choice, and the rankings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analyses.factcheck.ranking import verify_first
from sim.analyses.factcheck.sentences import (
    capital,
    figure_texts,
    flip_text,
    price_text,
    row_name,
    worth_text,
    yen_text,
)
from sim.analyses.factcheck.tables import main_rows
from sim.base.rows import records
from sim.pages.cells import missing
from sim.pages.frames import tidy
from sim.pages.page import Chart, Finding, Page

if TYPE_CHECKING:
    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.pages.cells import Row

RANKINGS = ("facts", "sizes", "judgement", "costs", "groups")
ON_TERMINAL = ("facts", "judgement")
MOST = 15
"""Rows of a ranking that are shown, the highest ranks; all stand in factcheck.csv."""


def pages(tables: Tables, words: Words) -> tuple[Page, ...]:
    """Verify first; the choice; other values of a solved project; rankings; what is left out."""
    present = set(main_rows(tables)["table"])
    return (
        _first(tables, words),
        _choice(tables, words),
        _values(tables, words),
        *(_ranking(name, tables, words) for name in RANKINGS if name in present),
        _limits(tables, words),
    )


def _first(tables: Tables, words: Words) -> Page:
    """One finding a figure to verify first, or that none stands out."""
    facts, main = tables.facts, main_rows(tables)
    mine = main.loc[main["table"] == "facts"]
    notes = (words("headline"), words(
        "multiple", tested=len(mine), clear=int(mine["clear"].sum()),
        share=words.labels.chance(facts["false_share"]),
    ))  # fmt: skip
    first, *rest = _first_lines(tables, words) or [words("nothing_clear")]
    findings = tuple(Finding(f"first_{n}", text) for n, text in enumerate(rest, 2))
    return Page("first", words("first"), first, (), notes, findings=findings)


def _first_lines(tables: Tables, words: Words) -> list[str]:
    rows, facts = verify_first(main_rows(tables)), tables.facts
    if not rows:
        return []
    if not rows[0]["clear"]:
        row = rows[0]
        return [words(
            "none_clear", draws=facts["draws"], name=row_name(row, tables, words),
            value=yen_text(words, row["evppi"]), null=yen_text(words, row["null95"]),
        )]  # fmt: skip
    gap = "" if words.lang == "ja" else " "
    return [
        words(
            "first_one",
            name=capital(row_name(row, tables, words)),
            figures=gap.join(figure_texts(row, tables, words, sources=True)),
            value=worth_text(words, row),
            years=facts["years"],
            share=words("share", share=words.labels.chance(row["share_of_evpi"])),
        )
        for row in rows
    ]


def _choice(tables: Tables, words: Words) -> Page:
    """The nine scenarios with their net benefit, and which is best for which value."""
    facts, labels = tables.facts, words.labels
    decisions = facts["decisions"]
    heads = {
        "scenario": words("scenario"), "extra": words("extra"), "cost": words("cost"),
        "budget": words("budget"), "net": words(f"net_{decisions[0]['interval_kind']}"),
        "best": words("best"),
    }  # fmt: skip
    rows = [
        {
            "scenario": words.scenario(r["scenario"]), "extra": f"{r['extra_solved']:+,.0f}",
            "cost": yen_text(words, r["cost"]), "budget": yen_text(words, r["extra_budget"]),
            "net": yen_text(words, r["net_benefit"], r["net_benefit_low"], r["net_benefit_high"]),
            "best": labels.chance(r["chance_best"]),
        }
        for r in decisions
    ]  # fmt: skip
    table = tidy(rows, tuple(heads)).rename(columns=heads)
    chart = Chart("choice", "table", words("choice"), table, aside=True)
    message = words("choice_text", value=price_text(words, facts["value"]), years=facts["years"])
    notes = (
        words("trend_on" if facts["trend"] else "trend_off"),
        words("budget_on" if facts["with_budget"] else "budget_off"),
        words("evpi", value=yen_text(words, facts["evpi"])),
    )
    ranges = [_range(r, words) for r in facts["ranges"]]
    findings = [words("ranges_head"), *ranges]
    return Page(
        "choice", words("choice"), message, (chart,), notes,
        findings=tuple(Finding(f"range_{n}", text) for n, text in enumerate(findings)),
    )  # fmt: skip


def _range(row: dict[str, Any], words: Words) -> str:
    """One scenario and the values of a solved project for which it is best on average."""
    low, scenario = price_text(words, row["from"]), words.scenario(row["scenario"])
    if row["to"] is None:
        return words("range_last", low=low, scenario=scenario)
    return words("range", low=low, high=price_text(words, row["to"]), scenario=scenario)


def _values(tables: Tables, words: Words) -> Page:
    """What to verify first at other values of a solved project."""
    table, lines = tables["factcheck"], []
    heads = {k: words(f"sweep_{k}") for k in ("value", "best", "evpi", "first")}
    for choice in tables.facts["values"]:
        mine = table.loc[table["value_per_project"] == choice["value"]]
        first = [
            f"{row_name(row, tables, words)} ({yen_text(words, row['evppi'])})"
            for row in verify_first(mine, 3)
            if row["clear"]
        ]
        lines.append({
            "value": price_text(words, choice["value"]), "best": words.scenario(choice["best"]),
            "evpi": yen_text(words, choice["evpi"]),
            "first": "; ".join(first) or words("nothing_clear"),
        })  # fmt: skip
    shown = tidy(lines, tuple(heads)).rename(columns=heads)
    title = words("sweep")
    chart = Chart("values", "table", title, shown)
    kinds = {choice["best"] for choice in tables.facts["values"]}
    message = words("values_message", n=len(kinds), all=len(lines))
    return Page("values", title, message, (chart,), detail=True)


def _ranking(name: str, tables: Tables, words: Words) -> Page:
    """One ranking: bars of what knowing each row is worth, and the figures behind it."""
    facts, labels, main = tables.facts, words.labels, main_rows(tables)
    rows = records(main.loc[main["table"] == name].sort_values("rank", kind="stable"))
    shown = tidy(
        (_bar(r, name, tables, words) for r in rows[:MOST]),
        ("label", "value", "low", "high", "by_chance", "sure", "clear", "variance", "lead_change",
         "flips", "where"),
    )  # fmt: skip
    clear = [r for r in rows if r["clear"]]
    if clear:
        value = yen_text(words, clear[0]["evppi"])
        message = words(
            "exp_facts_first", name=row_name(clear[0], tables, words), value=value, n=len(clear)
        )
    else:
        message = words("exp_facts_none")
    interval = words(f"worth_{main['interval_kind'].iloc[0]}")
    chart = Chart(
        f"factcheck_{name}", "bars", words("exp_facts_chart"), shown, unit="yen",
        interval=interval, reading=words("exp_facts_reading"), x_title=labels.axis("yen"),
    )  # fmt: skip
    notes = [words(
        f"{name}_text", error=labels.chance(facts["error"]), best=words.scenario(facts["best"]),
        second=words.scenario(facts["second"]),
    )]  # fmt: skip
    if len(rows) > MOST:
        notes.append(words("more", n=len(rows) - MOST))
    return Page(
        f"factcheck_{name}", words(name), message, (chart,), tuple(notes),
        detail=name not in ON_TERMINAL,
    )  # fmt: skip


def _bar(row: Row, name: str, tables: Tables, words: Words) -> dict[str, Any]:
    labels, moved = words.labels, name == "sizes"
    where = figure_texts(row, tables, words, sources=False) if name in ("facts", "sizes") else []
    change = "" if missing(row["lead_change"]) else yen_text(words, row["lead_change"])
    return {
        "label": row_name(row, tables, words),
        "value": row["evppi"],
        "low": row["low"],
        "high": row["high"],
        "by_chance": row["null95"],
        "sure": bool(row["clear"]),
        "clear": labels("exp_yes" if row["clear"] else "exp_no"),
        "variance": None if moved else labels.chance(row["share_of_variance"]),
        "lead_change": change if moved else None,
        "flips": (flip_text(row["flip_at"]) if row["clear"] else "–") if moved else None,
        "where": "; ".join(where) or None,
    }


def _limits(tables: Tables, words: Words) -> Page:
    """What was not tested."""
    facts = tables.facts
    notes = [words("unused", ids=", ".join(facts["unused"]))] if facts["unused"] else []
    notes += [words("levels_runs")] if facts["levels"] == "runs" else []
    notes += [] if facts["moved"] else [words("not_moved")]
    title = words("left_out")
    return Page("left_out", title, words("not_tested"), (), tuple(notes), detail=True)
