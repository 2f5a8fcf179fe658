"""The record of a calibration, written from small made-up records."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from sim.calibrate.check import Check, check_rows
from sim.calibrate.design import TRUTH, DesignRuns
from sim.calibrate.fit import Calibration, CalibrationDesign
from sim.calibrate.recover import Recovery, summary_row
from sim.calibrate.targets import Target, Targets
from sim.figures.posterior import Posterior
from sim.report import calibration_judgement as judgement
from sim.report.calibration_cells import gap, level, profile_argument
from sim.report.calibration_record import (
    ProfileRecord,
    write_full_record,
    write_profile_record,
)

IDS = ("participation.quit_rate", "collaboration.trust_gain", "collaboration.success_base")
KNOWN = ("collaboration.success_base",)
LEVELS = {
    "participation": ("participation_rate", "share", "fitted", 0.287),
    "projects": ("M1-KPIop-1", "count per year", "fitted", 1850.0),
    "success": ("M1-KGI-1", "share", "anchored", 0.628),
    "npos_steady": ("npos_registered", "ratio", "input", 1.0),
    "stop_time": ("stop_time", "share", "held_out", 0.389),
}
TRUTHS = 40


def target(id: str) -> Target:
    indicator, unit, role, value = LEVELS[id]
    measure = "yearly_ratio" if unit == "ratio" else "level"
    error = 0.02 * value
    return Target(
        id, indicator, measure, unit, role, value, f"row_{id}", error, error, f"Why {id}."
    )


def runs(rows: int, wave: int, random: np.random.Generator) -> DesignRuns:
    waves = np.full(rows, wave, dtype=np.int64)
    if wave == 2:
        waves[-TRUTHS:] = TRUTH
    return DesignRuns(
        "key",
        IDS,
        tuple(LEVELS),
        random.standard_normal((rows, len(IDS))),
        np.arange(rows, dtype=np.int64),
        waves,
        np.tile([v[3] for v in LEVELS.values()], (rows, 1)),
    )


def identified(id: str) -> dict[str, Any]:
    ratio = 0.4 if id in KNOWN else 0.95
    other = {"parameter": IDS[0] if id == IDS[1] else IDS[1], "r": -0.61}
    ends = {
        f"{p}_{q}": x for p in ("prior", "posterior") for q, x in zip(ENDS, (1, 2, 3), strict=True)
    }
    return {
        "parameter": id,
        "unit": "per year",
        **ends,
        "shift": 0.1,
        "sd_ratio": ratio,
        "contraction": 1 - ratio**2,
        "identified": ratio <= 0.7,
        "correlated": [other] if id in IDS[:2] else [],
    }


ENDS = ("p05", "median", "p95")


def record(profile: str = "document", missed: str | None = None, recovered: bool = True) -> Any:
    """A record in which the median of the target ``missed`` is far from its figure."""
    random = np.random.default_rng(3)
    targets = tuple(target(id) for id in LEVELS)
    outputs = np.array([[t.observed for t in targets]]) * random.normal(1, 0.01, (60, len(targets)))
    if missed is not None:
        outputs[:, list(LEVELS).index(missed)] *= 1.3
    before = {"prior_inside_90": True, "prior_p05": 0.1, "prior_p95": 0.9}
    scores = {"log_score": 1.0, "prior_log_score": 0.5}
    rows = [row | before | scores for row in check_rows(targets, outputs)]
    z = random.standard_normal((400, len(IDS)))
    posterior = Posterior(
        profile, IDS, z, dict.fromkeys(IDS, 0.0), {}, {"seed": 0, "scale": 0.01, "draws": 400}
    )
    design = CalibrationDesign(runs(64, 1, random), runs(128, 2, random), 1e-3, {})
    calibration = Calibration(
        profile, Targets(targets), design, cast(Any, None), "linear", z, posterior
    )
    sd = np.tile([1.0, 1.0, 0.4], (TRUTHS, 1))
    inside = np.ones((TRUTHS, 3), dtype=bool)
    inside[: TRUTHS // 2, 2] = False
    recovery = Recovery("linear", IDS, sd, sd, sd, inside, random.uniform(size=(TRUTHS, 3)), 1.0)
    return ProfileRecord(
        calibration,
        Check(targets, outputs, rows, {"posterior": 2.0, "prior": 1.0}),
        recovery if recovered else None,
        [summary_row(recovery)],
        [identified(id) for id in IDS],
        {"largest_gap": 0.3, "mean_gap": 0.1, "smallest_sd_ratio": 0.9, "largest_sd_ratio": 1.1},
        {"hours_stay": {
            "median": 1.1, "p05": 1.0, "p95": 1.2, "documented": 1.3, "misfit": -0.2,
            "inside_90": False, "draws": 5, "draws_within_rounding": 0, "draws_reaching": 0,
        }},
    )  # fmt: skip


def conclusions(profile: str, effect: float = 0.05) -> pd.DataFrame:
    none = float("nan")
    every = [
        {
            "profile": profile, "scenario": s, "indicator": i, "fiscal_year": year, "unit": unit,
            "effect_median": none if s == "baseline" else effect * size,
            "effect_p05": none if s == "baseline" else 0.5 * effect * size,
            "effect_p95": none if s == "baseline" else 1.5 * effect * size,
            "probability_target": none if i == "solved_cumulative" else 0.25, "draws": 50,
        }
        for s in ("baseline", "m1", "m2", "m3")
        for i, unit, size in (("M1-KGI-1", "share", 1), ("solved_cumulative", "count", 4321))
        for year in (2024, 2033)
    ]  # fmt: skip
    return pd.DataFrame(every)


def full(folder: Path, **changes: Any) -> str:
    records = {p: record(p, **changes) for p in ("document", "official")}
    reading = {
        "check": record(missed="success").check,
        "conclusions": conclusions("x", -0.02),
        "reused": ("first wave",),
    }
    both = pd.concat([conclusions("document"), conclusions("official")], ignore_index=True)
    write_full_record(records, {"success_of_the_survey": reading}, both, folder)
    return (folder / "README.md").read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """The part of a record under a heading, up to the next one of the same level."""
    mark = heading.split(" ")[0]
    return re.split(rf"^{mark} ", text.split(heading + "\n", 1)[1], flags=re.M)[0]


def test_every_target_appears_with_its_role(tmp_path: Path) -> None:
    write_profile_record(record(), tmp_path)
    rows = section((tmp_path / "README.md").read_text(encoding="utf-8"), "## Targets")
    for id, (_, _, role, _) in LEVELS.items():
        assert re.search(rf"`{id}`\) \| {role.replace('_', ' ')} \|.*Why {id}\.", rows)


@pytest.mark.parametrize("missed", list(LEVELS))
def test_a_miss_is_listed_with_its_reason(tmp_path: Path, missed: str) -> None:
    found = section(full(tmp_path, missed=missed), "## Profile document")
    misses = section(found, "### Misses")
    assert f"`{missed}` ({LEVELS[missed][2].replace('_', ' ')}): outside" in misses
    assert f"Of the row: Why {missed}." in misses
    for other in set(LEVELS) - {missed}:
        assert f"`{other}` (" not in misses


def test_without_a_miss_the_record_says_so(tmp_path: Path) -> None:
    assert full(tmp_path).count("No target is missed.") == 2


def test_a_fitted_share_three_points_off_is_a_miss_though_inside() -> None:
    row = next(r for r in record().check.rows if r["target"] == "participation")
    off = {**row, "close": False, "gap": 0.03}
    assert [m.what for m in judgement.misses([off], ["document"])] == [
        "off by more than two points"
    ]
    anchored = {**off, "role": "anchored"}
    assert judgement.misses([anchored], ["document"]) == []
    assert [m.target for m in judgement.near_misses([anchored], ["document"])] == ["participation"]


def test_explanations_of_a_profile_come_before_the_common_ones() -> None:
    common = judgement.explanation("survival", ["document"])
    assert judgement.explanation("survival", ["document", "official", "my_ward"]) != common
    assert judgement.explanation("no_such_target", ["document"]) == "No explanation is on file."


def test_notes_name_targets_parameters_and_readings_that_exist() -> None:
    from sim.base.files import data_dir
    from sim.calibrate.targets import load_targets
    from sim.figures.parameters import load_parameters

    ids = {t.id for t in load_targets().rows}
    notes = judgement.notes()
    explained = [notes["explanations"], *notes["profile_explanations"].values()]
    assert {t for part in explained for t in part} <= ids
    calibrated = {p.id for p in load_parameters("document", posterior=False).calibrated()}
    assert set(notes["parameter_explanations"]) <= calibrated
    expected = notes["expected_unidentified"]
    assert {p for e in expected for p in e["parameters"]} <= calibrated
    assert {e["rule"] for e in expected} == {"pair", "each"}
    assert set(notes["readings"]) == {p.stem for p in data_dir("calibration", "readings").iterdir()}


def test_identified_and_other_parameters_agree_with_the_rows(tmp_path: Path) -> None:
    text = section(full(tmp_path), "## Profile official")
    part = section(text, "### What the figures inform")
    assert "inform 1 of 3 parameters" in part
    table, rest = part.split("Not identified (2)")
    named = rest.split("\n", 1)[0]
    for id in IDS:
        assert (f"`{id}`" in table) == (id in KNOWN)
        assert (f"`{id}`" in named) == (id not in KNOWN)
    assert part.count("r = -0.61") == 1  # each pair once


def test_recovery_names_what_is_outside_the_band(tmp_path: Path) -> None:
    text = full(tmp_path)
    part = section(section(text, "## Profile document"), "### Recovery of synthetic truths")
    assert f"`{KNOWN[0]}` 20 of 40" in part
    assert "50.0 % (1 parameters) **not met**" in section(text, "## In short")
    assert "40 **not met**" in section(text, "## In short")  # fewer than 200 truths


def test_expected_list_is_checked_against_what_was_found() -> None:
    rows = record().identify
    by_name = {e[0]: e for e in judgement.expected_unidentified(rows)}
    assert by_name["Learning rate of trust (L)"][2] == "as expected"
    informed = [{**r, "identified": True} for r in rows]
    by_name = {e[0]: e for e in judgement.expected_unidentified(informed)}
    assert by_name["Learning rate of trust (L)"][2].startswith("informed after all")


def test_conclusions_of_profiles_and_readings_stand_side_by_side(tmp_path: Path) -> None:
    text = full(tmp_path)
    part = section(text, "## Conclusions on the three measures, side by side")
    assert "document: effect [5, 95 %]" in part
    assert "official: effect [5, 95 %]" in part
    assert "+5.0 pt [+2.5, +7.5]" in part
    assert "25 %" in part
    assert "3 of 3 pairs" in part
    other = section(text, "## Other readings of the evidence")
    assert "0 of 3 pairs" in other
    assert "clearly down" in other
    assert "`success`" in other
    assert "`projects`" not in other


def test_the_same_record_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        full(tmp_path / name, missed="stop_time")
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*.*"))
    assert len([f for f in files if f.suffix == ".png"]) == 8
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_text_has_no_nan_and_no_folder_and_pictures_exist(tmp_path: Path) -> None:
    text = full(tmp_path)
    assert not re.search(r"\b(nan|NaN|None|inf)\b", text)
    assert str(tmp_path) not in text
    pictures = re.findall(r"\]\((figures/[^)]+)\)", text)
    assert len(pictures) == 8
    assert all((tmp_path / p).stat().st_size < 150_000 for p in pictures)


def test_record_of_a_profile_without_truths_methods_and_hindcast(tmp_path: Path) -> None:
    folder = tmp_path / "secret"
    bare = replace(
        record(str(folder / "my_ward.yaml"), recovered=False),
        methods=[], cross_check=None, hindcast=None,
    )  # fmt: skip
    names = {p.name for p in write_profile_record(bare, tmp_path)}
    assert {"README.md", "check.csv", "identify.csv", "predictive.png"} <= names
    assert "recover.csv" not in names
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "--profile my_ward.yaml" in text
    assert "secret" not in text
    assert "too few synthetic truths" in text


def test_numbers() -> None:
    assert level(0.287, "share") == "28.7 %"
    assert gap(-0.0142, "share") == "-1.4 pt"
    assert level(0.9996, "ratio") == "1.000"
    assert gap(-0.0001, "ratio") == "+0.000"
    assert level(float("nan"), "share") == "–"
    assert profile_argument("folder/my_ward.yaml") == "my_ward.yaml"
    assert profile_argument("document") == "document"
