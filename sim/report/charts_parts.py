"""Parts of the charts: styles, paths over the years, intervals at the horizon, footers.

Every function draws into Axes that it is given and keeps no state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.pages.labels import Labels, Named, balanced
from sim.report.palette import TARGET, Style
from sim.report.scope import Facts, ReportIndicator
from sim.scenario.bundled import FULLEST


def banded(scenarios: Sequence[str], baseline: str = "baseline") -> list[str]:
    """Scenarios whose band is drawn: all of up to three, else the baseline and the fullest one."""
    if len(scenarios) <= 3:
        return list(scenarios)
    fullest = FULLEST if FULLEST in scenarios else scenarios[-1]
    return [s for s in scenarios if s in (baseline, fullest)]


def draw_paths(
    ax: Axes,
    rows: pd.DataFrame,
    indicator: ReportIndicator,
    labels: Labels,
    look: Mapping[str, Style],
    *,
    bands: Sequence[str],
    small: bool = False,
) -> Axes:
    """Draw medians over the fiscal years, with bands, target and current value, into ``ax``.

    ``rows``: comparison rows of this indicator, all wards; with columns p25 and p75 the band has
    an inner one. ``bands``: scenarios with a band.
    """
    factor = labels.scale(indicator.unit)
    for name in look:
        part = rows.loc[rows["scenario"] == name]
        if part.empty:
            continue
        year, style = part["fiscal_year"].to_numpy(), look[name]
        if name in bands:
            low, high = (part[c].to_numpy(float) * factor for c in ("low", "high"))
            ax.fill_between(year, low, high, color=style.colour, alpha=0.18, linewidth=0, zorder=1)
            if "p25" in part and part["p25"].notna().any():
                low, high = (part[c].to_numpy(float) * factor for c in ("p25", "p75"))
                ax.fill_between(year, low, high, color=style.colour, alpha=0.3, lw=0, zorder=1)
        ax.plot(
            year, part["median"].to_numpy(float) * factor, color=style.colour,
            linestyle=style.line, linewidth=1.2 if small else 1.6, marker=style.marker,
            markersize=2.2 if small else 4.0, zorder=4 if name == "baseline" else 3,
        )  # fmt: skip
    first = rows.iloc[0]
    years = rows["fiscal_year"]
    if not pd.isna(first["target"]):
        ax.axhline(first["target"] * factor, color=TARGET, linewidth=1.0, zorder=2)
    if not pd.isna(first["current"]):
        ax.plot(
            [years.min() - 0.45], [first["current"] * factor], marker=">", color=TARGET,
            markersize=4 if small else 6, linestyle="none", clip_on=False, zorder=5,
        )  # fmt: skip
    ax.set_xlim(years.min() - 0.45, years.max() + 0.3)
    first_year, last_year = int(years.min()), int(years.max())
    step = -(-(last_year - first_year + 1) // (5 if small else 12))
    ax.set_xticks(range(first_year, last_year + 1, step))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=4 if small else 6))
    low_end, high_end = ax.get_ylim()
    ax.margins(y=0.08)
    if high_end - low_end < 1e-9:
        ax.set_ylim(low_end - 0.5, high_end + 0.5)
    ax.grid(axis="y", color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    if rows["median"].isna().all():
        ax.text(0.5, 0.5, labels("not_available"), transform=ax.transAxes, ha="center")
    return ax


def draw_horizon(
    ax: Axes,
    rows: pd.DataFrame,
    indicator: ReportIndicator,
    scenarios: Mapping[str, Named],
    labels: Labels,
    look: Mapping[str, Style],
) -> Axes:
    """Draw each scenario's median and interval in the last fiscal year, one line per scenario.

    The names at the left are the legend of the whole figure; the chance of reaching the target
    stands at the right.
    """
    factor = labels.scale(indicator.unit)
    last = rows.loc[rows["fiscal_year"] == rows["fiscal_year"].max()].set_index("scenario")
    names = [n for n in look if n in last.index]
    for place, name in enumerate(names):
        row, style = last.loc[name], look[name]
        ax.plot(
            [row["low"] * factor, row["high"] * factor], [place, place], color=style.colour,
            linestyle=style.line, linewidth=2.0, solid_capstyle="butt",
        )  # fmt: skip
        ax.plot(
            [row["median"] * factor], [place], marker=style.marker, color=style.colour,
            markersize=7, linestyle="none", markeredgecolor="white", markeredgewidth=0.6,
        )  # fmt: skip
        chance = labels.chance(row["probability_target"])
        if not row["reachable"]:
            chance = "✕"
        ax.text(1.06, place, chance, transform=ax.get_yaxis_transform(), va="center", fontsize=9)
    target = last["target"].iloc[0]
    if not pd.isna(target):
        ax.axvline(target * factor, color=TARGET, linewidth=1.0, zorder=1)
        ax.text(1.06, 1.025, labels("chance"), transform=ax.transAxes, fontsize=8, color="#333333")
    ax.set_yticks(
        range(len(names)), [balanced(labels.name(scenarios[n]), 27) for n in names], fontsize=9
    )
    for tick, name in zip(ax.get_yticklabels(), names, strict=True):
        tick.set_color("#000000" if name != "baseline" else "#555555")
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    ax.grid(axis="x", color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return ax


def footer_lines(facts: Facts, labels: Labels) -> list[str]:
    """What stands under every chart: status of the numbers, how many runs, credits."""
    calibration = labels(f"calibration_{facts.calibration}")
    status = labels("chart_footer_status", calibration=calibration)
    if facts.profile != "document":
        status = labels("chart_footer_profile", profile=facts.profile, calibration=calibration)
    runs = labels(
        "chart_footer_runs", draws=facts.draws, replicates=facts.replicates, scale=facts.scale,
        discount=facts.discount(labels),
    )  # fmt: skip
    if "as_claimed" in facts.discounts:
        runs = f"{labels('chart_footer_extreme')} – {runs}"
    return [status, f"{runs}   |   {labels('credits_short')}"]


def draw_footer(figure: Figure, lines: Sequence[str]) -> None:
    """Write lines at the bottom of a figure, the last one lowest."""
    height = float(figure.get_figheight())
    for n, line in enumerate(reversed(lines)):
        figure.text(
            0.02, (0.13 + 0.185 * n) / height, line, fontsize=7.2, va="center", color="#444444"
        )
