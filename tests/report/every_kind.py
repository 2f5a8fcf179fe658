"""One chart of each kind, on made-up numbers, for the tests of all renderers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.pages.page import CHART_KINDS, Chart

NONE = float("nan")
ROWS: dict[str, list[dict[str, Any]]] = {
    "trajectory": [
        {"scenario": s, "name": s, "fiscal_year": y, "median": 0.5 + n / 10, "low": 0.4,
         "high": 0.7, "p25": NONE, "p75": NONE, "target": 0.8, "effect_median": NONE,
         "probability_target": 0.25, "reachable": True}
        for n, s in enumerate(("baseline", "m1", "all_measures"))
        for y in (2024, 2025)
    ],
    "intervals": [
        {"scenario": s, "name": s, "median": 0.5, "low": 0.4, "high": 0.7, "target": 0.8,
         "probability_target": 0.001, "reachable": s != "m1"}
        for s in ("baseline", "m1")
    ],
    "waterfall": [
        {"label": "before", "kind": "level", "value": 0.5, "low": NONE, "high": NONE},
        {"label": "up", "kind": "step", "value": 0.2, "low": 0.1, "high": 0.3},
        {"label": "down", "kind": "step", "value": -0.1, "low": -0.2, "high": 0.0},
        {"label": "after", "kind": "level", "value": 0.6, "low": NONE, "high": NONE},
    ],
    "tornado": [{"label": "a", "low": -0.2, "high": 0.4}, {"label": "b", "low": -0.1, "high": 0.1}],
    "bars": [{"label": "a", "value": 0.2, "low": 0.1, "high": 0.4}],
    "heatmap": [
        {"row": r, "column": c, "value": v} for r, c, v in (("a", "x", -0.1), ("a", "y", 0.2))
    ],
    "scatter": [{"label": "a", "x": 1.0, "y": 0.3, "group": "g"}],
    "lines": [
        {"name": n, "x": x, "value": 0.2 + x / 500, "low": 0.1, "high": 0.6}
        for n in ("a", "b") for x in (16, 32, 64)
    ],
    "spans": [
        {"label": "1.1", "start": 2024, "end": 2030, "value": 1.0, "measure": 1},
        {"label": "2.1", "start": 2026, "end": 2030, "value": 0.4, "measure": 2},
    ],
    "shares": [
        {"row": r, "part": p, "value": v, "measure": m}
        for r in ("cost", "effect") for m, p, v in ((1, "one", 0.6), (2, "two", 0.38),
                                                    (3, "three", 0.02))
    ],
    "forest": [
        {"label": "1 x 2", "value": 0.02, "low": 0.01, "high": 0.03, "outer_low": -0.02,
         "outer_high": 0.05, "mark": 0.025, "note": "clear"},
        {"label": "1 x 3", "value": -0.01, "low": -0.02, "high": 0.01, "outer_low": -0.04,
         "outer_high": 0.02, "mark": NONE, "note": ""},
    ],
    "map": [
        {"ward": 13101 + n, "name": f"ward {n}", "value": n / 30 if n else NONE} for n in range(23)
    ],
}  # fmt: skip
DRAWN = [kind for kind in CHART_KINDS if kind != "table"]


def chart(kind: str, unit: str = "share", **more: Any) -> Chart:
    """A chart of a kind; ``more``: other fields of it."""
    return Chart(
        f"{kind}_1", kind, "Title", pd.DataFrame(ROWS[kind]), unit=unit, interval="range",
        reading="How to read it.", x_title="X", y_title="Y", **more,
    )  # fmt: skip


def panelled() -> Chart:
    """Small multiples: two paths in units of their own, under two headings."""
    one = pd.DataFrame(ROWS["trajectory"])
    parts = [
        one.assign(panel="K1 share", panel_group="outcome", unit="share"),
        one.assign(panel="K2 count", panel_group="delivery", unit="count"),
    ]
    return Chart("overview", "trajectory", "Overview", pd.concat(parts, ignore_index=True),
                 interval="range")  # fmt: skip
