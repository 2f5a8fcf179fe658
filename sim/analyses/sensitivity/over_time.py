"""What surrounds sensitivity indices: convergence against N, stable ranks, the luck of the seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analyses.sensitivity.indices import Floats, varies
from sim.analyses.sensitivity.ranks import LEADING, OVERALL, main_rows
from sim.analyses.shared.intervals import CONFIDENCE

if TYPE_CHECKING:
    import pandas as pd

FRACTIONS = (8, 4, 2, 1)
"""Convergence is shown at N divided by these."""

SEED_COLUMNS = ("fiscal_year", "share", "low", "high", "sd_luck", "sd_all", "status")

RESAMPLES = 500


def sizes(n: int, fewest: int) -> list[int]:
    """N/8, N/4, N/2, N, without those under ``fewest``."""
    return [n // k for k in FRACTIONS if n // k >= fewest or k == 1]


def convergence(analyse: Callable[[int], pd.DataFrame], at: Sequence[int]) -> pd.DataFrame:
    """The overall rows of ``analyse(n)`` for every n in ``at``, with a column ``n``.

    ``analyse`` takes the first n base points (trajectories, runs) of one design.
    """
    import pandas as pd

    frames = []
    for n in at:
        table = analyse(n)
        frames.append(table.loc[table["fiscal_year"] == OVERALL].assign(n=n))
    return pd.concat(frames, ignore_index=True)


@dataclass(frozen=True)
class Stability:
    """Whether N is large enough: the ranking at N/2 against that at N.

    ``same_leading``: the first three are the same factors. ``correlation``: Spearman's of all
    factors; None where it is not defined. ``largest_change`` of an index among the leading ones,
    and ``half_width`` of the widest of their intervals. ``stable``: same leading factors, and no
    change beyond that half-width.
    """

    n: int
    half: int
    leading: tuple[str, ...]
    same_leading: bool
    correlation: float | None
    largest_change: float
    half_width: float

    @property
    def stable(self) -> bool:
        """See the class."""
        return self.same_leading and self.largest_change <= self.half_width

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "n": self.n, "half": self.half, "leading": list(self.leading),
            "same_leading": self.same_leading, "rank_correlation": self.correlation,
            "largest_change": self.largest_change, "half_width": self.half_width,
            "stable": self.stable,
        }  # fmt: skip


def stability(table: pd.DataFrame) -> Stability | None:
    """Compare the last two sizes of a convergence table; None with fewer, or without variance."""
    from scipy.stats import spearmanr

    at = sorted({int(n) for n in table["n"]})
    if len(at) < 2 or (table.loc[table["n"].isin(at[-2:]), "status"] != "ok").any():
        return None
    before, after = (
        main_rows(table.loc[table["n"] == n]).set_index("factor") for n in (at[-2], at[-1])
    )
    names = [f for f in after.index if not f.startswith("(")]
    old, new = before.loc[names, "index"].to_numpy(), after.loc[names, "index"].to_numpy()
    first = names[:LEADING]
    was_first = [f for f in before.index if not f.startswith("(")][:LEADING]
    correlation = float(spearmanr(old, new).statistic) if len(names) > 2 else float("nan")
    wide = (after.loc[first, "high"] - after.loc[first, "low"]).max() / 2
    return Stability(
        at[-1],
        at[-2],
        tuple(first),
        set(first) == set(was_first),
        correlation if np.isfinite(correlation) else None,
        float(np.abs(new - old)[: len(first)].max()),
        float(wide),
    )


def seed_share(y: Floats, years: Sequence[int], seed: int) -> pd.DataFrame:
    """How much of the variance of a single run is luck: y [points, replicates, years].

    One-way random effects: within = mean variance over the replicates of a point, between = the
    variance of the points' means less within / replicates; share = within / (within + between),
    with a bootstrap interval over points. "overall" weights the years by their variance.
    """
    import pandas as pd

    from sim.base.randomness import generator

    if y.ndim != 3 or y.shape[0] < 2 or y.shape[1] < 2:
        raise ValueError(f"at least 2 points with 2 replicates are needed, not {y.shape}")
    random = generator(seed, "seed share bootstrap")
    picks = random.integers(0, len(y), size=(RESAMPLES, len(y)))
    ok = np.array([varies(y[:, :, k].ravel()) for k in range(y.shape[2])])

    def parts(z: Floats) -> tuple[Floats, Floats]:
        within = z.var(axis=1, ddof=1).mean(axis=0)
        between = z.mean(axis=1).var(axis=0, ddof=1) - within / z.shape[1]
        return within, within + np.maximum(between, 0.0)

    within, total = parts(y)
    tried = [parts(y[rows]) for rows in picks]
    ends = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    rows: list[tuple[Any, ...]] = []
    every: list[tuple[Any, Any]] = [(year, k) for k, year in enumerate(years)]
    for label, k in [*every, (OVERALL, ok)]:
        if not np.any(ok[k] if label != OVERALL else ok):
            rows.append((label, *[float("nan")] * 5, "no_variance"))
            continue
        w, t = float(np.sum(within[k])), float(np.sum(total[k]))
        shares = [np.sum(a[k]) / max(float(np.sum(b[k])), 1e-300) for a, b in tried]
        low, high = np.quantile(shares, ends)
        rows.append((label, w / t, float(low), float(high), w**0.5, t**0.5, "ok"))
    return pd.DataFrame(rows, columns=list(SEED_COLUMNS))
