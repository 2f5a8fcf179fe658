"""No silent constants: a size in `sim/model/processes` or `sim/model/measures` is a parameter, or
listed here.

A numeric literal there must be arithmetic (0, 1, twelve months a year, a square), the number of an
initiative's measure, or an entry of ``LISTED`` with the number of times that it stands in the file
and the reason why it is no parameter. An entry that no longer holds fails, too.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

SIM = Path(__file__).resolve().parents[2] / "sim"
FOLDERS = ("model/processes", "model/measures")
ARITHMETIC = {0.0, 1.0, 12.0}
"""Nothing, one (also -1: last, complement), months a year."""

KEY = "keeps a second choice's key apart from the first; any other number would do"
ROUNDING = "numerical guard: a sum that is whole but for rounding counts as whole"
NO_ZERO = "numerical guard against a division by zero"
JOINT = "definition: a joint project has two partner organisations or more"
VARIANCE = "mean of a log-normal: half the variance"
BITS = "number of a bit, or of a row of scratch, that the code names beside it"
COLUMN = "column of a table that the docstring declares"
CLASS_60 = "bound of the document's class of leaders, 60 and over (59: below)"

# (file, literal without sign) -> (times, why it is no size that a user or calibration would set)
LISTED: dict[tuple[str, float], tuple[int, str]] = {
    ("model/measures/__init__.py", 2): (1, "number of the measure"),
    ("model/measures/__init__.py", 3): (1, "number of the measure"),
    ("model/measures/base.py", 1_000_000): (1, "a month that no run reaches"),
    ("model/measures/base.py", 0.5): (1, "what half-life means"),
    ("model/measures/base.py", 1e-9): (3, ROUNDING),
    ("model/measures/base.py", 100): (1, KEY),
    ("model/measures/network.py", 2): (5, f"{JOINT} (3 times); {KEY} (once); {COLUMN} (once)"),
    ("model/measures/network.py", 100): (1, KEY),
    ("model/measures/network.py", 10_000): (1, KEY),
    ("model/measures/platform.py", 1e-12): (1, NO_ZERO),
    ("model/measures/support.py", 100): (1, KEY),
    ("model/processes/collaboration.py", 2): (1, JOINT),
    ("model/processes/organisation.py", 0.5): (1, VARIANCE),
    ("model/processes/organisation.py", 2): (1, VARIANCE),
    ("model/processes/participation.py", 0.5): (1, VARIANCE),
    ("model/processes/collaboration_kernels.py", 1e-9): (
        1,
        "numerical guard: a screen errs on one side",
    ),
    ("model/processes/organisation.py", 3): (1, COLUMN),
    ("model/processes/organisation.py", 1e-9): (1, ROUNDING),
    ("model/processes/organisation_kernels.py", 2): (1, COLUMN),
    ("model/processes/participation_kernels.py", 2): (7, f"{BITS} (4 times); {COLUMN} (3 times)"),
    ("model/processes/participation_kernels.py", 3): (5, f"{BITS} (twice); {COLUMN} (3 times)"),
    ("model/processes/participation_kernels.py", 4): (1, "rows of scratch"),
    ("model/processes/satisfaction.py", 2): (3, f"{JOINT} (once); {COLUMN} (twice)"),
    ("model/processes/satisfaction.py", 3): (2, COLUMN),
    ("model/processes/satisfaction.py", 4): (2, "width of that table, by block and by ward"),
    ("model/processes/succession_kernels.py", 0.1): (1, "the slope's unit: per 0.1 of the index"),
    ("model/processes/succession_kernels.py", 1e-12): (2, NO_ZERO),
    ("model/processes/succession_kernels.py", 2): (2, COLUMN),
    ("model/processes/succession_kernels.py", 3): (1, COLUMN),
    ("model/processes/succession_kernels.py", 4): (2, f"number of income streams; {COLUMN}"),
    ("model/processes/succession_kernels.py", 5): (1, COLUMN),
    ("model/processes/succession_kernels.py", 59): (1, CLASS_60),
    ("model/processes/succession_kernels.py", 60): (3, CLASS_60),
}


def sources() -> dict[str, str]:
    """File below sim/ -> its text, for all modules of the folders."""
    paths = [p for folder in FOLDERS for p in sorted((SIM / folder).rglob("*.py"))]
    return {p.relative_to(SIM).as_posix(): p.read_text(encoding="utf-8") for p in paths}


def exempt(tree: ast.AST) -> set[ast.AST]:
    """Literals whose place says that they are no size: squares, the number of a measure."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            if isinstance(node.right, ast.Constant) and node.right.value == 2:
                found.add(node.right)
        if isinstance(node, ast.ClassDef):
            for line in node.body:
                if isinstance(line, ast.Assign) and "measure" in map(ast.unparse, names(line)):
                    found |= {n for n in ast.walk(line.value) if isinstance(n, ast.Constant)}
    return found


