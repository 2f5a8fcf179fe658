"""The numbers of a place's areas that the model reads, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class AreaNumbers:
    """Areas in order of their codes; every array is int64 of shape (areas,) and read-only.

    Population (``pop_*``) is that of the census, whole persons; those of unknown age are allocated
    pro rata over 0-14, 15-64 and 65+ of their area (model rule A10). ``general_staff``: general
    administrative staff of the area's office; ``establishments``: private ones; ``hectares``: land.
    """

    pop_total: NDArray[np.int64]
    pop_15plus: NDArray[np.int64]
    pop_15_64: NDArray[np.int64]
    pop_65_74: NDArray[np.int64]
    pop_75plus: NDArray[np.int64]
    general_staff: NDArray[np.int64]
    establishments: NDArray[np.int64]
    hectares: NDArray[np.int64]


def area_numbers(columns: Mapping[str, Sequence[int]]) -> AreaNumbers:
    """Arrays from the columns of a place (`sim.places.load.COLUMNS`)."""
    given = {name: np.array(values, dtype=np.int64) for name, values in columns.items()}
    total, older, oldest = given["total"], given["from_65"], given["from_75"]
    # In integers (numerator over the known population), so that rounding is the same everywhere.
    known = given["under_15"] + given["from_15_to_64"] + older
    exact = np.stack([given["from_15_to_64"], older - oldest, oldest]) * total
    whole = exact // known
    # Largest remainders over all areas and bands: the total is exact up to rounding.
    missing = round(float((exact / known).sum())) - int(whole.sum())
    order = np.argsort(-((exact % known) / known).ravel(), kind="stable")
    whole.ravel()[order[:missing]] += 1
    found = {
        "pop_total": total,
        "pop_15plus": whole.sum(axis=0),
        "pop_15_64": whole[0],
        "pop_65_74": whole[1],
        "pop_75plus": whole[2],
        **{name: given[name] for name in ("general_staff", "establishments", "hectares")},
    }
    for values in found.values():
        values.flags.writeable = False
    return AreaNumbers(**found)
