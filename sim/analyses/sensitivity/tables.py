"""The tables of a sensitivity study: indices, convergence, luck, checks, parameters, factors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.analyses.sensitivity.given_data import FEWEST_RUNS
from sim.analyses.tables import Schema, Tables, columns
from sim.base.rows import plain, rows_as_json
from sim.model.indicators import INDICATORS

if TYPE_CHECKING:
    from sim.analyses.sensitivity.estimate import Sensitivity

_INDICES = columns(
    text="factor other method order fiscal_year status", number="index low high"
)  # fiscal_year: a year, or "overall"

SCHEMA: Schema = {
    "indices": _INDICES,
    "convergence": _INDICES | columns(whole="n"),
    "luck": columns(text="fiscal_year status", number="share low high sd_luck sd_all"),
    "checks": _INDICES,
    "parameters": columns(text="factor parameter", number="total swing low high"),
    "factors": columns(
        text="factor parameter kind unit status evidence meaning source", number="value p05 p95"
    ),
}


def tables(answer: Sensitivity) -> Tables:
    """Frames as they are kept; no checks and no parameters where there are none."""
    import pandas as pd

    subject, method = answer.subject, answer.method
    factors = pd.DataFrame(subject.factors.rows())
    factors["evidence"] = factors["evidence"].map(", ".join)
    found = {
        "indices": answer.table,
        "convergence": answer.convergence,
        "luck": answer.luck,
        "checks": answer.checks,
        "parameters": answer.parameters,
        "factors": factors,
    }
    facts = {
        "brackets": "index",
        "scenario": subject.scenario.id,
        "indicator": subject.indicator,
        "unit": INDICATORS[subject.indicator].unit,
        "effect": subject.baseline is not None,
        "method": plain(method),
        "years": list(answer.years),
        "horizon": list(answer.horizon),
        "spread": rows_as_json(answer.spread),
        "stability": None if answer.stability is None else answer.stability.to_dict(),
        "explained": None if answer.surrogate is None else answer.surrogate.overall,
        "fewest_checked": FEWEST_RUNS,
    }
    optional = ("checks", "parameters")
    return Tables({k: t for k, t in found.items() if k not in optional or len(t)}, facts)


def content(found: Tables) -> Mapping[str, Any]:
    """The JSON of the command."""
    facts = found.facts
    told = ("scenario", "indicator", "effect", "unit", "years", "spread", "stability", "explained")
    rows = {
        name: rows_as_json(found[name]) if name in found else []
        for name in ("checks", "luck", "parameters", "factors")
    }
    for row in rows["factors"]:
        row["evidence"] = row["evidence"].split(", ") if row["evidence"] else []
    method = {k: facts["method"][k] for k in ("name", "size", "points", "reason")}
    return {
        **{key: facts[key] for key in told},
        "method": method,
        "rows": rows_as_json(found["indices"]),
        **rows,
    }
