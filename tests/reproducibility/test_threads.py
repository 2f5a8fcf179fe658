"""The number of threads and the size of blocks show in no result; counts in a byte end as told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from model_runs import arrays
from resident_passes import SIZES, board_of, new_world, passes

from sim.base import kernels
from sim.model.agents import counts
from sim.model.agents import residents as residents_module
from sim.model.agents.residents import REGULAR, Residents, blocks_of, draw_natures
from sim.model.model import CollaborationModel
from sim.model.processes.participation import move_residents, participate

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("resident_passes.py")


def in_process(threads: int, blocks_a_thread: int = 1) -> dict[str, Any]:
    """What the script prints in a process that may use so many threads."""
    own = {"NUMBA_NUM_THREADS": str(threads), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(blocks_a_thread)],
        env={**os.environ, **own},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def size_of_blocks(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    return lambda size: monkeypatch.setattr(residents_module, "BLOCK", size)


# ---- threads


def test_two_threads_give_the_bytes_of_one() -> None:
    one, two = in_process(1), in_process(2)
    assert one["threads"] == [0]
    assert two["threads"] == [0, 1]  # blocks really were shared out
    assert one["asked"] == []  # one thread needs no thread layer
    assert set(two["asked"]) == {2}  # asked for, and restored
    assert len(two["asked"]) > 100
    assert one["digests"] == two["digests"]
    names = {"draw_traits", "first_volunteers", "month_pass", "survey", "tabulate", "whole run"}
    assert names <= set(one["digests"])


def test_few_blocks_stay_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(numba, "set_num_threads", asked.append)
    monkeypatch.setattr(numba, "get_num_threads", lambda: 3)
    monkeypatch.setitem(vars(numba.config), "NUMBA_NUM_THREADS", 3)
    spread = kernels.parallel(_nothing)
    for number in (0, 1, 63, 64, 95, 96, 10_000):
        spread(np.zeros((number, 4), dtype=np.int64))
    assert kernels.BLOCKS_A_THREAD == 32
    assert asked == [2, 3, 2, 3, 3, 3, 3, 3]  # what is wanted, then as before


def test_the_callers_number_of_threads_is_kept() -> None:
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        kernels.parallel(_nothing)(np.zeros((200, 4), dtype=np.int64))
        assert numba.get_num_threads() == 1
    finally:
        numba.set_num_threads(before)


FORK = """
import multiprocessing, sys
from sim.model.model import BurnIn

def rate(seed):
    model = BurnIn(scale=0.001, seed=seed, years=1, burn_in_months=12).branch("baseline")
    model.run()
    return model.records[0][-1]

if __name__ == "__main__":
    rate(0)  # a small run loads no threads, so the process can still be forked
    with multiprocessing.get_context("fork").Pool(2) as pool:
        found = pool.map(rate, [1, 2])
    assert found == [rate(1), rate(2)], found
"""

THREADS = """
import threading
from sim.base import kernels
from sim.model.model import BurnIn

kernels.BLOCKS_A_THREAD = 1
found = {}

def run(seed):
    model = BurnIn(scale=0.001, seed=seed, years=1, burn_in_months=12).branch("m1")
    model.run()
    found[seed] = model.records

alone = [threading.Thread(target=run, args=(seed,)) for seed in (1, 2)]
for thread in alone: thread.start()
for thread in alone: thread.join()
first = dict(found)
for seed in (1, 2): run(seed)
assert len(first) == 2 and first == found
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_process_can_be_forked_after_a_small_run(tmp_path: Path) -> None:
    succeeds(tmp_path, FORK, {})


@pytest.mark.parametrize("layer", ["workqueue", "default"])
def test_models_run_in_several_python_threads(tmp_path: Path, layer: str) -> None:
    succeeds(tmp_path, THREADS, {"NUMBA_THREADING_LAYER": layer, "NUMBA_NUM_THREADS": "2"})


def succeeds(folder: Path, code: str, env: dict[str, str]) -> None:
    """The script ends well in a process of its own."""
    script = folder / "script.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def _nothing(blocks: Any) -> None:
    for b in numba.prange(blocks.shape[0]):
        blocks[b, 0] += 1


# ---- blocks


@pytest.fixture(scope="module")
def usual() -> dict[str, str]:
    """The passes with blocks as they are."""
    blocks = blocks_of(np.array(SIZES))
    assert len(blocks) == len([n for n in SIZES if n]) + 2
    return passes(blocks)


@pytest.mark.parametrize("size", [1, 7, 8, 13, 1000, 1024, 8191, 16_384, 32_767])
def test_blocks_of_any_size_give_the_same(
    size: int, usual: dict[str, str], size_of_blocks: Callable[[int], None]
) -> None:
    """One by one as well: nobody depends on who stands in the same word or block."""
    size_of_blocks(size)
    blocks = blocks_of(np.array(SIZES))
    assert blocks[:, 2].max() == min(size, max(SIZES))
    assert passes(blocks) == usual


