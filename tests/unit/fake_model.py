"""A tiny stand-in for ``sim.model.model``: the same interface, no simulation, failures on
demand."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

Record = tuple[int, str, str, str, float | None]


def fake_model(fail: Mapping[str, Exception | type[BaseException]] | None = None) -> Any:
    """A module with ``BurnIn``; ``fail`` maps "burn-in" or a scenario id to what it raises.

    ``module.burn_ins`` lists the keyword arguments of every burn-in.
    """
    failing = dict(fail or {})
    module: Any = types.ModuleType("sim.model.model")
    module.burn_ins = []

    class Model:
        def __init__(self, value: float, scenario: Any, years: int, size: float):
            self.value, self.scenario, self.years, self.size = value, scenario, years, size
            self.records: list[Record] = []

        def run(self, collect: bool = True) -> None:
            if self.scenario.id in failing:
                raise failing[self.scenario.id]
            extra = self.size * len(self.scenario.initiatives)
            for year in range(2024, 2024 + self.years):
                self.records.append((year, "", "all", "M1-KGI-1", self.value + extra))
                self.records.append((year, "", "all", "M2-KPIoc-1", None))

        def close(self) -> None:
            """Nothing to let go of."""

    class BurnIn:
        def __init__(self, **given: Any):
            module.burn_ins.append(given)
            if "burn-in" in failing:
                raise failing["burn-in"]
            self.value = 0.5 + 0.01 * (given["draw"] or 0) + 0.001 * given["replicate"]

        def branch(
            self,
            scenario: Any,
            discount: str,
            years: int,
            by: str,
            effects: Mapping[str, float] | None = None,
        ) -> Model:
            other = 0.0 if effects is None else sum(effects.values()) % 1.0
            return Model(self.value, scenario, years, 0.125 + other)

    module.BurnIn = BurnIn
    return module