def names(line: ast.Assign) -> list[ast.expr]:
    """The names that one assignment sets."""
    (target,) = line.targets
    return list(target.elts) if isinstance(target, ast.Tuple) else [target]


def literals(code: str) -> list[tuple[float, int]]:
    """(value without sign, line) of every numeric literal that is neither arithmetic nor exempt."""
    tree = ast.parse(code)
    free = exempt(tree)
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or isinstance(node.value, bool) or node in free:
            continue
        if isinstance(node.value, int | float) and node.value not in ARITHMETIC:
            found.append((float(node.value), node.lineno))
    return sorted(found)


def problems(texts: dict[str, str], listed: dict[tuple[str, float], tuple[int, str]]) -> list[str]:
    """Literals that nobody listed, and entries that do not hold, one message each."""
    said, seen = [], Counter[tuple[str, float]]()
    lines: dict[tuple[str, float], list[int]] = {}
    for file, code in texts.items():
        for value, line in literals(code):
            seen[file, value] += 1
            lines.setdefault((file, value), []).append(line)
    for (file, value), times in sorted(seen.items()):
        allowed = listed.get((file, value), (0, ""))[0]
        if times > allowed:
            where = ", ".join(str(n) for n in lines[file, value])
            said.append(
                f"sim/{file}: {value:g} in line {where}, listed {allowed} times: make it a "
                "parameter (calibration/parameters), or list it with a reason"
            )
    for (file, value), (times, _) in sorted(listed.items()):
        if seen[file, value] < times:
            said.append(f"sim/{file}: {value:g} is listed {times} times, found {seen[file, value]}")
    return said


def test_every_size_is_a_parameter_or_listed() -> None:
    texts = sources()
    assert len(texts) > 10
    assert problems(texts, LISTED) == []


def test_every_entry_has_a_reason() -> None:
    assert [key for key, (times, why) in LISTED.items() if times < 1 or len(why) < 10] == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("HEADROOM = 3.0", "3 in line 1"),
        ("x = -0.75", "0.75 in line 1"),
        ("def f(x=24):\n    return x", "24 in line 1"),
        ("y = [\n    x > 5\n]", "5 in line 2"),
        ("y = 2.0 * x", "2 in line 1"),
        ("y = x ** 3", "3 in line 1"),
        ("size = 3", "3 in line 1"),
    ],
)
def test_the_check_itself_finds_sizes(code: str, said: str) -> None:
    (found,) = problems({"x.py": code}, {})
    assert said in found


@pytest.mark.parametrize(
    "code",
    [
        '"""Loses 3.4 % in 60 months."""',
        "y = (x + 1) % 12 - x**2",
        'class A:\n    id, measure = "3.1", 3',
        "y = x[-1] * (1.0 - True)",
    ],
)
def test_arithmetic_and_text_are_no_sizes(code: str) -> None:
    assert problems({"x.py": code}, {}) == []


def test_an_entry_that_no_longer_holds_is_found() -> None:
    listed = {("x.py", 5.0): (2, "number of fields")}
    assert problems({"x.py": "y = 5 + 5"}, listed) == []
    assert "found 1" in problems({"x.py": "y = 5"}, listed)[0]
    assert "listed 2 times" in problems({"x.py": "y = 5 + 5 + 5"}, listed)[0]
