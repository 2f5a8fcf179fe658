"""What the comparison says about each scenario, in plain sentences with numbers and intervals."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sim.analyses.shared.names import COST
from sim.model.indicators import DOCUMENT_KINDS
from sim.pages.labels import Labels, Named
from sim.report.cells import interval_cell
from sim.report.scope import ReportIndicator, Row, cells_of, clear, missing

"""The auxiliary indicator of cost: what a scenario costs is no side effect of it."""


def scenario_findings(
    rows: pd.DataFrame,
    reached: pd.DataFrame,
    indicators: Mapping[str, ReportIndicator],
    scenario: str,
    labels: Labels,
) -> list[str]:
    """Findings on one scenario at the horizon, as Markdown lines.

    "Clear" = the interval of the effect excludes zero. Outcome indicators that clearly get better,
    those that clearly get worse (adverse side effects, auxiliary indicators with a direction
    included), those without a clear effect; delivery targets reached in at least half of the runs.
    """
    cells, last = cells_of(rows), int(rows["fiscal_year"].max())
    mine = {k: cells[k, last][scenario] for k in indicators if (k, last) in cells}
    better, worse, unclear, delivered, barred = [], [], [], [], []
    for key, indicator in indicators.items():
        if key not in mine:
            continue
        row = mine[key]
        if not row["reachable"] and not missing(row["target"]):
            barred.append(f"{key} {labels.name(indicator)}")
        if indicator.kind == "delivery":
            if row["probability_target"] >= 0.5:
                delivered.append(f"{key} {labels.name(indicator)}")
            continue
        if key == COST or missing(row["effect_median"]) or indicator.direction == 0:
            continue
        good = row["effect_median"] * indicator.direction > 0
        seen = clear(row) and _visible(row, indicator, labels)
        if seen and not good:
            worse.append(_sentence(row, indicator, labels))
        elif indicator.kind == "outcome" and seen:
            better.append(_sentence(row, indicator, labels))
        elif indicator.kind == "outcome":
            unclear.append(f"{key} {labels.name(indicator)}")
    lines = [_counts(reached, scenario, labels), ""]
    lines += _bullets(labels("finding_better"), better, labels)
    lines += _bullets(labels("finding_worse"), worse, labels)
    comma = "、" if labels.lang == "ja" else "; "
    gap = "" if labels.lang == "ja" else " "
    for title, names in (("finding_unclear", unclear), ("finding_delivery", delivered)):
        lines.append(labels(title) + gap + (comma.join(names) or labels("finding_none")))
        lines.append("")
    if COST in mine:
        cost = interval_cell(mine[COST], "", labels)
        lines += [labels("finding_cost", cost=cost), ""]
    if barred:
        lines += [labels("finding_unreachable") + gap + comma.join(barred), ""]
    return lines


def _visible(row: Row, indicator: ReportIndicator, labels: Labels) -> bool:
    """Whether the effect is more than zero at the precision in which it is printed."""
    zero = labels.difference(0.0, indicator.unit)
    shown = labels.difference(row["effect_median"], indicator.unit)
    return shown.lstrip("+-−±") != zero.lstrip("+-−±")


def _bullets(title: str, items: list[str], labels: Labels) -> list[str]:
    if not items:
        return [f"{title}{'' if labels.lang == 'ja' else ' '}{labels('finding_none')}", ""]
    return [title, "", *[f"- {item}" for item in items], ""]


def _sentence(row: Row, indicator: ReportIndicator, labels: Labels) -> str:
    unit = indicator.unit
    values = {
        "name": f"{indicator.id} {labels.name(indicator)}",
        "effect": labels.difference(row["effect_median"], unit),
        "low": labels.difference(row["effect_low"], unit),
        "high": labels.difference(row["effect_high"], unit),
        "median": labels.number(row["median"], unit),
    }
    if missing(row["probability_target"]):
        return labels("finding_line_no_target", **values)
    return labels(
        "finding_line",
        target=labels.number(row["target"], unit),
        chance=labels.chance(row["probability_target"]),
        chance_base=labels.chance(row["probability_target_baseline"]),
        **values,
    )


def _counts(reached: pd.DataFrame, scenario: str, labels: Labels) -> str:
    words = {}
    for kind in DOCUMENT_KINDS:
        for key, name in ((kind, scenario), (f"{kind}_base", "baseline")):
            part = reached.loc[(reached["scenario"] == name) & (reached["kind"] == kind)]
            words[key] = "–"
            if len(part):
                words[key] = labels(
                    "of_targets",
                    median=f"{part['median'].iloc[0]:g}",
                    targets=int(part["targets"].iloc[0]),
                )
    return labels("finding_counts", **words)


AGREEMENT = 0.1
"""Chances of one target that differ by more than this are no agreement."""


def _agree(chances: pd.Series[float]) -> bool:
    return bool(chances.max() - chances.min() <= AGREEMENT)


def impact_note(
    impact: pd.DataFrame, indicators: Mapping[str, Named], scenario: str, labels: Labels
) -> str | None:
    """Whether the answer on M3-KGI-1 depends on how the index is built (model_rules C).

    ``impact``: ``sim.analyses.shared.reached.impact_chances``. The readings disagree if their
    chances of the target differ by more than a tenth. None with one reading.
    """
    mine = impact.loc[impact["scenario"] == scenario]
    if len(mine) < 2:
        return None
    parts = [
        f"{labels.name(indicators[row['indicator']])} "
        f"{labels.difference(row['median'], 'relative change')}, {labels.chance(row['chance'])}"
        for _, row in mine.iterrows()
    ]
    same = _agree(mine["chance"])
    return labels(
        "finding_impact_agree" if same else "finding_impact_differ", chances="; ".join(parts)
    )


def impact_depends(impact: pd.DataFrame) -> list[str]:
    """Scenarios in which the readings of M3-KGI-1 disagree on the target."""
    return [
        str(name)
        for name, part in impact.groupby("scenario", sort=False)
        if not _agree(part["chance"])
    ]
