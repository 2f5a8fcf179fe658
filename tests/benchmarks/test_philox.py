"""The yardstick is the published generator: known answers, and compiled equals plain Python."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from philox import CHUNK_BLOCKS, Four, block, philox4x32_10, philox_numbers

ONES = 0xFFFFFFFF

# counter, key, answer: philox4x32 with ten rounds in kat_vectors of Random123
KNOWN: tuple[tuple[Four, tuple[int, int], Four], ...] = (
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    (
        (ONES, ONES, ONES, ONES),
        (ONES, ONES),
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
)


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers(counter: Four, key: tuple[int, int], answer: Four) -> None:
    assert philox4x32_10(counter, key) == answer
    assert tuple(map(int, block(*map(np.uint64, (*counter, *key))))) == answer


def folded(n: int, key: int) -> tuple[int, int]:
    mixed = total = 0
    for i in range(n // 4):
        for number in philox4x32_10((i & ONES, i >> 32, 0, 0), (key & ONES, key >> 32)):
            mixed ^= number
            total += number
    return mixed, total % 2**64


def test_the_numbers_are_those_of_the_counters() -> None:
    for n, key in ((4, 0), (4000, 0x299F31D0A4093822)):
        assert philox_numbers(n, key, threads=1) == folded(n, key)
    with pytest.raises(ValueError, match="multiple of four"):
        philox_numbers(6, 0, threads=1)


def test_chunks_and_threads_do_not_show() -> None:
    n = 4 * (CHUNK_BLOCKS + 1000)
    one = philox_numbers(n, 7, threads=1)
    assert one == folded(n, 7)
    assert one == philox_numbers(n, 7, threads=min(2, vars(numba.config)["NUMBA_NUM_THREADS"]))
