"""Colours of the charts: one for each measure everywhere, told apart in grey, letters readable."""

from __future__ import annotations

import ast
import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from matplotlib.colors import to_rgb

from sim.report import palette
from sim.scenario.bundled import STANDARD

REPORT = Path(palette.__file__).parent


def lightness(colour: str) -> float:
    """CIE L* of a colour: 0 black to 100 white, in steps that the eye sees as equal."""
    y = palette.luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def contrast(a: str, b: str) -> float:
    """WCAG contrast ratio, 1 to 21."""
    high, low = sorted((palette.luminance(a), palette.luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def deuteranope(colour: str) -> tuple[float, float, float]:
    """A colour as people without green cones see it (Vienot et al. 1999), linear RGB."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour))
    return (0.29275 * r + 0.70725 * g, 0.29275 * r + 0.70725 * g, -0.02234 * r + 0.02234 * g + b)


def test_luminance_of_known_colours() -> None:
    assert palette.luminance("#ffffff") == pytest.approx(1)
    assert palette.luminance("#000000") == 0
    assert palette.luminance("#808080") == pytest.approx(0.2159, abs=1e-4)  # sRGB 128
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_measures_are_told_apart_in_grey_and_by_the_colour_blind() -> None:
    colours = list(palette.MEASURE_COLOURS.values())
    assert len(colours) == 3
    for a, b in combinations(colours, 2):
        assert abs(lightness(a) - lightness(b)) > 10
        assert max(abs(x - y) for x, y in zip(deuteranope(a), deuteranope(b), strict=True)) > 0.1
    assert len(set(palette.HATCHES.values())) == 3


def test_a_measure_has_the_same_colour_as_its_scenario_and_none_is_the_targets() -> None:
    look = palette.styles(STANDARD)
    for n, colour in palette.MEASURE_COLOURS.items():
        assert look[f"m{n}"].colour == colour
    assert palette.styles(["m2", "m3"])["m3"] == look["m3"]  # whatever stands beside it
    assert len({s.colour for s in look.values()}) == len(STANDARD)
    for style in look.values():
        assert style.colour not in (palette.TARGET, palette.BLACK)
        # at most a mid grey, far from the target's black, and not lost on white
        assert 40 < lightness(style.colour) < 75
    assert look["baseline"].colour == palette.GREY
    assert look["baseline"].line != "-"


def test_no_chart_has_measure_colours_of_its_own() -> None:
    own = {c.lower() for c in palette.MEASURE_COLOURS.values()}
    for path in REPORT.rglob("*.py"):
        if path.name != "palette.py":
            found = set(re.findall(r"#[0-9a-f]{6}", path.read_text(encoding="utf-8").lower()))
            assert not found & own, path.name


def test_shades_darken_evenly_and_letters_on_them_read() -> None:
    steps = [lightness(s) for s in palette.SHADES]
    assert all(10 < a - b < 25 for a, b in pairwise(steps))
    for shade in (*palette.SHADES, *palette.MEASURE_COLOURS.values(), "#e4e4e4"):
        assert contrast(palette.ink(shade), shade) >= 4.5


def test_no_module_uses_pyplot() -> None:
    for path in REPORT.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert "pyplot" not in ast.unparse(node), path.name
