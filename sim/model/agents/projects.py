"""Co-production projects in columns: proposals that wait and projects that run.

The id is made of the lead NPO, the fiscal year of the proposal and a slot, never of a start month
or a running count, so a measure that adds proposals leaves all other ids and their draws alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.base.randomness import KeyedRandom
from sim.model.agents.frame import AgentFrame, Column

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTRACT, SUBSIDY, COHOST, COOPERATION = 0, 1, 2, 3
FORMS = ("contract", "subsidy", "cohost", "cooperation")
PROPOSED, ACCEPTED, RUNNING, OVER = 0, 1, 2, 3
FIRST_YEAR = 1900
COMMISSION_SLOT, IMITATION_SLOT, MAX_SLOTS = 2, 60_000, 65_536
TRAIT_FRAILTY, TRAIT_PARTICIPANTS, TRAIT_PARTNERS, TRAIT_FORM, TRAIT_BUDGET = 0, 1, 2, 3, 4
TRAIT_MONTH, TRAIT_LEAD_TIME, TRAIT_COORDINATED, TRAIT_MODELLED = 5, 6, 7, 8

COLUMNS = (
    Column("id", "int64", "id", "from lead NPO, fiscal year of proposal and slot; keys all draws"),
    Column("ward", "int8", "index", "ward office that co-produces"),
    Column("lead", "int32", "position", "lead NPO, position in the frame of NPOs"),
    Column("form", "int8", "code", "contract, subsidy, cohost, cooperation"),
    Column("budget", "int64", "yen a year", "money of the ward office"),
    Column(
        "stage",
        "int8",
        "code",
        "0 proposed, 1 accepted (waits), 2 running, 3 refused, lapsed or over",
    ),
    Column("proposed", "int32", "month", "month of the proposal"),
    Column("start", "int32", "month", "first month"),
    Column("ran_before", "uint8", "flag", "had an active month in the last fiscal year"),
    Column("made_model", "uint8", "flag", "was turned into a standard model (3.4)"),
    Column("months", "int16", "months", "active months in the fiscal year"),
    Column("ending", "uint8", "flag", "ends at the turn of the fiscal year"),
    Column("partners", "int8", "count", "partner organisations beside the lead NPO"),
    Column("frailty", "float64", "log-odds", "lasting difference in the chance to succeed"),
    Column("participants_base", "float64", "persons a year", "participants without any measure"),
    Column("participants", "float64", "persons", "participants of the last full fiscal year"),
    Column("solved", "int8", "code", "last judgement: -1 none yet, 0 failing, 1 solved"),
    Column("coordinated_before", "uint8", "flag", "had a coordinator without the measure"),
    Column("modelled_before", "uint8", "flag", "followed a model without the measure"),
    Column("coordinator", "uint8", "flag", "has a certified coordinator this year (2.3)"),
    Column("model", "int32", "number", "standard model that it uses, -1 none (3.4)"),
    Column("imitates", "int8", "index", "ward of the award that it imitates, -1 none (3.1)"),
    Column("online", "uint8", "flag", "runs on the online platform (1.3)"),
    Column("outcome_based", "uint8", "flag", "outcome-based contract (2.5)"),
    Column("multi_party", "uint8", "flag", "became a multi-party project (3.3)"),
    Column("entrant", "uint8", "flag", "entered the contest this year (3.1)"),
)


def project_ids(
    lead_ids: NDArray[np.int64], fiscal_year: int, slots: NDArray[np.int64] | int
) -> NDArray[np.int64]:
    """Ids of proposals: lead NPO id, fiscal year and slot (below MAX_SLOTS) packed into 63 bits."""
    return (lead_ids.astype(np.int64) << 25) + ((fiscal_year - FIRST_YEAR) << 16) + slots


def new_proposals(
    leads: NDArray[np.int64],
    lead_ids: NDArray[np.int64],
    wards: NDArray[np.int64],
    fiscal_year: int,
    slots: NDArray[np.int64] | int,
    commissioned: bool,
    april: int,
    p: Mapping[str, float],
    random: KeyedRandom,
) -> AgentFrame:
    """Proposals of a fiscal year with all their keyed traits; ``april`` is its first month."""
    new = AgentFrame("project", len(leads), COLUMNS)
    new.id[:] = project_ids(lead_ids, fiscal_year, slots)
    new.ward[:], new.lead[:] = wards, leads
    new.model[:], new.imitates[:], new.solved[:] = -1, -1, -1

    def u(trait: int) -> NDArray[np.float64]:
        uniforms: NDArray[np.float64] = random.uniform("project_trait", trait, new.id)
        return uniforms

    new.proposed[:] = april + np.floor(12 * u(TRAIT_MONTH)).astype(np.int64)
    if commissioned:
        new.form[:] = CONTRACT
    else:
        shares = np.array(
            [
                p["collaboration.form_subsidy"],
                p["collaboration.form_cohost"],
                p["collaboration.form_cooperation"],
            ]
        )
        new.form[:] = 1 + np.searchsorted(np.cumsum(shares / shares.sum())[:-1], u(TRAIT_FORM))
    carries = (new.form == CONTRACT) | (new.form == SUBSIDY)
    money_share = p["collaboration.commission_share"] + p["collaboration.form_subsidy"]
    mean = p["collaboration.budget"] / (p["collaboration.projects"] * money_share)
    spread = p["collaboration.budget_spread"]
    z = random.normal("project_trait", TRAIT_BUDGET, new.id)
    amount = mean * np.exp(spread * z - spread**2 / 2)
    new.budget[:] = np.where(carries, np.floor(amount), 0).astype(np.int64)
    z = random.normal("project_trait", TRAIT_FRAILTY, new.id)
    new.frailty[:] = p["collaboration.frailty_sd"] * z
    z = random.normal("project_trait", TRAIT_PARTICIPANTS, new.id)
    new.participants_base[:] = p["collaboration.participants_median"] * np.exp(
        p["collaboration.participants_spread"] * z
    )
    present = u(TRAIT_COORDINATED) < p["collaboration.coordinated_present"]
    new.coordinated_before[:] = present
    new.modelled_before[:] = u(TRAIT_MODELLED) < p["collaboration.modelled_present"]
    return new


def append(projects: AgentFrame, new: AgentFrame) -> None:
    """Append the rows of ``new`` to ``projects`` (same columns)."""
    n = projects.n
    projects.grow(new.n)
    for column in new.columns:
        projects.values(column.name)[n:] = new.values(column.name)
