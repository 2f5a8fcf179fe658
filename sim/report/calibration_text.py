"""Sections of the calibration record that every profile has, as lines of Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.report.calibration_cells import (
    gap,
    interval,
    level,
    number,
    profile_argument,
    profile_name,
    same_or_each,
    spread,
    target_name,
    versions,
    yes,
)
from sim.report.calibration_judgement import (
    ROLE_ORDER,
    Criterion,
    Miss,
    fit_criteria,
    misses,
    near_misses,
    notes,
    recovery_criteria,
    role_rows,
)
from sim.report.cells import markdown_table

if TYPE_CHECKING:
    from sim.calibrate.check import Check
    from sim.calibrate.targets import Target
    from sim.report.calibration_record import ProfileRecord

Rows = Sequence[Mapping[str, Any]]

ROLE_TEXTS = {
    "fitted": "Fitted: the fit saw these, and they count as fit.",
    "held_out": "Held out: the fit did not see these. They are the test of the model.",
    "anchored": "Anchored: one free intercept each. No evidence of fit.",
    "input": "Input: put in, or assumed steady. Never counted as fit.",
}


def limit_lines() -> list[str]:
    """The limits, the gravest first."""
    return ["## Limits first", "", *(f"- {text}" for text in notes()["limits"]), ""]


def word_lines() -> list[str]:
    """The words of the record, explained once."""
    return ["## Words", "", *(f"- {text}" for text in notes()["words"]), ""]


def criteria(record: ProfileRecord) -> list[Criterion]:
    """All demands on a calibration that can be judged from its record."""
    from sim.calibrate.recover import band

    found = fit_criteria(record.check.rows, record.check.log_score, len(record.calibration.z))
    rows = record.recovery_rows
    found += recovery_criteria(rows, band(rows[0]["truths"])) if rows else []
    for variant, r in (record.hindcast or {}).items():
        words = f"x{r['median']:.2f} [{r['p05']:.2f}, {r['p95']:.2f}]"
        demand = (
            f"hindcast: x{r['documented']:.1f} projects inside 90 % ({variant.replace('_', ' ')})"
        )
        found.append(Criterion(demand, words, bool(r["inside_90"])))
    return found


def criteria_lines(records: Mapping[str, ProfileRecord]) -> list[str]:
    """What a calibration must show and what it shows, one column per profile."""
    found = {name: {c.demand: c for c in criteria(r)} for name, r in records.items()}
    demands = list(dict.fromkeys(d for by in found.values() for d in by))
    body = []
    for demand in demands:
        cells = []
        for by in found.values():
            c = by.get(demand)
            cells.append("–" if c is None else c.found + ("" if c.met else " **not met**"))
        body.append([demand, *cells])
    return [*markdown_table(["demand", *found], body), ""]


def target_lines(records: Mapping[str, ProfileRecord]) -> list[str]:
    """Every target with its role, figure, errors and reason; both profiles in one table."""
    every = [{t.id: t for t in r.check.targets} for r in records.values()]
    first = every[0]
    out = ["Where profiles differ, a cell has one entry each: " + " / ".join(records) + ".", ""]
    if len(records) == 1:
        out = []
    heads = ["target", "role", "figure", "s_obs", "s_discrepancy", "evidence", "reason"]
    body = []
    for role in ROLE_ORDER:
        for id in (t.id for t in first.values() if t.role == role):
            rows = [by[id] for by in every if id in by]
            body.append(_target_cells(rows))
    return [*out, *markdown_table(heads, body), ""]


def _target_cells(rows: Sequence[Target]) -> list[str]:
    t = rows[0]
    return [
        target_name(t.id, t.indicator, t.measure),
        t.role.replace("_", " "),
        same_or_each([level(r.observed, r.unit) for r in rows]),
        same_or_each([spread(r.s_obs, r.unit) for r in rows]),
        same_or_each([spread(r.s_discrepancy, r.unit) for r in rows]),
        same_or_each([f"`{r.evidence}`" if r.evidence else "assumption" for r in rows]),
        same_or_each([r.reason for r in rows]),
    ]


def predictive_lines(check: Check) -> list[str]:
    """One table per role: figure, median, gap, both intervals, z, and whether it is inside."""
    names = {t.id: target_name(t.id, t.indicator, t.measure) for t in check.targets}
    heads = [
        "target", "figure", "median", "gap", "90 % with errors", "runs alone", "z", "inside",
        "within 2 pt",
    ]  # fmt: skip
    out: list[str] = []
    for role in ROLE_ORDER:
        rows = role_rows(check.rows, role)
        if not rows:
            continue
        body = [
            [
                names[r["target"]],
                level(r["observed"], r["unit"]),
                level(r["median"], r["unit"]),
                gap(r["gap"], r["unit"]),
                interval(r["p05"], r["p95"], r["unit"]),
                interval(r["runs_p05"], r["runs_p95"], r["unit"]),
                f"{r['z']:+.2f}".replace("-0.00", "+0.00"),
                yes(r["inside_90"]),
                yes(r["close"]),
            ]
            for r in rows
        ]
        out += [ROLE_TEXTS[role], "", *markdown_table(heads, body), ""]
    return out


def score_lines(check: Check) -> list[str]:
    """The log score of the held-out figures under posterior and prior."""
    posterior, prior = check.log_score["posterior"], check.log_score["prior"]
    held = len(role_rows(check.rows, "held_out"))
    if not held:
        return ["No target was held out, so nothing tests this calibration.", ""]
    gains = ", ".join(
        f"{r['target']} {r['log_score'] - r['prior_log_score']:+.2f}"
        for r in role_rows(check.rows, "held_out")
    )
    better = "better than" if posterior > prior else "**not better than**"
    return [
        f"Log score of the {held} held-out figures: posterior {posterior:.2f}, prior {prior:.2f}."
        f" The posterior predicts them {better} the prior. By row (posterior - prior): {gains}."
        f" {notes()['held_out']}",
        "",
    ]


def miss_lines(rows: Rows, chain: Sequence[str]) -> list[str]:
    """The misses with what explains them, then what is inside but worth a look."""
    found, near = misses(rows, chain), near_misses(rows, chain)
    out = ["Misses are listed, not tuned away.", ""]
    out += _misses(found) if found else ["No target is missed.", ""]
    if near:
        out += ["Inside their interval and not counted as misses, but worth a look:", ""]
        out += _misses(near)
    return out


def _misses(found: Sequence[Miss]) -> list[str]:
    lines = [
        f"- `{m.target}` ({m.role.replace('_', ' ')}): {m.what}. {m.explanation}" for m in found
    ]
    return [*lines, ""]


def run_lines(records: Mapping[str, ProfileRecord]) -> list[str]:
    """Numbers of runs, seeds and what was reused, one column per profile."""
    cells: dict[str, list[str]] = {}
    for r in records.values():
        fit, made = r.calibration, r.calibration.posterior.record
        second = fit.design.second
        truths = int(second.truths.sum())
        facts = {
            "runs of the first wave (space-filling over the prior)": f"{len(fit.design.first.z):,}",
            "share of the prior that the screen left": number(fit.design.screened),
            "runs of the second wave": f"{len(second.z):,}",
            "of these kept apart as synthetic truths": f"{truths:,}",
            "taken from stored runs": ", ".join(fit.design.reused) or "none",
            "method": fit.method,
            "draws of the posterior": f"{len(fit.z):,}",
            "draws run for the check": f"{len(r.check.outputs):,}",
            "share of residents in each run": number(made.get("scale")),
            "seed": str(made.get("seed", 0)),
            "parameters": f"{len(fit.ids)}",
            "targets that the fit saw": f"{len(fit.targets.used)} of {len(fit.targets.rows)}",
        }
        for key, value in facts.items():
            cells.setdefault(key, []).append(value)
    body = [[key, *values] for key, values in cells.items()]
    return [*markdown_table(["", *records], body), ""]


def version_lines() -> list[str]:
    """Versions of the model and of the packages that the numbers hang on."""
    from sim.figures.posterior import MODEL_VERSION

    shown = ", ".join(f"{name} {number}" for name, number in versions())
    return [f"Model version {MODEL_VERSION}. Made with {shown}.", ""]


def commands(record: ProfileRecord) -> list[str]:
    """Commands that make and check one profile's calibration again."""
    fit = record.calibration
    made = fit.posterior.record
    name = profile_argument(fit.profile)
    seed = made.get("seed", 0)
    runs = len(fit.design.first.z) + len(fit.design.second.z)
    return [
        f"kyodo calibrate --profile {name} --runs {runs} --draws {len(fit.z)}"
        f" --method {fit.method} --seed {seed} --fresh",
        f"kyodo calibrate check --profile {name} --draws {len(record.check.outputs)}",
        f"kyodo calibrate recover --profile {name} --method all",
        f"kyodo calibrate identify --profile {name}",
    ]


def chain_of(record: ProfileRecord) -> list[str]:
    """The profile's name and those that it extends, the most basic first, for explanations."""
    from sim.base.errors import KyodoError
    from sim.figures.evidence import load_profile

    try:
        return list(load_profile(record.calibration.profile).chain)
    except KyodoError:
        return [profile_name(record.calibration.profile)]
