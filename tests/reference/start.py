"""From the fast model's columns to agents: the only file, beside `compare`, that knows columns.

How the population is *made* (ward and age totals, quantile incomes, features of wards) is not
rewritten here: it is data for both models, and tested on its own. Everything that happens later in
a month, also the traits that a newcomer draws, is.

Codes of the columns are those of docs/odd.md, section 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reference.books import Ledger, Money, YearCounts
from reference.intermediaries import Intermediary
from reference.npos import ACTIVE, CLOSED, DORMANT, FUTURE, Npo
from reference.projects import (
    ACCEPTED,
    COHOST,
    CONTRACT,
    COOPERATION,
    OVER,
    PROPOSED,
    RUNNING,
    SUBSIDY,
    Project,
)
from reference.residents import EPISODIC, NONE, REGULAR, Resident
from reference.wards import FIELDS, NpoCounts, ResidentCounts, WardOffice

if TYPE_CHECKING:
    from reference.model import ReferenceModel
    from sim.model.agents.frame import AgentFrame
    from sim.model.agents.world import World

RESIDENT_STATES = (NONE, EPISODIC, REGULAR)
NPO_STATUS = (FUTURE, ACTIVE, DORMANT, CLOSED)
STAGES = (PROPOSED, ACCEPTED, RUNNING, OVER)
FORMS = (CONTRACT, SUBSIDY, COHOST, COOPERATION)
NEVER = -30000

RESIDENT_COUNTS = (
    "episodic",
    "regular",
    "active",
    "participants",
    "starts",
    "quit_load",
    "quit_time",
    "quit_mismatch",
    "quits",
    "referrable",
    "referred",
)
NPO_COUNTS = ("active", "short_people", "short_funds", "online", "cooperate", "unprepared")
NPO_EVENTS = (
    "leader_exits",
    "failed_successions",
    "dormancies",
    "closures",
    "revivals",
    "entries",
)
WARD_COLUMNS = (
    "code",
    "population",
    "staff",
    "department",
    "evaluates",
    "uses_evaluation",
    "digital_collaboration",
    "digital_support",
    "minutes_capacity",
    "minutes_used",
    "minutes_booked",
    "commissions",
    "satisfaction",
    "solve_rate",
    "solved",
    "evaluating_new",
    "solved_reference",
    "trust",
)
NPO_MONTHS = ("dormant_since", "course", "first_course", "centre", "funding", "network")
"""Columns with the month of an event, NEVER where it has not happened."""
PROJECT_COLUMNS = (
    "budget",
    "proposed",
    "start",
    "ran_before",
    "made_model",
    "months",
    "ending",
    "partners",
    "frailty",
    "participants_base",
    "participants",
    "coordinated_before",
    "modelled_before",
    "coordinator",
    "online",
    "outcome_based",
    "multi_party",
    "entrant",
)
"""Columns that have the same name and meaning in `Project`."""


def columns(frame: AgentFrame) -> dict[str, list[Any]]:
    """The columns of a frame as lists of plain Python values; flags as True or False."""
    found = {}
    for column in frame.columns:
        values = frame.values(column.name).tolist()
        found[column.name] = [bool(v) for v in values] if column.unit == "flag" else values
    return found


def rows(frame: AgentFrame) -> list[dict[str, Any]]:
    """Every agent of a frame, attributes by name."""
    by_name = columns(frame)
    return [dict(zip(by_name, row, strict=True)) for row in zip(*by_name.values(), strict=True)]


def ward_offices(model: ReferenceModel, world: World) -> list[WardOffice]:
    """The 23 ward offices with the statistics of the last month."""
    offices = []
    for index, row in enumerate(rows(world.wards)):
        office = WardOffice(model, index)
        for name in WARD_COLUMNS:
            setattr(office, name, row[name])
        by_resident = world.residents_by_ward[index].tolist()
        office.counts = ResidentCounts(**dict(zip(RESIDENT_COUNTS, by_resident, strict=True)))
        by_npo = world.npos_by_ward[index].tolist()
        office.npo_counts = NpoCounts(**dict(zip(NPO_COUNTS, by_npo, strict=True)))
        office.room = [1.0, *world.absorbed[index].tolist()]
        office.pool_weight = world.pool_weight[index].tolist()
        office.solved_before = world.solved_before[index].item()
        assert len(office.pool_weight) == FIELDS
        offices.append(office)
    return offices


def intermediaries(model: ReferenceModel, world: World) -> list[Intermediary]:
    """The intermediaries, each with a desk in a ward."""
    return [
        Intermediary(
            model,
            index,
            model.wards[row["ward"]],
            row["with_government"],
            row["coordinator"],
            row["capacity"],
            row["consultations"],
        )
        for index, row in enumerate(rows(world.intermediaries))
    ]


def last_active_months(world: World) -> list[int | None]:
    """The month of each resident's last activity, None where it is a year ago or more, or never.

    The one place that reads the activity of residents from its column: months since then at the end
    of last month, 12 for as many or more.
    """
    inactive: list[int] = world.residents.inactive.tolist()
    return [None if months == 12 else world.month - 1 - months for months in inactive]


def residents(model: ReferenceModel, world: World) -> list[Resident]:
    """Residents by id, which is their place in the columns."""
    columns = world.residents
    made = []
    for id, (ward, age, traits, channel, state, tenure, moves, last_active) in enumerate(
        zip(
            columns.ward.tolist(),
            columns.age.tolist(),
            columns.traits.tolist(),
            columns.channel.tolist(),
            columns.state.tolist(),
            columns.tenure.tolist(),
            columns.moves.tolist(),
            last_active_months(world),
            strict=True,
        )
    ):
        resident = Resident(model, id, model.wards[ward], age)
        resident.interested = bool(traits & 1)
        resident.no_time = bool(traits & 2)
        resident.knows_not_how = bool(traits & 4)
        resident.knows_not_what = bool(traits & 8)
        resident.digital = bool(traits & 16)
        resident.channel = channel
        resident.state = RESIDENT_STATES[state]
        resident.tenure = tenure
        resident.moves = moves
        resident.last_active = last_active
        resident.ward.residents += 1
        made.append(resident)
    return made


def npos(model: ReferenceModel, world: World) -> list[Npo]:
    """All NPOs in the order of their rows: the present ones and all that will be founded."""
    made = []
    for row in rows(world.npos):
        row["ward"] = model.wards[row["ward"]]
        row["status"] = NPO_STATUS[row["status"]]
        for name in NPO_MONTHS:
            row[name] = None if row[name] == NEVER else row[name]
        declared = Npo.__annotations__.keys() - {"model"}
        if row.keys() != declared:
            raise ValueError(f"attributes of NPOs: {row.keys() ^ declared}")
        made.append(Npo(model, row))
    return made


def projects(model: ReferenceModel, world: World) -> list[Project]:
    """Projects in the order of the list."""
    made = []
    for row in rows(world.projects):
        project = Project(model, row["id"], model.npos[row["lead"]])
        for name in PROJECT_COLUMNS:
            setattr(project, name, row[name])
        project.form = FORMS[row["form"]]
        project.stage = STAGES[row["stage"]]
        project.solved = None if row["solved"] < 0 else row["solved"] == 1
        project.model_number = None if row["model"] < 0 else row["model"]
        project.imitates = None if row["imitates"] < 0 else row["imitates"]
        made.append(project)
    return made


def year_counts(world: World) -> tuple[YearCounts, YearCounts]:
    """Counts of this fiscal year so far, and of the last one."""
    counts = []
    for of_year in (world.year, world.last_year):
        year = YearCounts()
        for item, by_ward in of_year.items():
            year.rows[item] = by_ward.tolist()
        counts.append(year)
    return counts[0], counts[1]


def ledger(world: World) -> Ledger:
    """Deliveries, stocks and costs of this fiscal year so far."""
    copy = Ledger()
    copy.flows.update({item: row.tolist() for item, row in world.ledger.flows.items()})
    copy.stocks.update({item: row.tolist() for item, row in world.ledger.stocks.items()})
    copy.yen.update(world.ledger.yen)
    return copy


def money(world: World) -> Money:
    """The ledger of the NPOs' cash."""
    income, spending, endowed, written_off = world.money.tolist()
    return Money(income, spending, endowed, written_off)


def npo_events(world: World) -> dict[str, int]:
    """Events in the life of NPOs since the start."""
    return dict(zip(NPO_EVENTS, world.npo_events.sum(axis=0).tolist(), strict=True))
