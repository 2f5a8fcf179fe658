"""The state of the simulated wards: all agents, the calendar, the ledger, the year's counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import UsageError
from sim.base.randomness import KeyedRandom
from sim.model.agents import counts
from sim.model.agents import npos as npo_module
from sim.model.agents import projects as project_module
from sim.model.agents.frame import AgentFrame
from sim.model.agents.intermediaries import build_intermediaries
from sim.model.agents.residents import AGE_BANDS, REGULAR, Residents, build_residents
from sim.model.agents.ward_offices import build_wards
from sim.model.effects import Ledger
from sim.model.effects_kernels import count_events

if TYPE_CHECKING:
    from sim.places.features import WardFeatures
    from sim.places.place import Place

MOST_AREAS = int(np.iinfo(np.int8).max)
"""Areas of a place at most: agents keep the number of their ward in one byte."""
AGE_SHARES = tuple(f"population.age_{band.replace('-', '_')}" for band in AGE_BANDS[:5])
YEAR_COUNTS: dict[str, str] = {
    "project_years": "distinct projects with at least one active month",
    "running_before": "projects that ran in the year before",
    "running_continued": "of these, projects that run in this year too",
    "judged": "projects with enough active months to be judged",
    "solved": "judged projects that solved their problem",
    "judged_untreated": "judged projects without coordinator, model or other treatment",
    "solved_untreated": "of these, solved",
    "participants": "participants of projects, persons x projects",
    "joint": "running projects with two or more partner organisations in March",
    "asked": "NPOs with a running project that the yearly survey asks",
    "satisfied": "of these, satisfied",
    "asked_end": "partner NPOs of projects that ended",
    "satisfied_end": "of these, satisfied",
    "residents_asked": "residents in the yearly survey (sample counts)",
    "residents_satisfied": "of these, satisfied",
    "volunteers_asked": "of the residents in the survey, those who took part in the last 12 months",
    "volunteers_satisfied": "of these, satisfied",
    "starts": "residents who started to volunteer (sample counts)",
    "quits": "residents who quit (sample counts)",
    "quit_load": "of these, for responsibility or load (several causes possible)",
    "quit_time": "of these, for lack of time",
    "quit_mismatch": "of these, because it differed from expectation",
    "leader_exits": "leaders who stepped down",
    "failed_successions": "of these, without a successor taking over",
    "dormancies": "NPOs that became dormant",
    "closures": "NPOs that closed",
    "revivals": "dormant NPOs that became active again",
    "entries": "NPOs founded",
}


@dataclass
class World:
    """Everything that changes. `copy` branches a run; processes take a world and change it.

    ``residents_by_ward`` int64 (areas, COUNTS): the table of the last pass over residents (sample
    counts; times ``weight`` gives residents). ``npos_by_ward`` likewise for NPOs. ``memo`` holds
    tables that several indicators share; it is emptied every month. ``solved_before`` (areas,):
    projects solved from the start to the last fiscal year. ``tables`` holds what stays the same for
    a run or a fiscal year, see `table`.
    """

    place: Place
    p: dict[str, float]
    random: KeyedRandom
    scale: float
    weight: float
    month: int
    residents: Residents
    npos: AgentFrame
    projects: AgentFrame
    wards: AgentFrame
    intermediaries: AgentFrame
    ledger: Ledger
    field_share: NDArray[np.float64]
    residents_by_ward: NDArray[np.int64]
    npos_by_ward: NDArray[np.int64]
    pool_weight: NDArray[np.float64]
    npo_events: NDArray[np.int64]
    absorbed: NDArray[np.float64]
    money: NDArray[np.int64]
    solved_before: NDArray[np.float64]
    budget_limit: int | None = None
    year: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    last_year: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    reference: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    memo: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)

    @property
    def fiscal_year(self) -> int:
        """The fiscal year of the present month."""
        return self.place.start_year + self.month // 12

    @property
    def is_april(self) -> bool:
        """First month of a fiscal year."""
        return self.month % 12 == 0

    @property
    def is_march(self) -> bool:
        """Last month of a fiscal year."""
        return self.month % 12 == 11

    def table(self, name: str, make: Callable[[], Any]) -> Any:
        """What ``make`` gives, computed once for the present parameters (another ``p``: anew)."""
        if self.tables.get("p") is not self.p:
            self.tables = {"p": self.p}
        if name not in self.tables:
            self.tables[name] = make()
        return self.tables[name]

    def uptake_tilt(self) -> NDArray[np.float64]:
        """`sim.model.agents.npos.uptake_tilt` over the active NPOs of this month, once a month."""
        if "uptake_tilt" not in self.memo:
            active = self.npos.status == npo_module.ACTIVE
            self.memo["uptake_tilt"] = npo_module.uptake_tilt(self.npos, self.p, active)
        tilt: NDArray[np.float64] = self.memo["uptake_tilt"]
        return tilt

    def count(self, item: str, by_ward: Any) -> None:
        """Add to one of YEAR_COUNTS, by ward (areas,)."""
        if item not in YEAR_COUNTS:
            raise KeyError(item)
        row = self.year.setdefault(item, np.zeros(self.wards.n))
        row += by_ward

    def count_events(self, item: str, wards: Any, weights: Any = None) -> None:
        """Add one (or its weight) for each entry of ``wards`` to one of YEAR_COUNTS."""
        if weights is not None:
            self.count(item, np.bincount(wards, weights=weights, minlength=self.wards.n))
            return
        self.count(item, 0)
        count_events(np.asarray(wards), self.year[item])

    def counted(self, item: str) -> NDArray[np.float64]:
        """The year's count so far, by ward (areas,)."""
        if item not in YEAR_COUNTS:
            raise KeyError(item)
        return self.year.get(item, np.zeros(self.wards.n))

    def copy(self) -> World:
        """An independent copy of all state (parameters and keys are shared)."""
        return World(
            place=self.place,
            p=self.p,
            random=self.random,
            scale=self.scale,
            weight=self.weight,
            month=self.month,
            residents=self.residents.copy(),
            npos=self.npos.copy(),
            projects=self.projects.copy(),
            wards=self.wards.copy(),
            intermediaries=self.intermediaries.copy(),
            ledger=self.ledger.copy(),
            field_share=self.field_share,
            residents_by_ward=self.residents_by_ward.copy(),
            npos_by_ward=self.npos_by_ward.copy(),
            pool_weight=self.pool_weight.copy(),
            npo_events=self.npo_events.copy(),
            absorbed=self.absorbed.copy(),
            money=self.money.copy(),
            solved_before=self.solved_before.copy(),
            budget_limit=self.budget_limit,
            year={k: v.copy() for k, v in self.year.items()},
            last_year={k: v.copy() for k, v in self.last_year.items()},
            reference={k: v.copy() for k, v in self.reference.items()},
        )


