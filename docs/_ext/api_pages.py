"""The API reference: which modules stand on which page, found in the folders of the package."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re

import sim

PAGES = ("sim", "sim.analyses", "sim.runs", "sim.report")


def modules(package: str) -> list[str]:
    """Public modules of a package and of its folders, in alphabetical order."""
    home = importlib.import_module(package)
    found = pkgutil.walk_packages(home.__path__, f"{package}.")
    names = sorted(m.name for m in found if not m.ispkg)
    return [name for name in names if "._" not in name]


def _directive(name: str, argument: str, *options: str, text: str = "") -> str:
    lines = [f".. {name}:: {argument}", *(f"   :{option}:" for option in options)]
    if text:
        lines += ["", f"   {text}"]
    return "```{eval-rst}\n" + "\n".join(lines) + "\n```\n"


def _public(name: str) -> str:
    """One name of ``sim``; classes and functions have their index entry at their own module."""
    thing = getattr(sim, name)
    if inspect.isclass(thing):
        return _directive("autoclass", f"sim.{name}", "members", "no-index")
    if inspect.isfunction(thing):
        return _directive("autofunction", f"sim.{name}", "no-index")
    size = f" with {len(thing)} entries" if isinstance(thing, dict) else f": {thing}"
    return _directive("py:data", f"sim.{name}", text=f"A {type(thing).__name__}{size}.")


def page(package: str) -> str:
    """Directives for one page: the names of ``sim``, or every module of a package."""
    if package == "sim":
        tour = _directive("automodule", "sim")
        return "\n".join([tour, *(f"## `{n}`\n\n{_public(n)}" for n in sim.__all__)])
    return "\n".join(
        f"## {name.removeprefix(package + '.')}\n\n{_directive('automodule', name, 'members')}"
        for name in modules(package)
    )


SIGNS = re.compile(r"(?<=\w)_(?!\w)|\*(?=\S)|\|")
"""What reStructuredText would take for a reference, emphasis or a substitution."""


def escaped(lines: list[str]) -> list[str]:
    """Lines of a docstring with plain signs kept plain; literals stay as they are."""
    out, literal = [], False
    for line in lines:
        if literal and line.strip() and not line.startswith(" "):
            literal = False
        parts = re.split(r"(``.*?``)", line)
        if not literal:
            parts[::2] = [SIGNS.sub(lambda sign: "\\" + sign.group(), part) for part in parts[::2]]
        out.append("".join(parts))
        literal = literal or line.rstrip().endswith("::")
    return out
