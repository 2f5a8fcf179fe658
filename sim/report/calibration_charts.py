"""Charts of the calibration record, from a calibration's check, identification and recovery.

The record is written by the program in English, so its words stand here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.pages.page import Chart, Foot
from sim.report.calibration_judgement import ROLE_ORDER
from sim.report.charts.pictures import figure_of, write_figure
from sim.report.fonts import drawing

if TYPE_CHECKING:
    from sim.calibrate.check import Check
    from sim.calibrate.recover import Recovery

Rows = Sequence[Mapping[str, Any]]

DOTS_PER_INCH = 90
BINS = 10


def predictive_chart(check: Check, profile: str) -> Chart:
    """Median and intervals of every target, less its figure, in standard deviations of both."""
    place = {t.id: j for j, t in enumerate(check.targets)}
    table = []
    for r in (r for role in ROLE_ORDER for r in check.rows if r["role"] == role):
        j = place[r["target"]]
        t, runs = check.targets[j], check.outputs[:, place[r["target"]]]
        goal = float(t.scaled(t.observed))
        sd = float(np.hypot(t.scaled_sd, t.scaled(runs[np.isfinite(runs)]).std()))
        at = {
            k: (float(t.scaled(r[k])) - goal) / sd
            for k in ("median", "p05", "p95", "runs_p05", "runs_p95")
        }
        table.append({
            "label": r["target"], "value": at["median"], "low": at["runs_p05"],
            "high": at["runs_p95"], "outer_low": at["p05"], "outer_high": at["p95"],
            "group": r["role"].replace("_", " "), "note": "" if r["inside_90"] else "outside",
        })  # fmt: skip
    return Chart(
        "predictive", "forest", f"Posterior predictive check, profile {profile}",
        pd.DataFrame(table),
        x_title="model less figure, in standard deviations (0: the figure)",
        reading="Thick line: 90 % of runs alone. Thin line: 90 % with errors of the figure.",
    )  # fmt: skip


def contraction_chart(identify: Rows, profile: str) -> Chart:
    """How much narrower each parameter became: 1 - (sd of posterior / sd of prior)^2."""
    from sim.calibrate.recover import IDENTIFIED

    table = pd.DataFrame([
        {"label": r["parameter"], "value": max(0.0, r["contraction"]), "low": math.nan,
         "high": math.nan, "sure": bool(r["identified"])}
        for r in identify
    ])  # fmt: skip
    return Chart(
        "contraction", "bars", f"What the figures say about each parameter, profile {profile}",
        table, unit="share",
        x_title="% of the prior's variance that the figures took away (below 0 drawn as 0)",
        reading=f"Pale: not identified (sd ratio above {IDENTIFIED:g}).",
    )  # fmt: skip


def coverage_chart(rows: Rows, band: tuple[int, int], profile: str) -> Chart:
    """Truths inside the 90 % interval, by parameter, with the exact 99 % band of an honest one."""
    truths = rows[0]["truths"]
    low, high = (x / truths for x in band)
    table = pd.DataFrame([
        {"label": r["parameter"], "value": r["coverage"], "low": math.nan, "high": math.nan,
         "outer_low": low, "outer_high": high, "reference": 0.9, "sure": bool(r["identified"]),
         "note": "" if r["in_band"] else "outside the band"}
        for r in sorted(rows, key=lambda r: r["posterior_sd"])
    ])  # fmt: skip
    return Chart(
        "coverage", "forest",
        f"Recovery of synthetic truths: coverage of 90 % intervals, profile {profile}",
        table, unit="share", x_title=f"% of {truths} truths inside",
        reading=f"Line: exact 99 % band ({band[0]}-{band[1]} hits). Pale: not identified.",
    )  # fmt: skip


def rank_chart(recovery: Recovery, profile: str) -> Chart | None:
    """Ranks of the truths among the draws, one histogram per identified parameter; None if none."""
    from scipy.stats import binom

    known = [int(j) for j in np.flatnonzero(recovery.identified)]
    if not known:
        return None
    truths = len(recovery.truth)
    low, high = (float(x) for x in binom.interval(0.99, truths, 1 / BINS))
    table = pd.DataFrame([
        {"panel": recovery.ids[j], "label": f"{n / BINS:g}–{(n + 1) / BINS:g}",
         "value": float(count), "low": low, "high": high}
        for j in known
        for n, count in enumerate(np.histogram(recovery.rank[:, j], BINS, (0.0, 1.0))[0])
    ])  # fmt: skip
    return Chart(
        "ranks", "bars", f"Ranks of synthetic truths, identified parameters, profile {profile}",
        table,
        reading=f"Bars: truths in each tenth of the ranks, of {truths}; {truths / BINS:g} expected."
        " Lines: 99 % band of one bar.",
    )  # fmt: skip


def write_profile_figures(
    check: Check,
    identify: Rows,
    recovery: Recovery | None,
    recovery_rows: Rows,
    band: tuple[int, int] | None,
    profile: str,
    folder: Path,
    prefix: str = "",
) -> dict[str, Path]:
    """Write the pictures of one profile into ``folder``; name -> file of those there are."""
    charts: list[Chart | None] = [
        predictive_chart(check, profile),
        contraction_chart(identify, profile),
    ]
    if recovery is not None and band is not None:
        charts += [coverage_chart(recovery_rows, band, profile), rank_chart(recovery, profile)]
    found: dict[str, Path] = {}
    for chart in charts:
        if chart is not None:
            path = folder / f"{prefix}{chart.id}"
            with drawing("en"):
                figure = figure_of([chart], "en", Foot())
            (found[chart.id],) = write_figure(figure, path, "en", ("png",), DOTS_PER_INCH)
    return found
