"""The summary of a fact check: what to verify first, why, and where the document has it from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.analyses.factcheck.estimate import FactCheck
from sim.analyses.factcheck.facts import FACTS
from sim.analyses.factcheck.tables import UNLISTED, verify_first
from sim.base.rows import records
from sim.model.indicators import INDICATORS
from sim.pages.cells import missing
from sim.pages.labels import Labels
from sim.pages.words import FileWords, parameter_name
from sim.report.cells import markdown_table
from sim.report.experiment_parts import initiative_name
from sim.report.preamble import preamble

Row = Mapping[Any, Any]
WORDS = "sim.report.factcheck"
MOST_ROWS = 12
"""Rows of one table in the summary; all stand in factcheck.csv."""

MILLION, TEN_THOUSAND, HUNDRED_MILLION = 1e6, 1e4, 1e8
SMALL = 1e8
"""Yen under which amounts are written in millions (in Japanese: ten thousands)."""


class Text:
    """Words and numbers of one fact check in one language."""

    def __init__(self, check: FactCheck, lang: str) -> None:
        self.check = check
        self.labels = Labels(lang)
        self.words = FileWords(WORDS, self.labels)

    def yen(self, value: float, *ends: float) -> str:
        """An amount, or one with the two ends of its interval."""
        return yen_text(self.words, self.labels, value, *ends)

    def price(self, value: float) -> str:
        """The value of one solved project: millions in English, ten thousands in Japanese."""
        unit = TEN_THOUSAND if self.labels.lang == "ja" else MILLION
        digits = 0 if self.labels.lang == "ja" else 1
        return self.words("yen_million", value=f"{value / unit:,.{digits}f}")

    def worth(self, row: Row) -> str:
        """What a row is worth, with its 90 % interval where there is one."""
        if missing(row["low"]):
            return self.yen(row["evppi"])
        return self.yen(row["evppi"], row["low"], row["high"])

    def value(self, value: float | str, unit: str) -> str:
        """A figure of the document with its unit."""
        if isinstance(value, str):
            return value
        if unit.startswith("yen"):
            return self.yen(value)
        if unit.startswith(("relative change", "difference of shares")):
            return self.labels.difference(value, unit)
        return self.labels.number(value, unit)

    def name(self, row: Row) -> str:
        """What a row is about, in words."""
        return row_name(row, self.check.indicators, self.words, self.labels)

    def figures(self, row: Row, *, sources: bool) -> list[str]:
        """The document's figures behind a row, with line and, with ``sources``, stated source."""
        out = []
        for id in filter(None, str(row["evidence"]).split("; ")):
            evidence = self.check.profile[id]
            line = evidence.source.line
            document = line is not None and evidence.source.file == "source document"
            place = self.words("document_line", line=line) if document else self.words("no_line")
            printed = self.value(evidence.value, evidence.unit)
            if not sources:
                out.append(f"`{id}` {printed} ({place})")
                continue
            text = self.words("figure", id=id, printed=printed, place=place, source=self.source(id))
            if evidence.checks:
                text += self.words("figure_checks", checks=", ".join(evidence.checks))
            out.append(text)
        return out

    def source(self, id: str) -> str:
        """The source that the document states for a row."""
        from sim.analyses.factcheck.tables import source_parts

        title, stated = source_parts(self.check.profile, id)
        if not stated:
            return self.words("no_source", title=title)
        listed = "" if UNLISTED not in self.check.profile[id].checks else self.words("unlisted")
        return title + listed


def yen_text(words: FileWords, labels: Labels, value: float, *ends: float) -> str:
    """An amount, or one with the two ends of its interval: in billions, small ones in millions
    (in Japanese 100 millions and ten thousands)."""
    japanese = labels.lang == "ja"
    size = max(abs(x) for x in (value, *ends))
    if size >= SMALL:
        unit, key, digits = (HUNDRED_MILLION, "billion", 1) if japanese else (1e9, "billion", 2)
    else:
        unit, key, digits = (TEN_THOUSAND if japanese else MILLION), "yen_million", 0
    shown = [f"{x / unit:,.{digits}f}" for x in (value, *ends)]
    shown = [x.lstrip("-") if float(x.replace(",", "")) == 0 else x for x in shown]
    text = words(key, value=shown[0])
    return text if not ends else f"{text} [{', '.join(shown[1:])}]"


