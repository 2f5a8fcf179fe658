"""What calibration has to show, on the committed ensembles of both profiles (issue 3)."""

from __future__ import annotations

import pytest

from sim.calibrate.check import Check, posterior_runs, predictive_check
from sim.calibrate.recover import recover, recovery_rows, summary_row
from sim.calibrate.study import required_design
from sim.calibrate.targets import load_targets
from sim.figures.parameters import load_parameters

PROFILES = ("document", "official")


@pytest.mark.parametrize("profile", PROFILES)
def test_synthetic_truths_are_recovered(profile: str) -> None:
    found = recover(required_design(profile).second, load_targets(profile).used, "linear")
    summary = summary_row(found)
    assert summary["truths"] >= 200
    assert 0.87 <= summary["coverage"] <= 0.93
    assert 0.87 <= summary["coverage_identified"] <= 0.93
    assert summary["identified"] >= 15
    assert summary["rank_rejected"] == 0
    # of 52 parameters .5 fall outside an exact 99 % band by chance; three or more: p = .015
    outside = [r["parameter"] for r in recovery_rows(found) if not r["in_band"]]
    assert len(outside) <= 2, outside


@pytest.fixture(scope="module", params=PROFILES)
def check(request: pytest.FixtureRequest) -> Check:
    profile = request.param
    rows = load_targets(profile).rows
    outputs = posterior_runs(load_parameters(profile), rows, draws=200, workers=2)
    return predictive_check(rows, outputs, required_design(profile).first)


@pytest.mark.slow
def test_fitted_shares_are_met_within_two_points(check: Check) -> None:
    far = {
        r["target"]: r["gap"] for r in check.rows if r["role"] == "fitted" and r["close"] is False
    }
    assert far == {}


@pytest.mark.slow
def test_figures_lie_in_their_intervals(check: Check) -> None:
    fitted = [r["inside_90"] for r in check.rows if r["role"] == "fitted"]
    held = [r["inside_90"] for r in check.rows if r["role"] == "held_out"]
    assert sum(fitted) >= 0.85 * len(fitted)
    assert sum(held) >= 5
    assert len(held) == 7


@pytest.mark.slow
def test_calibration_sharpens_what_is_said_about_held_out_figures(check: Check) -> None:
    assert check.log_score["posterior"] > check.log_score["prior"] + 1.0
