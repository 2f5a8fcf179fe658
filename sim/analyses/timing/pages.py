"""What is told of timing: the price of waiting, the dearest year, and targets out of reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.analyses.shared.names import COST, SOLVED_TOTAL
from sim.base.rows import records
from sim.pages.cells import clear_mean, missing
from sim.pages.frames import tidy
from sim.pages.page import Chart, Finding, Page

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.tables import Tables
    from sim.analyses.words import Words

LINES = ("scenario", "name", "x", "value", "low", "high")


def pages(tables: Tables, words: Words) -> tuple[Page, ...]:
    """Solved projects lost by waiting, when waiting costs most, what it saves, and targets."""
    return (
        _price(tables, words),
        _dearest(tables, words),
        _targets(tables, words),
        *(_chances(id, tables, words) for id in _scenarios(tables)),
        _money(tables, words),
    )


def _scenarios(tables: Tables) -> list[str]:
    return list(dict.fromkeys(tables["start_years"]["scenario"]))


def _rows(tables: Tables, indicator: str, quantity: str) -> pd.DataFrame:
    table = tables["start_years"]
    return table.loc[(table["indicator"] == indicator) & (table["quantity"] == quantity)]


def _lines(
    id: str, rows: pd.DataFrame, unit: str, title: str, words: Words, *, aside: bool = False
) -> Chart:
    """Means with their intervals over the start years, one line a scenario."""
    table = tidy(
        (
            {
                "scenario": r["scenario"], "name": words.scenario(r["scenario"]),
                "x": r["start_year"], "value": r["mean"], "low": r["mean_low"],
                "high": r["mean_high"],
            }
            for r in records(rows)
        ),
        LINES,
    )  # fmt: skip
    return Chart(
        id, "lines", title, table, unit=unit, interval=words("exp_mean_interval"),
        x_title=words("start_year"), y_title=words.labels.axis(unit), aside=aside,
        options=("years",),
    )  # fmt: skip


# ---- what waiting loses


def _price(tables: Tables, words: Words) -> Page:
    """How many solved projects each year of delay loses, of each scenario."""
    labels, last = words.labels, words.labels.year(tables.facts["horizon"])
    lost, effect = _rows(tables, SOLVED_TOTAL, "lost"), _rows(tables, SOLVED_TOTAL, "effect")
    findings, worst = [], {}
    for id in _scenarios(tables):
        mine = records(lost.loc[lost["scenario"] == id])
        whole = records(effect.loc[effect["scenario"] == id])[0]
        one, all_but_one = mine[1], mine[-1]
        worst[id] = one["mean"]
        key = "price_line" if clear_mean(one) else "price_unclear"
        findings.append(Finding(f"price_{id}", words(
            key, name=words.scenario(id), whole=labels.difference(whole["mean"], "count"),
            one=labels.number(one["mean"], "count"), low=labels.number(one["mean_low"], "count"),
            high=labels.number(one["mean_high"], "count"),
            every=labels.number(all_but_one["mean"], "count"), n=len(mine) - 1,
            first=labels.year(int(mine[0]["start_year"])), last=last,
        )))  # fmt: skip
    known = {id: value for id, value in worst.items() if not missing(value)}
    dearest = max(known, key=lambda id: known[id]) if known else ""
    message = words(
        "price_message", name=words.scenario(dearest), last=last,
        lost=labels.number(known.get(dearest), "count"),
    )  # fmt: skip
    chart = _lines("effect", effect, "count", words("effect_title", last=last), words)
    loss = _lines("lost", lost, "count", words("lost_title", last=last), words, aside=True)
    notes = (words("how"), words("how_lost"), words("model_only"))
    return Page("price", words("price_heading"), message, (chart, loss), notes, (), tuple(findings))


# ---- when waiting costs most


def _dearest(tables: Tables, words: Words) -> Page:
    """The year after which waiting costs most, and in how many draws it is that one."""
    step = _rows(tables, SOLVED_TOTAL, "step")
    table, labels = tables["dearest_years"], words.labels
    findings = []
    for id in _scenarios(tables):
        mine = records(step.loc[step["scenario"] == id])[1:]  # the first start waits for nothing
        shares = records(table.loc[table["scenario"] == id])
        known = [r for r in mine if not missing(r["mean"])]
        if not known:
            findings.append(Finding(f"dearest_{id}", words("no_value", name=words.scenario(id))))
            continue
        most = max(known, key=lambda r: r["mean"])
        year = int(most["start_year"]) - 1
        share = next(r["share"] for r in shares if int(r["year_waited"]) == year)
        clear = clear_mean(most) and most["mean"] > 0
        findings.append(Finding(f"dearest_{id}", words(
            "dearest_line" if clear else "dearest_unclear", name=words.scenario(id),
            year=labels.year(year), lost=labels.number(most["mean"], "count"),
            low=labels.number(most["mean_low"], "count"),
            high=labels.number(most["mean_high"], "count"), share=labels.chance(share),
        )))  # fmt: skip
    rows = tidy(
        (
            {
                "panel": words.scenario(r["scenario"]),
                "label": labels.year(int(r["start_year"]) - 1),
                "value": r["mean"], "low": r["mean_low"], "high": r["mean_high"],
            }
            for r in records(step)
            if int(r["start_year"]) > int(step["start_year"].min())
        ),
        ("panel", "label", "value", "low", "high"),
    )  # fmt: skip
    chart = Chart(
        "step", "bars", words("step_title"), rows, unit="count",
        interval=words("exp_mean_interval"), x_title=labels.axis("count"),
    )  # fmt: skip
    first, *rest = findings
    return Page(
        "dearest", words("dearest_heading"), first.text, (chart,), (words("dearest_note"),),
        findings=tuple(rest),
    )  # fmt: skip


# ---- targets


def _targets(tables: Tables, words: Words) -> Page:
    """The last start year from which each target is still within reach."""
    table = tables["last_starts"]
    chance, labels = tables.facts["chance"], words.labels
    findings = []
    for id in _scenarios(tables):
        mine = records(table.loc[table["scenario"] == id])
        own = [r for r in mine if not r["baseline_reaches"]]
        late = [r for r in own if not r["never"] and not r["always"]]
        items = [f"{r['indicator']} {labels.year(int(r['last_start']))}" for r in late]
        findings.append(Finding(f"targets_{id}", words(
            "targets_line", name=words.scenario(id), all=len(mine), n=len(late),
            items=words.join(items) or words("nothing"), chance=labels.chance(chance),
            never=sum(bool(r["never"]) for r in own), base=len(mine) - len(own),
            always=sum(bool(r["always"]) for r in own),
        )))  # fmt: skip
    rows = []
    for id in dict.fromkeys(table["indicator"]):
        line = {"indicator": words.indicator(id)}
        for scenario in _scenarios(tables):
            keep = (table["indicator"] == id) & (table["scenario"] == scenario)
            line[scenario] = _last(records(table.loc[keep])[0], words)
        rows.append(line)
    heads = {"indicator": words("indicator")} | {s: words.scenario(s) for s in _scenarios(tables)}
    shown = tidy(rows, tuple(heads)).rename(columns=heads)
    chart = Chart("last_starts", "table", words("last_title"), shown)
    first, *rest = findings
    notes = (
        words("targets_note", chance=labels.chance(chance), draws=tables.facts["draws"]),
        words("outcomes_only"),
    )
    return Page(
        "targets", words("targets_heading"), first.text, (chart,), notes, findings=tuple(rest)
    )


def _last(row: Mapping[str, Any], words: Words) -> str:
    """One cell: the last start year, or why there is none."""
    if row["baseline_reaches"]:
        return words("cell_base")
    if row["never"]:
        return words("cell_never")
    return words("cell_always") if row["always"] else words.labels.year(int(row["last_start"]))


def _chances(scenario: str, tables: Tables, words: Words) -> Page:
    """Chances of all targets by start year, of one scenario."""
    table, labels = tables["chances"], words.labels
    mine = table.loc[table["scenario"] == scenario]
    cells = tidy(
        (
            {
                "row": words.indicator(r["indicator"]),
                "column": labels.year(int(r["start_year"])),
                "value": r["probability_target"],
            }
            for r in records(mine)
        ),
        ("row", "column", "value"),
    )  # fmt: skip
    first = mine["start_year"].min()
    second = records(mine.loc[mine["start_year"] == first + 1])
    clear = [r for r in second if r["lost_low"] > 0]
    items = [
        f"{r['indicator']} {labels.chance(r['lost'])}"
        f" [{labels.chance(r['lost_low'])}, {labels.chance(r['lost_high'])}]"
        for r in clear
    ]
    name = words.scenario(scenario)
    message = words(
        "chances_message", name=name, n=len(clear), all=len(second),
        items=words.join(items) or words("nothing"),
    )  # fmt: skip
    chart = Chart(
        f"chances_{scenario}", "heatmap", words("chances_title", name=name), cells, unit="share",
        x_title=words("start_year"), reading=words("chances_reading"),
    )  # fmt: skip
    return Page(f"chances_{scenario}", words("chances_title", name=name), message, (chart,),
                detail=True)  # fmt: skip


# ---- money


def _money(tables: Tables, words: Words) -> Page:
    """What each start year costs over the horizon, under our assumed costs."""
    labels = words.labels
    cost, solved = _rows(tables, COST, "effect"), _rows(tables, SOLVED_TOTAL, "effect")
    findings = []
    for id in _scenarios(tables):
        yen = records(cost.loc[cost["scenario"] == id])
        gain = records(solved.loc[solved["scenario"] == id])
        saved = yen[0]["mean"] - yen[1]["mean"]
        lost = gain[0]["mean"] - gain[1]["mean"]
        findings.append(Finding(f"money_{id}", words(
            "money_line", name=words.scenario(id), saved=labels.number(saved, "yen"),
            lost=labels.number(lost, "count"),
        )))  # fmt: skip
    first, *rest = findings
    chart = _lines("cost", cost, "yen", words("cost_title"), words)
    return Page(
        "money", words("money_heading"), first.text, (chart,), (words("money_note"),),
        findings=tuple(rest), detail=True,
    )  # fmt: skip
