"""Pages of ``kyodo attribute``: what each measure and initiative brings, and synergy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.pages.labels import Labels
from sim.pages.page import DIFFERENCE, Chart, Page
from sim.pages.words import Words
from sim.report.experiment_parts import (
    declared,
    indicator_name,
    initiative_name,
    joined,
    last_year,
    tidy,
)

if TYPE_CHECKING:
    import pandas as pd

    from sim.report.stored import Stored

ALSO = ("solved_cumulative", "participation_rate")
"""Auxiliary indicators that have pages beside the outcome indicators."""
WATERFALL = ("label", "kind", "value", "low", "high")


def pages(stored: Stored, labels: Labels) -> tuple[Page, ...]:
    """Synergy, then a waterfall for each outcome indicator, then past growth."""
    tables = stored.tables
    shares = tables["shares"]
    year = last_year(shares)
    here = shares.loc[shares["fiscal_year"] == year]
    outcome = here.loc[here["kind"] == "outcome", "indicator"]
    ids = [i for i in dict.fromkeys(here["indicator"]) if i in set(outcome) or i in ALSO]
    words = Words("attribute", labels)
    out = [_synergy(tables["interactions"], year, words, labels)]
    out += [_indicator(i, here, tables["levels"], year, words, labels) for i in ids]
    if "growth" in tables:
        out += _growth(tables["growth"], words, labels)
    return tuple(out)


def _synergy(table: pd.DataFrame, year: int, words: Words, labels: Labels) -> Page:
    keep = (table["contrast"] == "gap") & (table["scale"] == "natural")
    keep &= (table["fiscal_year"] == year) & (table["kind"] == "outcome")
    rows = table.loc[keep]
    shown = tidy(
        (
            {
                "label": indicator_name(r["indicator"], labels),
                "value": labels.difference(r["mean"], r["unit"]),
                "low": labels.difference(r["mean_low"], r["unit"]),
                "high": labels.difference(r["mean_high"], r["unit"]),
                "verdict": words(f"verdict_{r['verdict']}"),
            }
            for r in rows.to_dict(orient="records")
        ),
        ("label", "value", "low", "high", "verdict"),
    )
    count = int((rows["verdict"] == "positive").sum())
    key = "synergy_yes" if count else "synergy_no"
    message = words(key, n=count, all=len(rows)).replace("**", "")
    if rows.empty:
        return Page("synergy", words("synergy_heading"), words("synergy_none"))
    chart = Chart(
        "synergy", "table", words("gap"), shown, fiscal_year=year,
        reading=labels("exp_mean_interval"),
    )  # fmt: skip
    notes = (words("synergy_luck", n=f"{0.05 * len(rows):.1f}", all=len(rows)),)
    return Page("synergy", words("synergy_heading"), message, (chart,), notes)


def _indicator(
    id: str, shares: pd.DataFrame, levels: pd.DataFrame, year: int, words: Words, labels: Labels
) -> Page:
    unit = declared(id).unit
    mine = shares.loc[shares["indicator"] == id]
    total = mine.loc[mine["level"] == "total"].iloc[0]
    steps = mine.loc[mine["level"] == "initiative"]
    charts = [_measures(id, mine, unit, year, words, labels)]
    if len(steps):
        ends = _levels(id, levels, str(total["id"]), year)
        charts.insert(0, _waterfall(id, steps, ends, unit, year, labels))
    lead = steps if len(steps) else mine.loc[mine["level"] == "measure"]
    clear = lead.loc[(lead["mean_low"] > 0) | (lead["mean_high"] < 0)]
    clear = clear.sort_values("mean", key=abs, ascending=False).head(3)
    items = joined(
        (
            f"{_item(r['id'], labels)} {labels.difference(r['mean'], unit)}"
            for r in clear.to_dict(orient="records")
        ),
        labels,
    )
    message = labels(
        "exp_attribute_message",
        year=labels.year(year),
        total=labels.difference(total["mean"], unit),
        low=labels.difference(total["mean_low"], unit),
        high=labels.difference(total["mean_high"], unit),
        items=items or words("initiatives_none"),
    )
    return Page(id, indicator_name(id, labels), message, tuple(charts), (words("model_only"),))


def _item(id: str, labels: Labels) -> str:
    return labels("exp_measure", n="①②③"[int(id[1]) - 1]) if id.startswith("m") else (
        initiative_name(id, labels)
    )  # fmt: skip


def _levels(id: str, levels: pd.DataFrame, scenario: str, year: int) -> dict[str, Any]:
    rows = levels.loc[(levels["indicator"] == id) & (levels["fiscal_year"] == year)]
    means = dict(zip(rows["scenario"], rows["mean"], strict=True))
    return {"first": means["baseline"], "last": means[scenario]}


def _waterfall(
    id: str, steps: pd.DataFrame, ends: dict[str, Any], unit: str, year: int, labels: Labels
) -> Chart:
    rows: list[dict[str, Any]] = [
        {"label": labels("exp_without"), "kind": "level", "value": ends["first"]}
    ]
    rows += [
        {"label": _item(r["id"], labels), "kind": "step", "value": r["mean"],
         "low": r["mean_low"], "high": r["mean_high"]}
        for r in steps.to_dict(orient="records")
    ]  # fmt: skip
    rows.append({"label": labels("exp_with"), "kind": "level", "value": ends["last"]})
    return Chart(
        f"{id}_waterfall", "waterfall", labels("exp_waterfall", year=labels.year(year)),
        tidy(rows, WATERFALL), unit=unit, fiscal_year=year, interval=labels("exp_mean_interval"),
        reading=labels("exp_waterfall_reading"), x_title=labels.axis(unit),
    )  # fmt: skip


def _measures(
    id: str, mine: pd.DataFrame, unit: str, year: int, words: Words, labels: Labels
) -> Chart:
    rows = mine.loc[mine["level"] == "measure"]
    table = tidy(
        (
            {"label": _item(r["id"], labels), "value": r["mean"], "low": r["mean_low"],
             "high": r["mean_high"], "share": r["share"]}
            for r in rows.to_dict(orient="records")
        ),
        ("label", "value", "low", "high", "share"),
    )  # fmt: skip
    return Chart(
        f"{id}_measures", "bars", words("measures_heading"), table,
        unit=DIFFERENCE if unit == "share" else unit, fiscal_year=year,
        interval=labels("exp_mean_interval"), x_title=labels.axis(unit),
    )  # fmt: skip


_WORLDS = ("baseline_flat", "measures_flat", "baseline_trend", "measures_trend")


def _growth(table: pd.DataFrame, words: Words, labels: Labels) -> list[Page]:
    """One page for each indicator: levels with and without measures and past growth."""
    year = last_year(table)
    here = table.loc[table["fiscal_year"] == year]
    out = []
    for id in dict.fromkeys(here["indicator"]):
        rows = here.loc[here["indicator"] == id].set_index("quantity")
        unit = str(rows["unit"].iloc[0])
        shown = [q for q in _WORLDS if q in rows.index]
        if len(shown) < len(_WORLDS):
            continue
        bars = tidy(
            (
                {"label": labels(f"exp_{q}"), "value": rows.at[q, "mean"],
                 "low": rows.at[q, "mean_low"], "high": rows.at[q, "mean_high"],
                 "target": rows.at[q, "target"]}
                for q in shown
            ),
            ("label", "value", "low", "high", "target"),
        )  # fmt: skip
        message = labels(
            "exp_growth_message",
            year=labels.year(year),
            growth=labels.difference(rows.at["growth_alone", "mean"], unit),
            flat=labels.difference(rows.at["measures_over_flat", "mean"], unit),
            trend=labels.difference(rows.at["measures_over_trend", "mean"], unit),
        )
        name = indicator_name(id, labels)
        chart = Chart(
            f"growth_{id}", "bars", name, bars, unit=unit, fiscal_year=year,
            interval=labels("exp_mean_interval"), x_title=labels.axis(unit),
        )  # fmt: skip
        title = words("growth_heading", name=name)
        out.append(Page(f"growth_{id}", title, message, (chart,)))
    return out
