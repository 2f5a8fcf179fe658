"""The tables of a calibration: its targets, parameters, checks, and what is demanded of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analyses.tables import Schema, Tables, columns
from sim.base.rows import plain
from sim.pages.frames import tidy

if TYPE_CHECKING:
    from sim.analyses.calibration.estimate import CalibrationRecord, CheckedCalibration

Row = Mapping[str, Any]
Rows = Sequence[Row]

SCHEMA: Schema = {
    "demands": columns(
        text="profile demand", number="value of before low high wanted truths", flag="met"
    ),
    "check": columns(
        text="profile target indicator measure role unit evidence reason",
        number="observed s_obs s_discrepancy error_sd median p05 p95 z gap runs_p05 runs_p95"
        " z_p05 z_p95 z_runs_p05 z_runs_p95 prior_p05 prior_p95 log_score prior_log_score",
        flag="inside_90 inside_90_runs close prior_inside_90",
    ),
    "identify": columns(
        text="profile parameter unit",
        number="prior_p05 prior_median prior_p95 posterior_p05 posterior_median posterior_p95"
        " shift sd_ratio contraction",
        flag="identified",
    ),
    "correlations": columns(text="profile parameter other", number="r"),
    "recover": columns(
        text="profile parameter", number="posterior_sd rmse coverage rank_p",
        whole="hits truths", flag="identified in_band rank_ok",
    ),
    "ranks": columns(text="profile parameter", number="low high", whole="tenth count truths"),
    "methods": columns(
        text="profile method", number="rmse rmse_identified coverage coverage_identified seconds",
        whole="truths parameters identified outside_band rank_rejected", flag="default",
    ),
    "expected": columns(
        text="profile group parameter", number="sd_ratio r", flag="identified as_expected"
    ),
    "hindcast": columns(
        text="profile variant", number="documented median p05 p95 misfit",
        whole="draws draws_within_rounding draws_reaching", flag="inside_90",
    ),
    "conclusions": columns(
        text="profile scenario indicator unit",
        number="median p05 p95 effect_median effect_p05 effect_p95 target probability_target"
        " probability_target_baseline",
        whole="fiscal_year draws replicates",
    ),
}  # fmt: skip
"""``profile``: a profile, or another reading of the evidence. ``demands``: ``value`` of ``of``,
``before`` calibration; ``z_...``: less the figure, in standard deviations of runs and errors;
``ranks``: truths in each tenth of the ranks, with the 99 % band of one tenth; ``expected``: ``r``
of a pair's first parameter with the row's."""

WANTED_FITTED = 0.85
"""Smallest share of fitted targets inside their 90 % interval."""
WANTED_HELD_OUT = 5 / 7
"""Smallest share of held-out targets inside their 90 % interval."""
WANTED_TRUTHS = 200
WANTED_DRAWS = 300
WANTED_COVERAGE = (0.87, 0.93)
"""Pooled coverage of 90 % intervals of synthetic truths."""
TENTHS = 10

EXPECTED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("start_quit", "pair", ("participation.external_rate", "participation.quit_rate")),
    ("asked", "pair", ("participation.ask_rate", "participation.external_rate")),
    ("barriers", "each", (
        "participation.barrier_time_weight", "participation.barrier_how_weight",
        "participation.barrier_what_weight",
    )),
    ("reserves", "pair", ("organisation.income_volatility", "organisation.funds_need")),
    ("leaders", "pair", ("succession.exit_at_70", "succession.successor_over_60")),
    ("succession", "pair", ("succession.success_unprepared", "succession.dormancy_rate")),
    ("trust", "each", ("collaboration.trust_gain",)),
    ("capability", "each", (
        "organisation.capability_shortage_slope", "organisation.capability_ties_slope",
        "succession.capability_slope", "collaboration.capability_slope",
    )),
)  # fmt: skip
"""What nobody can expect the figures to identify (model_rules E): group, rule, parameters. A pair
is as expected if the figures do not inform both of it; others if they inform none."""


def tables(answer: CalibrationRecord) -> Tables:
    """The frames of a record, and how each calibration was made as facts by profile."""
    every = answer.calibrations
    made: dict[str, Iterable[Row]] = {
        name: [{"profile": c.name, **row} for c in every for row in rows_of(c)]
        for name, rows_of in _ROWS.items()
    }
    if answer.conclusions is not None:
        rows = answer.conclusions.to_dict("records")
        made["conclusions"] = [{str(k): v for k, v in row.items()} for row in rows]
    frames = {name: tidy(map(dict, made.get(name, ())), tuple(SCHEMA[name])) for name in SCHEMA}
    known = {name: frame for name, frame in frames.items() if len(frame)}
    return Tables(known, plain({"profiles": {c.name: _facts(c) for c in every}}))


def _facts(c: CheckedCalibration) -> dict[str, Any]:
    """How a calibration was made, and what was found that is no table."""
    from scipy.stats import binom

    from sim.calibrate.fit import DEFAULT_RUNS
    from sim.calibrate.recover import band
    from sim.figures.evidence import load_profile
    from sim.figures.posterior import MODEL_VERSION

    fit, recovery = c.calibration, c.recovery
    first, second = len(fit.design.first.z), len(fit.design.second.z)
    path = Path(fit.profile)
    found: dict[str, Any] = {
        "reading": c.reading, "chain": list(load_profile(fit.profile).chain),
        "model_version": MODEL_VERSION,
        "argument": path.name if path.suffix in (".yaml", ".yml") else fit.profile,
        "first": first, "second": second, "usual": DEFAULT_RUNS,
        "screened": fit.design.screened, "truths": int(fit.design.second.truths.sum()),
        "reused": list(fit.design.reused), "method": fit.method, "draws": len(fit.posterior.values),
        "checked": len(c.check.outputs), "scale": fit.posterior.record["scale"],
        "seed": fit.posterior.record.get("seed", 0), "parameters": len(fit.posterior.ids),
        "used": len(fit.targets.used), "targets": len(fit.targets.rows),
        "log_score": c.check.log_score, "cross_check": c.cross_check,
    }  # fmt: skip
    if recovery is not None:
        n, known = len(recovery.truth), recovery.identified
        low, high = band(n)
        found |= {
            "band": [low, high],
            "by_chance": binom.cdf(low - 1, n, 0.9) + binom.sf(high, n, 0.9),
            "rmse": recovery.rmse[known].mean() if known.any() else None,
        }
    return found


def _check(c: CheckedCalibration) -> Iterable[Row]:
    for j, (t, row) in enumerate(zip(c.check.targets, c.check.rows, strict=True)):
        runs = c.check.outputs[:, j]
        goal = float(t.scaled(t.observed))
        sd = float(np.hypot(t.scaled_sd, t.scaled(runs[np.isfinite(runs)]).std()))
        ends = ("p05", "p95", "runs_p05", "runs_p95")
        yield {
            **row, "indicator": t.indicator, "measure": t.measure, "s_obs": t.s_obs,
            "s_discrepancy": t.s_discrepancy,
            **{f"z_{end}": (float(t.scaled(row[end])) - goal) / sd for end in ends},
        }  # fmt: skip


def _correlations(c: CheckedCalibration) -> Iterable[Row]:
    """Each correlated pair once, the strongest first."""
    found = {
        tuple(sorted((r["parameter"], o["parameter"]))): float(o["r"])
        for r in c.identify
        for o in r["correlated"]
    }
    for (one, other), r in sorted(found.items(), key=lambda item: (-abs(item[1]), item[0])):
        yield {"parameter": one, "other": other, "r": r}


def _ranks(c: CheckedCalibration) -> Iterable[Row]:
    from scipy.stats import binom

    if c.recovery is None:
        return
    truths = len(c.recovery.truth)
    low, high = (float(x) for x in binom.interval(0.99, truths, 1 / TENTHS))
    for j in np.flatnonzero(c.recovery.identified):
        counts = np.histogram(c.recovery.rank[:, j], TENTHS, (0.0, 1.0))[0]
        for n, count in enumerate(counts):
            yield {
                "parameter": c.recovery.ids[j], "tenth": n + 1, "count": int(count),
                "truths": truths, "low": low, "high": high,
            }  # fmt: skip


def _expected(c: CheckedCalibration) -> Iterable[Row]:
    rows = {r["parameter"]: r for r in c.identify}
    for group, rule, parameters in EXPECTED:
        present = [p for p in parameters if p in rows]
        informed = [p for p in present if rows[p]["identified"]]
        fine = len(informed) < len(present) if rule == "pair" else not informed
        for p in present:
            others = rows[present[0]]["correlated"] if rule == "pair" and p != present[0] else ()
            yield {
                "group": group, "parameter": p, "sd_ratio": rows[p]["sd_ratio"],
                "r": next((o["r"] for o in others if o["parameter"] == p), None),
                "identified": rows[p]["identified"], "as_expected": fine,
            }  # fmt: skip


def _demands(c: CheckedCalibration) -> Iterable[Row]:
    """What is demanded of a calibration, as far as its checks can tell; readings are not judged."""
    if c.reading:
        return
    part = {role: [r for r in c.check.rows if r["role"] == role] for role in ("fitted", "held_out")}
    shares = [r["close"] for r in part["fitted"] if r["close"] is not None]
    score, draws = c.check.log_score, len(c.calibration.posterior.values)
    yield {"demand": "close", "value": sum(shares), "of": len(shares), "met": all(shares)}
    for (role, rows), wanted in zip(part.items(), (WANTED_FITTED, WANTED_HELD_OUT), strict=True):
        inside, before = (sum(r[key] for r in rows) for key in ("inside_90", "prior_inside_90"))
        yield {
            "demand": role, "value": inside, "of": len(rows), "before": before,
            "met": inside >= wanted * len(rows) - 1e-9,
        }  # fmt: skip
    posterior, prior = score["posterior"], score["prior"]
    yield {"demand": "score", "value": posterior, "before": prior, "met": posterior > prior}
    yield {
        "demand": "draws", "value": draws, "wanted": WANTED_DRAWS, "met": draws >= WANTED_DRAWS,
    }  # fmt: skip
    yield from _demands_on_recovery(c.recovered)
    for variant, r in (c.hindcast or {}).items():
        yield {
            "demand": variant, "value": r["median"], "low": r["p05"], "high": r["p95"],
            "wanted": r["documented"], "met": r["inside_90"],
        }  # fmt: skip


def _demands_on_recovery(rows: Rows) -> Iterable[Row]:
    from sim.calibrate.recover import band

    if not rows:
        return
    truths = int(rows[0]["truths"])
    low, high = band(truths)
    yield {
        "demand": "truths", "value": truths, "wanted": WANTED_TRUTHS,
        "met": truths >= WANTED_TRUTHS,
    }  # fmt: skip
    for name, part in (("identified", [r for r in rows if r["identified"]]), ("all", rows)):
        if not part:
            continue
        n = len(part)
        pooled = sum(r["hits"] for r in part) / (n * truths)
        inside, stands = (sum(r[key] for r in part) for key in ("in_band", "rank_ok"))
        fine = WANTED_COVERAGE[0] <= pooled <= WANTED_COVERAGE[1]
        yield {"demand": f"coverage_{name}", "value": pooled, "of": n, "met": fine}
        yield {
            "demand": f"hits_{name}", "value": inside, "of": n, "low": low, "high": high,
            "truths": truths, "met": inside == n,
        }  # fmt: skip
        yield {"demand": f"rank_{name}", "value": stands, "of": n, "met": stands == n}


_ROWS: Mapping[str, Any] = {
    "demands": _demands,
    "check": _check,
    "identify": lambda c: c.identify,
    "correlations": _correlations,
    "recover": lambda c: c.recovered,
    "ranks": _ranks,
    "methods": lambda c: (
        {**row, "default": row["method"] == c.calibration.method} for row in c.methods
    ),
    "expected": _expected,
    "hindcast": lambda c: ({"variant": v, **r} for v, r in (c.hindcast or {}).items()),
}
"""Table -> its rows of one calibration, without the profile."""
