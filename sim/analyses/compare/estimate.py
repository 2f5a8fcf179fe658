"""Compare scenarios in one call: load, run, pair, and say what the numbers rest on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analyses.compare.explain import check_draws, explain
from sim.analyses.compare.interval_parts_table import (
    FILE,
    IntervalParts,
    kept_parts,
    stored_parts,
    write_parts,
)
from sim.analyses.shared.comparison import comparison_rows
from sim.analyses.shared.reach import unreachable
from sim.base.errors import OutputError, UsageError
from sim.base.scale import parse_scale
from sim.runs import memory
from sim.runs.design import DesignResult, run_design
from sim.runs.manifest import build_manifest
from sim.runs.run_all import Progress
from sim.runs.runner import Failure
from sim.runs.spec import Design
from sim.runs.store import ResultStore
from sim.scenario.bundled import BASELINE, STANDARD
from sim.scenario.reader import load_scenario

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.workers import Engine
    from sim.scenario.types import Scenario


NO_PARTS = {"source": "none", "how": "kyodo compare --explain N"}
"""The block ``interval_parts`` of a manifest without such a table."""


@dataclass(frozen=True)
class ComparisonStudy:
    """A design that was run: ``table`` (tidy results), ``rows`` (comparison), manifest, failures.

    ``rows`` is empty where no run is left to compare. ``left_out``: the (draw, replicate) pairs
    kept out of ``rows`` because one of their runs failed, so that every difference stays paired.
    ``parts``: how much of the intervals is due to behaviour, effects and chance, if that is known.
    """

    design: Design
    table: pd.DataFrame
    rows: pd.DataFrame
    manifest: dict[str, Any]
    failures: tuple[Failure, ...]
    left_out: tuple[tuple[int, int], ...]
    folder: Path | None
    parts: IntervalParts | None = None


def build_design(
    scenarios: Sequence[str | Path | Scenario] | None = None,
    *,
    draws: int | None = 50,
    replicates: int = 1,
    scale: str | float | Fraction = "1/100",
    years: int = 10,
    seed: int = 0,
    profile: str | None = None,
    discount: str | None = None,
    parameters: Mapping[str, float] | None = None,
    by: str = "year",
    with_baseline: bool = True,
) -> Design:
    """Load and check all that a study needs, before anything runs or is written.

    ``scenarios``: bundled ids, files or Scenario objects; None = the baseline and the seven
    combinations. The baseline comes first and is added if it is missing, unless ``with_baseline``
    is False. Raises UsageError and ContentError.
    """
    exact = parse_scale(scale)
    names: list[str | Path | Scenario] = list(STANDARD if scenarios is None else scenarios)
    loaded = [load_scenario(name, years) for name in names]
    if with_baseline:
        others = [s for s in loaded if s.id != BASELINE]
        if any(s.id == BASELINE and s.initiatives for s in loaded):
            raise UsageError("the scenario 'baseline' switches on initiatives: give it another id")
        first = [s for s in loaded if s.id == BASELINE][:1] or [load_scenario(BASELINE, years)]
        loaded = [*first, *others]
    design = Design(
        tuple(loaded),
        draws=draws,
        replicates=replicates,
        scale=exact,
        seed=seed,
        years=years,
        profile=profile,
        discount=discount,
        parameters=tuple((parameters or {}).items()),
        by=by,
    )
    design.check()
    return design


def run_study(
    design: Design,
    *,
    workers: int = 1,
    engine: Engine | None = None,
    store: ResultStore | None = None,
    progress: Progress | None = None,
    command: Sequence[str] = (),
    explain_draws: int = 0,
    explain_progress: Callable[[], Progress | None] = lambda: None,
) -> ComparisonStudy:
    """Run a design and compare its scenarios with the baseline, if it is among them.

    With a ``store`` (already open), results and manifest are written there. ``explain_draws``: how
    many draws of further runs say what the intervals come from (0: none; see
    sim/analyses/compare/explain.py); ``explain_progress`` is called before them.
    """
    if explain_draws:
        check_draws(explain_draws)
    memory.check(design, workers)
    kept = None if store is None else _kept(store)
    result = run_design(design, workers=workers, engine=engine, store=store, progress=progress)
    manifest = build_manifest(result, command or sys.argv)
    if store is not None:
        keep_inputs(store, design)
        store.write_results(result.table)
        store.write_manifest(manifest)
    parts: IntervalParts | None = None
    if design.draws is not None and any(s.id == BASELINE for s in design.scenarios):
        if explain_draws and (kept is None or kept.draws != explain_draws):
            parts = explain(
                design,
                explain_draws,
                table=result.table,
                workers=workers,
                engine=engine,
                progress=explain_progress(),
            )
        else:
            parts = kept or stored_parts(design)
    manifest["interval_parts"] = dict(NO_PARTS) if parts is None else parts.facts()
    if store is not None:
        if parts is None:
            (store.folder / FILE).unlink(missing_ok=True)
        else:
            write_parts(store.folder / FILE, parts.rows)
        store.write_manifest(manifest)
    whole, left_out = _whole_pairs(result)
    return ComparisonStudy(
        design,
        result.table,
        _rows(design, whole),
        manifest,
        result.failures,
        left_out,
        None if store is None else store.folder,
        parts,
    )


SCENARIOS = "scenarios"
PROFILE = "profile.yaml"


def keep_inputs(store: ResultStore, design: Design) -> None:
    """Keep the scenarios, and a profile of one's own, beside the results.

    A folder then says by itself what was compared, on any machine (``kyodo report`` reads it).
    """
    for scenario in design.scenarios:
        store.write_text(f"{SCENARIOS}/{scenario.id}.yaml", scenario.to_yaml())
    own = Path(str(design.profile))
    if own.is_file():
        store.write_text(PROFILE, own.read_text(encoding="utf-8"))
    else:
        (store.folder / PROFILE).unlink(missing_ok=True)  # of an earlier study (--force)


def _kept(store: ResultStore) -> IntervalParts | None:
    """What an earlier call with the same study left."""
    try:
        manifest = store.read_manifest()
    except OutputError:
        return None
    return kept_parts(store.folder, manifest)


def _whole_pairs(result: DesignResult) -> tuple[pd.DataFrame, tuple[tuple[int, int], ...]]:
    """Results without the (draw, replicate) pairs in which a run failed."""
    from sim.runs.runner import CENTRAL_DRAW

    bad = {(CENTRAL_DRAW if f.draw is None else f.draw, f.replicate) for f in result.failures}
    if not bad:
        return result.table, ()
    pairs = list(zip(result.table["draw"], result.table["replicate"], strict=True))
    keep = [pair not in bad for pair in pairs]
    return result.table.loc[keep].reset_index(drop=True), tuple(sorted(bad))


def _rows(design: Design, table: pd.DataFrame) -> pd.DataFrame:
    from sim.figures.evidence import load_profile
    from sim.figures.parameters import load_parameters
    from sim.model.indicators import INDICATORS

    if table.empty:
        return table.iloc[:0]
    ids = [s.id for s in design.scenarios]
    profile = str(design.profile)
    return comparison_rows(
        table,
        INDICATORS,
        load_profile(profile),
        baseline=BASELINE if BASELINE in ids else None,
        scenarios=ids,
        provisional=bool(load_parameters(profile).provisional()),
        unreachable=unreachable(design.scenarios),
    )


def compare(
    scenarios: Sequence[str | Path | Scenario] | None = None,
    *,
    workers: int = 1,
    out: Path | str | None = None,
    force: bool = False,
    progress: Progress | None = None,
    explain_draws: int = 0,
    **design: Any,
) -> ComparisonStudy:
    """Run scenarios like for like and pair their differences with the baseline.

    ``design``: draws, replicates, scale, years, seed, profile, discount, parameters, by, as in
    ``build_design``. ``workers``: processes; more than one needs the usual ``if __name__ ==
    "__main__":`` guard in a script. ``out``: a folder to keep the results in;
    runs of the study that are recorded there are not computed again. ``explain_draws``: as in
    ``run_study``. Failed runs are in ``Study.failures``. Raises UsageError, ContentError,
    OutputError.
    """
    built = build_design(scenarios, **design)
    store = None
    if out is not None:
        store = ResultStore(out)
        store.open(built.study_hash, force=force)
    return run_study(
        built, workers=workers, store=store, progress=progress, explain_draws=explain_draws
    )
