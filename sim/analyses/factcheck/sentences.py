"""Names, amounts and sources of a fact check in words, from its table and facts alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.model.indicators import INDICATORS
from sim.pages.cells import missing

if TYPE_CHECKING:
    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.pages.cells import Row

MILLION, TEN_THOUSAND, HUNDRED_MILLION = 1e6, 1e4, 1e8
SMALL = 1e8
"""Yen under which amounts are written in millions (in Japanese: ten thousands)."""


def yen_text(words: Words, value: float, *ends: float) -> str:
    """An amount, or one with the two ends of its interval: in billions, small ones in millions
    (in Japanese 100 millions and ten thousands)."""
    japanese = words.lang == "ja"
    size = max(abs(x) for x in (value, *ends))
    if size >= SMALL:
        unit, key, digits = (HUNDRED_MILLION, "billion", 1) if japanese else (1e9, "billion", 2)
    else:
        unit, key, digits = (TEN_THOUSAND if japanese else MILLION), "yen_million", 0
    shown = [f"{x / unit:,.{digits}f}" for x in (value, *ends)]
    shown = [x.lstrip("-") if float(x.replace(",", "")) == 0 else x for x in shown]
    text = words(key, value=shown[0])
    return text if not ends else f"{text} [{', '.join(shown[1:])}]"


def price_text(words: Words, value: float) -> str:
    """The value of one solved project: millions in English, ten thousands in Japanese."""
    unit, digits = (TEN_THOUSAND, 0) if words.lang == "ja" else (MILLION, 1)
    return words("yen_million", value=f"{value / unit:,.{digits}f}")


def worth_text(words: Words, row: Row) -> str:
    """What a row is worth, with its 90 % interval where there is one."""
    if missing(row["low"]):
        return yen_text(words, row["evppi"])
    return yen_text(words, row["evppi"], row["low"], row["high"])


def row_name(row: Row, tables: Tables, words: Words) -> str:
    """What a row of the ranking is about."""
    kind, item = str(row["kind"]), str(row["item"])
    if row["table"] == "groups":
        return words(f"group_{item}")
    if kind in ("claim", "sizes", "costs"):
        return words(f"name_{kind}", item=words.initiative(item))
    if kind == "present":
        indicator = tables.facts["indicators"].get(item, item)
        known = indicator in INDICATORS
        return words(
            "name_present", item=words.labels.name(INDICATORS[indicator]) if known else item
        )
    if kind in ("input", "printed"):
        return words(f"name_{kind}", item=item)
    if item.startswith("grade "):
        return words("name_grade", item=item.removeprefix("grade "))
    return words.parameter(item)


def figure_texts(row: Row, tables: Tables, words: Words, *, sources: bool) -> list[str]:
    """The document's figures behind a row, with line and, with ``sources``, stated source."""
    out = []
    for id in filter(None, ("" if missing(row["evidence"]) else str(row["evidence"])).split("; ")):
        figure = tables.facts["figures"][id]
        line = figure["line"]
        place = words("no_line") if line is None else words("document_line", line=line)
        printed = _value(figure["value"], figure["unit"], words)
        if not sources:
            out.append(f"{id} {printed} ({place})")
            continue
        source = _source(figure, words)
        text = words("figure", id=id, printed=printed, place=place, source=source)
        if figure["checks"]:
            text += words("figure_checks", checks=", ".join(figure["checks"]))
        out.append(text)
    return out


def _source(figure: dict[str, Any], words: Words) -> str:
    """The source that the document states for a figure."""
    if not figure["stated"]:
        return words("no_source", title=figure["source"])
    return str(figure["source"]) + ("" if figure["listed"] else words("unlisted"))


def _value(value: float | str, unit: str, words: Words) -> str:
    """A figure of the document with its unit."""
    if isinstance(value, str):
        return value
    if unit.startswith("yen"):
        return yen_text(words, value)
    if unit.startswith(("relative change", "difference of shares")):
        return words.labels.difference(value, unit)
    return words.labels.number(value, unit)


def flip_text(flip: float) -> str:
    """The error at which a choice flips, as per cent; over 100 % it is no error any more."""
    return f"{100 * flip:.0f} %" if flip <= 1.0 else "> 100 %"


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
