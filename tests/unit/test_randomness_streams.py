"""Streams of keyed draws: every part of the 64 bits uniform, no dependence between any two keys.

Seeds are fixed, so a test passes or fails for good. Each statistic has its exact (chi-square,
binomial, Poisson) or limiting (correlation, Kolmogorov-Smirnov) distribution; the chance of a false
alarm is ALPHA for every test function, divided by the number of statistics that it looks at.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.base import randomness_kernels as compiled
from sim.base.randomness import DECISIONS, MASK, KeyedRandom, hash_key, mix, unit

Words = NDArray[np.uint64]
Floats = NDArray[np.float64]

ALPHA = 1e-6
RANDOM = KeyedRandom(seed=1848)
IDS = np.arange(1 << 19, dtype=np.int64)
MONTHS = np.arange(-72, 120)


def words(stream: int, keys: NDArray[np.int64] = IDS, partner: int = -1) -> Words:
    """The 64 bits of every key of a stream."""
    found = np.empty(len(keys), dtype=np.uint64)
    compiled.draw_array(np.uint64(stream), keys, partner, found)
    return found


NAMES = (
    "agents",
    "agents x months",
    "agents x decisions",
    "partners",
    "seeds x draws x replicates",
    "months of one agent",
)
every_set = pytest.mark.parametrize("name", NAMES)


@lru_cache(maxsize=len(NAMES))
def bits_of(name: str) -> Words:
    """Draws along one part of the key."""
    few = np.arange(4096, dtype=np.int64)
    if name == "agents":
        return words(RANDOM.stream("resident_start", 5))
    if name == "agents x months":
        streams = [RANDOM.stream("resident_change", int(m)) for m in MONTHS]
    elif name == "agents x decisions":
        streams = [RANDOM.stream(decision, 7) for decision in DECISIONS]
    elif name == "partners":
        stream = RANDOM.stream("project_match", 2024)
        return np.concatenate([words(stream, few, b) for b in range(128)])
    elif name == "seeds x draws x replicates":
        keys = itertools.product(range(8), (None, *range(7)), range(8))
        streams, few = [KeyedRandom(*key).stream("npo_shock", 0) for key in keys], few[:1024]
    else:
        base = RANDOM.base("resident_quit")
        months = [hash_key(base, m & MASK, 4711) for m in range(-60_000, 60_000)]
        return np.array(months, dtype=np.uint64)
    return np.concatenate([words(s, few) for s in streams])


HALVES = {"high": (32, 32), "low": (0, 32)}
SLICES = {f"bits {b}-{b + 7}": (b, 8) for b in range(0, 64, 8)} | {
    f"bits {b}-{b + 11}": (b, 12) for b in (26, 52)
}


def part(bits: Words, first: int, width: int) -> NDArray[np.int64]:
    """``width`` bits from bit ``first`` on."""
    return (bits >> np.uint64(first) & np.uint64((1 << width) - 1)).astype(np.int64)


def chi_square(cells: NDArray[np.int64], number: int, statistics: int) -> None:
    """Equal chances of ``number`` cells; two-sided, so too even is wrong as well."""
    observed = np.bincount(cells, minlength=number)
    expected = len(cells) / number
    chi2 = float(((observed - expected) ** 2).sum() / expected)
    low, high = stats.chi2.ppf([ALPHA / 2 / statistics, 1 - ALPHA / 2 / statistics], number - 1)
    assert low < chi2 < high


def uncorrelated(pairs: dict[str, tuple[Floats, Floats]]) -> None:
    """Every pair of equally long uniform series has a correlation of 0, within normal bounds.

    Also of their squares about one half (dependence in spread) and of the events of a small chance.
    """
    limit = stats.norm.isf(ALPHA / 2 / (3 * len(pairs)))
    for name, (a, b) in pairs.items():
        for x, y in ((a, b), ((a - 0.5) ** 2, (b - 0.5) ** 2), (a < 0.02, b < 0.02)):
            r = float(np.corrcoef(x, y)[0, 1])
            assert abs(r) < limit / math.sqrt(len(a)), name


# ---- uniform


@every_set
def test_halves_and_slices_are_uniform(name: str) -> None:
    statistics = len(HALVES) + len(SLICES)
    for first, width in (*HALVES.values(), *SLICES.values()):
        cells = min(width, 12)
        chi_square(part(bits_of(name), first + width - cells, cells), 1 << cells, statistics)


@every_set
def test_the_halves_are_independent(name: str) -> None:
    """Two choices from one draw: the joint table of their leading, and of their last, bits."""
    bits = bits_of(name)
    for high, low in ((58, 26), (32, 0), (58, 0), (32, 26)):
        chi_square(part(bits, high, 6) << 6 | part(bits, low, 6), 1 << 12, 4)


@every_set
def test_units_are_uniform_to_the_last_digit(name: str) -> None:
    bits = bits_of(name)
    assert unit(int(bits[0])) == compiled.uniform(bits[0])
    u = ((bits >> np.uint64(12)).astype(np.float64) + 0.5) / 2**52
    assert stats.kstest(u, "uniform").pvalue > ALPHA / 2
    fine = u * 2**16 % 1.0  # what is left below the leading 16 bits
    assert stats.kstest(fine, "uniform").pvalue > ALPHA / 2


# ---- independent


def test_no_serial_correlation_over_agents() -> None:
    """At lags that mean something: neighbours, words of eight, wards, blocks of 8,192."""
    u = RANDOM.uniform("resident_quit", 3, IDS)
    lags = (2, 3, 7, 8, 23, 64, 1000, 8191, 8192, 1 << 16)
    uncorrelated({f"lag {k}": (u[k:], u[:-k]) for k in lags})


def test_no_serial_correlation_over_months() -> None:
    """At one agent, pooled over many: the month after, a season, a year, ten years."""
    u = np.array([RANDOM.uniform("resident_start", int(m), IDS[:4096]) for m in MONTHS])
    lags = (1, 2, 3, 6, 12, 13, 24, 60, 120)
    uncorrelated({f"lag {k}": (u[k:].ravel(), u[:-k].ravel()) for k in lags})
    # an agent and its neighbour of the next month: keys that a plain sum would mix up
    uncorrelated({f"{k}": (u[1:, :-k].ravel(), u[:-1, k:].ravel()) for k in (1, 2, 12)})


def test_no_correlation_between_decisions() -> None:
    """All pairs of decisions of the same agents in the same month, and with the month after."""
    now = {name: RANDOM.uniform(name, 7, IDS[:20_000]) for name in DECISIONS}
    after = {name: RANDOM.uniform(name, 8, IDS[:20_000]) for name in DECISIONS}
    pairs = {f"{a}, {b}": (now[a], now[b]) for a, b in itertools.combinations(DECISIONS, 2)}
    uncorrelated(pairs | {f"{a}, later": (now[a], after[a]) for a in DECISIONS})


def test_no_correlation_between_neighbouring_runs() -> None:
    """Seeds, draws and replicates next to each other, all pairs of 40 runs."""
    runs = [KeyedRandom(s, d, r) for s in range(3) for d in (None, 0, 1, 2) for r in range(3)]
    runs += [KeyedRandom(2**63 - 1 + k) for k in range(4)]
    u = [run.uniform("project_outcome", 2024, IDS[:20_000]) for run in runs]
    uncorrelated({f"{a}, {b}": (u[a], u[b]) for a, b in itertools.combinations(range(40), 2)})


def test_no_correlation_between_partners() -> None:
    u = [RANDOM.uniform("project_match", 2024, IDS[:20_000], b) for b in range(23)]
    uncorrelated({f"{a}, {b}": (u[a], u[b]) for a, b in itertools.combinations(range(23), 2)})


# ---- no repeats


@every_set
def test_collisions_are_as_rare_as_by_chance(name: str) -> None:
    """No two equal words of 64 bits; equal halves as often as Poisson says."""
    bits = bits_of(name)
    assert len(np.unique(bits)) == len(bits)
    mean = len(bits) ** 2 / 2 / 2**32
    for first, width in HALVES.values():
        repeats = len(bits) - len(np.unique(part(bits, first, width)))
        low, high = stats.poisson.ppf([ALPHA / 4, 1 - ALPHA / 4], mean)
        assert low <= repeats <= high


@every_set
def test_birthday_spacings(name: str) -> None:
    """Marsaglia's test: 4,096 birthdays in a year of 2^32 days, equal spacings are Poisson(4)."""
    birthdays = 4096
    rows = len(bits_of(name)) // birthdays
    bits = bits_of(name)[: rows * birthdays].reshape(rows, birthdays)
    low, high = stats.poisson.ppf([ALPHA / 6, 1 - ALPHA / 6], 4.0 * rows)
    for first in (32, 16, 0):
        spacings = np.sort(np.diff(np.sort(part(bits, first, 32)), axis=1))
        assert low <= int((np.diff(spacings) == 0).sum()) <= high


