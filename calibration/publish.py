"""Make everything that calibration commits: ensembles, stored runs, and calibration/README.md.

    python calibration/publish.py --work DIR [--workers N]

For maintainers, after the model's behaviour, the priors, the targets or the evidence have changed
(then raise MODEL_VERSION in sim/figures/posterior.py). About an hour on two cores; DIR keeps what
is done, so that the same command goes on after an interruption.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd

from sim.analyses.compare.call import compare
from sim.analyses.compare.design import build_design
from sim.analyses.compare.explain import explain
from sim.analyses.compare.interval_parts_table import parts_path, write_parts
from sim.calibrate.check import posterior_runs, predictive_check
from sim.calibrate.fit import DEFAULT_RUNS, Calibration, posterior_scores
from sim.calibrate.hindcast import hindcast
from sim.calibrate.identify import cross_check, identify_rows, normal_scores
from sim.calibrate.methods import CALIBRATION_METHODS
from sim.calibrate.recover import recover, summary_row
from sim.calibrate.study import CalibrationRequest, calibrate, put_in_place
from sim.report.calibration_record import ProfileRecord, write_full_record
from sim.runs.run_all import run_all

HERE = Path(__file__).resolve().parent
PROFILES = ("document", "official")
READINGS = ("success_of_the_survey", "one_partner_satisfaction")
MEASURES = ("m1", "m2", "m3")
CHECK_DRAWS = 200
COMPARE_DRAWS = 50
HINDCAST_DRAWS = 50
PARTS_DRAWS = 50
EMULATOR_TRUTHS = 40
"""Sampling takes about two seconds a truth."""


def fitted(profile: str, work: Path, workers: int, reuse: bool) -> Calibration:
    """A calibration in ``work``; its files are put where the profile's are looked for."""
    request = CalibrationRequest(profile, DEFAULT_RUNS)
    return calibrate(
        request,
        work,
        workers=workers,
        force=True,
        reuse=reuse,
        progress=lambda wave, done, total: (
            print(f"{profile} {wave}: {done} of {total}") if done % 512 == 0 else None
        ),
        say=lambda text: print(f"{profile}: {text}"),
    )


def record_of(found: Calibration, workers: int, profile: str) -> ProfileRecord:
    """All checks of one calibration."""
    table = found.table.with_posterior(found.posterior)
    used, rows = found.targets.used, found.targets.rows
    second = found.design.second
    outputs = posterior_runs(table, rows, draws=CHECK_DRAWS, workers=workers)
    methods, default = [], None
    for name in CALIBRATION_METHODS:
        one = recover(second, used, name, truths=EMULATOR_TRUTHS if name == "emulator" else None)
        methods.append(summary_row(one))
        print(f"{profile}: {methods[-1]}")
        if name == found.method:
            default = one
    sampled = posterior_scores(second, used, "emulator", len(found.z), 0)
    return ProfileRecord(
        calibration=found,
        check=predictive_check(rows, outputs, found.design.first),
        recovery=default,
        methods=methods,
        identify=identify_rows(
            found.table, found.posterior, normal_scores(found.table, found.posterior)
        ),
        cross_check=cross_check(found.z, sampled),
        hindcast=hindcast(profile, HINDCAST_DRAWS, 0, 0.01, workers).summary,
    )


def conclusions(profile: str, workers: int, name: str, work: Path) -> pd.DataFrame:
    """Comparison rows of the three measures under a profile, kept in ``work``."""
    study = compare(
        list(MEASURES),
        draws=COMPARE_DRAWS,
        profile=profile,
        workers=workers,
        out=work / f"compare-{name}",
        force=True,
    )
    return study.rows.assign(profile=name)


def main() -> None:
    """Run all steps."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--no-parts", action="store_true", help="Leave the shares as they are.")
    options = arguments.parse_args()
    work, workers = options.work, options.workers

    home = HERE / "posterior"
    home.mkdir(exist_ok=True)
    found: dict[str, Calibration] = {}
    for profile in PROFILES:
        folder = work / profile
        found[profile] = fitted(profile, folder, workers, reuse=False)
        shutil.copy(folder / "posterior.parquet", home / f"{profile}.parquet")
        shutil.copy(folder / "design.parquet", home / f"{profile}_design.parquet")
    records = {p: record_of(c, workers, p) for p, c in found.items()}
    frames = [conclusions(p, workers, p, work) for p in PROFILES]

    readings: dict[str, Any] = {}
    for name in READINGS:
        path = work / f"{name}.yaml"
        for old in work.glob(f"{name}.*.parquet"):
            old.unlink()  # placed by a former pass: its own runs would look like stored ones
        shutil.copy(HERE / "readings" / path.name, path)
        request = CalibrationRequest(str(path), DEFAULT_RUNS)
        other = fitted(str(path), work / name, workers, reuse=True)
        put_in_place(request, work / name)
        table = other.table.with_posterior(other.posterior)
        rows = other.targets.rows
        outputs = posterior_runs(table, rows, draws=COMPARE_DRAWS, workers=workers)
        check = predictive_check(rows, outputs, other.design.first)
        frame = conclusions(str(path), workers, name, work)
        readings[name] = {"check": check, "conclusions": frame, "reused": other.design.reused}
    write_full_record(records, readings, pd.concat(frames, ignore_index=True), HERE)
    if not options.no_parts:
        for profile in PROFILES:
            design = build_design(None, profile=profile)
            parts = explain(design, PARTS_DRAWS, lambda specs, _: run_all(specs, workers=workers))
            write_parts(parts_path(profile), parts.rows.round(4))
    print(json.dumps({p: r.check.log_score for p, r in records.items()}))


if __name__ == "__main__":
    main()
