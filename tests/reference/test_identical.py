"""The fast model and the readable one are in the same state, month by month.

Every test starts both from one state and compares everything at the end of every month, and in
March also where the fast model records, before projects leave and counts begin anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import pytest

from reference.compare import Difference, differences, differences_at_record
from reference.model import ReferenceModel
from sim.model.agents.world import World
from sim.model.model import BurnIn, release
from sim.model.start import burn_in, start_world
from sim.scenario.reader import load_scenario
from sim.scenario.types import BudgetRule, InitiativeSetting, Scenario

SCALE, YEARS = 0.001, 3
MONTHS = 12 * YEARS
IDS = tuple(load_scenario("all_measures").initiatives)

# initiatives that start late, stop early, are weak, are slow, in some wards only
STOPPING = Scenario(
    "stopping",
    initiatives={
        id: InitiativeSetting(start=k % 5, stop=13 + (2 * k) % 11) for k, id in enumerate(IDS)
    },
)
WEAK_AND_LOCAL = Scenario(
    "weak_and_local",
    initiatives={
        id: InitiativeSetting(strength=0.3 + 0.04 * k, start=k, ramp_months=(5 * k) % 24)
        for k, id in enumerate(IDS)
    },
    wards=(13101, 13104, 13108, 13112, 13115, 13120, 13121),
)
FIXED_BUDGET = Scenario(
    "fixed_budget",
    initiatives={"1.1": InitiativeSetting(), "3.1": InitiativeSetting()},
    budget=BudgetRule("fixed", 27_000_000_000),
)
# parameters whose usual value (0, 1, or nearly) leaves a rule without a trace
UNUSUAL = {
    "collaboration.coordinated_present": 0.15,
    "collaboration.people_success_slope": 0.8,
    "collaboration.trend": 0.03,
    "initiative.1.4.proposals_ratio": 1.4,
    "organisation.consultation_demand": 1.3,
    "organisation.client_share": 0.1,
    "participation.uninterested_ratio": 0.15,
    "succession.concentration_slope": 0.5,
}


@lru_cache(maxsize=1)
def burnt(seed: int = 0, draw: int | None = 0, profile: str = "document") -> BurnIn:
    """A state in April 2024."""
    return BurnIn(scale=SCALE, seed=seed, draw=draw, profile=profile, years=YEARS)


@lru_cache(maxsize=1)
def unusual() -> BurnIn:
    """The same with unusual parameters."""
    return BurnIn(scale=SCALE, draw=1, parameters=UNUSUAL, years=YEARS)


@pytest.fixture
def together() -> Iterator[Callable[..., list[Difference]]]:
    """Run both models of a scenario side by side: the differences of the first month with any."""
    made: list[ReferenceModel] = []

    def run(
        burnt: BurnIn,
        scenario: str | Scenario,
        months: int,
        discount: str | None = None,
        seen: Callable[[World], None] = lambda world: None,
    ) -> list[Difference]:
        fast = burnt.branch(scenario, discount=discount)
        reference = ReferenceModel(fast.world, scenario, discount)
        made.append(reference)

        def step(record: Callable[[], None]) -> None:
            fast.month.record = record
            fast.step()

        return side_by_side(fast.world, step, reference, months, seen)

    yield run
    for model in made:
        release(model)


def side_by_side(
    world: World,
    step: Callable[[Callable[[], None]], None],
    reference: ReferenceModel,
    months: int,
    seen: Callable[[World], None] = lambda world: None,
) -> list[Difference]:
    """Step both; the differences of the first month that has any.

    ``step`` makes the fast model's month, and calls what it is given where that model records.
    """
    found = differences(world, reference)
    march: list[World] = []
    recorded: list[int] = []

    def record_fast() -> None:
        seen(world)
        march[:] = [world.copy()] if world.is_march else []

    def record_reference() -> None:
        recorded.append(reference.month)
        for before_closing in march:
            found.extend(differences_at_record(before_closing, reference))

    reference.when_recording = record_reference
    for _ in range(months):
        if found:
            break
        step(record_fast)
        reference.step()
        found.extend(differences(world, reference))
        assert recorded[-1] == world.month - 1
    return found


def told(found: list[Difference]) -> str:
    """The first differences, for people."""
    return "\n".join([f"{len(found)} differences", *(str(d) for d in found[:20])])


@pytest.mark.parametrize("scenario", ["baseline", "all_measures"])
def test_the_first_months_are_identical(
    together: Callable[..., list[Difference]], scenario: str
) -> None:
    found = together(burnt(), scenario, 14)
    assert not found, told(found)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["baseline", "m1", "m2", "m3", "all_measures"])
def test_three_years_are_identical(
    together: Callable[..., list[Difference]], scenario: str
) -> None:
    found = together(burnt(), scenario, MONTHS)
    assert not found, told(found)


def test_the_start_of_the_burn_in_is_identical() -> None:
    """Before the burn-in nothing is settled: no project was judged, no NPO has a past."""
    world = start_world(SCALE, 0, 0, 0, "document", {}, YEARS, 72)
    reference = ReferenceModel(world)

    def step(record: Callable[[], None]) -> None:
        burn_in(world, world.month + 1, record)

    found = side_by_side(world, step, reference, months=14)
    release(reference)
    assert not found, told(found)


@pytest.mark.parametrize("months", [14, pytest.param(MONTHS, marks=pytest.mark.slow)])
def test_claims_without_discount(together: Callable[..., list[Difference]], months: int) -> None:
    found = together(burnt(), "all_measures", months, discount="as_claimed")
    assert not found, told(found)


@pytest.mark.parametrize("months", [20, pytest.param(MONTHS, marks=pytest.mark.slow)])
def test_initiatives_that_stop(together: Callable[..., list[Difference]], months: int) -> None:
    """Effects fade, stocks age, and nothing more is delivered."""
    found = together(burnt(), STOPPING, months, discount="as_claimed")
    assert not found, told(found)


def test_a_fixed_budget(together: Callable[..., list[Difference]]) -> None:
    refused: list[int] = []

    def seen(world: World) -> None:
        refused.append(int(world.ledger.get("refused_budget").sum()))

    found = together(burnt(), FIXED_BUDGET, 14, discount="as_claimed", seen=seen)
    assert not found, told(found)
    assert max(refused) > 0, "the limit was never felt, so this shows nothing"


@pytest.mark.slow
def test_weak_initiatives_in_some_wards(together: Callable[..., list[Difference]]) -> None:
    found = together(burnt(), WEAK_AND_LOCAL, MONTHS)
    assert not found, told(found)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["baseline", "all_measures"])
def test_unusual_parameters(together: Callable[..., list[Difference]], scenario: str) -> None:
    found = together(unusual(), scenario, MONTHS, discount="as_claimed")
    assert not found, told(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "draw", "profile"), [(7, 3, "document"), (1, None, "document"), (0, 5, "official")]
)
def test_other_luck_other_parameters_other_evidence(
    together: Callable[..., list[Difference]], seed: int, draw: int | None, profile: str
) -> None:
    found = together(burnt(seed, draw, profile), "all_measures", MONTHS)
    assert not found, told(found)


@pytest.mark.slow
def test_nothing_works(together: Callable[..., list[Difference]]) -> None:
    found = together(burnt(), "all_measures", 24, discount="none")
    assert not found, told(found)
