"""Participation against a mean field that this test writes anew: expected shares by class.

The map advances the expected share of residents by age, traits, state, tenure and months since the
last activity. It shares no code with the model but the parameters, and no chance: if the kernel
mixed up a state, a threshold or a trait, the levels would differ.
"""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass

import numpy as np
import pytest
from model_runs import SMALL, burnt, values

TENURES, LAGS = 60, 13  # months of tenure (the last: or more), months since active (12: or more)
AGES = 7


@dataclass
class Field:
    """Expected shares. ``none`` (class, lag); ``episodic``, ``regular`` (class, tenure, lag)."""

    none: np.ndarray
    episodic: np.ndarray
    regular: np.ndarray

    def participation(self) -> float:
        """Active within the last twelve months."""
        return float(sum(part[..., :12].sum() for part in (self.none, self.episodic, self.regular)))

    def stock(self) -> float:
        return float(self.episodic.sum() + self.regular.sum())


def prevalences(p: dict[str, float]) -> dict[tuple[int, int, int, int], float]:
    """Shares of the 16 combinations of interest and three barriers, by integration.

    Each trait comes from a uniform that all share with the chance of correlation, else from its
    own; barriers where the shared one is low, interest where it is high.
    """
    rho = p["participation.trait_correlation"]
    interest = p["participation.interest"]
    barriers = [p[f"participation.barrier_{b}_prevalence"] for b in ("time", "how", "what")]
    grid = (np.arange(100_000) + 0.5) / 100_000
    chances = [rho * (1.0 - grid < interest) + (1 - rho) * interest]
    chances += [rho * (grid < b) + (1 - rho) * b for b in barriers]
    return {
        combination: float(
            np.prod(
                [c if yes else 1 - c for c, yes in zip(chances, combination, strict=True)], axis=0
            ).mean()
        )
        for combination in itertools.product((0, 1), repeat=4)
    }


class Map:
    """One month, and the move of April, of the expected shares."""

    def __init__(self, p: dict[str, float], ages: np.ndarray, exposed: float, ask: float = 1.0):
        self.p, self.ask = p, ask * p["participation.ask_rate"]
        # opportunities that do not come from active ties; exposed: participants a resident and year
        self.other = (
            p["participation.external_rate"]
            + p["participation.institution_rate"]
            + p["participation.project_exposure_rate"]
            * (1 - p["collaboration.displacement"]) * exposed / 12
        )  # fmt: skip
        combinations = prevalences(p)
        self.classes = list(itertools.product(range(AGES), combinations))
        self.share = np.array([ages[a] * combinations[c] for a, c in self.classes])
        young, thirties = p["participation.age_20s"], p["participation.age_30s"]
        by_age = np.exp([young, young, thirties, p["participation.age_taper"] * thirties, 0, 0,
                         p["participation.age_75"]])  # fmt: skip
        weights = [p[f"participation.barrier_{b}_weight"] for b in ("time", "how", "what")]
        self.acceptance = np.array([
            by_age[a] * (1.0 if c[0] else p["participation.uninterested_ratio"])
            * np.prod([1 - w for w, has in zip(weights, c[1:], strict=True) if has])
            for a, c in self.classes
        ])  # fmt: skip
        no_time = np.array([c[1] for _, c in self.classes], dtype=bool)
        fading = np.exp(-np.arange(TENURES) / p["participation.mismatch_months"])
        base = p["participation.quit_rate"]
        time = np.where(no_time, p["participation.quit_time_ratio"],
                        p["participation.quit_time_free_ratio"])  # fmt: skip
        self.stay = []
        for ratio in (1.0, p["participation.quit_regular_ratio"]):
            rate = base * ratio
            load = 1 - rate * p["participation.quit_load_ratio"]
            mismatch = 1 - rate * p["participation.quit_mismatch_ratio"] * fading
            self.stay.append(load * (1 - rate * time)[:, None] * mismatch[None, :])
        self.active_now = 0.1

    def start(self, share: float) -> Field:
        """A field where this share of every class volunteers."""
        shape = (len(self.classes), TENURES, LAGS)
        field = Field(np.zeros((len(self.classes), LAGS)), np.zeros(shape), np.zeros(shape))
        field.none[:, 12] = (1 - share) * self.share
        field.episodic[:, 20, 0] = share * self.share
        self.active_now = share
        return field

    def month(self, f: Field) -> Field:
        p = self.p
        begins = (1 - np.exp(-(self.other + self.ask * self.active_now))) * self.acceptance
        none = np.zeros_like(f.none)
        stays_out = f.none * (1 - begins)[:, None]
        none[:, 1:] += stays_out[:, :-1]
        none[:, 12] += stays_out[:, 12]
        new = f.none.sum(axis=1) * begins

        moved = []
        for part, stay in ((f.episodic, self.stay[0]), (f.regular, self.stay[1])):
            older = np.zeros_like(part)
            older[:, 1:, :] = part[:, :-1, :]
            older[:, -1, :] += part[:, -1, :]
            staying = older * stay[:, :, None]
            leaving = (older - staying).sum(axis=1)
            none[:, 1:] += leaving[:, :-1]
            none[:, 12] += leaving[:, 12]
            moved.append(staying)
        up, down = p["participation.step_up_rate"], p["participation.step_down_rate"]
        episodic = moved[0] * (1 - up) + moved[1] * down
        regular = moved[1] * (1 - down) + moved[0] * up
        active = p["participation.episodic_activity"]
        next_episodic, next_regular = np.zeros_like(episodic), np.zeros_like(regular)
        next_regular[:, :, 0] = regular.sum(axis=2)
        next_episodic[:, :, 0] = active * episodic.sum(axis=2)
        next_episodic[:, :, 1:] += (1 - active) * episodic[:, :, :-1]
        next_episodic[:, :, 12] += (1 - active) * episodic[:, :, 12]
        next_episodic[:, 0, 0] += new
        self.active_now = float(next_episodic[:, :, 0].sum() + next_regular[:, :, 0].sum())
        return Field(none, next_episodic, next_regular)

    def april(self, f: Field) -> Field:
        stay = 1 - self.p["participation.move_rate"]
        none = stay * f.none
        none[:, 12] += (1 - stay) * self.share
        return Field(none, stay * f.episodic, stay * f.regular)

    def settle(self, f: Field, years: int) -> list[float]:
        """Participation each March."""
        found = []
        for _ in range(years):
            f = self.april(f)
            for _ in range(12):
                f = self.month(f)
            found.append(f.participation())
        self.field = f
        return found


