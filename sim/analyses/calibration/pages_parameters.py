"""What is told of a profile's parameters: what the figures inform, recovery of truths, methods."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.analyses.calibration.cells import (
    NONE,
    Row,
    level,
    listed,
    number,
    rows_of,
    signed,
    table_chart,
)
from sim.pages.frames import tidy
from sim.pages.page import Chart, Finding, Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sim.analyses.tables import Tables
    from sim.analyses.words import Words

ONE = ("label", "value", "low", "high")


def parameter_pages(tables: Tables, profile: str, words: Words) -> Iterator[Page]:
    """What the figures inform, recovery of synthetic truths, and methods, as far as there are."""
    yield _identify(tables, profile, words)
    if rows := rows_of(tables, "recover", profile):
        yield _recover(rows, tables, profile, words)
    else:
        title = words("recover_title", profile=profile)
        yield Page(f"{profile}_coverage", title, words("recover_none"))
    if rows := rows_of(tables, "ranks", profile):
        yield _ranks(rows, profile, words)
    if rows := rows_of(tables, "methods", profile):
        yield _methods(rows, tables, profile, words)


def _identify(tables: Tables, profile: str, words: Words) -> Page:
    rows, title = rows_of(tables, "identify", profile), words("identify_title", profile=profile)
    known = [r for r in rows if r["identified"]]
    rest = [f"{r['parameter']} {r['sd_ratio']:.2f}" for r in rows if not r["identified"]]
    said = [words("identify_open", n=len(rest), names=listed(rest, words))]
    said += [
        words("identify_pair", first=r["parameter"], second=r["other"], r=signed(r["r"]))
        for r in rows_of(tables, "correlations", profile)
    ]
    drawn = tidy(
        (
            {"label": r["parameter"], "value": max(0.0, r["contraction"]), "sure": r["identified"]}
            for r in rows
        ),
        (*ONE, "sure"),
    )  # fmt: skip
    charts = [Chart(
        f"{profile}_contraction", "bars", title, drawn, unit="share",
        x_title=words("contraction_axis"), reading=words("contraction_reading"),
    )]  # fmt: skip
    shown = [
        {
            "parameter": r["parameter"], "unit": r["unit"], "prior": _range(r, "prior", words),
            "posterior": _range(r, "posterior", words), "shift": signed(r["shift"]),
            "ratio": f"{r['sd_ratio']:.2f}",
        }
        for r in known
    ]  # fmt: skip
    if shown:
        name = words("identified_chart")
        charts.append(table_chart(f"{profile}_identified", name, shown, words, plain=True))
    return Page(
        f"{profile}_contraction", title, words("identify_message", n=len(known), all=len(rows)),
        tuple(charts), (words("identify_note"), words("identify_open_note")),
        findings=tuple(Finding(f"inform_{n}", text) for n, text in enumerate(said)), detail=True,
    )  # fmt: skip


def _range(row: Row, which: str, words: Words) -> str:
    low, middle, high = (number(row[f"{which}_{q}"]) for q in ("p05", "median", "p95"))
    return words("with_ends", middle=middle, ends=words("to", low=low, high=high))


def _recover(rows: Sequence[Row], tables: Tables, profile: str, words: Words) -> Page:
    """Which parameters the recovery of synthetic truths finds wrong, by name."""
    made, truths = tables.facts["profiles"][profile], rows[0]["truths"]
    (low, high), title = made["band"], words("recover_title", profile=profile)
    real = {r["parameter"]: r["identified"] for r in rows_of(tables, "identify", profile)}
    border = [
        r["parameter"] for r in rows if real.get(r["parameter"]) not in (None, r["identified"])
    ]
    outside = [r for r in rows if not r["in_band"]]
    hits = [words("recover_hits" if r["identified"] else "recover_hits_open", **r) for r in outside]
    rejected = [r["parameter"] for r in rows if not r["rank_ok"]]
    explained = [k for r in outside if (k := f"parameter_{r['parameter']}") in words]
    said = {
        **({"border": words("recover_border", names=words.join(border))} if border else {}),
        "rmse": words("recover_unknown") if made["rmse"] is None
        else words("recover_rmse", rmse=number(made["rmse"])),
        "outside": words(
            "recover_outside", low=low, high=high, n=len(outside), all=len(rows),
            chance=f"{made['by_chance'] * len(rows):.1f}", names=listed(hits, words),
        ),
        **{key: words(key) for key in explained},
        "rejected": words("recover_rejected", names=listed(rejected, words)),
    }  # fmt: skip
    band = {"outer_low": low / truths, "outer_high": high / truths, "reference": 0.9}
    drawn = tidy(
        (
            {"label": r["parameter"], "value": r["coverage"], "low": math.nan, "high": math.nan,
             **band, "sure": r["identified"], "note": "" if r["in_band"] else words("outside_band")}
            for r in sorted(rows, key=lambda r: r["posterior_sd"])
        ),
        (*ONE, *band, "sure", "note"),
    )  # fmt: skip
    chart = Chart(
        f"{profile}_coverage", "forest", title, drawn, unit="share",
        x_title=words("coverage_axis", truths=truths),
        reading=words("coverage_reading", low=low, high=high),
    )  # fmt: skip
    known = sum(r["identified"] for r in rows)
    return Page(
        f"{profile}_coverage", title,
        words("recover_message", truths=truths, n=known, all=len(rows)), (chart,),
        findings=tuple(Finding(k, text) for k, text in said.items()), detail=True,
    )  # fmt: skip


def _ranks(rows: Sequence[Row], profile: str, words: Words) -> Page:
    """Ranks of the truths among the draws, one histogram for each identified parameter."""
    truths, tenths = rows[0]["truths"], max(r["tenth"] for r in rows)
    drawn = tidy(
        (
            {"panel": r["parameter"], "value": float(r["count"]), "low": r["low"],
             "high": r["high"], "label": f"{(r['tenth'] - 1) / tenths:g}–{r['tenth'] / tenths:g}"}
            for r in rows
        ),
        ("panel", *ONE),
    )  # fmt: skip
    title = words("ranks_title", profile=profile)
    reading = words("ranks_reading", truths=truths, expected=f"{truths / tenths:g}")
    chart = Chart(f"{profile}_ranks", "bars", title, drawn, reading=reading)
    return Page(f"{profile}_ranks", title, words("ranks_message"), (chart,), detail=True)


def _methods(rows: Sequence[Row], tables: Tables, profile: str, words: Words) -> Page:
    """The methods by recovery of synthetic truths; the default is marked."""
    shown = [
        {
            "method": words("methods_default", **r) if r["default"] else r["method"],
            "truths": str(r["truths"]),
            "identified": words("of", n=r["identified"], all=r["parameters"]),
            **{k: NONE if r[k] is None else f"{r[k]:.3f}" for k in ("rmse", "rmse_identified")},
            **{k: level(r[k], "share", words) for k in ("coverage", "coverage_identified")},
            **{k: str(r[k]) for k in ("outside_band", "rank_rejected")},
            "seconds": f"{r['seconds']:.1f}",
        }
        for r in rows
    ]  # fmt: skip
    title, findings = words("methods_title", profile=profile), []
    if found := tables.facts["profiles"][profile]["cross_check"]:
        both = {k: f"{v:.2f}" for k, v in found.items()}
        findings.append(Finding("cross_check", words("methods_cross", **both)))
    table = table_chart(f"{profile}_methods", title, shown, words)
    return Page(
        f"{profile}_methods", title, words("methods_message"), (table,),
        findings=tuple(findings), detail=True,
    )  # fmt: skip
