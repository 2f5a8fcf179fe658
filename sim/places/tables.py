"""What a place's files hold beyond the model's inputs: statistics of its areas, and outlines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sim.base.errors import ContentError
from sim.places.load import read_rows
from sim.places.place import Place


@dataclass(frozen=True, slots=True)
class AreaStatistic:
    """A column of a place's table of areas: its label by language, unit, year, code in the source.

    ``values``: whole numbers in the order of the areas' codes.
    """

    id: str
    label: dict[str, str]
    unit: str
    year: int
    source_code: str
    values: tuple[int, ...]


def area_statistics(place: Place) -> tuple[AreaStatistic, ...]:
    """The columns that the place explains, in its order.

    Raises ContentError for a column without an explanation that fits it.
    """
    rows = sorted(read_rows(place.table), key=lambda row: int(row[place.code_column]))
    found = []
    for line, row in enumerate(read_rows(place.statistics), start=2):
        try:
            statistic = AreaStatistic(
                id=row["column"],
                label={"ja": row["label_ja"], "en": row["label_en"]},
                unit=row["unit"],
                year=int(row["year"]),
                source_code=row["source_code"],
                values=tuple(int(area[row["column"]]) for area in rows),
            )
        except (KeyError, ValueError) as error:
            problem = f"column or value missing: {error}"
            raise ContentError(problem, place.statistics, line) from None
        found.append(statistic)
    return tuple(found)


def outlines(place: Place) -> dict[str, Any]:
    """The outlines as GeoJSON in degrees, each feature with the property ``code`` (a number).

    Raises ContentError unless every area has one outline.
    """
    content: dict[str, Any] = json.loads(place.map.read_text(encoding="utf-8"))
    for feature in content["features"]:
        feature["properties"]["code"] = int(feature["properties"][place.map_code])
    codes = sorted(feature["properties"]["code"] for feature in content["features"])
    if codes != list(place.code):
        problem = f"outlines of {codes}, where the areas are {list(place.code)}"
        raise ContentError(problem, place.map)
    return content
