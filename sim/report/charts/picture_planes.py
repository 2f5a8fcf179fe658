"""Pictures over two axes: paths, lines, points, cells, maps.

Every function draws a chart into Axes that it is given and keeps no state.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.pages.labels import Labels, wrap
from sim.pages.page import Chart
from sim.report.charts.bands import bands, chance, line_column, one_value, series_slots
from sim.report.charts.picture_rows import STEPS, legend_below
from sim.report.palette import (
    BLACK,
    GREY,
    GRID,
    GROUPS,
    SLOTS,
    TARGET,
    Style,
    styles,
)
from sim.scenario.bundled import BASELINE

_OUTSIDE: dict[str, Any] = {
    "loc": "upper left", "bbox_to_anchor": (1.02, 1.03), "frameon": False, "fontsize": 8.5,
    "handlelength": 3.5,
}  # fmt: skip
_GROUPS = tuple(zip(GROUPS, ("o", "s", "^", "X", "D"), strict=True))


def _grid(ax: Axes, axis: Any = "y") -> None:
    ax.grid(axis=axis, color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)


def _looks(chart: Chart) -> dict[str, Style]:
    """The look of each line, in the order in which they come."""
    key = line_column(chart)
    names = list(dict.fromkeys(chart.table[key]))
    if key == "scenario":
        look = styles(names)
        return {name: look[name] for name in names}
    slots = dict(zip(chart.table[key], series_slots(chart), strict=True))
    return {name: SLOTS[slots[name]] for name in names}


def trajectory(
    ax: Axes, chart: Chart, labels: Labels, small: bool = False, legend: bool = True
) -> None:
    """Medians over the fiscal years, with bands, target and current value.

    With p25 and p75 a band has an inner one. ``legend``: names at the right, with the chance of the
    target in the last year.
    """
    table, factor = chart.table, labels.scale(chart.unit)
    look, own = _looks(chart), bands(chart)
    years = table["fiscal_year"]
    for name, style in look.items():
        part = table.loc[table["scenario"] == name]
        year = part["fiscal_year"].to_numpy()
        inner = "p25" in part and part["p25"].notna().any()
        for low, high, alpha in (("low", "high", 0.18), ("p25", "p75", 0.3)):
            if name in own and (low == "low" or inner):
                below, above = (part[c].to_numpy(float) * factor for c in (low, high))
                ax.fill_between(year, below, above, color=style.colour, alpha=alpha, lw=0, zorder=1)
        ax.plot(
            year, part["median"].to_numpy(float) * factor, color=style.colour,
            linestyle=style.line, linewidth=1.2 if small else 1.6, marker=style.marker,
            markersize=2.2 if small else 4.0, zorder=4 if name == BASELINE else 3,
        )  # fmt: skip
    target, current = one_value(table, "target"), one_value(table, "current")
    if target is not None:
        ax.axhline(target * factor, color=TARGET, linewidth=1.0, zorder=2)
    if current is not None:
        ax.plot(
            [years.min() - 0.45], [current * factor], marker=">", color=TARGET,
            markersize=4 if small else 6, linestyle="none", clip_on=False, zorder=5,
        )  # fmt: skip
    _years(ax, years, small)
    ax.yaxis.set_major_locator(MaxNLocator(steps=STEPS, nbins=4 if small else 6))
    low_end, high_end = ax.get_ylim()
    ax.margins(y=0.08)
    if high_end - low_end < 1e-9:
        ax.set_ylim(low_end - 0.5, high_end + 0.5)
    _grid(ax)
    if table["median"].isna().all():
        ax.text(0.5, 0.5, labels("not_available"), transform=ax.transAxes, ha="center")
    if small:
        ax.tick_params(labelsize=7)
        return
    ax.set_xlabel(chart.x_title or labels("fiscal_year_axis"))
    ax.set_ylabel(labels.axis(chart.unit) if chart.unit else chart.y_title)
    if legend:
        ax.legend(handles=[*_path_entries(chart, labels), *marks(chart, labels)], **_OUTSIDE)


def _years(ax: Axes, years: pd.Series[Any], small: bool) -> None:
    first, last = int(years.min()), int(years.max())
    ax.set_xlim(first - 0.45, last + 0.3)
    step = -(-(last - first + 1) // (5 if small else 12))
    ax.set_xticks(range(first, last + 1, step))


def _path_entries(chart: Chart, labels: Labels) -> list[Line2D]:
    """The scenarios in a legend, with their chances of the target where they are known."""
    table = chart.table
    last = table.loc[table["fiscal_year"] == table["fiscal_year"].max()].set_index("scenario")
    out = []
    for name, style in _looks(chart).items():
        text = str(table.loc[table["scenario"] == name, "name"].iloc[0])
        if one_value(table, "target") is not None and "probability_target" in last:
            said = chance(last.loc[name].to_dict(), labels).split(" [")[0] or "–"
            text = labels("fig_legend_chance", name=text, chance=said)
        out.append(_entry(style, wrap(text, 38)))
    return out


def _entry(style: Style, text: str) -> Line2D:
    return Line2D([], [], color=style.colour, linestyle=style.line, marker=style.marker,
                  markersize=5, label=text)  # fmt: skip


def marks(chart: Chart, labels: Labels) -> list[Line2D]:
    """The target and the current value, as entries of a legend."""
    out = []
    looks: tuple[tuple[str, Any], ...] = (
        ("target", {"linewidth": 1.0}), ("current", {"marker": ">", "linestyle": "none"}),
    )  # fmt: skip
    for column, look in looks:
        value = one_value(chart.table, column)
        if value is not None:
            text = f"{labels(column)} {labels.number(value, chart.unit)}"
            out.append(Line2D([], [], color=TARGET, label=text, **look))
    return out


def entries(chart: Chart, labels: Labels) -> list[Line2D]:
    """The legend of small multiples: scenarios, target, current value."""
    table = chart.table
    called = dict(zip(table["scenario"], table["name"], strict=True))
    out = [_entry(style, str(called[name])) for name, style in _looks(chart).items()]
    if one_value(table, "target") is not None:
        out.append(Line2D([], [], color=TARGET, linewidth=1.0, label=labels("target")))
    if one_value(table, "current") is not None:
        out.append(
            Line2D([], [], color=TARGET, marker=">", linestyle="none", label=labels("current"))
        )
    return out


def lines(ax: Axes, chart: Chart, labels: Labels, small: bool) -> None:
    """Lines over a number, as slopes or steps; whiskers where there are intervals and no bands."""
    table, factor, own = chart.table, labels.scale(chart.unit), bands(chart)
    steps = "steps" in chart.options
    form: dict[str, Any] = {"drawstyle": "steps-post"} if steps else {}
    key = line_column(chart)
    for name, style in _looks(chart).items():
        part = table.loc[table[key] == name].sort_values("x")
        x = part["x"].to_numpy(float)
        value, low, high = (part[c].to_numpy(float) * factor for c in ("value", "low", "high"))
        if name in own:
            ax.fill_between(x, low, high, step="post" if steps else None, color=style.colour,
                            alpha=0.18, linewidth=0)  # fmt: skip
        elif not own:
            ax.vlines(x, low, high, color=style.colour, linewidth=0.9, alpha=0.6)
        ax.plot(
            x, value, color=style.colour, linestyle=style.line, marker=style.marker, markersize=4.5,
            linewidth=1.6, markevery=max(1, len(x) // 12), zorder=4 if name == BASELINE else 3,
            label=wrap(str(part["name"].iloc[0]), 34, 2), **form,
        )  # fmt: skip
    if "log" in chart.options:
        at = sorted({float(x) for x in table["x"]})
        ax.set_xscale("log", base=2)
        ax.set_xticks(at, [f"{x:,g}" for x in at])
        ax.minorticks_off()
    if "years" in chart.options:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(chart.x_title)
    ax.set_ylabel(chart.y_title or (labels.axis(chart.unit) if chart.unit else ""))
    ax.yaxis.set_major_locator(MaxNLocator(steps=STEPS, nbins=6))
    _grid(ax)
    ax.legend(**_OUTSIDE)


def scatter(ax: Axes, chart: Chart, labels: Labels, small: bool) -> None:
    """Points with their names; a ring around those chosen, intervals of y, a limit of x."""
    table, factor = chart.table, labels.scale(chart.unit)
    x, y = table["x"].to_numpy(float), table["y"].to_numpy(float) * factor
    groups = list(table["group"]) if "group" in table else [""] * len(table)
    order = {group: _GROUPS[n % len(_GROUPS)] for n, group in enumerate(dict.fromkeys(groups))}
    if "low" in table:
        low, high = (table[c].to_numpy(float) * factor for c in ("low", "high"))
        ax.vlines(x, low, high, color=[order[g][0] for g in groups], linewidth=1.0, alpha=0.4)
    for group, (colour, marker) in order.items():
        at = [n for n, own in enumerate(groups) if own == group]
        ax.plot(x[at], y[at], marker, color=colour, markersize=6.5, zorder=4, label=group or None)
    if "chosen" in table:
        at = [n for n, chosen in enumerate(table["chosen"]) if chosen]
        ax.plot(x[at], y[at], "o", markersize=14, markerfacecolor="none", zorder=3,
                markeredgecolor=BLACK, markeredgewidth=1.8)  # fmt: skip
    limit = one_value(table, "x_limit")
    if limit is not None:
        ax.axvline(limit, color="#444444", linewidth=1.0, linestyle=(0, (4, 2)))
    if "equal" in chart.options and len(table):
        both = np.concatenate([x, y])
        ends_of_line = [float(np.nanmin(both)), float(np.nanmax(both))]
        ax.plot(ends_of_line, ends_of_line, color=GREY, linewidth=1.0, zorder=1)
    _name_points(ax, [(a, b, str(t)) for a, b, t in zip(x, y, table["label"], strict=True)])
    ax.set_xlabel(chart.x_title)
    ax.set_ylabel(chart.y_title or (labels.axis(chart.unit) if chart.unit else ""))
    _grid(ax, "both")
    if any(groups):
        legend_below(ax, ax.get_legend_handles_labels()[0])


_SIDES = ((7, 4), (7, -11), (-7, 4), (-7, -11), (7, 15), (-7, 15))
"""Where a name may stand beside its point, in points."""


def _name_points(ax: Axes, points: list[tuple[float, float, str]]) -> None:
    """Names beside points; where two are close, one stands below its point."""
    ax.margins(x=0.14, y=0.10)
    ax.autoscale_view()
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    taken: list[tuple[float, float]] = []
    for x, y, name in sorted(points):
        at = ((x - x0) / (x1 - x0), (y - y0) / (y1 - y0))
        # a long name at the right would leave the axes
        choices = [side for side in _SIDES if at[0] <= 0.8 or side[0] < 0]
        best = max(choices, key=lambda c: _room(at, c, taken))
        taken.append((at[0] + best[0] / 300, at[1] + best[1] / 260))
        ax.annotate(
            name, (x, y), xytext=best, textcoords="offset points", fontsize=7.2,
            ha="left" if best[0] > 0 else "right", color="#333333", zorder=5,
        )  # fmt: skip


def _room(
    at: tuple[float, float], offset: tuple[int, int], taken: list[tuple[float, float]]
) -> float:
    """Distance to the nearest name already placed, at most a distance that is enough."""
    x, y = at[0] + offset[0] / 300, at[1] + offset[1] / 260
    gaps = [math.hypot((x - a) / 2.5, y - b) for a, b in taken]
    return min([0.06, *gaps])
