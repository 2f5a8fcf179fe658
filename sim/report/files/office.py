"""What the workbook and the slides share: formats, axes, intervals, waterfalls.

Colours, dashes and markers of scenarios are the palette's. Nothing here needs XlsxWriter or
python-pptx.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.pages.labels import PERCENT_UNITS, Labels, display_width
from sim.scenario.bundled import BASELINE, FULLEST

if TYPE_CHECKING:
    import pandas as pd

    from sim.pages.page import Chart, Page, Report

PALE = "#D9D9D9"

FONTS = {"ja": ("Yu Gothic", "游ゴシック"), "en": ("Arial", "Yu Gothic")}
"""Language -> typeface of Latin and of Japanese letters; both are on the PCs of offices."""


def banded(names: Sequence[str]) -> list[str]:
    """Scenarios whose interval is drawn: all of up to two, else the baseline and the fullest."""
    if len(names) <= 2:
        return list(names)
    fullest = FULLEST if FULLEST in names else names[-1]
    return [n for n in names if n in (BASELINE, fullest)]


def number_format(unit: str) -> str:
    """The number format of cells for values in a unit: shares show as per cent, yen as yen."""
    if unit in PERCENT_UNITS:
        return "0.0%"
    if unit.startswith("yen"):
        return "#,##0"
    return "0.00" if unit in ("sd", "ratio") else "General"


def axis_format(unit: str, lang: str, step: float) -> str:
    """The number format of an axis with ticks every ``step``: as few decimals as they need.

    Much yen is shown in millions (Japanese) or billions (English).
    """
    if unit.startswith("yen") and step >= _BIG[lang]:
        places = 0 if lang == "ja" else _places(step / 1e9)
        return _decimals(places) + (",," if lang == "ja" else ",,,")
    if unit in PERCENT_UNITS:
        return _decimals(_places(step * 100)).replace("#,##0", "0") + "%"
    return _decimals(_places(step))


def _places(step: float) -> int:
    return next((n for n in range(4) if abs(round(step, n) - step) < 1e-9), 4)


def _decimals(places: int) -> str:
    return "#,##0" + ("." + "0" * places if places else "")


_BIG = {"ja": 1e6, "en": 1e7}
"""Steps of an axis, in yen, from which it is written in millions or billions."""


def axis_title(chart: Chart, labels: Labels, step: float) -> str:
    """The unit at the axis of values, which has ticks every ``step``."""
    if chart.unit.startswith("yen"):
        return labels("office_much_yen" if step >= _BIG[labels.lang] else "office_yen")
    unit = labels.axis(chart.unit) if chart.unit else ""
    return unit or chart.y_title or chart.x_title


def _span(values: Iterable[float]) -> tuple[float, float]:
    real = [float(v) for v in values if math.isfinite(v)]
    return (min(real), max(real)) if real else (0.0, 1.0)


def axis_bounds(values: Iterable[float], *, zero: bool = False) -> tuple[float, float, float]:
    """Least and greatest tick and the step: round numbers around ``values``.

    The axis begins at 0 where the values come near it, and always with ``zero`` (bars).
    """
    low, high = _span(values)
    if zero or (low > 0 and low < 0.45 * high):
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-12:
        low, high = (low, high + 1.0) if low == 0 else (low - abs(low) / 10, high + abs(high) / 10)
    raw = (high - low) / 5
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(s * size for s in (1, 2, 2.5, 5, 10) if s * size >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if low < 0 and abs(low / step - first) < 1e-9:
        first -= 1
    if high > 0 and abs(high / step - last) < 1e-9:
        last += 1
    return round(first * step, 12), round(last * step, 12), round(step, 12)


def with_errors(table: pd.DataFrame, middle: str) -> pd.DataFrame:
    """The table with ``error_below`` and ``error_above``: from ``middle`` to its interval's ends.

    An end that is missing gives 0, so that no bar is drawn.
    """
    return table.assign(
        error_below=(table[middle] - table["low"]).clip(lower=0).fillna(0.0),
        error_above=(table["high"] - table[middle]).clip(lower=0).fillna(0.0),
    )


WATERFALL = ("base", "level", "up", "down", "up_below", "down_below")
"""Columns that stack to a waterfall; ``base`` is not seen. The last two hold what is below 0."""


def waterfall_parts(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of ``WATERFALL`` for steps between levels, one row a row of ``table``."""
    rows: list[dict[str, float]] = []
    at = 0.0
    for kind, value in zip(table["kind"], table["value"].astype(float), strict=True):
        row = dict.fromkeys(WATERFALL, 0.0)
        if kind == "level":
            row["level"], at = (0.0 if math.isnan(value) else value), value
        elif not math.isnan(value):
            start, at = at, at + value
            low, high = min(start, at), max(start, at)
            name = "up" if value >= 0 else "down"
            row["base"] = low if low > 0 else min(high, 0.0)
            row[name] = max(high, 0.0) - max(low, 0.0)
            row[f"{name}_below"] = min(low, 0.0) - min(high, 0.0)
        rows.append(row)
    import pandas as pd

    return table.assign(**pd.DataFrame(rows, index=table.index, columns=list(WATERFALL)))


def waterfall_span(parts: pd.DataFrame) -> list[float]:
    """What the axis of a waterfall spans: every end of its steps and levels, and a little less.

    The axis need not begin at 0: steps that are small beside the levels would not be seen.
    """
    levels = parts.loc[parts["kind"] == "level", "level"]
    steps = parts.loc[parts["kind"] != "level"]
    ends = [steps["base"] + steps[f"{d}{b}"] for d in ("up", "down") for b in ("", "_below")]
    values = [float(v) for part in (levels, steps["base"], *ends) for v in part]
    low, high = _span(values)
    if low <= 0:
        return [*values, 0.0]
    return [max(0.0, low - (high - low) / 4), *values]


def chances(chart: Chart, labels: Labels) -> list[str]:
    """What stands at each interval: the chance to reach the target with its interval in a second
    line; "✕" if that is barred."""
    from sim.report.charts.rows import chance

    table = chart.table
    if table["target"].isna().all():
        return [""] * len(table)
    return [chance(row, labels).replace(" [", "\n[") for row in table.to_dict(orient="records")]


def chances_below(chart: Chart, bounds: tuple[float, float, float]) -> bool:
    """Whether chances stand under their intervals: where the target is above most of them."""
    table = chart.table
    room = bool((table["low"].fillna(table["median"]) > bounds[0] + bounds[2] / 2).all())
    return room and bool(table["median"].median() < table["target"].median())


def alt_text(page: Page, chart: Chart, labels: Labels) -> str:
    """What a chart shows, for those who do not see it."""
    return labels("office_alt", title=chart.title, message=page.message)


def band_note(chart: Chart, labels: Labels) -> str:
    """Whose intervals a trajectory draws; "" where there are none."""
    table = chart.table
    names = banded(list(dict.fromkeys(table["scenario"])))
    shown = table.loc[table["scenario"].isin(names)]
    if shown["low"].isna().all():
        return ""
    words = list(dict.fromkeys(shown["name"]))
    joined = ("、" if labels.lang == "ja" else ", ").join(words)
    return labels("office_ends", interval=chart.interval, names=joined)


def reading(chart: Chart, labels: Labels) -> str:
    """How to read a chart as it is drawn here."""
    if chart.kind == "trajectory":
        return " ".join(t for t in (labels("office_path_reading"), band_note(chart, labels)) if t)
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
