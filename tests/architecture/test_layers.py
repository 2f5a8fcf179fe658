"""The layers of the design: a module imports lower layers only, and some libraries in one place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SIM = Path(__file__).resolve().parents[2] / "sim"

FLOORS: tuple[tuple[str, ...], ...] = (
    ("base",),
    ("figures", "places"),
    ("scenario",),
    ("model",),
    ("runs",),
    ("calibrate",),
    ("pages",),
    ("analyses",),
    ("report",),
    ("app", "cli"),
    ("__init__", "__main__"),
)
"""Rooms of ``sim``, the lowest first. A module imports those of its own room and of lower ones."""

INSIDE: dict[str, tuple[tuple[str, ...], ...]] = {
    "base": (
        ("errors",),
        ("files", "calendar", "scale", "formula", "rows", "optional", "user_choices"),
        ("strict_yaml", "kernels"),
        ("randomness_kernels",),
        ("randomness", "distributions"),
    ),
    "model": (
        ("effects_kernels",),
        ("effects",),
        ("agents",),
        ("processes", "measures", "indicators"),
        ("schedule",),
        ("start",),
        ("model",),
    ),
}
"""Floors within a room, the lowest first."""

NEVER_EACH_OTHER = (
    {"model/processes", "model/measures", "model/indicators"},
    {"app", "cli"},
)
"""Rooms beside each other that may not import each other (deliveries of measures go through the
ledger in effects)."""

MAY = {("cli/serve.py", "app")}
"""(file, room) that a wall would part: the command that starts the page."""

DOOR = ("model/start.py", "figures/parameters")
"""The one way by which figures enter the model: as parameters. No other module of it reads the
registry or a profile."""

WALLS = {"analyses": ("shared",)}
"""Rooms whose folders may not import each other's modules, and the folders open to all of them."""

ONLY_IN: dict[str, tuple[str, ...]] = {
    "numba": ("base/randomness.py", "base/kernels.py", "*_kernels.py"),
    "mesa": ("model/model.py", "model/agents/*.py"),
    "matplotlib": ("report/charts/picture*.py", "report/figures_parts.py", "report/fonts.py"),
    "matplotlib_fontja": ("report/fonts.py",),
    "SALib": ("analyses/sensitivity/*.py",),
    "pymoo": ("analyses/optimise/*.py",),
    "duckdb": ("runs/query.py",),
    "distributed": ("runs/cluster.py",),
    "multiprocessing": ("runs/workers.py",),
    "concurrent": ("runs/workers.py", "runs/cluster.py"),
    "typer": ("cli/*.py",),
}

RANDOM = {"random", "secrets", "uuid"}
NOT_DRAWS = {("app/sessions.py", "secrets")}
"""Where such a library may be used: nobody may guess the tokens of sessions; no run sees them."""


def modules() -> list[Path]:
    """All modules of sim, those of bundled data left out."""
    return sorted(p for p in SIM.rglob("*.py") if "_data" not in p.parts)


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


def row_of(name: str, rows: tuple[tuple[str, ...], ...]) -> int:
    """The row that names a room or a part of one; a part that no row names fails."""
    for number, names in enumerate(rows):
        if name in names:
            return number
    raise AssertionError(f"{name}: name its floor in FLOORS or INSIDE (tests/architecture)")


def home_of(dotted: str) -> tuple[str, ...] | None:
    """Where an imported name is: ("model", "agents", "npos"); None outside sim."""
    parts = dotted.split(".")
    if parts[0] != "sim":
        return None
    while len(parts) > 1 and not at(parts).exists() and not at(parts).with_suffix(".py").exists():
        parts.pop()
    return tuple(parts[1:]) or ("__init__",)


def at(parts: list[str]) -> Path:
    """The path of a dotted name, without a suffix."""
    return SIM.joinpath(*parts[1:])


def layer_problems(path: Path, tree: ast.AST) -> list[str]:
    """Imports of one module that point upwards, or through a wall."""
    relative = path.relative_to(SIM)
    here = relative.with_suffix("").parts
    found = []
    for name, line, _ in imports_of(tree):
        there = home_of(name)
        if there is None or there == ("__init__",):
            continue
        if (relative.as_posix(), there[0]) not in MAY and barred(here, there):
            found.append(f"{relative}:{line}: {'/'.join(here)} may not import {'/'.join(there)}")
        elif (here[0], there[0]) == ("model", "figures"):
            if (relative.as_posix(), "/".join(there)) != DOOR:
                found.append(f"{relative}:{line}: figures enter the model as parameters only")
    return found


