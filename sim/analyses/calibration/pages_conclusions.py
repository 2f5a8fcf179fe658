"""What follows from calibrations: conclusions on the measures, by profile and reading."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sim.analyses.calibration.cells import (
    NONE,
    Row,
    listed,
    number,
    table_chart,
    target_cells,
    targets_of,
)
from sim.analyses.shared.names import SOLVED_TOTAL
from sim.base.rows import rows_as_json
from sim.pages.page import Chart, Finding, Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sim.analyses.tables import Tables
    from sim.analyses.words import Words

GOALS = ("M1-KGI-1", "M1-KGI-2", "M2-KGI-1", "M2-KGI-2", "M3-KGI-1", "M3-KGI-2")
DIFFERENT_CHANCE = 0.2
"""Difference of two chances of a target that is called a difference of conclusions."""
MOVED = 0.25
"""Median of a level that moved by more than this share of its error between readings is shown."""

Index = dict[tuple[str, str, str], dict[str, Any]]
"""(profile, scenario, indicator) -> row."""


def conclusion_pages(tables: Tables, profiles: Sequence[str], words: Words) -> Iterator[Page]:
    """The profiles side by side, then each reading beside the first profile."""
    title, shown = words("conclusions_title"), [*_outcomes(), SOLVED_TOTAL, "participation_rate"]
    findings, charts = _side_by_side(tables, profiles, shown, "conclusions", words)
    yield Page(
        "conclusions", title, findings[0].text, charts, (words("conclusions_note"),),
        findings=findings[1:], detail=True,
    )  # fmt: skip
    for name, made in tables.facts["profiles"].items():
        if made["reading"]:
            yield _reading(name, profiles[0], tables, words)


def _outcomes() -> list[str]:
    from sim.model.indicators import INDICATORS

    return [id for id, i in INDICATORS.items() if i.kind == "outcome"]


def _side_by_side(
    tables: Tables, profiles: Sequence[str], shown: Sequence[str], id: str, words: Words
) -> tuple[tuple[Finding, ...], tuple[Chart, ...]]:
    """In words: what the profiles agree on, the order of the measures in each, and where they
    differ; then a table for each measure of the indicators ``shown``."""
    every = rows_as_json(tables["conclusions"])
    rows = {
        (r["profile"], r["scenario"], r["indicator"]): r for r in every if r["profile"] in profiles
    }
    scenarios = list(dict.fromkeys(scenario for _, scenario, _ in rows))
    agreed, *different = _differences(rows, profiles, scenarios, words)
    charts = []
    for s in scenarios:
        body = []
        for i in shown:
            found = {p: rows.get((p, s, i)) for p in profiles}
            if any(found.values()):
                cells = {"indicator": words.indicator(i)}
                for p, r in found.items():
                    both = (NONE, NONE) if r is None else (_effect(r, words), _chances(r, words))
                    heads = (words(f"head_{k}", profile=p) for k in ("effect", "chance"))
                    cells |= dict(zip(heads, both, strict=True))
                body.append(cells)
        year = next(r["fiscal_year"] for (_, own, _), r in rows.items() if own == s)
        where = {"scenario": words.scenario(s), "year": words.labels.year(year)}
        charts.append(table_chart(f"{id}_{s}", words("conclusions_chart", **where), body, words))
    return (agreed, *_orders(rows, profiles, scenarios, words), *different), tuple(charts)


def _orders(
    rows: Index, profiles: Sequence[str], scenarios: Sequence[str], words: Words
) -> Iterator[Finding]:
    for p in profiles:
        found = {s: rows[p, s, SOLVED_TOTAL] for s in scenarios if (p, s, SOLVED_TOTAL) in rows}
        known = {s: r for s, r in found.items() if r["effect_median"] is not None}
        if not known:
            continue
        order = sorted(known, key=lambda s: (-known[s]["effect_median"], s))
        limits = [known[s] for s in order if _sign(known[s]) is not None]
        apart = all(b["effect_p95"] < a["effect_p05"] for a, b in pairwise(limits))
        shown = words.join(f"{s} {_effect(known[s], words)}" for s in order)
        key = "order" if apart else "order_overlap"
        yield Finding(f"order_{p}", words(key, profile=p, shown=shown))


def _differences(
    rows: Index, profiles: Sequence[str], scenarios: Sequence[str], words: Words
) -> list[Finding]:
    """How many conclusions the profiles share, then those that they do not.

    A conclusion is the direction of an effect (clear where its interval leaves out 0) and the
    chance of the target.
    """
    total, different = 0, []
    for s, i in ((s, i) for s in scenarios for i in _outcomes()):
        found = {p: rows[p, s, i] for p in profiles if (p, s, i) in rows}
        signs = {p: _sign(r) for p, r in found.items()}
        if len(signs) < 2 or None in signs.values() or not any(signs.values()):
            continue
        total += 1
        chances = [r["probability_target"] for r in found.values()]
        known = [c for c in chances if c is not None]
        if len(set(signs.values())) > 1 or (known and max(known) - min(known) > DIFFERENT_CHANCE):
            each = words("between").join(
                words(
                    "differs_each", profile=p, effect=_effect(r, words),
                    clear=words(f"clear_{signs[p]}"), chance=_chances(r, words),
                )
                for p, r in found.items()
            )  # fmt: skip
            where = {"scenario": words.scenario(s), "indicator": words.indicator(i)}
            different.append(Finding(f"differs_{s}_{i}", words("differs", each=each, **where)))
    points = f"{100 * DIFFERENT_CHANCE:.0f}"
    agreed = words("same_direction", points=points, n=total - len(different), all=total)
    return [Finding("agreed", agreed if total else words("nothing_clear")), *different]


def _sign(row: Row) -> int | None:
    """1 or -1 where the interval of the effect leaves out 0, else 0; None without an interval."""
    low, high = row["effect_p05"], row["effect_p95"]
    if low is None or high is None:
        return None
    return 1 if low > 0 else -1 if high < 0 else 0


def _effect(row: Row, words: Words) -> str:
    """An effect with its interval: +4.3 pt [+1.2, +8.0]."""
    of, unit = words.labels.difference, row["unit"]
    if _sign(row) is None:
        return of(row["effect_median"], unit)
    low, high = (of(row[f"effect_{end}"], unit, bare=True) for end in ("p05", "p95"))
    return f"{of(row['effect_median'], unit)} [{low}, {high}]"


def _chances(row: Row, words: Words) -> str:
    own, baseline = (
        words.labels.chance(row[k]) for k in ("probability_target", "probability_target_baseline")
    )
    return own if NONE in (own, baseline) else words("own_baseline", own=own, baseline=baseline)


def _reading(name: str, base: str, tables: Tables, words: Words) -> Page:
    """One other reading of the evidence: levels that differ, the check, and conclusions."""
    made, first = (tables.facts["profiles"][p] for p in (name, base))
    rows, before = targets_of(tables, name), {r["target"]: r for r in targets_of(tables, base)}
    pairs = [(r, before[r["target"]]) for r in rows if r["target"] in before]
    body = [_moved(r, old, base, words) for r, old in pairs if _differs(r, old)]
    outside = [r["target"] for r in rows if not r["inside_90"]]
    here, there = made["log_score"], first["log_score"]["posterior"]
    waves = listed([words(f"wave_{wave}") for wave in made["reused"]], words)
    said = {
        "reused": words("reading_reused", waves=waves),
        "outside": words("reading_outside", names=listed(outside, words)),
        "score": words(
            "reading_worse" if here["posterior"] < there - 1.0 else "reading_open", base=base,
            here=number(here["posterior"]), there=number(there), prior=number(here["prior"]),
        ),
    }  # fmt: skip
    findings, charts = _side_by_side(tables, [base, name], [*GOALS, SOLVED_TOTAL], name, words)
    levels = [table_chart(f"{name}_levels", words("reading_levels"), body, words)] if body else []
    own = f"reading_{name}"
    return Page(
        name, words("reading_title", name=name), words(own if own in words else "readings_note"),
        (*levels, *charts), (words("readings_note"),),
        findings=(*(Finding(k, text) for k, text in said.items()), *findings), detail=True,
    )  # fmt: skip


def _differs(row: Row, before: Row) -> bool:
    same = abs(row["observed"] - before["observed"]) < 1e-12
    return not same or abs(row["median"] - before["median"]) > MOVED * row["error_sd"]


def _moved(row: Row, before: Row, base: str, words: Words) -> dict[str, str]:
    cells, old = target_cells(row, words), target_cells(before, words)
    return {
        "target": cells["target"], "role": cells["role"],
        words("head_figure_of", profile=base): old["figure"],
        words("head_median_of", profile=base): old["median"],
        "figure_here": cells["figure"], "median_here": cells["median"],
        **{k: cells[k] for k in ("gap", "interval", "inside")},
    }  # fmt: skip
