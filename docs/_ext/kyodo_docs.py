"""Sphinx extension: puts what the registries hold in place of ``<!-- built: NAME -->``.

On a code host such a page shows the few lines around the comment. Nothing is written beside the
pages. Links to Markdown files outside docs/ lead to the page of the site that shows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import api_pages
import questions
import registers
from sphinx import addnodes

ROOT = Path(__file__).resolve().parents[2]
MARK = re.compile(r"<!-- built: (\S+) -->")
ELSEWHERE = {
    "../calibration/record/summary.md": "calibration-record.md",
    "../calibration/places/tokyo23/SOURCES.md": "data-sources.md",
    "../CONTRIBUTING.md": "contributing.md",
}
"""Markdown outside docs/ -> the page of the site that shows it."""


def shown(file: str) -> str:
    """A Markdown file from elsewhere in the repository, its links as seen from docs/."""
    path = ROOT / file
    pages = {(ROOT / "docs" / there).resolve(): page for there, page in ELSEWHERE.items()}

    def link(match: re.Match[str]) -> str:
        target, _, anchor = match.group(1).partition("#")
        found = (path.parent / target).resolve()
        anchor = f"#{anchor}" if anchor else ""
        if found in pages:
            return f"]({pages[found]}{anchor})"
        if found.is_relative_to(ROOT / "docs"):
            return f"]({found.relative_to(ROOT / 'docs').as_posix()}{anchor})"
        return f"](../{found.relative_to(ROOT).as_posix()}{anchor})"

    return re.sub(r"\]\((?!https?://|#|mailto:)([^)\s]+)\)", link, path.read_text(encoding="utf-8"))


def pages() -> str:
    """The list of pages, from README.md."""
    return shown("docs/README.md").split("\n", 2)[2]


CONTENT: dict[str, Callable[[], str]] = {
    "pages": pages,
    "indicators": registers.indicators,
    "parameters": registers.parameters,
    "initiative-parameters": registers.initiative_parameters,
    "evidence": registers.evidence,
    "questions": questions.questions,
    **{f"api:{name}": lambda name=name: api_pages.page(name) for name in api_pages.PAGES},
    **{
        f"file:{there.removeprefix('../')}": lambda there=there: shown(there.removeprefix("../"))
        for there in ELSEWHERE
    },
}


def built(text: str) -> str:
    """The text of a page as Sphinx reads it: registers put in, links to other folders turned."""
    whole = re.search(r"<!-- built: (file:\S+) -->", text)
    if whole:  # the file has a title of its own
        text = CONTENT[whole.group(1)]()
    text = MARK.sub(lambda match: CONTENT[match.group(1)](), text)
    for there, page in ELSEWHERE.items():
        text = text.replace(f"]({there}", f"]({page}")
    return text


def joined(text: str) -> str:
    """Japanese lines of one paragraph without the gap that a line break would leave."""
    return re.sub(r"(?<=[^\x00-\u2fff*])(\*{0,2})\n *(?=[*\[]*[^\x00-\u245f\s])", r"\1", text)


def _read(app: Any, name: str, source: list[str]) -> None:
    source[0] = built(source[0])
    if name.endswith(".ja"):
        source[0] = joined(source[0])


def _outdated(app: Any, env: Any, added: Any, changed: Any, removed: Any) -> list[str]:
    """Pages with built content are read each time: what they show may have changed."""
    return [
        name
        for name in env.found_docs
        if MARK.search(Path(env.doc2path(name)).read_text(encoding="utf-8"))
    ]


def _docstring(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    lines[:] = api_pages.escaped(lines)


def _own_names(app: Any, tree: Any) -> None:
    """Types in signatures lead to the class that is meant, never to a namesake elsewhere."""
    for node in tree.findall(addnodes.pending_xref):
        if node.get("refdomain") == "py" and not node.get("refspecific"):
            node.attributes.pop("refspecific", None)


def _page(app: Any, name: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """What is missing for everybody to read a page.

    Language of Japanese pages; levels of the menu's headings; scrolling with the keyboard.
    """
    if name.endswith(".ja"):
        context["language"] = "ja"
    if "furo_navigation_tree" in context:
        context["furo_navigation_tree"] = context["furo_navigation_tree"].replace(
            'role="heading"', 'role="heading" aria-level="2"'
        )
    if "body" in context:
        body = context["body"].replace("<pre>", '<pre tabindex="0">')
        context["body"] = body.replace(
            '<div class="table-wrapper', '<div tabindex="0" class="table-wrapper'
        )


def setup(app: Any) -> dict[str, Any]:
    """What Sphinx calls."""
    app.connect("source-read", _read)
    app.connect("env-get-outdated", _outdated)
    app.connect("autodoc-process-docstring", _docstring)
    app.connect("doctree-read", _own_names)
    app.connect("html-page-context", _page, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
