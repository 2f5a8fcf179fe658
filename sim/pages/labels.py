"""Words and number formats of the report in Japanese and English, from ``labels*.yaml``.

Shares are fractions in the data and per cent on paper; differences of shares are points (pt).
"""

from __future__ import annotations

import math
import unicodedata
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from sim.base.errors import UsageError, nearest
from sim.base.user_choices import LANGUAGES
from sim.pages.word_files import texts

PERCENT_UNITS = (
    "share",
    "share per year",
    "difference of shares",
    "relative change",
    "relative change per year",
)
"""Units that print as per cent."""


class Named(Protocol):
    """A scenario or an indicator: something with a name in both languages."""

    @property
    def name_en(self) -> str: ...
    @property
    def name_ja(self) -> str: ...


@cache
def _texts() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for path in sorted(Path(str(files("sim.pages") / "texts")).glob("*.yaml")):
        own = texts(f"sim.pages.texts.{path.stem}")
        if twice := found.keys() & own.keys():
            raise KeyError(f"{path.name}: the label '{min(twice)}' stands in two files")
        found |= own
    return found


def keys() -> list[str]:
    """All label keys."""
    return list(_texts())


class Labels:
    """The words of one language: ``Labels("ja")("target")`` is "目標".

    Raises UsageError for a language other than ``LANGUAGES``.
    """

    def __init__(self, lang: str = "en") -> None:
        if lang not in LANGUAGES:
            raise UsageError(f"unknown language '{lang}'{nearest(lang, LANGUAGES)}: use ja or en")
        self.lang = lang

    def __call__(self, key: str, **values: object) -> str:
        """The text of ``key``, its {fields} filled in. Raises KeyError for an unknown key."""
        text = _texts()[key][self.lang]
        return text.format(**values) if values else text

    def name(self, thing: Named) -> str:
        """The name of a scenario, an indicator or an initiative."""
        return thing.name_ja if self.lang == "ja" else thing.name_en

    def year(self, fiscal_year: int) -> str:
        """A fiscal year (April to March)."""
        return self("fiscal_year", year=fiscal_year)

    def discount(self, mode: str) -> str:
        """A discount mode in words; an unknown mode as it is."""
        return _texts().get(f"discount_{mode}", {}).get(self.lang, mode)

    def interval(self, kind: str, runs: int) -> str:
        """What the two ends of an interval are: a 90 % interval, or the range of the runs."""
        if runs == 1:
            return self("one_run")
        return self("range", runs=runs) if kind == "range" else self("interval")

    def axis(self, unit: str) -> str:
        """The unit at an axis whose ticks are written by ``scaled``."""
        key = "share_axis" if unit in PERCENT_UNITS else f"{unit}_axis"
        return _texts().get(key, {}).get(self.lang, unit)

    def scale(self, unit: str) -> float:
        """What a value is multiplied by before it is drawn: 100 for shares."""
        if unit.startswith("yen"):
            return 1e-8 if self.lang == "ja" else 1e-9
        return 100.0 if unit in PERCENT_UNITS else 1.0

    def number(self, value: float | None, unit: str, *, bare: bool = False) -> str:
        """A level with its unit: 62.8 %, 1,850; "–" for none; ``bare``: without the unit."""
        return self._format(value, unit, sign=False, bare=bare)

    def difference(self, value: float | None, unit: str, *, bare: bool = False) -> str:
        """A difference with its sign: +4.3 pt, -12, 0.0 pt; "–" for none; ``bare``: no unit."""
        return self._format(value, unit, sign=True, bare=bare)

    def chance(self, value: float | None) -> str:
        """A probability as per cent without decimals; "–" for none.

        Only an exact 0 or 1 prints as 0 % or 100 %; a chance near them as <1 % or >99 %.
        """
        if value is None or math.isnan(value):
            return "–"
        percent = "%" if self.lang == "ja" else " %"
        if 0 < value < 0.005:
            return f"<1{percent}"
        if 0.995 < value < 1:
            return f">99{percent}"
        return f"{100 * value:.0f}{percent}"

    def _format(self, value: float | None, unit: str, *, sign: bool, bare: bool) -> str:
        if value is None or math.isnan(value):
            return "–"
        value *= self.scale(unit)
        gap = "" if self.lang == "ja" else " "
        if unit in PERCENT_UNITS:
            points = sign and not unit.startswith("relative change")
            text, end = f"{value:.1f}", gap + (self("points") if points else "%")
        elif unit == "sd":
            text, end = f"{value:.2f}", ""
        elif unit.startswith("yen"):
            text, end = f"{value:,.2f}", gap + self("billion_yen")
        else:
            small = abs(value) < 20 and abs(value - round(value)) > 0.05
            text, end = f"{value:,.1f}" if small else f"{value:,.0f}", ""
        if float(text.replace(",", "")) == 0:
            text = text.lstrip("-")
        positive = value > 0 and float(text.replace(",", "")) != 0
        return ("+" if sign and positive else "") + text + ("" if bare else end)


def display_width(text: str) -> int:
    """Columns that a text takes in a fixed-width font: 2 for a Japanese character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, width: int, lines: int = 0) -> str:
    """Break a text into lines of at most ``width`` columns, Japanese between any characters.

    Latin words are kept whole where they fit. With ``lines`` > 0 the rest is cut, with "…".
    """
    pieces: list[str] = []
    word = ""
    for char in text:
        if char == " " or display_width(char) == 2:
            pieces += [word] if word else []
            pieces.append(char)
            word = ""
        else:
            word += char
    pieces += [word] if word else []
    out = [""]
    for piece in pieces:
        if display_width(out[-1] + piece) > width and out[-1]:
            # No line starts with a closing bracket, a comma or a long-vowel sign.
            if piece in "）」、。ー・":
                out[-1] += piece
                continue
            out[-1] = out[-1].rstrip()
            out.append("" if piece == " " else piece)
        else:
            out[-1] += piece
    if lines and len(out) > lines:
        out = out[:lines]
        out[-1] = out[-1].rstrip() + "…"
    return "\n".join(out)


def balanced(text: str, width: int) -> str:
    """Break a text into at most two lines of about equal length where it exceeds ``width``."""
    total = display_width(text)
    return text if total <= width else wrap(text, min(width, total // 2 + 3), 2)
