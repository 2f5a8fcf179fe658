"""Hindcast: do departments alone explain that co-production projects rose to x1.3 in five years?

The burn-in runs without any department, with both proposal rates scaled so that the distinct
projects of its last fiscal year are those of five years ago. Then the wards that have a department
get it, and nothing else changes: no measure, no trend (where a profile has fewer NPOs year by year,
so has the hindcast). Not used by any fit; its misfit is reported.

Documented: evidence row ``collab_growth_5y`` (C084, C086: trend or department, never both in full).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import UsageError
from sim.base.randomness import KeyedRandom
from sim.figures.evidence import load_profile
from sim.figures.parameters import load_parameters
from sim.model.agents.world import World, build_world
from sim.model.processes.collaboration import expit, logit, set_up
from sim.model.start import BURN_IN_MONTHS, burn_in
from sim.places.load import load_place

if TYPE_CHECKING:
    from sim.runs.workers import Engine

Floats = NDArray[np.float64]

YEARS = 5
"""Fiscal years from the number at the start to the documented one."""
NEAR_ENOUGH = 0.01
"""Relative distance from the number at the start at which the scale of proposals is accepted."""
MOST_STEPS = 4
"""Burn-ins of one draw at most; the number of projects is nearly linear in the scale."""
ROUNDING = 0.05
"""Half the last digit of the documented ratio."""
VARIANTS = ("hours_stay", "hours_grow")
"""Officers' hours stay those of the number at the start, or grow with the department: by the ratio
of a ward's steady states with and without one."""


@dataclass(frozen=True)
class HindcastResult:
    """One entry per draw; projects are distinct projects of a fiscal year in all wards.

    ``documented``: the documented ratio; ``at_start``: the number five years ago that it starts
    from. ``proposal_scale`` [draws]: factor on both proposal rates; ``start`` [draws]: projects in
    the last year of the burn-in; ``projects`` {variant: [draws, YEARS]}: projects in the years
    after.
    """

    profile: str
    documented: float
    at_start: float
    proposal_scale: Floats
    start: Floats
    projects: dict[str, Floats]

    def growth(self, variant: str) -> Floats:
        """Projects in the last year by the number at the start [draws]."""
        return self.projects[variant][:, -1] / self.at_start

    @property
    def summary(self) -> dict[str, dict[str, float | bool]]:
        """Per variant: median, p05 and p95 of the growth, documented ratio, misfit and so on.

        ``misfit``: median less documented. ``inside_90``: the documented ratio lies between p05
        and p95. ``draws_within_rounding``: draws whose growth rounds to it; ``draws_reaching``:
        draws whose growth is at least as large.
        """
        rows: dict[str, dict[str, float | bool]] = {}
        for variant in self.projects:
            growth = self.growth(variant)
            low, median, high = (float(q) for q in np.quantile(growth, (0.05, 0.5, 0.95)))
            rows[variant] = {
                "median": median,
                "p05": low,
                "p95": high,
                "documented": self.documented,
                "misfit": median - self.documented,
                "inside_90": bool(low <= self.documented <= high),
                "draws": len(growth),
                "draws_within_rounding": int(
                    np.count_nonzero(np.abs(growth - self.documented) <= ROUNDING)
                ),
                "draws_reaching": int(np.count_nonzero(growth >= self.documented)),
            }
        return rows


@dataclass(frozen=True)
class HindcastTask:
    """One draw for a worker. ``departments`` False: nothing changes after the burn-in."""

    profile: str
    draw: int
    seed: int
    scale: float
    departments: bool = True


@dataclass(frozen=True)
class HindcastRun:
    """Outcome of one draw; see `HindcastResult`."""

    draw: int
    proposal_scale: float
    start: float
    projects: dict[str, list[float]]


def hindcast(
    profile: str,
    draws: int,
    seed: int = 0,
    scale: float = 0.01,
    workers: int = 1,
    departments: bool = True,
    engine: Engine | None = None,
) -> HindcastResult:
    """Run the hindcast for draws 0 to ``draws`` - 1 of the posterior, replicate 0 of each.

    ``scale``: share of residents simulated (projects and NPOs are always all of them). Without
    ``departments`` no ward gets one: growth is then 1 but for chance. Raises UsageError,
    ContentError as `load_parameters` does.
    """
    from sim.runs.workers import map_tasks, took_down

    if draws < 1:
        raise UsageError(f"draws: {draws} is not at least 1")
    if not 0.0 < scale <= 1.0:
        raise UsageError(f"scale: {scale} is not above 0 and at most 1")
    tasks = [HindcastTask(profile, d, seed, scale, departments) for d in range(draws)]
    done: dict[int, HindcastRun] = {}

    def finished(run: HindcastRun) -> None:
        done[run.draw] = run

    map_tasks(
        run_draw, tasks, min(workers, draws), finished,
        lambda task, error: took_down(f"draw {task.draw}", error), engine,
    )  # fmt: skip
    evidence = load_profile(profile)
    rows = [done[d] for d in range(draws)]
    return HindcastResult(
        profile=profile,
        documented=evidence.value("collab_growth_5y"),
        at_start=evidence.value("collab_projects_5y_ago"),
        proposal_scale=np.array([r.proposal_scale for r in rows]),
        start=np.array([r.start for r in rows]),
        projects={v: np.array([r.projects[v] for r in rows]) for v in VARIANTS},
    )


