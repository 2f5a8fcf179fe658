"""Participation against a mean field that the tests write anew (`mean_field`).

If the kernel mixed up a state, a threshold or a trait, the levels would differ.
"""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from mean_field import AGES, Map, prevalences
from model_runs import SMALL, burnt, values


@pytest.fixture(scope="module")
def world_map() -> Map:
    world = burnt(0, SMALL).world
    ages = np.bincount(world.residents.age, minlength=AGES) / world.residents.n
    run = values("baseline", 0, SMALL)
    exposed = run[2024, "project_participants_share"]
    assert exposed is not None
    return Map(world.p, ages, exposed)


def model_mean(indicator: str) -> tuple[float, float]:
    """Mean over years and seeds, and its standard error from the seeds."""
    means = []
    for seed in range(4):
        run = values("baseline", seed, SMALL)
        found = [run[y, indicator] for y in range(2024, 2034)]
        means.append(statistics.fmean(v for v in found if v is not None))
    return statistics.fmean(means), statistics.stdev(means) / 2


def test_prevalences_add_up_and_are_marginal() -> None:
    p = burnt(0, SMALL).world.p
    table = prevalences(p)
    assert sum(table.values()) == pytest.approx(1.0)
    interested = sum(v for c, v in table.items() if c[0])
    assert interested == pytest.approx(p["participation.interest"], abs=1e-4)
    no_time = sum(v for c, v in table.items() if c[1])
    assert no_time == pytest.approx(p["participation.barrier_time_prevalence"], abs=1e-4)


def test_the_map_conserves_residents(world_map: Map) -> None:
    world_map.settle(world_map.start(0.2), 3)
    total = world_map.field.none.sum() + world_map.field.stock()
    assert total == pytest.approx(1.0, abs=1e-12)


def test_participation_settles_and_the_model_is_there(world_map: Map) -> None:
    path = world_map.settle(world_map.start(0.25), 40)
    assert abs(path[-1] - path[-2]) < 1e-5
    mean, error = model_mean("participation_rate")
    # wards differ, and the common shocks of 16 years average out only in part
    assert path[-1] == pytest.approx(mean, abs=0.006 + 4 * error)
    stock, error = model_mean("volunteer_stock")
    assert world_map.field.stock() == pytest.approx(stock, abs=0.006 + 4 * error)
    regular, error = model_mean("regular_share")
    field = world_map.field
    assert field.regular.sum() / field.participation() == pytest.approx(
        regular, abs=0.01 + 4 * error
    )


def test_the_ask_loop_is_stable(world_map: Map) -> None:
    """From few and from many volunteers the same level: one attractor, reached geometrically."""
    low = world_map.settle(world_map.start(0.02), 60)
    high = world_map.settle(world_map.start(0.60), 60)
    assert low[-1] == pytest.approx(high[-1], abs=1e-3)
    gaps = np.array(high) - np.array(low)
    late = gaps[5:40]
    assert (late > 0).all()
    assert (late[1:] / late[:-1]).max() < 0.90  # a difference halves within seven years at most


def test_without_being_asked_fewer_take_part_but_not_none(world_map: Map) -> None:
    """The loop is strong, as the evidence says, yet no threshold of collapse."""
    silent = Map(world_map.p, world_map.share.reshape(AGES, -1).sum(axis=1), 0.0, ask=0.0)
    alone = silent.settle(silent.start(0.25), 40)[-1]
    asked = world_map.settle(world_map.start(0.25), 40)[-1]
    assert 0.4 * asked < alone < 0.95 * asked
    # a third more asking does not run away
    louder = Map(world_map.p, world_map.share.reshape(AGES, -1).sum(axis=1), 0.007, ask=1.33)
    path = louder.settle(louder.start(0.25), 60)
    assert path[-1] - path[-2] < 1e-4
    assert path[-1] < 0.45
