"""The section of the summary that says what the intervals come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.analyses.compare.interval_parts import OF, PARTS
from sim.pages.labels import Labels
from sim.report.cells import markdown_table
from sim.report.scope import Parts, missing

KEY_LEVEL = "KGI"
"""Level of the indicators that the section shows; all others stand in interval_parts.csv."""


def interval_section(parts: Parts, labels: Labels) -> list[str]:
    """Markdown lines: shares of behaviour, effects and chance for the key goals at the horizon.

    Shown for the scenario with the most initiatives (the last of these). Empty for a study without
    a baseline or with one run; without shares, the option that computes them is named.
    """
    if "baseline" not in parts.scenarios or parts.facts.draws * parts.facts.replicates < 2:
        return []
    out = [f"## {labels('parts_heading')}", ""]
    shares = parts.shares
    if shares is None or shares.rows.empty:
        return [*out, labels("parts_none"), ""]
    others = [s for s in parts.scenarios.values() if s.id != "baseline"] or [
        *parts.scenarios.values()
    ]
    scenario = max(reversed(others), key=lambda s: len(s.initiatives)).id
    text = labels(
        "parts_text", year=labels.year(parts.facts.last_year), scenario=scenario,
        draws=shares.draws,
    )  # fmt: skip
    source = labels("parts_runs", draws=shares.draws)
    if shares.source == "table":
        source = labels("parts_table", profile=parts.facts.profile, draws=shares.draws)
    heads = [labels("indicator"), labels("parts_of")]
    heads += [labels(f"part_{part}") for part in PARTS]
    return [*out, text, "", *markdown_table(heads, _lines(parts, scenario, labels)), "", source, ""]


def _lines(parts: Parts, scenario: str, labels: Labels) -> list[list[str]]:
    assert parts.shares is not None
    rows = parts.shares.rows
    mine = rows.loc[(rows["scenario"] == scenario) & (rows["fiscal_year"] == parts.facts.last_year)]
    cells = {
        (row["indicator"], row["of"], row["part"]): row for row in mine.to_dict(orient="records")
    }
    lines = []
    for key, indicator in parts.indicators.items():
        if f"-{KEY_LEVEL}-" not in key or not any(key == cell[0] for cell in cells):
            continue
        for of in OF:
            known = [cells.get((key, of, part)) for part in PARTS]
            if all(row is not None for row in known):
                name = f"{key} {labels.name(indicator)}"
                lines.append([name, labels(f"parts_{of}"), *[_cell(r, labels) for r in known]])
    return lines


def _cell(row: Mapping[Any, Any] | None, labels: Labels) -> str:
    """A share with its interval, "61 % [52, 70]"; "not available" where there is no variance."""
    if row is None or missing(row["share"]):
        return labels("not_available")
    share = labels.chance(row["share"])
    if missing(row["low"]):
        return share
    return f"{share} [{100 * row['low']:.0f}, {100 * row['high']:.0f}]"
