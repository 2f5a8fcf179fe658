"""The foot of pictures that analyses still draw themselves."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from sim.pages.labels import Labels
from sim.report.about import Facts
from sim.report.charts.foot import foot_of


def footer_lines(facts: Facts, labels: Labels) -> list[str]:
    """What stands under every chart: status of the numbers, how many runs, credits."""
    return list(foot_of(facts, labels).lines)


def draw_footer(figure: Figure, lines: Sequence[str]) -> None:
    """Write lines at the bottom of a figure, the last one lowest."""
    height = float(figure.get_figheight())
    for n, line in enumerate(reversed(lines)):
        figure.text(
            0.02, (0.13 + 0.185 * n) / height, line, fontsize=7.2, va="center", color="#444444"
        )
