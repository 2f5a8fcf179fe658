"""Parts of a report on made-up results, for the tests of the report."""

from __future__ import annotations

from synthetic_results import INDICATORS, INITIATIVES, MANIFEST, PROFILE, SCENARIOS, study

from sim.analyses.shared.comparison import comparison_rows
from sim.report.comparison_files import make_parts
from sim.report.scope import Parts


def make(draws: int = 50, scenarios: tuple[str, ...] = tuple(SCENARIOS), years: int = 4) -> Parts:
    """A report on ``draws`` draws of ``scenarios`` over ``years`` fiscal years."""
    results = study(scenarios, draws, 1, years)
    rows = comparison_rows(results, INDICATORS, PROFILE)
    used = [SCENARIOS[s] for s in scenarios]
    return make_parts(
        results, rows, MANIFEST, used, INDICATORS, INITIATIVES, PROFILE, ["credit of the data"]
    )
