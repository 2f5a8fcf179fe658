"""``kyodo factcheck``: which figures to verify first, because a decision hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.base.rows import plain, rows_as_json
from sim.cli import options as o

if TYPE_CHECKING:
    from sim.analyses.factcheck.estimate import FactCheck
    from sim.cli.session import Shared

Value = Annotated[
    float | None,
    typer.Option("--value", metavar="YEN", help="Worth of one more solved project; swept, too."),
]
MovedDraws = Annotated[
    int,
    typer.Option("--moved-draws", min=0, help="Pairs that test fixed figures: 64, 128 ... or 0."),
]


def factcheck(
    draws: o.Draws = 150,
    replicates: o.Replicates = 1,
    scale: o.Scale = "1/1000",
    years: o.Years = 10,
    value: Value = None,
    trend: Annotated[
        bool, typer.Option("--trend", help="Past growth goes on in every scenario.")
    ] = False,
    project_budget: Annotated[
        bool, typer.Option("--project-budget", help="The budget of more projects is a cost, too.")
    ] = False,
    moved_draws: MovedDraws = 64,
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
    """Rank the unverified figures by how much a choice hangs on them.

    The choice is among the nine standard scenarios; knowing a figure is worth what
    it adds to the net benefit of the scenario then chosen. Names what to verify
    first and where the document says it comes from.
    """
    from sim.cli.session import Shared

    shared = Shared.of("factcheck", locals())
    raise typer.Exit(factcheck_command(shared, value, moved_draws, trend, project_budget))


def factcheck_command(
    shared: Shared, value: float | None, moved_draws: int, trend: bool, with_budget: bool
) -> int:
    """Carry out a fact check; return the exit code."""
    from sim.analyses.factcheck.estimate import FactcheckPlan, check_design, check_facts
    from sim.analyses.shared.trend import refuse_trend
    from sim.cli.running import overrides_of
    from sim.cli.session import Session
    from sim.figures.evidence import load_profile
    from sim.figures.parameters import load_parameters
    from sim.report.charts_factcheck import worth_figure
    from sim.report.factcheck import summary_text, terminal_lines
    from sim.report.fonts import drawing

    profile = shared.profile or "document"
    table = load_parameters(profile)
    refuse_trend(overrides_of(shared.overrides))
    given = _weights(shared, {name: table[name].value for name in WEIGHTS})
    plan = FactcheckPlan(
        draws=shared.draws or 0,
        replicates=shared.replicates,
        years=shared.years,
        value=given[WEIGHTS[0]] if value is None else value,
        factor=given[WEIGHTS[1]],
        error=given[WEIGHTS[2]],
        false_share=given[WEIGHTS[3]],
        moved_draws=moved_draws,
        trend=trend,
        with_budget=with_budget,
        seed=shared.seed,
    )
    check_design(plan, table, load_profile(profile))
    # what the runs are weighed with is no part of the study, so that another value reuses them
    session = Session(shared, {"trend": trend})
    check = check_facts(plan, session.spec, session.run, table, load_profile(profile), profile)
    manifest = session.manifest()
    session.write_table("factcheck", ranked(check))
    session.write_text("summary.md", summary_text(check, manifest, shared.lang))
    with drawing(shared.lang):
        session.write_figure("factcheck", worth_figure(check, manifest, shared.lang))
    return session.finish(json_content(check), terminal_lines(check, shared.lang))


WEIGHTS = (
    "experiment.value_per_project", "experiment.value_factor", "experiment.figure_error",
    "experiment.false_share",
)  # fmt: skip


def _weights(shared: Shared, central: dict[str, float]) -> dict[str, float]:
    """The weights of the experiment, with those of ``--set`` on top."""
    from sim.cli.running import overrides_of

    given = overrides_of(shared.overrides)
    return {name: given.get(name, value) for name, value in central.items()}


def ranked(check: FactCheck) -> Any:
    """All rankings as one table, the value asked for first."""
    import pandas as pd

    others = [t for v, t in sorted(check.tables.items()) if v != check.plan.value]
    return pd.concat([check.main, *others], ignore_index=True)


def json_content(check: FactCheck) -> dict[str, Any]:
    """The JSON of ``factcheck``: null where there is no number, never NaN."""
    from sim.analyses.factcheck.tables import verify_first

    plan, choice = check.plan, check.choice
    return {
        "rows": rows_as_json(ranked(check)),
        "verify_first": plain(verify_first(check.main)),
        "decisions": check.decisions,
        "best": check.scenarios[choice.best].id,
        "second": check.scenarios[choice.second].id,
        "evpi": choice.evpi,
        "best_by_value": check.ranges,
        "value_per_project": plan.value,
        "trend": plan.trend,
        "project_budget": plan.with_budget,
        "figure_error": plan.error,
        "false_share": plan.false_share,
        "unused_claims": list(check.unused),
        "moved_scenarios": list(check.candidates) if check.moved else [],
        "levels": check.level_source,
    }
