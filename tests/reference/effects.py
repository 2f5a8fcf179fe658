"""How measures change rates: amounts that are added to named rates, never outcomes.

Every ward office, NPO and project, and the city as a whole, carries the effects of this month. They
are wiped at the start of a month; initiatives then add to them; the processes read them. Each rate
says how several effects combine, chosen so that the order of initiatives cannot matter:

- *log*: an effect "x 1.4" adds ln 1.4. Two of them multiply.
- *log-odds*: shifts the odds of a chance, so a chance stays between 0 and 1.
- *chance*: several chances that one thing happens: 1 - (1 - a)(1 - b), see `either`.
- *attenuated log-odds* (success of projects): see `ProjectEffects`.
- *sum*: plain numbers add.

0 always means "no effect". (Initiatives are applied in the order of their ids, so that even
rounding is the same in every run.)
"""

from __future__ import annotations

from dataclasses import dataclass, field

CHANNELS = 6
"""Other groups (0) and the five fields (1 to 5)."""


def either(present: float, more: float) -> float:
    """The chance that at least one of two independent things happens."""
    return 1.0 - (1.0 - present) * (1.0 - more)


def _none() -> list[float]:
    return [0.0] * CHANNELS


@dataclass
class WardEffects:
    """Effects on one ward. Relief: the share of a barrier that is lifted, by channel."""

    lead_time: float = 0.0  # log: months from proposal to start
    admin_minutes: float = 0.0  # log: administrative officer minutes of a project
    renewal: float = 0.0  # log-odds: continuation in April
    proposals: float = 0.0  # log: proposals of NPOs and of the ward office
    repair: float = 0.0  # log: chance that a failing project is improved
    referral: float = 0.0  # sum: residents a month who join because a desk refers them
    relief_time: list[float] = field(default_factory=_none)  # chance: barrier "no time"
    relief_how: list[float] = field(default_factory=_none)  # chance: barrier "know not how"
    relief_what: list[float] = field(default_factory=_none)  # chance: barrier "know not what"


@dataclass
class NpoEffects:
    """Effects on one NPO."""

    business_income: float = 0.0  # log
    fees: float = 0.0  # log: membership fees and donations
    admin_minutes: float = 0.0  # log: the NPO's own administrative work
    diversification: float = 0.0  # log: 1 - Herfindahl index of its income streams
    capability: float = 0.0  # sum: gained this month, standard deviations between NPOs
    online: float = 0.0  # chance: takes up online services this month
    successor: float = 0.0  # chance: a successor is prepared this month
    ties: float = 0.0  # log: rate at which regular cooperation starts


@dataclass
class ProjectEffects:
    """Effects on one project, added in March before projects are judged."""

    success_sum: float = 0.0
    success_strongest: float = 0.0
    participants: float = 0.0  # log
    rating: float = 0.0  # log-odds: the partner is satisfied

    def add_success(self, amount: float) -> None:
        """Add a log-odds effect on the chance to solve the problem."""
        self.success_sum += amount
        self.success_strongest = max(self.success_strongest, amount)

    def success(self, attenuation: float) -> float:
        """Log-odds of success: overlapping treatments keep a share of their sum (C045).

        But never less than the strongest of them alone: a second treatment does no harm.
        """
        if self.success_sum > 0.0:
            return max(self.success_strongest, attenuation * self.success_sum)
        return self.success_sum


@dataclass
class CityEffects:
    """Effects on all intermediaries together."""

    consultations: float = 0.0  # log: their capacity
    consultation_demand: float = 0.0  # log: how many NPOs are their clients
