"""Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405): a yardstick for raw draws.

Random numbers by a counter, as fast as this machine makes them and with nothing else to do.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

Four = tuple[int, int, int, int]

ROUNDS = 10
M0, M1 = 0xD2511F53, 0xCD9E8D57
W0, W1 = 0x9E3779B9, 0xBB67AE85
CHUNK_BLOCKS = 1 << 16
"""Blocks of four numbers that one thread makes at a time."""

_M0, _M1 = np.uint64(M0), np.uint64(M1)
_W0, _W1 = np.uint64(W0), np.uint64(W1)
_LOW, _32, _ONE = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(1)


def philox4x32_10(counter: Four, key: tuple[int, int]) -> Four:
    """The four 32-bit numbers of a counter (four words) under a key (two words), plain Python."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(ROUNDS):
        p0, p1 = M0 * c0, M1 * c2
        c0, c1, c2, c3 = (
            (p1 >> 32) ^ c1 ^ k0,
            p1 & 0xFFFFFFFF,
            (p0 >> 32) ^ c3 ^ k1,
            p0 & 0xFFFFFFFF,
        )
        k0, k1 = (k0 + W0) & 0xFFFFFFFF, (k1 + W1) & 0xFFFFFFFF
    return c0, c1, c2, c3


def _block(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    for _ in range(ROUNDS):
        p0, p1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1 & _LOW, (p0 >> _32) ^ c3 ^ k1, p0 & _LOW
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return c0, c1, c2, c3


block = numba.njit(inline="always")(_block)
"""`philox4x32_10` on uint64 words that hold 32 bits each, compiled; put in place of the call."""


def _fold(blocks: Any, key: Any, folded: Any) -> None:
    """Make ``blocks`` blocks under ``key`` (uint64); a chunk's numbers end as one in ``folded``.

    ``folded`` uint64 (chunks, 2): the exclusive or, and the sum, of all numbers of the chunk.
    """
    k0, k1 = key & _LOW, key >> _32
    for chunk in numba.prange(folded.shape[0]):
        first = chunk * CHUNK_BLOCKS
        mixed = total = np.uint64(0)
        for i in range(first, min(first + CHUNK_BLOCKS, blocks)):
            counter = np.uint64(i)
            x0, x1, x2, x3 = block(
                counter & _LOW, counter >> _32, np.uint64(0), np.uint64(0), k0, k1
            )
            mixed ^= x0 ^ x1 ^ x2 ^ x3
            total += x0 + x1 + x2 + x3
        folded[chunk, 0] = mixed
        folded[chunk, 1] = total


_compiled = numba.njit(parallel=True)(_fold)


def philox_numbers(n: int, key: int, threads: int) -> tuple[int, int]:
    """Make ``n`` 32-bit numbers (a multiple of four) under a 64-bit key on ``threads`` threads.

    No number is stored: returned are the exclusive or of all, and their sum modulo 2^64.
    """
    if n % 4:
        raise ValueError(f"n: {n} is no multiple of four")
    numba.set_num_threads(threads)
    folded = np.zeros((-(-n // 4 // CHUNK_BLOCKS), 2), dtype=np.uint64)
    _compiled(n // 4, np.uint64(key), folded)
    mixed = int(np.bitwise_xor.reduce(folded[:, 0]))
    return mixed, int(folded[:, 1].sum(dtype=np.uint64))
