"""Which scenarios and initiatives there are, by id."""

from __future__ import annotations

import re
from functools import cache

from sim.base.files import data_dir

BASELINE, FULLEST = "baseline", "all_measures"
"""The scenario without any measure, and the one with all of them."""
STANDARD = (BASELINE, "m1", "m2", "m3", "m1_m2", "m1_m3", "m2_m3", FULLEST)
"""The scenarios that ``kyodo compare`` runs by default: the baseline and the seven combinations."""
_FIRST = (*STANDARD, "staged", "setagaya", "bunkyo", "suginami", "yokohama", "kobe")


_ABOUT = re.compile(r"initiative\.(\d+\.\d+)\.")
"""How the id of a parameter of an initiative begins."""


def natural_order(initiative_id: str) -> tuple[tuple[int, str], ...]:
    """Sort key that puts 1.2 before 1.10."""
    return tuple((int(p) if p.isdigit() else -1, p) for p in initiative_id.split("."))


@cache
def initiative_ids() -> tuple[str, ...]:
    """Ids of all initiatives, "1.1" to "3.5", in order: those that parameters are about."""
    from sim.figures.parameters import load_parameters

    found = {m.group(1) for m in map(_ABOUT.match, load_parameters()) if m is not None}
    return tuple(sorted(found, key=natural_order))


def scenario_ids() -> list[str]:
    """Ids of the bundled scenarios: the standard ones, staged, the presets, then any other."""
    found = {path.stem for path in data_dir("scenarios").glob("*.yaml")}
    return [s for s in _FIRST if s in found] + sorted(found.difference(_FIRST))
