"""The report: table, summary, files, the real registry. All data are made up."""

from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.ft2font import FT2Font
from report_parts import make
from synthetic_results import INDICATORS, MANIFEST, SCENARIOS, study

from sim.analyses.compare.interval_parts import PART_COLUMNS
from sim.analyses.compare.interval_parts_table import IntervalParts
from sim.analyses.shared.comparison import comparison_rows
from sim.analyses.shared.reached import IMPACT, IMPACT_READINGS, target_value
from sim.base.errors import OutputError
from sim.figures.credits import credits
from sim.figures.evidence import load_profile
from sim.model.indicators import INDICATORS as REGISTRY
from sim.model.measures import INITIATIVES as REAL_INITIATIVES
from sim.pages.labels import PERCENT_UNITS, Labels, display_width, keys
from sim.report import fonts
from sim.report.comparison_files import comparison_csv, make_parts, write_files
from sim.report.findings import COST, impact_note, scenario_findings
from sim.report.interval_parts import interval_section
from sim.report.scope import Parts, facts_of
from sim.report.summary import summary_text
from sim.report.table import comparison_text
from sim.scenario.reader import load_scenario


@pytest.fixture(scope="module")
def parts() -> Parts:
    return make()


def text_of(parts: Parts, lang: str = "en", width: int = 140) -> str:
    return comparison_text(parts, lang, width=width)


# --- table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("width", [100, 120, 140])
def test_table_fits_and_has_every_indicator_and_scenario(
    parts: Parts, lang: str, width: int
) -> None:
    text = text_of(parts, lang, width)
    assert max(display_width(line) for line in text.splitlines()) <= width
    outcome, delivery = (text.index(Labels(lang)(f"{k}_long")) for k in ("outcome", "delivery"))
    assert outcome < delivery
    for key, indicator in INDICATORS.items():
        if indicator.kind != "auxiliary":
            block = text.index(f"{key} {Labels(lang).name(indicator)}"[:30])
            assert (block > delivery) == (indicator.kind == "delivery"), key
    for name in ("m1", "m1_m2", "m2_m3"):
        assert text.count(f"\n {name} ") == 24


def test_table_prints_the_rows_figures(parts: Parts) -> None:
    rows = parts.rows.loc[
        (parts.rows["indicator"] == "M1-KGI-1") & (parts.rows["fiscal_year"] == 2027)
    ].set_index("scenario")
    row = rows.loc["m1_m2"]
    lines = text_of(parts).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("M1-KGI-1 "))
    line = next(line for line in lines[start:] if line.startswith(" m1_m2 "))
    assert f"{100 * row['median']:.1f} % [{100 * row['p05']:.1f}, {100 * row['p95']:.1f}]" in line
    effect = [100 * row[f"effect_{n}"] for n in ("median", "p05", "p95")]
    assert f"{effect[0]:+.1f} pt [{effect[1]:+.1f}, {effect[2]:+.1f}]" in line
    assert line.endswith("(0 %)")
    assert "Current 62.8 %, Target 80.0 %" in lines[start]


def test_table_under_50_draws_names_the_range() -> None:
    text = text_of(make(4, ("baseline", "m1"), 3))
    assert "range of 4 runs" in text
    assert "Under 50 draws no 90 % interval is given" in text
    assert "[90 % interval]" not in text


# --- summary --------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_summary_puts_limits_and_credits_first(parts: Parts, lang: str) -> None:
    text, labels = summary_text(parts, lang), Labels(lang)
    order = ["limits", "credits", "ran", "findings", "table", "parts", "files", "where"]
    heads = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert [h.split("、")[0] for h in heads] == [
        labels(f"{k}_heading", year=labels.year(2027), n=4) for k in order
    ]
    for word in ("2.2", "3.5", "2,055", "M3-KGI-1", "M2-KSI-1", "kyodo describe evidence"):
        assert word in text
    assert "credit of the data" in text.split(labels("ran_heading"))[0]
    assert labels("line", line=229) in text
    assert "`claim` -28.3" in text
    for name in ("m1", "all_measures"):
        assert f"(`{name}`)" in text


