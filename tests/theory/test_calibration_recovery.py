"""Recovery, predictive check and identification where the answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.base.errors import UsageError
from sim.base.randomness import generator
from sim.calibrate import recover as recovery
from sim.calibrate.check import check_rows, log_score
from sim.calibrate.design import TRUTH, DesignRuns
from sim.calibrate.fit import RunNumbers, moved_figures
from sim.calibrate.identify import cross_check, identify_rows, normal_scores
from sim.calibrate.targets import Target
from sim.figures.parameters import load_parameters
from sim.figures.posterior import Posterior

PARAMETERS, TARGETS = 6, 5
SLOPES = generator(3, "slopes").normal(size=(PARAMETERS, TARGETS))
SLOPES[-1] = 0.0


def target(id: str = "t0", observed: float = 1.0, error: float = 0.05, **other: str) -> Target:
    given = {"unit": "ratio", "role": "fitted", **other}
    half = error / math.sqrt(2.0)
    return Target(
        id=id,
        indicator="M1-KPIop-1",
        measure="level",
        observed=observed,
        evidence=None,
        s_obs=half,
        s_discrepancy=half,
        reason="test",
        **given,
    )


USED = tuple(target(f"t{j}") for j in range(TARGETS))


def linear_design(rows: int, truths: int, luck: float = 0.0) -> DesignRuns:
    """Runs of a model that is linear on the log scale; the last rows are truths."""
    random = generator(11, "design")
    z = random.normal(size=(rows, PARAMETERS))
    y = 0.1 * z @ SLOPES + luck * random.normal(size=(rows, TARGETS))
    wave = np.full(rows, 2)
    wave[-truths:] = TRUTH
    ids = tuple(f"p{j}" for j in range(PARAMETERS))
    columns = tuple(t.id for t in USED)
    return DesignRuns("key", ids, columns, z, np.arange(rows), wave, np.exp(y))


@pytest.mark.parametrize("method", ["linear", "quadratic"])
def test_an_honest_method_covers_and_its_ranks_are_uniform(method: str) -> None:
    found = recovery.recover(linear_design(1600, 256, luck=0.02), USED, method)
    summary = recovery.summary_row(found)
    assert 0.87 <= summary["coverage"] <= 0.93
    assert summary["outside_band"] == 0
    assert summary["rank_rejected"] == 0
    rows = {r["parameter"]: r for r in recovery.recovery_rows(found)}
    assert not rows["p5"]["identified"], "no target shows the last parameter"
    assert rows["p5"]["posterior_sd"] == pytest.approx(1.0, rel=0.1)
    assert summary["identified"] >= 3


def test_errors_that_are_left_out_show_as_too_few_hits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The truths' figures carry an error that the method is not told: coverage must fall."""
    told = recovery.error_sds
    monkeypatch.setattr(
        recovery, "TrainingRuns", lambda z, y, error, seed: _told(z, y, error, seed)
    )
    monkeypatch.setattr(recovery, "error_sds", lambda used: 2.0 * told(used))
    summary = recovery.summary_row(recovery.recover(linear_design(1600, 256), USED, "linear"))
    assert summary["coverage_identified"] < 0.85
    assert summary["outside_band"] > 0
    assert summary["rank_rejected"] > 0


def _told(z: np.ndarray, y: np.ndarray, error: np.ndarray, seed: int) -> object:
    from sim.calibrate.methods import TrainingRuns

    return TrainingRuns(z, y, error / 2.0, seed)


def test_too_few_truths_are_refused() -> None:
    with pytest.raises(UsageError, match="keeps 10 synthetic truths, at least 20"):
        recovery.recover(linear_design(400, 10), USED, "linear")


def test_the_band_of_two_hundred_truths_is_that_of_the_issue() -> None:
    assert recovery.band(200) == (168, 190)


def test_holm_rejects_step_by_step() -> None:
    assert recovery.holm([0.2, 0.001, 0.5, 0.004]) == [True, False, True, True]
    assert recovery.holm([0.0001, 0.003, 0.5, 0.9]) == [False, False, True, True]
    assert recovery.holm([0.02] * 50) == [True] * 50


def test_log_score_of_one_run_is_the_normal_density() -> None:
    t = target(observed=1.0, error=0.1)
    y = 0.15  # log of the run; the figure is 0 on that scale
    expected = -0.5 * (y / 0.1) ** 2 - math.log(0.1 * math.sqrt(2 * math.pi))
    assert log_score([t], np.array([[math.exp(y)]])) == pytest.approx(expected)


