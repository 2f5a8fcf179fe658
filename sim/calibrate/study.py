"""A calibration as a study in a folder: what is run, kept, resumed and put in its place.

The folder holds ``runs/`` (pieces of both waves), ``design.parquet``, ``posterior.parquet`` and
``calibration.json``. A user's profile also gets ``<profile>.posterior.parquet`` and
``<profile>.design.parquet`` beside it, where `compare` and later calibrations find them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.base.errors import ContentError, OutputError, UsageError
from sim.base.files import atomic_write
from sim.calibrate.design import read_meta
from sim.calibrate.fit import (
    DEFAULT_METHOD,
    DRAWS,
    SCALE,
    Calibration,
    CalibrationDesign,
    Progress,
    RunNumbers,
    Say,
    fit_posterior,
    make_design,
    read_runs,
    write_runs,
)
from sim.calibrate.inputs import design_key, model_inputs
from sim.calibrate.targets import load_targets
from sim.figures.evidence import load_profile
from sim.figures.parameters import load_parameters
from sim.figures.posterior import (
    SUFFIX,
    Posterior,
    posterior_path,
    read_posterior,
    write_posterior,
)
from sim.figures.profiles import profile_names

if TYPE_CHECKING:
    from sim.runs.workers import Engine

RECORD_FILE = "calibration.json"
RUNS = "runs"
DESIGN_SUFFIX = ".design.parquet"


@dataclass(frozen=True)
class CalibrationRequest:
    """What to calibrate: ``runs`` in all, at ``scale``; ``draws`` of the ensemble."""

    profile: str
    runs: int
    draws: int = DRAWS
    seed: int = 0
    method: str = DEFAULT_METHOD
    scale: float = SCALE

    def key(self) -> str:
        """Hash of all that the runs of this calibration depend on."""
        return design_key(self.profile, load_targets(self.profile).rows, self.scale, self.seed)

    def identity(self) -> dict[str, Any]:
        """What makes this calibration another one than the next, for its folder."""
        figures = {t.id: t.observed for t in load_targets(self.profile).rows}
        path = Path(self.profile)
        return {
            "key": self.key(),
            "figures": figures,
            "runs": self.runs,
            "draws": self.draws,
            "method": self.method,
            "seed": self.seed,
            "profile": str(path.resolve()) if path.is_file() else self.profile,
        }

    @property
    def name(self) -> str:
        """Short hash of the identity, for the default folder."""
        text = json.dumps(self.identity(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def stored_design_path(profile: str) -> Path:
    """Where the runs of a bundled profile, or of the user's profile file, are kept."""
    own = posterior_path(profile)
    if own.name.endswith(SUFFIX):
        return own.with_name(own.name.removesuffix(SUFFIX) + DESIGN_SUFFIX)
    return own.with_name(f"{profile}_design.parquet")


def usable_design(profile: str, scale: float = SCALE) -> tuple[CalibrationDesign, Path] | None:
    """Stored runs of the same inputs: the profile's own, else those of a profile it extends."""
    key = CalibrationRequest(profile, 0, scale=scale).key()
    for name in (profile, *reversed(load_profile(profile).chain)):
        path = stored_design_path(name)
        if path.is_file() and read_meta(path)["key"] == key:
            return read_runs(path), path
    return None


def required_design(profile: str) -> CalibrationDesign:
    """The stored runs of a profile.

    Raises UsageError where it was not calibrated, ContentError where they are out of date.
    """
    path = stored_design_path(profile)
    if not path.is_file():
        raise UsageError(f"{profile}: no stored runs ({path.name}); run kyodo calibrate first")
    meta = read_meta(path)
    if meta["key"] != CalibrationRequest(profile, 0, scale=float(meta.get("scale", SCALE))).key():
        raise ContentError(
            "stored runs of another model, inputs, priors or targets: run kyodo calibrate again",
            path,
        )
    return read_runs(path)


def own_posterior(profile: str) -> Posterior:
    """The ensemble that was made for a profile. Raises UsageError where there is none."""
    found = load_parameters(profile).posterior
    if found is None or found.borrowed:
        raise UsageError(f"{profile} was not calibrated: run kyodo calibrate --profile {profile}")
    return found


def stored_calibration(profile: str) -> Calibration:
    """A calibration as it is stored: its ensemble and its runs; nothing is fitted anew.

    Raises UsageError where the profile was not calibrated, ContentError as `required_design` does.
    """
    posterior, design = own_posterior(profile), required_design(profile)
    return Calibration(
        profile,
        load_targets(profile),
        replace(design, reused=tuple(posterior.record.get("reused", ()))),
        load_parameters(profile, posterior=False),
        posterior.record["method"],
        posterior,
    )


