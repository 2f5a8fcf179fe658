"""``kyodo factcheck`` and ``kyodo discover`` on the real model, small, from end to end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from test_real_run import kyodo

SMALL = ("--scale", "1/1000", "--years", "1", "--workers", "1")


@pytest.mark.slow
def test_factcheck_from_end_to_end(tmp_path: Path) -> None:
    asked = ("factcheck", "--draws", "20", "--moved-draws", "0", *SMALL, "--out", "r", "--json")
    done = kyodo(tmp_path, *asked, "--lang", "ja")
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert {r["table"] for r in content["rows"]} == {"facts", "judgement", "costs", "groups"}
    assert len(content["decisions"]) == 9
    for name in ("factcheck.csv", "summary.md", "manifest.json", "charts/factcheck_facts.png"):
        assert (tmp_path / "r" / name).stat().st_size > 0
    summary = (tmp_path / "r" / "summary.md").read_text(encoding="utf-8")
    assert summary.index("## 限界") < summary.index("## まず検証")


@pytest.mark.slow
def test_another_value_of_a_solved_project_needs_no_new_run(tmp_path: Path) -> None:
    asked = ("factcheck", "--draws", "20", *SMALL, "--out", "r", "--json")
    first = kyodo(tmp_path, *asked)
    assert first.returncode == 0, first.stderr
    content = json.loads(first.stdout)
    assert "sizes" in {r["table"] for r in content["rows"]}
    again = kyodo(tmp_path, *asked, "--value", "200000000", "--lang", "en")
    assert again.returncode == 0, again.stderr
    dear = json.loads(again.stdout)
    assert dear["manifest"]["runs"]["read_from_store"] >= 180
    assert dear["value_per_project"] == 2e8
    assert dear["evpi"] > content["evpi"]


def test_discover_from_end_to_end(tmp_path: Path) -> None:
    asked = ("discover", "m3", "--draws", "24", *SMALL, "--out", "r", "--json")
    done = kyodo(tmp_path, *asked)
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert {row["scenario"] for row in content["rows"]} == {"m3"}
    assert "M1-KGI-1" in {row["indicator"] for row in content["rows"]}
    # another goal needs no new run
    again = kyodo(tmp_path, *asked, "--goal", "solved_projects=1160")
    assert again.returncode == 0, again.stderr
    own = json.loads(again.stdout)
    assert own["manifest"]["runs"]["read_from_store"] == 48
    assert [row["indicator"] for row in own["rows"]] == ["solved_projects"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("factcheck", "--draws", "5"), "at least 20"),
        (("factcheck", "--moved-draws", "33"), "power of two"),
        (("factcheck", "--value", "0"), "not above 0"),
        (("factcheck", "--set", "collaboration.trend=0.05"), "cannot be set here"),
        (("discover", "m1", "--goal", "M1-KGI-1=80"), "is a share: write it as a fraction"),
        (("discover", "m1", "--goal", "M1-KGI-1=80%"), "--goal M1-KGI-1: '80%' is not a number"),
        (("discover", "baseline"), "no initiative"),
        (("discover", "m1", "--draws", "5"), "at least 24"),
        (("discover", "m1", "--goal", "M1-KGI=1"), "did you mean 'M1-KGI-"),
        (("discover", "m9"), "unknown scenario"),
    ],
)
def test_refused_before_anything_is_run(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = kyodo(tmp_path, *arguments)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, sim.cli.main; from typer.testing import CliRunner;"
        "[CliRunner().invoke(sim.cli.main.app, [c, '--help']) for c in ('factcheck', 'discover')];"
        "print([m for m in ('numpy', 'pandas', 'sklearn', 'scipy', 'matplotlib', 'numba')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
