"""``kyodo attribute``: what each measure and each initiative adds, and whether they interact."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import options as o

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.attribute.estimate import Plan
    from sim.cli.session import Session
    from sim.model.indicators.base import Indicator
    from sim.pages.labels import Named
    from sim.report.attribute_cells import AttributionParts


class Level(StrEnum):
    """What a total effect is divided among."""

    measures = "measures"
    initiatives = "initiatives"


def attribute(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="Id or file: whose initiatives.")
    ] = "all_measures",
    level: Annotated[
        Level, typer.Option("--level", help="Divide among measures only, or initiatives too.")
    ] = Level.initiatives,
    permutations: Annotated[
        int,
        typer.Option(
            "--permutations", min=2, metavar="N", help="Orders of initiatives per run (even)."
        ),
    ] = 2,
    indicator: Annotated[
        list[str] | None,
        typer.Option(
            "--indicator", metavar="ID", help="Can be repeated [default: the 24 and three more]."
        ),
    ] = None,
    draws: o.Draws = 50,
    replicates: o.Replicates = 1,
    scale: o.Scale = "1/100",
    years: o.Years = 10,
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
    """Divide a scenario's effect among its measures and initiatives.

    Shapley shares that add up to the effect, interactions of the measures on two
    scales, and the projects beside what past growth does alone. The default takes
    some minutes on two cores.
    """
    from sim.analyses.attribute.estimate import make_plan
    from sim.analyses.shared.trend import TREND
    from sim.cli.session import Session, Shared
    from sim.scenario.reader import load_scenario

    base = load_scenario(scenario, years)
    chosen = _indicators(indicator)
    shared = Shared.of(
        "attribute",
        locals(),
        profile=profile or base.profile,
        discount=discount or base.discount,
    )

    def planned(*, trend: bool) -> Plan:
        return make_plan(
            base,
            draws=draws,
            replicates=replicates,
            permutations=permutations if level == Level.initiatives else 0,
            seed=seed,
            trend=trend,
        )

    planned(trend=False)  # what cannot be attributed is said before a folder is made
    asked = {
        "scenario": base.to_dict(labels=False),
        "level": level.value,
        "permutations": permutations if level == Level.initiatives else 0,
        "indicators": list(chosen),
    }
    session = Session(shared, asked)
    # a trend that the user sets is in both arms, so there is nothing to compare
    own_trend = TREND in session.parameters or TREND in base.parameters
    raise typer.Exit(_carry_out(session, planned(trend=not own_trend), chosen))


def _indicators(asked: list[str] | None) -> dict[str, Indicator]:
    """The indicators to attribute, in the order of their declaration."""
    from sim.analyses.attribute.estimate import DEFAULT_AUXILIARY
    from sim.analyses.shared.values import known_indicator
    from sim.model.indicators import INDICATORS

    if asked:
        wanted = {known_indicator(name) for name in asked}
        return {k: i for k, i in INDICATORS.items() if k in wanted}
    return {k: i for k, i in INDICATORS.items() if i.kind != "auxiliary" or k in DEFAULT_AUXILIARY}


def _carry_out(session: Session, plan: Plan, indicators: dict[str, Indicator]) -> int:
    from sim.analyses.attribute.estimate import attribute as divided
    from sim.analyses.attribute.estimate import plan_runs
    from sim.analyses.attribute.growth import growth_facts, growth_rows
    from sim.figures.evidence import load_profile
    from sim.report.attribute import terminal_lines
    from sim.report.attribute_cells import AttributionParts

    runs = plan_runs(plan, session.spec, session.profile)
    results = session.run(runs.specs, f"attribution of {plan.base.id}")
    declared = list(indicators.values())
    cube = results.cube(list(indicators))
    tables = divided(plan, runs, cube, declared, results.years)
    growth = growth_rows(plan, runs, cube, declared, results.years, load_profile(session.profile))
    parts = AttributionParts(
        plan,
        tables,
        growth,
        growth_facts(growth, session.profile),
        indicators,
        _names(plan),
        session.manifest(),
    )
    _write(session, parts)
    return session.finish(content(parts), terminal_lines(parts, session.shared.lang))


def _names(plan: Plan) -> dict[str, Named]:
    """Names of the scenario, its measures and its initiatives, by id."""
    from sim.model.measures import INITIATIVES
    from sim.scenario.reader import load_scenario

    names: dict[str, Any] = {plan.base.id: plan.base}
    names |= {f"m{m}": load_scenario(f"m{m}") for m in plan.measures}
    return names | {name: INITIATIVES[name] for name in plan.players}


def _write(session: Session, parts: AttributionParts) -> None:
    from sim.report.attribute import report_indicators, summary_text
    from sim.report.charts_attribute import interactions_figure, waterfall_figure
    from sim.report.fonts import drawing

    lang = session.shared.lang
    session.write_table("shares", parts.tables.shares)
    session.write_table("interactions", parts.tables.interactions)
    session.write_table("levels", parts.tables.levels)
    if not parts.growth.empty:
        session.write_table("growth", parts.growth)
    session.write_text("summary.md", summary_text(parts, lang))
    with drawing(lang):
        for indicator in report_indicators(parts):
            figure = waterfall_figure(parts, indicator, lang)
            session.write_figure(f"waterfall_{indicator.id}", figure)
        if parts.of_kind("outcome") and len(parts.plan.measures) > 1:
            for natural, name in ((True, "interactions"), (False, "interactions_log")):
                session.write_figure(name, interactions_figure(parts, lang, natural=natural))


def content(parts: AttributionParts) -> dict[str, Any]:
    """The JSON of the command: rows (contributions), interactions, levels, growth, verdicts."""
    from sim.report.attribute import verdicts

    return {
        "scenario": parts.plan.base.id,
        "rows": _rows(parts.tables.shares),
        "interactions": _rows(parts.tables.interactions),
        "levels": _rows(parts.tables.levels),
        "growth": {**parts.growth_facts, "rows": _rows(parts.growth)},
        "synergy": verdicts(parts),
        "largest_gap": parts.tables.largest_gap,
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as plain values: no number is null, never NaN."""
    return [
        {str(key): _plain(value) for key, value in record.items()}
        for record in table.to_dict(orient="records")
    ]


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    return None if value is None or value != value else value
