"""What a calibration misses and what it leaves open, judged from its rows; nothing is drawn here.

Rows are those of ``sim.calibrate.check.check_rows``, ``identify.identify_rows`` and
``recover.recovery_rows``. Explanations and expectations stand in ``calibration_notes.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sim.pages.word_files import word_file

Rows = Sequence[Mapping[str, Any]]

ROLE_ORDER = ("fitted", "held_out", "anchored", "input")
"""Roles in the order of the record: what counts first."""

WANTED_FITTED = 0.85
"""Smallest share of fitted targets inside their 90 % interval."""
WANTED_HELD_OUT = 5 / 7
"""Smallest share of held-out targets inside their 90 % interval."""
WANTED_TRUTHS = 200
WANTED_DRAWS = 300
WANTED_COVERAGE = (0.87, 0.93)
"""Pooled coverage of 90 % intervals of synthetic truths."""


@dataclass(frozen=True)
class Miss:
    """A target that the model misses. ``what``: in which way; ``explanation``: why, as far as it is
    known."""

    target: str
    role: str
    what: str
    explanation: str


@dataclass(frozen=True)
class Criterion:
    """A demand on a calibration: what was found for it, and whether that meets it."""

    demand: str
    found: str
    met: bool


@cache
def notes() -> dict[str, Any]:
    """The words of ``calibration_notes.yaml``."""
    return dict(word_file("sim.report.calibration_notes").data)


def role_rows(rows: Rows, role: str) -> list[Mapping[str, Any]]:
    """The rows of the check with a role."""
    return [r for r in rows if r["role"] == role]


def explanation(target: str, chain: Sequence[str]) -> str:
    """Why a target may be missed, under a profile or those that it extends (``chain``)."""
    own = notes().get("profile_explanations", {})
    for name in reversed(chain):
        if target in own.get(name, {}):
            return str(own[name][target])
    return str(notes()["explanations"].get(target, "No explanation is on file."))


def misses(rows: Rows, chain: Sequence[str]) -> list[Miss]:
    """Targets outside their 90 % interval, and fitted shares off by more than two points."""
    out = []
    for r in _in_order(rows):
        what = []
        if not r["inside_90"]:
            what.append("outside its 90 % interval")
        if r["role"] == "fitted" and r["close"] is False:
            what.append("off by more than two points")
        if what:
            out.append(_miss(r, what, chain))
    return out


def near_misses(rows: Rows, chain: Sequence[str]) -> list[Miss]:
    """Inside their interval and not counted as misses, but worth a look: other shares off by more
    than two points, and figures outside the interval of runs alone."""
    counted = {m.target for m in misses(rows, chain)}
    out = []
    for r in _in_order(rows):
        what = []
        if r["close"] is False:
            what.append("off by more than two points")
        if not r["inside_90_runs"]:
            what.append("outside the interval of runs alone")
        if what and r["target"] not in counted:
            out.append(_miss(r, what, chain))
    return out


def _in_order(rows: Rows) -> list[Mapping[str, Any]]:
    return [r for role in ROLE_ORDER for r in role_rows(rows, role)]


def _miss(row: Mapping[str, Any], what: list[str], chain: Sequence[str]) -> Miss:
    text = explanation(row["target"], chain)
    reason = str(row["reason"])
    return Miss(row["target"], row["role"], " and ".join(what), f"{text} Of the row: {reason}")


def fit_criteria(rows: Rows, log_score: Mapping[str, float], draws: int) -> list[Criterion]:
    """Demands on the posterior predictive check and on the ensemble."""
    fitted, held = role_rows(rows, "fitted"), role_rows(rows, "held_out")
    shares = [r for r in fitted if r["close"] is not None]
    close = sum(r["close"] for r in shares)
    in_fitted, in_held = (sum(r["inside_90"] for r in part) for part in (fitted, held))
    wide_fitted, wide_held = (sum(r["prior_inside_90"] for r in part) for part in (fitted, held))
    posterior, prior = log_score["posterior"], log_score["prior"]
    return [
        Criterion(
            "every fitted share within 2 points of its figure",
            f"{close} of {len(shares)}",
            close == len(shares),
        ),
        Criterion(
            "at least 85 % of fitted targets inside their 90 % interval",
            f"{in_fitted} of {len(fitted)} (before calibration {wide_fitted}: a weak test)",
            in_fitted >= WANTED_FITTED * len(fitted),
        ),
        Criterion(
            "at least 5 of 7 held-out targets inside their 90 % interval",
            f"{in_held} of {len(held)} (before calibration {wide_held}: a weak test)",
            in_held >= WANTED_HELD_OUT * len(held) - 1e-9,
        ),
        Criterion(
            "held-out log score above the prior's",
            f"{posterior:.2f} against {prior:.2f}",
            posterior > prior,
        ),
        Criterion(f"at least {WANTED_DRAWS} draws", f"{draws}", draws >= WANTED_DRAWS),
    ]


def recovery_criteria(rows: Rows, band: tuple[int, int]) -> list[Criterion]:
    """Demands on the recovery of synthetic truths; ``band``: exact 99 % band of hits."""
    truths = int(rows[0]["truths"])
    known = [r for r in rows if r["identified"]]
    low, high = WANTED_COVERAGE
    out = [
        Criterion(
            f"at least {WANTED_TRUTHS} synthetic truths", f"{truths}", truths >= WANTED_TRUTHS
        ),
    ]
    for name, part in (("identified", known), ("all", list(rows))):
        if not part:
            continue
        pooled = sum(r["hits"] for r in part) / sum(r["truths"] for r in part)
        outside = sum(not r["in_band"] for r in part)
        rejected = sum(not r["rank_ok"] for r in part)
        which = f"{name} parameters"
        out += [
            Criterion(
                f"pooled coverage of 90 % intervals 87-93 %, {which}",
                f"{100 * pooled:.1f} % ({len(part)} parameters)",
                low <= pooled <= high,
            ),
            Criterion(
                f"hits inside the exact 99 % band {band[0]}-{band[1]} of {truths}, {which}",
                f"{len(part) - outside} of {len(part)}",
                outside == 0,
            ),
            Criterion(
                f"rank test not rejected at 1 % (Holm), {which}",
                f"{len(part) - rejected} of {len(part)}",
                rejected == 0,
            ),
        ]
    return out


def expected_unidentified(identify: Rows) -> list[tuple[str, str, str]]:
    """(expectation of model_rules E, what was found, verdict), one for each on the list.

    A pair is as expected if the figures do not inform both of it; a single one if not at all.
    """
    ratio = {r["parameter"]: r for r in identify}
    out = []
    for entry in notes()["expected_unidentified"]:
        present = [p for p in entry["parameters"] if p in ratio]
        if not present:
            continue
        known = [p for p in present if ratio[p]["identified"]]
        found = ", ".join(f"`{p}` {ratio[p]['sd_ratio']:.2f}" for p in present)
        together = [
            f"r = {o['r']:+.2f}"
            for o in ratio[present[0]]["correlated"]
            if entry["rule"] == "pair" and o["parameter"] in present[1:]
        ]
        as_expected = len(known) < len(present) if entry["rule"] == "pair" else not known
        verdict = "as expected"
        if not as_expected:
            verdict = "informed after all: " + ", ".join(f"`{p}`" for p in known)
        out.append((str(entry["name"]), "; ".join([found, *together]), verdict))
    return out


def unexpected_unidentified(identify: Rows) -> list[str]:
    """Parameters that the figures do not inform and that are not on the list of model_rules E."""
    listed = {p for e in notes()["expected_unidentified"] for p in e["parameters"]}
    return [
        r["parameter"] for r in identify if not r["identified"] and r["parameter"] not in listed
    ]
