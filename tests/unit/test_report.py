"""What is told of a comparison: terminal, summary, pages, the real registry. Data are made up."""

from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.ft2font import FT2Font
from report_parts import Case, make
from synthetic_results import SCENARIOS

import sim
from sim.analyses.compare.interval_parts import PART_COLUMNS
from sim.analyses.compare.interval_parts_table import IntervalParts
from sim.analyses.folder import read_kept
from sim.analyses.shared.names import COST
from sim.analyses.shared.reached import IMPACT, IMPACT_READINGS, target_value
from sim.base.errors import OutputError
from sim.figures.evidence import load_profile
from sim.model.indicators import DOCUMENT_KINDS, INDICATORS
from sim.model.measures import INITIATIVES
from sim.pages.labels import PERCENT_UNITS, Labels, display_width, keys
from sim.pages.page import Page
from sim.report import fonts
from sim.report.build import build_report, report_of
from sim.report.files.markdown import summary_text
from sim.report.files.terminal import terminal_lines
from sim.scenario.reader import load_scenario

GOALS = {k: i for k, i in INDICATORS.items() if i.kind in DOCUMENT_KINDS}


@pytest.fixture(scope="module")
def case() -> Case:
    return make()


def text_of(case: Case, lang: str = "en", width: int = 140) -> str:
    return "\n".join(terminal_lines(case.report(lang), width))


def findings(page: Page) -> list[str]:
    return [finding.text for finding in page.findings]


# --- terminal -------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("width", [100, 120, 140])
def test_terminal_fits_and_has_every_indicator_and_scenario(
    case: Case, lang: str, width: int
) -> None:
    text, labels = text_of(case, lang, width), Labels(lang)
    assert max(display_width(line) for line in text.splitlines()) <= width
    blocks = {key: text.index(f"\n{key} {labels.name(i)}\n") for key, i in GOALS.items()}
    outcomes = [at for key, at in blocks.items() if GOALS[key].kind == "outcome"]
    deliveries = [at for key, at in blocks.items() if GOALS[key].kind == "delivery"]
    assert max(outcomes) < min(deliveries), "the classes are never mixed"
    for name in case.view(lang).names.values():
        assert text.count(f"\n  {name} ") >= 24
    assert text.rindex("M3-KPIop-2") > text.index(case.pages(lang)["overview"].title)


def test_terminal_prints_the_rows_figures(case: Case) -> None:
    rows = case.rows.loc[
        (case.rows["indicator"] == "M1-KGI-1") & (case.rows["fiscal_year"] == 2027)
    ].set_index("scenario")
    row = rows.loc["m1_m2"]
    lines = text_of(case).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("M1-KGI-1 "))
    line = next(line for line in lines[start:] if line.startswith("  Measures 1 and 2 "))
    assert f"{100 * row['median']:.1f} % [{100 * row['p05']:.1f}, {100 * row['p95']:.1f}]" in line
    effect = [100 * row[f"effect_{n}"] for n in ("median", "p05", "p95")]
    assert f"{effect[0]:+.1f} pt [{effect[1]:+.1f}, {effect[2]:+.1f}]" in line
    assert line.endswith("(0 %)")
    assert any("Current 62.8 %, Target 80.0 %" in line for line in lines[start : start + 9])


def test_terminal_under_50_draws_names_the_range() -> None:
    text = text_of(make(4, ("baseline", "m1"), 3))
    assert "range of 4 runs" in text
    assert "Under 50 draws no 90 % interval is given" in text
    assert "90 % interval]" not in text
    assert "Under 50 draws" not in text_of(make(50, ("baseline", "m1"), 2))


def test_a_table_that_is_too_wide_goes_on_below(case: Case) -> None:
    text = text_of(case, "en", 100)
    table = text[text.index("Overview, Outcome") : text.index("Overview, Delivery")]
    assert table.count("M1-KGI-1 ") == 2
    for name in case.view().names.values():
        assert name.split()[-1] in table, "no column is lost"


