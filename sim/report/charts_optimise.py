"""Charts of ``kyodo optimise``: the front, surrogate against real, the schedule of the choice."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.pages.labels import wrap
from sim.places.load import start_year
from sim.report.about import Facts
from sim.report.charts_parts import draw_footer, footer_lines
from sim.report.fonts import drawing
from sim.report.optimise_words import YEN, Case, OptimiseWords
from sim.report.palette import (
    BLACK,
    GREY,
    HATCHES,
    MEASURE_COLOURS,
    PINK,
    SKY,
    VERMILION,
)

HELD, REJECTED, STANDARD, STAGED, CHOSEN = SKY, "#999999", PINK, VERMILION, BLACK
"""Kinds of plans: none has the colour of a measure."""

Row = Mapping[str, Any]


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def _kind(row: Row) -> tuple[str, str, str]:
    """(colour, marker, key of the legend) of a plan."""
    if row["kind"] == "nothing":
        return GREY, "o", "baseline"
    if row["plan"] == "staged":
        return STAGED, "D", "chart_staged"
    if row["kind"] == "standard":
        return STANDARD, "s", "chart_standard"
    if row["verdict"] == "kept":
        return HELD, "o", "chart_kept"
    return REJECTED, "X", "chart_rejected"


def _panel(ax: Axes, case: Case, words: OptimiseWords, key: str, what: str) -> None:
    """All plans: cost of the dearest year against one gain, the budget as a line."""
    factor = words.scale(YEN)
    robust = case.found.chosen.get("robust")
    name = None if robust is None else case.found.names[robust]
    ax.axvline(case.found.budget * factor, color="#444444", linewidth=1.0, linestyle=(0, (4, 2)))
    ax.axhline(0.0, color="#bbbbbb", linewidth=0.8, zorder=1)
    ax.plot([0.0], [0.0], marker="o", color=GREY, markersize=6.5, linestyle="none", zorder=4)
    points = [(0.0, 0.0, "baseline")]
    for row in case.rows["plans"]:
        if row["kind"] == "nothing":  # it stands at 0, 0 already
            continue
        colour, marker, _ = _kind(row)
        x, y = row["cost_dearest_year"] * factor, row[key]
        if key == "solved_extra":
            ends = (row["solved_extra_low"], row["solved_extra_high"])
            ax.plot([x, x], ends, color=colour, linewidth=1.0, alpha=0.35, zorder=2)
        ax.plot([x], [y], marker=marker, color=colour, markersize=6.5, linestyle="none", zorder=4)
        if row["plan"] == name:
            ax.plot(
                [x], [y], marker="o", markersize=14, markerfacecolor="none", zorder=3,
                markeredgecolor=CHOSEN, markeredgewidth=1.8, linestyle="none",
            )  # fmt: skip
        points.append((x, y, row["plan"]))
    _name_points(ax, points)
    ax.set_xlabel(words.say("chart_cost", unit=words.axis("yen")))
    ax.set_ylabel(words.say(what))
    ax.grid(color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)


def _name_points(ax: Axes, points: list[tuple[float, float, str]]) -> None:
    """Names beside points; where two are close, one stands below its point."""
    ax.margins(x=0.14, y=0.10)
    ax.autoscale_view()
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    taken: list[tuple[float, float]] = []
    for x, y, name in sorted(points):
        at = ((x - x0) / (x1 - x0), (y - y0) / (y1 - y0))
        choices: tuple[tuple[int, int], ...] = (
            (7, 4),
            (7, -11),
            (-7, 4),
            (-7, -11),
            (7, 15),
            (-7, 15),
        )
        if at[0] > 0.8:  # a long name would leave the panel
            choices = tuple(c for c in choices if c[0] < 0)
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


def front_figure(case: Case, facts: Facts, lang: str) -> Figure:
    """Cost against extra solved projects, and against extra outcome targets, for all plans."""
    words = OptimiseWords(lang)
    with drawing(lang):
        figure = _figure(12.5, 6.0)
        figure.text(
            0.02, 0.955, words.say("chart_front", years=case.years), fontsize=13, va="center"
        )
        for n, (key, what) in enumerate(
            (("solved_extra", "chart_solved"), ("targets_extra", "chart_targets"))
        ):
            ax = figure.add_axes((0.065 + 0.49 * n, 0.235, 0.425, 0.665))
            _panel(ax, case, words, key, what)
        handles = []
        for key in ("chart_kept", "chart_rejected", "chart_standard", "chart_staged"):
            like = [r for r in case.rows["plans"] if _kind(r)[2] == key]
            if like:
                colour, marker, _ = _kind(like[0])
                handles += figure.axes[0].plot(
                    [], [], marker=marker, color=colour, linestyle="none", label=words.say(key)
                )
        if "robust" in case.found.chosen:
            handles += figure.axes[0].plot(
                [], [], marker="o", markersize=11, markerfacecolor="none", linestyle="none",
                markeredgecolor=CHOSEN, markeredgewidth=1.8, label=words.say("chart_chosen"),
            )  # fmt: skip
        handles += figure.axes[0].plot(
            [], [], color="#444444", linestyle=(0, (4, 2)),
            label=f"{words.say('chart_budget')}: {words.yen(case.found.budget)}",
        )  # fmt: skip
        figure.legend(
            handles=handles, loc="center", bbox_to_anchor=(0.5, 0.115), ncols=6, frameon=False,
            fontsize=8.5,
        )  # fmt: skip
        draws = case.found.worth.solved.shape[2]
        band = words.interval(case.rows["plans"][0]["interval_kind"], draws)
        first = f"{words.say('chart_solved')}: {band}"
        draw_footer(figure, [first, *footer_lines(facts, words)])
        return figure


def surrogate_figure(case: Case, facts: Facts, lang: str) -> Figure:
    """Surrogate against real for three values of every plan; the line is perfect agreement."""
    words = OptimiseWords(lang)
    factor = words.scale(YEN)
    parts = (
        ("solved_extra", words.say("solved"), 1.0),
        ("targets_extra", words.say("targets"), 1.0),
        ("cost_dearest_year", f"{words.say('dearest')} [{words.axis('yen')}]", factor),
    )
    with drawing(lang):
        figure = _figure(13.0, 5.1)
        figure.text(0.02, 0.945, words.say("chart_surrogate"), fontsize=13, va="center")
        plans = {row["plan"]: row for row in case.rows["plans"]}
        for n, (key, title, scale) in enumerate(parts):
            ax = figure.add_axes((0.06 + 0.325 * n, 0.215, 0.26, 0.645))
            points = []
            for row in case.rows["surrogate"]:
                colour, marker, _ = _kind(plans[row["plan"]])
                x, y = (row[f"{key}_{s}"] * scale for s in ("surrogate", "real"))
                ax.plot([x], [y], marker=marker, color=colour, markersize=6, linestyle="none")
                points.append((x, y, row["plan"]))
            ends = [min(min(p[:2]) for p in points), max(max(p[:2]) for p in points)]
            ax.plot(ends, ends, color=GREY, linewidth=1.0, zorder=1, label=words.say("chart_equal"))
            _name_points(ax, points)
            ax.set_xlabel(words.say("chart_promised", what=title))
            ax.set_ylabel(words.say("chart_real", what=title))
            ax.grid(color="#e6e6e6", linewidth=0.6)
            ax.set_axisbelow(True)
            ax.legend(loc="upper left", frameon=False, fontsize=7.5)
        draw_footer(figure, footer_lines(facts, words))
        return figure


def schedule_figure(case: Case, facts: Facts, lang: str) -> Figure:
    """A bar for each initiative of the robust choice, from its start to the horizon.

    Its shade and the number in it are the strength.
    """
    from sim.model.measures import INITIATIVES

    words = OptimiseWords(lang)
    row = case.plan(case.found.names[case.found.chosen["robust"]])
    ids = list(row["strengths"])
    with drawing(lang):
        height = 1.9 + 0.34 * len(ids)
        figure = _figure(11.0, height)
        title = words.say("chart_schedule", name=row["plan"])
        figure.text(0.02, 1 - 0.3 / height, title, fontsize=13, va="center")
        ax = figure.add_axes((0.36, 1.0 / height, 0.6, (height - 1.75) / height))
        end = start_year() + case.years
        for place, id in enumerate(ids):
            measure = id.split(".")[0]
            first = start_year() + row["start_years"][measure] - 1
            strength = row["strengths"][id]
            ax.barh(
                place, end - first, left=first, height=0.66, alpha=0.25 + 0.65 * strength,
                facecolor=MEASURE_COLOURS[int(measure)], hatch=HATCHES[int(measure)],
                edgecolor="white",
            )  # fmt: skip
            ax.text(first + 0.1, place, f"{strength:g}", va="center", fontsize=8.5)
        names = [wrap(f"{id} {words.name(INITIATIVES[id])}", 44, 1) for id in ids]
        ax.set_yticks(range(len(ids)), names)
        ax.set_ylim(len(ids) - 0.4, -0.6)
        ax.set_xlim(start_year(), end)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=11))
        ax.set_xlabel(words("fiscal_year_axis"))
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x", color="#e6e6e6", linewidth=0.6)
        ax.set_axisbelow(True)
        used = list(dict.fromkeys(id.split(".")[0] for id in ids))
        handles = [
            Patch(
                facecolor=MEASURE_COLOURS[int(m)], hatch=HATCHES[int(m)], edgecolor="white",
                label=words.say(f"measure_{m}"),
            )
            for m in used
        ]  # fmt: skip
        ax.legend(
            handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False,
            fontsize=8.5,
        )  # fmt: skip
        draw_footer(figure, footer_lines(facts, words))
        return figure
