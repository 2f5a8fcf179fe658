"""The tables of a comparison: its rows, every run, and what the intervals come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.analyses.tables import Schema, Tables, columns
from sim.base.rows import rows_as_json

if TYPE_CHECKING:
    from sim.analyses.compare.estimate import Comparison

SCHEMA: Schema = {
    "comparison": columns(
        text="scenario indicator unit status interval_kind",
        number="median p05 p95 effect_median effect_p05 effect_p95 target probability_target"
        " current probability_target_baseline probability_low probability_high"
        " probability_mc_error low high effect_low effect_high variance_ratio p25 p75",
        whole="fiscal_year runs runs_available draws replicates",
        flag="provisional reachable",
    )
    | columns(text="ward month", may_lack=True),
    "results": columns(
        text="scenario month ward indicator status",
        number="value",
        whole="draw replicate fiscal_year",
    ),
    "interval_parts": columns(
        text="scenario indicator of part", number="share low high", whole="fiscal_year draws"
    ),
}
"""``comparison``: see `sim.analyses.shared.comparison`; empty, it is not there. ``interval_parts``:
where the shares are known."""

PARQUET = ("results",)
NAMED = ("comparison",)

NO_PARTS = {"source": "none", "how": "kyodo compare --explain N"}
"""The fact ``interval_parts`` of a comparison without such a table."""


def tables(answer: Comparison) -> Tables:
    """Frames as they are kept; facts: scenarios and what cannot be read from the rows."""
    design, parts = answer.design, answer.parts
    frames = {"results": answer.table}
    if parts is not None:
        frames["interval_parts"] = parts.rows
    if len(answer.rows):
        frames["comparison"] = answer.rows
    on = {i for s in design.scenarios for i in s.initiatives}
    facts = {
        "scenarios": {s.id: list(s.initiatives) for s in design.scenarios},
        "initiatives": sorted(on),
        "reached": rows_as_json(answer.reached),
        "impact": rows_as_json(answer.impact),
        "interval_parts": dict(NO_PARTS) if parts is None else parts.facts(),
        "left_out": [list(pair) for pair in answer.left_out],
        "profile": str(design.profile),
    }
    return Tables(frames, facts)


def content(found: Tables) -> Mapping[str, Any]:
    """The JSON of ``compare``: null where there is no number, never NaN.

    ``interval_parts`` (facts and rows) is there where the shares are known.
    """
    facts = found.facts
    rows = rows_as_json(found["comparison"]) if "comparison" in found else []
    out: dict[str, Any] = {"scenarios": list(facts["scenarios"]), "rows": rows}
    if "interval_parts" in found:
        shares = rows_as_json(found["interval_parts"])
        out["interval_parts"] = {**facts["interval_parts"], "rows": shares}
    return out
