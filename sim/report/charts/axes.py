"""Axes of the charts that Office draws: bounds, steps, formats and titles."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sim.pages.labels import PERCENT_UNITS, Labels
from sim.pages.page import Chart

_BIG = {"ja": 1e6, "en": 1e7}
"""Steps of an axis, in yen, from which it is written in millions or billions."""


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


def unit_of_axis(chart: Chart, title: str) -> str:
    """The unit of an axis of points: the chart's own, where the axis' title is of per cent."""
    return chart.unit if chart.unit in PERCENT_UNITS and "%" in title else ""
