"""Read scenario files strictly: follow ``extends``, lay the files over each other, check, build.

Same layer as sim/scenario/types.py. Values are checked where they are written; the horizon is
checked after the overlay, because a date that a later file replaces does no harm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.base.calendar import month_index, month_text
from sim.base.errors import ContentError, UsageError, nearest
from sim.base.files import data_dir
from sim.base.strict_yaml import YamlFile, read_yaml
from sim.base.user_choices import DISCOUNTS
from sim.figures.initiatives import initiative_ids
from sim.places.load import load_place
from sim.places.place import Place
from sim.scenario.bundled import scenario_ids
from sim.scenario.schema import REQUIRED_KEYS, SCENARIO_ID, SCENARIO_KEYS, SETTING_KEYS
from sim.scenario.sections import budget, labels, parameters, profile, unknown, wards
from sim.scenario.types import InitiativeSetting, Scenario


@dataclass
class _Found:
    """A checked value and the place it was written at, for errors found after the overlay."""

    value: Any
    file: YamlFile
    where: tuple[str | int, ...]

    def error(self, message: str) -> ContentError:
        return self.file.error(f"{'.'.join(str(w) for w in self.where)}: {message}", *self.where)


@dataclass
class _Overlay:
    """What the files read so far say: initiative id -> key -> value, and the other sections."""

    place: Place
    initiatives: dict[str, dict[str, _Found]] = field(default_factory=dict)
    parameters: dict[str, float] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)


def read_scenario(path: Path, years: int, place: Place | None = None) -> Scenario:
    """Read a scenario file and all that it extends.

    ``years``: horizon in fiscal years from the start of ``place`` (None: the default place). Raises
    ContentError with file and line, or UsageError if ``path`` itself does not exist.
    """
    return scenario_of(read_yaml(path), years, place)


def scenario_of(file: YamlFile, years: int, place: Place | None = None) -> Scenario:
    """What ``read_scenario`` makes of a file that has been read; files are relative to its path."""
    files = _chain(file)
    overlay = _Overlay(place or load_place())
    for file in files:
        _apply(file, overlay)
    last = files[-1]
    settings = {
        initiative: _build(found, years, overlay.place.start_year)
        for initiative, found in overlay.initiatives.items()
    }
    names, texts = labels(last, "name"), labels(last, "description")
    return Scenario(
        id=_scenario_id(last),
        name_en=names.get("en") or names["ja"],
        name_ja=names.get("ja") or names["en"],
        description=texts.get("en", ""),
        description_ja=texts.get("ja", ""),
        initiatives=settings,
        parameters=overlay.parameters,
        **overlay.other,
    )


def _chain(file: YamlFile) -> list[YamlFile]:
    """The file and its ancestors, the most distant first."""
    files: list[YamlFile] = []
    seen: list[Path] = []
    while True:
        file.check_keys(file.data, set(SCENARIO_KEYS), set(REQUIRED_KEYS))
        files.insert(0, file)
        seen.append(file.path.resolve())
        if "extends" not in file.data:
            return files
        path = _parent(file)
        if path.resolve() in seen:
            chain = " -> ".join(p.stem for p in [*seen, path])
            raise file.error(f"extends goes in a circle: {chain}", "extends")
        file = read_yaml(path)


def _parent(file: YamlFile) -> Path:
    raw = file.data["extends"]
    if not isinstance(raw, str) or not raw.strip():
        raise file.error(f"extends: expected a scenario id or a file, found {raw!r}", "extends")
    known = scenario_ids()
    if raw in known:
        return data_dir("scenarios", f"{raw}.yaml")
    beside = file.path.parent / raw
    if beside.is_file():
        return beside
    if beside.suffix in (".yaml", ".yml"):
        names = [p.name for p in file.path.parent.glob("*.y*ml")]
        raise file.error(f"extends: file not found: {raw}{nearest(raw, names)}", "extends")
    raise file.error(f"extends: unknown scenario '{raw}'{nearest(raw, known)}", "extends")


def _scenario_id(file: YamlFile) -> str:
    raw = file.data["id"]
    if not isinstance(raw, str) or not re.match(SCENARIO_ID, raw):
        raise file.error(f"id: use letters, digits, '_' and '-', not {raw!r}", "id")
    return raw


def _apply(file: YamlFile, overlay: _Overlay) -> None:
    data = file.data
    _scenario_id(file)
    for key in ("name", "description"):
        labels(file, key)
    if "measures" in data or "initiatives" in data:
        _apply_initiatives(file, overlay)
    if "parameters" in data:
        overlay.parameters.update(parameters(file))
    if "profile" in data:
        overlay.other["profile"] = profile(file)
    if "discount" in data:
        raw = data["discount"]
        if raw is not None and raw not in DISCOUNTS:
            raise file.error(f"discount: unknown mode {unknown(raw, DISCOUNTS)}", "discount")
        overlay.other["discount"] = raw
    if "budget" in data:
        overlay.other["budget"] = budget(file)
    if "wards" in data:
        overlay.other["wards"] = wards(file, overlay.place)


def _apply_initiatives(file: YamlFile, overlay: _Overlay) -> None:
    """Measures first, then single initiatives, whatever their order in the file."""
    initiatives = initiative_ids()
    measures = list(dict.fromkeys(i.split(".")[0] for i in initiatives))
    for section, valid in (("measures", measures), ("initiatives", list(initiatives))):
        raw = file.data.get(section, {})
        file.check_keys(raw, set(raw) if isinstance(raw, dict) else set(), set(), section)
        for key, value in raw.items():
            if key not in valid:
                raise file.error(
                    f"{section}: unknown {section[:-1]} {unknown(key, valid)}", section, key
                )
            change = _setting(file, value, overlay.place.start_year, section, key)
            for i in initiatives:
                if i == key or (section == "measures" and i.split(".")[0] == key):
                    if change is None:
                        overlay.initiatives.pop(i, None)
                    else:
                        overlay.initiatives[i] = {**overlay.initiatives.get(i, {}), **change}


def _setting(file: YamlFile, raw: Any, start_year: int, *where: str) -> dict[str, _Found] | None:
    """The keys that are written; {} for ``on``; None for ``off``."""
    name = ".".join(where)
    if not isinstance(raw, dict):
        if raw is False or raw == "off":
            return None
        if raw is True or raw == "on":
            return {}
        raise file.error(
            f"{name}: expected on, off or keys such as strength and start, found {raw!r}", *where
        )
    file.check_keys(raw, set(SETTING_KEYS), set(), *where)
    return {
        key: _Found(_setting_value(file, key, value, start_year, *where), file, (*where, key))
        for key, value in raw.items()
    }


def _setting_value(file: YamlFile, key: str, raw: Any, start_year: int, *where: str) -> Any:
    name = f"{'.'.join(where)}.{key}"
    if raw is None and key in ("stop", "ramp_months"):
        return None
    if key in ("start", "stop"):
        try:
            return month_index(str(raw), start_year)
        except ValueError as error:
            raise file.error(f"{name}: {error}", *where, key) from None
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise file.error(f"{name}: expected a number, found {raw!r}", *where, key)
    if key == "strength" and not 0.0 <= raw <= 1.0:
        raise file.error(f"{name}: must lie between 0 and 1, found {raw}", *where, key)
    if key == "ramp_months" and (not isinstance(raw, int) or raw < 0):
        raise file.error(
            f"{name}: must be a whole number of months, 0 or more, found {raw}", *where, key
        )
    return raw


def _build(found: dict[str, _Found], years: int, start_year: int) -> InitiativeSetting:
    """Check the dates of the overlaid setting against the horizon and make the final setting."""
    months = 12 * years
    for key in ("start", "stop"):
        date = found.get(key)
        if date is None or date.value is None:
            continue
        if not 0 <= date.value < months:
            needed = date.value // 12 + 1
            hint = f"; it needs {needed} years (--years {needed})" if date.value >= months else ""
            raise date.error(
                f"{month_text(date.value, start_year)} is outside the horizon "
                f"{month_text(0, start_year)} to {month_text(months - 1, start_year)} "
                f"({years} years){hint}"
            )
    setting = {key: entry.value for key, entry in found.items()}
    start, stop = setting.get("start", 0), setting.get("stop")
    if stop is not None and stop <= start:
        raise found["stop"].error(
            f"stop {month_text(stop, start_year)} must be after start "
            f"{month_text(start, start_year)}"
        )
    return InitiativeSetting(**setting)


def load_scenario(
    name_or_path: str | Path | Scenario, years: int = 10, place: Place | None = None
) -> Scenario:
    """Read a scenario by bundled id or by file.

    ``years`` is the horizon in fiscal years; dates in files must lie inside it. ``place``: whose
    wards and months are meant, the default place if None. A ``Scenario`` is returned as it is.
    Raises UsageError (unknown id, missing file), ContentError (file and line).
    """
    if isinstance(name_or_path, Scenario):
        return name_or_path
    if years < 1:
        raise UsageError(f"years must be 1 or more, not {years}")
    name = str(name_or_path)
    known = scenario_ids()
    if name in known:
        return read_scenario(data_dir("scenarios", f"{name}.yaml"), years, place)
    path = Path(name)
    if path.suffix.lower() in (".yaml", ".yml") or path.exists() or len(path.parts) > 1:
        return read_scenario(path, years, place)
    hint = nearest(name, known) or f" (bundled: {', '.join(known)}; or give a .yaml file)"
    raise UsageError(f"unknown scenario '{name}'{hint}")
