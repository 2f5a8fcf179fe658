"""Processes against their closed forms: fixed points, stationary spreads, diffusion, arithmetic."""

from __future__ import annotations

import math
import statistics
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_runs import SMALL, burnt, values

from sim.base.randomness import KeyedRandom
from sim.figures.evidence import load_profile
from sim.figures.parameters import load_parameters
from sim.model.agents import leaders as leaders_module
from sim.model.agents.frame import AgentFrame, Column
from sim.model.agents.npos import ACTIVE
from sim.model.agents.projects import RUNNING
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.measures import INITIATIVES
from sim.model.processes.satisfaction import learn_trust
from sim.scenario.types import InitiativeSetting

SEEDS = range(4)


def stationary(adopt: float, drop: float) -> float:
    """Long-run share of a two-state chain."""
    return adopt / (adopt + drop)


def year_mean(indicator: str) -> float:
    """Mean over ten years and some seeds of the baseline."""
    runs = [values("baseline", seed, SMALL) for seed in SEEDS]
    found = [run[year, indicator] for run in runs for year in range(2024, 2034)]
    return statistics.fmean(v for v in found if v is not None)


def turnover(world: World) -> float:
    """Founded NPOs a month relative to the active ones: what renews the population of NPOs."""
    p = world.p
    active = (world.npos.status == ACTIVE).sum()
    return p["succession.entries"] * p["succession.entry_factor"] / 12.0 / float(active)


# ---- trust


def pairs(solved: np.ndarray, trust: float, gain: float) -> World:
    """NPOs that each lead one judged project; only what the rule of trust reads."""
    n = len(solved)
    npos = AgentFrame("npo", n, [Column("trust", "float64", "share", "trust")])
    npos.trust[:] = trust
    columns = [Column(c, "int64", "", c) for c in ("stage", "months", "lead", "solved")]
    projects = AgentFrame("project", n, columns)
    projects.stage[:], projects.months[:], projects.lead[:] = RUNNING, 12, np.arange(n)
    projects.solved[:] = solved
    p = {
        "collaboration.trust_gain": gain,
        "collaboration.trust_loss_ratio": 2.0,
        "collaboration.min_active_months": 6.0,
    }
    return cast(World, SimpleNamespace(p=p, npos=npos, projects=projects))


@pytest.mark.parametrize("share", [0.3, 0.628, 0.9])
@pytest.mark.parametrize("gain", [0.05, 0.15, 0.25])
def test_trust_settles_at_s_over_2_minus_s(share: float, gain: float) -> None:
    random, ids = KeyedRandom(1), np.arange(4000)
    world, late = pairs(np.ones(4000), 0.5, gain), []
    for year in range(160):
        world.projects.solved[:] = random.below("project_outcome", year, ids, share)
        learn_trust(world)
        if year >= 100:
            late.append(float(world.npos.trust.mean()))
    assert statistics.fmean(late) == pytest.approx(share / (2.0 - share), abs=0.005)
    assert world.npos.trust.min() >= 0.0
    assert world.npos.trust.max() <= 1.0


def test_the_documents_fixed_point() -> None:
    assert pytest.approx(0.458, abs=0.0005) == 0.628 / (2 - 0.628)
    assert load_parameters().resolve()["collaboration.trust_initial"] == pytest.approx(0.458)


@given(trust=st.floats(0.0, 1.0), gain=st.floats(0.0, 0.5), solved=st.integers(0, 1))
def test_one_step_of_trust(trust: float, gain: float, solved: int) -> None:
    world = pairs(np.array([solved]), trust, gain)
    learn_trust(world)
    expected = trust + gain * (1 - trust) if solved else trust - 2 * gain * trust
    assert world.npos.trust[0] == pytest.approx(expected, abs=1e-12)
    assert 0.0 <= world.npos.trust[0] <= 1.0


