"""Read profile files: one file on top of the one that it extends, then the value of every row.

Strict: an unknown or duplicate key or row, a missing unit or source, a share outside [0, 1], a
profile that extends itself: ContentError with the file, the line and the nearest valid name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sim.base import formula
from sim.base.errors import ContentError, nearest
from sim.base.files import data_dir
from sim.base.strict_yaml import YamlFile, read_yaml
from sim.figures.initiatives import initiative_words
from sim.figures.rows import AGENTS, BOUNDS, ROLES, STATUSES, UNITS, Evidence, Source
from sim.places.features import read_features
from sim.places.place import Place

_OVERRIDE = {"value", "formula", "unit", "population", "period", "source", "status", "flag", "note"}
_FULL = _OVERRIDE | {
    "quantity",
    "role",
    "agent",
    "initiative",
    "comparator",
    "duplicate_of",
    "conflicts_with",
    "checks",
}
_WORDS: dict[str, Callable[[], Collection[str]]] = {
    "unit": lambda: UNITS,
    "role": lambda: ROLES,
    "status": lambda: STATUSES,
    "agent": lambda: AGENTS,
    "initiative": initiative_words,
}
_TEXTS = sorted(_FULL - {"value", "unit", "source", "conflicts_with", "checks"})
_REQUIRED = {"quantity", "unit", "population", "period", "source", "role", "status"}


@dataclass
class _Draft:
    """A row while it is put together: its keys, and the file that had the last word on it."""

    id: str
    entry: dict[str, Any]
    source: Source
    file: YamlFile
    where: tuple[str, str]
    level: int

    def error(self, message: str, *key: str) -> ContentError:
        return self.file.error(f"{self.id}: {message}", *self.where, *key)


class ProfileReader:
    """Reads a profile file for a place, and those it extends, then makes the rows."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.drafts: dict[str, _Draft] = {}
        self.chain: list[str] = []
        self.sources: dict[str, Source] = {}
        self.features: dict[int, dict[str, bool | int]] = {}
        self.files: list[Path] = []
        self.description = ""

    def read(self, path: Path) -> YamlFile:
        self.files.append(path)
        return read_yaml(path)

    def layer(self, path: Path, seen: tuple[Path, ...] = ()) -> YamlFile:
        """Read one profile file on top of the one that it extends."""
        file = self.read(path)
        root = path.resolve() == _folder() / "document.yaml"
        allowed = {"name", "description"} | (
            {"includes", "sources"} if root else {"extends", "rows", "new_rows", "wards"}
        )
        file.check_keys(file.data, allowed, {"name", "includes" if root else "extends"})
        name = self.text(file, file.data["name"], "name")
        if not root:
            self.extend(file, (*seen, path.resolve()))
        if name in self.chain:
            raise file.error(f"the name '{name}' is that of a profile it extends", "name")
        self.chain.append(name)
        self.description = str(file.data.get("description", ""))
        if root:
            sources = self.read(path.parent / file.data["sources"])
            for key, entry in sources.data["sources"].items():
                entry = {k: v for k, v in entry.items() if k != "note"}
                self.sources[key] = self.source(sources, entry, "sources", key)
            for part in file.data["includes"]:
                included = self.read(path.parent / part)
                included.check_keys(included.data, {"rows"}, {"rows"})
                self.rows(included, "rows", new=True)
        else:
            self.rows(file, "rows", new=False)
            self.rows(file, "new_rows", new=True)
            for code, entry in read_features(file, self.place.code).items():
                self.features[code] = self.features.get(code, {}) | entry
        return file

    def extend(self, file: YamlFile, seen: tuple[Path, ...]) -> None:
        base = self.text(file, file.data["extends"], "extends")
        bundled = profile_names()
        path = _folder() / f"{base}.yaml" if base in bundled else file.path.parent / base
        if not path.is_file():
            raise file.error(
                f"extends: unknown profile '{base}'{nearest(base, bundled)}", "extends"
            )
        if path.resolve() in seen:
            raise file.error(f"extends: '{base}' leads back to this profile (a cycle)", "extends")
        self.layer(path, seen)

    def text(self, file: YamlFile, value: Any, *where: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise file.error(f"{'.'.join(where)}: expected a text, found {value!r}", *where)
        return value

    def source(self, file: YamlFile, entry: Any, *where: str) -> Source:
        cite = isinstance(entry, dict) and "cite" in entry
        own = {"title", "organisation", "fiscal_year", "line", "file"}
        keys = {"line", "cite"} if cite else own
        file.check_keys(entry, keys, {"cite" if cite else "title"}, *where)
        for key, value in entry.items():
            number = key in ("fiscal_year", "line")
            if number and not (type(value) is int and value > 0):
                raise file.error(f"{key}: expected a whole number, found {value!r}", *where, key)
            if not number:
                self.text(file, value, *where, key)
        if not cite:
            return Source(**entry)
        if entry["cite"] not in self.sources:
            hint = nearest(entry["cite"], self.sources)
            raise file.error(f"unknown source '{entry['cite']}'{hint}", *where, "cite")
        of = self.sources[entry["cite"]]
        line = entry.get("line")
        where_line = "source document" if line else ""
        return Source(of.title, of.organisation, of.fiscal_year, line, of.file or where_line)

    def rows(self, file: YamlFile, section: str, *, new: bool) -> None:
        rows = file.data.get(section) or {}
        if not isinstance(rows, dict):
            raise file.error(f"{section}: expected rows by id", section)
        for id, entry in rows.items():
            where = (section, id)
            if new and id in self.drafts:
                raise file.error(f"{id}: the row exists already (duplicate)", *where)
            if not new and id not in self.drafts:
                raise file.error(f"unknown row '{id}'{nearest(id, self.drafts)}", *where)
            file.check_keys(
                entry, _FULL if new else _OVERRIDE, _REQUIRED if new else {"source"}, *where
            )
            if not {"value", "formula"} & set(entry):
                raise file.error(f"{'.'.join(where)}: missing value", *where)
            draft = _Draft(
                id,
                entry,
                self.source(file, entry["source"], *where, "source"),
                file,
                where,
                len(self.chain) - 1,
            )
            self.words(draft)
            if not new:
                self.override(draft, self.drafts[id])
            if ("duplicate_of" in draft.entry) != (draft.entry["role"] == "duplicate"):
                raise draft.error("role duplicate and duplicate_of go together", "role")
            self.drafts[id] = draft

    def words(self, draft: _Draft) -> None:
        """Check units, roles, statuses and the types of the other keys."""
        for key, value in draft.entry.items():
            if key in ("conflicts_with", "checks"):
                if not isinstance(value, list):
                    raise draft.error(f"{key}: expected a list", key)
            elif key not in ("value", "source"):
                self.text(draft.file, value, *draft.where, key)
            if key in _WORDS and value not in (valid := _WORDS[key]()):
                raise draft.error(f"unknown {key} '{value}'{nearest(value, valid)}", key)

    def override(self, draft: _Draft, base: _Draft) -> None:
        """Complete an overriding row from the one that it replaces."""
        if base.entry["role"] == "duplicate":
            raise draft.error(f"repeats another row; set '{base.entry['duplicate_of']}' instead")
        printed = base.entry["unit"]
        unit = draft.entry.get("unit", printed)
        if UNITS[unit][0] != UNITS[printed][0]:
            raise draft.error(f"unit '{unit}' does not fit, the row is in '{printed}'", "unit")
        value = draft.entry.get("value")
        if (
            "unit" not in draft.entry
            and UNITS[printed][1] != 1
            and (isinstance(value, int | float) and 0 < abs(value) < 1)
        ):
            raise draft.error(
                f"{value} {printed} or a fraction? Add 'unit: {printed}' or "
                f"'unit: {UNITS[printed][0]}'",
                "value",
            )
        replaced = {"value", "formula", "flag", "note"}
        kept = {k: v for k, v in base.entry.items() if k not in replaced}
        for key in ("population", "period"):
            if key not in draft.entry:
                kept[key] += f" (assumed: profile {self.chain[-1]} does not say)"
        draft.entry = {**kept, "status": "unverified", **draft.entry}

    def build(self) -> dict[str, Evidence]:
        """Values and checks of all rows, in order."""
        numbers: dict[str, tuple[float, int]] = {}
        rows = {id: self.evidence(draft, numbers) for id, draft in self.drafts.items()}
        for id, row in rows.items():
            for key in ("conflicts_with", "duplicate_of"):
                named = row.conflicts_with if key == "conflicts_with" else (row.duplicate_of,)
                for other in filter(None, named):
                    if other not in rows:
                        hint = nearest(other, rows)
                        raise self.drafts[id].error(f"{key}: unknown row '{other}'{hint}", key)
                    if key == "conflicts_with" and id not in rows[other].conflicts_with:
                        raise self.drafts[id].error(f"'{other}' does not name it in return", key)
        return rows

    def number(
        self, id: str, done: dict[str, tuple[float, int]], open: tuple[str, ...] = ()
    ) -> tuple[float, int]:
        """Value of a row, and the level in ``chain`` of the profile that it comes from.

        A derived row follows its formula, a figure that the document prints keeps the printed
        value until a profile replaces a row that it repeats or is computed from.
        """
        if id in done:
            return done[id]
        draft, text = self.drafts[id], self.drafts[id].entry.get("formula")
        unit, divisor = UNITS[draft.entry["unit"]]
        if id in open:
            raise draft.error(f"formula: it depends on itself ({' -> '.join((*open, id))})")
        printed = draft.entry.get("value")
        number = isinstance(printed, int | float) and not isinstance(printed, bool)
        if unit == "date" or ("value" in draft.entry and not number):
            raise draft.error(f"value: expected a number, found {printed!r}", "value")
        # In decimals, because 83.7 / 100 is not 0.837 in binary.
        value = float(Decimal(str(printed)) / divisor) if number else 0.0
        level = draft.level
        if draft.entry.get("duplicate_of") in self.drafts:
            original, from_level = self.number(draft.entry["duplicate_of"], done, (*open, id))
            if from_level > level:
                value, level = original, from_level
        elif text is not None:
            levels = [level]

            def look_up(name: str) -> float:
                if name not in self.drafts:
                    raise ValueError(f"unknown row '{name}'{nearest(name, self.drafts)}")
                found, from_level = self.number(name, done, (*open, id))
                levels.append(from_level)
                return found

            try:
                computed = formula.evaluate(formula.parse(text), look_up)
            except ValueError as error:
                raise draft.error(f"formula: {error}", "formula") from None
            level = max(levels)
            if number and level == draft.level and abs(computed - value) > 0.005 * abs(value):
                raise draft.error(
                    f"value {printed} is not what the formula gives: {computed * divisor:.6g}",
                    "value",
                )
            if not number or level > draft.level or draft.entry["status"] == "derived":
                value = computed
        low, high = BOUNDS.get(unit, (0.0, float("inf")))
        if not low <= value <= high:
            limits = f"at least {low:g}" if high == float("inf") else f"{low:g} to {high:g}"
            shown = f"{value * divisor:.6g} {draft.entry['unit']}"
            raise draft.error(f"{shown} is outside the range of a {unit}, {limits}", "value")
        done[id] = (float(value), level)
        return done[id]

    def evidence(self, draft: _Draft, done: dict[str, tuple[float, int]]) -> Evidence:
        entry = draft.entry
        for check in entry.get("checks", ()):
            if not re.fullmatch(r"C\d{3}", str(check)):
                raise draft.error(f"checks: '{check}' is not an id like C001", "checks")
        value: float | str
        if entry["unit"] == "date":
            value, level = self.text(draft.file, entry["value"], *draft.where, "value"), draft.level
        else:
            value, level = self.number(draft.id, done)
        texts = {key: entry.get(key, "") for key in _TEXTS}
        source = draft.source
        computed = level > draft.level or "value" not in entry
        if level > draft.level and "duplicate_of" in entry:
            original = self.drafts[entry["duplicate_of"]]
            source = original.source
            texts |= {k: original.entry[k] for k in ("population", "period", "status")}
        elif level > draft.level:
            source, texts["status"] = self.sources["derivation"], "derived"
        return Evidence(
            id=draft.id,
            value=value,
            unit=UNITS[entry["unit"]][0],
            source=source,
            printed="" if computed else f"{entry['value']} {entry['unit']}",
            profile=self.chain[level],
            derived_from=formula.names(texts["formula"] or "0"),
            conflicts_with=tuple(map(str, entry.get("conflicts_with", ()))),
            checks=tuple(map(str, entry.get("checks", ()))),
            **texts,
        )


def _folder() -> Path:
    return data_dir("calibration", "evidence").resolve()


def profile_names() -> tuple[str, ...]:
    """Names of the profiles that come with Kyodo, ``document`` first."""
    folder = _folder()
    parts = {"sources.yaml", *read_yaml(folder / "document.yaml").data["includes"]}
    found = sorted(p.stem for p in folder.glob("*.yaml") if p.name not in parts)
    return ("document", *(name for name in found if name != "document"))
