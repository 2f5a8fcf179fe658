"""Our wrapper of SALib on functions whose indices are known in closed form."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from sim.analyses.sensitivity import given_data as g
from sim.analyses.sensitivity import indices as s
from sim.analyses.sensitivity.ranks import DUMMY
from sim.base.errors import KyodoError, UsageError

Floats = s.Floats


def ishigami(u: Floats, a: float = 7.0, b: float = 0.1) -> Floats:
    x = np.pi * (2 * u - 1)
    out: Floats = np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])
    return out


def ishigami_indices(a: float = 7.0, b: float = 0.1) -> dict[tuple[str, str, str], float]:
    """Ishigami & Homma 1990: (factor, other, order) -> index."""
    v1, v2 = 0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8
    v13 = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    v = v1 + v2 + v13
    return {
        ("x1", "", "first"): v1 / v, ("x2", "", "first"): v2 / v, ("x3", "", "first"): 0.0,
        ("x1", "", "total"): (v1 + v13) / v, ("x2", "", "total"): v2 / v,
        ("x3", "", "total"): v13 / v, ("x1", "x2", "second"): 0.0,
        ("x1", "x3", "second"): v13 / v, ("x2", "x3", "second"): 0.0,
    }  # fmt: skip


G = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0])


def sobol_g(u: Floats, a: Floats = G) -> Floats:
    out: Floats = np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=1)
    return out


def sobol_g_indices(groups: list[list[int]], a: Floats = G) -> dict[tuple[str, str, str], float]:
    """Saltelli & Sobol' 1995, also for groups: variances of products of independent terms."""
    part = 1 / (3 * (1 + a) ** 2)
    v = [float(np.prod(1 + part[g]) - 1) for g in groups]
    whole = float(np.prod(1 + part) - 1)
    out = {}
    for k, one in enumerate(v):
        rest = float(np.prod([1 + w for m, w in enumerate(v) if m != k]))
        out[f"g{k}", "", "first"] = one / whole
        out[f"g{k}", "", "total"] = one * rest / whole
        for m in range(k + 1, len(v)):
            out[f"g{k}", f"g{m}", "second"] = one * v[m] / whole
    return out


def known(table: pd.DataFrame, year: object = "overall") -> pd.DataFrame:
    return table.loc[table["fiscal_year"] == year].set_index(["factor", "other", "order"])


def assert_covers(table: pd.DataFrame, exact: dict[tuple[str, str, str], float]) -> None:
    found = known(table)
    assert set(found.index) == set(exact)
    for key, value in exact.items():
        row = found.loc[key]
        assert row["low"] <= value <= row["high"], (key, value, row["low"], row["high"])
        assert row["high"] - row["low"] < 0.4


@pytest.mark.parametrize("seed", [0, 1])
def test_ishigami(seed: int) -> None:
    problem = s.Problem(("x1", "x2", "x3"))
    u = s.sobol_sample(problem, 2048, seed)
    assert_covers(s.sobol(problem, ishigami(u), seed=seed), ishigami_indices())


@pytest.mark.parametrize(
    "groups", [[[0], [1], [2], [3], [4], [5]], [[0, 4], [1, 2], [3, 5]]], ids=["alone", "grouped"]
)
def test_sobol_g(groups: list[list[int]]) -> None:
    of_column = [""] * 6
    for k, members in enumerate(groups):
        for j in members:
            of_column[j] = f"g{k}"
    # columns of a factor stand together, as factors_of orders them
    order = np.argsort(of_column, kind="stable")
    problem = s.Problem(tuple(of_column[j] for j in order))
    u = s.sobol_sample(problem, 2048, 3)
    back = np.empty_like(u)
    back[:, order] = u
    assert_covers(s.sobol(problem, sobol_g(back), seed=3), sobol_g_indices(groups))


def test_second_order_can_be_left_out() -> None:
    problem = s.Problem(("x1", "x2", "x3"))
    u = s.sobol_sample(problem, 1024, 5, second_order=False)
    assert len(u) == 1024 * 5
    exact = {k: v for k, v in ishigami_indices().items() if k[2] != "second"}
    assert_covers(s.sobol(problem, ishigami(u), second_order=False), exact)


def test_overall_index_is_weighted_by_the_variance_of_the_years() -> None:
    problem = s.Problem(("x1", "x2"))
    u = s.sobol_sample(problem, 2048, 0)
    # year 1: x1 alone, variance 1/12; year 2: x2 alone, variance 9/12; year 3: nothing varies
    y = np.column_stack([u[:, 0], 3 * u[:, 1], np.full(len(u), 5.0)])
    table = s.sobol(problem, y, years=[2024, 2025, 2026])
    assert known(table).loc[("x1", "", "total"), "index"] == pytest.approx(0.1, abs=0.01)
    assert known(table).loc[("x2", "", "first"), "index"] == pytest.approx(0.9, abs=0.01)
    assert known(table, 2024).loc[("x1", "", "total"), "index"] == pytest.approx(1, abs=0.01)
    still = known(table, 2026)
    assert set(still["status"]) == {"no_variance"}
    assert still["index"].isna().all()
    assert set(known(table)["status"]) == {"ok"}


