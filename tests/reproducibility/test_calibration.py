"""What is committed belongs to this model, and an interrupted calibration loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sim.calibrate.design import DesignRuns, Task, WavePoints, run_points, run_task
from sim.calibrate.fit import SCALE, fit_posterior, posterior_scores
from sim.calibrate.inputs import design_key
from sim.calibrate.study import required_design
from sim.calibrate.targets import load_targets
from sim.figures.parameters import load_parameters
from sim.figures.posterior import read_posterior

PROFILES = ("document", "official")
RESULTS_CHANGE = (
    "the baseline gives other numbers than when it was calibrated: raise MODEL_VERSION in"
    " sim/figures/posterior.py and run calibration/publish.py"
)


def task_of(runs: DesignRuns, rows: slice, profile: str) -> Task:
    targets = load_targets(profile).rows
    return Task(0, runs.z[rows], runs.replicate[rows], targets, profile, SCALE, seed=0)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_stored_runs_are_those_of_this_model(profile: str) -> None:
    """The fingerprint of the model's behaviour: some stored runs, run again."""
    design = required_design(profile)
    targets = load_targets(profile).rows
    assert design.first.columns == tuple(t.id for t in targets)
    assert design.first.key == design_key(profile, targets, SCALE, 0), RESULTS_CHANGE
    for runs, rows in ((design.first, slice(5, 7)), (design.second, slice(-1, None))):
        _, found = run_task(task_of(runs, rows, profile))
        assert np.allclose(found, runs.outputs[rows], rtol=1e-6, atol=0.0), RESULTS_CHANGE


@pytest.mark.parametrize("profile", PROFILES)
def test_the_committed_ensemble_follows_from_the_stored_runs(profile: str) -> None:
    design = required_design(profile)
    table = load_parameters(profile)
    posterior = table.posterior
    assert posterior is not None
    assert not posterior.borrowed
    assert len(posterior.values) >= 300
    record = posterior.record
    z = posterior_scores(
        design.second, load_targets(profile).used, record["method"], record["draws"], record["seed"]
    )
    from scipy.special import ndtr

    for j, p in enumerate(load_parameters(profile, posterior=False).calibrated()):
        values = [p.quantile(float(u)) for u in np.clip(ndtr(z[:, j]), 1e-12, 1 - 1e-12)]
        assert np.allclose(values, posterior.values[:, j], rtol=1e-5, atol=1e-9), p.id


@pytest.mark.slow
def test_the_committed_centre_follows_from_the_stored_runs() -> None:
    committed = load_parameters("document").posterior
    assert committed is not None
    again = fit_posterior("document", required_design("document")).posterior
    for id, value in committed.centre.items():
        assert again.centre[id] == pytest.approx(value, rel=1e-4), id


@pytest.mark.slow
def test_runs_do_not_depend_on_workers_nor_on_pieces_that_are_there(tmp_path: Path) -> None:
    design = required_design("document").first
    points = WavePoints(1, design.z[:40], design.replicate[:40])
    targets = load_targets("document").rows

    def run(folder: Path, workers: int) -> DesignRuns:
        return run_points(
            points,
            targets,
            design.ids,
            profile="document",
            key="test",
            scale=0.001,
            seed=0,
            folder=folder,
            workers=workers,
        )

    alone = run(tmp_path / "one", 1)
    both = run(tmp_path / "two", 2)
    assert np.array_equal(alone.outputs, both.outputs)
    pieces = sorted((tmp_path / "one").glob("*.parquet"))
    assert len(pieces) == 2
    pieces[0].unlink()
    pieces[1].write_bytes(pieces[1].read_bytes()[:-100])  # cut off
    assert np.array_equal(run(tmp_path / "one", 1).outputs, alone.outputs)


CALIBRATE = """
import sys
import sim.calibrate.fit as fit
import sim.calibrate.study as study
from pathlib import Path
def main():
    request = study.CalibrationRequest("document", 160, draws=100)
    study.calibrate(request, Path(sys.argv[1]), workers=2, reuse=False)
if __name__ == "__main__":
    main()
"""


@pytest.mark.slow
def test_kill_and_resume_give_the_same_posterior_bit_for_bit(tmp_path: Path) -> None:
    script = tmp_path / "calibrate.py"
    script.write_text(CALIBRATE, encoding="utf-8")
    whole, cut = tmp_path / "whole", tmp_path / "cut"

    def start(folder: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, str(script), str(folder)], start_new_session=True)

    assert start(whole).wait(timeout=600) == 0
    for wave in ("wave1", "wave2"):  # once in either wave
        process = start(cut)
        deadline = time.monotonic() + 600
        while not list((cut / "runs").glob(f"{wave}-*.parquet")):
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert not (cut / "posterior.parquet").exists()
    assert start(cut).wait(timeout=600) == 0
    for name in ("posterior.parquet", "design.parquet"):
        assert (cut / name).read_bytes() == (whole / name).read_bytes(), name
    assert len(read_posterior(cut / "posterior.parquet").values) == 100
