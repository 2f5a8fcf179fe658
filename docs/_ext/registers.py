"""Indicator dictionary and assumptions register as Markdown, made from the registries.

Nothing here is written by hand: what is missing on a page is missing in a registry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sim.figures.evidence import load_profile
from sim.figures.parameter import Parameter, ParameterTable
from sim.figures.parameters import load_parameters
from sim.figures.rows import Evidence
from sim.model.indicators import INDICATORS, Indicator
from sim.model.measures import INITIATIVES
from sim.pages.labels import PERCENT_UNITS, Labels

EN = Labels("en")
DIRECTIONS = {
    1: "higher is better (高いほどよい)",
    -1: "lower is better (低いほどよい)",
    0: "neither",
}
CLASSES = {
    "outcome": "outcome (成果)",
    "delivery": "delivery (実施量)",
    "auxiliary": "auxiliary (補助)",
}
ROLES = {
    "input": "set as an input of the model",
    "fitted": "calibration fits the model to it",
    "anchored": "an intercept is set so that the model shows it",
    "held_out": "kept out of the fit, to test it",
    "effect": "claimed effect of a measure, discounted before use",
    "target": "target of an indicator",
    "context": "background, not used by the model",
    "duplicate": "the same figure once more",
    "derived": "computed from other rows",
}


def clean(text: str) -> str:
    """Text of a registry with the signs escaped that Markdown would take for its own."""
    return re.sub(r"([*<|\[\]$])", r"\\\1", " ".join(text.split()))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def value(number: float | str, unit: str) -> str:
    """A value with its unit: shares as per cent, dates as they are."""
    if isinstance(number, str):
        return clean(number)
    if unit in PERCENT_UNITS:
        points = " points" if unit == "difference of shares" else " %"
        return f"{100 * number:.4g}{points}" + (" per year" if unit.endswith("per year") else "")
    if unit == "flag":
        return "yes" if number else "no"
    if unit in ("year", "month of the fiscal year"):
        return f"{number:.0f} ({unit})"
    shown = f"{number:,.0f}" if number == round(number) else f"{number:,.4g}"
    return f"{shown} {unit}"


def anchor(kind: str, id: str) -> str:
    """An id with a place that links can lead to."""
    return f"[`{id}`]{{#{kind}-{id.replace('.', '-').replace('_', '-')}}}"


def to(kind: str, ids: Iterable[str]) -> str:
    """Links to rows of the evidence or the parameter register."""
    page = {"evidence": "evidence-register.md"}[kind]
    links = (f"[`{id}`]({page}#{kind}-{id.replace('_', '-')})" for id in ids)
    return ", ".join(links) or "none"


# ---- indicators


def _figure(id: str | None, none: str) -> str:
    """A target or a current value with its place in the document and its status."""
    if id is None:
        return none
    row = load_profile()[id]
    text = f"{value(row.value, row.unit)}, {row.status}, {place(row)}; row {to('evidence', [id])}"
    other = load_profile("official")[id]
    if other.profile == "official":
        text += f". Profile `official`: {value(other.value, other.unit)}, {other.status}"
    return text


def _indicator(i: Indicator) -> str:
    moved = [
        f"{initiative.id} {initiative.name_en}"
        for initiative in INITIATIVES.values()
        if i.id in {id for id, _ in (*initiative.proximal, *initiative.distal)}
    ]
    lines = {
        "Name": f"{i.name_en} ({i.name_ja})",
        "Level, class": f"{i.level}, {CLASSES[i.kind]}",
        "Unit": f"{i.unit}, {'any month' if i.monthly else 'by fiscal year'}",
        "Direction": DIRECTIONS[i.direction],
        "In the model": i.formula,
        "Measured in practice": i.measured_as,
        "Limits": i.limits or "none beyond those of all results",
        "Should be moved by": "; ".join(moved) or "no initiative directly",
    }
    known = [f"- **{name}**: {clean(text)}" for name, text in lines.items()]
    if i.level != "auxiliary":
        current = _figure(i.current, "not given by the document")
        known.insert(4, f"- **Target** (目標): {_figure(i.target, 'none')}")
        known.insert(5, f"- **Current value** (現状値): {current}")
    known.append(f"- **Other evidence**: {to('evidence', i.evidence)}")
    return f"### {i.id}\n\n" + "\n".join(known) + "\n"


def indicators() -> str:
    """The 24 indicators of the document with all that is declared, then the auxiliary ones."""
    own = [i for i in INDICATORS.values() if i.level != "auxiliary"]
    parts = [f"All {len(own)} indicators of the document, in its order.\n"]
    for number in "123":
        parts.append(f"## Measure {number}\n")
        parts += [_indicator(i) for i in own if i.id.startswith(f"M{number}-")]
    rows = (
        (
            anchor("indicator", i.id),
            f"{clean(i.name_en)} ({clean(i.name_ja)})",
            f"{clean(i.formula)} ({i.unit})" + (f". {clean(i.limits)}" if i.limits else ""),
        )
        for i in INDICATORS.values()
        if i.level == "auxiliary"
    )
    parts.append("## Auxiliary indicators\n\nNot in the document; for checks and explanations.\n")
    parts.append(table(("id", "name", "in the model"), rows))
    return "\n".join(parts)


# ---- parameters


def _range(p: Parameter, parameters: ParameterTable) -> str:
    drawn = parameters.range_of(p)
    if drawn is None:
        return "no range"
    name = "posterior" if p.kind == "calibrated" and parameters.posterior else "range"
    return f"{name} {drawn[0]:,.4g} to {drawn[1]:,.4g}"


def _parameter(p: Parameter, parameters: ParameterTable, official: ParameterTable) -> list[str]:
    number = f"{value(p.value, p.unit)}; {_range(p, parameters)}"
    if official[p.id].value != p.value:
        number += f"; profile `official`: {value(official[p.id].value, p.unit)}"
    source = clean(p.source)
    if p.evidence:
        source += f"; evidence {to('evidence', p.evidence)}"
    what = f"{anchor('parameter', p.id)}: {clean(p.meaning)}"
    return [what, number, f"**{p.status}**, {p.kind}. {source} (`{p.file.name}`, line {p.line})"]


def _group(title: str, start: str) -> str:
    parameters, official = load_parameters(), load_parameters("official")
    chosen = [p for id, p in parameters.items() if id.startswith(start)]
    rows = (_parameter(p, parameters, official) for p in chosen)
    heads = ("parameter", "value; 5th to 95th percentile", "status, kind, source")
    return f"## {title}\n\n{len(chosen)} parameters.\n\n{table(heads, rows)}"


def parameters() -> str:
    """Every parameter that belongs to no initiative, by group."""
    groups = dict.fromkeys(id.split(".")[0] for id in load_parameters())
    return "\n".join(_group(g.capitalize(), f"{g}.") for g in groups if g != "initiative")


def initiative_parameters() -> str:
    """Every parameter of the fifteen initiatives."""
    return "\n".join(
        _group(f"{id} {initiative.name_en} ({initiative.name_ja})", f"initiative.{id}.")
        for id, initiative in INITIATIVES.items()
    )


# ---- evidence


def place(row: Evidence) -> str:
    """Where a figure is said to come from."""
    source = row.source
    parts = [clean(source.title), clean(source.organisation)]
    if source.fiscal_year:
        parts.append(f"FY{source.fiscal_year}")
    if source.line:
        parts.append(f"{clean(source.file or 'file')}, line {source.line}")
    return "; ".join(parts)


def _evidence(row: Evidence) -> list[str]:
    number = value(row.value, row.unit)
    if row.printed:
        number += f" (printed: {clean(row.printed)})"
    notes = [f"**{row.status}**. {place(row)}."]
    if row.formula:
        notes.append(f"Computed: {clean(row.formula)}.")
    if row.conflicts_with:
        notes.append(f"Contradicts {', '.join(f'`{id}`' for id in row.conflicts_with)}.")
    if row.checks:
        notes.append(f"Findings {', '.join(row.checks)}.")
    notes += [clean(text) for text in (row.flag, row.note) if text]
    what = f"{clean(row.quantity)}. Population: {clean(row.population)}. "
    what += f"Period: {clean(row.period)}."
    return [f"{anchor('evidence', row.id)}: {what}", number, " ".join(notes)]


def evidence() -> str:
    """Every row of the profile ``document`` by role, then what ``official`` has instead."""
    heads = ("figure", "value", "status, source, notes")
    profile, official = load_profile(), load_profile("official")
    parts = []
    for role in dict.fromkeys(row.role for row in profile.values()):
        rows = profile.select(role=role)
        head = f"## Role {role.replace('_', ' ')}\n\n{len(rows)} figures: {ROLES[role]}.\n"
        parts.append(f"{head}\n{table(heads, (_evidence(row) for row in rows))}")
    other = [row for row in official.values() if row.profile == "official"]
    rows = ([f"`{row.id}`", *_evidence(row)[1:]] for row in other)
    parts.append(f"## Profile official\n\n{len(other)} rows differ.\n\n{table(heads, rows)}")
    return "\n".join(parts)
