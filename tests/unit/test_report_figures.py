"""Charts for papers and slides: axes hold the values of the frames. All data are made up."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from report_parts import make

from sim.analyses.compare.insides import FUNNEL_COLUMNS, STEPS, SURVIVAL_COLUMNS
from sim.base.errors import UsageError
from sim.places.load import load_place
from sim.report import figures, palette
from sim.report.charts.outlines import boundaries, classes_of

FEW, MANY = make(4, ("baseline", "m1", "m2_m3")), make(50, ("baseline", "m1"))
KEY = "M1-KGI-1"


def funnel_frame() -> pd.DataFrame:
    sizes = dict(zip(STEPS, (8e6, 6e6, 2.4e6, 0.8e6), strict=True))
    before = dict(zip(STEPS, (8e6, 8e6, 6e6, 2.4e6), strict=True))
    rows: list[dict[str, Any]] = [
        {"kind": "step", "step": s, "median": n, "low": n * 0.9, "high": n * 1.1,
         "share": n / 8e6, "of_previous": n / before[s]}
        for s, n in sizes.items()
    ]  # fmt: skip
    rows.append({"kind": "barrier", "step": "no_time", "median": 2e6, "low": 1e6, "high": 3e6,
                 "share": 0.25, "of_previous": 0.555})  # fmt: skip
    common = {"scenario": "baseline", "fiscal_year": 2026, "unit": "persons", "draws": 4,
              "interval_kind": "range", "replicates": 1, "provisional": False, "note": "",
              }  # fmt: skip
    return pd.DataFrame(rows).assign(**common)[list(FUNNEL_COLUMNS)]


def survival_frame() -> pd.DataFrame:
    rows = [
        {"scenario": s, "kind": kind, "month": m, "median": 1 - m * step, "low": 0.98 - m * step,
         "high": 1.0, "at_start": 8950.0}
        for s, step in (("baseline", 0.004), ("m1", 0.003))
        for kind in ("active", "registered")
        for m in range(25)
    ]  # fmt: skip
    common = {"unit": "share", "draws": 4, "interval_kind": "range", "replicates": 1,
              "provisional": True, "note": ""}  # fmt: skip
    return pd.DataFrame(rows).assign(**common)[list(SURVIVAL_COLUMNS)]


def index_frame() -> pd.DataFrame:
    rows = [
        {"factor": f, "other": "", "method": "sobol", "order": order, "index": x * part,
         "low": x * part - 0.05, "high": x * part + 0.05, "fiscal_year": year, "status": "ok"}
        for f, x in (("behaviour", 0.5), ("1.4", 0.3), ("2.1", 0.1), ("discount", 0.2))
        for order, part in (("total", 1.0), ("first", 0.8))
        for year in ("overall", 2024, 2025)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def share_frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    common = {"indicator": KEY, "fiscal_year": 2026, "unit": "share"}
    shares = pd.DataFrame([
        {"level": level, "id": id, "measure": m, "mean": x, "mean_low": x - 0.01,
         "mean_high": x + 0.01, "share": x / 0.06}
        for level, id, m, x in (
            ("total", "all_measures", 0, 0.06), ("measure", "m1", 1, 0.02),
            ("measure", "m2", 2, -0.01), ("measure", "m3", 3, 0.05),
        )
    ]).assign(**common)  # fmt: skip
    levels = pd.DataFrame({"scenario": ["baseline", "all_measures"], "mean": [0.62, 0.68]})
    return shares, levels.assign(**common)


def ward_frame() -> pd.DataFrame:
    place = load_place()
    value = place.numbers.pop_15plus
    return pd.DataFrame({"ward": place.code, "value": value, "source": place.source})


SHARES, LEVELS = share_frames()
CHARTS: dict[str, tuple[Callable[..., Axes], pd.DataFrame, tuple[Any, ...], dict[str, Any]]] = {
    "trajectory": (figures.trajectory, FEW.rows, (KEY,), {}),
    "comparison": (figures.comparison, FEW.rows, (KEY,), {}),
    "waterfall": (figures.waterfall, SHARES, (LEVELS, KEY), {"target": 0.65}),
    "tornado": (figures.tornado, index_frame(), (), {}),
    "heatmap": (figures.heatmap, index_frame(), (), {}),
    "ward_map": (figures.ward_map, ward_frame(), (), {"title": "人口 population"}),
    "funnel": (figures.funnel, funnel_frame(), (), {}),
    "survival": (figures.survival, survival_frame(), (), {}),
}


def made(name: str, **more: Any) -> Axes:
    draw, frame, given, options = CHARTS[name]
    return draw(frame, *given, **{**options, **more})


def own_axes() -> Axes:
    figure = Figure()
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def test_the_module_exports_these_charts() -> None:
    assert set(figures.__all__) - {"notes_of", "picture", "save"} == set(CHARTS)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_has_its_letters_and_says_its_status(name: str, lang: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns about a letter that it cannot draw
        ax = made(name, lang=lang)
        shown = figures.picture(ax, lang=lang, dpi=50)
    assert shown._repr_png_()[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(repr(shown)) < 50  # notebooks keep it beside the picture
    lines = [t.get_text() for t in ax.get_figure().texts]  # the title, then from the last line up
    written = "".join(reversed(lines))
    for note in figures.notes_of(ax):
        assert note.replace(" ", "") in written.replace(" ", "")
    assert ("予測ではありません" if lang == "ja" else "Not a forecast") in written
    assert "SSDSE" in written


@pytest.mark.parametrize("name", CHARTS)
def test_charts_go_into_axes_that_are_given(name: str) -> None:
    ax = own_axes()
    assert made(name, ax=ax) is ax
    assert ax.get_figure().texts == []  # notes are the caller's, who finds them here
    assert any("Not a forecast" in note for note in figures.notes_of(ax))
    assert ax.get_title(loc="left")


@pytest.mark.parametrize("name", CHARTS)
def test_a_missing_column_is_named(name: str) -> None:
    draw, frame, given, options = CHARTS[name]
    with pytest.raises(UsageError, match=f"{name}.*no column '") as caught:
        draw(pd.DataFrame({"x": [1]}), *given, **options)
    needed = str(caught.value).split("needed: ")[1].split(", ")
    documented = f"{figures.trajectory.__doc__} {figures.tornado.__doc__} {draw.__doc__}"
    for column in needed:
        assert column in documented
        with pytest.raises(UsageError, match=f"no column '{column}'"):
            draw(frame.drop(columns=column), *given, **options)
    draw(frame[needed], *given, **options)  # nothing else is read


def test_trajectory_shows_the_frame() -> None:
    ax = figures.trajectory(FEW.rows, KEY)
    part = FEW.rows.loc[FEW.rows["indicator"] == KEY]
    paths = [x for x in ax.lines if len(x.get_xdata()) == 4]
    for line, (name, rows) in zip(paths, part.groupby("scenario", sort=False), strict=True):
        assert list(line.get_ydata()) == pytest.approx(list(100 * rows["median"]))
        assert list(line.get_xdata()) == list(rows["fiscal_year"])
        assert to_hex(line.get_color()) == palette.styles(["m1", "m2_m3"])[str(name)].colour.lower()
    assert [list(x.get_ydata()) for x in ax.lines].count([80.0, 80.0]) == 1  # the target
    target = next(x for x in ax.lines if list(x.get_ydata()) == [80.0, 80.0])
    assert to_hex(target.get_color()) == palette.TARGET
    bands = [c for c in ax.collections if isinstance(c, PolyCollection)]
    assert len(bands) == 3
    edge = bands[1].get_paths()[0].vertices[:, 1]
    m1 = part.loc[part["scenario"] == "m1"]
    ends = (100 * m1["low"].min(), 100 * m1["high"].max())
    assert (edge.min(), edge.max()) == pytest.approx(ends)
    assert any("range of 4 runs" in note for note in figures.notes_of(ax))
    said = [t.get_text() for t in ax.get_legend().get_texts()]
    assert sum("(P " in text for text in said) == 3
    alone = figures.trajectory(FEW.rows, KEY, scenarios=["m1"])
    assert alone.get_lines()[0].get_color() == palette.MEASURE_COLOURS[1]


def test_from_fifty_draws_on_there_are_two_bands() -> None:
    ax = figures.trajectory(MANY.rows, KEY)
    bands = [c.get_paths()[0].vertices[:, 1] for c in ax.collections]
    assert len(bands) == 4
    m1 = MANY.rows.loc[(MANY.rows["scenario"] == "m1") & (MANY.rows["indicator"] == KEY)]
    assert bands[2].max() == pytest.approx(100 * m1["p95"].max())
    assert (bands[3].min(), bands[3].max()) == pytest.approx(
        (100 * m1["p25"].min(), 100 * m1["p75"].max())
    )
    assert any("90 % interval" in n and "middle half" in n for n in figures.notes_of(ax))
    few = figures.trajectory(FEW.rows, KEY)
    assert not any("90 %" in n or "middle half" in n for n in figures.notes_of(few))


def test_comparison_shows_one_year() -> None:
    ax = figures.comparison(FEW.rows, KEY, year=2025)
    rows = FEW.rows.query(f"indicator == '{KEY}' and fiscal_year == 2025").set_index("scenario")
    shown = [list(x.get_xdata()) for x in ax.lines]
    for _, row in rows.iterrows():
        assert [100 * row["low"], 100 * row["high"]] in [
            pytest.approx(x) for x in shown if len(x) == 2
        ]
        assert [100 * row["median"]] in [pytest.approx(x) for x in shown if len(x) == 1]
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        "Baseline",
        "Measure 1",
        "Measures 2 and 3",
    ]


def test_waterfall_goes_from_the_baseline_to_the_scenario() -> None:
    ax = made("waterfall")
    bars = [p for p in ax.patches if isinstance(p, Rectangle)]
    assert [b.get_width() for b in bars] == pytest.approx([2, -1, 5])
    assert [b.get_x() for b in bars] == pytest.approx([62, 64, 63])
    colours = [to_hex(b.get_facecolor()).upper() for b in bars]
    assert colours == list(palette.MEASURE_COLOURS.values())
    assert [b.get_hatch() for b in bars] == list(palette.HATCHES.values())
    ends = [float(x.get_xdata()[0]) for x in ax.lines if x.get_marker() == "D"]
    assert ends == pytest.approx([62, 68])
    assert any(list(x.get_xdata()) == pytest.approx([65, 65]) for x in ax.lines)
    far = figures.waterfall(SHARES, LEVELS, KEY, target=0.95)
    assert any("95.0 %, lies outside" in note for note in figures.notes_of(far))
    assert "Target" not in " ".join(t.get_text() for t in far.get_legend().get_texts())


def test_tornado_and_heatmap_show_the_indices() -> None:
    ax = made("tornado")
    bars = [p for p in ax.patches if isinstance(p, Rectangle)]
    assert [b.get_width() for b in bars] == pytest.approx([50, 30, 20, 10])  # the largest on top
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert [n.split(" ")[0] for n in names] == ["behaviour", "1.4", "discount", "2.1"]
    assert [to_hex(b.get_facecolor()).upper() for b in bars] == [
        palette.SKY, palette.MEASURE_COLOURS[1], palette.SKY, palette.MEASURE_COLOURS[2],
    ]  # fmt: skip
    (intervals,) = ax.collections
    assert intervals.get_segments()[0][:, 0] == pytest.approx([45, 55])
    heat = made("heatmap").images[0].get_array()
    assert np.asarray(heat) == pytest.approx(np.array([[50, 50], [30, 30], [20, 20], [10, 10]]))


def test_map_shades_each_ward_by_its_value() -> None:
    frame = ward_frame()
    frame.loc[frame["ward"] == 13101, "value"] = np.nan
    ax = figures.ward_map(frame, title="x", unit="persons")
    patches = {int(p.get_gid()): p for p in ax.patches if isinstance(p, PathPatch)}
    assert set(patches) == set(load_place().code)
    assert patches[13101].get_hatch()
    value = frame.set_index("ward")["value"]
    light = {c: palette.luminance(to_hex(p.get_facecolor())) for c, p in patches.items()}
    for a in value.dropna().index:
        for b in value.dropna().index:
            if value[a] > value[b]:
                assert light[a] <= light[b]
    assert len({light[c] for c in light if c != 13101}) == 5
    notes = figures.notes_of(ax)
    assert any("SSDSE-A-2026" in n for n in notes)
    assert any("国土数値情報" in n for n in notes)
    assert not any("random" in n for n in notes)
    said = figures.notes_of(figures.ward_map(frame, title="x", simulated=True))
    assert any("not a fact about these wards" in n for n in said)
    # the rings are those of the boundary file: each ward's name stands inside it
    assert sum(len(rings) for rings in boundaries().values()) >= 23
    assert classes_of([1, 1, 1, 1]) == [(1, 1)]


def test_funnel_is_as_wide_as_its_steps() -> None:
    ax = made("funnel")
    bars = [p for p in ax.patches if isinstance(p, Rectangle)]
    assert [b.get_width() for b in bars] == pytest.approx([8e6, 6e6, 2.4e6, 0.8e6])
    assert all(b.get_x() == pytest.approx(-b.get_width() / 2) for b in bars)
    texts = " ".join(t.get_text() for t in ax.texts)
    assert "2,400 thousand  [2,160 – 2,640]" in texts
    assert "40.0 % of the step above, 30.0 % of residents" in texts
    assert any("no time 55.5 %" in n for n in figures.notes_of(ax))
    assert "March 2027" in " ".join(t.get_text() for t in ax.get_figure().texts)


def test_survival_steps_down_as_the_frame_does() -> None:
    ax = made("survival")
    frame = survival_frame().query("kind == 'active' and scenario == 'm1'")
    line = next(x for x in ax.lines if x.get_label() == "Measure 1")
    assert list(line.get_ydata()) == pytest.approx(list(100 * frame["median"]))
    assert list(line.get_xdata()) == pytest.approx(list(frame["month"] / 12))
    assert line.get_drawstyle() == "steps-post"
    assert "8,950" in ax.get_ylabel()
    assert any("not calibrated" in n for n in figures.notes_of(ax))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: figures.trajectory(FEW.rows, "M1-KGI-9"), "indicator 'M1-KGI-9' .did you mean"),
        (lambda: figures.trajectory(FEW.rows, KEY, scenarios=["m7"]), "scenario 'm7'"),
        (lambda: figures.comparison(FEW.rows, KEY, year=1999), "fiscal_year '1999'"),
        (lambda: figures.survival(survival_frame(), kind="alive"), "kind 'alive'"),
        (lambda: figures.funnel(funnel_frame(), scenario="m2"), "scenario 'm2'"),
        (lambda: figures.ward_map(ward_frame().assign(ward=999), title="x"), "999 is no code"),
        (lambda: figures.ward_map(ward_frame().assign(ward="港"), title="x"), "no ward code"),
        (lambda: figures.ward_map(ward_frame().assign(ward=13101), title="x"), "in two rows"),
        (lambda: figures.waterfall(SHARES, LEVELS.iloc[:1], KEY), "one other scenario"),
        (lambda: figures.trajectory(FEW.rows, KEY, lang="fr"), "unknown language"),
    ],
)
def test_what_is_not_there_is_said(call: Callable[[], Axes], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        call()


def test_save_writes_png_and_svg(tmp_path: Path) -> None:
    files = figures.save(made("funnel", lang="ja"), tmp_path / "funnel.png", lang="ja")
    assert [f.name for f in files] == ["funnel.png", "funnel.svg"]
    assert b"<text" not in files[1].read_bytes()  # letters are outlines: no font is needed


def test_scenarios_of_ones_own_keep_their_id_or_the_name_given() -> None:
    rows = FEW.rows.assign(scenario=FEW.rows["scenario"].replace("m1", "our_plan"))
    texts = [t.get_text() for t in figures.comparison(rows, KEY).get_yticklabels()]
    assert "our_plan" in texts


def test_no_chart_loads_pyplot() -> None:
    code = (
        "import sys, pandas as pd\n"
        "from sim.report import figures\nfrom sim.places.load import load_place\n"
        "f = pd.DataFrame({'ward': load_place().code, 'value': 1.0, 'source': 'x'})\n"
        "figures.picture(figures.ward_map(f, title='x'))\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
