"""Participation of residents (Klandermans & Oegema 1987): potential, targeted, motivated, acting.

Start chance of an interested resident a month
    (1 - exp(-(external + asked + institution))) x acceptance x prod(1 - w_b barrier_b)
asked = ask_rate x share of the ward's residents active last month; institution grows with the
participants of co-production projects. Volunteers are episodic or regular and quit for three
competing causes, each with its own draw, so the reasons for dropping out emerge.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.base.randomness import threshold_of, thresholds
from sim.model.agents import counts as columns
from sim.model.agents.residents import draw_natures
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.processes import participation_kernels as kernels

BARRIERS = ("time", "how", "what")


def move_residents(world: World) -> None:
    """April: slots of residents who move away become newcomers without local activity (A13)."""
    draw_natures(
        world.residents,
        world.p,
        world.random,
        world.field_share,
        threshold_of(world.p["participation.move_rate"]),
        world.fiscal_year,
    )


def participate(world: World, board: EffectBoard) -> None:
    """One month of all residents; fills ``world.residents_by_ward``."""
    p, random, month, residents = world.p, world.random, world.month, world.residents
    fixed = _fixed(world)
    by_block = np.empty((len(residents.blocks), columns.RESIDENTS), dtype=np.int64)
    kernels.month_pass(
        residents.blocks,
        residents.packed,
        kernels.Chances(
            start_ward=targeting(world),
            start_age=fixed.acceptance,
            uninterested=p["participation.uninterested_ratio"],
            weights=fixed.weights,
            relief=np.stack([board[f"pool.barrier_{b}"] for b in BARRIERS]),
            room=np.hstack([np.ones((world.wards.n, 1)), world.absorbed]),
            referral=_referral_thresholds(world, board),
            load=_quit_thresholds(world),
            time=fixed.time,
            mismatch=fixed.mismatch,
            up=fixed.up,
            down=fixed.down,
            episodic=fixed.episodic,
        ),
        kernels.Streams(
            *(np.uint64(random.stream(f"resident_{n}", month)) for n in kernels.Streams._fields)
        ),
        by_block,
    )
    residents.sum_blocks(by_block, world.residents_by_ward)
    counts = world.residents_by_ward
    for item, column in (
        ("starts", columns.STARTS),
        ("quits", columns.QUITS),
        ("quit_load", columns.QUIT_LOAD),
        ("quit_time", columns.QUIT_TIME),
        ("quit_mismatch", columns.QUIT_MISMATCH),
    ):
        world.count(item, counts[:, column])
    referred = np.rint(counts[:, columns.REFERRED] * world.weight).astype(np.int64)
    if referred.any():
        world.ledger.add("referrals", referred)


def targeting(world: World) -> np.ndarray:
    """Chance a month to meet an opportunity by ward (areas,), before acceptance and barriers."""
    p = world.p
    active = world.residents_by_ward[:, columns.ACTIVE_NOW] / np.maximum(1, world.residents.in_ward)
    asked = p["participation.ask_rate"] * active
    exposed = (1.0 - p["collaboration.displacement"]) * world.last_year.get(
        "participants", np.zeros(world.wards.n)
    )
    institution = p["participation.institution_rate"] + p[
        "participation.project_exposure_rate"
    ] * exposed / (12.0 * np.maximum(1, world.wards.population))
    shock = _common_shock(world)
    mood = p["participation.satisfaction_slope"] * (
        world.wards.satisfaction - p["reference.satisfaction"]
    )
    hazard = p["participation.external_rate"] + asked + institution
    return np.array(
        [-math.expm1(-h * math.exp(shock + m)) for h, m in zip(hazard, mood, strict=True)]
    )


def _common_shock(world: World) -> float:
    sd = world.p["participation.common_shock_sd"]
    year = world.fiscal_year
    z = world.random.normal("common_participation", year, np.zeros(1, dtype=np.int64))[0]
    return float(sd * z - 0.5 * sd**2)


def acceptance(p: dict[str, float]) -> np.ndarray:
    """Acceptance by age band (7,), relative to residents aged 50-74."""
    young, thirties = p["participation.age_20s"], p["participation.age_30s"]
    forties = p["participation.age_taper"] * thirties
    logs = (young, young, thirties, forties, 0.0, 0.0, p["participation.age_75"])
    return np.array([math.exp(x) for x in logs])


def _quit_thresholds(world: World) -> np.ndarray:
    """Thresholds of quitting because of load by (state, ward, via NPO)."""
    p = world.p
    npos = world.npos_by_ward
    short = npos[:, columns.SHORT_PEOPLE] / np.maximum(1, npos[:, columns.ACTIVE_NPOS])
    known = npos[:, columns.ACTIVE_NPOS] > 0
    excess = np.where(known, short - p["reference.shortage_people"], 0.0)
    crowded = np.exp(p["participation.load_slope"] * excess)
    crowding = np.stack([np.ones(world.wards.n), crowded], axis=1)
    base = _quit_base(p)
    load = p["participation.quit_load_ratio"] * base[:, None, None] * crowding[None]
    limits: np.ndarray = thresholds(load)
    return limits


def _quit_base(p: dict[str, float]) -> np.ndarray:
    """Quit rate a month by state: episodic, regular."""
    return p["participation.quit_rate"] * np.array([1.0, p["participation.quit_regular_ratio"]])


class Fixed(NamedTuple):
    """What follows from parameters alone: thresholds of quitting and changing, acceptance.

    ``time`` (state, no time), ``mismatch`` (state, tenure), ``up``, ``down``, ``episodic``;
    ``acceptance`` (7,) and ``weights`` (3,) of the barriers.
    """

    time: np.ndarray
    mismatch: np.ndarray
    up: int
    down: int
    episodic: int
    acceptance: np.ndarray
    weights: np.ndarray


def _fixed(world: World) -> Fixed:
    fixed: Fixed = world.table("participation", lambda: _table(world.p))
    return fixed


def _table(p: dict[str, float]) -> Fixed:
    base = _quit_base(p)
    ratios = np.array([p["participation.quit_time_free_ratio"], p["participation.quit_time_ratio"]])
    tenures = np.arange(int(p["participation.mismatch_last_month"]) + 1)
    fading = np.exp(-tenures / p["participation.mismatch_months"])
    mismatch = p["participation.quit_mismatch_ratio"] * base[:, None] * fading[None, :]
    return Fixed(
        time=thresholds(base[:, None] * ratios[None]),
        mismatch=thresholds(mismatch),
        up=thresholds(p["participation.step_up_rate"]),
        down=thresholds(p["participation.step_down_rate"]),
        episodic=thresholds(p["participation.episodic_activity"]),
        acceptance=acceptance(p),
        weights=np.array([p[f"participation.barrier_{b}_weight"] for b in BARRIERS]),
    )


def _referral_thresholds(world: World, board: EffectBoard) -> np.ndarray:
    """Threshold to be referred by a desk and to join: joining places over those who could use one.

    ``ward.referral`` holds the expected joiners a month; the expected number is kept at any scale.
    Those who could use a place are counted at the end of the month before.
    """
    joiners = board["ward.referral"]
    if not joiners.any():
        return np.zeros(world.wards.n, dtype=np.int64)
    eligible = world.residents_by_ward[:, columns.REFERRABLE] * world.weight
    chance = np.where(eligible > 0, joiners / np.maximum(eligible, 1.0), 0.0)
    limits: np.ndarray = thresholds(chance)
    return limits


def volunteers_by_pool(world: World) -> np.ndarray:
    """Volunteers who reach NPOs by ward and field (areas, 5): weighted counts x shares (A7)."""
    counts = world.residents_by_ward
    stock = (counts[:, columns.EPISODIC_NOW] + counts[:, columns.REGULAR_NOW]) * world.weight
    share = world.p["participation.npo_pool_share"]
    pools = share * stock[:, None] * world.field_share[None, :]
    assert pools.shape == world.absorbed.shape
    return pools
