"""Common random numbers pay: the variance of a paired difference against independent seeds."""

from __future__ import annotations

import math
import statistics

import pytest
from model_runs import USUAL, Values, show, values

from sim.model.indicators import INDICATORS

SEEDS = range(12)
SCENARIO, YEARS = "all_measures", 6
DELIVERED = 2024 + YEARS - 1


@pytest.fixture(scope="module")
def runs() -> list[tuple[Values, Values]]:
    return [
        (values("baseline", seed, USUAL, YEARS), values(SCENARIO, seed, USUAL, YEARS))
        for seed in SEEDS
    ]


def ratio(indicator: str, runs: list[tuple[Values, Values]]) -> float | None:
    """Variance(paired) / variance(independent); None where nothing varies."""
    base = [a[DELIVERED, indicator] for a, _ in runs]
    other = [b[DELIVERED, indicator] for _, b in runs]
    if None in base or None in other:
        return None
    a, b = ([v for v in x if v is not None] for x in (base, other))
    independent = statistics.variance(a) + statistics.variance(b)
    if independent == 0.0:
        return None
    paired = statistics.variance([y - x for x, y in zip(a, b, strict=True)])
    return paired / independent


def test_paired_variance(
    runs: list[tuple[Values, Values]], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [f"variance(paired) / variance(independent), {SCENARIO} as claimed, year {YEARS}, "
             f"1/100, {len(SEEDS)} pairs"]  # fmt: skip
    found = {id: ratio(id, runs) for id in INDICATORS}
    for id, value in found.items():
        if value is not None:
            lines.append(f"{id:28} {value:6.3f}   one pair is worth {1 / max(value, 1e-9):8.1f} x")
    show(capsys, "\n".join(lines))
    for id in ("solved_projects", "participation_rate"):
        value = found[id]
        assert value is not None
        assert value < 1.0, id
    known = [v for v in found.values() if v is not None]
    assert statistics.median(known) < 0.8


def test_the_ratio_of_unpaired_seeds_is_near_one(runs: list[tuple[Values, Values]]) -> None:
    """The measure can fail: pairing each baseline with another seed's run gains nothing."""
    crossed = [(runs[k][0], runs[(k + 1) % len(runs)][1]) for k in range(len(runs))]
    found = [ratio(id, crossed) for id in ("M1-KGI-1", "M1-KPIop-1", "income_total", "M1-KGI-2",
                                           "leaders_over_60", "M2-KGI-1")]  # fmt: skip
    known = [v for v in found if v is not None]
    assert math.exp(statistics.fmean(math.log(v) for v in known)) > 0.6
