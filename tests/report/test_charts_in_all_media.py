"""One description of a chart, four renderers: every kind in every medium, with the same bands."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from every_kind import DRAWN, ROWS, chart, panelled
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from office_reports import few_pages
from openpyxl import load_workbook
from pptx import Presentation

from sim.base.errors import KyodoError
from sim.pages.labels import Labels
from sim.pages.page import CHART_KINDS, OPTIONS, Chart, Foot, Page, Report
from sim.report import palette
from sim.report.charts import bands, browser, office_series, pictures
from sim.report.files.cells import texts_of
from sim.report.files.deck import write_slides
from sim.report.files.deck_tables import rows_in_words
from sim.report.files.html import data, html_text
from sim.report.files.workbook import write_workbook
from sim.report.fonts import drawing

MOMENT = datetime(2026, 4, 1)
NAMES = {
    2: ("baseline", "m1"),
    3: ("baseline", "m1", "m2"),
    4: ("baseline", "m1", "m2", "all_measures"),
    5: ("baseline", "m1", "m2", "m3", "ours"),
}


def paths(scenarios: tuple[str, ...], kind: str) -> Chart:
    """A chart of lines, one a scenario, each with intervals."""
    table = pd.DataFrame([
        {"scenario": s, "name": s, "fiscal_year": y, "x": y, "median": n + 0.5, "value": n + 0.5,
         "low": n, "high": n + 1.0, "target": 3.0}
        for n, s in enumerate(scenarios) for y in (2024, 2025, 2026)
    ])  # fmt: skip
    return Chart(
        "paths", kind, "Paths", table[list(dict.fromkeys([*CHART_KINDS[kind], "scenario"]))]
    )


def report(*charts: Chart) -> Report:
    page = Page("page", "Page", "A message.", charts)
    return replace(few_pages("en"), pages=(page,))


def in_browser(one: Chart) -> set[str]:
    return {str(row["scenario"]) for row in browser.data_of(one, "en") if row["band"]}


def in_pictures(one: Chart) -> set[str]:
    with drawing("en"):
        ax = pictures.figure_of([one], "en", Foot()).axes[0]
    look = palette.styles(list(one.table["scenario"]))
    bands = [c for c in ax.collections if isinstance(c, PolyCollection)]
    colours = {to_hex(c.get_facecolor()[0]).upper() for c in bands}
    return {name for name, style in look.items() if style.colour.upper() in colours}


def in_excel(one: Chart, place: Path) -> set[str]:
    book = load_workbook(write_workbook(report(one), place / "r.xlsx"))
    (drawn,) = book["page"]._charts
    return _ends(series.tx.v for series in drawn.series)


def in_slides(one: Chart, place: Path) -> set[str]:
    made = Presentation(str(write_slides(report(one), place / "r.pptx")))
    (drawn,) = [s.chart for slide in made.slides for s in slide.shapes if s.has_chart]
    return _ends(series.name for plot in drawn.plots for series in plot.series)


def _ends(names: Any) -> set[str]:
    """The scenarios that have series for both ends of their interval."""
    found = list(map(str, names))
    low, high = ({n.split(":")[0] for n in found if word in n} for word in ("low end", "high end"))
    assert low == high
    return low


@pytest.mark.parametrize("kind", ["trajectory", "lines"])
@pytest.mark.parametrize("count", NAMES)
def test_a_chart_has_the_same_bands_in_every_medium(kind: str, count: int, tmp_path: Path) -> None:
    one = paths(NAMES[count], kind)
    expected = set(NAMES[count]) if count <= 3 else {"baseline", NAMES[count][-1]}
    found = [in_browser(one), in_pictures(one), in_excel(one, tmp_path), in_slides(one, tmp_path)]
    assert found == [expected] * 4


def test_every_kind_with_bands_is_tested_and_others_have_none() -> None:
    assert {kind for kind in DRAWN if bands.bands(chart(kind))} == {"trajectory", "lines"}


def test_lines_that_are_no_scenarios_have_bands_only_where_all_do() -> None:
    few, many = (
        Chart("c", "lines", "C", pd.DataFrame([
            {"name": n, "x": x, "value": 0.5, "low": 0.4, "high": 0.6} for n in names
            for x in (1, 2)
        ])) for names in ("abc", "abcd")
    )  # fmt: skip
    assert bands.bands(few) == ("a", "b", "c")
    assert bands.bands(many) == ()
    assert all(row["whisker"] for row in browser.data_of(many))


def test_the_browsers_own_rule_is_the_same(root: Path) -> None:
    """The HTML report chooses bands anew among the scenarios that are shown."""
    text = (root / "sim/report/web/report.js").read_text(encoding="utf-8")
    rule = text[text.index("function bands()") :].split("\n}")[0]
    assert "= report.bands" in rule
    assert data(report(paths(NAMES[3], "trajectory")))["bands"] == {
        "most": bands.MOST_BANDS, "baseline": "baseline", "fullest": "all_measures",
    }  # fmt: skip
    assert not any(own in rule for own in ('"baseline"', '"all_measures"', "<= 3"))


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("kind", [*DRAWN, "panels"])
def test_every_kind_is_drawn_in_all_four_media(kind: str, lang: str, tmp_path: Path) -> None:
    one = panelled() if kind == "panels" else chart(kind)
    whole = replace(report(one), lang=lang)
    for single in one.panels or (one,):
        assert browser.compiled(browser.spec(single, lang))["marks"]
    assert f'data-chart="{(one.panels or (one,))[0].id}"' in html_text(whole)
    with drawing(lang):
        figure = pictures.figure_of([one], lang, Foot(("the foot",)))
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=40)
    assert stream.getvalue()[:8] == b"\x89PNG\r\n\x1a\n"
    assert "the foot" in [t.get_text() for t in figure.texts]
    book = load_workbook(write_workbook(whole, tmp_path / "r.xlsx"))
    native = office_series.drawn(one)
    assert len(book["page"]._charts) == native
    made = Presentation(str(write_slides(whole, tmp_path / "r.pptx")))
    shapes = [s for slide in made.slides for s in slide.shapes]
    assert any(s.has_chart if native else s.has_table for s in shapes)
    assert native == (kind not in ("heatmap", "map", "panels"))


def test_nothing_to_draw_is_no_error(tmp_path: Path) -> None:
    for kind in DRAWN:
        one = Chart("none", kind, "None", pd.DataFrame(columns=list(CHART_KINDS[kind])))
        write_workbook(report(one), tmp_path / "r.xlsx")
        write_slides(report(one), tmp_path / "r.pptx")
        assert pictures.charts_of(Page("p", "P", "M", (one,))) == []


@pytest.mark.parametrize("kind", [k for k in DRAWN if k not in ("spans", "heatmap", "map")])
def test_a_picture_without_values_says_so_and_has_no_made_up_axis(kind: str) -> None:
    table = chart(kind).table
    numbers = [c for c in table.select_dtypes("float") if c not in ("x", "target")]
    one = replace(chart(kind), table=table.assign(**dict.fromkeys(numbers, float("nan"))))
    with drawing("en"), warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = pictures.figure_of([one], "en", Foot())
        figure.savefig(io.BytesIO(), format="png", dpi=40)
    (ax,) = figure.axes
    assert "not available" in [t.get_text() for t in ax.texts]
    if kind != "trajectory":  # its years are real
        assert not ax.axison or not len(ax.get_xticks())


SHOWN: dict[str, Callable[[Axes], list[float]]] = {
    "lines": lambda ax: [y for line in ax.lines[:1] for y in line.get_ydata()],
    "bars": lambda ax: [p.get_width() for p in ax.patches],
    "shares": lambda ax: [p.get_width() for p in ax.patches],
    "forest": lambda ax: [
        x.get_xdata()[0] for x in ax.lines if x.get_marker() == "o" and len(x.get_xdata()) == 1
    ][:2],
    "scatter": lambda ax: [y for line in ax.lines for y in line.get_ydata()],
    "heatmap": lambda ax: [float(v) for v in ax.images[0].get_array().ravel()],
}  # fmt: skip


@pytest.mark.parametrize("kind", SHOWN)
def test_pictures_hold_the_tables_numbers(kind: str) -> None:
    one = chart(kind)
    with drawing("en"):
        ax = pictures.figure_of([one], "en", Foot()).axes[0]
    column = "y" if kind == "scatter" else "value"
    expected = [100 * float(v) for v in one.table[column]]
    assert SHOWN[kind](ax) == pytest.approx(expected[:3] if kind == "lines" else expected)


def test_rows_that_cannot_be_told_from_chance_are_pale() -> None:
    table = pd.DataFrame(ROWS["bars"] * 2).assign(measure=[1, 2], sure=[True, False])
    one = Chart("c", "bars", "C", table)
    assert bands.fills(one) == [palette.MEASURE_COLOURS[1], palette.FAINT]
    assert [r["tint"] for r in browser.data_of(one)] == bands.fills(one)
    assert office_series.plot_of(one, Labels("en")).series[0].colours == tuple(bands.fills(one))


def test_names_at_both_sides_are_inside_the_picture() -> None:
    long = "A very long name of a thing that stands beside its bar and takes two lines of room"
    table = pd.DataFrame(ROWS["forest"]).assign(label=long, note="a note of some length, at right")
    one = replace(chart("forest"), table=table)
    with drawing("en"):
        figure = pictures.figure_of([one], "en", Foot(("foot " * 40,)))
        figure.savefig(io.BytesIO(), dpi=70)
        box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert box.x0 >= 0
    assert box.y0 >= 0
    assert box.x1 <= width
    assert box.y1 <= height


def test_scatters_stand_side_by_side_and_others_below_each_other() -> None:
    with drawing("en"):
        pair = pictures.figure_of([chart("scatter"), chart("scatter")], "en", Foot())
        column = pictures.figure_of([chart("bars"), chart("forest")], "en", Foot())
    left, right = (ax.get_position() for ax in pair.axes)
    assert left.x1 < right.x0
    assert left.y0 == pytest.approx(right.y0)
    upper, lower = (ax.get_position() for ax in column.axes)
    assert upper.y0 > lower.y1


def test_an_unknown_option_is_refused() -> None:
    assert set(OPTIONS) <= set(CHART_KINDS)
    with pytest.raises(KyodoError, match="has no option 'steps'"):
        replace(chart("bars"), options=("steps",))


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_years_of_lines_are_plain_and_called_what_their_axis_is(lang: str) -> None:
    made = chart("lines", options=("years",))
    rows = made.table.assign(x=[2024, 2025, 2026] * 2)
    years = replace(made, table=rows, x_title="First fiscal year")
    labels = Labels(lang)
    heads, cells = texts_of(years, labels)
    column = heads.index("First fiscal year")
    assert [row[column] for row in cells] == ["2024", "2025", "2026"] * 2
    assert "First fiscal year" in rows_in_words(years, labels)[0]
    assert "2024" in rows_in_words(years, labels)[0]


def test_a_column_has_the_same_decimals_throughout() -> None:
    rows = pd.DataFrame({"item": ["a", "b", "c"], "gain": [1.5, 0.123456, 2.0]})
    _, cells = texts_of(Chart("t", "table", "T", rows), Labels("en"))
    assert [row[1] for row in cells] == ["1.500", "0.123", "2.000"]
    counts = pd.DataFrame({"label": ["a", "b"], "value": [3.0, 4.26], "low": 1.0, "high": 9.0})
    _, cells = texts_of(Chart("c", "bars", "C", counts, unit="count"), Labels("en"))
    assert [row[1] for row in cells] == ["3.0", "4.3"]
    tiny = rows.assign(gain=[1.5, 0.000123456, 2.0])  # nothing is rounded off to zero
    _, cells = texts_of(Chart("t", "table", "T", tiny), Labels("en"))
    assert [row[1] for row in cells] == ["1.5", "0.0001235", "2"]
