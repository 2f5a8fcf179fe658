"""The page's forms: the fields of every question, as the page draws them and sends them back.

Nothing is declared here. A form is made from the fields of a question, as the command line is; its
words stand beside the analysis (``asked_FIELD`` of its words.yaml) and, for the fields that every
analysis has, in sim/pages/texts/questions.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING
from fractions import Fraction
from functools import cache
from typing import Any

from sim.analyses.analysis import NAMES, OWN_COMMAND, Analysis, analysis
from sim.analyses.question import Asked, FieldKind, default_of, how_asked, kind_of
from sim.analyses.words import Words
from sim.app.settings import MAX_DRAWS, MAX_NUMBER, MAX_REPLICATES, MAX_SCENARIOS
from sim.base.user_choices import LANGUAGES

ASKABLE = tuple(name for name in NAMES if name not in OWN_COMMAND)
"""The analyses that the page can ask."""
SCENARIOS = ("scenarios", "scenario")
"""The fields that the plans of the page go into: any number of them, or one."""
BESIDE_THE_PLANS = ("profile", "discount", "years")
"""What is chosen beside the plans, for all that the page shows."""
MOST = {"draws": MAX_DRAWS, "replicates": MAX_REPLICATES}
"""The most that this server runs for anybody; other numbers without a bound: MAX_NUMBER."""
EXACT_NUMBER = 2**53 - 1
"""The largest whole number that a browser keeps exactly."""


def fields_of(asked: Analysis) -> Mapping[str, tuple[Asked, FieldKind]]:
    """The fields that the page can fill in; files of this machine are no field of the page."""
    every = how_asked(asked.question).items()
    return {
        name: (how, kind_of(asked.question, name)) for name, how in every if how.metavar != "FILE"
    }


def scenario_field(asked: Analysis) -> str | None:
    """The field for the plans, or None."""
    return next((name for name in SCENARIOS if name in how_asked(asked.question)), None)


def bounds(name: str, how: Asked, kind: FieldKind) -> tuple[float | None, float | None]:
    """The lowest and the highest value of a number, as this server allows."""
    if kind.plain not in (int, float) or kind.pairs:
        return None, None
    if name in MOST or how.high is None:
        most = MOST.get(name, MAX_NUMBER if kind.plain is int else None)
        return how.low, most
    return how.low, how.high


def forms() -> dict[str, Any]:
    """All forms by analysis, in both languages."""
    return {"forms": [_form(name) for name in ASKABLE]}


@cache
def _form(name: str) -> dict[str, Any]:
    asked = analysis(name)
    words = {lang: Words(asked.folder, lang) for lang in LANGUAGES}
    plans = scenario_field(asked)
    return {
        "analysis": name,
        "name": _said(words, f"asked_name_{name}", "asked_name"),
        "about": _said(words, f"asked_about_{name}", "asked_about"),
        "plans": None if plans is None else _plans(asked, plans),
        "fields": [
            _field(asked, field, how, kind, words)
            for field, (how, kind) in fields_of(asked).items()
            if field not in (*SCENARIOS, *BESIDE_THE_PLANS)
        ],
    }


def _plans(asked: Analysis, field: str) -> dict[str, Any]:
    """How many plans are asked about, and whether there are others where none is sent."""
    one = not kind_of(asked.question, field).many
    default = default_of(asked.question, field)
    return {"most": 1 if one else MAX_SCENARIOS, "default": default is not MISSING}


def _field(
    asked: Analysis, name: str, how: Asked, kind: FieldKind, words: Mapping[str, Words]
) -> dict[str, Any]:
    low, high = bounds(name, how, kind)
    default = default_of(asked.question, name)
    return {
        "name": name,
        "kind": kind_text(how, kind),
        "optional": kind.optional and default is None,
        "default": default if isinstance(default, str | int | float | None) else None,
        "low": low,
        "high": None if high is None else min(high, EXACT_NUMBER),
        "choices": [
            {"id": c, "name": _said(words, f"asked_{name}_{c}", f"choice_{c}")} for c in how.choices
        ],
        "label": _said(words, f"asked_{name}"),
        "help": _said(words, help_key(asked, name)),
    }


def help_key(asked: Analysis, name: str) -> str:
    """The key of a field's help; one that an analysis declares anew may have words of its own."""
    own = f"asked_{name}_help_{asked.name}"
    return own if own in Words(asked.folder, "en") else f"asked_{name}_help"


def kind_text(how: Asked, kind: FieldKind) -> str:
    """What the page draws for a field."""
    if how.choices:
        return "choice"
    if kind.many or kind.pairs:
        return "pairs" if kind.pairs else "texts"
    return {int: "whole", float: "number", bool: "flag", Fraction: "share"}.get(kind.plain, "text")


def _said(words: Mapping[str, Words], *keys: str) -> dict[str, str]:
    """The text of the first key that there are words for, in each language."""
    key = next((k for k in keys[:-1] if k in words["en"]), keys[-1])
    return {lang: own(key) for lang, own in words.items()}
