"""Rows of a search: plans, surrogate against real, chances of the targets, ranking by cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analyses.optimise.front import AT_COST, AT_SOLVED, AT_TARGETS, OBJECTIVES, flip_ratios
from sim.analyses.optimise.worth import FLAT, TREND, Goals
from sim.analyses.shared.intervals import PERCENTILES, clopper_pearson
from sim.analyses.shared.unreachable import unreachable
from sim.figures.initiatives import initiative_ids
from sim.places.load import start_year

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.optimise.estimate import Found
    from sim.analyses.optimise.search import SearchSettings

Row = dict[str, Any]


def prices(found: Found) -> list[float | None]:
    """Yen for one extra solved project, beyond both baselines, by plan.

    Total cost over extra projects (means over the draws); None unless the 5th percentile of the
    extra projects is above zero, and under 50 draws, where there is none (model_rules F).
    """
    low, _, kind = found.worth.interval()
    cost, gain = found.worth.objectives[:, AT_COST], -found.worth.objectives[:, AT_SOLVED]
    known = (low > 0) & (gain > 0) & (kind == PERCENTILES)
    return [float(c / g) if k else None for c, g, k in zip(cost, gain, known, strict=True)]


def _finite(value: float) -> float | None:
    """A number, or None for an error that one draw cannot tell."""
    return float(value) if math.isfinite(value) else None


def plan_rows(found: Found) -> list[Row]:
    """One row per plan: what it is, its cost, what it adds, its verdict, its regret."""
    worth, ids = found.worth, initiative_ids()
    low, high, kind = worth.interval()
    over, price = worth.over(found.budget), prices(found)
    place = {n: k for k, n in enumerate(found.offered)}
    last = len(found.plans) - 1
    rows = []
    for n, (name, plan) in enumerate(zip(found.names, found.plans, strict=True)):
        candidate = n < found.candidates
        verdict, by, short = found.verdicts[n]
        kind_of = "candidate" if candidate else "nothing" if n == last else "standard"
        row: Row = {
            "plan": name,
            "scenario": plan.id if candidate else name,
            "kind": kind_of,
            "verdict": verdict,
            "offered": n in place,
            "falls_short_in": ", ".join(short),
            "dominated_by": None if by is None else found.names[by],
            "within_budget": bool(found.within[n]),
            "order": plan.order,
            "start_years": {str(m): plan.starts[m - 1] for m in plan.used},
            "strengths": {i: s for i, s in zip(ids, plan.strengths, strict=True) if s > 0},
            "cost_dearest_year": float(worth.peak[n]),
            "cost_total": float(worth.objectives[n, AT_COST]),
            "probability_over_budget": float(over[n]),
            "solved_extra": -float(worth.objectives[n, AT_SOLVED]),
            "solved_extra_flat": float(worth.solved[n, FLAT].mean()),
            "solved_extra_trend": float(worth.solved[n, TREND].mean()),
            "solved_extra_low": float(low[n]),
            "solved_extra_high": float(high[n]),
            "interval_kind": kind,
            "solved_extra_standard_error": _finite(worth.error[n]),
            "targets_extra": -float(worth.objectives[n, AT_TARGETS]),
            "targets_extra_flat": float(worth.targets[n, FLAT].mean()),
            "targets_extra_trend": float(worth.targets[n, TREND].mean()),
            "cost_per_extra_solved": price[n],
        }
        for label, regrets in (("solved", found.regrets), ("targets", found.regrets_targets)):
            for key, values in (("worst", regrets.worst), ("often", regrets.often)):
                row[f"regret_{label}_{key}"] = float(values[place[n]]) if n in place else None
        rows.append(row)
    return rows


def surrogate_rows(found: Found) -> list[Row]:
    """Surrogate against real for every plan: three objectives and the dearest year.

    ``..._error``: standard error of the real mean over draws. Surrogate and real values are means
    (the year: quantile) over the same draws, those of the report, so that the difference is the
    surrogate's error alone.
    """
    real, said = found.worth.objectives, found.promise.objectives
    errors = found.worth.errors
    rows = []
    for n, name in enumerate(found.names):
        pairs = {
            "solved_extra": (-said[n, AT_SOLVED], -real[n, AT_SOLVED]),
            "targets_extra": (-said[n, AT_TARGETS], -real[n, AT_TARGETS]),
            "cost_total": (said[n, AT_COST], real[n, AT_COST]),
            "cost_dearest_year": (found.promise.peak[n], found.worth.peak[n]),
        }
        verdict = found.verdicts[n]
        row: Row = {
            "plan": name,
            "verdict": verdict.kind,
            "falls_short_in": ", ".join(verdict.short),
        }
        for key, (surrogate, truth) in pairs.items():
            row[f"{key}_surrogate"] = float(surrogate)
            row[f"{key}_real"] = float(truth)
            row[f"{key}_difference"] = float(surrogate - truth)
            if key in OBJECTIVES:
                error = 0.0 if found.plans[n].empty else errors[n, OBJECTIVES.index(key)]
                row[f"{key}_error"] = _finite(error)
        rows.append(row)
    return rows


def chance_rows(found: Found, goals: Goals) -> list[Row]:
    """Probability of reaching each outcome target in each key year, by plan and world.

    Key years: 3, 5, 10 and the horizon, the document has no target year (model_rules F). Beside it
    the baseline's own, exact 95 % intervals of the Monte-Carlo error of both, and whether the
    target is within reach by construction.
    """
    chance = found.worth.reached.mean(axis=2)
    draws = found.worth.solved.shape[2]
    low, high = clopper_pearson(chance.ravel(), np.full(chance.size, float(draws)))
    low, high = low.reshape(chance.shape), high.reshape(chance.shape)
    barred = unreachable([p.scenario() for p in found.plans])
    own = len(found.plans) - 1
    rows = []
    for n, (name, plan) in enumerate(zip(found.names, found.plans, strict=True)):
        able = [(plan.scenario().id, id) not in barred for id in goals.ids]
        for w, world in ((FLAT, "flat"), (TREND, "trend")):
            for y, year in enumerate(found.key_years):
                for k, id in enumerate(goals.ids):
                    row: Row = {
                        "plan": name,
                        "world": world,
                        "year": year,
                        "fiscal_year": start_year() + year - 1,
                        "indicator": id,
                        "target": float(goals.targets[k]),
                        "reachable": able[k],
                    }
                    for key, values in (("target", chance), ("low", low), ("high", high)):
                        row[f"probability_{key}"] = float(values[n, w, y, k])
                        row[f"probability_{key}_baseline"] = float(values[own, w, y, k])
                    rows.append(row)
    return rows


def ranking_rows(found: Found) -> list[Row]:
    """Ranking of the plans that may be chosen by cost per extra solved project.

    ``flips_at``: factor by which this plan's assumed costs must exceed what is assumed, relative
    to the next plan's, for the two to change places. Empty under 50 draws.
    """
    price = prices(found)
    able = [n for n in found.offered if price[n] is not None]
    cost = found.worth.objectives[able, AT_COST]
    gain = -found.worth.objectives[able, AT_SOLVED]
    ranking = flip_ratios(cost, gain)
    return [
        {
            "rank": rank + 1,
            "plan": found.names[able[n]],
            "cost_per_extra_solved": float(cost[n] / gain[n]),
            "flips_at": factor,
            "next": found.names[able[ranking[rank + 1][0]]] if factor is not None else None,
        }
        for rank, (n, factor) in enumerate(ranking)
    ]


def fit_rows(found: Found, goals: Goals) -> list[Row]:
    """How well the surrogate predicts draws not seen, by output; None where nothing moved."""
    names = [*goals.ids, "solved_cumulative"]
    explained = [None if e != e else float(e) for e in found.surrogate.explained]
    rows: list[Row] = [
        {"output": n, "explained": e, "error": float(s)}
        for n, e, s in zip(names, explained, found.surrogate.error, strict=True)
    ]
    error = found.surrogate.cost_error
    return [*rows, {"output": "programme_cost", "explained": None, "error": error}]


def choice_rule(found: Found, settings: SearchSettings) -> Row:
    """How the robust plan was chosen, and from what."""
    return {
        "offered": [found.names[n] for n in found.offered],
        "regret": settings.often if found.choice.by_quantile else "maximum",
        "chosen_in_draws": settings.search_draws,
        "reported_in_draws": settings.draws,
    }


def frame(rows: list[Row]) -> pd.DataFrame:
    """Rows as a table for a spreadsheet: mappings become one column an entry."""
    import pandas as pd

    flat = []
    for row in rows:
        line: Row = {}
        for key, value in row.items():
            if isinstance(value, dict):
                line |= {f"{key}.{name}": v for name, v in value.items()}
            else:
                line[key] = math.nan if value is None else value
        flat.append(line)
    table = pd.DataFrame(flat)
    given = [c for c in table.columns if c.startswith(("strengths.", "start_years."))]
    table[given] = table[given].fillna(0.0)
    others = [c for c in table.columns if c not in given]
    return table[[*others, *sorted(given)]]
