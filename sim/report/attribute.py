"""The report of an attribution: summary.md and the lines of the terminal.

Outcomes and deliveries stand apart and are never added. What past growth does alone (C084) stands
beside the shares of the projects, over both baselines.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.analyses.attribute.factorial import VERDICTS
from sim.analyses.attribute.growth import ARMS, DIFFERENCES, GROWING, PROJECTS
from sim.analyses.shared.intervals import CONFIDENCE
from sim.analyses.shared.reached import key_years
from sim.pages.labels import Labels, wrap
from sim.report.attribute_cells import (
    AttributionParts,
    aligned,
    clear_mean,
    log_cell,
    mean_cell,
    records,
    share_cell,
    spread_cell,
    words,
)
from sim.report.cells import markdown_table
from sim.report.preamble import preamble
from sim.report.scope import ReportIndicator, Row, missing

LUCK = 1 - CONFIDENCE


def summary_text(parts: AttributionParts, lang: str) -> str:
    """The whole of summary.md."""
    labels, facts = Labels(lang), parts.facts
    horizon = {"year": labels.year(facts.last_year), "n": facts.years}
    out = [f"# {words(labels, 'title')}", "", words(labels, "model_only"), ""]
    out += [*preamble(parts.manifest, lang), *_what_was_run(parts, labels), ""]
    out += [f"## {labels('findings_heading', **horizon)}", ""]
    out += [words(labels, "how", interval=facts.interval(labels)), ""]
    out += _synergy(parts, labels)
    out += [f"### {words(labels, 'measures_heading')}", ""]
    out += [*markdown_table(*measure_table(parts, "outcome", labels)), ""]
    if parts.plan.orders:
        out += _initiatives(parts, labels)
    out += _growth(parts, labels)
    for kind in ("auxiliary", "delivery"):
        if parts.of_kind(kind):
            out += [f"### {words(labels, _HEADINGS[kind])}", ""]
            out += [words(labels, "deliveries_text"), ""] if kind == "delivery" else []
            out += [*markdown_table(*measure_table(parts, kind, labels)), ""]
    out += [f"## {labels('files_heading')}", "", *_files(parts, labels), ""]
    return "\n".join(out).rstrip() + "\n"


_HEADINGS = {"auxiliary": "auxiliary_heading", "delivery": "deliveries_heading"}


def run_text(parts: AttributionParts, labels: Labels) -> str:
    """How many runs were made, of what."""
    plan = parts.plan
    number = len(next(iter(plan.orders.values()), ()))
    orders = words(labels, "ran_orders", permutations=number) if number else ""
    return words(
        labels, "ran_runs", draws=plan.draws, replicates=plan.replicates, sets=len(plan.unions),
        orders=orders, trend=words(labels, "ran_trend") if plan.trend else "",
        runs=f"{parts.facts.runs:,}",
    )  # fmt: skip


def _what_was_run(parts: AttributionParts, labels: Labels) -> list[str]:
    base = parts.plan.base
    out = [f"{words(labels, 'ran_scenario')}: `{base.id}` {labels.name(base)}. "]
    out[0] += run_text(parts, labels)
    if parts.plan.orders:
        out += ["", words(labels, "ran_gap", gap=f"{parts.tables.largest_gap:.0e}")]
    if parts.failed:
        out += ["", words(labels, "ran_failed", failed=parts.failed, runs=parts.facts.runs)]
    return out


# ---- synergy


def verdicts(parts: AttributionParts) -> dict[str, list[str]]:
    """Verdict on ``gap`` at the horizon -> the outcome goals that get it, in order."""
    cells = parts.interactions(parts.facts.last_year)
    gap = _gap_factors(parts)
    out: dict[str, list[str]] = {}
    for indicator in parts.of_kind("outcome"):
        row = cells.get((indicator.id, "gap", gap, True))
        if row is not None:
            out.setdefault(row["verdict"], []).append(indicator.id)
    return {word: out[word] for word in VERDICTS if word in out}


def _gap_factors(parts: AttributionParts) -> str:
    return " x ".join(f"m{m}" for m in parts.plan.measures)


def synergy_lines(parts: AttributionParts, labels: Labels) -> list[str]:
    """The answer on the document's claim in a few sentences."""
    if len(parts.plan.measures) < 2:
        return [words(labels, "synergy_none")]
    found = verdicts(parts)
    tested = sum(len(v) for k, v in found.items() if k != "not_available")
    positive = len(found.get("positive", ()))
    if parts.plan.draws < 2:
        return [words(labels, "one_draw")]
    head = words(labels, "synergy_yes" if positive else "synergy_no", n=positive, all=tested)
    weaker = words(labels, "synergy_weaker", n=len(found.get("negative", ())))
    gap = "" if labels.lang == "ja" else " "
    out = [f"{head}{gap}{weaker}"]
    comma = "、" if labels.lang == "ja" else ", "
    for word, ids in found.items():
        out.append(words(
            labels, "synergy_total", n=len(ids), all=len(parts.of_kind("outcome")),
            word=words(labels, f"verdict_{word}"), names=comma.join(ids),
        ))  # fmt: skip
    out.append(words(labels, "synergy_luck", n=f"{LUCK * tested:.1f}", all=tested))
    return out


