"""Which initiatives there are, by id: those that parameters are about."""

from __future__ import annotations

import re
from functools import cache

from sim.base.files import data_dir

_ABOUT = re.compile(r"^initiative\.(\d+\.\d+)\.", re.MULTILINE)
"""How the id of a parameter of an initiative begins; in a file it begins a line."""


def natural_order(initiative_id: str) -> tuple[tuple[int, str], ...]:
    """Sort key that puts 1.2 before 1.10."""
    return tuple((int(p) if p.isdigit() else -1, p) for p in initiative_id.split("."))


@cache
def initiative_ids() -> tuple[str, ...]:
    """Ids of all initiatives, "1.1" to "3.5", in order.

    Read off the keys of the parameter files: the registry asks for it before there is a parameter.
    """
    files = data_dir("calibration", "parameters").glob("*.yaml")
    found = {id for path in files for id in _ABOUT.findall(path.read_text(encoding="utf-8"))}
    return tuple(sorted(found, key=natural_order))


def initiative_words() -> tuple[str, ...]:
    """What a figure may say that it is about: an initiative, a measure as a whole, co-production
    as such ("1.1", "m1", "collab")."""
    ids = initiative_ids()
    measures = dict.fromkeys(f"m{id.split('.')[0]}" for id in ids)
    return (*ids, *measures, "collab")
