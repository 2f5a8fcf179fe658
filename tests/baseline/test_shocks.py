"""A 10 % shock to any stock halves within 36 months, and no process re-imposes an indicator.

A shocked world is compared with its unshocked twin, which has the same keys, so the difference is
the shock and nothing else. What is slow by construction (NPOs' number with fixed entries, leaders'
ages) is measured and printed, not hidden.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from model_runs import USUAL, burnt, in_step, show, year_values

from sim.model.agents.npos import ACTIVE, DORMANT
from sim.model.agents.projects import RUNNING
from sim.model.agents.residents import EPISODIC, NONE, REGULAR, YEAR
from sim.model.agents.world import World
from sim.model.model import CollaborationModel

SEEDS = (0, 1, 2)
MONTHS = 36


def tenth(positions: np.ndarray) -> np.ndarray:
    """Every tenth of the positions."""
    return positions[::10]


@dataclass(frozen=True)
class Shock:
    """How a stock is hit, and how its level is read."""

    hit: Callable[[World], None]
    level: Callable[[World], float]
    slow: bool = False


def volunteers_leave(w: World) -> None:
    gone = tenth(np.flatnonzero(w.residents.state > NONE))
    for column, value in (("state", NONE), ("tenure", 0), ("inactive", YEAR)):
        w.residents.set(column, gone, value)


def regulars_become_episodic(w: World) -> None:
    regulars = np.flatnonzero(w.residents.state == REGULAR)
    w.residents.set("state", tenth(regulars), EPISODIC)


def reserves_shrink(w: World) -> None:
    w.npos.reserves[:] = w.npos.reserves * 9 // 10


def incomes_fall(w: World) -> None:
    w.npos.income_deviation[w.npos.large == 0] += math.log(0.9)


def capability_falls(w: World) -> None:
    w.npos.capability[:] -= 0.1


def drop(name: str) -> Callable[[World], None]:
    def hit(w: World) -> None:
        values = w.npos.values(name)
        values[tenth(np.flatnonzero((values == 1) & (w.npos.status == ACTIVE)))] = 0

    return hit


def trust_falls(w: World) -> None:
    w.npos.trust[:] *= 0.9


def projects_end(w: World) -> None:
    running = np.flatnonzero(w.projects.stage == RUNNING)
    keep = np.ones(w.projects.n, dtype=bool)
    keep[tenth(running)] = False
    w.projects.keep(np.flatnonzero(keep))


def satisfaction_falls(w: World) -> None:
    w.wards.satisfaction[:] *= 0.9


def npos_close(w: World) -> None:
    w.npos.status[tenth(np.flatnonzero((w.npos.status == ACTIVE) & (w.npos.large == 0)))] = 3


def npos_fall_dormant(w: World) -> None:
    gone = tenth(np.flatnonzero((w.npos.status == ACTIVE) & (w.npos.large == 0)))
    w.npos.status[gone], w.npos.dormant_since[gone] = DORMANT, w.month - 1


def old_leaders_leave(w: World) -> None:
    old = np.flatnonzero((w.npos.leader_age >= 60) & (w.npos.status == ACTIVE))
    w.npos.leader_age[tenth(old)] = 45


def share_of_active(name: str, wanted: int = 1) -> Callable[[World], float]:
    return lambda w: float((w.npos.values(name)[w.npos.status == ACTIVE] == wanted).mean())


def mean_of_active(name: str) -> Callable[[World], float]:
    return lambda w: float(w.npos.values(name)[w.npos.status == ACTIVE].mean())


def months_of_reserves(w: World) -> float:
    """Mean of reserves in months of usual income: here small NPOs count as much as large ones."""
    own = (w.npos.status == ACTIVE) & (w.npos.founded < -72)
    return float((12.0 * w.npos.reserves[own] / np.exp(w.npos.income_level[own])).mean())


SHOCKS: dict[str, Shock] = {
    "volunteers": Shock(volunteers_leave, lambda w: float((w.residents.state > NONE).mean())),
    "participants": Shock(
        volunteers_leave, lambda w: float((w.residents.inactive < YEAR).mean())
    ),
    "regulars": Shock(
        regulars_become_episodic, lambda w: float((w.residents.state == REGULAR).mean())
    ),
    "reserves, yen": Shock(
        reserves_shrink, lambda w: float(w.npos.reserves[w.npos.status == ACTIVE].sum())
    ),
    "reserves, months": Shock(reserves_shrink, months_of_reserves),
    "income, mean log": Shock(incomes_fall, mean_of_active("income_deviation")),
    "capability": Shock(capability_falls, mean_of_active("capability")),
    "online services": Shock(drop("online"), share_of_active("online")),
    "regular cooperation": Shock(drop("cooperates"), share_of_active("cooperates")),
    "prepared successors": Shock(drop("prepared"), share_of_active("prepared")),
    "trust": Shock(trust_falls, mean_of_active("trust")),
    "running projects": Shock(
        projects_end, lambda w: float((w.projects.stage == RUNNING).sum())
    ),
    "residents' satisfaction": Shock(
        satisfaction_falls, lambda w: float(w.wards.satisfaction.mean())
    ),
    "NPOs active": Shock(npos_close, lambda w: float((w.npos.status == ACTIVE).sum()), slow=True),
    "NPOs dormant": Shock(npos_fall_dormant, lambda w: float((w.npos.status == DORMANT).sum())),
    "leaders over 60": Shock(
        old_leaders_leave,
        lambda w: float((w.npos.leader_age[w.npos.status == ACTIVE] >= 60).mean()), slow=True,
    ),
}  # fmt: skip
QUICK = [name for name, shock in SHOCKS.items() if not shock.slow]

_seen: dict[str, dict[int, float]] = {}


def remaining(name: str, months: int = MONTHS) -> dict[int, float]:
    """Difference to the unshocked twin by month, as a share of the first, mean over the seeds."""
    if name not in _seen:
        shock, found = SHOCKS[name], []
        for seed in SEEDS:
            twin = burnt(seed, USUAL).branch("baseline", years=MONTHS // 12)
            hit = burnt(seed, USUAL).branch("baseline", years=MONTHS // 12)
            shock.hit(hit.world)
            gap = [shock.level(hit.world) - shock.level(twin.world)]
            gap += [
                shock.level(hit.world) - shock.level(twin.world)
                for _ in in_step((hit, twin), MONTHS)
            ]
            found.append(np.array(gap))
        mean = np.mean(found, axis=0)
        _seen[name] = {m: float(mean[m] / mean[0]) for m in range(MONTHS + 1)}
    return _seen[name]


@pytest.mark.parametrize("name", QUICK)
def test_a_shock_of_ten_per_cent_halves_within_36_months(name: str) -> None:
    left = remaining(name)
    assert left[0] == 1.0
    # mean over the last half year: projects and surveys move in yearly steps
    assert abs(statistics.fmean(left[m] for m in range(31, 37))) <= 0.5


@pytest.mark.parametrize("name", [name for name, shock in SHOCKS.items() if shock.slow])
def test_slow_stocks_come_back_too(name: str) -> None:
    left = remaining(name)
    assert left[0] == 1.0
    assert left[MONTHS] < 0.95


def test_half_lives_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        f"{'stock, shocked by 10 %':26} {'left at 12':>11} {'24':>6} {'36 months':>10}"
        f" {'halved in':>12}"
    ]
    for name, shock in SHOCKS.items():
        left = remaining(name)
        halved = next((m for m, value in left.items() if value <= 0.5), None)
        if halved is None:
            rate = -math.log(max(left[MONTHS], 1e-9)) / MONTHS
            after = f"~{math.log(2) / rate:.0f} months" if rate > 0 else "never"
        else:
            after = f"{halved} months"
        note = "  (slow by construction)" if shock.slow else ""
        lines.append(
            f"{name:26} {left[12]:11.2f} {left[24]:6.2f} {left[36]:10.2f} {after:>12}{note}"
        )
    show(capsys, "\n".join(lines))
    assert len(lines) == len(SHOCKS) + 1


# ---- no indicator is set, no state re-imposed


def everyone_leaves(w: World) -> None:
    for column, value in (("state", NONE), ("tenure", 0), ("inactive", YEAR)):
        w.residents.set(column, slice(None), value)


def everyone_regular(w: World) -> None:
    w.residents.set("state", w.residents.state == EPISODIC, REGULAR)


def set_all(**columns: float) -> Callable[[World], None]:
    def hit(w: World) -> None:
        for name, value in columns.items():
            w.npos.values(name)[:] = value

    return hit


def half_the_projects_end(w: World) -> None:
    w.projects.keep(np.arange(0, w.projects.n, 2))


def no_staff_no_volunteers(w: World) -> None:
    w.npos.people_need[:] *= 2.0


def no_one_survives(w: World) -> None:
    w.npos.status[np.flatnonzero((w.npos.status == ACTIVE) & (w.npos.large == 0))[::4]] = DORMANT
    w.npos.dormant_since[w.npos.status == DORMANT] = -12


def all_joint(w: World) -> None:
    w.projects.partners[:] = 2


def no_one_solves(w: World) -> None:
    w.projects.frailty[:] -= 3.0


# indicator, its tolerance in issue 2, a state far away, or a parameter that governs the chance
FAR: dict[str, tuple[float, Callable[[World], None] | dict[str, float]]] = {
    "participation_rate": (0.010, everyone_leaves),
    "regular_share": (0.020, everyone_regular),
    "shortage_people_share": (0.030, no_staff_no_volunteers),
    "shortage_funds_share": (0.030, set_all(reserves=0)),
    "leaders_over_60": (0.020, set_all(leader_age=40)),
    "no_successor_share": (0.020, set_all(prepared=0)),
    "M2-KGI-1": (0.010, no_one_survives),
    "M1-KPIop-1": (0.03 * 1850, half_the_projects_end),
    "M1-KPIoc-1": (0.015, {"collaboration.renewal_without_department": 0.5}),
    "M1-KGI-1": (0.015, no_one_solves),
    "M3-KPIoc-1": (10.0, all_joint),
    "M1-KPIoc-2": (0.010, set_all(online=0)),
    "M3-KGI-2": (0.015, {"satisfaction.resident_intercept": -0.5}),
    "M1-KGI-2": (0.015, set_all(trust=0.05)),
    "M2-KGI-2": (0.015, set_all(trust=0.05)),
    "cooperation_share": (0.020, set_all(cooperates=0)),
    "capability_mean": (0.100, set_all(capability=-2.0)),
    "trust_mean": (0.020, set_all(trust=0.05)),
}


def first_year(model: CollaborationModel, indicator: str, years: int = 1) -> float:
    while model.running and model.world.month < 12 * years:
        model.step()
    value = year_values(model)[2023 + years, indicator]
    assert value is not None
    return value


@pytest.mark.parametrize("indicator", FAR)
def test_no_process_writes_the_level_of_an_indicator(indicator: str) -> None:
    """A state far from the documented level shows in the indicator of that year (or the next)."""
    tolerance, far = FAR[indicator]
    years = 2 if indicator == "M1-KPIoc-1" else 1  # renewal in March counts for the next year
    moved = burnt(0, USUAL).branch("baseline", years=years)
    if callable(far):
        far(moved.world)
    else:
        moved.world.p = {**moved.world.p, **far}
    base = burnt(0, USUAL).branch("baseline", years=years)
    difference = first_year(moved, indicator, years) - first_year(base, indicator, years)
    assert abs(difference) > 3 * tolerance
