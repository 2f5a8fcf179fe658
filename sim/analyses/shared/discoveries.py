"""Which of many tests stand out, with the share of false ones among them kept down."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ROUNDING_OF_P = 1e-12
"""Relative error of floating point within which an adjusted p value still equals its limit."""


def discoveries(p: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    """Which of the p values [rows] stand out, by Benjamini & Hochberg 1995
    (doi:10.1111/j.2517-6161.1995.tb02031.x).

    Of those that do, at most ``share`` is expected to be there by chance alone. A p value at its
    limit stands out. Raises ValueError for one that is not between 0 and 1, NaN included.
    """
    from scipy.stats import false_discovery_control

    adjusted = np.asarray(false_discovery_control(p), dtype=np.float64)
    return np.asarray(adjusted <= share * (1 + ROUNDING_OF_P), dtype=np.bool_)
