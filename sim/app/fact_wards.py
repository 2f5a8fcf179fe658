"""The wards as the page shows them: official statistics, and outlines for the map."""

from __future__ import annotations

from sim.app.fact_words import Json, both, unit_text, words
from sim.app.settings import AppSettings


def wards(settings: AppSettings, profile: str) -> Json:
    """Columns with name, unit and source, the values of each ward, and the profile's features."""
    from sim.figures.credits import credits
    from sim.figures.evidence import load_profile
    from sim.places.load import load_place
    from sim.places.tables import area_statistics

    place = load_place()
    statistics = area_statistics(place)
    features = load_profile(settings.profile_of(profile)).ward_features
    return {
        "columns": [
            {
                "id": one.id,
                "name": one.label,
                "unit": one.unit,
                "unit_text": unit_text(one.unit),
                "year": one.year,
                "source_code": one.source_code,
                "source": place.source,
            }
            for one in statistics
        ],
        "rows": [
            {**ward, "values": {one.id: one.values[n] for one in statistics}}
            for n, ward in enumerate(ward_names())
        ],
        "credits": list(credits()),
        "features": {str(code): values for code, values in features.items()},
        "note": words("serve_wards_note"),
    }


def ward_names() -> list[Json]:
    """Code and name of each ward."""
    from sim.places.load import load_place

    place = load_place()
    return [
        {"code": code, "name": both(ja, en)}
        for code, ja, en in zip(
            place.code, place.area_names["ja"], place.area_names["en"], strict=True
        )
    ]


def shapes(settings: AppSettings, profile: str) -> Json:
    """Outlines of the wards, their codes as numbers."""
    from sim.places.load import load_place
    from sim.places.tables import outlines

    return outlines(load_place())
