"""Pictures of a folder of results, with limits and credits beside them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from office_reports import real

from sim.base.errors import UsageError
from sim.pages.page import Report
from sim.report.charts.pictures import charts_of
from sim.report.files.pictures import write_picture_folder


def test_only_the_kinds_asked_for_and_a_text(tmp_path: Path) -> None:
    report = real("ja")
    few = replace(report, pages=tuple(p for p in report.pages if p.id in ("M1-KGI-1", "targets")))
    files = write_picture_folder(few, tmp_path / "p", ["svg"])
    assert [f.name for f in files] == ["M1-KGI-1.svg", "targets.svg", "README.txt"]
    assert sorted(p.name for p in (tmp_path / "p").iterdir()) == sorted(f.name for f in files)
    text = files[-1].read_text(encoding="utf-8-sig")
    assert all(line in text for line in (report.headline, *report.limits, *report.credits))


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_experiments_are_drawn_in_the_reports_language(
    lang: str, report_of: Callable[[str, str], Report], tmp_path: Path
) -> None:
    report = report_of("sensitivity", lang)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns about a letter that it cannot draw
        files = write_picture_folder(report, tmp_path, ["png"])
    drawn = [page.id for page in report.pages if charts_of(page)]
    assert {f.stem for f in files[:-1]} == set(drawn) != set()
    assert report.foot.lines
    assert ("予測" in report.foot.lines[0]) == (lang == "ja")


def test_an_unknown_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"jpg.*png or svg"):
        write_picture_folder(real("ja"), tmp_path, ["jpg"])
