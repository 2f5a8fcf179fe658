"""Formulas that several indicators share: masks of NPOs, survival, growth, networks, impact."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.model.agents.npos import ACTIVE, CLOSED, DORMANT, FIELDS, NEVER
from sim.model.agents.world import World
from sim.model.indicators.base import Measurement, city, share
from sim.model.indicators.counting_kernels import count_by_ward

MIN_BUSINESS_YEN = 100_000
MIN_NPOS = 30


def by_ward(world: World, mask: np.ndarray) -> np.ndarray:
    """Number of NPOs in ``mask`` (bool (n,)) by ward (areas,)."""
    number = np.zeros(world.wards.n)
    count_by_ward(world.npos.ward, mask, number)
    return number


def _once(world: World, name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
    """A table that several indicators of a month share."""
    if name not in world.memo:
        world.memo[name] = make()
    found: np.ndarray = world.memo[name]
    return found


def active(world: World) -> np.ndarray:
    """Active NPOs, bool (n,)."""
    return _once(world, "active", lambda: world.npos.status == ACTIVE)


def registered(world: World) -> np.ndarray:
    """Active and dormant NPOs, bool (n,)."""
    return _once(world, "registered", lambda: active(world) | (world.npos.status == DORMANT))


def number_active(world: World) -> np.ndarray:
    """Active NPOs by ward (areas,)."""
    return _once(world, "number_active", lambda: by_ward(world, active(world)))


def number_registered(world: World) -> np.ndarray:
    """Active and dormant NPOs by ward (areas,)."""
    return _once(world, "number_registered", lambda: by_ward(world, registered(world)))


def survival(world: World) -> Measurement:
    """Active three years before and neither closed nor dormant for a year."""
    npos = world.npos
    before = npos.active_3 == 1
    dormant = (npos.status == DORMANT) & (world.month - npos.dormant_since >= 12)
    lost = dormant | (npos.status == CLOSED)
    return share(by_ward(world, before & ~lost), by_ward(world, before))


def business_growth(world: World) -> Measurement:
    """Median yearly growth of business income among NPOs supported in this or the last year."""
    npos = world.npos
    recent = (npos.centre > NEVER) & (npos.centre > world.month - 24)
    if not (npos.centre > NEVER).any():
        # without the centre: present users of intermediaries, the comparison arm
        recent = (npos.consulted == 1) | (npos.client_last_year == 1)
    before = npos.business_last_year >= MIN_BUSINESS_YEN
    mask = recent & before & active(world) & (npos.active_1 == 1)
    if mask.sum() < MIN_NPOS:
        return city(None)
    growth = npos.business_year[mask] / npos.business_last_year[mask] - 1.0
    return city(float(np.median(growth)))


def network_share(world: World) -> Measurement:
    """Members of networks among active NPOs by field, the minimum over the four named fields."""
    npos = world.npos
    shares = []
    for field in range(len(FIELDS) - 1):
        own = active(world) & (npos.field == field)
        members = int((own & (npos.network > NEVER)).sum())
        shares.append(members / max(1, int(own.sum())))
    return city(min(shares))


def impact_parts(world: World) -> tuple[float, float, float]:
    """Solved projects, participants a project, residents' satisfaction, of this fiscal year."""
    solved = float(np.add.reduce(world.counted("solved")))
    projects = float(np.add.reduce(world.counted("project_years")))
    participants = float(np.add.reduce(world.counted("participants"))) / max(1.0, projects)
    asked = float(np.add.reduce(world.counted("residents_asked")))
    satisfied = float(np.add.reduce(world.counted("residents_satisfied"))) / max(1.0, asked)
    return solved, participants, satisfied


def impact_ratios(world: World) -> tuple[float, float, float] | None:
    """The three parts relative to the baseline scenario's base year; None without a base year."""
    base = world.reference.get("impact")
    if base is None or not (base > 0).all():
        return None
    solved, participants, satisfied = impact_parts(world)
    return solved / base[0], participants / base[1], satisfied / base[2]


def impact(world: World) -> Measurement:
    """Increase of the geometric mean of the three ratios, as a fraction."""
    ratios = impact_ratios(world)
    if ratios is None:
        return city(None)
    return city(float((ratios[0] * ratios[1] * ratios[2]) ** (1.0 / 3.0)) - 1.0)
