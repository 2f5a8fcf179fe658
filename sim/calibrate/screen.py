"""Screen: points of the prior that the emulator does not rule out (history matching).

Points are drawn from the prior and kept where every target is within three standard deviations of
figure, model and emulator together, so that what is left is the prior restricted to the region
where the figures can be met, with equal weights. Source: Craig, Goldstein, Seheult & Smith 1997
(history matching); Williamson et al. 2013, doi:10.1007/s00382-013-1896-4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.base.errors import KyodoError
from sim.base.randomness import generator
from sim.calibrate.design import OWN_REPLICATES, WavePoints, singles
from sim.calibrate.emulator import IMPLAUSIBLE, Emulator, Floats

BATCH = 20_000
MOST_CANDIDATES = 100_000_000
"""Candidates after which the screen gives up: the figures contradict each other or the model."""


@dataclass(frozen=True)
class Screen:
    """Points left by the screen: ``z`` [points, parameters]; ``share`` of the prior is left."""

    z: Floats
    share: float


def screen_prior(
    emulator: Emulator,
    observed: Floats,
    error_sd: Floats,
    parameters: int,
    wanted: int,
    seed: int,
    names: Sequence[str] = (),
) -> Screen:
    """``wanted`` points of the prior that are not implausible.

    ``observed``, ``error_sd`` [targets] on the working scale. Targets are looked at one after the
    other, the most selective first, only for points that all before have left. Raises KyodoError
    where hardly any point is left, with the ``names`` of the targets that rule out most.
    """
    random = generator(seed, "screen")
    sd = np.hypot(error_sd, emulator.error)

    def gap(k: int, z: Floats) -> Floats:
        out: Floats = np.abs(emulator.predict_one(k, z) - observed[k]) / sd[k]
        return out

    trial = random.standard_normal((2_000, parameters))
    left = np.array([np.mean(gap(k, trial) < IMPLAUSIBLE) for k in range(len(observed))])
    order = np.argsort(left, kind="stable")
    found: list[Floats] = []
    count = candidates = 0
    while count < wanted:
        if candidates >= MOST_CANDIDATES:
            worst = ", ".join(names[k] if names else f"no. {k}" for k in order[:3])
            raise KyodoError(
                f"only {count} of {candidates:,} points of the prior can meet the figures"
                f" ({worst} rule out most): they contradict each other or the model"
            )
        z = random.standard_normal((BATCH, parameters))
        candidates += BATCH
        for k in order:
            z = z[gap(k, z) < IMPLAUSIBLE]
            if not len(z):
                break
        if len(z):
            found.append(z)
            count += len(z)
    return Screen(singles(np.vstack(found)[:wanted]), count / candidates)


def second_wave(screen: Screen) -> WavePoints:
    """The second wave: every point has luck of its own, so that the spread of runs shows in full.

    Eight shared replicates, as in the first wave, gave too narrow intervals for small counts.
    """
    number = np.arange(len(screen.z), dtype=np.int64)
    return WavePoints(2, screen.z, OWN_REPLICATES + number)
