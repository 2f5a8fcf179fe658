"""Runs of the real model that many tests share, made once a session, and comparisons of states."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from sim.model.agents.world import World
from sim.model.measures import INITIATIVES
from sim.model.model import BurnIn, CollaborationModel
from sim.scenario.types import InitiativeSetting, Scenario

SMALL, USUAL, LARGE = 0.001, 0.01, 0.1

Values = dict[tuple[int, str], float | None]


@lru_cache(maxsize=6)
def burnt(seed: int = 0, scale: float = USUAL, years: int = 10) -> BurnIn:
    """Population and burn-in; branch from it, never change its world."""
    return BurnIn(scale=scale, seed=seed, years=years)


def alone(initiative: str, **setting: Any) -> Scenario:
    """The scenario that switches on one initiative, at strength 1 from the start by default."""
    return Scenario(id=f"only_{initiative}", initiatives={initiative: InitiativeSetting(**setting)})


def as_scenario(name: str) -> str | Scenario:
    """A bundled scenario's id, or the scenario of one initiative for an id as "1.1"."""
    return alone(name) if name in INITIATIVES else name


def year_values(model: CollaborationModel) -> Values:
    """(fiscal year, indicator) -> value for all wards."""
    return {
        (year, indicator): value
        for year, month, ward, indicator, value in model.records
        if ward == "all" and not month
    }


@lru_cache(maxsize=2000)
def _values(scenario: str, seed: int, scale: float, years: int, discount: str) -> Values:
    model = burnt(seed, scale, max(years, 10)).branch(as_scenario(scenario), discount, years)
    model.run()
    return year_values(model)


def values(
    scenario: str = "baseline",
    seed: int = 0,
    scale: float = USUAL,
    years: int = 10,
    discount: str = "as_claimed",
) -> Values:
    """Indicators of a run by (fiscal year, indicator); scenario "1.1" means that one alone.

    The baseline does not depend on the discount. Runs are kept, so ask for them seed by seed.
    """
    return _values(scenario, seed, scale, years, "none" if scenario == "baseline" else discount)


def late_mean(run: Values, indicator: str, last: int = 3) -> float | None:
    """Mean over the last fiscal years of a run; None if the indicator is missing in one of them."""
    final = max(year for year, _ in run)
    found = [run[year, indicator] for year in range(final - last + 1, final + 1)]
    known = [v for v in found if v is not None]
    return statistics.fmean(known) if len(known) == len(found) else None


def arrays(world: World) -> dict[str, np.ndarray]:
    """All that a run carries from month to month, by name."""
    found: dict[str, np.ndarray] = {}
    for frame in (world.residents, world.npos, world.projects, world.wards, world.intermediaries):
        for column in frame.columns:
            found[f"{frame.kind}.{column.name}"] = frame.values(column.name)
    for name in ("residents_by_ward", "npos_by_ward", "absorbed", "money", "npo_events"):
        found[name] = getattr(world, name)
    for group in ("year", "last_year", "reference"):
        found.update({f"{group}.{k}": v for k, v in getattr(world, group).items()})
    for group in (world.ledger.flows, world.ledger.stocks):
        # a measure at zero strength books zeros, which are nothing
        found.update({f"ledger.{k}": v for k, v in group.items() if v.any()})
    found.update({f"yen.{k}": np.array(v) for k, v in world.ledger.yen.items() if v})
    return found


def differences(a: World, b: World) -> list[str]:
    """Names of the state variables that are not equal bit for bit."""
    left, right = arrays(a), arrays(b)
    return sorted(
        name
        for name in left.keys() | right.keys()
        if name not in left
        or name not in right
        or left[name].dtype != right[name].dtype
        or left[name].tobytes() != right[name].tobytes()
    )


def in_step(models: Sequence[CollaborationModel], months: int) -> Iterable[int]:
    """Step the models together; yields the number of months done."""
    for month in range(months):
        for model in models:
            model.step()
        yield month + 1


def show(capsys: Any, text: str) -> None:
    """Print a table that stays visible in the output of pytest."""
    with capsys.disabled():
        print(f"\n{text}")
