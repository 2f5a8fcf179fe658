"""The 34 intermediary support organisations: Mesa agents over one small frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.base.randomness import KeyedRandom
from sim.model.agents.frame import AgentFrame, Column

if TYPE_CHECKING:
    from sim.figures.evidence import Profile

COLUMNS = (
    Column("ward", "int8", "index", "ward of its desk"),
    Column("with_government", "uint8", "flag", "run together with government"),
    Column("coordinator", "uint8", "flag", "has a specialist coordinator"),
    Column("capacity", "float64", "consultations a year", "consultations it can hold now"),
    Column("consultations", "int64", "count", "consultations held this fiscal year"),
)


class Intermediary(mesa.Agent):
    """One intermediary. Reading an attribute reads its row of the frame."""

    def __init__(self, model: Any, frame: AgentFrame, index: int):
        super().__init__(model)
        self.frame = frame
        self.index = index

    def __getattr__(self, name: str) -> Any:
        frame = self.__dict__.get("frame")
        if frame is None or name.startswith("_"):
            raise AttributeError(name)
        return getattr(frame[self.__dict__["index"]], name)


def build_intermediaries(
    profile: Profile, consultations: float, random: KeyedRandom, npo_share: NDArray[np.float64]
) -> AgentFrame:
    """One desk in each ward, the remaining ones in the wards with the most NPOs a desk."""
    n = round(profile.value("intermediary_count"))
    frame = AgentFrame("intermediary", n, COLUMNS)
    desks = np.zeros(23, dtype=np.int64)
    for k in range(n):
        if k < 23:
            ward = k
        else:
            ward = int(np.argmax(npo_share / desks))
        desks[ward] += 1
        frame.ward[k] = ward
    ids = np.arange(n)
    with_government = round(profile.value("intermediary_with_gov"))
    coordinators = round(profile.value("intermediary_coordinator_count"))
    frame.with_government[random.rank("ward_feature", 10, ids)[:with_government]] = 1
    frame.coordinator[random.rank("ward_feature", 11, ids)[:coordinators]] = 1
    frame.capacity[:] = consultations / n
    return frame
