"""Ask an analysis in one call, from Python: nothing is written.

    import sim

    found = sim.ask("attribute", scenario="m1", indicator="M1-KPIop-1", draws=10, scale="1/1000")
    found.tables["shares"]      # a frame; found.tables.facts has what is no table
    found.pages("ja")           # findings, charts and notes, as the command tells them

The fields are those of the analysis' question (``kyodo NAME --help`` has the same), with the same
defaults; the numbers are those of the command.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.analyses.analysis import analysis
from sim.analyses.question import how_asked
from sim.analyses.study import Study
from sim.analyses.tables import as_kept, check_tables
from sim.analyses.words import Words
from sim.base.errors import KyodoError, UsageError, nearest

if TYPE_CHECKING:
    from sim.analyses.tables import Tables
    from sim.pages.page import Page


@dataclass(frozen=True)
class Answered:
    """What an analysis found.

    ``answer``: what it estimated, as its ``estimate.py`` has it; ``tables``: as a folder of the
    command keeps them; ``study``: the question, and the runs that were asked for.
    """

    study: Study
    answer: Any
    tables: Tables

    def pages(self, lang: str = "en") -> tuple[Page, ...]:
        """What is told of it, in "en" or "ja"."""
        name = self.study.analysis
        return analysis(name).pages(self.tables, Words(name, lang, self.study.names()))


def ask(name: str, /, *, workers: int = 1, **fields: Any) -> Answered:
    """Ask the analysis ``name``; ``fields``: those of its question.

    ``workers``: processes; with more than one, call it under ``if __name__ == "__main__"``. Raises
    UsageError for an unknown analysis, field or value; KyodoError where a run failed.
    """
    asked = analysis(name)
    known = how_asked(asked.question)
    for field in fields:
        if field not in known:
            hint = nearest(field, known)
            raise UsageError(f"{name} has no field '{field}'{hint}: {', '.join(known)}")
    question = asked.question(**fields)
    study = Study(name, question, workers=workers)
    asked.check(question, study)
    answer = asked.answer(question, study)
    if study.failures:
        first = study.failures[0]
        raise KyodoError(f"{first.name} failed: {first.error}")
    tables = asked.tables(answer)
    check_tables(tables, asked.schema)
    return Answered(study, answer, as_kept(tables, asked.schema))
