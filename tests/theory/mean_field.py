"""A mean field of participation that is written anew: expected shares of residents by class.

The map advances the expected share of residents by age, traits, state, tenure and months since the
last activity. It shares no code with the model but the parameters, and no chance.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

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
