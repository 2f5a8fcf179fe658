"""What the fifteen initiatives have in common.

An initiative treats agents (booked in the ledger, with its cost) and adds effects to named rates;
it never writes an outcome. Strength scales doses, places and coverage, never the effect of a dose.
Claimed effects are discounted: the log of the claim is multiplied by d.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from reference.npos import Npo, uptake_tilts
from sim.base.randomness import initiative_key
from sim.scenario.types import InitiativeSetting

if TYPE_CHECKING:
    from reference.model import ReferenceModel
    from reference.projects import Project
    from reference.wards import WardOffice

ROUNDING = 1e-9
"""A number that is whole but for rounding counts as whole."""


def discount_factor(model: ReferenceModel, initiative: str, mode: str) -> float:
    """d = min(cap, exp(ln grade + shared part + own part)), or 0 with the chance of no effect.

    The shared part moves all initiatives together, the own part this one; ``works`` is 0 or 1.
    Mode "as_claimed" takes the claims as they are, "none" delivers without effect.
    """
    p, own = model.p, f"initiative.{initiative}"
    if mode == "as_claimed":
        return 1.0
    if mode == "none":
        return 0.0
    shared = p["discount.common_log"] - p["discount.common_centre"]
    log_d = math.log(p[f"{own}.grade"]) + shared + p[f"{own}.own_log"]
    return min(p["discount.cap"], math.exp(log_d)) * p[f"{own}.works"]


class Initiative:
    """One initiative with its setting in the scenario.

    ``d`` discounts claims; ``works`` switches effects whose size is our assumption and no claim;
    ``part`` is the share of active NPOs in the wards where the initiative applies, by which numbers
    meant for the whole city are scaled; ``key`` tells its draws from those of others.
    """

    id: ClassVar[str]

    def __init__(
        self,
        model: ReferenceModel,
        setting: InitiativeSetting,
        mode: str,
        wards: Sequence[WardOffice],
    ):
        self.model = model
        self.p = model.p
        self.setting = setting
        self.wards = set(wards)
        self.d = discount_factor(model, self.id, mode)
        self.works = 1.0 if self.d > 0.0 else 0.0
        active = [npo for npo in model.npos if npo.is_active]
        self.part = len([npo for npo in active if npo.ward in self.wards]) / len(active)
        self.key = initiative_key(self.id)
        ramp = setting.ramp_months
        self.ramp_months = self.value("ramp_months") if ramp is None else float(ramp)
        self.set_up()

    # what an initiative may do

    def set_up(self) -> None:
        """Decide once what is fixed over the run, for instance the order of wards."""

    def deliver(self) -> None:
        """Treat agents in this month; only called while the initiative runs."""

    def keep_stocks(self) -> None:
        """Age and book what outlasts the deliveries; every month from the start on."""

    def apply(self) -> None:
        """Add this month's effects on wards, NPOs and residents; every month from the start on."""

    def apply_to_projects(self) -> None:
        """Add the effects on projects, in March before they are judged, from the start on."""

    # time

    def value(self, name: str) -> float:
        """The parameter of this initiative with this name."""
        return self.p[f"initiative.{self.id}.{name}"]

    @property
    def month(self) -> int:
        """The present month."""
        return self.model.month

    def has_started(self) -> bool:
        """Whether the start has come (effects outlast a stop)."""
        return self.setting.start <= self.month

    def runs(self) -> bool:
        """Whether it delivers in this month."""
        return self.runs_in(self.month)

    def runs_in(self, month: int) -> bool:
        """Whether it delivers in that month: from the start until before the stop."""
        stop = self.setting.stop
        return self.setting.start <= month and (stop is None or month < stop)

    def ramp(self) -> float:
        """Linear rise to 1 over the ramp since the start."""
        elapsed = self.month - self.setting.start + 1.0
        return min(1.0, max(0.0, elapsed / max(1.0, self.ramp_months)))

    def dose(self) -> float:
        """Strength x ramp; 0 before the start and after the stop."""
        return self.setting.strength * self.ramp() if self.runs() else 0.0

    def rise(self, treated: int | None) -> float:
        """How far the effect has risen since the month of treatment (None: not treated)."""
        if treated is None:
            return 0.0
        degree = (self.month - treated + 1.0) * (1.0 / self.value("effect_months"))
        return min(1.0, max(0.0, degree))

    def fading(self) -> float:
        """1 until the stop; then effects halve with the initiative's half-life."""
        stop = self.setting.stop
        if stop is None or self.month < stop:
            return 1.0
        return math.pow(0.5, (self.month - stop) / self.value("decay_half_life"))

    def places_of_month(self, per_year: float) -> int:
        """This month's whole places, so that twelve months give the year's number."""
        m = (self.month - self.setting.start) % 12
        until_now = math.floor(per_year * (m + 1) / 12 + ROUNDING)
        return until_now - math.floor(per_year * m / 12 + ROUNDING)

    def assigns(self) -> bool:
        """Limited places on projects are assigned anew at the end of every quarter."""
        return (self.month + 1) % int(self.p["uptake.assignment_months"]) == 0

    # money

    def charge(self, doses: float) -> None:
        """Book the assumed unit cost of the doses."""
        self.model.ledger.spend(self.id, math.floor(doses * self.value("unit_cost")))

    def charge_fixed(self) -> None:
        """Book a twelfth of the assumed yearly fixed cost, scaled by strength and part."""
        yearly = self.value("fixed_cost") * self.setting.strength * self.part
        self.model.ledger.spend(self.id, math.floor(yearly / 12.0))

    # whom

    def wards_in_order(self, among: Sequence[WardOffice]) -> list[WardOffice]:
        """The wards of ``among`` where the initiative applies, in keyed order."""
        ranked = self.model.draws.in_order(self.model.wards, "ward_order", 0, self.key)
        return [ward for ward in ranked if ward in self.wards and ward in among]

    def roll_out(self, among: Sequence[WardOffice]) -> dict[int, int]:
        """Month in which each ward (index) is treated; wards that are not have no entry.

        A share ``strength`` of the wards in keyed order, evenly over the ramp, none after the stop.
        """
        order = self.wards_in_order(among)
        number = round(len(order) * self.setting.strength)
        pace = self.ramp_months / max(1, len(order))
        months = {}
        for rank, ward in enumerate(order[:number]):
            month = self.setting.start + math.floor(pace * rank)
            if self.runs_in(month):
                months[ward.index] = month
        return months

    def projects_in_order(self, projects: Sequence[Project], time: int = 0) -> list[Project]:
        """Projects by this initiative's keyed priority."""
        return self.model.draws.in_order(projects, "project_treatment", time, self.key)

    def running_projects(self) -> list[Project]:
        """The running projects of the wards where the initiative applies."""
        return [p for p in self.model.projects if p.is_running and p.ward in self.wards]


