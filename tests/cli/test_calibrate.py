"""``kyodo calibrate`` and its checks: contracts, refusals, a profile of one's own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

CONTRACT = {"target", "role", "observed", "median", "p05", "p95", "z", "inside_90"}

OWN = """\
name: my_ward
extends: document
rows:
  collab_continuation:
    value: {continuation}
    unit: percent
    source: {{title: own survey}}
"""


def own_profile(folder: Path, continuation: float) -> Path:
    path = folder / "my_ward.yaml"
    path.write_text(OWN.format(continuation=continuation), encoding="utf-8")
    return path


def test_check_keeps_its_contract(invoke: Any) -> None:
    said = invoke("calibrate", "check", "--draws", "20", "--workers", "1", "--json", "--quiet")
    assert said.code == 0, said.err
    content = json.loads(said.out)
    assert all(set(row) >= CONTRACT for row in content["rows"])
    assert {row["role"] for row in content["rows"]} == {"fitted", "anchored", "input", "held_out"}
    assert sum(row["role"] == "fitted" for row in content["rows"]) == 14
    assert sum(row["role"] == "held_out" for row in content["rows"]) == 7
    assert content["log_score"]["posterior"] > content["log_score"]["prior"]


def test_recover_prints_every_parameter(invoke: Any) -> None:
    said = invoke("calibrate", "recover", "--truths", "40", "--json")
    assert said.code == 0, said.err
    content = json.loads(said.out)
    assert len(content["rows"]) == 52
    assert content["methods"][0]["truths"] == 40
    text = invoke("calibrate", "recover", "--truths", "40")
    assert "parameters identified; pooled coverage" in text.err


def test_identify_puts_the_best_informed_first(invoke: Any) -> None:
    rows = json.loads(invoke("calibrate", "identify", "--json").out)["rows"]
    ratios = [row["sd_ratio"] for row in rows]
    assert ratios == sorted(ratios)
    assert rows[0]["identified"]
    assert not rows[-1]["identified"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("calibrate", "--runs", "100"), 2, "128"),
        (
            ("calibrate", "--method", "linaer"),
            2,
            "unknown method 'linaer' (did you mean 'linear'?)",
        ),
        (("calibrate", "recover", "--method", "x"), 2, "unknown method 'x'"),
        (("calibrate", "--profile", "offical"), 2, "unknown profile 'offical'"),
        (("calibrate", "check", "--profile", "missing.yaml"), 2, "missing.yaml"),
    ],
)
def test_refusals(invoke: Any, arguments: tuple[str, ...], code: int, message: str) -> None:
    said = invoke(*arguments)
    assert said.code == code
    assert message in said.err
    assert not Path("results").exists()


def test_a_profile_that_was_not_calibrated_is_told_so(invoke: Any, tmp_path: Path) -> None:
    path = own_profile(tmp_path, 90.0)
    for command in ("check", "identify"):
        said = invoke("calibrate", command, "--profile", str(path))
        assert said.code == 2
        assert "was not calibrated: run kyodo calibrate --profile" in said.err


def test_a_folder_with_other_files_is_refused(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep", encoding="utf-8")
    said = invoke("calibrate", "--out", "out", "--runs", "128", "--quiet")
    assert said.code == 1
    assert "holds other files" in said.err
    assert (tmp_path / "out" / "mine.txt").read_text(encoding="utf-8") == "keep"


@pytest.mark.parametrize("command", [("calibrate",), ("calibrate", "recover")])
def test_a_missing_extra_prints_the_pip_line(
    invoke: Any, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:

    monkeypatch.setattr("sim.base.optional.find_spec", lambda name: None)
    said = invoke(*command)
    assert said.code == 1
    assert "pip install 'kyodo-sim[calibrate]'" in said.err


def test_the_defaults_of_the_command_are_those_of_the_calibration() -> None:
    import inspect

    from sim.calibrate import check, fit
    from sim.cli import calibrate as cli_calibrate

    given = inspect.signature(cli_calibrate.calibrate).parameters
    assert given["runs"].default == cli_calibrate.USUAL_RUNS == fit.DEFAULT_RUNS
    assert given["draws"].default == fit.DRAWS
    assert given["method"].default == fit.DEFAULT_METHOD
    assert inspect.signature(cli_calibrate.check).parameters["draws"].default == check.CHECK_DRAWS


@pytest.mark.parametrize("columns", ["80", "100"])
def test_a_table_on_a_narrow_terminal_loses_no_digit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: str
) -> None:
    from sim.cli import shared_options
    from sim.cli.calibrate import CHECK_COLUMNS

    row = dict.fromkeys(CHECK_COLUMNS, 0.123456) | {"target": "success_control_coordinators"}
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    shared_options.emit_table(CHECK_COLUMNS, [row])
    assert capsys.readouterr().out.count("0.123456") == len(CHECK_COLUMNS) - 1


@pytest.mark.slow
def test_fewer_runs_do_not_replace_a_better_posterior(invoke: Any, tmp_path: Path) -> None:
    """A calibration from stored runs stands; one with few runs of its own is kept apart."""
    path = own_profile(tmp_path, 84.2)
    assert invoke("calibrate", "--profile", str(path), "--out", "good", "--quiet").code == 0
    before = (tmp_path / "my_ward.posterior.parquet").read_bytes()
    rough = ("calibrate", "--profile", str(path), "--out", "rough", "--runs", "160", "--fresh")
    said = invoke(*rough)
    assert said.code == 1
    assert "rests on 4,352 runs, this one on 160" in said.err
    assert (tmp_path / "my_ward.posterior.parquet").read_bytes() == before
    assert (tmp_path / "rough" / "posterior.parquet").is_file()


@pytest.mark.slow
def test_a_profile_of_ones_own_is_calibrated_from_stored_runs(invoke: Any, tmp_path: Path) -> None:
    """Continuation a little higher than the document's: no run but those of the check is needed."""
    path = own_profile(tmp_path, 84.2)
    said = invoke("calibrate", "--profile", str(path), "--out", "out")
    assert said.code == 0, said.err
    assert "taken from stored runs: first wave and second wave" in said.err
    assert "collab_continuation: 0.837 -> 0.842" in said.err
    assert (tmp_path / "my_ward.posterior.parquet").is_file()
    checked = json.loads(
        invoke("calibrate", "check", "--profile", str(path), "--draws", "20", "--json").out
    )
    (row,) = [r for r in checked["rows"] if r["target"] == "continuation"]
    assert row["observed"] == pytest.approx(0.842)
    own_profile(tmp_path, 90.0)
    stale = invoke("run", "baseline", "--profile", str(path), "--years", "1", "--scale", "1/1000")
    assert stale.code == 3
    assert "made for other figures (collab_continuation 0.842 then, 0.9 now)" in stale.err


@pytest.mark.slow
def test_new_inputs_need_new_runs(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "smaller.yaml"
    path.write_text(
        "name: smaller\nextends: document\nrows:\n  npo_count:\n    value: 8753\n"
        "    source: {title: register}\n  vol_rate:\n    value: 21.3\n    unit: percent\n"
        "    source: {title: own survey}\n",
        encoding="utf-8",
    )
    said = invoke("calibrate", "--profile", str(path), "--out", "out", "--runs", "160", "--json")
    assert said.code == 0, said.err
    assert "all runs are new" in said.err
    changes = json.loads(said.out)["changes"]
    assert set(changes["figures"]) >= {"npo_count", "vol_rate", "npo_pool_share"}
    assert (tmp_path / "out" / "summary.md").is_file()
