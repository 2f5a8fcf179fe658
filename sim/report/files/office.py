"""What the workbook and the slides share: typefaces, formats, readings, sizes of texts.

Nothing here needs XlsxWriter or python-pptx.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.pages.labels import PERCENT_UNITS, Labels, display_width
from sim.report.charts.bands import band_names

if TYPE_CHECKING:
    from sim.pages.page import Chart, Page, Report

FONTS = {"ja": ("Yu Gothic", "游ゴシック"), "en": ("Arial", "Yu Gothic")}
"""Language -> typeface of Latin and of Japanese letters; both are on the PCs of offices."""


def number_format(unit: str) -> str:
    """The number format of cells for values in a unit: shares show as per cent, yen as yen."""
    if unit in PERCENT_UNITS:
        return "0.0%"
    if unit.startswith("yen"):
        return "#,##0"
    return "0.00" if unit in ("sd", "ratio") else "General"


def alt_text(page: Page, chart: Chart, labels: Labels) -> str:
    """What a chart shows, for those who do not see it."""
    return labels("office_alt", title=chart.title, message=page.message)


def band_note(chart: Chart, labels: Labels) -> str:
    """Whose intervals a trajectory draws; "" where there are none."""
    words = band_names(chart)
    if not words:
        return ""
    joined = ("、" if labels.lang == "ja" else ", ").join(words)
    return labels("office_ends", interval=chart.interval, names=joined)


def reading(chart: Chart, labels: Labels) -> str:
    """How to read a chart as it is drawn here."""
    if chart.kind in ("trajectory", "lines"):
        own = labels("office_path_reading") if chart.kind == "trajectory" else chart.reading
        return " ".join(t for t in (own, band_note(chart, labels)) if t)
    if chart.kind == "waterfall":
        return labels("office_waterfall_reading")
    return chart.reading


def footer(report: Report, labels: Labels) -> str:
    """Status, profile, discount and draws in a line."""
    ran: Mapping[str, str] = dict(report.ran)
    parts = [labels("office_footer")]
    parts += [f"{k}: {ran[k]}" for k in (labels("ran_profile"), labels("ran_discount")) if k in ran]
    design: Mapping[str, Any] = report.manifest.get("design", {})
    if design.get("draws"):
        parts.append(f"{labels('office_draws')}: {design['draws']}")
    return "   |   ".join(parts)


def lines_of(text: str, width: float, size: float) -> int:
    """Lines that a text takes in a box of ``width`` points at a font of ``size`` points.

    A Japanese letter is as wide as the font is high, a Latin one a little over half of it.
    """
    room = max(1.0, width / (size * 0.53))
    return sum(max(1, math.ceil(display_width(line) / room)) for line in text.split("\n"))


def fitting_size(text: str, width: float, height: float, sizes: Sequence[float]) -> float:
    """The largest of ``sizes`` (points, falling) at which a text fits into a box in points."""
    for size in sizes:
        if lines_of(text, width, size) * size * 1.25 <= height:
            return size
    return sizes[-1]


def plain_text(value: object) -> str:
    """A text for a cell: no line breaks or outer spaces, nor the mark that guards CSV files."""
    text = " ".join(str(value).split())
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def created(report: Report) -> Any:
    """When the results were made (UTC, without zone): the date that the files carry."""
    from datetime import UTC, datetime

    text = str(report.manifest.get("created", "2024-04-01T00:00:00+00:00"))
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=0)
