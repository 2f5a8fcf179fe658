"""Make the anchors of instant answers that come with Kyodo: calibration/instant/<profile>.parquet.

    python calibration/publish_instant.py --work DIR [--workers N]

For maintainers, after anything that moves the model's numbers (tests/reproducibility notices).
About ten minutes a profile on two cores; DIR keeps what is done, so that the same command goes on
after an interruption.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.analyses.instant.anchors import prepare, stamp_of, write_anchors
from sim.runs.spec import canonical_hash
from sim.runs.store import ResultStore

HERE = Path(__file__).resolve().parent
PROFILES = ("document", "official")


def main() -> None:
    """Prepare the anchors of every profile and put them in place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    for profile in PROFILES:
        store = ResultStore(given.work / profile)
        store.open(canonical_hash(["anchors", stamp_of(profile)]))

        def say(done: int, total: int, seconds: float, profile: str = profile) -> None:
            print(f"{profile}: {done:,} of {total:,} runs, {seconds:.0f} s", flush=True)

        anchors = prepare(profile, workers=given.workers, store=store, progress=say)
        write_anchors(HERE / "instant" / f"{profile}.parquet", anchors)


if __name__ == "__main__":
    main()
