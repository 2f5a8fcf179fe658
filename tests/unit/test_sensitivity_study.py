"""The study around the indices: method, pairing, refusals, convergence, luck, surrogate."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sensitivity_bench import STRONG, Bench

from sim.analyses.sensitivity import indices as s
from sim.analyses.sensitivity.estimate import rank
from sim.analyses.sensitivity.method import choose
from sim.analyses.sensitivity.over_time import convergence, seed_share, sizes, stability
from sim.analyses.sensitivity.points import run_points
from sim.analyses.sensitivity.ranks import INDEX_COLUMNS, UNEXPLAINED, main_rows
from sim.analyses.sensitivity.surrogate import (
    fit,
    parameter_rows,
    surrogate_bootstrap,
    surrogate_indices,
)
from sim.analyses.shared.factors import Factors, factors_of
from sim.base.errors import KyodoError, UsageError
from sim.scenario.reader import load_scenario


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds instead of minutes."""
    from sim.analyses.sensitivity import surrogate as surrogate

    monkeypatch.setattr(s, "RESAMPLES", 20)
    monkeypatch.setattr(surrogate, "RESAMPLES", 4)
    monkeypatch.setattr(surrogate, "BASE", 1024)
    monkeypatch.setattr(surrogate, "ROUGH", 128)


def test_the_method_follows_from_the_points() -> None:
    few = choose("auto", 256, 21)
    assert (few.name, few.size, few.reason) == ("surrogate", 256, "too_many")
    many = choose("auto", 64 * 44, 21)
    assert (many.name, many.size, many.points) == ("sobol", 64, 64 * 44)
    assert choose("sobol", 44 * 20, 21).size == 16
    assert choose("morris", 230, 21).size == 10
    wide = choose("surrogate", 300, 87)
    assert not wide.second_order
    assert choose("sobol", 89 * 8, 87).points == 89 * 8
    for asked, points in (("sobol", 100), ("morris", 60), ("surrogate", 32), ("delta", 99)):
        with pytest.raises(UsageError, match="--points"):
            choose(asked, points, 21)
    with pytest.raises(UsageError, match="nothing to compare"):
        choose("auto", 256, 1)
    with pytest.raises(UsageError, match=r"unknown method 'sobel'.*sobol"):
        choose("sobel", 256, 21)


def test_effects_are_paired_and_baselines_shared() -> None:
    bench = Bench()
    factors = bench.subject.factors
    u = np.full((4, len(factors.columns)), 0.5)
    ids = [c.id for c in factors.columns]
    u[:, ids.index(STRONG)] = (0.1, 0.4, 0.6, 0.9)
    runs = run_points(bench.subject, u, [0, 1], "points")
    specs = bench.calls[0]
    # four scenarios and one baseline for each of two replicates: effects do not enter the baseline
    assert [sp.scenario.id for sp in specs].count("baseline") == 2
    assert len(specs) == 10
    assert len({sp.burn_in_key for sp in specs}) == 2
    gain = 10.0 * factors.values(u)[:, ids.index(STRONG)] + 2.0 * 0.45
    assert runs.years == (2025, 2026)
    assert np.allclose(runs.y[:, 0, 0], gain)
    assert np.allclose(runs.y[:, 1, 1], 2 * gain)
    level = run_points(Bench(effect=False).subject, u, [0], "points")
    assert np.allclose(level.y[:, 0, 0], 100 + 40 * 0.45 + gain)


def test_runs_of_one_burn_in_stand_together() -> None:
    bench = Bench()
    problem = s.Problem(bench.subject.factors.of_column)
    run_points(bench.subject, s.sobol_sample(problem, 4, 0), [0], "points")
    keys = [spec.burn_in_key for spec in bench.calls[0]]
    changes = sum(a != b for a, b in pairwise(keys))
    assert changes == len(set(keys)) - 1
    assert len(set(keys)) < len(keys) / 2


