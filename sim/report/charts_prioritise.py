"""Charts of ``prioritise``: figures by alternative as small multiples, and the verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.analyses.prioritise.scorecard_figures import CRITERIA
from sim.base.rows import records
from sim.pages.labels import wrap
from sim.report.about import facts_of as experiment_facts
from sim.report.charts_parts import draw_footer, footer_lines
from sim.report.palette import GREY, HATCHES, Style, styles
from sim.report.prioritise import Row, ScorecardText

if TYPE_CHECKING:
    from sim.analyses.prioritise.tables import Scorecard

_SCALES = {"share": 100.0, "ratio": 100.0, "difference of shares": 100.0, "yen": 1e-8}
_BACK = {True: "#ffffff", False: "#f0f0f0"}
_COLUMNS = 5


def look_of(report: ScorecardText) -> dict[str, Style]:
    """A style by alternative; initiatives take the colour of their measure."""
    base = styles(["m1", "m2", "m3"])
    by_measure = {n: base[f"m{n}"] for n in (1, 2, 3)}
    return {a.id: by_measure[a.measure] for a in report.alternatives}


def _unit(report: ScorecardText, unit: str) -> str:
    w = report.words
    if unit in ("share", "ratio"):
        return w("share_axis")
    if unit == "difference of shares":
        return w("points")
    if unit == "yen":
        return "億円" if w.lang == "ja" else "100 m yen"
    return ""


def draw_figure(
    ax: Axes, rows: Sequence[Row], report: ScorecardText, look: Mapping[str, Style]
) -> Axes:
    """One figure: median, interval and value over all draws of each alternative, first on top."""
    first = rows[0]
    factor = _SCALES.get(first["unit"], 1.0)
    many = len(rows) > 3
    ax.set_facecolor(_BACK[bool(first["ranked"])])
    for place, row in enumerate(rows):
        style = look[row["alternative"]]
        ends = np.array([row["low"], row["high"]], dtype=np.float64) * factor
        if not np.isnan(ends).any() and row["criterion"] != "evidence":
            ax.plot(
                ends, [place, place], color=style.colour, linestyle=style.line,
                linewidth=1.2 if many else 2.0, solid_capstyle="butt",
            )  # fmt: skip
        if math.isnan(row["median"]):
            note = "pr_no_figure" if not row["applies"] else "pr_not_given"
            note = "pr_no_effect" if row["given"] else note
            ax.text(
                0.98, place, report.words(note), transform=ax.get_yaxis_transform(),
                ha="right", va="center", fontsize=6.5, color="#555555",
            )  # fmt: skip
            continue
        ax.plot(
            [row["median"] * factor], [place], marker=style.marker, color=style.colour,
            markersize=4 if many else 6, linestyle="none", markeredgecolor="white",
            markeredgewidth=0.5, zorder=3,
        )  # fmt: skip
        if not math.isnan(row["over_draws"]):
            ax.plot(
                [row["over_draws"] * factor], [place], marker="o", markersize=6 if many else 9,
                markerfacecolor="none", markeredgecolor="#333333", markeredgewidth=0.7,
                linestyle="none", zorder=4,
            )  # fmt: skip
    names = [report.names[row["alternative"]] for row in rows]
    ax.set_yticks(range(len(rows)), names, fontsize=6.5 if many else 9)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    if all(math.isnan(row["median"]) for row in rows):
        ax.set_xticks([])  # an axis without a value would show made-up numbers
    else:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=3))
    low, high = ax.get_xlim()
    for place, row in enumerate(rows):
        for end, edge in (("low", low), ("high", high)):
            # an end without any effect lies beyond the panel
            if math.isnan(row[end]) and not math.isnan(row["median"]):
                colour = look[row["alternative"]].colour
                other, middle = (
                    row[k] * factor for k in ("high" if end == "low" else "low", "median")
                )
                ax.plot([middle, edge], [place, place], color=colour, linestyle=":")
                ax.plot([middle, other], [place, place], color=colour, linewidth=1.2)
    ax.set_xlim(low, high)
    if low < 0 < high:
        ax.axvline(0, color=GREY, linewidth=0.7, zorder=1)
    ax.tick_params(axis="x", labelsize=7)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color="#dddddd", linewidth=0.5)
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    arrow = "→" if first["better"] > 0 else "←"
    unit = _unit(report, first["unit"])
    name = report.words.figure(first["figure"], report.after) + (f" [{unit}]" if unit else "")
    ax.set_title(wrap(f"{arrow} {name}", 33, 3), fontsize=7.2, loc="left", pad=3)
    return ax


def scorecard_figure(card: Scorecard, manifest: Mapping[str, Any], lang: str) -> Figure:
    """All figures, one row of panels or more per criterion. Call within ``fonts.drawing(lang)``."""
    report = ScorecardText(card, lang)
    w, look = report.words, look_of(report)
    rows = records(card.scorecard)
    blocks = []
    for criterion in CRITERIA:
        mine = [r for r in rows if r["criterion"] == criterion]
        mine.sort(key=lambda r: not r["ranked"])
        by_figure = {name: [r for r in mine if r["figure"] == name] for name in _names(mine)}
        blocks.append((criterion, list(by_figure.values())))
    count = len(report.alternatives)
    body = 0.8 if count <= 3 else 0.14 * count
    cell, head, foot, top_space = body + 0.82, 0.4, 0.75, 0.6
    lines = sum(-(-len(panels) // _COLUMNS) for _, panels in blocks)
    height = top_space + len(blocks) * head + lines * cell + foot
    figure = Figure(figsize=(11.5, height))
    FigureCanvasAgg(figure)
    figure.text(0.02, 1 - 0.3 / height, w("pr_chart_title"), fontsize=13, va="center")
    top = height - top_space
    verdicts = {r["criterion"]: r for r in records(card.verdicts) if not r["figure"]}
    for criterion, panels in blocks:
        verdict = report.verdict(verdicts[criterion])
        title = f"{w(f'pr_{criterion}')}  –  {report.asserted()}: {verdict}"
        figure.text(0.02, (top - head / 2) / height, title, fontsize=10.5, va="center")
        top -= head
        for start in range(0, len(panels), _COLUMNS):
            for column, panel in enumerate(panels[start : start + _COLUMNS]):
                box = (0.035 + column * 0.195, (top - cell + 0.34) / height, 0.155, body / height)
                draw_figure(figure.add_axes(box), panel, report, look)
            top -= cell
    _legend(figure, report, look, height)
    legend = w("pr_chart_legend", interval=report.interval())
    draw_footer(figure, [legend, *footer_lines(experiment_facts(manifest), w)])
    return figure


def _names(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row["figure"] for row in rows))


def _legend(
    figure: Figure, report: ScorecardText, look: Mapping[str, Style], height: float
) -> None:
    handles = []
    seen = set()
    for a in report.alternatives:
        if a.measure in seen:
            continue
        seen.add(a.measure)
        style = look[a.id]
        name = report.words.name(a) if report.measures else "①②③"[a.measure - 1]
        handles.append(
            Line2D([], [], color=style.colour, linestyle=style.line, marker=style.marker,
                   markersize=5, label=name)
        )  # fmt: skip
    figure.legend(
        handles=handles, loc="center right", ncols=3, frameon=False, fontsize=9,
        bbox_to_anchor=(0.99, 1 - 0.3 / height), handlelength=3.5,
    )  # fmt: skip


def verdict_figure(card: Scorecard, manifest: Mapping[str, Any], lang: str) -> Figure:
    """Who is first in how many draws, by criterion, with the verdict on the document's order."""
    report = ScorecardText(card, lang)
    w, look = report.words, look_of(report)
    figure = Figure(figsize=(10, 4.3))
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0.24, 0.235, 0.44, 0.575))
    from sim.analyses.prioritise.ranking import first_place, ranks

    verdicts = [r for r in records(card.verdicts) if not r["figure"]]
    for place, row in enumerate(verdicts):
        share = first_place(ranks(card.scores[:, place], 1)).mean(axis=0)
        left = 0.0
        for measure in (1, 2, 3):
            own = [n for n, a in enumerate(report.alternatives) if a.measure == measure]
            part = float(share[own].sum())
            style = look[report.alternatives[own[0]].id]
            ax.barh(
                place, 100 * part, left=left, color=style.colour, height=0.62, edgecolor="white",
                hatch=HATCHES[measure], linewidth=0.6,
            )  # fmt: skip
            if part >= 0.07:
                ax.text(
                    left + 50 * part, place, f"{'①②③'[measure - 1]} {100 * part:.0f}",
                    ha="center", va="center", fontsize=8.5, color="#111111",
                    bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85},
                )  # fmt: skip
            left += 100 * part
        tau = f"{row['tau_mean']:.2f} [{row['tau_low']:.2f}, {row['tau_high']:.2f}]"
        ax.text(104, place - 0.14, report.verdict(row), fontsize=9.5, va="center")
        text = w("pr_chart_tau", value=tau)
        if report.measures:
            text += f"; {w('pr_order')} {report.percent(row['order_share'])}"
        ax.text(104, place + 0.2, text, fontsize=7.5, va="center", color="#444444")
    ax.set_yticks(
        range(len(verdicts)), [wrap(w(f"pr_{r['criterion']}"), 30, 2) for r in verdicts], fontsize=9
    )
    ax.set_ylim(len(verdicts) - 0.5, -0.5)
    ax.set_xlim(0, 100)
    ax.set_xlabel(f"{w('pr_chart_share')} [%]", fontsize=8)
    ax.tick_params(axis="y", length=0)
    figure.text(0.02, 0.94, w("pr_chart_verdicts"), fontsize=13, va="center")
    figure.text(0.02, 0.875, report.asserted(), fontsize=11, va="center")
    seen = {a.measure: a for a in reversed(report.alternatives)}
    handles = [
        Patch(
            facecolor=look[a.id].colour,
            edgecolor="white",
            hatch=HATCHES[m],
            label=w.name(a) if report.measures else "①②③"[m - 1],
        )
        for m, a in sorted(seen.items())
    ]
    figure.legend(
        handles=handles, loc="center right", ncols=3, frameon=False, fontsize=9,
        bbox_to_anchor=(0.99, 0.875),
    )  # fmt: skip
    draw_footer(figure, footer_lines(experiment_facts(manifest), w))
    return figure
