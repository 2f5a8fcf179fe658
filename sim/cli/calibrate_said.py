"""What ``kyodo calibrate`` says: misses, quality, what changed, and progress by wave."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.cli import shared_options as o


def names(files: list[Path]) -> str:
    """The files that a person will open, and how many pictures."""
    shown = [p.name for p in files if p.suffix != ".png"]
    pictures = len(files) - len(shown)
    return ", ".join([*shown, *([f"{pictures} figures"] if pictures else [])])


def say_misses(check: Any, quiet: bool) -> None:
    """What the check shows, beside what the priors alone would show."""
    if quiet:
        return
    rows = check.rows
    parts = []
    for role, name in (("fitted", "fitted"), ("held_out", "held-out")):
        of = [r for r in rows if r["role"] == role]
        inside, before = (sum(r[key] for r in of) for key in ("inside_90", "prior_inside_90"))
        parts.append(f"{inside} of {len(of)} {name} targets ({before} before calibration)")
    o.say(f"inside their 90 % interval: {' and '.join(parts)}: a weak test, errors are wide")
    posterior, prior = check.log_score["posterior"], check.log_score["prior"]
    o.say(
        f"log score of held-out figures: {posterior:.2f}, before calibration {prior:.2f} (more is"
        " better). Figures of the document are unverified: agreement with them is no forecast"
    )
    for r in rows:
        if not r["inside_90"]:
            o.say(f"miss: {r['target']}: {r['observed']:g} is outside {r['p05']:g} to {r['p95']:g}")
        elif r["role"] == "fitted" and r["close"] is False:
            points = 100 * r["gap"]
            name = r["target"]
            o.say(f"more than two points off: {name}: {points:+.1f}; do figures clash?")


def say_quality(record: Any, runs: int, usual: int) -> None:
    """Demands on recovery that are not met, and that few runs give a rough fit."""
    from sim.report.calibration_text import criteria

    done = len(record.calibration.design.first.z) + len(record.calibration.design.second.z)
    if done < usual:
        o.say(f"rough: {done:,} runs instead of {usual:,}; parameters that moved may be luck")
    for c in criteria(record):
        if not c.met:
            o.say(f"not met: {c.demand}: {c.found}")


def say_changes(changed: dict[str, Any] | None) -> None:
    """Which figures differ from the profile that is extended, and what moved with them."""
    if changed is None:
        return
    o.say(f"figures that differ from profile {changed['base']}:")
    for row, (there, here) in changed["figures"].items():
        o.say(f"  {row}: {there:g} -> {here:g}")
    if not changed["figures"]:
        o.say("  none")
    o.say(
        "parameters whose central value moved by more than half a posterior sd"
        f" ({len(changed['parameters'])}):"
    )
    if not changed["parameters"]:
        o.say("  none: the changes are small against the errors of the figures")
    for id, there, here, unit, shift in changed["parameters"][:12]:
        o.say(f"  {id}: {there:g} -> {here:g} {unit} ({shift:+.1f} sd)")


def plain_changes(changed: dict[str, Any] | None) -> dict[str, Any] | None:
    """The same as plain values, for ``--json``."""
    if changed is None:
        return None
    names = ("parameter", "there", "here", "unit", "shift_sd")
    return {
        "base": changed["base"],
        "figures": {k: {"there": a, "here": b} for k, (a, b) in changed["figures"].items()},
        "parameters": [dict(zip(names, row, strict=True)) for row in changed["parameters"]],
    }


@contextmanager
def waves(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Progress by wave: a bar on a terminal, a line every quarter elsewhere, nothing if quiet."""
    if quiet:
        yield lambda wave, done, total: None
        return
    if not sys.stderr.isatty():
        said: dict[str, int] = {}

        def line(wave: str, done: int, total: int) -> None:
            quarter = 4 * done // max(1, total)
            if said.get(wave, 0) < quarter:
                said[wave] = quarter
                o.say(f"{wave}: {done} of {total}")

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def update(wave: str, done: int, total: int) -> None:
            if wave not in tasks:
                tasks[wave] = bar.add_task(wave, total=total)
            bar.update(tasks[wave], completed=done)

        yield update
