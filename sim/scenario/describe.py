"""The bundled scenarios as rows, and the check of any file of the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.base.files import data_dir
from sim.base.strict_yaml import read_yaml
from sim.scenario.bundled import scenario_ids
from sim.scenario.reader import load_scenario, read_scenario


def describe_rows() -> list[dict[str, Any]]:
    """One plain dict per bundled scenario, for ``describe scenarios``."""
    rows: list[dict[str, Any]] = []
    for scenario_id in scenario_ids():
        s = load_scenario(scenario_id)
        plain = s.to_dict()
        rows.append(
            {
                "id": s.id,
                "name_en": s.name_en,
                "name_ja": s.name_ja,
                "description_en": s.description,
                "description_ja": s.description_ja,
                **{k: plain[k] for k in plain if k not in ("id", "name", "description")},
                "file": f"scenarios/{scenario_id}.yaml",
            }
        )
    return rows


def validate_file(path: str | Path, years: int = 10) -> str:
    """Check a scenario, an evidence profile, or a file of parameters or priors; say what it is.

    Evidence rows, or extending a profile, make a profile; entries that look like parameters or
    priors a file of these, which must fit the bundled priors or parameters; all else is read as a
    scenario of ``years``. Raises UsageError (missing file), ContentError (line, nearest name).
    """
    from sim.figures.evidence import load_profile
    from sim.figures.parameter_files import read_parameter_file, read_table
    from sim.figures.priors import priors_path, read_priors
    from sim.figures.profiles import profile_names

    data = read_yaml(path).data
    keys = data if isinstance(data, dict) else {}
    if (
        {"rows", "new_rows", "includes"} & set(keys)
        or isinstance(keys.get("wards"), dict)
        or keys.get("extends") in profile_names()
    ):
        folder = data_dir("calibration", "evidence")
        part = set(keys) == {"rows"} and Path(path).resolve().parent == folder.resolve()
        profile = load_profile("document" if part else path)
        what = "valid part of" if part else "valid"
        return f"{path}: {what} evidence profile '{profile.name}', {len(profile)} rows"
    entries = [set(v) for v in keys.values() if isinstance(v, dict)]
    if any(len({"value", "unit", "kind"} & e) > 1 for e in entries):
        found = read_parameter_file(path, load_profile(), read_priors(priors_path()))
        return f"{path}: valid parameter file, {len(found)} parameters"
    if any(len({"distribution", "unit", "reason", "citation"} & e) > 1 for e in entries):
        table = read_table(data_dir("calibration"), load_profile(), Path(path))
        return f"{path}: valid file of priors, {len(table.calibrated())} priors"

    scenario = read_scenario(Path(path), years)
    running = ", ".join(scenario.initiatives) or "none"
    return f"{path}: valid scenario '{scenario.id}', initiatives switched on: {running}"
