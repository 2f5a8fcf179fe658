"""Words and number formats of the scorecard: those of the report, and its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.pages.labels import Labels
from sim.pages.word_files import texts

if TYPE_CHECKING:
    from sim.analyses.prioritise.estimate import Alternative


WORDS = "sim.report.prioritise"


class ScorecardWords(Labels):
    """``ScorecardWords("ja")("pr_verdict")``; keys of the report's labels are understood too."""

    def __call__(self, key: str, **values: object) -> str:
        """The text of ``key``, its {fields} filled in. Raises KeyError for an unknown key."""
        own = texts(WORDS).get(key)
        if own is None:
            return super().__call__(key, **values)
        return own[self.lang].format(**values) if values else own[self.lang]

    def figure(self, name: str, after: int) -> str:
        """The name of a figure; ``after``: fiscal years after the stop."""
        return self(f"pr_f_{name}", after=after)

    def value(self, value: float, unit: str, *, bare: bool = False) -> str:
        """A value of a figure as text; "–" for none; ``bare``: without the unit."""
        if math.isnan(value):
            return "–"
        gap = "" if self.lang == "ja" else " "
        if unit in ("share", "yen"):
            return self.number(value, unit, bare=bare)
        if unit == "ratio":
            return f"{100 * value:.0f}" + ("" if bare else gap + "%")
        if unit == "difference of shares":
            signed = f"{100 * value:+.2f}"
            number = signed.lstrip("+-") if float(signed) == 0 else signed
            return number + ("" if bare else gap + self("points"))
        if unit in ("indicators", "claims"):
            return f"{value:g}"
        if unit == "projects":
            return f"{value:,.0f}"
        digits = 2 if unit in ("grade", "years") or abs(value) < 10 else 1
        text = f"{value:.{digits}f}"
        return text.lstrip("-") if float(text) == 0 else text

    def joined(self, items: list[str]) -> str:
        """Items in one line."""
        return ("、" if self.lang == "ja" else "; ").join(items)

    def short(self, alternative: Alternative) -> str:
        """A short name: ①, ②, ③ for a measure, the number for an initiative."""
        return alternative.id if "." in alternative.id else "①②③"[alternative.measure - 1]
