"""A folder of results, read back: what ran, the tables, and for comparisons the report's parts.

Any folder that a command of Kyodo wrote can be read: ``compare``, ``run`` and the experiments.
Comparisons are computed anew from ``results.parquet``, so that a report's numbers are the runs'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.errors import OutputError

if TYPE_CHECKING:
    import pandas as pd

    from sim.report.scope import Parts
    from sim.scenario.types import Scenario

COMPARISONS = ("compare", "run")
"""Commands whose folders hold ``results.parquet`` of scenarios."""


@dataclass(frozen=True)
class Stored:
    """A folder of results. ``command``: the one that wrote it, such as "compare"."""

    folder: Path
    command: str
    manifest: Mapping[str, Any]

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The CSV tables by name, without ``results``; in the order of their names."""
        import pandas as pd

        # "baseline" and "none" are words; ids such as 1.1 are no numbers
        text = {"initiative": "str", "factor": "str", "id": "str", "ward": "str"}
        return {
            path.stem: pd.read_csv(path, encoding="utf-8-sig", dtype=text)
            for path in sorted(self.folder.glob("*.csv"))
            if path.stem != "results"
        }

    @cached_property
    def results(self) -> pd.DataFrame:
        """The tidy results, one row per run and cell. Raises OutputError if there are none."""
        from sim.runs.store import ResultStore

        return ResultStore(self.folder).read_results()

    @cached_property
    def profile(self) -> str:
        """The evidence profile: a bundled name, or the file that was kept beside the results."""
        from sim.analyses.compare.estimate import PROFILE

        own = self.folder / PROFILE
        return str(own) if own.is_file() else str(self.manifest["design"]["profile"])

    @cached_property
    def scenarios(self) -> list[Scenario]:
        """The scenarios of a comparison, in its order. Raises OutputError where one is lost."""
        return [self._scenario(str(name)) for name in self.manifest["design"]["scenarios"]]

    def _scenario(self, name: str) -> Scenario:
        from sim.analyses.compare.estimate import SCENARIOS
        from sim.scenario.bundled import scenario_ids
        from sim.scenario.reader import load_scenario

        kept = self.folder / SCENARIOS / f"{name}.yaml"
        years = int(self.manifest["design"]["years"])
        if kept.is_file():
            return load_scenario(kept, years)
        if name in scenario_ids():
            return load_scenario(name, years)
        raise OutputError(f"{self.folder} does not hold the scenario '{name}': run the study again")

    @cached_property
    def parts(self) -> Parts:
        """The parts of a comparison's report; pairs of which one run failed are left out."""
        from sim.analyses.compare.interval_parts_table import kept_parts
        from sim.figures.evidence import load_profile
        from sim.model.indicators import INDICATORS
        from sim.model.measures import INITIATIVES
        from sim.report.comparison_files import make_parts

        table = self._whole_pairs()
        if table.empty:
            raise OutputError(f"{self.folder}: every pair of runs has a failure, nothing to report")
        return make_parts(
            table,
            self._rows(table),
            self.manifest,
            self.scenarios,
            INDICATORS,
            INITIATIVES,
            load_profile(self.profile),
            self.manifest["credits"],
            kept_parts(self.folder, dict(self.manifest)),
        )

    def _rows(self, table: pd.DataFrame) -> pd.DataFrame:
        from sim.analyses.shared.comparison import comparison_rows
        from sim.analyses.shared.reach import unreachable
        from sim.figures.evidence import load_profile
        from sim.model.indicators import INDICATORS
        from sim.scenario.bundled import BASELINE

        ids = [s.id for s in self.scenarios]
        return comparison_rows(
            table,
            INDICATORS,
            load_profile(self.profile),
            baseline=BASELINE if BASELINE in ids else None,
            scenarios=ids,
            provisional=bool(self.manifest["provisional_parameters"]),
            unreachable=unreachable(self.scenarios),
        )

    def _whole_pairs(self) -> pd.DataFrame:
        from sim.runs.runner import CENTRAL_DRAW

        bad = {
            (CENTRAL_DRAW if f["draw"] is None else f["draw"], f["replicate"])
            for f in self.manifest["failures"]
        }
        table = self.results
        if not bad:
            return table
        pairs = zip(table["draw"], table["replicate"], strict=True)
        return table.loc[[pair not in bad for pair in pairs]].reset_index(drop=True)


def read_folder(folder: Path | str) -> Stored:
    """Read a folder that a command wrote.

    Raises OutputError for a folder that is not there, holds no results of Kyodo, or holds a study
    that was not finished.
    """
    from sim.runs.store import MANIFEST, STUDY, ResultStore

    folder = Path(folder)
    if not folder.is_dir():
        raise OutputError(f"no folder {folder}")
    if not (folder / MANIFEST).is_file():
        if (folder / STUDY).is_file():
            raise OutputError(
                f"{folder} holds a study that was not finished: give its command again, then report"
            )
        raise OutputError(f"{folder} holds no results of kyodo: {MANIFEST} is missing")
    manifest = ResultStore(folder).read_manifest()
    try:
        command = _command(manifest)
        manifest["design"]["years"], manifest["failures"], manifest["credits"]
    except (KeyError, IndexError, TypeError):
        raise OutputError(f"{folder / MANIFEST} is not a manifest of kyodo") from None
    return Stored(folder, command, manifest)


def _command(manifest: Mapping[str, Any]) -> str:
    """The command's name: in its line "kyodo compare m1", else what the design tells."""
    words = " ".join(manifest["command"]).split()
    if "kyodo" in words[:1] and len(words) > 1:
        return words[1]
    return "compare" if "scenarios" in manifest["design"] else words[0]
