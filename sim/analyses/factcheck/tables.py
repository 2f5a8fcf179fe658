"""The table of a fact check: all rankings; facts beside it: the choice, and figures' sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.analyses.factcheck.ranking import UNLISTED, source_parts, verify_first
from sim.analyses.tables import Schema, Tables, columns
from sim.base.rows import plain, rows_as_json

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.factcheck.estimate import FactCheck
    from sim.figures.evidence import Profile

SCHEMA: Schema = {
    "factcheck": columns(
        text="table kind item evidence interval_kind printed line source status checks",
        number="value_per_project evppi low high null95 null_mean beyond_chance p share_of_evpi"
        " share_of_variance variance_p lead_change flip_at",
        whole="rank",
        flag="clear",
    )
}


def tables(answer: FactCheck) -> Tables:
    """All rankings as one table, the value asked for first."""
    import pandas as pd

    plan, choice = answer.plan, answer.choice
    others = [t for v, t in sorted(answer.tables.items()) if v != plan.value]
    table = pd.concat([answer.main, *others], ignore_index=True)
    ids = [s.id for s in answer.scenarios]
    facts = {
        "draws": plan.draws,
        "years": plan.years,
        "value": plan.value,
        "error": plan.error,
        "false_share": plan.false_share,
        "trend": plan.trend,
        "with_budget": plan.with_budget,
        "moved": list(answer.candidates) if answer.moved else [],
        "levels": answer.level_source,
        "decisions": answer.decisions,
        "ranges": answer.ranges,
        "best": ids[choice.best],
        "second": ids[choice.second],
        "evpi": choice.evpi,
        "values": [
            {"value": value, "best": ids[c.best], "evpi": c.evpi}
            for value, c in sorted(answer.choices.items())
        ],
        "unused": list(answer.unused),
        "indicators": dict(answer.indicators),
        "figures": _figures(answer.main, answer.profile),
    }
    return Tables({"factcheck": table}, facts)


def _figures(table: pd.DataFrame, profile: Profile) -> dict[str, dict[str, Any]]:
    """What is told of every figure behind a row: as printed, where, from what source."""
    out = {}
    for ids in table["evidence"]:
        for id in filter(None, str(ids).split("; ")):
            row = profile[id]
            title, stated = source_parts(profile, id)
            document = row.source.line is not None and row.source.file == "source document"
            out[id] = {
                "value": row.value,
                "unit": row.unit,
                "line": row.source.line if document else None,
                "source": title,
                "stated": stated,
                "listed": UNLISTED not in row.checks,
                "checks": list(row.checks),
            }
    return out


def main_rows(tables: Tables) -> pd.DataFrame:
    """The rankings at the value of a solved project that was asked for."""
    table = tables["factcheck"]
    main: pd.DataFrame = table.loc[table["value_per_project"] == table["value_per_project"].iloc[0]]
    return main


def content(found: Tables) -> Mapping[str, Any]:
    """The JSON of the command: null where there is no number, never NaN."""
    facts = found.facts
    return {
        "rows": rows_as_json(found["factcheck"]),
        "verify_first": plain(verify_first(main_rows(found))),
        "decisions": facts["decisions"],
        "best": facts["best"],
        "second": facts["second"],
        "evpi": facts["evpi"],
        "best_by_value": facts["ranges"],
        "value_per_project": facts["value"],
        "trend": facts["trend"],
        "project_budget": facts["with_budget"],
        "figure_error": facts["error"],
        "false_share": facts["false_share"],
        "unused_claims": facts["unused"],
        "moved_scenarios": facts["moved"],
        "levels": facts["levels"],
    }
