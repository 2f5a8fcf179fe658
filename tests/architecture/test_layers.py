"""The layers of the design: a module imports lower layers only, and some libraries in one place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SIM = Path(__file__).resolve().parents[2] / "sim"

# Lowest first. A module may import modules of lower rows, and of its own row where SAME says so.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("resources", "kernels", "formula"),
    ("randomness", "randomness_kernels", "effects_kernels"),
    (
        "distributions",
        "evidence",
        "evidence_rows",
        "profile_files",
        "wards",
        "parameters",
        "parameter_files",
        "posterior",
        "priors",
    ),
    ("agents", "effects"),
    ("processes", "measures", "indicators"),
    ("scenario", "scenario_files", "scenario_schema", "scenario_sections", "schedule"),
    ("model",),
    ("runs",),
    ("calibrate", "experiments"),
    ("report",),
    (
        "app",
        "cli",
    ),
    ("__init__", "__main__"),
)
NEVER_EACH_OTHER = ({"processes", "measures", "indicators"},)
"""Units of one row that may not import each other (deliveries go through the ledger in effects)."""

ONLY_IN: dict[str, tuple[str, ...]] = {
    "numba": ("randomness.py", "kernels.py", "*_kernels.py"),
    "mesa": ("model.py", "model_*.py", "agents/*.py"),
    "matplotlib": ("report/*.py",),
    "matplotlib_fontja": ("report/*.py",),
    "SALib": ("experiments/sensitivity.py",),
    "pymoo": ("experiments/*.py",),
    "duckdb": ("runs/query.py",),
    "distributed": ("runs/cluster.py",),
    "multiprocessing": ("runs/workers.py",),
    "concurrent": ("runs/workers.py", "runs/cluster.py"),
    "typer": ("cli*.py",),
}

RANDOM = {"random", "secrets", "uuid"}
NOT_DRAWS = {("app/sessions.py", "secrets")}
"""Where such a library may be used: nobody may guess the tokens of sessions; no run sees them."""


def modules() -> list[Path]:
    """All modules of sim, those of bundled data left out."""
    return sorted(p for p in SIM.rglob("*.py") if "_data" not in p.parts)


def unit_of(path: Path) -> str:
    """The layer unit of a file: its package, or its own name at the top of sim."""
    parts = path.relative_to(SIM).parts
    return parts[0] if len(parts) > 1 else path.stem


def imports_of(tree: ast.AST) -> list[tuple[str, int, bool]]:
    """(dotted name, line, only for type checkers) of every import, inside functions too."""
    typing_only: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            typing_only |= {inner for part in node.body for inner in ast.walk(part)}
    found = []
    for node in ast.walk(tree):
        for name in names_of(node):
            found.append((name, getattr(node, "lineno", 0), node in typing_only))
    return found


def names_of(node: ast.AST) -> list[str]:
    """Dotted names that one import statement reaches for; ``from sim import x`` gives ``sim.x``."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def layer(unit: str) -> int:
    """The row of a unit (``cli_x`` is part of ``cli``); a module that no row names fails."""
    unit = "cli" if unit.startswith("cli_") else unit
    for row, units in enumerate(LAYERS):
        if unit in units:
            return row
    raise AssertionError(f"sim/{unit}: name its layer in LAYERS (tests/architecture)")


def target_unit(name: str) -> str | None:
    """The unit that an imported dotted name belongs to, or None outside sim."""
    parts = name.split(".")
    if parts[0] != "sim":
        return None
    known = {unit for row in LAYERS for unit in row} | {unit_of(path) for path in modules()}
    return parts[1] if len(parts) > 1 and parts[1] in known else "__init__"


def layer_problems(path: Path, tree: ast.AST) -> list[str]:
    """Imports of one module that point upwards."""
    here = unit_of(path)
    problems = []
    for name, line, _ in imports_of(tree):
        unit = target_unit(name)
        if unit is None or unit == here or unit == "__init__":
            continue
        forbidden = layer(unit) > layer(here)
        forbidden |= any(here in group and unit in group for group in NEVER_EACH_OTHER)
        if forbidden:
            problems.append(f"{path.name}:{line}: {here} may not import {unit}")
    return problems


def library_problems(path: Path, tree: ast.AST) -> list[str]:
    """Imports of libraries that belong in one place."""
    relative = path.relative_to(SIM)
    problems = []
    for name, line, typing_only in imports_of(tree):
        top = name.split(".")[0]
        allowed = ONLY_IN.get(top)
        if allowed and not typing_only and not any(relative.match(p) for p in allowed):
            problems.append(f"{relative}:{line}: {top} belongs in {', '.join(allowed)}")
        if top in RANDOM and (relative.as_posix(), top) not in NOT_DRAWS:
            problems.append(f"{relative}:{line}: {top}: every draw is keyed (sim/randomness.py)")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or relative.name == "randomness.py":
            continue
        if ast.unparse(node) in ("np.random", "numpy.random"):
            problems.append(f"{relative}:{node.lineno}: numpy.random belongs in randomness.py")
    return problems


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SIM)))
def test_module_imports_only_lower_layers(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert layer_problems(path, tree) + library_problems(path, tree) == []


@pytest.mark.parametrize(
    ("file", "code", "said"),
    [
        ("randomness.py", "from sim.model import BurnIn", "may not import model"),
        ("processes/x.py", "import sim.measures.base", "may not import measures"),
        ("indicators.py", "from sim.measures import INITIATIVES", "may not import measures"),
        (
            "agents/x.py",
            "def f():\n    from sim.scenario import Scenario",
            "may not import scenario",
        ),
        ("model.py", "import matplotlib.pyplot", "belongs in report"),
        ("agents/x.py", "from concurrent.futures import Executor", "belongs in runs/workers.py"),
        ("effects.py", "import numba", "belongs in randomness.py"),
        ("model.py", "import random", "every draw is keyed"),
        ("app/jobs.py", "import secrets", "every draw is keyed"),
        ("model.py", "import numpy as np\nx = np.random.default_rng()", "numpy.random belongs"),
    ],
)
def test_the_check_itself_finds_breaches(file: str, code: str, said: str) -> None:
    path, tree = SIM / file, ast.parse(code)
    found = layer_problems(path, tree) + library_problems(path, tree)
    assert len(found) == 1
    assert said in found[0]
