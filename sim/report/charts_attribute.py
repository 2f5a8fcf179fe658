"""Charts of an attribution: a waterfall of contributions per indicator, and the interactions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.pages.labels import PERCENT_UNITS, Labels, Named, wrap
from sim.report.attribute_cells import AttributionParts, fine, growth_note, percent, words
from sim.report.charts_parts import draw_footer, footer_lines
from sim.report.palette import CLASS_COLOURS, GREY, HATCHES, MEASURE_COLOURS, SKY, TARGET
from sim.report.scope import ReportIndicator, Row, missing

_LINE = 0.29  # inches of height of one bar


def waterfall_figure(parts: AttributionParts, indicator: ReportIndicator, lang: str) -> Figure:
    """From the baseline to the scenario at the horizon, one bar for each contribution.

    Call within ``fonts.drawing(lang)``.
    """
    labels, facts = Labels(lang), parts.facts
    cells = parts.shares(facts.last_year)
    level = "initiative" if parts.plan.orders else "measure"
    rows = [r for k, r in cells.items() if k[0] == indicator.id and r["level"] == level]
    total = cells[indicator.id, "total", 0]
    start = parts.level(indicator.id, "baseline", facts.last_year)["mean"]
    height = 2.33 + _LINE * (len(rows) + 2)
    figure = Figure(figsize=(10, height))
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0.30, 1.16 / height, 0.49, 1 - 2.13 / height))
    title = f"{indicator.id}  {labels.name(indicator)}"
    figure.text(0.02, 1 - 0.28 / height, wrap(title, 84, 1), fontsize=12, va="center")
    figure.text(
        0.98, 1 - 0.28 / height, labels("chart_class", kind=labels(indicator.kind)), fontsize=9,
        ha="right", va="center", bbox={"boxstyle": "round,pad=0.4",
                                      "fc": CLASS_COLOURS[indicator.kind], "ec": "#bbbbbb"},
    )  # fmt: skip
    how = [words(labels, "chart_bars"), *growth_note(parts, indicator.id, labels)]
    draw_footer(figure, [*how, *footer_lines(facts, labels)])
    if missing(total["mean"]) or missing(start):
        ax.text(0.5, 0.5, labels("not_available"), transform=ax.transAxes, ha="center")
        return figure
    draw_waterfall(
        ax, rows, start, total, parts.target(indicator), indicator.unit, parts.names,
        parts.plan.base, facts.last_year, labels,
    )  # fmt: skip
    _legend(figure, parts, cells, indicator, labels, 1 - 0.66 / height)
    return figure


def draw_waterfall(
    ax: Axes,
    rows: Sequence[Row],
    start: float,
    total: Row,
    aim: float,
    unit: str,
    names: Mapping[str, Named],
    end: Named,
    year: int,
    labels: Labels,
) -> Axes:
    """Bars from the level ``start`` of the baseline to that of the scenario ``end``, into ``ax``.

    ``rows``: contributions (id, level, measure, mean, mean_low, mean_high, share), first on top;
    ``total``: the effect; ``aim``: the target, NaN without one; ``names``: of the ids.
    """
    factor = labels.scale(unit)
    at, place = start, 1
    reach = [start, start + total["mean"]]
    for row in rows:
        colour = MEASURE_COLOURS[row["measure"]]
        ax.barh(
            place, row["mean"] * factor, left=at * factor, height=0.68, color=colour, alpha=0.75,
            hatch=HATCHES[row["measure"]], edgecolor="white", linewidth=0.6,
        )  # fmt: skip
        after = at + row["mean"]
        if not missing(row["mean_low"]):
            ends = (at + row["mean_low"], at + row["mean_high"])
            ax.plot([e * factor for e in ends], [place, place], color="#111111", linewidth=1.1)
            reach += ends
        ax.plot([after * factor] * 2, [place - 0.34, place + 1.34], color=GREY, linewidth=0.6)
        at, place = after, place + 1
        reach.append(at)
    ends = (start, start + total["mean"])
    ax.plot([start * factor] * 2, [-0.34, 1.34], color=GREY, linewidth=0.6)
    for line, value in zip((0, place), ends, strict=True):
        ax.plot(value * factor, line, marker="D", markersize=7, color=TARGET, clip_on=False)
    if not missing(total["mean_low"]):
        span = [(start + total[f"mean_{e}"]) * factor for e in ("low", "high")]
        ax.plot(span, [place, place], color="#111111", linewidth=1.1)
        reach += [value / factor for value in span]
    _axis(ax, rows, ends, unit, names, end, year, labels)
    if not missing(aim) and min(reach) <= aim <= max(reach):
        ax.axvline(aim * factor, color=TARGET, linewidth=1.0, zorder=0)
    margin = 0.06 * (max(reach) - min(reach)) or abs(start) * 0.01 or 0.01
    ax.set_xlim((min(reach) - margin) * factor, (max(reach) + margin) * factor)
    return ax


def _axis(
    ax: Axes,
    rows: Sequence[Row],
    ends: tuple[float, float],
    unit: str,
    names: Mapping[str, Named],
    end: Named,
    year: int,
    labels: Labels,
) -> None:
    """Names at the left, figures at the right."""
    ids = [f"{row['id']} " if row["level"] == "initiative" else "" for row in rows]
    called = [labels.name(names[row["id"]]) for row in rows]
    texts = [wrap(f"{i}{name}", 42, 2) for i, name in zip(ids, called, strict=True)]
    texts = [words(labels, "chart_start"), *texts, wrap(labels.name(end), 42, 2)]
    ax.set_yticks(range(len(texts)), texts, fontsize=8.5)
    ax.set_ylim(len(texts) - 0.4, -0.6)
    figures = [labels.number(ends[0], unit)]
    for row in rows:
        share = "" if missing(row["share"]) else f"  ({percent(row['share'], labels)})"
        figures.append(fine(row["mean"], unit, labels) + share)
    figures.append(labels.number(ends[1], unit))
    for place, text in enumerate(figures):
        ax.text(1.03, place, text, transform=ax.get_yaxis_transform(), va="center", fontsize=8.5)
    head = words(labels, "chart_share", year=labels.year(year))
    ax.text(1.03, 1.02, head, transform=ax.transAxes, fontsize=8, color="#333333")
    ax.set_xlabel(labels.axis(unit), fontsize=8)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.grid(axis="x", color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)


def _legend(
    figure: Figure,
    parts: AttributionParts,
    cells: dict[tuple[str, str, int], Row],
    indicator: ReportIndicator,
    labels: Labels,
    top: float,
) -> None:
    """The measures with their own contributions."""
    handles: list[Any] = []
    for m in parts.plan.measures:
        row = cells[indicator.id, f"m{m}", m]
        text = f"{labels.name(parts.names[f'm{m}'])}  {fine(row['mean'], indicator.unit, labels)}"
        if not missing(row["share"]):
            text += f" ({percent(row['share'], labels)})"
        handles.append(
            Patch(
                facecolor=MEASURE_COLOURS[m], alpha=0.75, hatch=HATCHES[m], edgecolor="white",
                label=text,
            )
        )  # fmt: skip
    aim = parts.target(indicator)
    if not missing(aim):
        text = f"{labels('target')} {labels.number(aim, indicator.unit)}"
        handles.append(Line2D([], [], color=TARGET, label=text))
    figure.legend(
        handles=handles, loc="center left", ncols=4, frameon=False, fontsize=9,
        bbox_to_anchor=(0.012, top),
    )  # fmt: skip


def interactions_figure(parts: AttributionParts, lang: str, *, natural: bool) -> Figure:
    """Interactions of the measures in all outcome goals at the horizon, one small chart each.

    ``natural``: on the natural scale, else on each indicator's logarithmic one. Call within
    ``fonts.drawing(lang)``.
    """
    labels, facts = Labels(lang), parts.facts
    indicators = parts.of_kind("outcome")
    cells = parts.interactions(facts.last_year)
    columns = min(3, len(indicators))
    lines = -(-len(indicators) // columns)
    height = 1.45 + 2.0 * lines
    figure = Figure(figsize=(13, height))
    FigureCanvasAgg(figure)
    scale = words(labels, "chart_natural" if natural else "chart_log")
    title = words(labels, "chart_interactions", year=labels.year(facts.last_year), scale=scale)
    figure.text(0.015, 1 - 0.28 / height, title, fontsize=14, va="center")
    kinds = [(k[1], k[2]) for k in cells if k[0] == indicators[0].id and k[3] == natural]
    shown = [k for k in kinds if k[0] in ("pair", "triple", "gap")]
    for n, indicator in enumerate(indicators):
        line, column = divmod(n, columns)
        ax = figure.add_axes((
            0.075 + column * 0.325, 1 - (0.62 + 2.0 * (line + 1) - 0.42) / height, 0.155,
            1.22 / height,
        ))  # fmt: skip
        rows = [cells[indicator.id, *kind, natural] for kind in shown]
        _forest(ax, indicator, shown, rows, labels)
    how = words(labels, "chart_interactions_how", interval=facts.interval(labels))
    draw_footer(figure, [how, *footer_lines(facts, labels)])
    return figure


def _forest(
    ax: Axes,
    indicator: ReportIndicator,
    kinds: Sequence[tuple[str, str]],
    rows: Sequence[Row],
    labels: Labels,
) -> None:
    natural = rows[0]["scale"] == "natural"
    factor = labels.scale(indicator.unit) if natural else 1.0
    unit = labels("points") if indicator.unit in PERCENT_UNITS else labels.axis(indicator.unit)
    unit = unit if natural else words(labels, f"scale_{rows[0]['scale']}")
    ax.set_title(
        f"{indicator.id}  [{unit}]\n{wrap(labels.name(indicator), 46, 1)}", fontsize=8, loc="left",
        pad=4,
    )  # fmt: skip
    for place, row in enumerate(rows):
        if missing(row["mean"]):
            continue
        colour = TARGET if row["contrast"] == "gap" else SKY
        spread = [row["low"] * factor, row["high"] * factor]
        ax.plot(spread, [place, place], color=colour, linewidth=0.8, alpha=0.6)
        if not missing(row["mean_low"]):
            ends = [row["mean_low"] * factor, row["mean_high"] * factor]
            ax.plot(ends, [place, place], color=colour, linewidth=3.0, solid_capstyle="butt")
        ax.plot(row["mean"] * factor, place, marker="o", color=colour, markersize=4.5)
        ax.text(
            1.04, place, words(labels, f"mark_{row['verdict']}"), va="center",
            transform=ax.get_yaxis_transform(), fontsize=7.2, color="#333333",
        )  # fmt: skip
    if all(missing(row["mean"]) for row in rows):
        text = labels("not_available") if natural else words(labels, "chart_no_scale")
        ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", fontsize=8)
    names = [
        words(labels, "contrast_gap")
        if contrast == "gap"
        else factors.replace("m", "").replace("x", "×")
        for contrast, factors in kinds
    ]
    ax.axvline(0, color=GREY, linewidth=0.8, zorder=0)
    ax.set_yticks(range(len(names)), names, fontsize=7.5)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    ax.tick_params(labelsize=7.5)
    ax.tick_params(axis="y", length=0)
