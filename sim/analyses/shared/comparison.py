"""Compare scenarios like for like: paired differences, intervals, chances of reaching the targets.

Pure functions over the tidy results (RESULT_COLUMNS); nothing is simulated here. A difference is
always taken between two runs of the same draw AND the same replicate, so that it shows the
policy and not the dice. Draws and replicates stay two columns until the last figure and are then
pooled.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analyses.shared.intervals import (
    Floats,
    available,
    clopper_pearson,
    effective_runs,
    enough_draws,
    interval_kind,
    quantiles,
    spread_of,
    variance,
)
from sim.analyses.shared.reached import (
    ANY_PLACE_UNITS,
    RUN,
    IndicatorLike,
    current_value,
    is_reached,
    share_reached,
    target_value,
)
from sim.base.errors import KyodoError, UsageError, nearest

if TYPE_CHECKING:
    from sim.figures.evidence import Profile

CELL = ["indicator", "fiscal_year", "month", "ward"]

ROW_COLUMNS = (
    "scenario", "indicator", "fiscal_year", "unit", "median", "p05", "p95", "effect_median",
    "effect_p05", "effect_p95", "target", "probability_target", "status", "provisional",
)  # fmt: skip
"""Contract of ``compare --json`` (design section 11); ``ward`` and ``month`` follow when there."""

EXTRA_COLUMNS = (
    "current", "probability_target_baseline", "probability_low", "probability_high",
    "probability_mc_error", "reachable", "interval_kind", "low", "high", "effect_low",
    "effect_high", "variance_ratio", "runs", "runs_available", "draws", "replicates", "p25", "p75",
)  # fmt: skip
"""Added after the contract's columns; see ``comparison_rows`` for their meaning."""


def _wide(
    results: pd.DataFrame, scenario: str, indicators: Mapping[str, IndicatorLike]
) -> pd.DataFrame:
    """One scenario as a table [cells, runs]: index CELL in order, columns (draw, replicate)."""
    part = results.loc[results["scenario"] == scenario]
    value = part["value"].where(part["status"] == "ok").astype("float64")
    if np.isinf(value.to_numpy()).any():
        bad = part.loc[np.isinf(value.to_numpy())].iloc[0]
        raise KyodoError(f"results hold an infinite value: {_name(scenario, bad)}")
    keyed = value.set_axis(pd.MultiIndex.from_frame(part[CELL + RUN]))
    if keyed.index.has_duplicates:
        twice = part.loc[keyed.index.duplicated()].iloc[0]
        raise KyodoError(f"results hold a row twice: {_name(scenario, twice)}")
    wide = pd.DataFrame(keyed.unstack(RUN))
    if wide.size != len(part):
        sizes = part.groupby(RUN, sort=True).size()
        draw, replicate = sizes.index[int(np.argmin(sizes.to_numpy()))]
        raise KyodoError(
            f"results are incomplete: scenario {scenario}, draw {draw}, replicate {replicate} has "
            f"{sizes.min()} of {len(wide)} rows"
        )
    place = {name: n for n, name in enumerate(indicators)}
    cells = wide.index.to_frame(index=False)
    cells["indicator"] = cells["indicator"].map(place)
    return wide.iloc[cells.sort_values(["indicator", "fiscal_year", "ward", "month"]).index]


def _name(scenario: str, row: pd.Series[Any]) -> str:
    return (
        f"scenario {scenario}, draw {row['draw']}, replicate {row['replicate']}, "
        f"indicator {row['indicator']}, fiscal year {row['fiscal_year']}, ward {row['ward']}"
    )


def _check_pairs(scenario: str, runs: pd.Index[Any], baseline: str, base: pd.Index[Any]) -> None:
    missing = sorted(runs.difference(base))
    if missing:
        draw, replicate = missing[0]
        raise KyodoError(
            f"scenario {scenario} cannot be compared: its run of draw {draw}, replicate {replicate}"
            f" has no partner in {baseline} ({len(missing)} of {len(runs)} runs without one)"
        )


