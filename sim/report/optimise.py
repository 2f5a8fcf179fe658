"""summary.md and the terminal lines of ``kyodo optimise``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from sim.analyses.optimise.estimate import Found
from sim.analyses.shared.intervals import MIN_DRAWS
from sim.places.load import start_year
from sim.report.about import Facts
from sim.report.cells import markdown_table
from sim.report.optimise_words import Case, OptimiseWords
from sim.report.preamble import preamble

__all__ = ["Case", "findings", "scenario_yaml", "summary", "terminal"]


def scenario_yaml(found: Found, position: int, kind: str) -> str:
    """The scenario file of a plan, which ``kyodo compare`` reads back."""
    name = found.names[position]
    return (
        found.plans[position]
        .scenario(
            name_en=f"Plan {name} ({kind} choice)",
            name_ja=f"計画{name}（{'頑健な' if kind == 'robust' else '期待値による'}選択）",
            description=f"Found by kyodo optimise for {found.budget:,.0f} yen a year.",
        )
        .to_yaml()
    )


def verdict_text(row: Mapping[str, Any], words: OptimiseWords) -> str:
    """The verdict on a plan in words."""
    if row["verdict"] == "kept" and row["kind"] != "candidate":
        return words.say(f"verdict_{row['kind']}")
    what = words.say("and").join(words.say(key) for key in short_in(row["falls_short_in"]))
    return words.say(f"verdict_{row['verdict']}", by=row["dominated_by"] or "", what=what)


def short_in(columns: str) -> list[str]:
    """Keys of the words for the columns in which a plan falls short, "solved_extra, cost_total"."""
    names = {"solved_extra": "solved", "targets_extra": "targets", "cost_total": "total"}
    return [names[column] for column in columns.split(", ")] if columns else []


def _interval(row: Mapping[str, Any], words: OptimiseWords) -> str:
    return (
        f"[{words.projects(row['solved_extra_low'])}, {words.projects(row['solved_extra_high'])}]"
    )


def findings(case: Case, words: OptimiseWords) -> list[str]:
    """What a planner should take away, one sentence or two each."""
    found = case.found
    out = []
    row, other = (case.plan(found.names[found.picked[k]]) for k in ("robust", "expected"))
    draws = found.worth.solved.shape[2]
    if row["kind"] == "nothing":
        out.append(words.say("nothing" if not found.chosen else "nothing_robust"))
    else:
        interval = words.interval(row["interval_kind"], draws)
        out.append(
            words.say(
                "robust", name=row["plan"], solved=words.projects(row["solved_extra"]),
                years=case.years, interval=interval, low=words.projects(row["solved_extra_low"]),
                high=words.projects(row["solved_extra_high"]),
                targets=words.targets(row["targets_extra"]),
                cost=words.yen(row["cost_dearest_year"]),
                over=words.chance(row["probability_over_budget"]),
                worst=words.count(row["regret_solved_worst"]),
                often=words.count(row["regret_solved_often"]),
                share=words.chance(case.settings.often),
            )
        )  # fmt: skip
    if other["plan"] == row["plan"]:
        out += [words.say("same")] if found.chosen else []
    else:
        out.append(
            words.say(
                "differ", name=other["plan"], solved=words.projects(other["solved_extra"]),
                regret=words.count(other[f"regret_solved_{_rule(case)}"]), robust=row["plan"],
                robust_regret=words.count(row[f"regret_solved_{_rule(case)}"]),
            )
        )  # fmt: skip
    if row["kind"] != "nothing":
        out.append(_order(row["order"], words))
    if found.robust_by_targets != row["plan"]:
        out.append(words.say("by_targets", name=found.robust_by_targets))
    out.append(
        words.say(
            "rule", rule=words.say(f"rule_{_rule(case)}", share=words.chance(case.settings.often)),
            chosen=case.settings.search_draws, draws=draws, offered=len(found.offered),
        )
    )  # fmt: skip
    staged = case.plan("staged")
    out.append(
        words.say(
            "staged", solved=words.projects(staged["solved_extra"]),
            targets=words.targets(staged["targets_extra"]),
            cost=words.yen(staged["cost_dearest_year"]),
            within=words.say("within" if staged["within_budget"] else "outside"),
        )
    )  # fmt: skip
    trend, error = found.trend_alone
    growth = "–" if math.isinf(case.growth) else f"{case.growth:.1f}"
    out.append(
        words.say(
            "trend", solved=words.projects(trend), error=words.count(error), growth=growth
        )
    )  # fmt: skip
    out.append(words.say("rejected", candidates=found.candidates, kept=len(found.front)))
    return out


def _rule(case: Case) -> str:
    """Which regret made the choice: its largest value or its quantile."""
    return "often" if case.found.choice.by_quantile else "worst"


def _order(order: str, words: OptimiseWords) -> str:
    if ">" in order:
        key = "order_document" if order == "1 > 2 > 3" else "order_other"
        return words.say(key, order=order)
    return words.say("order_together", order=order) if "+" in order else words.say("order_alone")


def plans_table(case: Case, words: OptimiseWords) -> list[list[str]]:
    """Cells of the table of all plans, and their heads first."""
    heads = [
        words.say(k)
        for k in ("plan", "verdict", "order", "solved", "targets", "dearest", "total", "over",
                  "price", "worst", "often")
    ]  # fmt: skip
    lines = [heads]
    for row in case.rows["plans"]:
        lines.append(
            [
                row["plan"], verdict_text(row, words), row["order"] or "–",
                f"{words.projects(row['solved_extra'])} {_interval(row, words)}",
                words.targets(row["targets_extra"]), words.yen(row["cost_dearest_year"]),
                words.yen(row["cost_total"]), words.chance(row["probability_over_budget"]),
                words.price(row["cost_per_extra_solved"]),
                words.count(row["regret_solved_worst"]), words.count(row["regret_solved_often"]),
            ]
        )  # fmt: skip
    return lines


def surrogate_table(case: Case, words: OptimiseWords) -> list[list[str]]:
    """Cells of the table surrogate against real, heads first."""
    lines = [
        [
            words.say("plan"), words.say("verdict"),
            *(
                f"{words.say(key)}: {words.say('surrogate_value')} / {words.say('real_value')}"
                f" ({words.say('difference')})"
                for key in ("solved", "targets", "dearest", "total")
            ),
        ]
    ]  # fmt: skip
    write: dict[str, tuple[Callable[[Any], str], Callable[[Any], str]]] = {
        "solved_extra": (words.projects, words.projects),
        "targets_extra": (words.targets, words.targets),
        "cost_dearest_year": (words.yen, words.more_yen),
        "cost_total": (words.yen, words.more_yen),
    }
    for row in case.rows["surrogate"]:
        cells = []
        for key, (text, more) in write.items():
            said, real, gap = (row[f"{key}_{s}"] for s in ("surrogate", "real", "difference"))
            error = row.get(f"{key}_error")
            chance = "" if error is None else f" ± {text(error).lstrip('+')}"
            cells.append(f"{text(said)} / {text(real)}{chance} ({more(gap)})")
        lines.append([row["plan"], verdict_text(case.plan(row["plan"]), words), *cells])
    return lines


def chances_table(case: Case, words: OptimiseWords) -> list[list[str]]:
    """Chance of every outcome target in the key years, for the chosen plans and those that hold,
    staged and all measures; heads first. Chosen plans and the baseline with their error."""
    from sim.model.indicators import INDICATORS

    found = case.found
    chosen = [found.names[n] for n in found.chosen.values()]
    names = list(
        dict.fromkeys([*chosen, *(found.names[n] for n in found.front), "all_measures", "staged"])
    )
    rows = case.rows["targets"]
    cells = {(r["plan"], r["indicator"], r["year"], r["world"]): r for r in rows}
    heads = [words("indicator"), words("target"), words.say("key_year_head"), words.say("baseline")]
    lines = [[*heads, *names]]
    for id in dict.fromkeys(r["indicator"] for r in rows):
        declared = INDICATORS[id]
        for year in found.key_years:
            first = [cells[names[0], id, year, w] for w in ("flat", "trend")]
            line = [
                f"{id} {words.name(declared)}",
                words.number(first[0]["target"], declared.unit),
                words.say("key_year", year=year, fiscal=words.year(first[0]["fiscal_year"])),
                " / ".join(_chance(r, "_baseline", True, words) for r in first),
            ]
            for name in names:
                both = [cells[name, id, year, w] for w in ("flat", "trend")]
                text = " / ".join(_chance(r, "", name in chosen, words) for r in both)
                line.append(text if both[0]["reachable"] else "✕")
            lines.append(line)
    return lines


def _chance(row: Mapping[str, Any], of: str, error: bool, words: OptimiseWords) -> str:
    """A chance of reaching a target, with its exact interval where ``error``."""
    text = words.chance(row[f"probability_target{of}"])
    if not error:
        return text
    low, high = (words.chance(row[f"probability_{end}{of}"]) for end in ("low", "high"))
    return f"{text} [{low}–{high}]"


def schedule_table(case: Case, words: OptimiseWords) -> list[list[str]]:
    """Strength and start of every initiative of the robust choice, heads first."""
    from sim.model.measures import INITIATIVES

    row = case.plan(case.found.names[case.found.chosen["robust"]])
    lines = [[words.say("initiative"), words.say("strength"), words.say("start")]]
    for id, strength in row["strengths"].items():
        year = start_year() + row["start_years"][id.split(".")[0]] - 1
        lines.append([f"{id} {words.name(INITIATIVES[id])}", f"{strength:g}", words.year(year)])
    return lines


def ranking_table(case: Case, words: OptimiseWords) -> list[list[str]]:
    """The ranking by cost per extra solved project, heads first."""
    lines = [[words.say(k) for k in ("rank", "plan", "price", "flips")]]
    for row in case.rows["ranking"]:
        factor = row["flips_at"]
        flip = "–" if factor is None else f"x {factor:.2f} ({row['next']})"
        price = words.price(row["cost_per_extra_solved"])
        lines.append([str(row["rank"]), row["plan"], price, flip])
    return lines


def summary(case: Case, manifest: Mapping[str, Any], lang: str) -> str:
    """The whole of summary.md: limits and credits first."""
    words, found = OptimiseWords(lang), case.found
    draws = found.worth.solved.shape[2]
    kind = case.rows["plans"][0]["interval_kind"]
    out = [f"# {words.say('title')}", "", *preamble(manifest, lang)]
    out += [f"## {words.say('question_heading')}", ""]
    out += [words.say("question", budget=words.yen(found.budget), years=case.years), ""]
    if manifest["design"]["budget"] is None:
        out += [words.say("budget_own"), ""]
    out += [words.say("budget_rule", chance=words.chance(case.chance)), ""]
    out += [f"## {words.say('findings_heading')}", ""]
    out += [f"- {line}" for line in findings(case, words)]
    out += [""]
    if "robust" in found.chosen:
        out += [f"## {words.say('schedule_heading')}", ""]
        out += [*_table(schedule_table(case, words)), ""]
        out += [words.say("schedule_file", file="robust_plan.yaml"), ""]
    out += [f"## {words.say('plans_heading')}", ""]
    out += [
        words.say(
            "plans_how",
            draws=draws,
            interval=words.interval(kind, draws),
            share=words.chance(case.settings.often),
        ),
        "",
    ]
    if kind == "range":
        out += [words.say("few", minimum=MIN_DRAWS), ""]
    out += [*_table(plans_table(case, words)), ""]
    out += [f"## {words.say('surrogate_heading')}", "", surrogate_quality(case, words), ""]
    out += [*_table(surrogate_table(case, words)), ""]
    error = max((r["probability_high"] - r["probability_low"]) / 2 for r in case.rows["targets"])
    shown = words.difference(error, "share").lstrip("+")
    out += [f"## {words.say('chances_heading')}", ""]
    out += [words.say("chances_how", error=shown), "", *_table(chances_table(case, words)), ""]
    out += [f"## {words.say('ranking_heading')}", ""]
    if case.rows["ranking"]:
        out += [words.say("ranking_how"), "", *_table(ranking_table(case, words)), ""]
    else:
        out += [words.say("ranking_none", minimum=MIN_DRAWS), ""]
    out += [f"## {words.say('how_heading')}", "", words.say("how")]
    return "\n".join(out).rstrip() + "\n"


def surrogate_quality(case: Case, words: OptimiseWords) -> str:
    """How good the surrogate is, in a sentence."""
    found = case.found
    share = float(found.surrogate.explained[-1])
    explained = "–" if math.isnan(share) else f"{share:.2f}"
    cost = f"{100 * found.surrogate.cost_error:.0f} %"
    return words.say("surrogate_how", runs=found.training_runs, explained=explained, cost=cost)


def _table(lines: list[list[str]]) -> list[str]:
    return markdown_table(lines[0], lines[1:])


def terminal(case: Case, facts: Facts, lang: str) -> list[str]:
    """Lines for the terminal: question, plans, surrogate against real, findings."""
    words = OptimiseWords(lang)
    out = [words.say("title"), words.say("budget_rule", chance=words.chance(case.chance)), ""]
    heads, *rows = plans_table(case, words)
    keep = [heads.index(words.say(k)) for k in ("plan", "verdict", "order", "solved", "targets",
                                                "dearest", "over", "worst")]  # fmt: skip
    out += ["\t".join(line[n] for n in keep) for line in [heads, *rows]]
    out += ["", words.say("surrogate_heading")]
    out += ["\t".join(line) for line in surrogate_table(case, words)]
    out += ["", *(line.replace("**", "") for line in findings(case, words))]
    if not case.rows["ranking"]:
        out.append(words.say("ranking_none", minimum=MIN_DRAWS))
    out += ["\t".join(line) for line in ranking_table(case, words)] if case.rows["ranking"] else []
    calibration = words(f"calibration_{facts.calibration}")
    return [*out, "", words("table_caveat", calibration=calibration), words("limit_costs")]
