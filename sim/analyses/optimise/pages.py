"""What is told of a search: the question, what to take away, all plans, the surrogate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analyses.optimise import plan_cells as cells
from sim.analyses.optimise.pages_plan import (
    chances_page,
    ranking_page,
    schedule_pages,
    strengths_page,
)
from sim.analyses.optimise.pages_surrogate import surrogate_pages
from sim.analyses.optimise.plan_cells import YEN, order_sentence, plan_name, plan_rows, yen
from sim.analyses.shared.intervals import MIN_DRAWS
from sim.base.rows import records
from sim.pages.cells import missing
from sim.pages.frames import tidy
from sim.pages.page import Chart, Finding, Page

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.pages.cells import Row

POINTS = ("label", "x", "y", "low", "high", "group", "chosen", "x_limit")
PLANS = ("plan", "verdict", "solved", "targets", "dearest", "over", "worst", "order", "often",
         "total", "price")  # fmt: skip
"""Columns of the table of all plans, as keys of words; a narrow terminal leaves out the last."""


def pages(tables: Tables, words: Words) -> tuple[Page, ...]:
    """The question, the findings, plans, the choice in full, surrogate, chances, ranking."""
    return (
        _question(tables, words),
        _findings(tables, words),
        _plans(tables, words),
        _front(tables, words),
        *schedule_pages(tables, words),
        strengths_page(tables, words),
        *surrogate_pages(tables, words),
        chances_page(tables, words),
        ranking_page(tables, words),
    )


def _question(tables: Tables, words: Words) -> Page:
    """What was asked, and what counts as an answer."""
    facts, labels = tables.facts, words.labels
    said = {"counts": words("question_counts")}
    if not facts["budget_given"]:
        said["budget"] = words("budget_own")
    said["budget_rule"] = words("budget_rule", chance=labels.chance(facts["budget_chance"]))
    said["costs"] = words("limit_costs")
    text = words("question", budget=yen(facts["budget"], words), years=facts["years"])
    findings = tuple(Finding(id, text) for id, text in said.items())
    return Page("question", words("question_heading"), text, (), (words("how"),), (), findings)


# ---- what to take away


def _findings(tables: Tables, words: Words) -> Page:
    message, *rest = findings(tables, words)
    return Page("findings", words("findings_heading"), message.text, findings=tuple(rest))


def findings(tables: Tables, words: Words) -> list[Finding]:
    """What a planner should take away, a sentence or two each; the choice first."""
    out = {**_choice(tables, words), **_comparison(tables, words), **_growth(tables, words)}
    return [Finding(id, text) for id, text in out.items()]


def _choice(tables: Tables, words: Words) -> dict[str, str]:
    """The robust plan, what it adds and costs, and how far it may be behind."""
    facts, labels = tables.facts, words.labels
    row = cells.chosen(tables, "robust")
    if row is None:
        none = cells.chosen(tables, "expected") is None
        return {"robust": words("nothing" if none else "nothing_robust")}
    return {
        "robust": words("robust", name=plan_name(row["plan"], words)),
        "adds": words(
            "robust_adds", solved=cells.projects(row["solved_extra"]), years=facts["years"],
            interval=_interval(tables, words), low=cells.projects(row["solved_extra_low"]),
            high=cells.projects(row["solved_extra_high"]),
            targets=cells.targets(row["targets_extra"]),
        ),
        "costs": words(
            "robust_cost", cost=yen(row["cost_dearest_year"], words),
            over=labels.chance(row["probability_over_budget"]),
        ),
        "regret": words(
            "robust_regret", share=labels.chance(facts["often"]),
            often=cells.count(row["regret_solved_often"]),
            worst=cells.count(row["regret_solved_worst"]),
        ),
    }  # fmt: skip


def _comparison(tables: Tables, words: Words) -> dict[str, str]:
    """The choice by the mean, the order, the choice by targets, and how all was chosen."""
    facts, rows, labels = tables.facts, plan_rows(tables), words.labels
    choice, rule = facts["choice"], facts["choice_rule"]
    row, other = rows[choice["robust"]], rows[choice["expected"]]
    which = "worst" if rule["regret"] == "maximum" else "often"
    out = {}
    if other["plan"] != row["plan"]:
        out["expected"] = words(
            "differ", name=plan_name(other["plan"], words),
            solved=cells.projects(other["solved_extra"]),
            regret=cells.count(other[f"regret_solved_{which}"]),
            robust=plan_name(row["plan"], words),
            robust_regret=cells.count(row[f"regret_solved_{which}"]),
        )  # fmt: skip
    elif row["kind"] != "nothing":
        out["expected"] = words("same")
    if row["kind"] != "nothing":
        out["order"] = order_sentence(row["order"], words)
    if facts["choice_by_targets"] != row["plan"]:
        out["by_targets"] = words("by_targets", name=plan_name(facts["choice_by_targets"], words))
    out["rule"] = words(
        "rule", rule=words(f"rule_{which}", share=labels.chance(facts["often"])),
        chosen=rule["chosen_in_draws"], draws=rule["reported_in_draws"],
        offered=len(rule["offered"]),
    )  # fmt: skip
    return out


def _growth(tables: Tables, words: Words) -> dict[str, str]:
    """The document's order, growth without any plan, and what became of the candidates."""
    facts, staged = tables.facts, plan_rows(tables)[cells.STAGED]
    trend, growth = facts["trend_alone"], facts["years_by_growth"]
    candidates = [r for r in records(tables["plans"]) if r["kind"] == "candidate"]
    return {
        "staged": words(
            "staged", solved=cells.projects(staged["solved_extra"]),
            targets=cells.targets(staged["targets_extra"]),
            cost=yen(staged["cost_dearest_year"], words),
            within=words("within" if staged["within_budget"] else "outside"),
        ),
        "growth": words(
            "trend", solved=cells.projects(trend["solved_extra"]),
            error=cells.count(trend["standard_error"]),
            growth="–" if growth is None else f"{growth:.1f}",
        ),
        "rejected": words(
            "rejected", candidates=len(candidates),
            kept=sum(r["verdict"] == "kept" for r in candidates),
        ),
    }  # fmt: skip


