"""Small made-up calibrations with their checks, and the folder that keeps them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.analyses.calibration.estimate import CalibrationRecord, CheckedCalibration, keep_record
from sim.base.files import data_dir
from sim.calibrate.check import Check, check_rows
from sim.calibrate.design import TRUTH, DesignRuns
from sim.calibrate.fit import Calibration, CalibrationDesign
from sim.calibrate.recover import Recovery, summary_row
from sim.calibrate.targets import Target, Targets
from sim.figures.parameters import load_parameters
from sim.figures.posterior import Posterior

PROFILES = ("document", "official")
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
DRAWS = 40
"""Of the check: under the number that an interval needs, which limits say."""


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


def record(
    profile: str = "document", missed: str | None = None, recovered: bool = True
) -> CheckedCalibration:
    """A record in which the median of the target ``missed`` is far from its figure."""
    random = np.random.default_rng(3)
    targets = tuple(target(id) for id in LEVELS)
    outputs = np.array([[t.observed for t in targets]]) * random.normal(
        1, 0.01, (DRAWS, len(targets))
    )
    if missed is not None:
        outputs[:, list(LEVELS).index(missed)] *= 1.3
    before = {"prior_inside_90": True, "prior_p05": 0.1, "prior_p95": 0.9}
    scores = {"log_score": 1.0, "prior_log_score": 0.5}
    rows = [row | before | scores for row in check_rows(targets, outputs)]
    z = random.standard_normal((400, len(IDS)))
    table = load_parameters("document", posterior=False)
    centre = {p.id: p.value for p in table.calibrated()}
    made = {"seed": 0, "scale": 0.01, "draws": 400}
    posterior = Posterior(profile, IDS, z, centre, {}, made)
    design = CalibrationDesign(runs(64, 1, random), runs(128, 2, random), 1e-3, {})
    calibration = Calibration(profile, Targets(targets), design, table, "linear", posterior)
    sd = np.tile([1.0, 1.0, 0.4], (TRUTHS, 1))
    inside = np.ones((TRUTHS, 3), dtype=bool)
    inside[: TRUTHS // 2, 2] = False
    recovery = Recovery("linear", IDS, sd, sd, sd, inside, random.uniform(size=(TRUTHS, 3)), 1.0)
    return CheckedCalibration(
        calibration,
        Check(targets, outputs, rows, {"posterior": 2.0, "prior": 1.0}),
        recovery if recovered else None,
        [identified(id) for id in IDS],
        [summary_row(recovery)],
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
            "profile": profile, "scenario": s, "indicator": i, "fiscal_year": 2033, "unit": unit,
            "median": 1.0, "p05": 0.9, "p95": 1.1, "target": 0.8, "replicates": 1,
            "probability_target_baseline": none,
            "effect_median": effect * size,
            "effect_p05": 0.5 * effect * size,
            "effect_p95": 1.5 * effect * size,
            "probability_target": none if i == "solved_cumulative" else 0.25, "draws": 50,
        }
        for s in ("m1", "m2", "m3")
        for i, unit, size in (("M1-KGI-1", "share", 1), ("solved_cumulative", "count", 4321))
    ]  # fmt: skip
    return pd.DataFrame(every)


def full(**changes: Any) -> CalibrationRecord:
    """Two profiles and another reading of the first one, with conclusions of all."""
    reading = replace(record(missed="success"), identify=(), recovery=None, methods=(),
                      cross_check=None, hindcast=None, reading=True)  # fmt: skip
    path = data_dir("calibration", "readings") / "success_of_the_survey.yaml"
    other = replace(reading.calibration, profile=str(path))
    reused = replace(other, design=replace(other.design, reused=("first wave",)))
    calibrations = *(record(p, **changes) for p in PROFILES), replace(reading, calibration=reused)
    frames = [conclusions(p) for p in PROFILES] + [conclusions("success_of_the_survey", -0.02)]
    return CalibrationRecord(calibrations, pd.concat(frames, ignore_index=True))


def keep(folder: Path, made: CalibrationRecord, lang: str = "en") -> Path:
    """The folder of a record."""
    keep_record(made, folder, lang, ["kyodo calibrate"])
    return folder