def test_unjudged_projects_leave_trust_alone() -> None:
    world = pairs(np.array([1, 0, 1]), 0.4, 0.2)
    world.projects.months[:] = [5, 5, 6]
    learn_trust(world)
    np.testing.assert_allclose(world.npos.trust, [0.4, 0.4, 0.52])


def test_trust_has_a_bounded_effect_on_success() -> None:
    """Loop gain below one half: slope on the log-odds at most 2 (model_rules A1)."""
    parameter = load_parameters()["collaboration.trust_success_slope"]
    assert parameter.bounds == (0, 2)
    s = 0.628
    d_success = 2.0 * s * (1 - s)  # steepest slope, per unit of trust
    d_trust = 2.0 / (2.0 - s) ** 2  # of s / (2 - s)
    assert d_success * d_trust < 0.5 * 1.02


def test_trust_of_npos_with_projects_is_near_its_fixed_point() -> None:
    worlds = [burnt(seed, SMALL).world for seed in SEEDS]
    used = [float(w.npos.trust[w.npos.has_project == 1].mean()) for w in worlds]
    # renewal favours those that solved, so the used pairs stand a little above the fixed point
    assert 0.44 < statistics.fmean(used) < 0.53
    assert statistics.fmean(float(w.npos.trust.mean()) for w in worlds) == pytest.approx(
        0.458, abs=0.02
    )


# ---- two-state chains of NPOs


def test_online_services() -> None:
    p = burnt(0, SMALL).world.p
    share = stationary(p["organisation.online_adopt_rate"], p["organisation.online_drop_rate"])
    # entrants start at the initial share, which is the same within half a point
    assert year_mean("M1-KPIoc-2") == pytest.approx(share, abs=0.006)


def test_regular_cooperation() -> None:
    """Entrants start without ties, so turnover acts as a further rate of ending."""
    world = burnt(0, SMALL).world
    p = world.p
    start = 1.0 - math.exp(-p["organisation.ties_start_rate"])
    end = p["organisation.ties_end_rate"] + turnover(world)
    share = p["organisation.wants_ties"] * stationary(start, end)
    assert year_mean("cooperation_share") == pytest.approx(share, abs=0.008)


def test_prepared_successors() -> None:
    """A successor is lost by withdrawing or by taking over; entrants start at the balance."""
    p = burnt(0, SMALL).world.p
    ages = np.arange(100.0)
    leaders = leaders_module.stationary_leader_ages(p)
    exits = float(leaders_module.leader_exit_hazard(ages, p) @ leaders) / 12.0
    prepare, lose = p["succession.prepare_rate"], p["succession.lose_rate"]
    renewal = turnover(burnt(0, SMALL).world)
    entrant = stationary(prepare, lose)
    share = (prepare + renewal * entrant) / (prepare + lose + exits + renewal)
    assert 1.0 - year_mean("no_successor_share") == pytest.approx(share, abs=0.015)


# ---- stationary spreads


def test_income_deviations_keep_their_spread() -> None:
    """AR(1): sd of the deviation is the volatility, autocorrelation the share kept (A5)."""
    model = burnt(1, SMALL).branch("baseline", years=3)
    p = model.world.p
    start = model.world.npos.income_deviation.copy()
    for _ in range(36):
        model.step()
    npos = model.world.npos
    own = (npos.status == ACTIVE) & (npos.large == 0) & (npos.founded < -72)
    now = npos.income_deviation[own]
    volatility, n = p["organisation.income_volatility"], int(own.sum())
    # standard error of a sd; survivors earn a little more than those who closed
    assert now.std() == pytest.approx(volatility, abs=5 * volatility / math.sqrt(2 * n) + 0.003)
    assert now.mean() == pytest.approx(0.0, abs=5 * volatility / math.sqrt(n) + 0.01)
    r = np.corrcoef(start[own], now)[0, 1]
    assert r == pytest.approx((1 - p["organisation.income_reversion"]) ** 36, abs=5 / math.sqrt(n))
    # on average an NPO earns its usual income: exp(level + variance / 2)
    assert np.exp(now).mean() == pytest.approx(math.exp(volatility**2 / 2), rel=0.02)
    large = npos.large == 1
    assert (npos.income_deviation[large] == 0.0).all()  # those above a billion keep their size


