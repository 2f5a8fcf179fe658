"""Print a hash of every integer column of every kind of agent at every month.

Two Pythons with the same constraints must print the same text:

    python .ci/integer_hashes.py > a.txt
"""

from __future__ import annotations

import hashlib

import numpy as np

from sim import BurnIn, load_scenario

MONTHS = 36
FRAMES = ("residents", "npos", "projects")


def hashes(model: object) -> list[str]:
    """One line per frame and integer (or true/false) column, in the order of declaration."""
    lines = []
    for name in FRAMES:
        frame = getattr(model, name)
        for column in frame.columns:
            values = np.ascontiguousarray(frame.values(column.name))
            if values.dtype.kind in "iub":
                plain = values.astype(values.dtype.newbyteorder("<"))
                digest = hashlib.sha256(plain.tobytes()).hexdigest()[:16]
                lines.append(f"{name}.{column.name} {values.dtype} {len(values)} {digest}")
    return lines


def main() -> None:
    """Burn in once, then step the scenario with everything switched on."""
    years = -(-MONTHS // 12)
    burnt = BurnIn(scale=0.001, seed=7, draw=3, replicate=1, years=years)
    model = burnt.branch(load_scenario("all_measures", years), years=years)
    for month in range(MONTHS):
        model.step()
        for line in hashes(model):
            print(month, line)


if __name__ == "__main__":
    main()
