"""The charts for papers and slides: give a frame, get matplotlib Axes.

==============  ================================================================================
`trajectory`    an indicator over the fiscal years, by scenario, with bands and its target
`comparison`    scenarios side by side in one year
`waterfall`     what each measure or initiative adds to the change
`tornado`       which unknowns move a result most
`heatmap`       the same by fiscal year
`ward_map`      a value for each ward
`funnel`        residents, interested, taking part, regular
`survival`      NPOs still there, month by month
==============  ================================================================================

Each makes a `Chart` of its frame and draws it as the pictures of reports are drawn. Every function
takes ``ax`` (None: a Figure of its own is made, with the status of the figures,
notes and credits at its foot) and ``lang`` ("en", "ja"), and returns the Axes. pyplot is never
used. `picture` shows Axes in a notebook, `save` writes PNG and SVG. On Axes of your own, add
`notes_of` to what the slide says: a chart without its status is easily taken for a forecast.

A column that a frame lacks, or an indicator, scenario or year that is not in it, is a UsageError.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from sim.analyses.sensitivity.pages_charts import ranking_chart, year_chart
from sim.analyses.words import Words
from sim.base.errors import UsageError
from sim.base.rows import records
from sim.pages.cells import missing, percent
from sim.pages.labels import Labels, Named
from sim.pages.page import Chart
from sim.report import figures_parts as parts
from sim.report.charts.pictures import reading
from sim.report.figures_parts import notes_of, picture, save, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.report.about import Facts

__all__ = [
    "comparison", "funnel", "heatmap", "notes_of", "picture", "save", "survival", "tornado",
    "trajectory", "ward_map", "waterfall",
]  # fmt: skip

_PATH = (
    "fiscal_year", "unit", "median", "low", "high", "interval_kind", "runs", "target",
    "probability_target", "reachable",
)  # fmt: skip


def trajectory(
    rows: pd.DataFrame,
    indicator: str,
    *,
    scenarios: Sequence[str] | None = None,
    names: Mapping[str, Named] | None = None,
    facts: Facts | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Medians over the fiscal years: baseline grey and dashed, policies in colour, target black.

    ``rows``: comparison rows (``study.rows``), with columns scenario, indicator, fiscal_year, unit,
    median, low, high, interval_kind, runs, target, current, probability_target, reachable. From 50
    draws on the band is the 90 % interval, and with the columns p25 and p75 the middle half is
    darker; under 50 draws it is the range of the runs. Bands are drawn of all of up to three
    scenarios, else of the baseline and the fullest one. Legend: P(target) in the last year.
    """
    part = parts.rows_of(rows, indicator, scenarios, (*_PATH, "current"), "trajectory")
    labels = Labels(lang)
    inner = "p25" in part and part["p25"].notna().any()
    band = labels(
        "fig_band_inner" if inner else "fig_band", interval=parts.interval_of(part, labels)
    )
    chart = Chart(
        indicator, "trajectory", parts.indicator_title(indicator, labels),
        parts.with_names(part, names, labels), unit=str(part["unit"].iloc[0]), reading=band,
    )  # fmt: skip
    notes = []
    if part["target"].notna().any():
        last = labels.year(int(part["fiscal_year"].max()))
        notes.append(labels("fig_chance_note", year=last))
    return show(chart, ax, labels, [reading(chart, labels), *notes], part, facts)


