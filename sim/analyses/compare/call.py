"""``sim.compare``: a comparison in one call, for scripts and notebooks."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analyses.compare.estimate import Comparison, answer, check
from sim.analyses.compare.question import CompareQuestion
from sim.analyses.compare.tables import tables
from sim.analyses.folder import keep
from sim.analyses.study import Study, in_silence

if TYPE_CHECKING:
    from sim.runs.run_all import Progress
    from sim.scenario.types import Scenario


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
