"""What is told of an attribution: shares, synergy, a waterfall for each goal, past growth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.analyses.attribute.pages_growth import growth_pages
from sim.analyses.attribute.tables import verdicts
from sim.analyses.shared.intervals import CONFIDENCE, MIN_RUNS_CLEAR, clear_mean, interval_kind
from sim.base.rows import records
from sim.pages.cells import (
    log_cell,
    mean_cell,
    missing,
    percent,
    share_cell,
    spread_cell,
)
from sim.pages.frames import last_year, tidy
from sim.pages.page import DIFFERENCE, Chart, Finding, Page

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.pages.cells import Row

ALSO = ("solved_cumulative", "participation_rate")
"""Auxiliary indicators that have pages beside the outcome indicators."""
CLASSES = ("outcome", "auxiliary", "delivery")
_HEADINGS = {
    "outcome": "measures_heading", "auxiliary": "auxiliary_heading",
    "delivery": "deliveries_heading",
}  # fmt: skip
WATERFALL = ("label", "kind", "value", "low", "high", "measure", "note", "target")


def pages(tables: Tables, words: Words) -> tuple[Page, ...]:
    """Shares of the measures, synergy, the goals one by one, past growth, the other classes."""
    shares = tables["shares"]
    here = shares.loc[shares["fiscal_year"] == last_year(shares)]
    outcomes = [i for i, k in _classes(here).items() if k == "outcome"]
    out = [_shares("outcome", here, tables, words)] if outcomes else []
    out += [_synergy(tables, words), *growth_pages(tables, words)]
    out += _initiatives(here, tables, words)
    shown = outcomes + [i for i in _classes(here) if i in ALSO]
    out += [_goal(i, here, tables, words) for i in shown or _classes(here)]
    rest = [k for k in CLASSES[1:] if k in _classes(here).values()]
    return (*out, *(_shares(kind, here, tables, words, detail=bool(outcomes)) for kind in rest))


def _classes(rows: pd.DataFrame) -> dict[str, str]:
    """Indicator -> class, in the order of the table."""
    return dict(zip(rows["indicator"], rows["kind"], strict=True))


# ---- shares of the measures


def _shares(
    kind: str, here: pd.DataFrame, tables: Tables, words: Words, *, detail: bool = False
) -> Page:
    """One line an indicator of a class: the total effect and the contributions of the measures."""
    year, labels = last_year(here), words.labels
    mine = here.loc[here["kind"] == kind]
    alone = len(tables.facts["measures"]) < 2  # its part is the total
    measures = [] if alone else [f"m{m}" for m in tables.facts["measures"]]
    heading = words("total_heading" if alone and kind == "outcome" else _HEADINGS[kind])
    lines = []
    for id in _classes(mine):
        rows = {r["id"]: r for r in records(mine.loc[mine["indicator"] == id])}
        whole = rows[tables.facts["scenario"]]
        line = {"indicator": words.indicator(id), "total": mean_cell(whole, labels)}
        lines.append(line | {m: share_cell(rows[m], labels) for m in measures})
    table = tidy(lines, ("indicator", "total", *measures))
    heads = {"indicator": words("indicator"), "total": words("total")}
    table = table.rename(columns=heads | {m: words.measure(m) for m in measures})
    chart = Chart(
        f"shares_{kind}", "table", heading, table, fiscal_year=year,
        reading=words("terminal_total" if alone else "terminal_shares", year=labels.year(year)),
    )  # fmt: skip
    total = mine.loc[mine["level"] == "total"]
    clear = [r for r in records(total) if clear_mean(r)]
    message = words(
        "shares_message" if clear else "shares_none", year=labels.year(year), n=len(clear),
        all=len(total),
        largest="" if alone else _largest(mine, [r["indicator"] for r in clear], words),
    )  # fmt: skip
    own = [words("deliveries_text")] if kind == "delivery" else []
    how = words("how", interval=_spread(tables, words))
    own += [words("shares_alone")] if alone else []
    notes = (*own, how, *_what_was_run(tables, words), words("model_only"))
    return Page(f"shares_{kind}", heading, message, (chart,), notes, detail=detail)


def _what_was_run(tables: Tables, words: Words) -> list[str]:
    """How many runs of what were made, and that contributions sum up."""
    facts = tables.facts
    orders = words("ran_orders", permutations=facts["orders"]) if facts["orders"] else ""
    out = [words(
        "ran_runs", scenario=words.scenario(facts["scenario"]), draws=facts["draws"],
        replicates=facts["replicates"], sets=facts["sets"], orders=orders,
        trend=words("ran_trend") if facts["trend"] else "",
    )]  # fmt: skip
    if facts["draws"] < MIN_RUNS_CLEAR:
        out.append(words("exp_few_draws", least=MIN_RUNS_CLEAR))
    return out + ([words("ran_gap", gap=f"{facts['largest_gap']:.0e}")] if orders else [])


def _largest(rows: pd.DataFrame, ids: list[str], words: Words) -> str:
    """In how many of the goals each measure brings most; nothing without goals."""
    parts = rows.loc[(rows["level"] == "measure") & rows["indicator"].isin(ids)]
    if parts.empty:
        return ""
    order = parts["mean"].abs().groupby(parts["indicator"]).idxmax()
    counts = parts.loc[order.to_numpy(), "id"].value_counts().sort_index()
    items = (words("shares_item", name=words.measure(str(id)), n=n) for id, n in counts.items())
    return words("shares_largest", items=words.join(items))


def _initiatives(rows: pd.DataFrame, tables: Tables, words: Words) -> list[Page]:
    """For each outcome goal the initiatives whose contribution is clearly not zero."""
    if not tables.facts["orders"]:
        return []
    out = []
    for id, kind in _classes(rows).items():
        mine = rows.loc[rows["indicator"] == id]
        total = records(mine.loc[mine["level"] == "total"])[0]
        if kind != "outcome" or missing(total["mean"]):
            continue
        clear = [r for r in records(mine.loc[mine["level"] == "initiative"]) if clear_mean(r)]
        clear.sort(key=lambda row: -abs(row["mean"]))
        items = [f"{words.initiative(r['id'])} {share_cell(r, words.labels)}" for r in clear]
        others = tables.facts["players"] - len(clear)
        text = words(
            "initiatives_line" if items else "initiatives_none", name=words.indicator(id),
            total=mean_cell(total, words.labels), items=words.join(items),
            others=words("initiatives_others", n=others) if others else "",
        )  # fmt: skip
        out.append(Finding(f"initiatives_{id}", text))
    if not out:
        return []
    text = words("initiatives_text", permutations=tables.facts["orders"])
    title = words("initiatives_heading")
    return [Page("initiatives", title, text, findings=tuple(out), detail=True)]


def _spread(tables: Tables, words: Words) -> str:
    """What the spread over runs is called."""
    shares = tables["shares"]
    runs, draws = int(shares["runs_available"].max()), int(shares["draws"].max())
    return words.labels.interval(interval_kind(draws), runs)


# ---- synergy


def _synergy(tables: Tables, words: Words) -> Page:
    """Do all measures together bring more than the sum of what each brings alone?"""
    title = words("synergy_heading")
    if len(tables.facts["measures"]) < 2:
        return Page("synergy", title, words("synergy_none"))
    table = tables["interactions"]
    year = last_year(table)
    rows = table.loc[(table["fiscal_year"] == year) & (table["kind"] == "outcome")]
    first, *rest = _synergy_lines(tables, words)
    charts: list[Chart] = []
    if not rows.empty:
        charts = [
            _gap_table(rows, tables, year, words),
            _forest(rows, natural=True, year=year, words=words, spread=_spread(tables, words)),
            _forest(rows, natural=False, year=year, words=words, spread=_spread(tables, words)),
        ]
    return Page(
        "synergy", title, first, tuple(charts), (words("synergy_text"), words("pairs_text")),
        findings=tuple(Finding(f"synergy_{n}", text) for n, text in enumerate(rest)),
    )  # fmt: skip


def _synergy_lines(tables: Tables, words: Words) -> list[str]:
    """The answer on the document's claim in a few sentences."""
    found = verdicts(tables)
    tested = sum(len(v) for k, v in found.items() if k != "not_available")
    positive, every = len(found.get("positive", ())), sum(len(v) for v in found.values())
    draws = int(tables["interactions"]["draws"].max())
    if draws < 2:
        return [words("one_draw")]
    if draws < MIN_RUNS_CLEAR:
        return [words("exp_few_draws", least=MIN_RUNS_CLEAR)]
    head = words("synergy_yes" if positive else "synergy_no", n=positive, all=tested)
    weaker = words("synergy_weaker", n=len(found.get("negative", ())))
    out = [f"{head}{'' if words.lang == 'ja' else ' '}{weaker}"]
    for word, ids in found.items():
        out.append(words(
            "synergy_total", n=len(ids), all=every, word=words(f"verdict_{word}"),
            names=words.join(ids),
        ))  # fmt: skip
    return [*out, words("synergy_luck", n=f"{(1 - CONFIDENCE) * tested:.1f}", all=tested)]


