"""Each initiative alone moves its proximal indicators; distal effects are tested and printed."""

from __future__ import annotations

from functools import lru_cache

import pytest
from initiative_effects import ALPHA, Pairs, Runs, effects, report, standard_runs, text
from model_runs import SMALL, USUAL, Values, show

from sim.model.indicators import INDICATORS
from sim.model.measures import INITIATIVES

IDS = tuple(INITIATIVES)
FEW, SHORT = range(3), 6
MANY, TWENTY = range(100), range(20)


@lru_cache(maxsize=1)
def few() -> Runs:
    """Three pairs over six years at 1/100; made seed by seed, each burn-in once."""
    runs = standard_runs(USUAL, SHORT)
    for seed in FEW:
        for scenario in ("baseline", *IDS):
            runs(scenario, seed)
    return runs


@pytest.mark.parametrize("id", IDS)
def test_proximal_indicators_move_in_each_of_three_pairs(id: str) -> None:
    for pairs in effects(id, "proximal", FEW, few()):
        assert pairs.up == len(FEW) == len(pairs.differences), pairs.row()


@pytest.mark.slow
def test_proximal_indicators_move_in_all_of_twenty_pairs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs = standard_runs(USUAL, 10)
    for seed in TWENTY:
        for scenario in ("baseline", *IDS):
            runs(scenario, seed)
    rows = [row for id in IDS for row in effects(id, "proximal", TWENTY, runs)]
    show(capsys, text(rows, "Proximal indicators, 1/100, ten years, 20 pairs"))
    assert [row.row() for row in rows if row.up < len(TWENTY)] == []


@pytest.mark.slow
def test_distal_indicators_by_sign_tests_over_a_hundred_pairs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """None moves against its declared direction; those that do not move are printed as such."""
    runs = standard_runs(SMALL, 6)
    for seed in MANY:
        for scenario in ("baseline", *IDS):
            runs(scenario, seed)
    rows = report(IDS, MANY, runs)
    show(capsys, text(rows, "As claimed, strength 1, 1/1000, six years, 100 pairs"))
    distal = [row for row in rows if row.role == "distal"]
    assert len(distal) == sum(len(i.distal) for i in INITIATIVES.values())
    assert [row.row() for row in distal if row.verdict.startswith("AGAINST")] == []


# ---- the method itself


def made_up(differences: dict[int, float]) -> Runs:
    """Runs whose indicator differs by what is given for each seed."""

    def run(scenario: str, seed: int) -> Values:
        extra = 0.0 if scenario == "baseline" else differences[seed]
        return {(2024 + k, id): 0.5 + extra for k in range(5) for id in INDICATORS}

    return run


def test_a_sign_test_is_exact() -> None:
    pairs = Pairs("1.1", "x", "distal", 1, (1.0,) * 10)
    assert pairs.p == pytest.approx(2 * 0.5**10)
    assert pairs.verdict == "as declared"
    assert Pairs("1.1", "x", "distal", -1, (1.0,) * 10).verdict == "AGAINST the declared direction"
    seven = Pairs("1.1", "x", "distal", 1, (1.0,) * 7)
    assert seven.p == pytest.approx(2 * 0.5**7)
    assert seven.p > ALPHA
    assert seven.verdict == "no detectable effect"
    assert Pairs("1.1", "x", "distal", 1, (0.0,) * 50).verdict == "no detectable effect"
    assert Pairs("1.1", "x", "distal", 1, ()).p == 1.0


def test_a_worse_indicator_is_listed_as_a_side_effect() -> None:
    worse = report(["3.5"], range(20), made_up(dict.fromkeys(range(20), -0.1)))
    sides = {row.indicator for row in worse if row.role == "side"}
    assert "M1-KGI-1" in sides
    assert "M3-KPIop-2" not in sides  # declared, so it is shown as proximal
    assert f"adverse side effects on other indicators: {len(sides)}" in text(worse, "t")
    assert len(sides) > 23  # auxiliary indicators are watched, too
    better = report(["3.5"], range(20), made_up(dict.fromkeys(range(20), 0.1)))
    worse_when_higher = {row.indicator for row in better if row.role == "side"}
    assert all(INDICATORS[id].direction < 0 for id in worse_when_higher)


def test_a_proximal_indicator_that_fails_once_is_seen() -> None:
    runs = made_up({seed: 0.1 if seed else -0.1 for seed in range(20)})
    rows = effects("3.5", "proximal", range(20), runs)
    assert [row.up for row in rows] == [19]