def build_world(
    place: Place,
    known: WardFeatures,
    p: dict[str, float],
    random: KeyedRandom,
    scale: float,
    first_month: int,
    last_month: int,
) -> World:
    """Agents of all wards before the burn-in that starts in ``first_month``.

    ``known``: what is known of single wards. ``p``: the value of every parameter.
    ``last_month``: the last month that the run can reach (entrants are known until then).
    Raises UsageError or ContentError for parameters that no population has.
    """
    areas = len(place.code)
    if areas > MOST_AREAS:
        raise UsageError(f"place {place.id}: {areas} areas, where agents can stand in {MOST_AREAS}")
    field_share = _parts(p, npo_module.FIELD_SHARES)
    streams = np.array([p[id] for id in npo_module.STREAM_SHARES])
    residents = build_residents(place, _parts(p, AGE_SHARES), scale, p, random, field_share)
    population = np.asarray(place.numbers.pop_15plus, dtype=np.float64)
    weight = float(population.sum()) / residents.n

    share = p["organisation.ward_population_weight"]
    establishments = np.asarray(place.numbers.establishments, dtype=np.float64)
    ward_share = share * population / population.sum()
    ward_share += (1.0 - share) * establishments / establishments.sum()
    volunteers = population[:, None] * p["reference.volunteer_stock"]
    pools = volunteers * p["participation.npo_pool_share"] * field_share[None, :]
    npos = npo_module.build_npos(
        p,
        random,
        ward_share,
        field_share,
        streams,
        pools,
        first_month,
        last_month,
        _own_counts(known, place, ward_share, field_share, p),
    )
    present = npos.founded < first_month
    npo_share = np.bincount(npos.ward[present], minlength=areas) / max(1, present.sum())
    wards = build_wards(place, known, p, random)
    intermediaries = build_intermediaries(p, random, npo_share)
    world = World(
        place=place,
        p=p,
        random=random,
        scale=scale,
        weight=weight,
        month=first_month,
        residents=residents,
        npos=npos,
        projects=AgentFrame("project", 0, project_module.COLUMNS),
        wards=wards,
        intermediaries=intermediaries,
        ledger=Ledger(areas),
        field_share=field_share,
        residents_by_ward=np.zeros((areas, counts.RESIDENTS), dtype=np.int64),
        npos_by_ward=np.zeros((areas, counts.NPOS), dtype=np.int64),
        pool_weight=np.ones((areas, npo_module.N_FIELDS)),
        npo_events=np.zeros((areas, 6), dtype=np.int64),
        absorbed=np.ones((areas, npo_module.N_FIELDS)),
        money=np.zeros(4, dtype=np.int64),
        solved_before=np.zeros(areas),
    )
    world.money[counts.ENDOWED] = int(npos.reserves[present].sum())
    for ward, first, number, _ in residents.blocks:
        state = residents.read("state", slice(first, first + number))
        world.residents_by_ward[ward, counts.ACTIVE_NOW] += np.count_nonzero(state == REGULAR)
    return world


def _own_counts(
    known: WardFeatures,
    place: Place,
    ward_share: NDArray[np.float64],
    field_share: NDArray[np.float64],
    p: dict[str, float],
) -> NDArray[np.int64] | None:
    """NPOs by ward and field when NPOs of some wards are known, else None."""
    own = {c: f["npo_count"] for c, f in known.items() if "npo_count" in f}
    if not own:
        return None
    codes = np.asarray(place.code)
    given = np.array([float(own.get(int(c), 0)) for c in codes])
    stated = np.array([int(c) in own for c in codes])
    rest = max(0.0, p["organisation.npo_count_at_start"] - given.sum())
    spread = np.where(stated, 0.0, ward_share)
    total = given + (rest * spread / spread.sum() if spread.sum() > 0 else 0.0)
    from sim.model.agents.residents import controlled_rounding

    return controlled_rounding(total[:, None] * field_share[None, :])


def _parts(p: Mapping[str, float], ids: Sequence[str]) -> NDArray[np.float64]:
    """Shares of a whole, scaled so that they add up to one."""
    shares = np.array([p[id] for id in ids])
    if not shares.sum() > 0.0:
        raise UsageError(f"{', '.join(ids)}: all are 0, so that there is nothing to share out")
    parts: NDArray[np.float64] = shares / shares.sum()
    return parts
