"""Scenario discovery on made-up draws: a box that is there is found, noise is not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.analyses.discover import rules as discovery
from sim.analyses.discover.rules import RULES, Box, BoxFinding, _pruned_tree, rules_of, settle
from sim.base.errors import UsageError
from sim.base.randomness import generator
from sim.figures.parameters import load_parameters

NAMES = [f"x{n}" for n in range(40)]
STANDARD = rules_of({id: load_parameters("document")[id].value for id in RULES})


def find_boxes(
    x: NDArray[np.float64],
    names: list[str],
    missed: NDArray[np.bool_],
    margin: NDArray[np.float64] | None = None,
) -> BoxFinding:
    """What is found where one target is all that is asked about."""
    return settle([discovery.find_boxes(x, names, missed, margin, rules=STANDARD)], STANDARD)[0]


def draws(seed: int, n: int = 240) -> NDArray[np.float64]:
    return generator(seed, "test").random((n, len(NAMES)))


def boxed(seed: int) -> tuple[NDArray[np.float64], BoxFinding]:
    """Missed in nine of ten draws with x3 <= .5 and x7 > .4, in one of twenty elsewhere."""
    x = draws(seed)
    inside = (x[:, 3] <= 0.5) & (x[:, 7] > 0.4)
    luck = generator(seed, "luck").random(len(x))
    return x, find_boxes(x, NAMES, luck < np.where(inside, 0.9, 0.05))


def test_a_box_of_two_limits_is_found_where_it_is() -> None:
    for seed in range(3):
        _, finding = boxed(seed)
        assert finding.outcome == "found"
        assert finding.about == "missed"
        limits = {limit.name: limit for limit in finding.boxes[0].limits}
        assert set(limits) >= {"x3", "x7"}
        assert limits["x3"].high == pytest.approx(0.5, abs=0.1)
        assert limits["x7"].low == pytest.approx(0.4, abs=0.1)
        assert finding.boxes[0].density > 0.7
        assert finding.boxes[0].coverage > 0.6


def test_coverage_and_density_are_those_of_draws_that_the_tree_did_not_see() -> None:
    x, finding = boxed(1)
    box = finding.boxes[0]
    held = np.arange(len(x)) % 3 == 2
    inside = (x[:, 3] <= 0.5) & (x[:, 7] > 0.4)
    luck = generator(1, "luck").random(len(x))
    missed = luck < np.where(inside, 0.9, 0.05)
    within = np.ones(len(x), dtype=np.bool_)
    for limit in box.limits:
        column = x[:, NAMES.index(limit.name)]
        within &= (column > (limit.low or 0.0)) & (column <= (limit.high or 1.0))
    assert box.of_draws == held.sum() == 80
    assert box.of_cases == (held & missed).sum()
    assert box.draws == (held & within).sum()
    assert box.cases == (held & within & missed).sum()


def test_noise_gives_nothing() -> None:
    found = []
    for seed in range(30):
        missed = generator(seed, "luck").random(240) < 0.35
        found.append(find_boxes(draws(seed), NAMES, missed).outcome)
    # at most one in twenty: 6 or more of 30 would have probability .003
    assert found.count("found") < 6
    assert set(found) <= {"found", "nothing"}


def test_what_holds_only_where_the_tree_looked_is_not_believed() -> None:
    for seed in range(5):
        x = draws(seed)
        held = np.arange(240) % 3 == 2
        luck = generator(seed, "luck").random(240) < 0.4
        assert find_boxes(x, NAMES, np.where(held, luck, x[:, 3] < 0.4)).outcome == "nothing"


def test_cross_validation_grows_no_tree_on_noise() -> None:
    trees = [
        _pruned_tree(draws(seed, 120), generator(seed, "luck").standard_normal(120), STANDARD)
        for seed in range(20)
    ]
    assert sum(tree is not None for tree in trees) <= 4


def test_the_margin_finds_what_reached_or_not_hardly_shows() -> None:
    helped = plain = 0
    for seed in range(12):
        x = draws(seed, 150)
        noise = generator(seed, "luck").standard_normal(150)
        margin = 1.0 * (x[:, 5] - 0.5) + 0.25 * noise + 0.4  # missed in about one of eight
        plain += find_boxes(x, NAMES, margin < 0).outcome == "found"
        helped += find_boxes(x, NAMES, margin < 0, margin).outcome == "found"
    assert helped >= plain + 3


def test_always_never_and_too_few() -> None:
    x = draws(0)
    everywhere = np.ones(240, dtype=np.bool_)
    rare = np.zeros(240, dtype=np.bool_)
    rare[:3] = True
    assert find_boxes(x, NAMES, everywhere).outcome == "always"
    assert find_boxes(x, NAMES, ~everywhere).outcome == "never"
    assert find_boxes(x, NAMES, rare).outcome == "few"
    assert find_boxes(x, NAMES, ~rare) == BoxFinding(237, 240, "few", "reached")


def test_a_target_that_is_mostly_missed_is_told_by_where_it_is_reached() -> None:
    x = draws(2)
    finding = find_boxes(x, NAMES, x[:, 9] < 0.7)
    assert finding.about == "reached"
    (box,) = finding.boxes
    assert [limit.name for limit in box.limits] == ["x9"]
    assert box.limits[0].low == pytest.approx(0.7, abs=0.03)


def test_an_input_that_is_no_number_is_named() -> None:
    x = draws(0)
    x[3, 5] = np.nan
    with pytest.raises(UsageError, match="x5"):
        find_boxes(x, NAMES, x[:, 0] < 0.5)
    with pytest.raises(UsageError, match="names"):
        find_boxes(x[:, :3], NAMES, x[:, 0] < 0.5)


def test_boxes_of_all_targets_are_one_family_of_tests() -> None:
    def target(*p: float) -> BoxFinding:
        boxes = tuple(Box((), 20, 10 + n, 80, 30, p=each) for n, each in enumerate(p))
        return BoxFinding(60, 240, "open" if boxes else "nothing", "missed", boxes)

    # by itself .03 would pass; among twelve targets it is what chance brings
    (alone,) = settle([target(0.03)], STANDARD)
    assert (alone.outcome, len(alone.boxes)) == ("found", 1)
    many = [target(0.03), target(0.0001, 0.4), *[target(0.5)] * 9, target()]
    found = settle(many, STANDARD)
    assert [f.outcome for f in found] == ["nothing", "found", *["nothing"] * 10]
    assert [box.p for box in found[1].boxes] == [0.0001]
    assert all(box.clear for box in found[1].boxes)
