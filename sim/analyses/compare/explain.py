"""What the intervals of a study come from: the runs behind the shares.

Draw d of K has three runs of every scenario (see sim/analyses/compare/interval_parts.py): f is the
run of the study in draw d and replicate 0; e keeps its behaviour and its luck, with the effects of
draw d + K; c is replicate 1 of the same draw. The luck of a run is keyed by the number of its draw
and its replicate, so c alone has other luck, and every draw has its own.

BEHAVIOUR is one row of the posterior (without one: one draw from the priors), and with it the few
uncertain parameters that the burn-in reads, such as yearly shocks to participation. EFFECTS are
the parameters that initiatives alone read (``EFFECT_GROUPS``: sizes of effects, discount, uptake,
costs): the burn-in does not depend on them, so that e branches from the burn-in of f. CHANCE is
the replicate: all keyed draws of agents, and which residents the sample holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sim.analyses.compare.interval_parts_table import IntervalParts, empty_parts
from sim.analyses.shared.reached import key_years
from sim.base.errors import UsageError
from sim.places.load import start_year
from sim.runs.run_all import PLACE, Results
from sim.runs.spec import Design, RunSpec

if TYPE_CHECKING:
    import pandas as pd

FEWEST_DRAWS = 4
"""Fewest draws of ``explain``; the intervals of shares from so few are wide."""

_KEY = ["indicator", "fiscal_year"]
_RUN = ["kind", "scenario", "draw"]


def check_draws(draws: int) -> None:
    """Raise UsageError for a number of draws that says nothing."""
    if draws < FEWEST_DRAWS:
        raise UsageError(f"explain: {draws} draws are too few, at least {FEWEST_DRAWS} are needed")


def explain(
    design: Design,
    draws: int,
    run: Callable[[Sequence[RunSpec], str], Results],
    *,
    table: pd.DataFrame | None = None,
) -> IntervalParts:
    """Run what is needed and share the variance out, over draws 0 to ``draws`` - 1.

    ``design``: scenarios (the baseline first), scale, years ... of the study; its own numbers of
    draws and replicates do not matter. ``run``: runs specs, which the text names. ``table``:
    results of that study (RESULT_COLUMNS), whose runs are used instead of running them again.
    Raises UsageError for too few draws; failed runs are named in the answer.
    """
    import pandas as pd

    check_draws(draws)
    start = time.perf_counter()
    plan = replace(design, draws=draws, replicates=2, by="year")
    years = list(key_years(range(start_year(), start_year() + plan.years)).values())
    known = _known(table, years)
    specs = _missing(plan, draws, known)
    found, failures = [] if known is None else [known], []
    if specs:
        results = run(specs, f"what the intervals come from, {draws} draws")
        found.append(_outcome(results.frame(), specs, years))
        failures = sorted(results.failures, key=lambda f: (f.draw or 0, f.replicate, f.scenario))
    rows = _shared_out(pd.concat(found, ignore_index=True), plan, draws, {f.draw for f in failures})
    took = time.perf_counter() - start
    left = draws - len({f.draw for f in failures})
    return IntervalParts(rows, "runs", left, tuple(failures), took)


def _known(table: pd.DataFrame | None, years: Sequence[int]) -> pd.DataFrame | None:
    """The runs f and c that a study has already, as rows of an outcome."""
    if table is None:
        return None
    keep = (table["replicate"] <= 1) & (table["draw"] >= 0) & _city(table, years)
    part = table.loc[keep].copy()
    part["kind"] = part["replicate"].map({0: "f", 1: "c"})
    return part[[*_RUN, *_KEY, "value"]]


def _city(table: pd.DataFrame, years: Sequence[int]) -> pd.Series[bool]:
    whole = (table["ward"] == "all") & (table["month"] == "")
    return whole & table["fiscal_year"].isin(list(years))


def _missing(plan: Design, draws: int, known: pd.DataFrame | None) -> list[RunSpec]:
    """The runs that are missing; those of one burn-in stand together."""
    have = set() if known is None else set(known[_RUN].drop_duplicates().itertuples(index=False))
    missing: list[RunSpec] = []
    for draw in range(draws):
        for replicate, kind in ((0, "f"), (1, "c")):
            specs = plan.chunk((draw, replicate))
            missing += [s for s in specs if (kind, s.scenario.id, draw) not in have]
            if kind == "f":
                # without initiatives nothing reads effects: e is f
                missing += [
                    replace(s, effects_draw=draw + draws) for s in specs if s.scenario.initiatives
                ]
    return missing


def _outcome(results: pd.DataFrame, specs: Sequence[RunSpec], years: Sequence[int]) -> pd.DataFrame:
    """Yearly values of all wards, with the kind of every run: f, e or c."""
    part = results.loc[_city(results, years)].copy()
    kinds = ["e" if s.effects_draw is not None else "c" if s.replicate else "f" for s in specs]
    part["kind"] = [kinds[place] for place in part[PLACE]]
    return part[[*_RUN, *_KEY, "value"]]


def _shared_out(runs: pd.DataFrame, plan: Design, draws: int, bad: set[int | None]) -> pd.DataFrame:
    """Shares from all runs; draws in which one failed are left out of every scenario."""
    from sim.analyses.compare.interval_parts import part_rows
    from sim.model.indicators import INDICATORS

    whole = [d for d in range(draws) if d not in bad]
    present = set(runs["indicator"])
    order = {name: n for n, name in enumerate(INDICATORS) if name in present}
    tables: dict[str, dict[str, pd.DataFrame]] = {"f": {}, "e": {}, "c": {}}
    runs = runs.loc[runs["draw"].isin(whole) & runs["indicator"].isin(list(order))]
    for (kind, scenario), part in runs.groupby(["kind", "scenario"], sort=True):
        wide = part.pivot(index=_KEY, columns="draw", values="value")
        wide = wide.sort_index(key=lambda level: level.map(lambda x: order.get(x, x)))
        tables[str(kind)][str(scenario)] = wide
    ids = [s.id for s in plan.scenarios]
    for scenario in ids:
        if scenario not in tables["e"] and scenario in tables["f"]:
            tables["e"][scenario] = tables["f"][scenario]
    ordered = {kind: {s: t[s] for s in ids if s in t} for kind, t in tables.items()}
    if len(whole) < FEWEST_DRAWS or any(len(t) < len(ids) for t in ordered.values()):
        return empty_parts()
    return part_rows(ordered["f"], ordered["e"], ordered["c"])