# --- summary --------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_summary_puts_limits_and_credits_first(case: Case, lang: str) -> None:
    report, labels = case.report(lang), Labels(lang)
    text = summary_text(report, (), ("summary.md",))
    heads = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    first = [labels(f"{k}_heading") for k in ("limits", "credits", "ran")]
    assert heads == [*first, *(p.title for p in report.pages), labels("files_heading")]
    for word in ("2.2", "3.5", "2,055", "M3-KGI-1", "M2-KSI-1", "kyodo describe evidence"):
        assert word in text
    assert "credit of the data" in text.split(labels("ran_heading"))[0]
    assert labels("line", line=229) in text
    assert "e11_lead_time = +28.3" in text
    for name in ("m1", "all_measures"):
        assert name in text.split(labels("ran_heading"))[1].split("##")[0]
    assert "**" not in "".join(report.limits)


def test_what_is_told_names_the_discount_mode_profile_and_scale(case: Case) -> None:
    design = {
        "discount": dict.fromkeys(SCENARIOS, "as_claimed"), "profile": "official",
        "scale": "1/1000", "parameters": {"trend.growth": 0.05},
    }  # fmt: skip
    text = summary_text(replace(case, design=design).report())
    assert "Extreme case" in text
    assert "Claimed effects are discounted" not in text
    assert "Evidence profile official" in text
    assert "Scale 1/1000: at 1/1000 and below" in text
    assert "trend.growth=0.05" in text
    assert "Claimed effects are discounted" in summary_text(case.report())


@pytest.mark.parametrize(
    ("posterior", "provisional", "said"),
    [
        (None, ["x"], "parameters are provisional"),
        ("official", ["x"], "calibrated for profile official, not for this profile"),
        ("document", [], "are calibrated for this profile"),
    ],
)
def test_what_the_parameters_are_calibrated_for_is_told(
    case: Case, posterior: str | None, provisional: list[str], said: str
) -> None:
    interval = {"posterior": None if posterior is None else {"profile": posterior}}
    manifest = {"interval": interval, "provisional_parameters": provisional}
    report = replace(case, manifest=manifest).report()
    words = (
        "parameters are provisional",
        "calibrated for profile official, not for this profile",
        "are calibrated for this profile",
    )
    text = "\n".join(report.limits)
    assert [word in text for word in words] == [word == said for word in words]
    state = "none" if posterior is None else "borrowed" if provisional else "calibrated"
    assert Labels("en")(f"calibration_{state}") in " ".join(terminal_lines(report))


def share_rows(case: Case) -> pd.DataFrame:
    """Shares 0.6, 0.3 and 0.1 of m1 at the horizon; the effect has no variance."""
    rows = []
    for of in ("value", "effect"):
        for part, share in (("behaviour", 0.6), ("effects", 0.3), ("chance", 0.1)):
            found = share if of == "value" else np.nan
            cell = ("all_measures", "M1-KGI-1", case.view().last, of, part)
            rows.append((*cell, found, found - 0.05, found + 0.05, 50))
    return pd.DataFrame(rows, columns=list(PART_COLUMNS))


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_page_says_what_the_intervals_come_from(case: Case, lang: str) -> None:
    assert "--explain" in case.pages(lang)["parts"].message
    labels = Labels(lang)
    for source, said in (("runs", "--explain 50"), ("table", "document")):
        given = case.with_parts(IntervalParts(share_rows(case), source, 50))
        page = given.pages(lang)["parts"]
        assert said in page.notes[0]
        (chart,) = page.charts
        cells = [str(c) for c in chart.table.to_numpy().ravel()]
        assert f"{labels.chance(0.6)} [55, 65]" in cells
        assert cells.count(labels("not_available")) == 3
        assert case.view(lang).names["all_measures"] in page.message


def test_one_scenario_alone_has_no_page_on_intervals_and_no_findings() -> None:
    both = make(4, ("baseline", "m1"), 2).pages()
    alone = make(4, ("m1",), 2)
    pages = alone.pages()
    assert "parts" in both
    assert "findings_m1" in both
    assert not {"parts", "chances"} & set(pages)
    assert not [id for id in pages if id.startswith("findings")]


