"""Parts of ``sim.report.figures``: checks of frames, names, the frame around a chart."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.figure import Figure

from sim.base.errors import KyodoError, UsageError, nearest
from sim.pages.labels import Labels, Named, wrap
from sim.pages.page import Chart, Foot
from sim.places.load import load_place
from sim.report.charts.foot import foot_of
from sim.report.charts.pictures import draw
from sim.report.charts.pictures import figure_of as picture_of
from sim.report.fonts import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.report.about import Facts

NOTES = "kyodo_notes"
"""Where Axes keep what must stand beside the chart."""


@dataclass(frozen=True)
class Plain:
    """A scenario of the user's own, of which only the id is known."""

    name_en: str
    name_ja: str


def show(
    chart: Chart,
    ax: Axes | None,
    labels: Labels,
    notes: Sequence[str],
    rows: pd.DataFrame | None,
    facts: Facts | None,
) -> Axes:
    """Draw a chart into ``ax``, or as a picture of its own with its notes at the foot."""
    foot = foot_of(facts, labels) if facts is not None else Foot(tuple(status_lines(rows, labels)))
    said = [note for note in notes if note]
    with drawing(labels.lang):
        if ax is None:
            ax = picture_of([replace(chart, reading="", interval="")], labels.lang, foot,
                            notes=said).axes[0]  # fmt: skip
        else:
            draw(ax, chart, labels)
            ax.set_title(wrap(chart.title, 60), loc="left", fontsize=10)
    setattr(ax, NOTES, [*said, *foot.lines])
    return ax


def figure_of(ax: Axes) -> Figure:
    """The figure that Axes stand in."""
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure


def status_lines(rows: pd.DataFrame | None, labels: Labels) -> list[str]:
    """What can be said of the runs from the frame alone."""
    parts = [labels("fig_status")]
    if rows is not None and {"draws", "replicates"} <= set(rows):
        runs = {k: int(rows[k].max()) for k in ("draws", "replicates")}
        parts.append(labels("fig_runs", **runs))
    if rows is not None and "provisional" in rows and rows["provisional"].any():
        parts.append(labels("fig_provisional"))
    return ["   ".join(parts), load_place().under_charts[labels.lang]]


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
    from sim.analyses.compare.view import city

    need(rows, ("scenario", "indicator", *columns), what)
    return of_scenarios(only(city(rows), "indicator", indicator), scenarios)


def year_of(part: pd.DataFrame, year: int | None) -> pd.DataFrame:
    return only(part, "fiscal_year", part["fiscal_year"].max() if year is None else year)


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


def with_names(
    part: pd.DataFrame, given: Mapping[str, Named] | None, labels: Labels
) -> pd.DataFrame:
    """The rows with the names of their scenarios."""
    called = named_of(dict.fromkeys(part["scenario"]), given)
    names = [labels.name(called[scenario]) for scenario in part["scenario"]]
    return part.assign(name=names).reset_index(drop=True)


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


def funnel_words(place: int, row: Mapping[str, Any], labels: Labels) -> str:
    """Persons of a step, and their shares of the step above and of all residents."""
    size = labels("fig_funnel_persons", n=_count(row["median"], labels))
    if row["low"] < row["high"]:
        low, high = (_count(row[end], labels) for end in ("low", "high"))
        size += "  " + labels("fig_funnel_range", low=low, high=high)
    if place == 0:
        return size
    part = labels("fig_funnel_of_previous", share=labels.number(row["of_previous"], "share"))
    whole = labels("fig_funnel_of_all", share=labels.number(row["share"], "share"))
    return f"{size}\n{part}{', ' if labels.lang == 'en' else '、'}{whole}"


def _count(value: float, labels: Labels) -> str:
    """Persons in ten thousands (Japanese) or thousands."""
    return f"{value / (1e4 if labels.lang == 'ja' else 1e3):,.0f}"


def barriers_text(rows: pd.DataFrame, labels: Labels) -> str:
    """Barriers of interested residents who do not take part, in words; "" without such rows."""
    found = rows.loc[rows["kind"] == "barrier"]
    texts = [
        f"{labels(f'fig_{step}')} {labels.number(float(part), 'share')}"
        for step, part in zip(found["step"], found["of_previous"], strict=True)
    ]
    comma = "、" if labels.lang == "ja" else ", "
    return labels("fig_funnel_barriers", barriers=comma.join(texts)) if texts else ""


def ward_code(ward: object) -> int:
    try:
        return int(str(ward))
    except ValueError:
        raise UsageError(f"ward_map: '{ward}' is no ward code") from None


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
    from sim.report.charts.pictures import write_figure

    path = Path(path)
    return write_figure(figure_of(ax), path.with_suffix("") if path.suffix else path, lang)


def add_note(ax: Axes, note: str) -> None:
    """One more note, above the status of the figures; written on a picture of its own."""
    kept = notes_of(ax)
    setattr(ax, NOTES, [*kept[:-2], note, *kept[-2:]])


def notes_of(ax: Axes) -> list[str]:
    """What must stand beside a chart: what bands are, status of the figures, credits."""
    return list(getattr(ax, NOTES, ()))
