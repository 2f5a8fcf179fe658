"""Priors: what a calibrated parameter could be, fixed before the first fit.

``calibration/priors.yaml`` maps the id of every parameter of kind `calibrated` to a distribution,
its unit, the reason for the range and a citation. Reading is strict. Same layer as
sim/figures/parameters.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.base.distributions import Distribution
from sim.base.files import data_dir
from sim.base.strict_yaml import YamlFile, read_yaml
from sim.figures.entries import read_distribution, read_text

KEYS = {"distribution", "unit", "reason", "citation"}


@dataclass(frozen=True)
class Prior:
    """The prior of one parameter; ``distribution`` is in ``unit``."""

    id: str
    distribution: Distribution
    unit: str
    reason: str
    citation: str
    file: YamlFile
    line: int


def priors_path() -> Path:
    """The file of priors that comes with Kyodo."""
    return data_dir("calibration", "priors.yaml")


def read_priors(path: Path | str) -> Mapping[str, Prior]:
    """Read and check a file of priors. Raises ContentError (file, line, nearest valid name)."""
    file = read_yaml(path)
    if not isinstance(file.data, dict):
        raise file.error("a file of priors must map parameter ids to entries")
    priors: dict[str, Prior] = {}
    for pid, raw in file.data.items():
        file.check_keys(raw, KEYS, KEYS, pid)
        priors[pid] = Prior(
            id=pid,
            distribution=read_distribution(file, raw["distribution"], None, pid),
            unit=read_text(file, raw["unit"], pid, "unit"),
            reason=read_text(file, raw["reason"], pid, "reason"),
            citation=read_text(file, raw["citation"], pid, "citation"),
            file=file,
            line=file.line(pid) or 1,
        )
    return priors
