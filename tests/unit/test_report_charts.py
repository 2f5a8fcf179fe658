"""Fonts, charts and files of the report. All data are made up."""

from __future__ import annotations

import sys
import warnings
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from report_parts import Case, make
from synthetic_results import INDICATORS, SCENARIOS

import sim
from sim.pages.labels import Labels, keys
from sim.report import fonts, palette
from sim.report.build import build_report
from sim.report.charts import pictures


@pytest.fixture(scope="module")
def case() -> Case:
    return make()


def test_fonts_have_every_letter_that_the_report_writes() -> None:
    latin = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    have = set(FT2Font(str(fonts.font_path())).get_charmap())
    have |= set(FT2Font(str(latin)).get_charmap())
    used = "".join(Labels(lang)(k) for lang in ("ja", "en") for k in keys())
    used += "".join(i.name_ja + i.name_en for i in INDICATORS.values())
    used += "✕─►–…±0123456789%+-[](),."
    missing = {c for c in used if ord(c) not in have and c != "\n"}
    assert missing == set()


def test_drawing_leaves_matplotlib_as_it_was() -> None:
    before = dict(mpl.rcParams)
    with fonts.drawing("ja"):
        assert mpl.rcParams["font.family"][0] == fonts.JAPANESE
        assert mpl.rcParams["svg.fonttype"] == "path"
    assert dict(mpl.rcParams) == before
    assert "matplotlib_fontja" not in sys.modules


def picture(case: Case, id: str, lang: str = "en") -> Figure:
    """The picture of a page of the comparison."""
    report = case.report(lang)
    page = next(p for p in report.pages if p.id == id)
    with fonts.drawing(lang):
        return pictures.figure_of(pictures.charts_of(page), lang, report.foot, page.title)


def test_chart_shows_percent_target_baseline_and_bands(case: Case) -> None:
    left = picture(case, "M1-KGI-1").axes[0]
    flat = [x.get_ydata() for x in left.lines if len(set(x.get_ydata())) == 1]
    assert any(list(y) == pytest.approx([80, 80]) for y in flat)  # the target line, in per cent
    paths = [x for x in left.lines if len(x.get_xdata()) == 4]
    assert len(paths) == len(SCENARIOS)
    assert to_hex(paths[0].get_color()) == palette.GREY
    assert paths[0].get_linestyle() != "-"
    rows = case.rows.loc[
        (case.rows["indicator"] == "M1-KGI-1") & (case.rows["scenario"] == "baseline")
    ]
    assert list(paths[0].get_ydata()) == pytest.approx(list(100 * rows["median"]))
    bands = [c for c in left.collections if isinstance(c, PolyCollection)]
    assert len(bands) == 4  # of the baseline and the fullest scenario: 90 % and 50 %
    for band, (low, high) in zip(bands, (("p05", "p95"), ("p25", "p75")), strict=False):
        edge = band.get_paths()[0].vertices[:, 1]
        assert edge.max() == pytest.approx(100 * rows[high].max())
        assert edge.min() == pytest.approx(100 * rows[low].min())


def test_path_and_horizon_stand_beside_each_other(case: Case) -> None:
    left, right = picture(case, "M1-KGI-1").axes
    assert left.get_position().x1 < right.get_position().x0
    assert left.get_legend() is None  # the names at the right are the legend of both
    names = [t.get_text() for t in right.get_yticklabels()]
    assert [" ".join(name.split()) for name in names] == list(case.view().names.values())
    assert "Target 80.0 %" in left.get_title(loc="left")


def test_chart_texts_say_what_the_band_is_and_whose_figures(case: Case) -> None:
    texts = " ".join(t.get_text() for t in picture(case, "M1-KSI-1").texts)
    assert "Delivery indicator" in texts
    assert "90 % interval" in texts
    assert "Bands: Baseline, All three measures only" in texts
    assert "unverified" in texts
    assert "draws 50 x replicates 1;" in texts
    assert "SSDSE" in texts
    few = make(3, ("baseline", "m1"), 2)
    texts = " ".join(t.get_text() for t in picture(few, "M1-KSI-1").texts)
    assert "range of 3 runs" in texts
    assert "90 %" not in texts.replace("95 %", "")
    assert "only" not in texts


def test_styles_differ_in_colour_line_or_marker() -> None:
    names = ["baseline", *[f"s{n}" for n in range(13)], "all_measures"]
    look = palette.styles(names)
    assert len(set(look.values())) == len(names)
    grey = {(s.line, s.marker) for name, s in look.items() if name != "baseline"}
    assert len(grey) == len(names) - 1  # told apart without colour


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_files_are_the_same_at_every_repetition(tmp_path: Path, lang: str) -> None:
    sim.compare(["m1"], draws=2, scale="1/1000", years=2, out=tmp_path)
    report = build_report(tmp_path, lang)
    keep = ("M1-KGI-1", "M1-KSI-1", "chances", "overview", "targets", "findings_m1")
    few = replace(report, pages=tuple(p for p in report.pages if p.id in keep))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns about a letter that it cannot draw
        made = pictures.write_pictures(few.pages, tmp_path / "a", lang, few.foot)
    assert {f.name for f in made} == {f"{n}.png" for n in keep[:-1]}, "findings are no picture"
    again = pictures.write_pictures(few.pages, tmp_path / "b", lang, few.foot)
    for one, other in zip(made, again, strict=True):
        assert one.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("workers", [1, 2])
def test_svg_where_asked_for_and_the_same_on_any_number_of_cores(
    tmp_path: Path, workers: int
) -> None:
    report = make(3, ("baseline", "m1"), 2).report()
    pages = [p for p in report.pages if p.id in ("M1-KGI-1", "targets")]
    foot, kinds = report.foot, ("png", "svg")
    made = pictures.write_pictures(pages, tmp_path / "a", "en", foot, kinds, workers)
    names = ["M1-KGI-1.png", "M1-KGI-1.svg", "targets.png", "targets.svg"]
    assert [f.name for f in made] == names
    for name in names[1::2]:
        drawn = (tmp_path / "a" / name).read_bytes()
        assert b"<text" not in drawn  # letters are outlines: no font is needed
        assert b"font-family" not in drawn
    pictures.write_pictures(pages, tmp_path / "b", "en", foot, kinds)
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_overview_sets_the_classes_apart(case: Case) -> None:
    figure = picture(case, "overview")
    panels = [ax for ax in figure.axes if not ax.lines]
    assert len(panels) == 2
    assert panels[0].get_facecolor() != panels[1].get_facecolor()
    assert panels[0].get_position().y0 > panels[1].get_position().y1
    titles = {ax.get_title(loc="left").split()[0]: ax for ax in figure.axes if ax.lines}
    assert len(titles) == 24
    for key, ax in titles.items():
        box = panels[0 if INDICATORS[key].kind == "outcome" else 1].get_position()
        assert box.y0 < ax.get_position().y0
        assert ax.get_position().y1 < box.y1
