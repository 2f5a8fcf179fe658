"""The synthetic population: census totals, NPOs' incomes, wards' features, initial projects."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sim.figures.evidence import load_profile
from sim.model.agents import leaders as leaders_module
from sim.model.agents.npos import ACTIVE, DORMANT, FUTURE, quantile_incomes, spread_over_cells
from sim.model.agents.projects import (
    COMMISSION_SLOT,
    CONTRACT,
    FIRST_YEAR,
    IMITATION_SLOT,
    MAX_SLOTS,
    RUNNING,
    SUBSIDY,
    project_ids,
)
from sim.model.agents.residents import (
    AGE_BANDS,
    DIGITAL,
    INTERESTED,
    TRAITS,
    controlled_rounding,
    expected_counts,
)
from sim.model.agents.world import World
from sim.model.start import start_world
from sim.places.load import load_place

SCALES = (0.001, 0.01, 0.1)
MILLION = 1e6


def fresh(scale: float, seed: int = 0, **overrides: float) -> World:
    return start_world(scale, seed, None, 0, "document", overrides, 10, 72)


@pytest.fixture(scope="module")
def worlds() -> dict[float, World]:
    return {scale: fresh(scale) for scale in SCALES}


@pytest.fixture(scope="module")
def world(worlds: dict[float, World]) -> World:
    return worlds[0.01]


@pytest.fixture(scope="module")
def present(world: World) -> np.ndarray:
    return world.npos.status != FUTURE


# ---- residents


def test_residents_aged_15_and_over_are_those_of_the_census() -> None:
    wards = load_place()
    assert int(np.asarray(wards.numbers.pop_15plus).sum()) == 8_638_445
    parts = np.asarray(wards.numbers.pop_15_64) + wards.numbers.pop_65_74 + wards.numbers.pop_75plus
    assert parts.tolist() == np.asarray(wards.numbers.pop_15plus).tolist()


@pytest.mark.parametrize("scale", SCALES)
def test_ward_age_and_grand_totals_are_exact_up_to_rounding(
    worlds: dict[float, World], scale: float
) -> None:
    residents, wards, profile = worlds[scale].residents, load_place(), load_profile()
    split = np.array([profile.value(f"age_split_{b.replace('-', '_')}") for b in AGE_BANDS[:5]])
    expected = expected_counts(wards, split / split.sum()) * scale
    assert expected.sum() == pytest.approx(8_638_445 * scale)
    table = np.zeros((23, 7))
    np.add.at(table, (residents.ward, residents.age), 1)
    assert np.abs(table - expected).max() < 1
    assert np.abs(table.sum(axis=1) - expected.sum(axis=1)).max() < 1
    assert np.abs(table.sum(axis=0) - expected.sum(axis=0)).max() < 1
    assert abs(table.sum() - 8_638_445 * scale) < 1
    bands = [wards.numbers.pop_15_64, wards.numbers.pop_65_74, wards.numbers.pop_75plus]
    census = np.stack(bands).sum(axis=1) * scale
    broad = [table[:, :5].sum(), table[:, 5].sum(), table[:, 6].sum()]
    assert np.abs(broad[1:] - census[1:]).max() < 1
    assert abs(broad[0] - census[0]) < 3  # the sum over five rounded bands and what the others left
    assert worlds[scale].weight * residents.n == pytest.approx(8_638_445, rel=1e-12)


def test_the_full_population_rounds_to_the_census() -> None:
    wards, profile = load_place(), load_profile()
    split = np.array([profile.value(f"age_split_{b.replace('-', '_')}") for b in AGE_BANDS[:5]])
    table = controlled_rounding(expected_counts(wards, split / split.sum()))
    assert table.sum() == 8_638_445
    assert table.sum(axis=1).tolist() == np.asarray(wards.numbers.pop_15plus).tolist()
    assert table[:, 5].tolist() == np.asarray(wards.numbers.pop_65_74).tolist()


@given(
    hnp.arrays(
        np.float64,
        st.tuples(st.integers(1, 8), st.integers(1, 6)),
        elements=st.floats(0.0, 300.0, allow_subnormal=False),
    )
)
@settings(max_examples=150, deadline=None)
def test_controlled_rounding(expected: np.ndarray) -> None:
    rounded = controlled_rounding(expected)
    near = 1.0 + 1e-6
    assert rounded.dtype == np.int64
    assert (rounded >= 0).all()
    assert np.abs(rounded - expected).max() < near
    assert np.abs(rounded.sum(axis=0) - expected.sum(axis=0)).max() < near
    assert np.abs(rounded.sum(axis=1) - expected.sum(axis=1)).max() < near
    assert abs(rounded.sum() - expected.sum()) < near
    assert (rounded[expected == 0.0] == 0).all()


@given(
    hnp.arrays(
        np.int64, st.tuples(st.integers(1, 8), st.integers(1, 6)), elements=st.integers(0, 1000)
    )
)
def test_whole_numbers_are_left_alone(table: np.ndarray) -> None:
    assert (controlled_rounding(table.astype(np.float64)) == table).all()


def traits(world: World) -> dict[str, np.ndarray]:
    return {name: (world.residents.traits & bit) > 0 for name, bit in TRAITS.items()}


def test_traits_have_their_prevalence(worlds: dict[float, World]) -> None:
    world, found = worlds[0.1], traits(worlds[0.1])
    n, p = world.residents.n, world.p
    wanted = {
        "interested": p["participation.interest"],
        "barrier_time": p["participation.barrier_time_prevalence"],
        "barrier_how": p["participation.barrier_how_prevalence"],
        "barrier_what": p["participation.barrier_what_prevalence"],
    }
    for name, share in wanted.items():
        # five binomial standard errors: prevalence is exact, only the sample varies
        assert abs(found[name].mean() - share) < 5 * math.sqrt(share * (1 - share) / n), name
    for band, share in ((0, "under_65"), (5, "65_74"), (6, "75")):
        own = world.residents.age == band
        wanted_share = p[f"participation.digital_access_{share}"]
        error = math.sqrt(wanted_share * (1 - wanted_share) / own.sum())
        assert abs(found["digital"][own].mean() - wanted_share) < 5 * error


def test_traits_are_correlated_as_declared(worlds: dict[float, World]) -> None:
    """Barriers come together, and the interested have fewer of them."""
    found, n = traits(worlds[0.1]), worlds[0.1].residents.n
    barriers = [found[f"barrier_{b}"] for b in ("time", "how", "what")]
    bound = 5 / math.sqrt(n)
    for i, one in enumerate(barriers):
        assert np.corrcoef(found["interested"], one)[0, 1] < -bound
        for other in barriers[i + 1 :]:
            assert np.corrcoef(one, other)[0, 1] > bound
    # nothing else is built in: digital access follows age alone
    young = worlds[0.1].residents.age < 5
    r = np.corrcoef(found["digital"][young], found["interested"][young])[0, 1]
    assert abs(r) < bound


def test_without_correlation_traits_are_independent() -> None:
    world = fresh(0.01, **{"participation.trait_correlation": 0.0})
    found = traits(world)
    bound = 5 / math.sqrt(world.residents.n)
    for name in ("barrier_time", "barrier_how", "barrier_what"):
        assert abs(np.corrcoef(found["interested"], found[name])[0, 1]) < bound


def test_only_the_interested_start_as_volunteers(world: World) -> None:
    residents = world.residents
    volunteers = residents.state > 0
    assert ((residents.traits[volunteers] & INTERESTED) > 0).all()
    stock = world.p["reference.volunteer_stock"]
    assert 0.7 * stock < volunteers.mean() < 1.3 * stock  # near the steady state


def test_channels_reach_npos_as_declared(worlds: dict[float, World]) -> None:
    world = worlds[0.1]
    n, pool = world.residents.n, world.p["participation.npo_pool_share"]
    counts = np.bincount(world.residents.channel, minlength=6)
    expected = np.concatenate([[1.0 - pool], pool * world.field_share])
    error = np.sqrt(n * expected * (1 - expected))
    assert (np.abs(counts - n * expected) < 5 * error).all()


# ---- NPOs


def test_npos_are_never_sampled(worlds: dict[float, World]) -> None:
    profile = load_profile()
    assert profile.value("npo_count") == 8950
    for world in worlds.values():
        status = world.npos.status
        assert int(((status == ACTIVE) | (status == DORMANT)).sum()) == 8950
    small, large = worlds[0.001].npos, worlds[0.1].npos
    for name in ("id", "ward", "field", "income_level", "leader_age", "staff", "founded", "online"):
        assert (small.values(name) == large.values(name)).all(), name


def test_npos_by_ward_and_field(world: World, present: np.ndarray) -> None:
    profile = load_profile()
    counts = np.bincount(world.npos.field[present], minlength=5)
    rows = ("health", "children", "social_edu", "machizukuri", "other")
    shares = np.array([profile.value(f"npo_field_{row}") for row in rows])
    assert shares.sum() == pytest.approx(1.0)
    assert np.abs(counts - 8950 * shares).max() < 1
    assert (np.bincount(world.npos.ward[present], minlength=23) > 50).all()


@given(total=st.integers(100, 20_000), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_spread_over_cells_keeps_margins(total: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    wards, fields = generator.dirichlet(np.ones(23)), generator.dirichlet(np.ones(5))
    table = spread_over_cells(total, wards, fields)
    assert table.sum() == total
    assert np.abs(table.sum(axis=1) - total * wards).max() < 1 + 1e-6
    assert np.abs(table.sum(axis=0) - total * fields).max() < 1 + 1e-6


def test_incomes_reproduce_mean_total_and_small_share(world: World, present: np.ndarray) -> None:
    income = world.npos.income_last_year[present].astype(float)
    assert income.mean() / MILLION == pytest.approx(31.28, rel=2e-3)
    assert income.sum() == pytest.approx(280e9, rel=2e-3)
    assert (income < 5 * MILLION).mean() == pytest.approx(0.674, abs=2e-3)
    large = world.npos.large[present] == 1
    assert 30 <= large.sum() <= 45  # about 37 above one billion yen (model_rules A5)
    assert np.sort(income)[-10:].sum() / income.sum() == pytest.approx(0.26, abs=0.02)


@pytest.mark.parametrize("n", [1, 2, 10, 1000])
def test_quantile_incomes_are_the_conditional_means_of_cells(n: int) -> None:
    """Against numerical integration of the log-normal over each cell; the total is exact."""
    from scipy import integrate, special

    mean, sd = 0.3, 1.1
    found = quantile_incomes(n, mean, sd)
    assert found.sum() == pytest.approx(n * math.exp(mean + sd**2 / 2), rel=1e-9)
    assert (np.diff(found) > 0).all()
    for k in {0, n // 2, n - 1}:
        low, high = (special.ndtri(q) for q in (k / n, (k + 1) / n))
        mass = integrate.quad(
            lambda z: math.exp(mean + sd * z - z * z / 2) / math.sqrt(2 * math.pi),
            max(low, -12.0), min(high, 12.0), epsrel=1e-10,
        )[0]  # fmt: skip
        assert found[k] == pytest.approx(n * mass, rel=1e-6)


def test_streams_are_those_of_the_document_weighted_by_yen(
    world: World, present: np.ndarray
) -> None:
    npos, profile = world.npos, load_profile()
    yen = np.exp(npos.income_level[present] + npos.income_deviation[present])
    for name, row in (("share_business", "income_business"), ("share_public", "income_gov"),
                      ("share_fees", "income_fees_donations")):  # fmt: skip
        share = npos.values(name)[present]
        assert (share @ yen) / yen.sum() == pytest.approx(profile.value(row), abs=1e-6)
        assert share.std() > 0.1  # NPOs differ
    rest = 1.0 - npos.share_business - npos.share_fees - npos.share_public
    assert (rest > 0).all()


def test_flags_of_npos_are_exact(world: World, present: np.ndarray) -> None:
    npos, profile = world.npos, load_profile()
    for name, row in (("homepage", "npo_homepage"), ("sns", "npo_sns"),
                      ("online", "npo_online_services")):  # fmt: skip
        assert abs(npos.values(name)[present].sum() - 8950 * profile.value(row)) <= 0.5, name
    assert npos.certified[present].sum() == profile.value("certified_npo")
    wants = npos.wants_ties[present]
    assert abs(wants.sum() - 8950 * world.p["organisation.wants_ties"]) <= 0.5
    assert (npos.cooperates[present] <= wants).all()


def test_staff_and_workers_are_near_the_document(world: World, present: np.ndarray) -> None:
    npos, profile = world.npos, load_profile()
    assert npos.staff[present].mean() == pytest.approx(
        profile.value("fulltime_staff_mean"), rel=0.03
    )
    active = npos.status == ACTIVE
    workers = npos.staff[active].mean() + npos.volunteers[active].mean()
    assert workers == pytest.approx(profile.value("workers_mean"), rel=0.05)


def test_entrants_do_not_depend_on_the_scale_nor_on_the_horizon(world: World) -> None:
    longer = start_world(0.001, 0, None, 0, "document", {}, 12, 72).npos
    entrants = world.npos.founded >= -72
    months = world.npos.founded[entrants]
    assert months.min() >= -72
    assert months.max() <= 119
    later = (longer.founded >= -72) & (longer.founded <= 119)
    assert (np.sort(longer.id[later]) == np.sort(world.npos.id[entrants])).all()
    assert len(np.unique(world.npos.id)) == world.npos.n
    per_year = entrants.sum() / 16.0
    expected = world.p["succession.entries"] * world.p["succession.entry_factor"]
    assert abs(per_year - expected) < 5 * math.sqrt(expected / 16.0)


def test_leaders_start_in_their_stationary_distribution(world: World, present: np.ndarray) -> None:
    ages = world.npos.leader_age[present]
    share = leaders_module.stationary_leader_ages(world.p)
    old = share[60:].sum()
    assert share.sum() == pytest.approx(1.0)
    assert abs((ages >= 60).mean() - old) < 5 * math.sqrt(old * (1 - old) / len(ages))


# ---- ward offices and intermediaries


def test_features_of_wards_are_exact_counts(worlds: dict[float, World]) -> None:
    counts = {"department": 11, "evaluates": 14, "uses_evaluation": 10, "digital_collaboration": 6,
              "digital_support": 7}  # fmt: skip
    for seed in range(5):
        wards = fresh(0.001, seed).wards
        for name, count in counts.items():
            assert wards.values(name).sum() == count, name
        assert (wards.uses_evaluation <= wards.evaluates).all()
    assert worlds[0.1].wards.population.sum() == 8_638_445
    assert worlds[0.1].wards.staff.sum() == 56_108


def test_which_wards_have_a_feature_is_drawn_anew_for_each_seed() -> None:
    found = {tuple(fresh(0.001, seed).wards.department) for seed in range(6)}
    assert len(found) == 6


def test_intermediaries(world: World) -> None:
    frame, profile = world.intermediaries, load_profile()
    assert frame.n == 34
    assert set(frame.ward.tolist()) == set(range(23))
    assert frame.with_government.sum() == round(profile.value("intermediary_with_gov"))
    assert frame.coordinator.sum() == round(profile.value("intermediary_coordinator_count"))
    assert frame.capacity.sum() == pytest.approx(profile.value("consultations"))


# ---- projects


def test_initial_projects_have_the_documents_number_and_forms() -> None:
    profile = load_profile()
    shares = [profile.value(f"form_{f}") for f in ("contract", "subsidy", "cohost", "cooperation")]
    forms = np.zeros(4)
    for seed in range(5):
        projects = fresh(0.001, seed).projects
        assert (projects.stage == RUNNING).all()
        assert abs(projects.n - 1850) <= 12  # rounded in each of 23 wards
        contracts = (projects.form == CONTRACT).sum()
        assert abs(contracts - 0.423 * projects.n) < 12
        forms += np.bincount(projects.form, minlength=4)
    total = forms.sum()
    for found, share in zip(forms, shares, strict=True):
        assert abs(found - share * total) < 5 * math.sqrt(total * share * (1 - share))


def test_initial_projects_are_led_by_active_npos_of_their_ward(world: World) -> None:
    projects, npos = world.projects, world.npos
    assert (npos.ward[projects.lead] == projects.ward).all()
    assert (npos.status[projects.lead] == ACTIVE).all()
    assert len(np.unique(projects.id)) == projects.n


def test_budgets_belong_to_contracts_and_subsidies() -> None:
    total = []
    for seed in range(5):
        projects = fresh(0.001, seed).projects
        paid = (projects.form == CONTRACT) | (projects.form == SUBSIDY)
        assert (projects.budget[paid] > 0).all()
        assert (projects.budget[~paid] == 0).all()
        total.append(projects.budget.sum())
    assert np.mean(total) == pytest.approx(28.7e9, rel=0.05)


@given(
    one=st.tuples(st.integers(0, 3_000_000), st.integers(FIRST_YEAR, FIRST_YEAR + 400)),
    other=st.tuples(st.integers(0, 3_000_000), st.integers(FIRST_YEAR, FIRST_YEAR + 400)),
    slots=st.tuples(st.integers(0, MAX_SLOTS - 1), st.integers(0, MAX_SLOTS - 1)),
)
def test_project_ids_differ_if_lead_year_or_slot_does(
    one: tuple[int, int], other: tuple[int, int], slots: tuple[int, int]
) -> None:
    ids = [
        int(project_ids(np.array([lead]), year, slot)[0])
        for (lead, year), slot in ((one, slots[0]), (other, slots[1]))
    ]
    assert (ids[0] == ids[1]) == ((one, slots[0]) == (other, slots[1]))
    assert all(0 <= id < 2**63 for id in ids)
    assert COMMISSION_SLOT < IMITATION_SLOT < MAX_SLOTS


def test_every_column_says_what_it_is(world: World) -> None:
    for frame in (world.residents, world.npos, world.projects, world.wards, world.intermediaries):
        assert all(c.unit and c.meaning for c in frame.columns)
    assert max(TRAITS.values()) == DIGITAL
