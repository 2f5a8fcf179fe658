"""Pages of ``kyodo prioritise``: each criterion's verdict on the asserted order."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.pages.labels import Labels
from sim.pages.page import Chart, Page
from sim.report.experiment_parts import bare, indicator_name, initiative_name, known, tidy

if TYPE_CHECKING:
    import pandas as pd

    from sim.report.prioritise_words import ScorecardWords
    from sim.report.stored import Stored


def pages(stored: Stored, labels: Labels) -> tuple[Page, ...]:
    """The verdicts, a page for each criterion, what weights decide, effects on the outcomes."""
    from sim.report.prioritise_words import ScorecardWords

    words = ScorecardWords(labels.lang)
    tables = stored.tables
    card, verdicts = tables["scorecard"], tables["verdicts"]
    after = int(stored.manifest["design"].get("after", 2))
    out = [_verdicts(verdicts, words)]
    for criterion in dict.fromkeys(card["criterion"]):
        mine = verdicts.loc[verdicts["criterion"] == criterion]
        page = _criterion(criterion, card.loc[card["criterion"] == criterion], mine, after, words)
        if criterion == "cost":
            page = replace(
                page,
                charts=(*page.charts, flips(tables["costs"], words)),
                notes=(words("limit_costs"),),
            )
        out.append(page)
    out.append(_weights(tables["weights"], words))
    out.append(_outcomes(tables["indicators"], words))
    return tuple(out)


def _short(id: str, words: ScorecardWords) -> str:
    """The name of an alternative: a measure as ①, an initiative by number and name."""
    if id.startswith("m"):
        return words("exp_measure", n="①②③"[int(id[1]) - 1])
    return initiative_name(id, words)


def _verdicts(verdicts: pd.DataFrame, words: ScorecardWords) -> Page:
    rows = verdicts.loc[verdicts["figure"].isna()].to_dict(orient="records")
    table = tidy(
        (
            {
                "criterion": words(f"pr_{r['criterion']}"),
                "verdict": words(f"pr_{r['verdict']}"),
                "order": words.chance(r["order_share"]),
                "first": _short(str(r["first"]), words),
                "first_share": words.chance(r["first_share"]),
                "asserted_first_share": words.chance(r["asserted_first_share"]),
            }
            for r in rows
        ),
        ("criterion", "verdict", "order", "first", "first_share", "asserted_first_share"),
    )
    agree = sum(r["verdict"] == "agrees" for r in rows)
    message = words("exp_priorities_message", n=agree, all=len(rows))
    chart = Chart("verdicts", "table", words("pr_chart_verdicts"), table)
    notes = (bare(words("pr_limit_order")), bare(words("pr_alone")))
    return Page("verdicts", words("pr_chart_verdicts"), message, (chart,), notes)


def _criterion(
    id: str, card: pd.DataFrame, verdicts: pd.DataFrame, after: int, words: ScorecardWords
) -> Page:
    verdict = verdicts.loc[verdicts["figure"].isna()].to_dict(orient="records")
    message = words(f"pr_{id}")
    if verdict:
        row = verdict[0]
        message = words(
            "exp_criterion_message",
            criterion=words(f"pr_{id}"),
            verdict=words(f"pr_{row['verdict']}"),
            first=_short(str(row["first"]), words),
            share=words.chance(row["first_share"]),
        )
    rows = card.to_dict(orient="records")
    firsts = tidy(
        (
            {"row": words.figure(r["figure"], after), "column": _short(r["alternative"], words),
             "value": r["first_share"]}
            for r in rows
            if known(r["first_share"])
        ),
        ("row", "column", "value"),
    )  # fmt: skip
    table = tidy(
        (
            {
                "figure": words.figure(r["figure"], after),
                "alternative": _short(r["alternative"], words),
                "median": _value(r, "median", words), "low": _value(r, "low", words),
                "high": _value(r, "high", words),
                "better": words("pr_better_high" if r["better"] > 0 else "pr_better_low"),
            }
            for r in rows
        ),
        ("figure", "alternative", "median", "low", "high", "better"),
    )  # fmt: skip
    charts = [Chart(f"figures_{id}", "table", words("pr_scorecard_heading"), table)]
    if len(firsts):
        charts.insert(0, Chart(
            f"first_{id}", "heatmap", words("pr_chart_share"), firsts, unit="share",
            y_title=words("pr_chart_share"),
        ))  # fmt: skip
    return Page(f"criterion_{id}", words(f"pr_{id}"), message, tuple(charts))


def flips(costs: pd.DataFrame, words: ScorecardWords) -> Chart:
    """At which ratio of two costs the order of two alternatives turns."""
    table = tidy(
        (
            {
                "pair": f"{_short(r['alternative'], words)} / {_short(r['against'], words)}",
                "assumed": r["assumed_median"],
                **{
                    f"{name}{of}": r[f"{column}{end}"] if r["given"] else math.nan
                    for name, column in (("flips", "flips_at"), ("factor", "factor"))
                    for of, end in (("", "_median"), ("_low", "_low"), ("_high", "_high"))
                },
                "note": "" if r["given"] else words("pr_not_sure"),
            }
            for r in costs.to_dict(orient="records")
        ),
        ("pair", "assumed", "flips", "flips_low", "flips_high", "factor", "factor_low",
         "factor_high", "note"),
    )  # fmt: skip
    title = words("pr_costs_heading")
    return Chart("cost_flips", "table", title, table, reading=bare(words("pr_costs_how")))


def _value(row: dict[Any, Any], column: str, words: ScorecardWords) -> str:
    if not known(row[column]):
        return "–"
    return words.value(float(row[column]), str(row["unit"]))


def _weights(table: pd.DataFrame, words: ScorecardWords) -> Page:
    rows = table.to_dict(orient="records")
    bars = tidy(
        ({"label": _short(r["alternative"], words), "value": r["first_by_mean_score"]}
         for r in rows),
        ("label", "value", "low", "high"),
    )  # fmt: skip
    best = max(rows, key=lambda r: r["first_by_mean_score"])
    message = words(
        "exp_weights_message",
        name=_short(best["alternative"], words),
        share=words.chance(best["first_by_mean_score"]),
    )
    chart = Chart("weights", "bars", words("pr_w_mean"), bars, unit="share", x_title="%")
    return Page("weights", words("pr_weights_heading"), message, (chart,))


def _outcomes(table: pd.DataFrame, words: ScorecardWords) -> Page:
    rows = table.to_dict(orient="records")
    shown = tidy(
        (
            {
                "label": indicator_name(r["indicator"], words),
                "alternative": _short(r["alternative"], words),
                "median": words.difference(r["effect_median"], r["unit"]),
                "low": words.difference(r["effect_low"], r["unit"]),
                "high": words.difference(r["effect_high"], r["unit"]),
                "chance": words.chance(r["gained_share"]),
                "baseline": words.chance(r["baseline_share"]),
            }
            for r in rows
        ),
        ("label", "alternative", "median", "low", "high", "chance", "baseline"),
    )
    better = sum(r["clear"] > 0 for r in rows)
    worse = sum(r["clear"] < 0 for r in rows)
    message = words("exp_outcomes_message", better=better, worse=worse, all=len(rows))
    chart = Chart("outcomes", "table", words("exp_outcomes"), shown)
    return Page("outcomes", words("exp_outcomes"), message, (chart,))
