"""The command line in this process, on a stand-in for the model."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fake_model import fake_model


@dataclass(frozen=True)
class Outcome:
    """What a command left: exit code and both streams."""

    code: int
    out: str
    err: str


Invoke = Callable[..., Outcome]


@pytest.fixture
def invoke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Invoke]:
    """Run the command in an empty folder: ``invoke("compare", "m1")``."""
    from sim.cli.main import main

    monkeypatch.chdir(tmp_path)
    handler = signal.getsignal(signal.SIGTERM)

    def call(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["kyodo", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        code = end.value.code
        return Outcome(code if isinstance(code, int) else int(code is not None), said.out, said.err)

    yield call
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A model that needs no time; its ``burn_ins`` tell what was run."""
    fake = fake_model()
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    return fake


@pytest.fixture
def plain_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report without pictures, which have tests of their own."""
    from sim.report.charts import pictures

    monkeypatch.setattr(pictures, "write_pictures", lambda *_, **__: [])
