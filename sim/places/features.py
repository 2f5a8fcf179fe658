"""What a profile may say of single wards: features of their offices, and their counts of NPOs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sim.base.strict_yaml import YamlFile

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
WARD_COUNT = "ward_count"
"""Evidence row with the number of wards."""

WardFeatures = Mapping[int, Mapping[str, bool | int]]
"""What is known of single wards: ward code -> feature -> value."""


def read_features(file: YamlFile, codes: Collection[int]) -> dict[int, dict[str, bool | int]]:
    """The section ``wards`` of a profile file: ward code -> feature -> value; empty without it.

    ``codes``: those of the place. Raises ContentError for an unknown ward or feature, a value of
    the wrong kind, or a ward that uses evaluations which it does not make.
    """
    section: Any = file.data.get("wards", {})
    file.check_keys(section, {str(code) for code in codes}, set(), "wards")
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
    file: YamlFile, features: WardFeatures, counts: Mapping[str, int], areas: int
) -> None:
    """Refuse features of single wards that no assignment of the rest can fit to ``counts``.

    ``counts`` holds the number of wards per feature and the NPO corporations (``npo_count``);
    ``areas``: number of wards.
    """
    for name, count in counts.items():
        known = [entry[name] for entry in features.values() if name in entry]
        total, free = sum(known), areas - len(known)
        most = total + free if name in FEATURE_COUNTS else total if free == 0 else count
        if not total <= count <= most:
            row = FEATURE_COUNTS.get(name, name)
            raise file.error(
                f"wards: {name} adds up to {total} in {len(known)} wards, which does not fit the"
                f" row {row} ({count}); set that row too",
                "wards",
            )
