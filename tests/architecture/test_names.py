"""One name, one meaning: a class of ``sim`` has a name of its own."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

SIM = Path(__file__).resolve().parents[2] / "sim"


def classes() -> dict[str, list[str]]:
    """Name of a class -> where classes of that name stand, those inside functions too."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(SIM.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(f"{path.relative_to(SIM)}:{node.lineno}")
    return found


def test_a_class_name_stands_once() -> None:
    found = classes()
    assert len(found) > 100
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