def _synergy(parts: AttributionParts, labels: Labels) -> list[str]:
    out = [f"### {words(labels, 'synergy_heading')}", ""]
    first, *rest = synergy_lines(parts, labels)
    if len(parts.plan.measures) < 2:
        return [*out, first, ""]
    out += [words(labels, "synergy_text"), "", first, "", *[f"- {line}" for line in rest], ""]
    cells, gap = parts.interactions(parts.facts.last_year), _gap_factors(parts)
    shares = parts.shares(parts.facts.last_year)
    interval = parts.facts.interval(labels)
    heads = [
        labels("indicator"), words(labels, "total"), words(labels, "gap"),
        f"{words(labels, 'spread')} ({interval})", words(labels, "above"),
        words(labels, "gap_log"), words(labels, "verdict"),
    ]  # fmt: skip
    lines = []
    for indicator in parts.of_kind("outcome"):
        natural = cells[indicator.id, "gap", gap, True]
        log = cells[indicator.id, "gap", gap, False]
        lines.append([
            f"{indicator.id} {labels.name(indicator)}",
            mean_cell(shares[indicator.id, "total", 0], labels), mean_cell(natural, labels),
            spread_cell(natural, labels), labels.chance(natural["above_zero"]),
            f"{log_cell(log)} ({words(labels, 'scale_' + log['scale'])})",
            words(labels, f"verdict_{natural['verdict']}"),
        ])  # fmt: skip
    out += [*markdown_table(heads, lines), ""]
    out += [f"### {words(labels, 'pairs_heading')}", "", words(labels, "pairs_text"), ""]
    kinds = [k for k in cells if k[1] in ("pair", "triple") and k[3]]
    columns = list(dict.fromkeys((contrast, factors) for _, contrast, factors, _ in kinds))
    heads = [labels("indicator"), *[factors for _, factors in columns]]
    lines = []
    for indicator in parts.of_kind("outcome"):
        rows = [cells[indicator.id, contrast, factors, True] for contrast, factors in columns]
        marks = [words(labels, f"verdict_{row['verdict']}") for row in rows]
        texts = [f"{mean_cell(r, labels)}<br>{m}" for r, m in zip(rows, marks, strict=True)]
        lines.append([f"{indicator.id} {labels.name(indicator)}", *texts])
    return [*out, *markdown_table(heads, lines), ""]


# ---- shares


