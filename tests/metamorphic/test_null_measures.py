"""A measure that does nothing gives the baseline bit for bit; the order of measures is nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from model_runs import SMALL, alone, burnt, differences, in_step, year_values

from sim.model.measures import INITIATIVES
from sim.model.model import CollaborationModel
from sim.scenario.reader import load_scenario
from sim.scenario.types import InitiativeSetting, Scenario

MONTHS, YEARS = 36, 3
IDS = tuple(INITIATIVES)
EVERYTHING = {id: InitiativeSetting() for id in IDS}

# What an initiative still does when its claims are worth nothing (mode "none"): deliveries, and
# what is uptake or structure and not an effect per treated unit (model_rules B: "never uptake").
STRUCTURE = {
    "1.1": {"M1-KSI-1"},
    # NPOs that go online hear of consultations sooner
    "1.2": {
        "M1-KSI-2",
        "M1-KPIoc-2",
        "support_gap_size",
        "M2-KSI-1",
        "consultations",
        "consultations_refused",
        "M2-KPIoc-1",
    },
    "1.3": {"online_projects"},
    "1.4": {"M1-KPIop-2"},
    "1.5": {"wards_using_evaluation"},
    "2.1": {"M2-KSI-1", "consultations", "consultations_refused", "support_gap_size", "M2-KPIoc-1"},
    "2.2": {"M2-KSI-2"},
    "2.3": {"M2-KPIoc-2", "coordinators_active", "coordinated_projects"},
    "2.4": {"M2-KPIop-1"},
    "2.5": {"M2-KPIop-2", "outcome_based_projects"},
    "3.1": {"M3-KPIop-1"},
    "3.2": {"M3-KSI-1"},
    "3.3": {"M3-KPIoc-1"},
    "3.4": {"M3-KSI-2", "modelled_projects", "M3-KPIoc-2"},
    "3.5": {"M3-KPIop-2"},
}


def branch(scenario: Scenario | str, discount: str = "as_claimed") -> CollaborationModel:
    return burnt(0, SMALL, 10).branch(scenario, discount, YEARS)


@pytest.fixture(scope="module")
def baseline() -> CollaborationModel:
    model = branch("baseline")
    model.run()
    return model


def equal_to(
    baseline: CollaborationModel, scenario: Scenario, discount: str = "as_claimed"
) -> None:
    model = branch(scenario, discount)
    model.run()
    assert model.world.month == baseline.world.month == MONTHS
    assert differences(model.world, baseline.world) == []
    assert model.records == baseline.records


@pytest.mark.parametrize("id", IDS)
def test_zero_strength_is_the_baseline(id: str, baseline: CollaborationModel) -> None:
    equal_to(baseline, alone(id, strength=0.0))


@pytest.mark.parametrize("id", IDS)
def test_a_start_after_the_horizon_is_the_baseline(id: str, baseline: CollaborationModel) -> None:
    equal_to(baseline, alone(id, start=MONTHS))


@pytest.mark.parametrize("what", [{"strength": 0.0}, {"start": MONTHS}])
def test_all_measures_at_once_that_do_nothing(
    what: dict[str, float], baseline: CollaborationModel
) -> None:
    everything = {id: InitiativeSetting(**what) for id in IDS}
    for discount in ("as_claimed", "discounted", "none"):
        equal_to(baseline, Scenario(id="idle", initiatives=everything), discount)


@pytest.mark.parametrize("id", IDS)
def test_before_its_start_it_is_the_baseline_and_then_it_is_not(id: str) -> None:
    start = 12
    base, later = branch("baseline"), branch(alone(id, start=start))
    for month in in_step((base, later), start):
        if month % 4 == 0:
            assert differences(later.world, base.world) == [], month
    assert later.records == base.records
    for _ in in_step((base, later), MONTHS - start):
        pass
    assert differences(later.world, base.world) != []


def test_stopping_at_once_differs_from_never_starting(baseline: CollaborationModel) -> None:
    """The comparison can fail: one month of measures is seen."""
    model = branch(Scenario(id="short", initiatives={"1.2": InitiativeSetting(stop=12)}))
    model.run()
    assert differences(model.world, baseline.world) != []


@pytest.mark.parametrize("id", IDS)
def test_without_effects_only_deliveries_remain(id: str, baseline: CollaborationModel) -> None:
    """Mode "none": places are given, nothing that residents or NPOs experience changes."""
    model = branch(alone(id), "none")
    model.run()
    found, base = year_values(model), year_values(baseline)
    changed = {i for (_, i), value in found.items() if value != base[_, i]}
    assert changed <= STRUCTURE[id] | {"programme_cost"}
    assert changed & STRUCTURE[id]
    assert "programme_cost" in changed


def test_all_discount_modes_give_the_same_baseline() -> None:
    runs = []
    for mode in ("as_claimed", "discounted", "none"):
        model = branch("baseline", mode)
        model.run()
        runs.append(model)
    assert differences(runs[0].world, runs[1].world) == []
    assert differences(runs[0].world, runs[2].world) == []


# ---- order


def test_order_in_the_file_does_not_matter(tmp_path: Path) -> None:
    texts = [f'  "{id}": {{strength: {0.5 + 0.03 * k:.2f}}}\n' for k, id in enumerate(IDS)]
    models = []
    for name, lines in (
        ("forth", texts),
        ("back", texts[::-1]),
        ("mixed", texts[::2] + texts[1::2]),
    ):
        path = tmp_path / f"{name}.yaml"
        head = "id: mine\nname: {en: Mine}\ninitiatives:\n"
        path.write_text(head + "".join(lines), encoding="utf-8")
        model = branch(load_scenario(str(path), YEARS))
        assert len(model.initiatives) == 15
        model.run()
        models.append(model)
    for other in models[1:]:
        assert differences(models[0].world, other.world) == []
        assert models[0].records == other.records


def test_order_in_the_mapping_does_not_matter(baseline: CollaborationModel) -> None:
    forth = Scenario(id="x", initiatives=EVERYTHING)
    back = Scenario(id="x", initiatives=dict(reversed(EVERYTHING.items())))
    assert forth == back
    models = [branch(forth), branch(back)]
    for model in models:
        model.run()
    assert differences(models[0].world, models[1].world) == []
    assert differences(models[0].world, baseline.world) != []


def test_effects_do_not_depend_on_the_order_of_application() -> None:
    """Initiatives applied in reverse within one month: the same combined rates."""
    world = burnt(0, SMALL, 10).world
    boards = []
    for turn in (1, -1):
        model = branch(Scenario(id="x", initiatives=EVERYTHING))
        for _ in in_step((model,), 11):
            pass
        model.month.initiatives.reverse() if turn == -1 else None
        model.board.clear()
        for initiative in model.month.initiatives:
            initiative.apply(model.world, model.board)
            initiative.apply_to_projects(model.world, model.board)
        boards.append(model.board)
    from sim.model.effects import RATES

    moved = 0
    for rate in RATES:
        np.testing.assert_allclose(boards[0][rate], boards[1][rate], rtol=1e-12, atol=1e-15)
        moved += bool(boards[0][rate].any())
    assert moved >= 12
    assert world.month == 0  # the shared burn-in was not touched


# ---- other nulls


def test_a_plain_scenario_with_other_labels_is_the_baseline(baseline: CollaborationModel) -> None:
    equal_to(baseline, replace(load_scenario("baseline"), id="other", name_en="Other"))
