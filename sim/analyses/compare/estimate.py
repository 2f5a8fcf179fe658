"""Compare scenarios: run them like for like, pair their differences, and say what is left."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analyses.compare.explain import check_draws, explain
from sim.analyses.compare.interval_parts_table import IntervalParts, kept_parts, stored_parts
from sim.analyses.compare.question import CompareQuestion, RunQuestion
from sim.analyses.shared.comparison import comparison_rows
from sim.analyses.shared.reach import unreachable
from sim.analyses.shared.reached import impact_chances, targets_reached
from sim.analyses.study import Study, in_silence
from sim.base.errors import OutputError, UsageError
from sim.base.scale import parse_scale
from sim.runs import memory
from sim.runs.run_all import Progress, Results
from sim.runs.runner import CENTRAL, Failure
from sim.runs.spec import Design
from sim.scenario.bundled import BASELINE, STANDARD
from sim.scenario.reader import load_scenario

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.types import Scenario


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
    """Load and check all that a comparison needs, before anything runs or is written.

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


def design_of(question: CompareQuestion | RunQuestion) -> Design:
    """The design of a question. Raises UsageError and ContentError."""
    alone = isinstance(question, RunQuestion)
    names = [question.scenario] if isinstance(question, RunQuestion) else [*question.scenarios]
    return build_design(
        names or None,
        draws=question.draws,
        replicates=question.replicates,
        scale=question.scale,
        years=question.years,
        seed=question.seed,
        profile=question.profile,
        discount=question.discount,
        parameters=question.set,
        by=question.by or "year",
        with_baseline=not alone,
    )


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
    bad = {(CENTRAL if f.draw is None else f.draw, f.replicate) for f in results.failures}
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


def compare(
    scenarios: Sequence[str | Path | Scenario] | None = None,
    *,
    workers: int = 1,
    out: Path | str | None = None,
    force: bool = False,
    progress: Progress | None = None,
    explain_draws: int = 0,
    parameters: Mapping[str, float] | None = None,
    by: str = "year",
    **more: Any,
) -> Comparison:
    """Run scenarios like for like and pair their differences with the baseline.

    ``scenarios``, ``parameters``, ``by`` and ``more`` (draws, replicates, scale, years, seed,
    profile, discount): as in ``build_design``. ``workers``: processes; more than one needs the
    usual ``if __name__ == "__main__":`` guard in a script. ``out``: a folder to keep the results in
    as ``kyodo compare`` does, for ``kyodo report``; runs that are recorded there are not computed
    again. ``explain_draws``: of further runs that say what the intervals come from (0: none).
    Failed runs are in ``Comparison.failures``. Raises UsageError, ContentError, OutputError.
    """
    from sim.analyses.compare.tables import tables
    from sim.analyses.folder import keep

    question = CompareQuestion(
        scenarios=tuple(scenarios or ()),
        explain=explain_draws,
        by=None if by == "year" else by,
        set=parameters or {},
        **more,
    )
    runner = partial(in_silence, progress=progress)
    study = Study("compare", question, folder=out, runner=runner, workers=workers)
    check(question, study)
    if out is not None:
        study.open(force=force)
    found = answer(question, study)
    told = tables(found)
    if out is not None:
        keep(study, told, "en", sys.argv)
    manifest = study.manifest(sys.argv, told.facts)
    return replace(found, manifest=manifest, folder=None if out is None else Path(out))
