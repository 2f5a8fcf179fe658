"""``kyodo describe ...``: rows about the model, filtered, as a table, JSON or CSV."""

from __future__ import annotations

import csv as csv_module
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.base.errors import UsageError, nearest
from sim.base.rows import plain
from sim.cli import shared_options as o

Row = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """Something that can be described: where its rows come from and which columns a person sees."""

    meaning: str
    rows: Callable[[str], list[Row]]
    columns: tuple[str, ...]


def _evidence(profile: str) -> list[Row]:
    from sim.figures.evidence import load_profile

    return list(load_profile(profile).to_rows())


def _parameters(profile: str) -> list[Row]:
    from sim.figures.parameters import load_parameters

    return load_parameters(profile).to_rows()


def _initiatives(profile: str) -> list[Row]:
    from sim.model.measures import INITIATIVES

    names = ("id", "name_en", "name_ja", "measure", "claims")
    rows: list[Row] = []
    for kind in INITIATIVES.values():
        row = {name: plain(getattr(kind, name)) for name in names}
        for name in ("proximal", "distal"):
            pairs = getattr(kind, name)
            row[name] = [{"indicator": i, "direction": int(d)} for i, d in pairs]
        rows.append(row)
    return rows


def _indicators(profile: str) -> list[Row]:
    from sim.model.indicators import INDICATORS

    return [_fields(indicator) for indicator in INDICATORS.values()]


def _scenarios(profile: str) -> list[Row]:
    from sim.scenario.describe import describe_rows

    return describe_rows()


def _schedule(profile: str) -> list[Row]:
    from sim.model.schedule import PHASES

    return [{n: plain(getattr(p, n)) for n in ("id", "when", "what")} for p in PHASES]


def _decisions(profile: str) -> list[Row]:
    from sim.base.randomness import DECISIONS

    names = ("id", "number", "key", "meaning")
    return [{n: getattr(d, n) for n in names} for d in DECISIONS.values()]


DESCRIBED: dict[str, Kind] = {
    "evidence": Kind(
        "Every figure with its source, unit, role and status. The document's are unverified.",
        _evidence,
        ("id", "value", "unit", "status", "role", "profile", "source"),
    ),
    "parameters": Kind(
        "Every number of the model: value, range, grade and source.",
        _parameters,
        ("id", "value", "unit", "range", "kind", "status", "meaning"),
    ),
    "initiatives": Kind(
        "The fifteen initiatives and the indicators that each should move.",
        _initiatives,
        ("id", "measure", "name", "claims", "proximal", "distal"),
    ),
    "indicators": Kind(
        "The twenty-four indicators, then the auxiliary ones, with their formulas.",
        _indicators,
        ("id", "name", "level", "kind", "unit", "formula"),
    ),
    "scenarios": Kind(
        "The bundled scenarios.",
        _scenarios,
        ("id", "name", "description"),
    ),
    "schedule": Kind("The ordered phases of a month.", _schedule, ("id", "when", "what")),
    "decisions": Kind(
        "Every random choice, and the key that its draws depend on.",
        _decisions,
        ("id", "number", "key", "meaning"),
    ),
}


def _fields(thing: Any) -> Row:
    """The public fields of a dataclass that are data, not functions."""
    names = [f for f in thing.__dataclass_fields__ if not f.startswith("_")]
    values = {name: getattr(thing, name) for name in names}
    return {name: plain(value) for name, value in values.items() if not callable(value)}


def _matches(row: Row, text: str) -> bool:
    return text.casefold() in " ".join(o.cell(v) for v in row.values()).casefold()


def select(rows: list[Row], grep: str | None, filters: Mapping[str, str]) -> list[Row]:
    """Rows that contain ``grep`` and have the filtered values. UsageError for an unknown value."""
    for name, value in filters.items():
        if not any(name in row for row in rows):
            raise UsageError(f"--{name}: these rows have no {name}")
        known = sorted({str(row[name]) for row in rows if row.get(name) is not None})
        if value not in known:
            hint = nearest(value, known) or f" (there are: {', '.join(known)})"
            raise UsageError(f"--{name}: no row has '{value}'{hint}")
        rows = [row for row in rows if str(row.get(name)) == value]
    return rows if grep is None else [row for row in rows if _matches(row, grep)]


def describe_command(
    kind: str,
    *,
    grep: str | None,
    filters: Mapping[str, str],
    profile: str,
    csv: str | None,
    json: bool,
    lang: str,
) -> None:
    """Print the rows of one kind; with ``csv`` also write all their columns to a file."""
    what = DESCRIBED[kind]
    rows = select(what.rows(profile), grep, filters)
    if csv is not None:
        _write_csv(csv, rows)
        o.say(f"{len(rows)} rows written to {csv}")
    if json:
        o.emit_json({"rows": plain(rows)})
    elif csv is None:
        shown = [{**row, **_for_a_person(row, lang)} for row in rows]
        o.emit_table({name: name for name in what.columns}, shown)


def _for_a_person(row: Row, lang: str) -> Row:
    """What a table shows in place of the data: one name, a range, a source, signs."""
    other = "en" if lang == "ja" else "ja"
    out: Row = {}
    for key in ("name", "description"):
        value = row.get(f"{key}_{lang}") or row.get(f"{key}_{other}")
        if value is not None:
            out[key] = value
    if row.get("p05") is not None:
        out["range"] = f"{row['p05']:g} to {row['p95']:g}"
    if isinstance(row.get("source"), Mapping):
        source = row["source"]
        parts = (source.get(k) for k in ("title", "organisation", "fiscal_year"))
        line = f"line {source['line']}" if source.get("line") else None
        out["source"] = "; ".join(str(part) for part in (*parts, line) if part)
    for key in ("proximal", "distal"):
        if key in row:
            out[key] = [f"{p['indicator']} {'+' if p['direction'] > 0 else '-'}" for p in row[key]]
    return out


def _write_csv(path: str, rows: list[Row]) -> None:
    from sim.base.files import atomic_write

    columns = list(dict.fromkeys(key for row in rows for key in row))
    with atomic_write(path, "w", encoding="utf-8-sig", newline="") as stream:
        writer = csv_module.writer(stream)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([o.cell(plain(row.get(c))) for c in columns])
