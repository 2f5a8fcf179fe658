"""The wards as the page shows them: official statistics, and outlines for the map."""

from __future__ import annotations

import csv
import json

from sim.app.fact_words import Json, both, unit_text, words
from sim.app.settings import AppSettings
from sim.base.files import data_dir

UNITS = (
    ("_ha_", "ha"),
    ("_kyen_", "thousand yen"),
    ("households", "households"),
    ("establishments", "establishments"),
    ("libraries", "libraries"),
    ("primary_schools", "schools"),
    ("", "persons"),
)
"""Part of a column's name -> unit; the first that fits."""


def wards(settings: AppSettings, profile: str) -> Json:
    """Columns with name, unit and source, the values of each ward, and the profile's features."""
    from sim.figures.evidence import load_profile
    from sim.places.wards import credits

    columns: list[Json] = []
    for row in _csv("tokyo23_wards_columns.csv"):
        unit = next(unit for part, unit in UNITS if part in row["column"])
        name = row["column"].rsplit("_", 1)[0].replace("_", " ").replace("65plus", "65+")
        columns.append(
            {
                "id": row["column"],
                "name": both(row["label_ja"], name.replace(" kyen", "").replace(" ha", "")),
                "unit": unit,
                "unit_text": unit_text(unit),
                "year": int(row["year"]),
                "ssdse_code": row["ssdse_code"],
                "source": "SSDSE-A-2026",
            }
        )
    rows = [
        {
            "code": int(row["code"]),
            "name": both(row["name_ja"], row["name_en"]),
            "values": {c["id"]: int(row[c["id"]]) for c in columns},
        }
        for row in _csv("tokyo23_wards_ssdse_a_2026.csv")
    ]
    features = load_profile(settings.profile_of(profile)).ward_features
    return {
        "columns": columns,
        "rows": rows,
        "credits": list(credits()),
        "features": {str(code): values for code, values in features.items()},
        "note": words("serve_wards_note"),
    }


def ward_names() -> list[Json]:
    """Code and name of each ward."""
    from sim.places.wards import load_wards

    wards = load_wards()
    return [
        {"code": code, "name": both(ja, en)}
        for code, ja, en in zip(wards.code, wards.name_ja, wards.name_en, strict=True)
    ]


def _csv(name: str) -> list[dict[str, str]]:
    with data_dir("calibration", "data", name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def shapes(settings: AppSettings, profile: str) -> Json:
    """Outlines of the wards, their codes as numbers."""
    path = data_dir("calibration", "data", "tokyo23_wards.geojson")
    content: Json = json.loads(path.read_text(encoding="utf-8"))
    for feature in content["features"]:
        feature["properties"]["code"] = int(feature["properties"]["code"])
    return content
