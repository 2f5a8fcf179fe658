"""Pages of every command's folder: a message each, and the numbers of the tables."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from folders import DESIGNS, SLOW

from sim.errors import OutputError
from sim.report.build import build_report
from sim.report.labels import Labels, keys
from sim.report.pages import Report
from sim.report.pages_experiments import experiment_pages, own_findings
from sim.report.stored import read_folder

COMMANDS = [pytest.param(c, marks=pytest.mark.slow) if c in SLOW else c for c in DESIGNS]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_of_every_command_gives_pages(
    command: str, report_of: Callable[[str, str], Report]
) -> None:
    ja, en = report_of(command, "ja"), report_of(command, "en")
    for report in (ja, en):
        assert report.pages
        assert report.charts
        for page in report.pages:
            assert page.title
            assert page.message
            assert "{" not in page.message + page.title
        for ids in ([p.id for p in report.pages], [c.id for c in report.charts]):
            assert len(set(ids)) == len(ids), "ids name files, sheets and anchors"
        assert report.limits
        assert report.credits
        assert set(report.figures["status"])
    own = [p for p in ja.pages if p.id != "findings"]
    other = [p for p in en.pages if p.id != "findings"]
    assert [p.id for p in own] == [p.id for p in other]
    assert all(a.message != b.message for a, b in zip(own, other, strict=True))


def test_findings_of_the_command_stand_first_in_its_own_language(
    folder_of: Callable[[str], Path],
) -> None:
    stored = read_folder(folder_of("prioritise"))
    summary = (stored.folder / "summary.md").read_text(encoding="utf-8")
    (page,) = own_findings(stored, Labels("en"))
    assert page.message in summary.replace("**", "").replace("`", "").replace("*", "")
    assert own_findings(stored, Labels("ja")) == ()


def test_waterfall_of_attribution_has_the_tables_means(
    report_of: Callable[[str, str], Report], folder_of: Callable[[str], Path]
) -> None:
    shares = read_folder(folder_of("attribute")).tables["shares"]
    year = shares["fiscal_year"].max()
    rows = shares.loc[(shares["fiscal_year"] == year) & (shares["level"] == "initiative")]
    for chart in report_of("attribute", "en").charts:
        if chart.kind != "waterfall":
            continue
        indicator = chart.id.removesuffix("_waterfall")
        steps = chart.table.loc[chart.table["kind"] == "step"]
        mine = rows.loc[rows["indicator"] == indicator]
        assert list(steps["value"]) == list(mine["mean"])
        first, last = chart.table["value"].iloc[[0, -1]]
        assert first + steps["value"].sum() == pytest.approx(last)
        assert [label.split()[0] for label in steps["label"]] == list(mine["id"])


def test_sweep_counts_every_run_once(folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / "sweep"
    shutil.copytree(folder_of("sweep"), folder)
    shard = next((folder / "shards").glob("*.parquet"))
    shutil.copy(shard, shard.with_name("again.parquet"))  # as if two jobs had recorded a run
    chart = next(c for c in build_report(folder, "en").charts if c.id.startswith("M1-KGI-1"))
    assert list(chart.table["runs"]) == [2, 2]
    assert list(chart.table["scenario"]) == ["baseline", "m1"]
    assert (chart.table["low"] <= chart.table["median"]).all()
    assert (chart.table["median"] <= chart.table["high"]).all()


def test_discover_shares_are_misses_over_draws(
    report_of: Callable[[str, str], Report], folder_of: Callable[[str], Path]
) -> None:
    table = read_folder(folder_of("discover")).tables["discover"].drop_duplicates("indicator")
    chart = next(c for c in report_of("discover", "en").charts if c.id == "missed")
    assert list(chart.table["value"]) == list(table["missed"] / table["draws"])


def test_unknown_commands_are_refused(folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(folder_of("discover"), folder)
    manifest = folder / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("kyodo discover", "kyodo divine"), encoding="utf-8")
    with pytest.raises(OutputError, match="no report is made of 'kyodo divine'"):
        experiment_pages(read_folder(folder), Labels("en"))
    manifest.unlink()
    with pytest.raises(OutputError, match="not finished"):
        build_report(folder)


def test_words_of_pages_are_all_used(root: Path) -> None:
    """No label of the report's own files is left over."""
    code = "".join(p.read_text(encoding="utf-8") for p in (root / "sim/report").glob("*.py"))
    own = [k for k in keys() if k.startswith(("exp_", "html_", "tip_"))]
    by_rule = ("exp_facts_", "exp_box_", "exp_sweep_", "html_")
    left = [k for k in own if f'"{k}"' not in code and not k.startswith(by_rule)]
    left = [k for k in left if k.removeprefix("exp_") not in code]
    assert left == []
