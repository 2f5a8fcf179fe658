"""Numbers and names as the calibration record writes them; never NaN, never a path of a machine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any

from sim.pages.labels import Labels

NONE = "–"
PACKAGES = ("numpy", "scipy", "scikit-learn", "emcee", "mesa", "numba", "pandas", "pyarrow")
"""Packages that the numbers of a calibration hang on."""

_LABELS = Labels("en")


def missing(value: Any) -> bool:
    """True for None and for a number that is not finite."""
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def level(value: float | None, unit: str) -> str:
    """A level with its unit: shares as per cent, ratios with three decimals."""
    if value is None or missing(value):
        return NONE
    if unit == "ratio":
        return f"{value:.3f}"
    if unit == "persons":
        return f"{value:.1f}"
    return _LABELS.number(value, unit)


def gap(value: float | None, unit: str) -> str:
    """A difference with its sign: shares in points."""
    if value is None or missing(value):
        return NONE
    if unit in ("ratio", "persons"):
        text = f"{value:+.3f}" if unit == "ratio" else f"{value:+.1f}"
        return text.replace("-", "+") if float(text) == 0 else text
    return _LABELS.difference(value, unit)


def spread(value: float, unit: str) -> str:
    """A standard deviation with its unit: shares in points."""
    return gap(value, unit).lstrip("+")


def interval(low: float | None, high: float | None, unit: str) -> str:
    """Two ends without unit: 24.7 to 34.6."""
    if low is None or high is None or missing(low) or missing(high):
        return NONE
    if unit in ("ratio", "persons"):
        return f"{level(low, unit)} to {level(high, unit)}"
    bare = (_LABELS.number(x, unit, bare=True) for x in (low, high))
    return " to ".join(bare)


def effect(row: Mapping[str, Any]) -> str:
    """An effect of a comparison, "+4.3 pt [+1.2, +8.0]"; under 50 draws the range of the runs."""
    middle, unit = row.get("effect_median"), row["unit"]
    if missing(middle):
        return NONE
    ends = effect_ends(row)
    if ends is None:
        return _LABELS.difference(middle, unit)
    low, high = (_LABELS.difference(x, unit, bare=True) for x in ends)
    return f"{_LABELS.difference(middle, unit)} [{low}, {high}]"


def effect_ends(row: Mapping[str, Any]) -> tuple[float, float] | None:
    """The ends of an effect's interval, of its range under 50 draws, or None."""
    for low, high in (("effect_p05", "effect_p95"), ("effect_low", "effect_high")):
        if not missing(row.get(low)) and not missing(row.get(high)):
            return float(row[low]), float(row[high])
    return None


def chance(value: float | None) -> str:
    """A chance as per cent, or a dash."""
    return NONE if missing(value) else _LABELS.chance(value)


def number(value: float | None) -> str:
    """A parameter's value with three significant digits."""
    return NONE if value is None or missing(value) else f"{value:.3g}"


def yes(value: bool | None) -> str:
    """Yes, **no** (in bold, to be found), or a dash where the question does not arise."""
    if value is None:
        return NONE
    return "yes" if value else "**no**"


def same_or_each(values: Sequence[str]) -> str:
    """One text if all are equal, else all of them with slashes."""
    return values[0] if len(set(values)) == 1 else " / ".join(values)


def profile_name(profile: str) -> str:
    """The name of a profile; of a user's file its name without folders."""
    path = Path(profile)
    return path.stem if path.suffix in (".yaml", ".yml") else profile


def profile_argument(profile: str) -> str:
    """What stands after --profile in a command: a name, or a file without its folder."""
    path = Path(profile)
    return path.name if path.suffix in (".yaml", ".yml") else profile


def target_name(target: str, indicator: str, measure: str) -> str:
    """The name of a target for a reader: that of its indicator, and its id."""
    from sim.model.indicators import INDICATORS

    known = INDICATORS.get(indicator)
    name = indicator if known is None else known.name_en
    if measure == "yearly_ratio":
        name += ", ratio from year to year"
    return f"{name} (`{target}`)"


def versions() -> list[tuple[str, str]]:
    """(package, version) of what the numbers hang on, Kyodo and Python first."""
    out = [("kyodo-sim", _version("kyodo-sim")), ("Python", python_version())]
    return out + [(name, _version(name)) for name in PACKAGES]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
