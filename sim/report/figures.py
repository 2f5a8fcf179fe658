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

Every function takes ``ax`` (None: a Figure of its own is made, with the status of the figures,
notes and credits at its foot) and ``lang`` ("en", "ja"), and returns the Axes. pyplot is never
used. `picture` shows Axes in a notebook, `save` writes PNG and SVG. On Axes of your own, add
`notes_of` to what the slide says: a chart without its status is easily taken for a forecast.

A column that a frame lacks, or an indicator, scenario or year that is not in it, is a UsageError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.analyses.sensitivity.indices import OVERALL
from sim.base.errors import UsageError
from sim.base.rows import records
from sim.pages.labels import Labels, Named
from sim.report import figures_parts as parts
from sim.report.figures_parts import notes_of, picture, save
from sim.report.palette import HATCHES, MEASURE_COLOURS, SKY, TARGET

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.report.scope import Facts

__all__ = [
    "comparison", "funnel", "heatmap", "notes_of", "picture", "save", "survival", "tornado",
    "trajectory", "ward_map", "waterfall",
]  # fmt: skip


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
    from sim.report.charts_parts import banded, draw_paths

    columns = (
        "fiscal_year", "unit", "median", "low", "high", "interval_kind", "runs", "target",
        "current", "probability_target", "reachable",
    )  # fmt: skip
    part = parts.rows_of(rows, indicator, scenarios, columns, "trajectory")
    labels, shown = Labels(lang), list(dict.fromkeys(part["scenario"]))
    named, look = parts.named_of(shown, names), parts.look_of(shown)
    last = part.loc[part["fiscal_year"] == part["fiscal_year"].max()].set_index("scenario")
    unit = str(part["unit"].iloc[0])
    aim = float(part["target"].iloc[0])

    def draw(ax: Axes) -> list[str]:
        draw_paths(ax, part, parts.unit_of(unit), labels, look, bands=banded(shown))
        ax.set_xlabel(labels("fiscal_year_axis"))
        ax.set_ylabel(labels.axis(unit))
        handles = []
        for name in shown:
            text, style = labels.name(named[name]), look[name]
            if aim == aim:
                chance = labels.chance(float(last["probability_target"][name]))
                chance = chance if last["reachable"][name] else "✕"
                text = labels("fig_legend_chance", name=text, chance=chance)
            handles.append(Line2D([], [], color=style.colour, linestyle=style.line, label=text,
                                  marker=style.marker, markersize=5))  # fmt: skip
        if aim == aim:
            text = f"{labels('target')} {labels.number(aim, unit)}"
            handles.append(Line2D([], [], color=TARGET, linewidth=1.0, label=text))
        if part["current"].notna().any():
            text = f"{labels('current')} {labels.number(float(part['current'].iloc[0]), unit)}"
            handles.append(Line2D([], [], color=TARGET, marker=">", linestyle="none", label=text))
        ax.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.02), frameon=False,
            fontsize=8.5, handlelength=3.5,
        )  # fmt: skip
        inner = "p25" in part and part["p25"].notna().any()
        notes = [
            labels(
                "fig_band_inner" if inner else "fig_band", interval=parts.interval_of(part, labels)
            )
        ]
        if aim == aim:
            notes.append(
                labels("fig_chance_note", year=labels.year(int(part["fiscal_year"].max())))
            )
        if not last["reachable"].all():
            notes.append(f"✕ {labels('not_reachable')}")
        return notes

    title = parts.indicator_title(indicator, labels)
    return parts.chart(draw, ax, title, labels, (9.0, 4.6), (0.75, 3.2), part, facts)


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
    from sim.report.charts_parts import draw_horizon

    columns = (
        "fiscal_year", "unit", "median", "low", "high", "interval_kind", "runs", "target",
        "probability_target", "reachable",
    )  # fmt: skip
    part = parts.year_of(parts.rows_of(rows, indicator, scenarios, columns, "comparison"), year)
    labels, shown = Labels(lang), list(dict.fromkeys(part["scenario"]))
    named, look = parts.named_of(shown, names), parts.look_of(shown)
    unit = str(part["unit"].iloc[0])
    when = labels.year(int(part["fiscal_year"].iloc[0]))

    def draw(ax: Axes) -> list[str]:
        draw_horizon(ax, part, parts.unit_of(unit), named, labels, look)
        ax.set_xlabel(f"{labels.axis(unit)}  ({parts.level_of(part, labels)})")
        aim = float(part["target"].iloc[0])
        notes = []
        if aim == aim:
            notes = [f"─ {labels('target')} {labels.number(aim, unit)}"]
            notes.append(labels("fig_chance_note", year=when))
        if not part["reachable"].all():
            notes.append(f"✕ {labels('not_reachable')}")
        return notes

    title = labels("fig_comparison", name=parts.indicator_title(indicator, labels), year=when)
    size = (8.0, 2.1 + 0.36 * len(shown))
    return parts.chart(draw, ax, title, labels, size, (2.6, 1.0), part, facts)


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
    from sim.report.charts_attribute import draw_waterfall

    columns = (
        "indicator", "fiscal_year", "level", "id", "measure", "unit", "mean", "mean_low",
        "mean_high", "share",
    )  # fmt: skip
    parts.need(shares, columns, "waterfall (shares)")
    parts.need(levels, ("scenario", "indicator", "fiscal_year", "mean"), "waterfall (levels)")
    part = parts.year_of(parts.only(shares, "indicator", indicator), year)
    when = int(part["fiscal_year"].iloc[0])
    start = parts.year_of(parts.only(levels, "indicator", indicator), when).set_index("scenario")[
        "mean"
    ]
    if "baseline" not in start.index or len(start) != 2:
        raise UsageError("waterfall (levels): the baseline and one other scenario are needed")
    ends = [str(s) for s in start.index if s != "baseline"]
    have = set(part["level"])
    chosen = level or ("initiative" if "initiative" in have else "measure")
    rows = records(parts.only(part, "level", chosen))
    total = records(parts.only(part, "level", "total"))[0]
    labels, unit = Labels(lang), str(part["unit"].iloc[0])
    measures = sorted({int(r["measure"]) for r in rows})
    called: dict[str, Named] = {
        **INITIATIVES,
        **parts.named_of([*ends, *(f"m{m}" for m in measures)], names),
    }

    def draw(ax: Axes) -> list[str]:
        aim = float("nan") if target is None else target
        draw_waterfall(
            ax, rows, float(start["baseline"]), total, aim, unit, called, called[ends[0]], when,
            labels,
        )  # fmt: skip
        handles: list[Any] = [
            Patch(facecolor=MEASURE_COLOURS[m], hatch=HATCHES[m], edgecolor="white", alpha=0.75,
                  label=labels.name(called[f"m{m}"]))
            for m in measures
        ]  # fmt: skip
        notes = [labels("fig_waterfall_note")]
        low, high = (end / labels.scale(unit) for end in ax.get_xlim())
        if low <= aim <= high:
            text = f"{labels('target')} {labels.number(aim, unit)}"
            handles.append(Line2D([], [], color=TARGET, linewidth=1.0, label=text))
        elif aim == aim:
            notes.append(labels("fig_target_outside", target=labels.number(aim, unit)))
        ax.legend(
            handles=handles, loc="upper center", ncols=2, frameon=False, fontsize=8,
            bbox_to_anchor=(0.3, -0.42 / parts.inches(ax)),
        )  # fmt: skip
        return notes

    name, of_year = parts.indicator_title(indicator, labels), labels.year(when)
    title = labels("fig_waterfall", name=name, year=of_year)
    size = (9.5, 2.9 + 0.3 * len(rows))
    return parts.chart(
        draw, ax, title, labels, size, (2.9, 1.6), None, facts, below=0.95, above=0.35
    )


