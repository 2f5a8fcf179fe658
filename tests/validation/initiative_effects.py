"""Effects of each initiative alone, against the baseline with the same keys: a table of signs.

    python tests/validation/initiative_effects.py [--pairs N] [--scale S] [--years N] [1.4 ...]

prints, for every initiative (as claimed, strength 1), its proximal indicators (moved in the
declared direction in how many pairs), its distal ones (exact sign test, "no detectable effect" is
a valid result) and adverse side effects: other indicators of the document that got worse.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy import stats

if __name__ == "__main__":
    here = Path(__file__).resolve()
    sys.path[:0] = [str(here.parents[2]), str(here.parents[1] / "unit")]

from model_runs import SMALL, Values, late_mean, values

from sim.model.indicators import INDICATORS
from sim.model.measures import INITIATIVES

ALPHA = 0.01
"""Two-sided level of one sign test; 15 initiatives have about 30 distal indicators in all."""
WATCHED = tuple(id for id, i in INDICATORS.items() if i.direction != 0 and id != "programme_cost")
"""Indicators in which an adverse side effect is looked for: all that have a better direction."""

Runs = Callable[[str, int], Values]


@dataclass(frozen=True)
class Pairs:
    """Differences of one indicator over pairs of runs; ``wanted`` +1 or -1 is the declared sign."""

    initiative: str
    indicator: str
    role: str
    wanted: int
    differences: tuple[float, ...]

    @property
    def up(self) -> int:
        """Pairs that moved in the declared direction."""
        return sum(d * self.wanted > 0 for d in self.differences)

    @property
    def down(self) -> int:
        """Pairs that moved against it."""
        return sum(d * self.wanted < 0 for d in self.differences)

    @property
    def p(self) -> float:
        """Exact two-sided sign test; pairs without any difference say nothing and are left out."""
        moved = self.up + self.down
        return float(stats.binomtest(self.up, moved).pvalue) if moved else 1.0

    @property
    def verdict(self) -> str:
        """What the sign test says at the level ALPHA."""
        if self.p >= ALPHA:
            return "no detectable effect"
        return "as declared" if self.up > self.down else "AGAINST the declared direction"

    def row(self) -> str:
        """A line of the table."""
        direction = "+" if self.wanted > 0 else "-"
        mean = statistics.fmean(self.differences) if self.differences else float("nan")
        return (
            f"{self.initiative:4} {self.role:9} {self.indicator:28} {direction} "
            f"{self.up:4}/{self.up + self.down:<4} of {len(self.differences):<4}"
            f" mean {mean:+12.5g}  p {self.p:8.2g}  {self.verdict}"
        )


def differences(
    initiative: str, indicator: str, seeds: Iterable[int], runs: Runs
) -> tuple[float, ...]:
    """With the initiative less without, mean of the last years, for each seed where both exist."""
    found = []
    for seed in seeds:
        with_it = late_mean(runs(initiative, seed), indicator)
        without = late_mean(runs("baseline", seed), indicator)
        if with_it is not None and without is not None:
            found.append(with_it - without)
    return tuple(found)


def standard_runs(scale: float, years: int) -> Runs:
    """Runs as claimed at full strength, kept for further questions."""
    return lambda scenario, seed: values(scenario, seed, scale, years, "as_claimed")


def declared(initiative: str, role: str) -> Sequence[tuple[str, int]]:
    """The proximal or distal indicators of an initiative with their directions."""
    return getattr(INITIATIVES[initiative], role)


def effects(initiative: str, role: str, seeds: Sequence[int], runs: Runs) -> list[Pairs]:
    """The declared effects of an initiative, ``role`` "proximal" or "distal"."""
    return [
        Pairs(initiative, id, role, wanted, differences(initiative, id, seeds, runs))
        for id, wanted in declared(initiative, role)
    ]


def side_effects(initiative: str, seeds: Sequence[int], runs: Runs) -> list[Pairs]:
    """Other indicators of the document that got worse, by a sign test against their direction."""
    known = {id for role in ("proximal", "distal") for id, _ in declared(initiative, role)}
    found = []
    for id in WATCHED:
        if id not in known:
            wanted = INDICATORS[id].direction
            pairs = Pairs(initiative, id, "side", wanted, differences(initiative, id, seeds, runs))
            if pairs.p < ALPHA and pairs.down > pairs.up:
                found.append(pairs)
    return found


def report(initiatives: Iterable[str], seeds: Sequence[int], runs: Runs) -> list[Pairs]:
    """All rows, proximal first; adverse side effects last."""
    rows: list[Pairs] = []
    for initiative in initiatives:
        for role in ("proximal", "distal"):
            rows += effects(initiative, role, seeds, runs)
        rows += side_effects(initiative, seeds, runs)
    return rows


def text(rows: Sequence[Pairs], title: str) -> str:
    """The table as text."""
    head = "     role      indicator             declared  in that direction/moved of pairs"
    adverse = [r for r in rows if r.role == "side"]
    note = f"adverse side effects on other indicators: {len(adverse)}"
    return "\n".join([title, head, *(row.row() for row in rows), note])


def main() -> None:
    """Print the table for the initiatives on the command line, or for all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("initiatives", nargs="*", default=list(INITIATIVES))
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--scale", type=float, default=SMALL)
    parser.add_argument("--years", type=int, default=10)
    options = parser.parse_args()
    runs = standard_runs(options.scale, options.years)
    seeds = range(options.pairs)
    title = f"as claimed, strength 1, {options.pairs} pairs, scale {options.scale:g}"
    # seed by seed, so that each burn-in is made once
    for seed in seeds:
        for scenario in ("baseline", *options.initiatives):
            runs(scenario, seed)
    print(text(report(options.initiatives, seeds, runs), title))


if __name__ == "__main__":
    main()
