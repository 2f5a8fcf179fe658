"""The code that the package and the README show runs as it stands."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

import sim

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def test_the_tour_in_the_docstring_runs() -> None:
    tour = (sim.__doc__ or "").partition("tour::\n")[2].partition("\nThe figures of")[0]
    names: dict[str, Any] = {}
    exec(compile(textwrap.dedent(tour), "tour", "exec"), names)
    assert names["result"].spec is names["spec"]
    assert len(names["result"].table) > 100
    assert {"baseline", "m1"} == set(names["study"].rows["scenario"])
    assert names["model"].world.month == 1


def test_the_python_in_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert "M1-KGI-1" in capsys.readouterr().out
    assert names["study"].rows["effect_median"].notna().any()
    assert names["model"].running
