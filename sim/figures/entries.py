"""Parts of the entries of parameters and priors: texts, numbers, distributions, read strictly."""

from __future__ import annotations

from typing import Any

from sim.base.distributions import FAMILIES, Distribution, Scaled
from sim.base.strict_yaml import YamlFile


def read_number(file: YamlFile, raw: Any, *where: str | int) -> float:
    name = ".".join(str(w) for w in where)
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise file.error(f"{name}: expected a number, found {raw!r}", *where)
    return float(raw)


def read_text(file: YamlFile, raw: Any, *where: str | int) -> str:
    """A text that is not empty, stripped. Raises ContentError for anything else."""
    if not isinstance(raw, str) or not raw.strip():
        name = ".".join(str(w) for w in where)
        raise file.error(f"{name}: expected a text that is not empty, found {raw!r}", *where)
    return raw.strip()


def read_distribution(file: YamlFile, raw: Any, scale: float | None, pid: str) -> Distribution:
    """``raw`` is {family: {key: number}}; ``scale`` multiplies it (key ``relative``), or None."""
    where = (pid, "distribution")
    file.check_keys(raw, set(FAMILIES), set(), *where)
    if len(raw) != 1:
        raise file.error(f"{pid}.distribution: exactly one distribution is needed", *where)
    name = next(iter(raw))
    family, keys = FAMILIES[name], raw[name]
    file.check_keys(
        keys, set(family.required) | set(family.optional), set(family.required), *where, name
    )
    numbers: dict[str, Any] = {}
    for key, entry in keys.items():
        if key in ("values", "weights"):
            if not isinstance(entry, list):
                raise file.error(f"{pid}: {key} must be a list of numbers", *where, name, key)
            numbers[key] = [
                read_number(file, item, *where, name, key, i) for i, item in enumerate(entry)
            ]
        else:
            numbers[key] = read_number(file, entry, *where, name, key)
    try:
        inner = family.make(numbers)
        return inner if scale is None else Scaled(inner, scale)
    except ValueError as error:
        raise file.error(f"{pid}: {name}: {error}", *where, name) from None
