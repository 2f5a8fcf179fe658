"""Organisation of NPOs: money, people, digital services, ties, capability, consultations.

Shortages are states that emerge: of funds, when reserves are below what the NPO needs; of people,
when staff and volunteers are below its need. Whole yen, so the ledger of money closes exactly.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.model.agents.npos import ACTIVE, set_staff
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.processes import organisation_kernels as kernels
from sim.model.processes.participation import volunteers_by_pool


def close_books(world: World, board: EffectBoard) -> None:
    """April: last year's income, deficits, staff, and who is a client of intermediaries."""
    npos, p = world.npos, world.p
    npos.deficit[:] = npos.spending_year > npos.income_year
    npos.income_last_year[:] = npos.income_year
    npos.business_last_year[:] = npos.business_year
    for name in ("income_year", "business_year", "spending_year"):
        npos.values(name)[:] = 0
    mix = 1.0 + npos.share_business * np.expm1(board["npo.business_income"])
    mix += npos.share_fees * np.expm1(board["npo.fees"])
    set_staff(npos, p, world.random, mix)
    npos.client_last_year[:] = npos.consulted
    npos.consulted[:] = 0
    world.intermediaries.consultations[:] = 0
    active = npos.status == ACTIVE
    demand = math.exp(board["city.consultation_demand"][0])
    chance = p["organisation.client_share"] * demand * world.uptake_tilt()
    npos.client[:] = active & world.random.below(
        "npo_client", world.fiscal_year, npos.id, np.minimum(chance, 1.0)
    )


def organise(world: World, board: EffectBoard) -> None:
    """One month of all NPOs' money, people, services, ties and capability."""
    npos, random, month = world.npos, world.random, world.month
    columns = npos.pack(kernels.NpoColumns)
    effects = kernels.OrganisationEffects(
        board["npo.business_income"],
        board["npo.fees"],
        board["npo.admin_minutes"],
        board["npo.capability"],
        board["npo.online"],
        board["npo.ties"],
    )
    kernels.organisation_pass(
        month,
        columns,
        _rates(world),
        effects,
        np.uint64(random.stream("npo_shock", month)),
        np.uint64(random.stream("npo_digital", month)),
        np.uint64(random.stream("npo_ties", month)),
        volunteers_by_pool(world),
        world.pool_weight,
        world.npos_by_ward,
        world.absorbed,
        world.money,
    )


def _rates(world: World) -> kernels.OrganisationRates:
    name = f"organisation {world.fiscal_year}"
    rates: kernels.OrganisationRates = world.table(name, lambda: _table(world))
    return rates


def _table(world: World) -> kernels.OrganisationRates:
    """The rates of a fiscal year: parameters, and the shock that all incomes share."""
    p = world.p
    volatility, reversion = p["organisation.income_volatility"], p["organisation.income_reversion"]
    keep = 1.0 - reversion
    capability = p["organisation.capability_reversion"]
    sd = p["organisation.common_income_sd"]
    zero = np.zeros(1, dtype=np.int64)
    common = sd * world.random.normal("common_income", world.fiscal_year, zero)[0] - sd**2 / 2
    return kernels.OrganisationRates(
        half_variance=0.5 * volatility**2,
        keep_deviation=keep,
        deviation_sd=volatility * math.sqrt(1.0 - keep**2),
        common_income=float(common),
        reserve_adjustment=p["organisation.reserve_adjustment"],
        funds_need=p["organisation.funds_need"],
        volunteer_capacity=p["organisation.volunteer_capacity"],
        volunteer_staff_ratio=p["organisation.volunteer_staff_ratio"],
        people_need=p["organisation.people_need"],
        admin_share=p["organisation.admin_share"],
        capability_reversion=capability,
        capability_sd=math.sqrt(1.0 - (1.0 - capability) ** 2),
        capability_shortage_slope=p["organisation.capability_shortage_slope"],
        capability_ties_slope=p["organisation.capability_ties_slope"],
        reference_shortage=p["reference.shortage_people"],
        reference_cooperation=p["reference.cooperation"],
        online_adopt=p["organisation.online_adopt_rate"],
        online_drop=p["organisation.online_drop_rate"],
        ties_start=p["organisation.ties_start_rate"],
        ties_end=p["organisation.ties_end_rate"],
    )


def _clients(world: World) -> NDArray[np.int64]:
    """Positions of the fiscal year's clients of intermediaries."""
    name = f"clients {world.fiscal_year}"
    clients: NDArray[np.int64] = world.table(name, lambda: np.flatnonzero(world.npos.client))
    return clients


def consult(world: World, board: EffectBoard) -> None:
    """One month of consultations: clients ask, intermediaries serve up to capacity by priority.

    NPOs go to any intermediary; more capacity serves a superset of the same queue.
    """
    npos, random, month, p = world.npos, world.random, world.month, world.p
    frame = world.intermediaries
    base = p["organisation.consultations"]
    frame.capacity[:] = base / frame.n * math.exp(board["city.consultations"][0])
    clients = _clients(world)
    clients = clients[npos.status[clients] == ACTIVE]
    usual = p["organisation.npo_count"] * (1.0 - p["succession.dormant_share"])
    expected = usual * p["organisation.client_share"]
    chance = base * p["organisation.consultation_demand"] / 12.0 / max(1.0, expected)
    # more than one question a month is several chances, each with its own key
    times = math.ceil(chance)
    asked = [
        clients[random.below("npo_consults", month, npos.id[clients], chance / times, k)]
        for k in range(times)
    ]
    asks = np.concatenate(asked) if times > 1 else asked[0]
    # the year's capacity is often whole but for rounding: the last digit must not decide
    capacity = math.floor(frame.capacity.sum() / 12.0 + 1e-9)
    queue = asks[random.rank("consultation_priority", month, npos.id[asks])]
    desks, held = np.arange(frame.n), min(capacity, len(queue))
    frame.consultations[:] += held // frame.n + (desks < held % frame.n)
    tally = np.zeros((3, world.wards.n), dtype=np.int64)
    kernels.serve(queue, capacity, npos.ward, npos.consulted, tally)
    for item, by_ward in zip(
        ("consultations", "consulted_npos", "consultations_refused"), tally, strict=True
    ):
        world.ledger.add(item, by_ward)
