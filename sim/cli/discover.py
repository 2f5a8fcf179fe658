"""``kyodo discover``: under which assumptions a package misses its targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.base.choices import LANGUAGES
from sim.cli import options as o

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.discover.estimate import Discovery
    from sim.cli.session import Shared

Goals = Annotated[
    list[str] | None,
    typer.Option(
        "--goal", metavar="ID=VALUE", help="Your own target instead of all; can be repeated."
    ),
]


def discover(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Id or file.")],
    draws: o.Draws = 300,
    scale: o.Scale = "1/1000",
    years: o.Years = 10,
    goal: Goals = None,
    profile: o.Profile = None,
    discount: o.DiscountMode = None,
    set_: o.Set = None,
    seed: o.Seed = 0,
    workers: o.Workers = None,
    engine: o.Engine = None,
    scheduler: o.Scheduler = None,
    out: o.Out = None,
    force: o.Force = False,
    resume: o.Resume = False,
    lang: o.Language = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Tell under which assumptions a package misses its targets.

    Prints plain sentences: limits on few assumptions within which misses gather,
    checked on draws that were kept apart; and says where nothing predicts them.
    """
    from sim.cli.session import Shared

    shared = Shared.of("discover", locals())
    raise typer.Exit(discover_command(shared, scenario, goal or []))


def discover_command(shared: Shared, scenario: str, own: list[str]) -> int:
    """Carry out a discovery; return the exit code."""
    from sim.base.errors import UsageError

    o.need("sklearn", "experiments")
    from sim.analyses.discover.estimate import check_draws, discover, goals_of
    from sim.analyses.discover.rules import RULES, rules_of
    from sim.cli.session import Session
    from sim.figures.evidence import load_profile
    from sim.figures.parameters import parse_set
    from sim.report.discover import summary_text, terminal_lines
    from sim.scenario.reader import load_scenario

    check_draws(shared.draws or 0)
    chosen = load_scenario(scenario, shared.years)
    if not chosen.initiatives:
        raise UsageError(f"{chosen.id} switches on no initiative: there is no package to look at")
    wanted: dict[str, float] = {}
    for text in own:
        try:
            name, value = parse_set(text)
        except UsageError as error:
            raise UsageError(str(error).replace("--set", "--goal")) from None
        wanted[name] = value
    goals = goals_of(wanted, load_profile(shared.profile or "document"))
    # the goals are no part of the study, so that other goals reuse its runs
    session = Session(shared, {"scenario": chosen.to_dict(labels=False)})
    weights = {id: session.value(id) for id in RULES}
    found = discover(
        chosen,
        load_scenario("baseline", shared.years),
        goals,
        shared.draws or 0,
        session.spec,
        session.run,
        session.table,
        session.discount,
        rules_of(weights),
    )
    session.write_table("discover", table_of(found))
    session.write_text("summary.md", summary_text(found, session.manifest(), shared.lang))
    return session.finish(json_content(found), terminal_lines(found, shared.lang))


def rows_of(found: Discovery) -> list[dict[str, Any]]:
    """One row per limit of every box; one without a box for a goal where none was found."""
    rows: list[dict[str, Any]] = []
    for answer in found.answers:
        finding = answer.finding
        goal = {
            "scenario": found.scenario.id,
            "indicator": answer.goal.indicator,
            "target": answer.goal.value,
            "fiscal_year": found.fiscal_year,
            "draws": finding.draws,
            "missed": finding.missed,
            "baseline_missed": answer.baseline_missed,
            "outcome": finding.outcome,
            "about": finding.about,
            "nearest": answer.nearest,
        }
        if not finding.boxes:
            rows.append(goal)
        for number, box in enumerate(finding.boxes, 1):
            measured = {
                "box": number,
                "box_draws": box.draws,
                "box_cases": box.cases,
                "density": box.density,
                "coverage": box.coverage,
                "p": box.p,
            }
            for limit in box.limits:
                ends = {"low": limit.low, "high": limit.high}
                unit = found.assumptions.unit(limit.name)
                rows.append({**goal, **measured, "assumption": limit.name, **ends, "unit": unit})
    return rows


COLUMNS = (
    "scenario", "indicator", "target", "fiscal_year", "draws", "missed", "baseline_missed",
    "outcome", "about", "nearest", "box", "box_draws", "box_cases", "density", "coverage", "p",
    "assumption", "low", "high", "unit",
)  # fmt: skip


def table_of(found: Discovery) -> pd.DataFrame:
    """The rows as a table with COLUMNS; empty cells where there is no box or no limit."""
    import pandas as pd

    table = pd.DataFrame(rows_of(found)).reindex(columns=list(COLUMNS))
    return table.astype({"box": "Int64", "box_draws": "Int64", "box_cases": "Int64"})


def json_content(found: Discovery) -> dict[str, Any]:
    """The JSON of ``discover``: a row per limit, the sentences in both languages."""
    from sim.report.discover import Sentences

    sentences = {
        lang: [
            {"indicator": a.goal.indicator, "goal": s.goal(a), "text": s.answer(a)}
            for a in found.answers
        ]
        for lang in LANGUAGES
        for s in [Sentences(found, lang)]
    }
    rows = [{column: row.get(column) for column in COLUMNS} for row in rows_of(found)]
    return {
        "scenario": found.scenario.id,
        "assumptions": list(found.assumptions.names),
        "rows": rows,
        "sentences": sentences,
    }
