"""The instant answers that come with Kyodo are those of today's model and figures."""

from __future__ import annotations

import numpy as np
import pytest

from sim.analyses.instant.anchors import (
    BASELINE,
    DRAWS,
    SCALE,
    YEARS,
    Anchors,
    anchor_scenarios,
    find_anchors,
    kept_indicators,
)
from sim.analyses.instant.estimate import Instant, setting_of
from sim.analyses.shared.values import outcomes
from sim.base.user_choices import DISCOUNTS
from sim.runs.run_all import run_all
from sim.runs.spec import RunSpec

PROFILES = ("document", "official")


def bundled(profile: str) -> Anchors:
    """The anchors that come with Kyodo."""
    found = find_anchors(profile)
    assert found is not None, (
        "figures, parameters, scenarios or MODEL_VERSION have changed since the instant answers"
        " were made: run python calibration/publish_instant.py --work DIR"
    )
    return found


@pytest.mark.parametrize("profile", PROFILES)
def test_they_fit_and_are_whole(profile: str) -> None:
    anchors = bundled(profile)
    assert anchors.indicators == kept_indicators()
    assert len(anchors.years) == YEARS
    for mode in DISCOUNTS:
        assert anchors.draws(mode) == DRAWS[mode]
        assert set(anchors.values[mode]) >= set(anchor_scenarios())


@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES)
def test_runs_of_today_give_the_same_numbers(profile: str) -> None:
    """Some labels, modes and draws, run again: equal in single precision."""
    anchors = bundled(profile)
    picked = [
        ("discounted", "all_measures", 0), ("discounted", "2.3", 5), ("as_claimed", "half_2", 1),
        ("none", "m1", 0), ("discounted", BASELINE, 49), ("discounted", "check_3", 2),
    ]  # fmt: skip
    specs = [
        RunSpec(
            anchors.scenarios[label], draw=draw, profile=profile, discount=mode, scale=SCALE,
            years=YEARS,
        )
        for mode, label, draw in picked
    ]  # fmt: skip
    cube = run_all(specs, workers=1).cube(kept_indicators())
    for (mode, label, draw), got in zip(picked, cube, strict=True):
        kept = anchors.values[mode][label][draw]
        np.testing.assert_array_equal(got.astype(np.float32), kept.astype(np.float32))


@pytest.mark.parametrize("profile", PROFILES)
def test_interpolation_errs_less_than_the_interval_is_wide(profile: str) -> None:
    """Over plans held out, the error of the median effect is small against what is shown: half the
    90 % interval of the effect of all measures."""
    instant = Instant(bundled(profile))
    values = instant.anchors.values["discounted"]
    effect = values["all_measures"] - values[BASELINE]
    low, high = np.nanquantile(effect[:, :, -1], [0.05, 0.95], axis=0)
    for id in outcomes():
        n = instant.anchors.indicators.index(id)
        assert instant.error[id]["typical"] < (high[n] - low[n]) / 2, id


@pytest.mark.parametrize("profile", PROFILES)
def test_the_documents_order_is_told_within_a_tenth(profile: str) -> None:
    """``staged`` was run but is no part of the interpolation: cumulated solved projects."""
    instant = Instant(bundled(profile))
    n = instant.anchors.indicators.index("solved_cumulative")
    base = instant.anchors.values["discounted"][BASELINE]
    setting = setting_of(instant.anchors.scenarios["staged"], YEARS)
    exact = (instant.values(setting, "discounted") - base)[:, n, -1]
    guess = (instant.values(setting, "discounted", interpolate=True) - base)[:, n, -1]
    assert np.median(guess) == pytest.approx(np.median(exact), rel=0.1)
