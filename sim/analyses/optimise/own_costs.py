"""A planner's own costs: a file of unit and fixed costs by initiative, as parameters."""

from __future__ import annotations

from pathlib import Path

from sim.analyses.shared.factors import COSTS
from sim.base.strict_yaml import read_yaml
from sim.figures.initiatives import initiative_ids


def read_costs(path: str | Path) -> dict[str, float]:
    """Parameter -> value for every cost in a file such as ``"2.3": {unit_cost: 450000}``.

    ``unit_cost``: yen a dose; ``fixed_cost``: yen a year at strength 1. Raises UsageError for a
    missing file, ContentError for an unknown initiative or key, or a value that is no number.
    """
    source = read_yaml(path)
    source.check_keys(source.data, set(initiative_ids()), set())
    out = {}
    for initiative, given in source.data.items():
        source.check_keys(given, set(COSTS), set(), initiative)
        for name, value in given.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                message = f"{name} of {initiative}: '{value}' is not a number"
                raise source.error(message, initiative, name)
            out[f"initiative.{initiative}.{name}"] = float(value)
    return out
