"""Read parameter files strictly: the only place that knows how a parameter is written in YAML.

Same layer as sim/figures/parameters.py, which documents the meaning of the entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.base.errors import ContentError, UsageError, nearest
from sim.base.strict_yaml import YamlFile, read_yaml
from sim.figures.entries import read_distribution, read_number, read_text
from sim.figures.parameter import (
    PARAMETER_KINDS,
    PARAMETER_STATUSES,
    EvidenceValues,
    Parameter,
    ParameterTable,
)
from sim.figures.priors import Prior

REQUIRED = {"value", "unit", "kind", "status", "meaning", "source"}
ALLOWED = REQUIRED | {"distribution", "relative", "bounds", "evidence"}
IN_PRIORS = {"value", "status", "distribution", "relative"}
"""Keys that a calibrated parameter does not have: its range stands in calibration/priors.yaml."""
_ID_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._")


def _one_of(file: YamlFile, raw: Any, valid: tuple[str, ...], *where: str | int) -> str:
    if raw not in valid:
        name = ".".join(str(w) for w in where)
        hint = nearest(str(raw), valid) or f" (one of {', '.join(valid)})"
        raise file.error(f"{name}: unknown {where[-1]} '{raw}'{hint}", *where)
    return str(raw)


def _evidence_id(file: YamlFile, raw: Any, profile: EvidenceValues, *where: str | int) -> str:
    row_id = read_text(file, raw, *where)
    if row_id not in profile:
        hint = nearest(row_id, list(profile))
        raise file.error(f"{where[0]}: unknown evidence id '{row_id}'{hint}", *where)
    return row_id


def _number(file: YamlFile, raw: Any, profile: EvidenceValues, *where: str | int) -> float:
    """A number, or ``{evidence: ID}``: the value of that row."""
    if not isinstance(raw, dict):
        return read_number(file, raw, *where)
    file.check_keys(raw, {"evidence"}, {"evidence"}, *where)
    row = _evidence_id(file, raw["evidence"], profile, *where, "evidence")
    try:
        return float(profile.value(row))
    except UsageError as error:
        raise file.error(f"{where[0]}: {error}", *where) from None


def _bounds(
    file: YamlFile, raw: Any, profile: EvidenceValues, pid: str
) -> tuple[float, float] | None:
    if raw is None:
        return None
    if not isinstance(raw, list) or len(raw) != 2:
        raise file.error(f"{pid}: bounds must be a list [low, high]", pid, "bounds")
    low, high = (_number(file, item, profile, pid, "bounds", i) for i, item in enumerate(raw))
    if not low < high:
        raise file.error(f"{pid}: bounds are reversed: {low:g} to {high:g}", pid, "bounds")
    return low, high


def _entry(
    file: YamlFile,
    pid: str,
    raw: Any,
    profile: EvidenceValues,
    priors: Mapping[str, Prior] | None = None,
) -> Parameter:
    if not pid or not set(pid) <= _ID_CHARACTERS or pid[0] in "._" or pid[-1] == ".":
        raise file.error(
            f"parameter id '{pid}': use small letters, digits, '_' and '.', as in area.name", pid
        )
    if isinstance(raw, dict) and raw.get("kind") == "calibrated":
        file.check_keys(raw, ALLOWED - IN_PRIORS, REQUIRED - IN_PRIORS, pid)
        return _calibrated(file, pid, raw, profile, priors or {})
    file.check_keys(raw, ALLOWED, REQUIRED, pid)
    kind = _one_of(file, raw["kind"], PARAMETER_KINDS, pid, "kind")
    value = _number(file, raw["value"], profile, pid, "value")
    value_from = raw["value"]["evidence"] if isinstance(raw["value"], dict) else None
    relative = raw.get("relative", False)
    if not isinstance(relative, bool):
        raise file.error(f"{pid}: relative must be true or false", pid, "relative")
    if raw.get("distribution") is None and (relative or kind == "uncertain"):
        why = "relative: true" if relative else f"kind {kind}"
        raise file.error(f"{pid}: {why} needs a distribution", pid)
    distribution = None
    if raw.get("distribution") is not None:
        scale = value if relative else None
        distribution = read_distribution(file, raw["distribution"], scale, pid)
    parameter = Parameter(
        id=pid,
        value=value,
        unit=read_text(file, raw["unit"], pid, "unit"),
        kind=kind,
        status=_one_of(file, raw["status"], PARAMETER_STATUSES, pid, "status"),
        meaning=read_text(file, raw["meaning"], pid, "meaning"),
        distribution=distribution,
        bounds=_bounds(file, raw.get("bounds"), profile, pid),
        source=read_text(file, raw["source"], pid, "source"),
        evidence=_evidence(file, pid, raw, profile),
        value_from=value_from,
        file=file.path,
        line=file.line(pid) or 1,
    )
    _check_consistent(file, parameter)
    return parameter


def _evidence(
    file: YamlFile, pid: str, raw: dict[str, Any], profile: EvidenceValues
) -> tuple[str, ...]:
    evidence = raw.get("evidence", [])
    if not isinstance(evidence, list):
        raise file.error(f"{pid}: evidence must be a list of ids", pid, "evidence")
    return tuple(
        _evidence_id(file, item, profile, pid, "evidence", i) for i, item in enumerate(evidence)
    )


def _calibrated(
    file: YamlFile,
    pid: str,
    raw: dict[str, Any],
    profile: EvidenceValues,
    priors: Mapping[str, Prior],
) -> Parameter:
    """A calibrated parameter at the middle of its prior, provisional until a posterior is there."""
    prior = priors.get(pid)
    if prior is None:
        raise file.error(f"{pid}: kind calibrated needs a prior in calibration/priors.yaml", pid)
    unit = read_text(file, raw["unit"], pid, "unit")
    if prior.unit != unit:
        raise prior.file.error(
            f"{pid}: unit '{prior.unit}', but the parameter is in '{unit}'", pid, "unit"
        )
    parameter = Parameter(
        id=pid,
        value=prior.distribution.quantile(0.5),
        unit=unit,
        kind="calibrated",
        status="provisional",
        meaning=read_text(file, raw["meaning"], pid, "meaning"),
        distribution=prior.distribution,
        bounds=_bounds(file, raw.get("bounds"), profile, pid),
        source=f"{read_text(file, raw['source'], pid, 'source')}; prior: {prior.citation}",
        evidence=_evidence(file, pid, raw, profile),
        value_from=None,
        file=file.path,
        line=file.line(pid) or 1,
    )
    _check_consistent(file, parameter)
    return parameter


def _check_consistent(file: YamlFile, p: Parameter) -> None:
    """Value, bounds and distribution must not contradict each other."""
    origin = "" if p.value_from is None else f" (from evidence row {p.value_from})"
    problem = p.problem_with(p.value)
    if problem is not None:
        raise file.error(problem + origin, p.id, "value")
    if p.distribution is None:
        return
    if not p.distribution.covers(p.value):
        hint = "; with relative: true the range moves with the value" if p.value_from else ""
        raise file.error(
            f"{p.id}: value {p.value:g}{origin} is outside {p.distribution.limits()}{hint}",
            p.id,
            "value",
        )
    if p.bounds is not None and p.quantile(0.5) != p.distribution.quantile(0.5):
        raise file.error(
            f"{p.id}: the middle of the distribution lies outside the bounds", p.id, "distribution"
        )


def read_parameter_file(
    path: Path | str, profile: EvidenceValues, priors: Mapping[str, Prior] | None = None
) -> list[Parameter]:
    """Read and check one parameter file; ``priors``: of its calibrated parameters.

    Raises ContentError (file, line), UsageError (missing).
    """
    file = read_yaml(path)
    if not isinstance(file.data, dict):
        raise file.error("a parameter file must map ids to entries")
    return [_entry(file, pid, raw, profile, priors) for pid, raw in file.data.items()]


def read_table(
    folder: Path | str, profile: EvidenceValues, priors_file: Path | None = None
) -> ParameterTable:
    """Read ``priors.yaml`` and ``parameters/*.yaml`` of a folder, by file name.

    ``priors_file``: another file of priors than that of the folder.
    Raises ContentError, also for a double id and for a prior of no calibrated parameter.
    """
    from sim.figures.priors import read_priors

    priors = read_priors(priors_file or Path(folder) / "priors.yaml")
    table: dict[str, Parameter] = {}
    for path in sorted((Path(folder) / "parameters").glob("*.yaml")):
        file_parameters = read_parameter_file(path, profile, priors)
        for p in file_parameters:
            if p.id in table:
                first = table[p.id]
                raise ContentError(
                    f"duplicate parameter id '{p.id}': also in {first.file.name}:{first.line}",
                    p.file,
                    p.line,
                )
            table[p.id] = p
    for id, prior in priors.items():
        if id not in table or table[id].kind != "calibrated":
            calibrated = [p.id for p in table.values() if p.kind == "calibrated"]
            raise prior.file.error(
                f"'{id}' is no calibrated parameter{nearest(id, calibrated)}", id
            )
    return ParameterTable(table.values())
