"""The pages of a comparison: targets reached, a page for each indicator, the assumed cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sim.analyses.shared.names import COST
from sim.analyses.shared.reached import key_years
from sim.model.indicators import DOCUMENT_KINDS
from sim.pages.labels import Labels
from sim.pages.page import CHART_KINDS as KINDS_OF_CHARTS
from sim.pages.page import Chart, Page
from sim.report.cells import interval_cell
from sim.report.experiment_parts import bare
from sim.report.indicator_notes import limits_of, measured_as
from sim.report.scope import Parts, ReportIndicator, Row, cells_of, city, missing
from sim.report.sources import reference_row
from sim.scenario.bundled import BASELINE

CHANCES = ("probability_target", "probability_low", "probability_high")
"""The chance of the target, and its exact 95 % interval: what the number of runs leaves open."""


def comparison_pages(parts: Parts, labels: Labels) -> tuple[Page, ...]:
    """All pages of ``kyodo compare`` and ``kyodo run``."""
    shown = [
        i
        for k, i in parts.indicators.items()
        if i.kind in DOCUMENT_KINDS and k in set(parts.rows["indicator"])
    ]
    pages = [*chances_page(parts, labels), *(indicator_page(parts, i, labels) for i in shown)]
    pages.append(overview_page(parts, shown, labels))
    # counts of targets come late: they are no measure of a plan's worth
    pages.append(targets_page(parts, labels))
    if COST in set(parts.rows["indicator"]):
        pages.append(cost_page(parts, labels))
    return tuple(pages)


def overview_page(parts: Parts, shown: Sequence[ReportIndicator], labels: Labels) -> Page:
    """The paths of all indicators as small multiples, the outcome class before the delivery one."""
    rows = city(parts.rows)
    rows = rows.assign(name=rows["scenario"].map(lambda s: labels.name(parts.scenarios[s])))
    columns = [*KINDS_OF_CHARTS["trajectory"], "current"]
    charts = []
    for kind in DOCUMENT_KINDS:
        panels = [
            rows.loc[rows["indicator"] == i.id, columns].assign(
                panel=f"{i.id} {labels.name(i)}", unit=i.unit
            )
            for i in shown
            if i.kind == kind
        ]
        if panels:
            interval = parts.facts.interval(labels)
            charts.append(
                Chart(
                    f"overview_{kind}", "trajectory", labels(f"{kind}_long"),
                    pd.concat(panels, ignore_index=True), interval=interval,
                    reading=labels("page_trajectory_reading", interval=interval),
                )
            )  # fmt: skip
    message = labels("page_overview_message", n=len(shown))
    return Page("overview", labels("page_overview"), message, tuple(charts))


def speaks_for(scenarios: Sequence[str]) -> str:
    """The scenario that messages name: the one with all measures, else the last."""
    return "all_measures" if "all_measures" in scenarios else scenarios[-1]


def targets_page(parts: Parts, labels: Labels) -> Page:
    """How many targets each scenario reaches at the horizon, per class."""
    place = {name: n for n, name in enumerate(parts.scenarios)}
    table = parts.reached.rename(columns={"median": "value"})
    table = table.sort_values("scenario", key=lambda s: s.map(place), kind="stable")
    table["name"] = [labels.name(parts.scenarios[s]) for s in table["scenario"]]
    title = labels("page_targets", year=labels.year(parts.facts.last_year))
    charts = []
    for kind in DOCUMENT_KINDS:
        part = table.loc[table["kind"] == kind].assign(label=lambda t: t["name"])
        columns = ["scenario", "label", "value", "low", "high", "targets"]
        charts.append(
            Chart(
                f"targets_{kind}", "bars", labels(f"{kind}_long"),
                part[columns].reset_index(drop=True),
                unit="count", fiscal_year=parts.facts.last_year,
                interval=labels("range", runs=parts.facts.draws * parts.facts.replicates),
            )
        )  # fmt: skip
    name = speaks_for(list(parts.scenarios))
    counts = {
        (r["scenario"], r["kind"]): labels(
            "of_targets", median=f"{r['value']:g}", targets=int(r["targets"])
        )
        for r in table.to_dict(orient="records")
    }
    message = labels(
        "page_targets_message",
        scenario=labels.name(parts.scenarios[name]),
        outcome=counts.get((name, "outcome"), "–"),
        outcome_base=counts.get((BASELINE, "outcome"), "–"),
        delivery=counts.get((name, "delivery"), "–"),
    )
    return Page("targets", title, message, tuple(charts), (labels("page_targets_note"),))


def chances_page(parts: Parts, labels: Labels) -> tuple[Page, ...]:
    """Chances of the outcome targets in the key years, doing nothing beside the fullest scenario.

    Empty without a baseline and another scenario. The message leaves out what doing nothing reaches
    by itself.
    """
    name = speaks_for(list(parts.scenarios))
    if BASELINE not in parts.scenarios or name == BASELINE:
        return ()
    rows = city(parts.rows)
    outcomes = [k for k, i in parts.indicators.items() if i.kind == "outcome"]
    years = list(key_years(rows["fiscal_year"].tolist()).values())
    rows = rows.loc[
        rows["scenario"].isin([BASELINE, name]) & rows["fiscal_year"].isin(years)
        & rows["indicator"].isin(outcomes) & rows["probability_target"].notna()
    ]  # fmt: skip
    if rows.empty:
        return ()
    place = {id: n for n, id in enumerate(outcomes)}
    rows = rows.assign(place=rows["indicator"].map(place), own=rows["scenario"] != BASELINE)
    rows = rows.sort_values(["place", "fiscal_year", "own"])
    names = {s: labels.name(parts.scenarios[s]) for s in (BASELINE, name)}
    table = pd.DataFrame({
        "row": [f"{i} {labels.name(parts.indicators[i])}" for i in rows["indicator"]],
        "column": [
            labels("page_chances_column", year=labels.year(y), name=names[s])
            for y, s in zip(rows["fiscal_year"], rows["scenario"], strict=True)
        ],
        "value": rows["probability_target"].tolist(),
        **{c: rows[c].tolist() for c in CHANCES[1:]},
    })  # fmt: skip
    last = rows.loc[rows["fiscal_year"] == max(years)]
    above = last.loc[last["probability_target"] > 0.5]
    alone = set(above.loc[~above["own"], "indicator"])
    text = labels(
        "page_chances_message",
        year=labels.year(max(years)), scenario=names[name], all=last["indicator"].nunique(),
        alone=len(alone), n=len(set(above["indicator"]) - alone),
    )  # fmt: skip
    title = labels("page_chances_all")
    chart = Chart("chances", "heatmap", title, table, unit="share", y_title=labels("chance"))
    width = (last["probability_high"] - last["probability_low"]).max() / 2
    note = labels("page_chances_error", error=labels.difference(width, "share").lstrip("+"))
    return (Page("chances", title, text, (chart,), (note, bare(labels("limit_chance")))),)


def indicator_page(parts: Parts, indicator: ReportIndicator, labels: Labels) -> Page:
    """One indicator: its path, and every scenario at the horizon."""
    rows = city(parts.rows).loc[lambda r: r["indicator"] == indicator.id]
    name = labels.name(indicator)
    interval = parts.facts.interval(labels)
    year = parts.facts.last_year
    tidy = rows.assign(name=[labels.name(parts.scenarios[s]) for s in rows["scenario"]])
    paths = Chart(
        f"{indicator.id}_path", "trajectory", labels("page_trajectory", name=name),
        _columns(tidy, "fiscal_year"), unit=indicator.unit, interval=interval,
        reading=labels(f"page_class_{indicator.kind}")
        + labels("page_trajectory_reading", interval=interval),
        x_title=labels("fiscal_year_axis"), y_title=labels.axis(indicator.unit),
    )  # fmt: skip
    last = tidy.loc[tidy["fiscal_year"] == year]
    ends = Chart(
        f"{indicator.id}_horizon", "intervals",
        labels("page_intervals", name=name, year=labels.year(year)), _columns(last),
        unit=indicator.unit, fiscal_year=year, interval=interval,
        reading=labels("page_intervals_reading", interval=interval),
        x_title=labels.axis(indicator.unit),
    )  # fmt: skip
    notes = [labels("page_measured", text=measured_as(indicator, labels))]
    if limit := limits_of(indicator, labels):
        notes.append(labels("page_limit", text=limit))
    return Page(
        indicator.id,
        f"{indicator.id} {name}",
        message(parts, indicator, labels),
        (paths, ends, *chances_table(parts, indicator, labels)),
        tuple(notes),
        tuple(source_lines(parts, indicator, labels)),
    )


def _columns(rows: pd.DataFrame, *extra: str) -> pd.DataFrame:
    wanted = [
        "scenario", "name", *extra, "median", "low", "high", "p25", "p75", "effect_median",
        "effect_low", "effect_high", "target", "current", *CHANCES, "probability_target_baseline",
        "reachable",
    ]  # fmt: skip
    return rows[wanted].reset_index(drop=True)


def message(parts: Parts, indicator: ReportIndicator, labels: Labels) -> str:
    """The finding on an indicator at the horizon, one sentence or two."""
    year = parts.facts.last_year
    cells = cells_of(parts.rows)[indicator.id, year]
    name = speaks_for([s for s in parts.scenarios if s in cells])
    row, unit = cells[name], indicator.unit
    said: dict[str, Any] = {
        "year": labels.year(year),
        "scenario": labels.name(parts.scenarios[name]),
        "median": labels.number(row["median"], unit),
        "interval": parts.facts.interval(labels),
    }
    if missing(row["median"]):
        return labels("page_message_none", year=said["year"])
    if missing(row["effect_median"]):
        ends = {end: labels.number(row[end], unit) for end in ("low", "high")}
        text = labels("page_message_alone", **said, **ends)
    else:
        text = labels(
            "page_message",
            **said,
            base_name=labels.name(parts.scenarios[BASELINE]),
            base=labels.number(cells[BASELINE]["median"], unit),
            effect=labels.difference(row["effect_median"], unit),
            low=labels.difference(row["effect_low"], unit),
            high=labels.difference(row["effect_high"], unit),
        )
    return text + _chance(row, cells.get(BASELINE), unit, labels)


def chances_table(parts: Parts, indicator: ReportIndicator, labels: Labels) -> tuple[Chart, ...]:
    """Chances of the target in the key years, beside doing nothing; empty without a target.

    One row a scenario and key year; the baseline's own chance stands beside, or alone in its rows
    where no other scenario was run.
    """
    rows = city(parts.rows).loc[lambda r: r["indicator"] == indicator.id]
    years = key_years(rows["fiscal_year"].tolist()).values()
    rows = rows.loc[rows["fiscal_year"].isin(years) & rows["target"].notna()]
    own = rows.loc[rows["scenario"] == BASELINE].set_index("fiscal_year")
    if set(rows["scenario"]) - {BASELINE}:
        rows = rows.loc[rows["scenario"] != BASELINE]
    if rows.empty:
        return ()
    place = {name: n for n, name in enumerate(parts.scenarios)}
    rows = rows.assign(place=rows["scenario"].map(place)).sort_values(["place", "fiscal_year"])
    table = rows[["scenario", "fiscal_year", *CHANCES]].reset_index(drop=True)
    table.insert(1, "name", [labels.name(parts.scenarios[s]) for s in table["scenario"]])
    if len(own):
        for column in CHANCES:
            table[f"{column}_baseline"] = table["fiscal_year"].map(own[column])
    if not rows["reachable"].all():
        barred = labels("page_chances_barred")
        table["note"] = ["" if able else barred for able in rows["reachable"]]
    target = labels.number(float(rows["target"].iloc[0]), indicator.unit)
    chart = Chart(
        f"{indicator.id}_chances", "table", labels("page_chances", target=target), table,
        reading=labels("page_chances_reading"), aside=True,
    )  # fmt: skip
    return (chart,)


def _chance(row: Row, own: Row | None, unit: str, labels: Labels) -> str:
    if missing(row["target"]) or missing(row["probability_target"]):
        return ""
    target = labels.number(row["target"], unit)
    if not row["reachable"]:
        return labels("page_message_barred", target=target)
    said = {"target": target} | _said(row, "", labels)
    if own is None or row["scenario"] == BASELINE:
        return labels("page_message_chance_alone", **said)
    return labels("page_message_chance", **said, **_said(own, "_base", labels))


def _said(row: Row, of: str, labels: Labels) -> dict[str, str]:
    """A chance and its interval in words, under the names that sentences have for them."""
    names = (f"chance{of}", f"low{of}", f"high{of}")
    return {name: labels.chance(row[column]) for name, column in zip(names, CHANCES, strict=True)}


def source_lines(parts: Parts, indicator: ReportIndicator, labels: Labels) -> list[str]:
    """Where the current value, the target and the claims of initiatives that aim at it stand."""
    out = []
    for what, id in (("current", indicator.current), ("target", indicator.target)):
        if id is not None:
            out.append(_source(labels(what), id, parts, labels))
    used = {i for s in parts.scenarios.values() for i in s.initiatives}
    for key, initiative in parts.initiatives.items():
        aims = [id for id, _ in getattr(initiative, "proximal", ())]
        if key in used and indicator.id in aims:
            what = labels("page_claim", initiative=key)
            out += [_source(what, id, parts, labels) for id in initiative.claims]
    return out


def _source(what: str, id: str, parts: Parts, labels: Labels) -> str:
    row = reference_row(id, parts.profile, labels)
    return labels(
        "page_source", what=what, id=id, value=row["value"], place=row["place"],
        status=row["status"],
    )  # fmt: skip


def cost_page(parts: Parts, labels: Labels) -> Page:
    """The assumed cost of each scenario in the last year."""
    year = parts.facts.last_year
    rows = city(parts.rows)
    rows = rows.loc[(rows["indicator"] == COST) & (rows["fiscal_year"] == year)]
    table = rows.assign(
        label=[labels.name(parts.scenarios[s]) for s in rows["scenario"]], value=rows["median"]
    )[["scenario", "label", "value", "low", "high"]].reset_index(drop=True)
    name = speaks_for(list(parts.scenarios))
    row = cells_of(parts.rows)[COST, year][name]
    text = labels(
        "page_cost_message",
        scenario=labels.name(parts.scenarios[name]),
        cost=interval_cell(row, "", labels),
        year=labels.year(year),
    )
    unit = parts.indicators[COST].unit
    interval = parts.facts.interval(labels)
    chart = Chart(
        "cost", "bars", labels.name(parts.indicators[COST]), table, unit=unit, fiscal_year=year,
        interval=interval, y_title=labels.axis(unit),
    )  # fmt: skip
    return Page("cost", labels("page_cost"), text, (chart,), (labels("limit_costs"),))