def measure_table(
    parts: AttributionParts, kind: str, labels: Labels, *, short: bool = False
) -> tuple[list[str], list[list[str]]]:
    """Heads and lines: one indicator a line, the total effect and the measures' contributions."""
    cells = parts.shares(parts.facts.last_year)
    heads = [labels("indicator"), words(labels, "total")]
    heads += [labels.name(parts.names[f"m{m}"]) for m in parts.plan.measures]
    lines = []
    for indicator in parts.of_kind(kind):
        name = f"{indicator.id} {labels.name(indicator)}"
        name = wrap(name, _NAME, 1) if short else name
        row = [name, mean_cell(cells[indicator.id, "total", 0], labels)]
        row += [share_cell(cells[indicator.id, f"m{m}", m], labels) for m in parts.plan.measures]
        lines.append(row)
    return heads, lines


_NAME = 40  # columns of an indicator's name on the terminal


def clear_initiatives(parts: AttributionParts, indicator: str) -> list[Row]:
    """Initiatives whose contribution at the horizon is clearly not zero, the largest first."""
    rows = [
        row
        for (name, _, _), row in parts.shares(parts.facts.last_year).items()
        if name == indicator and row["level"] == "initiative" and clear_mean(row)
    ]
    return sorted(rows, key=lambda row: -abs(row["mean"]))


def _initiatives(parts: AttributionParts, labels: Labels) -> list[str]:
    number = len(next(iter(parts.plan.orders.values())))
    out = [f"### {words(labels, 'initiatives_heading')}", ""]
    out += [words(labels, "initiatives_text", permutations=number), ""]
    cells = parts.shares(parts.facts.last_year)
    comma = "、" if labels.lang == "ja" else "; "
    for indicator in parts.of_kind("outcome"):
        total = cells[indicator.id, "total", 0]
        if missing(total["mean"]):
            continue
        clear = clear_initiatives(parts, indicator.id)
        items = [
            f"{row['id']} {labels.name(parts.names[row['id']])} {share_cell(row, labels)}"
            for row in clear
        ]
        line = words(
            labels, "initiatives_line", name=f"{indicator.id} {labels.name(indicator)}",
            total=mean_cell(total, labels), n=len(parts.plan.players) - len(clear),
            items=comma.join(items) or words(labels, "initiatives_none"),
        )  # fmt: skip
        out.append(f"- {line}")
    return [*out, ""]


# ---- past growth


def growth_lines(parts: AttributionParts, labels: Labels) -> list[str]:
    """The finding C084 and the effect of the measures over both baselines, in sentences."""
    facts = parts.growth_facts
    if facts["years_by_growth"] is None:
        out = [words(labels, "growth_none")]
    else:
        out = [words(
            labels, "growth_finding", current=labels.number(facts["current"], "count"),
            target=labels.number(facts["target"], "count"),
            years=f"{facts['years_by_growth']:.1f}",
        )]  # fmt: skip
    if parts.growth.empty:
        return [*out, words(labels, "growth_set")] if not parts.plan.trend else out
    never = words(labels, "growth_never", years=parts.facts.years)
    mark = "：" if labels.lang == "ja" else ": "
    items = [
        words(labels, f"arm_{arm}") + mark + (never if year is None else labels.year(year))
        for arm, year in facts["first_year"].items()
    ]
    target = labels.number(facts["target"], "count")
    comma = "、" if labels.lang == "ja" else "; "
    out.append(words(labels, "growth_runs", target=target, items=comma.join(items)))
    last = parts.growth.loc[
        (parts.growth["fiscal_year"] == parts.facts.last_year)
        & (parts.growth["indicator"] == PROJECTS)
    ]
    rows = {row["quantity"]: row for row in records(last)}
    effects = [
        f"{words(labels, f'diff_{name}')} {mean_cell(rows[name], labels)}" for name in DIFFERENCES
    ]
    out.append(f"{labels.year(parts.facts.last_year)}{mark}{comma.join(effects)}")
    return out


