"""Named rates that measures may change, how several changes combine, and the ledger of deliveries.

A measure never writes an outcome. It adds amounts to named rates on the `EffectBoard`, and the
processes read the combined value. Every rate declares its combiner, chosen so that the order of the
measures cannot matter: logs and log-odds add, chances on one barrier combine as 1 - prod(1 - e).
(The model applies initiatives in the order of their ids, so that even rounding is the same.)

The `Ledger` counts what was delivered, by ward and fiscal year. Indicators of delivery read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.model.effects_kernels import add_since, count_events

Combiner = Literal["log", "log_odds", "attenuated_log_odds", "chance", "sum"]
Entity = Literal["ward", "npo", "project", "pool", "city"]
N_CHANNELS = 6


@dataclass(frozen=True)
class NamedRate:
    """A quantity that measures may change: what it belongs to, how changes combine, its meaning."""

    id: str
    entity: Entity
    combiner: Combiner
    meaning: str


RATES: dict[str, NamedRate] = {
    r.id: r
    for r in (
        NamedRate("ward.lead_time", "ward", "log", "months from proposal to start"),
        NamedRate("ward.admin_minutes", "ward", "log", "administrative officer minutes a project"),
        NamedRate("ward.renewal", "ward", "log_odds", "continuation of projects in April"),
        NamedRate("ward.proposals", "ward", "log", "proposals of NPOs and ward offices"),
        NamedRate("ward.repair", "ward", "log", "chance that a failing project is improved"),
        NamedRate("ward.referral", "ward", "sum", "places at desks for residents, a month"),
        NamedRate("npo.business_income", "npo", "log", "business income"),
        NamedRate("npo.fees", "npo", "log", "membership fees and donations"),
        NamedRate("npo.admin_minutes", "npo", "log", "the NPO's administrative work"),
        NamedRate("npo.diversification", "npo", "log", "1 - Herfindahl index of income streams"),
        NamedRate("npo.capability", "npo", "sum", "capability gained this month, sd between NPOs"),
        NamedRate("npo.online", "npo", "chance", "takes up online services this month"),
        NamedRate("npo.successor", "npo", "chance", "a successor is prepared this month"),
        NamedRate("npo.ties", "npo", "log", "rate at which regular cooperation starts"),
        NamedRate("project.success", "project", "attenuated_log_odds", "the problem is solved"),
        NamedRate("project.participants", "project", "log", "participants of the project"),
        NamedRate("project.rating", "project", "log_odds", "the partner is satisfied"),
        NamedRate("pool.barrier_time", "pool", "chance", "barrier 'no time', by ward and channel"),
        NamedRate("pool.barrier_how", "pool", "chance", "barrier 'how', by ward and channel"),
        NamedRate("pool.barrier_what", "pool", "chance", "barrier 'what', by ward and channel"),
        NamedRate("city.consultations", "city", "log", "capacity of intermediaries"),
        NamedRate("city.consultation_demand", "city", "log", "demand for consultations"),
    )
}


class EffectBoard:
    """Combined effects of the active measures in the present month, one array per named rate.

    Shapes: ward (areas,), npo (n,), project (m,), pool (areas, 6), city (1,).
    """

    def __init__(self, areas: int, n_npos: int, n_projects: int, attenuation: float):
        self.attenuation = attenuation
        self._shapes: dict[str, tuple[int, ...]] = {
            "ward": (areas,),
            "npo": (n_npos,),
            "project": (n_projects,),
            "pool": (areas, N_CHANNELS),
            "city": (1,),
        }
        self._values = {r.id: np.zeros(self._shapes[r.entity]) for r in RATES.values()}
        self._largest = {
            r.id: np.zeros(self._shapes[r.entity])
            for r in RATES.values()
            if r.combiner == "attenuated_log_odds"
        }
        self._changed: set[str] = set()

    def clear(self) -> None:
        """No effect on any rate."""
        for rate in self._changed:
            self._values[rate][...] = 0.0
            if rate in self._largest:
                self._largest[rate][...] = 0.0
        self._changed.clear()

    @property
    def n_projects(self) -> int:
        """Length of the arrays of rates on projects."""
        return self._shapes["project"][0]

    def resize_projects(self, n: int) -> None:
        """The list of projects has changed: effects on projects start anew at zero."""
        self._shapes["project"] = (n,)
        for rate in RATES.values():
            if rate.entity == "project":
                self._values[rate.id] = np.zeros(n)
                if rate.id in self._largest:
                    self._largest[rate.id] = np.zeros(n)
                self._changed.discard(rate.id)

    def add(self, rate: str, amount: Any, where: Any = slice(None)) -> None:
        """Add an effect: ``amount`` (scalar or array) at ``where`` (index or mask)."""
        values = self._values[rate]
        self._changed.add(rate)
        if RATES[rate].combiner == "chance":
            values[where] = 1.0 - (1.0 - values[where]) * (1.0 - amount)
        else:
            values[where] += amount
        if rate in self._largest:
            largest = self._largest[rate]
            largest[where] = np.maximum(largest[where], amount)

    def add_since(
        self, rate: str, amount: float, months: Any, never: int, month: int, effect_months: float
    ) -> None:
        """Add ``amount`` x degree to a log rate of NPOs treated in ``months`` (``never``: not)."""
        if RATES[rate].combiner != "log":
            raise ValueError(f"{rate} does not add logs")
        self._changed.add(rate)
        add_since(months, never, month, effect_months, amount, self._values[rate])

    def __getitem__(self, rate: str) -> NDArray[np.float64]:
        """The combined value: a sum, a log factor, a log-odds shift or a chance (0 = no effect).

        Overlapping treatments of one project keep a share of their sum (C045), but never less than
        the strongest of them alone: a second treatment does no harm.
        """
        values = self._values[rate]
        if rate in self._largest:
            several = np.maximum(self._largest[rate], self.attenuation * values)
            return np.where(values > 0.0, several, values)
        return values


DELIVERIES: dict[str, str] = {
    "digital_courses": "NPOs that finished a course of the digital support programme",
    "staff_trained": "ward staff with a course at most five years old and still in post (stock)",
    "consultations": "consultations held by intermediaries",
    "consulted_npos": "NPOs with at least one consultation in the fiscal year",
    "consultations_refused": "consultations asked for beyond capacity",
    "probono_matches": "pro bono matches",
    "coordinators_certified": "coordinators certified since the start (stock)",
    "coordinators_active": "coordinators active now (stock)",
    "management_trainees": "people who took part in management training",
    "fund_consultations": "consultations on fundraising",
    "contest_entries": "entries in the contest",
    "international_participants": "people in international exchange programmes",
    "models_made": "projects turned into a standard model",
    "spread_projects": "projects started in another ward by a model or by imitation of an award",
    "referrals": "residents referred by a desk (expected places used)",
    "proposals": "proposals of projects",
    "new_projects": "projects started",
    "refused_hours": "accepted projects that lapsed for lack of officer hours",
    "refused_budget": "accepted projects that lapsed because a fixed budget was used up",
}


@dataclass
class Ledger:
    """What was delivered and spent, by ward, in the present fiscal year; stocks carry over.

    ``areas``: number of wards. Amounts of money are whole yen, of work whole minutes; nothing is
    rounded away.
    """

    areas: int
    flows: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    stocks: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    yen: dict[str, int] = field(default_factory=dict)

    def add(self, item: str, amount: Any) -> None:
        """Add deliveries by ward, int64 (areas,)."""
        if item not in DELIVERIES:
            raise KeyError(item)
        row = self.flows.setdefault(item, np.zeros(self.areas, dtype=np.int64))
        row += amount

    def add_events(self, item: str, wards: Any) -> None:
        """Add one delivery for each entry of ``wards`` (ward index per event)."""
        if item not in DELIVERIES:
            raise KeyError(item)
        row = self.flows.setdefault(item, np.zeros(self.areas, dtype=np.int64))
        count_events(np.asarray(wards), row)

    def set(self, item: str, amount: Any) -> None:
        """Set a stock by ward, int64 (areas,)."""
        if item not in DELIVERIES:
            raise KeyError(item)
        self.stocks[item] = np.asarray(amount, dtype=np.int64).copy()

    def get(self, item: str) -> NDArray[np.int64]:
        """Deliveries by ward this fiscal year, or the present stock; zeros if there are none."""
        if item not in DELIVERIES:
            raise KeyError(item)
        if item in self.stocks:
            return self.stocks[item]
        return self.flows.get(item, np.zeros(self.areas, dtype=np.int64))

    def spend(self, what: str, yen: int) -> None:
        """Book a cost in whole yen under ``what`` (an initiative id, or "projects")."""
        self.yen[what] = self.yen.get(what, 0) + int(yen)

    def new_year(self) -> None:
        """Start a fiscal year: flows and costs begin at zero, stocks stay."""
        self.flows.clear()
        self.yen.clear()

    def copy(self) -> Ledger:
        """An independent copy."""
        return Ledger(
            self.areas,
            {k: v.copy() for k, v in self.flows.items()},
            {k: v.copy() for k, v in self.stocks.items()},
            dict(self.yen),
        )
