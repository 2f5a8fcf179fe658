"""Ids that analyses read by name: of indicators, of a parameter, of a factor."""

from __future__ import annotations

SOLVED_TOTAL = "solved_cumulative"
"""Solved projects since the start of the horizon: what a plan's gain is counted in."""

COST = "programme_cost"
"""Yen of a year that the measures cost; their sum over the horizon is what a plan costs."""

BUDGET = "project_budget"
"""Yen of a year that projects spend."""

COMMON_DISCOUNT = "discount.common_log"
"""How far all claims together are believed."""

BEHAVIOUR = "behaviour"
"""The factor that holds all calibrated parameters."""
