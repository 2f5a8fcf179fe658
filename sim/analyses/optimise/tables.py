"""The tables of a search: plans, surrogate, chances of the targets, ranking; facts beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.analyses.tables import Schema, Tables, columns
from sim.base.rows import plain, rows_as_json
from sim.figures.initiatives import initiative_ids

if TYPE_CHECKING:
    from sim.analyses.optimise.estimate import PlansFound

STRENGTH, START = "strengths.", "start_years."
"""How columns of what a plan does begin; an initiative or a measure follows."""
COMPARED = ("solved_extra", "targets_extra", "cost_total", "cost_dearest_year")
"""What stands in the table of the surrogate, promised and real."""
_CHANCES = " ".join(f"probability_{e}{of}" for of in ("", "_baseline") for e in
                    ("target", "low", "high"))  # fmt: skip
_EXTRA = " ".join(f"{what}_extra{of}" for what in ("solved", "targets") for of in
                  ("", "_flat", "_trend"))  # fmt: skip
_REGRETS = " ".join(f"regret_{of}_{e}" for of in ("solved", "targets") for e in
                    ("worst", "often"))  # fmt: skip

SCHEMA: Schema = {
    "plans": columns(
        text="plan scenario kind verdict falls_short_in dominated_by order interval_kind",
        number=f"cost_dearest_year cost_total probability_over_budget {_EXTRA} solved_extra_low"
        f" solved_extra_high solved_extra_standard_error cost_per_extra_solved {_REGRETS}",
        flag="offered within_budget",
    )
    | columns(number=" ".join(f"{START}{m}" for m in (1, 2, 3)))
    | columns(number=" ".join(f"{STRENGTH}{i}" for i in initiative_ids())),
    "surrogate": columns(
        text="plan verdict falls_short_in",
        number=" ".join(f"{c}_{e}" for c in COMPARED for e in ("surrogate", "real", "difference"))
        + "".join(f" {c}_error" for c in COMPARED[:3]),
    ),
    "targets": columns(
        text="plan world indicator",
        number=f"target {_CHANCES}",
        whole="year fiscal_year",
        flag="reachable",
    ),
    "ranking": columns(text="plan next", number="cost_per_extra_solved flips_at", whole="rank"),
}


def tables(answer: PlansFound) -> Tables:
    """Frames as they are kept; the ranking only where costs per solved project can be told."""
    from sim.analyses.optimise.rows import (
        chance_rows,
        choice_rule,
        fit_rows,
        frame,
        plan_rows,
        ranking_rows,
        surrogate_rows,
    )
    from sim.model.indicators import INDICATORS

    found, goals, settings = answer.found, answer.goals, answer.settings
    rows = {
        "plans": plan_rows(found),
        "surrogate": surrogate_rows(found),
        "targets": chance_rows(found, goals),
        "ranking": ranking_rows(found),
    }
    trend, error = found.trend_alone
    facts = {
        "budget": found.budget,
        "budget_given": answer.budget_given,
        "budget_chance": settings.chance,
        "years": answer.years,
        "often": settings.often,
        "choice": {kind: found.names[n] for kind, n in found.picked.items()},
        "choice_rule": choice_rule(found, settings),
        "choice_by_targets": found.robust_by_targets,
        "trend_alone": {"solved_extra": trend, "standard_error": error},
        "years_by_growth": answer.growth,
        "training_runs": found.training_runs,
        "surrogate_fit": fit_rows(found, goals),
        "goals": [{"indicator": id, "unit": INDICATORS[id].unit} for id in goals.ids],
    }
    return Tables({name: frame(own) for name, own in rows.items() if own}, plain(facts))


def content(found: Tables) -> Mapping[str, Any]:
    """The JSON of the command: rows (plans), surrogate, targets, ranking, choice and its rule."""
    facts, plans = found.facts, found["plans"]
    held = (plans["kind"] == "candidate") & (plans["verdict"] == "kept")
    return {
        "budget": facts["budget"],
        "rows": [_plan(row) for row in rows_as_json(plans)],
        "surrogate": rows_as_json(found["surrogate"]),
        "targets": rows_as_json(found["targets"]),
        "ranking": rows_as_json(found["ranking"]) if "ranking" in found else [],
        "front": list(plans.loc[held, "plan"]),
        **{key: facts[key] for key in ("choice", "choice_rule", "choice_by_targets")},
        "trend_alone": facts["trend_alone"],
        "surrogate_fit": facts["surrogate_fit"],
    }


def strengths(plan: Mapping[str, Any]) -> dict[str, float]:
    """Initiative -> strength of those that a row of ``plans`` switches on."""
    return {k.removeprefix(STRENGTH): v for k, v in plan.items() if k.startswith(STRENGTH) and v}


def start_years(plan: Mapping[str, Any]) -> dict[str, int]:
    """Measure, "1" ... -> first fiscal year, from 1 on, of those that a row of ``plans`` uses."""
    return {k.removeprefix(START): int(v) for k, v in plan.items() if k.startswith(START) and v}


def _plan(row: Mapping[str, Any]) -> dict[str, Any]:
    flat = {k: v for k, v in row.items() if not k.startswith((STRENGTH, START))}
    return {**flat, "start_years": start_years(row), "strengths": strengths(row)}