def test_summary_names_the_discount_mode_profile_and_scale(parts: Parts) -> None:
    design = MANIFEST["design"] | {
        "discount": dict.fromkeys(SCENARIOS, "as_claimed"), "profile": "official",
        "scale": "1/1000", "parameters": {"trend.growth": 0.05},
    }  # fmt: skip
    facts = facts_of(parts.rows, MANIFEST | {"design": design})
    text = summary_text(replace(parts, facts=facts), "en")
    assert "**Extreme case**" in text
    assert "**discounted**" not in text
    assert "Evidence profile `official`" in text
    assert "Scale 1/1000: at 1/1000 and below" in text
    assert "`trend.growth=0.05`" in text
    assert "**discounted**" in summary_text(parts, "en")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "parameters are provisional"),
        ({"posterior": "official"}, "calibrated for profile `official`, not for this profile"),
        ({"posterior": "document", "provisional": False}, "are calibrated for this profile"),
    ],
)
def test_the_summary_says_what_the_parameters_are_calibrated_for(
    parts: Parts, facts: dict[str, Any], said: str
) -> None:
    state = replace(parts, facts=replace(parts.facts, **facts))
    words = (
        "parameters are provisional",
        "calibrated for profile `official`, not for this profile",
        "are calibrated for this profile",
    )
    text = summary_text(state, "en")
    assert [word in text for word in words] == [word == said for word in words]
    assert state.facts.calibration in ("calibrated", "borrowed", "none")
    name = Labels("en")(f"calibration_{state.facts.calibration}")
    assert name in comparison_text(state, "en").replace("\n", " ")


def share_rows(parts: Parts) -> pd.DataFrame:
    """Shares 0.6, 0.3 and 0.1 of m1 at the horizon; the effect has no variance."""
    rows = []
    for of in ("value", "effect"):
        for part, share in (("behaviour", 0.6), ("effects", 0.3), ("chance", 0.1)):
            found = share if of == "value" else np.nan
            cell = ("m1", "M1-KGI-1", parts.facts.last_year, of, part)
            rows.append((*cell, found, found - 0.05, found + 0.05, 50))
    return pd.DataFrame(rows, columns=list(PART_COLUMNS))


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_summary_says_what_the_intervals_come_from(parts: Parts, lang: str) -> None:
    assert "--explain" in summary_text(parts, lang)
    labels = Labels(lang)
    for source, said in (("runs", "--explain 50"), ("table", "`document`")):
        given = replace(parts, shares=IntervalParts(share_rows(parts), source, 50))
        text = summary_text(given, lang).split(labels("parts_heading"))[1].split("## ")[0]
        assert said in text
        assert "[55, 65]" in text
        assert labels.chance(0.3) in text
        assert text.count(labels("not_available")) == 3
        assert "`m1`" in text
        files = summary_text(given, lang).split(f"## {labels('files_heading')}")[1]
        assert "`interval_parts.csv`" in files


def test_one_scenario_alone_has_no_section_on_intervals(parts: Parts) -> None:
    alone = replace(parts, scenarios={"m1": parts.scenarios["m1"]})
    assert interval_section(parts, Labels("en"))
    assert interval_section(alone, Labels("en")) == []


def test_findings_list_adverse_side_effects(parts: Parts) -> None:
    rows = parts.rows.copy()
    bad = (rows["indicator"] == "M1-KPIoc-1") & (rows["scenario"] == "m1")
    for name in ("effect_median", "effect_low", "effect_high"):
        rows.loc[bad, name] = -0.05
    dull = (rows["indicator"] == "M1-KGI-2") & (rows["scenario"] == "m1")
    rows.loc[dull, "effect_low"] = -0.01
    lines = scenario_findings(rows, parts.reached, INDICATORS, "m1", Labels("en"))
    worse = lines.index("Clearly worse (adverse side effects):")
    assert lines[worse + 2].startswith("- M1-KPIoc-1 Co-production projects continued: -5.0 pt")
    assert "No clear effect: M1-KGI-2 NPOs satisfied with co-production" in lines
    better = lines[: lines.index("Clearly worse (adverse side effects):")]
    assert any(line.startswith("- M1-KGI-1 ") for line in better)
    assert not any("M1-KGI-2" in line or "M1-KPIoc-1" in line for line in better)


def test_few_runs_are_never_called_clear() -> None:
    few = make(3, ("baseline", "m1"), 3)
    lines = scenario_findings(few.rows, few.reached, INDICATORS, "m1", Labels("en"))
    assert "Clearly better outcomes: none" in lines


def test_impact_index_that_decides_the_answer_is_said(parts: Parts) -> None:
    other = replace(INDICATORS["M3-KGI-1"], id="impact_product", name_en="Plain product")
    both = INDICATORS | {other.id: other}
    rise = {"scenario": "m1", "median": 0.2, "chance": 0.2}
    one = pd.DataFrame([rise | {"indicator": "M3-KGI-1"}])
    agree = pd.concat([one, one.assign(indicator=other.id)])
    differ = pd.concat([one, one.assign(indicator=other.id, median=0.45, chance=0.9)])
    assert impact_note(one, both, "m1", Labels("en")) is None
    assert "They agree" in str(impact_note(agree, both, "m1", Labels("en")))
    note = str(impact_note(differ, both, "m1", Labels("en")))
    assert "**depends on the index**" in note
    assert "Plain product +45.0 %, 90 %" in note
    warned = replace(parts, impact=differ, indicators=both)
    assert note in summary_text(warned, "en")
    assert "depends on the index in: m1" in text_of(warned)
    assert "depends on the index in" not in text_of(replace(parts, impact=agree))