def _growth(parts: AttributionParts, labels: Labels) -> list[str]:
    if PROJECTS not in parts.indicators:
        return []
    projects = parts.indicators[PROJECTS]
    name = f"{PROJECTS} {labels.name(projects)}"
    out = [f"### {words(labels, 'growth_heading', name=name)}", ""]
    finding, *rest = growth_lines(parts, labels)
    out += [finding, "", *[f"- {line}" for line in rest]]
    if parts.growth.empty:
        return [*out, ""]
    out += [f"- {words(labels, 'growth_delay')}", f"- {words(labels, 'growth_shares_past')}", ""]
    years = key_years(parts.growth["fiscal_year"].tolist())
    known = {(r["indicator"], r["quantity"], r["fiscal_year"]): r for r in records(parts.growth)}
    for indicator in (parts.indicators[i] for i in GROWING if i in parts.indicators):
        out += [f"**{indicator.id} {labels.name(indicator)}**", ""]
        heads = [words(labels, "column_arm"), *[labels.year(y) for y in years.values()]]
        lines = []
        for arm in ARMS:
            cells = [known[indicator.id, arm, y] for y in years.values()]
            lines.append([words(labels, f"arm_{arm}"), *[_level(c, labels) for c in cells]])
        for name in DIFFERENCES:
            cells = [known[indicator.id, name, y] for y in years.values()]
            lines.append([words(labels, f"diff_{name}"), *[mean_cell(c, labels) for c in cells]])
        out += [*markdown_table(heads, lines), ""]
    return out


def _level(row: Row, labels: Labels) -> str:
    """A mean level, with the chance of the target behind it where there is one."""
    text = labels.number(row["mean"], row["unit"])
    if missing(row["probability_target"]):
        return text
    return f"{text} (P {labels.chance(row['probability_target'])})"


# ---- files and terminal


def _files(parts: AttributionParts, labels: Labels) -> list[str]:
    names = {
        "summary.md": labels("file_summary"), "shares.csv": words(labels, "file_shares"),
        "interactions.csv": words(labels, "file_interactions"),
        "levels.csv": words(labels, "file_levels"), "growth.csv": words(labels, "file_growth"),
        "charts/": words(labels, "file_charts"), "manifest.json": labels("file_manifest"),
    }  # fmt: skip
    if parts.growth.empty:
        del names["growth.csv"]
    mark = "：" if labels.lang == "ja" else ": "
    return [f"- `{name}`{mark}{text}" for name, text in names.items()]


def terminal_lines(parts: AttributionParts, lang: str) -> Sequence[str]:
    """What the terminal shows: caveat, shares of the measures, synergy, past growth."""
    labels, facts = Labels(lang), parts.facts
    out = [
        words(labels, "title"), run_text(parts, labels),
        labels("table_caveat", calibration=labels(f"calibration_{facts.calibration}")), "",
    ]  # fmt: skip
    if parts.of_kind("outcome"):
        year = labels.year(facts.last_year)
        out += [words(labels, "terminal_shares", year=year, n=facts.years)]
        out += [*aligned(*measure_table(parts, "outcome", labels, short=True)), ""]
        out += [words(labels, "synergy_heading"), *_plain(synergy_lines(parts, labels)), ""]
    if PROJECTS in parts.indicators:
        name = f"{PROJECTS} {labels.name(parts.indicators[PROJECTS])}"
        out += [
            words(labels, "growth_heading", name=name),
            *_plain(growth_lines(parts, labels)),
            "",
        ]
    if not parts.of_kind("outcome"):
        for kind in _HEADINGS:
            if parts.of_kind(kind):
                out += [*aligned(*measure_table(parts, kind, labels, short=True)), ""]
    return [*out, words(labels, "terminal_more")]


def _plain(lines: Sequence[str]) -> list[str]:
    return [f"  {line.replace('**', '')}" for line in lines]


def report_indicators(parts: AttributionParts) -> list[ReportIndicator]:
    """The indicators that get a chart: outcomes and auxiliary ones, else the deliveries.

    A delivery belongs to the initiative that hands it out, which needs no picture.
    """
    chosen = [i for kind in ("outcome", "auxiliary") for i in parts.of_kind(kind)]
    return chosen or parts.of_kind("delivery")
