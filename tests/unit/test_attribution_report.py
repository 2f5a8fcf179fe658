"""The report of an attribution says what its tables hold, in both languages."""

from __future__ import annotations

import dataclasses
import re
import string
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from attribution_game import YEARS, Game, game
from sim.report.attribute import (
    clear_initiatives,
    report_indicators,
    summary_text,
    synergy_lines,
    terminal_lines,
    verdicts,
)
from sim.report.attribute_cells import AttributionParts, aligned, fine, percent, texts, words
from sim.report.charts_attribute import interactions_figure, waterfall_figure

from sim.analyses.attribute.growth import growth_facts, growth_rows
from sim.figures.evidence import load_profile
from sim.model.measures import INITIATIVES
from sim.pages.labels import Labels, display_width
from sim.report import attribute as report
from sim.report.comparison_charts import write_figure
from sim.report.fonts import drawing
from sim.runs.manifest import manifest_of
from sim.scenario.reader import load_scenario

LANGS = ("en", "ja")


def parts_of(study: Game) -> AttributionParts:
    plan = study.plan
    declared = list(study.indicators.values())
    growth = growth_rows(plan, study.runs, study.cube, declared, YEARS, load_profile("document"))
    names = {
        plan.base.id: plan.base,
        **{f"m{m}": load_scenario(f"m{m}") for m in (1, 2, 3)},
        **INITIATIVES,
    }
    design = {
        "draws": plan.draws, "replicates": plan.replicates, "scale": "1/1000", "seed": 1,
        "years": 3, "profile": "document", "discount": "discounted", "parameters": {},
    }  # fmt: skip
    manifest = manifest_of(
        (), len(study.runs.specs), design=design, hashes={}, reused=0, timings={},
        command=["kyodo attribute"],
    )  # fmt: skip
    facts = growth_facts(growth, "document")
    return AttributionParts(plan, study.tables, growth, facts, study.indicators, names, manifest)


@cache
def parts(draws: int = 12) -> AttributionParts:
    return parts_of(game(draws=draws))


def test_both_languages_have_the_same_fields() -> None:
    for key, text in texts().items():
        fields = [
            sorted(f for _, f, _, _ in string.Formatter().parse(text[lang]) if f is not None)
            for lang in LANGS
        ]
        assert fields[0] == fields[1], key
        assert all(text[lang].strip() for lang in LANGS)


def test_every_word_that_the_code_names_exists_and_none_is_idle() -> None:
    folder = Path(report.__file__).parent
    code = "".join(p.read_text("utf-8") for p in folder.glob("*attribute*.py"))
    named = set(re.findall(r'words\(\s*labels,\s*"([a-z_0-9]+)"', code))
    assert named <= set(texts())
    made = ("verdict_", "mark_", "arm_", "diff_", "scale_")
    quoted = set(re.findall(r"""["']([a-z_0-9]+)["']""", code))
    idle = [k for k in texts() if not k.startswith(made) and k not in quoted]
    assert idle == []


@pytest.mark.parametrize("lang", LANGS)
def test_limits_stand_before_findings_and_deliveries_apart(lang: str) -> None:
    labels = Labels(lang)
    text = summary_text(parts(), lang)
    order = [
        labels("limits_heading"), labels("credits_heading"),
        words(labels, "synergy_heading"), words(labels, "measures_heading"),
        words(labels, "deliveries_heading"),
    ]  # fmt: skip
    places = [text.index(f"# {head}") for head in order]
    assert places == sorted(places)
    before = text[: places[-1]].split(words(labels, "measures_heading"))[1]
    assert "M2-KPIop-1" not in before
    assert "M2-KPIop-1" in text[places[-1] :]


@pytest.mark.parametrize("lang", LANGS)
def test_past_growth_stands_beside_the_projects(lang: str) -> None:
    labels = Labels(lang)
    for text in (summary_text(parts(), lang), "\n".join(terminal_lines(parts(), lang))):
        assert "C084" in text
        for figure in ("3.3", "1,850", "2,200"):
            assert figure in text
        for name in ("measures_over_flat", "measures_over_trend", "growth_alone"):
            assert words(labels, f"diff_{name}") in text
    assert "+150" in summary_text(parts(), lang)