def _gap_table(rows: pd.DataFrame, tables: Tables, year: int, words: Words) -> Chart:
    """The gap between all measures and their sum, on both scales, with the verdict."""
    gaps = rows.loc[rows["contrast"] == "gap"]
    shares = tables["shares"]
    keep = (shares["fiscal_year"] == year) & (shares["level"] == "total")
    totals = {r["indicator"]: r for r in records(shares.loc[keep])}
    logs = {r["indicator"]: r for r in records(gaps.loc[gaps["scale"] != "natural"])}
    labels, lines = words.labels, []
    heads = {
        "indicator": labels("indicator"), "total": words("total"), "gap": words("gap"),
        "spread": words("spread"), "above": words("above"), "log": words("gap_log"),
        "verdict": words("verdict"),
    }  # fmt: skip
    for row in records(gaps.loc[gaps["scale"] == "natural"]):
        log = logs[row["indicator"]]
        lines.append({
            "indicator": words.indicator(row["indicator"]),
            "total": mean_cell(totals[row["indicator"]], labels),
            "gap": mean_cell(row, labels), "spread": spread_cell(row, labels),
            "above": labels.chance(row["above_zero"]),
            "log": f"{log_cell(log)} ({words('scale_' + log['scale'])})",
            "verdict": words(f"verdict_{row['verdict']}"),
        })  # fmt: skip
    table = tidy(lines, tuple(heads)).rename(columns=heads)
    return Chart(
        "synergy", "table", words("gap"), table, fiscal_year=year,
        reading=labels("exp_mean_interval"), aside=True,
    )  # fmt: skip


