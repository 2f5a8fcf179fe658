"""Residents in numbers tend to the mean field, and chance about it falls like 1/sqrt(N).

The limit is made exact: no common shocks, feedbacks of NPOs, projects and satisfaction held where
they change nothing; only the ask loop of each ward goes round. All wards get equally many
residents of the same ages, so one map is the limit of every ward and each ward of each seed is an
independent sample of it. Wards differ in one thing: the even ones start with few volunteers, the
odd ones with many, so a pass that mixed up two wards would miss both maps. Start: every tenth (or
three in ten) is an episodic volunteer for 20 months and active now, whatever their traits.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise, product

import numpy as np
import pytest
from mean_field import AGES, TENURES, Map
from numpy.typing import NDArray
from scipy import stats

from sim.base.randomness import KeyedRandom
from sim.model.agents import counts
from sim.model.agents.residents import EPISODIC, Residents, blocks_of, draw_natures
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.processes.participation import move_residents, participate
from sim.model.start import start_world

Floats = NDArray[np.float64]

WARDS, MONTHS, TENURE = 23, 24, 20
FEW, MANY = 1, 3  # of ten residents
RESIDENTS = 8_600_000  # aged 15 and over, about: what a scale is a share of
SCALES = {"1/1000": 0.001, "1/100": 0.01, "1/10": 0.1}
SEEDS = 10
MEASURES = ("participants", "volunteers", "regular")  # each as a share of residents
LEVEL = 0.999


@lru_cache(maxsize=1)
def plain_world() -> World:
    """A world without common shocks, to which residents and keys are given run by run."""
    calm = {"participation.common_shock_sd": 0.0}
    world = start_world(0.001, 0, None, 0, "document", calm, years=3, burn_in_months=12)
    world.month = 0
    # no satisfaction, projects or shortage that differs from its reference
    world.wards.satisfaction[:] = world.p["reference.satisfaction"]
    world.npos_by_ward[:] = 0
    world.absorbed[:] = 1.0
    world.last_year.clear()
    return world


def ward_size(scale: float) -> int:
    """Residents of a ward: a multiple of ten in each of the age bands."""
    return 70 * round(RESIDENTS * scale / WARDS / 70)


def tenth(ward: int) -> int:
    return MANY if ward % 2 else FEW


def world_of(scale: float, seed: int) -> World:
    """Wards of the same size and ages; the start does not depend on chance, the traits do."""
    size = ward_size(scale)
    world = plain_world().copy()
    world.random = KeyedRandom(seed)
    residents = world.residents = Residents(blocks_of(np.full(WARDS, size)), WARDS)
    position = np.arange(residents.n)
    residents.set("age", slice(None), position % size // (size // AGES))
    draw_natures(residents, world.p, world.random, world.field_share)
    starts = position % 10 < np.where(residents.ward % 2, MANY, FEW)
    residents.set("state", starts, EPISODIC)
    residents.set("tenure", starts, TENURE)
    residents.set("inactive", starts, 0)
    world.residents_by_ward[:] = 0
    active = [size // 10 * tenth(ward) for ward in range(WARDS)]
    world.residents_by_ward[:, counts.ACTIVE_NOW] = active
    return world


def path_of(scale: float, seed: int) -> Floats:
    """Shares of residents in the model, (month, ward, measure)."""
    world = world_of(scale, seed)
    board = EffectBoard(
        world.wards.n, world.npos.n, world.projects.n, world.p["collaboration.attenuation"]
    )
    found = np.empty((MONTHS, WARDS, len(MEASURES)))
    for month in range(MONTHS):
        if world.is_april:
            move_residents(world)
        participate(world, board)
        by_ward = world.residents_by_ward
        found[month, :, 0] = by_ward[:, counts.PARTICIPANTS]
        found[month, :, 1] = by_ward[:, counts.EPISODIC_NOW] + by_ward[:, counts.REGULAR_NOW]
        found[month, :, 2] = by_ward[:, counts.REGULAR_NOW]
        world.month += 1
    return found / ward_size(scale)


@lru_cache(maxsize=1)
def limit() -> Floats:
    """The same shares in the limit, (month, ward, measure)."""
    assert TENURE + MONTHS < TENURES
    p = plain_world().p
    found = np.empty((MONTHS, WARDS, len(MEASURES)))
    for tenths in (FEW, MANY):
        field_map = Map(p, np.full(AGES, 1 / AGES), exposed=0.0)
        field = field_map.start(tenths / 10)
        wards = [ward for ward in range(WARDS) if tenth(ward) == tenths]
        for month in range(MONTHS):
            if month % 12 == 0:
                field = field_map.april(field)
            field = field_map.month(field)
            regular = float(field.regular.sum())
            found[month, wards] = (field.participation(), field.stock(), regular)
    return found


@lru_cache(maxsize=8)
def deviations(scale: float, seeds: int = SEEDS) -> Floats:
    """Model less limit, (seed x ward, month, measure): independent from row to row."""
    found = np.array([path_of(scale, seed) - limit() for seed in range(seeds)])
    return found.transpose(0, 2, 1, 3).reshape(seeds * WARDS, MONTHS, len(MEASURES))


def slope_of(by_size: dict[int, Floats]) -> tuple[float, float]:
    """Slope of ln(RMS over months) against ln(N), and the half-width of its t-interval.

    In the limit the deviations of all sizes are one normal process over sqrt(N), so the logarithms
    of its RMS are spread alike about a line, and ordinary least squares has a t-distribution.
    """
    x = np.concatenate([np.full(len(rms), math.log(n)) for n, rms in by_size.items()])
    y = np.concatenate([np.log(rms) for rms in by_size.values()])
    fit = stats.linregress(x, y)
    return float(fit.slope), float(stats.t.ppf(0.5 + LEVEL / 2, len(x) - 2) * fit.stderr)


def rms(scale: float, measure: int, seeds: int = SEEDS) -> Floats:
    found: Floats = np.sqrt((deviations(scale, seeds)[:, :, measure] ** 2).mean(axis=1))
    return found


def unbiased(scale: float, measure: int, seeds: int = SEEDS) -> float:
    """The mean deviation, over months and in the last one, is inside its t-interval about 0.

    Returns the half-width of the interval of the mean over months.
    """
    found = deviations(scale, seeds)[:, :, measure]
    checks = 4 * len(MEASURES) * 2  # scales x measures x the two means
    factor = stats.t.ppf(1 - (1 - LEVEL) / 2 / checks, len(found) - 1) / math.sqrt(len(found))
    widths = []
    for values in (found.mean(axis=1), found[:, -1]):
        widths.append(float(factor * values.std(ddof=1)))
        assert abs(values.mean()) < widths[-1], (scale, MEASURES[measure])
    return widths[0]


@pytest.mark.parametrize("measure", range(len(MEASURES)), ids=MEASURES)
def test_chance_falls_like_one_over_the_root_of_the_number(measure: int) -> None:
    by_size = {ward_size(s): rms(s, measure) for s in SCALES.values()}
    slope, width = slope_of(by_size)
    assert width < 0.06
    assert abs(slope + 0.5) < width
    # ten times the residents: chance falls by a factor of 3.2 each time, not only on the whole
    steps = [slope_of({n: by_size[n] for n in pair}) for pair in pairwise(by_size)]
    assert all(abs(step + 0.5) < width for step, width in steps)


@pytest.mark.parametrize(("scale", "measure"), list(product(SCALES, range(len(MEASURES)))))
def test_the_map_is_the_limit(scale: str, measure: int) -> None:
    width = unbiased(SCALES[scale], measure)
    assert width < 0.02 / math.sqrt(SCALES[scale] / 0.001)


def test_the_start_is_the_same_in_the_map_and_in_the_model() -> None:
    world = world_of(0.001, 0)
    size = ward_size(0.001)
    for ward in (0, 1):
        states = world.residents.state[ward * size : (ward + 1) * size]
        ages = world.residents.age[ward * size : (ward + 1) * size]
        assert np.bincount(ages, states).tolist() == [size / AGES * tenth(ward) / 10] * AGES
    few, many = (float(limit()[:, ward, 1].mean()) for ward in (0, 1))
    assert many > few + 0.05  # wards that were mixed up would not go unnoticed


@pytest.mark.slow
@pytest.mark.parametrize("measure", range(len(MEASURES)), ids=MEASURES)
def test_up_to_the_whole_city(measure: int) -> None:
    """Every resident simulated: the slope holds over three powers of ten, and no bias shows."""
    by_size = {ward_size(s): rms(s, measure) for s in (*SCALES.values(), 1.0)}
    slope, width = slope_of(by_size)
    assert width < 0.05
    assert abs(slope + 0.5) < width
    assert unbiased(1.0, measure) < 0.0002
