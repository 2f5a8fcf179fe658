"""Compiled draws equal published vectors and plain Python, bit for bit, out to both ends."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.base import randomness_kernels as compiled
from sim.base.randomness import MASK, KeyedRandom, hash_key, mix, threshold_of, unit

ALPHA = 1e-6
RANDOM = KeyedRandom(seed=1848)
IDS = np.arange(20_000, dtype=np.int64)

PUBLISHED_OF_ZERO = (
    0xE220A8397B1DCDAF,
    0x6E789E6AA1B965F4,
    0x06C45D188009454F,
    0xF88BB8A8724C81EC,
    0x1B39896A51A8749B,
)
"""The first outputs of splitmix64 for the seed 0, as published."""


def test_published_vectors_of_the_seed_zero() -> None:
    assert tuple(hash_key(0, k) for k in range(5)) == PUBLISHED_OF_ZERO
    found = np.empty(5, dtype=np.uint64)
    compiled.draw_array(np.uint64(0), IDS[:5], -1, found)
    assert tuple(found.tolist()) == PUBLISHED_OF_ZERO
    # the finaliser alone is published with them: the first output is that of the golden ratio
    assert mix(0x9E3779B97F4A7C15) == PUBLISHED_OF_ZERO[0]


EDGES = (0, 1, (1 << 32) - 1, 1 << 32, 1 << 63, MASK - (1 << 32), MASK - 1, MASK)


def close_uniforms() -> list[float]:
    """Uniforms all over (0, 1), far out in both tails and on both sides of the seams."""
    u = RANDOM.uniform("npo_trait", 1, IDS).tolist()
    for seam in (0.5 - compiled.CENTRAL, 0.5 + compiled.CENTRAL):
        u += [seam, math.nextafter(seam, 0.0), math.nextafter(seam, 1.0)]
    return [*u, 0.5, unit(0), unit(MASK), 1e-300, *(10.0**-k for k in range(1, 17))]


def test_compiled_normals_equal_plain_python() -> None:
    plain, plain_central = compiled.normal.py_func, compiled.central_normal.py_func
    for u in close_uniforms():
        assert compiled.normal(u) == plain(u), u
        if abs(u - 0.5) <= compiled.CENTRAL:
            assert compiled.central_normal(u) == plain_central(u) == compiled.normal(u), u


def test_central_normals_equal_plain_python_and_leave_out_the_tails() -> None:
    stream = RANDOM.stream("npo_shock", 3)
    keys = IDS
    upper, lower = np.empty(len(keys)), np.empty(len(keys))
    compiled.central_normals(np.uint64(stream), keys, upper, lower)
    plain = compiled.central_normal.py_func
    tails = 0
    for key, *found in zip(keys.tolist(), upper.tolist(), lower.tolist(), strict=True):
        bits = hash_key(stream, key)
        for z, half in zip(found, (bits >> 32, bits & 0xFFFFFFFF), strict=True):
            u = (half + 0.5) / 2**32
            tails += math.isnan(z)
            if abs(u - 0.5) <= compiled.CENTRAL:
                assert z == plain(u)
            else:
                assert math.isnan(z)
    low, high = stats.binom.ppf([ALPHA / 2, 1 - ALPHA / 2], 2 * len(keys), 1 - 2 * compiled.CENTRAL)
    assert low <= tails <= high


@pytest.mark.parametrize("partner", [-1, 0, 22])
def test_events_equal_plain_python_up_to_the_threshold_itself(partner: int) -> None:
    keys = IDS[:2000]
    for stream in (RANDOM.stream("uptake", 2026), *EDGES):
        more = () if partner < 0 else (partner,)
        highs = [hash_key(stream, key, *more) >> 32 for key in keys.tolist()]
        for limit in (0, threshold_of(0.3), highs[17], highs[17] + 1, threshold_of(1.0)):
            found = np.empty(len(keys), dtype=np.bool_)
            compiled.below_array(np.uint64(stream), keys, partner, limit, found)
            assert found.tolist() == [high < limit for high in highs]
