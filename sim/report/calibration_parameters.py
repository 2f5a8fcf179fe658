"""Sections of the calibration record on parameters: what the figures inform, and recovery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.report.calibration_cells import number
from sim.report.calibration_judgement import notes
from sim.report.cells import markdown_table

Rows = Sequence[Mapping[str, Any]]


def parameter_lines(identify: Rows) -> list[str]:
    """Identified parameters with prior and posterior, the others by name, and correlations."""
    known = [r for r in identify if r["identified"]]
    open_ = [r for r in identify if not r["identified"]]
    heads = ["identified", "unit", "prior median (5-95 %)", "posterior median (5-95 %)",
             "shift", "sd ratio"]  # fmt: skip
    body = [
        [
            f"`{r['parameter']}`",
            str(r["unit"]),
            _range(r, "prior"),
            _range(r, "posterior"),
            f"{r['shift']:+.2f}",
            f"{r['sd_ratio']:.2f}",
        ]
        for r in known
    ]
    out = [
        f"The figures inform {len(known)} of {len(identify)} parameters (sd ratio at most .7)."
        " Shift: of the mean, in prior standard deviations.",
        "",
    ]
    if known:
        out += [*markdown_table(heads, body), ""]
    names = ", ".join(f"`{r['parameter']}` {r['sd_ratio']:.2f}" for r in open_)
    out += [f"Not identified ({len(open_)}), with their sd ratio: {names or 'none'}.", ""]
    out += ["Their spread is about that of the prior: projections carry it in full.", ""]
    pairs = _pairs(identify)
    if pairs:
        out += [
            "Strong correlations in the posterior (the figures tell the two together, not each):",
            "",
            *(f"- `{a}` and `{b}`: r = {r:+.2f}" for a, b, r in pairs),
            "",
        ]
    return out


def _range(row: Mapping[str, Any], which: str) -> str:
    ends = f"{number(row[f'{which}_p05'])} to {number(row[f'{which}_p95'])}"
    return f"{number(row[f'{which}_median'])} ({ends})"


def _pairs(identify: Rows) -> list[tuple[str, str, float]]:
    """Each correlated pair once, the strongest first."""
    found = {
        tuple(sorted((r["parameter"], o["parameter"]))): float(o["r"])
        for r in identify
        for o in r["correlated"]
    }
    ordered = sorted(found.items(), key=lambda item: (-abs(item[1]), item[0]))
    return [(a, b, r) for (a, b), r in ordered]


def recovery_lines(rows: Rows, identify: Rows) -> list[str]:
    """Which parameters the recovery of synthetic truths finds wrong, by name.

    ``identify``: rows of the posterior of the real figures, where what is identified may differ.
    """
    if not rows:
        return ["The design keeps too few synthetic truths for a test of recovery.", ""]
    from sim.calibrate.recover import band

    truths = int(rows[0]["truths"])
    low, high = band(truths)
    outside = [r for r in rows if not r["in_band"]]
    rejected = [r["parameter"] for r in rows if not r["rank_ok"]]
    known = [r for r in rows if r["identified"]]
    mean = sum(r["rmse"] for r in known) / len(known) if known else None
    out = [
        f"{truths} model runs with luck of their own, which the method had not seen, served as"
        " truths. Errors of the figures were added. Which parameters count as identified was"
        " decided from the widths alone, before any truth was looked at:"
        f" {len(known)} of {len(rows)}.{_otherwise(rows, identify)}",
        "",
        f"Mean error of the posterior mean, identified parameters: {number(mean)} prior sd."
        if known
        else "No parameter is identified.",
        "",
        f"Outside the exact 99 % band of {low}-{high} hits ({len(outside)}; about"
        f" {_by_chance(truths, low, high) * len(rows):.1f} of {len(rows)} are expected by chance): "
        + (
            ", ".join(
                f"`{r['parameter']}` {r['hits']} of {truths}"
                + ("" if r["identified"] else " (not identified)")
                for r in outside
            )
            or "none"
        )
        + ".",
        "",
        *_explained([r["parameter"] for r in outside]),
        "Rank test rejected at 1 % after Holm's correction: "
        + (", ".join(f"`{id}`" for id in rejected) or "none")
        + ".",
        "",
    ]
    return out


def _by_chance(truths: int, low: int, high: int) -> float:
    """Chance that an honest 90 % interval holds fewer than ``low`` or more than ``high`` truths."""
    from scipy.stats import binom

    return float(binom.cdf(low - 1, truths, 0.9) + binom.sf(high, truths, 0.9))


def _otherwise(rows: Rows, identify: Rows) -> str:
    """Parameters at the border: identified on the truths but not on the figures, or the reverse."""
    real = {r["parameter"]: r["identified"] for r in identify}
    apart = [
        r["parameter"] for r in rows if real.get(r["parameter"]) not in (None, r["identified"])
    ]
    if not apart:
        return ""
    names = ", ".join(f"`{id}`" for id in apart)
    return f" At the border, and judged otherwise on the real figures: {names}."


def _explained(parameters: Sequence[str]) -> list[str]:
    """A line for each parameter for which an explanation is on file."""
    known = notes()["parameter_explanations"]
    lines = [f"- `{id}`: {known[id]}" for id in parameters if id in known]
    return [*lines, ""] if lines else []
