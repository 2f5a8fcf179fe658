"""A sweep: scenarios x points x draws x replicates, its runs made as they are needed.

However many runs there are, only their identities and records are in memory, never their specs or
results.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, overload

from sim.analyses.sweep.points import NO_POINTS, SweepPoints, at_point
from sim.base.errors import KyodoError, UsageError
from sim.runs.batch import RUN
from sim.runs.runner import draw_number, run
from sim.runs.spec import RunSpec, canonical_hash
from sim.scenario.types import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.run_all import Results
    from sim.runs.store import ResultStore


@dataclass(frozen=True)
class Sweep(Sequence[RunSpec]):
    """scenarios x points x draws x replicates as a sequence of RunSpecs that are made when asked.

    Runs that share a burn-in stand together: draws and replicates outermost, then points, then
    scenarios. ``draws`` None: central values.
    """

    scenarios: tuple[Scenario, ...]
    points: SweepPoints = NO_POINTS
    draws: int | None = None
    replicates: int = 1
    scale: Fraction = Fraction(1, 100)
    years: int = 10
    seed: int = 0
    profile: str = "document"
    discount: str | None = None
    by: str = "year"
    parameters: tuple[tuple[str, float], ...] = ()
    method: str = "none"
    part: tuple[int, int] = (1, 1)
    """Which share of the runs: (i, n), the i-th of n (of a job array)."""
    recipe: str = ""
    """How the points were made (method, ranges, seed), as far as it names the study."""
    asked: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def _blocks(self) -> range:
        """Numbers of the (draw, replicate, point) combinations of this part."""
        whole = max(1, self.draws or 1) * self.replicates * len(self.points)
        i, n = self.part
        # neighbours, so that shares repeat few burn-ins and few runs that points have in common
        return range(whole * (i - 1) // n, whole * i // n)

    def __len__(self) -> int:
        return len(self._blocks) * len(self.scenarios)

    @overload
    def __getitem__(self, place: int) -> RunSpec: ...
    @overload
    def __getitem__(self, place: slice) -> list[RunSpec]: ...
    def __getitem__(self, place: int | slice) -> RunSpec | list[RunSpec]:
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        block, scenario = divmod(place % len(self), len(self.scenarios))
        return self._spec(self._blocks[block], scenario)

    def __iter__(self) -> Iterator[RunSpec]:
        for block in self._blocks:
            for scenario in range(len(self.scenarios)):
                yield self._spec(block, scenario)

    def place(self, block: int) -> tuple[int | None, int, int]:
        """(draw, replicate, point) of a block."""
        rest, point = divmod(block, len(self.points))
        draw, replicate = divmod(rest, self.replicates)
        return (None if self.draws is None else draw), replicate, point

    def places(self) -> Iterator[int]:
        """The number of the point of every run, in order."""
        for block in self._blocks:
            for _ in self.scenarios:
                yield self.place(block)[2]

    def _spec(self, block: int, scenario: int) -> RunSpec:
        draw, replicate, point = self.place(block)
        chosen = self.scenarios[scenario]
        moved, parameters = at_point(chosen, self.points.row(point))
        return RunSpec(
            moved,
            scale=self.scale,
            seed=self.seed,
            draw=draw,
            replicate=replicate,
            years=self.years,
            profile=self.profile,
            discount=self._discount(chosen),
            parameters=tuple({**dict(self.parameters), **parameters}.items()),
            by=self.by,
        )

    def _discount(self, scenario: Scenario) -> str:
        return self.discount or scenario.discount or "discounted"

    @property
    def study_hash(self) -> str:
        """What may be extended without becoming another study: not draws, replicates and part.

        Nor how many points of a Sobol' sequence there are, whose first ones stay.
        """
        return canonical_hash(
            {
                "runs": [self._spec(0, n).identity for n in range(len(self.scenarios))],
                "central": self.draws is None,
                "points": self.recipe,
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """The design for the manifest: plain values only."""
        return {
            **self.asked,
            "scenarios": [s.id for s in self.scenarios],
            "method": self.method,
            "factors": list(self.points.names),
            "points": len(self.points),
            "draws": self.draws,
            "replicates": self.replicates,
            "scale": str(self.scale),
            "seed": self.seed,
            "years": self.years,
            "profile": self.profile,
            "discount": {s.id: self._discount(s) for s in self.scenarios},
            "parameters": dict(self.parameters),
            "by": self.by,
        }


def parse_part(text: str) -> tuple[int, int]:
    """``--shard i/n`` -> (i, n). Raises UsageError."""
    try:
        i, n = (int(part) for part in text.split("/"))
    except ValueError:
        raise UsageError(f"--shard {text}: write i/n, as 2/8 for the second of eight") from None
    if not 1 <= i <= n:
        raise UsageError(f"--shard {text}: i must lie between 1 and n")
    return i, n


def index_table(sweep: Sweep, results: Results) -> pd.DataFrame:
    """One row a run, in the order of the sweep: its point, what became of it, and its shard's rows.

    Columns: run (the key of the shards), point and the factors' values, scenario, draw (-1: central
    values), replicate, status (ok | failed), error, traceback, seconds, burn_in_seconds.
    """
    import pandas as pd

    places = list(sweep.places())
    records = results.records
    columns: dict[str, Any] = {RUN: [r.run for r in records], "point": places}
    for n, name in enumerate(sweep.points.names):
        columns[name] = sweep.points.values[places, n]
    columns |= {
        "scenario": [r.scenario for r in records],
        "draw": [draw_number(r.draw) for r in records],
        "replicate": [r.replicate for r in records],
        "status": ["failed" if r.error else "ok" for r in records],
        "error": [r.error for r in records],
        "traceback": [r.traceback for r in records],
        "seconds": [r.seconds for r in records],
        "burn_in_seconds": [r.burn_in_seconds for r in records],
    }
    return pd.DataFrame(columns)


def verify(sweep: Sweep, store: ResultStore, count: int, seed: int) -> tuple[int, list[str]]:
    """Repeat ``count`` recorded runs in this process: (how many, what of them differs, by name).

    Which ones hangs on ``seed``. Every number and its status is compared bit for bit; a run that
    fails when it is repeated differs. Raises KyodoError where nothing of the sweep is recorded.
    """
    import pyarrow.parquet as pq

    from sim.base.randomness import parameter_uniform

    shards = {record.identity: path for record, path in store.records() if not record.error}
    recorded = {spec.identity: n for n, spec in enumerate(sweep) if spec.identity in shards}
    if not recorded:
        raise KyodoError(f"{store.folder} holds no run of this design that could be verified")
    order = sorted(recorded, key=lambda run: parameter_uniform(seed, recorded[run], "verify"))
    differ = []
    for identity in order[:count]:
        spec = sweep[recorded[identity]]
        table = pq.read_table(shards[identity]).to_pandas()
        kept = table.loc[table[RUN] == spec.run_id].drop(columns=RUN)
        try:
            again = run(spec).table
        except Exception as error:
            differ.append(f"{spec.name}: {type(error).__name__}: {error}")
            continue
        kept = kept.sort_values(list(again.columns[:7]), kind="stable", ignore_index=True)
        same = kept.drop(columns="value").equals(again.drop(columns="value"))
        bits = kept["value"].to_numpy().tobytes() == again["value"].to_numpy().tobytes()
        if not (same and bits):
            differ.append(spec.name)
    return min(count, len(order)), differ
