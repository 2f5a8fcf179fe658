"""The workbook: native charts of the runs' values, and data sheets that a machine can read."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from office_reports import EVIL, case, kinds, real
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from sim.analyses.shared.comparison import comparison_rows
from sim.model.indicators import INDICATORS
from sim.report.charts.axes import axis_bounds
from sim.report.charts.office_series import WATERFALL, drawn, waterfall_parts
from sim.report.columns import meanings
from sim.report.files.workbook import write_workbook
from sim.report.files.workbook_data import MOST_ROWS

DATA = {"comparison", "results", "figures", "dictionary", "facts_found"}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(real(), tmp_path_factory.mktemp("excel") / "report.xlsx")


@pytest.fixture(scope="module")
def book(file: Path) -> Workbook:
    return load_workbook(file)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return load_workbook(write_workbook(kinds(), tmp_path_factory.mktemp("kinds") / "r.xlsx"))


def data_sheets(book: Workbook) -> list[Worksheet]:
    return [s for s in book.worksheets if s.title in DATA or s.title.startswith("chart_")]


def faults(sheet: Worksheet) -> list[str]:
    """What breaks the ministry's rules for machine-readable tables."""
    rows = list(sheet.iter_rows())
    head = [c.value for c in rows[0]]
    out = [f"merged {r}" for r in sheet.merged_cells.ranges]
    if any(not isinstance(h, str) or not h.strip() for h in head) or len(set(head)) < len(head):
        out.append("header")
    out += ["empty row" for row in rows[1:] if all(c.value is None for c in row)]
    for cells in zip(*rows, strict=True):
        kinds = set()
        for cell in cells[1:]:
            value = cell.value
            if cell.data_type == "f":
                out.append(f"formula {cell.coordinate}")
            if isinstance(value, str) and (value != " ".join(value.split()) or value == ""):
                out.append(f"line break or space {cell.coordinate}")
            name = cells[0].value
            if isinstance(value, str) and re.fullmatch(r"[-+△▲¥]?[\d,]+(\.\d+)?[%円人件]?", value):
                if name not in ("ward", "id", "initiative", "factor", "mixed"):
                    out.append(f"number as text {cell.coordinate}")
            if value is not None:
                kinds.add(
                    bool if isinstance(value, bool) else str if isinstance(value, str) else float
                )
        if len(kinds) > 1:
            out.append(f"types of column {cells[0].value}")
    return out


def frame(sheet: Worksheet) -> pd.DataFrame:
    head, *rows = sheet.iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=[str(h) for h in head])


def span(book: Workbook, reference: str) -> list[Any]:
    """The values of the cells that a series refers to."""
    sheet, cells = reference.rsplit("!", 1)
    area = book[sheet.strip("'")][cells.replace("$", "")]
    return [c.value for row in area for c in row] if isinstance(area, tuple) else [area.value]


def test_data_sheets_are_machine_readable(book: Workbook, other: Workbook) -> None:
    for one in (book, other):
        sheets = data_sheets(one)
        assert len(sheets) >= 6
        assert {s.title: f for s in sheets if (f := faults(s))} == {}


@pytest.mark.parametrize(
    ("value", "fault"),
    [("=1+1", "formula"), ("a\nb", "line break"), ("1,850", "number as text"), ("x", "types")],
)
def test_the_checker_sees_faults(value: str, fault: str) -> None:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in (["id_", "value"], ["a", 1.0], ["b", value]):
        sheet.append(row)
    assert any(fault in f for f in faults(sheet))
    sheet.merge_cells("A2:B2")
    assert any("merged" in f for f in faults(sheet))


def test_first_sheet_says_what_limits_the_numbers(book: Workbook) -> None:
    sheet = book.worksheets[0]
    assert sheet.title == "お読みください"
    text = {str(c.value) for row in sheet.iter_rows() for c in row if c.value}
    report = real()
    assert {
        report.headline.replace("  ", " "),
        report.command,
        *report.limits,
        *report.credits,
    } <= text
    assert {s.title for s in book.worksheets[1:]} <= text
    assert all(v in text for _, v in report.ran)


def test_every_page_has_native_charts_with_texts_for_those_who_do_not_see(
    file: Path, book: Workbook
) -> None:
    for page in real().pages:
        assert len(book[page.id]._charts) == sum(map(drawn, page.charts))
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        drawings = [archive.read(n).decode() for n in names if n.startswith("xl/drawings/drawing")]
        assert not [n for n in names if "media" in n]  # no pictures of charts
        assert not any("<f>" in archive.read(n).decode() for n in names if "worksheets" in n)
    texts = re.findall(r'descr="([^"]*)"', "".join(drawings))
    shown = [page for page in real().pages if any(map(drawn, page.charts))]
    # all chances are a heatmap, all indicators at a glance a table, details mostly words
    plain = {p.id for p in real().pages if p not in shown and not p.detail}
    assert plain == {"chances", "overview"}
    assert len(texts) == sum(map(drawn, real().charts)) == len(set(texts))
    assert all(page.message[:10] in "".join(texts) for page in shown)


