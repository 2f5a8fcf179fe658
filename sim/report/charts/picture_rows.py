"""Pictures with a row for each thing: intervals, bars, waterfalls, tornadoes, spans, forests.

Every function draws a chart into Axes that it is given and keeps no state.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.pages.cells import missing
from sim.pages.labels import Labels, balanced, wrap
from sim.pages.page import Chart
from sim.report.charts.bands import (
    amount,
    chances,
    fills,
    measures,
    notes,
    one_value,
    series_slots,
    waterfall_rows,
)
from sim.report.palette import GREY, GRID, HATCHES, ORANGE, SHADES, SKY, SLOTS, TARGET, ink, styles

NAME = 42
"""Columns of a name beside its row; longer ones take two lines."""
INK = "#222222"
STEPS = (1, 2, 2.5, 5, 10)
"""Ticks stand at multiples of these, times a power of ten."""


def axis_of_values(ax: Axes, chart: Chart, labels: Labels, small: bool) -> None:
    """The axis of values below the rows: its title, few ticks, lines of the grid."""
    unit = labels.axis(chart.unit) if chart.unit else ""
    if not small:
        ax.set_xlabel(chart.x_title or unit or chart.y_title, fontsize=8.5)
    ax.xaxis.set_major_locator(MaxNLocator(steps=STEPS, nbins=3 if small else 6))
    ax.tick_params(axis="x", labelsize=7 if small else 8.5)
    ax.grid(axis="x", color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)


def name_rows(ax: Axes, names: Sequence[str], small: bool) -> None:
    """The rows' names at the left, the first row on top."""
    size = 7 if small else 9
    ax.set_yticks(range(len(names)), [wrap(name, NAME, 2) for name in names], fontsize=size)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def at_right(ax: Axes, texts: Sequence[str], small: bool) -> None:
    """Words at the right of the rows."""
    for place, text in enumerate(texts):
        ax.text(
            1.03, place, text, transform=ax.get_yaxis_transform(), va="center",
            fontsize=6.5 if small else 8.5, color="#333333",
        )  # fmt: skip


def legend_below(ax: Axes, handles: Sequence[Artist]) -> None:
    """A legend under the axis and its title."""
    figure = ax.get_figure(root=True)
    high = ax.get_position().height * (figure.get_figheight() if figure else 1.0)
    ax.legend(
        handles=list(handles), loc="upper left", ncols=2 if len(handles) != 3 else 3, frameon=False,
        fontsize=8.5, bbox_to_anchor=(0.0, -0.46 / high), borderaxespad=0.0,
    )  # fmt: skip


def group_legend(ax: Axes, chart: Chart) -> None:
    """What the colours of rows mean, where the table says so (``group``)."""
    if "group" not in chart.table or "scenario" in chart.table:
        return
    found: dict[str, Patch] = {}
    cells = zip(chart.table["group"], fills(chart), measures(chart.table), strict=True)
    for group, colour, measure in cells:
        if group and not missing(group):
            hatch = HATCHES.get(measure, "")
            patch = Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=str(group))
            found.setdefault(str(group), patch)
    legend_below(ax, list(found.values()))


def target_line(ax: Axes, chart: Chart, labels: Labels) -> None:
    """The target as a line down the rows, and its name on top; drawn after the rows."""
    target = one_value(chart.table, "target")
    if target is None:
        return
    at = target * labels.scale(chart.unit)
    ax.axvline(at, color=TARGET, linewidth=1.0, zorder=1)
    low, high = ax.get_xlim()
    place = (at - low) / (high - low)
    ax.annotate(
        f"{labels('target')} {labels.number(target, chart.unit)}", (at, 1.0), xytext=(0, 3),
        xycoords=("data", "axes fraction"), textcoords="offset points", fontsize=8,
        ha="left" if place < 0.25 else "right" if place > 0.75 else "center",
    )  # fmt: skip


