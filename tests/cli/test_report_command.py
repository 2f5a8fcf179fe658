"""``kyodo report`` on the command line: files, formats, refusals."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.report.build import build_report
from sim.report.export import DEFAULT, FORMATS, formats_of

COMPARE = ("compare", "m1", "--draws", "2", "--years", "1", "--scale", "1/1000", "--quiet",
           "--workers", "1", "--out", "results")  # fmt: skip


@pytest.fixture
def results(invoke: Any, model: Any, plain_report: None, tmp_path: Path) -> Path:
    """A folder of results of a stand-in model, in the working folder."""
    assert invoke(*COMPARE).code == 0
    return tmp_path / "results"


def test_html_and_csv_are_written_and_named(invoke: Any, results: Path) -> None:
    got = invoke("report", "results", "--format", "csv", "--format", "html", "--lang", "ja")
    assert got.code == 0, got.err
    names = [str(Path(line).relative_to("results/report")) for line in got.out.split()]
    assert names == ["report.html", "csv/about.csv", "csv/figures.csv", "csv/comparison.csv",
                     "csv/results.csv"]  # fmt: skip
    assert '<html lang="ja">' in (results / "report/report.html").read_text(encoding="utf-8")
    left = [p.name for p in (results / "report").rglob("*") if p.name.startswith(".")]
    assert left == [], "temporary files are renamed"


def test_csv_opens_in_excel_and_holds_the_sheets(invoke: Any, results: Path) -> None:
    assert invoke("report", "results", "--format", "csv", "--out", "there", "--quiet").out == ""
    report = build_report(results, "en")
    for name, table in {**report.sheets, "figures": report.figures}.items():
        path = results.parent / "there/csv" / f"{name}.csv"
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        again = pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False)
        assert list(again.columns) == list(table.columns)
        assert len(again) == len(table)
    about = pd.read_csv(results.parent / "there/csv/about.csv", encoding="utf-8-sig")
    assert set(report.limits) <= set(about["text"])
    assert set(report.credits) <= set(about["text"])


def test_formats_are_named_clearly(invoke: Any, results: Path) -> None:
    got = invoke("report", "results", "--format", "htlm")
    assert got.code == 2
    assert "did you mean 'html'?" in got.err
    assert formats_of(["all"]) == FORMATS
    assert formats_of(["csv", "html", "csv"]) == ("html", "csv")
    assert set(DEFAULT) < set(FORMATS)


def test_folders_without_results_are_refused(invoke: Any, results: Path) -> None:
    got = invoke("report", "nowhere")
    assert (got.code, "no folder nowhere" in got.err) == (1, True)
    (results.parent / "empty").mkdir()
    got = invoke("report", "empty")
    assert (got.code, "holds no results of kyodo" in got.err) == (1, True)
    (results / "manifest.json").unlink()
    got = invoke("report", "results")
    assert (got.code, "not finished" in got.err) == (1, True)


@pytest.mark.parametrize(
    ("kind", "module", "extra"),
    [
        ("html", "vl_convert", "report"),
        ("xlsx", "xlsxwriter", "report"),
        ("pptx", "pptx", "report"),
    ],
)
def test_missing_extra_is_named(
    invoke: Any, results: Path, monkeypatch: pytest.MonkeyPatch, kind: str, module: str, extra: str
) -> None:

    monkeypatch.setattr("sim.base.optional.find_spec", lambda name: None if name == module else sys)
    got = invoke("report", "results", "--format", kind)
    assert got.code == 1
    assert f"pip install 'kyodo-sim[{extra}]'" in got.err
    assert not (results / "report").exists()


def test_a_file_in_the_way_is_told(invoke: Any, results: Path) -> None:
    (results / "report").write_text("in the way", encoding="utf-8")
    got = invoke("report", "results", "--format", "html")
    assert got.code == 1
    assert "cannot write" in got.err
