"""Where runs begin: the agents of a place, the burn-in, and the baseline's first year."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim.base.errors import UsageError
from sim.base.randomness import KeyedRandom
from sim.base.scale import parse_scale
from sim.figures.parameters import load_parameters
from sim.model.agents.world import World, build_world
from sim.model.effects import EffectBoard
from sim.model.indicators.shared_formulas import impact_parts
from sim.model.processes.collaboration import set_up
from sim.model.schedule import PHASES, Month
from sim.places.features import WardFeatures
from sim.places.load import load_place
from sim.places.place import Place

BURN_IN_MONTHS = 72
"""Six fiscal years before the start; the three-year tracking of survival needs at least 60."""

Values = dict[str, float | None]


def start_world(
    scale: float | str,
    seed: int,
    draw: int | None,
    replicate: int,
    profile: str,
    overrides: Mapping[str, float],
    years: int,
    burn_in_months: int,
    place: Place | None = None,
) -> World:
    """The agents of a place (None: the default place) before the burn-in."""
    place = place or load_place()
    share = float(parse_scale(scale))
    if years < 1:
        raise UsageError(f"years: {years} is not at least 1")
    if burn_in_months < 12 or burn_in_months % 12:
        raise UsageError(f"burn_in_months: {burn_in_months} is no whole number of years")
    table = load_parameters(profile, place=place)
    p = table.resolve(dict(overrides), draw, seed)
    random = KeyedRandom(seed, draw, replicate)
    return _start(place, p, table.ward_features, random, share, years, burn_in_months)


def _start(
    place: Place,
    p: Mapping[str, float],
    known: WardFeatures,
    random: KeyedRandom,
    scale: float,
    years: int,
    burn_in_months: int = BURN_IN_MONTHS,
) -> World:
    world = build_world(
        place,
        known,
        {id: float(value) for id, value in p.items()},
        random,
        scale,
        -burn_in_months,
        12 * years - 1,
    )
    set_up(world)
    return world


def baseline_year(
    p: Mapping[str, float],
    known: WardFeatures,
    random: KeyedRandom,
    scale: float,
    years_before: int,
    measure: Callable[[World], Values],
) -> tuple[Values, Values]:
    """``measure`` of the default place in March, ``years_before`` the first fiscal year, and in it.

    ``p``: the value of every parameter; ``known``: what is known of single wards. The burn-in and
    one year of the baseline, for calibration.
    """
    place = load_place()
    world = _start(place, p, known, random, scale, years=1)
    before = place.start_year - years_before
    found: dict[int, Values] = {}

    def record() -> None:
        if world.is_march and world.fiscal_year in (before, place.start_year):
            found[world.fiscal_year] = measure(world)

    burn_in(world, 12, record)
    return found[before], found[place.start_year]


def burn_in(world: World, until: int = 0, record: Callable[[], None] = lambda: None) -> None:
    """Run the months before ``until`` (0: the start) without any measure."""
    board = board_of(world)
    month = Month(world, board, [], record)
    while world.month < until:
        run_month(month)
        world.month += 1


def base_year(world: World) -> dict[str, Any]:
    """Parts of M3-KGI-1 in the first fiscal year of the baseline, from a copy of a state."""
    twin = world.copy()
    parts: list[tuple[float, float, float]] = []
    board = board_of(twin)
    month = Month(twin, board, [], lambda: parts.append(impact_parts(twin)))
    for _ in range(12):
        run_month(month)
        twin.month += 1
    return {"impact": np.array(parts[-1])}


def board_of(world: World) -> EffectBoard:
    """A board without effects, of the shape of a world."""
    attenuation = world.p["collaboration.attenuation"]
    return EffectBoard(world.wards.n, world.npos.n, world.projects.n, attenuation)


def run_month(month: Month) -> None:
    """Run the phases that are due in the world's present month, and note their wall seconds."""
    month.world.memo.clear()
    for phase in PHASES:
        if phase.due(month.world):
            start = time.perf_counter()
            phase.run(month)
            month.seconds[phase.id] = month.seconds.get(phase.id, 0.0) + time.perf_counter() - start
