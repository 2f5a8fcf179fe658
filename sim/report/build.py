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
    from sim.report.stored import Stored


def build_report(folder: Path | str, lang: str = "ja") -> Report:
    """The report on any folder of results. Raises OutputError for a folder without any."""
    from sim.report.pages_experiments import is_experiment
    from sim.report.stored import read_folder

    stored = read_folder(folder)
    if "analysis" not in stored.manifest and is_experiment(stored.command):
        return _experiment_report(stored, lang)
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
        limits=tuple(limits(facts, labels)),
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


def _experiment_report(stored: Stored, lang: str) -> Report:
    """The report on the folder of a command that has no room of its own yet."""
    from sim.figures.evidence import load_profile
    from sim.report.pages_experiments import experiment_pages

    labels, facts = Labels(lang), facts_of(stored.manifest)
    return Report(
        title=labels("report_title", command=labels(f"report_{stored.command}")),
        lang=lang,
        pages=experiment_pages(stored, labels),
        headline=labels("summary_headline"),
        limits=tuple(limits(facts, labels)),
        ran=tuple(ran(facts, labels)),
        command=facts.command,
        credits=(*stored.manifest["credits"], labels("credits_font")),
        figures=figures_behind(None, load_profile(stored.profile)),
        sheets=dict(stored.tables),
        manifest=stored.manifest,
        foot=foot_of(facts, labels),
    )
