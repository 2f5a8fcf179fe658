"""Pages of what plans hold and reach: choice in full, strengths, chances, price of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analyses.optimise.plan_cells import (
    STAGED,
    chosen,
    offered,
    order_sentence,
    plan_name,
    plan_rows,
)
from sim.analyses.optimise.tables import start_years, strengths
from sim.analyses.shared.intervals import MIN_DRAWS
from sim.base.rows import records
from sim.figures.initiatives import natural_order
from sim.pages.cells import missing
from sim.pages.frames import last_year, tidy
from sim.pages.page import CHANCES, Chart, Page
from sim.places.load import start_year
from sim.scenario.bundled import BASELINE

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.pages.cells import Row

FLAT, WORLDS = "flat", ("flat", "trend")
PLAN_FILE = "robust_plan.yaml"


# ---- what plans hold


def schedule_pages(tables: Tables, words: Words) -> list[Page]:
    """Strength and start of every initiative of the robust choice; no page for doing nothing."""
    row = chosen(tables, "robust")
    if row is None:
        return []
    starts = start_years(row)
    lines = [
        {
            "label": words.initiative(id), "start": start_year() + starts[id.split(".")[0]] - 1,
            "end": start_year() + tables.facts["years"], "value": strength,
            "measure": int(id.split(".")[0]),
        }
        for id, strength in strengths(row).items()
    ]  # fmt: skip
    bars = tidy(lines, ("label", "start", "end", "value", "measure"))
    cells = [
        {"label": r["label"], "strength": f"{r['value']:g}", "start": words.labels.year(r["start"])}
        for r in lines
    ]
    heads = {"label": words("initiative"), "strength": words("strength"), "start": words("start")}
    title = words("chart_schedule", name=plan_name(row["plan"], words))
    charts = (
        Chart(
            "schedule", "spans", title, bars,
            x_title=words("fiscal_year_axis"), reading=words("schedule_reading"),
        ),
        Chart("schedule_values", "table", title,
              tidy(cells, tuple(heads)).rename(columns=heads), aside=True),
    )  # fmt: skip
    notes = (words("schedule_file", file=PLAN_FILE),)
    message = order_sentence(row["order"], words)
    return [Page("schedule", words("schedule_heading"), message, charts, notes, detail=True)]


def strengths_page(tables: Tables, words: Words) -> Page:
    """Strengths of the initiatives in the plans that are offered."""
    rows, title = offered(tables), words("strengths_heading")
    if not rows:
        return Page("strengths", title, words("strengths_none"), detail=True)
    ids = list(dict.fromkeys(id for row in records(tables["plans"]) for id in strengths(row)))
    table = tidy(
        (
            {
                "row": words.initiative(id), "column": plan_name(r["plan"], words),
                "value": strengths(r).get(id, 0.0),
            }
            for id in sorted(ids, key=natural_order)
            for r in rows
        ),
        ("row", "column", "value"),
    )  # fmt: skip
    names = (f"{plan_name(r['plan'], words)}{words.colon}{r['order']}" for r in rows)
    message = words("strengths_message", starts=words.join(names))
    chart = Chart("strengths", "heatmap", words("strength"), table, y_title=words("strength"))
    return Page("strengths", title, message, (chart,), detail=True)


# ---- chances of the targets


def chances_page(tables: Tables, words: Words) -> Page:
    """Chances of the outcome targets beside those of doing nothing."""
    table, labels = tables["targets"], words.labels
    year, names = last_year(table), [r["plan"] for r in offered(tables)]
    flat = table.loc[(table["world"] == FLAT) & table["plan"].isin(names)]
    here = table.loc[(table["world"] == FLAT) & (table["fiscal_year"] == year)]
    ends = here.loc[here["plan"].isin(names)]
    own = dict(zip(here["indicator"], here["probability_target_baseline"], strict=True))
    alone = {id for id, chance in own.items() if chance > 0.5}
    likely = set(ends.loc[ends["probability_target"] > 0.5, "indicator"])
    message = words(
        "chances_message", n=len(likely - alone), all=len(own), own=len(alone),
        year=labels.year(year),
    )  # fmt: skip
    shown = [(id, words("baseline"), chance) for id, chance in own.items()]
    shown += [
        (r["indicator"], plan_name(r["plan"], words), r["probability_target"])
        for r in records(ends)
    ]
    cells = tidy(
        ({"row": words.indicator(i), "column": c, "value": v} for i, c, v in shown),
        ("row", "column", "value"),
    )
    title = words("chances_heatmap", year=labels.year(year))
    charts = [
        Chart("chances", "heatmap", title, cells, unit="share", fiscal_year=year,
              y_title=labels("chance")),
        *_years(tables, words),
    ]  # fmt: skip
    if names:
        charts.append(Chart(
            "chances_years", "table", words("chances_offered"), _offered(flat, words),
            reading=labels("page_chances_reading"), aside=True,
        ))  # fmt: skip
    error = float((table["probability_high"] - table["probability_low"]).max() / 2)
    how = words("chances_how", error=labels.difference(error, "share").lstrip("+"))
    notes = (how, labels("limit_chance").replace("**", ""))
    return Page("chances", words("chances_heading"), message, tuple(charts), notes, detail=True)


def _years(tables: Tables, words: Words) -> list[Chart]:
    """A table for each key year: chances without and with past growth, of the plans that count.

    These are the chosen ones and those that hold, all measures and the document's order; those of
    the chosen ones and of the baseline have their error.
    """
    labels, plans = words.labels, plan_rows(tables)
    picked = [n for n in dict.fromkeys(tables.facts["choice"].values()) if n != BASELINE]
    held = [n for n, r in plans.items() if (r["kind"], r["verdict"]) == ("candidate", "kept")]
    names = list(dict.fromkeys([*picked, *held, "all_measures", STAGED]))
    rows = records(tables["targets"])
    known = {(r["plan"], r["indicator"], r["year"], r["world"]): r for r in rows}
    units = {r["indicator"]: r["unit"] for r in tables.facts["goals"]}
    out = []
    for year in dict.fromkeys(int(r["year"]) for r in rows):
        lines = []
        for id, unit in units.items():
            first = [known[STAGED, id, year, w] for w in WORLDS]
            line = {
                "indicator": words.indicator(id),
                "target": labels.number(first[0]["target"], unit),
                "baseline": " / ".join(_chance(r, "_baseline", True, words) for r in first),
            }
            for name in names:
                both = [known[name, id, year, w] for w in WORLDS]
                text = " / ".join(_chance(r, "", name in picked, words) for r in both)
                line[name] = text if both[0]["reachable"] else "✕"
            lines.append(line)
        heads = {key: words(key) for key in ("indicator", "target", "baseline")}
        heads |= {name: plan_name(name, words) for name in names}
        title = words("key_year", year=year, fiscal=labels.year(start_year() + year - 1))
        table = tidy(lines, tuple(heads)).rename(columns=heads)
        out.append(Chart(f"chances_{year}", "table", title, table, aside=True))
    return out


def _chance(row: Row, of: str, error: bool, words: Words) -> str:
    """A chance of reaching a target, with its exact interval where ``error``."""
    text = words.labels.chance(row[f"probability_target{of}"])
    if not error:
        return text
    low, high = (words.labels.chance(row[f"probability_{end}{of}"]) for end in ("low", "high"))
    return f"{text} [{low}–{high}]"


def _offered(rows: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Chances in the key years with their exact intervals, the baseline's own beside each."""
    table = rows.assign(
        label=[words.indicator(i) for i in rows["indicator"]],
        plan=[plan_name(p, words) for p in rows["plan"]],
    )
    return table[["label", "plan", "fiscal_year", *CHANCES]].reset_index(drop=True)


# ---- what a project costs


def ranking_page(tables: Tables, words: Words) -> Page:
    """Cost per extra solved project, and how wrong the costs must be to turn the order."""
    title, notes = words("ranking_heading"), (words("limit_costs"),)
    if "ranking" not in tables:
        return Page("ranking", title, words("ranking_none", minimum=MIN_DRAWS), (), notes)
    rows = [
        {
            **row, "plan": plan_name(row["plan"], words),
            "next": "" if missing(row["next"]) else plan_name(row["next"], words),
        }
        for row in records(tables["ranking"])
    ]  # fmt: skip
    first, second = rows[0]["plan"], rows[0]["next"]
    message = words("ranking_first", name=first)
    if second:
        factor = f"{rows[0]['flips_at']:.2f}"
        message = words("ranking_message", name=first, next=second, factor=factor)
    table = tidy(rows, ("rank", "plan", "cost_per_extra_solved", "flips_at", "next"))
    chart = Chart("ranking", "table", title, table, reading=words("ranking_how"))
    return Page("ranking", title, message, (chart,), notes)
