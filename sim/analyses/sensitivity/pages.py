"""What is told of a sensitivity study: the ranking, by year, pairs, luck, how far to trust it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.analyses.sensitivity.pages_charts import (
    MOST,
    convergence_chart,
    factor_label,
    group_label,
    ranking_chart,
    year_chart,
)
from sim.analyses.sensitivity.pages_findings import (
    convergence_text,
    findings,
    index_bare,
    index_text,
    leading,
    luck_text,
    number,
    over_time,
    percent,
    share_text,
    size,
    spread_text,
)
from sim.analyses.sensitivity.ranks import DUMMY, MAIN, OVERALL, SHARES, main_rows
from sim.analyses.shared.names import BEHAVIOUR
from sim.base.rows import records
from sim.pages.cells import missing
from sim.pages.frames import tidy
from sim.pages.labels import PERCENT_UNITS
from sim.pages.page import Chart, Page

if TYPE_CHECKING:
    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.pages.cells import Row

PAIRS = 6
PARAMETERS = 15
"""Rows shown of pairs and of single parameters; all are in the CSV files."""

_ORDERS: Mapping[str, Sequence[str]] = {
    "sobol": ("total", "first"), "surrogate": ("total", "first"), "morris": ("mu_star",),
    "delta": ("delta",), "pawn": ("pawn",),
}  # fmt: skip
"""The orders that stand in the table of a method."""


def pages(tables: Tables, words: Words) -> tuple[Page, ...]:
    """The ranking first; what it rests on after it."""
    facts = tables.facts
    what = words(
        "what_effect" if facts["effect"] else "what_level",
        scenario=words.scenario(facts["scenario"]),
        indicator=words.indicator(facts["indicator"]),
    )
    out = [_ranking(tables, what, words), _by_year(tables, what, words)]
    if (tables["indices"]["order"] == "second").any():
        out.append(_pairs(tables, words))
    if "parameters" in tables:
        out.append(_parameters(tables, words))
    rest = _convergence(tables, what, words), _sources(tables, words)
    return (*out, _luck(tables, words), *rest)


def _shown(
    id: str, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], **more: Any
) -> Chart:
    """A table of texts; ``more``: other fields of Chart."""
    lines = (dict(zip(heads, row, strict=True)) for row in rows)
    return Chart(id, "table", title, tidy(lines, heads), **more)


def _bracket(row: Row, tables: Tables, words: Words) -> str:
    """An index with its interval."""
    if missing(row["index"]):
        return words("not_available")
    text = index_text(row["index"], tables.facts, words)
    if row["low"] == row["high"]:
        return text
    low, high = (index_bare(row[end], tables.facts, words) for end in ("low", "high"))
    return f"{text} [{low}, {high}]"


# ---- the ranking


def _ranking(tables: Tables, what: str, words: Words) -> Page:
    """Which unknowns would have to be known better."""
    facts = tables.facts
    notes = [words("headline"), words("limit_ranges"), words("limit_luck")]
    notes += [words("limit_behaviour")] if BEHAVIOUR in set(tables["factors"]["factor"]) else []
    rows = main_rows(tables["indices"])
    if len(rows) > MOST:
        notes.append(words("exp_rows_left", n=MOST, all=len(rows)))
    charts = (ranking_chart(tables["indices"], facts["unit"], words), _overall(tables, words))
    return Page(
        "ranking", words("ranking", what=what), leading(tables, words), charts, tuple(notes),
        findings=findings(tables, words),
    )  # fmt: skip


def _overall(tables: Tables, words: Words) -> Chart:
    """One line a factor: its indices over all years, and delta and PAWN of the last one."""
    table, method = tables["indices"], tables.facts["method"]["name"]
    overall = table.loc[(table["fiscal_year"] == OVERALL) & (table["order"] != "second")]
    cells = {(r["factor"], r["order"]): _bracket(r, tables, words) for r in records(overall)}
    checks = {
        (r["factor"], r["method"]): f"{r['index']:.2f}"
        for r in (records(tables["checks"]) if "checks" in tables else ())
    }
    orders = _ORDERS[method]
    checked = [m for m in ("delta", "pawn") if checks]
    factors = [*main_rows(table)["factor"], *([DUMMY] if checked else [])]
    rows = [
        [
            factor_label(factor, words),
            *[cells.get((factor, order), "–") for order in orders],
            *[checks.get((factor, m), "–") for m in checked],
        ]
        for factor in factors
    ]
    heads = [words("factor"), *(words(order) for order in (*orders, *checked))]
    return _shown("indices", words("table"), heads, rows, plain=True, reading=_how(tables, words))


def _how(tables: Tables, words: Words) -> str:
    """How to read the indices of a method."""
    method, unit = tables.facts["method"]["name"], tables.facts["unit"]
    if method == "morris":
        axis = words("points") if unit in PERCENT_UNITS else words.labels.axis(unit)
        return words("table_how_morris", unit=axis)
    if method not in SHARES:
        return words("table_how_delta")
    gap = "" if words.lang == "ja" else " "
    return words("table_how") + (gap + words("table_unread") if method == "surrogate" else "")


def _by_year(tables: Tables, what: str, words: Words) -> Page:
    """The index of every factor in every fiscal year, and how far the result spreads."""
    facts, labels = tables.facts, words.labels
    heads = [labels("fiscal_year_axis"), *(words(k) for k in ("spread_mean", "spread_sd"))]
    ranged = any(row["p05"] is not None for row in facts["spread"])
    heads += [words("spread_p05"), words("spread_p95")] if ranged else []
    rows = [
        [
            labels.year(row["fiscal_year"]), number(row["mean"], facts, words),
            size(row["sd"], facts, words),
            *([number(row[k], facts, words) for k in ("p05", "p95")] if ranged else []),
        ]
        for row in facts["spread"]
    ]  # fmt: skip
    spread = _shown("spread", words("spread_table"), heads, rows)
    chart = year_chart(tables["indices"], facts["unit"], words)
    said = over_time(tables, words) or spread_text(tables, words)
    title = words("by_year_of", order=words(MAIN[facts["method"]["name"]]), what=what)
    return Page("by_year", title, said, (chart, spread), detail=True)


# ---- what acts together, and what single parameters do


def _pairs(tables: Tables, words: Words) -> Page:
    """Pairs of factors whose second-order index lies above 0."""
    table = tables["indices"]
    second = table.loc[(table["order"] == "second") & (table["fiscal_year"] == OVERALL)]
    clear = second.loc[second["low"] > 0].sort_values("index", ascending=False, kind="stable")
    title = words("pairs")
    if clear.empty:
        return Page("pairs", title, words("pairs_none"), detail=True)
    rows = [
        [
            " × ".join(factor_label(r[side], words) for side in ("factor", "other")),
            _bracket(r, tables, words),
        ]
        for r in records(clear.head(PAIRS))
    ]
    chart = _shown("pairs", title, [words("factor"), words("second")], rows)
    pair, index = rows[0]
    said = words("pairs_message", n=len(clear), pair=pair, index=index)
    return Page("pairs", title, said, (chart,), (words("pairs_how"),), detail=True)


def _parameters(tables: Tables, words: Words) -> Page:
    """Single parameters on the surrogate, with where their ranges come from."""
    facts, labels = tables.facts, words.labels
    known = {row["parameter"]: row for row in records(tables["factors"])}
    found = records(tables["parameters"].head(PARAMETERS))
    rows = [
        [
            r["parameter"],
            f"{_range(known[r['parameter']])} {_text(known[r['parameter']], 'unit')}",
            _text(known[r["parameter"]], "status"),
            _text(known[r["parameter"]], "evidence"),
            share_text(r["total"], words),
            *(number(r[end], facts, words) for end in ("low", "high")),
            labels.difference(r["swing"], facts["unit"]),
        ]
        for r in found
    ]
    heads = ["parameter", "range", "status", "evidence", "total", "low_end", "high_end", "swing"]
    title = words("parameters", year=labels.year(facts["years"][-1]))
    chart = _shown("parameters", title, [words(h) for h in heads], rows)
    said = words(
        "parameters_message",
        parameter=words.parameter(found[0]["parameter"]),
        low=number(found[0]["low"], facts, words),
        high=number(found[0]["high"], facts, words),
        year=labels.year(facts["years"][-1]),
    )
    notes = [words("parameters_how")]
    if len(tables["parameters"]) > PARAMETERS:
        notes.append(labels("exp_rows_left", n=PARAMETERS, all=len(tables["parameters"])))
    return Page("parameters", title, said, (chart,), tuple(notes), detail=True)


def _text(row: Row, column: str) -> str:
    return "–" if missing(row[column]) else str(row[column])


def _range(row: Row) -> str:
    return f"{row['p05']:.4g} – {row['p95']:.4g}"


# ---- how far to trust it


def _luck(tables: Tables, words: Words) -> Page:
    """The share of luck by year."""
    facts, labels = tables.facts, words.labels
    rows = []
    for row in records(tables["luck"]):
        whole = row["fiscal_year"] == OVERALL
        line = [words("overall") if whole else labels.year(int(row["fiscal_year"]))]
        if row["status"] != "ok":
            rows.append([*line, "–", "–", "–"])
            continue
        ends = f"[{percent(row['low'])}, {percent(row['high'])}]"
        sds = [size(row[k], facts, words) for k in ("sd_luck", "sd_all")]
        line.append(f"{share_text(row['share'], words)} {ends}")
        rows.append([*line, *(["–", "–"] if whole else sds)])
    heads = [labels("fiscal_year_axis"), words("share"), words("sd_luck"), words("sd_all")]
    title = words("luck_title")
    chart = _shown("luck", title, heads, rows)
    notes = (words("limit_luck"),)
    return Page("luck", title, luck_text(tables, words), (chart,), notes, detail=True)


def _convergence(tables: Tables, what: str, words: Words) -> Page:
    """The indices at fewer points."""
    facts, order = tables.facts, MAIN[tables.facts["method"]["name"]]
    main = tables["convergence"].loc[tables["convergence"]["order"] == order]
    cells = {
        (r["factor"], int(r["n"])): index_text(r["index"], facts, words) for r in records(main)
    }
    at = sorted({n for _, n in cells})
    rows = [
        [factor_label(factor, words), *[cells[factor, n] for n in at]]
        for factor in main_rows(tables["indices"])["factor"]
    ]
    heads = [words("factor"), *[words("conv_n", n=f"{n:,}") for n in at]]
    every = _shown("all_factors", words("table_convergence"), heads, rows, aside=True)
    chart = convergence_chart(tables["convergence"], tables["indices"], facts["unit"], words)
    shown = (chart, every) if len(at) > 1 and len(chart.table) else (every,)
    said = convergence_text(tables, words)
    return Page("convergence", words("convergence_of", what=what), said, shown, detail=True)


def _sources(tables: Tables, words: Words) -> Page:
    """What each factor holds, with range, unit, status and evidence; a table for each group."""
    table = tables["factors"]
    heads = ["factor", "parameter", "range", "unit", "status", "evidence", "meaning"]
    groups: dict[str, list[list[str]]] = {}
    for r in records(table):
        label = factor_label(r["factor"], words)
        group = label if r["factor"] == BEHAVIOUR else group_label(r["factor"], words)
        line = [label, r["parameter"], _range(r), *(_text(r, h) for h in heads[3:])]
        groups.setdefault(group, []).append(line)
    charts = tuple(
        _shown(f"factors_{n}", name, [words(h) for h in heads], rows, aside=True)
        for n, (name, rows) in enumerate(groups.items())
    )
    said = words("sources_message", factors=table["factor"].nunique(), parameters=len(table))
    return Page("factors", words("sources"), said, charts, (words("limit_ranges"),), detail=True)
