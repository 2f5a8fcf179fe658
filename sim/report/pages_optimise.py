"""Pages of ``kyodo optimise``: cost against gain, what is in the plans, chances of the targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.pages.labels import Labels
from sim.pages.page import CHANCES, Chart, Page
from sim.pages.words import FileWords
from sim.report.experiment_parts import (
    bare,
    indicator_name,
    initiative_name,
    known,
    scenario_name,
    tidy,
)

if TYPE_CHECKING:
    import pandas as pd

    from sim.report.stored import Stored

FLAT = "flat"


def pages(stored: Stored, labels: Labels) -> tuple[Page, ...]:
    """The front, the plans in full, the chances of the targets, the ranking by cost."""
    words = FileWords("sim.report.optimise_words", labels)
    plans = stored.tables["plans"]
    years = int(stored.manifest["design"]["years"])
    out = [_front(plans, years, words, labels), _schedule(plans, words, labels)]
    if "targets" in stored.tables:
        out.append(_targets(stored.tables["targets"], plans, words, labels))
    out.append(ranking_page(stored.tables.get("ranking"), plans, words, labels))
    return tuple(out)


def verdict(row: dict[Any, Any], words: FileWords) -> str:
    """The verdict on a plan in words."""
    from sim.report.optimise import short_in

    word = row["verdict"]
    if word == "kept" and row["kind"] != "candidate":
        word = row["kind"]
    short = row["falls_short_in"] if known(row["falls_short_in"]) else ""
    by = row["dominated_by"] if known(row["dominated_by"]) else ""
    return words(f"verdict_{word}", by=by, what=words("and").join(map(words, short_in(short))))


def _front(plans: pd.DataFrame, years: int, words: FileWords, labels: Labels) -> Page:
    factor = labels.scale("yen per year")
    rows = plans.to_dict(orient="records")
    points = tidy(
        (
            {
                "label": _name(r, labels),
                "x": r["cost_dearest_year"] * factor,
                "y": r["solved_extra"],
                "group": words(_group(r)),
            }
            for r in sorted(rows, key=lambda r: GROUPS.index(_group(r)))
        ),
        ("label", "x", "y", "group"),
    )
    table = tidy(
        (
            {
                "plan": _name(r, labels),
                "verdict": verdict(r, words),
                "order": r["order"] if known(r["order"]) else "",
                "solved": r["solved_extra"], "low": r["solved_extra_low"],
                "high": r["solved_extra_high"], "targets_extra": r["targets_extra"],
                "cost": labels.number(r["cost_dearest_year"], "yen per year"),
                "over": labels.chance(r["probability_over_budget"]),
                "regret_worst": r["regret_solved_worst"],
                "regret_often": r["regret_solved_often"],
            }
            for r in rows
        ),
        ("plan", "verdict", "order", "solved", "low", "high", "targets_extra", "cost", "over",
         "regret_worst", "regret_often"),
    )  # fmt: skip
    charts = (
        Chart(
            "front", "scatter", words("chart_front", years=years), points,
            x_title=words("chart_cost", unit=labels.axis("yen per year")),
            y_title=words("chart_solved"), reading=labels("exp_front_reading"),
        ),
        Chart("plans", "table", words("plans_heading"), table),
    )  # fmt: skip
    return Page("front", words("title"), _message(plans, labels), charts, (labels("limit_costs"),))


GROUPS = ("chart_kept", "chart_standard", "baseline", "chart_rejected")


def _group(row: dict[Any, Any]) -> str:
    if row["kind"] == "nothing":
        return "baseline"
    if row["kind"] == "standard":
        return "chart_standard"
    return "chart_kept" if row["verdict"] == "kept" else "chart_rejected"


def _name(row: dict[Any, Any], labels: Labels) -> str:
    """A found plan by its number, a standard one by its name."""
    if row["plan"] == "staged":
        return FileWords("sim.report.optimise_words", labels)("chart_staged")
    return scenario_name(str(row["plan"]), labels)


def _message(plans: pd.DataFrame, labels: Labels) -> str:
    offered = plans.loc[plans["offered"].astype(bool)]
    ranked = offered.sort_values("solved_extra", ascending=False, kind="stable")
    best = ranked.to_dict(orient="records")[0]
    return labels(
        "exp_optimise_message",
        offered=len(offered), all=len(plans), name=_name(best, labels),
        solved=labels.difference(best["solved_extra"], "count"),
        low=labels.difference(best["solved_extra_low"], "count"),
        high=labels.difference(best["solved_extra_high"], "count"),
        cost=labels.number(best["cost_dearest_year"], "yen per year"),
    )  # fmt: skip


def _schedule(plans: pd.DataFrame, words: FileWords, labels: Labels) -> Page:
    """Strengths of the initiatives in the plans that are offered."""
    offered = plans.loc[plans["offered"].astype(bool) & (plans["kind"] != "nothing")]
    prefix = "strengths."
    ids = [c.removeprefix(prefix) for c in plans.columns if c.startswith(prefix)]
    cells = tidy(
        (
            {
                "row": initiative_name(id, labels),
                "column": _name(r, labels),
                "value": r[prefix + id],
            }
            for id in ids
            for r in offered.to_dict(orient="records")
        ),
        ("row", "column", "value"),
    )
    starts = ", ".join(
        f"{_name(r, labels)}: {r['order']}"
        for r in offered.to_dict(orient="records")
        if known(r["order"])
    )
    message = labels("exp_schedule_message", starts=starts or "–")
    chart = Chart("strengths", "heatmap", words("strength"), cells, y_title=words("strength"))
    return Page("schedule", labels("exp_schedule"), message, (chart,) if len(cells) else ())


def _targets(table: pd.DataFrame, plans: pd.DataFrame, words: FileWords, labels: Labels) -> Page:
    """Chances of the outcome targets, without past growth, beside those of doing nothing."""
    last = int(table["fiscal_year"].max())
    able = plans["offered"].astype(bool) & (plans["kind"] != "nothing")
    names = {r["plan"]: _name(r, labels) for r in plans.loc[able].to_dict(orient="records")}
    flat = table.loc[(table["world"] == FLAT) & table["plan"].isin(list(names))]
    ends = flat.loc[flat["fiscal_year"] == last]
    own = ends.drop_duplicates("indicator").set_index("indicator")["probability_target_baseline"]
    shown = [(id, words("baseline"), chance) for id, chance in own.items()]
    shown += [
        (r["indicator"], names[r["plan"]], r["probability_target"])
        for r in ends.to_dict(orient="records")
    ]
    cells = tidy(
        (
            {"row": indicator_name(str(id), labels), "column": column, "value": value}
            for id, column, value in shown
        ),
        ("row", "column", "value"),
    )
    alone = set(own.index[own > 0.5])
    likely = set(ends.loc[ends["probability_target"] > 0.5, "indicator"])
    message = labels(
        "exp_targets_message",
        n=len(likely - alone), all=len(own), own=len(alone), year=labels.year(last),
    )  # fmt: skip
    heading = words("chances_heading")
    charts = (
        Chart("chances", "heatmap", heading, cells, unit="share", fiscal_year=last,
              y_title=labels("chance")),
        Chart("chances_years", "table", heading, _chances(flat, names, labels),
              reading=labels("page_chances_reading")),
    )  # fmt: skip
    return Page("chances", heading, message, charts, (bare(labels("limit_chance")),))


def _chances(rows: pd.DataFrame, names: dict[str, str], labels: Labels) -> pd.DataFrame:
    """Chances in the key years with their exact intervals, the baseline's own beside each."""
    table = rows.assign(
        label=[indicator_name(i, labels) for i in rows["indicator"]],
        plan=rows["plan"].map(names),
    )
    return table[["label", "plan", "fiscal_year", *CHANCES]].reset_index(drop=True)


