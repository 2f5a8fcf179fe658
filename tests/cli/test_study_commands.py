"""``compare`` and ``run``: streams, files, JSON, failures, resume, on a stand-in for the model."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_model import fake_model

pytestmark = pytest.mark.usefixtures("plain_report")

SMALL = ("--draws", "2", "--years", "3", "--scale", "1/1000", "--workers", "1")
ROW = {
    "scenario",
    "indicator",
    "fiscal_year",
    "unit",
    "median",
    "p05",
    "p95",
    "effect_median",
    "effect_p05",
    "effect_p95",
    "target",
    "probability_target",
    "status",
    "provisional",
}


def test_json_is_all_there_is_on_stdout(invoke: Any, model: Any) -> None:
    done = invoke("compare", "m1", "m2", *SMALL, "--json")
    assert done.code == 0
    content = json.loads(done.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert set(content) == {"scenarios", "rows", "manifest"}
    assert content["scenarios"] == ["baseline", "m1", "m2"]
    rows = content["rows"]
    assert all(set(row) >= ROW for row in rows)
    assert len(rows) == 3 * 2 * 3
    base = [row for row in rows if row["scenario"] == "baseline"]
    assert all(row["effect_median"] is None for row in base)
    solved = next(r for r in rows if r["scenario"] == "m1" and r["indicator"] == "M1-KGI-1")
    assert solved["effect_median"] == pytest.approx(0.125 * 5)
    gone = [row for row in rows if row["indicator"] == "M2-KPIoc-1"]
    assert {row["status"] for row in gone} == {"not_available"}
    assert all(row["median"] is None for row in gone)


def test_the_first_line_on_stderr_says_what_runs_and_how_long(invoke: Any, model: Any) -> None:
    done = invoke("compare", "m1", *SMALL)
    first = done.err.splitlines()[0]
    assert first.startswith("kyodo compare: 2 scenarios x 2 draws x 1 replicate: 4 runs of 3 years")
    for part in ("scale 1/1000", "about 8,638 residents", "on 1 worker", " s; results in "):
        assert part in first
    assert done.out.startswith("Kyodo: comparison of scenarios\n")


def test_without_names_the_eight_standard_scenarios_run(invoke: Any, model: Any) -> None:
    content = json.loads(invoke("compare", *SMALL, "--json").out)
    assert content["scenarios"] == [
        "baseline", "m1", "m2", "m3", "m1_m2", "m1_m3", "m2_m3", "all_measures",
    ]  # fmt: skip


def test_quiet_prints_nothing(invoke: Any, model: Any) -> None:
    done = invoke("compare", "m1", *SMALL, "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")
    done = invoke("compare", "m1", *SMALL, "--quiet", "--json")
    assert json.loads(done.out)["scenarios"] == ["baseline", "m1"]
    assert done.err == ""


def test_files_go_to_a_folder_named_by_the_study(invoke: Any, model: Any, tmp_path: Path) -> None:
    invoke("compare", "m1", *SMALL)
    invoke("compare", "m1", *SMALL, "--seed", "1")
    folders = sorted(tmp_path.glob("results/compare-????????"))
    assert len(folders) == 2
    for folder in folders:
        names = {p.name for p in folder.iterdir()}
        wanted = {"results.parquet", "results.csv", "manifest.json", "summary.md"}
        assert wanted | {"comparison.csv", "scenarios"} <= names


def test_the_manifest_says_what_the_numbers_rest_on(
    invoke: Any, model: Any, tmp_path: Path
) -> None:
    invoke("compare", "m1", *SMALL, "--out", "here")
    manifest = json.loads((tmp_path / "here" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == [f"kyodo compare m1 {' '.join(SMALL)} --out here"]
    assert manifest["design"]["seed"] == 0
    assert manifest["design"]["scale"] == "1/1000"
    assert {"burn_in_seconds", "run_seconds_without_burn_in"} <= set(manifest["timings"])
    assert any("SSDSE-A-2026" in line for line in manifest["credits"])
    assert manifest["provisional_parameters"] == [], "all are calibrated for this profile"
    assert "parameters of behaviour" in " ".join(manifest["interval"]["contains"])
    parts = manifest["facts"]["interval_parts"]
    assert parts == {"source": "none", "how": "kyodo compare --explain N"}
    assert manifest["design"]["discount"] == {"baseline": "discounted", "m1": "discounted"}
    assert {"mesa", "numba", "numpy"} <= set(manifest["packages"])


def test_another_study_is_refused_unless_forced(invoke: Any, model: Any, tmp_path: Path) -> None:
    assert invoke("compare", "m1", *SMALL, "--out", "here").code == 0
    burn_ins = len(model.burn_ins)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    done = invoke("compare", "m2", *SMALL, "--out", "here")
    assert done.code == 1
    assert "another study" in done.err
    assert "--force" in done.err
    assert len(model.burn_ins) == burn_ins
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    assert invoke("compare", "m2", *SMALL, "--out", "here", "--force").code == 0


def test_resume_computes_only_what_is_missing(invoke: Any, model: Any) -> None:
    invoke("compare", "m1", *SMALL, "--out", "here")
    more = ("--draws", "5", *SMALL[2:], "--out", "here", "--resume")
    done = invoke("compare", "m1", *more)
    assert [given["draw"] for given in model.burn_ins] == [0, 1, 2, 3, 4]
    assert "4 of 10 runs are there already" in done.err


def test_failed_runs_are_named_and_the_exit_code_is_one(
    invoke: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = fake_model({"m1": ZeroDivisionError("no one left")})
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    done = invoke("compare", "m1", *SMALL, "--out", "here")
    assert done.code == 1
    assert "error: run failed: m1, draw 1, replicate 0: ZeroDivisionError: no one left" in done.err
    assert "2 of 4 runs failed" in done.err
    manifest = json.loads((tmp_path / "here" / "manifest.json").read_text(encoding="utf-8"))
    assert [f["scenario"] for f in manifest["failures"]] == ["m1", "m1"]
    assert "Traceback" in manifest["failures"][0]["traceback"]


def test_json_is_printed_even_when_every_run_failed(
    invoke: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sim.model.model", fake_model({"burn-in": ValueError("x")}))
    done = invoke("compare", "m1", *SMALL, "--json")
    assert done.code == 1
    content = json.loads(done.out)
    assert content["rows"] == []
    assert content["manifest"]["runs"]["failed"] == 4


def test_explain_adds_runs_and_says_what_the_intervals_come_from(
    invoke: Any, model: Any, tmp_path: Path
) -> None:
    call = ("compare", "m1", *SMALL, "--explain", "5", "--out", "here", "--json")
    done = invoke(*call)
    assert done.code == 0, done.err
    # f and c of three draws, c of the two of the study, e of m1 in all five
    assert "what the intervals come from, 5 draws: 21 runs" in done.err
    assert len(model.burn_ins) == 2 + 5 + 5
    content = json.loads(done.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    block = content["interval_parts"]
    assert (block["source"], block["draws"]) == ("runs", 5)
    assert {row["part"] for row in block["rows"]} == {"behaviour", "effects", "chance"}
    manifest = json.loads((tmp_path / "here" / "manifest.json").read_text(encoding="utf-8"))
    kept = {k: v for k, v in block.items() if k != "rows"}
    assert manifest["facts"]["interval_parts"] == kept
    table = (tmp_path / "here" / "interval_parts.csv").read_bytes()
    files = (tmp_path / "here" / "summary.md").read_text(encoding="utf-8").rsplit("## ", 1)[1]
    assert "interval_parts.csv" in files
    again = invoke(*call, "--resume")
    assert len(model.burn_ins) == 2 + 5 + 5
    assert json.loads(again.out)["interval_parts"]["rows"] == block["rows"]
    assert (tmp_path / "here" / "interval_parts.csv").read_bytes() == table
    invoke("compare", "m1", *SMALL, "--out", "here")  # the same study still knows
    assert (tmp_path / "here" / "interval_parts.csv").read_bytes() == table


def test_explain_with_too_few_draws_is_refused(invoke: Any, model: Any) -> None:
    done = invoke("compare", "m1", *SMALL, "--explain", "3")
    assert done.code == 2
    assert "at least 4" in done.err
    assert model.burn_ins == []


def test_an_interrupt_exits_130_and_resume_goes_on(
    invoke: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "sim.model.model", fake_model({"m1": KeyboardInterrupt}))
    done = invoke("compare", "m1", *SMALL, "--out", "here")
    assert done.code == 130
    assert "Traceback" not in done.err
    assert not (tmp_path / "here" / "results.parquet").exists()
    fake = fake_model()
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    assert invoke("compare", "m1", *SMALL, "--out", "here", "--resume").code == 0


def test_an_error_in_the_program_itself_is_not_hidden(
    invoke: Any, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sim.report.tell

    def broken(*given: Any, **more: Any) -> str:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(sim.report.tell, "terminal_lines", broken)
    with pytest.raises(ZeroDivisionError, match="a mistake of ours"):
        invoke("compare", "m1", *SMALL)


def test_run_uses_central_values_and_needs_no_baseline(invoke: Any, model: Any) -> None:
    content = json.loads(invoke("run", "m1", "--years", "2", "--json").out)
    assert content["scenarios"] == ["m1"]
    assert [given["draw"] for given in model.burn_ins] == [None]
    assert content["manifest"]["design"]["draws"] is None
    assert all(row["effect_median"] is None for row in content["rows"])


def test_overrides_reach_the_burn_in(invoke: Any, model: Any) -> None:
    from sim.figures.parameters import load_parameters

    name, value = next((p.id, p.value) for p in load_parameters().values())
    assert invoke("run", "m1", "--years", "1", "--set", f"{name}={value}").code == 0
    assert model.burn_ins[0]["parameters"] == {name: value}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LC_ALL": "ja_JP.UTF-8"}, "ja"),
        ({"LC_ALL": "", "LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "ja_JP.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.cli.shared_options import Lang, language

    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language(None) == expected
    assert language(Lang.ja) == "ja"


def test_the_time_left_is_told_from_a_span_that_can_tell_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The first batches of two workers come in together; the start of the workers is no pace."""
    from sim.cli.running import progress_bar

    with progress_bar(400, quiet=False) as progress:
        assert progress is not None
        for done, seconds in ((0, 0.0), (8, 5.9), (16, 6.0), (40, 9.0), (56, 12.0), (72, 15.0)):
            progress(done, 400, seconds)
    assert capsys.readouterr().err == "56 of 400 runs done in 12 s; about 45 s left\n"