def scaled(chart: Chart, labels: Labels, *columns: str) -> list[list[float]]:
    """Columns in display units; nothing known where the table has no such column."""
    factor, table = labels.scale(chart.unit), chart.table
    nothing = [float("nan")] * len(table)
    return [(table[c].astype(float) * factor).tolist() if c in table else nothing for c in columns]


def intervals(ax: Axes, chart: Chart, labels: Labels, small: bool) -> None:
    """Median and interval of each scenario; the chance of the target at the right."""
    table = chart.table
    look = styles(list(table["scenario"]))
    middle, low, high = scaled(chart, labels, "median", "low", "high")
    for place, name in enumerate(table["scenario"]):
        style = look[name]
        ax.plot([low[place], high[place]], [place, place], color=style.colour,
                linestyle=style.line, linewidth=2.0, solid_capstyle="butt")  # fmt: skip
        ax.plot(
            [middle[place]], [place], marker=style.marker, color=style.colour, markersize=7,
            linestyle="none", markeredgecolor="white", markeredgewidth=0.6,
        )  # fmt: skip
    name_rows(ax, [balanced(name, 30) for name in table["name"]], small)
    texts = chances(chart, labels)
    at_right(ax, texts, small)
    if any(texts):
        ax.text(1.03, 1.02, labels("chance"), transform=ax.transAxes, fontsize=8, color="#333333")
    axis_of_values(ax, chart, labels, small)
    ax.margins(x=0.06)
    target_line(ax, chart, labels)


def bars(ax: Axes, chart: Chart, labels: Labels, small: bool) -> None:
    """A bar for each row from 0, or around it; its interval as a line, its value in words."""
    (value,) = scaled(chart, labels, "value")
    centred = "centred" in chart.options
    colours = list(SHADES[1:]) * len(value) if centred else fills(chart)
    for place, (size, measure) in enumerate(zip(value, measures(chart.table), strict=True)):
        ax.barh(
            place, size, left=-size / 2 if centred else 0, color=colours[place], height=0.62,
            zorder=2, hatch=HATCHES.get(measure, ""), linewidth=0.6,
            edgecolor="#444444" if centred else "white",
        )  # fmt: skip
    name_rows(ax, list(map(str, chart.table["label"])), small)
    said = notes(chart.table)
    if centred:
        at_right(ax, said, small)
        ax.set_axis_off()
        for place, name in enumerate(chart.table["label"]):
            ax.text(-0.03, place, wrap(str(name), 34, 3), transform=ax.get_yaxis_transform(),
                    ha="right", va="center", fontsize=9)  # fmt: skip
        return
    _whiskers(ax, chart, labels, "low", "high")
    _second(ax, chart, labels, "D")
    target_line(ax, chart, labels)
    ax.axvline(0, color=GREY, linewidth=0.8)
    shown = [amount(v, chart.unit, labels) for v in chart.table["value"]]
    at_right(ax, [f"{v}  {note}".rstrip() for v, note in zip(shown, said, strict=True)], small)
    axis_of_values(ax, chart, labels, small)
    group_legend(ax, chart)


def _whiskers(ax: Axes, chart: Chart, labels: Labels, low: str, high: str) -> None:
    """Intervals as thin lines."""
    ends = scaled(chart, labels, low, high)
    known = [n for n, pair in enumerate(zip(*ends, strict=True)) if pair == pair and _real(*pair)]
    if known:
        ax.hlines(known, [ends[0][n] for n in known], [ends[1][n] for n in known], color=INK,
                  linewidth=1.1, zorder=3)  # fmt: skip


def _real(*values: float) -> bool:
    return all(value == value for value in values)


