"""The words of an analysis: its own texts, then those that all share, and names of things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sim.analyses.question import MOST_YEARS
from sim.pages.labels import Labels
from sim.pages.word_files import texts

if TYPE_CHECKING:
    import pandas as pd

Names = Mapping[str, Mapping[str, str]]
"""Id of a scenario -> language -> name."""


def with_names(table: pd.DataFrame, words: Words) -> pd.DataFrame:
    """A table with the names of its indicators and scenarios as its last columns.

    A name that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    from sim.model.indicators import INDICATORS

    out = table.copy()
    out["indicator_name"] = [
        _cell(words.labels.name(INDICATORS[i]) if i in INDICATORS else i) for i in out["indicator"]
    ]
    out["scenario_name"] = [_cell(words.scenario(s)) for s in out["scenario"]]
    return out


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


class Words:
    """Texts, number formats and names in one language, for the pages of one analysis.

    ``words("title", year=2033)`` is a text of its words.yaml, or of the shared ones, with its
    fields filled in; ``labels`` writes numbers; ``names``: of the scenarios that were run.
    """

    def __init__(self, analysis: str, lang: str, names: Names | None = None) -> None:
        self.labels = Labels(lang)
        self.lang = lang
        self._own = texts(f"sim.analyses.{analysis}.words")
        self._names = dict(names or {})

    def __call__(self, key: str, **values: object) -> str:
        """The text of ``key``. Raises KeyError for an unknown key."""
        if key not in self._own:
            return self.labels(key, **values)
        text = self._own[key][self.lang]
        return text.format(**values) if values else text

    def __contains__(self, key: str) -> bool:
        return key in self._own

    def scenario(self, id: str) -> str:
        """The name of a scenario that was named or is bundled; an unknown id as it is."""
        from sim.scenario.bundled import scenario_ids
        from sim.scenario.reader import load_scenario

        named = dict(self._names.get(id, {}))
        if not named and id in scenario_ids():
            return self.labels.name(load_scenario(id, MOST_YEARS))
        return named.get(self.lang, id)

    def indicator(self, id: str) -> str:
        """Id and name of an indicator of the document, the name alone of an auxiliary one."""
        from sim.model.indicators import INDICATORS

        if id not in INDICATORS:
            return id
        name = self.labels.name(INDICATORS[id])
        return f"{id} {name}" if INDICATORS[id].kind != "auxiliary" else name

    def initiative(self, id: str) -> str:
        """Number and name of an initiative; an unknown id as it is."""
        from sim.model.measures import INITIATIVES

        return f"{id} {self.labels.name(INITIATIVES[id])}" if id in INITIATIVES else id

    def measure(self, id: str) -> str:
        """A measure by its id, "m1" ... : its word and number, as its scenario is called."""
        number = int(id[1:])
        circled = "①②③④⑤⑥⑦⑧⑨"[number - 1]
        return self.labels("exp_measure", n=circled if self.lang == "ja" else number)

    def parameter(self, id: str) -> str:
        """What a parameter is called in a sentence."""
        from sim.pages.words import parameter_name

        return parameter_name(id, self.labels)

    def join(self, items: Iterable[str]) -> str:
        """Items in one line."""
        return ("、" if self.lang == "ja" else ", ").join(items)

    def sentences(self, items: Iterable[str]) -> str:
        """Sentences one after the other."""
        return ("" if self.lang == "ja" else " ").join(items)

    @property
    def colon(self) -> str:
        """What stands between a name and what is said of it."""
        return "：" if self.lang == "ja" else ": "
