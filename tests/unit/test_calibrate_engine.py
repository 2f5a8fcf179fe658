"""Calibration runs through the runner of everything else: any engine, and workers that die."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

from sim.base.errors import KyodoError
from sim.calibrate.check import posterior_runs
from sim.calibrate.design import prior_points, run_points
from sim.calibrate.hindcast import hindcast
from sim.calibrate.targets import load_targets
from sim.figures.parameters import load_parameters


class Elsewhere:
    """An engine that runs its tasks in this process and counts them; ``broken``: workers die."""

    slots = 1
    dead = (BrokenExecutor,)

    def __init__(self, *, broken: bool = False):
        self.broken, self.tasks, self.restarts = broken, 0, 0

    def submit(self, function: Callable[[Any], Any], task: Any, /) -> Future[Any]:
        future: Future[Any] = Future()
        self.tasks += 1
        if self.broken and task is not None:
            future.set_exception(BrokenExecutor("the worker died"))
        else:
            future.set_result(function(task))
        return future

    def restart(self) -> None:
        self.restarts += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to end."""


def points_of(folder: Path, engine: Any) -> Any:
    table = load_parameters("document", posterior=False)
    ids = tuple(p.id for p in table.calibrated())
    points = prior_points(2, len(ids), 0)
    targets = load_targets("document").rows
    return run_points(
        points, targets, ids, profile="document", key="k", scale=0.001, seed=0, folder=folder,
        workers=1, engine=engine,
    )  # fmt: skip


def test_an_engine_gives_the_same_runs_as_this_process(tmp_path: Path) -> None:
    engine = Elsewhere()
    here, there = points_of(tmp_path / "a", None), points_of(tmp_path / "b", engine)
    assert engine.tasks == 1
    assert np.array_equal(here.outputs, there.outputs, equal_nan=True)
    table, targets = load_parameters("document"), load_targets("document").rows
    check = Elsewhere()
    own = posterior_runs(table, targets, draws=1, scale=0.001)
    other = posterior_runs(table, targets, draws=1, scale=0.001, engine=check)
    assert check.tasks == 1
    assert np.array_equal(own, other, equal_nan=True)


def test_a_piece_that_ends_its_worker_twice_is_named(tmp_path: Path) -> None:
    engine = Elsewhere(broken=True)
    with pytest.raises(KyodoError, match="piece 0 of wave 1 ended its worker process twice"):
        points_of(tmp_path, engine)
    assert engine.restarts >= 1
    with pytest.raises(KyodoError, match="draw 0 ended"):
        hindcast("document", 1, scale=0.001, engine=Elsewhere(broken=True))