class Programme(Initiative):
    """An initiative that gives places to NPOs: they apply, a keyed queue is served."""

    def set_up(self) -> None:
        """Nobody was served yet."""
        self.served: dict[Npo, int] = {}  # month of the last place
        self.queue: list[Npo] = []
        self.queue_year: int | None = None
        self.heads = 0  # NPOs served, for whole numbers of people

    def applicants(self) -> list[Npo]:
        """The fiscal year's applicants by priority; the queue is formed once a year.

        Larger NPOs and those online apply more often (`uptake_tilts`).
        """
        model, year = self.model, self.model.fiscal_year
        if self.queue_year != year:
            tilts = uptake_tilts(model.npos, self.p)
            chances = [min(1.0, self.value("uptake") * tilt) for tilt in tilts]
            apply = model.draws.chosen(model.npos, "uptake", year, chances, self.key)
            here = [npo for npo in apply if npo.ward in self.wards]
            self.queue = model.draws.in_order(here, "enrolment", year, self.key)
            self.queue_year = year
        return self.queue

    def may_be_served(self, npo: Npo) -> bool:
        """Not served again before ``again_after`` months have passed."""
        last = self.served.get(npo)
        return last is None or last <= self.month - int(self.value("again_after"))

    def able_applicants(self) -> list[Npo]:
        """Applicants who are active and may be served now, by priority."""
        return [npo for npo in self.applicants() if npo.is_active and self.may_be_served(npo)]

    def enrol(self) -> list[Npo]:
        """Serve this month's places: the first of the queue. More places serve a superset."""
        places = self.places_of_month(self.value("places") * self.dose() * self.part)
        return self.serve(self.able_applicants()[:places])

    def serve(self, npos: list[Npo]) -> list[Npo]:
        """Note and charge those who got a place."""
        for npo in npos:
            self.served[npo] = self.month
        self.charge(len(npos))
        return npos

    def book_heads(self, item: str, npos: list[Npo], per_npo: float) -> None:
        """Book people (or events): whole numbers for each NPO with the mean ``per_npo``."""
        for npo in npos:
            before = math.floor(per_npo * self.heads + ROUNDING)
            self.heads += 1
            after = math.floor(per_npo * self.heads + ROUNDING)
            self.model.ledger.add(item, npo.ward.index, after - before)

    def takes_on(self, npos: list[Npo], chance: float, choice: int = 0) -> list[Npo]:
        """Those on whom the treatment takes; ``choice`` tells its independent choices apart."""
        return self.model.draws.chosen(
            npos, "conversion", self.model.fiscal_year, chance, self.key + 100 * choice
        )

    def improve_capability(self, npos: list[Npo], size: float = 1.0) -> None:
        """A step of capability x d for the share that "x % improved" claims.

        Less the share that improves without treatment. The step is a judgement (rule B).
        """
        claimed = self.value("improved") - self.p["uptake.improved_untreated"]
        for npo in self.takes_on(npos, max(0.0, claimed), choice=1):
            npo.effects.capability += size * self.value("step") * self.d
