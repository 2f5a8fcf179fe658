"""The 23 ward offices. Each also keeps the statistics of its ward."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mesa

from reference.effects import WardEffects

if TYPE_CHECKING:
    from reference.model import ReferenceModel

FIELDS = 5


@dataclass
class ResidentCounts:
    """The ward's residents in the last finished month (numbers of simulated residents)."""

    episodic: int = 0  # episodic volunteers
    regular: int = 0  # regular volunteers
    active: int = 0  # took part in something this month
    participants: int = 0  # took part in the last twelve months
    starts: int = 0
    quits: int = 0
    quit_load: int = 0  # several causes may be met at once
    quit_time: int = 0
    quit_mismatch: int = 0
    referrable: int = 0  # no volunteer, interested, knows not how: a desk could refer them
    referred: int = 0  # started because a desk referred them


@dataclass
class NpoCounts:
    """The ward's active NPOs in the last finished month."""

    active: int = 0
    short_people: int = 0
    short_funds: int = 0
    online: int = 0
    cooperate: int = 0
    unprepared: int = 0  # without a prepared successor


class WardOffice(mesa.Agent):
    """One ward office: features, officers' time, trust with its NPOs, and its ward's numbers."""

    model: ReferenceModel
    code: int  # standard area code
    population: int  # residents aged 15 and over
    staff: int  # general administration staff
    department: bool  # has a department for co-production at the start
    evaluates: bool  # evaluates projects at the start
    uses_evaluation: bool  # uses the results in the next year
    digital_collaboration: bool
    digital_support: bool
    minutes_capacity: int  # officer minutes a year for co-production
    minutes_used: int  # officer minutes a year that the running projects take
    minutes_booked: int  # officer minutes since the start
    commissions: float  # commissions a year that the office proposes, on average
    satisfaction: float  # share of residents satisfied in the last survey
    solve_rate: float  # share of judged projects that solved their problem last year
    solved: float  # their number
    evaluating_new: bool  # started to evaluate by initiative 1.5
    solved_reference: float  # solved projects expected at the baseline
    trust: float  # mean trust of its NPOs with a running project

    def __init__(self, model: ReferenceModel, index: int):
        super().__init__(model)
        self.index = self.id = index
        self.residents = 0  # simulated residents of the ward
        self.counts = ResidentCounts()
        self.npo_counts = NpoCounts()
        self.solved_before = 0.0  # projects solved from April 2024 to the last fiscal year
        # by channel: the share of volunteers for whom NPOs had a place last month (0: other groups)
        self.room = [1.0] * (1 + FIELDS)
        # by field: the sum of the volunteer weights of the active NPOs
        self.pool_weight = [0.0] * FIELDS
        self.effects = WardEffects()

        # this month's chances of its residents, see `participation`
        self.target = 0.0
        self.referral_limit = 0
        self.load_limits: dict[tuple[str, bool], int] = {}

    def minutes_of_a_project(self) -> int:
        """Officer minutes that a project takes a year; only the administrative part can shrink."""
        p = self.model.p
        admin = p["collaboration.admin_share"]
        factor = math.exp(self.effects.admin_minutes)
        minutes = p["collaboration.minutes_per_project"] * (1.0 - admin + admin * factor)
        return math.floor(minutes)

    def book_minutes(self, month: int) -> None:
        """A twelfth of the year's minutes, in whole minutes so that twelve add up to the year."""
        m = month % 12
        self.minutes_booked += self.minutes_used * (m + 1) // 12 - self.minutes_used * m // 12
