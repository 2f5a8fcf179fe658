"""The layout of pictures: axes of a size of their own, with room for what stands around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from matplotlib.figure import Figure

from sim.pages.labels import wrap

LEAST = 6.6
"""Least width of a picture in inches."""
EDGE, GAP = 0.16, 0.22
_LINE = {"title": 0.27, "note": 0.185}


class Cell:
    """Axes of ``width`` by ``height`` inches, somewhere in a figure until they are arranged."""

    def __init__(self, figure: Figure, width: float, height: float) -> None:
        self.width, self.height = width, height
        wide, high = figure.get_size_inches()
        self.ax = figure.add_axes((0.4, 0.4, width / wide, height / high))
        self.margins = (0.0, 0.0, 0.0, 0.0)

    def measure(self, renderer: Any, dpi: float) -> None:
        """Find the room in inches that names, titles and legends take: left, right, top, foot."""
        own, whole = self.ax.get_window_extent(renderer), self.ax.get_tightbbox(renderer)
        if whole is not None:
            ends = (own.x0 - whole.x0, whole.x1 - own.x1, whole.y1 - own.y1, own.y0 - whole.y0)
            # letters are up to a twentieth wider where a picture is drawn with fewer dots
            left, right, top, foot = (1.05 * max(0.0, end / dpi) for end in ends)
            self.margins = (left, right, top, foot)


@dataclass
class CellBlock:
    """Lines of cells under a heading, on a ground of ``back`` ("": none), over a legend."""

    lines: list[list[Cell]]
    head: str = ""
    back: str = ""
    legend: list[Any] = field(default_factory=list)

    @property
    def columns(self) -> list[tuple[float, float, float]]:
        """Room at the left, width and room at the right of each column of cells."""
        many = max(len(line) for line in self.lines)
        own = [[line[n] for line in self.lines if n < len(line)] for n in range(many)]
        return [
            (
                max(c.margins[0] for c in cells),
                max(c.width for c in cells),
                max(c.margins[1] for c in cells),
            )
            for cells in own
        ]

    @property
    def width(self) -> float:
        """Width in inches."""
        return sum(map(sum, self.columns)) + GAP * (len(self.columns) - 1)

    @property
    def rows(self) -> list[tuple[float, float, float]]:
        """Room on top, height and room below of each line of cells."""
        return [
            (
                max(c.margins[2] for c in line),
                max(c.height for c in line),
                max(c.margins[3] for c in line),
            )
            for line in self.lines
        ]

    @property
    def height(self) -> float:
        """Height in inches, with heading and legend."""
        body = sum(map(sum, self.rows)) + GAP / 2 * len(self.lines)
        return body + (0.3 if self.head else 0.0) + self.legend_height

    @property
    def legend_height(self) -> float:
        """Height of the legend in inches, five entries a line."""
        return 0.24 * -(-len(self.legend) // 5) + 0.1 if self.legend else 0.0


def arrange(
    figure: Figure,
    blocks: Sequence[CellBlock],
    title: str,
    notes: Sequence[str],
    foot: Sequence[str],
) -> None:
    """Give the figure its size and every cell its place; write title, notes and foot."""
    renderer: Any = cast("Any", figure.canvas).get_renderer()
    for block in blocks:
        for line in block.lines:
            for cell in line:
                cell.measure(renderer, figure.get_dpi())
    width = max([LEAST, *(block.width + 2 * EDGE for block in blocks)])
    head = wrap(title, int(width / 0.105)).split("\n")
    lines = [
        t for text in (*notes, *foot) if text for t in wrap(text, int(width / 0.059)).split("\n")
    ]
    top = 0.14 + _LINE["title"] * len(head)
    below = 0.12 + _LINE["note"] * len(lines)
    height = top + sum(block.height + GAP / 2 for block in blocks) + below
    figure.set_size_inches(width, height)
    for n, text in enumerate(head):
        y = 1 - (0.22 + _LINE["title"] * n) / height
        figure.text(EDGE / width, y, text, fontsize=12.5, va="center")
    at = height - top
    for block in blocks:
        _place(figure, block, at)
        at -= block.height + GAP / 2
    for n, text in enumerate(reversed(lines)):
        figure.text(EDGE / width, (0.13 + _LINE["note"] * n) / height, text, fontsize=7.2,
                    va="center", color="#444444")  # fmt: skip


def _place(figure: Figure, block: CellBlock, at: float) -> None:
    """Place a block whose upper edge is at ``at`` inches."""
    width, height = map(float, figure.get_size_inches())
    if block.back:
        tall = block.height - block.legend_height
        panel = figure.add_axes(
            (0.006, (at - tall) / height, 0.988, tall / height), zorder=-1, facecolor=block.back
        )
        panel.set_xticks([])
        panel.set_yticks([])
        panel.spines[:].set_visible(False)
    if block.head:
        figure.text(EDGE / width, (at - 0.16) / height, block.head, fontsize=11, va="center")
        at -= 0.3
    for line, (top, tall, below) in zip(block.lines, block.rows, strict=True):
        x, at = EDGE, at - top
        for cell, (left, wide, right) in zip(line, block.columns, strict=False):
            cell.ax.set_position(
                ((x + left) / width, (at - cell.height) / height, cell.width / width,
                 cell.height / height)
            )  # fmt: skip
            x += left + wide + right + GAP
        at -= tall + below + GAP / 2
    if block.legend:
        figure.legend(
            handles=block.legend, loc="center", ncols=5, frameon=False, fontsize=9, handlelength=4,
            bbox_to_anchor=(0.5, (at - block.legend_height / 2) / height),
        )  # fmt: skip
