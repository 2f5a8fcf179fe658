"""What a report says, apart from how it is shown: pages of one message, each with its charts.

HTML, Excel, PowerPoint and pictures show the same pages, so a chart's numbers are the same in all
of them. A chart is a kind and a tidy table, one value a cell; the kind says which columns it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.base.errors import KyodoError

if TYPE_CHECKING:
    import pandas as pd

KINDS: Mapping[str, tuple[str, ...]] = {
    # lines over the fiscal years, one a scenario; low/high the interval; target the same in all
    "trajectory": ("scenario", "name", "fiscal_year", "median", "low", "high", "target"),
    # one line a scenario in one fiscal year
    "intervals": ("scenario", "name", "median", "low", "high", "target", "probability_target"),
    # steps from a first to a last level: kind is "level" or "step"
    "waterfall": ("label", "kind", "value", "low", "high"),
    # bars to both sides of a reference, longest first
    "tornado": ("label", "low", "high"),
    # one bar each, with the two ends of its interval
    "bars": ("label", "value", "low", "high"),
    # a value for each pair
    "heatmap": ("row", "column", "value"),
    # points with a name
    "scatter": ("label", "x", "y"),
    # no chart: the table is shown
    "table": (),
}
"""Kinds of charts -> columns that their tables must have; others may follow."""


@dataclass(frozen=True)
class Chart:
    """One chart, or table. ``id`` names files and sheets: letters, digits, "-" and "_".

    ``unit``: unit of the values as indicators have it ("share", "count" ...; shares are fractions);
    ``fiscal_year``: the year of a chart that shows one; ``interval``: what low and high are, in
    words; ``reading``: how to read it, a sentence. ``x_title``, ``y_title``: of axes, where the
    kind does not give them. ``aside``: detail that a slide leaves to its notes. Raises KyodoError
    for a table without a column that the kind needs.
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

    def __post_init__(self) -> None:
        missing = [c for c in KINDS[self.kind] if c not in self.table]
        if missing:
            raise KyodoError(f"chart {self.id} ({self.kind}) lacks the column '{missing[0]}'")


@dataclass(frozen=True)
class Finding:
    """A sentence that says a result. ``id``: the same in every language."""

    id: str
    text: str


@dataclass(frozen=True)
class Page:
    """One message with what shows it, and further findings.

    ``notes``: how to read it; ``sources``: where its numbers come from, a line each. ``detail``: a
    page that the terminal leaves to the files.
    """

    id: str
    title: str
    message: str
    charts: tuple[Chart, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    detail: bool = False


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

    @property
    def charts(self) -> Sequence[Chart]:
        """All charts, in the order of the pages."""
        return [chart for page in self.pages for chart in page.charts]
