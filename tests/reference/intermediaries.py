"""Intermediary support organisations: NPOs ask, intermediaries answer up to their capacity."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa

if TYPE_CHECKING:
    from reference.model import ReferenceModel
    from reference.npos import Npo
    from reference.wards import WardOffice


class Intermediary(mesa.Agent):
    """One intermediary with a desk in a ward. NPOs go to any of them."""

    model: ReferenceModel

    def __init__(
        self,
        model: ReferenceModel,
        index: int,
        ward: WardOffice,
        with_government: bool,
        coordinator: bool,
        capacity: float,
        consultations: int,
    ):
        super().__init__(model)
        self.index = index
        self.ward = ward
        self.with_government = with_government  # run together with government
        self.coordinator = coordinator  # has a specialist coordinator
        self.capacity = capacity  # consultations a year
        self.consultations = consultations  # held this fiscal year


def consultations_month(model: ReferenceModel) -> None:
    """Clients ask; a keyed queue is served up to capacity, so more capacity serves a superset."""
    p, draws, desks = model.p, model.draws, model.intermediaries
    yearly = p["organisation.consultations"]
    for desk in desks:
        desk.capacity = yearly / len(desks) * math.exp(model.effects.consultations)
    asks = questions(model)
    queue = draws.in_order(asks, "consultation_priority", model.month)
    # 34 equal numbers whose sum is often whole but for rounding (the support centre at full dose:
    # 21,300 a year, 1,775 a month); the last digit must not decide
    places = math.floor(math.fsum(desk.capacity for desk in desks) / 12.0 + 1e-9)
    for number, npo in enumerate(queue):
        ward = npo.ward.index
        if number >= places:
            model.ledger.add("consultations_refused", ward)
            continue
        desks[number % len(desks)].consultations += 1
        model.ledger.add("consultations", ward)
        if not npo.consulted:
            npo.consulted = True
            model.ledger.add("consulted_npos", ward)


def questions(model: ReferenceModel) -> list[Npo]:
    """The NPOs that ask this month, once for every question.

    Clients ask as often as the consultations of the baseline need. If that is more than once a
    month, it is several chances, each with a key of its own.
    """
    p = model.p
    clients = [npo for npo in model.npos if npo.client and npo.is_active]
    usual = p["organisation.npo_count"] * (1.0 - p["succession.dormant_share"])
    expected = usual * p["organisation.client_share"]
    rate = p["organisation.consultations"] * p["organisation.consultation_demand"] / 12.0
    rate /= max(1.0, expected)
    times = math.ceil(rate)
    asks: list[Npo] = []
    for question in range(times):
        asks += model.draws.chosen(
            clients, "npo_consults", model.month, rate / times, partner=question
        )
    return asks
