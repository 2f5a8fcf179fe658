"""The keyed draws of `sim.randomness`, for use inside compiled kernels (same bits)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.kernels import kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31 = np.uint64(30), np.uint64(27), np.uint64(31)
_S32, _S11 = np.uint64(32), np.uint64(11)
_ONE = np.uint64(1)


@kernel
def draw(stream: Any, key: Any) -> Any:
    """64 bits for ``key`` in ``stream`` (both uint64)."""
    z = stream + (np.uint64(key) + _ONE) * _GOLDEN
    z = (z ^ (z >> _S30)) * _M1
    z = (z ^ (z >> _S27)) * _M2
    return z ^ (z >> _S31)


@kernel
def draw_array(stream: Any, keys: Any, partner: Any, out: Any) -> None:
    """64 bits for every key into ``out`` (uint64 (n,)); ``partner`` >= 0 is hashed in as well."""
    for i in range(keys.shape[0]):
        bits = draw(stream, keys[i])
        out[i] = bits if partner < 0 else draw(bits, partner)


@kernel
def high(bits: Any) -> Any:
    """Upper 32 bits as int64, to compare with a threshold."""
    return np.int64(bits >> _S32)


@kernel
def low(bits: Any) -> Any:
    """Lower 32 bits as int64: a second, independent choice from the same draw."""
    return np.int64(bits & np.uint64(0xFFFFFFFF))


@kernel
def uniform(bits: Any) -> Any:
    """Uniform strictly in (0, 1) from the upper 53 bits."""
    return (np.float64(bits >> _S11) + 0.5) * (1.0 / 9007199254740992.0)


@kernel
def threshold(p: Any) -> Any:
    """``floor(p 2^32)`` clipped to [0, 2^32], int64; equal to `sim.randomness.threshold_of`."""
    if not p > 0.0:
        return np.int64(0)
    if p >= 1.0:
        return np.int64(4294967296)
    return np.int64(math.floor(p * 4294967296.0))


@kernel
def normal_pair(bits: Any) -> Any:
    """Two independent standard normals from one draw (Box and Muller 1958)."""
    radius = math.sqrt(-2.0 * math.log(uniform(bits)))
    angle = 2.0 * math.pi * uniform(draw(bits, np.uint64(0)))
    return radius * math.cos(angle), radius * math.sin(angle)
