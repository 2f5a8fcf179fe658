"""Charts as pictures: PNG and SVG files, each with what must stand beside it at its foot.

Nothing here keeps state: figures are made with ``Figure`` and drawn with the Agg and SVG backends,
never with pyplot, so that pictures may be made in worker processes. A page gives one picture of all
its charts; its tables are in the report. Rooms of axes are measured, so that no name is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.base.files import atomic_write
from sim.pages.labels import Labels, wrap
from sim.pages.page import Chart, Foot, Page
from sim.report.charts import picture_cells as cells
from sim.report.charts import picture_planes as planes
from sim.report.charts import picture_rows as rows
from sim.report.charts.bands import band_names, bands, line_column
from sim.report.charts.picture_layout import Cell, CellBlock, arrange
from sim.report.fonts import drawing
from sim.report.palette import CLASS_COLOURS

Draw = Callable[[Axes, Chart, Labels, bool], None]

DRAWN: Mapping[str, Draw] = {
    "trajectory": planes.trajectory,
    "intervals": rows.intervals,
    "lines": planes.lines,
    "waterfall": rows.waterfall,
    "tornado": rows.tornado,
    "bars": rows.bars,
    "spans": rows.spans,
    "shares": rows.shares,
    "forest": rows.forest,
    "heatmap": cells.heatmap,
    "scatter": planes.scatter,
    "map": cells.wards,
}
"""Kind -> what draws it into Axes: (axes, chart, labels, small)."""

VALUES: Mapping[str, str] = {
    "intervals": "median",
    "lines": "value",
    "waterfall": "value",
    "tornado": "high",
    "bars": "value",
    "shares": "value",
    "scatter": "y",
}
"""Kind -> the column that puts numbers on its axis. Other kinds say themselves what is missing."""

PANELS_IN_A_ROW = {"trajectory": 6, "forest": 3}
BACKS = tuple(CLASS_COLOURS.values())
"""Behind the groups of small multiples."""


def draw(ax: Axes, chart: Chart, labels: Labels, small: bool = False) -> None:
    """Draw a chart into Axes. Raises KeyError for a table, which is no picture.

    Without any value there are words and no axis, which would show made-up numbers.
    """
    column = VALUES.get(chart.kind)
    if chart.table.empty or (column and chart.table[column].isna().all()):
        ax.text(0.5, 0.5, labels("not_available"), transform=ax.transAxes, ha="center")
        ax.set_axis_off()
        return
    DRAWN[chart.kind](ax, chart, labels, small)


def size_of(chart: Chart, small: bool = False) -> tuple[float, float]:
    """Width and height of a chart's axes in inches, without what stands around them."""
    table = chart.table
    line = 0.14 if small and len(table) > 4 else 0.22 if small else 0.3
    if chart.kind in ("trajectory", "lines"):
        return (2.1, 1.28) if small else (4.6, 3.15)
    if chart.kind == "scatter":
        return (2.6, 2.2) if small else (5.4, 4.2)
    if chart.kind == "map":
        return 5.2, cells.height_of_map(5.2)
    if chart.kind == "heatmap":
        return 0.62 * max(3, table["column"].nunique()), line * max(2, table["row"].nunique())
    if chart.kind == "shares":
        return 4.6, 0.52 * table["row"].nunique()
    high = 0.6 if "centred" in chart.options else line
    width = 2.3 if small else 3.4 if chart.kind in ("intervals", "forest") else 4.4
    return width, high * len(table) + (0.1 if small else 0.2)


def reading(chart: Chart, labels: Labels) -> str:
    """How to read a chart as it is drawn here: whose bands it has where not all have one."""
    said = chart.reading
    if not said and chart.interval:
        said = labels("chart_band" if bands(chart) else "chart_interval", interval=chart.interval)
    if chart.kind in ("trajectory", "lines"):
        own = band_names(chart)
        if bands(chart) and len(own) < chart.table[line_column(chart)].nunique():
            comma = "、" if labels.lang == "ja" else ", "
            said += " " + labels("chart_bands", names=comma.join(own))
    if "reachable" in chart.table and not chart.table["reachable"].all():
        said += f"   ✕ {labels('not_reachable')}"
    return said.strip()


def figure_of(
    charts: Sequence[Chart], lang: str, foot: Foot, title: str = "", notes: Sequence[str] = ()
) -> Figure:
    """A figure of charts below each other, under a title, with the foot below them.

    A path stands in one line with the interval chart that follows it: the names there are the
    legend of both; two scatters stand side by side. ``notes`` stand above the foot, after how to
    read the charts. Call within ``fonts.drawing(lang)``, as ``write_pictures`` does. Raises
    KeyError for a table.
    """
    labels = Labels(lang)
    figure = Figure(figsize=(4, 4))  # until it is arranged
    FigureCanvasAgg(figure)
    title = title or charts[0].title
    blocks: list[CellBlock] = []
    left = list(charts)
    while left:
        chart = left.pop(0)
        if chart.panels:
            head = chart.title if chart.title != title else ""
            blocks += _multiples(figure, chart, labels, head)
        elif [c.kind for c in (chart, *left[:1])] == ["trajectory", "intervals"]:
            blocks.append(CellBlock([_path_and_ends(figure, chart, left.pop(0), labels)]))
        else:
            beside = [left.pop(0)] if _pair(chart, left) else []
            line = []
            for one in (chart, *beside):
                line.append(Cell(figure, *size_of(one)))
                draw(line[-1].ax, one, labels)
                if len(charts) > 1 or one.title != title:
                    _head(line[-1], one.title)
            blocks.append(CellBlock([line]))
    grounded = [block for block in blocks if len(block.lines[0]) > 1 and block.head]
    for n, block in enumerate(grounded if len(grounded) > 1 else ()):
        block.back = BACKS[n % len(BACKS)]
    for block in blocks[:-1]:
        if block.legend and blocks[-1].legend:
            block.legend = []  # the last one is that of all
    said = dict.fromkeys(reading(chart, labels) for chart in charts)
    arrange(figure, blocks, title, [*said, *notes], foot.lines)
    return figure


