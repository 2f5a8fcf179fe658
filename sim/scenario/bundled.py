"""Which scenarios there are, by id."""

from __future__ import annotations

from sim.base.files import data_dir

BASELINE, FULLEST = "baseline", "all_measures"
"""The scenario without any measure, and the one with all of them."""
STANDARD = (BASELINE, "m1", "m2", "m3", "m1_m2", "m1_m3", "m2_m3", FULLEST)
"""The scenarios that ``kyodo compare`` runs by default: the baseline and the seven combinations."""
_FIRST = (*STANDARD, "staged", "setagaya", "bunkyo", "suginami", "yokohama", "kobe")


def scenario_ids() -> list[str]:
    """Ids of the bundled scenarios: the standard ones, staged, the presets, then any other."""
    found = {path.stem for path in data_dir("scenarios").glob("*.yaml")}
    return [s for s in _FIRST if s in found] + sorted(found.difference(_FIRST))