def calibrate(
    request: CalibrationRequest,
    folder: Path,
    *,
    workers: int = 1,
    engine: Engine | None = None,
    force: bool = False,
    reuse: bool = True,
    progress: Progress = lambda wave, done, total: None,
    say: Say = lambda text: None,
) -> Calibration:
    """Calibrate into ``folder``; a posterior of a user's profile also goes beside the profile.

    Runs that an interrupted calibration left in the folder are taken up. ``reuse``: take stored
    runs of this or a parent profile where they remain valid. Nothing is written before the request
    is checked. Raises UsageError, ContentError, OutputError.
    """
    plan = RunNumbers.of(request.runs)
    open_folder(folder, request, force=force)
    stored = None
    if reuse:
        found = usable_design(request.profile, request.scale)
        if found is not None:
            stored, path = found
            say(f"stored runs found: {path.name}")
    design = make_design(
        request.profile,
        plan,
        folder / RUNS,
        seed=request.seed,
        scale=request.scale,
        workers=workers,
        engine=engine,
        stored=stored,
        progress=progress,
        say=say,
    )
    say(reuse_text(design))
    fitted = fit_posterior(
        request.profile,
        design,
        method=request.method,
        draws=request.draws,
        seed=request.seed,
        scale=request.scale,
    )
    write_runs(design, folder / "design.parquet", request.scale)
    write_posterior(fitted.posterior, folder / "posterior.parquet")
    return fitted


def reuse_text(design: CalibrationDesign) -> str:
    """Which runs were taken from a stored design, in words."""
    if not design.reused:
        return "all runs are new: no stored runs have the same inputs"
    number = f"{len(design.first.z)} + {len(design.second.z)} runs in all"
    return f"taken from stored runs: {' and '.join(design.reused)} ({number})"


def put_in_place(request: CalibrationRequest, folder: Path, *, force: bool = False) -> list[Path]:
    """Copy posterior and runs beside a user's profile, where `compare` looks; [] if bundled.

    Refused (OutputError; results stay in ``folder``): a file of that name that is no posterior of
    Kyodo, and, unless ``force``, one of the same figures that rests on more runs.
    """
    if request.profile in profile_names():
        return []
    target = posterior_path(request.profile)
    if target.is_file():
        try:
            there, here = read_posterior(target), read_posterior(folder / "posterior.parquet")
        except ContentError as error:
            if "no posterior file" in str(error):
                raise OutputError(f"{target} is no posterior of Kyodo: move it away") from None
        else:
            runs = [sum(p.record["runs"].values()) for p in (there, here)]
            if there.figures == here.figures and runs[0] > runs[1] and not force:
                raise OutputError(
                    f"{target} rests on {runs[0]:,} runs, this one on {runs[1]:,}: results are in"
                    f" {folder}; --force to replace it"
                )
    placed = []
    for source, path in (
        (folder / "posterior.parquet", target),
        (folder / "design.parquet", stored_design_path(request.profile)),
    ):
        with atomic_write(path) as out, open(source, "rb") as stream:
            shutil.copyfileobj(stream, out)
        placed.append(path)
    return placed


def open_folder(folder: Path, request: CalibrationRequest, *, force: bool) -> None:
    """Make the folder ready; refuse one with other content unless ``force`` (OutputError)."""
    identity = request.identity()
    entries = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    if entries and not force:
        try:
            found = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = None
        if found != identity:
            what = "other files" if found is None else "another calibration"
            raise OutputError(
                f"{folder} holds {what}: choose another --out, or --force to write there"
            )
    with atomic_write(folder / RECORD_FILE, "w") as stream:
        stream.write(json.dumps(identity, indent=2, sort_keys=True) + "\n")


def changes(fitted: Calibration, base: str) -> dict[str, Any]:
    """What is different from the calibration of another profile.

    Plain values. ``figures``: evidence row -> ``there`` and ``here`` that differ, inputs and
    targets; ``parameters``: those whose centre moved by more than half the posterior's sd there:
    ``parameter``, centres ``there`` and ``here``, ``unit``, ``shift_sd``; the farthest first.
    """
    other = load_parameters(base).posterior
    here = fitted.posterior
    if other is None:
        return {"base": base, "figures": {}, "parameters": []}
    now = {**model_inputs(fitted.profile), **fitted.targets.figures()}
    figures = {
        row: {"there": other.figures[row], "here": value}
        for row, value in now.items()
        if row in other.figures and abs(value - other.figures[row]) > 1e-12 * max(1.0, abs(value))
    }
    moved: list[dict[str, Any]] = [
        {
            "parameter": id, "there": other.centre[id], "here": here.centre[id],
            "unit": fitted.table[id].unit,
            "shift_sd": (here.centre[id] - other.centre[id]) / float(np.std(other.values[:, j])),
        }
        for j, id in enumerate(other.ids)
    ]  # fmt: skip
    moved = [row for row in moved if abs(row["shift_sd"]) > 0.5]
    moved.sort(key=lambda row: -abs(row["shift_sd"]))
    return {"base": base, "figures": figures, "parameters": moved}


def base_profile(profile: str) -> str:
    """The nearest bundled profile that a user's profile extends, or the profile itself."""
    bundled = profile_names()
    if profile in bundled:
        return profile
    chain = load_profile(profile).chain
    return next((name for name in reversed(chain) if name in bundled), "document")
