"""The 34 intermediary support organisations: Mesa agents over one small frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.base.errors import UsageError
from sim.base.randomness import KeyedRandom
from sim.model.agents.frame import AgentFrame, Column

COLUMNS = (
    Column("ward", "int8", "index", "ward of its desk"),
    Column("with_government", "uint8", "flag", "run together with government"),
    Column("coordinator", "uint8", "flag", "has a specialist coordinator"),
    Column("capacity", "float64", "consultations a year", "consultations it can hold now"),
    Column("consultations", "int64", "count", "consultations held this fiscal year"),
)
FEATURES = {
    "with_government": "population.intermediaries_with_government",
    "coordinator": "population.intermediaries_with_coordinator",
}
"""Feature -> parameter with the number of intermediaries that have it."""


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
    p: Mapping[str, float], random: KeyedRandom, npo_share: NDArray[np.float64]
) -> AgentFrame:
    """One desk in each ward, the remaining ones in the wards with the most NPOs a desk.

    Raises UsageError where more of them have a feature than there are.
    """
    n = round(p["population.intermediaries"])
    frame = AgentFrame("intermediary", n, COLUMNS)
    desks = np.zeros(len(npo_share), dtype=np.int64)
    for k in range(n):
        if k < len(desks):
            ward = k
        else:
            ward = int(np.argmax(npo_share / desks))
        desks[ward] += 1
        frame.ward[k] = ward
    ids = np.arange(n)
    for key, (feature, id) in enumerate(FEATURES.items(), start=10):
        count = round(p[id])
        if count > n:
            raise UsageError(f"{id}: {count} of {n} intermediaries")
        frame.values(feature)[random.rank("ward_feature", key, ids)[:count]] = 1
    frame.capacity[:] = p["organisation.consultations"] / n
    return frame
