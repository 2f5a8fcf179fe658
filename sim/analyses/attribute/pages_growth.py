"""Pages of the measures against past growth (C084), over both baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analyses.attribute.growth import ARMS, DIFFERENCES, PROJECTS
from sim.analyses.shared.reached import key_years
from sim.base.rows import records
from sim.pages.cells import mean_cell, missing
from sim.pages.frames import last_year, tidy
from sim.pages.page import Chart, Finding, Page

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.pages.cells import Row


def growth_pages(tables: Tables, words: Words) -> list[Page]:
    """The finding in sentences, then one page for each indicator that past growth moves."""
    if PROJECTS not in set(tables["shares"]["indicator"]):
        return []
    first, *rest = growth_lines(tables, words)
    title = words("growth_heading", name=words.indicator(PROJECTS))
    if "growth" not in tables:
        findings = tuple(Finding(f"growth_{n}", text) for n, text in enumerate(rest))
        return [Page("growth", title, first, findings=findings)]
    rest += [words("growth_delay"), words("growth_shares_past")]
    findings = tuple(Finding(f"growth_{n}", text) for n, text in enumerate(rest))
    table = tables["growth"]
    ids = list(dict.fromkeys(table["indicator"]))
    charts = tuple(_table(id, table.loc[table["indicator"] == id], words) for id in ids)
    here = table.loc[table["fiscal_year"] == last_year(table)]
    pages = [_levels(id, here.loc[here["indicator"] == id], words) for id in ids]
    return [Page("growth", title, first, charts, findings=findings), *pages]


def growth_lines(tables: Tables, words: Words) -> list[str]:
    """The finding C084 and the effect of the measures over both baselines."""
    facts, labels = tables.facts["growth"], words.labels
    if facts["years_by_growth"] is None:
        out = [words("growth_none")]
    else:
        out = [words(
            "growth_finding", current=labels.number(facts["current"], "count"),
            target=labels.number(facts["target"], "count"),
            years=f"{facts['years_by_growth']:.1f}",
        )]  # fmt: skip
    if "growth" not in tables:
        return out if tables.facts["trend"] else [*out, words("growth_set")]
    table = tables["growth"]
    never = words("growth_never", years=table["fiscal_year"].nunique())
    items = [
        words(f"arm_{arm}") + words.colon + (never if year is None else labels.year(year))
        for arm, year in facts["first_year"].items()
    ]
    target = labels.number(facts["target"], "count")
    out.append(words("growth_runs", target=target, items=words.join(items)))
    year = last_year(table)
    here = table.loc[(table["fiscal_year"] == year) & (table["indicator"] == PROJECTS)]
    rows = {r["quantity"]: r for r in records(here)}
    effects = [f"{words(f'diff_{name}')} {mean_cell(rows[name], labels)}" for name in DIFFERENCES]
    return [*out, f"{labels.year(year)}{words.colon}{words.join(effects)}"]


def _table(id: str, rows: pd.DataFrame, words: Words) -> Chart:
    """Levels of the four arms and their differences in the key years."""
    labels = words.labels
    years = key_years(rows["fiscal_year"].tolist()).values()
    known = {(r["quantity"], r["fiscal_year"]): r for r in records(rows)}
    lines = []
    for quantity in (*ARMS, *DIFFERENCES):
        arm = quantity in ARMS
        line = {"arm": words(f"{'arm' if arm else 'diff'}_{quantity}")}
        for year in years:
            cell = known[quantity, year]
            line[labels.year(year)] = _level(cell, words) if arm else mean_cell(cell, labels)
        lines.append(line)
    heads = ("arm", *(labels.year(year) for year in years))
    table = tidy(lines, heads).rename(columns={"arm": words("column_arm")})
    return Chart(f"growth_{id}_years", "table", words.indicator(id), table, aside=True)


def _level(row: Row, words: Words) -> str:
    """A mean level, with the chance of the target behind it where there is one."""
    text = words.labels.number(row["mean"], row["unit"])
    if missing(row["probability_target"]):
        return text
    return f"{text} (P {words.labels.chance(row['probability_target'])})"


def _levels(id: str, rows: pd.DataFrame, words: Words) -> Page:
    """Levels with and without measures and past growth, in the last year."""
    labels, year = words.labels, last_year(rows)
    unit = str(rows["unit"].iloc[0])
    found = {r["quantity"]: r for r in records(rows)}
    bars = tidy(
        (
            {
                "label": labels(f"exp_{q}"), "value": found[q]["mean"],
                "low": found[q]["mean_low"], "high": found[q]["mean_high"],
                "target": found[q]["target"],
            }
            for q in ARMS
        ),
        ("label", "value", "low", "high", "target"),
    )  # fmt: skip
    message = labels(
        "exp_growth_message",
        year=labels.year(year),
        growth=labels.difference(found["growth_alone"]["mean"], unit),
        flat=labels.difference(found["measures_over_flat"]["mean"], unit),
        trend=labels.difference(found["measures_over_trend"]["mean"], unit),
    )
    name = words.indicator(id)
    chart = Chart(
        f"growth_{id}", "bars", name, bars, unit=unit, fiscal_year=year,
        interval=labels("exp_mean_interval"), x_title=labels.axis(unit),
    )  # fmt: skip
    title = words("growth_heading", name=name)
    return Page(f"growth_{id}", title, message, (chart,), detail=True)
