"""Modules of JavaScript import each other in one direction only."""

from __future__ import annotations

import re
from pathlib import Path

import networkx
import pytest

WEB = ("sim/app/web", "sim/report/web")
IMPORT = re.compile(r'^(?:import|export) [^;]*?from "(\.[^"]+)";', re.MULTILINE)


def arrows(folder: Path) -> list[tuple[str, str]]:
    """(module, module that it imports) of every import in a folder."""
    out = []
    for path in sorted(folder.rglob("*.js")):
        for name in IMPORT.findall(path.read_text(encoding="utf-8")):
            target = (path.parent / name).resolve()
            out.append((path.relative_to(folder).as_posix(), target.relative_to(folder).as_posix()))
    return out


def circles(pairs: list[tuple[str, str]]) -> list[list[str]]:
    """Groups of modules that reach each other, each sorted."""
    graph = networkx.DiGraph([(a, b) for a, b in pairs if a != b])
    return [sorted(g) for g in networkx.strongly_connected_components(graph) if len(g) > 1]


@pytest.mark.parametrize("folder", WEB)
def test_no_circle_of_imports(root: Path, folder: str) -> None:
    found = arrows(root / folder)
    assert found
    assert circles(found) == []


def test_imports_and_circles_are_found(tmp_path: Path) -> None:
    (tmp_path / "views").mkdir()
    (tmp_path / "a.js").write_text('import {\n  x,\n} from "./views/b.js";\n', encoding="utf-8")
    (tmp_path / "views/b.js").write_text('import { y } from "../a.js";\n', encoding="utf-8")
    assert circles(arrows(tmp_path)) == [["a.js", "views/b.js"]]
