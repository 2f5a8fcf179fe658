"""Errors that a user can cause, with the exit code that the command line returns for each.

Every message says what is wrong, where (file and line when there is one) and, where a name was
misspelt, the nearest valid one. Lowest layer: anything may import it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path


class KyodoError(Exception):
    """Base of all errors that are shown to the user without a traceback. Exit code 1."""

    exit_code = 1


class OutputError(KyodoError):
    """An output cannot be written, or belongs to another study. Exit code 1."""


class UsageError(KyodoError):
    """A command-line value or a function argument is not valid. Exit code 2."""

    exit_code = 2


class ContentError(KyodoError):
    """The content of a file is not valid. Exit code 3.

    The text reads ``path:line: message``; ``path`` and ``line`` are kept as attributes.
    """

    exit_code = 3

    def __init__(self, message: str, path: Path | str | None = None, line: int | None = None):
        self.message = message
        self.path = None if path is None else Path(path)
        self.line = line
        where = "" if path is None else f"{path}:{line}: " if line is not None else f"{path}: "
        super().__init__(where + message)


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the valid name nearest to ``name``, or an empty text."""
    names = [str(v) for v in valid]
    found = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    return f" (did you mean '{found[0]}'?)" if found else ""
