"""Ages of the leaders of NPOs: when they step down, and who follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping


def leader_exit_hazard(ages: NDArray[np.float64], p: Mapping[str, float]) -> NDArray[np.float64]:
    """Yearly hazard that a leader of this age steps down (Gompertz from 60 on)."""
    gompertz = p["succession.exit_at_70"] * np.exp(p["succession.exit_slope"] * (ages - 70.0))
    return np.where(ages < 60, p["succession.exit_under_60"], gompertz)


def new_leader_ages(u: NDArray[np.float64], p: Mapping[str, float]) -> NDArray[np.int64]:
    """Age of a new leader from a uniform: 60 and over with its share, else younger, both even."""
    over = p["succession.successor_over_60"]
    low, high = p["succession.youngest_leader"], p["succession.oldest_new_leader"]
    old = 60 + np.floor(u / max(1e-12, over) * (high + 1 - 60))
    young = low + np.floor((u - over) / max(1e-12, 1 - over) * (60 - low))
    return np.where(u < over, np.minimum(old, high), np.minimum(young, 59)).astype(np.int64)


def stationary_leader_ages(p: Mapping[str, float]) -> NDArray[np.float64]:
    """Stationary distribution of leaders' ages 0..99, (100,), of the succession process alone."""
    ages = np.arange(100.0)
    stay = np.exp(-leader_exit_hazard(ages, p))
    grid = (np.arange(4000) + 0.5) / 4000
    births = np.bincount(new_leader_ages(grid, p), minlength=100) / 4000.0
    share = births.copy()
    for _ in range(2000):
        survivors = np.concatenate([[0.0], (share * stay)[:-1]])
        updated = survivors + (1.0 - survivors.sum()) * births
        if np.abs(updated - share).max() < 1e-12:
            break
        share = updated
    stationary: NDArray[np.float64] = share / share.sum()
    return stationary
