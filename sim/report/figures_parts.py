"""Parts of ``sim.report.figures``: checks of frames, names, the frame around a chart."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.base.errors import KyodoError, UsageError, nearest
from sim.pages.labels import Labels, Named, wrap
from sim.report.charts_parts import draw_footer, footer_lines
from sim.report.fonts import drawing
from sim.report.palette import styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.report.scope import Facts

NOTES = "kyodo_notes"
"""Where Axes keep what must stand beside the chart."""


@dataclass(frozen=True)
class Plain:
    """A scenario of the user's own, of which only the id is known."""

    name_en: str
    name_ja: str


@dataclass(frozen=True)
class DrawnUnit:
    unit: str


def unit_of(unit: str) -> Any:
    """What the drawing functions need of an indicator."""
    return DrawnUnit(unit)


def figure_of(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure


def inches(ax: Axes) -> float:
    return float(ax.get_position().height * figure_of(ax).get_figheight())


def chart(
    draw: Callable[[Axes], list[str]],
    ax: Axes | None,
    title: str,
    labels: Labels,
    size: tuple[float, float],
    sides: tuple[float, float],
    rows: pd.DataFrame | None,
    facts: Facts | None,
    *,
    below: float = 0.5,
    above: float = 0.15,
) -> Axes:
    """Draw into ``ax``, or into a new figure of ``size`` inches with its notes at the foot.

    ``sides``: inches left and right of the axes; ``below``, ``above``: for ticks and legends.
    """
    with drawing(labels.lang):
        width, height = size
        own = ax is None
        if ax is None:
            figure = Figure(figsize=size)
            FigureCanvasAgg(figure)
            ax = figure.add_axes((0.1, 0.1, 0.8, 0.8))
            place(ax, sides, (0.5 + above, below + 0.6))
        said = [note for note in draw(ax) if note]
        if facts is not None:
            said += footer_lines(facts, labels)
        else:
            said += status_lines(rows, labels)
        setattr(ax, NOTES, said)
        if not own:
            ax.set_title(wrap(title, 60), loc="left", fontsize=10)
            return ax
        figure = figure_of(ax)
        lines = [line for note in said for line in wrap(note, int(width / 0.059)).split("\n")]
        foot = below + 0.12 + 0.185 * len(lines)
        head = wrap(title, int(width / 0.1))
        figure.set_figheight(height + foot - below - 0.6)
        place(ax, sides, (0.3 + 0.22 * len(head.split("\n")) + above, foot))
        figure.text(
            0.02, 1 - 0.13 / figure.get_figheight(), head, fontsize=12, va="top", linespacing=1.2
        )
        draw_footer(figure, lines)
    return ax


def place(ax: Axes, sides: tuple[float, float], ends: tuple[float, float]) -> None:
    """Set the room in inches left, right, above and below the axes."""
    figure = figure_of(ax)
    width, height = figure.get_figwidth(), figure.get_figheight()
    (left, right), (head, foot) = sides, ends
    ax.set_position(
        (left / width, foot / height, (width - left - right) / width,
         (height - head - foot) / height)
    )  # fmt: skip


def status_lines(rows: pd.DataFrame | None, labels: Labels) -> list[str]:
    """What can be said of the runs from the frame alone."""
    parts = [labels("fig_status")]
    if rows is not None and {"draws", "replicates"} <= set(rows):
        runs = {k: int(rows[k].max()) for k in ("draws", "replicates")}
        parts.append(labels("fig_runs", **runs))
    if rows is not None and "provisional" in rows and rows["provisional"].any():
        parts.append(labels("fig_provisional"))
    return ["   ".join(parts), labels("credits_short")]


def need(frame: pd.DataFrame, columns: Iterable[str], what: str) -> None:
    wanted = list(columns)
    for column in wanted:
        if column not in frame:
            hint = nearest(column, [str(c) for c in frame.columns])
            raise UsageError(
                f"{what}: the frame has no column '{column}'{hint}; needed: {', '.join(wanted)}"
            )


def only(frame: pd.DataFrame, column: str, value: object) -> pd.DataFrame:
    """The rows with one value. Raises UsageError where there are none."""
    part = frame.loc[frame[column] == value]
    if part.empty:
        have = [str(v) for v in dict.fromkeys(frame[column])]
        some = ", ".join(have[:8]) + (" ..." if len(have) > 8 else "")
        hint = nearest(str(value), have) or f": there are {some}"
        raise UsageError(f"no row has {column} '{value}'{hint}")
    return part


def of_scenarios(part: pd.DataFrame, scenarios: Sequence[str] | None) -> pd.DataFrame:
    if scenarios is None:
        return part
    return pd.concat([only(part, "scenario", name) for name in scenarios], ignore_index=True)


def rows_of(
    rows: pd.DataFrame,
    indicator: str,
    scenarios: Sequence[str] | None,
    columns: Sequence[str],
    what: str,
) -> pd.DataFrame:
    """Comparison rows of one indicator, the whole city and whole years."""
    from sim.report.scope import city

    need(rows, ("scenario", "indicator", *columns), what)
    return of_scenarios(only(city(rows), "indicator", indicator), scenarios)


def year_of(part: pd.DataFrame, year: int | None) -> pd.DataFrame:
    return only(part, "fiscal_year", part["fiscal_year"].max() if year is None else year)


def look_of(shown: Sequence[str]) -> dict[str, Any]:
    """Styles of the scenarios that are there."""
    look = styles(shown)
    return {name: look[name] for name in shown}


def named_of(ids: Iterable[str], given: Mapping[str, Named] | None) -> dict[str, Named]:
    """Names of scenarios: those given, those of bundled scenarios, else the ids."""
    from sim.scenario.reader import load_scenario

    out: dict[str, Named] = {}
    for id in ids:
        if given is not None and id in given:
            out[id] = given[id]
            continue
        try:
            out[id] = load_scenario(id)
        except KyodoError:
            out[id] = Plain(id, id)
    return out


def indicator_title(indicator: str, labels: Labels) -> str:
    from sim.model.indicators import INDICATORS

    declared = INDICATORS.get(indicator)
    if declared is None:
        return indicator
    name = labels.name(declared)
    return name if declared.kind == "auxiliary" else f"{indicator}  {name}"


def interval_of(part: pd.DataFrame, labels: Labels) -> str:
    """What the band is, from interval_kind and the number of runs."""
    count = "runs" if "runs" in part else "draws"
    runs = int(part[count].max())
    if count == "draws" and "replicates" in part:
        runs *= int(part["replicates"].max())
    return labels.interval(str(part["interval_kind"].iloc[0]), runs)


def level_of(part: pd.DataFrame, labels: Labels) -> str:
    return labels("fig_level", interval=interval_of(part, labels))


def index_scale(indices: pd.DataFrame, unit: str, labels: Labels) -> float:
    method = str(indices["method"].iloc[0])
    if method in ("sobol", "surrogate"):
        return 100.0
    return labels.scale(unit) if method == "morris" else 1.0


def index_axis(indices: pd.DataFrame, unit: str, labels: Labels) -> str:
    from sim.analyses.sensitivity.over_time import MAIN

    method = str(indices["method"].iloc[0])
    name = labels(f"sens_{MAIN[method]}")
    if method in ("sobol", "surrogate"):
        return f"{name} [%]"
    return f"{name} [{labels.axis(unit)}]" if method == "morris" and unit else name


def ward_code(ward: object) -> int:
    try:
        return int(str(ward))
    except ValueError:
        raise UsageError(f"ward_map: '{ward}' is no ward code (13101 to 13123)") from None


@dataclass(frozen=True)
class Picture:
    """A chart as PNG, which a notebook shows."""

    png: bytes

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        return f"<chart, {len(self.png):,} bytes of PNG>"


def picture(ax: Axes, *, lang: str = "en", dpi: float = 100) -> Picture:
    """The figure of ``ax`` for a notebook, in 256 colours: the last line of a cell shows it."""
    from PIL import Image

    drawn, small = io.BytesIO(), io.BytesIO()
    with drawing(lang):
        figure_of(ax).savefig(drawn, format="png", dpi=dpi)
    drawn.seek(0)
    with Image.open(drawn) as image:
        image.convert("RGB").quantize(256).save(small, "png", optimize=True)
    return Picture(small.getvalue())


def save(ax: Axes, path: str | Path, *, lang: str = "en") -> list[Path]:
    """Write the figure of ``ax`` as ``path``.png and ``path``.svg (letters as outlines).

    Returns the two files. Raises OutputError.
    """
    from sim.report.comparison_charts import write_figure

    path = Path(path)
    return write_figure(figure_of(ax), path.with_suffix("") if path.suffix else path, lang)


def notes_of(ax: Axes) -> list[str]:
    """What must stand beside a chart: what bands are, status of the figures, credits."""
    return list(getattr(ax, NOTES, ()))