def test_findings_list_adverse_side_effects(case: Case) -> None:
    def change(rows: pd.DataFrame) -> pd.DataFrame:
        bad = (rows["indicator"] == "M1-KPIoc-1") & (rows["scenario"] == "m1")
        for name in ("effect_median", "effect_low", "effect_high"):
            rows.loc[bad, name] = -0.05
        dull = (rows["indicator"] == "M1-KGI-2") & (rows["scenario"] == "m1")
        rows.loc[dull, "effect_low"] = -0.01
        return rows

    page = case.with_rows(change).pages()["findings_m1"]
    said = {f.id.removeprefix("m1_"): f.text for f in page.findings}
    assert said["worse_M1-KPIoc-1"].startswith(
        "Clearly worse (adverse side effect): M1-KPIoc-1 Continuation of co-production projects"
        ": -5.0 pt"
    )
    assert said["unclear"] == "No clear effect: M1-KGI-2 NPOs' satisfaction with co-production"
    assert said["better_M1-KGI-1"].startswith("Clearly better: M1-KGI-1 ")
    assert not {"better_M1-KGI-2", "better_M1-KPIoc-1"} & set(said)
    ja = case.with_rows(change).pages("ja")["findings_m1"]
    assert [f.id for f in ja.findings] == [f.id for f in page.findings]


def test_few_runs_are_never_called_clear() -> None:
    few = make(3, ("baseline", "m1"), 3)
    assert "Clearly better: none" in findings(few.pages()["findings_m1"])


def test_impact_index_that_decides_the_answer_is_said(case: Case) -> None:
    rise = {"scenario": "m1", "median": 0.2, "chance": 0.2}
    one = pd.DataFrame([rise | {"indicator": IMPACT}])
    agree = pd.concat([one, one.assign(indicator="impact_product")])
    differ = pd.concat([one, one.assign(indicator="impact_product", median=0.45, chance=0.9)])

    def told(impact: pd.DataFrame) -> tuple[str, str]:
        pages = replace(case, comparison=replace(case.comparison, impact=impact)).pages()
        return " ".join(findings(pages["findings_m1"])), " ".join(findings(pages["targets"]))

    assert "three readings" not in told(one)[0]
    assert "They agree" in told(agree)[0]
    assert told(agree)[1] == ""
    note, warned = told(differ)
    assert "depends on the index" in note
    assert "Increase of the plain product +45.0 %, 90 %" in note
    assert "depends on the index in: Measure 1." in warned


def test_cost_is_told_and_no_side_effect(case: Case) -> None:
    def change(rows: pd.DataFrame) -> pd.DataFrame:
        cost = rows.loc[rows["indicator"] == "participation_rate"].assign(
            indicator=COST, unit="yen per year", median=2e9, low=1e9, high=3e9,
            effect_median=2e9, effect_low=1e9, effect_high=3e9,
        )  # fmt: skip
        return pd.concat([rows, cost], ignore_index=True)

    pages = case.with_rows(change).pages()
    lines = findings(pages["findings_m1"])
    assert "Assumed cost of the measures in that year: 2.00 bn yen [1.00, 3.00]." in lines
    assert "Clearly worse (adverse side effect): none" in lines
    assert "2.00 bn yen [1.00, 3.00]" in pages["cost"].message


def test_auxiliary_indicators_are_told_without_a_target(case: Case) -> None:
    (chart,) = case.pages()["auxiliary"].charts
    assert chart.title.startswith(INDICATORS["participation_rate"].name_en)
    assert len(chart.table) == len(SCENARIOS)
    assert not [c for c in chart.table if str(c).startswith("P ")]


def test_failed_pairs_are_told(case: Case) -> None:
    left = replace(case, comparison=replace(case.comparison, left_out=((1, 0), (4, 0))))
    assert any("2 pairs" in text for text in findings(left.pages()["overview"]))
    none = replace(case, comparison=replace(case.comparison, rows=case.rows.iloc[:0]))
    assert list(none.pages()) == ["nothing"]


# --- files ----------------------------------------------------------------------------------


