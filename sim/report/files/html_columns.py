"""Columns of the tables in the HTML report: which are shown, under which name, how written."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from sim.pages.labels import Labels, keys
from sim.pages.page import CHANCES, Chart
from sim.report.charts.browser import SCALED
from sim.report.charts.browser_parts import Unit

# Places and names that a reader has under another name in the same table.
HIDDEN = ("scenario", "reachable", "kind_order")


def columns_of(chart: Chart, labels: Labels) -> list[dict[str, Any]]:
    """The columns with anything in them: field, title, digits, suffix, sign."""
    unit = Unit(chart.unit, labels)
    named = "name" in chart.table or "label" in chart.table
    out = []
    for field in map(str, chart.table.columns):
        if chart.table[field].isna().all() or (named and field in HIDDEN):
            continue
        column: dict[str, Any] = {"field": field, "title": title(field, labels)}
        if field in CHANCES:
            column |= {"digits": [0, 1], "suffix": unit_of_chances(labels), "factor": 100}
        elif field in SCALED and chart.unit:
            effect = field.startswith("effect_")
            column |= {
                "digits": list(unit.digits), "suffix": unit.points if effect else unit.suffix,
                "sign": effect,
            }  # fmt: skip
        elif field in ("fiscal_year", "line", "rank"):
            column |= {"digits": [0, 0], "plain": True}
        elif field == "x" and chart.kind == "lines":
            column |= {"digits": [0, 0], "plain": True} if "years" in chart.options else {}
        least, most = column.get("digits", (0, 0))
        if least < most and _broken(chart.table[field], factor_of(field, chart, labels), most):
            column["digits"] = [most, most]
        if field in ("x", "y") and (own := chart.x_title if field == "x" else chart.y_title):
            column["title"] = own
        if "digits" not in column and (most := decimals(chart.table[field])):
            column["digits"] = [most, most]
        out.append(column)
    return out


def factor_of(field: str, chart: Chart, labels: Labels) -> float:
    """What values of a column are multiplied by before they are written."""
    return 100.0 if field in CHANCES else labels.scale(chart.unit)


def _broken(values: pd.Series, factor: float, digits: int) -> bool:
    """Whether any number of a column has decimals when it is written."""
    known = [float(v) * factor for v in values if isinstance(v, int | float) and math.isfinite(v)]
    return any(not round(v, digits).is_integer() for v in known)


def decimals(values: pd.Series) -> int:
    """Decimals of all numbers of a column, for four figures of its largest one; 0, for each as it
    is, in columns of whole or large numbers, texts, or where a small one would be rounded off."""
    if not pd.api.types.is_float_dtype(values):
        return 0
    known = [abs(float(v)) for v in values if math.isfinite(v) and v]
    if not known or max(known) >= 1e4 or all(v.is_integer() for v in known):
        return 0
    most = max(0, 3 - math.floor(math.log10(max(known))))
    return most if min(known) >= 10.0**-most else 0


def unit_of_chances(labels: Labels) -> str:
    """The sign of per cent as the language writes it."""
    return Unit("share", labels).suffix


def title(field: str, labels: Labels) -> str:
    """A column's name for readers; the column's own where there is none."""
    key = f"column_{field}"
    return labels(key) if key in _known() else field


def _known() -> frozenset[str]:
    return frozenset(keys())
