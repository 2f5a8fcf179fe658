"""What an initiative is: who is eligible, what is delivered when and to how many, which rate moves.

An initiative never writes an outcome: it treats agents (deliveries, booked in the ledger) and adds
effects to named rates. Strength scales dose and coverage, never the effect per dose. The claimed
effect is multiplied, on the log scale, by the discount factor d of model_rules B.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.base.randomness import initiative_key, threshold_of
from sim.model.agents.npos import ACTIVE, CLOSED, NEVER
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.measures.base_kernels import first_in_line, that_convert

NOT_PLANNED = 1_000_000
"""A month that no run reaches."""


class Setting(Protocol):
    """When and how strongly an initiative is switched on (see
    `sim.scenario.types.InitiativeSetting`)."""

    @property
    def strength(self) -> float: ...
    @property
    def start(self) -> int: ...
    @property
    def stop(self) -> int | None: ...
    @property
    def ramp_months(self) -> int | None: ...


def discount_factor(p: Mapping[str, float], initiative: str, mode: str) -> float:
    """d of an initiative: ln d = ln g + (c - ln .45) + e, times B, at most the cap.

    ``as_claimed`` gives 1 (an extreme, labelled so), ``none`` gives 0: delivered without effect.
    """
    if mode == "as_claimed":
        return 1.0
    if mode == "none":
        return 0.0
    own = f"initiative.{initiative}"
    log_d = (
        math.log(p[f"{own}.grade"])
        + (p["discount.common_log"] - p["discount.common_centre"])
        + p[f"{own}.own_log"]
    )
    return min(p["discount.cap"], math.exp(log_d)) * p[f"{own}.works"]


class Initiative:
    """Base of the fifteen initiatives. Subclasses declare the class attributes and methods.

    ``d`` multiplies claimed effects on the log scale; ``works`` (0 or 1) switches effects whose
    size is an assumption and no claim; ``part`` is the share of the city's NPOs in the wards where
    the initiative applies, by which numbers for the whole city are scaled.

    ``proximal`` are the indicators that its delivery moves directly, ``distal`` those that it
    should move through the model, each with the direction +1 or -1.
    """

    id: ClassVar[str]
    measure: ClassVar[int]
    name_en: ClassVar[str]
    name_ja: ClassVar[str]
    claims: ClassVar[tuple[str, ...]]
    acts_on: ClassVar[tuple[str, ...]]
    proximal: ClassVar[tuple[tuple[str, int], ...]]
    distal: ClassVar[tuple[tuple[str, int], ...]] = ()

    def __init__(self, setting: Setting, world: World, mode: str, wards: NDArray[np.bool_]):
        """``wards`` bool (areas,): where the initiative applies. Set up before its first month."""
        self.setting = setting
        self.p = world.p
        prefix = f"initiative.{self.id}."
        self.values = {k.removeprefix(prefix): v for k, v in self.p.items() if k.startswith(prefix)}
        self.d = discount_factor(world.p, self.id, mode)
        self.in_wards = wards
        self.works = 1.0 if self.d > 0.0 else 0.0
        npos = world.npos
        self.part = float(wards[npos.ward[npos.status == ACTIVE]].mean())
        self.key = initiative_key(self.id)
        yearly = self.value("fixed_cost") * setting.strength * self.part
        self.monthly_cost = math.floor(yearly / 12.0)
        ramp = setting.ramp_months
        self.ramp_months = self.value("ramp_months") if ramp is None else float(ramp)
        self.set_up(world)

    def set_up(self, world: World) -> None:
        """Draw what is fixed over the run (for instance the order of wards)."""

    def value(self, name: str) -> float:
        """The parameter ``initiative.<id>.<name>``."""
        return self.values[name]

    def running(self, month: int) -> bool:
        """Whether it delivers in this month."""
        stop = self.setting.stop
        return self.setting.start <= month and (stop is None or month < stop)

    def dose(self, month: int) -> float:
        """Strength x ramp in [0, 1]; zero before the start and after the stop."""
        if not self.running(month):
            return 0.0
        return self.setting.strength * self.ramp(month - self.setting.start)

    def ramp(self, months: int) -> float:
        """Linear rise to 1 over the ramp, by months since a start."""
        return min(1.0, max(0.0, (months + 1.0) / max(1.0, self.ramp_months)))

    def rise(self, months: Any) -> Any:
        """Linear rise of the effect to 1 over ``effect_months`` after a treatment; 0 before it."""
        degree = (np.asarray(months) + 1.0) * (1.0 / self.value("effect_months"))
        return np.minimum(np.maximum(degree, 0.0), 1.0)

    def fading(self, month: int) -> float:
        """1 until the stop, then halving with the initiative's half-life."""
        stop = self.setting.stop
        if stop is None or month < stop:
            return 1.0
        return float(0.5 ** ((month - stop) / self.value("decay_half_life")))

    def in_month(self, per_year: float, month: int) -> int:
        """Whole doses of this month so that twelve months add up to a year's number."""
        m = (month - self.setting.start) % 12
        return math.floor(per_year * (m + 1) / 12 + 1e-9) - math.floor(per_year * m / 12 + 1e-9)

    def assigns(self, month: int) -> bool:
        """Whether limited places on projects are assigned anew: at the end of every quarter.

        ``uptake.assignment_months`` says how long such a quarter is.
        """
        every = int(self.p["uptake.assignment_months"])
        return (month + 1) % every == 0

    def charge(self, world: World, doses: float) -> None:
        """Book the assumed unit cost of the doses, in whole yen."""
        world.ledger.spend(self.id, math.floor(doses * self.value("unit_cost")))

    def charge_fixed(self, world: World) -> None:
        """Book a twelfth of the assumed yearly fixed cost, scaled by strength."""
        if self.running(world.month):
            world.ledger.spend(self.id, self.monthly_cost)

    def deliver(self, world: World, board: EffectBoard) -> None:
        """Treat agents in this month (only called while it is running)."""

    def keep_stocks(self, world: World) -> None:
        """Age and book what outlasts the deliveries (called every month from the start on)."""

    def apply(self, world: World, board: EffectBoard) -> None:
        """Add the effects of this month on wards, NPOs and residents (from the start on)."""

    def apply_to_projects(self, world: World, board: EffectBoard) -> None:
        """Add the effects on running projects (in March, before they are judged)."""

    def roll_out(self, world: World, among: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Month in which each ward in ``among`` is treated, int64 (areas,); NOT_PLANNED elsewhere.

        A share ``strength`` of the wards, in keyed order, evenly over the ramp; wards whose turn
        would come after the stop are not treated.
        """
        order = self.ward_order(world, among)
        number = round(len(order) * self.setting.strength)
        months = np.full(world.wards.n, NOT_PLANNED, dtype=np.int64)
        pace = self.ramp_months / max(1, len(order))
        for rank, ward in enumerate(order[:number]):
            month = self.setting.start + math.floor(pace * rank)
            if self.running(month):
                months[ward] = month
        return months

    def since_roll_out(self, months: NDArray[np.int64], month: int) -> NDArray[np.float64]:
        """Degree (0-1) of the effect in each ward (areas,): its rise since the roll-out, fading."""
        degree: NDArray[np.float64] = self.rise(month - months) * self.fading(month)
        return degree

    def ward_order(self, world: World, among: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The wards in ``among`` where the initiative applies, in keyed order."""
        order = world.random.rank("ward_order", 0, np.arange(world.wards.n), self.key)
        return np.array([w for w in order if among[w] and self.in_wards[w]], dtype=np.int64)

    def priority(self, world: World, ids: NDArray[np.int64], time: int = 0) -> NDArray[np.int64]:
        """Positions that sort project ids by this initiative's keyed priority."""
        ranked: NDArray[np.int64] = world.random.rank("project_treatment", time, ids, self.key)
        return ranked


class Programme(Initiative):
    """An initiative that gives places to NPOs: applicants by keyed uptake, served by priority.

    Uptake rises with the NPO's size and online services. For a fixed list of applicants more places
    serve a superset, because the queue is the same.
    """

    served: NDArray[np.int64]

    def set_up(self, world: World) -> None:
        """No one is served yet, no queue is formed."""
        self.served = np.full(world.npos.n, NEVER, dtype=np.int64)
        self.queue: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.queue_year = NEVER
        self.heads = 0

    def places(self, month: int, world: World) -> int:
        """Places of this month, scaled by strength, ramp and the share of NPOs in its wards."""
        return self.in_month(self.value("places") * self.dose(month) * self.part, month)

    def applicants(self, world: World) -> NDArray[np.int64]:
        """The fiscal year's applicants by keyed priority (the queue is formed once a year)."""
        year = world.fiscal_year
        if self.queue_year != year:
            npos = world.npos
            # all who are, or will be, registered this fiscal year
            end = world.month - world.month % 12 + 12
            able = np.flatnonzero((npos.status != CLOSED) & (npos.founded < end))
            able = able[self.in_wards[npos.ward[able]]]
            chance = np.minimum(1.0, self.value("uptake") * world.uptake_tilt()[able])
            queue = able[world.random.below("uptake", year, npos.id[able], chance, self.key)]
            self.queue = queue[world.random.rank("enrolment", year, npos.id[queue], self.key)]
            self.queue_year = year
        return self.queue

    def enrol(self, world: World) -> NDArray[np.int64]:
        """Serve this month's places; positions of the NPOs that got one.

        The first active ones in the queue that were not served within ``again_after`` months.
        """
        rested = world.month - int(self.value("again_after"))
        queue, places = self.applicants(world), self.places(world.month, world)
        chosen: NDArray[np.int64] = first_in_line(
            queue, places, world.npos.status, self.served, rested, self.served, rested
        )
        self.served[chosen] = world.month
        self.charge(world, len(chosen))
        return chosen

    def book_heads(self, world: World, item: str, npos: NDArray[np.int64], per_npo: float) -> None:
        """Book people (or events) for the served NPOs: whole numbers with the mean ``per_npo``."""
        ordinals = self.heads + np.arange(len(npos) + 1)
        self.heads += len(npos)
        each = np.diff(np.floor(per_npo * ordinals + 1e-9))
        by_ward = np.bincount(world.npos.ward[npos], each, minlength=world.wards.n)
        world.ledger.add(item, by_ward.astype(np.int64))

    def converts(
        self, world: World, npos: NDArray[np.int64], chance: float, choice: int = 0
    ) -> NDArray[np.int64]:
        """Those of the served NPOs on whom the treatment takes (keyed by NPO and fiscal year).

        ``choice`` tells apart the independent choices that one treatment makes.
        """
        stream = np.uint64(world.random.stream("conversion", world.fiscal_year))
        converted: NDArray[np.int64] = that_convert(
            stream, self.key + 100 * choice, threshold_of(chance), world.npos.id, npos
        )
        return converted

    def add_since(
        self, world: World, board: EffectBoard, rate: str, amount: float, months: NDArray[np.int32]
    ) -> None:
        """Add a log effect on NPOs treated in ``months`` (NEVER: not): its rise, with fading."""
        month = world.month
        board.add_since(
            rate, amount * self.fading(month), months, NEVER, month, self.value("effect_months")
        )


def improve_capability(
    programme: Programme, world: World, board: EffectBoard, npos: NDArray[np.int64], size: float
) -> None:
    """Capability step x d for the fraction that "x % improved" claims, less the untreated fraction.

    The step is a judgement that no data informs (model_rules B).
    """
    claimed = programme.value("improved") - programme.p["uptake.improved_untreated"]
    gained = programme.converts(world, npos, max(0.0, claimed), choice=1)
    board.add("npo.capability", size * programme.value("step") * programme.d, gained)
