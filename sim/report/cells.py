"""Tables of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table; bars inside cells are escaped, lines of a cell broken."""
    body = ["| " + " | ".join(map(_cell, row)) + " |" for row in (heads, *rows)]
    return [body[0], "|" + "---|" * len(heads), *body[1:]]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")
