"""Charts of a sensitivity study: tornado with intervals, heatmap over the years, convergence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.analyses.sensitivity.indices import DUMMY, OVERALL
from sim.analyses.sensitivity.over_time import MAIN, main_rows
from sim.pages.labels import Labels, wrap
from sim.places.load import load_place
from sim.report.charts_parts import draw_footer
from sim.report.fonts import drawing
from sim.report.palette import GREY, GRID, HATCHES, MEASURE_COLOURS, SHADES, SKY, TARGET, ink
from sim.report.sensitivity import Subject, factor_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

    from sim.analyses.sensitivity.estimate import Sensitivity

LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P")

MOST = 24
"""Most factors in a chart."""

DRAWN = 6
"""Most factors in the chart of convergence."""


def _footer(result: Sensitivity, labels: Labels, scale: str, profile: str) -> list[str]:
    text = labels(
        "sens_chart_footer", method=result.method.name, points=f"{result.method.points:,}",
        scale=scale, profile=profile,
    )  # fmt: skip
    return [text, load_place().under_charts[labels.lang]]


def _figure(width: float, height: float, title: str) -> Figure:
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    figure.text(0.02, 1 - 0.16 / height, title, fontsize=11.5, va="top")
    return figure


def _axes(figure: Figure, left: float, right: float, head: float, foot: float) -> Axes:
    """Axes with room in inches at the four sides."""
    width, height = figure.get_figwidth(), figure.get_figheight()
    return figure.add_axes(
        (left / width, foot / height, (width - left - right) / width,
         (height - head - foot) / height)
    )  # fmt: skip


def _factor(result: Sensitivity) -> float:
    return 100.0 if result.method.name in ("sobol", "surrogate") else 1.0


def _axis(result: Sensitivity, subject: Subject, labels: Labels) -> str:
    name = labels(f"sens_{MAIN[result.method.name]}")
    if result.method.name in ("sobol", "surrogate"):
        return f"{name} [%]"
    return f"{name} [{labels.axis(subject.unit)}]" if result.method.name == "morris" else name


def _title(key: str, result: Sensitivity, subject: Subject, labels: Labels, width: int) -> str:
    order = labels(f"sens_{MAIN[result.method.name]}")
    return wrap(labels(key, what=subject.words(labels), order=order), width, 2)


def _scaled(result: Sensitivity, subject: Subject, labels: Labels) -> float:
    return labels.scale(subject.unit) if result.method.name == "morris" else _factor(result)


def tornado(result: Sensitivity, subject: Subject, lang: str, scale: str, profile: str) -> Figure:
    """Factors by their index over all years, the largest on top, with 95 % intervals.

    First-order indices, where there are any, are diamonds; what is not explained is grey.
    """
    labels = Labels(lang)
    with drawing(lang):
        height = 1.75 + 0.29 * min(MOST, len(main_rows(result.table)))
        figure = _figure(9.5, height, _title("sens_chart_tornado", result, subject, labels, 96))
        ax = _axes(figure, 3.6, 0.5, 0.75, 0.95)
        draw_tornado(ax, result.table, _scaled(result, subject, labels), labels)
        ax.set_xlabel(_axis(result, subject, labels))
        draw_footer(figure, _footer(result, labels, scale, profile))
    return figure


def draw_tornado(
    ax: Axes, table: pd.DataFrame, size: float, labels: Labels, most: int = MOST
) -> Axes:
    """A bar for each factor of a table of indices (INDEX_COLUMNS), times ``size``, into ``ax``.

    Initiatives have the colour of their measure; what is not explained is grey.
    """
    rows = main_rows(table).head(most)
    place = np.arange(len(rows))
    index, low, high = (rows[c].to_numpy(float) * size for c in ("index", "low", "high"))
    for n, factor in enumerate(rows["factor"]):
        measure = measure_of(factor)
        colour = "#bbbbbb" if factor.startswith("(") else MEASURE_COLOURS.get(measure, SKY)
        ax.barh(
            n, index[n], color=colour, height=0.62, zorder=2, hatch=HATCHES.get(measure, ""),
            edgecolor="white", linewidth=0.5,
        )  # fmt: skip
    ax.hlines(place, low, high, color="#222222", linewidth=1.1, zorder=3)
    own = table.loc[(table["order"] == "first") & (table["fiscal_year"] == OVERALL)]
    first = own.set_index("factor")["index"]
    if len(first):
        # a surrogate gives an exact 0 to what it does not read
        at = [k for k, f in enumerate(rows["factor"]) if first.get(f, 0.0) != 0.0]
        ax.plot(
            [float(first[rows["factor"].iloc[k]]) * size for k in at], at, "D", color=TARGET,
            markeredgecolor="white", markeredgewidth=0.6, markersize=6, zorder=4,
            label=labels("sens_chart_first"),
        )  # fmt: skip
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, fontsize=8.5)
    names = [wrap(factor_label(f, labels), 44, 2) for f in rows["factor"]]
    ax.set_yticks(place, names, fontsize=8.5)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.axvline(0, color=GREY, linewidth=0.8)
    ax.grid(axis="x", color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    if (rows["status"] != "ok").all():
        ax.text(0.5, 0.5, labels("not_available"), transform=ax.transAxes, ha="center")
    return ax


def measure_of(factor: str) -> int:
    """The measure of a factor that is an initiative or part of one ("1.4", "1.4 cost"), else 0."""
    from sim.model.measures import INITIATIVES

    found = INITIATIVES.get(factor.split(" ")[0])
    return 0 if found is None else int(found.measure)


def heatmap(result: Sensitivity, subject: Subject, lang: str, scale: str, profile: str) -> Figure:
    """Index of every factor in every fiscal year; below it how far the output spreads (sd)."""
    labels = Labels(lang)
    with drawing(lang):
        height = 2.0 + 0.29 * min(MOST, len(main_rows(result.table)))
        figure = _figure(10.5, height, _title("sens_chart_heat", result, subject, labels, 104))
        ax = _axes(figure, 3.6, 0.9, 0.75, 1.1)
        size = _scaled(result, subject, labels)
        image = draw_heatmap(ax, result.table, size, labels)
        sd = result.spread.set_index("fiscal_year")["sd"]
        below = [
            f"{year}\n{subject.number(float(sd[year]), labels).lstrip('+')}"
            for year in result.years
        ]
        ax.text(
            -0.01, -0.024, labels("sens_chart_spread"), transform=ax.transAxes, ha="right",
            va="top", fontsize=7,
        )  # fmt: skip
        ax.set_xticks(range(len(result.years)), below, fontsize=7)
        bar = figure.colorbar(image, ax=ax, fraction=0.03, pad=0.015)
        bar.set_label(_axis(result, subject, labels), fontsize=8)
        bar.outline.set_visible(False)
        draw_footer(figure, _footer(result, labels, scale, profile))
    return figure


def draw_heatmap(
    ax: Axes, table: pd.DataFrame, size: float, labels: Labels, most: int = MOST
) -> AxesImage:
    """The indices of a table (INDEX_COLUMNS) by factor and fiscal year, times ``size``."""
    factors = list(main_rows(table)["factor"].head(most))
    order = MAIN[str(table["method"].iloc[0])]
    rows = table.loc[(table["order"] == order) & (table["fiscal_year"] != OVERALL)]
    years = sorted({int(y) for y in rows["fiscal_year"]})
    wide = rows.pivot(index="factor", columns="fiscal_year", values="index")
    values = np.maximum(wide.loc[factors, years].to_numpy(float), 0.0) * size
    ax.set_facecolor("#e8e8e8")  # shows where there is no index
    shades = LinearSegmentedColormap.from_list("shades", list(SHADES))
    explained = [k for k, f in enumerate(factors) if not f.startswith("(")]
    seen = values[explained][np.isfinite(values[explained])]
    largest = max(float(seen.max()) if len(seen) else 0.0, 1e-12)
    # what no factor explains is not one of them: grey, as years without variance
    hidden = ~np.isfinite(values)
    hidden[[k for k in range(len(factors)) if k not in explained]] = True
    shown = np.ma.array(values, mask=hidden)
    image = ax.imshow(shown, aspect="auto", cmap=shades, vmin=0.0, vmax=largest)
    for k in range(len(factors)):
        for n in range(len(years)):
            x = values[k, n]
            text = "–" if not np.isfinite(x) else f"{x:.0f}" if largest >= 20 else f"{x:.2g}"
            back = "#e8e8e8" if hidden[k, n] else to_hex(shades(x / largest))
            ax.text(n, k, text, ha="center", va="center", fontsize=7.5, color=ink(back))
    names = [wrap(factor_label(f, labels), 44, 2) for f in factors]
    ax.set_yticks(range(len(factors)), names, fontsize=8.5)
    ax.set_xticks(range(len(years)), [str(year) for year in years], fontsize=8)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return image


def convergence_chart(
    result: Sensitivity, subject: Subject, lang: str, scale: str, profile: str
) -> Figure:
    """The leading factors' index over all years against N, with intervals."""
    labels = Labels(lang)
    with drawing(lang):
        figure = _figure(8.0, 4.4, _title("sens_chart_conv", result, subject, labels, 84))
        ax = _axes(figure, 0.8, 2.6, 0.8, 1.0)
        order = MAIN[result.method.name]
        rows = result.convergence.loc[result.convergence["order"] == order]
        named = [f for f in main_rows(result.table)["factor"] if not f.startswith("(")]
        size = _scaled(result, subject, labels)
        at = sorted({int(n) for n in rows["n"]})
        extra = [f for f in (DUMMY,) if f in set(rows["factor"])]
        for k, factor in enumerate([*named[:DRAWN], *extra]):
            part = rows.loc[rows["factor"] == factor].sort_values("n")
            colour = GREY if factor == DUMMY else LINES[k % len(LINES)]
            shift = 1 + 0.012 * (k - DRAWN / 2)  # intervals side by side
            x = part["n"].to_numpy(float) * shift
            y, low, high = (part[c].to_numpy(float) * size for c in ("index", "low", "high"))
            ax.vlines(x, low, high, color=colour, linewidth=0.9, alpha=0.6)
            ax.plot(x, y, color=colour, marker=MARKERS[k % len(MARKERS)], markersize=5,
                    linewidth=1.5, label=wrap(factor_label(factor, labels), 30, 2))  # fmt: skip
        ax.set_xscale("log", base=2)
        ax.set_xticks(at, [f"{n:,}" for n in at])
        ax.minorticks_off()
        ax.set_xlim(at[0] / 1.2, at[-1] * 1.2)
        ax.yaxis.set_major_locator(MaxNLocator(nbins=6))
        ax.set_xlabel(labels("sens_chart_n"))
        ax.set_ylabel(_axis(result, subject, labels))
        ax.grid(axis="y", color="#dddddd", linewidth=0.6)
        ax.axhline(0, color=GREY, linewidth=0.8)
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.02), frameon=False, fontsize=8)
        draw_footer(figure, _footer(result, labels, scale, profile))
    return figure


CHARTS = {"tornado": tornado, "heatmap": heatmap, "convergence": convergence_chart}
"""Name of the file -> what draws it."""