def barred(here: tuple[str, ...], there: tuple[str, ...]) -> bool:
    """Whether one module may not import another: a higher floor, or another folder's insides."""
    if row_of(there[0], FLOORS) > row_of(here[0], FLOORS):
        return True
    for group in NEVER_EACH_OTHER:
        own = {room for room in group if "/".join(here).startswith(f"{room}/") or here[0] == room}
        other = {r for r in group if "/".join((*there, "")).startswith(f"{r}/")}
        if own and other and own != other:
            return True
    if here[0] != there[0] or len(there) < 2:
        return False
    rows = INSIDE.get(here[0])
    if rows is not None:
        return row_of(there[1], rows) > row_of(here[1], rows)
    if here[0] in WALLS and len(here) > 2 and len(there) > 1:
        open_to_all = WALLS[here[0]]
        is_folder = (SIM / there[0] / there[1]).is_dir()
        return is_folder and there[1] != here[1] and there[1] not in open_to_all
    return False


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
            problems.append(
                f"{relative}:{line}: {top}: every draw is keyed (sim/base/randomness.py)"
            )
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
        ("base/randomness.py", "from sim.model.model import BurnIn", "may not import model"),
        ("model/processes/x.py", "import sim.model.measures.base", "may not import model/measures"),
        ("model/indicators/x.py", "from sim.model.measures import INITIATIVES", "may not import"),
        ("model/agents/x.py", "def f():\n    from sim.model import schedule", "may not import"),
        ("model/agents/x.py", "def f():\n    from sim.runs.spec import RunSpec", "may not import"),
        ("scenario/types.py", "from sim.model.measures import INITIATIVES", "may not import model"),
        ("analyses/sweep/x.py", "from sim.analyses.compare import tables", "may not import"),
        ("analyses/sweep/x.py", "from sim.report import palette", "may not import report"),
        ("pages/page.py", "from sim.analyses.shared import means", "may not import analyses"),
        ("app/jobs.py", "from sim.cli.main import main", "may not import cli"),
        ("model/model.py", "from sim.figures.evidence import load_profile", "as parameters only"),
        ("model/agents/x.py", "def f():\n    from sim.figures import profiles", "parameters only"),
        ("model/agents/x.py", "from sim.figures.parameters import load_parameters", "as parameter"),
        ("model/model.py", "import matplotlib.pyplot", "belongs in report"),
        ("model/agents/x.py", "from concurrent.futures import Executor", "runs/workers.py"),
        ("model/effects.py", "import numba", "belongs in base/randomness.py"),
        ("model/model.py", "import random", "every draw is keyed"),
        ("app/jobs.py", "import secrets", "every draw is keyed"),
        ("model/model.py", "import numpy as np\nx = np.random.default_rng()", "numpy.random"),
    ],
)
def test_the_check_itself_finds_breaches(file: str, code: str, said: str) -> None:
    path, tree = SIM / file, ast.parse(code)
    found = layer_problems(path, tree) + library_problems(path, tree)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("analyses/sweep/x.py", "from sim.analyses.shared import means"),
        ("cli/serve.py", "from sim.app.app import create_app"),
        ("model/model.py", "from sim.model.agents.world import World"),
        ("model/start.py", "from sim.figures.parameters import load_parameters"),
    ],
)
def test_the_check_lets_pass_what_is_meant(file: str, code: str) -> None:
    assert layer_problems(SIM / file, ast.parse(code)) == []


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """Groups of names that reach each other, each sorted; none in a graph without circles."""
    import networkx

    graph = networkx.DiGraph([(a, b) for a, others in arrows.items() for b in others if a != b])
    return [sorted(g) for g in networkx.strongly_connected_components(graph) if len(g) > 1]


def test_no_circle_of_imports() -> None:
    # imports within functions and for type checkers count: a circle is a circle
    arrows = {}
    for path in modules():
        relative = path.relative_to(SIM).with_suffix("")
        here = "/".join(relative.parts[:-1] if relative.name == "__init__" else relative.parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        homes = [home_of(name) for name, _, _ in imports_of(tree)]
        arrows[here] = {"/".join(home) for home in homes if home not in (None, ("__init__",))}
    assert len(arrows) > 200
    assert circles(arrows) == []


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
