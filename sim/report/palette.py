"""Colours, hatches, lines and markers of all charts, in one place.

Colours are those of Okabe & Ito's palette (2008), which people with any kind of colour blindness
tell apart; its yellow is darkened, because it is too pale for lines. One measure has one colour
everywhere; hatch, line and marker say the same where there is no colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PINK = "#8C8000", "#0072B2", "#D55E00", "#CC79A7"

GREY = "#777777"
"""The baseline."""
TARGET = "#111111"
"""Target lines: no scenario is black, and no scenario's line lacks markers."""
GRID = "#dddddd"

MEASURE_COLOURS = {1: BLUE, 2: ORANGE, 3: GREEN}
"""Measure -> colour, in every chart."""
HATCHES = {1: "", 2: "//", 3: ".."}
"""Measure -> hatch of its bars."""

CLASS_COLOURS = {"outcome": "#eaf2f8", "delivery": "#f6f1e4", "auxiliary": "#f2f2f2"}

SHADES = ("#f2f7fb", "#c6dbef", "#7fb6dc", "#3787bd", "#0b5394", "#08294d")
"""From little to much: one hue that darkens evenly, so that it reads in grey."""

_DASHED, _FINE = (0, (5, 1.5)), (0, (6, 1, 1, 1, 1, 1))
LINES: tuple[Any, ...] = ("-", _DASHED, "-.", (0, (1, 1)), _FINE)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")


@dataclass(frozen=True)
class Style:
    """How a scenario is drawn. Line and marker differ too, so that charts also read in grey."""

    colour: str
    line: Any
    marker: str


_BASELINE = Style(GREY, (0, (3, 2)), "o")
_OWN = {
    "m1": Style(MEASURE_COLOURS[1], "-", "o"),
    "m2": Style(MEASURE_COLOURS[2], _DASHED, "s"),
    "m3": Style(MEASURE_COLOURS[3], "-.", "^"),
    "m1_m2": Style(PINK, (0, (1, 1)), "D"),
    "m1_m3": Style(SKY, _FINE, "v"),
    "m2_m3": Style(YELLOW, "-", "P"),
    "all_measures": Style(VERMILION, _DASHED, "X"),
    "staged": Style(PINK, "-.", "<"),
}
"""Scenarios that keep their look, whatever stands beside them."""
_COLOURS = (SKY, PINK, YELLOW, BLUE, GREEN, ORANGE)


def styles(scenarios: Sequence[str], baseline: str = "baseline") -> dict[str, Style]:
    """A style for each scenario in the order given; the baseline is grey and dashed.

    Bundled scenarios keep theirs; others get a line and a marker that nobody else has.
    """
    taken = {(_OWN[s].line, _OWN[s].marker) for s in scenarios if s in _OWN}
    free = [
        Style(_COLOURS[n % len(_COLOURS)], LINES[n % len(LINES)], MARKERS[n % len(MARKERS)])
        for n in range(len(LINES) * len(MARKERS))
        if (LINES[n % len(LINES)], MARKERS[n % len(MARKERS)]) not in taken
    ]
    out = {baseline: _BASELINE}
    unknown = 0
    for name in scenarios:
        if name in _OWN:
            out[name] = _OWN[name]
        elif name not in out:
            out[name] = free[unknown % len(free)]
            unknown += 1
    return out


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb" (WCAG 2): 0 black to 1 white. What is left in grey."""
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ink(colour: str) -> str:
    """Black or white letters, whichever reads better on a colour."""
    light = luminance(colour)
    return "#111111" if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else "#ffffff"
