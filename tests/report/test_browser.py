"""Specifications and rows of the browser's charts."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from every_kind import DRAWN, NONE, ROWS, chart

from sim.base.errors import KyodoError
from sim.pages.labels import Labels
from sim.pages.page import Chart
from sim.report import palette
from sim.report.charts import browser
from sim.report.charts.browser import MARKS
from sim.report.charts.browser_parts import COLOURS, DASHES, SHAPES
from sim.scenario.bundled import STANDARD


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [s for v in value.values() for s in strings(v)]
    if isinstance(value, list):
        return [s for v in value for s in strings(v)]
    return [value] if isinstance(value, str) else []


def test_every_kind_has_a_drawing() -> None:
    assert set(MARKS) == set(DRAWN) == set(ROWS)
    with pytest.raises(KeyError):
        browser.spec(Chart("t", "table", "T", pd.DataFrame({"a": [1]})))


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("kind", DRAWN)
def test_specification_compiles_and_holds_no_data(kind: str, lang: str) -> None:
    own = browser.spec(chart(kind), lang)
    assert own["data"] == {"name": "values"}
    assert "Title" in own["description"]
    assert "How to read it" in own["description"]
    compiled = browser.compiled(own)
    first = next(d for d in compiled["data"] if d["name"] == "values")
    assert "values" not in first
    assert "url" not in first
    assert compiled["usermeta"] == own["usermeta"]


@pytest.mark.parametrize("kind", DRAWN)
def test_specification_does_not_depend_on_the_rows(kind: str) -> None:
    whole = chart(kind)
    part = Chart(
        whole.id, kind, whole.title, whole.table.head(1), unit="share", interval="range",
        reading="How to read it.", x_title="X", y_title="Y",
    )  # fmt: skip
    assert browser.spec(whole) == browser.spec(part)


@pytest.mark.parametrize("kind", DRAWN)
def test_rows_hold_the_tables_numbers_in_display_units(kind: str) -> None:
    own = chart(kind)
    rows = browser.data_of(own, "en")
    assert len(rows) == len(own.table)
    by_order = sorted(rows, key=lambda r: r["order"])
    for row, (_, old) in zip(by_order, own.table.iterrows(), strict=True):
        for column, value in old.items():
            if isinstance(value, float):
                want = None if math.isnan(value) else value
                if column in browser.SCALED and want is not None:
                    want *= 100
                assert row[column] == (None if want is None else pytest.approx(want))
    json.dumps(rows, allow_nan=False)


def test_numbers_without_a_unit_stay_as_they_are() -> None:
    assert browser.data_of(chart("bars", unit=""))[0]["value"] == 0.2
    yen = Chart("c", "bars", "T", pd.DataFrame([{"label": "a", "value": 2e9, "low": 1e9,
                "high": 3e9}]), unit="yen")  # fmt: skip
    assert browser.data_of(yen, "ja")[0]["value"] == pytest.approx(20.0)
    assert browser.data_of(yen, "en")[0]["value"] == pytest.approx(2.0)


def test_waterfall_steps_stand_on_each_other() -> None:
    rows = browser.data_of(chart("waterfall"))
    ends = [(r["start"], r["end"]) for r in rows]
    assert ends == [pytest.approx(e) for e in ((50, 50), (50, 70), (70, 60), (60, 60))]
    assert rows[1]["step_low"] == pytest.approx(60)
    assert rows[1]["step_high"] == pytest.approx(80)
    assert "step_low" not in rows[0]


def test_baseline_is_grey_and_drawn_last() -> None:
    rows = browser.data_of(chart("trajectory"))
    assert [r["slot"] for r in rows] == [1, 1, 7, 7, 0, 0]
    assert COLOURS[0] == palette.GREY


def test_styles_differ_without_colour() -> None:
    looks = [(tuple(dash), shape) for dash, shape in zip(DASHES, SHAPES, strict=True)]
    assert len(set(looks)) == len(COLOURS) == len(palette.SLOTS)
    many = palette.slots(["baseline", *(f"s{n}" for n in range(9)), "all_measures"])
    assert len(set(many.values())) == 11


def test_browser_has_the_looks_of_the_pictures() -> None:
    names = [*STANDARD, "staged", "plan_b", *(f"s{n}" for n in range(9))]
    look = palette.styles(names)
    for name, slot in palette.slots(names).items():
        assert (COLOURS[slot], DASHES[slot]) == (look[name].colour, look[name].dash)
        assert SHAPES[slot] == look[name].shape
    assert palette.slots(["x", "m1"])["m1"] == palette.slots(["m1"])["m1"]


def test_plans_of_the_page_have_their_own_looks(root: Path) -> None:
    text = (root / "sim/app/web/figures.js").read_text(encoding="utf-8")
    found = re.search(r"const SLOTS = \{ baseline: (\d+), A: (\d+), B: (\d+), C: (\d+) \}", text)
    assert found is not None
    plans = palette.slots(["baseline", "plan_a", "plan_b", "plan_c"])
    assert [int(n) for n in found.groups()] == list(plans.values())


def test_chances_are_words() -> None:
    rows = browser.data_of(chart("intervals"), "en")
    assert [r["chance"] for r in rows] == ["<1 %", "✕"]
    row = {"probability_target": 0.0, "probability_low": 0.0, "probability_high": 0.6}
    assert browser.chance(row, Labels("en")) == "0 % [0–60 %]"
    assert browser.chance({**row, "probability_low": NONE}, Labels("ja")) == "0%"


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_tooltip_names_every_number_with_its_unit(lang: str) -> None:
    labels = Labels(lang)
    rows = browser.spec(chart("trajectory"), lang)["usermeta"]["kyodo"]["tooltip"]["rows"]
    by_field = {r["field"]: r for r in rows}
    assert by_field["median"]["title"] == labels("median")
    assert by_field["median"]["suffix"].strip() == "%"
    assert by_field["effect_median"]["suffix"].strip() == labels("points")
    assert by_field["target"]["digits"] == [1, 1]


def test_small_charts_have_no_axis_titles_and_no_names() -> None:
    small = browser.spec(chart("trajectory"), small=True)
    assert small["height"] < 150
    titles = [
        layer["encoding"][axis]["axis"]["title"]
        for layer in small["layer"]
        for axis in ("x", "y")
        if axis in layer["encoding"] and "axis" in layer["encoding"][axis]
    ]
    assert titles
    assert set(titles) == {None}
    assert all(layer["mark"]["type"] != "text" for layer in small["layer"])


def test_legend_in_the_browser_has_the_same_styles(root: Path) -> None:
    text = (root / "sim/report/web/charts.js").read_text(encoding="utf-8")

    def table(name: str) -> Any:
        found = re.search(rf"export const {name} = (\[.*?\]);", text, re.DOTALL)
        assert found is not None
        return json.loads(found[1])

    assert tuple(table("COLOURS")) == COLOURS
    assert tuple(table("DASHES")) == DASHES
    assert tuple(table("SHAPES")) == SHAPES


def test_words_in_expressions_cannot_break_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only labels of Kyodo stand in expressions; titles and names are data."""
    bad = Chart("c", "bars", "T' + alert(1) + '", pd.DataFrame([{"label": "'+x+'", "value": 0.1,
                "low": 0.0, "high": 0.2}]), unit="share", x_title="' + x")  # fmt: skip
    own = browser.spec(bad)
    for layer in own["layer"]:
        for step in layer.get("transform", []):
            assert "alert" not in str(step)
            assert "x +" not in str(step)


def test_a_chart_without_a_column_is_refused() -> None:
    with pytest.raises(KyodoError, match="lacks the column 'value'"):
        Chart("c", "bars", "T", pd.DataFrame({"label": ["a"], "low": [1], "high": [2]}))
