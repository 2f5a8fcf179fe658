"""A place: the areas that are simulated together, and what is known of them.

A place is data: one folder with a description (``place.yaml``) and tables, see docs/places.md.
`sim.places.load` reads it. Nothing in the code knows how many areas there are, or their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.places.numbers import AreaNumbers


@dataclass(frozen=True, eq=False)
class Place:
    """The areas of a place, in order of their codes.

    ``id``: name of its ``folder``. ``name``: language -> text; ``area_names``: language -> a name
    for each area, whose last part (``endings_ja``) is left out of short names. ``start_year``: the
    first fiscal year of the model, whose month 0 is April of that year. ``columns``: what the model
    reads of the areas -> a whole number for each, see ``numbers``. ``neighbours``: pairs of codes
    that share a boundary. ``map``, ``map_code``: the file of the outlines, and the property of its
    features that holds the code. ``table``, ``code_column``, ``statistics``: the file of the areas,
    its column of codes, and the file that explains the others, which are from ``source``.
    ``credits``: attribution that every output carries; ``under_charts``, ``under_maps``: language
    -> its short form for charts and for maps.
    """

    id: str
    folder: Path
    name: Mapping[str, str]
    start_year: int
    code: tuple[int, ...]
    area_names: Mapping[str, tuple[str, ...]]
    endings_ja: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...]]
    neighbours: tuple[tuple[int, int], ...]
    map: Path
    map_code: str
    table: Path
    code_column: str
    statistics: Path
    source: str
    under_charts: Mapping[str, str]
    under_maps: Mapping[str, str]
    credits: tuple[str, ...]

    @cached_property
    def numbers(self) -> AreaNumbers:
        """The columns as arrays, with those of unknown age allocated. Loads numpy."""
        from sim.places.numbers import area_numbers

        return area_numbers(self.columns)

    def short(self, name: str) -> str:
        """A Japanese name without its ending; any other name as it is."""
        for ending in self.endings_ja:
            if name.endswith(ending) and name != ending:
                return name.removesuffix(ending)
        return name

    def codes_by_name(self) -> dict[str, int]:
        """Code of each area by code, English name (casefolded) and Japanese name, full and short.

        A name that two areas have is left out: only a code tells them apart.
        """
        found: dict[str, set[int]] = {}
        for code, en, ja in zip(
            self.code, self.area_names["en"], self.area_names["ja"], strict=True
        ):
            for name in dict.fromkeys((str(code), en.casefold(), ja, self.short(ja))):
                found.setdefault(name, set()).add(code)
        return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}

    def example(self) -> str:
        """How a list of areas is written: by code or by name."""
        middle = len(self.code) // 2
        return f"[{self.code[middle]}, {self.area_names['en'][middle]}]"
