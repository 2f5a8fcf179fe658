"""The files of a report: comparison.csv, summary.md, charts/. Each is written whole or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.analyses.shared.reached import impact_chances, targets_reached
from sim.base.files import atomic_write
from sim.pages.labels import Labels
from sim.report.scope import (
    Parts,
    ReportIndicator,
    ReportInitiative,
    ReportScenario,
    facts_of,
)

if TYPE_CHECKING:
    from sim.analyses.compare.estimate import ComparisonStudy
    from sim.analyses.compare.interval_parts_table import IntervalParts
    from sim.figures.evidence import Profile


def make_parts(
    results: pd.DataFrame,
    rows: pd.DataFrame,
    manifest: Mapping[str, Any],
    scenarios: Sequence[ReportScenario],
    indicators: Mapping[str, ReportIndicator],
    initiatives: Mapping[str, ReportInitiative],
    profile: Profile,
    credits: Sequence[str],
    shares: IntervalParts | None = None,
) -> Parts:
    """Put a report's parts together from tidy results, comparison rows and the manifest."""
    facts = facts_of(rows, manifest)
    reached = targets_reached(results, indicators, profile, facts.last_year)
    impact = impact_chances(results, indicators, profile, facts.last_year)
    named = {s.id: s for s in scenarios}
    return Parts(
        rows, reached, impact, indicators, named, initiatives, facts, profile, credits, shares
    )


def of_study(study: ComparisonStudy) -> Parts:
    """The parts of a study that was run; runs left out of its rows are left out here too."""
    from sim.figures.credits import credits
    from sim.figures.evidence import load_profile
    from sim.model.indicators import INDICATORS
    from sim.model.measures import INITIATIVES

    table = study.table
    if study.left_out:
        runs = list(zip(table["draw"], table["replicate"], strict=True))
        table = table.loc[[run not in study.left_out for run in runs]]
    profile = load_profile(str(study.design.profile))
    return make_parts(
        table,
        study.rows,
        study.manifest,
        study.design.scenarios,
        INDICATORS,
        INITIATIVES,
        profile,
        credits(),
        study.parts,
    )


def comparison_csv(parts: Parts, lang: str) -> pd.DataFrame:
    """The rows with names of indicators and scenarios in a language at the end."""
    labels = Labels(lang)
    out = parts.rows.copy()
    out["indicator_name"] = [_text(labels.name(parts.indicators[i])) for i in out["indicator"]]
    out["scenario_name"] = [_text(labels.name(parts.scenarios[s])) for s in out["scenario"]]
    return out


def _text(value: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@")) else value


def write_files(
    folder: Path, parts: Parts, lang: str, workers: int = 1, kinds: Sequence[str] = ("png",)
) -> list[Path]:
    """Write comparison.csv (UTF-8 with a byte order mark, for Excel), summary.md and charts/.

    The pictures are those of the report's pages; ``kinds``: "png", "svg" or both.
    """
    from sim.report.charts.foot import foot_of
    from sim.report.charts.pictures import write_pictures
    from sim.report.pages_compare import comparison_pages
    from sim.report.summary import summary_text, write_summary

    table = folder / "comparison.csv"
    with atomic_write(table, "w", encoding="utf-8-sig", newline="") as stream:
        comparison_csv(parts, lang).to_csv(stream, index=False, lineterminator="\r\n")
    summary = write_summary(folder / "summary.md", summary_text(parts, lang))
    labels = Labels(lang)
    pages, foot = comparison_pages(parts, labels), foot_of(parts.facts, labels)
    charts = write_pictures(pages, folder / "charts", lang, foot, kinds, workers)
    return [table, summary, *charts]
