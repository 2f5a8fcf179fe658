"""The arithmetic of the benchmarks' table, on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from sim.base import kernels
from tests.benchmarks import measure

SIZES = [1e4, 1e5, 1e6]


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_slope_of_a_power_law(power: float) -> None:
    assert measure.loglog_slope(SIZES, [3.0 * x**power for x in SIZES]) == pytest.approx(power)


def test_line_through_points() -> None:
    a, b = measure.line(SIZES, [0.2 + 3e-7 * x for x in SIZES])
    assert (a, b) == (pytest.approx(0.2), pytest.approx(3e-7))


def test_sweep_writes_every_byte_once() -> None:
    columns = np.zeros((4, 1001), dtype=np.uint8)
    measure._sweep(columns)
    assert (columns == 1).all()


def test_threads_are_set_and_restored() -> None:
    before = kernels.BLOCKS_A_THREAD
    with measure.threads(2):
        assert kernels.BLOCKS_A_THREAD == 1
    assert before == kernels.BLOCKS_A_THREAD
