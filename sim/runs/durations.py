"""How long a study will take: constants measured once, refined by the chunks that are done."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from sim.places.load import load_place
from sim.runs.spec import Design, RunSpec

YEAR_SECONDS = 0.023
"""Seconds of one simulated year, mostly NPOs and projects, which are never sampled."""
RESIDENT_YEAR_SECONDS = 2.6e-8
"""Seconds per simulated resident and year."""
BURN_IN_YEARS = 7.0
"""Cost of population and burn-in, in years of an ordinary run."""
START_SECONDS = 9.0
"""Starting workers, loading compiled code, tables and charts."""


def residents(scale: Fraction) -> int:
    """About how many residents, aged 15 and over, are simulated at a scale."""
    return round(int(load_place().numbers.pop_15plus.sum()) * scale)


def year_seconds(scale: Fraction) -> float:
    """Seconds of one simulated year."""
    return YEAR_SECONDS + RESIDENT_YEAR_SECONDS * residents(scale)


def spec_seconds(specs: Sequence[RunSpec]) -> float:
    """Expected seconds of runs on one core; neighbours with one burn-in share it."""
    total = 0.0
    key: tuple[object, ...] | None = None
    for spec in specs:
        shared, key = spec.burn_in_key == key, spec.burn_in_key
        years = spec.years + (0.0 if shared else BURN_IN_YEARS)
        total += year_seconds(spec.scale) * years
    return total


def sweep_seconds(specs: Sequence[RunSpec], sample: int = 2_000) -> float:
    """Expected seconds of a long list of runs on one core, from the first ``sample`` of them."""
    first = [specs[n] for n in range(min(sample, len(specs)))]
    return spec_seconds(first) * len(specs) / max(1, len(first))


def estimate_seconds(design: Design, workers: int, runs_done: int = 0) -> float:
    """Expected seconds for the runs of a design that are still to be done, on ``workers`` cores."""
    left = 1 - runs_done / len(design)
    chunks = len(design.chunks) * left
    per_chunk = spec_seconds(design.chunk(design.chunks[0]))
    return START_SECONDS + per_chunk * chunks / max(1, min(workers, len(design.chunks)))


def duration(seconds: float) -> str:
    """A duration in words: ``about 40 s``, ``about 2 min``, ``about 1.5 h``."""
    if seconds < 90:
        return f"about {max(5, 5 * round(seconds / 5))} s"
    if seconds < 90 * 60:
        return f"about {round(seconds / 60)} min"
    return f"about {seconds / 3600:.1f} h"