def _interval(tables: Tables, words: Words) -> str:
    """What the two ends of extra solved projects are."""
    kind = str(tables["plans"]["interval_kind"].iloc[0])
    return words.labels.interval(kind, tables.facts["choice_rule"]["reported_in_draws"])


# ---- all plans


def _best(tables: Tables) -> Row:
    """The offered plan that adds most solved projects; the first of equals."""
    offered = [r for r in records(tables["plans"]) if r["offered"]]
    return max(offered, key=lambda row: row["solved_extra"])


def _plans(tables: Tables, words: Words) -> Page:
    """Every plan by real runs: verdict, gains, costs, regret."""
    rows, labels, best = records(tables["plans"]), words.labels, _best(tables)
    lines = [
        {
            "plan": plan_name(r["plan"], words),
            "verdict": cells.verdict(r, words),
            "solved": f"{cells.projects(r['solved_extra'])} [{_ends(r)}]",
            "targets": cells.targets(r["targets_extra"]),
            "dearest": yen(r["cost_dearest_year"], words),
            "over": labels.chance(r["probability_over_budget"]),
            "worst": cells.count(r["regret_solved_worst"]),
            "order": "–" if missing(r["order"]) else r["order"] or "–",
            "often": cells.count(r["regret_solved_often"]),
            "total": yen(r["cost_total"], words),
            "price": cells.price(r["cost_per_extra_solved"], words),
        }
        for r in rows
    ]
    table = tidy(lines, PLANS).rename(columns={key: words(key) for key in PLANS})
    interval, rule = _interval(tables, words), tables.facts["choice_rule"]
    notes = [words(
        "plans_how", draws=rule["reported_in_draws"], interval=interval,
        share=labels.chance(tables.facts["often"]),
    )]  # fmt: skip
    if rows[0]["interval_kind"] == "range":
        notes.append(words("few", minimum=MIN_DRAWS))
    message = words(
        "plans_message", offered=len(rule["offered"]), all=len(rows),
        name=plan_name(best["plan"], words), solved=cells.projects(best["solved_extra"]),
        low=cells.projects(best["solved_extra_low"]),
        high=cells.projects(best["solved_extra_high"]), cost=yen(best["cost_dearest_year"], words),
    )  # fmt: skip
    chart = Chart("plans", "table", words("plans_heading"), table)
    return Page("plans", words("plans_heading"), message, (chart,), tuple(notes))


def _ends(row: Row) -> str:
    return ", ".join(cells.projects(row[f"solved_extra_{end}"]) for end in ("low", "high"))


def _front(tables: Tables, words: Words) -> Page:
    """Cost of the dearest year against extra solved projects, and against extra targets."""
    facts, rows = tables.facts, records(tables["plans"])
    best, budget = _best(tables), yen(facts["budget"], words)
    message = words(
        "front_message", n=sum(bool(r["within_budget"]) for r in rows), all=len(rows),
        budget=budget, name=plan_name(best["plan"], words),
        solved=cells.projects(best["solved_extra"]),
    )  # fmt: skip
    x_title = words("chart_cost", unit=words.labels.axis("yen"))
    interval = _interval(tables, words)
    reading = words("front_reading", budget=budget, interval=interval)
    charts = (
        Chart(
            "front", "scatter", words("chart_front", years=facts["years"]),
            _points("solved_extra", tables, words), interval=interval, reading=reading,
            x_title=x_title, y_title=words("chart_solved"),
        ),
        Chart(
            "front_targets", "scatter", words("chart_targets_title", years=facts["years"]),
            _points("targets_extra", tables, words), reading=reading, x_title=x_title,
            y_title=words("chart_targets"),
        ),
    )  # fmt: skip
    return Page(
        "front", words("front_heading"), message, charts, (words("limit_costs"),), detail=True
    )


def _points(gain: str, tables: Tables, words: Words) -> pd.DataFrame:
    """The points of all plans: cost of the dearest year, one gain, the budget as a limit."""
    factor, robust = words.labels.scale(YEN), cells.chosen(tables, "robust")
    rows = cells.by_group(records(tables["plans"]))
    return tidy(
        (
            {
                "label": plan_name(r["plan"], words), "x": r["cost_dearest_year"] * factor,
                "y": r[gain], "low": r.get(f"{gain}_low"), "high": r.get(f"{gain}_high"),
                "group": words(cells.group(r)),
                "chosen": robust is not None and r["plan"] == robust["plan"],
                "x_limit": tables.facts["budget"] * factor,
            }
            for r in rows
        ),
        POINTS,
    )  # fmt: skip
