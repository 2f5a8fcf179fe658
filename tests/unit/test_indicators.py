"""The 24 indicators of the document and the auxiliary ones: declarations, classes, formulas."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from model_runs import SMALL, burnt, values

from sim.figures.evidence import load_profile
from sim.model.agents.npos import ACTIVE, CLOSED, DORMANT, NEVER
from sim.model.agents.projects import RUNNING
from sim.model.agents.world import World
from sim.model.indicators import INDICATORS
from sim.model.indicators.base import Measurement, city, share, total
from sim.model.model import CollaborationModel

DOCUMENT = (
    "M1-KGI-1", "M1-KGI-2", "M1-KSI-1", "M1-KSI-2", "M1-KPIoc-1", "M1-KPIoc-2", "M1-KPIop-1",
    "M1-KPIop-2", "M2-KGI-1", "M2-KGI-2", "M2-KSI-1", "M2-KSI-2", "M2-KPIoc-1", "M2-KPIoc-2",
    "M2-KPIop-1", "M2-KPIop-2", "M3-KGI-1", "M3-KGI-2", "M3-KSI-1", "M3-KSI-2", "M3-KPIoc-1",
    "M3-KPIoc-2", "M3-KPIop-1", "M3-KPIop-2",
)  # fmt: skip
# model_rules C
OUTCOMES = {
    "M1-KGI-1", "M1-KGI-2", "M1-KPIoc-1", "M1-KPIoc-2", "M1-KPIop-1", "M2-KGI-1", "M2-KGI-2",
    "M2-KPIoc-1", "M3-KGI-1", "M3-KGI-2", "M3-KPIoc-1", "M3-KPIoc-2",
}  # fmt: skip
TARGETS = {
    "M1-KGI-1": 0.80, "M1-KGI-2": 0.85, "M1-KSI-1": 0.80, "M1-KSI-2": 0.40, "M1-KPIoc-1": 0.90,
    "M1-KPIoc-2": 0.70, "M1-KPIop-1": 2200, "M1-KPIop-2": 0.80, "M2-KGI-1": 0.95, "M2-KGI-2": 0.90,
    "M2-KSI-1": 0.60, "M2-KSI-2": 300, "M2-KPIoc-1": 0.15, "M2-KPIoc-2": 150, "M2-KPIop-1": 800,
    "M2-KPIop-2": 400, "M3-KGI-1": 0.30, "M3-KGI-2": 0.85, "M3-KSI-1": 0.70, "M3-KSI-2": 20,
    "M3-KPIoc-1": 150, "M3-KPIoc-2": 30, "M3-KPIop-1": 100, "M3-KPIop-2": 300,
}  # fmt: skip
CURRENTS = {
    "M1-KGI-1": 0.628, "M1-KGI-2": 0.714, "M1-KPIoc-1": 0.837, "M1-KPIoc-2": 0.374,
    "M1-KPIop-1": 1850, "M2-KGI-1": 0.872, "M2-KGI-2": 0.768, "M3-KGI-2": 0.672, "M3-KPIoc-1": 89,
}  # fmt: skip
LEVELS = {"KGI": "KGI", "KSI": "KSI", "KPIoc": "KPI-outcome", "KPIop": "KPI-output"}


@pytest.fixture
def world() -> World:
    """A state after the burn-in that a test may change."""
    return burnt(0, SMALL).world.copy()


@pytest.fixture(scope="module")
def by_ward() -> CollaborationModel:
    model = burnt(0, SMALL).branch("all_measures", "as_claimed", years=4, by="ward")
    model.run()
    return model


@pytest.fixture(scope="module")
def by_month() -> CollaborationModel:
    model = burnt(0, SMALL).branch("baseline", years=2, by="month")
    model.run()
    return model


def measured(id: str, world: World) -> float | None:
    world.memo.clear()
    return INDICATORS[id].measure(world).all_wards()


# ---- declarations


def test_the_24_come_first_in_the_order_of_the_document() -> None:
    assert tuple(INDICATORS)[:24] == DOCUMENT
    assert all(i.level == "auxiliary" for i in list(INDICATORS.values())[24:])
    assert {i for i in DOCUMENT if INDICATORS[i].kind == "outcome"} == OUTCOMES
    assert all(INDICATORS[i].kind == "delivery" for i in set(DOCUMENT) - OUTCOMES)


@pytest.mark.parametrize("id", DOCUMENT)
def test_targets_and_currents_are_those_of_the_document(id: str) -> None:
    profile, indicator = load_profile(), INDICATORS[id]
    assert indicator.level == LEVELS[id.split("-")[1]]
    assert indicator.target is not None
    assert profile.value(indicator.target) == pytest.approx(TARGETS[id])
    current = None if indicator.current is None else profile.value(indicator.current)
    assert current == (pytest.approx(CURRENTS[id]) if id in CURRENTS else None)
    assert indicator.measured_as != "not an indicator of the document"
    assert indicator.direction == 1


def test_every_declaration_is_complete() -> None:
    profile = load_profile()
    for id, i in INDICATORS.items():
        assert i.id == id
        assert i.name_en
        assert i.name_ja
        assert i.unit
        assert i.formula
        assert i.direction in (-1, 0, 1)
        rows = (*i.evidence, *(r for r in (i.target, i.current) if r))
        assert all(row in profile for row in rows), id
    assert len({i.name_en for i in INDICATORS.values()}) == len(INDICATORS)
    assert len({i.name_ja for i in INDICATORS.values()}) == len(INDICATORS)


# ---- measurements


def test_a_ratio_of_sums_is_no_mean_of_ratios() -> None:
    top, bottom = np.zeros(23), np.zeros(23)
    top[:2], bottom[:2] = [1.0, 9.0], [10.0, 10.0]
    bottom[2] = 80.0
    measurement = share(top, bottom)
    assert measurement.all_wards() == 0.1
    assert measurement.by_ward()[:4] == [0.1, 0.9, 0.0, None]
    assert total(top).all_wards() == 10.0
    assert share(top, np.zeros(23)).all_wards() is None
    assert city(None).all_wards() is None
    assert city(0.5).by_ward() is None
    assert Measurement(city=2.0).all_wards() == 2.0


def rows(model: CollaborationModel) -> Iterator[tuple[int, str, dict[str, float | None]]]:
    table: dict[tuple[int, str], dict[str, float | None]] = {}
    for year, month, ward, indicator, value in model.records:
        if not month:
            table.setdefault((year, indicator), {})[ward] = value
    for (year, indicator), found in table.items():
        yield year, indicator, found


def test_wards_add_up_to_the_city(by_ward: CollaborationModel) -> None:
    codes = {str(c) for c in by_ward.world.wards.code}
    counted = 0
    for _, id, found in rows(by_ward):
        wards = [v for k, v in found.items() if k != "all"]
        if len(found) == 1:
            continue  # known for the city only
        assert set(found) == codes | {"all"}
        if (
            INDICATORS[id].unit.startswith(("count", "persons per year", "yen"))
            and None not in wards
        ):
            assert math.fsum(wards) == pytest.approx(found["all"], rel=1e-12), id
            counted += 1
        elif INDICATORS[id].unit == "share" and found["all"] is not None:
            known = [v for v in wards if v is not None]
            assert min(known) - 1e-12 <= found["all"] <= max(known) + 1e-12, id
            counted += 1
    assert counted > 100


def test_every_year_has_every_indicator_once(by_ward: CollaborationModel) -> None:
    keys = [(year, month, ward, id) for year, month, ward, id, _ in by_ward.records]
    assert len(keys) == len(set(keys))
    years = {(year, id) for year, _, ward, id in keys if ward == "all"}
    assert years == {(year, id) for year in range(2024, 2028) for id in INDICATORS}


def test_shares_lie_between_0_and_1(by_ward: CollaborationModel) -> None:
    unbounded = {"M3-KGI-1", "impact_solved", "impact_product", "project_participants_share",
                 "support_gap_size", "interest_gap"}  # fmt: skip
    stop = {"stop_load", "stop_time", "stop_mismatch"}  # scaled to add up to 1.064 (C020)
    for _, id, found in rows(by_ward):
        if INDICATORS[id].unit == "share" and id not in unbounded:
            limit = 1.064 if id in stop else 1.0
            assert all(v is None or 0.0 <= v <= limit for v in found.values()), id


def test_monthly_indicators_are_recorded_each_month(by_month: CollaborationModel) -> None:
    monthly = {i.id for i in INDICATORS.values() if i.monthly}
    months = {(month, id) for _, month, _, id, _ in by_month.records if month}
    names = [f"{2024 + (m + 3) // 12}-{(m + 3) % 12 + 1:02d}" for m in range(24)]
    assert names[0] == "2024-04"
    assert names[-1] == "2026-03"
    assert months == {(name, id) for name in names for id in monthly}
    march = {id: v for _, month, _, id, v in by_month.records if month == "2025-03"}
    year = {id: v for y, month, _, id, v in by_month.records if y == 2024 and not month}
    # the year closes after the record of March, so stocks of agents agree, lists of projects shrink
    for id in (
        "participation_rate",
        "regular_share",
        "npos_active",
        "leaders_over_60",
        "M1-KPIoc-2",
    ):
        assert march[id] == year[id], id


# ---- formulas, on states that a test sets


def test_deliveries_are_zero_without_measures() -> None:
    run = values("baseline", 0, SMALL)
    for id in set(DOCUMENT) - OUTCOMES - {"M2-KSI-1"}:
        assert {run[year, id] for year in range(2024, 2034)} == {0.0}, id
    assert 0.10 < (run[2024, "M2-KSI-1"] or 0) < 0.71  # unknown without a measure (C096)


def test_survival_counts_dormancy_of_a_year_and_closure(world: World) -> None:
    npos = world.npos
    npos.active_3[:] = 0
    npos.active_3[:100] = 1
    npos.status[:100] = ACTIVE
    assert measured("M2-KGI-1", world) == 1.0
    npos.status[:10] = CLOSED
    npos.status[10:30] = DORMANT
    npos.dormant_since[10:20] = world.month - 12
    npos.dormant_since[20:30] = world.month - 11
    assert measured("M2-KGI-1", world) == 0.80
    assert measured("register_survival", world) == 0.90


def test_npos_founded_since_do_not_enter_survival(world: World) -> None:
    before = measured("M2-KGI-1", world)
    founded = world.npos.founded >= -36
    world.npos.status[founded] = CLOSED
    assert measured("M2-KGI-1", world) == before


def test_online_use_counts_active_npos_only(world: World) -> None:
    npos = world.npos
    npos.online[:] = npos.status != ACTIVE
    assert measured("M1-KPIoc-2", world) == 0.0
    npos.online[np.flatnonzero(npos.status == ACTIVE)[:100]] = 1
    expected = 100 / (npos.status == ACTIVE).sum()
    assert measured("M1-KPIoc-2", world) == pytest.approx(expected)


def test_registration_counts_those_not_closed(world: World) -> None:
    npos = world.npos
    npos.registered[:] = 1
    assert measured("M1-KSI-1", world) == 1.0
    npos.status[np.flatnonzero(npos.status == ACTIVE)[:500]] = CLOSED
    assert measured("M1-KSI-1", world) == 1.0
    npos.registered[np.flatnonzero(npos.status == DORMANT)] = 0
    assert 0.9 < (measured("M1-KSI-1", world) or 0) < 1.0


def test_growth_of_business_income(world: World) -> None:
    npos = world.npos
    ready = np.flatnonzero((npos.status == ACTIVE) & (npos.active_1 == 1))[:60]
    npos.centre[:] = NEVER
    npos.business_last_year[:], npos.business_year[:] = 0, 0
    npos.business_last_year[ready] = 200_000
    npos.business_year[ready] = 230_000
    npos.centre[ready] = world.month - 23
    assert measured("M2-KPIoc-1", world) == pytest.approx(0.15)
    npos.business_year[ready[:20]] = 10**9  # the median does not mind
    assert measured("M2-KPIoc-1", world) == pytest.approx(0.15)
    npos.business_last_year[ready[:25]] = 99_999
    assert measured("M2-KPIoc-1", world) == pytest.approx(0.15)
    npos.business_last_year[ready[:31]] = 99_999
    assert measured("M2-KPIoc-1", world) is None  # 29 are too few
    npos.business_last_year[ready] = 200_000
    npos.centre[ready] = world.month - 24
    assert measured("M2-KPIoc-1", world) is None  # supported too long ago


def test_growth_without_the_centre_is_that_of_present_users(world: World) -> None:
    npos = world.npos
    users = np.flatnonzero((npos.status == ACTIVE) & (npos.active_1 == 1))[:40]
    npos.consulted[:], npos.client_last_year[:] = 0, 0
    npos.consulted[users] = 1
    npos.business_last_year[:] = 1_000_000
    npos.business_year[:] = 3_000_000
    npos.business_year[users] = 1_020_000
    assert measured("M2-KPIoc-1", world) == pytest.approx(0.02)


def test_networks_are_judged_by_the_weakest_of_four_fields(world: World) -> None:
    npos = world.npos
    active = npos.status == ACTIVE
    npos.network[active] = 0
    assert measured("M3-KSI-1", world) == 1.0
    weak = np.flatnonzero(active & (npos.field == 2))
    npos.network[weak[: len(weak) // 2]] = NEVER
    assert measured("M3-KSI-1", world) == pytest.approx(0.5, abs=0.01)
    npos.network[active & (npos.field == 4)] = NEVER  # the fifth field is not named
    assert measured("M3-KSI-1", world) == pytest.approx(0.5, abs=0.01)


def test_impact_is_the_cube_root_of_three_ratios(world: World) -> None:
    world.reference["impact"] = np.array([100.0, 30.0, 0.6])
    for item, number in (("solved", 200.0), ("project_years", 10.0), ("participants", 600.0),
                         ("residents_asked", 100.0), ("residents_satisfied", 90.0)):  # fmt: skip
        world.year[item] = np.zeros(23)
        world.year[item][0] = number
    assert measured("M3-KGI-1", world) == pytest.approx((2.0 * 2.0 * 1.5) ** (1 / 3) - 1)
    assert measured("impact_solved", world) == pytest.approx(1.0)
    assert measured("impact_product", world) == pytest.approx(5.0)
    world.reference.clear()
    assert measured("M3-KGI-1", world) is None


def test_impact_is_zero_in_the_base_year_of_the_baseline() -> None:
    run = values("baseline", 0, SMALL)
    assert run[2024, "M3-KGI-1"] == pytest.approx(0.0, abs=1e-12)
    measures = values("all_measures", 0, SMALL)
    assert measures[2024, "M3-KGI-1"] != 0.0  # measured against the baseline's year, not its own


def test_participation_is_an_activity_in_the_last_twelve_months(world: World) -> None:
    """The table of the monthly pass agrees with a count over residents."""
    residents = world.residents
    active = residents.inactive < 12
    assert measured("participation_rate", world) == pytest.approx(active.mean())
    regular = (residents.state == 2).sum() / active.sum()
    assert measured("regular_share", world) == pytest.approx(regular)


def test_projects_with_a_treatment_are_counted_while_they_run(world: World) -> None:
    projects = world.projects
    running = np.flatnonzero(projects.stage == RUNNING)
    waiting = np.flatnonzero(projects.stage != RUNNING)
    projects.coordinator[running[:7]] = 1
    projects.coordinator[waiting] = 1
    assert measured("coordinated_projects", world) == 7.0
    projects.model[:] = -1
    projects.model[running[:3]] = 0
    assert measured("modelled_projects", world) == 3.0