def comparison(
    rows: pd.DataFrame,
    indicator: str,
    *,
    year: int | None = None,
    scenarios: Sequence[str] | None = None,
    names: Mapping[str, Named] | None = None,
    facts: Facts | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Scenarios below each other in one fiscal year (default: the last): median and interval.

    ``rows``: as in `trajectory`. At the right stands P(target), the share of runs that reach it.
    """
    part = parts.year_of(parts.rows_of(rows, indicator, scenarios, _PATH, "comparison"), year)
    labels, unit = Labels(lang), str(part["unit"].iloc[0])
    when = labels.year(int(part["fiscal_year"].iloc[0]))
    level = labels("fig_level", interval=parts.interval_of(part, labels))
    title = labels("fig_comparison", name=parts.indicator_title(indicator, labels), year=when)
    chart = Chart(
        indicator, "intervals", title, parts.with_names(part, names, labels), unit=unit,
        x_title=f"{labels.axis(unit)}  ({level})",
    )  # fmt: skip
    has_target = part["target"].notna().any()
    notes = [labels("fig_chance_note", year=when)] if has_target else []
    return show(chart, ax, labels, [reading(chart, labels), *notes], part, facts)


def waterfall(
    shares: pd.DataFrame,
    levels: pd.DataFrame,
    indicator: str,
    *,
    year: int | None = None,
    level: str | None = None,
    target: float | None = None,
    names: Mapping[str, Named] | None = None,
    facts: Facts | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """From the baseline's level to the scenario's, one bar for each contribution.

    ``shares``: contributions (``kyodo attribute``, shares.csv), with columns indicator,
    fiscal_year, level, id, measure, unit, mean, mean_low, mean_high, share. ``levels``
    (levels.csv): scenario, indicator, fiscal_year, mean. ``level``: "measure" or "initiative"
    (default, where there are any). ``target``: draws its line where it is in reach.
    """
    from sim.model.measures import INITIATIVES

    columns = (
        "indicator", "fiscal_year", "level", "id", "measure", "unit", "mean", "mean_low",
        "mean_high", "share",
    )  # fmt: skip
    parts.need(shares, columns, "waterfall (shares)")
    parts.need(levels, ("scenario", "indicator", "fiscal_year", "mean"), "waterfall (levels)")
    part = parts.year_of(parts.only(shares, "indicator", indicator), year)
    when = int(part["fiscal_year"].iloc[0])
    ends = parts.year_of(parts.only(levels, "indicator", indicator), when)
    others = [str(s) for s in ends["scenario"] if s != "baseline"]
    if len(ends) != 2 or len(others) != 1:
        raise UsageError("waterfall (levels): the baseline and one other scenario are needed")
    chosen = level or ("initiative" if "initiative" in set(part["level"]) else "measure")
    steps = records(parts.only(part, "level", chosen))
    total = records(parts.only(part, "level", "total"))[0]
    labels, unit = Labels(lang), str(part["unit"].iloc[0])
    measures = sorted({int(r["measure"]) for r in steps})
    called: dict[str, Named] = {
        **INITIATIVES,
        **parts.named_of(["baseline", *others, *(f"m{m}" for m in measures)], names),
    }
    start = float(ends.set_index("scenario")["mean"]["baseline"])
    end = start + total["mean"]

    def name(id: str) -> str:
        return (f"{id} " if id in INITIATIVES else "") + labels.name(called[id])

    nothing = {"low": math.nan, "high": math.nan, "measure": 0, "group": "", "note": ""}
    table = [{**nothing, "label": name("baseline"), "kind": "level", "value": start}]
    table += [
        {
            "label": name(str(r["id"])), "kind": "step", "value": r["mean"], "low": r["mean_low"],
            "high": r["mean_high"], "measure": int(r["measure"]),
            "group": labels.name(called[f"m{int(r['measure'])}"]),
            "note": "" if missing(r["share"]) else f"({percent(r['share'], labels)})",
        }
        for r in steps
    ]  # fmt: skip
    table.append({
        **nothing, "label": name(others[0]), "kind": "level", "value": end,
        "low": start + total["mean_low"], "high": start + total["mean_high"],
    })  # fmt: skip
    frame = pd.DataFrame(table).assign(target=math.nan if target is None else target)
    indicator_name = parts.indicator_title(indicator, labels)
    title = labels("fig_waterfall", name=indicator_name, year=labels.year(when))
    chart = Chart(indicator, "waterfall", title, frame, unit=unit)
    notes = [labels("fig_waterfall_note")]
    axes = show(chart, ax, labels, notes, None, facts)
    low, high = (edge / labels.scale(unit) for edge in axes.get_xlim())
    if target is not None and not low <= target <= high:
        said = labels("fig_target_outside", target=labels.number(target, unit))
        parts.add_note(axes, said)
    return axes


_INDEX = ("factor", "method", "order", "index", "low", "high", "fiscal_year", "status")


def tornado(
    indices: pd.DataFrame,
    *,
    unit: str = "",
    most: int = 12,
    title: str | None = None,
    facts: Facts | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Unknowns by how far they move a result over all years, the largest on top.

    ``indices``: ``kyodo sensitivity``, indices.csv, with columns factor, method, order, index, low,
    high, fiscal_year, status. ``unit`` of the result, for Morris' mu*. Initiatives have the colour
    of their measure.
    """
    parts.need(indices, _INDEX, "tornado")
    words = Words("sensitivity", lang)
    chart = ranking_chart(indices, unit, words, most)
    return _of_indices(chart, title or words("figure_ranking"), words, facts, ax)


def heatmap(
    indices: pd.DataFrame,
    *,
    unit: str = "",
    most: int = 12,
    title: str | None = None,
    facts: Facts | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """The index of every unknown in every fiscal year, darker where it is larger.

    ``indices``: as in `tornado`. Grey: no index, one below 0 (noise), or
    what no unknown explains.
    """
    parts.need(indices, _INDEX, "heatmap")
    words = Words("sensitivity", lang)
    chart = year_chart(indices, unit, words, most)
    return _of_indices(chart, title or words("figure_by_year"), words, facts, ax)


def _of_indices(
    chart: Chart, title: str, words: Words, facts: Facts | None, ax: Axes | None
) -> Axes:
    """A chart of a sensitivity study under a title of its own."""
    return show(replace(chart, title=title), ax, words.labels, [chart.reading], None, facts)


def ward_map(
    values: pd.DataFrame,
    *,
    title: str,
    unit: str = "count",
    simulated: bool = False,
    facts: Facts | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """A value for each ward, in at most five classes that hold about as many wards each.

    ``values``: columns ward (its code), value and source (where the value comes from). With
    ``simulated`` no source is needed, and the map says that wards' features are assigned at random
    (give averages over many runs). ``unit``: as of an indicator. Wards without a value are hatched.
    """
    from sim.places.load import load_place

    parts.need(values, ("ward", "value") if simulated else ("ward", "value", "source"), "ward_map")
    codes = [parts.ward_code(ward) for ward in values["ward"]]
    place, labels = load_place(), Labels(lang)
    names = dict(zip(place.code, place.area_names[labels.lang], strict=True))
    unknown = [c for c in codes if c not in names]
    if unknown:
        raise UsageError(f"ward_map: {unknown[0]} is no code of a ward of {place.id}")
    if len(set(codes)) != len(codes):
        twice = next(c for c in codes if codes.count(c) > 1)
        raise UsageError(f"ward_map: ward {twice} stands in two rows")
    by_code = dict(zip(codes, values["value"].astype(float), strict=True))
    frame = pd.DataFrame({
        "ward": list(names), "name": list(names.values()),
        "value": [by_code.get(code, math.nan) for code in names],
    })  # fmt: skip
    if simulated:
        said = labels("fig_map_simulated")
    else:
        comma = "、" if lang == "ja" else ", "
        sources = comma.join(dict.fromkeys(str(s) for s in values["source"]))
        said = labels("fig_map_source", source=sources)
    chart = Chart("ward_map", "map", title, frame, unit=unit)
    return show(chart, ax, labels, [said, place.under_maps[labels.lang]], None, facts)


def funnel(
    table: pd.DataFrame,
    *,
    scenario: str = "baseline",
    year: int | None = None,
    names: Mapping[str, Named] | None = None,
    facts: Facts | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """From all residents to regular volunteers, in March of a fiscal year (default: the last).

    ``table``: ``sim.analyses.compare.insides.funnel_table``, with columns scenario, fiscal_year,
    kind, step, median, low, high, share, of_previous, interval_kind, draws.
    """
    from sim.analyses.compare.insides import STEPS

    columns = (
        "scenario", "fiscal_year", "kind", "step", "median", "low", "high", "share", "of_previous",
        "interval_kind", "draws",
    )  # fmt: skip
    parts.need(table, columns, "funnel")
    part = parts.year_of(parts.only(table, "scenario", scenario), year)
    labels = Labels(lang)
    steps = part.loc[part["kind"] == "step"].set_index("step").loc[list(STEPS)]
    frame = pd.DataFrame({
        "label": [labels(f"fig_funnel_{step}") for step in steps.index],
        "value": steps["median"], "low": steps["low"], "high": steps["high"],
        "note": [parts.funnel_words(n, row, labels) for n, row in enumerate(records(steps))],
    })  # fmt: skip
    called = labels.name(parts.named_of([scenario], names)[scenario])
    title = labels("fig_funnel", name=called, year=int(part["fiscal_year"].iloc[0]) + 1)
    chart = Chart("funnel", "bars", title, frame, unit="persons", options=("centred",))
    level = labels("fig_level_note", interval=parts.interval_of(part, labels))
    return show(chart, ax, labels, [level, parts.barriers_text(part, labels)], part, facts)


def survival(
    table: pd.DataFrame,
    *,
    kind: str = "active",
    scenarios: Sequence[str] | None = None,
    names: Mapping[str, Named] | None = None,
    facts: Facts | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """NPOs of the first month that are still there, month by month: a Kaplan-Meier curve.

    ``table``: ``sim.analyses.compare.insides.survival_table``, with columns scenario, kind, month,
    median, low, high, at_start, interval_kind, draws. ``kind``: "active" (without a break) or
    "registered".
    """
    columns = (
        "scenario", "kind", "month", "median", "low", "high", "at_start", "interval_kind", "draws",
    )  # fmt: skip
    parts.need(table, columns, "survival")
    part = parts.of_scenarios(parts.only(table, "kind", kind), scenarios)
    labels = Labels(lang)
    frame = parts.with_names(part, names, labels).rename(columns={"median": "value"})
    at_start = f"{float(part['at_start'].median()):,.0f}"
    band = labels("fig_band", interval=parts.interval_of(part, labels))
    chart = Chart(
        "survival", "lines", labels(f"fig_survival_{kind}"), frame.assign(x=frame["month"] / 12),
        unit="share", reading=band, x_title=labels("fig_survival_years"),
        y_title=labels("fig_survival_share", n=at_start), options=("steps",),
    )  # fmt: skip
    notes = [reading(chart, labels), labels("fig_survival_note")]
    return show(chart, ax, labels, notes, part, facts)
