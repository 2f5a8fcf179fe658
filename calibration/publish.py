"""Make everything that calibration commits: ensembles, stored runs, and calibration/record/.

    python calibration/publish.py --work DIR [--workers N]

For maintainers, after the model's behaviour, the priors, the targets or the evidence have changed
(then raise MODEL_VERSION in sim/figures/posterior.py). About an hour on two cores; DIR keeps what
is done, so that the same command goes on after an interruption.

    python calibration/publish.py --work DIR --stored  # after a change of the checks: half an hour
    python calibration/publish.py --tell               # after a change of words or charts

``--stored`` takes the runs of both waves, the ensembles and the conclusions as they are committed,
and checks them again. ``--tell`` computes nothing: summary.md and charts are made from the tables.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd

from sim.analyses.analysis import analysis
from sim.analyses.calibration.estimate import (
    CalibrationRecord,
    CheckedCalibration,
    checked,
    keep_record,
    thorough,
)
from sim.analyses.compare.call import compare
from sim.analyses.compare.design import build_design
from sim.analyses.compare.explain import explain
from sim.analyses.compare.interval_parts_table import parts_path, write_parts
from sim.analyses.folder import read_kept
from sim.calibrate.fit import DEFAULT_RUNS, Calibration
from sim.calibrate.study import CalibrationRequest, calibrate, put_in_place, stored_calibration
from sim.report.tell import tell
from sim.runs.run_all import run_all

HERE = Path(__file__).resolve().parent
RECORD = HERE / "record"
PROFILES = ("document", "official")
READINGS = ("success_of_the_survey", "one_partner_satisfaction")
MEASURES = ("m1", "m2", "m3")
COMPARE_DRAWS = 50
PARTS_DRAWS = 50
COMMAND = "python calibration/publish.py --work DIR"


def fitted(profile: str, work: Path, workers: int, reuse: bool) -> Calibration:
    """A calibration in ``work``."""
    return calibrate(
        CalibrationRequest(profile, DEFAULT_RUNS),
        work,
        workers=workers,
        force=True,
        reuse=reuse,
        progress=lambda wave, done, total: (
            print(f"{profile} {wave}: {done} of {total}") if done % 512 == 0 else None
        ),
        say=lambda text: print(f"{profile}: {text}"),
    )


def published(profile: str, work: Path, workers: int) -> Calibration:
    """A calibration of a bundled profile from new runs; its files are put in their place."""
    found = fitted(profile, work / profile, workers, reuse=False)
    home = HERE / "posterior"
    home.mkdir(exist_ok=True)
    shutil.copy(work / profile / "posterior.parquet", home / f"{profile}.parquet")
    shutil.copy(work / profile / "design.parquet", home / f"{profile}_design.parquet")
    return found


def reading(name: str, work: Path, workers: int) -> tuple[CheckedCalibration, Path]:
    """Another reading of the evidence, calibrated from stored runs, and its profile."""
    path = work / f"{name}.yaml"
    for old in work.glob(f"{name}.*.parquet"):
        old.unlink()  # placed by a former pass: its own runs would look like stored ones
    work.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "readings" / path.name, path)
    found = fitted(str(path), work / name, workers, reuse=True)
    put_in_place(CalibrationRequest(str(path), DEFAULT_RUNS), work / name)
    one = checked(found, draws=COMPARE_DRAWS, workers=workers, only=True)
    return replace(one, reading=True), path


def conclusions(profile: str, workers: int, name: str, work: Path) -> pd.DataFrame:
    """Comparison rows of the three measures in the last fiscal year, kept in ``work``."""
    study = compare(
        list(MEASURES),
        draws=COMPARE_DRAWS,
        profile=profile,
        workers=workers,
        out=work / f"compare-{name}",
        force=True,
    )
    rows = study.rows.assign(profile=name)
    whole = rows["ward"].astype(str).eq("all") & rows["month"].astype(str).isin(["", "nan"])
    last = rows["fiscal_year"].eq(rows["fiscal_year"].max())
    kept = rows.loc[whole & last & rows["scenario"].ne("baseline")]
    return kept[list(analysis("calibration").schema["conclusions"])]


def main() -> None:
    """Run all steps."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path)
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--no-parts", action="store_true", help="Leave the shares as they are.")
    arguments.add_argument("--stored", action="store_true", help="Check what is committed again.")
    arguments.add_argument("--tell", action="store_true", help="Tell the tables again, no more.")
    options = arguments.parse_args()
    work, workers = options.work, options.workers
    if options.tell:
        tell(RECORD, "en", workers=workers)
        return
    if work is None:
        arguments.error("--work DIR is needed")

    calibrations = []
    for profile in PROFILES:
        found = stored_calibration(profile) if options.stored else published(profile, work, workers)
        calibrations.append(thorough(checked(found, workers=workers), workers))
    others = {name: reading(name, work, workers) for name in READINGS}
    if options.stored:
        table = read_kept(RECORD).tables["conclusions"]
    else:
        of = {p: p for p in PROFILES} | {name: str(path) for name, (_, path) in others.items()}
        frames = [conclusions(profile, workers, name, work) for name, profile in of.items()]
        table = pd.concat(frames, ignore_index=True)
    every = (*calibrations, *(one for one, _ in others.values()))
    keep_record(CalibrationRecord(every, table), RECORD, "en", [COMMAND])
    tell(RECORD, "en", workers=workers)
    if not options.stored and not options.no_parts:
        for profile in PROFILES:
            design = build_design(None, profile=profile)
            parts = explain(design, PARTS_DRAWS, lambda specs, _: run_all(specs, workers=workers))
            write_parts(parts_path(profile), parts.rows.round(4))


if __name__ == "__main__":
    main()