def _second(ax: Axes, chart: Chart, labels: Labels, marker: str) -> None:
    """The second value of rows: a diamond, or a ring."""
    (value,) = scaled(chart, labels, "mark")
    known = [n for n, at in enumerate(value) if _real(at)]
    ring = marker == "o"
    ax.plot(
        [value[n] for n in known], known, marker, color=TARGET, zorder=4,
        markersize=8 if ring else 6, markerfacecolor="none" if ring else TARGET,
        markeredgecolor="#333333" if ring else "white", markeredgewidth=0.7,
    )  # fmt: skip


def tornado(ax: Axes, chart: Chart, labels: Labels, small: bool) -> None:
    """Bars from a reference (column ``reference``, else 0) to both ends."""
    low, high, reference = scaled(chart, labels, "low", "high", "reference")
    middles = [0.0 if not _real(at) else at for at in reference]
    for ends, colour in ((low, SKY), (high, ORANGE)):
        for place, (end, middle) in enumerate(zip(ends, middles, strict=True)):
            ax.barh(place, end - middle, left=middle, height=0.62, color=colour,
                    edgecolor="white", linewidth=0.5, zorder=2)  # fmt: skip
    if middles:
        ax.axvline(middles[0], color=INK, linewidth=1.0, zorder=3)
    name_rows(ax, list(map(str, chart.table["label"])), small)
    axis_of_values(ax, chart, labels, small)


def waterfall(ax: Axes, chart: Chart, labels: Labels, small: bool) -> None:
    """Steps from a first to a last level; the axis is cut around them."""
    table, factor = chart.table, labels.scale(chart.unit)
    colours, own = fills(chart), measures(table)
    rows = waterfall_rows(table.to_dict(orient="records"))
    reach: list[float] = []
    for place, row in enumerate(rows):
        start, end = row["start"] * factor, row["end"] * factor
        spread = [row[f"step_{e}"] * factor for e in ("low", "high") if f"step_{e}" in row]
        if row["kind"] == "level":
            ax.plot(end, place, marker="D", markersize=7, color=TARGET, clip_on=False, zorder=4)
        else:
            colour = colours[place] if own[place] else (SKY if row["value"] >= 0 else ORANGE)
            ax.barh(
                place, end - start, left=start, height=0.68, color=colour,
                hatch=HATCHES.get(own[place], ""), edgecolor="white", linewidth=0.6,
            )  # fmt: skip
        if place + 1 < len(rows):
            ax.plot([end, end], [place - 0.34, place + 1.34], color=GREY, linewidth=0.6)
        if len(spread) == 2:
            ax.plot(spread, [place, place], color=INK, linewidth=1.1)
        reach += [start, end, *spread]
    name_rows(ax, list(map(str, table["label"])), small)
    at_right(ax, _said(table, chart.unit, labels), small)
    axis_of_values(ax, chart, labels, small)
    margin = 0.06 * (max(reach) - min(reach)) or abs(reach[0]) * 0.01 or 0.01
    low, high = min(reach) - margin, max(reach) + margin
    target = one_value(table, "target")
    if target is not None and low <= target * factor <= high:
        ax.set_xlim(low, high)
        target_line(ax, chart, labels)
    ax.set_xlim(low, high)
    group_legend(ax, chart)


def _said(table: pd.DataFrame, unit: str, labels: Labels) -> list[str]:
    """Levels and signed steps in words, each with its note."""
    out = []
    for kind, value, note in zip(table["kind"], table["value"], notes(table), strict=True):
        out.append(f"{amount(value, unit, labels, sign=kind != 'level')}  {note}".rstrip())
    return out


