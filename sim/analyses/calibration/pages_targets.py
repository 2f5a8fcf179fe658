"""What is told of a profile's targets: does the model show the figures, and what does it miss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analyses.calibration.cells import ROLES, Row, signed, table_chart, target_cells, targets_of
from sim.pages.frames import tidy
from sim.pages.page import Chart, Finding, Page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.analyses.tables import Tables
    from sim.analyses.words import Words

CHECKED = ("target", "figure", "median", "gap", "interval", "runs", "z", "inside", "close")


def target_pages(tables: Tables, profile: str, words: Words) -> tuple[Page, Page]:
    """The posterior predictive check of a profile, and its misses."""
    return _predictive(tables, profile, words), _misses(tables, profile, words)


def _predictive(tables: Tables, profile: str, words: Words) -> Page:
    """Every target with its figure, median, intervals, z, and whether it is inside."""
    rows, title = targets_of(tables, profile), words("predictive_title", profile=profile)
    score = tables.facts["profiles"][profile]["log_score"]
    held = [r for r in rows if r["role"] == "held_out"]
    message, findings = words("score_none"), [_inside(rows, words)]
    if held:
        message = words(
            "score_better" if score["posterior"] > score["prior"] else "score_worse", n=len(held),
            **{k: f"{v:.2f}" for k, v in score.items()},
        )  # fmt: skip
        gains = [f"{r['target']} {signed(r['log_score'] - r['prior_log_score'])}" for r in held]
        findings.append(Finding("score_rows", words("score_rows", rows=words.join(gains))))
        findings.append(Finding("score_weak", words("score_weak")))
    # median and intervals less the figure, in standard deviations of both
    z = {"value": "z", "low": "z_runs_p05", "high": "z_runs_p95",
         "outer_low": "z_p05", "outer_high": "z_p95"}  # fmt: skip
    drawn = tidy(
        (
            {"label": r["target"], "group": words(f"role_{r['role']}"),
             "note": "" if r["inside_90"] else words("outside"), **{k: r[v] for k, v in z.items()}}
            for r in rows
        ),
        ("label", *z, "group", "note"),
    )  # fmt: skip
    charts = [Chart(
        f"{profile}_predictive", "forest", title, drawn, x_title=words("predictive_axis"),
        reading=words("predictive_reading"),
    )]  # fmt: skip
    for role in ROLES:
        cells = [target_cells(r, words) for r in rows if r["role"] == role]
        if shown := [{k: c[k] for k in CHECKED} for c in cells]:
            name = words(f"rows_{role}")
            charts.append(table_chart(f"{profile}_{role}", name, shown, words, plain=True))
    return Page(f"{profile}_predictive", title, message, tuple(charts), findings=tuple(findings))


def _inside(rows: Sequence[Row], words: Words) -> Finding:
    """How many are inside, beside how many were so under the priors alone."""
    each = []
    for role in ROLES[:2]:
        of = [r for r in rows if r["role"] == role]
        n, before = (sum(r[k] for r in of) for k in ("inside_90", "prior_inside_90"))
        said = {"role": words(f"role_{role}"), "before": before}
        each.append(words("inside_each", n=n, all=len(of), **said))
    return Finding("inside", words("inside", each=words.join(each)))


def _misses(tables: Tables, profile: str, words: Words) -> Page:
    """Misses with what explains them, then what is inside but worth a look.

    A miss is outside its 90 % interval, or a fitted share that is off by more than two points; near
    misses are other shares so far off, and figures outside the interval of runs alone.
    """
    chain = tables.facts["profiles"][profile]["chain"]
    found: dict[str, list[Finding]] = {"miss": [], "near_miss": []}
    for row in targets_of(tables, profile):
        off = ["off"] if row["close"] is False else []
        missed = [] if row["inside_90"] else ["outside"]
        missed += off if row["role"] == "fitted" else []
        what = missed or off + ([] if row["inside_90_runs"] else ["runs"])
        if what:
            key, cells = "miss" if missed else "near_miss", target_cells(row, words)
            text = words(
                key, what=words("and").join(words(f"what_{w}", **cells) for w in what),
                why=explanation(row["target"], chain, words), **{**cells, "target": row["target"]},
            )  # fmt: skip
            found[key].append(Finding(f"{key}_{row['target']}", text))
    n = len(found["miss"])
    return Page(
        f"{profile}_misses", words("misses_title", profile=profile),
        words("misses_some", n=n) if n else words("misses_none"),
        findings=(*found["miss"], *found["near_miss"]),
    )  # fmt: skip


def explanation(target: str, chain: Sequence[str], words: Words) -> str:
    """Why a target may be missed, under a profile or those that it extends (``chain``)."""
    known = [f"why_{name}_{target}" for name in reversed(chain)]
    return words(next((k for k in (*known, f"why_{target}") if k in words), "why_unknown"))
