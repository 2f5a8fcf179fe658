"""What is told of a scorecard: verdicts on the asserted order, criteria, weights, outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.analyses.prioritise.question import CRITERIA
from sim.analyses.prioritise.sentences import CardText, is_criterion
from sim.base.rows import records
from sim.pages.cells import missing
from sim.pages.frames import tidy
from sim.pages.page import Chart, Finding, Page

if TYPE_CHECKING:
    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.pages.cells import Row

UNITS = {"share": "share", "ratio": "share", "difference of shares": "difference of shares",
         "yen": "yen"}  # fmt: skip
"""Unit of a figure -> that of an axis; others have none."""


def pages(tables: Tables, words: Words) -> tuple[Page, ...]:
    """The verdicts, a page for each criterion, single figures, weights, effects on outcomes."""
    text = CardText(tables, words)
    return (
        _verdicts(text),
        *(_criterion(criterion, text) for criterion in CRITERIA),
        _figures(text),
        _weights(text),
        _outcomes(text),
    )


def _heads(words: Words, **keys: str) -> dict[str, str]:
    return {column: words(key) for column, key in keys.items()}


def _table(
    id: str, title: str, rows: list[dict[str, Any]], heads: dict[str, str], **more: Any
) -> Chart:
    return Chart(id, "table", title, tidy(rows, tuple(heads)).rename(columns=heads), **more)


# ---- verdicts


def _verdict_rows(text: CardText, *, criteria: bool) -> list[dict[str, Any]]:
    words, percent, out = text.words, text.words.labels.chance, []
    for row in records(text.tables["verdicts"]):
        if is_criterion(row) != criteria:
            continue
        name = words(f"pr_{row['criterion']}")
        if not criteria:
            name = text.figure(row["figure"])
            name += "" if row["ranked"] else f" {words('pr_beside')}"
        asserted = percent(row["asserted_first_share"])
        out.append({
            "name": name, "verdict": text.verdict(row), "order": text.chance(row, "order"),
            "asserted": f"{asserted}: {words('pr_' + row['first_verdict'])}",
            "first": f"{text.short(row['first'])} {percent(row['first_share'])}",
            "tau": text.tau(row),
        })  # fmt: skip
    return out


def _verdict_heads(text: CardText, name: str) -> dict[str, str]:
    heads = _heads(
        text.words, name=name, verdict="pr_verdict", order="pr_order", asserted="pr_first_chance",
        first="pr_first",
    )  # fmt: skip
    return heads | {"tau": text.words("pr_tau", interval=text.interval)}


def _verdicts(text: CardText) -> Page:
    """Would each criterion alone give the document's order?"""
    words = text.words
    rows = [r for r in records(text.tables["verdicts"]) if is_criterion(r)]
    agree = sum(r["verdict"] == "agrees" for r in rows)
    message = words("pr_message", n=agree, all=len(rows), order=text.asserted)
    title = words("pr_chart_verdicts")
    table = _table(
        "verdicts", title, _verdict_rows(text, criteria=True), _verdict_heads(text, "pr_criterion")
    )
    said = [*text.verdict_lines(), text.growth_line(), text.targets_line(), text.worse_line()]
    notes = (
        words("pr_asserted", order=text.asserted), words("pr_alone"), text.how(),
        words("pr_criterion_how"), words("pr_limit_order"), words("pr_limit_by_plan"),
        words("pr_limit_spread"), words("limit_costs"),
    )  # fmt: skip
    return Page(
        "verdicts", title, message, (table, _first_places(rows, text)), notes,
        findings=tuple(Finding(f"finding_{n}", line) for n, line in enumerate(said)),
    )  # fmt: skip


def _first_places(rows: list[dict[str, Any]], text: CardText) -> Chart:
    """Share of draws in which an alternative of each measure is first, by criterion."""
    words, out = text.words, []
    for row in rows:
        shares = text.tables.facts["first_places"][row["criterion"]]
        note = f"{text.verdict(row)}; {words('pr_chart_tau', value=text.tau(row))}"
        for measure in sorted({a["measure"] for a in text.alternatives}):
            parts = zip(text.alternatives, shares, strict=True)
            out.append({
                "row": words(f"pr_{row['criterion']}"), "part": words.measure(f"m{measure}"),
                "value": sum(s for a, s in parts if a["measure"] == measure),
                "measure": measure, "note": note,
            })  # fmt: skip
    table = tidy(out, ("row", "part", "value", "measure", "note"))
    return Chart(
        "first_places", "shares", words("pr_chart_share"), table, unit="share",
        x_title=words("pr_chart_share"), aside=True,
    )  # fmt: skip


