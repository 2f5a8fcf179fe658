"""Residents: one object per resident aged 15 and over (or per resident of the sample).

A resident is no volunteer, an episodic or a regular one. Traits are fixed until the resident moves
away and a newcomer takes the place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import mesa

from reference.draws import lower, upper
from sim.base.randomness import hash_key, threshold_of, unit

if TYPE_CHECKING:
    from reference.model import ReferenceModel
    from reference.wards import WardOffice

NONE, EPISODIC, REGULAR = "none", "episodic", "regular"
MOST_MOVES = 31
"""Newcomers are counted up to this number, which is part of the key of their traits."""
YOUNG_BANDS = 5
"""Age bands 0-4 are 15-19, 20-29, 30-39, 40-49, 50-64; band 5 is 65-74, band 6 is 75 and over."""


@dataclass
class Chances:
    """What is the same for all residents of the city in a month (limits: thresholds of draws)."""

    acceptance: list[float]  # by age band, relative to 50-74
    uninterested: float  # ratio of the start chance without interest
    weight_time: float  # how much of the chance to start each barrier takes
    weight_how: float
    weight_what: float
    time_limits: dict[tuple[str, bool], int]  # to quit for lack of time: (state, has no time)
    mismatch_limits: dict[str, list[int]]  # to quit by mismatch: state, then tenure in months
    step_up_limit: int  # episodic to regular
    step_down_limit: int  # regular to episodic
    activity_limit: int  # an episodic volunteer is active this month


class Resident(mesa.Agent):
    """One resident. ``channel`` says where opportunities come from: 0 other groups, 1-5 NPOs."""

    model: ReferenceModel

    def __init__(self, model: ReferenceModel, id: int, ward: WardOffice, age: int):
        super().__init__(model)
        self.id = id
        self.ward = ward
        self.age = age
        self.interested = False
        self.no_time = False
        self.knows_not_how = False
        self.knows_not_what = False
        self.digital = False
        self.channel = 0
        self.state = NONE
        self.tenure = 0  # months since the present volunteering started
        self.last_active: int | None = None  # month of the last activity
        self.moves = 0  # how often a newcomer has taken this place

    # April

    def is_replaced_by_newcomer(self) -> None:
        """Someone else lives here now: no local activity yet, new traits; ward and age stay."""
        self.moves = min(self.moves + 1, MOST_MOVES)
        self.state = NONE
        self.tenure = 0
        self.last_active = None
        self.draw_traits()

    def draw_traits(self) -> None:
        """Traits and channel, keyed by (resident, moves).

        Every trait has its exact prevalence. With a chance ("correlation") it is not taken from a
        uniform of its own but from one that all traits share: barriers where it is low, interest
        where it is high. So the interested have fewer barriers and barriers come together.
        """
        p = self.model.p
        key = self.model.draws.one("resident_traits", 0, self.id, self.moves)

        def u(number: int) -> float:
            return unit(hash_key(key, number))

        common = u(0)

        def has(number: int, prevalence: float) -> bool:
            value = u(1 + number)
            if u(11 + number) < p["participation.trait_correlation"]:
                value = 1.0 - common if number == 0 else common
            return value < prevalence

        self.interested = has(0, p["participation.interest"])
        self.no_time = has(1, p["participation.barrier_time_prevalence"])
        self.knows_not_how = has(2, p["participation.barrier_how_prevalence"])
        self.knows_not_what = has(3, p["participation.barrier_what_prevalence"])
        if self.age < YOUNG_BANDS:
            access = p["participation.digital_access_under_65"]
        elif self.age == YOUNG_BANDS:
            access = p["participation.digital_access_65_74"]
        else:
            access = p["participation.digital_access_75"]
        self.digital = u(5) < access
        self.channel = self._channel(u(6))

    def _channel(self, u: float) -> int:
        """A field with chance pool share x share of the field, else other groups (0)."""
        edge = 0.0
        for field, share in enumerate(self.model.field_share, start=1):
            edge += self.model.p["participation.npo_pool_share"] * share
            if u < edge:
                return field
        return 0

    # every month

    def live_a_month(self, start: int, quit: int, change: int, active: int) -> None:
        """One month with the resident's four draws. Who quits cannot start again before the next.

        Who volunteers may leave, else perhaps changes between episodic and regular and is active
        or not. Who does not may start. All are counted in their ward.
        """
        if self.state == NONE:
            self._perhaps_start(start)
        else:
            self._volunteer(quit, change, active)
        counts = self.ward.counts
        if self.took_part():
            counts.participants += 1
        if self.state == NONE and self.interested and self.knows_not_how:
            counts.referrable += 1

    def took_part(self) -> bool:
        """Whether the resident was active in the last twelve months, the present one included."""
        return self.last_active is not None and self.last_active > self.model.month - 12

    def _perhaps_start(self, draw: int) -> None:
        """Start by oneself (upper half of the draw) or referred by a desk (lower half)."""
        counts = self.ward.counts
        starts = upper(draw) < threshold_of(self.chance_to_start())
        could_be_referred = self.interested and self.knows_not_how
        referred = could_be_referred and lower(draw) < self.ward.referral_limit
        if not starts and not referred:
            return
        if not starts:
            counts.referred += 1
        self.state = EPISODIC
        self.tenure = 0
        self.last_active = self.model.month
        counts.starts += 1
        counts.episodic += 1
        counts.active += 1

    def chance_to_start(self) -> float:
        """Meets an opportunity x accepts it x finds a place x overcomes each barrier.

        Relief of a barrier (by measures) works only where the resident's opportunities come from;
        relief of "no time" is online, so it needs digital access.
        """
        ward, chances, channel = self.ward, self.model.chances, self.channel
        chance = ward.target * chances.acceptance[self.age] * ward.room[channel]
        if not self.interested:
            chance *= chances.uninterested
        if self.no_time:
            relief = ward.effects.relief_time[channel] if self.digital else 0.0
            chance *= 1.0 - chances.weight_time * (1.0 - relief)
        if self.knows_not_how:
            chance *= 1.0 - chances.weight_how * (1.0 - ward.effects.relief_how[channel])
        if self.knows_not_what:
            chance *= 1.0 - chances.weight_what * (1.0 - ward.effects.relief_what[channel])
        return chance

    def _volunteer(self, quit: int, change: int, active: int) -> None:
        """Three competing causes to quit, each with a draw of its own, then the step, then action.

        Load weighs on those who volunteer through NPOs when the ward's NPOs are short of people;
        mismatch with expectations fades with the months of volunteering.
        """
        counts, chances = self.ward.counts, self.model.chances
        self.tenure += 1
        mismatch_limits = chances.mismatch_limits[self.state]
        months = min(self.tenure, len(mismatch_limits) - 1)
        by_load = upper(quit) < self.ward.load_limits[self.state, self.channel > 0]
        by_time = lower(quit) < chances.time_limits[self.state, self.no_time]
        by_mismatch = upper(change) < mismatch_limits[months]
        if by_load or by_time or by_mismatch:
            self.state = NONE
            self.tenure = 0
            counts.quits += 1
            counts.quit_load += by_load
            counts.quit_time += by_time
            counts.quit_mismatch += by_mismatch
            return
        if self.state == EPISODIC:
            if lower(change) < chances.step_up_limit:
                self.state = REGULAR
        elif lower(change) < chances.step_down_limit:
            self.state = EPISODIC
        if self.state == REGULAR:
            counts.regular += 1
            acts = True
        else:
            counts.episodic += 1
            acts = upper(active) < chances.activity_limit
        if acts:
            self.last_active = self.model.month
            counts.active += 1
