"""Pages of ``kyodo sensitivity``: which unknowns move the result, year by year, and the luck."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.pages.labels import Labels
from sim.pages.page import Chart, Page
from sim.report.experiment_parts import bare, indicator_name, scenario_name, tidy

if TYPE_CHECKING:
    import pandas as pd

    from sim.report.stored import Stored

MOST = 20
"""Bars of a chart; all factors stand in the sheet of data."""
SHARES = ("sobol", "surrogate")
"""Methods whose indices are shares of the variance."""


def pages(stored: Stored, labels: Labels) -> tuple[Page, ...]:
    """The ranking over all years, by year, and what luck adds."""
    from sim.analyses.sensitivity.indices import OVERALL
    from sim.analyses.sensitivity.over_time import MAIN

    table = stored.tables["indices"]
    method = str(table["method"].iloc[0])
    unit = "share" if method in SHARES else ""
    main = table.loc[(table["order"] == MAIN[method]) & table["other"].isna()]
    overall = main.loc[main["fiscal_year"].astype(str) == OVERALL]
    overall = overall.sort_values("index", ascending=False, kind="stable")
    years = main.loc[main["fiscal_year"].astype(str) != OVERALL]
    what = _subject(stored, labels)
    out = [_ranking(overall, method, unit, what, labels)]
    if years["fiscal_year"].nunique() > 1:
        out.append(_by_year(overall, years, unit, labels))
    return tuple(out)


def _subject(stored: Stored, labels: Labels) -> str:
    design = stored.manifest["design"]
    key = "sens_what_effect" if design["effect"] else "sens_what_level"
    return labels(
        key,
        scenario=scenario_name(str(design["scenario"]["id"]), labels),
        indicator=indicator_name(str(design["indicator"]), labels),
    )


def _ranking(rows: pd.DataFrame, method: str, unit: str, what: str, labels: Labels) -> Page:
    from sim.report.sensitivity import factor_label, index_text

    bars = tidy(
        (
            {"label": factor_label(r["factor"], labels), "value": r["index"], "low": r["low"],
             "high": r["high"]}
            for r in rows.to_dict(orient="records")
        ),
        ("label", "value", "low", "high"),
    )  # fmt: skip
    order = {"morris": "mu_star", "delta": "delta", "pawn": "pawn"}.get(method, "total")
    top = rows.head(3).to_dict(orient="records")
    names = [
        f"{factor_label(r['factor'], labels)} ({index_text(r['index'], method, labels)})"
        for r in top
        if r["index"] == r["index"]
    ]
    message = bare(labels("sens_no_variance"))
    if names:
        message = labels(
            "sens_leading", first=names[0], rest=labels("sens_between").join(names[1:]) or "–"
        )
    chart = Chart(
        "ranking", "bars", labels(f"sens_{order}"), bars.head(MOST), unit=unit,
        interval=labels("exp_index_interval"), x_title=labels(f"sens_{order}"),
    )  # fmt: skip
    notes = [labels("sens_limit_ranges"), labels("sens_limit_behaviour")]
    if len(bars) > MOST:
        notes.insert(0, labels("exp_rows_left", n=MOST, all=len(bars)))
    plain = tuple(map(bare, notes))
    return Page("ranking", labels("sens_title", what=what), message, (chart,), plain)


def _by_year(overall: pd.DataFrame, years: pd.DataFrame, unit: str, labels: Labels) -> Page:
    from sim.report.sensitivity import factor_label

    order = list(overall["factor"].head(MOST))
    rows = years.loc[years["factor"].isin(order)].assign(
        place=lambda t: t["factor"].map({f: n for n, f in enumerate(order)})
    )
    rows = rows.sort_values(["place", "fiscal_year"], kind="stable")
    cells = tidy(
        (
            {"row": factor_label(r["factor"], labels), "column": str(r["fiscal_year"]),
             "value": r["index"]}
            for r in rows.to_dict(orient="records")
        ),
        ("row", "column", "value"),
    )  # fmt: skip
    ends = [years["fiscal_year"].astype(int).min(), years["fiscal_year"].astype(int).max()]
    first, last = (_largest(years, int(y), labels) for y in ends)
    said = {"first_year": labels.year(int(ends[0])), "last_year": labels.year(int(ends[1]))}
    key = "sens_always" if first == last else "sens_over_time"
    message = labels(key, first=first, last=last, **said)
    chart = Chart("by_year", "heatmap", labels("exp_by_year"), cells, unit=unit)
    return Page("by_year", labels("exp_by_year"), message, (chart,))


def _largest(years: pd.DataFrame, year: int, labels: Labels) -> str:
    from sim.report.sensitivity import factor_label

    rows = years.loc[years["fiscal_year"].astype(int) == year].dropna(subset=["index"])
    rows = rows.sort_values("index", ascending=False, kind="stable")
    return factor_label(str(rows["factor"].iloc[0]), labels) if len(rows) else "–"
