"""The keyed draws of `sim.base.randomness`, for use inside compiled kernels (same bits)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.base.kernels import inlined, kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31 = np.uint64(30), np.uint64(27), np.uint64(31)
_S32, _S12 = np.uint64(32), np.uint64(12)
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
def below_array(stream: Any, keys: Any, partner: Any, limit: Any, out: Any) -> None:
    """Whether the upper half of every key's draw is below a threshold, into ``out`` bool (n,)."""
    for i in range(keys.shape[0]):
        bits = draw(stream, keys[i])
        out[i] = high(bits if partner < 0 else draw(bits, partner)) < limit


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
    """Uniform strictly in (0, 1) from the upper 52 bits."""
    return (np.float64(bits >> _S12) + 0.5) * (1.0 / 4503599627370496.0)


@kernel
def threshold(p: Any) -> Any:
    """``floor(p 2^32)`` clipped to [0, 2^32], int64; equal to
    `sim.base.randomness.threshold_of`."""
    if not p > 0.0:
        return np.int64(0)
    if p >= 1.0:
        return np.int64(4294967296)
    return np.int64(math.floor(p * 4294967296.0))


CENTRAL = 0.47575
"""Distance from one half up to which `central_normal` holds: the central 95 %."""


@inlined
def central_normal(u: Any) -> Any:
    """Standard normal from a uniform within CENTRAL of one half; no branch and no logarithm."""
    q = u - 0.5
    r = q * q
    top = -3.969683028665376e01
    top = top * r + 2.209460984245205e02
    top = top * r - 2.759285104469687e02
    top = top * r + 1.383577518672690e02
    top = top * r - 3.066479806614716e01
    top = top * r + 2.506628277459239e00
    low = -5.447609879822406e01
    low = low * r + 1.615858368580409e02
    low = low * r - 1.556989798598866e02
    low = low * r + 6.680131188771972e01
    low = low * r - 1.328068155288572e01
    return top * q / (low * r + 1.0)


@kernel
def normal(u: Any) -> Any:
    """Standard normal from a uniform by Acklam's rational approximation (relative error 1.2e-9).

    Coefficients: P. J. Acklam (2003), "An algorithm for computing the inverse normal cumulative
    distribution function".
    """
    if abs(u - 0.5) <= CENTRAL:
        return central_normal(u)
    q = math.sqrt(-2.0 * math.log(min(u, 1.0 - u)))
    top = -7.784894002430293e-03
    top = top * q - 3.223964580411365e-01
    top = top * q - 2.400758277161838e00
    top = top * q - 2.549732539343734e00
    top = top * q + 4.374664141464968e00
    top = top * q + 2.938163982698783e00
    low = 7.784695709041462e-03
    low = low * q + 3.224671290700398e-01
    low = low * q + 2.445134137142996e00
    low = low * q + 3.754408661907416e00
    z = top / (low * q + 1.0)
    return z if u < 0.5 else -z


@kernel
def central_normals(stream: Any, keys: Any, upper: Any, lower: Any) -> None:
    """Standard normals from the halves of every key's draw, float64 (n,) each; nan in the tails.

    Without a branch, so several are made at a time. Where the result is nan, `normal` has it.
    """
    for i in range(keys.shape[0]):
        bits = draw(stream, keys[i])
        u = unit_high(bits)
        upper[i] = central_normal(u) if abs(u - 0.5) <= CENTRAL else np.nan
        u = unit_low(bits)
        lower[i] = central_normal(u) if abs(u - 0.5) <= CENTRAL else np.nan


@kernel
def unit_high(bits: Any) -> Any:
    """Uniform strictly in (0, 1) from the upper 32 bits."""
    return (np.float64(bits >> _S32) + 0.5) * (1.0 / 4294967296.0)


@kernel
def unit_low(bits: Any) -> Any:
    """Uniform strictly in (0, 1) from the lower 32 bits: independent of the upper ones."""
    return (np.float64(bits & np.uint64(0xFFFFFFFF)) + 0.5) * (1.0 / 4294967296.0)
