"""Bad command lines: the exit code, one clear line, nothing run and nothing written.

tests/broken/cli/cases.csv lists them. In its arguments {file} is an ordinary file, {bad} a file
that is not YAML, and {none} a path with nothing there; ``says`` is a part of the message.
"""

from __future__ import annotations

import csv
import shlex
from pathlib import Path
from typing import Any

import pytest

TABLE = Path(__file__).resolve().parents[1] / "broken" / "cli" / "cases.csv"
with TABLE.open(encoding="utf-8", newline="") as stream:
    CASES = {case["name"]: case for case in csv.DictReader(stream)}


@pytest.mark.parametrize("name", CASES)
def test_a_bad_command_line_is_refused(name: str, invoke: Any, model: Any, tmp_path: Path) -> None:
    case = CASES[name]
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    paths = {key: inputs / key for key in ("file", "none")} | {"bad": inputs / "bad.yaml"}
    paths["file"].write_text("x", encoding="utf-8")
    paths["bad"].write_text("id: bad\nname: ]\n", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    done = invoke(*shlex.split(case["arguments"].format(**paths)))
    assert done.code == int(case["exit"]), done.err
    said = " ".join(done.err.replace("│", " ").split())
    assert " ".join(case["says"].split()) in said
    assert "Traceback" not in done.err
    assert done.out == ""
    assert model.burn_ins == []
    assert sorted(tmp_path.rglob("*")) == before


def test_there_are_at_least_twenty() -> None:
    assert len(CASES) >= 20
    assert {int(case["exit"]) for case in CASES.values()} == {1, 2, 3}
