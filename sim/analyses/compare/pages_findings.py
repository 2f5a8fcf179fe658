"""What the comparison says about each scenario, and what its intervals come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sim.analyses.compare.interval_parts import OF, PARTS
from sim.analyses.compare.view import View, clear
from sim.analyses.shared.names import COST
from sim.base.rows import records
from sim.model.indicators import DOCUMENT_KINDS, INDICATORS
from sim.pages.cells import Row, missing
from sim.pages.frames import tidy
from sim.pages.page import Chart, Finding, Page
from sim.scenario.bundled import BASELINE

if TYPE_CHECKING:
    from sim.model.indicators import Indicator

KEY_LEVEL = "KGI"
"""Level of the indicators whose intervals are taken apart on a page; all stand in
interval_parts.csv."""
AGREEMENT = 0.1
"""Chances of one target that differ by more than this are no agreement."""


# ---- findings on each scenario


def findings_pages(view: View) -> list[Page]:
    """A page for each scenario beside the baseline; none without a baseline."""
    if not view.paired:
        return []
    return [findings_page(view, s) for s in view.scenarios if s != BASELINE]


def findings_page(view: View, scenario: str) -> Page:
    """Findings on one scenario at the horizon.

    "Clear" = the interval of the effect excludes zero. Outcome indicators that clearly get better,
    those that clearly get worse (adverse side effects, auxiliary indicators with a direction
    included), those without a clear effect; delivery targets reached in at least half of the runs.
    """
    words = view.words
    counts = {
        key: view.reached(of, kind, "of_targets")
        for kind in DOCUMENT_KINDS
        for key, of in ((kind, scenario), (f"{kind}_base", BASELINE))
    }
    return Page(
        f"findings_{scenario}",
        words("findings_title", name=view.names[scenario], id=scenario, **view.horizon),
        words("finding_counts", **counts),
        findings=tuple(_findings(view, scenario)),
        notes=(words("findings_how", interval=view.interval),),
        detail=True,
    )


def _findings(view: View, scenario: str) -> Iterator[Finding]:
    words = view.words
    found: dict[str, list[str]] = {
        k: [] for k in ("better", "worse", "unclear", "delivery", "unreachable")
    }
    mine = {i: view.end(i)[scenario] for i in INDICATORS if (i, view.last) in view.cells}
    for id, row in mine.items():
        indicator = INDICATORS[id]
        if not row["reachable"] and not missing(row["target"]):
            found["unreachable"].append(id)
        if indicator.kind == "delivery":
            if row["probability_target"] >= 0.5:
                found["delivery"].append(id)
            continue
        if id == COST or missing(row["effect_median"]) or indicator.direction == 0:
            continue
        good = row["effect_median"] * indicator.direction > 0
        seen = clear(row) and _visible(view, row, indicator)
        if seen and not good:
            found["worse"].append(id)
        elif indicator.kind == "outcome":
            found["better" if seen else "unclear"].append(id)
    for what in ("better", "worse"):
        for id in found[what]:
            text = words(f"finding_{what}", said=_sentence(view, mine[id], INDICATORS[id]))
            yield Finding(f"{scenario}_{what}_{id}", text)
        if not found[what]:
            none = words(f"finding_{what}", said=words("finding_none"))
            yield Finding(f"{scenario}_{what}", none)
    for what in ("unclear", "delivery", "unreachable"):
        names = words.join(words.indicator(id) for id in found[what])
        if names or what != "unreachable":
            text = words(f"finding_{what}", names=names or words("finding_none"))
            yield Finding(f"{scenario}_{what}", text)
    if COST in mine:
        yield Finding(f"{scenario}_cost", words("finding_cost", cost=view.between(mine[COST])))
    note = impact_note(view, scenario)
    if note is not None:
        yield Finding(f"{scenario}_impact", note)


def _visible(view: View, row: Row, indicator: Indicator) -> bool:
    """Whether the effect is more than zero at the precision in which it is printed."""
    labels = view.words.labels
    zero = labels.difference(0.0, indicator.unit)
    shown = labels.difference(row["effect_median"], indicator.unit)
    return shown.lstrip("+-−±") != zero.lstrip("+-−±")


def _sentence(view: View, row: Row, indicator: Indicator) -> str:
    labels, unit = view.words.labels, indicator.unit
    values = {
        "name": view.words.indicator(indicator.id),
        "effect": labels.difference(row["effect_median"], unit),
        "low": labels.difference(row["effect_low"], unit),
        "high": labels.difference(row["effect_high"], unit),
        "median": labels.number(row["median"], unit),
    }
    if missing(row["probability_target"]):
        return view.words("finding_line_no_target", **values)
    return view.words(
        "finding_line",
        target=labels.number(row["target"], unit),
        chance=labels.chance(row["probability_target"]),
        chance_base=labels.chance(row["probability_target_baseline"]),
        **values,
    )


# ---- the readings of social impact


def _agree(readings: list[Mapping[str, Any]]) -> bool:
    chances = [r["chance"] for r in readings]
    return bool(max(chances) - min(chances) <= AGREEMENT)


def _readings(view: View, scenario: str) -> list[Mapping[str, Any]]:
    return [r for r in view.facts["impact"] if r["scenario"] == scenario]


def impact_note(view: View, scenario: str) -> str | None:
    """Whether the answer on M3-KGI-1 depends on how the index is built (model_rules C).

    The readings disagree if their chances of the target differ by more than a tenth. None with one
    reading.
    """
    mine, labels = _readings(view, scenario), view.words.labels
    if len(mine) < 2:
        return None
    parts = [
        f"{labels.name(INDICATORS[r['indicator']])} "
        f"{labels.difference(r['median'], 'relative change')}, {labels.chance(r['chance'])}"
        for r in mine
    ]
    key = "finding_impact_agree" if _agree(mine) else "finding_impact_differ"
    return view.words(key, chances="; ".join(parts))


def impact_depends(view: View) -> list[str]:
    """Names of scenarios in which the readings of M3-KGI-1 disagree on the target."""
    read = {s: _readings(view, s) for s in view.scenarios}
    return [view.names[s] for s, readings in read.items() if readings and not _agree(readings)]


# ---- what the intervals come from


def parts_page(view: View) -> tuple[Page, ...]:
    """Shares of behaviour, effects and chance for the key goals at the horizon.

    Shown for the scenario with the most initiatives (the last of these). Empty for a study without
    a baseline or with one run; without shares, the option that computes them is named.
    """
    words, facts = view.words, view.facts["interval_parts"]
    if BASELINE not in view.scenarios or view.runs < 2:
        return ()
    title = words("parts_title")
    shares = view.tables.get("interval_parts")
    if shares is None or shares.empty:
        return (Page("parts", title, words("parts_none"), detail=True),)
    on = {s: len(view.facts["scenarios"][s]) for s in view.scenarios}
    others = [s for s in view.scenarios if s != BASELINE] or view.scenarios
    scenario = max(reversed(others), key=lambda s: on[s])
    text = words(
        "parts_text", year=words.labels.year(view.last), scenario=view.names[scenario],
        draws=facts["draws"],
    )  # fmt: skip
    source = words(f"parts_{facts['source']}", draws=facts["draws"], profile=view.facts["profile"])
    keep = (shares["scenario"] == scenario) & (shares["fiscal_year"] == view.last)
    cells = {(r["indicator"], r["of"], r["part"]): r for r in records(shares.loc[keep])}
    heads = [words("indicator"), words("parts_of"), *(words(f"part_{part}") for part in PARTS)]
    lines = [
        [
            words.indicator(id),
            words(f"parts_{of}"),
            *(_share(view, cells[id, of, p]) for p in PARTS),
        ]
        for id in INDICATORS
        if f"-{KEY_LEVEL}-" in id
        for of in OF
        if all((id, of, part) in cells for part in PARTS)
    ]
    table = tidy((dict(zip(heads, line, strict=True)) for line in lines), heads)
    chart = Chart("parts", "table", title, table, fiscal_year=view.last)
    return (Page("parts", title, text, (chart,), (source,), detail=True),)


def _share(view: View, row: Row) -> str:
    """A share with its interval, "61 % [52, 70]"; "not available" where there is no variance."""
    labels = view.words.labels
    if missing(row["share"]):
        return labels("not_available")
    share = labels.chance(row["share"])
    if missing(row["low"]):
        return share
    return f"{share} [{100 * row['low']:.0f}, {100 * row['high']:.0f}]"
