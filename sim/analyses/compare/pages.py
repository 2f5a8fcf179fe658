"""The pages of a comparison: chances, findings, an indicator each, all at a glance, targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analyses.compare.pages_findings import findings_pages, impact_depends, parts_page
from sim.analyses.compare.pages_indicator import indicator_page, levels
from sim.analyses.compare.view import View, clear
from sim.analyses.shared.intervals import MIN_DRAWS
from sim.analyses.shared.names import COST
from sim.model.indicators import DOCUMENT_KINDS, INDICATORS
from sim.model.measures import INITIATIVES
from sim.pages.cells import Row, missing
from sim.pages.frames import tidy
from sim.pages.page import CHART_KINDS, Chart, Finding, Page
from sim.scenario.bundled import BASELINE

if TYPE_CHECKING:
    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.model.indicators import Indicator

MANY_RUNS = 0.5
"""A target counts as reached where more than this share of the runs reach it."""


def pages(tables: Tables, words: Words) -> tuple[Page, ...]:
    """All pages of ``kyodo compare`` and ``kyodo run``."""
    if "comparison" not in tables:
        return (Page("nothing", words("nothing"), words("nothing_left")),)
    view = View(tables, words)
    out = [*chances_page(view), *findings_pages(view)]
    for kind in DOCUMENT_KINDS:  # what is delivered never stands among what it brings about
        out += [indicator_page(view, i) for i in view.indicators(kind)]
    # counts of targets come late: they are no measure of a plan's worth
    out += [overview_page(view), targets_page(view)]
    if COST in set(view.rows["indicator"]):
        out.append(cost_page(view))
    out += auxiliary_page(view)
    return (*out, *parts_page(view), *claims_page(view))


# ---- chances of the targets


def chances_page(view: View) -> tuple[Page, ...]:
    """Chances of the outcome targets, doing nothing beside the scenarios that are spoken of.

    One scenario is shown in the key years, several at the horizon. Empty without a baseline and
    another scenario. The message leaves out what doing nothing reaches by itself.
    """
    words = view.words
    if not view.paired:
        return ()
    outcomes = [i.id for i in view.indicators("outcome")]

    def likely(scenario: str) -> float:
        rows = [view.end(id)[scenario]["probability_target"] for id in outcomes]
        return sum(float(chance > MANY_RUNS) for chance in rows if not missing(chance))

    names = view.spoken_of(likely)
    # the years of several scenarios beside each other would be too many columns
    years = list(view.years.values()) if len(names) == 1 else [view.last]
    cells = [
        (view.cells[id, year][s], year)
        for id in outcomes
        for year in years
        for s in (BASELINE, *names)
        if not missing(view.cells[id, year][s]["probability_target"])
    ]
    if not cells:
        return ()
    table = tidy(
        (
            {
                "row": words.indicator(r["indicator"]),
                "column": words(
                    "chances_column", year=words.labels.year(year), name=view.names[r["scenario"]]
                ),
                "value": r["probability_target"],
                "probability_low": r["probability_low"],
                "probability_high": r["probability_high"],
            }
            for r, year in cells
        ),
        ("row", "column", "value", "probability_low", "probability_high"),
    )  # fmt: skip
    last = [r for r, year in cells if year == max(years)]
    above = [r for r in last if r["probability_target"] > MANY_RUNS]
    alone = {r["indicator"] for r in above if r["scenario"] == BASELINE}
    text = words.sentences(
        words(
            "chances_message", year=words.labels.year(max(years)), scenario=view.names[name],
            all=len({r["indicator"] for r in last}), alone=len(alone),
            n=len({r["indicator"] for r in above if r["scenario"] == name} - alone),
        )
        for name in names
    )  # fmt: skip
    width = max(r["probability_high"] - r["probability_low"] for r in last) / 2
    note = words("chances_error", error=_error(view, width))
    title = words("chances_title")
    chart = Chart("chances", "heatmap", title, table, unit="share", y_title=words("chance"))
    return (Page("chances", title, text, (chart,), (note, words("limit_chance"))),)


def _error(view: View, width: float) -> str:
    return view.words.labels.difference(width, "share").lstrip("+")


# ---- all indicators at a glance


def overview_page(view: View) -> Page:
    """The paths of all indicators as small multiples, and each class at the horizon as a table."""
    words, shown = view.words, view.indicators(*DOCUMENT_KINDS)
    charts = []
    for kind in DOCUMENT_KINDS:
        if view.indicators(kind):
            charts += [_paths(view, kind), _glance(view, kind, last=kind == shown[-1].kind)]
    said = []
    if view.facts["left_out"]:
        said.append(Finding("left_out", words("left_out", n=len(view.facts["left_out"]))))
    if view.few:
        few = words("few_draws", minimum=MIN_DRAWS, runs=view.runs)
        said.append(Finding("few_draws", few))
    return Page(
        "overview", words("overview"), words("overview_message", n=len(shown)), tuple(charts),
        findings=tuple(said),
    )  # fmt: skip


def _paths(view: View, kind: str) -> Chart:
    import pandas as pd

    words = view.words
    panels = []
    for i in view.indicators(kind):
        mine = view.rows.loc[view.rows["indicator"] == i.id]
        mine = mine.assign(name=[view.names[s] for s in mine["scenario"]])
        columns = [*CHART_KINDS["trajectory"], "current"]
        panels.append(mine[columns].assign(panel=words.indicator(i.id), unit=i.unit))
    return Chart(
        f"overview_{kind}", "trajectory", words(f"{kind}_long"),
        pd.concat(panels, ignore_index=True), interval=view.interval,
        reading=words("trajectory_reading", interval=view.interval),
    )  # fmt: skip


def _glance(view: View, kind: str, *, last: bool) -> Chart:
    """One class: per scenario the effect at the horizon and the chance of the target."""
    words, labels = view.words, view.words.labels
    others = [s for s in view.scenarios if s != BASELINE]
    based = BASELINE in view.scenarios
    heads = [words("indicator"), f"{words('current')}\n{words('target')}"]
    heads += [words("baseline")] if based else []
    heads += [view.names[s] for s in others]
    lines = []
    for indicator in view.indicators(kind):
        end, unit = view.end(indicator.id), indicator.unit
        first = next(iter(end.values()))
        line = [words.indicator(indicator.id)]
        line.append("\n".join(labels.number(first[k], unit) for k in ("current", "target")))
        if based:
            line.append(_glance_cell(view, indicator, end[BASELINE], based=False))
        line += [_glance_cell(view, indicator, end[s], based=based) for s in others]
        lines.append(dict(zip(heads, line, strict=True)))
    error = float(view.rows["probability_mc_error"].max())
    how = words("overview_legend", interval=view.interval)
    how += " " + words("chances_legend", error=_error(view, error))
    return Chart(
        f"glance_{kind}", "table", words("glance", kind=words(kind), **view.horizon),
        tidy(lines, heads), fiscal_year=view.last, plain=True,
        reading=how if last else "",
    )  # fmt: skip


def _glance_cell(view: View, indicator: Indicator, row: Row, *, based: bool) -> str:
    """Effect (level without a baseline), and below it the chance of the target if there is one."""
    labels, unit = view.words.labels, indicator.unit
    if not based:
        text = labels.number(row["median"], unit)
    elif missing(row["effect_median"]):
        text = "–"
    else:
        size = labels.difference(row["effect_median"], unit, bare=True)
        text = size + ("*" if clear(row) else "")
    aims = not missing(row["target"])
    return f"{text}\n{view.chance(row, own=False)}" if aims else text


# ---- targets and costs


def targets_page(view: View) -> Page:
    """How many targets each scenario reaches at the horizon, per class."""
    words = view.words
    place = {name: n for n, name in enumerate(view.scenarios)}
    reached = sorted(view.facts["reached"], key=lambda r: place[r["scenario"]])
    charts = []
    for kind in DOCUMENT_KINDS:
        rows = [
            {**r, "label": view.names[r["scenario"]], "value": r["median"]}
            for r in reached
            if r["kind"] == kind
        ]
        charts.append(
            Chart(
                f"targets_{kind}", "bars", words(f"{kind}_long"),
                tidy(rows, ("scenario", "label", "value", "low", "high", "targets")),
                unit="count", fiscal_year=view.last,
                interval=words("range", runs=view.runs),
            )
        )  # fmt: skip
    outcomes = {r["scenario"]: r["median"] for r in reached if r["kind"] == "outcome"}
    message = words.sentences(
        words(
            "targets_message",
            scenario=view.names[name],
            outcome=view.reached(name, "outcome", "of_targets"),
            outcome_base=view.reached(BASELINE, "outcome", "of_targets"),
            delivery=view.reached(name, "delivery", "of_targets"),
        )
        for name in view.spoken_of(lambda s: outcomes.get(s, float("nan")))
    )
    depends = impact_depends(view)
    said = words("impact_depends", names=words.join(depends))
    return Page(
        "targets", words("targets_title", year=words.labels.year(view.last)), message,
        tuple(charts), (words("targets_note"),),
        findings=(Finding("impact_depends", said),) if depends else (),
    )  # fmt: skip


def cost_page(view: View) -> Page:
    """The assumed cost of each scenario in the last year."""
    words, labels = view.words, view.words.labels
    end = view.end(COST)
    table = tidy(
        ({**row, "label": view.names[s], "value": row["median"]} for s, row in end.items()),
        ("scenario", "label", "value", "low", "high"),
    )
    text = words.sentences(
        words(
            "cost_message", scenario=view.names[name], cost=view.between(end[name]),
            year=labels.year(view.last),
        )
        for name in view.spoken_of(lambda s: end[s]["median"])
    )  # fmt: skip
    declared = INDICATORS[COST]
    chart = Chart(
        "cost", "bars", labels.name(declared), table, unit=declared.unit, fiscal_year=view.last,
        interval=view.interval, y_title=labels.axis(declared.unit),
    )  # fmt: skip
    return Page("cost", words("cost_title"), text, (chart,), (words("limit_costs"),), detail=True)


def auxiliary_page(view: View) -> tuple[Page, ...]:
    """Level and effect on what is no goal of the document."""
    shown = view.indicators("auxiliary")
    if not shown:
        return ()
    text = view.words("auxiliary_message", n=len(shown))
    charts = tuple(levels(view, i, named=True) for i in shown)
    return (Page("auxiliary", view.words("auxiliary_long"), text, charts, detail=True),)


# ---- where the numbers come from


def claims_page(view: View) -> tuple[Page, ...]:
    """The document's claims behind the initiatives that some scenario switches on."""
    used = set(view.facts["initiatives"])
    cites = tuple(
        (view.words.initiative(key), claim)
        for key, initiative in INITIATIVES.items()
        if key in used
        for claim in initiative.claims
    )
    if not cites:
        return ()
    title, text = view.words("claims_title"), view.words("claims_text")
    return (Page("claims", title, text, cites=cites, detail=True),)