def test_morris_on_a_linear_function() -> None:
    problem = s.Problem(("a", "b", "b", "c"))
    u = s.morris_sample(problem, 20, 0)
    span = s.EDGES[1] - s.EDGES[0]
    y = 2.0 * u[:, 0] + 3.0 * u[:, 1] + 0.0 * u[:, 2] - 5.0 * u[:, 3]
    found = known(s.morris(problem, u, y))
    assert found.loc[("a", "", "mu_star"), "index"] == pytest.approx(2 * span)
    assert found.loc[("b", "", "mu_star"), "index"] == pytest.approx(3 * span)
    assert found.loc[("c", "", "mu"), "index"] == pytest.approx(-5 * span)
    assert ("b", "", "mu") not in found.index
    assert (found["high"] - found["low"]).max() == pytest.approx(0, abs=1e-9)


def test_delta_and_pawn_rank_and_leave_what_is_idle_at_the_noise() -> None:
    x = s.space_sample(4, 512, 0)
    y = 3 * x[:, 0] + 2 * x[:, 1] ** 2 + 0.3 * x[:, 2]
    for analyse in (g.delta, g.pawn):
        found = known(analyse(("big", "middle", "small", "idle"), x, y)).droplevel([1, 2])
        assert found.loc["big", "index"] > found.loc["middle", "index"] > 0
        assert found.loc["middle", "low"] > found.loc[DUMMY, "high"]
        assert found.loc["idle", "low"] < found.loc[DUMMY, "high"]
        assert ((found["low"] <= found["index"]) & (found["index"] <= found["high"])).all()
        assert found["index"].between(-0.1, 1).all()


def test_a_hole_is_refused_by_the_name_of_its_run() -> None:
    problem = s.Problem(("x1", "x2"))
    u = s.sobol_sample(problem, 16, 0)
    y = np.column_stack([u[:, 0], u[:, 1]])
    y[7, 1] = np.nan
    names = [f"m2, point {n}" for n in range(len(u))]
    with pytest.raises(KyodoError, match=r"m2, point 7 gave nan in year 2"):
        s.sobol(problem, y, names=names)
    with pytest.raises(KyodoError, match="run 7"):
        s.morris(problem, u, y)
    big = s.space_sample(2, 128, 0)
    z = big[:, 0].copy()
    z[3] = np.inf
    for analyse in (g.delta, g.pawn):
        with pytest.raises(KyodoError, match="run 3 gave inf"):
            analyse(("x1", "x2"), big, z)


def test_constant_output_says_so() -> None:
    problem = s.Problem(("x1", "x2"))
    tables = [
        s.sobol(problem, np.full(16 * 6, 0.1)),
        s.morris(problem, s.morris_sample(problem, 4, 0), np.full(12, 7.0)),
        g.delta(("x1", "x2"), s.space_sample(2, 128, 0), np.zeros(128)),
        g.pawn(("x1", "x2"), s.space_sample(2, 128, 0), np.full(128, 1e6)),
    ]
    for table in tables:
        assert set(table["status"]) == {"no_variance"}
        assert table[["index", "low", "high"]].isna().all(axis=None)


def test_rounding_is_no_variance() -> None:
    problem = s.Problem(("x1", "x2"))
    u = s.sobol_sample(problem, 16, 0)
    y = 1e6 + 1e-6 * u[:, 0]
    assert set(s.sobol(problem, y)["status"]) == {"no_variance"}


def test_sizes_that_cannot_be() -> None:
    problem = s.Problem(("x1", "x2"))
    with pytest.raises(UsageError, match="power of two"):
        s.sobol_sample(problem, 12, 0)
    with pytest.raises(UsageError, match="6 runs per base point"):
        s.sobol(problem, np.arange(25.0))
    with pytest.raises(UsageError, match="at least 100"):
        g.delta(("x1", "x2"), np.zeros((40, 2)), np.arange(40.0))
    with pytest.raises(UsageError, match="trajectories"):
        s.morris_sample(problem, 2, 0)
    with pytest.raises(UsageError, match="nothing to compare"):
        s.sobol_sample(s.Problem(("x1", "x1")), 16, 0)


def test_same_seed_same_table_and_no_trace_in_the_process() -> None:
    problem = s.Problem(("x1", "x2", "x3"))
    shown = warnings.formatwarning
    u, x = s.sobol_sample(problem, 64, 0), s.space_sample(3, 128, 0)
    assert np.array_equal(u, s.sobol_sample(problem, 64, 0))
    assert not np.array_equal(u, s.sobol_sample(problem, 64, 1))
    for analyse in (
        lambda: s.sobol(problem, ishigami(u), seed=0),
        lambda: g.delta(problem.factors, x, ishigami(x), seed=0),
        lambda: g.pawn(problem.factors, x, ishigami(x), seed=0),
    ):
        with warnings.catch_warnings(record=True) as said:
            pd.testing.assert_frame_equal(analyse(), analyse())
        assert said == []
    assert warnings.formatwarning is shown


def test_more_points_begin_with_the_fewer_ones() -> None:
    many = s.space_sample(150, 256, 0)
    assert np.array_equal(many[:100], s.space_sample(150, 100, 0))
    assert many.min() >= s.OUTERMOST
    problem = s.Problem(("x1", "x2", "x2"))
    base = s.sobol_sample(problem, 64, 0)
    assert np.array_equal(base[: 16 * 6], s.sobol_sample(problem, 16, 0))
