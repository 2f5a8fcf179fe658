"""The record of a calibration: README.md with figures and tables, written by the program.

``write_profile_record``: of one profile, into the folder of ``kyodo calibrate --out``.
``write_full_record``: of all bundled profiles, other readings and conclusions, into calibration/.
The same inputs give the same bytes: no times, no paths of a machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.analyses.shared.names import SOLVED_TOTAL
from sim.base.files import atomic_write
from sim.report import calibration_comparison as comparison
from sim.report import calibration_parameters as parameters
from sim.report import calibration_text as text
from sim.report.calibration_cells import profile_argument, profile_name

if TYPE_CHECKING:
    from sim.calibrate.check import Check
    from sim.calibrate.fit import Calibration
    from sim.calibrate.recover import Recovery

FIGURES = "figures"
TABLES = "tables"

PICTURES = {
    "predictive": "Model less figure for every target",
    "contraction": "Identified and other parameters",
    "coverage": "Coverage of 90 % intervals of synthetic truths",
    "ranks": "Ranks of synthetic truths",
}
"""Figure -> text in its place."""


@dataclass(frozen=True)
class ProfileRecord:
    """All checks of one calibration.

    ``recovery``: of the default method on all truths, None where the design keeps too few;
    ``methods``: rows of ``recover.summary_row``, may be empty; ``identify``: rows of
    ``identify_rows``; ``cross_check``: of ``identify.cross_check``; ``hindcast``: the summary of a
    ``HindcastResult``, by variant.
    """

    calibration: Calibration
    check: Check
    recovery: Recovery | None
    methods: list[dict[str, Any]]
    identify: list[dict[str, Any]]
    cross_check: dict[str, Any] | None
    hindcast: dict[str, Any] | None

    @cached_property
    def recovery_rows(self) -> list[dict[str, Any]]:
        """Rows of ``recover.recovery_rows``; empty without a recovery."""
        from sim.calibrate.recover import recovery_rows

        return [] if self.recovery is None else recovery_rows(self.recovery)

    @property
    def name(self) -> str:
        """The name of the profile."""
        return profile_name(self.calibration.profile)


def write_profile_record(record: ProfileRecord, folder: Path) -> list[Path]:
    """Write README.md, figures/ and check.csv, identify.csv, recover.csv of one profile.

    Raises OutputError.
    """
    pictures = _figures(record, folder / FIGURES)
    tables = _tables(record, folder)
    name, records = record.name, {record.name: record}
    lines = [f"# Calibration of the profile {name}", "", *text.limit_lines()]
    lines += ["## In short", "", *text.criteria_lines(records)]
    lines += text.word_lines()
    lines += ["## Targets", "", *text.target_lines(records)]
    lines += _profile_sections(record, pictures, "##")
    if record.hindcast:
        lines += ["## Hindcast", "", *comparison.hindcast_lines({name: record.hindcast})]
    lines += [
        "## Expected not to be identified", "", *comparison.expectation_lines(records),
        "## How to make this again", "", "```", *text.commands(record), "```", "",
        *text.run_lines(records), *text.version_lines(),
    ]  # fmt: skip
    return [_readme(folder, lines), *pictures.values(), *tables]


def write_full_record(
    records: Mapping[str, ProfileRecord],
    readings: Mapping[str, Mapping[str, Any]],
    conclusions: pd.DataFrame,
    folder: Path,
) -> list[Path]:
    """Write README.md, figures/ and tables/ of all profiles together.

    ``records``: profile -> its record, the first one the base of the readings. ``readings``: name
    -> ``check`` (Check), ``conclusions`` (comparison rows), ``reused`` (names of stored waves).
    ``conclusions``: comparison rows of the measures with a column ``profile``. Raises OutputError.
    """
    base = next(iter(records))
    files: list[Path] = []
    sections: list[str] = []
    for name, record in records.items():
        pictures = _figures(record, folder / FIGURES, f"{name}_")
        files += [*pictures.values(), *_tables(record, folder / TABLES, f"{name}_")]
        sections += [f"## Profile {name}", "", *_profile_sections(record, pictures, "###")]
    files.append(_csv(folder / TABLES / "conclusions.csv", _all_conclusions(readings, conclusions)))
    lines = ["# Calibration", "", *_intro(records), *text.limit_lines()]
    lines += ["## In short", "", *text.criteria_lines(records)]
    lines += text.word_lines()
    lines += ["## Targets", "", *_FIXED, "", *text.target_lines(records)]
    lines += sections
    lines += ["## Expected not to be identified", "", *comparison.expectation_lines(records)]
    hindcasts = {name: r.hindcast for name, r in records.items() if r.hindcast}
    if hindcasts:
        lines += ["## Hindcast", "", *comparison.hindcast_lines(hindcasts)]
    lines += _side_by_side(conclusions)
    if readings:
        lines += ["## Other readings of the evidence", "", *_READINGS, ""]
        own = conclusions.loc[conclusions["profile"] == base]
        for name, reading in readings.items():
            lines += comparison.reading_lines(
                name, reading, base, records[base].check, own, _outcomes()
            )
    lines += _reproduce(records, readings, conclusions)
    return [_readme(folder, lines), *files]


_FIXED = (
    "Roles and errors were fixed before the first fit (`targets.yaml`). `s_obs` and"
    " `s_discrepancy` are standard deviations.",
)
_READINGS = (
    "Where two figures of the evidence contradict each other, one is used and the other one is"
    " calibrated apart. Effects are in the last fiscal year.",
)


def _intro(records: Mapping[str, ProfileRecord]) -> list[str]:
    names = " and ".join(f"`{n}`" for n in records)
    return [
        "<!-- Written by calibration/publish.py. Do not edit. -->",
        f"How the behaviour of residents, NPOs and projects was estimated for the profiles {names},"
        " what was tested, what was missed, and what the figures cannot tell."
        " Files: priors in `priors.yaml`, targets in `targets.yaml`, ensembles and stored runs in"
        " `posterior/`, tables behind this page in `tables/`.",
        "",
        "Where a figure comes from, with its line: `kyodo describe evidence --grep ID`, ID as in"
        " the column *evidence*. C019 and the like are findings on the document's consistency"
        " ([docs/evidence.md](../docs/evidence.md)); A5, model_rules and the like are decisions on"
        " the model ([docs/assumptions.md](../docs/assumptions.md)).",
        "",
    ]


def _profile_sections(record: ProfileRecord, pictures: Mapping[str, Path], mark: str) -> list[str]:
    """Check, misses, parameters, recovery and methods of one profile."""

    def picture(name: str) -> list[str]:
        if name not in pictures:
            return []
        return [f"![{PICTURES[name]}]({FIGURES}/{pictures[name].name})", ""]

    lines = [f"{mark} Does the model show the figures?", "", *text.score_lines(record.check)]
    lines += [*picture("predictive"), *text.predictive_lines(record.check)]
    lines += [f"{mark} Misses", "", *text.miss_lines(record.check.rows, text.chain_of(record))]
    lines += [f"{mark} What the figures inform", "", *parameters.parameter_lines(record.identify)]
    lines += picture("contraction")
    lines += [
        f"{mark} Recovery of synthetic truths",
        "",
        *parameters.recovery_lines(record.recovery_rows, record.identify),
    ]
    lines += [*picture("coverage"), *picture("ranks")]
    if record.methods or record.cross_check:
        lines += [f"{mark} Methods", ""]
    if record.methods:
        lines += comparison.method_lines(record.methods, record.calibration.method)
    if record.cross_check:
        lines += comparison.cross_check_lines(record.cross_check)
    return lines


def _outcomes() -> list[str]:
    from sim.model.indicators import INDICATORS

    return [k for k, i in INDICATORS.items() if i.kind == "outcome"]


def _side_by_side(conclusions: pd.DataFrame) -> list[str]:
    rows = comparison.last_year(conclusions)
    indicators = _outcomes()
    return [
        "## Conclusions on the three measures, side by side", "",
        "Effects are paired differences to the baseline in the last fiscal year; outcome indicators"
        " only, deliveries are plans. P(target): chance of reaching the document's target, the"
        " baseline's own in brackets. All indicators: `tables/conclusions.csv`.", "",
        *comparison.difference_lines(rows, indicators),
        *comparison.conclusion_lines(rows, [*indicators, SOLVED_TOTAL, "participation_rate"]),
    ]  # fmt: skip


def _reproduce(
    records: Mapping[str, ProfileRecord],
    readings: Mapping[str, Mapping[str, Any]],
    conclusions: pd.DataFrame,
) -> list[str]:
    lines = ["## How to make this again", "", "Everything at once, about an hour on two cores:", ""]
    lines += ["```", "python calibration/publish.py --work DIR", "```", "", "Or step by step:", ""]
    lines.append("```")
    for record in records.values():
        lines += text.commands(record)
    lines += [f"kyodo calibrate --profile calibration/readings/{name}.yaml" for name in readings]
    draws = int(conclusions["draws"].max()) if "draws" in conclusions else 0
    scenarios = [s for s in dict.fromkeys(conclusions["scenario"]) if s != "baseline"]
    for record in records.values():
        command = f"kyodo compare {' '.join(scenarios)}"
        command += f" --profile {profile_argument(record.calibration.profile)}"
        lines.append(command + (f" --draws {draws}" if draws else ""))
    return [*lines, "```", "", *text.run_lines(records), *text.version_lines()]


def _figures(record: ProfileRecord, folder: Path, prefix: str = "") -> dict[str, Path]:
    from sim.calibrate.recover import band
    from sim.report.calibration_charts import write_profile_figures

    rows = record.recovery_rows
    limits = band(rows[0]["truths"]) if rows else None
    return write_profile_figures(
        record.check, record.identify, record.recovery, rows, limits, record.name, folder, prefix
    )


def _tables(record: ProfileRecord, folder: Path, prefix: str = "") -> list[Path]:
    plain = [
        {**r, "correlated": "; ".join(f"{o['parameter']} {o['r']:+.2f}" for o in r["correlated"])}
        for r in record.identify
    ]
    tables: dict[str, Sequence[Mapping[str, Any]]] = {
        "check": record.check.rows,
        "identify": plain,
        "recover": record.recovery_rows,
        "methods": record.methods,
    }
    return [
        _csv(folder / f"{prefix}{name}.csv", pd.DataFrame(list(rows)))
        for name, rows in tables.items()
        if rows
    ]


def _all_conclusions(
    readings: Mapping[str, Mapping[str, Any]], conclusions: pd.DataFrame
) -> pd.DataFrame:
    frames = [conclusions, *(r["conclusions"].assign(profile=n) for n, r in readings.items())]
    frame = comparison.last_year(pd.concat(frames, ignore_index=True))
    wanted = [
        "profile", "scenario", "indicator", "fiscal_year", "unit", "median", "p05", "p95",
        "effect_median", "effect_p05", "effect_p95", "target", "probability_target",
        "probability_target_baseline", "draws", "replicates",
    ]  # fmt: skip
    return frame[[c for c in wanted if c in frame]]


def _csv(path: Path, frame: pd.DataFrame) -> Path:
    with atomic_write(path, "w", encoding="utf-8-sig", newline="") as stream:
        frame.to_csv(stream, index=False, lineterminator="\r\n", float_format="%.9g")
    return path


def _readme(folder: Path, lines: Sequence[str]) -> Path:
    """Write the page; runs of empty lines become one."""
    kept = [x for n, x in enumerate(lines) if x or n == 0 or lines[n - 1]]
    path = folder / "README.md"
    with atomic_write(path, "w", newline="\n") as stream:
        stream.write("\n".join(kept).rstrip() + "\n")
    return path
