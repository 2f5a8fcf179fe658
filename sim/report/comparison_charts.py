"""Charts of a comparison, from its rows (``sim.analyses.shared.comparison.comparison_rows``).

Nothing here keeps state: figures are made with ``Figure`` and drawn with the Agg and SVG backends,
never with pyplot, so charts may be made in worker processes. Only the modules ``charts``,
``charts_parts`` and ``fonts`` use matplotlib.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.base.files import atomic_write
from sim.model.indicators import DOCUMENT_KINDS
from sim.pages.labels import Labels, Named, wrap
from sim.report.charts_parts import banded, draw_footer, draw_horizon, draw_paths, footer_lines
from sim.report.fonts import drawing
from sim.report.palette import CLASS_COLOURS, TARGET, styles
from sim.report.scope import Facts, ReportIndicator, city


def indicator_figure(
    rows: pd.DataFrame,
    indicator: ReportIndicator,
    scenarios: Mapping[str, Named],
    labels: Labels,
    facts: Facts,
) -> Figure:
    """One indicator: paths over the fiscal years at the left, the last year at the right.

    Call within ``fonts.drawing(labels.lang)``, as ``write_figure`` does.
    """
    rows = city(rows).loc[lambda r: r["indicator"] == indicator.id]
    names = list(dict.fromkeys(rows["scenario"]))
    look, bands = styles(names), banded(names)
    interval = facts.interval(labels)
    last = int(rows["fiscal_year"].max())
    figure = Figure(figsize=(10, 5.2))
    FigureCanvasAgg(figure)
    left = figure.add_axes((0.062, 0.215, 0.43, 0.605))
    right = figure.add_axes((0.70, 0.215, 0.215, 0.605))
    draw_paths(left, rows, indicator, labels, look, bands=bands)
    draw_horizon(right, rows, indicator, scenarios, labels, look)
    for ax, text in ((left, labels.axis(indicator.unit)), (right, "")):
        ax.set_title(text, loc="left", fontsize=8, color="#333333")
    right.set_title(
        labels("chart_horizon", year=labels.year(last), interval=interval),
        loc="right", fontsize=8, color="#333333",
    )  # fmt: skip
    right.set_xlabel(labels.axis(indicator.unit), fontsize=8)
    left.set_xlabel(labels("fiscal_year_axis"), fontsize=8)
    title = f"{indicator.id}  {labels.name(indicator)}"
    figure.text(0.02, 0.945, wrap(title, 84, 1), fontsize=13, va="center")
    figure.text(
        0.98, 0.945, labels("chart_class", kind=labels(indicator.kind)), fontsize=9, ha="right",
        va="center", bbox={"boxstyle": "round,pad=0.4", "fc": CLASS_COLOURS[indicator.kind],
                           "ec": "#bbbbbb"},
    )  # fmt: skip
    first = rows.iloc[0]
    marks = [
        f"{mark} {labels(key)} {labels.number(first[key], indicator.unit)}"
        for mark, key in (("─", "target"), ("►", "current"))
        if not pd.isna(first[key])
    ]
    figure.text(0.02, 0.888, "    ".join(marks), fontsize=10, va="center")
    some = ""
    if len(bands) < len(names):
        shown = [labels.name(scenarios[b]) for b in bands]
        some = labels("chart_band_some", names=("、" if labels.lang == "ja" else ", ").join(shown))
    band = labels("chart_band", interval=interval, some=some)
    if not rows["reachable"].all():
        band += f"   |   ✕ {labels('not_reachable')}"
    draw_footer(figure, [band, *footer_lines(facts, labels)])
    return figure


def overview_figure(
    rows: pd.DataFrame,
    indicators: Mapping[str, ReportIndicator],
    scenarios: Mapping[str, Named],
    labels: Labels,
    facts: Facts,
) -> Figure:
    """All indicators as small multiples, the outcome class above and the delivery class below."""
    rows = city(rows)
    names = list(dict.fromkeys(rows["scenario"]))
    look = styles(names)
    counted = {k for k, i in indicators.items() if i.kind in DOCUMENT_KINDS}
    present = set(rows["indicator"]) & counted
    columns = 6
    blocks = []
    for kind in DOCUMENT_KINDS:
        ids = [k for k, i in indicators.items() if i.kind == kind and k in present]
        lines = [ids[n : n + columns] for n in range(0, len(ids), columns)]
        blocks.append((kind, lines))
    count = sum(len(lines) for _, lines in blocks)
    head, cell, foot = 0.42, 2.13, 1.35
    height = 0.6 + foot + sum(head + cell * len(lines) for _, lines in blocks)
    figure = Figure(figsize=(16, height if count else 3.0))
    FigureCanvasAgg(figure)
    interval = facts.interval(labels)
    figure.text(
        0.012, 1 - 0.32 / height, labels("chart_overview", n=len(present)), fontsize=15, va="center"
    )
    top = height - 0.6
    for kind, lines in blocks:
        deep = head + cell * len(lines)
        panel = figure.add_axes(
            (0.006, (top - deep + 0.04) / height, 0.988, (deep - 0.08) / height)
        )
        panel.set_facecolor(CLASS_COLOURS[kind])
        panel.set_xticks([])
        panel.set_yticks([])
        panel.spines[:].set_visible(False)
        figure.text(
            0.012, (top - 0.22) / height, labels(f"{kind}_long"), fontsize=11.5, va="center"
        )
        for line, ids in enumerate(lines):
            base = top - head - cell * (line + 1)
            for column, key in enumerate(ids):
                ax = figure.add_axes(
                    (0.032 + column * 0.1625, (base + 0.3) / height, 0.132, 1.28 / height)
                )
                part = rows.loc[rows["indicator"] == key]
                draw_paths(ax, part, indicators[key], labels, look, bands=["baseline"], small=True)
                unit = labels.axis(indicators[key].unit)
                ax.set_title(
                    f"{key}  [{unit}]\n" + wrap(labels.name(indicators[key]), 42, 2),
                    fontsize=7.5, loc="left", pad=4,
                )  # fmt: skip
                ax.tick_params(labelsize=7)
        top -= deep
    handles = [
        Line2D([], [], color=look[n].colour, linestyle=look[n].line, marker=look[n].marker,
               markersize=5, label=labels.name(scenarios[n]))
        for n in look
        if n in scenarios
    ]  # fmt: skip
    handles.append(Line2D([], [], color=TARGET, linewidth=1.0, label=labels("target")))
    handles.append(
        Line2D([], [], color=TARGET, marker=">", linestyle="none", label=labels("current"))
    )
    figure.legend(
        handles=handles, loc="center", ncols=5, frameon=False, fontsize=9, handlelength=4,
        bbox_to_anchor=(0.5, 0.98 / height),
    )  # fmt: skip
    band = [labels("chart_overview_band", interval=interval)] if "baseline" in names else []
    draw_footer(figure, [*band, *footer_lines(facts, labels)])
    return figure


def write_figure(figure: Figure, path: Path, lang: str) -> list[Path]:
    """Write a figure as ``path``.png and ``path``.svg; both are the same at every repetition."""
    out = []
    with drawing(lang):
        for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
            file = path.with_name(f"{path.name}.{kind}")
            with atomic_write(file) as stream:
                figure.savefig(stream, format=kind, metadata=metadata)
            out.append(file)
    return out


@dataclass(frozen=True)
class _Charts:
    """Draws one chart and writes it: an indicator's, or the overview for None. Sent to workers."""

    folder: Path
    rows: pd.DataFrame
    indicators: Mapping[str, ReportIndicator]
    scenarios: Mapping[str, Named]
    facts: Facts
    lang: str

    def __call__(self, key: str | None) -> list[Path]:
        labels = Labels(self.lang)
        with drawing(self.lang):
            common = (self.scenarios, labels, self.facts)
            if key is None:
                figure = overview_figure(self.rows, self.indicators, *common)
            else:
                figure = indicator_figure(self.rows, self.indicators[key], *common)
            return write_figure(figure, self.folder / (key or "overview"), self.lang)


def write_charts(
    folder: Path,
    rows: pd.DataFrame,
    indicators: Mapping[str, ReportIndicator],
    scenarios: Mapping[str, Named],
    facts: Facts,
    lang: str,
    workers: int = 1,
) -> list[Path]:
    """Write one chart per outcome and delivery indicator, and the overview, into ``folder``.

    On ``workers`` processes; the files do not depend on their number.
    """
    from sim.runs.workers import map_tasks

    drawn = {k: i for k, i in indicators.items() if i.kind in DOCUMENT_KINDS}
    keys: list[str | None] = [k for k in drawn if k in set(rows["indicator"])]
    rows = rows.loc[rows["indicator"].isin(drawn)]
    out: list[Path] = []
    # the overview takes longest, so it is begun first
    charts = _Charts(folder, rows, drawn, scenarios, facts, lang)
    map_tasks(charts, [None, *keys], min(workers, len(keys)), out.extend)
    return sorted(out)
