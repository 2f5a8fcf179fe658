"""Fixtures that all tests share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

Completed = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture
def kyodo(tmp_path: Path) -> Callable[..., Completed]:
    """Run the command in a process of its own, in an empty folder: ``kyodo("run", "m1")``."""

    def call(
        *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 300
    ) -> Completed:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **(env or {})}
        return subprocess.run(
            [sys.executable, "-m", "sim", *arguments],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    return call


@pytest.fixture(autouse=True)
def _same_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests see neither the user's debug switch nor the locale of the machine."""
    monkeypatch.delenv("KYODO_DEBUG", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


# Compiling takes longer than any deadline, and a test must not depend on the day's random examples.
settings.register_profile("kyodo", deadline=None, derandomize=True)
settings.load_profile("kyodo")