@pytest.fixture(scope="module")
def world_map() -> Map:
    world = burnt(0, SMALL).world
    ages = np.bincount(world.residents.age, minlength=AGES) / world.residents.n
    run = values("baseline", 0, SMALL)
    exposed = run[2024, "project_participants_share"]
    assert exposed is not None
    return Map(world.p, ages, exposed)


def model_mean(indicator: str) -> tuple[float, float]:
    """Mean over years and seeds, and its standard error from the seeds."""
    means = []
    for seed in range(4):
        run = values("baseline", seed, SMALL)
        found = [run[y, indicator] for y in range(2024, 2034)]
        means.append(statistics.fmean(v for v in found if v is not None))
    return statistics.fmean(means), statistics.stdev(means) / 2


def test_prevalences_add_up_and_are_marginal() -> None:
    p = burnt(0, SMALL).world.p
    table = prevalences(p)
    assert sum(table.values()) == pytest.approx(1.0)
    interested = sum(v for c, v in table.items() if c[0])
    assert interested == pytest.approx(p["participation.interest"], abs=1e-4)
    no_time = sum(v for c, v in table.items() if c[1])
    assert no_time == pytest.approx(p["participation.barrier_time_prevalence"], abs=1e-4)


def test_the_map_conserves_residents(world_map: Map) -> None:
    world_map.settle(world_map.start(0.2), 3)
    total = world_map.field.none.sum() + world_map.field.stock()
    assert total == pytest.approx(1.0, abs=1e-12)


def test_participation_settles_and_the_model_is_there(world_map: Map) -> None:
    path = world_map.settle(world_map.start(0.25), 40)
    assert abs(path[-1] - path[-2]) < 1e-5
    mean, error = model_mean("participation_rate")
    # wards differ, and the common shocks of 16 years average out only in part
    assert path[-1] == pytest.approx(mean, abs=0.006 + 4 * error)
    stock, error = model_mean("volunteer_stock")
    assert world_map.field.stock() == pytest.approx(stock, abs=0.006 + 4 * error)
    regular, error = model_mean("regular_share")
    field = world_map.field
    assert field.regular.sum() / field.participation() == pytest.approx(
        regular, abs=0.01 + 4 * error
    )


def test_the_ask_loop_is_stable(world_map: Map) -> None:
    """From few and from many volunteers the same level: one attractor, reached geometrically."""
    low = world_map.settle(world_map.start(0.02), 60)
    high = world_map.settle(world_map.start(0.60), 60)
    assert low[-1] == pytest.approx(high[-1], abs=1e-3)
    gaps = np.array(high) - np.array(low)
    late = gaps[5:40]
    assert (late > 0).all()
    assert (late[1:] / late[:-1]).max() < 0.90  # a difference halves within seven years at most


def test_without_being_asked_fewer_take_part_but_not_none(world_map: Map) -> None:
    """The loop is strong, as the evidence says, yet no threshold of collapse."""
    silent = Map(world_map.p, world_map.share.reshape(AGES, -1).sum(axis=1), 0.0, ask=0.0)
    alone = silent.settle(silent.start(0.25), 40)[-1]
    asked = world_map.settle(world_map.start(0.25), 40)[-1]
    assert 0.4 * asked < alone < 0.95 * asked
    # a third more asking does not run away
    louder = Map(world_map.p, world_map.share.reshape(AGES, -1).sum(axis=1), 0.007, ask=1.33)
    path = louder.settle(louder.start(0.25), 60)
    assert path[-1] - path[-2] < 1e-4
    assert path[-1] < 0.45
