"""Wheel, source distribution and editable install, each in a fresh environment, from elsewhere.

Marked slow: each installs all dependencies from the package registry.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TINY = ("--scale", "1/1000", "--years", "1", "--draws", "2", "--json")

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must succeed, run without the checkout in its path."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution of the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--sdist", "--outdir", folder, ROOT, cwd=folder)
    return folder


def installed(folder: Path, *what: str | Path) -> Path:
    """The scripts folder of a fresh environment with ``what`` installed under the constraints."""
    venv.create(folder / "env", with_pip=True)
    scripts = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    pip = (scripts / "python", "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt")
    run(*pip, *what, cwd=folder)
    return scripts


def works(scripts: Path, folder: Path) -> None:
    """The command finds its bundled data and compares, from an empty folder."""
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    rows = json.loads(run(scripts / "kyodo", "describe", "scenarios", "--json", cwd=elsewhere))
    assert {"baseline", "m1", "all_measures", "staged", "kobe"} <= {r["id"] for r in rows["rows"]}
    said = run(scripts / "kyodo", "compare", "baseline", "m1", *TINY, cwd=elsewhere)
    assert json.loads(said)["scenarios"] == ["baseline", "m1"]
    assert len(list(elsewhere.glob("results/compare-*/results.parquet"))) == 1
    assert len(list(elsewhere.glob("results/compare-*/charts/*.png"))) > 20


def test_the_wheel_works(built: Path, tmp_path: Path) -> None:
    works(installed(tmp_path, next(built.glob("*.whl"))), tmp_path)


def test_the_source_distribution_works(built: Path, tmp_path: Path) -> None:
    works(installed(tmp_path, next(built.glob("*.tar.gz"))), tmp_path)


def test_an_editable_install_works(tmp_path: Path) -> None:
    works(installed(tmp_path, "-e", ROOT), tmp_path)


def test_the_wheel_holds_the_data_and_no_tests(built: Path) -> None:
    names = set(zipfile.ZipFile(next(built.glob("*.whl"))).namelist())
    assert "sim/_data/scenarios/baseline.yaml" in names
    assert any(n.startswith("sim/_data/calibration/parameters/") for n in names)
    assert any(n.startswith("sim/_data/calibration/places/tokyo23/") for n in names)
    assert not [n for n in names if n.startswith(("tests/", "docs/", "scenarios/"))]
    for path in (p for p in (ROOT / "sim").rglob("*") if p.suffix in {".py", ".yaml", ".typed"}):
        if "_data" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in names


def test_the_source_distribution_holds_what_the_tests_need(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for needed in ("tests/conftest.py", "constraints.txt", "README.md", ".ci/run", "LICENSE"):
        assert needed in names
