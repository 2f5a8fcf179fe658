"""``describe``, ``validate``, ``--help`` and ``--version``; streams of a real process."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.cli.describe import DESCRIBED

FLAGS = (
    "draws", "replicates", "scale", "years", "profile", "discount", "set", "seed", "workers",
    "by", "out", "force", "resume", "lang", "json", "quiet",
)  # fmt: skip
ROOT = Path(sim.__file__).resolve().parents[1]


@pytest.mark.parametrize("kind", DESCRIBED)
def test_describe_json_has_rows_with_ids(kind: str, invoke: Any) -> None:
    done = invoke("describe", kind, "--json")
    assert (done.code, done.err) == (0, "")
    content = json.loads(done.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    ids = [row["id"] for row in content["rows"]]
    assert len(ids) == len(set(ids)) > 0


@pytest.mark.parametrize("kind", DESCRIBED)
def test_describe_prints_a_line_per_row_into_a_pipe(kind: str, invoke: Any) -> None:
    rows = json.loads(invoke("describe", kind, "--json").out)["rows"]
    lines = invoke("describe", kind).out.splitlines()
    assert len(lines) == 1 + len(rows)
    assert {line.count("\t") for line in lines} == {len(DESCRIBED[kind].columns) - 1}
    assert [line.split("\t")[0] for line in lines[1:]] == [str(row["id"]) for row in rows]


def test_describe_evidence_filters(invoke: Any) -> None:
    rows = json.loads(invoke("describe", "evidence", "--json").out)["rows"]
    targets = json.loads(invoke("describe", "evidence", "--role", "target", "--json").out)["rows"]
    assert targets == [row for row in rows if row["role"] == "target"]
    assert 24 <= len(targets) < len(rows)
    found = json.loads(invoke("describe", "evidence", "--grep", "VOL_RATE", "--json").out)["rows"]
    assert "vol_rate" in {row["id"] for row in found}
    assert len(found) < len(rows)


def test_describe_evidence_exports_all_columns(invoke: Any, tmp_path: Path) -> None:
    done = invoke("describe", "evidence", "--csv", "evidence.csv")
    assert done.code == 0
    with (tmp_path / "evidence.csv").open(encoding="utf-8-sig", newline="") as stream:
        exported = list(csv.DictReader(stream))
    rows = json.loads(invoke("describe", "evidence", "--json").out)["rows"]
    assert [row["id"] for row in exported] == [row["id"] for row in rows]
    assert set(exported[0]) == set(rows[0])


def test_describe_in_japanese(invoke: Any) -> None:
    english = invoke("describe", "indicators", "--lang", "en").out
    japanese = invoke("describe", "indicators", "--lang", "ja").out
    assert english != japanese
    assert not english.isascii() or not japanese.isascii()


def test_validate_names_what_a_file_is(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("id: mine\nname: {en: Mine}\nextends: m1\n", encoding="utf-8")
    done = invoke("validate", "mine.yaml")
    assert done.code == 0
    assert "valid scenario 'mine'" in done.out
    assert json.loads(invoke("validate", "mine.yaml", "--json").out)["rows"][0]["id"] == "mine.yaml"


def test_validate_points_at_the_line_and_the_nearest_name(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("id: mine\nname: {en: Mine}\nextend: m1\n", encoding="utf-8")
    done = invoke("validate", "mine.yaml")
    assert (done.code, done.out) == (3, "")
    assert "mine.yaml:3: " in done.err
    assert "did you mean 'extends'?" in done.err
    assert len(done.err.splitlines()) == 1


def test_debugging_shows_the_traceback(invoke: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.base.errors import UsageError

    monkeypatch.setenv("KYODO_DEBUG", "1")
    with pytest.raises(UsageError, match="scale"):
        invoke("compare", "--scale", "0")


def test_version_and_help(kyodo: Any) -> None:
    assert kyodo("--version").stdout == f"kyodo {sim.__version__}\n"
    shown = kyodo("compare", "--help", env={"COLUMNS": "160", "NO_COLOR": "1"})
    assert shown.returncode == 0
    for flag in FLAGS:
        assert f"--{flag} " in shown.stdout


@pytest.mark.parametrize("arguments", [("describe", "decisions"), ("--version",)], ids=str)
def test_a_closed_pipe_ends_quietly(arguments: tuple[str, ...]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()  # long before the command can print anything
    said = process.stderr.read()
    assert (process.wait(timeout=60), said) == (0, "")
    process.stderr.close()


def test_a_terminal_without_japanese_gets_escapes_and_no_error(kyodo: Any) -> None:
    done = kyodo("describe", "scenarios", "--lang", "ja", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "\\u" in done.stdout


LONG = ("compare", "m1", "--scale", "1/100", "--draws", "40", "--workers", "2", "--out", "here")


def gone(group: int, within: float) -> bool:
    """Whether every process of a group has ended after at most so many seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_of_a_real_study_ends_its_workers(tmp_path: Path, number: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *LONG],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 120
        while not list(tmp_path.glob("here/shards/*.parquet")):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.2)
        os.killpg(process.pid, number)
        out, err = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert process.returncode == 130
    assert (out, "Traceback" in err) == ("", False)
    shards = list(tmp_path.glob("here/shards/*.parquet"))
    assert 0 < len(shards) < 40
    assert not [p for p in tmp_path.rglob("*") if p.name.startswith(".")]
    assert gone(process.pid, within=30)