def comparison_rows(
    results: pd.DataFrame,
    indicators: Mapping[str, IndicatorLike],
    profile: Profile,
    *,
    baseline: str | None = "baseline",
    scenarios: Sequence[str] | None = None,
    provisional: bool = True,
    unreachable: Collection[tuple[str, str]] = (),
) -> pd.DataFrame:
    """One row per scenario, indicator and fiscal year (ward, month), in a fixed order.

    ``results``: tidy, RESULT_COLUMNS. ``indicators``: id -> declaration; its order is the
    order of rows, and results of other indicators are left out. ``profile``: gives targets and
    current values. ``scenarios``: order, by default that of the results. ``baseline=None``: no
    effects. ``provisional``: whether parameters behind these numbers are provisional.
    ``unreachable``: (scenario, indicator) pairs that cannot reach the target by construction
    (beside indicators that say ``reachable = False`` themselves).

    Columns beyond the contract: ``current``; ``probability_target_baseline`` (the baseline
    scenario's own chance); ``probability_low/high``: exact 95 % Clopper-Pearson interval, with
    replicates of one draw counted as correlated; ``probability_mc_error``: half its width;
    ``interval_kind``: "p05_p95", or "range" under 50 draws, where p05/p95/effect_p05/effect_p95 are
    empty; ``low``/``high``/``effect_low``/``effect_high``: the 5th and 95th percentile or, under 50
    draws, the smallest and largest value; ``p25``/``p75``: quartiles, from 50 draws on, too;
    ``variance_ratio``: variance(paired difference) /
    (variance(scenario) + variance(baseline)) across runs; ``runs``, ``runs_available`` (with a
    value), ``draws``, ``replicates`` (most of any draw). Shares are fractions; NaN = none.

    Raises KyodoError for a run without partner, a row that is missing, double or infinite;
    UsageError for a scenario or a baseline that is not in the results.
    """
    present = list(dict.fromkeys(results["scenario"].tolist()))
    order = list(scenarios) if scenarios is not None else present
    for name in [*order, *([baseline] if baseline else [])]:
        if name not in present:
            raise UsageError(f"no results of scenario '{name}'{nearest(name, present)}")
    known = results.loc[results["indicator"].isin(list(indicators))]
    base = _wide(known, baseline, indicators) if baseline else None
    frames = []
    for name in order:
        wide = base if name == baseline and base is not None else _wide(known, name, indicators)
        if base is not None:
            _check_pairs(name, wide.columns, str(baseline), base.columns)
        frame = scenario_rows(wide, base, indicators, profile, is_baseline=name == baseline)
        frame["scenario"] = name
        frame["reachable"] = [
            bool(getattr(indicators[i], "reachable", True)) and (name, i) not in unreachable
            for i in frame["indicator"]
        ]
        frames.append(frame)
    rows = pd.concat(frames, ignore_index=True)
    rows["provisional"] = provisional
    place = [c for c, none in (("ward", "all"), ("month", "")) if (rows[c] != none).any()]
    return rows[[*ROW_COLUMNS, *place, *EXTRA_COLUMNS]]


