"""A comparison of made-up results, as its tables, pages and report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import pandas as pd
from synthetic_results import MANIFEST, SCENARIOS, study

from sim.analyses.analysis import analysis
from sim.analyses.compare.estimate import Comparison
from sim.analyses.compare.interval_parts_table import IntervalParts
from sim.analyses.compare.tables import tables
from sim.analyses.compare.view import View
from sim.analyses.folder import Kept
from sim.analyses.shared.comparison import comparison_rows
from sim.analyses.shared.reached import impact_chances, targets_reached
from sim.analyses.tables import Tables
from sim.figures.evidence import load_profile
from sim.model.indicators import INDICATORS
from sim.pages.page import Page, Report
from sim.report.build import report_of
from sim.runs.spec import Design
from sim.scenario.bundled import BASELINE
from sim.scenario.reader import load_scenario


@dataclass(frozen=True)
class Case:
    """A comparison that was "run"; ``design``: what its manifest says beside the usual."""

    comparison: Comparison
    design: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> pd.DataFrame:
        return self.comparison.rows

    @property
    def tables(self) -> Tables:
        return tables(self.comparison)

    def with_rows(self, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Case:
        """The case with other rows."""
        rows = change(self.rows.copy())
        return replace(self, comparison=replace(self.comparison, rows=rows))

    def with_parts(self, parts: IntervalParts) -> Case:
        """The case with a table of what its intervals come from."""
        return replace(self, comparison=replace(self.comparison, parts=parts))

    def kept(self) -> Kept:
        """As if it had been read from a folder."""
        design = self.comparison.design
        names = {s.id: {"en": s.name_en, "ja": s.name_ja} for s in design.scenarios}
        told = {
            **MANIFEST["design"], "draws": design.draws, "years": design.years, "replicates": 1,
            **self.design,
        }  # fmt: skip
        facts = self.tables.facts
        manifest = {**MANIFEST, "design": told, "facts": facts, "names": names, **self.manifest}
        return Kept(analysis("compare"), self.tables, manifest)

    def view(self, lang: str = "en") -> View:
        """What its pages are made of."""
        return View(self.tables, self.kept().words(lang))

    def pages(self, lang: str = "en") -> dict[str, Page]:
        """Its pages by id."""
        made = analysis("compare").pages(self.tables, self.kept().words(lang))
        return {page.id: page for page in made}

    def report(self, lang: str = "en") -> Report:
        """Its report."""
        return report_of(self.kept(), lang)


def make(draws: int = 50, scenarios: tuple[str, ...] = tuple(SCENARIOS), years: int = 4) -> Case:
    """A comparison over ``draws`` draws of ``scenarios`` and ``years`` fiscal years."""
    results = study(scenarios, draws, 1, years)
    profile, last = load_profile(), int(results["fiscal_year"].max())
    loaded = tuple(load_scenario(s, years) for s in scenarios)
    design = Design(loaded, draws=draws, years=years, scale=Fraction(1, 100))
    return Case(
        Comparison(
            design,
            results,
            comparison_rows(
                results,
                INDICATORS,
                profile,
                scenarios=list(scenarios),
                baseline=BASELINE if BASELINE in scenarios else None,
            ),
            targets_reached(results, INDICATORS, profile, last),
            impact_chances(results, INDICATORS, profile, last),
            (),
            (),
        )
    )
