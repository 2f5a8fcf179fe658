"""What lies inside the runs: who takes part (a funnel), and which NPOs are still there (survival).

Both are read from the agents of stepped models, paired like a comparison: one burn-in for each draw
and replicate, from which every scenario branches. Nothing is estimated or smoothed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analyses.compare.design import build_design
from sim.analyses.shared.intervals import Floats, interval_kind, spread_of
from sim.base.errors import UsageError
from sim.model.agents.npos import ACTIVE, CLOSED, DORMANT
from sim.model.agents.residents import (
    INTERESTED,
    KNOW_NOT_HOW,
    KNOW_NOT_WHAT,
    NO_TIME,
    REGULAR,
    YEAR,
)
from sim.places.load import start_year

if TYPE_CHECKING:
    import pandas as pd

    from sim.model.agents.frame import AgentFrame
    from sim.model.agents.residents import Residents
    from sim.runs.spec import Design

STEPS = ("residents", "interested", "participants", "regular")
"""The funnel: residents aged 15 and over; those interested in taking part (a fixed trait, set as an
input); of them, those with an activity in the last 12 months, who overcame their barriers; of them,
those whose state is regular."""

BARRIERS = {"no_time": NO_TIME, "know_not_how": KNOW_NOT_HOW, "know_not_what": KNOW_NOT_WHAT}
"""Barriers of interested residents who do not take part (several are possible), and none of them:
``no_barrier``."""

FUNNEL_COLUMNS = (
    "scenario", "fiscal_year", "kind", "step", "unit", "median", "low", "high", "share",
    "of_previous", "interval_kind", "draws", "replicates", "provisional", "note",
)  # fmt: skip
"""``kind``: step | barrier. ``median``, ``low``, ``high``: persons in March, scaled up to the whole
population. ``share``: median share of all residents aged 15 and over. ``of_previous``: median share
of the step before; for a barrier, of interested residents who do not take part."""

SURVIVAL_COLUMNS = (
    "scenario", "kind", "month", "unit", "median", "low", "high", "at_start", "interval_kind",
    "draws", "replicates", "provisional", "note",
)  # fmt: skip
"""``kind``: registered (not closed since the start) | active (neither dormant nor closed since the
start, without a break). ``month``: 0 (the start) to the end. ``median``, ``low``,
``high``: share (0-1) of the NPOs that were so at the start; ``at_start``: their median number."""

_FUNNEL_NOTE = (
    "State in March. Interest is an input, not a result. A step holds only residents of the step"
    " before."
)
_SURVIVAL_NOTE = (
    "All NPOs are followed from April 2024, none is lost from sight, so a Kaplan-Meier estimate"
    " is the share itself. Entrants are left out. Not M2-KGI-1, which counts in other windows."
)


@dataclass(frozen=True)
class Insides:
    """``funnel`` (FUNNEL_COLUMNS) and ``survival`` (SURVIVAL_COLUMNS) of the same runs."""

    funnel: pd.DataFrame
    survival: pd.DataFrame


def funnel_of(residents: Residents) -> dict[str, int]:
    """Sampled residents in each step of STEPS, each within the one before, and by barrier."""
    traits = np.asarray(residents.values("traits"))
    inside = np.ones(residents.n, dtype=bool)
    counts = {"residents": residents.n}
    for step, condition in (
        ("interested", (traits & INTERESTED) > 0),
        ("participants", np.asarray(residents.values("inactive")) < YEAR),
        ("regular", np.asarray(residents.values("state")) == REGULAR),
    ):
        before, inside = inside, inside & condition
        counts[step] = int(inside.sum())
        if step == "participants":
            outside = before & ~condition
            for name, bit in BARRIERS.items():
                counts[name] = int((outside & ((traits & bit) > 0)).sum())
            free = (traits & (NO_TIME | KNOW_NOT_HOW | KNOW_NOT_WHAT)) == 0
            counts["no_barrier"] = int((outside & free).sum())
    return counts


class Survivors:
    """Follows the NPOs of a start: call ``share`` once a month, in order."""

    def __init__(self, npos: AgentFrame):
        status = np.asarray(npos.values("status"))
        self.registered = np.flatnonzero((status == ACTIVE) | (status == DORMANT))
        self.active = np.flatnonzero(status == ACTIVE)
        self._unbroken = np.ones(len(self.active), dtype=bool)

    def shares(self, npos: AgentFrame) -> tuple[float, float]:
        """(registered, active without a break) as shares of those at the start."""
        status = np.asarray(npos.values("status"))
        self._unbroken &= status[self.active] == ACTIVE
        there = float((status[self.registered] != CLOSED).mean())
        return there, float(self._unbroken.mean())


def insides(scenarios: Sequence[Any] | None = None, **options: Any) -> Insides:
    """Run ``scenarios`` (default: the baseline and all measures) and look inside, month by month.

    ``options``: draws, replicates, scale, years, seed, profile, discount, parameters, as in
    ``sim.compare`` (whose defaults are 50 draws at 1/100: some minutes). Raises UsageError and
    ContentError.
    """
    import pandas as pd

    from sim.figures.parameters import load_parameters
    from sim.runs.runner import models

    chosen = ["baseline", "all_measures"] if scenarios is None else list(scenarios)
    if not chosen:
        raise UsageError("no scenario to look into: name at least one, such as 'baseline'")
    design = build_design(chosen, with_baseline=False, **options)
    ids = [s.id for s in design.scenarios]
    months = 12 * design.years
    steps: dict[str, list[list[dict[str, float]]]] = {id: [] for id in ids}
    curves: dict[str, list[Floats]] = {id: [] for id in ids}
    starts: list[tuple[int, int]] = []
    for spec, model in models(design):
        followed = Survivors(model.npos)
        starts.append((len(followed.registered), len(followed.active)))
        curve = np.empty((2, months + 1))
        curve[:, 0] = 1.0
        years = []
        for month in range(1, months + 1):
            model.step()
            curve[:, month] = followed.shares(model.npos)
            if month % 12 == 0:
                weight = float(model.world.weight)
                years.append({k: n * weight for k, n in funnel_of(model.residents).items()})
        steps[spec.scenario.id].append(years)
        curves[spec.scenario.id].append(curve)
        model.close()
    common = _common(design, bool(load_parameters(str(design.profile)).provisional()))
    funnel = [row for id in ids for row in _funnel_rows(id, steps[id], design)]
    survival = [
        row for id in ids for row in _survival_rows(id, np.stack(curves[id]), starts, design)
    ]
    return Insides(
        pd.DataFrame(funnel).assign(**common, note=_FUNNEL_NOTE)[list(FUNNEL_COLUMNS)],
        pd.DataFrame(survival).assign(**common, note=_SURVIVAL_NOTE)[list(SURVIVAL_COLUMNS)],
    )


def funnel_table(scenarios: Sequence[Any] | None = None, **options: Any) -> pd.DataFrame:
    """The funnel of participation in every March (FUNNEL_COLUMNS). Arguments: see ``insides``."""
    return insides(scenarios, **options).funnel


def survival_table(scenarios: Sequence[Any] | None = None, **options: Any) -> pd.DataFrame:
    """NPOs still there, month by month (SURVIVAL_COLUMNS). Arguments: see ``insides``."""
    return insides(scenarios, **options).survival


def _common(design: Design, provisional: bool) -> dict[str, Any]:
    draws = 1 if design.draws is None else design.draws
    return {
        "interval_kind": interval_kind(draws),
        "draws": draws,
        "replicates": design.replicates,
        "provisional": provisional,
    }


def _spread(values: Floats, draws: int) -> tuple[Floats, Floats, Floats]:
    """Median, low and high of each cell of ``values`` [cells, runs]: percentiles, or the range."""
    spread = spread_of(values, draws)
    return spread.median, spread.low, spread.high


def _funnel_rows(
    scenario: str, runs: list[list[dict[str, float]]], design: Design
) -> list[dict[str, Any]]:
    draws = 1 if design.draws is None else design.draws
    rows = []
    names = (*STEPS, *BARRIERS, "no_barrier")
    for year in range(design.years):
        counts = {k: np.array([run[year][k] for run in runs]) for k in names}
        base = {step: counts[STEPS[max(0, n - 1)]] for n, step in enumerate(STEPS)}
        idle = counts["interested"] - counts["participants"]
        table = np.stack([counts[k] for k in names])
        median, low, high = _spread(table, draws)
        for n, name in enumerate(names):
            previous = base.get(name, idle)
            with np.errstate(divide="ignore", invalid="ignore"):
                part = np.where(previous > 0, counts[name] / previous, np.nan)
            rows.append({
                "scenario": scenario, "fiscal_year": start_year() + year,
                "kind": "step" if name in STEPS else "barrier", "step": name, "unit": "persons",
                "median": median[n], "low": low[n], "high": high[n],
                "share": float(np.median(counts[name] / counts["residents"])),
                "of_previous": float(np.median(part)),
            })  # fmt: skip
    return rows


def _survival_rows(
    scenario: str, curves: Floats, starts: list[tuple[int, int]], design: Design
) -> list[dict[str, Any]]:
    draws = 1 if design.draws is None else design.draws
    rows = []
    for k, kind in enumerate(("registered", "active")):
        median, low, high = _spread(curves[:, k].T, draws)
        at_start = float(np.median([s[k] for s in starts]))
        rows += [
            {
                "scenario": scenario, "kind": kind, "month": month, "unit": "share",
                "median": median[month], "low": low[month], "high": high[month],
                "at_start": at_start,
            }
            for month in range(curves.shape[2])
        ]  # fmt: skip
    return rows
