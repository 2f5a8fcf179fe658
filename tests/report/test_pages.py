"""Pages of every command's folder: a message each, and the numbers of the tables."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from folders import DESIGNS, SLOW, full_model
from report_parts import make

from sim.analyses.compare.call import compare
from sim.analyses.compare.pages import chances_page
from sim.analyses.compare.pages_indicator import chances_table, message
from sim.analyses.folder import read_kept
from sim.analyses.optimise.pages_plan import ranking_page
from sim.analyses.sweep.tables import last_values
from sim.analyses.tables import Tables
from sim.analyses.words import Words
from sim.base.errors import OutputError
from sim.model.indicators import INDICATORS
from sim.pages.labels import keys
from sim.pages.page import Report
from sim.report.build import build_report

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
            assert not any("**" in text for text in (page.message, page.title, *page.notes))
            assert not any("**" in chart.reading for chart in page.charts)
        for ids in ([p.id for p in report.pages], [c.id for c in report.charts]):
            assert len(set(ids)) == len(ids), "ids name files, sheets and anchors"
        assert report.limits
        assert report.credits
        assert set(report.figures["status"])
    own = [p for p in ja.pages if p.id != "findings"]
    other = [p for p in en.pages if p.id != "findings"]
    assert [p.id for p in own] == [p.id for p in other]
    assert all(a.message != b.message for a, b in zip(own, other, strict=True))


def test_waterfall_of_attribution_has_the_tables_means(
    report_of: Callable[[str, str], Report], folder_of: Callable[[str], Path]
) -> None:
    shares = read_kept(folder_of("attribute")).tables["shares"]
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


def test_message_gives_both_chances_with_their_intervals() -> None:
    case = make(4, ("baseline", "m1", "all_measures"), 3)
    indicator = INDICATORS["M1-KGI-1"]
    rows = case.rows.copy()
    for scenario, chance in (("baseline", 0.25), ("m1", 0.5), ("all_measures", 0.75)):
        mine = (rows["scenario"] == scenario) & (rows["indicator"] == indicator.id)
        rows.loc[mine, ["probability_target", "probability_low", "probability_high"]] = [
            chance, chance - 0.2, chance + 0.2,
        ]  # fmt: skip
        rows.loc[mine, "reachable"] = True
    rows["probability_target_baseline"] = 0.25
    said = message(case.with_rows(lambda _: rows).view(), indicator)
    assert "in 75 % of the runs (95 % interval 55 % to 95 %)" in said
    assert "without any measure in 25 % (5 % to 45 %)" in said
    mine = rows["scenario"] == "m1"
    alone = make(4, ("m1",), 3).with_rows(lambda _: rows[mine].assign(effect_median=float("nan")))
    said = message(alone.view(), indicator)
    assert said.endswith("in 50 % of the runs (95 % interval 30 % to 70 %).")


def test_chances_of_the_key_years_are_the_rows() -> None:
    case = make(8, ("baseline", "m1", "all_measures"), 4)
    (chart,) = chances_table(case.view(), INDICATORS["M1-KGI-1"])
    assert list(chart.table["scenario"]) == ["m1", "m1", "all_measures", "all_measures"]
    assert list(chart.table["fiscal_year"]) == [2026, 2027] * 2
    rows = case.rows.loc[case.rows["indicator"] == "M1-KGI-1"]
    rows = rows.set_index(["scenario", "fiscal_year"])
    for row in chart.table.to_dict(orient="records"):
        own = rows.loc[("baseline", row["fiscal_year"])]
        mine = rows.loc[(row["scenario"], row["fiscal_year"])]
        for column in ("probability_target", "probability_low", "probability_high"):
            assert row[column] == mine[column]
            assert row[f"{column}_baseline"] == own[column]


def test_page_of_chances_leaves_out_what_doing_nothing_reaches() -> None:
    case = make(8, ("baseline", "all_measures"), 3)
    rows = case.rows.copy()
    outcomes = [k for k, i in INDICATORS.items() if i.kind == "outcome"]
    rows["probability_target"] = rows["probability_target"].where(rows["target"].isna(), 0.1)
    both, more = rows["indicator"] == outcomes[0], rows["indicator"] == outcomes[1]
    rows.loc[both, "probability_target"] = 0.9
    rows.loc[more & (rows["scenario"] == "all_measures"), "probability_target"] = 0.8
    (page,) = chances_page(case.with_rows(lambda _: rows).view())
    assert "beyond the 1 of 12 outcome targets" in page.message
    assert page.message.endswith("does so for 1.")
    cells = page.charts[0].table
    assert list(cells["value"].head(2)) == [0.9, 0.9]
    assert list(cells.loc[cells["row"].str.startswith(outcomes[1]), "value"]) == [0.1, 0.8]


def test_a_target_out_of_reach_is_called_so(report_of: Callable[[str, str], Report]) -> None:
    pages = {page.id: page for page in report_of("run", "en").pages}
    assert "out of reach by construction" in pages["M3-KSI-1"].message
    assert "out of reach" not in pages["M1-KGI-1"].message
    notes = {c.id: c.table.get("note") for c in report_of("run", "en").charts}
    assert set(notes["M3-KSI-1_chances"]) == {"out of reach by construction"}
    assert notes["M1-KGI-1_chances"] is None


def test_pairs_of_which_a_run_failed_are_left_out(
    monkeypatch: pytest.MonkeyPatch, folder_of: Callable[[str], Path]
) -> None:
    """Also of the scenarios that have their run of that pair: a difference stays paired."""
    whole = read_kept(folder_of("compare")).tables["results"]
    lost = next(s for s in whole["scenario"] if s != "baseline")
    bad = int(whole["draw"].min())
    fake = full_model()
    burn_in = fake.BurnIn

    class Broken:
        def __init__(self, **given: Any):
            self.whole, self.draw = burn_in(**given), given["draw"]

        def branch(self, scenario: Any, *given: Any, **more: Any) -> Any:
            if scenario.id == lost and self.draw == bad:
                raise ZeroDivisionError("no one left")
            return self.whole.branch(scenario, *given, **more)

    fake.BurnIn = Broken
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    left = compare(["m1", "all_measures"], draws=3, years=2, scale="1/1000")
    assert left.left_out == ((bad, 0),)
    values = whole.loc[
        (whole["indicator"] == "M1-KGI-1") & (whole["fiscal_year"] == 2025)
        & (whole["scenario"] == "baseline") & (whole["draw"] != bad), "value"
    ]  # fmt: skip
    assert len(values) == 2
    rows = left.rows
    row = rows.loc[
        (rows["scenario"] == "baseline") & (rows["indicator"] == "M1-KGI-1")
        & (rows["fiscal_year"] == 2025)
    ]  # fmt: skip
    assert list(row["median"]) == [pytest.approx(values.median())]


@pytest.mark.slow
def test_optimise_shows_the_baselines_own_chances(
    report_of: Callable[[str, str], Report], folder_of: Callable[[str], Path]
) -> None:
    report = report_of("optimise", "en")
    table = read_kept(folder_of("optimise")).tables["targets"]
    last = table.loc[(table["fiscal_year"] == table["fiscal_year"].max())
                     & (table["world"] == "flat")]  # fmt: skip
    own = last.drop_duplicates("indicator").set_index("indicator")["probability_target_baseline"]
    cells = next(c for c in report.charts if c.id == "chances").table
    shown = cells.loc[cells["column"] == "Baseline"]
    assert list(shown["value"]) == list(own)
    page = next(p for p in report.pages if p.id == "chances")
    assert f"beyond the {(own > 0.5).sum()} of {len(own)} outcome targets" in page.message
    offered = read_kept(folder_of("optimise")).tables["plans"].query("offered")["plan"]
    mine = last.loc[last["plan"].isin(offered) & (last["probability_target"] > 0.5)]
    new = set(mine["indicator"]) - set(own.index[own > 0.5])
    assert f"does so for {len(new)} " in page.message


def test_ranking_by_cost_says_where_it_flips() -> None:
    ranking = pd.DataFrame({
        "rank": [1, 2], "plan": ["plan_2", "plan_1"], "cost_per_extra_solved": [1e6, 2e6],
        "flips_at": [1.75, None], "next": ["plan_1", None],
    })  # fmt: skip
    page = ranking_page(Tables({"ranking": ranking}), Words("optimise", "en"))
    assert "changes places with plan_1 if its costs are 1.75 times" in page.message
    assert page.charts[0].table["flips_at"].iloc[0] == 1.75


def test_cost_of_prioritise_says_where_it_flips(
    report_of: Callable[[str, str], Report], folder_of: Callable[[str], Path]
) -> None:
    costs = read_kept(folder_of("prioritise")).tables["costs"]
    page = next(p for p in report_of("prioritise", "en").pages if p.id == "criterion_cost")
    (chart,) = [c for c in page.charts if c.id == "cost_flips"]
    assumed = [cell.partition(" ")[0] for cell in chart.table.iloc[:, 1]]
    assert assumed == [f"{value:.2f}" for value in costs["assumed_median"]]
    told = [cell.startswith("not given") for cell in chart.table.iloc[:, 2]]
    assert told == [not given for given in costs["given"]]


def test_sweep_takes_whole_years_of_all_wards(
    folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = tmp_path / "sweep"
    shutil.copytree(folder_of("sweep"), folder)
    expected = last_values(folder, 2025)
    for shard in (folder / "shards").glob("*.parquet"):
        held = pq.read_table(shard)
        rows = held.to_pandas()
        more = [rows.assign(ward="13101", value=9e9), rows.assign(month="2025-05", value=9e9)]
        every = pd.concat([rows, *more], ignore_index=True)
        table = pa.Table.from_pandas(every, preserve_index=False)
        pq.write_table(table.cast(held.schema).replace_schema_metadata(held.schema.metadata), shard)
    again = last_values(folder, 2025)
    pd.testing.assert_frame_equal(again, expected)


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
    table = read_kept(folder_of("discover")).tables["discover"].drop_duplicates("indicator")
    chart = next(c for c in report_of("discover", "en").charts if c.id == "missed")
    assert list(chart.table["value"]) == list(table["missed"] / table["draws"])


def test_unknown_commands_are_refused(folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(folder_of("discover"), folder)
    manifest = folder / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(
        text.replace('"analysis": "discover"', '"analysis": "divine"'), encoding="utf-8"
    )
    with pytest.raises(OutputError, match="another version of kyodo"):
        build_report(folder)
    manifest.unlink()
    with pytest.raises(OutputError, match="not finished"):
        build_report(folder)


def test_words_of_pages_are_all_used(root: Path) -> None:
    """No label of the report's own files is left over."""
    code = "".join(p.read_text(encoding="utf-8") for p in (root / "sim").rglob("*.py"))
    own = [k for k in keys() if k.startswith(("exp_", "html_", "tip_"))]
    by_rule = ("exp_facts_", "exp_box_", "exp_sweep_", "html_")
    left = [k for k in own if f'"{k}"' not in code and not k.startswith(by_rule)]
    left = [k for k in left if k.removeprefix("exp_") not in code]
    assert left == []