def test_series_hold_the_values_of_the_runs_to_the_last_digit(book: Workbook) -> None:
    """From results.parquet by the documented aggregation, not by what the report was given."""
    from sim.figures.evidence import load_profile

    rows = comparison_rows(case().comparison.table, INDICATORS, load_profile())
    rows = rows.loc[rows["ward"] == "all"] if "ward" in rows else rows
    checked = 0
    for page in (p for p in real().pages if p.id in INDICATORS):
        mine = rows.loc[rows["indicator"] == page.id]
        path, ends = book[page.id]._charts
        by_name: dict[str, list[Any]] = {}
        for series in path.series:
            by_name.setdefault(str(series.tx.v), span(book, series.val.numRef.f))
        table = next(c for c in real().charts if c.kind == "trajectory").table
        for scenario in table["scenario"].unique():
            name = table.loc[table["scenario"] == scenario, "name"].iloc[0]
            part = mine.loc[mine["scenario"] == scenario].sort_values("fiscal_year")
            for word, column in (
                (name, "median"),
                (f"{name}：下端", "low"),
                (f"{name}：上端", "high"),
            ):
                if word in by_name:
                    expected = [None if v != v else v for v in part[column]]
                    assert by_name[word] == expected, (page.id, word)
                    checked += 1
        last = mine.loc[mine["fiscal_year"] == mine["fiscal_year"].max()].set_index("scenario")
        order = list(dict.fromkeys(table["scenario"]))
        for series, column in zip(ends.series, ("median", "low", "high", "target"), strict=False):
            expected = [None if v != v else v for v in last.loc[order, column]]
            assert span(book, series.val.numRef.f) == expected, (page.id, column)
            checked += 1
    assert checked > 150


def test_a_target_is_a_series_and_intervals_are_error_bars(book: Workbook) -> None:
    path, ends = book["M1-KGI-1"]._charts
    assert [s.tx.v for s in path.series][-1] == "目標"
    assert set(span(book, path.series[-1].val.numRef.f)) == {0.8}
    bars = ends.series[0].errBars
    table = next(c for c in real().charts if c.id == "M1-KGI-1_horizon").table
    assert span(book, bars.plus.numRef.f) == list(table["high"] - table["median"])
    assert span(book, bars.minus.numRef.f) == list(table["median"] - table["low"])


def test_results_and_figures_stand_in_the_workbook(book: Workbook) -> None:
    table, stored = frame(book["results"]), case().comparison.table
    assert list(table["value"].astype(float).fillna(-1)) == list(stored["value"].fillna(-1))
    assert set(table["unit"]) == {INDICATORS[i].unit for i in set(stored["indicator"])}
    figures = frame(book["figures"]).set_index("id")
    assert list(figures.index) == list(real().figures["id"])
    assert len(figures) > 40
    row = figures.loc["m1_kgi1_solve_rate_current"]
    assert (row["value"], row["line"], row["status"]) == (0.628, 229, "unverified")


def test_every_column_is_explained(book: Workbook) -> None:
    table = frame(book["dictionary"])
    said = set(zip(table["sheet"], table["column"], strict=True))
    columns = {(s.title, str(c.value)) for s in data_sheets(book) for c in s[1]}
    assert columns - {("dictionary", c) for c in table.columns} == said
    assert set(table["column"]) <= set(meanings())


def test_equal_reports_give_equal_bytes(file: Path, tmp_path: Path) -> None:
    again = write_workbook(real(), tmp_path / "again.xlsx")
    assert again.read_bytes() == file.read_bytes()
    assert str(load_workbook(again).properties.created)[:10] == real().manifest["created"][:10]


def test_texts_never_become_formulas(other: Workbook) -> None:
    cells = [c for s in other.worksheets for row in s.iter_rows() for c in row]
    assert [c for c in cells if c.data_type == "f"] == []
    assert sum(c.value == EVIL.replace("\n", " ") for c in cells) == 3  # message, table, results


def test_other_kinds_are_native_too(other: Workbook) -> None:
    assert [len(other[n]._charts) for n in ("falls", "ends", "pairs", "plans", "facts")] == [
        1,
        2,
        0,
        1,
        0,
    ]
    assert other["pairs"].conditional_formatting
    steps = other["falls"]._charts[0].series
    assert [s.tx.v for s in steps] == ["値", "水準", "増加", "減少", "増加", "減少"]
    points = other["plans"]._charts[0].series[0]
    assert span(other, points.yVal.numRef.f) == [n / 7 for n in range(6)]


def test_a_waterfall_ends_where_its_steps_lead() -> None:
    table = kinds().pages[0].charts[0].table
    parts = waterfall_parts(table)
    at = table["value"].where(table["kind"] == "level").iloc[0]
    for row, value in zip(parts.itertuples(), table["value"], strict=True):
        if row.kind == "step":
            low, high = sorted((at, at + value))
            drawn = [getattr(row, c) for c in WATERFALL]
            positive = sum(v for v in drawn if v > 0)
            negative = sum(v for v in drawn if v < 0)
            assert positive == pytest.approx(max(high, 0), abs=1e-15)
            assert negative == pytest.approx(min(low, 0), abs=1e-15)
            at += value


@pytest.mark.parametrize("values", [[0.62, 0.8], [0, 0], [-0.02, 0.09], [1850, 2200], [5.0], []])
def test_axes_hold_their_values(values: list[float]) -> None:
    low, high, step = axis_bounds(values)
    assert low < high
    assert 2 <= round((high - low) / step) <= 12
    assert all(low <= v <= high for v in values)


def test_a_table_too_long_is_left_out_and_named(tmp_path: Path) -> None:
    long = pd.DataFrame({"value": range(MOST_ROWS + 1)})
    report = replace(kinds(), sheets={"results": long})
    book = load_workbook(write_workbook(report, tmp_path / "long.xlsx"))
    assert "results" not in book.sheetnames
    text = " ".join(str(c.value) for row in book.worksheets[0].iter_rows() for c in row)
    assert "results.csv" in text
    assert f"{MOST_ROWS + 1:,}" in text
