"""Colours, hatches, lines and markers of all charts: pictures, browser, Excel, slides.

Colours are those of Okabe & Ito's palette (2008), which people with any kind of colour blindness
tell apart; its yellow is darkened, because it is too pale for lines. One measure has one colour
everywhere; hatch, line and marker say the same where there is no colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PINK = "#8C8000", "#0072B2", "#D55E00", "#CC79A7"

GREY = "#777777"
"""The baseline."""
TARGET = "#111111"
"""Target lines: no scenario is black, and no scenario's line lacks markers."""
GRID = "#dddddd"
FAINT = "#c4c4c4"
"""Bars that cannot be told from chance, and what nothing explains."""

MEASURE_COLOURS = {1: BLUE, 2: ORANGE, 3: GREEN}
"""Measure -> colour, in every chart."""
HATCHES = {1: "", 2: "//", 3: ".."}
"""Measure -> hatch of its bars."""

CLASS_COLOURS = {"outcome": "#eaf2f8", "delivery": "#f6f1e4", "auxiliary": "#f2f2f2"}

GROUPS = (BLUE, "#B26B00", GREEN, GREY, VERMILION)
"""Groups of rows or points, in the order in which they come."""

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

    @property
    def dash(self) -> list[int]:
        """The line as Vega takes it: lengths of strokes and gaps in pixels."""
        return list(_LINE_NAMES[self.line][0])

    @property
    def shape(self) -> str:
        """The marker as Vega names it, or its path."""
        return _MARKER_NAMES[self.marker][0]

    @property
    def office_dash(self) -> str:
        """The line as XlsxWriter names it."""
        return _LINE_NAMES[self.line][1]

    @property
    def office_marker(self) -> str:
        """The marker as XlsxWriter names it; Office has fewer kinds than the others."""
        return _MARKER_NAMES[self.marker][1]


_SHORT = (0, (3, 2))
_LINE_NAMES: Mapping[Any, tuple[tuple[int, ...], str]] = {
    "-": ((1, 0), "solid"),
    _DASHED: ((8, 3), "dash"),
    "-.": ((8, 3, 2, 3), "dash_dot"),
    (0, (1, 1)): ((2, 2), "round_dot"),
    _FINE: ((10, 2, 2, 2, 2, 2), "long_dash_dot"),
    _SHORT: ((5, 4), "square_dot"),
}
_X = "M-.9,-.5L-.5,-.9L0,-.4L.5,-.9L.9,-.5L.4,0L.9,.5L.5,.9L0,.4L-.5,.9L-.9,.5L-.4,0Z"
_MARKER_NAMES = {
    "o": ("circle", "circle"), "s": ("square", "square"), "^": ("triangle-up", "triangle"),
    "D": ("diamond", "diamond"), "v": ("triangle-down", "star"), "P": ("cross", "plus"),
    "X": (_X, "x"), "<": ("triangle-left", "plus"), ">": ("triangle-right", "diamond"),
}  # fmt: skip

_BASELINE = Style(GREY, _SHORT, "o")
_OWN = {
    "m1": Style(MEASURE_COLOURS[1], "-", "o"),
    "m2": Style(MEASURE_COLOURS[2], _DASHED, "s"),
    "m3": Style(MEASURE_COLOURS[3], "-.", "^"),
    "m1_m2": Style(PINK, (0, (1, 1)), "D"),
    "m1_m3": Style(SKY, _FINE, "v"),
    "m2_m3": Style(YELLOW, "-", "P"),
    "all_measures": Style(VERMILION, _DASHED, "X"),
    "staged": Style(PINK, "-.", "<"),
    "plan_a": Style(VERMILION, "-", "D"),
    "plan_b": Style(BLUE, (0, (1, 1)), "v"),
    "plan_c": Style(GREEN, "-.", "D"),
}
"""Scenarios, and the plans of the page, that keep their look, whatever stands beside them."""
_COLOURS = (SKY, PINK, YELLOW, BLUE, GREEN, ORANGE)
_FREE = tuple(
    Style(_COLOURS[n % len(_COLOURS)], LINES[n % len(LINES)], MARKERS[n % len(MARKERS)])
    for n in range(len(LINES) * len(MARKERS))
    if (LINES[n % len(LINES)], MARKERS[n % len(MARKERS)])
    not in {(own.line, own.marker) for own in _OWN.values()}
)
"""Styles of other scenarios, in the order in which they come."""

SLOTS: tuple[Style, ...] = (_BASELINE, *_OWN.values(), *_FREE[:9])
"""The styles by number, for drawings that do not know the scenarios; 0 is the baseline."""


def styles(scenarios: Sequence[str], baseline: str = "baseline") -> dict[str, Style]:
    """A style for each scenario in the order given; the baseline is grey and dashed.

    Bundled scenarios keep theirs; others get a line and a marker that nobody else has.
    """
    out = {baseline: _BASELINE}
    unknown = 0
    for name in scenarios:
        if name in _OWN:
            out[name] = _OWN[name]
        elif name not in out:
            out[name] = _FREE[unknown % len(_FREE)]
            unknown += 1
    return out


def slots(scenarios: Iterable[str]) -> dict[str, int]:
    """Each scenario's place in ``SLOTS``: the look that ``styles`` gives it, up to nine unknown."""
    names = list(dict.fromkeys(scenarios))
    own = {"baseline": 0} | {name: n for n, name in enumerate(_OWN, start=1)}
    unknown = [name for name in names if name not in own]
    first = len(own)
    return {
        n: own[n] if n in own else first + unknown.index(n) % (len(SLOTS) - first) for n in names
    }


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb" (WCAG 2): 0 black to 1 white. What is left in grey."""
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ink(colour: str) -> str:
    """Black or white letters, whichever reads better on a colour."""
    light = luminance(colour)
    return "#111111" if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else "#ffffff"
