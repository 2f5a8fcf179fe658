"""The model's month on one page: the ordered table of phases.

Every phase is a plain function of the month's context. April opens the fiscal year, March closes
it; in between all phases run every month, in this order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.measures import Initiative
from sim.model.processes import collaboration, organisation, participation, satisfaction, succession

When = Literal["April", "every month", "March"]


@dataclass
class Month:
    """What the phases of a month work on. ``record`` is called before the year closes."""

    world: World
    board: EffectBoard
    initiatives: list[Initiative]
    record: Callable[[], None]
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Phase:
    """One row of the schedule: when it runs, what it does, the function."""

    id: str
    when: When
    what: str
    run: Callable[[Month], None]

    def due(self, world: World) -> bool:
        """Whether the phase runs in the present month."""
        if self.when == "April":
            return world.is_april
        return self.when == "every month" or world.is_march


def measures(m: Month) -> None:
    """Initiatives treat agents, then add their effects to the named rates, in order of ids."""
    m.board.clear()
    for initiative in m.initiatives:
        if initiative.running(m.world.month):
            initiative.deliver(m.world, m.board)
    for initiative in m.initiatives:
        if initiative.setting.start <= m.world.month:
            initiative.keep_stocks(m.world)
            initiative.apply(m.world, m.board)


def measures_on_projects(m: Month) -> None:
    """Initiatives add their effects on the running projects, before these are judged."""
    for initiative in m.initiatives:
        if initiative.setting.start <= m.world.month:
            initiative.apply_to_projects(m.world, m.board)


# fmt: off
PHASES: tuple[Phase, ...] = (
    Phase("measures", "every month", "initiatives deliver and change named rates", measures),
    Phase("books", "April", "last year's income and deficits; staff; clients of intermediaries",
          lambda m: organisation.close_books(m.world, m.board)),
    Phase("leaders", "April", "leaders are a year older",
          lambda m: succession.age_leaders(m.world)),
    Phase("tracking", "April", "memory of who was active one, two, three years before",
          lambda m: succession.remember_active(m.world)),
    Phase("moves", "April", "residents move; newcomers have no local activity yet",
          lambda m: participation.move_residents(m.world)),
    Phase("rotation", "April", "officers change post; the officer part of trust starts anew",
          lambda m: satisfaction.rotate_officers(m.world)),
    Phase("proposals", "April", "NPOs and ward offices draw the year's proposals",
          lambda m: collaboration.propose(m.world, m.board)),
    Phase("participation", "every month", "residents start, stay, change, quit",
          lambda m: participation.participate(m.world, m.board)),
    Phase("organisation", "every month", "NPOs' money, people, online services, ties, capability",
          lambda m: organisation.organise(m.world, m.board)),
    Phase("succession", "every month", "successors, leaders, dormancy, closure, entries",
          lambda m: succession.succeed(m.world, m.board)),
    Phase("consultations", "every month", "clients ask, intermediaries serve up to capacity",
          lambda m: organisation.consult(m.world, m.board)),
    Phase("decisions", "every month", "ward offices accept or refuse the month's proposals",
          lambda m: collaboration.decide(m.world, m.board)),
    Phase("starts", "every month", "accepted projects start within officer hours and budget",
          lambda m: collaboration.start(m.world, m.board)),
    Phase("activity", "every month", "projects run; minutes and money are booked",
          lambda m: collaboration.run_month(m.world)),
    Phase("trust_reverts", "every month", "trust without a project returns to the ward's mean",
          lambda m: satisfaction.revert_trust(m.world)),
    Phase("measures_on_projects", "March", "initiatives change projects' success and participants",
          measures_on_projects),
    Phase("judgement", "March", "projects solve their problem, are repaired, or fail",
          lambda m: satisfaction.judge(m.world, m.board)),
    Phase("trust_learns", "March", "trust follows the outcomes",
          lambda m: satisfaction.learn_trust(m.world)),
    Phase("renewal", "March", "which projects go on in April",
          lambda m: collaboration.renew(m.world, m.board)),
    Phase("partner_survey", "March", "NPOs with projects and partners of ended ones are asked",
          lambda m: satisfaction.ask_partners(m.world, m.board)),
    Phase("resident_survey", "March", "residents are asked about local problem solving",
          lambda m: satisfaction.ask_residents(m.world)),
    Phase("record", "every month", "the indicators of the fiscal year, or of the month",
          lambda m: m.record()),
    Phase("year_end", "March", "ending projects leave the list; the year's counts are closed",
          lambda m: collaboration.close_year(m.world, m.board)),
)
# fmt: on