def spans(ax: Axes, chart: Chart, labels: Labels, small: bool) -> None:
    """Bars from a start to an end, the darker the larger their value, which stands in them."""
    table = chart.table
    cells = zip(table["start"], table["end"], table["value"], fills(chart), measures(table),
                strict=True)  # fmt: skip
    for place, (start, end, value, colour, measure) in enumerate(cells):
        strength = 1.0 if missing(value) else min(1.0, max(0.0, float(value)))
        ax.barh(
            place, end - start, left=start, height=0.66, alpha=0.25 + 0.65 * strength,
            facecolor=colour, hatch=HATCHES.get(measure, ""), edgecolor="white",
        )  # fmt: skip
        text = "" if missing(value) else f"{value:g}"
        ax.annotate(text, (start, place), xytext=(4, 0), textcoords="offset points", va="center",
                    fontsize=8.5)  # fmt: skip
    name_rows(ax, list(map(str, table["label"])), small)
    axis_of_values(ax, chart, labels, small)
    ax.xaxis.set_major_locator(MaxNLocator(steps=STEPS, integer=True, nbins=11))
    group_legend(ax, chart)


def shares(ax: Axes, chart: Chart, labels: Labels, small: bool) -> None:
    """One bar a row, made of its parts, with their values where they have room."""
    table = chart.table
    (value,) = scaled(chart, labels, "value")
    rows = list(dict.fromkeys(table["row"]))
    whole = max(
        sum(v for v, r in zip(value, table["row"], strict=True) if r == row) for row in rows
    )
    left = dict.fromkeys(rows, 0.0)
    texts = dict.fromkeys(rows, "")
    legend: dict[str, Patch] = {}
    cells = zip(table["row"], table["part"], value, series_slots(chart), measures(table),
                notes(table), strict=True)  # fmt: skip
    for row, part, size, slot, measure, note in cells:
        look = {"facecolor": SLOTS[slot].colour, "hatch": HATCHES.get(measure, ""),
                "edgecolor": "white", "linewidth": 0.6}  # fmt: skip
        ax.barh(rows.index(row), size, left=left[row], height=0.62, **look)
        legend.setdefault(str(part), Patch(label=str(part), **look))
        if size >= 0.07 * whole:
            ax.text(
                left[row] + size / 2, rows.index(row), f"{size:.0f}", ha="center", va="center",
                fontsize=8.5, color=ink(SLOTS[slot].colour) if not measure else "#111111",
                bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85}
                if measure else None,
            )  # fmt: skip
        left[row] += size
        texts[row] = texts[row] or note
    name_rows(ax, rows, small)
    at_right(ax, list(texts.values()), small)
    axis_of_values(ax, chart, labels, small)
    ax.set_xlim(0, whole)
    legend_below(ax, list(legend.values()))


def forest(ax: Axes, chart: Chart, labels: Labels, small: bool) -> None:
    """A point with its interval for each row, a wider one behind it, around 0 or a reference."""
    value, low, high, wide_low, wide_high = scaled(
        chart, labels, "value", "low", "high", "outer_low", "outer_high"
    )
    for place, colour in enumerate(fills(chart)):
        ax.plot([wide_low[place], wide_high[place]], [place, place], color=colour, linewidth=0.8,
                alpha=0.6)  # fmt: skip
        ax.plot([low[place], high[place]], [place, place], color=colour,
                linewidth=2.0 if small else 3.0, solid_capstyle="butt")  # fmt: skip
        ax.plot(
            [value[place]], [place], marker="o", color=colour, markersize=4.5 if small else 6,
            linestyle="none", markeredgecolor="white", markeredgewidth=0.5, zorder=3,
        )  # fmt: skip
    _second(ax, chart, labels, "o")
    name_rows(ax, list(map(str, chart.table["label"])), small)
    at_right(ax, notes(chart.table), small)
    if not any(map(_real, value)):
        ax.text(0.5, 0.5, labels("not_available"), transform=ax.transAxes, ha="center", fontsize=8)
        ax.set_xticks([])  # an axis without a value would show made-up numbers
        return
    axis_of_values(ax, chart, labels, small)
    middle = (one_value(chart.table, "reference") or 0.0) * labels.scale(chart.unit)
    near, far = ax.get_xlim()
    if not small or near < middle < far:
        ax.axvline(middle, color=GREY, linewidth=0.8, zorder=0)
    group_legend(ax, chart)