def test_capability_keeps_its_spread() -> None:
    """AR(1) around what people and ties sustain: sd 1 plus the spread of that aim."""
    world = burnt(0, SMALL).world
    npos, p = world.npos, world.p
    own = (npos.status == ACTIVE) & (npos.founded < -72)
    aim = p["organisation.capability_ties_slope"] * npos.cooperates[own].astype(float)
    aim -= p["organisation.capability_shortage_slope"] * npos.short_people[own]
    low, high = 1.0, math.sqrt(1.0 + aim.var())
    error = 5 / math.sqrt(2 * own.sum())
    assert low - error < npos.capability[own].std() < high + error
    assert abs(npos.capability[own].mean()) < 0.1


def test_common_shocks_have_mean_one_and_their_spread() -> None:
    from sim.model.processes.participation import _common_shock

    world = burnt(0, SMALL).world.copy()
    found = []
    for seed in range(400):
        world.random = KeyedRandom(seed)
        found.append(_common_shock(world))
    sd = world.p["participation.common_shock_sd"]
    assert np.std(found) == pytest.approx(sd, rel=5 / math.sqrt(800))
    assert np.exp(found).mean() == pytest.approx(1.0, abs=5 * sd / 20)


# ---- leaders


def test_stationary_ages_of_leaders_by_renewal_theory() -> None:
    """Age distribution = expected years lived at an age by a leader / expected years in office."""
    p = load_parameters().resolve()
    hazard = leaders_module.leader_exit_hazard(np.arange(100.0), p)
    over = p["succession.successor_over_60"]
    low, high = (int(p[f"succession.{x}"]) for x in ("youngest_leader", "oldest_new_leader"))
    births = np.zeros(100)
    births[low:60] = (1 - over) / (60 - low)
    births[60 : high + 1] = over / (high + 1 - 60)
    lived = np.zeros(100)
    for start in range(low, 100):
        alive = 1.0
        for age in range(start, 100):
            lived[age] += births[start] * alive
            alive *= math.exp(-hazard[age])
    np.testing.assert_allclose(
        leaders_module.stationary_leader_ages(p), lived / lived.sum(), atol=2e-4
    )
    # the model's share differs by failed successions and by NPOs that close or open
    assert lived[60:].sum() / lived.sum() == pytest.approx(year_mean("leaders_over_60"), abs=0.02)


def test_exit_hazards_of_leaders_are_in_the_range_of_the_rules() -> None:
    p = load_parameters().resolve()
    hazard = leaders_module.leader_exit_hazard(np.array([60.0, 65.0, 70.0, 72.0]), p)
    assert ((hazard > 0.05) & (hazard < 0.155)).all()
    assert (np.diff(hazard) > 0).all()
    assert p["succession.successor_over_60"] >= 0.45  # about half or more (A6)


@given(u=st.floats(1e-9, 1 - 1e-9), over=st.floats(0.0, 1.0))
def test_ages_of_new_leaders_compiled_and_not(u: float, over: float) -> None:
    from sim.model.processes.succession_kernels import new_leader_age

    names = ("successor_over_60", "youngest_leader", "oldest_new_leader")
    rates = SimpleNamespace(**dict(zip(names, (over, 35.0, 71.0), strict=True)))
    p = {f"succession.{name}": getattr(rates, name) for name in names}
    age = int(leaders_module.new_leader_ages(np.array([u]), p)[0])
    assert age == int(new_leader_age.py_func(u, rates))
    assert (60 <= age <= 71) if u < over else (35 <= age <= 59)


# ---- diffusion of registration


