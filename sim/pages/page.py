"""What a report says, apart from how it is shown: pages of one message, each with its charts.

HTML, Excel, PowerPoint and pictures show the same pages, so a chart's numbers are the same in all
of them. A chart is a kind and a tidy table, one value a cell; the kind says which columns it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sim.base.errors import KyodoError

if TYPE_CHECKING:
    import pandas as pd

DIFFERENCE = "difference of shares"
"""The unit of differences of shares: points, not per cent."""
CHANCES = tuple(
    f"probability_{what}{of}" for of in ("", "_baseline") for what in ("target", "low", "high")
)
"""Columns that hold the chance of a target with its exact 95 % interval, whatever the unit."""

CHART_KINDS: Mapping[str, tuple[str, ...]] = {
    # lines over the fiscal years, one a scenario; low/high the interval; target the same in all
    "trajectory": ("scenario", "name", "fiscal_year", "median", "low", "high", "target"),
    # one line a scenario in one fiscal year
    "intervals": ("scenario", "name", "median", "low", "high", "target", "probability_target"),
    # lines over any number, one a name
    "lines": ("name", "x", "value", "low", "high"),
    # steps from a first to a last level: kind is "level" or "step"
    "waterfall": ("label", "kind", "value", "low", "high"),
    # bars to both sides of a reference, longest first
    "tornado": ("label", "low", "high"),
    # one bar each, with the two ends of its interval
    "bars": ("label", "value", "low", "high"),
    # one bar each from start to end; value, a share, is written in it
    "spans": ("label", "start", "end", "value"),
    # one bar each, made of parts
    "shares": ("row", "part", "value"),
    # one point each with its interval, around 0 or a reference
    "forest": ("label", "value", "low", "high"),
    # a value for each pair
    "heatmap": ("row", "column", "value"),
    # points with a name
    "scatter": ("label", "x", "y"),
    # a value for each area of the map
    "map": ("ward", "name", "value"),
    # no chart: the table is shown
    "table": (),
}
"""Kinds of charts -> columns that their tables must have.

Columns that a table may have besides, where they make sense:

- ``scenario``: rows have the look of their scenario; ``measure``: that of their measure (1, 2, 3;
  0 none); ``group``: what their colour means, for a legend; ``reference``: where the middle of a
  tornado or forest is, 0 without one; ``sure``: False for rows that cannot be told from chance,
  which are pale;
- ``note``: short words at the right of a row;
- ``mark``: a second value of a row, as a diamond (bars) or a ring (forest);
- ``outer_low``, ``outer_high``: a wider interval (forest); ``p25``, ``p75``: an inner one
  (trajectory); ``low``, ``high`` of y, ``group``, ``chosen`` (a ring) and ``x_limit`` (a line
  across, the same in all rows): scatter; ``current``: the value today (trajectory);
- ``panel``, ``panel_group``, ``unit``: small multiples, one small chart for each panel, under a
  heading for each group, in units of their own. Pictures and the browser draw them; Excel and
  slides show the table.
"""

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "lines": ("log", "steps"), "bars": ("centred",), "scatter": ("equal",),
}  # fmt: skip
"""Kind -> what ``Chart.options`` may hold: x on a logarithmic axis; steps instead of slopes; bars
around a middle, as a funnel; the line on which x equals y."""


@dataclass(frozen=True)
class Chart:
    """One chart, or table. ``id`` names files and sheets: letters, digits, "-" and "_".

    ``unit``: unit of the values as indicators have it ("share", "count" ...; shares are fractions);
    ``fiscal_year``: the year of a chart that shows one; ``interval``: what low and high are, in
    words; ``reading``: how to read it, a sentence. ``x_title``, ``y_title``: of axes, where the
    kind does not give them. ``aside``: detail that a slide leaves to its notes. ``plain``: a table
    of texts that says what charts of the page show: terminal and summary.md print it in their
    place, slides leave it. ``options``: see ``OPTIONS``. Raises KyodoError for a table without a
    column that the kind needs, or an option that it does not have.
    """

    id: str
    kind: str
    title: str
    table: pd.DataFrame
    unit: str = ""
    fiscal_year: int | None = None
    interval: str = ""
    reading: str = ""
    x_title: str = ""
    y_title: str = ""
    aside: bool = False
    plain: bool = False
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        missing = [c for c in CHART_KINDS[self.kind] if c not in self.table]
        if missing:
            raise KyodoError(f"chart {self.id} ({self.kind}) lacks the column '{missing[0]}'")
        unknown = set(self.options) - set(OPTIONS.get(self.kind, ()))
        if unknown:
            raise KyodoError(f"chart {self.id} ({self.kind}) has no option '{min(unknown)}'")

    @property
    def panels(self) -> tuple[Chart, ...]:
        """One chart for each panel of small multiples; none for other charts."""
        if "panel" not in self.table:
            return ()
        out = []
        for n, (name, rows) in enumerate(self.table.groupby("panel", sort=False)):
            unit = str(rows["unit"].iloc[0]) if "unit" in rows else self.unit
            own = rows.drop(columns=["panel", "panel_group"], errors="ignore")
            table = own.reset_index(drop=True)
            made = replace(self, id=f"{self.id}-{n}", title=str(name), table=table, unit=unit)
            out.append(made)
        return tuple(out)


@dataclass(frozen=True)
class Finding:
    """A sentence that says a result. ``id``: the same in every language."""

    id: str
    text: str


@dataclass(frozen=True)
class Page:
    """One message with what shows it, and further findings.

    ``notes``: how to read it. ``cites``: (what, id of a figure of the evidence) pairs, from which
    the report makes ``sources``: where its numbers come from, a line each. ``detail``: a page that
    the terminal leaves to the files.
    """

    id: str
    title: str
    message: str
    charts: tuple[Chart, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    detail: bool = False
    cites: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Foot:
    """What stands at the foot of every picture, a line each: status of the numbers, how they were
    run, credits. A chart without its status is easily taken for a forecast."""

    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """Pages, and what every output carries: limits, how it was run, figures' status, credits.

    ``sheets``: machine-readable tables by name (columns with units in ``units``: sheet -> column ->
    unit). ``ran``: (what, value) pairs. ``inputs``: texts of the files that reproduce it, by name.
    """

    title: str
    lang: str
    pages: tuple[Page, ...]
    headline: str
    limits: tuple[str, ...]
    ran: tuple[tuple[str, str], ...]
    command: str
    credits: tuple[str, ...]
    figures: pd.DataFrame
    sheets: Mapping[str, pd.DataFrame]
    units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    manifest: Mapping[str, Any] = field(default_factory=dict)
    foot: Foot = Foot()

    @property
    def charts(self) -> Sequence[Chart]:
        """All charts, in the order of the pages."""
        return [chart for page in self.pages for chart in page.charts]
