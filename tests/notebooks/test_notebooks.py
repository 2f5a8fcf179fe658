"""Every notebook runs from top to bottom and leaves what it promises."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.py"))


def test_there_are_notebooks() -> None:
    assert [n.name for n in NOTEBOOKS] == ["first_run.py"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_notebook_runs(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = runpy.run_path(str(path))
    assert not names["study"].failures
    assert len(names["chart"].axes) >= 2
    printed = capsys.readouterr().out
    assert "unverified" in printed
    assert "m3" in printed
