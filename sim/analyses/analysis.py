"""What an analysis is, and which there are.

An analysis is one folder, ``sim/analyses/NAME/``, with one word for each of its modules:

=================  ================================================================================
``question.py``    ``QUESTION``: what can be asked, a `Question`; nothing heavy is imported
``estimate.py``    ``check(question, study)``: refuses before a folder is touched;
                   ``answer(question, study)``: runs what it needs through ``study.run``
``tables.py``      ``SCHEMA``: the columns of every table; ``tables(answer)``: `Tables`;
                   ``content(tables)``: the JSON of the command (without it: all tables and facts)
``pages.py``       ``pages(tables, words)``: findings, charts and notes, from tables alone
``words.yaml``     its texts in Japanese and English
=================  ================================================================================

``pages.py`` may have ``limits(tables, words)``, where those of a study of scenarios do not hold.
``tables.py`` may have ``read(folder, manifest)``, for tables that are made when they are read; it
may name in ``PARQUET`` the tables that are kept as Parquet as well, and in ``NAMED``
those that people open: names of indicators and scenarios stand at the end of their rows.

To add one: the folder, and its line in ``NAMES``. The command line, ``kyodo report``, the page and
the documentation find it here. `sim.analyses.study` has what ``study`` is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analyses.question import Question
from sim.base.errors import UsageError, nearest
from sim.base.optional import need

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.study import Study
    from sim.analyses.tables import Schema, Tables
    from sim.analyses.words import Words
    from sim.pages.page import Page

NAMES: tuple[str, ...] = (
    "compare", "run", "sweep", "optimise", "prioritise", "attribute", "sensitivity", "factcheck",
    "discover", "timing", "calibration",
)  # fmt: skip
"""All analyses, in the order in which they are listed."""

FOLDER_OF: Mapping[str, str] = {"run": "compare"}
"""Analyses that are a further question of another one's folder (``FURTHER`` of its question.py):
they say less of fewer runs, with the same tables and pages."""

OWN_COMMAND: Mapping[str, str] = {"sweep": "sweep", "calibration": "calibrate"}
"""Analyses that have a command of their own, and no question: a sweep is asked by a file."""


@dataclass(frozen=True)
class Analysis:
    """One analysis by its name; a module of its folder is imported when it is first needed."""

    name: str

    @property
    def folder(self) -> str:
        """The folder of ``sim/analyses`` that it stands in, and its words."""
        return FOLDER_OF.get(self.name, self.name)

    @property
    def question(self) -> type[Question]:
        """The dataclass of its questions; its docstring says in a sentence what is answered.

        Raises UsageError for an analysis that has a command of its own.
        """
        if self.name in OWN_COMMAND:
            raise UsageError(f"{self.name} has no question: use kyodo {OWN_COMMAND[self.name]}")
        module = self._module("question")
        own = module.FURTHER[self.name] if self.name in FOLDER_OF else module.QUESTION
        found: type[Question] = own
        return found

    @property
    def needs(self) -> tuple[str, str] | None:
        """(library, extra that installs it) without which it cannot answer; None for none."""
        found: tuple[str, str] | None = getattr(self._module("question"), "NEEDS", None)
        return found

    def check(self, question: Question, study: Study) -> None:
        """Refuse what cannot be answered, before a folder is touched.

        Raises UsageError; KyodoError where a library is missing.
        """
        if self.needs is not None:
            need(*self.needs, f"kyodo {self.name}")
        self._module("estimate").check(question, study)

    def answer(self, question: Question, study: Study) -> Any:
        """Run what the question needs, and estimate. Raises KyodoError where too much failed."""
        return self._module("estimate").answer(question, study)

    @property
    def schema(self) -> Schema:
        """The columns of every table."""
        found: Schema = self._module("tables").SCHEMA
        return found

    @property
    def parquet(self) -> tuple[str, ...]:
        """The tables that are kept as Parquet as well."""
        found: tuple[str, ...] = getattr(self._module("tables"), "PARQUET", ())
        return found

    def tables(self, answer: Any) -> Tables:
        """The frames and facts of an answer, all that is told of it."""
        found: Tables = self._module("tables").tables(answer)
        return found

    def read(self, folder: Path, manifest: Mapping[str, Any]) -> Tables:
        """The tables of a folder that it left. Raises OutputError."""
        from sim.analyses.tables import read_tables

        module = self._module("tables")
        if hasattr(module, "read"):  # made when it is read, from the runs of the folder
            found: Tables = module.read(folder, manifest)
            return found
        return read_tables(folder, self.schema, manifest["facts"])

    def content(self, tables: Tables) -> Mapping[str, Any]:
        """Plain values for ``--json``."""
        from sim.base.rows import rows_as_json

        module = self._module("tables")
        if hasattr(module, "content"):
            own: Mapping[str, Any] = module.content(tables)
            return own
        return {**{name: rows_as_json(t) for name, t in tables.items()}, "facts": tables.facts}

    def sheets(self, tables: Tables, words: Words) -> dict[str, pd.DataFrame]:
        """The tables as people open them: with names in the language of ``words``."""
        from sim.analyses.words import with_names

        named = getattr(self._module("tables"), "NAMED", ())
        return {k: with_names(t, words) if k in named else t for k, t in tables.items()}

    def limits(self, tables: Tables, words: Words) -> tuple[str, ...]:
        """Its own limits, where those of a study of scenarios do not hold; none for most."""
        module = self._module("pages")
        return tuple(module.limits(tables, words)) if hasattr(module, "limits") else ()

    def pages(self, tables: Tables, words: Words) -> tuple[Page, ...]:
        """Findings, charts and notes in the language of ``words``."""
        found: tuple[Page, ...] = self._module("pages").pages(tables, words)
        return found

    def _module(self, name: str) -> Any:
        return import_module(f"sim.analyses.{self.folder}.{name}")


@cache
def analysis(name: str) -> Analysis:
    """An analysis by its name. Raises UsageError for another name."""
    if name not in NAMES:
        raise UsageError(f"unknown analysis '{name}'{nearest(name, NAMES)}: {', '.join(NAMES)}")
    return Analysis(name)
