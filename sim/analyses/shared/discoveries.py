"""Which of many tests stand out, with the share of false ones among them kept down.

Layer: experiments.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def discoveries(p: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    """Which of the p values [rows] stand out, by Benjamini & Hochberg 1995
    (doi:10.1111/j.2517-6161.1995.tb02031.x).

    Of those that do, at most ``share`` is expected to be there by chance alone.
    """
    order = np.argsort(p, kind="stable")
    below = np.flatnonzero(p[order] <= share * (np.arange(len(p)) + 1) / len(p))
    out = np.zeros(len(p), dtype=np.bool_)
    if len(below):
        out[order[: below[-1] + 1]] = True
    return out
