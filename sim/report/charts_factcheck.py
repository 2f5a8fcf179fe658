"""The chart of a fact check: what knowing each fact, and each judgement, would be worth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.analyses.factcheck.estimate import FactCheck
from sim.analyses.factcheck.facts import COSTS_TABLE, FACTS, JUDGEMENT
from sim.pages.labels import wrap
from sim.report.about import facts_of as experiment_facts
from sim.report.charts_parts import draw_footer, footer_lines
from sim.report.factcheck import Text
from sim.report.palette import GREY, PINK, SKY

BARS = 12
FACT, JUDGED = SKY, PINK
"""No colour of a measure."""
PALE = "#c4c4c4"
WIDTH = 46
"""Columns of a name beside its bar."""


def worth_figure(check: FactCheck, manifest: Mapping[str, Any], lang: str) -> Figure:
    """Two panels of bars: facts at the left, judgement and costs at the right.

    With intervals from 50 draws on. Bars that cannot be told from chance are grey.
    Call within ``fonts.drawing(lang)``.
    """
    text = Text(check, lang)
    figure = Figure(figsize=(13.5, 7.4))
    FigureCanvasAgg(figure)
    panels = ((0.215, (FACTS,), FACT, "chart_facts"), (0.715, (JUDGEMENT, COSTS_TABLE), JUDGED, ""))
    end = 0.0
    axes: list[Axes] = []
    for left, tables, colour, title in panels:
        rows = check.main.loc[check.main["table"].isin(tables)]
        by = ["clear", "beyond_chance", "share_of_variance"]
        rows = rows.sort_values(by, ascending=False, kind="stable").head(BARS)
        ax = figure.add_axes((left, 0.17, 0.265, 0.66))
        records: Sequence[Mapping[Any, Any]] = rows.to_dict(orient="records")
        end = max(end, _bars(ax, text, records, colour))
        ax.set_title(text.words(title or "chart_judgement"), loc="left", fontsize=10)
        axes.append(ax)
    for ax in axes:
        ax.set_xlim(0.0, end * 1.05 or 1.0)
    figure.text(0.012, 0.955, text.words("chart_title"), fontsize=14, va="center")
    best = text.labels.name(check.scenarios[check.choice.best])
    note = text.words("chart_value", value=text.price(check.plan.value), best=best)
    figure.text(0.012, 0.905, note, fontsize=9.5, va="center", color="#333333")
    unit = text.labels.axis("yen")
    key = f"chart_axis_{check.main['interval_kind'].iloc[0]}"
    axis = text.words(key, unit=unit, years=check.plan.years)
    draw_footer(figure, [axis, *footer_lines(experiment_facts(manifest), text.labels)])
    return figure


def _bars(ax: Axes, text: Text, rows: Sequence[Mapping[Any, Any]], colour: str) -> float:
    """Draw the bars of one panel; the largest number on it, in the unit of the axis."""
    factor = text.labels.scale("yen")
    end = 0.0
    for place, row in enumerate(rows):
        value, low, high = (float(row[c]) * factor for c in ("evppi", "low", "high"))
        shade = colour if row["clear"] else PALE
        ax.barh(place, value, height=0.62, color=shade, zorder=2)
        if math.isnan(high):
            end = max(end, value)
            continue
        ax.plot([low, high], [place, place], color="#333333" if row["clear"] else GREY, linewidth=1)
        end = max(end, high, value)
    names = [wrap(text.name(row).replace("`", ""), WIDTH, 2) for row in rows]
    ax.set_yticks(range(len(rows)), names, fontsize=8)
    ax.set_ylim(BARS - 0.4, -0.6)
    ax.grid(axis="x", color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return end