def _figures(text: CardText) -> Page:
    """Verdicts of the single figures."""
    words = text.words
    rows = _verdict_rows(text, criteria=False)
    table = _table("figure_verdicts", words("pr_figure"), rows, _verdict_heads(text, "pr_figure"))
    agree = sum(r["verdict"] == words("pr_agrees") for r in rows)
    message = words("pr_figures_message", n=agree, all=len(rows))
    return Page("figures", words("pr_figures"), message, (table,), (text.how(),), detail=True)


# ---- criteria


def _criterion(id: str, text: CardText) -> Page:
    """Figures of one criterion by alternative, and who is first how often."""
    words, percent = text.words, text.words.labels.chance
    card = text.tables["scorecard"]
    rows = records(card.loc[card["criterion"] == id])
    verdicts = [r for r in records(text.tables["verdicts"]) if r["criterion"] == id]
    whole = next(r for r in verdicts if is_criterion(r))
    message = words(
        "pr_criterion_message", criterion=words(f"pr_{id}"), verdict=text.verdict(whole),
        first=text.short(whole["first"]), share=percent(whole["first_share"]),
    )  # fmt: skip
    charts = [_panels(id, rows, text), _values(id, rows, text)]
    notes = [words("pr_scorecard_how", **text.values), words(f"pr_where_{id}", **text.values)]
    if id == "cost":
        charts.append(flips(text))
        notes.append(words("limit_costs"))
    return Page(
        f"criterion_{id}", words(f"pr_{id}"), message, tuple(charts), tuple(notes), detail=True
    )


def _panels(id: str, rows: list[dict[str, Any]], text: CardText) -> Chart:
    """Each figure in a small chart of its own: median, interval, value over all draws."""
    words, out = text.words, []
    measure = {a["id"]: a["measure"] for a in text.alternatives}
    for row in sorted(rows, key=lambda r: not r["ranked"]):
        note = ""
        if missing(row["median"]):
            note = "pr_no_figure" if not row["applies"] else "pr_not_given"
            note = words("pr_no_effect" if row["given"] else note)
        ends = row["criterion"] != "evidence"
        out.append({
            "panel": text.figure_name(row), "unit": UNITS.get(row["unit"], ""),
            "label": text.short(row["alternative"]), "value": row["median"],
            "low": row["low"] if ends else None, "high": row["high"] if ends else None,
            "mark": row["over_draws"], "measure": measure[row["alternative"]], "note": note,
        })  # fmt: skip
    names = ("panel", "unit", "label", "value", "low", "high", "mark", "measure", "note")
    table = tidy(out, names)
    numbers = ["value", "low", "high", "mark"]
    table[numbers] = table[numbers].apply(pd.to_numeric)
    return Chart(
        f"panels_{id}", "forest", words(f"pr_{id}"), table, interval=text.interval,
        reading=words("pr_chart_legend", interval=text.interval), aside=True,
    )  # fmt: skip


def _values(id: str, rows: list[dict[str, Any]], text: CardText) -> Chart:
    """The same in words: one line a figure, one column an alternative (or a line each)."""
    words = text.words
    title = words("pr_scorecard_heading")
    if not text.measures:
        lines = [
            {"figure": text.figure_name(r), "alternative": text.name(r["alternative"]),
             "cell": text.cell(r)}
            for r in rows
        ]  # fmt: skip
        heads = _heads(
            words, figure="pr_figure", alternative="pr_alternative", cell="pr_scorecard_heading"
        )
        return _table(f"figures_{id}", title, lines, heads)
    by_figure: dict[str, dict[str, Any]] = {}
    for row in rows:
        line = by_figure.setdefault(row["figure"], {"figure": text.figure_name(row)})
        line[row["alternative"]] = text.cell(row)
    heads = {"figure": words("pr_figure")}
    heads |= {a["id"]: text.name(a["id"]) for a in text.alternatives}
    return _table(f"figures_{id}", title, list(by_figure.values()), heads)


