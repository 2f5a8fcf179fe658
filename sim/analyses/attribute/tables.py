"""The tables of an attribution: shares, interactions, levels, and growth; facts beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.analyses.attribute.factorial import NATURAL, VERDICTS
from sim.analyses.shared.means import MEAN_SCHEMA
from sim.analyses.tables import Schema, Tables, columns
from sim.base.rows import rows_as_json

if TYPE_CHECKING:
    from sim.analyses.attribute.estimate import Attributed

_WHERE = "indicator kind unit"
_MEAN = MEAN_SCHEMA | columns(whole="fiscal_year")

SCHEMA: Schema = {
    "shares": _MEAN
    | columns(
        text=f"level id {_WHERE}",
        number="share share_low share_high permutation_error",
        whole="measure",
    ),
    "interactions": _MEAN | columns(text=f"contrast factors scale {_WHERE} verdict"),
    "levels": _MEAN | columns(text=f"scenario {_WHERE}"),
    "growth": _MEAN
    | columns(
        text="quantity indicator unit",
        number="target probability_target probability_low probability_high",
    ),
}


def tables(answer: Attributed) -> Tables:
    """Frames as they are kept; growth only where the projects were attributed."""
    plan, parts = answer.plan, answer.parts
    frames = {"shares": parts.shares, "interactions": parts.interactions, "levels": parts.levels}
    if not answer.growth.empty:
        frames["growth"] = answer.growth
    facts = {
        "brackets": "mean",
        "scenario": plan.base.id,
        "measures": list(plan.measures),
        "players": len(plan.players),
        "draws": plan.draws,
        "replicates": plan.replicates,
        "sets": len(plan.unions),
        "orders": len(next(iter(plan.orders.values()), ())),
        "trend": plan.trend,
        "growth": dict(answer.growth_facts),
        "targets": dict(answer.targets),
        "largest_gap": parts.largest_gap,
    }
    return Tables(frames, facts)


def verdicts(found: Tables) -> dict[str, list[str]]:
    """Verdict on ``gap`` at the horizon -> the outcome goals that get it, in order."""
    table = found["interactions"]
    keep = (table["contrast"] == "gap") & (table["scale"] == NATURAL)
    keep &= (table["kind"] == "outcome") & (table["fiscal_year"] == table["fiscal_year"].max())
    here = table.loc[keep]
    return {
        word: list(here.loc[here["verdict"] == word, "indicator"])
        for word in VERDICTS
        if (here["verdict"] == word).any()
    }


def content(found: Tables) -> Mapping[str, Any]:
    """The JSON of the command: rows (contributions), interactions, levels, growth, verdicts."""
    facts = found.facts
    growth = rows_as_json(found["growth"]) if "growth" in found else []
    return {
        "scenario": facts["scenario"],
        "rows": rows_as_json(found["shares"]),
        "interactions": rows_as_json(found["interactions"]),
        "levels": rows_as_json(found["levels"]),
        "growth": {**facts["growth"], "rows": growth},
        "synergy": verdicts(found),
        "largest_gap": facts["largest_gap"],
    }
