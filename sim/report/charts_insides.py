"""Charts of what lies inside runs: the funnel of participation, the survival of NPOs.

They draw the tables of ``sim.analyses.compare.insides`` into Axes that they are given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.analyses.compare.insides import STEPS
from sim.pages.labels import Labels, Named, wrap
from sim.report.palette import GRID, SHADES, Style


def _persons(value: float, labels: Labels) -> str:
    """Persons in ten thousands (Japanese) or thousands."""
    return labels("fig_funnel_persons", n=_count(value, labels))


def _count(value: float, labels: Labels) -> str:
    return f"{value / (1e4 if labels.lang == 'ja' else 1e3):,.0f}"


def draw_funnel(ax: Axes, rows: pd.DataFrame, labels: Labels) -> Axes:
    """Centred bars, one for each step, as wide as the step has persons (in millions).

    ``rows``: FUNNEL_COLUMNS of one scenario and year, kind "step".
    """
    steps = rows.set_index("step").loc[list(STEPS)]
    widest = float(steps["median"].iloc[0]) / 1e6
    for place, (step, row) in enumerate(steps.iterrows()):
        width = float(row["median"]) / 1e6
        ax.barh(
            place, width, left=-width / 2, height=0.62, color=SHADES[1 + place], zorder=2,
            edgecolor="#444444", linewidth=0.6,
        )  # fmt: skip
        size = _persons(float(row["median"]), labels)
        if row["low"] < row["high"]:
            low, high = (_count(float(row[e]), labels) for e in ("low", "high"))
            size += "  " + labels("fig_funnel_range", low=low, high=high)
        ax.text(0.56 * widest, place - 0.13, size, va="center", fontsize=9)
        if place:
            part = labels("fig_funnel_of_previous", share=_share(row["of_previous"], labels))
            whole = labels("fig_funnel_of_all", share=_share(row["share"], labels))
            both = f"{part}, {whole}" if labels.lang == "en" else f"{part}、{whole}"
            ax.text(0.56 * widest, place + 0.17, both, va="center", fontsize=7.5, color="#333333")
        ax.text(
            -0.56 * widest, place, wrap(labels(f"fig_funnel_{step}"), 30, 3), ha="right",
            va="center", fontsize=9,
        )  # fmt: skip
    ax.set_xlim(-0.52 * widest, 0.52 * widest)
    ax.set_ylim(len(steps) - 0.5, -0.5)
    ax.set_axis_off()
    return ax


def _share(value: object, labels: Labels) -> str:
    return labels.number(float(str(value)), "share")


def barriers_text(rows: pd.DataFrame, labels: Labels) -> str:
    """Barriers of interested residents who do not take part, in words; "" without such rows."""
    found = rows.loc[rows["kind"] == "barrier"]
    texts = [
        f"{labels(f'fig_{step}')} {_share(part, labels)}"
        for step, part in zip(found["step"], found["of_previous"], strict=True)
    ]
    comma = "、" if labels.lang == "ja" else ", "
    return labels("fig_funnel_barriers", barriers=comma.join(texts)) if texts else ""


def draw_survival(
    ax: Axes,
    rows: pd.DataFrame,
    scenarios: Mapping[str, Named],
    labels: Labels,
    look: Mapping[str, Style],
    bands: Sequence[str],
) -> Axes:
    """Steps of the share (in per cent) still there, by years; markers every twelve months.

    ``rows``: SURVIVAL_COLUMNS of one kind.
    """
    last = 0.0
    for name, style in look.items():
        part = rows.loc[rows["scenario"] == name].sort_values("month")
        if part.empty:
            continue
        years = part["month"].to_numpy(float) / 12
        last = max(last, float(years[-1]))
        if name in bands:
            low, high = (100 * part[c].to_numpy(float) for c in ("low", "high"))
            ax.fill_between(
                years, low, high, step="post", color=style.colour, alpha=0.18, linewidth=0
            )
        ax.plot(
            years, 100 * part["median"].to_numpy(float), drawstyle="steps-post", markevery=12,
            color=style.colour, linestyle=style.line, marker=style.marker, markersize=4.5,
            linewidth=1.6, label=labels.name(scenarios[name]),
            zorder=4 if name == "baseline" else 3,
        )  # fmt: skip
    ax.set_xlim(0, last * 1.02)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=12))
    ax.set_xlabel(labels("fig_survival_years"), fontsize=8.5)
    count = f"{float(rows['at_start'].median()):,.0f}"
    ax.set_ylabel(labels("fig_survival_share", n=count), fontsize=8.5)
    ax.grid(axis="y", color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.legend(loc="lower left", frameon=False, fontsize=9, handlelength=3.5)
    return ax