def test_registration_follows_bass_in_the_limit() -> None:
    """One wave of wards, no projects, NPOs frozen: dF/dt = (p + qF)(1 - F), p .03, q .38 a year."""
    world = burnt(3, SMALL).world.copy()
    world.projects.keep(np.empty(0, dtype=np.int64))
    setting = InitiativeSetting(ramp_months=0)
    system = INITIATIVES["1.1"](setting, world, "as_claimed", np.ones(23, dtype=bool))
    board = EffectBoard(world.wards.n, world.npos.n, 0, 0.75)
    active = world.npos.status == ACTIVE
    p, q = world.p["initiative.1.1.innovation"], world.p["initiative.1.1.imitation"]
    assert (p, q) == (0.03, 0.38)
    share = [0.0]
    for month in range(120):
        world.month = month
        board.clear()
        system.deliver(world, board)
        share.append(float((world.npos.registered[active] == 1).mean()))
    for month in (12, 36, 60, 84, 120):
        t = month / 12.0
        e = math.exp(-(p + q) * t)
        bass = (1 - e) / (1 + q / p * e)
        # monthly steps lag by half a month; small wards spread around the mean
        assert share[month] == pytest.approx(bass, abs=0.03), month
    assert np.diff(share).min() >= 0.0


# ---- arithmetic of the claims


def odds_ratio(treated: float, control: float) -> float:
    return treated / (1 - treated) / (control / (1 - control))


def test_odds_ratios_are_those_of_the_documents_figures() -> None:
    e, p = load_profile("document").value, load_parameters().resolve()
    department = e("wards_with_department_count") / 23
    without = e("collab_continuation") - department * e("e14_continuation")
    claims = {
        "1.4.continuation_odds_ratio": (
            odds_ratio(without + e("e14_continuation"), without), 2.69),
        "1.4.rating_odds_ratio": (
            odds_ratio(e("m1_kgi2_collab_satisf_current") + e("e14_partner_rating"),
                       e("m1_kgi2_collab_satisf_current")), 2.61),
        "2.3.odds_ratio": (odds_ratio(e("e23_success"), e("e23_success_control")), 3.94),
        "2.5.sib_odds_ratio": (
            odds_ratio(e("m1_kgi1_solve_rate_current") + e("e25_sib_achievement"),
                       e("m1_kgi1_solve_rate_current")), 3.52),
        "3.4.odds_ratio": (odds_ratio(e("e34_success"), e("e34_success_control")), 2.55),
    }  # fmt: skip
    for name, (exact, printed) in claims.items():
        assert exact == pytest.approx(printed, abs=0.006), name
        assert p[f"initiative.{name}"] == pytest.approx(exact, abs=0.006), name
    solved = e("m1_kgi1_solve_rate_current")
    multi_party = odds_ratio(solved * (1 + e("e33_solve_rate")), solved)
    assert multi_party == pytest.approx(3.28, abs=0.02)
    assert p["initiative.3.3.odds_ratio"] in (pytest.approx(3.28, abs=0.02), pytest.approx(1.62))
    assert (without, without + e("e14_continuation")) == pytest.approx((0.776, 0.903), abs=0.0005)


def test_the_departments_advantage_is_an_input_and_matches() -> None:
    """11 wards have it already: the same odds ratio, untouched by the discount (A3)."""
    p = load_parameters().resolve()
    assert math.exp(p["collaboration.department_log_odds"]) == pytest.approx(2.69, abs=0.01)


def test_repair_of_wards_that_use_evaluation() -> None:
    """The present users keep the mean: x1.7 among 10 of 23 wards is a log shift of their own."""
    p, e = load_parameters().resolve(), load_profile().value
    assert p["initiative.1.5.improvement_claim"] == e("e15_improvement_rate") == 1.7
    assert p["collaboration.repair_chance"] * 1.7 < p["collaboration.repair_cap"] == 0.6


def test_attenuation_is_a_chance_of_the_whole() -> None:
    parameter: Any = load_parameters()["collaboration.attenuation"]
    assert parameter.distribution is not None
    assert 0.5 <= parameter.value <= 1.0
