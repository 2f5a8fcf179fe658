"""Outlines of the areas for maps, and classes of their values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from sim.places.load import load_place
from sim.places.tables import outlines

CLASSES = 5


@cache
def boundaries() -> dict[int, tuple[np.ndarray, ...]]:
    """Code of an area -> its rings, each float64 (n, 2): longitude and latitude in degrees."""
    out: dict[int, tuple[np.ndarray, ...]] = {}
    for feature in outlines(load_place())["features"]:
        shape: Mapping[str, Any] = feature["geometry"]
        parts = shape["coordinates"]
        parts = [parts] if shape["type"] == "Polygon" else parts
        rings = tuple(np.asarray(ring, dtype=np.float64) for part in parts for ring in part)
        out[feature["properties"]["code"]] = rings
    return out


def extent() -> tuple[np.ndarray, np.ndarray]:
    """The south-western and the north-eastern corner of all areas: (longitude, latitude) each."""
    corners = np.vstack([ring for rings in boundaries().values() for ring in rings])
    return corners.min(axis=0), corners.max(axis=0)


def stretch() -> float:
    """How much shorter a degree of longitude is than one of latitude, in the middle of the map."""
    low, high = extent()
    return math.cos(math.radians(float((low[1] + high[1]) / 2)))


def centre(ring: np.ndarray) -> tuple[float, float, float]:
    """Area and centre of mass of a closed ring (n, 2): (area, x, y)."""
    x, y = ring[:, 0], ring[:, 1]
    # from the first corner: differences of products of degrees would lose digits
    x, y = x - x[0], y - y[0]
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    area = float(cross.sum()) / 2
    middle = (float(((c[:-1] + c[1:]) * cross).sum()) / (6 * area) for c in (x, y))
    at_x, at_y = middle
    return abs(area), float(ring[0, 0]) + at_x, float(ring[0, 1]) + at_y


def classes_of(values: Sequence[float], most: int = CLASSES) -> list[tuple[float, float]]:
    """Smallest and largest value of at most ``most`` classes with about as many areas each.

    Equal values stay together.
    """
    known = np.sort(np.asarray([v for v in values if not math.isnan(v)], dtype=np.float64))
    if not len(known):
        return []
    edges = np.quantile(known, np.linspace(0, 1, most + 1)[1:-1])
    group = np.searchsorted(edges, known, side="left")
    return [
        (float(known[group == g].min()), float(known[group == g].max())) for g in np.unique(group)
    ]
