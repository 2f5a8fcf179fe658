"""What the commands of experiments share: check, announce, run with a bar, keep, print.

A command makes a ``Session``, runs its specs with it (as often as it needs: everything is kept in
one store), writes tables, texts and figures, and ends with ``finish``.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.scale import parse_scale
from sim.cli import options as o
from sim.cli.running import engine_of, overrides_of, progress_bar
from sim.runs.durations import duration, residents, spec_seconds
from sim.runs.spec import EXPERIMENT, RunSpec, canonical_hash
from sim.scenario.types import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.run_all import Results
    from sim.runs.store import ResultStore
    from sim.runs.workers import Engine


@dataclass(frozen=True)
class Shared:
    """The options that all experiments have, as typed."""

    command: str
    draws: int | None
    replicates: int
    scale: str
    years: int
    profile: str | None
    discount: str | None
    overrides: Sequence[str]
    seed: int
    workers: int | None
    engine: str | None
    scheduler: str | None
    out: str | None
    force: bool
    lang: str
    json: bool
    quiet: bool
    resume: bool = False
    """Asks for what happens anyway: recorded runs are never repeated."""

    @classmethod
    def of(cls, command: str, typed: Mapping[str, Any], **other: Any) -> Shared:
        """The shared options among those of a command (its ``locals()``); ``other`` win over them.

        ``set_`` becomes the overrides; a command without replicates has one.
        """
        given = {"replicates": 1, "overrides": typed.get("set_") or [], **typed, **other}
        for name in ("discount", "engine"):
            given[name] = getattr(given[name], "value", given[name])
        given["lang"] = o.language(given["lang"])
        return cls(command=command, **{f.name: given[f.name] for f in fields(cls)[1:]})


def run_kept(
    specs: Sequence[RunSpec],
    announcement: str,
    *,
    workers: int,
    engine: Engine | None,
    store: ResultStore,
    quiet: bool,
) -> Results:
    """Check the memory, announce, run with a bar, keep: what every command does with its runs."""
    from sim.base.kernels import nothing_compiled
    from sim.runs import memory
    from sim.runs.run_all import run_all

    scale = specs[0].scale
    memory.require(lambda n: memory.of_sweep(scale, n, len(specs)), workers, f"{len(specs):,} runs")
    if not quiet:
        o.say(announcement)
        if nothing_compiled():
            o.say("first start of this version: it is compiled once (about half a minute)")
    with ExitStack() as bars:
        progress = bars.enter_context(progress_bar(len(specs), quiet))
        try:
            return run_all(specs, workers=workers, engine=engine, store=store, progress=progress)
        except KeyboardInterrupt:
            bars.close()
            o.say(f"interrupted: finished runs are kept in {store.folder}; call it again to go on")
            raise


class Session:
    """One call of a command.

    ``asked``: plain values that name the study beside the shared options. Raises UsageError for an
    unknown parameter of ``--set`` or an unknown profile, OutputError for a folder that cannot be
    used, before anything is run.
    """

    def __init__(self, shared: Shared, asked: Mapping[str, Any]):
        from sim.base.errors import UsageError
        from sim.figures.parameters import load_parameters
        from sim.runs.store import ResultStore
        from sim.runs.workers import available_cores

        self.shared = shared
        self.profile = shared.profile or "document"
        self.discount = shared.discount or "discounted"
        self.scale = parse_scale(shared.scale)
        self.parameters = overrides_of(shared.overrides)
        self.workers = shared.workers or available_cores()
        self.table = load_parameters(self.profile)
        for name, value in self.parameters.items():
            problem = self.table.override_problem(name, value)
            if problem is not None:
                raise UsageError(problem)
        probe = self.spec(Scenario("probe"), draw=None)
        self.study = canonical_hash(
            {
                "command": shared.command,
                "asked": dict(asked),
                "runs": probe.identity,
                "parameters": {
                    # constants that no run reads may change within a folder
                    id: v
                    for id, v in self.parameters.items()
                    if not id.startswith(EXPERIMENT)
                },
                "discount": self.discount,
            }
        )
        name = canonical_hash([self.study, shared.draws, shared.replicates])[:8]
        self.folder = Path(shared.out or f"results/{shared.command}-{name}")
        self.engine = engine_of(shared.engine, shared.scheduler, self.workers)
        self.store: ResultStore = ResultStore(self.folder)
        self.store.open(self.study, force=shared.force)
        self.asked = dict(asked)
        self.files: list[str] = []
        self._runs: dict[str, Results] = {}

    def value(self, parameter: str) -> float:
        """The value of a parameter that is not drawn: that of ``--set``, else the central one."""
        return self.parameters.get(parameter, self.table[parameter].value)

    def spec(
        self, scenario: Scenario, draw: int | None, replicate: int = 0, **more: Any
    ) -> RunSpec:
        """A run with all shared options; ``more``: other fields of RunSpec.

        ``parameters`` among them win over those of ``--set``.
        """
        parameters = {**self.parameters, **dict(more.pop("parameters", {}))}
        given: dict[str, Any] = {
            "scale": self.scale,
            "seed": self.shared.seed,
            "years": self.shared.years,
            "profile": self.profile,
            "discount": self.discount,
            "parameters": parameters,
            **more,
        }
        return RunSpec(scenario, draw=draw, replicate=replicate, **given)

    def run(self, specs: Sequence[RunSpec], what: str) -> Results:
        """Run specs and keep them; ``what`` names them in the announcing line."""
        distinct = {spec.identity: spec for spec in specs}
        results = run_kept(
            specs,
            self._announcement(list(distinct.values()), what),
            workers=self.workers,
            engine=self.engine,
            store=self.store,
            quiet=self.shared.quiet,
        )
        self._runs[what] = results
        return results

    def _announcement(self, specs: Sequence[RunSpec], what: str) -> str:
        took = duration(spec_seconds(specs) / self.workers)
        n = len(specs)
        return (
            f"kyodo {self.shared.command}: {what}: {n:,} run{'' if n == 1 else 's'} of"
            f" {self.shared.years} year{'' if self.shared.years == 1 else 's'} at scale"
            f" {self.scale} (about {residents(self.scale):,} residents), profile {self.profile},"
            f" on {self.workers} worker{'' if self.workers == 1 else 's'}: {took};"
            f" results in {self.folder}"
        )

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Write ``<name>.csv`` (with a byte order mark, for Excel)."""
        self.files.append(self.store.write_table(name, table).name)

    def write_text(self, name: str, text: str) -> None:
        """Write a text file, e.g. ``summary.md``."""
        from sim.base.files import atomic_write

        with atomic_write(self.folder / name, "w", newline="\n") as stream:
            stream.write(text)
        self.files.append(name)

    def write_figure(self, name: str, figure: Any) -> None:
        """Write ``charts/<name>.png`` and ``.svg``."""
        from sim.report.charts.pictures import write_figure

        write_figure(figure, self.folder / "charts" / name, self.shared.lang)
        if "charts/" not in self.files:
            self.files.append("charts/")

    def manifest(self) -> dict[str, Any]:
        """What was run so far; the block of limits of a summary needs it."""
        from sim.runs.manifest import manifest_of

        runs = list(self._runs.values())
        failures = {f.identity: f for r in runs for f in r.failures}
        timings: dict[str, float] = {}
        for result in runs:
            for name, seconds in result.timings.items():
                timings[name] = timings.get(name, 0.0) + seconds
        timings["workers"] = float(self.workers)
        requested = {spec.identity for r in runs for spec in r.specs}
        shared = self.shared
        design = {
            **self.asked,
            "runs_of": {what: len(r.specs) for what, r in self._runs.items()},
            "draws": shared.draws,
            "replicates": shared.replicates,
            "scale": str(self.scale),
            "seed": shared.seed,
            "years": shared.years,
            "profile": self.profile,
            "discount": self.discount,
            "parameters": self.parameters,
        }
        return manifest_of(
            tuple(failures.values()),
            len(requested),
            design=design,
            hashes={"study": self.study},
            reused=sum(r.reused for r in runs),
            timings=timings,
            command=[shlex.join(["kyodo", *sys.argv[1:]])],
        )

    def finish(self, content: Mapping[str, Any], lines: Sequence[str]) -> int:
        """Write the manifest; print JSON with --json, else the lines. Returns the exit code.

        ``content``: plain values, to which the manifest is added; never NaN. 1 if a run failed.
        """
        manifest = self.manifest()
        self.store.write_manifest(manifest)
        if self.shared.json:
            o.emit_json({**content, "manifest": manifest})
        elif not self.shared.quiet:
            o.emit("\n".join(lines))
        if not self.shared.quiet:
            o.say(f"results in {self.folder}: {', '.join(['manifest.json', *self.files])}")
        for failure in manifest["failures"][:5]:
            o.say(f"error: run failed: {failure['name']}: {failure['error']}")
        return 1 if manifest["failures"] else 0
