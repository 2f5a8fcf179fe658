"""A run is a pure function of what identifies it; the model is an ordinary Mesa model."""

from __future__ import annotations

import gc
import weakref

import mesa
import numpy as np
import pytest
from model_runs import SMALL, alone, arrays, burnt, differences

from sim.base.errors import UsageError
from sim.model.agents.intermediaries import Intermediary
from sim.model.agents.ward_offices import WardOffice
from sim.model.indicators import INDICATORS
from sim.model.model import BurnIn, CollaborationModel

YEARS = 2
ARGUMENTS = {"scale": SMALL, "seed": 42, "draw": 3, "replicate": 1}


@pytest.fixture(scope="module")
def start() -> BurnIn:
    return BurnIn(years=YEARS, **ARGUMENTS)


@pytest.fixture(scope="module")
def measured(start: BurnIn) -> CollaborationModel:
    model = start.branch("all_measures")
    model.run()
    return model


def equal(a: CollaborationModel, b: CollaborationModel) -> None:
    assert a.records == b.records
    assert differences(a.world, b.world) == []


def test_the_same_twice(start: BurnIn, measured: CollaborationModel) -> None:
    again = BurnIn(years=YEARS, **ARGUMENTS)
    assert differences(start.world, again.world) == []
    model = again.branch("all_measures")
    model.run()
    equal(model, measured)


def test_a_branch_after_other_branches(start: BurnIn, measured: CollaborationModel) -> None:
    """Scenarios never see each other, and the burn-in is left as it was."""
    before = {name: value.copy() for name, value in arrays(start.world).items()}
    for scenario in ("m1", "m3", "baseline"):
        start.branch(scenario, "as_claimed").run()
    model = start.branch("all_measures")
    model.run()
    equal(model, measured)
    after = arrays(start.world)
    assert all((before[name] == after[name]).all() for name in before)
    assert before.keys() == after.keys()


def test_interleaved_branches(start: BurnIn, measured: CollaborationModel) -> None:
    one, two = start.branch("all_measures"), start.branch("m2")
    while one.running:
        one.step()
        two.step()
    equal(one, measured)


def test_stepped_by_hand_equals_run(start: BurnIn, measured: CollaborationModel) -> None:
    model = start.branch("all_measures")
    steps = 0
    while model.running:
        model.step()
        steps += 1
    assert steps == 12 * YEARS
    equal(model, measured)


def test_a_model_of_its_own_equals_a_branch(measured: CollaborationModel) -> None:
    model = CollaborationModel("all_measures", years=YEARS, **ARGUMENTS)
    model.run()
    equal(model, measured)


def test_a_shorter_horizon_is_the_beginning_of_a_longer_one(start: BurnIn) -> None:
    short, long = start.branch("m1", years=1), start.branch("m1", years=2)
    short.run()
    long.run()
    assert long.records[: len(short.records)] == short.records
    with pytest.raises(UsageError, match="burn-in was made for 2 years"):
        start.branch("m1", years=3)


@pytest.mark.parametrize("change", [{"seed": 43}, {"draw": 4}, {"replicate": 2}, {"draw": None}])
def test_another_identity_gives_another_run(
    change: dict[str, int | None], measured: CollaborationModel
) -> None:
    model = CollaborationModel("all_measures", years=YEARS, **{**ARGUMENTS, **change})
    model.run()
    assert model.records != measured.records


def test_by_month_and_by_ward_record_the_same_years(start: BurnIn) -> None:
    found = {}
    for by in ("year", "ward", "month"):
        model = start.branch("m2", by=by)
        model.run()
        found[by] = [r for r in model.records if r[2] == "all" and not r[1]]
        assert len(model.records) >= len(found[by])
    assert found["year"] == found["ward"] == found["month"]


def test_measuring_changes_nothing(start: BurnIn) -> None:
    """Looking at all indicators every month leaves the run as it is."""
    watched, other = start.branch("m3"), start.branch("m3")
    while watched.running:
        watched.step()
        for indicator in INDICATORS.values():
            indicator.measure(watched.world)
    other.run()
    equal(watched, other)


