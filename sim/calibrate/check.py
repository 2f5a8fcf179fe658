"""Posterior predictive check: does the model, run with the posterior, show the figures?

Runs draws exactly as `kyodo compare` does (a row of the posterior, keyed draws of the rest, luck of
their own). A target's interval holds the spread of runs, the error of the figure and the model's
own discrepancy; the interval of runs alone stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.base.randomness import KeyedRandom, generator
from sim.calibrate.design import CHUNK, DesignRuns
from sim.calibrate.fit import SCALE, data_of
from sim.calibrate.simulate import simulate
from sim.calibrate.targets import Target
from sim.figures.parameter import ParameterTable

if TYPE_CHECKING:
    from sim.runs.workers import Engine

Floats = NDArray[np.float64]

CHECK_DRAWS = 200
CLOSE_POINTS = 0.02
"""A fitted share is met where the median is within two points."""


@dataclass(frozen=True)
class CheckTask:
    """Some draws for a worker."""

    draws: tuple[int, ...]
    table: ParameterTable
    targets: tuple[Target, ...]
    seed: int
    scale: float = SCALE


@dataclass(frozen=True)
class Check:
    """``outputs`` [draws, targets] in units; ``rows``: one plain dict per target, see `check_rows`;
    ``log_score``: of held-out figures under posterior and prior predictive (more is better)."""

    targets: tuple[Target, ...]
    outputs: Floats
    rows: list[dict[str, Any]]
    log_score: dict[str, float]


def run_draws(task: CheckTask) -> tuple[tuple[int, ...], list[list[float]]]:
    """The targets' values of some draws of the posterior."""
    values = []
    for draw in task.draws:
        p = task.table.resolve(None, draw, task.seed)
        random = KeyedRandom(task.seed, draw, 0)
        values.append(simulate(task.targets, p, task.table.ward_features, random, task.scale))
    return task.draws, values


def posterior_runs(
    table: ParameterTable,
    targets: Sequence[Target],
    *,
    draws: int = CHECK_DRAWS,
    seed: int = 0,
    scale: float = SCALE,
    workers: int = 1,
    engine: Engine | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Floats:
    """Values of the targets [draws, targets] under draws 0, 1, 2, ... of the posterior."""
    from sim.runs.workers import map_tasks, took_down

    pieces = [tuple(range(a, min(a + CHUNK, draws))) for a in range(0, draws, CHUNK)]
    tasks = [CheckTask(piece, table, tuple(targets), seed, scale) for piece in pieces]
    found: dict[int, list[float]] = {}

    def finished(outcome: tuple[tuple[int, ...], list[list[float]]]) -> None:
        found.update(zip(*outcome, strict=True))
        progress(len(found), draws)

    map_tasks(
        run_draws, tasks, min(workers, len(tasks)), finished,
        lambda task, error: took_down(f"draws {task.draws[0]} to {task.draws[-1]}", error), engine,
    )  # fmt: skip
    return np.array([found[d] for d in range(draws)], dtype=np.float64)


def predictive_check(
    targets: Sequence[Target], outputs: Floats, prior: DesignRuns, seed: int = 0
) -> Check:
    """Judge runs of the posterior, ``outputs`` [draws, targets]; ``prior``: runs of the prior."""
    rows = check_rows(targets, outputs, seed)
    before = data_in_units(prior, tuple(targets))
    for j, (t, row, old) in enumerate(
        zip(targets, rows, check_rows(targets, before, seed), strict=True)
    ):
        row["prior_inside_90"] = old["inside_90"]
        row["prior_p05"], row["prior_p95"] = old["p05"], old["p95"]
        row["log_score"] = log_score([t], outputs[:, [j]])
        row["prior_log_score"] = log_score([t], before[:, [j]])
    held = [j for j, t in enumerate(targets) if t.role == "held_out"]
    held_targets = tuple(targets[j] for j in held)
    score = {
        "posterior": log_score(held_targets, outputs[:, held]),
        "prior": log_score(held_targets, data_in_units(prior, held_targets)),
    }
    return Check(tuple(targets), outputs, rows, score)


def data_in_units(runs: DesignRuns, targets: tuple[Target, ...]) -> Floats:
    """The targets' columns of runs in their units [rows, targets]."""
    scaled_values = data_of(runs, targets)
    return np.column_stack([t.natural(scaled_values[:, j]) for j, t in enumerate(targets)])


def check_rows(targets: Sequence[Target], outputs: Floats, seed: int = 0) -> list[dict[str, Any]]:
    """One row per target: the contract of ``calibrate check --json``, and more.

    target, role, observed, median, p05, p95 (with the errors of figure and model), z (median less
    observed over the sd of both), inside_90; runs_p05, runs_p95, inside_90_runs (runs alone); unit,
    gap (median less observed), close (a share within two points), error_sd. `predictive_check` adds
    prior_p05, prior_p95, prior_inside_90 and log_score, prior_log_score.
    """
    random = generator(seed, "predictive")
    rows = []
    for j, t in enumerate(targets):
        runs = outputs[:, j][np.isfinite(outputs[:, j])]
        y = t.scaled(runs)
        noisy = t.natural(np.tile(y, 20) + t.scaled_sd * random.standard_normal(20 * len(y)))
        median = float(np.median(runs))
        low, high = (float(x) for x in np.quantile(noisy, [0.05, 0.95]))
        inner = [float(x) for x in np.quantile(runs, [0.05, 0.95])]
        sd = float(np.hypot(t.scaled_sd, y.std()))
        gap = median - t.observed
        rows.append(
            {
                "target": t.id,
                "role": t.role,
                "observed": t.observed,
                "median": median,
                "p05": low,
                "p95": high,
                "z": (float(t.scaled(median)) - float(t.scaled(t.observed))) / sd,
                "inside_90": low <= t.observed <= high,
                "runs_p05": inner[0],
                "runs_p95": inner[1],
                "inside_90_runs": inner[0] <= t.observed <= inner[1],
                "unit": t.unit,
                "gap": gap,
                "close": abs(gap) <= CLOSE_POINTS if t.unit == "share" else None,
                "error_sd": t.error_sd,
                "evidence": t.evidence,
                "reason": t.reason,
            }
        )
    return rows


def log_score(targets: Sequence[Target], outputs: Floats) -> float:
    """Sum over targets of the log predictive density of the figure, on the working scale.

    The density is the mixture over runs of a normal with the errors of figure and model.
    """
    total = 0.0
    for j, t in enumerate(targets):
        y = t.scaled(outputs[:, j][np.isfinite(outputs[:, j])])
        gap = (float(t.scaled(t.observed)) - y) / t.scaled_sd
        density = np.mean(np.exp(-0.5 * gap**2)) / (t.scaled_sd * np.sqrt(2.0 * np.pi))
        total += float(np.log(max(density, 1e-300)))
    return total
