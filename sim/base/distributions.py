"""Distributions of parameters, each a pure quantile function, so that a draw is ``quantile(u)``.

Lowest layer beside ``errors``: no numpy, no scipy. Every distribution is monotone in ``u``, so one
keyed uniform per (seed, draw, parameter) gives the draw, and rank correlations can be set later
without touching this module.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

Z95 = 1.6448536269514722
"""Standard normal 95 % point: half the width of a central 90 % interval in standard deviations."""

_NORMAL = NormalDist()


class Distribution(ABC):
    """A distribution of one number, in the unit of its parameter."""

    @abstractmethod
    def quantile(self, u: float) -> float:
        """The value below which the share ``u`` (strictly between 0 and 1) of the mass lies."""

    @property
    def p05(self) -> float:
        """The 5 % point."""
        return self.quantile(0.05)

    @property
    def p95(self) -> float:
        """The 95 % point."""
        return self.quantile(0.95)

    def covers(self, value: float) -> bool:
        """True if ``value`` may be the central value: by default inside the 90 % interval."""
        slack = 1e-12 * max(1.0, abs(self.p05), abs(self.p95))
        return self.p05 - slack <= value <= self.p95 + slack

    def limits(self) -> str:
        """The range that ``covers`` accepts, for messages."""
        return f"the 5-95 % range {self.p05:g} to {self.p95:g}"


def _z(u: float) -> float:
    if not 0.0 < u < 1.0:
        raise ValueError(f"u must lie strictly between 0 and 1, not {u!r}")
    return _NORMAL.inv_cdf(u)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True)
class SplitNormal(Distribution):
    """Two-piece normal given by its 5 %, 50 % and 95 % points; the two halves may differ in width.

    x = median + z (p95 - median) / 1.645 for z >= 0, else median + z (median - p05) / 1.645, with z
    the standard normal quantile of u.
    """

    p05_: float
    median: float
    p95_: float

    def __post_init__(self) -> None:
        _require(
            self.p05_ <= self.median <= self.p95_,
            f"percentiles must rise: p05 {self.p05_:g}, median {self.median:g}, p95 {self.p95_:g}",
        )
        _require(self.p05_ < self.p95_, "p05 and p95 must differ")

    def quantile(self, u: float) -> float:
        """See the class."""
        z = _z(u)
        upper, lower = self.p95_ - self.median, self.median - self.p05_
        return self.median + z * (upper if z >= 0.0 else lower) / Z95


@dataclass(frozen=True)
class Uniform(Distribution):
    """Every value between ``low`` and ``high`` equally likely."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _require(self.low < self.high, f"low {self.low:g} must be below high {self.high:g}")

    def quantile(self, u: float) -> float:
        """See the class."""
        _z(u)
        return self.low + u * (self.high - self.low)

    def covers(self, value: float) -> bool:
        """True inside ``low`` to ``high``."""
        return self.low <= value <= self.high

    def limits(self) -> str:
        """The range in words."""
        return f"the range {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class LogNormal(Distribution):
    """ln x is normal; given by the median and the 95 % point, both above zero."""

    median: float
    p95_: float

    def __post_init__(self) -> None:
        _require(
            0.0 < self.median < self.p95_,
            f"0 < median < p95 is needed: median {self.median:g}, p95 {self.p95_:g}",
        )

    def quantile(self, u: float) -> float:
        """See the class."""
        return self.median * math.exp(_z(u) * math.log(self.p95_ / self.median) / Z95)


@dataclass(frozen=True)
class Normal(Distribution):
    """Normal distribution with mean and standard deviation."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _require(self.sd > 0.0, f"sd must be above 0, not {self.sd:g}")

    def quantile(self, u: float) -> float:
        """See the class."""
        return self.mean + _z(u) * self.sd


@dataclass(frozen=True)
class Bernoulli(Distribution):
    """1 with chance ``p``, else 0."""

    p: float

    def __post_init__(self) -> None:
        _require(0.0 <= self.p <= 1.0, f"p must lie between 0 and 1, not {self.p:g}")

    def quantile(self, u: float) -> float:
        """See the class."""
        _z(u)
        return 1.0 if u > 1.0 - self.p else 0.0

    def covers(self, value: float) -> bool:
        """True from 0 to 1: the central value may be an outcome or the expectation."""
        return 0.0 <= value <= 1.0

    def limits(self) -> str:
        """The range in words."""
        return "the range 0 to 1"


@dataclass(frozen=True)
class Choice(Distribution):
    """One of several values, with weights; in rising order, so that ``quantile`` is monotone."""

    values: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        _require(len(self.values) >= 2, "values must hold at least two numbers")
        _require(len(set(self.values)) == len(self.values), "values must all differ")
        _require(
            len(self.values) == len(self.weights),
            f"{len(self.values)} values but {len(self.weights)} weights",
        )
        _require(all(w > 0.0 for w in self.weights), "weights must be above 0")
        order = sorted(range(len(self.values)), key=lambda i: self.values[i])
        object.__setattr__(self, "values", tuple(self.values[i] for i in order))
        object.__setattr__(self, "weights", tuple(self.weights[i] for i in order))

    def quantile(self, u: float) -> float:
        """See the class."""
        _z(u)
        wanted = u * math.fsum(self.weights)
        reached = 0.0
        for value, weight in zip(self.values, self.weights, strict=True):
            reached += weight
            if wanted <= reached:
                return value
        return self.values[-1]

    def covers(self, value: float) -> bool:
        """True for one of the values."""
        return value in self.values

    def limits(self) -> str:
        """The values in words."""
        return "the values " + ", ".join(f"{v:g}" for v in self.values)


@dataclass(frozen=True)
class Scaled(Distribution):
    """``inner`` times a positive ``factor``: a range that moves with the value of its parameter."""

    inner: Distribution
    factor: float

    def __post_init__(self) -> None:
        _require(self.factor > 0.0, "a relative distribution needs a value above 0")

    def quantile(self, u: float) -> float:
        """See the class."""
        return self.factor * self.inner.quantile(u)

    def covers(self, value: float) -> bool:
        """True where the inner distribution covers the ratio."""
        return self.inner.covers(value / self.factor)

    def limits(self) -> str:
        """The range in words."""
        return f"{self.inner.limits()}, times the value"


@dataclass(frozen=True)
class Family:
    """How a distribution is written in a file: its keys (all numbers or lists) and its maker."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    make: Callable[[Mapping[str, Any]], Distribution]


FAMILIES: dict[str, Family] = {
    "split_normal": Family(
        ("p05", "median", "p95"), (), lambda k: SplitNormal(k["p05"], k["median"], k["p95"])
    ),
    "uniform": Family(("low", "high"), (), lambda k: Uniform(k["low"], k["high"])),
    "log_normal": Family(("median", "p95"), (), lambda k: LogNormal(k["median"], k["p95"])),
    "normal": Family(("mean", "sd"), (), lambda k: Normal(k["mean"], k["sd"])),
    "bernoulli": Family(("p",), (), lambda k: Bernoulli(k["p"])),
    "choice": Family(
        ("values",),
        ("weights",),
        lambda k: Choice(tuple(k["values"]), tuple(k.get("weights") or (1.0,) * len(k["values"]))),
    ),
}
"""The distributions a parameter file may use; adding one is one entry here and one class above."""
