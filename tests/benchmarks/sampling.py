"""Do the indicators at 1/100 agree with those of the whole city, one resident by one?

    python -m tests.benchmarks.sampling [--replicates N] [--out FILE]

The same replicates (luck of NPOs, projects and wards included) at both scales, central values of
all parameters. For each of the 24 indicators in the tenth year: the medians, their difference, and
its interval from a paired bootstrap over the replicates. With all comparisons taken together
(Bonferroni), the chance that one interval misses zero without a cause is 5 %.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

SCENARIOS = ("baseline", "all_measures")
COARSE, FINE = 0.01, 1.0
ALPHA = 0.05
RESAMPLES = 20_000
ENOUGH = 20
"""Replicates from which a bootstrap of the median can carry such an interval."""


def last_year(scale: float, replicate: int) -> dict[tuple[str, str], float]:
    """(scenario, indicator) -> value of the tenth year; what is not available is left out."""
    from sim.model.model import BurnIn

    burnt = BurnIn(scale=scale, replicate=replicate)
    found = {}
    for scenario in SCENARIOS:
        model = burnt.branch(scenario)
        model.run()
        final = max(year for year, *_ in model.records)
        for year, _, _, indicator, value in model.records:
            if year == final and indicator.startswith("M") and value is not None:
                found[scenario, indicator] = value
    return found


def interval_of_medians(
    coarse: np.ndarray, fine: np.ndarray, alpha: float, random: np.random.Generator
) -> tuple[float, float]:
    """Interval of the difference of medians, replicates drawn in pairs."""
    picks = random.integers(0, len(coarse), size=(RESAMPLES, len(coarse)))
    gap = np.median(coarse[picks], axis=1) - np.median(fine[picks], axis=1)
    low, high = np.quantile(gap, [alpha / 2, 1 - alpha / 2])
    return float(low), float(high)


def main() -> None:
    """Run, compare and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=24, help="default: 24")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    if arguments.replicates < ENOUGH:
        print(f"under {ENOUGH} replicates the intervals are too narrow: a smoke test, no evidence")
    runs = {
        scale: [last_year(scale, r) for r in range(arguments.replicates)]
        for scale in (COARSE, FINE)
    }
    keys = [k for k in runs[FINE][0] if all(k in run for each in runs.values() for run in each)]
    random = np.random.default_rng(0)
    lines = [
        "| scenario | indicator | median 1/100 | median 1/1 | difference | interval | agrees |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    agree = 0
    for key in keys:
        coarse, fine = (np.array([run[key] for run in runs[scale]]) for scale in (COARSE, FINE))
        low, high = interval_of_medians(coarse, fine, ALPHA / len(keys), random)
        inside = low <= 0.0 <= high
        agree += inside
        a, b = np.median(coarse), np.median(fine)
        lines.append(
            f"| {key[0]} | {key[1]} | {a:.5g} | {b:.5g} | {a - b:+.3g} | [{low:+.2g}, {high:+.2g}]"
            f" | {'yes' if inside else '**no**'} |"
        )
    lines += ["", f"{agree} of {len(keys)} agree ({arguments.replicates} replicates each)."]
    text = "\n".join(lines)
    print(text)
    if arguments.out is not None:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
