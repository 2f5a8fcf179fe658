"""A map of the 23 wards: shaded by value in a few classes, with names, a legend and its sources."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke

from sim.base.files import data_dir
from sim.pages.labels import Labels
from sim.places.wards import load_wards
from sim.report.palette import GREY, SHADES, ink

CLASSES = 5
_NONE = "#e4e4e4"


@cache
def boundaries() -> dict[int, tuple[np.ndarray, ...]]:
    """Ward code -> its rings, each float64 (n, 2): longitude and latitude in degrees."""
    path = data_dir("calibration", "data", "tokyo23_wards.geojson")
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    out: dict[int, tuple[np.ndarray, ...]] = {}
    for feature in features:
        shape: Mapping[str, Any] = feature["geometry"]
        parts = shape["coordinates"]
        parts = [parts] if shape["type"] == "Polygon" else parts
        rings = tuple(np.asarray(ring, dtype=np.float64) for part in parts for ring in part)
        out[int(feature["properties"]["code"])] = rings
    return out


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
    """Smallest and largest value of at most ``most`` classes with about as many wards each.

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


def draw_map(ax: Axes, values: Mapping[int, float], unit: str, labels: Labels) -> Axes:
    """Shade the wards by ``values`` (ward code -> value) into ``ax``; other wards are hatched.

    Every ward is a PathPatch whose gid is its code.
    """
    table = load_wards()
    names = dict(
        zip(table.code, table.name_ja if labels.lang == "ja" else table.name_en, strict=True)
    )
    ranges = classes_of(list(values.values()))
    shades = [SHADES[round(k)] for k in np.linspace(0, len(SHADES) - 1, len(ranges))]
    for code, rings in boundaries().items():
        value = values.get(code, math.nan)
        colour = _NONE
        for shade, (_, high) in zip(reversed(shades), reversed(ranges), strict=True):
            colour = shade if value <= high else colour
        outline = Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings))
        ax.add_patch(
            PathPatch(
                outline, facecolor=colour, edgecolor="white" if colour != _NONE else GREY,
                linewidth=0.8, hatch="" if colour != _NONE else "xx", gid=str(code),
            )
        )  # fmt: skip
        _, x, y = max(centre(ring) for ring in rings)
        name = names[code].removesuffix("区")
        number = "" if math.isnan(value) else labels.number(value, unit, bare=True)
        ax.text(
            x, y, f"{name}\n{number}".strip(), ha="center", va="center", fontsize=6.2,
            color=ink(colour), linespacing=1.1,
            path_effects=[withStroke(linewidth=1.6, foreground=colour)],
        )  # fmt: skip
    corners = np.vstack([ring for rings in boundaries().values() for ring in rings])
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = 0.004
    ax.set_xlim(low[0] - margin, high[0] + margin)
    ax.set_ylim(low[1] - margin, high[1] + margin)
    ax.set_aspect(1 / math.cos(math.radians(float((low[1] + high[1]) / 2))))
    ax.set_axis_off()
    handles = [
        Patch(facecolor=shade, edgecolor="#888888", label=_range(ends, unit, labels))
        for shade, ends in zip(shades, ranges, strict=True)
    ]
    if len([v for v in values.values() if not math.isnan(v)]) < len(boundaries()):
        handles.append(
            Patch(facecolor=_NONE, edgecolor=GREY, hatch="xx", label=labels("fig_map_none"))
        )
    ax.legend(
        handles=handles, loc="lower left", frameon=False, fontsize=8, title=labels.axis(unit),
        title_fontsize=8, alignment="left", bbox_to_anchor=(-0.02, 0.0),
    )  # fmt: skip
    return ax


def _range(ends: tuple[float, float], unit: str, labels: Labels) -> str:
    low, high = (labels.number(end, unit, bare=True) for end in ends)
    return low if low == high else f"{low} – {high}"