def scenario_rows(
    wide: pd.DataFrame,
    base: pd.DataFrame | None,
    indicators: Mapping[str, IndicatorLike],
    profile: Profile,
    *,
    is_baseline: bool,
) -> pd.DataFrame:
    """All columns that one scenario's runs give, but ``scenario``, ``reachable``, ``provisional``.

    ``wide``, ``base``: tables [cells, runs] of the scenario and of the baseline; index ``CELL``,
    columns (draw, replicate).
    """
    values: Floats = wide.to_numpy(dtype=np.float64)
    draw = wide.columns.get_level_values("draw").to_numpy().astype(np.int64)
    draws = len(np.unique(draw))
    out = wide.index.to_frame(index=False)
    of = [indicators[i] for i in out["indicator"]]
    whole = ((out["ward"] == "all") & (out["month"] == "")).to_numpy()
    # a ward has neither: targets are the city's, and ward features are assigned at random (rule F)
    city = (out["ward"] == "all").to_numpy()
    used = [
        bool(c) and (bool(w) or i.unit in ANY_PLACE_UNITS)
        for c, w, i in zip(city, whole, of, strict=True)
    ]
    targets = {i.id: target_value(i, profile) for i in of}
    currents = {i.id: current_value(i, profile) for i in of}
    target = np.array([_nan(targets[i.id] if u else None) for i, u in zip(of, used, strict=True)])
    direction = np.array([i.direction for i in of], dtype=np.int64)
    none = np.full_like(values, np.nan)
    partner: Floats = none if base is None else _aligned(base, wide)
    effect = none if is_baseline else values - partner

    out["unit"] = [i.unit for i in of]
    out["target"] = target
    out["current"] = [_nan(currents[i.id] if u else None) for i, u in zip(of, used, strict=True)]
    for name, column in cell_figures(values, partner, effect, draw, target, direction).items():
        out[name] = column
    out["runs"] = len(draw)
    out["draws"] = draws
    out["replicates"] = int(np.unique(draw, return_counts=True)[1].max())
    return out


def cell_figures(
    values: Floats,
    partner: Floats,
    effect: Floats,
    draw: NDArray[np.int64],
    target: Floats,
    direction: NDArray[np.int64],
) -> dict[str, Any]:
    """What is said of each cell, from its runs: columns of ``comparison_rows``, each [cells].

    ``values``, ``partner`` (the baseline's) and ``effect`` (their difference, or NaN) are [cells,
    runs], ``draw`` [runs]; ``target`` (NaN: none) and ``direction`` [cells].
    """
    draws = len(np.unique(draw))
    nothing = np.full(len(values), np.nan)
    out: dict[str, Any] = {"status": np.where(available(values), "ok", "not_available")}
    out["p25"], out["p75"] = (
        quantiles(values, [0.25, 0.75]) if enough_draws(draws) else (nothing, nothing)
    )
    for prefix, sample in (("", values), ("effect_", effect)):
        spread = spread_of(sample, draws)
        out[prefix + "median"] = spread.median
        out[prefix + "p05"], out[prefix + "p95"] = spread.p05, spread.p95
        out[prefix + "low"], out[prefix + "high"] = spread.low, spread.high
    out["interval_kind"] = interval_kind(draws)
    chance = share_reached(values, target, direction)
    out["probability_target"] = chance
    out["probability_target_baseline"] = share_reached(partner, target, direction)
    worth = np.full(len(chance), np.nan)
    if draws == len(draw):  # every run has a draw of its own
        worth[:] = np.sum(~np.isnan(values), axis=1)
    else:
        for cell in np.flatnonzero(~np.isnan(chance)):
            seen = ~np.isnan(values[cell])
            hits = is_reached(values[cell, seen], target[cell], direction[cell])
            worth[cell] = effective_runs(hits, draw[seen])
    out["probability_low"], out["probability_high"] = clopper_pearson(chance, worth)
    out["probability_mc_error"] = (out["probability_high"] - out["probability_low"]) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = variance(effect) / (variance(values) + variance(partner))
    out["variance_ratio"] = np.where(np.isfinite(ratio), ratio, np.nan)
    out["runs_available"] = np.sum(~np.isnan(values), axis=1)
    return out


def _nan(value: float | None) -> float:
    return math.nan if value is None else value


def _aligned(base: pd.DataFrame, wide: pd.DataFrame) -> Floats:
    """Values of the baseline's runs, in the cells and runs of ``wide``."""
    aligned: Floats = base.reindex(index=wide.index, columns=wide.columns).to_numpy(np.float64)
    return aligned
