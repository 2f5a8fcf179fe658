"""Pictures of cells and areas: heatmaps and maps.

Every function draws a chart into Axes that it is given and keeps no state.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke

from sim.pages.labels import Labels, wrap
from sim.pages.page import Chart
from sim.report.charts.outlines import boundaries, centre, classes_of, extent, stretch
from sim.report.palette import GREY, ORANGE, SHADES, SKY, ink

NOTHING = "#e8e8e8"
"""Cells and areas without a value."""


def heatmap(ax: Axes, chart: Chart, labels: Labels, small: bool) -> None:
    """Cells with their values in figures; grey where there is none, or none to be told."""
    table = chart.table
    rows, columns = (list(dict.fromkeys(table[c])) for c in ("row", "column"))
    shape = (len(rows), len(columns))
    values, hidden = np.full(shape, math.nan), np.ones(shape, dtype=bool)
    sure = table["sure"] if "sure" in table else [True] * len(table)
    cells = zip(table["row"], table["column"], table["value"].astype(float), sure, strict=True)
    for row, column, value, told in cells:
        at = rows.index(row), columns.index(column)
        values[at] = value * labels.scale(chart.unit)
        hidden[at] = not told or math.isnan(value)
    shown = np.ma.array(values, mask=hidden)
    most = float(np.abs(shown).max()) if shown.count() else 0.0
    most = max(most, 1e-12)
    signed = bool(shown.count()) and float(shown.min()) < 0
    hues = (ORANGE, "#ffffff", SKY) if signed else SHADES
    shades = LinearSegmentedColormap.from_list("shades", list(hues))
    ax.set_facecolor(NOTHING)
    ax.imshow(shown, aspect="auto", cmap=shades, vmin=-most if signed else 0.0, vmax=most)
    for (row_at, column_at), cell in np.ndenumerate(values):
        value, dark = float(cell), bool(hidden[row_at, column_at])
        part = (value + most) / (2 * most) if signed else value / most
        back = NOTHING if dark else to_hex(shades(part))
        ax.text(column_at, row_at, _figure(value, most), ha="center", va="center", fontsize=7.5,
                color=ink(back))  # fmt: skip
    ax.set_yticks(range(len(rows)), [wrap(str(row), 44, 2) for row in rows], fontsize=8.5)
    long = any(len(str(c)) > 9 for c in columns)
    ax.xaxis.tick_top()
    ax.set_xticks(
        range(len(columns)), [wrap(str(c), 26, 2) if long else str(c) for c in columns],
        rotation=40 if long else 0, ha="left" if long else "center", fontsize=8,
        rotation_mode="anchor" if long else "default",
    )  # fmt: skip
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    unit = labels.axis(chart.unit) if chart.unit else ""
    ax.set_xlabel(" ".join(t for t in (chart.y_title, f"[{unit}]" if unit else "") if t))


def _figure(value: float, most: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:.0f}" if most >= 20 else f"{value:.2g}"


def wards(ax: Axes, chart: Chart, labels: Labels, small: bool) -> None:
    """Areas shaded by value in at most five classes; those without a value are hatched.

    Every area is a PathPatch whose gid is its code.
    """
    table = chart.table
    values = {int(c): float(v) for c, v in zip(table["ward"], table["value"], strict=True)}
    names = {int(c): str(n) for c, n in zip(table["ward"], table["name"], strict=True)}
    ranges = classes_of(list(values.values()))
    shades = [SHADES[round(k)] for k in np.linspace(0, len(SHADES) - 1, len(ranges))]
    for code, rings in boundaries().items():
        value = values.get(code, math.nan)
        colour = NOTHING
        for shade, (_, high) in zip(reversed(shades), reversed(ranges), strict=True):
            colour = shade if value <= high else colour
        outline = Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings))
        known = colour != NOTHING
        ax.add_patch(
            PathPatch(outline, facecolor=colour, edgecolor="white" if known else GREY,
                      linewidth=0.8, hatch="" if known else "xx", gid=str(code))
        )  # fmt: skip
        _, east, north = max(centre(ring) for ring in rings)
        number = "" if math.isnan(value) else labels.number(value, chart.unit, bare=True)
        ax.text(
            east, north, f"{names.get(code, '').removesuffix('区')}\n{number}".strip(), ha="center",
            va="center", fontsize=6.2, color=ink(colour), linespacing=1.1,
            path_effects=[withStroke(linewidth=1.6, foreground=colour)],
        )  # fmt: skip
    south_west, north_east = extent()
    ax.set_xlim(south_west[0] - 0.004, north_east[0] + 0.004)
    ax.set_ylim(south_west[1] - 0.004, north_east[1] + 0.004)
    ax.set_aspect(1 / stretch())
    ax.set_axis_off()
    handles = [
        Patch(facecolor=shade, edgecolor="#888888", label=_range(ends, chart.unit, labels))
        for shade, ends in zip(shades, ranges, strict=True)
    ]
    if sum(not math.isnan(v) for v in values.values()) < len(boundaries()):
        handles.append(
            Patch(facecolor=NOTHING, edgecolor=GREY, hatch="xx", label=labels("fig_map_none"))
        )
    ax.legend(
        handles=handles, loc="lower left", frameon=False, fontsize=8,
        title=chart.y_title or labels.axis(chart.unit), title_fontsize=8, alignment="left",
        bbox_to_anchor=(-0.02, 0.0),
    )  # fmt: skip


def height_of_map(width: float) -> float:
    """The height at which a map of a width fills its axes."""
    low, high = extent()
    tall, wide = (float(high[n] - low[n]) + 0.008 for n in (1, 0))
    return width * tall / wide / stretch()


def _range(ends: tuple[float, float], unit: str, labels: Labels) -> str:
    low, high = (labels.number(end, unit, bare=True) for end in ends)
    return low if low == high else f"{low} – {high}"
