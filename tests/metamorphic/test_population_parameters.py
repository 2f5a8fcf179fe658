"""What agents are made from can be set: each parameter changes the agents that it speaks of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.base.errors import UsageError
from sim.figures.parameters import load_parameters
from sim.model.agents.npos import FIELDS
from sim.model.agents.residents import AGE_BANDS
from sim.model.agents.world import World
from sim.model.start import start_world
from sim.runs.spec import POPULATION, RunSpec
from sim.scenario.reader import load_scenario

SCALE = 1 / 1000


def world_of(overrides: dict[str, float]) -> World:
    return start_world(SCALE, 0, None, 0, "document", overrides, years=1, burn_in_months=12)


@pytest.fixture(scope="module")
def usual() -> World:
    return world_of({})


def of_age(band: int) -> Callable[[World], float]:
    """Residents of an age band among those aged 15-64."""
    return lambda w: float(np.mean(w.residents.age[w.residents.age < 5] == band))


def of_field(field: int) -> Callable[[World], float]:
    """NPOs of a field among those that are there at the start."""
    return lambda w: float(np.mean(w.npos.field[w.npos.founded < w.month] == field))


def stream(name: str) -> Callable[[World], float]:
    """A stream's share of the yen of all NPOs that are there at the start."""

    def share(w: World) -> float:
        yen = np.exp(w.npos.income_level + w.npos.income_deviation)[w.npos.founded < w.month]
        return float(w.npos.values(name)[w.npos.founded < w.month] @ yen / yen.sum())

    return share


def wards_with(feature: str) -> Callable[[World], float]:
    """Number of wards with a feature."""
    return lambda w: float(w.wards.values(feature).sum())


def desks_with(feature: str) -> Callable[[World], float]:
    """Number of intermediaries with a feature."""
    return lambda w: float(w.intermediaries.values(feature).sum())


SHARES: dict[str, Callable[[World], float]] = {
    **{f"age_{b.replace('-', '_')}": of_age(n) for n, b in enumerate(AGE_BANDS[:5])},
    **{f"field_{f}": of_field(n) for n, f in enumerate(FIELDS)},
}
NUMBERS: dict[str, tuple[float, Callable[[World], float]]] = {
    "income_business": (0.4, stream("share_business")),
    "income_fees": (0.3, stream("share_fees")),
    "income_public": (0.1, stream("share_public")),
    "intermediaries": (41, lambda w: float(w.intermediaries.n)),
    "intermediaries_with_government": (34, desks_with("with_government")),
    "intermediaries_with_coordinator": (2, desks_with("coordinator")),
    "wards_with_department": (0, wards_with("department")),
    "wards_evaluating": (23, wards_with("evaluates")),
    "wards_using_evaluation": (14, wards_with("uses_evaluation")),
    "wards_with_digital_collaboration": (1, wards_with("digital_collaboration")),
    "wards_with_digital_support": (22, wards_with("digital_support")),
}


def test_every_parameter_of_the_population_is_tried() -> None:
    ids = [id for id in load_parameters() if id.startswith(POPULATION)]
    assert ids == [POPULATION + name for name in (*SHARES, *NUMBERS)]


@pytest.mark.parametrize("name", SHARES)
def test_a_share_moves_its_part_and_no_other(usual: World, name: str) -> None:
    table = load_parameters()
    group = [f"{POPULATION}{other}" for other in SHARES if other[:4] == name[:4]]
    rest = sum(table[id].value for id in group if id != POPULATION + name)
    world = world_of({POPULATION + name: rest})
    assert SHARES[name](world) == pytest.approx(0.5, abs=0.01)
    assert SHARES[name](usual) == pytest.approx(table[POPULATION + name].value, abs=0.01)
    for other in (n for n in SHARES if n[:4] != name[:4]):
        assert SHARES[other](world) == pytest.approx(SHARES[other](usual), abs=0.002), other
    for other, (_, measure) in NUMBERS.items():
        assert measure(world) == pytest.approx(measure(usual), abs=1e-6), other


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_met_and_no_other_moves(usual: World, name: str) -> None:
    value, measure = NUMBERS[name]
    world = world_of({POPULATION + name: value})
    assert measure(world) == pytest.approx(value, abs=1e-6)
    assert measure(usual) == pytest.approx(load_parameters()[POPULATION + name].value, abs=1e-6)
    assert measure(usual) != pytest.approx(value)
    for other, (_, of_other) in NUMBERS.items():
        if other != name:
            assert of_other(world) == pytest.approx(of_other(usual), abs=1e-6), other
    for other, share in SHARES.items():
        assert share(world) == share(usual), other


def test_the_value_itself_changes_nothing(usual: World) -> None:
    table = load_parameters()
    world = world_of({id: p.value for id, p in table.items() if id.startswith(POPULATION)})
    for frame in ("npos", "wards", "intermediaries", "projects"):
        for column in getattr(usual, frame).columns:
            mine, other = (getattr(w, frame).values(column.name) for w in (usual, world))
            np.testing.assert_array_equal(mine, other)
    for name in ("age", "traits", "channel", "state"):
        mine, other = (w.residents.read(name, slice(None)) for w in (usual, world))
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize("name", [*SHARES, *NUMBERS])
def test_runs_that_differ_in_it_share_no_burn_in(name: str) -> None:
    baseline = load_scenario("baseline")
    plain = RunSpec(baseline)
    value = NUMBERS[name][0] if name in NUMBERS else 0.25
    own = RunSpec(baseline, parameters=((POPULATION + name, value),))
    assert own.burn_in_key != plain.burn_in_key
    assert own.identity != plain.identity


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"wards_with_department": 24}, "outside 0 to 23"),
        ({"wards_using_evaluation": 15}, "15, and population.wards_evaluating: 14"),
        ({"wards_evaluating": 9}, "10, and population.wards_evaluating: 9"),
        ({"intermediaries": 0}, "is outside"),
        ({"intermediaries": 10}, "population.intermediaries_with_government: 17 of 10"),
        ({"intermediaries_with_coordinator": 35}, "35 of 34"),
        ({"income_fees": 0.4}, "107.1% together"),
        ({"income_public": 0.0}, "is outside"),
        ({f"field_{f}": 0.0 for f in FIELDS}, "nothing to share out"),
    ],
)
def test_what_no_population_has_is_refused(overrides: dict[str, float], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        world_of({POPULATION + name: value for name, value in overrides.items()})