def test_log_score_rewards_sharpness_and_truth() -> None:
    t = target(error=0.05)
    wide, narrow = np.linspace(-1, 1, 101), np.linspace(-0.1, 0.1, 101)
    scores = [log_score([t], np.exp(y)[:, None]) for y in (narrow, wide, narrow + 1.0)]
    assert scores[0] > scores[1] > scores[2]


def test_check_rows_hold_the_error_of_the_figure() -> None:
    t = target(observed=0.3, error=0.03, unit="share", id="share")
    runs = t.natural(t.scaled(0.3) + 0.001 * generator(1, "r").normal(size=200))[:, None]
    (row,) = check_rows([t], runs)
    assert row["median"] == pytest.approx(0.3, abs=0.001)
    assert row["close"]
    assert row["p95"] - row["p05"] == pytest.approx(2 * 1.645 * 0.03, rel=0.06)
    assert row["runs_p95"] - row["runs_p05"] < 0.002
    (far,) = check_rows([t], np.clip(runs + 0.09, 0, 1))
    assert not far["inside_90"]
    assert not far["close"]
    assert far["z"] == pytest.approx(float(t.scaled(0.39) - t.scaled(0.3)) / t.scaled_sd, rel=0.03)


def test_normal_scores_undo_the_quantiles_of_the_priors() -> None:
    table = load_parameters("document", posterior=False)
    from sim.calibrate.design import parameters_of

    free = table.calibrated()
    z = np.clip(generator(4, "z").normal(size=(30, len(free))), -2.0, 2.0)
    rows = [parameters_of(table, point) for point in z]
    values = np.array([[row[p.id] for p in free] for row in rows])
    posterior = Posterior("document", tuple(p.id for p in free), values, rows[0], {}, {})
    back = normal_scores(table, posterior)
    inside = np.column_stack([
        np.ones(len(z), dtype=bool) if p.bounds is None
        else (values[:, j] > p.bounds[0]) & (values[:, j] < p.bounds[1])
        for j, p in enumerate(free)
    ])  # fmt: skip
    assert 0.9 < inside.mean() < 1.0, "some draws sit at a hard limit"
    assert np.abs(back - z)[inside].max() < 1e-6
    assert (np.abs(back) <= np.abs(z) + 1e-6)[~inside].all(), "the score where the limit is reached"
    assert np.abs(back[~inside]).min() > 0.5


def test_identify_names_contraction_and_correlation() -> None:
    table = load_parameters("document", posterior=False)
    ids = tuple(p.id for p in table.calibrated())
    z = generator(9, "z").normal(size=(4000, len(ids)))
    z[:, 0] *= 0.5
    z[:, 2] = 0.9 * z[:, 1] + math.sqrt(1 - 0.81) * z[:, 2]
    posterior = Posterior("document", ids, z, dict.fromkeys(ids, 0.0), {}, {})
    rows = identify_rows(table, posterior, z)
    assert rows[0]["parameter"] == ids[0]
    assert rows[0]["identified"]
    assert rows[0]["contraction"] == pytest.approx(0.75, abs=0.03)
    by_id = {row["parameter"]: row for row in rows}
    assert not by_id[ids[1]]["identified"]
    (other,) = by_id[ids[1]]["correlated"]
    assert other["parameter"] == ids[2]
    assert other["r"] == pytest.approx(0.9, abs=0.02)


def test_cross_check_of_equal_and_of_shifted_posteriors() -> None:
    z = generator(2, "z").normal(size=(1000, 3))
    same = cross_check(z, z)
    assert same["largest_gap"] == 0.0
    assert same["largest_sd_ratio"] == pytest.approx(1.0)
    assert cross_check(z, z + 1.0)["largest_gap"] == pytest.approx(1.0, rel=0.1)


def test_a_plan_splits_runs_and_refuses_too_few() -> None:
    assert RunNumbers.of(4352) == RunNumbers(2048, 2304, 256)
    assert RunNumbers.of(128) == RunNumbers(64, 64, 16)
    with pytest.raises(UsageError, match="127 is not at least 128"):
        RunNumbers.of(127)


def test_a_second_wave_stays_valid_only_near_its_figures() -> None:
    then = {"a": (0.0, 1.0), "b": (2.0, 0.5)}
    assert moved_figures(then, then) == []
    assert moved_figures({"a": (0.4, 1.0), "b": (2.0, 0.5)}, then) == []
    assert moved_figures({"a": (0.6, 1.0), "b": (2.0, 0.5)}, then) == ["a"]
    assert moved_figures({"a": (0.0, 0.5), "c": (2.0, 0.5)}, then) == ["a", "c"]