def test_the_synergy_claim_is_answered() -> None:
    found = verdicts(parts())
    assert found == {"negative_one_scale": ["M1-KPIop-1"], "scale_dependent": ["M1-KGI-1"]}
    lines = synergy_lines(parts(), Labels("en"))
    assert "none of the 2 outcome goals" in lines[0]
    assert any("scale-dependent" in line and "M1-KGI-1" in line for line in lines)
    assert "lines 198 and 276" in summary_text(parts(), "en")


def test_a_clear_synergy_is_named() -> None:
    study = game()
    cube = study.cube.copy()
    for n, spec in enumerate(study.runs.specs):
        on = {name[0] for name in spec.scenario.initiatives}
        cube[n, 0, :] += 0.2 * (len(on) == 3) - 0.3 * len(spec.scenario.initiatives) / 15
    from sim.analyses.attribute.estimate import attribute

    tables = attribute(study.plan, study.runs, cube, list(study.indicators.values()), YEARS)
    made = dataclasses.replace(parts(), tables=tables)
    assert verdicts(made)["positive"] == ["M1-KGI-1"]
    assert "synergy in 1 of 2" in synergy_lines(made, Labels("en"))[0]


def test_one_draw_says_nothing_about_synergy() -> None:
    assert "one draw" in synergy_lines(parts(1), Labels("en"))[0]
    assert "one draw" in summary_text(parts(1), "en")


def test_initiatives_are_named_where_they_are_clear() -> None:
    clear = clear_initiatives(parts(), "M1-KPIop-1")
    assert len(clear) == 15
    assert [row["mean"] for row in clear] == pytest.approx([10.0] * 15)
    # the delivery of 2.4: no other initiative moves it
    assert [row["id"] for row in clear_initiatives(parts(), "M2-KPIop-1")] == ["2.4"]


def test_a_scenario_of_one_measure() -> None:
    made = parts_of(game("m2", draws=3))
    text = summary_text(made, "en")
    assert "one measure only" in text
    assert terminal_lines(made, "ja")


def test_charts_are_made_for_what_changes() -> None:
    assert [i.id for i in report_indicators(parts())] == ["M1-KGI-1", "M1-KPIop-1"]


@pytest.mark.parametrize("lang", LANGS)
def test_figures(lang: str, tmp_path: Path) -> None:
    made = parts()
    with drawing(lang):
        waterfall = waterfall_figure(made, made.indicators["M1-KPIop-1"], lang)
        bars = waterfall.axes[0].patches
        assert sum(bar.get_width() for bar in bars) == pytest.approx(150)
        drawn = " ".join(text.get_text() for text in waterfall.texts)
        assert "C084" in drawn
        other = waterfall_figure(made, made.indicators["M1-KGI-1"], lang)
        assert "C084" not in " ".join(text.get_text() for text in other.texts)
        for natural in (True, False):
            figure = interactions_figure(made, lang, natural=natural)
            assert len(figure.axes) == 2
        files = write_figure(waterfall, tmp_path / "w", lang)
    assert all(file.stat().st_size > 10_000 for file in files)


def test_a_waterfall_without_values() -> None:
    made = parts()
    levels = made.tables.levels.assign(mean=np.nan)
    empty = dataclasses.replace(made, tables=dataclasses.replace(made.tables, levels=levels))
    with drawing("en"):
        figure = waterfall_figure(empty, made.indicators["M1-KGI-1"], "en")
    assert figure.axes[0].texts[0].get_text() == "not available"


def test_figures_in_words() -> None:
    labels = Labels("en")
    assert fine(0.0012, "share", labels) == "+0.12"
    assert fine(-0.00001, "share", labels) == "0.00"
    assert fine(12.34, "count", labels) == "+12.3"
    assert percent(-0.001, labels) == "0 %"
    assert percent(1.04, Labels("ja")) == "104%"
    lines = aligned(["名前", "x"], [["ab", "1"], ["長い名前", "23"]])
    assert {display_width(line) for line in lines} == {12}
