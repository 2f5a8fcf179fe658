"""The uncertain assumptions behind the draws of a scenario, as inputs of scenario discovery.

The parts of an initiative's discount are put together to the factor d that multiplies its claimed
effects (model_rules B), beside the part that all initiatives share. What cannot matter for outcomes
(sim.analyses.shared.factors.matters) is left out. Layer: experiments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analyses.shared.factors import OWN, matters, running
from sim.model.measures.base import discount_factor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.figures.parameter import Parameter
    from sim.scenario.types import Scenario

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
    years: int,
) -> Assumptions:
    """Inputs that can matter to the outcomes of a scenario, constant ones left out.

    ``drawn``: parameter -> values [draws]; ``discount``: the mode of the runs, ``years``
    their length.
    """
    columns: dict[str, NDArray[np.float64]] = {}
    units: dict[str, str] = {}
    on = running(scenario, 12 * years)
    draws = len(next(iter(drawn.values())))
    for id in on:
        name = f"initiative.{id}.{FACTOR}"
        rows = ({p: float(v[d]) for p, v in drawn.items()} for d in range(draws))
        columns[name] = np.array([discount_factor(row, id, discount) for row in rows])
        units[name] = "ratio"
    for parameter in parameters.values():
        if parameter.kind not in ("uncertain", "calibrated"):
            continue
        id = parameter.id
        own = id.startswith("initiative.") and id.rsplit(".", 1)[-1] in OWN
        if not own and matters(id, scenario, discount, 12 * years, costs=False):
            columns[id], units[id] = drawn[id], parameter.unit
    kept = [name for name, x in columns.items() if np.ptp(x) > 0.0]
    x = np.column_stack([columns[name] for name in kept])
    return Assumptions(tuple(kept), tuple(units[name] for name in kept), x)
