"""The 23 special wards: census table, neighbours, credits, and what profiles say of single wards.

Source of the table: SSDSE-A-2026 (census of 2020 and later); see calibration/data/SOURCES.md.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sim.base.files import data_dir
from sim.base.strict_yaml import YamlFile, read_yaml

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WARD_CODES = range(13101, 13124)
FEATURES = (
    "department",
    "evaluates",
    "uses_evaluation",
    "digital_collaboration",
    "digital_support",
    "npo_count",
)
"""What a profile may say of a ward: five yes/no features of its office, and its count of NPOs."""
FEATURE_COUNTS = {
    "department": "wards_with_department_count",
    "evaluates": "wards_evaluating_count",
    "uses_evaluation": "wards_using_evaluation_count",
    "digital_collaboration": "wards_digital_collab_count",
    "digital_support": "wards_digital_support_count",
}
"""Feature -> evidence row with the number of wards that have it."""

WardFeatures = Mapping[int, Mapping[str, bool | int]]
"""What is known of single wards: ward code -> feature -> value."""


@dataclass(frozen=True, slots=True)
class WardTable:
    """The 23 wards in order of their codes. Arrays are int64 of shape (23,).

    Population (``pop_*``) is that of the census of 1 October 2020, whole persons; those of
    unknown age are allocated pro rata over 0-14, 15-64 and 65+ of their ward (model rule A10).
    ``general_staff``: general administrative staff of the ward office, 2024.
    ``establishments``: private ones, 2021.
    ``area_ha``: hectares, 2024. ``neighbours``: the 56 pairs of codes that share a boundary.
    """

    code: tuple[int, ...]
    name_ja: tuple[str, ...]
    name_en: tuple[str, ...]
    pop_total: NDArray[np.int64]
    pop_15plus: NDArray[np.int64]
    pop_15_64: NDArray[np.int64]
    pop_65_74: NDArray[np.int64]
    pop_75plus: NDArray[np.int64]
    general_staff: NDArray[np.int64]
    establishments: NDArray[np.int64]
    area_ha: NDArray[np.int64]
    neighbours: tuple[tuple[int, int], ...]


@cache
def load_wards() -> WardTable:
    """Read the ward table. Residents aged 15 and over add up to 8,638,445 in all wards."""
    import numpy as np

    with data_dir("calibration", "data", "tokyo23_wards_ssdse_a_2026.csv").open(
        encoding="utf-8", newline=""
    ) as stream:
        rows = sorted(csv.DictReader(stream), key=lambda row: int(row["code"]))
    with data_dir("calibration", "data", "tokyo23_adjacency.csv").open(
        encoding="utf-8", newline=""
    ) as stream:
        pairs = tuple((int(r["ward_a"]), int(r["ward_b"])) for r in csv.DictReader(stream))

    def column(name: str) -> NDArray[np.int64]:
        values = np.array([int(row[name]) for row in rows], dtype=np.int64)
        values.flags.writeable = False
        return values

    total, children = column("pop_2020"), column("pop_0_14_2020")
    middle, older, oldest = (column(f"pop_{band}_2020") for band in ("15_64", "65plus", "75plus"))
    # In integers (numerator over the known population), so that rounding is the same everywhere.
    known = children + middle + older
    exact = np.stack([middle, older - oldest, oldest]) * total
    whole = exact // known
    # Largest remainders over all wards and bands: the total is exact up to rounding.
    missing = round(float((exact / known).sum())) - int(whole.sum())
    order = np.argsort(-((exact % known) / known).ravel(), kind="stable")
    whole.ravel()[order[:missing]] += 1
    whole.flags.writeable = False
    everyone = whole.sum(axis=0)
    everyone.flags.writeable = False
    return WardTable(
        code=tuple(int(row["code"]) for row in rows),
        name_ja=tuple(row["name_ja"] for row in rows),
        name_en=tuple(row["name_en"] for row in rows),
        pop_total=total,
        pop_15plus=everyone,
        pop_15_64=whole[0],
        pop_65_74=whole[1],
        pop_75plus=whole[2],
        general_staff=column("general_admin_staff_2024"),
        establishments=column("establishments_2021"),
        area_ha=column("area_ha_2024"),
        neighbours=pairs,
    )


@cache
def credits() -> tuple[str, ...]:
    """Attribution lines that every export carries (calibration/data/credits.yaml)."""
    file = read_yaml(data_dir("calibration", "data", "credits.yaml"))
    return tuple(str(line) for line in file.data["credits"])


def read_features(file: YamlFile) -> dict[int, dict[str, bool | int]]:
    """The section ``wards`` of a profile file: ward code -> feature -> value; empty without it.

    Raises ContentError for an unknown ward or feature, a value of the wrong kind, or a ward that
    uses evaluations which it does not make.
    """
    section: Any = file.data.get("wards", {})
    file.check_keys(section, {str(code) for code in WARD_CODES}, set(), "wards")
    features: dict[int, dict[str, bool | int]] = {}
    for code, entry in section.items():
        file.check_keys(entry, set(FEATURES), set(), "wards", code)
        for name, value in entry.items():
            kind = int if name == "npo_count" else bool
            if type(value) is not kind or value < 0:
                wanted = "a whole number" if kind is int else "true or false"
                raise file.error(
                    f"wards.{code}.{name}: expected {wanted}, found {value!r}", "wards", code, name
                )
        if entry.get("uses_evaluation") is True and entry.get("evaluates") is not True:
            raise file.error(
                f"wards.{code}: uses_evaluation needs evaluates: true (C025)", "wards", code
            )
        features[int(code)] = dict(entry)
    return features


def check_features(
    file: YamlFile, features: dict[int, dict[str, bool | int]], counts: dict[str, int]
) -> None:
    """Refuse features of single wards that no assignment of the rest can fit to ``counts``.

    ``counts`` holds the number of wards per feature and the NPO corporations (``npo_count``).
    """
    for name, count in counts.items():
        known = [entry[name] for entry in features.values() if name in entry]
        total, free = sum(known), len(WARD_CODES) - len(known)
        most = total + free if name in FEATURE_COUNTS else total if free == 0 else count
        if not total <= count <= most:
            row = FEATURE_COUNTS.get(name, name)
            raise file.error(
                f"wards: {name} adds up to {total} in {len(known)} wards, which does not fit the"
                f" row {row} ({count}); set that row too",
                "wards",
            )


@cache
def ward_codes() -> dict[str, int]:
    """Code of each of the 23 wards by code, English and Japanese name (with and without 区)."""
    wards = load_wards()
    codes: dict[str, int] = {}
    for code, en, ja in zip(wards.code, wards.name_en, wards.name_ja, strict=True):
        codes.update(dict.fromkeys((str(code), en.casefold(), ja, ja.removesuffix("区")), code))
    return codes
