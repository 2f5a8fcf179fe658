"""Compare scenarios: run them like for like, pair their differences, and say what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analyses.compare.explain import check_draws, explain
from sim.analyses.compare.interval_parts_table import IntervalParts, kept_parts, stored_parts
from sim.analyses.compare.question import CompareQuestion, RunQuestion, design_of
from sim.analyses.shared.comparison import comparison_rows
from sim.analyses.shared.reached import impact_chances, targets_reached
from sim.analyses.shared.unreachable import unreachable
from sim.analyses.study import Study
from sim.base.errors import OutputError
from sim.runs import memory
from sim.runs.run_all import Results
from sim.runs.runner import Failure, draw_number
from sim.runs.spec import Design
from sim.scenario.bundled import BASELINE

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """A design that was run: ``table`` (tidy results), ``rows`` (comparison), manifest, failures.

    ``rows`` is empty where no run is left to compare. ``left_out``: the (draw, replicate) pairs
    kept out of ``rows`` because one of their runs failed, so that every difference stays paired.
    ``reached``, ``impact``: targets that runs reach at the horizon, and the readings of social
    impact (sim/analyses/shared/reached.py). ``parts``: how much of the intervals is due to
    behaviour, effects and chance, if that is known.
    """

    design: Design
    table: pd.DataFrame
    rows: pd.DataFrame
    reached: pd.DataFrame
    impact: pd.DataFrame
    failures: tuple[Failure, ...]
    left_out: tuple[tuple[int, int], ...]
    parts: IntervalParts | None = None
    manifest: Mapping[str, Any] = field(default_factory=dict)
    folder: Path | None = None


def check(question: CompareQuestion | RunQuestion, study: Study) -> None:
    """Refuse what cannot be compared, or has no room in memory. Raises UsageError, KyodoError."""
    if _explained(question):
        check_draws(_explained(question))
    design = design_of(question)
    study.assume(profile=design.profile)
    study.discounts = {s.scenario.id: s.discount for s in design.chunk(design.chunks[0])}
    study.name(*design.scenarios)
    memory.check(design, min(study.workers, len(design.chunks)))


def _explained(question: CompareQuestion | RunQuestion) -> int:
    """How many draws say what the intervals come from; 0: none."""
    return question.explain if isinstance(question, CompareQuestion) else 0


def answer(question: CompareQuestion | RunQuestion, study: Study) -> Comparison:
    """Run the design and compare its scenarios with the baseline, if it is among them."""
    from sim.figures.evidence import load_profile
    from sim.model.indicators import INDICATORS

    design = design_of(question)
    kept = _kept(study)
    results = study.run(list(design), _in_words(design))
    table = results.tidy()
    parts: IntervalParts | None = None
    if design.draws is not None and any(s.id == BASELINE for s in design.scenarios):
        draws = _explained(question)
        if draws and (kept is None or kept.draws != draws):
            run = partial(study.run, keep=False)
            parts = explain(design, draws, run, table=table)
        else:
            parts = kept or stored_parts(design)
    whole, left_out = _whole_pairs(results, table)
    profile = load_profile(str(design.profile))
    last = int(table["fiscal_year"].max()) if len(table) else 0
    return Comparison(
        design,
        table,
        _rows(design, whole),
        targets_reached(whole, INDICATORS, profile, last),
        impact_chances(whole, INDICATORS, profile, last),
        results.failures,
        left_out,
        parts,
    )


def _in_words(design: Design) -> str:
    """The runs of a design: "8 scenarios x 50 draws x 1 replicate"."""
    draws = "central values" if design.draws is None else _count(design.draws, "draw")
    scenarios = _count(len(design.scenarios), "scenario")
    return f"{scenarios} x {draws} x {_count(design.replicates, 'replicate')}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _kept(study: Study) -> IntervalParts | None:
    """What an earlier call with the same study left in its folder."""
    if study.store is None:
        return None
    try:
        return kept_parts(study.store.folder, study.store.read_manifest())
    except OutputError:
        return None


def _whole_pairs(
    results: Results, table: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[tuple[int, int], ...]]:
    """Results without the (draw, replicate) pairs in which a run failed."""
    bad = {(draw_number(f.draw), f.replicate) for f in results.failures}
    if not bad:
        return table, ()
    pairs = list(zip(table["draw"], table["replicate"], strict=True))
    keep = [pair not in bad for pair in pairs]
    return table.loc[keep].reset_index(drop=True), tuple(sorted(bad))


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