def flips(text: CardText) -> Chart:
    """At which ratio of two costs the order of two alternatives turns."""
    words = text.words

    def numbers(row: Row, name: str) -> str:
        if missing(row[f"{name}_median"]):
            return "–"
        low, median, high = (f"{row[f'{name}_{k}']:.2f}" for k in ("low", "median", "high"))
        whole = words("pr_over_draws", value=f"{row[f'{name}_over_draws']:.2f}")
        return f"{median} [{low}, {high}]; {whole}"

    rows = [
        {
            "pair": f"{text.short(r['alternative'])} / {text.short(r['against'])}",
            "assumed": numbers(r, "assumed"),
            "flips": numbers(r, "flips_at") if r["given"] else words("pr_not_sure"),
            "factor": numbers(r, "factor") if r["given"] else "–",
        }
        for r in records(text.tables["costs"])
    ]
    heads = _heads(
        words, pair="pr_pair", assumed="pr_assumed_ratio", flips="pr_flips_at", factor="pr_factor"
    )
    title = words("pr_costs_heading")
    return _table("cost_flips", title, rows, heads, reading=words("pr_costs_how"), aside=True)


# ---- weights and outcomes


def _weights(text: CardText) -> Page:
    """What weights over the five criteria would decide."""
    words, percent = text.words, text.words.labels.chance
    rows = records(text.tables["weights"])
    measure = {a["id"]: a["measure"] for a in text.alternatives}
    bars = tidy(
        (
            {"label": text.name(r["alternative"]), "value": r["first_by_mean_score"],
             "measure": measure[r["alternative"]]}
            for r in rows
        ),
        ("label", "value", "low", "high", "measure"),
    )  # fmt: skip
    best = max(rows, key=lambda r: r["first_by_mean_score"])
    message = words(
        "pr_weights_message", name=text.name(best["alternative"]),
        share=percent(best["first_by_mean_score"]),
    )  # fmt: skip
    lines = [
        {
            "alternative": text.name(r["alternative"]), "mean": percent(r["first_by_mean_score"]),
            "draw": percent(r["first_by_draw"]), "equal": percent(r["first_equal_weights"]),
            "typical": text.typical(r),
        }
        for r in rows
    ]  # fmt: skip
    heads = _heads(
        words, alternative="pr_alternative", mean="pr_w_mean", draw="pr_w_draw",
        equal="pr_w_equal", typical="pr_w_typical",
    )  # fmt: skip
    title = words("pr_weights_heading")
    charts = (
        Chart("weights", "bars", words("pr_w_mean"), bars, unit="share", x_title="%"),
        _table("weight_shares", title, lines, heads),
    )
    notes = (words("pr_weights_how", **text.values),)
    return Page("weights", title, message, charts, notes, detail=True)


def _outcomes(text: CardText) -> Page:
    """Effects on the outcome indicators in the last year, of the worse world."""
    words, labels = text.words, text.words.labels
    rows = records(text.tables["indicators"])
    shown = []
    for r in rows:
        ends = (labels.difference(r[f"effect_{k}"], r["unit"], bare=True) for k in ("low", "high"))
        mark = {1: "▲", -1: "▼", 0: ""}[int(r["clear"])] + ("*" if r["foreign"] else "")
        effect = f"{labels.difference(r['effect_median'], r['unit'])} [{', '.join(ends)}] {mark}"
        shown.append({
            "indicator": words.indicator(r["indicator"]),
            "alternative": text.short(r["alternative"]), "effect": effect.strip(),
            "gained": text.chance(r, "gained"), "baseline": text.chance(r, "baseline"),
        })  # fmt: skip
    heads = {"indicator": words("indicator")} | _heads(
        words, alternative="pr_alternative", effect="pr_effect", gained="pr_gained",
        baseline="pr_baseline",
    )  # fmt: skip
    better = sum(r["clear"] > 0 for r in rows)
    worse = sum(r["clear"] < 0 for r in rows)
    message = words("pr_outcomes_message", better=better, worse=worse, all=len(rows))
    title = words("pr_indicators_heading", year=text.last)
    notes = (words("pr_indicators_how", **text.values),)
    return Page(
        "outcomes", title, message, (_table("outcomes", title, shown, heads),), notes, detail=True
    )