# ---- avalanche

KEYS = 1024
PLACES = ("seed", "draw", "replicate", "decision", "time", "agent", "partner")


def keys_of(k: int) -> list[int]:
    """The k-th of KEYS ordinary keys: seed, draw + 1, replicate, decision, time, agent, partner."""
    numbers = [d.number for d in DECISIONS.values()]
    agent = mix(k) % 9_000_000
    return [k % 5, k % 7, k % 3, numbers[k % len(numbers)], (k % 192 - 72) & MASK, agent, k % 23]


def output(keys: list[int]) -> int:
    return hash_key(mix(keys[0]), *keys[1:])


def test_the_keys_are_those_of_the_model() -> None:
    keys = keys_of(5)
    name = next(d.id for d in DECISIONS.values() if d.number == keys[3])
    run = KeyedRandom(keys[0], keys[1] - 1, keys[2])
    assert output(keys[:-1]) == hash_key(run.stream(name, 5 - 72), keys[5])
    assert output(keys) == int(words(run.stream(name, 5 - 72), np.array([keys[5]]), keys[6])[0])


@pytest.mark.parametrize("place", range(len(PLACES)), ids=PLACES)
def test_one_bit_of_a_key_flips_half_of_the_bits(place: int) -> None:
    """Every bit of the output flips in half of the keys, whichever bit of the key changes."""
    size = 64 if PLACES[place] in ("seed", "time") else 32
    before = np.array([output(keys_of(k)) for k in range(KEYS)], dtype=np.uint64)
    low, high = stats.binom.ppf([ALPHA / 2 / size / 64, 1 - ALPHA / 2 / size / 64], KEYS, 0.5)
    total = 0
    for bit in range(size):
        after = []
        for k in range(KEYS):
            keys = keys_of(k)
            keys[place] ^= 1 << bit
            after.append(output(keys))
        flips = before ^ np.array(after, dtype=np.uint64)
        by_bit = [int((flips >> np.uint64(b) & np.uint64(1)).sum()) for b in range(64)]
        assert low <= min(by_bit)
        assert max(by_bit) <= high, bit
        total += sum(by_bit)
    cells = size * KEYS * 64
    assert abs(total - cells / 2) < stats.norm.isf(ALPHA / 2) * math.sqrt(cells) / 2


def test_one_bit_of_the_last_key_flips_half_of_the_bits() -> None:
    """The same where a key is hashed once: many agents in order, each beside the one flipped."""
    count, size = 1 << 14, 32
    stream, order = RANDOM.stream("resident_start", 5), np.arange(count)
    levels = [ALPHA / 2 / size / 64, 1 - ALPHA / 2 / size / 64]
    low, high = stats.binom.ppf(levels, count, 0.5)
    for bit in range(size):
        ids = order >> bit << bit + 1 | order & (1 << bit) - 1  # the bit itself is 0
        flips = words(stream, ids) ^ words(stream, ids | 1 << bit)
        by_bit = np.unpackbits(flips.view(np.uint8).reshape(-1, 8), axis=1).sum(axis=0)
        assert low <= by_bit.min()
        assert by_bit.max() <= high, bit
