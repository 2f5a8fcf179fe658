"""Figures of the calibration record, from a calibration's check, identification and recovery.

As in ``charts``: no pyplot, no state, the same bytes at every repetition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.base.files import atomic_write
from sim.report.calibration_judgement import ROLE_ORDER
from sim.report.fonts import drawing

if TYPE_CHECKING:
    from sim.calibrate.check import Check
    from sim.calibrate.recover import Recovery

Rows = Sequence[Mapping[str, Any]]

COLOURS = {"fitted": "#0072B2", "held_out": "#D55E00", "anchored": "#009E73", "input": "#777777"}
"""Okabe & Ito's palette, as in the charts of comparisons."""
MARKERS = {"fitted": "o", "held_out": "D", "anchored": "s", "input": "^"}
INFORMED, OPEN = "#0072B2", "#bbbbbb"
GRID = "#dddddd"
DOTS_PER_INCH = 90
BINS = 10
LINE = 0.205
"""Inches of one line of a list."""


def write_png(figure: Figure, path: Path) -> Path:
    """Write a figure as PNG; the same figure gives the same bytes."""
    with drawing("en"), atomic_write(path) as stream:
        figure.savefig(stream, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return path


def _list_figure(lines: int, left: float, foot: float = 0.95) -> tuple[Figure, Axes]:
    """A figure of a list with ``lines`` entries; ``left``, ``foot``: inches for names, legend."""
    head, width = 0.5, 8.4
    height = head + foot + LINE * lines
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    ax = figure.add_axes(
        (left / width, foot / height, 1 - (left + 0.25) / width, LINE * lines / height)
    )
    ax.set_ylim(lines - 0.4, -0.6)
    ax.grid(axis="x", color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0, labelsize=8)
    ax.spines["left"].set_visible(False)
    return figure, ax


def _title(figure: Figure, text: str) -> None:
    figure.text(0.015, 1 - 0.24 / figure.get_figheight(), text, fontsize=11, va="center")


def _legend(figure: Figure, handles: Sequence[Any], columns: int) -> None:
    figure.legend(
        handles=handles, loc="lower center", ncols=columns, frameon=False, fontsize=8,
        bbox_to_anchor=(0.5, 0.0),
    )  # fmt: skip


def predictive_figure(check: Check, profile: str) -> Figure:
    """Median and intervals of every target, less its figure, in standard deviations of both."""
    place = {t.id: j for j, t in enumerate(check.targets)}
    rows = [r for role in ROLE_ORDER for r in check.rows if r["role"] == role]
    figure, ax = _list_figure(len(rows), 2.3)
    _title(figure, f"Posterior predictive check, profile {profile}")
    for line, r in enumerate(rows):
        j = place[r["target"]]
        t, runs = check.targets[j], check.outputs[:, place[r["target"]]]
        goal = float(t.scaled(t.observed))
        sd = float(np.hypot(t.scaled_sd, t.scaled(runs[np.isfinite(runs)]).std()))
        at = {
            k: (float(t.scaled(r[k])) - goal) / sd
            for k in ("median", "p05", "p95", "runs_p05", "runs_p95")
        }
        colour = COLOURS[r["role"]]
        ax.plot([at["p05"], at["p95"]], [line, line], color=colour, linewidth=1.0)
        ax.plot([at["runs_p05"], at["runs_p95"]], [line, line], color=colour, linewidth=3.2,
                alpha=0.55, solid_capstyle="butt")  # fmt: skip
        ax.plot(
            [at["median"]], [line], marker=MARKERS[r["role"]] if r["inside_90"] else "X",
            color=colour, markersize=6 if r["inside_90"] else 9, linestyle="none",
            markeredgecolor="white", markeredgewidth=0.6,
        )  # fmt: skip
    ax.axvline(0.0, color="#111111", linewidth=1.0, zorder=1)
    ax.set_yticks(range(len(rows)), [r["target"] for r in rows])
    for tick, r in zip(ax.get_yticklabels(), rows, strict=True):
        tick.set_color(COLOURS[r["role"]])
    ends = ax.get_xlim()
    reach = max(2.5, *(abs(x) for x in ends))
    ax.set_xlim(-reach, reach)
    ax.set_xlabel("model less figure, in standard deviations (0: the figure)", fontsize=8)
    present = [role for role in ROLE_ORDER if any(r["role"] == role for r in rows)]
    handles = [
        Line2D([], [], color=COLOURS[role], marker=MARKERS[role], label=role.replace("_", " "))
        for role in present
    ]
    handles += [
        Line2D([], [], color="#444444", linewidth=1.0, label="90 % with errors"),
        Line2D([], [], color="#444444", linewidth=3.2, alpha=0.55, label="90 % of runs alone"),
    ]
    if any(not r["inside_90"] for r in rows):
        handles.append(Line2D([], [], color="#444444", marker="X", markersize=8, linestyle="none",
                              label="outside"))  # fmt: skip
    _legend(figure, handles, len(handles))
    return figure


def contraction_figure(identify: Rows, profile: str) -> Figure:
    """How much narrower each parameter became: 1 - (sd of posterior / sd of prior)^2."""
    from sim.calibrate.recover import IDENTIFIED

    figure, ax = _list_figure(len(identify), 3.2)
    _title(figure, f"What the figures say about each parameter, profile {profile}")
    for line, r in enumerate(identify):
        colour = INFORMED if r["identified"] else OPEN
        ax.barh(line, max(0.0, r["contraction"]), height=0.7, color=colour)
    ax.axvline(1 - IDENTIFIED**2, color="#111111", linewidth=1.0, linestyle=(0, (3, 2)))
    ax.set_xlim(0, 1)
    ax.set_yticks(range(len(identify)), [r["parameter"] for r in identify])
    ax.set_xlabel(
        "share of the prior's variance that the figures took away (below 0 drawn as 0)", fontsize=8
    )
    handles = [
        Patch(color=INFORMED, label="identified"),
        Patch(color=OPEN, label="not identified"),
        Line2D([], [], color="#111111", linestyle=(0, (3, 2)), label=f"sd ratio {IDENTIFIED:g}"),
    ]
    _legend(figure, handles, len(handles))
    return figure


def coverage_figure(rows: Rows, band: tuple[int, int], profile: str) -> Figure:
    """Truths inside the 90 % interval, by parameter, with the exact 99 % band of an honest one."""
    figure, ax = _list_figure(len(rows), 3.2)
    _title(figure, f"Recovery of synthetic truths: coverage of 90 % intervals, profile {profile}")
    truths = rows[0]["truths"]
    ordered = sorted(rows, key=lambda r: r["posterior_sd"])
    low, high = (100 * x / truths for x in band)
    ax.axvspan(low, high, color="#56B4E9", alpha=0.25, linewidth=0)
    ax.axvline(90, color="#111111", linewidth=1.0)
    for line, r in enumerate(ordered):
        ax.plot(
            [100 * r["coverage"]], [line], marker="o" if r["in_band"] else "X",
            markersize=5.5 if r["in_band"] else 8, linestyle="none", color=INFORMED,
            markerfacecolor=INFORMED if r["identified"] else "white",
        )  # fmt: skip
    ax.set_yticks(range(len(ordered)), [r["parameter"] for r in ordered])
    reach = max(10.0, *(abs(100 * r["coverage"] - 90) + 1 for r in rows))
    ax.set_xlim(90 - reach, 90 + min(reach, 10.5))
    ax.set_xlabel(f"% of {truths} truths inside", fontsize=8)
    handles = [
        Line2D([], [], color=INFORMED, marker="o", linestyle="none", label="identified"),
        Line2D([], [], color=INFORMED, marker="o", markerfacecolor="white", linestyle="none",
               label="not identified"),
        Patch(color="#56B4E9", alpha=0.25, label=f"exact 99 % band ({band[0]}-{band[1]} hits)"),
    ]  # fmt: skip
    if any(not r["in_band"] for r in rows):
        handles.append(Line2D([], [], color=INFORMED, marker="X", markersize=8, linestyle="none",
                              label="outside the band"))  # fmt: skip
    _legend(figure, handles, len(handles))
    return figure


def rank_figure(recovery: Recovery, profile: str) -> Figure | None:
    """Ranks of the truths among the draws, one histogram per identified parameter; None if none."""
    from scipy.stats import binom

    known = [int(j) for j in np.flatnonzero(recovery.identified)]
    if not known:
        return None
    columns = min(5, len(known))
    lines = -(-len(known) // columns)
    head, foot, cell = 0.5, 0.75, 1.25
    width, height = 8.4, head + foot + cell * lines
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    _title(figure, f"Ranks of synthetic truths, identified parameters, profile {profile}")
    truths = len(recovery.truth)
    low, high = (float(x) for x in binom.interval(0.99, truths, 1 / BINS))
    counts = {j: np.histogram(recovery.rank[:, j], BINS, (0.0, 1.0))[0] for j in known}
    top = 1.08 * max(high, *(float(c.max()) for c in counts.values()))
    for n, j in enumerate(known):
        line, column = divmod(n, columns)
        ax = figure.add_axes((
            0.04 + column * 0.96 / columns, (foot + cell * (lines - 1 - line) + 0.08) / height,
            0.96 / columns - 0.03, (cell - 0.46) / height,
        ))  # fmt: skip
        ax.axhspan(low, high, color="#56B4E9", alpha=0.25, linewidth=0)
        ax.axhline(truths / BINS, color="#111111", linewidth=0.8)
        middles = (np.arange(BINS) + 0.5) / BINS
        ax.bar(middles, counts[j], width=0.9 / BINS, color=INFORMED, alpha=0.85)
        group, _, name = recovery.ids[j].partition(".")
        ax.set_title(f"{group}\n{name}" if name else group, fontsize=6.6, loc="left", pad=3)
        ax.set_xlim(0, 1)
        ax.set_ylim(0, top)
        ax.set_xticks([])
        ax.tick_params(labelsize=6)
    handles = [
        Patch(color=INFORMED, alpha=0.85, label=f"truths in each tenth of the ranks, of {truths}"),
        Line2D([], [], color="#111111", linewidth=0.8, label="expected"),
        Patch(color="#56B4E9", alpha=0.25, label="99 % band of one bar"),
    ]
    _legend(figure, handles, len(handles))
    return figure


def write_profile_figures(
    check: Check,
    identify: Rows,
    recovery: Recovery | None,
    recovery_rows: Rows,
    band: tuple[int, int] | None,
    profile: str,
    folder: Path,
    prefix: str = "",
) -> dict[str, Path]:
    """Write the figures of one profile into ``folder``; name -> file of those there are."""
    figures: dict[str, Figure | None] = {}
    with drawing("en"):
        figures["predictive"] = predictive_figure(check, profile)
        figures["contraction"] = contraction_figure(identify, profile)
        if recovery is not None and band is not None:
            figures["coverage"] = coverage_figure(recovery_rows, band, profile)
            figures["ranks"] = rank_figure(recovery, profile)
    return {
        name: write_png(figure, folder / f"{prefix}{name}.png")
        for name, figure in figures.items()
        if figure is not None
    }
