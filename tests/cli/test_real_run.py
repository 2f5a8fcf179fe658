"""The real command line on the real model, once from end to end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def kyodo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in its own process."""
    command = [sys.executable, "-m", "sim", *arguments]
    root = Path(__file__).resolve().parents[2]
    environment = {"PYTHONPATH": str(root)}
    import os

    return subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True
    )


def test_one_scenario_without_the_baseline(tmp_path: Path) -> None:
    done = kyodo(
        tmp_path, "run", "m1", "--scale", "1/1000", "--years", "1", "--out", "r", "--json",
        "--workers", "1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert {row["scenario"] for row in rows} == {"m1"}
    for name in ("results.parquet", "manifest.json", "summary.md", "charts/overview.png"):
        assert (tmp_path / "r" / name).stat().st_size > 0
