"""Calibration from start to end: first wave, screen, second wave, posterior ensemble.

    design of the prior -> emulator -> implausibility screen -> design of what is left
    -> regression-adjusted posterior

Everything is a pure function of profile, number of runs and seed: a calibration that was stopped
and resumed gives the same ensemble as one that ran through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import UsageError
from sim.calibrate.design import (
    TRUTH,
    DesignRuns,
    parameters_of,
    prior_points,
    read_design,
    read_meta,
    run_points,
    write_design,
)
from sim.calibrate.emulator import Emulator, fit_emulator
from sim.calibrate.inputs import design_key, model_inputs
from sim.calibrate.methods import CALIBRATION_METHODS, TrainingRuns
from sim.calibrate.screen import screen_prior, second_wave
from sim.calibrate.targets import Target, Targets, error_sds, load_targets, observed, scaled
from sim.figures.parameter import ParameterTable
from sim.figures.parameters import load_parameters
from sim.figures.posterior import Posterior

if TYPE_CHECKING:
    from sim.runs.workers import Engine

Floats = NDArray[np.float64]

DEFAULT_RUNS = 4_352
DRAWS = 400
TRUTHS = 256
DEFAULT_METHOD = "linear"
"""Smallest error over all parameters in recovery, with honest coverage: calibration/record/."""

SCALE = 0.01
MOVED = 0.5
"""Figures that moved by less than this share of their error leave the second wave valid."""

CENTRE_ERROR = 0.2
"""Share of a figure's error with which the central point has to meet it."""

Say = Callable[[str], None]
Progress = Callable[[str, int, int], None]
"""Called as (wave, runs done, runs in all)."""