_INDEX = ("factor", "method", "order", "index", "low", "high", "fiscal_year", "status")


def _factors(
    draw: Callable[[Axes], list[str]], indices: pd.DataFrame, most: int, head: str, labels: Labels,
    facts: Facts | None, ax: Axes | None,
) -> Axes:  # fmt: skip
    """A chart with a row for each of the first unknowns."""
    rows = min(most, indices.loc[indices["fiscal_year"] == OVERALL, "factor"].nunique())
    return parts.chart(draw, ax, head, labels, (8.5, 1.9 + 0.3 * rows), (3.2, 0.4), None, facts)


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
    from sim.analyses.sensitivity.over_time import main_rows
    from sim.report.charts_sensitivity import draw_tornado, measure_of

    parts.need(indices, _INDEX, "tornado")
    labels = Labels(lang)

    def draw(ax: Axes) -> list[str]:
        draw_tornado(ax, indices, parts.index_scale(indices, unit, labels), labels, most)
        measures = {measure_of(f) for f in main_rows(indices).head(most)["factor"]} - {0}
        named = parts.named_of([f"m{m}" for m in sorted(measures)], None)
        handles = ax.get_legend_handles_labels()[0]
        handles += [
            Patch(facecolor=MEASURE_COLOURS[m], hatch=HATCHES[m], edgecolor="white",
                  label=labels.name(named[f"m{m}"]))
            for m in sorted(measures)
        ]  # fmt: skip
        handles.append(Patch(facecolor=SKY, label=labels("fig_other_unknowns")))
        ax.legend(handles=handles, loc="lower right", frameon=False, fontsize=8.5)
        ax.set_xlabel(parts.index_axis(indices, unit, labels))
        return [labels("fig_index_note")]

    head = labels("fig_tornado") if title is None else title
    return _factors(draw, indices, most, head, labels, facts, ax)


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

    ``indices``: as in `tornado`. Grey: no index, or what no unknown explains.
    """
    from sim.report.charts_sensitivity import draw_heatmap

    parts.need(indices, _INDEX, "heatmap")
    labels = Labels(lang)

    def draw(ax: Axes) -> list[str]:
        draw_heatmap(ax, indices, parts.index_scale(indices, unit, labels), labels, most)
        ax.set_xlabel(parts.index_axis(indices, unit, labels))
        return [labels("fig_heat_note")]

    head = labels("fig_heatmap") if title is None else title
    return _factors(draw, indices, most, head, labels, facts, ax)


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

    ``values``: columns ward (code 13101-13123), value and source (where the value comes from). With
    ``simulated`` no source is needed, and the map says that wards' features are assigned at random
    (give averages over many runs). ``unit``: as of an indicator. Wards without a value are hatched.
    """
    from sim.places.wards import load_wards
    from sim.report.charts_map import draw_map

    parts.need(values, ("ward", "value") if simulated else ("ward", "value", "source"), "ward_map")
    codes = [parts.ward_code(ward) for ward in values["ward"]]
    unknown = [c for c in codes if c not in load_wards().code]
    if unknown:
        raise UsageError(f"ward_map: {unknown[0]} is no code of the 23 wards (13101 to 13123)")
    if len(set(codes)) != len(codes):
        twice = next(c for c in codes if codes.count(c) > 1)
        raise UsageError(f"ward_map: ward {twice} stands in two rows")
    labels = Labels(lang)
    by_ward = dict(zip(codes, values["value"].astype(float), strict=True))

    def draw(ax: Axes) -> list[str]:
        draw_map(ax, by_ward, unit, labels)
        said = [labels("fig_map_boundaries")]
        if simulated:
            said.insert(0, labels("fig_map_simulated"))
        else:
            comma = "、" if lang == "ja" else ", "
            sources = comma.join(dict.fromkeys(str(s) for s in values["source"]))
            said.insert(0, labels("fig_map_source", source=sources))
        return said

    return parts.chart(draw, ax, title, labels, (7.2, 6.4), (0.2, 0.2), None, facts, below=0.1)


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
    from sim.report.charts_insides import barriers_text, draw_funnel

    columns = (
        "scenario", "fiscal_year", "kind", "step", "median", "low", "high", "share", "of_previous",
        "interval_kind", "draws",
    )  # fmt: skip
    parts.need(table, columns, "funnel")
    part = parts.year_of(parts.only(table, "scenario", scenario), year)
    labels = Labels(lang)
    called = labels.name(parts.named_of([scenario], names)[scenario])
    when = int(part["fiscal_year"].iloc[0]) + 1

    def draw(ax: Axes) -> list[str]:
        draw_funnel(ax, part.loc[part["kind"] == "step"], labels)
        barriers = barriers_text(part, labels)
        return [labels("fig_level_note", interval=parts.interval_of(part, labels)), barriers]

    title = labels("fig_funnel", name=called, year=when)
    return parts.chart(draw, ax, title, labels, (8.5, 4.0), (2.2, 2.6), part, facts, below=0.1)


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
    """NPOs of April 2024 that are still there, month by month: a Kaplan-Meier curve.

    ``table``: ``sim.analyses.compare.insides.survival_table``, with columns scenario, kind, month,
    median, low, high, at_start, interval_kind, draws. ``kind``: "active" (without a break) or
    "registered".
    """
    from sim.report.charts_insides import draw_survival
    from sim.report.charts_parts import banded

    columns = (
        "scenario", "kind", "month", "median", "low", "high", "at_start", "interval_kind", "draws",
    )  # fmt: skip
    parts.need(table, columns, "survival")
    part = parts.of_scenarios(parts.only(table, "kind", kind), scenarios)
    labels, shown = Labels(lang), list(dict.fromkeys(part["scenario"]))

    def draw(ax: Axes) -> list[str]:
        draw_survival(
            ax, part, parts.named_of(shown, names), labels, parts.look_of(shown), banded(shown)
        )
        band = labels("fig_band", interval=parts.interval_of(part, labels))
        return [band, labels("fig_survival_note")]

    title = labels(f"fig_survival_{kind}")
    return parts.chart(draw, ax, title, labels, (8.0, 4.6), (0.8, 0.3), part, facts)
