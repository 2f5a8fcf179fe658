"""``kyodo validate``: what a file is, and whether it is valid."""

from __future__ import annotations

from pathlib import Path

from sim.base.strict_yaml import read_yaml


def validate_file(path: str | Path, years: int = 10) -> str:
    """Check a file of targets or a design, or what `sim.scenario.describe.validate_file` knows; a
    line.

    A file with the key ``targets`` is one of targets, and must be valid under every bundled
    profile; one with the key ``scenarios`` is a design of a sweep. Raises UsageError (missing
    file) or ContentError (file, line, nearest valid name).
    """
    from sim.figures.evidence import load_profile
    from sim.figures.profiles import profile_names
    from sim.scenario import describe

    data = read_yaml(path).data
    if isinstance(data, dict) and "scenarios" in data:
        from sim.analyses.sweep.design import read_sweep

        sweep = read_sweep(path)
        return f"{path}: valid design of a sweep, {len(sweep):,} runs"
    if not isinstance(data, dict) or "targets" not in data:
        return describe.validate_file(path, years)
    from sim.calibrate.targets import read_targets

    for name in profile_names():
        targets = read_targets(Path(path), load_profile(name))
    held_out = sum(not t.used for t in targets.rows)
    return f"{path}: valid file of targets, {len(targets.rows)} targets, {held_out} held out"
