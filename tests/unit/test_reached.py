"""When a value reaches a target: the one rule, and its share over runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.analyses.shared.reached import TOLERANCE, is_reached, margin, share_reached

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "target", "direction", "reached"),
    [
        (0.8, 0.8, 1, True),
        (0.1 * 8, 0.8, 1, True),  # a last bit off
        (0.8 * (1 - TOLERANCE / 2), 0.8, 1, True),
        (0.8 * (1 - 3 * TOLERANCE), 0.8, 1, False),
        (2200 - 1e-6, 2200, 1, True),  # the tolerance goes with the target
        (2200 - 1e-5, 2200, 1, False),
        (0.79, 0.8, 1, False),
        (0.79, 0.8, -1, True),
        (0.8 * (1 + TOLERANCE / 2), 0.8, -1, True),
        (0.81, 0.8, -1, False),
        (-1e-12, 0.0, 1, False),  # nothing is near to zero
        (NAN, 0.8, 1, False),
        (0.8, NAN, 1, False),
    ],
)
def test_the_rule(value: float, target: float, direction: int, reached: bool) -> None:
    assert bool(is_reached(value, target, direction)) is reached
    found = margin(value, target, direction)
    assert (found >= 0) == reached


def test_margins_are_zero_at_the_target_and_signed_beside_it() -> None:
    values = np.array([0.5, 0.8 + 1e-12, 0.8 - 1e-12, 0.9, NAN])
    assert margin(values, 0.8, 1) == pytest.approx([-0.3, 0.0, 0.0, 0.1, NAN], nan_ok=True)
    assert (margin(values, 0.8, 1)[1:3] == 0.0).all()
    assert margin(values, 0.8, -1)[3] == pytest.approx(-0.1)


def test_targets_and_directions_spread_over_the_last_axis() -> None:
    values = np.array([[1.0, 1.0], [3.0, 3.0]])
    met = is_reached(values, np.array([2.0, 2.0]), np.array([1, -1]))
    assert met.tolist() == [[False, True], [True, False]]


def test_a_share_leaves_out_runs_without_a_value() -> None:
    one = np.array([0.9] * 5 + [0.1] * 5)
    values = np.stack([one, np.where(np.arange(10) == 0, NAN, one), np.where(one > 0.5, NAN, one)])
    share = share_reached(values, np.full(3, 0.8), np.ones(3, dtype=np.int64))
    assert share == pytest.approx([0.5, 4 / 9, NAN], nan_ok=True)


def test_no_other_module_compares_with_a_tolerance_of_a_target() -> None:
    root = Path(sim.__file__).parent
    found = [
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if any("1e-9 *" in line and "abs" in line for line in path.read_text("utf-8").splitlines())
    ]
    assert found == []
