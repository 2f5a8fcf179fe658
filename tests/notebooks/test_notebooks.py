"""Notebooks: every source runs on its small design, and the executed ones are made from it."""

from __future__ import annotations

import base64
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
SOURCES = sorted(FOLDER.glob("[0-9]*.py"))
SAID = {
    "01_first_run": ("unverified", "m3"),
    "02_compare_measures": ("M1-KGI-1", "all_measures"),
    "03_uncertainty": ("range", "behaviour", "effects", "chance"),
    "04_calibration": ("23 of 52", "400 sets"),
    "05_sensitivity": ("stable:", "overall"),
    "06_presentation_charts": ("trajectory.png", "survival.svg"),
}
"""What each prints."""
CHARTS = {"01": 1, "02": 2, "03": 1, "04": 0, "05": 2, "06": 8}
"""How many charts each shows."""


def execute() -> dict[str, Any]:
    """The names of notebooks/execute.py."""
    return runpy.run_path(str(FOLDER / "execute.py"))


def executed(source: Path) -> dict[str, Any]:
    """The notebook beside a source."""
    content: dict[str, Any] = json.loads(source.with_suffix(".ipynb").read_text(encoding="utf-8"))
    return content


def test_there_are_notebooks_and_the_readme_lists_them() -> None:
    assert [s.stem for s in SOURCES] == list(SAID)
    assert sorted(p.stem for p in FOLDER.glob("*.ipynb")) == list(SAID)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [s.name for s in SOURCES if f"({s.name})" not in readme] == []


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_a_source_runs(
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    names = runpy.run_path(str(source))
    if "study" in names:
        assert not names["study"].failures
    printed = capsys.readouterr().out
    assert [word for word in SAID[source.stem] if word not in printed] == []
    if "written" in names:
        assert len(names["written"]) == 16
        assert all((tmp_path / file).stat().st_size > 5000 for file in names["written"])


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_the_executed_notebook_is_that_of_the_source(source: Path) -> None:
    made, found = execute()["read"](source), executed(source)
    cells = [(c["id"], c["cell_type"], "".join(c["source"])) for c in found["cells"]]
    assert cells == [(c["id"], c.cell_type, c.source) for c in made.cells], (
        f"run: python notebooks/execute.py {source.stem[:2]}"
    )


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_outputs_are_small_without_errors_and_say_nothing_of_a_machine(source: Path) -> None:
    path = source.with_suffix(".ipynb")
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_size < execute()["LIMIT"]
    code = [c for c in executed(source)["cells"] if c["cell_type"] == "code"]
    assert [c["execution_count"] for c in code] == list(range(1, len(code) + 1))
    outputs = [o for c in code for o in c["outputs"]]
    assert {o["output_type"] for o in outputs} <= {"stream", "execute_result"}
    assert all(o.get("name", "stdout") == "stdout" for o in outputs)
    assert 'execution": {' not in text  # times of the cells
    folders = [f"/{name}/" for name in ("home", "root", "tmp", "work", "Users")]
    assert [found for found in (*folders, ":\\\\", "site-packages") if found in text] == []
    pictures = [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]
    assert len(pictures) == CHARTS[source.stem[:2]]
    for picture in pictures:
        assert base64.b64decode(picture)[:4] == b"\x89PNG"
    printed = "".join("".join(o.get("text", "")) for o in outputs)
    assert [word for word in SAID[source.stem] if word not in printed] == []


@pytest.mark.slow
def test_the_script_writes_what_is_committed(tmp_path: Path) -> None:
    """Notebook 04 only reads the bundled record, so that its numbers are the same everywhere."""
    for name in ("execute.py", "04_calibration.py"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    env = {**os.environ, "PYTHONPATH": str(FOLDER.parent)}
    call = [sys.executable, str(tmp_path / "execute.py"), "04"]
    done = subprocess.run(call, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "04_calibration.ipynb" in done.stdout
    again = (tmp_path / "04_calibration.ipynb").read_text(encoding="utf-8")
    assert json.loads(again) == executed(FOLDER / "04_calibration.py")


@pytest.mark.slow
def test_a_cell_that_fails_is_no_notebook(tmp_path: Path) -> None:
    (tmp_path / "execute.py").write_bytes((FOLDER / "execute.py").read_bytes())
    (tmp_path / "09_broken.py").write_text("# %%\nraise ValueError('no')\n", encoding="utf-8")
    call = [sys.executable, str(tmp_path / "execute.py"), "09"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "ValueError" in done.stderr
    assert not list(tmp_path.glob("*.ipynb"))
