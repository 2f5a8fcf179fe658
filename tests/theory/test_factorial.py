"""Contrasts of a 2^3 factorial with known effects, and what they are called."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.analyses.attribute.factorial import (
    Contrast,
    apply,
    contrasts,
    log_scale,
    sign_of,
    transformed,
    verdict,
)
from sim.analyses.shared.means import mean_frame, mean_interval, ratio_interval
from sim.model.indicators import INDICATORS

Floats = NDArray[np.float64]

NAN = float("nan")
MASKS = np.array([[m >> k & 1 for k in range(3)] for m in range(8)], dtype=np.float64)
"""On or off [8 combinations, 3 factors]."""


def response(own: Any, pairs: Any, triple: float) -> Floats:
    """10 + own effects + interactions of 01, 02, 12 and of all three: [8]."""
    a, b, c = MASKS.T
    twos = np.stack([a * b, a * c, b * c])
    return 10 + MASKS @ np.asarray(own) + np.asarray(pairs) @ twos + triple * a * b * c


def named(factors: int = 3) -> dict[tuple[str, tuple[int, ...]], Contrast]:
    return {(c.kind, c.factors): c for c in contrasts(factors)}


def test_known_effects_and_interactions_are_found() -> None:
    y = response([1.0, -2.0, 4.0], [0.5, -0.25, 3.0], 0.8)
    found = {key: float(apply(c, y)) for key, c in named().items()}
    assert [found["alone", (k,)] for k in range(3)] == pytest.approx([1.0, -2.0, 4.0])
    twos = ((0, 1), (0, 2), (1, 2))
    assert [found["pair_alone", p] for p in twos] == pytest.approx([0.5, -0.25, 3.0])
    # averaged over the third: half of the three-factor interaction is in
    assert [found["pair", p] for p in twos] == pytest.approx([0.9, 0.15, 3.4])
    assert found["triple", (0, 1, 2)] == pytest.approx(0.8)
    assert found["gap", (0, 1, 2)] == pytest.approx(0.5 - 0.25 + 3.0 + 0.8)
    # the main effect: own + half of its pairs + a quarter of the triple
    assert found["main", (0,)] == pytest.approx(1.0 + 0.5 * (0.5 - 0.25) + 0.25 * 0.8)
    assert found["last", (2,)] == pytest.approx(4.0 - 0.25 + 3.0 + 0.8)


def test_main_effects_by_their_definition() -> None:
    y = np.random.default_rng(2).normal(size=8)
    for k in range(3):
        on = MASKS[:, k] == 1
        main = float(apply(named()["main", (k,)], y))
        assert main == pytest.approx(y[on].mean() - y[~on].mean())


def test_effects_of_an_additive_response_agree_and_nothing_interacts() -> None:
    y = response([1 / 3, -2 / 7, 4 / 9], [0.0] * 3, 0.0)
    for c in contrasts(3):
        value = float(apply(c, y))
        if c.kind in ("alone", "main", "last"):
            assert value == pytest.approx([1 / 3, -2 / 7, 4 / 9][c.factors[0]])
        else:
            assert value == 0.0  # exactly: the rounding of the sum is taken away


def test_two_factors_and_one() -> None:
    y = np.array([1.0, 3.0, 4.0, 7.5])
    assert float(apply(named(2)["pair", (0, 1)], y)) == pytest.approx(1.5)
    assert float(apply(named(2)["gap", (0, 1)], y)) == pytest.approx(1.5)
    assert {c.kind for c in contrasts(1)} == {"alone", "main", "last"}


def test_a_missing_combination_spoils_only_what_needs_it() -> None:
    y = response([1.0, 2.0, 3.0], [0.0] * 3, 0.0)
    y[7] = np.nan
    assert float(apply(named()["alone", (1,)], y)) == pytest.approx(2.0)
    assert np.isnan(apply(named()["gap", (0, 1, 2)], y))


@pytest.mark.parametrize(
    ("scale", "back"),
    [
        ("log_odds", lambda x: 1 / (1 + np.exp(-x))),
        ("log", np.exp),
        ("log_rise", np.expm1),
    ],
)
def test_effects_that_add_on_a_scale_do_not_interact_there(scale: str, back: Any) -> None:
    y = back(response([0.5, 0.8, -0.4], [0.0] * 3, 0.0) - 9)
    gap = named()["gap", (0, 1, 2)]
    assert float(apply(gap, transformed(y, scale))) == pytest.approx(0.0, abs=1e-12)
    assert abs(float(apply(gap, y))) > 0.01


def test_scales_that_do_not_exist_give_no_number() -> None:
    assert np.isnan(transformed(np.array([0.0, 1.0, -0.1]), "log_odds")).all()
    assert np.isnan(transformed(np.array([0.0, -3.0]), "log")).all()
    assert transformed(np.array([-0.1]), "log_rise")[0] == pytest.approx(np.log(0.9))


def test_every_indicator_has_its_scale() -> None:
    scale = {i: log_scale(INDICATORS[i]) for i in INDICATORS}
    assert scale["M1-KGI-1"] == "log_odds"
    assert scale["M3-KGI-1"] == scale["M2-KPIoc-1"] == "log_rise"
    assert scale["M1-KPIop-1"] == "log"


def test_signs_that_differ_are_called_scale_dependent() -> None:
    """Near a ceiling: more than additive on the log-odds, less than additive in points."""
    rng = np.random.default_rng(4)
    level = 2.0 + 0.1 * rng.normal(size=(1, 60, 1, 1))
    logit = level + (MASKS @ [1.0, 1.0, 1.0] + 0.1 * MASKS[:, 0] * MASKS[:, 1])
    y = 1 / (1 + np.exp(-logit))
    gap = named()["gap", (0, 1, 2)]
    natural = mean_interval(apply(gap, y))[:, 0]
    log = mean_interval(apply(gap, transformed(y, "log_odds")))[:, 0]
    assert natural[2] < 0 < log[1]
    assert verdict(list(natural), list(log)) == "scale_dependent"


@pytest.mark.parametrize(
    ("natural", "log", "word"),
    [
        ((2, 1, 3), (0.2, 0.1, 0.3), "positive"),
        ((-2, -3, -1), (-0.2, -0.3, -0.1), "negative"),
        ((2, 1, 3), (-0.2, -0.3, -0.1), "scale_dependent"),
        ((2, 1, 3), (-0.2, -0.5, 0.1), "scale_dependent"),
        ((2, -1, 5), (-0.2, -0.5, 0.1), "unclear"),
        ((2, 1, 3), (0.2, -0.1, 0.5), "positive_one_scale"),
        ((2, -1, 5), (0.2, 0.1, 0.3), "positive_one_scale"),
        ((-2, -3, -1), (NAN, NAN, NAN), "negative_one_scale"),
        ((-2, -3, -1), (0.0, 0.0, 0.0), "negative_one_scale"),
        ((0, 0, 0), (NAN, NAN, NAN), "zero"),
        ((2, NAN, NAN), (1, NAN, NAN), "unclear"),
        ((NAN, NAN, NAN), (NAN, NAN, NAN), "not_available"),
    ],
)
def test_verdicts(natural: Any, log: Any, word: str) -> None:
    assert verdict(natural, log) == word


def test_a_lower_value_may_be_the_better_one() -> None:
    assert verdict((-2, -3, -1), (-1, -2, -0.5), direction=-1) == "positive"
    assert (sign_of(0.1, 2.0), sign_of(-2.0, -0.1), sign_of(-1.0, 1.0)) == (1, -1, 0)


# ---- the two intervals


def test_the_interval_of_the_mean_covers_it_as_often_as_it_says() -> None:
    """Draws with replicates that share half of the variance: 95 % of the intervals hold 0."""
    from scipy.stats import binomtest

    rng = np.random.default_rng(6)
    cells = 2000
    sample = rng.normal(size=(cells, 12, 1)) + rng.normal(size=(cells, 12, 3))
    _, low, high = mean_interval(sample)
    inside = int(np.sum((low <= 0) & (high >= 0)))
    assert binomtest(inside, cells, 0.95).pvalue > 0.001


def test_more_draws_narrow_the_mean_but_not_the_spread() -> None:
    rng = np.random.default_rng(8)
    few, many = (mean_frame(rng.normal(size=(1, n, 1))).iloc[0] for n in (60, 6000))
    assert many["mean_high"] - many["mean_low"] < 0.2 * (few["mean_high"] - few["mean_low"])
    assert many["p95"] - many["p05"] == pytest.approx(3.29, abs=0.15)


def test_under_fifty_draws_there_is_a_range() -> None:
    row = mean_frame(np.arange(10.0).reshape(1, 10, 1)).iloc[0]
    assert (row["low"], row["high"], row["interval_kind"]) == (0.0, 9.0, "range")
    assert np.isnan(row["p05"])
    assert row["above_zero"] == 0.9
    one = mean_frame(np.array([[[3.0]]])).iloc[0]
    assert one["mean"] == 3.0
    assert np.isnan(one["mean_low"])


def test_a_mean_over_a_handful_of_runs_is_not_given() -> None:
    sample = np.ones((2, 10, 1))
    sample[1, :2] = np.nan
    frame = mean_frame(sample)
    assert list(frame["status"]) == ["ok", "not_available"]
    assert frame["mean"].isna().tolist() == [False, True]


def test_the_interval_of_a_share_covers_the_ratio_of_the_means() -> None:
    from scipy.stats import binomtest

    rng = np.random.default_rng(10)
    cells = 2000
    whole = 5 + rng.normal(size=(cells, 40, 1))
    part = 0.3 * whole + 0.2 * rng.normal(size=(cells, 40, 1))
    share, low, high = ratio_interval(part, whole)
    inside = int(np.sum((low <= 0.3) & (high >= 0.3)))
    assert binomtest(inside, cells, 0.95).pvalue > 0.001
    assert share.mean() == pytest.approx(0.3, abs=0.002)


def test_no_share_of_an_effect_that_may_be_none() -> None:
    whole = np.array([[[-1.0], [1.0], [0.5], [-0.6]]])
    assert np.isnan(ratio_interval(whole / 2, whole)).all()