def ranking_page(
    ranking: pd.DataFrame | None, plans: pd.DataFrame, words: FileWords, labels: Labels
) -> Page:
    """Cost per extra solved project, and how wrong the costs must be to turn the order."""
    from sim.analyses.shared.intervals import MIN_DRAWS

    title = words("ranking_heading")
    if ranking is None or ranking.empty:
        text = words("ranking_none", minimum=MIN_DRAWS)
        return Page("ranking", title, text, (), (labels("limit_costs"),))
    names = {r["plan"]: _name(r, labels) for r in plans.to_dict(orient="records")}
    rows = ranking.to_dict(orient="records")
    table = tidy(
        (
            {
                "rank": r["rank"],
                "plan": names[r["plan"]],
                "cost_per_extra_solved": r["cost_per_extra_solved"],
                "flips_at": r["flips_at"],
                "next": names[r["next"]] if known(r["next"]) else "",
            }
            for r in rows
        ),
        ("rank", "plan", "cost_per_extra_solved", "flips_at", "next"),
    )
    message = labels("exp_ranking_first", name=names[rows[0]["plan"]])
    if known(rows[0]["flips_at"]):
        message = labels(
            "exp_ranking_message",
            name=names[rows[0]["plan"]], next=names[rows[0]["next"]],
            factor=f"{rows[0]['flips_at']:.2f}",
        )  # fmt: skip
    chart = Chart("ranking", "table", title, table, reading=words("ranking_how"))
    return Page("ranking", title, message, (chart,), (labels("limit_costs"),))