def test_one_missing_value_is_refused_by_name() -> None:
    bench = Bench()
    bench.hole = 5
    with pytest.raises(KyodoError, match="solved_cumulative has no value in 2026") as said:
        rank(bench.subject, choose("surrogate", 64, 11))
    assert bench.calls[0][5].name in str(said.value)


@pytest.mark.parametrize(
    "method",
    [
        "sobol",
        "morris",
        *[pytest.param(m, marks=pytest.mark.slow) for m in ("surrogate", "delta", "pawn")],
    ],
)
def test_every_method_finds_what_moves_the_effect(method: str) -> None:
    bench = Bench()
    size = {"surrogate": 128, "sobol": 24 * 64, "morris": 12 * 8}.get(method, 128)
    result = rank(bench.subject, choose(method, size, len(bench.subject.factors.names)))
    ranked = [f for f in main_rows(result.table)["factor"] if not f.startswith("(")]
    assert ranked[0] == "2.3"
    assert result.years == (2025, 2026)
    if method in ("surrogate", "sobol"):
        top = main_rows(result.table).set_index("factor")["index"]
        assert top["2.3"] > 0.9
    if method == "surrogate":
        assert "2.3" in result.checks.loc[result.checks["index"] > 0.2, "factor"].to_list()
    if method == "sobol":
        assert result.table["method"].eq("sobol").all()
        idle = main_rows(result.table).set_index("factor").loc["2.4"]
        assert idle["index"] == pytest.approx(0, abs=1e-9)
    share = result.luck.set_index("fiscal_year")["share"]
    assert share["overall"] == pytest.approx(0, abs=1e-9)  # paired: luck cancels


def test_luck_is_seen_where_pairing_leaves_it() -> None:
    bench = Bench(noise=5.0)
    result = rank(bench.subject, choose("surrogate", 64, 11))
    luck = result.luck.set_index("fiscal_year")
    assert luck.loc["overall", "low"] > 0.05
    assert luck.loc[2025, "share"] > luck.loc[2026, "share"]  # the gain doubles, the luck does not


def test_share_of_luck_on_known_variances() -> None:
    from sim.base.randomness import generator

    random = generator(0, "test of the share of luck")
    points = random.standard_normal((400, 1, 2)) * [2.0, 0.0]
    y = points + random.standard_normal((400, 4, 2)) * [1.0, 3.0]
    table = seed_share(y, [2024, 2025], 0).set_index("fiscal_year")
    for year, exact in ((2024, 1 / 5), (2025, 1.0), ("overall", 10 / 14)):
        row = table.loc[year]
        assert row["low"] <= exact <= row["high"] + 1e-9, (year, row)
    still = seed_share(np.ones((5, 3, 1)), [2024], 0)
    assert set(still["status"]) == {"no_variance"}
    with pytest.raises(ValueError, match="replicates"):
        seed_share(np.ones((5, 1, 1)), [2024], 0)


def _smooth(factors: Factors, n: int) -> tuple[s.Floats, s.Floats]:
    u = s.space_sample(len(factors.columns), n, 0)
    x = factors.features(u)
    names = list(factors.of_column)
    a, b = names.index("discount"), names.index("collaboration")
    return u, np.column_stack(
        [2 * x[:, a] + x[:, b], x[:, b] + 2 * x[:, a] * x[:, b], np.full(n, 3.0)]
    )


