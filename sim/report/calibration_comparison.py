"""Sections of the full calibration record: methods, hindcast, profiles side by side, readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.analyses.shared.names import SOLVED_TOTAL
from sim.report.calibration_cells import (
    NONE,
    chance,
    effect,
    effect_ends,
    gap,
    interval,
    level,
    missing,
    number,
    target_name,
)
from sim.report.calibration_judgement import (
    expected_unidentified,
    notes,
    unexpected_unidentified,
)
from sim.report.cells import markdown_table

if TYPE_CHECKING:
    from sim.calibrate.check import Check
    from sim.report.calibration_record import ProfileRecord

GOALS = ("M1-KGI-1", "M1-KGI-2", "M2-KGI-1", "M2-KGI-2", "M3-KGI-1", "M3-KGI-2")
DIFFERENT_CHANCE = 0.2
"""Difference of two chances of a target that is called a difference of conclusions."""
MOVED = 0.25
"""Median of a level that moved by more than this share of its error between readings is shown."""


def method_lines(methods: Sequence[Mapping[str, Any]], default: str) -> list[str]:
    """The table of methods by recovery of synthetic truths; the default is marked."""
    heads = [
        "method", "truths", "identified", "RMSE, all", "RMSE, identified", "coverage, all",
        "coverage, identified", "outside 99 % band", "rank tests rejected", "seconds",
    ]  # fmt: skip
    body = [
        [
            f"**{m['method']}** (default)" if m["method"] == default else str(m["method"]),
            str(m["truths"]),
            f"{m['identified']} of {m['parameters']}",
            f"{m['rmse']:.3f}",
            _decimals(m["rmse_identified"]),
            level(m["coverage"], "share"),
            level(m["coverage_identified"], "share"),
            str(m["outside_band"]),
            str(m["rank_rejected"]),
            f"{m['seconds']:.1f}",
        ]
        for m in methods
    ]
    return [
        "RMSE: error of the posterior mean, in prior standard deviations (1: no better than the"
        " prior's spread). Coverage of 90 % intervals should be 90 %.",
        "",
        *markdown_table(heads, body),
        "",
    ]


def _decimals(value: float | None) -> str:
    return NONE if value is None or missing(value) else f"{value:.3f}"


def cross_check_lines(found: Mapping[str, float]) -> list[str]:
    """Agreement of the default method with the emulator and MCMC on the same figures."""
    return [
        "Cross-check by emulator and MCMC on the same figures: the means of the two posteriors"
        f" differ by {found['mean_gap']:.2f} posterior sd on average and {found['largest_gap']:.2f}"
        f" at most; ratios of their sds lie between {found['smallest_sd_ratio']:.2f} and"
        f" {found['largest_sd_ratio']:.2f}.",
        "",
    ]


def hindcast_lines(hindcasts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Growth of projects by departments alone, with its misfit; profile -> variant -> summary."""
    words = {
        "hours_stay": "officers' hours stay as they were",
        "hours_grow": "officers' hours grow with the department",
    }
    body = []
    for profile, variants in hindcasts.items():
        for variant, r in variants.items():
            body.append([
                profile,
                words.get(variant, variant),
                f"x{r['documented']:.2f}",
                f"x{r['median']:.2f} [{r['p05']:.2f}, {r['p95']:.2f}]",
                f"{r['misfit']:+.2f}",
                "yes" if r["inside_90"] else "**no**",
                f"{r['draws_reaching']} of {r['draws']}",
            ])  # fmt: skip
    heads = ["profile", "variant", "documented", "median [5, 95 %]", "misfit", "inside",
             "draws that reach it"]  # fmt: skip
    return [str(notes()["hindcast"]), "", *markdown_table(heads, body), ""]


