"""NPO corporations: one object each, all of them, and those that will be founded later.

What an NPO does in a month stands in `organisation` (money, people, services, ties, capability) and
`succession` (leaders and survival). Attributes come from the population that `start` hands over.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import mesa

from reference.effects import NpoEffects

if TYPE_CHECKING:
    from reference.model import ReferenceModel
    from reference.wards import WardOffice

FUTURE, ACTIVE, DORMANT, CLOSED = "future", "active", "dormant", "closed"
STAFF_TRAIT = 3
"""Number of the trait "rounding of staff" among the draws of fixed traits."""


class Npo(mesa.Agent):
    """One NPO. Months of events are None until the event happens."""

    model: ReferenceModel
    id: int
    ward: WardOffice
    field: int  # main field of activity, 0 to 4
    founded: int  # month
    status: str  # future, active, dormant, closed
    dormant_since: int | None
    large: bool  # above the large income: keeps its size, does not close
    income_level: float  # ln of its own yearly income
    level_yen: float  # the same in yen
    income_deviation: float  # present deviation of ln income from the level
    share_business: float  # of the level
    share_fees: float
    share_public: float
    reserve_target: float  # months of income
    reserves: int  # yen
    income_year: int  # yen in this fiscal year so far
    business_year: int
    spending_year: int
    income_last_year: int
    business_last_year: int
    deficit: bool  # spent more than its income in the last fiscal year
    short_funds: bool
    staff: int  # full-time
    volunteer_weight: float  # its share of the volunteers of its ward and field, relative
    volunteers_reference: float  # volunteers that it is used to
    volunteers: float  # now
    people_need: float  # relative to what it is used to
    short_people: bool
    capability: float  # standard deviations between NPOs
    homepage: bool  # context only: no rule reads website, social media or certification
    sns: bool
    online: bool  # offers services online
    certified: bool
    wants_ties: bool  # cooperates with others or wants to
    cooperates: bool
    client: bool  # user of intermediaries this fiscal year
    client_last_year: bool  # had a consultation in the last one
    consulted: bool  # had one in this one
    trust: float  # between the NPO and its ward office
    leader_age: int
    leader_number: int  # leaders since the start
    leader_wear: float  # cumulative exit hazard of the present leader
    leader_limit: float  # at this wear the leader leaves
    prepared: bool  # a successor is prepared
    active_1: bool  # was active in March one year before
    active_2: bool
    active_3: bool
    has_project: bool  # leads a running project
    registered: bool  # in the management system (1.1)
    course: int | None  # last course of the digital support programme (1.2)
    first_course: int | None
    centre: int | None  # first use of the support centre (2.1)
    funding: int | None  # first fundraising support (2.5)
    network: int | None  # joined a field network (3.2)

    def __init__(self, model: ReferenceModel, attributes: Mapping[str, Any]):
        super().__init__(model)
        for name, value in attributes.items():
            setattr(self, name, value)
        self.effects = NpoEffects()

    @property
    def is_active(self) -> bool:
        """Founded, not dormant, not closed."""
        return self.status == ACTIVE

    @property
    def size(self) -> float:
        """ln income relative to the mean of all NPOs."""
        return self.income_level - self.model.mean_log_income


def mean_log_income(p: Mapping[str, float]) -> float:
    """Mean of ln income: the log-normal that has two documented facts (C030).

    Its mean is total / number, and the documented share lies below the "small" income. With z the
    normal quantile of that share, sd = z + sqrt(z^2 - 2 ln(small / mean)).
    """
    z = NormalDist().inv_cdf(p["organisation.small_share"])
    average = p["organisation.income_total"] / p["organisation.npo_count"]
    sd = z + math.sqrt(z**2 - 2.0 * math.log(p["organisation.small_income"] / average))
    return math.log(average) - sd**2 / 2.0


def uptake_tilts(npos: Sequence[Npo], p: Mapping[str, float]) -> list[float]:
    """How much likelier than the average active NPO each takes part in support.

    Larger NPOs and those online hear of programmes first; without this, equity is assumed away.
    (The average is summed in the order of the NPOs; the fast model adds in pairs, which differs in
    the last digit only.)
    """
    tilts = [
        math.exp(p["uptake.size_slope"] * npo.size + p["uptake.online_slope"] * npo.online)
        for npo in npos
    ]
    total, number = 0.0, 0
    for npo, tilt in zip(npos, tilts, strict=True):
        if npo.is_active:
            total += tilt
            number += 1
    average = total / number if number else 1.0
    return [tilt / average for tilt in tilts]