@dataclass(frozen=True)
class RunNumbers:
    """Numbers of runs: ``first`` (a power of two), ``second``, of which ``truths`` kept apart."""

    first: int
    second: int
    truths: int

    @classmethod
    def of(cls, runs: int) -> RunNumbers:
        """Split ``runs``: the largest power of two up to half of them first, the rest second.

        Raises UsageError under 128 runs, with which nothing can be fitted.
        """
        if runs < 128:
            raise UsageError(f"runs: {runs} is not at least 128")
        first = 2 ** int(np.log2(runs // 2))
        second = runs - first
        return cls(first, second, min(TRUTHS, second // 4))


@dataclass(frozen=True)
class CalibrationDesign:
    """All runs of a calibration. ``first`` and ``second`` wave; ``screened``: share of the prior
    that the screen left; ``screen``: target -> (observed, error sd) on the working scale that it
    was made with; ``reused``: which waves were taken from stored runs."""

    first: DesignRuns
    second: DesignRuns
    screened: float
    screen: Mapping[str, tuple[float, float]]
    reused: tuple[str, ...] = ()

    @property
    def waves(self) -> dict[str, DesignRuns]:
        """Both waves by the names that ``reused`` has."""
        return {"first wave": self.first, "second wave": self.second}


@dataclass(frozen=True)
class Calibration:
    """A calibration: its figures, its runs, the priors (``table``) and the posterior."""

    profile: str
    targets: Targets
    design: CalibrationDesign
    table: ParameterTable
    method: str
    posterior: Posterior


def data_of(runs: DesignRuns, targets: tuple[Target, ...]) -> Floats:
    """The targets' columns of runs, on the working scale [rows, targets]."""
    columns = [runs.columns.index(t.id) for t in targets]
    return scaled(targets, runs.outputs[:, columns])


def wave_emulator(design: DesignRuns, targets: tuple[Target, ...]) -> Emulator:
    """The emulator of the targets that the fit sees, from runs."""
    whole = whole_rows(design, targets)
    return fit_emulator(whole.z, data_of(whole, targets))


def whole_rows(runs: DesignRuns, targets: tuple[Target, ...]) -> DesignRuns:
    """The runs in which the model has a value for every target."""
    finite = np.isfinite(data_of(runs, targets))
    return runs.rows(np.asarray(finite.all(axis=1)))


def make_design(
    profile: str,
    plan: RunNumbers,
    folder: Path,
    *,
    seed: int = 0,
    scale: float = SCALE,
    workers: int = 1,
    engine: Engine | None = None,
    stored: CalibrationDesign | None = None,
    progress: Progress = lambda wave, done, total: None,
    say: Say = lambda text: None,
) -> CalibrationDesign:
    """Run both waves (pieces in ``folder`` are resumed), or reuse a stored design where it fits.

    ``stored``: a design whose runs may serve: its first wave where the model and all inputs are the
    same, its second also where no figure moved by more than half its error; never fewer runs than
    the plan asks for.
    """
    targets = load_targets(profile)
    table = load_parameters(profile, posterior=False)
    ids = tuple(p.id for p in table.calibrated())
    key = design_key(profile, targets.rows, scale, seed)
    used = targets.used
    goal, error = observed(used), error_sds(used)
    screen = {t.id: (float(o), float(e)) for t, o, e in zip(used, goal, error, strict=True)}
    reused: list[str] = []

    def run(points: Any) -> DesignRuns:
        name = f"wave {points.wave}"
        return run_points(
            points,
            targets.rows,
            ids,
            profile=profile,
            key=key,
            scale=scale,
            seed=seed,
            folder=folder,
            workers=workers,
            engine=engine,
            progress=lambda done, total: progress(name, done, total),
        )

    if stored is not None and stored.first.key == key and len(stored.first.z) >= plan.first:
        first = stored.first
        reused.append("first wave")
        enough = len(stored.second.z) >= plan.second
        if enough and not moved_figures(screen, stored.screen):
            both = ("first wave", "second wave")
            return CalibrationDesign(first, stored.second, stored.screened, stored.screen, both)
    else:
        first = run(prior_points(plan.first, len(ids), seed))
    say("fitting the emulator and screening the prior")
    emulator = wave_emulator(first, used)
    names = [t.id for t in used]
    found = screen_prior(emulator, goal, error, len(ids), plan.second, seed, names)
    say(f"the screen leaves {found.share:.2g} of the prior")
    second = run(second_wave(found))
    second.wave[len(second.wave) - plan.truths :] = TRUTH
    return CalibrationDesign(first, second, found.share, screen, tuple(reused))


def moved_figures(
    now: Mapping[str, tuple[float, float]], then: Mapping[str, tuple[float, float]]
) -> list[str]:
    """Targets whose figure moved too far, or whose error changed, for a second wave to stay."""
    return [
        id
        for id, (value, error) in now.items()
        if id not in then
        or abs(value - then[id][0]) > MOVED * error
        or not 0.8 < error / then[id][1] < 1.25
    ]


def posterior_scores(
    second: DesignRuns, used: tuple[Target, ...], method: str, number: int, seed: int
) -> Floats:
    """Draws of the posterior as normal scores [number, parameters]."""
    whole = whole_rows(second, used)
    runs = TrainingRuns(whole.z, data_of(whole, used), error_sds(used), seed)
    return CALIBRATION_METHODS[method](runs).draws(observed(used), number, "posterior")


def central_point(second: DesignRuns, used: tuple[Target, ...]) -> Floats:
    """The point whose expected levels are the figures, nearest to the middle of the priors.

    Runs without draws start from it, so that they show the documented levels. Levels that are
    fitted or anchored count as if their error were ``CENTRE_ERROR`` of what it is; inputs and
    steadiness count with their full error. Normal scores [parameters], by least squares on the
    emulator of the second wave.
    """
    from scipy.optimize import least_squares

    emulator = wave_emulator(second, used)
    goal = observed(used)
    share = np.array([CENTRE_ERROR if t.role in ("fitted", "anchored") else 1.0 for t in used])
    sd = share * error_sds(used)

    def residuals(z: Floats) -> Floats:
        return np.concatenate([z, (emulator.predict(z[None, :])[0] - goal) / sd])

    start = second.z.mean(axis=0)
    found: Floats = least_squares(residuals, start, method="lm").x
    return found


def fit_posterior(
    profile: str,
    design: CalibrationDesign,
    *,
    method: str = DEFAULT_METHOD,
    draws: int = DRAWS,
    seed: int = 0,
    scale: float = SCALE,
) -> Calibration:
    """The posterior of the figures of a profile, from its runs."""
    from sim.figures.evidence import load_profile

    targets = load_targets(profile)
    table = load_parameters(profile, posterior=False)
    free = table.calibrated()
    z = posterior_scores(design.second, targets.used, method, draws, seed)
    rows = [parameters_of(table, point) for point in z]
    values = np.array([[row[p.id] for p in free] for row in rows])
    centre = parameters_of(table, central_point(design.second, targets.used))
    evidence = load_profile(profile)
    record = {
        "method": method,
        "draws": draws,
        "seed": seed,
        "scale": scale,
        "runs": {"first wave": len(design.first.z), "second wave": len(design.second.z)},
        "screened": design.screened,
        "reused": list(design.reused),
        "wards": {str(code): dict(known) for code, known in evidence.ward_features.items()},
    }
    posterior = Posterior(
        profile=evidence.name,
        ids=tuple(p.id for p in free),
        values=values,
        centre=centre,
        figures={**model_inputs(profile), **targets.figures()},
        record=record,
    )
    return Calibration(profile, targets, design, table, method, posterior)


def write_runs(design: CalibrationDesign, path: Path, scale: float = SCALE) -> None:
    """Keep both waves, their scale, and what the screen was made with, in one file."""
    screen = {id: list(pair) for id, pair in design.screen.items()}
    more = {"screen": screen, "screened": design.screened, "scale": scale}
    write_design(design.first.joined(design.second), path, more)


def read_runs(path: Path) -> CalibrationDesign:
    """A stored design. ContentError for a file that holds none."""
    runs, meta = read_design(path), read_meta(path)
    screen = {str(k): (float(v[0]), float(v[1])) for k, v in meta.get("screen", {}).items()}
    return CalibrationDesign(
        runs.rows(runs.wave == 1),
        runs.rows(runs.wave >= 2),
        float(meta.get("screened", 0.0)),
        screen,
    )
