"""Anchors of instant answers: the runs between which ``sim.analyses.instant.estimate``
interpolates.

For each discount mode and draw: doing nothing, every initiative alone, every measure at half and at
full strength, every combination of measures, and the document's order. They are kept in one file
for a profile, with a check on plans that were held out.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analyses.shared.plans import Space
from sim.base.errors import ContentError, OutputError
from sim.base.files import atomic_write, data_dir
from sim.base.user_choices import DISCOUNTS
from sim.figures.initiatives import initiative_ids
from sim.figures.posterior import MODEL_VERSION
from sim.runs.spec import EXPERIMENT, POPULATION, RunSpec, canonical_hash
from sim.scenario.bundled import BASELINE
from sim.scenario.reader import load_scenario
from sim.scenario.types import InitiativeSetting, Scenario

if TYPE_CHECKING:
    from sim.runs.run_all import Progress
    from sim.runs.store import ResultStore

Floats = NDArray[np.float64]

YEARS = 10
SCALE = Fraction(1, 100)
DRAWS: Mapping[str, int] = dict.fromkeys(DISCOUNTS, 50)
"""Draws of each mode: those of ``kyodo compare`` by default, so that it agrees with exact ones."""
CHECKED_PLANS, CHECKED_DRAWS = 6, 24
COMBINATIONS = ("m1", "m2", "m3", "m1_m2", "m1_m3", "m2_m3", "all_measures")
HALVES = ("half_1", "half_2", "half_3")
CHECK = "check_"

AUXILIARY = (
    "participation_rate", "regular_share", "volunteer_stock", "shortage_people_share",
    "shortage_funds_share", "no_successor_share", "npos_active", "solved_projects",
    "solved_cumulative", "programme_cost",
)  # fmt: skip
"""Auxiliary indicators that instant answers hold beside the document's 24."""

META = b"kyodo_anchors"


@cache
def kept_indicators() -> tuple[str, ...]:
    """Ids of the indicators that are kept: the document's 24 and some auxiliary ones."""
    from sim.model.indicators import INDICATORS

    document = [i.id for i in INDICATORS.values() if i.kind != "auxiliary"]
    return (*document, *AUXILIARY)


def anchor_scenarios() -> dict[str, Scenario]:
    """The scenarios of the anchors by label; the baseline first."""
    out = {BASELINE: load_scenario(BASELINE)}
    for id in initiative_ids():
        out[id] = _only({id: 1.0}, f"only_{id.replace('.', '_')}")
    for number, label in enumerate(HALVES, start=1):
        mine = {id: 0.5 for id in initiative_ids() if id.startswith(f"{number}.")}
        out[label] = _only(mine, label)
    for label in (*COMBINATIONS, "staged"):
        out[label] = load_scenario(label, YEARS)
    return out


def check_scenarios(seed: int = 0) -> dict[str, Scenario]:
    """Plans that are held out: they fill the space of strengths and start years evenly."""
    plans = Space("initiative", latest=6, step=0.05).filling(CHECKED_PLANS, seed)
    return {f"{CHECK}{n}": plan.scenario() for n, plan in enumerate(plans)}


def _only(strengths: Mapping[str, float], id: str) -> Scenario:
    settings = {key: InitiativeSetting(strength=s) for key, s in strengths.items()}
    return replace(load_scenario(BASELINE), id=id, name_en=id, name_ja=id, initiatives=settings)


@dataclass(frozen=True)
class Anchors:
    """Runs of one profile. ``values``: mode -> label -> [draws, indicators, years]; NaN: none.

    ``indicators``, ``years`` (fiscal years): the axes. ``scenarios``: what each label ran.
    ``stamp``: what they were made from (see ``stamp_of``).
    """

    profile: str
    indicators: tuple[str, ...]
    years: tuple[int, ...]
    values: Mapping[str, Mapping[str, Floats]]
    scenarios: Mapping[str, Scenario]
    stamp: Mapping[str, str]

    def draws(self, mode: str) -> int:
        """Number of draws of a discount mode."""
        return len(self.values[mode][BASELINE])


def anchor_specs(
    profile: str, draws: Mapping[str, int], checked: int, scale: Fraction = SCALE
) -> list[tuple[str, str, int, RunSpec]]:
    """(mode, label, draw, spec) of all runs; those of one draw, which share a burn-in, together."""
    out = []
    anchors, checks = anchor_scenarios(), check_scenarios()
    for draw in range(max(draws.values())):
        for mode in DISCOUNTS:
            if draw >= draws[mode]:
                continue
            held = checks if mode == DISCOUNTS[0] and draw < checked else {}
            for label, scenario in {**anchors, **held}.items():
                spec = RunSpec(
                    scenario, draw=draw, profile=profile, discount=mode, scale=scale, years=YEARS
                )
                out.append((mode, label, draw, spec))
    return out


def anchor_runs() -> int:
    """Number of runs of a preparation at the default size."""
    return len(anchor_scenarios()) * sum(DRAWS.values()) + CHECKED_PLANS * CHECKED_DRAWS


