"""The record of a calibration, told from small made-up ones."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from calibration_records import (
    IDS,
    KNOWN,
    LEVELS,
    PROFILES,
    conclusions,
    full,
    identified,
    keep,
    record,
)

from sim.analyses.analysis import analysis
from sim.analyses.calibration.cells import gap, level, signed
from sim.analyses.calibration.estimate import CalibrationRecord, CheckedCalibration
from sim.analyses.calibration.pages_targets import explanation
from sim.analyses.calibration.tables import EXPECTED
from sim.analyses.tables import Tables, as_kept
from sim.analyses.words import Words
from sim.pages.page import Page
from sim.report.build import build_report
from sim.report.files.markdown import summary_text
from sim.report.tell import tell

WORDS = Words("calibration", "en")


def tables(made: CalibrationRecord | CheckedCalibration) -> Tables:
    """The tables of a record, as a folder gives them back."""
    asked = analysis("calibration")
    whole = made if isinstance(made, CalibrationRecord) else CalibrationRecord((made,))
    return as_kept(asked.tables(whole), asked.schema)


def pages(made: CalibrationRecord | CheckedCalibration) -> dict[str, Page]:
    """The pages of a record by id."""
    return {p.id: p for p in analysis("calibration").pages(tables(made), WORDS)}


def said(page: Page) -> str:
    """All sentences of a page, and the cells of its tables."""
    cells = [str(c) for chart in page.charts for c in chart.table.to_numpy().ravel()]
    return "\n".join([page.message, *(f.text for f in page.findings), *page.notes, *cells])


def test_every_target_appears_with_its_role() -> None:
    charts = {c.id: c.table for c in pages(record())["targets"].charts}
    for id, (_, _, role, _) in LEVELS.items():
        rows = charts[f"targets_{role}"]
        (row,) = [r for r in rows.to_dict("records") if r["target"].endswith(f"({id})")]
        assert row["reason"] == f"Why {id}."


@pytest.mark.parametrize("missed", list(LEVELS))
def test_a_miss_is_listed_with_its_reason(missed: str) -> None:
    page = pages(full(missed=missed))["document_misses"]
    assert page.message.startswith("Targets that are missed: 1.")
    (text,) = [f.text for f in page.findings if f.id.startswith("miss_")]
    assert text.startswith(f"{missed} ({LEVELS[missed][2].replace('_', ' ')}): outside")
    assert text.endswith(f"Of the row: Why {missed}.")


def test_without_a_miss_the_record_says_so() -> None:
    told = pages(full())
    assert all(told[f"{p}_misses"].message.startswith("No target is missed") for p in PROFILES)


def test_a_fitted_share_three_points_off_is_a_miss_though_inside() -> None:
    made = record()
    row = made.check.rows[0]
    assert (row["target"], row["role"]) == ("participation", "fitted")
    for role, key in (("fitted", "miss"), ("anchored", "near_miss")):
        off = {**row, "close": False, "gap": 0.03, "role": role}
        rows = [off, *made.check.rows[1:]]
        page = pages(replace(made, check=replace(made.check, rows=rows)))["document_misses"]
        found = {f.id: f.text for f in page.findings}
        assert "off by more than two points: +3.0 pt" in found[f"{key}_participation"]
        assert page.message.startswith(
            "Targets that are missed: 1" if key == "miss" else "No target"
        )


def test_explanations_of_a_profile_come_before_the_common_ones() -> None:
    common = explanation("survival", ["document"], WORDS)
    assert explanation("survival", ["document", "official", "my_ward"], WORDS) != common
    assert explanation("no_such", ["document"], WORDS) == "No explanation is on file."


def test_words_name_targets_parameters_and_readings_that_exist() -> None:
    from sim.base.files import data_dir
    from sim.calibrate.targets import load_targets
    from sim.figures.parameters import load_parameters
    from sim.pages.word_files import texts

    keys = list(texts("sim.analyses.calibration.words"))
    ids = {t.id for t in load_targets().rows} | {"unknown"}
    explained = [k.removeprefix("why_").removeprefix("official_") for k in keys if k[:4] == "why_"]
    assert len(explained) > 20
    assert set(explained) <= ids
    calibrated = {p.id for p in load_parameters("document", posterior=False).calibrated()}
    own = [k.removeprefix("parameter_") for k in keys if k.startswith("parameter_")]
    assert own
    assert set(own) <= calibrated
    assert {p for _, _, parameters in EXPECTED for p in parameters} <= calibrated
    assert {rule for _, rule, _ in EXPECTED} == {"pair", "each"}
    for path in data_dir("calibration", "readings").iterdir():
        assert f"reading_{path.stem}" in keys


def test_identified_and_other_parameters_agree_with_the_rows() -> None:
    page = pages(full())["official_contraction"]
    assert "inform 1 of 3 parameters" in page.message
    table = page.charts[1].table
    assert list(table["identified"]) == list(KNOWN)
    named = page.findings[0].text
    assert named.startswith("Not identified (2)")
    for id in IDS:
        assert (id in named) == (id not in KNOWN)
    assert sum("r = -0.61" in f.text for f in page.findings) == 1  # each pair once


def test_recovery_names_what_is_outside_the_band() -> None:
    told = pages(full())
    assert f"{KNOWN[0]} 20 of 40" in said(told["document_coverage"])
    short = said(told["demands"])
    assert "50.0 % (1 parameters), NOT MET" in short
    assert "40, NOT MET" in short  # fewer than 200 truths
    assert "rests on 192 runs instead of 4,352" in short


def test_expected_list_is_checked_against_what_was_found() -> None:
    made = record()
    assert "as expected" in said(pages(made)["expected"])
    informed = [{**identified(id), "identified": True} for id in IDS]
    rows = tables(replace(made, identify=informed))["expected"].set_index("group")
    assert not rows.loc["trust", "as_expected"]
    told = said(pages(replace(made, identify=informed))["expected"])
    assert "informed after all: collaboration.trust_gain" in told


def test_conclusions_of_profiles_and_readings_stand_side_by_side() -> None:
    told = pages(full())
    part = told["conclusions"]
    heads = list(part.charts[0].table.columns)
    assert {"document: effect [5, 95 %]", "official: effect [5, 95 %]"} <= set(heads)
    text = said(part)
    assert "+5.0 pt [+2.5, +7.5]" in text
    assert "25 %" in text
    assert "3 of 3 pairs" in text
    assert "this is no ranking" in text  # equal effects overlap
    other = told["success_of_the_survey"]
    assert "0 of 3 pairs" in said(other)
    assert "clearly down" in said(other)
    assert "first wave" in said(other)
    (levels,) = [c for c in other.charts if c.id.endswith("_levels")]
    assert len(levels.table) == 1
    assert levels.table["target"][0].endswith("(success)")


def test_effects_that_are_apart_are_ranked() -> None:
    made = full()
    size = {"m1": 5.0, "m2": 20.0, "m3": 1.0}
    table = conclusions("document")
    for end in ("median", "p05", "p95"):
        table[f"effect_{end}"] *= [size[s] for s in table["scenario"]]
    both = pd.concat([table, conclusions("official")], ignore_index=True)
    text = said(pages(replace(made, conclusions=both))["conclusions"])
    line = next(t for t in text.split("\n") if t.startswith("document: extra"))
    assert line.index("m2") < line.index("m1") < line.index("m3")
    assert "no ranking" not in line


def test_the_same_record_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        tell(keep(tmp_path / name, full(missed="stop_time")), "en")
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*.*"))
    assert len([f for f in files if f.suffix == ".png"]) == 8
    assert len([f for f in files if f.suffix == ".csv"]) == 10
    for file in (f for f in files if f.name != "manifest.json"):  # it has the time
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    text = (tmp_path / "a" / "summary.md").read_text(encoding="utf-8")
    assert not re.search(r"\b(nan|NaN|None|inf)\b", text)
    assert str(tmp_path) not in text
    pictures = re.findall(r"\]\((charts/[^)]+)\)", text)
    assert len(pictures) == 8
    assert all((tmp_path / "a" / p).is_file() for p in pictures)
    assert "Given profile 'document, official'" in text + " ".join(
        build_report(tmp_path / "a", "en").foot.lines
    )


def test_its_limits_are_its_own(tmp_path: Path) -> None:
    report = build_report(keep(tmp_path, full()), "en")
    assert report.limits[1:] == analysis("calibration").limits(tables(full()), WORDS)
    assert report.limits[1].startswith("The figures are unverified")


def test_record_of_a_profile_without_truths_methods_and_hindcast(tmp_path: Path) -> None:
    own = tmp_path / "secret" / "my_ward.yaml"
    own.parent.mkdir()
    own.write_text("name: my_ward\nextends: document\nrows: {}\n", encoding="utf-8")
    bare = replace(record(str(own), recovered=False), methods=(), cross_check=None, hindcast=None)
    folder = keep(tmp_path / "out", CalibrationRecord((bare,)))
    names = {p.name for p in folder.iterdir()}
    assert {"check.csv", "identify.csv", "manifest.json", "profile.yaml"} <= names
    assert not {"recover.csv", "methods.csv", "hindcast.csv", "conclusions.csv"} & names
    own.unlink()
    report = build_report(folder, "en")
    text = summary_text(report)
    assert "--profile my_ward.yaml" in text
    assert "secret" not in text
    assert "too few synthetic truths" in text
    assert "calibrated for it" in report.foot.lines[0]  # nothing beside the profile is asked


def test_numbers() -> None:
    def shown(value: Any, unit: str) -> str:
        return level(value, unit, WORDS)

    assert shown(0.287, "share") == "28.7 %"
    assert gap(-0.0142, "share", WORDS) == "-1.4 pt"
    assert shown(0.9996, "ratio") == "1.000"
    assert gap(-0.0001, "ratio", WORDS) == "+0.000"
    assert signed(-0.001) == "+0.00"
    assert shown(None, "share") == "–"
