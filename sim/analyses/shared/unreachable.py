"""Targets that a scenario cannot reach by construction.

An indicator of delivery counts what an initiative delivers. Where no initiative that delivers it
is switched on, it stays zero whatever the parameters are, and a chance of 0 % would look like a
finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.types import Scenario

COUNTS_OF_MEASURES = ("M3-KPIoc-2",)
"""Outcome indicators that count only what initiatives start: projects spread to other wards."""


def unreachable(scenarios: Iterable[Scenario]) -> set[tuple[str, str]]:
    """Pairs (scenario id, indicator id) whose target is out of reach by construction.

    An indicator of kind ``delivery`` (or in COUNTS_OF_MEASURES) with a target is out of
    reach when no initiative of the scenario names it among its proximal or distal indicators; the
    use of intermediaries (M2-KSI-1) exists without any measure and is never in the set.
    """
    from sim.model.indicators import INDICATORS
    from sim.model.measures import INITIATIVES

    movers: dict[str, set[str]] = {}
    for id, initiative in INITIATIVES.items():
        for indicator, _ in (*initiative.proximal, *initiative.distal):
            movers.setdefault(indicator, set()).add(id)
    pairs = set()
    for scenario in scenarios:
        on = {id for id, setting in scenario.initiatives.items() if setting.strength > 0}
        for declared in INDICATORS.values():
            counts = declared.kind == "delivery" or declared.id in COUNTS_OF_MEASURES
            if not counts or declared.target is None:
                continue
            if declared.id != "M2-KSI-1" and not movers.get(declared.id, set()) & on:
                pairs.add((scenario.id, declared.id))
    return pairs
