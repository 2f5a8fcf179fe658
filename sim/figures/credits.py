"""Attribution lines that every output carries."""

from __future__ import annotations

from functools import cache

from sim.base.files import data_dir
from sim.base.strict_yaml import read_yaml
from sim.places.load import load_place
from sim.places.place import Place


def credits(place: Place | None = None) -> tuple[str, ...]:
    """Attribution of the place's data (default: the default place), then that of the figures."""
    return (*(place or load_place()).credits, *_of_figures())


@cache
def _of_figures() -> tuple[str, ...]:
    file = read_yaml(data_dir("calibration", "evidence", "sources.yaml"))
    return tuple(str(line) for line in file.data["credits"])