def expectation_lines(records: Mapping[str, ProfileRecord]) -> list[str]:
    """The list of what nobody can expect the figures to identify, against what was found."""
    found = {name: expected_unidentified(r.identify) for name, r in records.items()}
    names = list(dict.fromkeys(e[0] for rows in found.values() for e in rows))
    heads = ["expected not to be identified"]
    for name in records:
        heads += [f"{name}: sd ratios", "verdict"]
    body = []
    for name in names:
        cells = [name]
        for rows in found.values():
            row = next((e for e in rows if e[0] == name), None)
            cells += [NONE, NONE] if row is None else [row[1], row[2]]
        body.append(cells)
    out = [*markdown_table(heads, body), "", str(notes()["not_calibrated"]), ""]
    for name, r in records.items():
        others = unexpected_unidentified(r.identify)
        out.append(
            f"- {name}: not identified beyond that list ({len(others)}): "
            + (", ".join(f"`{p}`" for p in others) or "none")
            + "."
        )
    return [*out, ""]


def last_year(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the measures in the last fiscal year, all wards together."""
    rows: pd.DataFrame = frame.loc[frame["fiscal_year"] == frame["fiscal_year"].max()]
    for column in ("ward", "month"):
        if column in rows:
            rows = rows.loc[rows[column].astype(str).isin(["all", "", "nan"])]
    return rows.query("scenario != 'baseline'")


def _index(frame: pd.DataFrame) -> dict[tuple[str, str, str], dict[str, Any]]:
    """(profile, scenario, indicator) -> row."""
    return {
        (str(r["profile"]), str(r["scenario"]), str(r["indicator"])): {
            str(k): v for k, v in r.items()
        }
        for r in frame.to_dict("records")
    }


def conclusion_lines(frame: pd.DataFrame, indicators: Sequence[str]) -> list[str]:
    """One row per measure and indicator; per profile the effect and the chance of the target.

    ``frame``: rows of `last_year` with a column ``profile``.
    """
    rows = _index(frame)
    profiles, scenarios = _unique(frame, "profile"), _unique(frame, "scenario")
    heads = ["scenario", "indicator", "fiscal year", "unit"]
    for p in profiles:
        heads += [f"{p}: effect [5, 95 %]", "P(target)"]
    body = []
    for s in scenarios:
        for i in indicators:
            found = [rows.get((p, s, i)) for p in profiles]
            known = [r for r in found if r is not None]
            if not known:
                continue
            cells = [s, _named(i), str(int(known[0]["fiscal_year"])), str(known[0]["unit"])]
            for r in found:
                cells += [NONE, NONE] if r is None else [effect(r), _chances(r)]
            body.append(cells)
    return [*markdown_table(heads, body), ""]


def _chances(row: Mapping[str, Any]) -> str:
    own = row.get("probability_target_baseline")
    text = chance(row.get("probability_target"))
    return text if missing(own) or text == NONE else f"{text} ({chance(own)})"


def _named(indicator: str) -> str:
    from sim.model.indicators import INDICATORS

    return f"{indicator} {INDICATORS[indicator].name_en}" if indicator in INDICATORS else indicator


def _unique(frame: pd.DataFrame, column: str) -> list[str]:
    return [str(x) for x in dict.fromkeys(frame[column])]


def difference_lines(frame: pd.DataFrame, indicators: Sequence[str]) -> list[str]:
    """In words: the order of the measures per profile, and where conclusions differ.

    A conclusion is the direction of an effect (clear where its interval leaves out 0) and the
    chance of the target.
    """
    rows = _index(frame)
    profiles, scenarios = _unique(frame, "profile"), _unique(frame, "scenario")
    out = []
    for p in profiles:
        sizes = {
            s: rows[p, s, SOLVED_TOTAL]["effect_median"]
            for s in scenarios
            if (p, s, SOLVED_TOTAL) in rows
        }
        sizes = {s: v for s, v in sizes.items() if not missing(v)}
        if sizes:
            order = sorted(sizes, key=lambda s: (-sizes[s], s))
            shown = ", ".join(f"{s} {effect(rows[p, s, SOLVED_TOTAL])}" for s in order)
            ends = [effect_ends(rows[p, s, SOLVED_TOTAL]) for s in order]
            limits = [e for e in ends if e is not None]
            apart = all(b[1] < a[0] for a, b in pairwise(limits))
            order_says = "" if apart else " The intervals overlap: this is no ranking."
            out.append(f"- {p}: extra solved projects up to the last year: {shown}.{order_says}")
    agreed, total, different = 0, 0, []
    for s in scenarios:
        for i in indicators:
            found = {p: rows[p, s, i] for p in profiles if (p, s, i) in rows}
            signs = {p: _sign(r) for p, r in found.items()}
            if len(signs) < 2 or None in signs.values() or not any(signs.values()):
                continue
            total += 1
            chances = [r.get("probability_target") for r in found.values()]
            known = [float(c) for c in chances if c is not None and not missing(c)]
            apart = bool(known) and max(known) - min(known) > DIFFERENT_CHANCE
            if len(set(signs.values())) == 1 and not apart:
                agreed += 1
                continue
            words = "; ".join(
                f"{p}: {effect(r)}, {_WORDS[signs[p]]}, P(target) {_chances(r)}"
                for p, r in found.items()
            )
            different.append(f"- {s}, {_named(i)}: {words}.")
    if total:
        out += [
            "",
            f"Same direction, and chances of the target within {100 * DIFFERENT_CHANCE:.0f} points:"
            f" {agreed} of {total} pairs of measure and indicator with a clear effect in any."
            + (" The others:" if different else ""),
            "",
            *different,
        ]
    return [*out, ""]


_WORDS = {1: "clearly up", -1: "clearly down", 0: "not clear", None: "not available"}


def _sign(row: Mapping[str, Any]) -> int | None:
    """1 or -1 where the interval of the effect leaves out 0, else 0; None without an interval."""
    ends = effect_ends(row)
    if ends is None:
        return None
    return 1 if ends[0] > 0 else -1 if ends[1] < 0 else 0


def reading_lines(
    name: str,
    reading: Mapping[str, Any],
    base_name: str,
    base: Check,
    conclusions: pd.DataFrame,
    indicators: Sequence[str],
) -> list[str]:
    """One other reading of the evidence: levels that differ, the check, and conclusions."""
    check = reading["check"]
    reused = ", ".join(reading.get("reused", ())) or "none"
    out = [f"### {name}", "", str(notes()["readings"].get(name, "")), ""]
    out += [f"Runs taken from stored ones: {reused}.", ""]
    before = {r["target"]: r for r in base.rows}
    body = []
    for t, r in zip(check.targets, check.rows, strict=True):
        b = before.get(r["target"])
        if b is None:
            continue
        same = abs(r["observed"] - b["observed"]) < 1e-12
        if same and abs(r["median"] - b["median"]) <= MOVED * r["error_sd"]:
            continue
        body.append([
            target_name(t.id, t.indicator, t.measure),
            str(r["role"]).replace("_", " "),
            level(b["observed"], t.unit),
            level(b["median"], t.unit),
            level(r["observed"], t.unit),
            level(r["median"], t.unit),
            gap(r["gap"], t.unit),
            interval(r["p05"], r["p95"], t.unit),
            "yes" if r["inside_90"] else "**no**",
        ])  # fmt: skip
    heads = ["target", "role", f"figure, {base_name}", f"median, {base_name}", "figure here",
             "median here", "gap", "90 % with errors", "inside"]  # fmt: skip
    out += ["Levels that differ in figure or by more than a quarter of their error:", ""]
    out += [*markdown_table(heads, body), ""] if body else ["none", ""]
    outside = [f"`{r['target']}`" for r in check.rows if not r["inside_90"]]
    here, there = check.log_score["posterior"], base.log_score["posterior"]
    out += [
        f"Outside their 90 % interval here: {', '.join(outside) or 'none'}. Held-out log score"
        f" {number(here)}; {base_name} {number(there)}; priors alone"
        f" {number(check.log_score['prior'])}. "
        + (
            "The held-out figures fit this reading less well."
            if here < there - 1.0
            else "The held-out figures do not tell the two readings apart."
        ),
        "",
    ]
    both = pd.concat([conclusions, reading["conclusions"].assign(profile=name)], ignore_index=True)
    years = last_year(both)
    out += conclusion_lines(years, [*GOALS, SOLVED_TOTAL])
    return out + difference_lines(years, indicators)
