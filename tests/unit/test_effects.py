"""Named rates, their combiners, and the ledger of deliveries."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.effects import DELIVERIES, N_CHANNELS, RATES, EffectBoard, Ledger

N_WARDS, N_NPOS, N_PROJECTS, ATTENUATION = 23, 40, 12, 0.75
SHAPES = {
    "ward": (N_WARDS,), "npo": (N_NPOS,), "project": (N_PROJECTS,), "pool": (N_WARDS, N_CHANNELS),
    "city": (1,),
}  # fmt: skip


def board() -> EffectBoard:
    return EffectBoard(N_WARDS, N_NPOS, N_PROJECTS, ATTENUATION)


@pytest.mark.parametrize("rate", sorted(RATES))
def test_no_effect_is_zero_and_has_the_shape_of_its_entity(rate: str) -> None:
    value = board()[rate]
    assert value.shape == SHAPES[RATES[rate].entity]
    assert value.dtype == np.float64
    assert not value.any()


@pytest.mark.parametrize("rate", sorted(RATES))
def test_one_effect_is_itself_and_clear_takes_it_away(rate: str) -> None:
    effects = board()
    effects.add(rate, 0.25)
    assert (effects[rate] == 0.25).all()
    effects.clear()
    assert not effects[rate].any()
    effects.add(rate, 0.25)
    assert (effects[rate] == 0.25).all()


@pytest.mark.parametrize("rate", sorted(RATES))
@given(amounts=st.lists(st.floats(0.0, 0.9), min_size=3, max_size=3))
def test_order_of_effects_does_not_matter(rate: str, amounts: list[float]) -> None:
    found = []
    for order in itertools.permutations(amounts):
        effects = board()
        for amount in order:
            effects.add(rate, amount)
        found.append(effects[rate].ravel()[0])
    np.testing.assert_allclose(found, found[0], rtol=1e-12, atol=1e-15)
    combiner = RATES[rate].combiner
    if combiner == "chance":
        assert found[0] == pytest.approx(1.0 - np.prod(1.0 - np.array(amounts)), abs=1e-12)
        assert 0.0 <= found[0] <= 1.0
    else:
        expected = sum(amounts)
        if combiner == "attenuated_log_odds":
            # a second treatment adds less than its own effect, but never takes any away
            expected = max(*amounts, ATTENUATION * expected)
        assert found[0] == pytest.approx(expected)


def test_attenuation_only_where_several_treatments_meet() -> None:
    effects = board()
    effects.add("project.success", 1.0, np.array([0, 1]))
    effects.add("project.success", 0.5, np.array([1, 2]))
    effects.add("project.success", 0.0, np.array([0, 2]))
    np.testing.assert_allclose(effects["project.success"][:4], [1.0, 0.75 * 1.5, 0.5, 0.0])


def test_a_vector_that_is_zero_somewhere_is_no_second_treatment_there() -> None:
    effects = board()
    effects.add("project.success", 1.0)
    half = np.array([0.0, 0.6] * 6)
    effects.add("project.success", half)
    np.testing.assert_allclose(effects["project.success"][:2], [1.0, 0.75 * 1.6])
    effects.add("project.success", 0.1, np.array([0]))  # weak: nothing is lost
    assert effects["project.success"][0] == 1.0


def test_masks_positions_and_ward_and_channel() -> None:
    effects = board()
    effects.add("npo.capability", 0.5, np.array([3, 7]))
    mask = np.arange(N_NPOS) >= 38
    effects.add("npo.capability", 0.1, mask)
    assert np.flatnonzero(effects["npo.capability"]).tolist() == [3, 7, 38, 39]
    effects.add("pool.barrier_time", np.full((N_WARDS, N_CHANNELS), 0.5))
    effects.add("pool.barrier_time", np.full((N_WARDS, N_CHANNELS), 0.5))
    assert (effects["pool.barrier_time"] == 0.75).all()


def test_a_new_list_of_projects_starts_at_zero() -> None:
    effects = board()
    effects.add("project.success", 1.0)
    effects.add("project.rating", 1.0)
    effects.add("ward.renewal", 1.0)
    effects.resize_projects(5)
    assert effects["project.success"].tolist() == [0.0] * 5
    assert effects["project.rating"].tolist() == [0.0] * 5
    assert (effects["ward.renewal"] == 1.0).all()
    effects.add("project.success", 1.0)
    effects.add("project.success", 1.0)
    assert (effects["project.success"] == 2 * ATTENUATION).all()


def test_unknown_rates_and_deliveries_are_refused() -> None:
    with pytest.raises(KeyError):
        board().add("project.succes", 1.0)
    ledger = Ledger(N_WARDS)
    for act in (
        lambda: ledger.add("course", np.zeros(23, dtype=np.int64)),
        lambda: ledger.set("course", np.zeros(23)),
        lambda: ledger.get("course"),
        lambda: ledger.add_events("course", [1]),
    ):
        with pytest.raises(KeyError):
            act()


def test_flows_begin_anew_each_year_and_stocks_stay() -> None:
    ledger = Ledger(N_WARDS)
    ledger.add_events("proposals", [0, 0, 22])
    ledger.add_events("proposals", [1])
    ledger.set("coordinators_active", np.full(23, 2))
    ledger.spend("2.3", 100)
    ledger.spend("2.3", 23)
    assert ledger.get("proposals").tolist() == [2, 1] + [0] * 20 + [1]
    assert ledger.yen == {"2.3": 123}
    ledger.new_year()
    assert not ledger.get("proposals").any()
    assert ledger.get("coordinators_active").sum() == 46
    assert ledger.yen == {}


def test_the_ledger_counts_whole_things() -> None:
    ledger = Ledger(N_WARDS)
    for item in DELIVERIES:
        assert ledger.get(item).dtype == np.int64
        assert ledger.get(item).shape == (23,)
    ledger.spend("1.1", 10**13)
    assert isinstance(ledger.yen["1.1"], int)


def test_a_copied_ledger_is_independent() -> None:
    ledger = Ledger(N_WARDS)
    ledger.add_events("proposals", [4])
    ledger.set("staff_trained", np.ones(23))
    ledger.spend("1.4", 5)
    twin = ledger.copy()
    twin.add_events("proposals", [4])
    twin.stocks["staff_trained"][0] = 9
    twin.spend("1.4", 5)
    assert ledger.get("proposals")[4] == 1
    assert ledger.get("staff_trained")[0] == 1
    assert ledger.yen["1.4"] == 5


def test_every_rate_and_delivery_says_what_it_is() -> None:
    assert all(r.id == k and r.meaning for k, r in RATES.items())
    assert all(DELIVERIES.values())