def test_a_folder_is_told_again_in_either_language_without_loss(tmp_path: Path) -> None:
    """A comparison from Python leaves what ``kyodo compare`` would; nothing is computed anew."""
    made = sim.compare(["m1"], draws=2, scale="1/1000", years=2, out=tmp_path)
    kept = read_kept(tmp_path)
    for name, table in kept.tables.items():
        path = tmp_path / f"{name}.csv"
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        assert len(table) == len(list(csv.DictReader(path.open(encoding="utf-8-sig"))))
    for column in ("median", "effect_low", "probability_target", "current"):
        np.testing.assert_array_equal(
            kept.tables["comparison"][column].to_numpy(float), made.rows[column].to_numpy(float)
        )
    assert kept.tables.facts == made.manifest["facts"]
    (tmp_path / "results.parquet").unlink()
    (tmp_path / "results.csv").unlink()
    en, ja = build_report(tmp_path, "en"), build_report(tmp_path, "ja")
    assert [p.id for p in en.pages] == [p.id for p in ja.pages]
    assert [c.id for c in en.charts] == [c.id for c in ja.charts]
    ids = [[f.id for p in r.pages for f in p.findings] for r in (en, ja)]
    assert ids[0] == ids[1]
    assert all(a.title != b.title for a, b in zip(en.pages, ja.pages, strict=True))
    assert ja.sheets["comparison"]["indicator_name"].iloc[0] == "協働事業による地域課題解決率"
    assert set(en.inputs) == {"scenarios/baseline.yaml", "scenarios/m1.yaml"}


def test_comparison_csv_opens_in_a_spreadsheet(case: Case) -> None:
    kept = case.kept()
    names = {**kept.manifest["names"], "m1": {"en": "m1", "ja": "=cmd()"}}
    report = report_of(replace(kept, manifest={**kept.manifest, "names": names}), "ja")
    table = report.sheets["comparison"]
    assert list(table.columns[:3]) == ["scenario", "indicator", "fiscal_year"]
    assert list(table.columns[-2:]) == ["indicator_name", "scenario_name"]
    assert table.loc[table["scenario"] == "m1", "scenario_name"].iloc[0] == "'=cmd()"


def test_a_folder_of_an_earlier_version_is_refused_clearly(tmp_path: Path) -> None:
    sim.compare(["m1"], draws=1, scale="1/1000", years=1, out=tmp_path)
    path = tmp_path / "manifest.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"analysis": "compare"', '"command_": "compare"'), "utf-8")
    with pytest.raises(OutputError, match=r"another version of kyodo.*give its command again"):
        build_report(tmp_path)


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
    assert len(INDICATORS) > 24
    for key, indicator in INDICATORS.items():
        assert indicator.unit in PERCENT_UNITS or f"{indicator.unit}_axis" in keys(), key
        assert all(ord(c) in have for c in indicator.name_ja), key
        assert target_value(indicator, load_profile()) is not None or indicator.kind == "auxiliary"
    kinds = [i.kind for i in INDICATORS.values()]
    assert (kinds.count("outcome"), kinds.count("delivery")) == (12, 12)
    assert INDICATORS[COST].kind == "auxiliary"
    assert {IMPACT, *IMPACT_READINGS} <= set(INDICATORS)


def test_figures_and_claims_are_those_of_what_is_switched_on() -> None:
    report = make(3, ("baseline", "m1"), 2).report("ja")
    text = summary_text(report)
    assert "m1_kgi1_solve_rate_target = 80.0%" in text
    assert all(INITIATIVES[i].name_ja in text for i in load_scenario("m1").initiatives)
    assert INITIATIVES["2.1"].name_ja not in text
    behind = set(report.figures["id"])
    assert set(INITIATIVES["1.1"].claims) <= behind
    assert not set(INITIATIVES["3.3"].claims) & behind


def test_rows_by_ward_and_month_do_not_enter_what_is_told(case: Case) -> None:
    def change(rows: pd.DataFrame) -> pd.DataFrame:
        rows = rows.assign(ward="all", month="")
        ward = rows.assign(ward="13101", median=0.123, effect_low=-9.0)
        month = rows.assign(month="2024-04", median=0.456, effect_low=-9.0)
        return pd.concat([ward, rows, month], ignore_index=True)

    mixed = case.with_rows(change)
    assert text_of(mixed) == text_of(case)
    assert summary_text(mixed.report("ja")) == summary_text(case.report("ja"))