def _forest(rows: pd.DataFrame, *, natural: bool, year: int, words: Words, spread: str) -> Chart:
    """Pairs, the triple and the gap of every goal, one small chart each."""
    keep = (rows["scale"] == "natural") == natural
    shown = rows.loc[keep & rows["contrast"].isin(("pair", "triple", "gap"))]
    table = tidy(
        (
            {
                "panel": words.indicator(r["indicator"]),
                "unit": _unit(r["unit"]) if natural else "",
                "label": words("contrast_gap") if r["contrast"] == "gap" else
                r["factors"].replace("m", "").replace("x", "×"),
                "value": r["mean"], "low": r["mean_low"], "high": r["mean_high"],
                "outer_low": r["low"], "outer_high": r["high"],
                "note": words(f"mark_{r['verdict']}"),
            }
            for r in records(shown)
        ),
        ("panel", "unit", "label", "value", "low", "high", "outer_low", "outer_high", "note"),
    )  # fmt: skip
    scale = words("chart_natural" if natural else "chart_log")
    return Chart(
        "interactions" if natural else "interactions_log", "forest",
        words("chart_interactions", year=words.labels.year(year), scale=scale), table,
        fiscal_year=year, interval=words.labels("exp_mean_interval"),
        reading=words("chart_interactions_how", interval=spread), aside=not natural,
    )  # fmt: skip


