"""The uncertain assumptions behind the draws of a scenario, as inputs of scenario discovery.

The parts of an initiative's discount are put together to the factor d that multiplies its claimed
effects (model_rules B), beside the part that all initiatives share. Costs and the decay after a
stop that never comes cannot matter for outcomes and are left out. Layer: experiments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.experiments.facts import COMMON, COSTS, OWN, STOPPING
from sim.measures.base import discount_factor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.parameters import Parameter
    from sim.scenario import Scenario

FACTOR = "discount_factor"
"""Name of d among the inputs: ``initiative.<id>.discount_factor``, made of parameters."""


@dataclass(frozen=True)
class Assumptions:
    """``names`` of the inputs, their ``units``, and ``x`` [draws, inputs]."""

    names: tuple[str, ...]
    units: tuple[str, ...]
    x: NDArray[np.float64]

    def unit(self, name: str) -> str:
        """The unit of an input."""
        return self.units[self.names.index(name)]


def assumptions_of(
    scenario: Scenario,
    parameters: Mapping[str, Parameter],
    drawn: Mapping[str, NDArray[np.float64]],
    discount: str,
) -> Assumptions:
    """Inputs that can matter to the outcomes of a scenario, constant ones left out.

    ``drawn``: parameter -> values [draws]; ``discount``: the mode of the runs.
    """
    columns: dict[str, NDArray[np.float64]] = {}
    units: dict[str, str] = {}
    on = {id for id, setting in scenario.initiatives.items() if setting.strength > 0.0}
    stopped = any(setting.stop is not None for setting in scenario.initiatives.values())
    draws = len(next(iter(drawn.values())))
    for id in scenario.initiatives:
        if id in on:
            name = f"initiative.{id}.{FACTOR}"
            rows = ({p: float(v[d]) for p, v in drawn.items()} for d in range(draws))
            columns[name] = np.array([discount_factor(row, id, discount) for row in rows])
            units[name] = "ratio"
    for parameter in parameters.values():
        if parameter.kind not in ("uncertain", "calibrated"):
            continue
        id, name = parameter.id, parameter.id.rsplit(".", 1)[-1]
        if id.startswith("initiative."):
            if id.removeprefix("initiative.").removesuffix(f".{name}") not in on:
                continue
            if name in (*COSTS, *OWN) or (name == STOPPING and not stopped):
                continue
        if id == COMMON and not on:
            continue
        columns[id], units[id] = drawn[id], parameter.unit
    kept = [name for name, x in columns.items() if np.ptp(x) > 0.0]
    x = np.column_stack([columns[name] for name in kept])
    return Assumptions(tuple(kept), tuple(units[name] for name in kept), x)
