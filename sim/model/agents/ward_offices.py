"""The ward offices: Mesa agents whose attributes stand in one frame with a row for each.

Which wards have a department, evaluate, and so on is not in the document: the exact number of wards
with a feature is an input, the wards themselves are drawn by a keyed order (one assignment a run),
unless the profile of the user sets them. Results by ward are averages over such assignments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from sim.base.errors import UsageError
from sim.base.randomness import KeyedRandom
from sim.model.agents.frame import AgentFrame, Column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.places.features import WardFeatures
    from sim.places.place import Place

COLUMNS = (
    Column("code", "int32", "code", "standard area code of the ward"),
    Column("population", "int64", "persons", "residents aged 15 and over"),
    Column("staff", "int32", "persons", "general administration staff"),
    Column("department", "uint8", "flag", "has a department for co-production now"),
    Column("evaluates", "uint8", "flag", "evaluates co-production projects regularly now"),
    Column("uses_evaluation", "uint8", "flag", "uses the results in the next year now"),
    Column("digital_collaboration", "uint8", "flag", "runs projects with digital technology now"),
    Column("digital_support", "uint8", "flag", "gives digital support to NPOs now"),
    Column("minutes_capacity", "int64", "minutes a year", "officer time for co-production"),
    Column("minutes_used", "int64", "minutes a year", "officer time that the projects take now"),
    Column("minutes_booked", "int64", "minutes", "officer time booked since the start (ledger)"),
    Column("commissions", "float64", "per year", "commissions that the office proposes"),
    Column("satisfaction", "float64", "share", "residents satisfied in the last survey"),
    Column("solve_rate", "float64", "share", "projects that solved their problem last year"),
    Column("solved", "float64", "count", "projects that solved their problem last year"),
    Column("evaluating_new", "uint8", "flag", "started to evaluate by initiative 1.5"),
    Column("solved_reference", "float64", "count", "solved projects expected at the baseline"),
    Column("trust", "float64", "share", "mean trust of the ward's NPOs with a running project"),
)
FEATURES = {
    "department": "population.wards_with_department",
    "evaluates": "population.wards_evaluating",
    "uses_evaluation": "population.wards_using_evaluation",
    "digital_collaboration": "population.wards_with_digital_collaboration",
    "digital_support": "population.wards_with_digital_support",
}
"""Feature -> parameter with the number of wards that have it."""


class WardOffice(mesa.Agent):
    """One ward office. Reading or setting an attribute reads or sets its row of ``wards``."""

    def __init__(self, model: Any, wards: AgentFrame, index: int, name_ja: str, name_en: str):
        super().__init__(model)
        self.wards = wards
        self.index = index
        self.name_ja = name_ja
        self.name_en = name_en

    def __getattr__(self, name: str) -> Any:
        wards = self.__dict__.get("wards")
        if wards is None or name.startswith("_"):
            raise AttributeError(name)
        return getattr(wards[self.__dict__["index"]], name)


def build_wards(
    table: Place, known: WardFeatures, p: Mapping[str, float], random: KeyedRandom
) -> AgentFrame:
    """The frame of the ward offices with features in exact numbers, assigned by keyed order.

    Raises UsageError where more wards use evaluations than make them.
    """
    wards = AgentFrame("ward_office", len(table.code), COLUMNS)
    wards.code[:] = table.code
    wards.population[:] = np.rint(table.numbers.pop_15plus)
    wards.staff[:] = table.numbers.general_staff
    order = np.arange(wards.n)
    for number, (feature, id) in enumerate(FEATURES.items()):
        count = round(p[id])
        # the wards that use evaluation are among those that evaluate (C025: 10 of 14)
        if feature == "uses_evaluation" and count > wards.evaluates.sum():
            raise UsageError(f"{id}: {count}, and {FEATURES['evaluates']}: {wards.evaluates.sum()}")
        key = 1 if feature == "uses_evaluation" else number
        ranked = random.rank("ward_feature", key, order)
        flags = np.zeros(wards.n, dtype=np.uint8)
        flags[ranked[:count]] = 1
        wards.values(feature)[:] = flags
    for code, features in known.items():
        row = int(np.flatnonzero(wards.code == code)[0])
        for feature, value in features.items():
            if feature in FEATURES:
                wards.values(feature)[row] = int(value)
    wards.satisfaction[:] = p["reference.satisfaction"]
    wards.solve_rate[:] = p["reference.success"]
    wards.trust[:] = p["collaboration.trust_initial"]
    return wards