def _pair(chart: Chart, left: Sequence[Chart]) -> bool:
    """Whether a chart and the next one stand beside each other."""
    return bool(left) and chart.kind == left[0].kind == "scatter" and not left[0].panels


def _path_and_ends(figure: Figure, path: Chart, ends: Chart, labels: Labels) -> list[Cell]:
    """A path, and the scenarios in its last year at its right."""
    width, height = size_of(path)
    cells_made = [Cell(figure, width, height), Cell(figure, size_of(ends)[0], height)]
    planes.trajectory(cells_made[0].ax, path, labels, legend=False)
    draw(cells_made[1].ax, ends, labels)
    marks = planes.marks(path, labels)
    signs = ["►" if mark.get_marker() == ">" else "─" for mark in marks]
    line = "    ".join(f"{s} {mark.get_label()}" for s, mark in zip(signs, marks, strict=True))
    _head(cells_made[0], f"{path.title}\n{line}" if line else path.title)
    _head(cells_made[1], ends.title, 18)
    return cells_made


def _head(cell: Cell, text: str, pad: float = 6) -> None:
    """The title of one chart, above what stands on its axes."""
    lines = [wrap(line, max(40, int(cell.width / 0.062))) for line in text.split("\n")]
    cell.ax.set_title("\n".join(lines), loc="left", fontsize=9, color="#333333", pad=pad)


def _multiples(figure: Figure, chart: Chart, labels: Labels, head: str) -> list[CellBlock]:
    """Small multiples: a block for each group of panels, under its name, or under ``head``."""
    groups: dict[str, list[Chart]] = {}
    table = chart.table.drop_duplicates("panel")
    heads = table["panel_group"] if "panel_group" in table else [head] * len(table)
    for panel, own in zip(chart.panels, heads, strict=True):
        groups.setdefault(str(own), []).append(panel)
    wide = PANELS_IN_A_ROW.get(chart.kind, 4)
    blocks = []
    for own, panels in groups.items():
        made = []
        for panel in panels:
            cell = Cell(figure, *size_of(panel, small=True))
            draw(cell.ax, panel, labels, small=True)
            unit = labels.axis(panel.unit) if panel.unit else ""
            text = f"{panel.title}  [{unit}]" if unit else panel.title
            text = wrap(text, int(cell.width / 0.05), 3)
            cell.ax.set_title(text, fontsize=7.5, loc="left", pad=4)
            made.append(cell)
        lines = [made[k : k + wide] for k in range(0, len(made), wide)]
        blocks.append(CellBlock(lines, own))
    if chart.kind == "trajectory":
        blocks[-1].legend = planes.entries(chart, labels)
    return blocks


def write_figure(
    figure: Figure,
    path: Path,
    lang: str,
    kinds: Sequence[str] = ("png", "svg"),
) -> list[Path]:
    """Write a figure as ``path``.png and ``path``.svg; both are the same at every repetition.

    Raises OutputError.
    """
    out = []
    with drawing(lang):
        for kind in kinds:
            metadata: Any = {"Software": None} if kind == "png" else {"Date": None}
            file = path.with_name(f"{path.name}.{kind}")
            with atomic_write(file) as stream:
                figure.savefig(stream, format=kind, metadata=metadata, dpi="figure")
            out.append(file)
    return out


def charts_of(page: Page) -> list[Chart]:
    """The charts that a page's picture shows: all but tables and what is empty."""
    return [c for c in page.charts if c.kind != "table" and len(c.table)]


@dataclass(frozen=True)
class _PictureTask:
    """Draws the picture of one page and writes it. Sent to workers."""

    folder: Path
    lang: str
    foot: Foot
    kinds: Sequence[str]

    def __call__(self, page: Page) -> list[Path]:
        with drawing(self.lang):
            figure = figure_of(charts_of(page), self.lang, self.foot, page.title)
            return write_figure(figure, self.folder / page.id, self.lang, self.kinds)


def write_pictures(
    pages: Sequence[Page],
    folder: Path,
    lang: str,
    foot: Foot,
    kinds: Sequence[str] = ("png",),
    workers: int = 1,
) -> list[Path]:
    """Write one picture for each page that has charts, named by the page's id, into ``folder``.

    ``kinds``: "png", "svg" or both. On ``workers`` processes; the files do not depend on their
    number. Returns the files in the order of their names. Raises OutputError.
    """
    from sim.runs.workers import map_tasks

    drawn = [page for page in pages if charts_of(page)]
    # what takes longest is begun first
    drawn.sort(key=lambda page: -sum(len(c.table) for c in charts_of(page)))
    out: list[Path] = []
    map_tasks(
        _PictureTask(folder, lang, foot, tuple(kinds)), drawn, min(workers, len(drawn)), out.extend
    )
    return sorted(out)
