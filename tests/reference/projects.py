"""Co-production projects: one object each, from the proposal until it leaves the list in March.

The id is made of the lead NPO, the fiscal year of the proposal and a slot, never of a start month
or a running count: a proposal that a measure adds leaves all other ids, and their luck, alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import mesa

from reference.effects import ProjectEffects
from reference.npos import Npo

if TYPE_CHECKING:
    from reference.model import ReferenceModel

PROPOSED, ACCEPTED, RUNNING, OVER = "proposed", "accepted", "running", "over"
CONTRACT, SUBSIDY, COHOST, COOPERATION = "contract", "subsidy", "cohost", "cooperation"
PAID_FORMS = (CONTRACT, SUBSIDY)

FIRST_YEAR = 1900
NPO_SLOTS = (0, 1)
"""An NPO has two chances a year to propose."""
COMMISSION_SLOT = 2
"""The first slot of a ward office's commissions."""
IMITATION_SLOT = 60_000
"""The slot of imitations of an award (3.1)."""
SLOTS = 65_536

# numbers of a project's fixed traits among the draws
FRAILTY, PARTICIPANTS, PARTNERS, FORM, BUDGET = 0, 1, 2, 3, 4
MONTH, LEAD_TIME, COORDINATED, MODELLED = 5, 6, 7, 8
TRAITS = "project_trait"


class Project(mesa.Agent):
    """One project of a ward office with a lead NPO of the ward."""

    model: ReferenceModel

    def __init__(self, model: ReferenceModel, id: int, lead: Npo):
        super().__init__(model)
        self.id = id
        self.lead = lead
        self.ward = lead.ward
        self.form = CONTRACT
        self.budget = 0  # yen a year, money of the ward office
        self.stage = PROPOSED
        self.proposed = 0  # month of the proposal
        self.start = 0  # first month
        self.ran_before = False  # had an active month in the last fiscal year
        self.months = 0  # active months in this fiscal year
        self.ending = False  # ends at the turn of the fiscal year
        self.partners = 0  # partner organisations beside the lead NPO
        self.frailty = 0.0  # lasting difference in the log-odds to succeed
        self.participants_base = 0.0  # persons a year without any measure
        self.participants = 0.0  # persons in the last judged fiscal year
        self.solved: bool | None = None  # last judgement; None: none yet
        self.coordinated_before = False  # had a coordinator without the measure
        self.modelled_before = False  # followed a model without the measure
        self.coordinator = False  # has a certified coordinator (2.3)
        self.made_model = False  # was turned into a standard model (3.4)
        self.model_number: int | None = None  # standard model that it uses (3.4)
        self.imitates: int | None = None  # ward of the award that it imitates (3.1)
        self.online = False  # runs on the online platform (1.3)
        self.outcome_based = False  # outcome-based contract (2.5)
        self.multi_party = False  # became a multi-party project (3.3)
        self.entrant = False  # entered the contest this year (3.1)
        self.effects = ProjectEffects()

    @property
    def is_running(self) -> bool:
        """Started and neither over nor left without its NPO."""
        return self.stage == RUNNING

    @property
    def is_joint(self) -> bool:
        """Two partner organisations or more."""
        return self.partners >= 2


def project_id(lead: Npo, fiscal_year: int, slot: int) -> int:
    """NPO, year and slot side by side in one number."""
    return lead.id * 2**25 + (fiscal_year - FIRST_YEAR) * 2**16 + slot


def new_proposals(
    model: ReferenceModel, leads: Sequence[Npo], slots: Sequence[int], commissioned: bool
) -> list[Project]:
    """Proposals of this fiscal year with all their keyed traits, at the end of the list."""
    p, draws, april = model.p, model.draws, model.month - model.month % 12
    ids = [project_id(lead, model.fiscal_year, s) for lead, s in zip(leads, slots, strict=True)]
    new = [Project(model, id, lead) for id, lead in zip(ids, leads, strict=True)]
    paid_share = p["collaboration.commission_share"] + p["collaboration.form_subsidy"]
    mean_budget = p["collaboration.budget"] / (p["collaboration.projects"] * paid_share)
    spread = p["collaboration.budget_spread"]
    for project, month, form, budget, frailty, participants, coordinated, modelled in zip(
        new,
        draws.uniforms(TRAITS, MONTH, ids),
        draws.uniforms(TRAITS, FORM, ids),
        draws.normals(TRAITS, BUDGET, ids),
        draws.normals(TRAITS, FRAILTY, ids),
        draws.normals(TRAITS, PARTICIPANTS, ids),
        draws.uniforms(TRAITS, COORDINATED, ids),
        draws.uniforms(TRAITS, MODELLED, ids),
        strict=True,
    ):
        project.proposed = april + math.floor(12 * month)
        project.form = CONTRACT if commissioned else form_of_npos_proposal(model, form)
        if project.form in PAID_FORMS:  # log-normal around the mean
            project.budget = math.floor(mean_budget * math.exp(spread * budget - spread**2 / 2))
        project.frailty = p["collaboration.frailty_sd"] * frailty
        project.participants_base = p["collaboration.participants_median"] * math.exp(
            p["collaboration.participants_spread"] * participants
        )
        project.coordinated_before = coordinated < p["collaboration.coordinated_present"]
        project.modelled_before = modelled < p["collaboration.modelled_present"]
        model.ledger.add("proposals", project.ward.index)
    model.projects += new
    return new


def form_of_npos_proposal(model: ReferenceModel, u: float) -> str:
    """Subsidy, co-hosting or cooperation by their shares; commissions come from ward offices."""
    p = model.p
    subsidy, cohost = p["collaboration.form_subsidy"], p["collaboration.form_cohost"]
    total = subsidy + cohost + p["collaboration.form_cooperation"]
    if u <= subsidy / total:
        return SUBSIDY
    if u <= subsidy / total + cohost / total:
        return COHOST
    return COOPERATION


def partners(project: Project) -> int:
    """Two partner organisations with a chance that rises with the lead NPO's ties, else one, none.

    One uniform decides: below the chance two, else below the share of pairs one.
    """
    p = project.model.p
    ties = project.lead.cooperates - p["reference.cooperation"]
    chance = expit(
        logit(p["collaboration.joint_share"]) + p["collaboration.joint_ties_log_odds"] * ties
    )
    u = project.model.draws.uniforms(TRAITS, PARTNERS, [project.id])[0]
    if u < chance:
        return 2
    return 1 if u < p["collaboration.pair_share"] else 0


def expit(log_odds: float) -> float:
    """The chance with these log-odds."""
    return 1.0 / (1.0 + math.exp(-log_odds))


def logit(chance: float) -> float:
    """Log-odds of a chance strictly between 0 and 1."""
    return math.log(chance / (1.0 - chance))
