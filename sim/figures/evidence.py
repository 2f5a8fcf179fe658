"""The evidence registry: every figure with its source, unit, population, period, role and status.

A *profile* is a consistent set of evidence: ``document`` (default; every figure of the source
document, unverified), ``official`` (published statistics, falling back row by row to ``document``)
or a user's own YAML file that extends one of them. Files give percentages in percent; loaded
values are fractions. How to read and write profiles: docs/evidence.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sim.base.errors import UsageError, nearest
from sim.base.files import data_dir
from sim.figures.profiles import ProfileReader, profile_names
from sim.figures.rows import ROLES, STATUSES, Evidence
from sim.places.features import FEATURE_COUNTS, WARD_COUNT, check_features
from sim.places.load import load_place
from sim.places.place import Place


class Profile(Mapping[str, Evidence]):
    """A consistent set of evidence: a mapping id -> Evidence in document order.

    ``chain`` names the profiles from the root to this one; ``ward_features`` holds what is known
    of single wards (ward code -> feature -> value) and is empty unless the user's profile says.
    """

    def __init__(
        self,
        name: str,
        description: str,
        chain: tuple[str, ...],
        rows: Mapping[str, Evidence],
        ward_features: dict[int, dict[str, bool | int]],
    ) -> None:
        self.name, self.description, self.chain = name, description, chain
        self.ward_features = ward_features
        self._rows = dict(rows)

    def __getitem__(self, id: str) -> Evidence:
        if id not in self._rows:
            raise UsageError(f"unknown evidence row '{id}'{nearest(id, self._rows)}")
        return self._rows[id]

    def __contains__(self, id: object) -> bool:
        return id in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def value(self, id: str) -> float:
        """The number of a row, in its ``unit`` (shares as fractions). UsageError for a date."""
        value = self[id].value
        if isinstance(value, str):
            raise UsageError(f"evidence row '{id}' is a date, not a number: {value}")
        return value

    def ids(self) -> tuple[str, ...]:
        """All ids in order."""
        return tuple(self._rows)

    def select(
        self,
        *,
        role: str | None = None,
        status: str | None = None,
        initiative: str | None = None,
        text: str | None = None,
    ) -> tuple[Evidence, ...]:
        """Rows that meet all the conditions; ``text`` is looked for in every text of a row.

        Raises UsageError for a role or status that does not exist.
        """
        for kind, name, valid in (("role", role, ROLES), ("status", status, STATUSES)):
            if name is not None and name not in valid:
                raise UsageError(f"unknown {kind} '{name}'{nearest(name, valid)}")
        return tuple(
            e
            for e in self._rows.values()
            if (role is None or e.role == role)
            and (status is None or e.status == status)
            and (initiative is None or e.initiative == initiative)
            and (text is None or text.casefold() in str(asdict(e)).casefold())
        )

    def fallbacks(self) -> tuple[str, ...]:
        """Ids whose value was taken over from a profile that this one extends."""
        return tuple(id for id, e in self._rows.items() if e.profile != self.name)

    def to_rows(self) -> list[dict[str, Any]]:
        """Plain dicts for JSON, one per row, with lists for tuples."""
        return [
            {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(e).items()}
            | {"fallback": e.profile != self.name}
            for e in self._rows.values()
        ]


_Known = tuple[tuple[tuple[Path, int, int], ...], Profile]
_cache: dict[tuple[Path, tuple[int, ...]], _Known] = {}


def _stamps(files: list[Path]) -> tuple[tuple[Path, int, int], ...]:
    return tuple((f, f.stat().st_mtime_ns, f.stat().st_size) for f in files)


def load_profile(name_or_path: str | Path = "document", place: Place | None = None) -> Profile:
    """Load a profile by its name (``document``, ``official``) or from the user's YAML file.

    ``place``: the areas that it is used for, the default place if None. Its row ``ward_count`` must
    be their number, from which the numbers of wards with a feature follow.

    Cached until one of the files that it is read from changes. Raises UsageError for an unknown
    name or a missing file, ContentError (file, line, nearest valid name) for anything wrong in it.
    """
    given, path, place = str(name_or_path), Path(name_or_path), place or load_place()
    if path.suffix not in (".yaml", ".yml"):
        bundled = data_dir("calibration", "evidence") / f"{given}.yaml"
        if (bundled.resolve(), place.code) in _cache or given in (names := profile_names()):
            path = bundled
        elif not path.is_file():
            raise UsageError(f"unknown profile '{given}'{nearest(given, names)}")
    path = path.resolve() if path.is_file() else path
    key = (path, place.code)
    if key in _cache and all(f.exists() for f, _, _ in _cache[key][0]):
        stamps, profile = _cache[key]
        if _stamps([f for f, _, _ in stamps]) == stamps:
            return profile
    builder = ProfileReader(place)
    file = builder.layer(path)
    rows = builder.build()
    chain = tuple(builder.chain)
    profile = Profile(chain[-1], builder.description, chain, rows, builder.features)
    if profile.value(WARD_COUNT) != len(place.code):
        raise builder.drafts[WARD_COUNT].error(
            f"{profile.value(WARD_COUNT):g} wards, where the place {place.id} has"
            f" {len(place.code)}: use a profile that sets this row"
        )
    if builder.features:
        counts = {k: round(profile.value(id)) for k, id in FEATURE_COUNTS.items()}
        counts["npo_count"] = round(profile.value("npo_count"))
        check_features(file, builder.features, counts, len(place.code))
    _cache[key] = (_stamps(builder.files), profile)
    return profile