def _unit(unit: str) -> str:
    return DIFFERENCE if unit == "share" else unit


# ---- one goal


def _goal(id: str, here: pd.DataFrame, tables: Tables, words: Words) -> Page:
    """From the baseline to the scenario, by initiatives (or measures) and by measures."""
    year, labels = last_year(here), words.labels
    mine = here.loc[here["indicator"] == id]
    total = records(mine.loc[mine["level"] == "total"])[0]
    unit = str(total["unit"])
    parts = records(mine.loc[mine["level"] == "initiative"])
    measures = records(mine.loc[mine["level"] == "measure"])
    lead = parts or measures
    clear = sorted((r for r in lead if clear_mean(r)), key=lambda r: -abs(r["mean"]))[:3]
    items = words.join(
        f"{_item(r['id'], words)} {labels.difference(r['mean'], unit)}" for r in clear
    )
    message = labels(
        "exp_attribute_message",
        year=labels.year(year),
        total=labels.difference(total["mean"], unit),
        low=labels.difference(total["mean_low"], unit),
        high=labels.difference(total["mean_high"], unit),
        contributions=labels("exp_attribute_clear", items=items)
        if items
        else labels("exp_attribute_none"),
    )
    charts = [_waterfall(id, lead, tables, unit, year, words)] if not missing(total["mean"]) else []
    if len(measures) > 1 or not charts:
        charts.append(_bars(id, measures, unit, year, words))
    return Page(
        id, words.indicator(id), message, tuple(charts), (words("model_only"),), detail=True
    )


def _item(id: str, words: Words) -> str:
    return words.measure(id) if id.startswith("m") else words.initiative(id)


def _waterfall(
    id: str, steps: Sequence[Row], tables: Tables, unit: str, year: int, words: Words
) -> Chart:
    levels = tables["levels"]
    rows = levels.loc[(levels["indicator"] == id) & (levels["fiscal_year"] == year)]
    means = dict(zip(rows["scenario"], rows["mean"], strict=True))
    labels, target = words.labels, tables.facts["targets"].get(id)
    out: list[dict[str, Any]] = [
        {"label": labels("exp_without"), "kind": "level", "value": means["baseline"]}
    ]
    out += [
        {
            "label": _item(r["id"], words), "kind": "step", "value": r["mean"],
            "low": r["mean_low"], "high": r["mean_high"], "measure": int(r["measure"]),
            "note": "" if missing(r["share"]) else percent(r["share"], labels),
        }
        for r in steps
    ]  # fmt: skip
    end = means[tables.facts["scenario"]]
    out.append({"label": labels("exp_with"), "kind": "level", "value": end})
    return Chart(
        f"{id}_waterfall", "waterfall", labels("exp_waterfall", year=labels.year(year)),
        tidy([{**r, "target": target} for r in out], WATERFALL), unit=unit, fiscal_year=year,
        interval=labels("exp_mean_interval"), reading=labels("exp_waterfall_reading"),
        x_title=labels.axis(unit),
    )  # fmt: skip


def _bars(id: str, measures: Sequence[Row], unit: str, year: int, words: Words) -> Chart:
    labels = words.labels
    table = tidy(
        (
            {
                "label": _item(r["id"], words), "value": r["mean"], "low": r["mean_low"],
                "high": r["mean_high"], "share": r["share"], "measure": int(r["measure"]),
            }
            for r in measures
        ),
        ("label", "value", "low", "high", "share", "measure"),
    )  # fmt: skip
    return Chart(
        f"{id}_measures", "bars", words("measures_heading"), table, unit=_unit(unit),
        fiscal_year=year, interval=labels("exp_mean_interval"), x_title=labels.axis(unit),
    )  # fmt: skip