def test_cost_is_printed_and_no_side_effect(parts: Parts) -> None:
    cost = replace(
        INDICATORS["participation_rate"], id="programme_cost", unit="yen per year", direction=-1
    )
    rows = parts.rows.loc[parts.rows["indicator"] == "participation_rate"].copy()
    rows = rows.assign(
        indicator="programme_cost", unit="yen per year", median=2e9, low=1e9, high=3e9
    )
    rows = pd.concat([parts.rows, rows.assign(effect_median=2e9, effect_low=1e9, effect_high=3e9)])
    known = INDICATORS | {cost.id: cost}
    lines = scenario_findings(rows, parts.reached, known, "m1", Labels("en"))
    assert "Assumed cost of the measures in that year: 2.00 bn yen [1.00, 3.00]." in lines
    assert "Clearly worse (adverse side effects): none" in lines


# --- files ----------------------------------------------------------------------------------


def test_comparison_csv_opens_in_a_spreadsheet(parts: Parts, tmp_path: Path) -> None:
    scenarios = {**parts.scenarios, "m1": replace(SCENARIOS["m1"], name_ja="=cmd()")}
    table = comparison_csv(replace(parts, scenarios=scenarios), "ja")
    assert list(table.columns[:3]) == ["scenario", "indicator", "fiscal_year"]
    assert table.loc[table["scenario"] == "m1", "scenario_name"].iloc[0] == "'=cmd()"
    one = replace(
        parts, rows=parts.rows.loc[parts.rows["indicator"] == "M1-KGI-1"],
        indicators={"M1-KGI-1": INDICATORS["M1-KGI-1"]},
    )  # fmt: skip
    write_files(tmp_path, one, "ja")
    content = (tmp_path / "comparison.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert len(rows) == len(one.rows)
    assert rows[0]["indicator_name"] == "協働事業による地域課題解決率"
    assert float(rows[-1]["median"]) == one.rows["median"].iloc[-1]


def test_a_folder_that_cannot_be_made_is_an_output_error(parts: Parts, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match="cannot write"):
        write_files(tmp_path / "file" / "out", parts, "en")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_importing_the_report_loads_nothing_heavy() -> None:
    code = (
        "import sys, sim.report; "
        "print({'matplotlib', 'pandas', 'numpy', 'rich', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# --- the real registry ----------------------------------------------------------------------


def test_every_indicator_of_the_registry_can_be_reported() -> None:
    have = set(FT2Font(str(fonts.font_path())).get_charmap())
    assert len(REGISTRY) > 24
    for key, indicator in REGISTRY.items():
        assert indicator.unit in PERCENT_UNITS or f"{indicator.unit}_axis" in keys(), key
        assert all(ord(c) in have for c in indicator.name_ja), key
        assert target_value(indicator, load_profile()) is not None or indicator.kind == "auxiliary"
    kinds = [i.kind for i in REGISTRY.values()]
    assert (kinds.count("outcome"), kinds.count("delivery")) == (12, 12)
    assert REGISTRY[COST].kind == "auxiliary"
    assert {IMPACT, *IMPACT_READINGS} <= set(REGISTRY)


def test_a_report_on_the_real_registry(tmp_path: Path) -> None:
    known = [i for i in INDICATORS if i in REGISTRY]
    results = study(("baseline", "m1"), 3, 1, 2)
    results = results.loc[results["indicator"].isin(known)]
    rows = comparison_rows(results, REGISTRY, load_profile())
    scenarios = [load_scenario("baseline"), load_scenario("m1")]
    parts = make_parts(
        results, rows, MANIFEST, scenarios, REGISTRY, REAL_INITIATIVES, load_profile(), credits()
    )
    text = summary_text(parts, "ja")
    assert "`m1_kgi1_solve_rate_target` 80.0%" in text
    assert "SSDSE-A-2026" in text
    assert all(REAL_INITIATIVES[i].name_ja in text for i in scenarios[1].initiatives)
    assert REAL_INITIATIVES["2.1"].name_ja not in text
    assert "協働事業による地域課題解決率" in text_of(parts, "ja", 100)


def test_rows_by_ward_and_month_do_not_enter_table_and_findings(parts: Parts) -> None:
    rows = parts.rows.assign(ward="all", month="")
    ward = rows.assign(ward="13101", median=0.123, effect_low=-9.0)
    month = rows.assign(month="2024-04", median=0.456, effect_low=-9.0)
    mixed = replace(parts, rows=pd.concat([ward, rows, month]))
    assert text_of(mixed) == text_of(parts)
    assert summary_text(mixed, "ja") == summary_text(parts, "ja")
