"""From a folder of results to a report: its pages, limits, sources, tables and credits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.pages.labels import Labels
from sim.pages.page import Report
from sim.report.charts.foot import foot_of
from sim.report.experiment_parts import bare
from sim.report.preamble import experiment_facts, experiment_limits
from sim.report.scope import Facts
from sim.report.sources import figures_table
from sim.report.stored import COMPARISONS, Stored, read_folder
from sim.report.summary import limits

if TYPE_CHECKING:
    import pandas as pd


def build_report(folder: Path | str, lang: str = "ja") -> Report:
    """The report on any folder of results. Raises OutputError for a folder without any."""
    stored = read_folder(folder)
    labels = Labels(lang)
    if "analysis" in stored.manifest:
        return analysis_report(stored, lang)
    if stored.command in COMPARISONS:
        from sim.report.comparison_files import comparison_csv
        from sim.report.pages_compare import comparison_pages

        parts = stored.parts
        pages, facts = comparison_pages(parts, labels), parts.facts
        shown = limits(facts, labels)
        sheets = {"comparison": comparison_csv(parts, lang), "results": stored.results}
        used = _figures_of(stored)
        inputs = {f"scenarios/{s.id}.yaml": s.to_yaml() for s in stored.scenarios}
    else:
        from sim.report.pages_experiments import experiment_pages

        pages, facts = experiment_pages(stored, labels), experiment_facts(stored.manifest)
        shown = experiment_limits(stored.manifest, labels)
        sheets, used, inputs = dict(stored.tables), _all_figures(stored), {}
    return Report(
        title=labels("report_title", command=labels(f"report_{stored.command}")),
        lang=lang,
        pages=pages,
        headline=bare(labels("summary_headline")),
        limits=tuple(bare(text) for text in shown),
        ran=tuple(_ran(facts, labels)),
        command=facts.command,
        credits=(*stored.manifest["credits"], labels("credits_font")),
        figures=used,
        sheets=sheets,
        inputs=inputs,
        manifest=stored.manifest,
        foot=foot_of(facts, labels),
    )


def analysis_report(stored: Stored, lang: str) -> Report:
    """The report on the folder of an analysis: its pages are made from its tables alone."""
    from sim.analyses.analysis import analysis
    from sim.analyses.tables import read_tables
    from sim.analyses.words import Words

    manifest = stored.manifest
    told = analysis(str(manifest["analysis"]))
    tables = read_tables(stored.folder, told.schema, manifest["facts"])
    words = Words(told.name, lang, manifest["names"])
    labels, facts = Labels(lang), experiment_facts(manifest)
    limits_there = experiment_limits(manifest, labels)
    return Report(
        title=words("title"),
        lang=lang,
        pages=told.pages(tables, words),
        headline=bare(labels("summary_headline")),
        limits=tuple(bare(text) for text in (*_failed(manifest, labels), *limits_there)),
        ran=tuple(_ran(facts, labels)),
        command=facts.command,
        credits=(*manifest["credits"], labels("credits_font")),
        figures=_all_figures(stored),
        sheets=dict(tables),
        inputs=_kept_scenarios(stored.folder),
        manifest=manifest,
        foot=foot_of(facts, labels),
    )


def _failed(manifest: Mapping[str, Any], labels: Labels) -> list[str]:
    """The gravest limit of all: runs that are missing."""
    runs = manifest["runs"]
    if not runs["failed"]:
        return []
    return [labels("runs_failed", failed=runs["failed"], runs=runs["requested"])]


def _kept_scenarios(folder: Path) -> dict[str, str]:
    """The scenario files of a folder, as texts by name."""
    from sim.analyses.study import SCENARIOS

    paths = sorted((folder / SCENARIOS).glob("*.yaml"))
    return {f"{SCENARIOS}/{path.name}": path.read_text(encoding="utf-8") for path in paths}


def _ran(facts: Facts, labels: Labels) -> list[tuple[str, str]]:
    """What was run, as pairs of name and value."""
    from sim.report.preamble import ran

    return [
        (name, value)
        for name, _, value in (bare(line)[2:].partition(": ") for line in ran(facts, labels))
    ]


def _figures_of(stored: Stored) -> pd.DataFrame:
    """The figures behind a comparison: current values, targets, and claims of what is on."""
    parts = stored.parts
    ids = [id for i in parts.indicators.values() for id in (i.current, i.target) if id is not None]
    used = {i for s in parts.scenarios.values() for i in s.initiatives}
    for key, initiative in parts.initiatives.items():
        ids += list(initiative.claims) if key in used else []
    return figures_table(ids, parts.profile)


def _all_figures(stored: Stored) -> pd.DataFrame:
    """The figures behind an experiment: current values, targets and claims of all initiatives."""
    from sim.figures.evidence import load_profile
    from sim.model.indicators import INDICATORS
    from sim.model.measures import INITIATIVES

    ids = [i for d in INDICATORS.values() for i in (d.current, d.target) if i is not None]
    ids += [c for initiative in INITIATIVES.values() for c in initiative.claims]
    return figures_table(ids, load_profile(stored.profile))