def test_blocks_in_another_order_and_empty_ones_give_the_same(usual: dict[str, str]) -> None:
    blocks = blocks_of(np.array(SIZES))
    assert passes(np.flipud(blocks).copy()) == usual
    empty = blocks.copy()
    empty[:, 2] = 0  # in front of every block an empty one of its ward
    both = np.stack([empty, blocks], axis=1).reshape(-1, 4)
    assert passes(both) == usual


def test_blocks_cover_every_resident_once() -> None:
    blocks = blocks_of(np.array(SIZES))
    assert (blocks[:, 2] > 0).all()
    assert blocks[0, 1] == 0
    assert (blocks[1:, 1] == blocks[:-1, 1] + blocks[:-1, 2]).all()
    residents = Residents(blocks, len(SIZES))
    assert residents.in_ward.tolist() == list(SIZES)
    assert residents.ward.tolist() == np.repeat(np.arange(23), SIZES).tolist()
    assert residents.id.tolist() == list(range(sum(SIZES)))


@pytest.mark.parametrize("size", [100, 128])
def test_a_whole_run_does_not_depend_on_blocks(
    size: int, size_of_blocks: Callable[[int], None]
) -> None:
    models = []
    for one in (residents_module.BLOCK, size):
        size_of_blocks(one)
        model = CollaborationModel("all_measures", scale=0.001, years=1, burn_in_months=12)
        model.run()
        models.append(model)
    assert len(models[1].residents.blocks) > 3 * len(models[0].residents.blocks)
    assert models[0].records == models[1].records
    left, right = (arrays(model.world) for model in models)
    assert {k: v.tobytes() for k, v in left.items()} == {k: v.tobytes() for k, v in right.items()}


def test_the_room_behind_the_last_resident_of_a_block_is_nobody() -> None:
    """Blocks are worked on in words of eight; counts and neighbours see residents only."""
    residents = Residents(blocks_of(np.array(SIZES)), len(SIZES))
    world = new_world(residents)
    draw_natures(residents, world.p, world.random, world.field_share)
    everyone = np.ones(residents.n, dtype=bool)
    residents.set("state", everyone, REGULAR)
    residents.set("inactive", everyone, 0)
    participate(world, board_of(world))
    table = world.residents_by_ward
    assert table[:, counts.PARTICIPANTS].tolist() == list(SIZES)
    for column, mask in (
        (counts.REGULAR_NOW, residents.state == 2),
        (counts.EPISODIC_NOW, residents.state == 1),
        (counts.QUITS, residents.state == 0),
        (counts.ACTIVE_NOW, residents.inactive == 0),
    ):
        by_ward = np.bincount(residents.ward, mask, minlength=23)
        assert table[:, column].tolist() == by_ward.tolist()


# ---- counts that end


CALM = {
    "participation.quit_rate": 0.0,
    "participation.step_down_rate": 0.0,
    "participation.step_up_rate": 0.0,
}


def test_tenure_ends_at_128_months() -> None:
    """Volunteers who never stop, beside some who do not volunteer, from every tenure."""
    residents = Residents(blocks_of(np.full(23, 131)), 23)
    world = new_world(residents, CALM)
    tenure = np.arange(residents.n) % 131
    volunteers = tenure <= 128
    residents.set("state", volunteers, REGULAR)
    residents.set("tenure", volunteers, tenure[volunteers])
    board = board_of(world)
    for month in range(1, 140):
        participate(world, board)
        expected = np.minimum(128, tenure + month)[volunteers]
        assert (residents.tenure[volunteers] == expected).all()
        assert (residents.state[volunteers] == REGULAR).all()
        world.month += 1
    out = residents.state == 0
    assert (residents.tenure[out] == 0).all()


def test_moves_end_at_31() -> None:
    """Everyone moves every year; the age, in the same byte, stays, and so do traits after 31."""
    residents = Residents(blocks_of(np.full(23, 29)), 23)
    world = new_world(residents, {"participation.move_rate": 1.0})
    draw_natures(residents, world.p, world.random, world.field_share)
    ages = residents.age
    natures = [residents.packed.nature.copy()]
    for year in range(1, 40):
        residents.set("state", slice(None), REGULAR)
        move_residents(world)
        assert set(residents.moves.tolist()) == {min(31, year)}
        assert (residents.age == ages).all()
        assert not residents.state.any()
        natures.append(residents.packed.nature.copy())
        world.month += 12
    same = [bool((a == b).all()) for a, b in pairwise(natures)]
    assert same == [False] * 31 + [True] * 8
