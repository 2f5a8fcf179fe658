"""The hindcast starts where it should, and nothing but the departments makes projects grow."""

from __future__ import annotations

import numpy as np
import pytest

from sim.base.errors import UsageError
from sim.calibrate.hindcast import (
    VARIANTS,
    YEARS,
    HindcastResult,
    HindcastTask,
    hindcast,
    steady_ratio,
    world_without_departments,
)
from sim.figures.evidence import load_profile
from sim.figures.parameters import load_parameters

DRAWS, SCALE = 4, 1 / 1000


@pytest.fixture(scope="module")
def with_departments() -> HindcastResult:
    return hindcast("document", DRAWS, seed=0, scale=SCALE)


@pytest.fixture(scope="module")
def without_departments() -> HindcastResult:
    return hindcast("document", DRAWS, seed=0, scale=SCALE, departments=False)


def test_it_starts_from_the_projects_of_five_years_ago(with_departments: HindcastResult) -> None:
    profile = load_profile("document")
    assert with_departments.at_start == profile.value("collab_projects_5y_ago")
    assert with_departments.documented == profile.value("collab_growth_5y") == 1.3
    np.testing.assert_allclose(with_departments.start / with_departments.at_start, 1.0, atol=0.03)
    assert with_departments.start.shape == (DRAWS,)
    assert (with_departments.proposal_scale > 0.0).all()


def test_only_proposals_are_scaled_and_no_ward_has_a_department() -> None:
    p = load_parameters("document").resolve({"collaboration.trend": 0.05}, draw=0)
    task = HindcastTask("document", 0, 0, SCALE)
    world, departments = world_without_departments(task, p, 0.5, 1423.0)
    changed = {id: x / p[id] for id, x in world.p.items() if x != p[id]}
    assert changed == {
        "collaboration.projects": 1423.0 / 1850.0,
        "collaboration.budget": pytest.approx(1423.0 / 1850.0),
        "collaboration.trend": 0.0,
        "collaboration.proposal_rate": pytest.approx(0.5),
        "collaboration.commission_rate": pytest.approx(0.5),
    }
    assert world.wards.department.sum() == 0
    assert departments.sum() == load_profile("document").value("wards_with_department_count") == 11
    assert abs(world.projects.n - 1423) <= 12
    minutes = 1423.0 * p["collaboration.minutes_per_project"] / p["collaboration.hours_use"]
    assert world.wards.minutes_capacity.sum() == pytest.approx(minutes, abs=23)


def test_nothing_grows_without_a_department(without_departments: HindcastResult) -> None:
    stay, grow = (without_departments.growth(v) for v in VARIANTS)
    np.testing.assert_array_equal(stay, grow)
    # about 1,423 projects by chance: 2.7 % in one year, of which a part is made good in the scale
    np.testing.assert_allclose(stay, 1.0, atol=0.1)
    assert stay.mean() == pytest.approx(1.0, abs=0.04)


def test_departments_make_projects_grow_and_hours_limit_it(
    with_departments: HindcastResult, without_departments: HindcastResult
) -> None:
    none = without_departments.growth("hours_stay")
    stay, grow = (with_departments.growth(v) for v in VARIANTS)
    assert (none < stay).all()
    assert (stay < grow).all()
    np.testing.assert_array_equal(with_departments.start, without_departments.start)
    for variant in VARIANTS:
        assert with_departments.projects[variant].shape == (DRAWS, YEARS)


def test_growth_does_not_pass_the_steady_states(with_departments: HindcastResult) -> None:
    """All wards with a department at most: the ratio of the two steady states."""
    table = load_parameters("document")
    most = [steady_ratio(table.resolve(draw=d)) for d in range(DRAWS)]
    assert (with_departments.growth("hours_grow") < most).all()
    p = {**table.resolve(), "collaboration.department_log_odds": 0.0}
    assert steady_ratio(p) == 1.0
    p = {
        "collaboration.lost_with_npo": 0.0,
        "collaboration.renewal_without_department": 0.5,
        "collaboration.department_log_odds": float(np.log(3.0)),
    }
    assert steady_ratio(p) == pytest.approx(2.0)


def test_the_summary_counts_and_measures_the_misfit() -> None:
    years = np.ones((4, YEARS))
    years[:, -1] = (1.0, 1.2, 1.26, 1.4)
    result = HindcastResult(
        "document", 1.3, 1000.0, np.ones(4), np.ones(4), {"hours_stay": 1000.0 * years}
    )
    row = result.summary["hours_stay"]
    assert row["median"] == pytest.approx(1.23)
    assert row["misfit"] == pytest.approx(-0.07)
    assert row["p05"] == pytest.approx(1.03)
    assert row["p95"] == pytest.approx(1.379)
    assert (row["documented"], row["inside_90"]) == (1.3, True)
    assert (row["draws"], row["draws_within_rounding"], row["draws_reaching"]) == (4, 1, 1)


def test_workers_do_not_change_the_result(with_departments: HindcastResult) -> None:
    two = hindcast("document", 2, seed=0, scale=SCALE, workers=2)
    for variant in VARIANTS:
        np.testing.assert_array_equal(two.projects[variant], with_departments.projects[variant][:2])


@pytest.mark.parametrize(("draws", "scale"), [(0, SCALE), (1, 0.0), (1, 1.5)])
def test_bad_arguments(draws: int, scale: float) -> None:
    with pytest.raises(UsageError):
        hindcast("document", draws, scale=scale)