def test_surrogate_finds_closed_form_indices_and_pairs() -> None:
    factors = factors_of(load_scenario("m2"))
    u, y = _smooth(factors, 512)
    years = [2024, 2025, 2026]
    fitted = fit(factors, u, y)
    assert fitted.explained[0] > 0.99
    assert fitted.explained[2] == 0.0
    table = surrogate_indices(fitted, years=years)
    table = surrogate_bootstrap(fitted, table, u, y)
    rows = table.set_index(["fiscal_year", "factor", "other", "order"])
    for key, exact in (
        ((2024, "discount", "", "first"), 0.8),
        ((2024, "collaboration", "", "total"), 0.2),
        ((2025, "discount", "", "first"), 0.0),
        ((2025, "discount", "", "total"), 0.8),
    ):
        assert rows.loc[key, "index"] == pytest.approx(exact, abs=0.06), key
    pair = rows.loc[(2025, "collaboration", "discount", "second")]
    assert pair["index"] == pytest.approx(0.8, abs=0.1)
    assert pair["low"] < pair["index"] < pair["high"]
    # overall: (.8 x 5 + 0 x 5) / 10
    overall = rows.loc[("overall", "discount", "", "first"), "index"]
    assert overall == pytest.approx(0.4, abs=0.06)
    assert rows.loc[(2026, "discount", "", "total"), "status"] == "no_variance"
    single = parameter_rows(fitted, years=years[:1] * 3).set_index("parameter")
    assert len(single) == len(factors.columns) - len(factors.members("behaviour"))


def test_what_the_surrogate_does_not_see_belongs_to_nobody() -> None:
    from sim.base.randomness import generator

    factors = factors_of(load_scenario("m2"))
    u, y = _smooth(factors, 512)
    noise = 2.0 * generator(0, "noise").standard_normal((512, 1))
    noisy = y[:, :1] + noise
    fitted = fit(factors, u, noisy)
    table = surrogate_indices(fitted, years=[2024], base=4096)
    overall = main_rows(table).set_index("factor")["index"]
    # the share of noise must not be shared out among the factors
    exact = float(noise.var() / noisy.var())
    assert exact - 0.06 < overall[UNEXPLAINED] < exact + 0.12
    first = table.loc[(table["order"] == "first") & (table["fiscal_year"] == "overall"), "index"]
    assert first.sum() == pytest.approx(1 - overall[UNEXPLAINED], abs=0.04)
    assert set(fitted.kept) >= {factors.of_column.index("discount")}
    assert len(fitted.kept) < 30
    assert (overall.index[-1]) == UNEXPLAINED


def test_swing_of_a_parameter() -> None:
    factors = factors_of(load_scenario("m2"))
    u, y = _smooth(factors, 512)
    fitted = fit(factors, u, y[:, :1])
    row = parameter_rows(fitted, years=[2024]).iloc[0]
    assert row["parameter"] == "discount.common_log"
    assert row["swing"] == pytest.approx(2 * 2 * 1.645, rel=0.03)
    assert row["high"] - row["low"] == pytest.approx(row["swing"])


def _conv(values: dict[int, dict[str, float]], half: float) -> pd.DataFrame:
    def analyse(n: int) -> pd.DataFrame:
        rows = [
            (f, "", "sobol", "total", x, x - half, x + half, "overall", "ok")
            for f, x in values[n].items()
        ]
        return pd.DataFrame(rows, columns=list(INDEX_COLUMNS))

    return convergence(analyse, sorted(values))


def test_stability_of_ranks() -> None:
    steady = {64: {"a": 0.5, "b": 0.3, "c": 0.1, "d": 0.0}, 128: {"a": 0.52, "b": 0.28, "c": 0.1,
              "d": 0.01}}  # fmt: skip
    found = stability(_conv(steady, 0.05))
    assert found is not None
    assert found.stable
    assert found.leading == ("a", "b", "c")
    assert (found.half, found.n) == (64, 128)
    assert found.largest_change == pytest.approx(0.02)
    jumping = {64: {"a": 0.1, "b": 0.3, "c": 0.2, "d": 0.5}, 128: steady[128]}
    moved = stability(_conv(jumping, 0.05))
    assert moved is not None
    assert not moved.same_leading
    assert not moved.stable
    drifting = {64: {"a": 0.7, "b": 0.3, "c": 0.1, "d": 0.0}, 128: steady[128]}
    far = stability(_conv(drifting, 0.05))
    assert far is not None
    assert far.same_leading
    assert not far.stable
    assert stability(_conv({128: steady[128]}, 0.05)) is None
    assert sizes(256, 64) == [64, 128, 256]
    assert sizes(32, 64) == [32]