def stamp_of(profile: str) -> dict[str, str]:
    """What anchors depend on: model version, figures, parameters as drawn, scenarios.

    What agents are made from counts once, as figures, as long as it is figures as they stand.
    Numbers enter with nine digits, so that machines agree on the stamp.
    """
    from sim.figures.evidence import load_profile
    from sim.figures.parameters import load_parameters

    probe = load_scenario("all_measures")
    evidence = load_profile(profile)
    twice = {
        p.id
        for p in load_parameters(profile).values()
        if p.id.startswith(POPULATION)
        and p.kind == "fixed"
        and p.value_from is not None
        and evidence[p.value_from].role != "target"
    }
    drawn = [
        {id: value for id, value in run.resolved.items() if id not in twice}
        for run in (RunSpec(probe, draw=draw, profile=profile) for draw in (0, 1))
    ]
    figures = {id: row.value for id, row in evidence.items() if row.role != "target"}
    wards = {str(ward): dict(known) for ward, known in evidence.ward_features.items()}
    stamp = {
        "model_version": str(MODEL_VERSION),
        "figures": _digest(figures),
        "parameters": canonical_hash([_digest(values) for values in drawn]),
    }
    everyone = {**anchor_scenarios(), **check_scenarios()}
    stamp["wards"] = canonical_hash(wards)
    stamp["scenarios"] = canonical_hash(
        {label: s.to_dict(labels=False) for label, s in everyone.items()}
    )
    stamp["indicators"] = canonical_hash(list(kept_indicators()))
    stamp["size"] = canonical_hash([dict(DRAWS), CHECKED_DRAWS, YEARS, str(SCALE)])
    return stamp


def _digest(values: Mapping[str, float | str]) -> str:
    kept = {k: v for k, v in values.items() if not k.startswith(EXPERIMENT)}
    return canonical_hash(
        {k: v if isinstance(v, str) else f"{v:.9g}" for k, v in sorted(kept.items())}
    )


def prepare(
    profile: str,
    *,
    workers: int = 1,
    store: ResultStore | None = None,
    progress: Progress | None = None,
    draws: Mapping[str, int] = DRAWS,
    checked: int = CHECKED_DRAWS,
    scale: Fraction = SCALE,
) -> Anchors:
    """Run all anchors of a profile (about ten minutes on two cores at the default size).

    With a ``store`` a stopped preparation goes on. Raises KyodoError if a run failed.
    """
    from sim.runs.run_all import run_all

    todo = anchor_specs(profile, draws, checked, scale)
    results = run_all([spec for *_, spec in todo], workers=workers, store=store, progress=progress)
    results.require_whole()
    cube = results.cube(kept_indicators())
    values: dict[str, dict[str, list[Floats]]] = {}
    scenarios: dict[str, Scenario] = {}
    for (mode, label, _, spec), row in zip(todo, cube, strict=True):
        values.setdefault(mode, {}).setdefault(label, []).append(row)
        scenarios[label] = spec.scenario
    stacked = {
        mode: {label: np.stack(rows) for label, rows in some.items()}
        for mode, some in values.items()
    }
    return Anchors(profile, kept_indicators(), results.years, stacked, scenarios, stamp_of(profile))


def write_anchors(path: Path, anchors: Anchors) -> None:
    """Write anchors as Parquet: one row a run, its numbers as single-precision floats."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: dict[str, list[Any]] = {"mode": [], "label": [], "draw": [], "values": []}
    for mode, some in anchors.values.items():
        for label, block in some.items():
            for draw, values in enumerate(block):
                rows["mode"].append(mode)
                rows["label"].append(label)
                rows["draw"].append(draw)
                rows["values"].append(values.astype(np.float32).ravel())
    size = len(anchors.indicators) * len(anchors.years)
    table = pa.table(
        {
            "mode": pa.array(rows["mode"]).dictionary_encode(),
            "label": pa.array(rows["label"]).dictionary_encode(),
            "draw": pa.array(rows["draw"], type=pa.int16()),
            "values": pa.FixedSizeListArray.from_arrays(np.concatenate(rows["values"]), size),
        }
    )
    meta = {
        "profile": anchors.profile,
        "indicators": list(anchors.indicators),
        "years": list(anchors.years),
        "stamp": dict(anchors.stamp),
    }
    buffer = io.BytesIO()
    table = table.replace_schema_metadata({META: json.dumps(meta)})
    pq.write_table(table, buffer, compression="zstd", compression_level=19)
    with atomic_write(path) as stream:
        stream.write(buffer.getvalue())


def read_anchors(path: Path) -> Anchors:
    """Read anchors. Raises OutputError for a file that is not there, ContentError for another."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        meta = json.loads(table.schema.metadata[META])
    except FileNotFoundError:
        raise OutputError(f"no instant answers in {path}") from None
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise ContentError(f"{path}: not a file of instant answers ({error})") from None
    shape = (len(meta["indicators"]), len(meta["years"]))
    flat = table["values"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    numbers = flat.astype(np.float64).reshape(-1, *shape)
    groups: dict[str, dict[str, list[int]]] = {}
    for n, (mode, label) in enumerate(
        zip(table["mode"].to_pylist(), table["label"].to_pylist(), strict=True)
    ):
        groups.setdefault(mode, {}).setdefault(label, []).append(n)
    values = {
        mode: {label: numbers[rows] for label, rows in some.items()}
        for mode, some in groups.items()
    }
    scenarios = {**anchor_scenarios(), **check_scenarios()}
    return Anchors(
        meta["profile"], tuple(meta["indicators"]), tuple(meta["years"]), values, scenarios,
        meta["stamp"],
    )  # fmt: skip


def find_anchors(profile: str, folders: Sequence[Path] = ()) -> Anchors | None:
    """Anchors that fit the profile as it is now: bundled, or prepared in one of ``folders``.

    None where there are none, or where they were made by another version of model or figures.
    """
    name = f"{Path(profile).stem}.parquet"
    stamp = stamp_of(profile)
    bundled = [] if Path(profile).is_file() else [data_dir("calibration") / "instant" / name]
    for path in (*bundled, *(folder / name for folder in folders)):
        if path.is_file():
            anchors = read_anchors(path)
            if dict(anchors.stamp) == stamp:
                return anchors
    return None
