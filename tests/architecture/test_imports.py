"""What is imported when: a light start, lazy public names, no side effects."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import sim

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("mesa", "numba", "pandas", "scipy", "matplotlib", "pyarrow", "SALib")

HELP = """
import contextlib, io, sys
sys.argv = ["kyodo", "--help"]
from sim.cli.main import main
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()) as said:
    main()
assert "compare" in said.getvalue()
"""


def loaded_by(code: str) -> set[str]:
    """Top-level names of all modules that are loaded after ``code`` in a fresh process."""
    code += "\nimport json, sys; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("code", ["import sim", "import sim; dir(sim)", HELP])
def test_a_light_start_loads_no_heavy_library(code: str) -> None:
    assert loaded_by(code) & set(HEAVY) == set()


def test_the_check_sees_heavy_libraries() -> None:
    assert "pandas" in loaded_by("import pandas")


@pytest.mark.parametrize("name", sim.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    assert getattr(sim, name) is not None
    assert name in dir(sim)


def test_an_unknown_name_is_an_attribute_error() -> None:
    name = "modell"
    with pytest.raises(AttributeError, match="no attribute 'modell'"):
        getattr(sim, name)


def test_the_tour_names_every_public_name_that_it_needs() -> None:
    tour = sim.__doc__ or ""
    for name in ("RunSpec", "run", "compare", "load_scenario", "CollaborationModel", "INDICATORS"):
        assert f"sim.{name}" in tour


def test_importing_sim_changes_no_environment() -> None:
    code = (
        "import os; before = dict(os.environ)\n"
        "import sim, sim.runs.workers; print(before == dict(os.environ))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True"
