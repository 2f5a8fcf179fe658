"""Are the two models in the same state? Every attribute of every agent, every count and ledger.

Whole numbers, flags and states must be equal; floats to 1e-9, relative or absolute, because the
last digit of a logarithm or of a long sum may differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from reference.books import WARDS
from reference.start import (
    FORMS,
    NEVER,
    NPO_COUNTS,
    NPO_EVENTS,
    NPO_MONTHS,
    NPO_STATUS,
    PROJECT_COLUMNS,
    RESIDENT_COUNTS,
    RESIDENT_STATES,
    STAGES,
    WARD_COLUMNS,
    columns,
)
from reference.wards import FIELDS

if TYPE_CHECKING:
    from reference.model import ReferenceModel
    from sim.model.agents.world import World

TOLERANCE = 1e-9
MOST_TENURE = 128
"""Longer tenures count as this."""
MONEY = ("income", "spending", "endowed", "written_off")


@dataclass(frozen=True)
class Difference:
    """One attribute of one agent (or one entry of the books) that differs after a month."""

    kind: str
    id: int | str
    attribute: str
    month: int
    fast: Any
    reference: Any

    def __str__(self) -> str:
        return (
            f"month {self.month}: {self.kind} {self.id} {self.attribute}: "
            f"fast {self.fast!r}, reference {self.reference!r}"
        )


class Pair(NamedTuple):
    """One attribute of all agents of a kind: their ids and the values of both models."""

    kind: str
    ids: Sequence[int | str]
    attribute: str
    fast: Sequence[Any]
    reference: Sequence[Any]


Part = Callable[["World", "ReferenceModel"], Iterator[Pair]]


def differences(world: World, model: ReferenceModel) -> list[Difference]:
    """All differences between the two after the same number of months; empty if equal."""
    parts = (_numbers, _wards, _intermediaries, _npos, _projects, _residents, _books)
    return list(_differing(world, model, parts, world.month - 1))


def differences_at_record(world: World, model: ReferenceModel) -> list[Difference]:
    """The same inside a month, when the fast model records, before March closes the year.

    Residents are left out. Deliveries of March and projects that end are only seen here.
    """
    parts = (_numbers, _wards, _intermediaries, _npos, _projects, _books)
    return list(_differing(world, model, parts, world.month))


def _differing(
    world: World, model: ReferenceModel, parts: Sequence[Part], month: int
) -> Iterator[Difference]:
    for part in parts:
        for kind, ids, attribute, fast, reference in part(world, model):
            if fast == reference:  # most are, to the last digit
                continue
            for id, one, other in zip(ids, fast, reference, strict=True):
                if not equal(one, other):
                    yield Difference(kind, id, attribute, month, one, other)


def equal(fast: Any, reference: Any) -> bool:
    """Floats to the tolerance, all else exactly."""
    if isinstance(fast, float) and isinstance(reference, float | int):
        return math.isclose(fast, reference, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(fast == reference)


def _numbers(world: World, model: ReferenceModel) -> Iterator[Pair]:
    names = ("month", "budget_limit", "npos", "residents", "projects")
    fast = [world.month, world.budget_limit, world.npos.n, world.residents.n, world.projects.n]
    own = [
        model.month,
        model.budget_limit,
        len(model.npos),
        len(model.residents),
        len(model.projects),
    ]
    yield Pair("model", names, "value", fast, own)


def _wards(world: World, model: ReferenceModel) -> Iterator[Pair]:
    wards, ids, fast = model.wards, range(len(model.wards)), columns(world.wards)
    for name in WARD_COLUMNS:
        yield Pair("ward", ids, name, fast[name], [getattr(w, name) for w in wards])
    for k, name in enumerate(RESIDENT_COUNTS):
        own = [getattr(ward.counts, name) for ward in wards]
        yield Pair("ward", ids, f"residents {name}", world.residents_by_ward[:, k].tolist(), own)
    for k, name in enumerate(NPO_COUNTS):
        own = [getattr(ward.npo_counts, name) for ward in wards]
        yield Pair("ward", ids, f"npos {name}", world.npos_by_ward[:, k].tolist(), own)
    for field in range(FIELDS):
        weights, rooms = world.pool_weight[:, field].tolist(), world.absorbed[:, field].tolist()
        yield Pair("ward", ids, f"weight {field}", weights, [w.pool_weight[field] for w in wards])
        yield Pair("ward", ids, f"room {field}", rooms, [w.room[1 + field] for w in wards])
    before = world.solved_before.tolist()
    yield Pair("ward", ids, "solved_before", before, [w.solved_before for w in wards])
    number = world.residents.in_ward.tolist()
    yield Pair("ward", ids, "number of residents", number, [w.residents for w in wards])


def _intermediaries(world: World, model: ReferenceModel) -> Iterator[Pair]:
    desks, ids = model.intermediaries, range(len(model.intermediaries))
    for name, values in columns(world.intermediaries).items():
        own = [desk.ward.index if name == "ward" else getattr(desk, name) for desk in desks]
        yield Pair("intermediary", ids, name, values, own)


def _npos(world: World, model: ReferenceModel) -> Iterator[Pair]:
    for name, values in columns(world.npos).items():
        own = [getattr(npo, name) for npo in model.npos]
        if name == "ward":
            own = [ward.index for ward in own]
        elif name == "status":
            values = [NPO_STATUS[status] for status in values]
        elif name in NPO_MONTHS:
            values = [None if month == NEVER else month for month in values]
        yield Pair("npo", model.npo_ids, name, values, own)


def _projects(world: World, model: ReferenceModel) -> Iterator[Pair]:
    fast, own = columns(world.projects), model.projects
    own_ids = [project.id for project in own]
    if fast["id"] != own_ids:
        # another list, or another order: attributes of different projects are not compared
        ids = sorted(set(fast["id"]) | set(own_ids))
        places, own_places = ({id: k for k, id in enumerate(x)} for x in (fast["id"], own_ids))
        yield Pair(
            "project",
            ids,
            "place in the list",
            [places.get(id) for id in ids],
            [own_places.get(id) for id in ids],
        )
        return

    def pair(name: str, values: Sequence[Any], others: Sequence[Any]) -> Pair:
        return Pair("project", own_ids, name, values, others)

    yield pair("ward", fast["ward"], [project.ward.index for project in own])
    leads = world.npos.id[world.projects.lead].tolist()
    yield pair("lead", leads, [project.lead.id for project in own])
    yield pair("form", [FORMS[form] for form in fast["form"]], [project.form for project in own])
    yield pair("stage", [STAGES[stage] for stage in fast["stage"]], [p.stage for p in own])
    for name, numbers in (
        ("solved", [project.solved for project in own]),
        ("model", [project.model_number for project in own]),
        ("imitates", [project.imitates for project in own]),
    ):
        yield pair(name, fast[name], [-1 if n is None else int(n) for n in numbers])
    for name in PROJECT_COLUMNS:
        yield pair(name, fast[name], [getattr(project, name) for project in own])


def _activity(world: World, model: ReferenceModel) -> tuple[list[int], list[int]]:
    """The fast model's column of residents' activity, and what should stand in it.

    The one place that compares it: months since the last activity, 12 for as many or more.
    """
    last = [resident.last_active for resident in model.residents]
    own = [12 if month is None else min(12, world.month - 1 - month) for month in last]
    return world.residents.inactive.tolist(), own


def _residents(world: World, model: ReferenceModel) -> Iterator[Pair]:
    fast, own, ids = world.residents, model.residents, model.resident_ids
    traits = [
        1 * r.interested
        + 2 * r.no_time
        + 4 * r.knows_not_how
        + 8 * r.knows_not_what
        + 16 * r.digital
        for r in own
    ]
    states = [RESIDENT_STATES[state] for state in fast.state.tolist()]
    tenures = [min(MOST_TENURE, tenure) for tenure in fast.tenure.tolist()]
    yield Pair("resident", ids, "ward", fast.ward.tolist(), [r.ward.index for r in own])
    yield Pair("resident", ids, "age", fast.age.tolist(), [r.age for r in own])
    yield Pair("resident", ids, "traits", fast.traits.tolist(), traits)
    yield Pair("resident", ids, "channel", fast.channel.tolist(), [r.channel for r in own])
    yield Pair("resident", ids, "state", states, [r.state for r in own])
    yield Pair("resident", ids, "tenure", tenures, [min(MOST_TENURE, r.tenure) for r in own])
    yield Pair("resident", ids, "moves", fast.moves.tolist(), [r.moves for r in own])
    yield Pair("resident", ids, "last activity", *_activity(world, model))


def _books(world: World, model: ReferenceModel) -> Iterator[Pair]:
    fast, own = world.ledger, model.ledger
    yield from _by_ward("flow", {item: row.tolist() for item, row in fast.flows.items()}, own.flows)
    stocks = {item: row.tolist() for item, row in fast.stocks.items()}
    yield from _by_ward("stock", stocks, own.stocks)
    costs = sorted(fast.yen.keys() | own.yen.keys())
    yield Pair(
        "ledger",
        costs,
        "yen",
        [fast.yen.get(what, 0) for what in costs],
        [own.yen.get(what, 0) for what in costs],
    )
    for title, counts, others in (
        ("year", world.year, model.year.rows),
        ("last year", world.last_year, model.last_year.rows),
    ):
        fast_rows = {item: row.tolist() for item, row in counts.items()}
        yield from _by_ward(title, fast_rows, others)
    events = [model.events[event] for event in NPO_EVENTS]
    yield Pair(
        "events", NPO_EVENTS, "since the start", world.npo_events.sum(axis=0).tolist(), events
    )
    money = [getattr(model.money, name) for name in MONEY]
    yield Pair("money", MONEY, "yen", world.money.tolist(), money)


def _by_ward(
    title: str, fast: Mapping[str, Sequence[Any]], own: Mapping[str, Sequence[Any]]
) -> Iterator[Pair]:
    """Entries by ward; an entry that was never made is zero."""
    nothing = [0] * WARDS
    for item in sorted(fast.keys() | own.keys()):
        yield Pair(title, range(WARDS), item, fast.get(item, nothing), own.get(item, nothing))
