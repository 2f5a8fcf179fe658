"""The slides: one message each, native charts that hold the report's values, words that fit."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from office_reports import few_pages, kinds, real
from openpyxl import load_workbook
from pptx import Presentation

from sim.pages.labels import Labels
from sim.pages.page import Report
from sim.report import palette
from sim.report.charts.slides_book import CHART_NS
from sim.report.files.deck import write_slides
from sim.report.files.office import fitting_size, lines_of

LANGUAGES = ("ja", "en")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_slides(few_pages("ja"), tmp_path_factory.mktemp("slides") / "report.pptx")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = write_slides(kinds(), tmp_path_factory.mktemp("kinds") / "kinds.pptx")
    return Presentation(str(path))


@pytest.fixture(scope="module", params=LANGUAGES)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("whole") / "whole.pptx"
    return Presentation(str(write_slides(real(request.param), path)))


def charts(presentation: Any) -> dict[str, Any]:
    """Charts by the names of their frames."""
    return {
        shape.name: shape.chart
        for slide in presentation.slides
        for shape in slide.shapes
        if shape.has_chart
    }


def words(slide: Any) -> str:
    return "\n".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)


def before(slides: list[Any], report: Report) -> int:
    """How many slides stand before the first page: the headline, and the limits."""
    titles = [s.shapes.title.text for s in slides]
    return titles.index(report.pages[0].message)


def test_one_message_a_slide_after_headline_and_limits(file: Path) -> None:
    report, made = few_pages("ja"), Presentation(str(file))
    slides = list(made.slides)
    assert made.slide_width / made.slide_height == pytest.approx(16 / 9, abs=0.001)
    assert report.title in words(slides[0])
    assert report.headline in words(slides[0])
    first = before(slides, report)
    last = first + len(report.pages)
    shown = [s.shapes.title.text for s in slides[first:last]]
    assert shown == [page.message for page in report.pages]
    ahead = "\n".join(words(s) for s in slides[1:first])
    assert all(text in ahead for text in report.limits)
    rest = "\n".join(words(s) for s in slides[last:])
    assert all(text in rest for text in (*report.credits, report.command))
    for slide in slides:
        assert Labels("ja")("office_footer") in words(slide)
        assert "document" in words(slide)


def test_notes_name_the_sources_and_the_way_of_measuring(file: Path) -> None:
    report, slides = few_pages("ja"), list(Presentation(str(file)).slides)
    for page, slide in zip(report.pages, slides[before(slides, report) :], strict=False):
        notes = slide.notes_slide.notes_text_frame.text
        assert page.message in notes
        assert all(text in notes for text in (*page.notes, *page.sources))
        for chart in page.charts:
            if chart.aside:  # the chances in the key years, a line each
                assert chart.title in notes
                assert notes.count("95%区間の下端") >= len(chart.table)


def test_findings_stand_on_the_slides_of_charts_or_the_slide_says_where(whole: Any) -> None:
    slides, found, left = list(whole.slides), 0, 0
    lang = "ja" if "ではありません" in words(slides[0]) else "en"
    report, labels = real(lang), Labels(lang)
    for page in report.pages:
        mine = [s for s in slides if s.shapes.title.text == page.message]
        mine = [s for s in mine if any(x.has_chart or x.has_table for x in s.shapes)]
        for slide in mine:
            shown = [f for f in page.findings if f.text in words(slide)]
            missing = len(page.findings) - len(shown)
            assert tuple(shown) == page.findings[: len(shown)]
            assert bool(missing) == (labels("office_findings_left", n=missing) in words(slide))
            found, left = found + len(shown), left + missing
    assert found > 3 * left


@pytest.mark.parametrize("name", ["attribute", "timing", "prioritise"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_slides_of_other_analyses_say_their_findings_and_fit(
    name: str, lang: str, report_of: Callable[[str, str], Report], tmp_path: Path
) -> None:
    report = report_of(name, lang)
    made = Presentation(str(write_slides(report, tmp_path / "a.pptx")))
    whole = "\n".join(map(words, made.slides))
    assert any(f.text in whole for p in report.pages if p.charts for f in p.findings)
    test_words_fit_into_their_boxes(made)
    for slide in made.slides:
        boxes = [(s.left, s.top, s.left + s.width, s.top + s.height) for s in slide.shapes]
        for n, a in enumerate(boxes):
            assert a[3] <= made.slide_height
            for b in boxes[n + 1 :]:
                apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
                assert apart, words(slide)[:80]


def test_charts_are_native_and_hold_the_values_to_the_last_digit(file: Path) -> None:
    report, made = few_pages("ja"), charts(Presentation(str(file)))
    shown = [c for c in report.charts if not c.aside and c.kind != "table"]
    assert set(made) == {c.id for c in shown}
    checked = 0
    for chart in shown:
        table, drawn = chart.table, made[chart.id]
        series = {s.name: list(s.values) for s in drawn.plots[0].series}
        if chart.kind == "trajectory":
            assert [int(c) for c in drawn.plots[0].categories] == [2024, 2025, 2026]
            for scenario in table["scenario"].unique():
                rows = table.loc[table["scenario"] == scenario]
                assert series[rows["name"].iloc[0]] == list(rows["median"])
                checked += 1
            focus = table.loc[table["scenario"] == "all_measures"]
            name = focus["name"].iloc[0]
            assert series[f"{name}：下端"] == list(focus["low"])
            assert series[f"{name}：上端"] == list(focus["high"])
            assert series["目標"] == list(focus["target"])
        elif chart.kind == "intervals":
            expected = [list(table[c]) for c in ("median", "low", "high", "target")]
            assert list(series.values()) == expected
            checked += 1
        else:
            assert list(series.values()) == [list(table["value"])]
            checked += 1
    assert checked >= 10


def test_scenarios_have_the_palettes_colours(file: Path) -> None:
    made = charts(Presentation(str(file)))
    look = palette.styles(["baseline", "m1", "all_measures"])
    colours = [style.colour.lstrip("#") for style in look.values()]
    lines = [s for s in made["M1-KGI-1_path"].plots[0].series if s.name == "目標"]
    target = lines[0].format.line
    assert (str(target.color.rgb), target.width.pt) == (palette.TARGET.lstrip("#"), 1.25)
    bars = made["targets_outcome"].plots[0].series[0]
    assert [str(bars.points[n].format.fill.fore_color.rgb) for n in range(3)] == colours
    points = made["M1-KGI-1_horizon"].plots[0].series[0].points
    assert [str(points[n].marker.format.fill.fore_color.rgb) for n in range(3)] == colours
    names = {s.name: str(s.format.line.color.rgb) for s in made["M1-KGI-1_path"].plots[0].series}
    assert [c for n, c in names.items() if "端" not in n and n != "目標"] == colours


def test_the_workbook_in_a_chart_has_the_interval_and_what_error_bars_refer_to(file: Path) -> None:
    report, made = few_pages("ja"), charts(Presentation(str(file)))
    for chart in report.charts:
        if chart.kind not in ("bars", "intervals"):
            continue
        drawn, table = made[chart.id], chart.table
        blob = drawn.part.chart_workbook.xlsx_part.blob
        sheet = load_workbook(io.BytesIO(blob), data_only=True).active
        columns = [[c.value for c in column][1:] for column in sheet.iter_cols()]
        middle = "median" if chart.kind == "intervals" else "value"
        assert columns[1:4] == [list(table[c]) for c in (middle, "low", "high")]
        bars = drawn.plots[0].series[0]._element.xpath("c:errBars")[0]
        above, below = table["high"] - table[middle], table[middle] - table["low"]
        for tag, lengths in (("plus", above), ("minus", below)):
            end = bars.find(f"{{{CHART_NS}}}{tag}")
            values = [float(v.text) for v in end.iter(f"{{{CHART_NS}}}v")]
            assert values == list(lengths)
            (formula,) = end.iter(f"{{{CHART_NS}}}f")
            place = formula.text.split("!")[1].replace("$", "")
            assert [row[0].value for row in sheet[place]] == values


def test_every_chart_and_table_has_a_text_for_those_who_do_not_see(file: Path, other: Any) -> None:
    for made in (Presentation(str(file)), other):
        frames = [s for slide in made.slides for s in slide.shapes if s.has_chart or s.has_table]
        assert len(frames) >= 6
        for frame in frames:
            assert len(frame._element.xpath(".//p:cNvPr")[0].get("descr")) > 10
        assert not [s for slide in made.slides for s in slide.shapes if s.shape_type == 13]


def test_other_kinds_are_native(other: Any) -> None:
    made = charts(other)
    assert set(made) == {"fall", "ends", "bars", "plans"}
    report = kinds()
    ends = report.pages[1].charts[0].table
    assert [list(s.values) for s in made["ends"].plots[0].series] == [
        list(ends["low"]),
        list(ends["high"]),
    ]
    points = made["plans"].plots[0].series[0]
    assert list(points.values) == [n / 7 for n in range(6)]
    assert list(made["bars"].plots[0].series[0].values)[4] is None
    tables = [s.table for slide in other.slides for s in slide.shapes if s.has_table]
    assert [len(t.rows) for t in tables] == [7, 7]


def test_both_typefaces_are_those_of_offices(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        parts = {n: archive.read(n).decode() for n in archive.namelist() if n.endswith(".xml")}
    for name, text in parts.items():
        if name.startswith("ppt/slides/slide") or "charts/chart" in name:
            runs = re.findall(r"<a:rPr.*?</a:rPr>", text)
            assert runs
            assert all(
                'ea typeface="游ゴシック"' in r for r in runs if "typeface" in r or "sz" in r
            )
    themes = [t for n, t in parts.items() if "theme/theme" in n]
    assert themes
    assert all('<a:latin typeface="Yu Gothic"/>' in t for t in themes)


def test_nothing_lies_outside_its_slide_or_over_another_thing(whole: Any) -> None:
    assert len(whole.slides) >= 24
    for slide in whole.slides:
        boxes = [(s.left, s.top, s.left + s.width, s.top + s.height) for s in slide.shapes]
        for left, top, right, bottom in boxes:
            assert left >= 0
            assert top >= 0
            assert right <= whole.slide_width
            assert bottom <= whole.slide_height
        for n, a in enumerate(boxes):
            for b in boxes[n + 1 :]:
                apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
                assert apart, words(slide)[:80]


def test_words_fit_into_their_boxes(whole: Any) -> None:
    for slide in whole.slides:
        for shape in slide.shapes:
            if not shape.has_text_frame or not shape.text_frame.text.strip():
                continue
            sizes = [
                r.font.size.pt for p in shape.text_frame.paragraphs for r in p.runs if r.font.size
            ]
            if sizes:
                text, size = shape.text_frame.text, max(sizes)
                lines = lines_of(text, shape.width.pt, size)
                assert lines * size * 1.2 <= shape.height.pt + 0.5, text[:60]


def test_the_largest_fitting_size_is_taken() -> None:
    assert fitting_size("短い", 300, 40, (26, 20, 14)) == 26
    assert lines_of("あ" * 30, 100, 10) >= 3  # ten letters a line at most
    assert lines_of("abcde fghij" * 6, 100, 10) >= 3
    assert fitting_size("長い文" * 30, 300, 40, (26, 20, 14)) == 14


def test_equal_reports_give_equal_bytes(file: Path, tmp_path: Path) -> None:
    assert write_slides(few_pages("ja"), tmp_path / "b.pptx").read_bytes() == file.read_bytes()
