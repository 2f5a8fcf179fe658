"""``kyodo sensitivity``: which unknowns move a result most."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.base.rows import rows_as_json
from sim.cli import options as o

if TYPE_CHECKING:
    from sim.analyses.sensitivity.estimate import Sensitivity
    from sim.analyses.shared.factors import Factors

DEFAULT_INDICATOR = "solved_cumulative"


class MethodName(StrEnum):
    """How indices are found."""

    auto = "auto"
    morris = "morris"
    sobol = "sobol"
    surrogate = "surrogate"
    delta = "delta"
    pawn = "pawn"


class GroupBy(StrEnum):
    """What counts as one factor."""

    initiative = "initiative"
    part = "part"
    parameter = "parameter"


def sensitivity(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="Id or file.")
    ] = "all_measures",
    indicator: Annotated[
        str, typer.Option("--indicator", metavar="ID", help="What is looked at.")
    ] = DEFAULT_INDICATOR,
    effect: Annotated[
        bool,
        typer.Option("--effect/--level", help="Paired effect against the baseline, or the level."),
    ] = True,
    method: Annotated[
        MethodName,
        typer.Option("--method", help="auto: Sobol' where the points suffice, else a surrogate."),
    ] = MethodName.auto,
    points: Annotated[
        int, typer.Option("--points", min=8, help="Parameter vectors to run, about.")
    ] = 256,
    group: Annotated[
        GroupBy, typer.Option("--group", help="What counts as one factor.")
    ] = GroupBy.initiative,
    scale: o.Scale = "1/1000",
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
    """Rank the unknowns by how far they move a result.

    Indices of behaviour, the shared discount and each initiative over the years,
    with intervals, convergence and the share of luck.
    """
    o.need("sklearn", "experiments")
    from sim.analyses.sensitivity.estimate import AskedIndicator, choose, study
    from sim.analyses.shared.factors import COST_INDICATORS, factors_of
    from sim.analyses.shared.values import known_indicator
    from sim.base.errors import UsageError
    from sim.cli.session import Session, Shared
    from sim.model.indicators import INDICATORS
    from sim.scenario.reader import load_scenario

    known_indicator(indicator)
    chosen = load_scenario(scenario, years)
    baseline = load_scenario("baseline", years) if effect else None
    if effect and not chosen.initiatives:
        raise UsageError(f"{chosen.id} has no initiative and hence no effect: use --level")
    shared = Shared.of("sensitivity", locals(), draws=points, profile=profile or chosen.profile)
    shared = _with_discount(shared, chosen.discount)
    # the number of points may grow within a study, as draws may: it stands in `draws`
    asked = {
        "scenario": chosen.to_dict(labels=False),
        "indicator": indicator,
        "effect": effect,
        "method": method.value,
        "group": group.value,
    }
    from sim.cli.running import overrides_of

    factors = factors_of(
        chosen,
        profile=shared.profile or "document",
        discount=shared.discount or "discounted",
        years=years,
        fixed=overrides_of(shared.overrides),
        level=group.value,
        costs=indicator in COST_INDICATORS,
    )
    how = choose(method.value, points, len(factors.names))
    session = Session(shared, asked)
    question = AskedIndicator(
        factors=factors,
        scenario=chosen,
        baseline=baseline,
        indicator=indicator,
        spec=session.spec,
        run=session.run,
        set_by_user=session.parameters,
        seed=seed,
    )
    if not quiet:
        from sim.pages.labels import Labels

        text = Labels("en")(f"sens_reason_{how.reason}", method=how.name, **how.facts)
        o.say(text.replace("**", ""))
    result = study(question, how)
    from sim.report.sensitivity import Subject

    declared: Any = INDICATORS[indicator]
    subject = Subject(chosen, declared, declared.unit, effect)
    _write(session, result, factors, subject)
    content = {
        "scenario": chosen.id,
        "indicator": indicator,
        "effect": effect,
        "unit": declared.unit,
        "method": {"name": how.name, "size": how.size, "points": how.points, "reason": how.reason},
        "years": list(result.years),
        "rows": rows_as_json(result.table),
        "checks": rows_as_json(result.checks),
        "luck": rows_as_json(result.luck),
        "parameters": rows_as_json(result.parameters),
        "spread": rows_as_json(result.spread),
        "factors": factors.rows(),
        "stability": None if result.stability is None else result.stability.to_dict(),
        "explained": None if result.surrogate is None else result.surrogate.overall,
    }
    raise typer.Exit(session.finish(content, _lines(session, result, subject)))


def _with_discount(shared: Any, own: str | None) -> Any:
    """The scenario's own discount mode where the command names none."""
    from dataclasses import replace

    return shared if shared.discount is not None else replace(shared, discount=own)


def _horizon(session: Any) -> list[int]:
    from sim.places.load import start_year

    return list(range(start_year(), start_year() + session.shared.years))


def _write(session: Any, result: Sensitivity, factors: Factors, subject: Any) -> None:
    """Tables, charts and the summary into the folder."""
    import pandas as pd

    from sim.report.charts_sensitivity import CHARTS
    from sim.report.sensitivity import summary

    session.write_table("indices", result.table)
    session.write_table("convergence", result.convergence)
    session.write_table("luck", result.luck)
    for name, table in (("checks", result.checks), ("parameters", result.parameters)):
        if len(table):
            session.write_table(name, table)
    rows = pd.DataFrame(factors.rows())
    rows["evidence"] = rows["evidence"].map(", ".join)
    session.write_table("factors", rows)
    lang, scale = session.shared.lang, str(session.scale)
    for name, draw in CHARTS.items():
        session.write_figure(name, draw(result, subject, lang, scale, session.profile))
    text = summary(result, factors, subject, session.manifest(), _horizon(session), lang)
    session.write_text("summary.md", text)


def _lines(session: Any, result: Sensitivity, subject: Any) -> list[str]:
    """What stands on the terminal: what is asked, the table, the findings, the status."""
    from sim.pages.labels import Labels
    from sim.report.sensitivity import findings, overall_table

    labels = Labels(session.shared.lang)
    title = labels("sens_title", what=subject.words(labels))
    said = findings(result, subject, _horizon(session), session.shared.lang)
    bare = [line.replace("**", "") for line in said[1:]]
    return [title, "", *overall_table(result, labels), "", *bare, "", labels("summary_headline")]
