"""Specifications of the page's charts, compiled by kind, unit and language: the reports' own.

A specification holds no data, so those of a kind and unit serve all indicators and plans.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

from sim.app.errors import missing
from sim.app.static import StaticContent

SMALL = "_small"
"""Ending of a kind's name for small multiples."""
SPEC_KINDS = ("trajectory_small", "trajectory", "intervals", "waterfall", "tornado", "bars")
SPEC_UNITS = (
    "share",
    "share per year",
    "count",
    "count per year",
    "persons",
    "yen",
    "yen per year",
)
OF_DIFFERENCES = ("waterfall", "tornado")
"""Kinds that show differences: those of shares are points, not per cent."""
EXTRA = ("p25", "p75", "effect_median", "probability_target")
_lock = threading.Lock()  # the compiler answers one call at a time


def specs_of(kind: str, lang: str) -> StaticContent:
    """``{unit: Vega specification}`` of a kind. Raises ApiError 404 for an unknown kind."""
    if kind not in SPEC_KINDS:
        raise missing()
    with _lock:
        return _made(kind, lang)


@cache
def _made(kind: str, lang: str) -> StaticContent:
    import json

    import pandas as pd

    from sim.pages.labels import Labels
    from sim.pages.page import CHART_KINDS as COLUMNS
    from sim.pages.page import DIFFERENCE, Chart
    from sim.report.charts.browser import compiled, spec

    plain = kind.removesuffix(SMALL)
    extra = EXTRA if plain in ("trajectory", "intervals") else ()
    columns = [*dict.fromkeys([*COLUMNS[plain], *extra])]
    found: dict[str, Any] = {}
    points = (DIFFERENCE,) if plain in OF_DIFFERENCES else ()
    for unit in (*SPEC_UNITS, *points):
        axis = Labels(lang)("points") if unit in points else ""
        table = pd.DataFrame(columns=columns)
        chart = Chart(kind, plain, "", table, unit=unit, x_title=axis)
        found[unit] = compiled(spec(chart, lang, small=kind.endswith(SMALL)))
    text = json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return StaticContent(text.encode(), "application/json")