def test_a_finished_model_is_freed(start: BurnIn) -> None:
    """Studies make thousands of models in one process: none may stay in memory."""
    gone = []
    for _ in range(3):
        model = start.branch("m1", years=1)
        model.step()
        gone.append(weakref.ref(model.world))
        del model
    gc.collect()
    assert [ref() is None for ref in gone] == [True] * 3


# ---- a Mesa model


def test_batch_run() -> None:
    results = mesa.batch_run(
        CollaborationModel,
        parameters={"scenario": ["baseline", "m1"], "scale": SMALL, "years": 1, "seed": 7},
        iterations=1,
        max_steps=12,
        number_processes=1,
        data_collection_period=-1,
        display_progress=False,
    )
    assert [row["scenario"] for row in results] == ["baseline", "m1"]
    assert all(0.2 < row["participation_rate"] < 0.4 for row in results)
    model = CollaborationModel("baseline", scale=SMALL, years=1, seed=7)
    model.run()
    rate = model.datacollector.model_vars["participation_rate"]
    assert len(rate) == 12
    assert results[0]["participation_rate"] == rate[-1]


def test_agents_can_be_inspected_one_by_one(measured: CollaborationModel) -> None:
    model = measured
    offices = [a for a in model.agents if isinstance(a, WardOffice)]
    desks = [a for a in model.agents if isinstance(a, Intermediary)]
    assert (len(offices), len(desks)) == (23, 34)
    assert len({o.name_ja for o in offices} | {o.name_en for o in offices}) == 46
    assert sum(o.department for o in offices) == 11
    assert all(0 <= d.ward < 23 and d.capacity > 0 for d in desks)
    with pytest.raises(AttributeError):
        _ = offices[0].nothing
    resident, npo, project = model.residents[17], model.npos[17], model.projects[0]
    assert (resident.id, npo.id) == (17, 17)
    assert resident.ward == model.residents.ward[17]
    assert "leader_age" in npo.to_dict()
    assert npo.leader_age == int(model.npos.leader_age[17])
    assert project.lead in range(model.npos.n)
    assert len(model.residents) == model.residents.n == len(list(model.residents))


def test_a_resident_can_be_followed(start: BurnIn) -> None:
    """What the view shows is what the model does, month by month."""
    model = start.branch("baseline")
    follow = model.residents[int(np.flatnonzero(model.residents.state == 2)[0])]
    tenure = [follow.tenure]
    for _ in range(6):
        model.step()
        tenure.append(follow.tenure)
    steps = np.diff(tenure)
    assert all(step == 1 or new == 0 for step, new in zip(steps, tenure[1:], strict=True))


def test_data_collector_and_running(start: BurnIn) -> None:
    model = start.branch("baseline", years=1)
    assert model.running
    model.run()
    assert not model.running
    table = model.datacollector.get_model_vars_dataframe()
    assert len(table) == 12
    assert table.notna().all().all()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"scale": 0.0}, "scale"),
        ({"scale": 1.5}, "scale"),
        ({"years": 0}, "years"),
        ({"discount": "discount"}, "discounted"),
        ({"by": "wards"}, "ward"),
        ({"burn_in_months": 7}, "burn_in_months"),
        ({"scenario": "al_measures"}, "all_measures"),
        ({"parameters": {"collaboration.trand": 0.1}}, "collaboration.trend"),
    ],
)
def test_bad_arguments(bad: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        CollaborationModel(**{"scale": SMALL, "years": 1, **bad})


def test_scenarios_with_own_parameters_keep_their_burn_in_apart() -> None:
    """Overrides act from the burn-in on: another level, not a jump in April 2024."""
    plain = burnt(0, SMALL).world
    other = BurnIn(scale=SMALL, seed=0, parameters={"participation.quit_rate": 0.02}).world
    assert (other.residents.state > 0).mean() < (plain.residents.state > 0).mean() - 0.02
    assert alone("1.1").initiatives["1.1"].strength == 1.0
