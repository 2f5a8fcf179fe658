"""The document's baseline levels: tolerance, role, and the table that shows how they are met.

Roles follow model_rules E: ``anchored`` levels have one free intercept each and are no evidence of
fit; ``input`` levels are set at the start and are only tested for steadiness; ``fitted`` ones are
what calibration is judged by; ``held out`` ones have no parameter. These are runs without draws,
from the centre of the posterior, which is made to show the levels (sim/calibrate/fit.py).
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from model_runs import USUAL, Values, year_values

from sim.figures.evidence import load_profile
from sim.model.model import BurnIn


@dataclass(frozen=True)
class Level:
    """A documented level: indicator, evidence row, tolerance (None: printed only), role."""

    indicator: str
    wanted: str | float
    tolerance: float | None
    role: str

    @property
    def value(self) -> float:
        """The document's number."""
        if isinstance(self.wanted, str):
            return load_profile("document").value(self.wanted)
        return self.wanted


# the list of issue 2, "what it must show"
REQUIRED = (
    Level("participation_rate", "vol_rate", 0.010, "fitted"),
    Level("regular_share", "vol_continuing_share", 0.020, "fitted"),
    Level("shortage_people_share", "shortage_people_cao", 0.030, "anchored"),
    Level("shortage_funds_share", "shortage_money", 0.030, "anchored"),
    Level("leaders_over_60", "rep_over60_share", 0.020, "fitted"),
    Level("no_successor_share", "no_successor_share", 0.020, "fitted"),
    Level("M2-KGI-1", "m2_kgi1_survival_current", 0.010, "fitted"),
    Level("M1-KPIop-1", "collab_projects", 0.03 * 1850, "fitted"),
    Level("M1-KPIoc-1", "collab_continuation", 0.015, "fitted"),
    Level("M1-KGI-1", "m1_kgi1_solve_rate_current", 0.015, "anchored"),
    Level("M3-KPIoc-1", "m3_kpioc1_joint_current", 10.0, "anchored"),
    Level("M1-KPIoc-2", "npo_online_services", 0.010, "fitted"),
    Level("M3-KGI-2", "m3_kgi2_resident_satisf_current", 0.015, "anchored"),
    Level("M1-KGI-2", "m1_kgi2_collab_satisf_current", 0.015, "anchored"),
    Level("M2-KGI-2", "m2_kgi2_partner_satisf_current", 0.015, "anchored"),
)
# further levels of model_rules E, with tolerances of our own
FURTHER = (
    Level("participation_20s", "vol_rate_20s", 0.020, "fitted"),
    Level("participation_30s", "vol_rate_30s", 0.020, "fitted"),
    Level("barrier_time", "reason_no_time", 0.020, "fitted"),
    Level("barrier_how", "reason_dont_know_how", 0.020, "fitted"),
    Level("barrier_what", "reason_dont_know_what", 0.020, "fitted"),
    Level("stop_load", "stop_responsibility", 0.040, "fitted"),
    Level("cooperation_share", "npo_regular_cooperation", 0.020, "anchored"),
    Level("npos_registered", "npo_count", 0.02 * 8950, "input"),
    Level("income_total", "npo_income_total", 0.05 * 280e9, "input"),
    Level("small_npo_share", "small_npo_share", 0.05 * 0.674, "input"),
    Level("staff_mean", "fulltime_staff_mean", 0.10 * 3.2, "input"),
    Level("workers_mean", "workers_mean", 0.10 * 14.7, "input"),
    Level("project_budget", "collab_budget", 0.05 * 28.7e9, "input"),
    Level("consultations", "consultations", 0.05 * 14200, "input"),
    Level("wards_using_evaluation", "wards_using_evaluation_count", 0.0, "input"),
    Level("participation_40s", "vol_rate_40s", None, "held out"),
    Level("stop_time", "stop_time", None, "held out"),
    Level("stop_mismatch", "stop_mismatch", None, "held out"),
    Level("success_untreated", "e23_success_control", None, "held out"),
    Level("success_untreated", "e34_success_control", None, "held out"),
    Level("satisfaction_participants", "satisf_collab_resident_r5", None, "held out"),
)
LEVELS = (*REQUIRED, *FURTHER)


@lru_cache(maxsize=200)
def first_year(seed: int, scale: float = USUAL) -> Values:
    """The first fiscal year of the baseline after the burn-in, document profile."""
    burnt = BurnIn(scale=scale, seed=seed, profile="document", years=1)
    assert burnt.world.month == 0  # it ran for 72 months, at least 60 are asked for
    model = burnt.branch("baseline", years=1)
    model.run()
    return year_values(model)


def found(indicator: str, runs: Iterable[Values], year: int = 2024) -> list[float]:
    """The values of an indicator over runs; one that is missing is an error."""
    values = [run[year, indicator] for run in runs]
    known = [v for v in values if v is not None]
    assert len(known) == len(values), f"{indicator} is not available"
    return known


def number(value: float) -> str:
    """Six digits, thousands separated."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4f}"


def table(title: str, groups: dict[str, Sequence[Values]]) -> str:
    """Every level with the document's value, the medians of the groups of runs, and its role."""
    head = f"{'indicator':26} {'document':>15} {'tolerance':>14}"
    lines = [title, head + "".join(f" {name:>15}" for name in groups) + "  role, within"]
    for level in LEVELS:
        medians = [statistics.median(found(level.indicator, runs)) for runs in groups.values()]
        allowed = "-" if level.tolerance is None else number(level.tolerance)
        within = [
            "printed" if level.tolerance is None
            else "yes" if abs(m - level.value) <= level.tolerance else "NO"
            for m in medians
        ]  # fmt: skip
        cells = "".join(f" {number(m):>15}" for m in medians)
        lines.append(
            f"{level.indicator:26} {number(level.value):>15} {allowed:>14}{cells}  "
            f"{level.role}, {'/'.join(within)}"
        )
    return "\n".join(lines)
