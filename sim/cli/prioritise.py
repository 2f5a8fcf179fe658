"""``kyodo prioritise``: the document's five criteria as a scorecard computed from runs."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.base.rows import rows_as_json
from sim.cli import options as o

if TYPE_CHECKING:
    from sim.analyses.prioritise.tables import Scorecard
    from sim.cli.session import Shared


class Level(StrEnum):
    """What is put in order."""

    measures = "measures"
    initiatives = "initiatives"


_Level = Annotated[
    Level, typer.Option("--level", help="Put in order: the 3 measures or the 15 initiatives.")
]
_StopAfter = Annotated[
    int | None,
    typer.Option(
        "--stop-after",
        metavar="YEARS",
        min=1,
        help="Stop at the end of this year to see what remains [default: 5].",
    ),
]


def prioritise(
    level: _Level = Level.measures,
    draws: o.Draws = 50,
    replicates: o.Replicates = 1,
    scale: o.Scale = "1/100",
    years: o.Years = 10,
    stop_after: _StopAfter = None,
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
    """Check the document's order of priority, criterion by criterion.

    Its five criteria as a scorecard computed from runs: immediacy and spill-over,
    feasibility, cost-effectiveness, fairness and sustainability, evidence. Says for
    each whether it alone would give the asserted order, and how surely.
    """
    from sim.cli.session import Shared

    shared = Shared.of("prioritise", locals())
    raise typer.Exit(carry_out(shared, level.value, stop_after))


def carry_out(shared: Shared, level: str, stop_after: int | None) -> int:
    """Run, compute and write; return the exit code."""
    from sim.analyses.prioritise.estimate import ScorecardSettings, alternatives, arms
    from sim.analyses.prioritise.scorecard import check_stop
    from sim.analyses.shared.trend import refuse_trend
    from sim.cli.running import overrides_of
    from sim.cli.session import Session

    found = alternatives(level)
    refuse_trend(overrides_of(shared.overrides))
    session = Session(shared, {"level": level, "stop_after": stop_after})
    settings = ScorecardSettings.of(session.value, stop_after)
    check_stop(shared.years, settings.stop, settings.after)
    worlds = arms(found, settings.stop, session.profile)
    specs = [
        session.spec(scenario, draw, replicate)
        for draw in range(shared.draws or 1)
        for replicate in range(shared.replicates)
        for scenario in worlds
    ]
    results = session.run(specs, "scorecard")
    if results.failures:
        return session.finish({"rows": []}, [])

    from sim.analyses.prioritise.estimate import OPTIONAL, READ, paths_of
    from sim.analyses.prioritise.scorecard_figures import Inputs
    from sim.analyses.prioritise.tables import build
    from sim.report.charts_prioritise import scorecard_figure, verdict_figure
    from sim.report.fonts import drawing
    from sim.report.prioritise import summary, terminal_lines

    results.require_whole([i for i in READ if i not in OPTIONAL])
    paths = paths_of(results.cube(READ), specs, len(found), shared.replicates)
    card = build(Inputs(paths, found, settings, session.profile), shared.seed)
    for name, table in card.tables().items():
        session.write_table(name, table)
    manifest = session.manifest()
    session.write_text("summary.md", summary(card, manifest, shared.lang))
    with drawing(shared.lang):
        for name, figure in (
            ("scorecard", scorecard_figure(card, manifest, shared.lang)),
            ("verdicts", verdict_figure(card, manifest, shared.lang)),
        ):
            session.write_figure(name, figure)
    return session.finish(content(card), terminal_lines(card, shared.lang))


def content(card: Scorecard) -> dict[str, Any]:
    """What --json prints beside the manifest: ``rows`` is the scorecard. Never NaN: null."""
    from sim.analyses.shared.intervals import interval_kind

    tables = {name: rows_as_json(table) for name, table in card.tables().items()}
    return {
        "rows": tables.pop("scorecard"),
        **tables,
        "growth": {**card.growth, "interval_kind": interval_kind(card.inputs.paths.draws)},
        "settings": card.inputs.settings.to_dict(),
        "asserted": {a.id: a.asserted for a in card.inputs.alternatives},
    }