def row_name(row: Row, indicators: Mapping[str, str], words: FileWords, labels: Labels) -> str:
    """What a row of the ranking is about. ``indicators``: target of calibration -> indicator."""
    kind, item = str(row["kind"]), str(row["item"])
    if row["table"] == "groups":
        return words(f"group_{item}")
    if kind in ("claim", "sizes", "costs"):
        return words(f"name_{kind}", item=initiative_name(item, labels))
    if kind == "present":
        indicator = indicators.get(item, item)
        shown = labels.name(INDICATORS[indicator]) if indicator in INDICATORS else item
        return words("name_present", item=shown)
    if kind in ("input", "printed"):
        return words(f"name_{kind}", item=f"`{item}`")
    if item.startswith("grade "):
        return words("name_grade", item=item.removeprefix("grade "))
    return parameter_name(item, labels)


def first_lines(check: FactCheck, lang: str) -> list[str]:
    """One paragraph per figure to verify first, or that none stands out."""
    text = Text(check, lang)
    rows = verify_first(check.main)
    if not rows:
        return []
    if not rows[0]["clear"]:
        row = rows[0]
        return [
            text.words(
                "none_clear",
                draws=check.plan.draws,
                name=text.name(row),
                value=text.yen(row["evppi"]),
                null=text.yen(row["null95"]),
            )
        ]
    gap = "" if text.labels.lang == "ja" else " "
    out = []
    for row in rows:
        share = text.labels.chance(row["share_of_evpi"])
        out.append(
            text.words(
                "first_one",
                name=capital(text.name(row)),
                figures=gap.join(text.figures(row, sources=True)),
                value=text.worth(row),
                years=check.plan.years,
                share=text.words("share", share=share),
            )
        )
    return out


def summary_text(check: FactCheck, manifest: Mapping[str, Any], lang: str) -> str:
    """The whole of summary.md."""
    text = Text(check, lang)
    words = text.words
    out = [f"# {words('title')}", "", *preamble(manifest, lang)]
    out += [words("headline"), "", f"## {words('first')}", ""]
    for n, line in enumerate(first_lines(check, lang), 1):
        out += [f"{n}. {line}"]
    facts = check.main.loc[check.main["table"] == FACTS]
    out += [
        "",
        words(
            "multiple",
            tested=len(facts),
            clear=int(facts["clear"].sum()),
            share=text.labels.chance(check.plan.false_share),
        ),
        "",
    ]
    out += _choice(text) + _sweep(text)
    out += _ranking(text, FACTS)
    if check.moved:
        out += _ranking(text, "sizes")
    for table in ("judgement", "costs", "groups"):
        out += _ranking(text, table)
    out += _limits(text)
    return "\n".join(out).rstrip() + "\n"


def _choice(text: Text) -> list[str]:
    check, words = text.check, text.words
    plan = check.plan
    out = [f"## {words('choice')}", ""]
    out += [words("choice_text", value=text.price(plan.value), years=plan.years)]
    out += [words("trend_on" if plan.trend else "trend_off")]
    out += [words("budget_on" if plan.with_budget else "budget_off"), ""]
    names = {s.id: text.labels.name(s) for s in check.scenarios}
    net = f"net_{check.decisions[0]['interval_kind']}"
    heads = [words(k) for k in ("scenario", "extra", "cost", "budget", net, "best")]
    lines = []
    for row in check.decisions:
        lines.append([
            f"`{row['scenario']}` {names[row['scenario']]}", f"{row['extra_solved']:+,.0f}",
            text.yen(row["cost"]), text.yen(row["extra_budget"]),
            text.yen(row["net_benefit"], row["net_benefit_low"], row["net_benefit_high"]),
            text.labels.chance(row["chance_best"]),
        ])  # fmt: skip
    out += [*markdown_table(heads, lines), "", words("ranges_head"), ""]
    out += [f"- {line}" for line in range_lines(check, text.labels.lang)]
    return [*out, "", words("evpi", value=text.yen(check.choice.evpi)), ""]


