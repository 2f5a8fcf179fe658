"""From a folder of results to a report: its pages, limits, sources, tables and credits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sim.analyses.folder import Kept, read_kept
from sim.analyses.study import SCENARIOS
from sim.pages.labels import Labels
from sim.pages.page import Page, Report
from sim.report.about import facts_of, limits, ran
from sim.report.charts.foot import foot_of
from sim.report.sources import figures_behind, source_text

if TYPE_CHECKING:
    from sim.figures.evidence import Profile


def build_report(folder: Path | str, lang: str = "ja") -> Report:
    """The report on any folder of results. Raises OutputError for a folder without any."""
    return report_of(read_kept(folder), lang)


def report_of(kept: Kept, lang: str = "ja") -> Report:
    """The report on the results of an analysis: its pages are made from its tables alone."""
    from sim.figures.evidence import load_profile

    manifest, words = kept.manifest, kept.words(lang)
    labels, facts, evidence = Labels(lang), facts_of(manifest), load_profile(kept.profile)
    own = f"title_{kept.analysis.name}"
    pages = kept.analysis.pages(kept.tables, words)
    return Report(
        title=words(own if own in words else "title"),
        lang=lang,
        pages=tuple(_with_sources(page, evidence, labels) for page in pages),
        headline=labels("summary_headline"),
        limits=tuple(limits(facts, labels, kept.analysis.limits(kept.tables, words))),
        ran=tuple(ran(facts, labels)),
        command=facts.command,
        credits=(*manifest["credits"], labels("credits_font")),
        figures=figures_behind(manifest["facts"].get("initiatives"), evidence),
        sheets=kept.analysis.sheets(kept.tables, words),
        inputs={} if kept.folder is None else _kept_scenarios(kept.folder),
        manifest=manifest,
        foot=foot_of(facts, labels),
    )


def _with_sources(page: Page, evidence: Profile, labels: Labels) -> Page:
    """A page with what it cites, in words."""
    lines = [source_text(what, id, evidence, labels) for what, id in page.cites]
    return replace(page, sources=(*page.sources, *dict.fromkeys(lines)))


def _kept_scenarios(folder: Path) -> dict[str, str]:
    """The scenario files of a folder, as texts by name."""
    paths = sorted((folder / SCENARIOS).glob("*.yaml"))
    return {f"{SCENARIOS}/{path.name}": path.read_text(encoding="utf-8") for path in paths}
