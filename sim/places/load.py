"""Read a place from its folder, strictly. The bundled ones stand in calibration/places."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sim.base.errors import ContentError, UsageError, nearest
from sim.base.files import data_dir
from sim.base.strict_yaml import YamlFile, read_yaml
from sim.base.user_choices import LANGUAGES
from sim.places.place import Place

DEFAULT_PLACE = "tokyo23"
"""The place of every command: a folder of calibration/places. Named here and nowhere else."""

DESCRIPTION = "place.yaml"
POPULATION = ("total", "under_15", "from_15_to_64", "from_65", "from_75")
SIZES = ("general_staff", "establishments", "hectares")
COLUMNS = (*POPULATION, *SIZES)
"""What the model reads of areas; a description says which column of the table holds each."""

KEYS: dict[str, tuple[str, ...]] = {
    "": (
        *("name", "start_year", "areas", "statistics", "neighbours", "map"),
        *("under_charts", "under_maps", "credits"),
    ),
    "name": LANGUAGES,
    "under_charts": LANGUAGES,
    "under_maps": LANGUAGES,
    "areas": ("file", "code", "name", "endings_ja", "population", *SIZES),
    "areas.name": LANGUAGES,
    "areas.population": POPULATION,
    "statistics": ("file", "source"),
    "neighbours": ("file", "pair"),
    "map": ("file", "code"),
}
"""Section of a description -> its keys, all of which are required."""


def load_place(name_or_folder: str | Path | Place = DEFAULT_PLACE) -> Place:
    """A place by the name of a bundled one, or from a folder of the user's. A `Place` stays itself.

    Raises UsageError for an unknown name, ContentError (file, line) for a description or a table
    that is not valid.
    """
    if isinstance(name_or_folder, Place):
        return name_or_folder
    name = str(name_or_folder)
    if name in place_names():
        return _bundled(name)
    folder = Path(name)
    if (folder / DESCRIPTION).is_file():
        return _read(folder.resolve())
    if folder.is_dir():
        raise UsageError(f"{folder}: no place, it has no {DESCRIPTION}")
    known = place_names()
    hint = nearest(name, known) or f" (bundled: {', '.join(known)}; or give a folder)"
    raise UsageError(f"unknown place '{name}'{hint}")


def start_year() -> int:
    """The first fiscal year of the default place."""
    return load_place().start_year


@cache
def place_names() -> tuple[str, ...]:
    """Names of the bundled places."""
    files = data_dir("calibration", "places").glob(f"*/{DESCRIPTION}")
    return tuple(sorted(file.parent.name for file in files))


@cache
def _bundled(name: str) -> Place:
    return _read(data_dir("calibration", "places", name))


def _read(folder: Path) -> Place:
    file = read_yaml(folder / DESCRIPTION)
    for section, keys in KEYS.items():
        where = tuple(filter(None, section.split(".")))
        file.check_keys(_at(file, *where), set(keys), set(keys), *where)
    table, areas = _AreaTable(file), file.data["areas"]
    wanted = {**areas["population"], **{name: areas[name] for name in SIZES}}
    columns = {name: table.whole(wanted[name]) for name in COLUMNS}
    table.check(columns)
    return Place(
        id=folder.name,
        folder=folder,
        name=dict(file.data["name"]),
        start_year=_year(file),
        code=table.code,
        area_names={lang: table.column(areas["name"][lang]) for lang in LANGUAGES},
        endings_ja=_texts(file, "areas", "endings_ja"),
        columns=columns,
        neighbours=tuple(_neighbours(file, table.code)),
        map=_file(file, "map"),
        map_code=str(file.data["map"]["code"]),
        table=table.path,
        code_column=str(areas["code"]),
        statistics=_file(file, "statistics"),
        source=str(file.data["statistics"]["source"]),
        under_charts=dict(file.data["under_charts"]),
        under_maps=dict(file.data["under_maps"]),
        credits=_texts(file, "credits"),
    )


def _at(file: YamlFile, *where: str) -> Any:
    found = file.data
    for key in where:
        found = found[key]
    return found


def _year(file: YamlFile) -> int:
    year = file.data["start_year"]
    if type(year) is not int or not 1900 <= year <= 2200:
        raise file.error(f"start_year: {year!r} is no year", "start_year")
    return year


def _texts(file: YamlFile, *where: str) -> tuple[str, ...]:
    found = _at(file, *where)
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise file.error(f"{'.'.join(where)}: expected a list of texts, found {found!r}", *where)
    return tuple(found)


def _file(file: YamlFile, section: str) -> Path:
    path = file.path.parent / str(file.data[section]["file"])
    if not path.is_file():
        raise file.error(f"{section}.file: file not found: {path.name}", section, "file")
    return path


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table of a place: CSV in UTF-8 with a head."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


class _AreaTable:
    """The table of the areas, in order of their codes."""

    def __init__(self, file: YamlFile) -> None:
        self.path = _file(file, "areas")
        self._rows = list(enumerate(read_rows(self.path), start=2))
        if not self._rows:
            raise ContentError("no areas", self.path)
        codes = self.whole(file.data["areas"]["code"])
        order = sorted(range(len(codes)), key=codes.__getitem__)
        self._rows = [self._rows[i] for i in order]
        self.code = tuple(sorted(codes))
        twice = [code for code, number in Counter(codes).items() if number > 1]
        if twice:
            raise ContentError(f"area {twice[0]} stands in two rows", self.path)

    def error(self, message: str, row: int) -> ContentError:
        """What is wrong with an area, by its number in order of the codes."""
        return ContentError(message, self.path, self._rows[row][0])

    def column(self, name: Any) -> tuple[str, ...]:
        """The texts of a column. ContentError if there is none of that name."""
        head = list(self._rows[0][1])
        if name not in head:
            raise ContentError(f"no column '{name}'{nearest(str(name), head)}", self.path, 1)
        return tuple((row[name] or "").strip() for _, row in self._rows)

    def whole(self, name: Any) -> tuple[int, ...]:
        """A column of whole numbers. ContentError for anything else."""
        texts = self.column(name)
        for row, text in enumerate(texts):
            if not (text.isascii() and text.isdecimal()):
                raise self.error(f"{name}: '{text}' is no whole number", row)
        return tuple(int(text) for text in texts)

    def check(self, columns: Mapping[str, tuple[int, ...]]) -> None:
        """Refuse areas whose age bands do not fit, and a place without any establishment."""
        people = zip(*(columns[band] for band in POPULATION), strict=True)
        for row, (total, under_15, middle, older, oldest) in enumerate(people):
            if not 0 < under_15 + middle + older <= total or oldest > older:
                raise self.error(f"area {self.code[row]}: its age bands do not fit its total", row)
        if not any(columns["establishments"]):
            raise ContentError("no area has any establishment", self.path)


def _neighbours(file: YamlFile, codes: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    path, columns = _file(file, "neighbours"), _texts(file, "neighbours", "pair")
    for line, row in enumerate(read_rows(path), start=2):
        pair = [row.get(column) or "" for column in columns]
        if len(pair) != 2 or not all(c.isdecimal() and int(c) in codes for c in pair):
            raise ContentError(f"'{', '.join(pair)}': no two codes of areas", path, line)
        yield int(pair[0]), int(pair[1])