def range_lines(check: FactCheck, lang: str) -> list[str]:
    """Which scenario is best on average for which value of a solved project."""
    text = Text(check, lang)
    names = {s.id: f"{text.labels.name(s)} (`{s.id}`)" for s in check.scenarios}
    out = []
    for row in check.ranges:
        known = {"low": text.price(row["from"]), "scenario": names[row["scenario"]]}
        if row["to"] is None:
            out.append(text.words("range_last", **known))
        else:
            out.append(text.words("range", high=text.price(row["to"]), **known))
    return out


def _sweep(text: Text) -> list[str]:
    check, words = text.check, text.words
    lines = []
    for value, table in sorted(check.tables.items()):
        choice = check.choices[value]
        first = [
            f"{text.name(row)} ({text.yen(row['evppi'])})"
            for row in verify_first(table, 3)
            if row["clear"]
        ]
        shown = "; ".join(first) or words("nothing_clear")
        best = check.scenarios[choice.best].id
        lines.append([text.price(value), f"`{best}`", text.yen(choice.evpi), shown])
    heads = [words(f"sweep_{k}") for k in ("value", "best", "evpi", "first")]
    return [f"## {words('sweep')}", "", *markdown_table(heads, lines), ""]


def _ranking(text: Text, table: str) -> list[str]:
    """One ranked table of the summary."""
    check, words = text.check, text.words
    rows = check.main.loc[check.main["table"] == table]
    error = text.labels.chance(check.plan.error)
    best, second = (check.scenarios[n].id for n in (check.choice.best, check.choice.second))
    out = [f"## {words(table)}", ""]
    out += [words(f"{table}_text", error=error, best=f"`{best}`", second=f"`{second}`"), ""]
    columns = ["rank", "item", "worth", "chance"]
    moved = table == "sizes"
    columns += ["lead_change", "flips"] if moved else ["variance"]
    columns += ["where"] if table in (FACTS, "sizes") else []
    heads = {"worth": f"worth_{check.main['interval_kind'].iloc[0]}"}
    lines = [_line(text, row, columns) for row in records(rows.head(MOST_ROWS))]
    out += [*markdown_table([words(heads.get(c, c)) for c in columns], lines), ""]
    if len(rows) > MOST_ROWS:
        out += [words("more", n=len(rows) - MOST_ROWS), ""]
    return out


def _line(text: Text, row: Row, columns: list[str]) -> list[str]:
    cells = {
        "rank": f"{row['rank']}{' ●' if row['clear'] else ''}",
        "item": text.name(row),
        "worth": text.worth(row),
        "chance": text.yen(row["null95"]),
        "variance": text.labels.chance(row["share_of_variance"]),
        "lead_change": "" if missing(row["lead_change"]) else text.yen(row["lead_change"]),
        "flips": flip_text(row["flip_at"]) if row["clear"] else "–",
        "where": "<br>".join(text.figures(row, sources=False)),
    }
    return [cells[c] for c in columns]


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def flip_text(flip: float) -> str:
    """The error at which a choice flips, as per cent; over 100 % it is no error any more."""
    return f"{100 * flip:.0f} %" if flip <= 1.0 else "> 100 %"


def _limits(text: Text) -> list[str]:
    check, words = text.check, text.words
    out = []
    if check.unused:
        out.append(words("unused", ids=", ".join(f"`{id}`" for id in check.unused)))
    out.append(words("not_tested"))
    if check.level_source == "runs":
        out.append(words("levels_runs"))
    if not check.moved:
        out.append(words("not_moved"))
    return [line for paragraph in out for line in (paragraph, "")]


def terminal_lines(check: FactCheck, lang: str) -> list[str]:
    """What the command prints: what to verify first, the choice, and the leading facts."""
    text = Text(check, lang)
    out = [text.words("title"), ""]
    out += [f"{n}. {line}" for n, line in enumerate(first_lines(check, lang), 1)]
    out += [""]
    out += [text.words("ranges_head"), *(f"- {line}" for line in range_lines(check, lang)), ""]
    for table in (FACTS, "judgement"):
        out += [text.words(table)]
        for row in records(check.main.loc[check.main["table"] == table].head(8)):
            out.append(
                text.words(
                    "terminal_line",
                    rank=row["rank"],
                    mark="●" if row["clear"] else "○",
                    name=text.name(row),
                    value=text.worth(row),
                )
            )
        out.append("")
    return [line.replace("**", "").replace("`", "") for line in out]
