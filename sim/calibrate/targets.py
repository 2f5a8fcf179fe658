"""Targets: what calibration compares the model with, and how far each may be off.

Read from ``calibration/targets.yaml``, strictly. Working scale: log-odds of shares, log of counts
and ratios, so that responses are nearly linear and errors nearly normal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import ContentError, UsageError, nearest
from sim.base.files import data_dir
from sim.base.strict_yaml import YamlFile, read_yaml

if TYPE_CHECKING:
    from sim.figures.evidence import Profile

Floats = NDArray[np.float64]

TARGET_ROLES = ("fitted", "anchored", "input", "held_out")
MEASURED_AS = ("level", "yearly_ratio")
_REQUIRED = {"observed", "indicator", "unit", "role", "s_obs", "s_discrepancy", "reason"}
_ALLOWED = _REQUIRED | {"measure"}
_REPLACEABLE = {"observed", "indicator", "s_obs", "s_discrepancy", "reason"}
_FLOOR = 1e-6
"""Numerical guard: a share of exactly 0 or 1 has no log-odds."""


@dataclass(frozen=True)
class Target:
    """One row: ``observed``, ``s_obs`` and ``s_discrepancy`` are in ``unit`` (shares: fractions).

    ``evidence``: the row the observed value was taken from, or None for an assumption.
    """

    id: str
    indicator: str
    measure: str
    unit: str
    role: str
    observed: float
    evidence: str | None
    s_obs: float
    s_discrepancy: float
    reason: str

    @property
    def used(self) -> bool:
        """True if the fit sees it."""
        return self.role != "held_out"

    @property
    def error_sd(self) -> float:
        """Standard deviation of figure and model against each other, in ``unit``."""
        return float(np.hypot(self.s_obs, self.s_discrepancy))

    def scaled(self, values: Floats | float) -> Floats:
        """Values in ``unit`` on the working scale."""
        x = np.asarray(values, dtype=np.float64)
        if self.unit == "share":
            x = np.clip(x, _FLOOR, 1.0 - _FLOOR)
            return np.asarray(np.log(x / (1.0 - x)))
        return np.asarray(np.log(np.maximum(x, _FLOOR)))

    def natural(self, values: Floats) -> Floats:
        """Values on the working scale back in ``unit``."""
        x = np.asarray(values, dtype=np.float64)
        return np.asarray(1.0 / (1.0 + np.exp(-x)) if self.unit == "share" else np.exp(x))

    def slope(self) -> float:
        """Derivative of the working scale by the value, at the observed value."""
        o = self.observed
        return 1.0 / (o * (1.0 - o)) if self.unit == "share" else 1.0 / o

    @property
    def scaled_sd(self) -> float:
        """``error_sd`` on the working scale."""
        return self.error_sd * self.slope()


@dataclass(frozen=True)
class Targets:
    """All targets in the order of the file; ``used``: those that the fit sees."""

    rows: tuple[Target, ...]

    @property
    def used(self) -> tuple[Target, ...]:
        """The rows that the fit sees."""
        return tuple(t for t in self.rows if t.used)

    def figures(self) -> dict[str, float]:
        """Evidence row -> value, of all rows that the fit sees."""
        return {t.evidence: t.observed for t in self.used if t.evidence is not None}


def scaled(targets: Sequence[Target], outputs: Floats) -> Floats:
    """Outputs [rows, targets] in units, on the working scale."""
    return np.column_stack([t.scaled(outputs[:, j]) for j, t in enumerate(targets)])


def observed(targets: Sequence[Target]) -> Floats:
    """Observed values on the working scale [targets]."""
    return np.array([float(t.scaled(t.observed)) for t in targets])


def error_sds(targets: Sequence[Target]) -> Floats:
    """sqrt(s_obs^2 + s_discrepancy^2) on the working scale [targets]."""
    return np.array([t.scaled_sd for t in targets])


def targets_path() -> Path:
    """The file of targets that comes with Kyodo."""
    return data_dir("calibration", "targets.yaml")


def load_targets(profile: str = "document", path: Path | None = None) -> Targets:
    """The targets under a profile. ContentError (file, line) for anything wrong in the file."""
    from sim.figures.evidence import load_profile

    return read_targets(path or targets_path(), load_profile(profile))


def read_targets(path: Path, profile: Profile) -> Targets:
    """Read and check a file of targets under a loaded profile."""
    from sim.figures.profiles import profile_names
    from sim.model.indicators import INDICATORS

    file = read_yaml(path)
    file.check_keys(file.data, {"targets", "profiles"}, {"targets"})
    entries = file.data["targets"]
    if not isinstance(entries, dict) or not entries:
        raise file.error("targets: expected rows by id", "targets")
    merged: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {}
    for id, raw in entries.items():
        file.check_keys(raw, _ALLOWED, _REQUIRED, "targets", id)
        merged[id] = (dict(raw), ("targets", id))
    profiles = file.data.get("profiles", {})
    file.check_keys(profiles, {*profile_names(), *profile.chain}, set(), "profiles")
    for name, rows in profiles.items():
        changed = _replaced(file, merged, rows, "profiles", name)
        if name in profile.chain:
            merged = changed
    return Targets(_targets(file, merged, profile, INDICATORS))


def _replaced(
    file: YamlFile, merged: dict[str, Any], rows: Any, *where: str
) -> dict[str, tuple[dict[str, Any], tuple[str, ...]]]:
    if not isinstance(rows, dict):
        raise file.error(f"{'.'.join(where)}: expected rows by id", *where)
    out = dict(merged)
    for id, raw in rows.items():
        if id not in merged:
            raise file.error(f"unknown target '{id}'{nearest(id, merged)}", *where, id)
        file.check_keys(raw, _REPLACEABLE, set(), *where, id)
        out[id] = ({**merged[id][0], **raw}, (*where, id))
    return out


def _targets(
    file: YamlFile, merged: Mapping[str, Any], profile: Profile, indicators: Mapping[str, Any]
) -> tuple[Target, ...]:
    return tuple(
        _target(file, id, raw, where, profile, indicators) for id, (raw, where) in merged.items()
    )


def _target(
    file: YamlFile,
    id: str,
    raw: dict[str, Any],
    where: tuple[str, ...],
    profile: Profile,
    indicators: Mapping[str, Any],
) -> Target:
    def fail(key: str, message: str) -> ContentError:
        return file.error(f"{id}: {message}", *where, key)

    for key, valid in (("role", TARGET_ROLES), ("indicator", tuple(indicators))):
        if raw[key] not in valid:
            raise fail(key, f"unknown {key} '{raw[key]}'{nearest(str(raw[key]), valid)}")
    measure = raw.get("measure", "level")
    if measure not in MEASURED_AS:
        raise fail("measure", f"unknown measure '{measure}'{nearest(str(measure), MEASURED_AS)}")
    unit = "ratio" if measure == "yearly_ratio" else indicators[raw["indicator"]].unit
    if raw["unit"] != unit:
        raise fail("unit", f"unit '{raw['unit']}', but the model shows it in '{unit}'")
    for key in ("s_obs", "s_discrepancy"):
        if isinstance(raw[key], bool) or not isinstance(raw[key], int | float) or raw[key] <= 0:
            raise fail(key, f"{key} must be a number above 0, found {raw[key]!r}")
    evidence, value = None, raw["observed"]
    if isinstance(value, dict):
        file.check_keys(value, {"evidence"}, {"evidence"}, *where, "observed")
        evidence = str(value["evidence"])
        if evidence not in profile:
            hint = nearest(evidence, list(profile))
            raise fail("observed", f"unknown evidence id '{evidence}'{hint}")
        try:
            value = profile.value(evidence)
        except UsageError as error:
            raise fail("observed", str(error)) from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fail("observed", f"expected a number or an evidence row, found {value!r}")
    if not isinstance(raw["reason"], str) or not raw["reason"].strip():
        raise fail("reason", f"expected a text that is not empty, found {raw['reason']!r}")
    high = 1.0 if unit == "share" else float("inf")
    if not 0.0 < value < high:
        raise fail("observed", f"{value:g} {unit} cannot be a target: above 0 and below {high:g}")
    return Target(
        id=id,
        indicator=raw["indicator"],
        measure=measure,
        unit=unit,
        role=raw["role"],
        observed=float(value),
        evidence=evidence,
        s_obs=float(raw["s_obs"]),
        s_discrepancy=float(raw["s_discrepancy"]),
        reason=raw["reason"].strip(),
    )
