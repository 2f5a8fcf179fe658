"""The table of a discovery: one row per limit of every box, or per goal that has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analyses.discover.sentences import goals_in, sentences_of
from sim.analyses.tables import Schema, Tables, columns
from sim.analyses.words import Words
from sim.base.rows import rows_as_json
from sim.base.user_choices import LANGUAGES

if TYPE_CHECKING:
    from sim.analyses.discover.estimate import Discovery

COLUMNS = (
    "scenario", "indicator", "target", "fiscal_year", "draws", "missed", "baseline_missed",
    "outcome", "about", "nearest", "box", "box_draws", "box_cases", "density", "coverage", "p",
    "assumption", "low", "high", "unit",
)  # fmt: skip

SCHEMA: Schema = {
    "discover": columns(
        text="scenario indicator outcome about assumption unit",
        number="target nearest density coverage p low high",
        whole="fiscal_year draws missed baseline_missed box box_draws box_cases",
    )
}


def tables(answer: Discovery) -> Tables:
    """The table, and what its sentences say besides."""
    import pandas as pd

    table = pd.DataFrame(_rows(answer)).reindex(columns=list(COLUMNS))
    table = table.astype({"box": "Int64", "box_draws": "Int64", "box_cases": "Int64"})
    named = {limit.name for a in answer.answers for box in a.finding.boxes for limit in box.limits}
    x, names = answer.assumptions.x, answer.assumptions.names
    facts = {
        "scenario": answer.scenario.id,
        "draws": answer.draws,
        "false_share": answer.rules.false_share,
        "assumptions": list(names),
        "goals": {
            a.goal.indicator: {"value": a.goal.value, "direction": a.goal.direction}
            for a in answer.answers
        },
        "overall": {
            a.goal.indicator: [[box.of_cases, box.of_draws] for box in a.finding.boxes]
            for a in answer.answers
        },
        "ranges": {
            name: [float(q) for q in np.quantile(x[:, names.index(name)], [0.05, 0.95])]
            for name in sorted(named)
        },
        "names": {answer.scenario.id: {
            "en": answer.scenario.name_en or answer.scenario.id,
            "ja": answer.scenario.name_ja or answer.scenario.id,
        }},
    }  # fmt: skip
    return Tables({"discover": table}, facts)


def _rows(found: Discovery) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for answer in found.answers:
        finding = answer.finding
        goal = {
            "scenario": found.scenario.id,
            "indicator": answer.goal.indicator,
            "target": answer.goal.value,
            "fiscal_year": found.fiscal_year,
            "draws": finding.draws,
            "missed": finding.missed,
            "baseline_missed": answer.baseline_missed,
            "outcome": finding.outcome,
            "about": finding.about,
            "nearest": answer.nearest,
        }
        if not finding.boxes:
            rows.append(goal)
        for number, box in enumerate(finding.boxes, 1):
            measured = {
                "box": number,
                "box_draws": box.draws,
                "box_cases": box.cases,
                "density": box.density,
                "coverage": box.coverage,
                "p": box.p,
            }
            for limit in box.limits:
                ends = {"low": limit.low, "high": limit.high}
                unit = found.assumptions.unit(limit.name)
                rows.append({**goal, **measured, "assumption": limit.name, **ends, "unit": unit})
    return rows


def content(found: Tables) -> Mapping[str, Any]:
    """The JSON of the command: a row per limit, the sentences in both languages."""
    said = {}
    for lang in sorted(LANGUAGES, reverse=True):
        words = Words("discover", lang, found.facts["names"])
        said[lang] = [
            {"indicator": g.indicator, "goal": g.title, "text": sentences_of(g, words)}
            for g in goals_in(found, words)
        ]
    return {
        "scenario": found.facts["scenario"],
        "assumptions": found.facts["assumptions"],
        "rows": rows_as_json(found["discover"]),
        "sentences": said,
    }
