"""What is told of timing: the price of waiting, the dearest year, and targets out of reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.analyses.shared.intervals import MIN_RUNS_CLEAR, clear_mean
from sim.analyses.shared.names import COST, SOLVED_TOTAL
from sim.base.rows import records
from sim.pages.cells import missing
from sim.pages.frames import tidy
from sim.pages.page import Chart, Finding, Page

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.pages.cells import Row

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
    id: str,
    rows: pd.DataFrame,
    unit: str,
    title: str,
    axis: str,
    words: Words,
    *,
    aside: bool = False,
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
        x_title=words("start_year"), y_title=axis, aside=aside, options=("years",),
    )  # fmt: skip


def _between(row: Row, unit: str, words: Words) -> str:
    """The 95 % interval of a mean in brackets, or that there is none."""
    if missing(row["mean_low"]):
        return words("no_interval")
    low, high = (words.labels.number(row[f"mean_{e}"], unit, bare=True) for e in ("low", "high"))
    return words("between", low=low, high=high)


def _loses(row: Row) -> bool:
    """Whether a loss is clearly above zero."""
    return clear_mean(row) and row["mean"] > 0


# ---- what waiting loses


def _price(tables: Tables, words: Words) -> Page:
    """How many solved projects each year of delay loses, of each scenario."""
    last = words.labels.year(tables.facts["horizon"])
    lost, effect = _rows(tables, SOLVED_TOTAL, "lost"), _rows(tables, SOLVED_TOTAL, "effect")
    findings, one_year = [], {}
    for id in _scenarios(tables):
        mine = records(lost.loc[lost["scenario"] == id])
        whole = records(effect.loc[effect["scenario"] == id])[0]
        one_year[id] = mine[1]
        findings.append(Finding(f"price_{id}", _price_line(id, mine, whole, last, words)))
    axis = words("solved_axis")
    charts = (
        _lines("lost", lost, "count", words("lost_title", last=last), axis, words),
        _lines("effect", effect, "count", words("effect_title", last=last), axis, words,
               aside=True),
    )  # fmt: skip
    few = tables.facts["draws"] < MIN_RUNS_CLEAR
    few_draws = (words("exp_few_draws", least=MIN_RUNS_CLEAR),) if few else ()
    notes = (words("how"), words("how_lost"), *few_draws, words("model_only"))
    message = _price_message(one_year, last, words)
    return Page("price", words("price_heading"), message, charts, notes, (), tuple(findings))


def _price_line(id: str, lost: Sequence[Row], whole: Row, last: str, words: Words) -> str:
    """What one year and all years of waiting lose of one scenario."""
    labels, one, every = words.labels, lost[1], lost[-1]
    if missing(one["mean"]):
        return words("no_value", name=words.scenario(id))
    longest = "" if len(lost) < 3 else words(
        "price_longest", n=len(lost) - 1, every=labels.number(every["mean"], "count"),
        between=_between(every, "count", words),
    )  # fmt: skip
    return words(
        "price_line" if clear_mean(one) else "price_unclear", name=words.scenario(id),
        whole=labels.difference(whole["mean"], "count"),
        one=labels.number(one["mean"], "count"), between=_between(one, "count", words),
        longest=longest, first=labels.year(int(lost[0]["start_year"])), last=last,
    )  # fmt: skip


def _price_message(one_year: Mapping[str, Row], last: str, words: Words) -> str:
    """The largest loss of one year, and whether it can be told from none."""
    known = {id: row for id, row in one_year.items() if not missing(row["mean"])}
    if not known:
        return words("price_none")
    id = max(known, key=lambda id: known[id]["mean"])
    row, alone = known[id], "_alone" if len(one_year) == 1 else ""
    if clear_mean(row):
        key = f"price_message{alone}" if _loses(row) else "price_message_gain"
    else:
        key = f"price_message_unclear{alone}"
    return words(
        key, name=words.scenario(id), last=last, lost=words.labels.number(row["mean"], "count"),
        between=_between(row, "count", words),
    )  # fmt: skip


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
        findings.append(Finding(f"dearest_{id}", words(
            "dearest_line" if _loses(most) else "dearest_unclear", name=words.scenario(id),
            year=labels.year(year), lost=labels.number(most["mean"], "count"),
            between=_between(most, "count", words), often=_often(id, share, tables, words),
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
        interval=words("exp_mean_interval"), x_title=words("solved_axis"),
    )  # fmt: skip
    first, *rest = findings
    return Page(
        "dearest", words("dearest_heading"), first.text, (chart,), (words("dearest_note"),),
        findings=tuple(rest),
    )  # fmt: skip


def _often(id: str, share: float, tables: Tables, words: Words) -> str:
    """In how many draws a year is the dearest; nothing where one draw cannot say."""
    draws = int(tables.facts.get("whole_draws", {}).get(id, tables.facts["draws"]))
    if missing(share) or draws < 2:
        return ""
    return words("dearest_often", n=round(share * draws), all=draws)


# ---- targets


def _targets(tables: Tables, words: Words) -> Page:
    """The last start year from which each target is still within reach."""
    table, chance = tables["last_starts"], words.labels.chance(tables.facts["chance"])
    first, *rest = [
        Finding(f"targets_{id}", _targets_line(id, tables, words)) for id in _scenarios(tables)
    ]
    rows = []
    for id in dict.fromkeys(table["indicator"]):
        line = {"indicator": words.indicator(id)}
        for scenario in _scenarios(tables):
            keep = (table["indicator"] == id) & (table["scenario"] == scenario)
            line[scenario] = _last(records(table.loc[keep])[0], scenario, tables, words)
        rows.append(line)
    heads = {"indicator": words("indicator")} | {s: words.scenario(s) for s in _scenarios(tables)}
    shown = tidy(rows, tuple(heads)).rename(columns=heads)
    chart = Chart(
        "last_starts", "table", words("last_title"), shown,
        reading=words("last_reading", chance=chance),
    )  # fmt: skip
    notes = (
        words("targets_note", chance=chance, draws=tables.facts["draws"]),
        words("outcomes_only"),
    )
    return Page(
        "targets", words("targets_heading"), first.text, (chart,), notes, findings=tuple(rest)
    )


def _targets_line(id: str, tables: Tables, words: Words) -> str:
    """How many targets of a scenario are reached when; what holds for none is left out."""
    table, labels, facts = tables["last_starts"], words.labels, tables.facts
    chance = labels.chance(facts["chance"])
    mine = records(table.loc[table["scenario"] == id])
    own = [r for r in mine if not r["baseline_reaches"]]
    closed = [r for r in own if r["never"] and _constructed(id, r, tables)]
    never = [r for r in own if r["never"] and not _constructed(id, r, tables)]
    late = [r for r in own if not r["never"] and not r["always"]]
    counts = {
        "base": len(mine) - len(own), "never": len(never), "closed": len(closed),
        "always": sum(bool(r["always"]) for r in own), "late": len(late),
    }  # fmt: skip
    items = words.join(f"{r['indicator']} {labels.year(int(r['last_start']))}" for r in late)
    parts = [
        words(f"targets_{kind}", n=n, chance=chance, items=items) for kind, n in counts.items() if n
    ]
    text = words(
        "targets_line", name=words.scenario(id), all=len(mine),
        last=labels.year(facts["horizon"]), parts=words("between_parts").join(parts),
    )  # fmt: skip
    highs = [_first_chance(id, r["indicator"], tables)["probability_high"] for r in never]
    unsure = [high for high in highs if high >= facts["chance"]]
    if not unsure:
        return text
    return text + words(
        "targets_unsure", n=len(unsure), draws=facts["draws"], chance=chance,
        high=labels.chance(max(unsure)),
    )  # fmt: skip


def _constructed(scenario: str, row: Row, tables: Tables) -> bool:
    """Whether nothing of a scenario delivers what the target counts."""
    return [scenario, row["indicator"]] in tables.facts.get("unreachable", [])


def _first_chance(scenario: str, indicator: str, tables: Tables) -> Row:
    """The chance of a target if a scenario starts at once."""
    table = tables["chances"]
    keep = (table["scenario"] == scenario) & (table["indicator"] == indicator)
    return records(table.loc[keep])[0]


def _last(row: Row, scenario: str, tables: Tables, words: Words) -> str:
    """One cell: the last start year, or why there is none."""
    if row["baseline_reaches"]:
        return words("cell_base")
    if row["never"] and _constructed(scenario, row, tables):
        return words("cell_closed")
    if row["never"]:
        first, labels = _first_chance(scenario, row["indicator"], tables), words.labels
        return words("cell_never", **{
            e: labels.chance(first[f"probability_{e}"]) for e in ("target", "low", "high")
        })  # fmt: skip
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
    enough = tables.facts["draws"] >= MIN_RUNS_CLEAR
    clear = [r for r in second if enough and r["lost_low"] > 0]
    items = [
        f"{r['indicator']} {labels.chance(r['lost'])}"
        f" [{labels.chance(r['lost_low'])}, {labels.chance(r['lost_high'])}]"
        for r in clear
    ]
    name = words.scenario(scenario)
    message = words(
        "chances_message" if items else "chances_none", name=name, n=len(clear), all=len(second),
        items=words.join(items),
    )  # fmt: skip
    notes = () if enough else (words("exp_few_draws", least=MIN_RUNS_CLEAR),)
    chart = Chart(
        f"chances_{scenario}", "heatmap", words("chances_title", name=name), cells, unit="share",
        x_title=words("start_year"), reading=words("chances_reading"),
    )  # fmt: skip
    return Page(f"chances_{scenario}", words("chances_title", name=name), message, (chart,), notes,
                detail=True)  # fmt: skip


# ---- money


def _money(tables: Tables, words: Words) -> Page:
    """What one year of waiting saves and loses, and the cost of each start year (assumed)."""
    saved, lost = _rows(tables, COST, "lost"), _rows(tables, SOLVED_TOTAL, "lost")
    findings = []
    for id in _scenarios(tables):
        parts = {
            "saved": _one_year("saved", saved.loc[saved["scenario"] == id], "yen", words),
            "lost": _one_year("lost", lost.loc[lost["scenario"] == id], "count", words),
        }
        text = words("money_line", name=words.scenario(id), **parts)
        findings.append(Finding(f"money_{id}", text))
    first, *rest = findings
    cost = _rows(tables, COST, "effect")
    chart = _lines("cost", cost, "yen", words("cost_title"), words.labels.axis("yen"), words)
    return Page(
        "money", words("money_heading"), first.text, (chart,), (words("money_note"),),
        findings=tuple(rest),
    )  # fmt: skip


def _one_year(what: str, rows: pd.DataFrame, unit: str, words: Words) -> str:
    """What one year of waiting saves or loses, with its interval."""
    row = records(rows)[1]
    if missing(row["mean"]):
        return words("money_unknown")
    return words(
        f"money_{what}" if clear_mean(row) else f"money_{what}_unclear",
        value=words.labels.number(row["mean"], unit), between=_between(row, unit, words),
    )  # fmt: skip
