"""``kyodo optimise``: which plan reaches most for a yearly budget."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import options as o

if TYPE_CHECKING:
    from sim.analyses.optimise.estimate import Found, SearchSettings
    from sim.analyses.optimise.worth import Goals
    from sim.cli.session import Session

Budget = Annotated[
    float | None,
    typer.Option(
        "--budget",
        metavar="YEN",
        help="Yen for each fiscal year [default: what measure 1 at full dose costs].",
    ),
]
Costs = Annotated[
    str | None,
    typer.Option("--costs", metavar="FILE", help="Your own costs by initiative (YAML)."),
]
Knobs = Annotated[
    str, typer.Option("--by", metavar="WHAT", help="Strengths by initiative or by measure.")
]
Points = Annotated[
    int, typer.Option("--points", min=1, max=12, help="Plans of the front that are run for real.")
]
Train = Annotated[int, typer.Option("--train", min=20, help="Runs that train the surrogate.")]
SearchDraws = Annotated[
    int, typer.Option("--search-draws", min=2, help="Draws of the search, apart from --draws.")
]
Rounds = Annotated[int, typer.Option("--rounds", min=1, max=5, help="Rounds of search.")]


def optimise(
    budget: Budget = None,
    costs: Costs = None,
    by: Knobs = "initiative",
    points: Points = 5,
    train: Train = 400,
    search_draws: SearchDraws = 32,
    rounds: Rounds = 2,
    draws: o.Draws = 50,
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
    """Find strengths and start years that reach most for a yearly budget.

    Outcome targets and solved projects beyond both baselines; deliveries never count.
    Every plan of the surrogate's front is run again on the real model.
    """
    from sim.analyses.optimise.costs import read_costs
    from sim.analyses.optimise.estimate import SearchSettings
    from sim.analyses.optimise.estimate import optimise as search
    from sim.analyses.optimise.real_runs import ModelRuns
    from sim.analyses.shared.plans import BY, Space
    from sim.analyses.shared.trend import TREND
    from sim.base.errors import UsageError, nearest
    from sim.cli.session import Session, Shared

    o.need("pymoo", "experiments")
    if by not in BY:
        raise UsageError(f"--by: '{by}' is not {' | '.join(BY)}{nearest(by, BY)}")
    if budget is not None and not (math.isfinite(budget) and budget > 0):
        raise UsageError(f"--budget: {budget} is not an amount above 0 yen")
    overrides = [*(read_costs(costs) if costs else []), *(set_ or [])]
    shared = Shared.of("optimise", locals(), overrides=overrides)
    asked = {
        "budget": budget,
        "by": by,
        "points": points,
        "train": train,
        "search_draws": search_draws,
        "rounds": rounds,
    }
    session = Session(shared, asked)
    if TREND in session.parameters:
        raise UsageError(f"--set {TREND}: optimise runs every plan with and without that trend")
    latest = math.floor(years * session.value("experiment.optimise_latest") + 1e-9)
    space = Space(by, max(1, latest), session.value("experiment.optimise_step"))
    settings = SearchSettings(
        budget=budget,
        draws=draws,
        search_draws=search_draws,
        train=train,
        points=points,
        rounds=rounds,
        shortfall=session.value("experiment.optimise_shortfall"),
        chance=session.value("experiment.optimise_budget_chance"),
        margin=session.value("experiment.optimise_margin"),
        noise=session.value("experiment.optimise_noise"),
        rerun=session.value("experiment.optimise_rerun"),
        often=session.value("experiment.optimise_regret_quantile"),
        regret_draws=round(session.value("experiment.optimise_regret_draws")),
        seed=seed,
    )
    model = ModelRuns(session.spec, session.run, years, session.profile)
    found = search(model, space, settings)
    raise typer.Exit(_report(session, found, model.goals, settings))


def _report(session: Session, found: Found, goals: Goals, settings: SearchSettings) -> int:
    from sim.analyses.optimise import tables as tables
    from sim.analyses.shared.trend import years_by_growth
    from sim.report.about import facts_of as experiment_facts
    from sim.report.charts_optimise import front_figure, schedule_figure, surrogate_figure
    from sim.report.optimise import Case, scenario_yaml, summary, terminal

    rows = {
        "plans": tables.plan_rows(found),
        "surrogate": tables.surrogate_rows(found),
        "targets": tables.chance_rows(found, goals),
        "ranking": tables.ranking_rows(found),
    }
    for name, table in rows.items():
        if table:
            session.write_table(name, tables.frame(table))
    chosen = found.chosen
    for name, position in chosen.items():
        if name == "expected" and position == chosen.get("robust"):
            continue
        session.write_text(f"{name}_plan.yaml", scenario_yaml(found, position, name))
    growth = years_by_growth(session.profile)
    case = Case(found, rows, settings, growth, session.shared.years)
    manifest = session.manifest()
    lang = session.shared.lang
    session.write_text("summary.md", summary(case, manifest, lang))
    facts = experiment_facts(manifest)
    session.write_figure("front", front_figure(case, facts, lang))
    session.write_figure("surrogate", surrogate_figure(case, facts, lang))
    if "robust" in chosen:
        session.write_figure("schedule", schedule_figure(case, facts, lang))
    trend, error = found.trend_alone
    content: dict[str, Any] = {
        "budget": found.budget,
        "rows": rows["plans"],
        "surrogate": rows["surrogate"],
        "targets": rows["targets"],
        "ranking": rows["ranking"],
        "front": [found.names[n] for n in found.front],
        "choice": {name: found.names[n] for name, n in found.picked.items()},
        "choice_rule": choice_rule(found, settings),
        "choice_by_targets": found.robust_by_targets,
        "trend_alone": {
            "solved_extra": trend,
            "standard_error": error if math.isfinite(error) else None,
        },
        "surrogate_fit": fit_rows(found, goals),
    }
    return session.finish(content, terminal(case, facts, lang))


def choice_rule(found: Found, settings: SearchSettings) -> dict[str, Any]:
    """How the robust plan was chosen, and from what."""
    return {
        "offered": [found.names[n] for n in found.offered],
        "regret": settings.often if found.choice.by_quantile else "maximum",
        "chosen_in_draws": settings.search_draws,
        "reported_in_draws": settings.draws,
    }


def fit_rows(found: Found, goals: Goals) -> list[dict[str, Any]]:
    """How well the surrogate predicts draws not seen, by output; null where nothing moved."""
    names = [*goals.ids, "solved_cumulative"]
    explained = [None if e != e else float(e) for e in found.surrogate.explained]
    rows: list[dict[str, Any]] = [
        {"output": n, "explained": e, "error": float(s)}
        for n, e, s in zip(names, explained, found.surrogate.error, strict=True)
    ]
    error = found.surrogate.cost_error
    return [*rows, {"output": "programme_cost", "explained": None, "error": error}]
