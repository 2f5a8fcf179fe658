"""The tables of timing: what each start year brings, what waiting loses, and what it puts at risk.

======================  ===========================================================================
``start_years``         a scenario, a start year and an amount (solved projects, yen): ``effect``
                        over the baseline, ``lost`` against the first start year, ``step``: lost by
                        the last of the years waited
``chances``             a scenario, a start year and an outcome indicator: chance of its target at
                        the horizon, and what waiting took from it
``last_starts``         a scenario and an outcome indicator: the last start year that still reaches
``dearest_years``       a scenario and a year of waiting: in how many draws it is the dearest
======================  ===========================================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analyses.shared.intervals import Floats, clopper_pearson
from sim.analyses.shared.means import MEAN_SCHEMA, mean_frame, mean_interval
from sim.analyses.shared.names import COST, SOLVED_TOTAL
from sim.analyses.shared.reached import is_reached, share_reached
from sim.analyses.shared.unreachable import unreachable
from sim.analyses.tables import Schema, Tables, columns
from sim.analyses.timing.estimate import Waited
from sim.model.indicators import INDICATORS

if TYPE_CHECKING:
    import pandas as pd

_UNITS = {SOLVED_TOTAL: "count", COST: "yen"}

SCHEMA: Schema = {
    "start_years": columns(text="scenario indicator quantity unit", whole="start_year")
    | MEAN_SCHEMA,
    "chances": columns(
        text="scenario indicator",
        whole="start_year runs_available",
        number="target probability_target probability_low probability_high"
        " probability_target_baseline lost lost_low lost_high",
    ),
    "last_starts": columns(
        text="scenario indicator",
        whole="last_start",
        number="target probability_target probability_target_baseline",
        flag="always never baseline_reaches",
    ),
    "dearest_years": columns(text="scenario", whole="year_waited", number="share"),
}


def tables(answer: Waited) -> Tables:
    """All four, each scenario after the other."""
    import pandas as pd

    starts, chances, lasts, dearest = [], [], [], []
    for scenario in answer.scenarios:
        starts += [f.assign(scenario=scenario.id) for f in _amounts(answer, scenario.id)]
        own = _chances(answer, scenario.id)
        chances.append(own)
        lasts += _last_starts(own, answer.chance)
        dearest += _dearest(answer, scenario.id)
    frames = {
        "start_years": pd.concat(starts, ignore_index=True)[list(SCHEMA["start_years"])],
        "chances": pd.concat(chances, ignore_index=True),
        "last_starts": pd.DataFrame(lasts, columns=list(SCHEMA["last_starts"])),
        "dearest_years": pd.DataFrame(dearest, columns=list(SCHEMA["dearest_years"])),
    }
    frames["last_starts"]["last_start"] = frames["last_starts"]["last_start"].astype("Int64")
    facts = {
        "brackets": "mean",
        "chance": answer.chance,
        "horizon": answer.years[-1],
        "draws": next(iter(answer.baseline.values())).shape[0],
        "whole_draws": {s.id: _steps(answer, s.id).shape[1] for s in answer.scenarios},
        "unreachable": [
            list(pair)
            for pair in sorted(unreachable(answer.scenarios))
            if pair[1] in answer.targets
        ],
    }
    return Tables(frames, facts)


def waited(effect: Floats) -> dict[str, Floats]:
    """Quantity -> [start years, draws, replicates], from the effect of each start year."""
    before = np.concatenate([effect[:1], effect[:-1]])
    return {"effect": effect, "lost": effect[:1] - effect, "step": before - effect}


def _amounts(answer: Waited, scenario: str) -> Iterable[pd.DataFrame]:
    for name in (SOLVED_TOTAL, COST):
        for quantity, values in waited(answer.amounts[scenario][name]).items():
            yield mean_frame(values).assign(
                indicator=name,
                quantity=quantity,
                unit=_UNITS[name],
                start_year=list(answer.years),
            )


def _chances(answer: Waited, scenario: str) -> pd.DataFrame:
    import pandas as pd

    frames = []
    for id, values in answer.levels[scenario].items():
        years, target = len(answer.years), np.full(len(answer.years), answer.targets[id])
        direction = np.full(years, INDICATORS[id].direction, dtype=np.int64)
        share = share_reached(values.reshape(years, -1), target, direction)
        # runs of one draw count as one: its replicates share the parameters
        low, high = clopper_pearson(share, np.full(years, float(values.shape[1])))
        met = is_reached(values, answer.targets[id], INDICATORS[id].direction)
        hit = np.where(np.isnan(values), np.nan, met.astype(np.float64))
        lost, lost_low, lost_high = mean_interval(hit[:1] - hit)
        own = answer.baseline[id].reshape(1, -1)
        base = share_reached(own, target[:1], direction[:1])[0]
        frames.append(
            pd.DataFrame(
                {
                    "scenario": scenario,
                    "indicator": id,
                    "start_year": list(answer.years),
                    "runs_available": (~np.isnan(values)).sum(axis=(1, 2)),
                    "target": target,
                    "probability_target": share,
                    "probability_low": low,
                    "probability_high": high,
                    "probability_target_baseline": base,
                    "lost": lost,
                    "lost_low": lost_low,
                    "lost_high": lost_high,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _last_starts(chances: pd.DataFrame, enough: float) -> list[dict[str, Any]]:
    """For each indicator the last start year whose chance is ``enough``, if the first's is.

    ``always``: every start year's is; ``never``: not even the first's; ``baseline_reaches``: doing
    nothing is enough, so that waiting shows nothing.
    """
    out = []
    for (scenario, id), rows in chances.groupby(["scenario", "indicator"], sort=False):
        hit = rows.loc[rows["probability_target"] >= enough]
        base = float(rows["probability_target_baseline"].iloc[0])
        out.append(
            {
                "scenario": scenario,
                "indicator": id,
                "last_start": None if hit.empty else int(hit["start_year"].max()),
                "target": float(rows["target"].iloc[0]),
                "probability_target": float(rows["probability_target"].iloc[0]),
                "probability_target_baseline": base,
                "always": len(hit) == len(rows),
                "never": hit.empty,
                "baseline_reaches": base >= enough,
            }
        )
    return out


def _steps(answer: Waited, scenario: str) -> Floats:
    """Solved projects lost by each year waited [years waited, draws], of draws without a gap."""
    solved = answer.amounts[scenario][SOLVED_TOTAL]
    step = waited(solved)["step"][1:].mean(axis=2)
    whole: Floats = step[:, ~np.isnan(step).any(axis=0)]
    return whole


def _dearest(answer: Waited, scenario: str) -> list[dict[str, Any]]:
    """Share of draws in which waiting through a year loses most solved projects."""
    whole = _steps(answer, scenario)
    first = whole.argmax(axis=0)
    return [
        {
            "scenario": scenario,
            "year_waited": year,
            "share": float((first == n).mean()) if whole.shape[1] else float("nan"),
        }
        for n, year in enumerate(answer.years[:-1])
    ]
