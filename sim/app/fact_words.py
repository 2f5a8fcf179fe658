"""Words beside the registers' English meanings, in both languages: names, terms, units, sources.

A row gets ``name`` (which indicator, initiative or part of the model it belongs to), ``terms``
(words of its meaning in Japanese, to be read and searched), ``printed_text``, ``unit_text`` and
``source_text``. The registers themselves stay as they are: they are part of the identity of runs.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from sim.base.user_choices import LANGUAGES
from sim.pages.labels import Labels
from sim.pages.word_files import texts
from sim.pages.words import parameter_name

Json = dict[str, Any]

UNITS_SAID = "sim.report.unit_names"
TERMS = "sim.report.evidence_terms"
SOURCES = "sim.report.source_names"
Pair = dict[str, str]
_PRINTED = re.compile(r"^(-?[\d.-]+)(.*)$")
_UNGROUPED = ("year",)
_PRINTED_UNITS = {"count": "", "count per year": "（年間）", "date": "", "ratio": "倍"}


def both(ja: str, en: str) -> Pair:
    """A text in both languages."""
    return {"ja": ja, "en": en}


def words(key: str, **fields: object) -> Pair:
    """A text of the labels in both languages."""
    return {lang: Labels(lang)(key, **fields) for lang in LANGUAGES}


def unit_text(unit: str) -> Pair:
    """A unit in both languages; one without a word stays as it is."""
    return texts(UNITS_SAID).get(unit) or both(unit, unit)


def printed_text(printed: str) -> Pair:
    """A figure as the document prints it: "62.8 percent" is 62.8% in Japanese."""
    if printed in texts(UNITS_SAID):  # "R4 date"
        return unit_text(printed)
    found = _PRINTED.match(printed)
    unit = found[2].strip() if found else ""
    if not found or unit not in texts(UNITS_SAID):
        return both(printed, printed)
    number = found[1]
    if unit not in _UNGROUPED and number.lstrip("-").isdecimal():
        number = f"{int(number):,}"
    return both(
        f"{number}{_PRINTED_UNITS.get(unit, texts(UNITS_SAID)[unit]['ja'])}",
        f"{number} {unit}",
    )


def terms(meaning: str) -> list[str]:
    """Japanese words of the terms of a meaning, each once."""
    found = [
        pair["ja"]
        for term, pair in texts(TERMS).items()
        if re.search(rf"\b{re.escape(term)}", meaning, re.IGNORECASE)
    ]
    return list(dict.fromkeys(found))


def source_text(source: Json) -> Pair:
    """The title of an evidence row's source, in Japanese where the register's is English."""
    title = str(source["title"])
    own = texts(SOURCES).get(title)
    return own or both(title, title)


def organisation(name: str) -> Pair:
    """An organisation: the register has English with the Japanese name in brackets."""
    found = re.match(r"^(.*) \((.*)\)$", name)
    return both(found[2], found[1]) if found else texts(SOURCES).get(name) or both(name, name)


def _join(names: list[Pair]) -> Pair:
    return {
        lang: ("、" if lang == "ja" else "; ").join(dict.fromkeys(n[lang] for n in names))
        for lang in LANGUAGES
    }


def _label(whose: Any, key: str) -> Pair:
    return {
        lang: Labels(lang)(key, name=f"{whose.id} {Labels(lang).name(whose)}") for lang in LANGUAGES
    }


@cache
def evidence_names() -> dict[str, Pair]:
    """Evidence row -> the indicators and initiatives that use it, and as what."""
    from sim.model.indicators import INDICATORS
    from sim.model.measures import INITIATIVES

    found: dict[str, list[Pair]] = {}
    for i in INDICATORS.values():
        for key, id in (("serve_target_of", i.target), ("serve_current_of", i.current)):
            if id:
                found.setdefault(id, []).append(_label(i, key))
        for id in i.evidence:
            if id not in (i.target, i.current):
                found.setdefault(id, []).append(_label(i, "serve_evidence_of"))
    for kind in INITIATIVES.values():
        for id in kind.claims:
            found.setdefault(id, []).append(_label(kind, "serve_claim_of"))
    return {id: _join(names) for id, names in found.items()}


def name_of_parameter(id: str, evidence: list[str]) -> Pair:
    """What a parameter is called; one without a name: where it belongs, and whose figure it is."""
    from sim.model.measures import INITIATIVES

    name = {lang: parameter_name(id, Labels(lang)) for lang in LANGUAGES}
    if name["ja"] != id:
        return name
    parts = id.split(".")
    if parts[0] == "initiative" and ".".join(parts[1:3]) in INITIATIVES:
        kind = INITIATIVES[".".join(parts[1:3])]
        own = [{lang: f"{kind.id} {Labels(lang).name(kind)}" for lang in LANGUAGES}]
    else:
        own = [words(f"serve_group_{parts[0]}")]
    return _join(own + [evidence_names()[e] for e in evidence if e in evidence_names()])


def _of_initiative(id: str) -> Pair | None:
    from sim.model.measures import INITIATIVES

    return _label(INITIATIVES[id], "serve_evidence_of") if id in INITIATIVES else None


def described_evidence(row: Json) -> Json:
    """A row of evidence with its words."""
    none = both("", "")
    return {
        **row,
        "name": evidence_names().get(row["id"]) or _of_initiative(row["initiative"]) or none,
        "terms": terms(row["quantity"]),
        "printed_text": printed_text(row["printed"] or ""),
        "unit_text": unit_text(row["unit"]),
        "source_text": source_text(row["source"]),
        "organisation_text": organisation(row["source"]["organisation"]),
    }


def described_parameter(row: Json) -> Json:
    """A parameter's row with its words; its file is named from the root of the repository."""
    linked = [*row["evidence"], *([row["value_from"]] if row["value_from"] else [])]
    return {
        **row,
        "name": name_of_parameter(row["id"], linked),
        "terms": terms(row["meaning"]),
        "unit_text": unit_text(row["unit"]),
        "file": f"calibration/parameters/{row['file']}",
    }
