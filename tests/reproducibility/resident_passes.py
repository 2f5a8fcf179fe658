"""All passes over residents, and a whole run, as digests: to compare threads and sizes of blocks.

As a script, ``python resident_passes.py BLOCKS_A_THREAD`` prints them for the process's threads.
"""

from __future__ import annotations

import hashlib
import json
import sys
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from sim.base import kernels
from sim.model.agents import residents as residents_module
from sim.model.agents.residents import Residents, blocks_of, draw_natures
from sim.model.agents.residents_kernels import first_volunteers, tabulate
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.model import CollaborationModel
from sim.model.processes.participation import move_residents, participate
from sim.model.processes.participation_kernels import survey
from sim.model.processes.satisfaction import ask_residents
from sim.model.start import start_world

# wards without residents, with less than a word of eight, around one, around a block
SIZES = (
    0,
    1,
    7,
    8,
    9,
    15,
    16,
    17,
    0,
    100,
    8191,
    8192,
    8193,
    16_384,
    4099,
    3,
    2,
    64,
    63,
    65,
    5,
    6,
    0,
)
MONTHS = 14


@kernels.parallel
def threads_of_blocks(blocks: Any, out: Any) -> None:
    """The number of the thread that works on each block, with some work to do."""
    for b in numba.prange(blocks.shape[0]):
        total = 0.0
        for i in range(100_000):
            total += np.sqrt(np.float64(i + blocks[b, 0]))
        out[b] = numba.get_thread_id() + (total < 0.0)


def new_world(residents: Residents, overrides: dict[str, float] | None = None) -> World:
    """A world of these residents in April, before anything happened to them; ages go round."""
    world = start_world(0.001, 3, None, 0, "document", overrides or {}, years=3, burn_in_months=12)
    world.month = 0
    world.residents = residents
    world.residents_by_ward[:] = 0
    residents.set("age", slice(None), np.arange(residents.n) % 7)
    return world


def board_of(world: World) -> EffectBoard:
    return EffectBoard(
        world.wards.n, world.npos.n, world.projects.n, world.p["collaboration.attenuation"]
    )


def digest(*arrays: NDArray[Any]) -> str:
    found = hashlib.sha256()
    for array in arrays:
        found.update(f"{array.dtype} {array.shape}".encode())
        found.update(array.tobytes())
    return found.hexdigest()


def passes(blocks: NDArray[np.int64]) -> dict[str, str]:
    """Every pass, in turn, over the residents of these blocks: digests of all that it writes."""
    residents = Residents(blocks, 23)
    world = new_world(residents)
    board = board_of(world)
    board.add("ward.referral", np.full(23, 20.0))
    packed = residents.packed
    found = {}
    draw_natures(residents, world.p, world.random, world.field_share)
    found["draw_traits"] = digest(*packed)
    stream = np.uint64(world.random.stream("resident_initial"))
    first_volunteers(blocks, packed, stream, 0.5, 0.2, 120.0)
    found["first_volunteers"] = digest(*packed)
    counts = []
    for _ in range(MONTHS):
        if world.is_april:
            move_residents(world)
            found[f"moves {world.month}"] = digest(*packed)
        participate(world, board)
        counts.append(world.residents_by_ward.copy())
        world.month += 1
    found["month_pass"] = digest(*packed, *counts)
    assert all(total > 0 for total in np.sum(counts, axis=(0, 1)))  # every kind of event happened

    limits = np.arange(23) * (1 << 27)
    by_block, by_ward = (
        np.empty((len(blocks), 4), dtype=np.int64),
        np.empty((23, 4), dtype=np.int64),
    )
    survey(blocks, packed.activity, np.uint64(17), limits, limits[::-1].copy(), by_block)
    residents.sum_blocks(by_block, by_ward)
    ask_residents(world)
    found["survey"] = digest(by_ward, world.counted("residents_satisfied"))
    by_age = np.zeros((len(blocks), 7, 2), dtype=np.int64)
    by_trait = np.zeros((len(blocks), 6), dtype=np.int64)
    tabulate(blocks, packed, by_age, by_trait)
    ages, traits = (np.empty((23, *a.shape[1:]), dtype=np.int64) for a in (by_age, by_trait))
    residents.sum_blocks(by_age, ages)
    residents.sum_blocks(by_trait, traits)
    found["tabulate"] = digest(ages, traits)
    return found


def whole_run() -> str:
    """A burn-in of a year and two years with all measures: all records, and the residents."""
    model = CollaborationModel("all_measures", scale=0.001, years=2, seed=5, burn_in_months=12)
    model.run()
    return digest(
        np.frombuffer(repr(model.records).encode(), dtype=np.uint8), *model.residents.packed
    )


def main() -> None:
    """Print digests, the threads that worked, and the numbers of threads that passes asked for."""
    kernels.BLOCKS_A_THREAD = int(sys.argv[1])
    asked: list[int] = []
    setting = numba.set_num_threads

    def noted(number: int) -> None:
        asked.append(number)
        setting(number)

    numba.set_num_threads = noted
    threads = np.empty(64, dtype=np.int64)
    numba.get_num_threads()  # starts numba's threads, without which a thread has no number
    threads_of_blocks(blocks_of(np.full(23, 9))[np.arange(64) % 23], threads)
    residents_module.BLOCK = 1024  # some dozens of blocks
    digests = {**passes(blocks_of(np.array(SIZES))), "whole run": whole_run()}
    print(
        json.dumps({"digests": digests, "threads": sorted(set(threads.tolist())), "asked": asked})
    )


if __name__ == "__main__":
    main()
