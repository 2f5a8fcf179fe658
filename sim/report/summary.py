"""summary.md: limits and credits first, then what was run, findings, table, files, sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from sim.analyses.shared.intervals import MIN_DRAWS
from sim.analyses.shared.reached import key_years
from sim.base.choices import DISCOUNTS
from sim.base.files import atomic_write
from sim.model.indicators import DOCUMENT_KINDS
from sim.pages.labels import Labels
from sim.report.cells import (
    chance_cell,
    heading,
    interval_cell,
    markdown_table,
    reached_cell,
)
from sim.report.findings import impact_note, scenario_findings
from sim.report.interval_parts import interval_section
from sim.report.scope import (
    Facts,
    Parts,
    ReportIndicator,
    ReportInitiative,
    ReportScenario,
    cells_of,
    missing,
)
from sim.report.sources import reference_row

if TYPE_CHECKING:
    from pathlib import Path

    from sim.figures.evidence import Profile

SMALL_SCALE = 1 / 1000
"""At this scale and below, levels carry a bias that the summary names."""


def limits(facts: Facts, labels: Labels) -> list[str]:
    """The limits of these numbers, the gravest first (Markdown, one paragraph each)."""
    keys = [f"limit_{mode}" for mode in facts.discounts if mode in DISCOUNTS]
    keys += [
        "limit_priors", "limit_wards", "limit_classes", "limit_chance", "limit_targets",
        "limit_impact", "limit_intermediary", "limit_trend", "limit_costs",
    ]  # fmt: skip
    first = (
        labels("limit_document")
        if facts.profile == "document"
        else labels("limit_profile", profile=facts.profile)
    )
    out = [first, calibration_limit(facts, labels), *[labels(key) for key in keys]]
    if facts.interval_kind == "range":
        out.append(labels("few_draws", minimum=MIN_DRAWS, runs=facts.draws * facts.replicates))
    if _number(facts.scale) <= SMALL_SCALE:
        out.append(labels("limit_scale", scale=facts.scale))
    return out


def calibration_limit(facts: Facts, labels: Labels) -> str:
    """Where the parameters of behaviour come from: this profile, another one, or no calibration."""
    if facts.calibration == "calibrated":
        return labels("limit_calibrated")
    if facts.calibration == "borrowed":
        return labels("limit_borrowed", posterior=facts.posterior, profile=facts.profile)
    return labels("limit_provisional")


def _number(scale: str) -> float:
    from fractions import Fraction

    try:
        return float(Fraction(scale))
    except ValueError:
        return 1.0


def what_was_run(
    facts: Facts, scenarios: Mapping[str, ReportScenario], labels: Labels
) -> list[str]:
    """Scenarios, numbers of runs, scale, seed, versions and time, as a Markdown table."""
    names = [f"`{key}` {labels.name(s)}" for key, s in scenarios.items()]
    lines = [
        (labels("ran_scenarios"), "<br>".join(names)),
        (labels("ran_runs"), labels(
            "ran_runs_text", draws=facts.draws, replicates=facts.replicates,
            scenarios=len(scenarios), runs=f"{facts.runs:,}",
        )),
        (labels("ran_scale"), facts.scale),
        (labels("ran_years"), labels(
            "ran_years_text", years=facts.years, first=labels.year(facts.first_year),
            last=labels.year(facts.last_year),
        )),
        (labels("ran_profile"), facts.profile),
        (labels("ran_discount"), facts.discount(labels)),
        (labels("ran_seed"), facts.seed),
    ]  # fmt: skip
    if facts.overrides:
        values = ", ".join(f"`{k}={v}`" for k, v in facts.overrides.items())
        lines.append((labels("ran_set"), values))
    versions = ", ".join(f"{name} {number}" for name, number in facts.versions.items())
    lines.append((labels("ran_versions"), versions))
    if facts.seconds is not None:
        seconds = labels("ran_seconds_text", seconds=f"{facts.seconds:.0f}")
        lines.append((labels("ran_seconds"), seconds))
    if facts.command:
        lines.append((labels("ran_command"), f"`{facts.command}`"))
    return markdown_table(["", ""], lines)


def horizon_tables(
    rows: pd.DataFrame, indicators: Mapping[str, ReportIndicator], labels: Labels, interval: str
) -> list[str]:
    """One Markdown table per class: levels, effects and chances at the horizon."""
    cells = cells_of(rows)
    years = key_years(rows["fiscal_year"].tolist())
    last = max(years.values())
    heads = [
        labels("scenario"), f"{labels('median')} [{interval}]",
        f"{labels('effect_long')} [{interval}]",
    ]  # fmt: skip
    chances = [f"P {labels('year_n', n=n)}" for n in years]
    out: list[str] = []
    for kind in (*DOCUMENT_KINDS, "auxiliary"):
        ids = [k for k, i in indicators.items() if i.kind == kind and (k, last) in cells]
        if ids:
            out += [f"### {labels(f'{kind}_long')}", ""]
        for key in ids:
            end = cells[key, last]
            first = next(iter(end.values()))
            aims = not missing(first["target"])
            out += [f"**{heading(indicators[key], first, labels)}**", ""]
            lines = []
            for name, row in end.items():
                line = [name, interval_cell(row, "", labels), interval_cell(row, "effect_", labels)]
                for year in years.values() if aims else ():
                    at = cells[key, year][name]
                    line.append(chance_cell(at, labels, own=name != "baseline"))
                lines.append(line)
            out += [*markdown_table([*heads, *(chances if aims else [])], lines), ""]
    return out


def sources(
    indicators: Mapping[str, ReportIndicator],
    scenarios: Mapping[str, ReportScenario],
    initiatives: Mapping[str, ReportInitiative],
    profile: Profile,
    labels: Labels,
) -> list[str]:
    """Where current values, targets and claims come from: evidence ids with their lines."""
    lines = []
    for key, indicator in indicators.items():
        if indicator.kind not in DOCUMENT_KINDS:
            continue
        ids = [i for i in (indicator.current, indicator.target) if i is not None]
        lines.append([
            key, "<br>".join(_reference(i, profile, labels) for i in ids) or "–",
            indicator.measured_as, indicator.limits or "–",
        ])  # fmt: skip
    heads = [labels(k) for k in ("indicator", "where_evidence", "where_measured", "where_limits")]
    out = [*markdown_table(heads, lines), ""]
    claims = _claims(scenarios, initiatives, profile, labels)
    if claims:
        heads = [labels(k) for k in ("where_initiative", "where_claim")]
        out += [f"### {labels('where_initiatives')}", "", *markdown_table(heads, claims), ""]
    return out


def _claims(
    scenarios: Mapping[str, ReportScenario],
    initiatives: Mapping[str, ReportInitiative],
    profile: Profile,
    labels: Labels,
) -> list[list[str]]:
    used = {i for s in scenarios.values() for i in s.initiatives}
    return [
        [
            f"{key} {labels.name(initiative)}",
            "<br>".join(_reference(c, profile, labels) for c in initiative.claims) or "–",
        ]
        for key, initiative in initiatives.items()
        if key in used
    ]


def _reference(key: str, profile: Profile, labels: Labels) -> str:
    """An evidence id with its value, where it stands, and its status."""
    row = reference_row(key, profile, labels)
    return f"`{key}` {row['value']} ({row['place']}, {row['status']})"


def summary_text(parts: Parts, lang: str) -> str:
    """The whole of summary.md."""
    rows, reached, indicators = parts.rows, parts.reached, parts.indicators
    scenarios, facts = parts.scenarios, parts.facts
    labels = Labels(lang)
    interval = facts.interval(labels)
    horizon = {"year": labels.year(facts.last_year), "n": facts.years}
    out = [f"# {labels('summary_title')}", "", labels("summary_headline"), ""]
    out += [f"## {labels('limits_heading')}", "", *[f"- {t}" for t in limits(facts, labels)], ""]
    credit_lines = [f"- {line}" for line in (*parts.credits, labels("credits_font"))]
    out += [f"## {labels('credits_heading')}", "", *credit_lines, ""]
    out += [f"## {labels('ran_heading')}", "", *what_was_run(facts, scenarios, labels), ""]
    out += [f"## {labels('findings_heading', **horizon)}", ""]
    out += [labels("findings_how", interval=interval), ""]
    for name, scenario in scenarios.items():
        if name == "baseline" or "baseline" not in scenarios:
            continue
        out += [f"### {labels.name(scenario)} (`{name}`)", ""]
        out += scenario_findings(rows, reached, indicators, name, labels)
        note = impact_note(parts.impact, indicators, name, labels)
        out += [note, ""] if note else []
    out += [f"## {labels('table_heading', **horizon)}", ""]
    error = float(rows["probability_mc_error"].max())
    shown = labels.difference(error, "share").lstrip("+")
    out += [labels("details_legend", error=shown), ""]
    out += horizon_tables(rows, indicators, labels, interval)
    out += [f"### {labels('reached_title', year=horizon['year'])}", ""]
    out += _reached_lines(reached, labels)
    out += interval_section(parts, labels)
    out += [f"## {labels('files_heading')}", "", *_files(labels, parts.shares is not None), ""]
    out += [f"## {labels('where_heading')}", "", labels("where_text"), ""]
    out += sources(indicators, scenarios, parts.initiatives, parts.profile, labels)
    return "\n".join(out).rstrip() + "\n"


def _reached_lines(reached: pd.DataFrame, labels: Labels) -> list[str]:
    lines: list[list[str]] = []
    for name in dict.fromkeys(reached["scenario"]):
        mine = reached.loc[reached["scenario"] == name]
        cells = {r["kind"]: reached_cell(r, labels) for r in mine.to_dict(orient="records")}
        lines.append([name, *[cells.get(kind, "–") for kind in DOCUMENT_KINDS]])
    return [*markdown_table([labels("scenario"), *[labels(k) for k in DOCUMENT_KINDS]], lines), ""]


def _files(labels: Labels, shares: bool) -> list[str]:
    files = {
        "summary.md": "file_summary", "comparison.csv": "file_comparison",
        "results.csv": "file_results_csv", "results.parquet": "file_results_parquet",
        "charts/": "file_charts", "manifest.json": "file_manifest",
    }  # fmt: skip
    if shares:
        files["interval_parts.csv"] = "file_interval_parts"
    mark = "：" if labels.lang == "ja" else ": "
    return [f"- `{name}`{mark}{labels(key)}" for name, key in files.items()]


def write_summary(path: Path, text: str) -> Path:
    """Write summary.md (UTF-8)."""
    with atomic_write(path, "w", newline="\n") as stream:
        stream.write(text)
    return path