def run_draw(task: HindcastTask) -> HindcastRun:
    """The hindcast of one draw: the scale of proposals, then both variants from the same state."""
    wanted = load_profile(task.profile).value("collab_projects_5y_ago")
    p = load_parameters(task.profile).resolve(draw=task.draw, seed=task.seed)
    tried: list[tuple[float, float]] = []
    for _ in range(MOST_STEPS):
        scale = _next_scale(tried, wanted, p["collaboration.projects"])
        before, departments = world_without_departments(task, p, scale, wanted)
        tried.append((scale, _projects_by_year(before, 0)[-1]))
        if abs(tried[-1][1] / wanted - 1.0) <= NEAR_ENOUGH:
            break
    projects = {}
    for variant in VARIANTS:
        world = before.copy()
        if task.departments:
            _introduce(world, departments, hours_grow=variant == "hours_grow")
        projects[variant] = _projects_by_year(world, 12 * YEARS)
    return HindcastRun(task.draw, *tried[-1], projects)


def _next_scale(tried: list[tuple[float, float]], wanted: float, usual: float) -> float:
    """The scale of proposals to try next; ``tried``: (scale, projects), ``usual``: projects at 1.

    In proportion at first, then along the secant of the last two where it rises.
    """
    if not tried:
        return wanted / usual
    x1, y1 = tried[-1]
    if len(tried) > 1:
        x0, y0 = tried[-2]
        if (y1 - y0) * (x1 - x0) > 0.0:
            secant = x1 + (wanted - y1) * (x1 - x0) / (y1 - y0)
            if secant > 0.0:
                return secant
    return x1 * wanted / y1


def world_without_departments(
    task: HindcastTask, p: dict[str, float], proposal_scale: float, at_start: float
) -> tuple[World, NDArray[np.uint8]]:
    """Agents before the burn-in, no ward with a department; and which wards will have one (areas,).

    Officers' capacity, commissions and running projects are those of ``at_start`` projects; the
    budget of a project is what it is now.
    """
    changed = {
        **p,
        "collaboration.projects": at_start,
        "collaboration.budget": p["collaboration.budget"] * at_start / p["collaboration.projects"],
        "collaboration.trend": 0.0,
        "collaboration.proposal_rate": p["collaboration.proposal_rate"] * proposal_scale,
        "collaboration.commission_rate": p["collaboration.commission_rate"] * proposal_scale,
    }
    world = build_world(
        load_place(),
        load_parameters(task.profile).ward_features,
        changed,
        KeyedRandom(task.seed, task.draw, 0),
        task.scale,
        -BURN_IN_MONTHS,
        12 * YEARS - 1,
    )
    departments = world.wards.department.astype(np.uint8)
    world.wards.department[:] = 0
    set_up(world)
    return world, departments


def _introduce(world: World, departments: NDArray[np.uint8], hours_grow: bool) -> None:
    """Give wards their department; their officers' hours grow with it or stay."""
    world.wards.department[:] = departments
    if hours_grow:
        more = np.where(departments > 0, steady_ratio(world.p), 1.0)
        world.wards.minutes_capacity[:] = np.floor(world.wards.minutes_capacity * more)


def steady_ratio(p: dict[str, float]) -> float:
    """Steady number of projects of a ward with a department by that of the same ward without.

    new / (1 - renewal) in both cases, with the same new projects.
    """
    kept = 1.0 - p["collaboration.lost_with_npo"]
    without = logit(p["collaboration.renewal_without_department"])
    ends = 1.0 - kept * expit(np.array([without, without + p["collaboration.department_log_odds"]]))
    return float(ends[0] / ends[1])


def _projects_by_year(world: World, until: int) -> list[float]:
    """Run to month ``until`` without any measure; distinct projects of each fiscal year."""
    found: list[float] = []

    def record() -> None:
        if world.is_march:
            found.append(float(world.counted("project_years").sum()))

    burn_in(world, until, record)
    return found
