"""A study: the runs of one question, kept in a folder or in memory, without a command line.

An analysis gets it from whoever asks (a command, the page, a notebook), and does with it what it
needs: ``spec`` makes runs with the question's options, ``run`` runs and keeps them, ``value`` reads
a parameter that is not drawn. The folder is touched by ``open`` and by nothing before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analyses.question import Question
from sim.base.errors import UsageError
from sim.figures.parameters import load_parameters
from sim.runs.run_all import Progress, Results, run_all
from sim.runs.spec import EXPERIMENT, RunSpec, canonical_hash
from sim.runs.store import ResultStore
from sim.scenario.types import Scenario

if TYPE_CHECKING:
    from sim.figures.parameter import ParameterTable
    from sim.runs.runner import Failure
    from sim.runs.workers import Engine

Runner = Callable[["Study", Sequence[RunSpec], str, ResultStore | None], Results]
"""Runs specs of a study, tells what is going on, keeps them in the store; the text names them."""

SCENARIOS = "scenarios"
"""The folder of a study that keeps the scenario files that it was asked about."""


def in_silence(
    study: Study,
    specs: Sequence[RunSpec],
    what: str,
    store: ResultStore | None,
    progress: Progress | None = None,
) -> Results:
    """Run without a word."""
    return run_all(
        specs, workers=study.workers, engine=study.engine, store=store, progress=progress
    )


def names_of(scenarios: Iterable[Scenario]) -> dict[str, dict[str, str]]:
    """Id -> language -> name of scenarios."""
    return {
        s.id: {"en": s.name_en or s.id, "ja": s.name_ja or s.name_en or s.id} for s in scenarios
    }


class Study:
    """One question to one analysis, with its runs.

    ``folder``: where everything is kept; None: in memory. Raises UsageError for an unknown
    parameter or profile.
    """

    def __init__(
        self,
        analysis: str,
        question: Question,
        *,
        folder: Path | str | None = None,
        runner: Runner = in_silence,
        engine: Engine | None = None,
        workers: int = 1,
    ):
        self.analysis, self.question = analysis, question
        self.runner, self.engine, self.workers = runner, engine, workers
        self.profile = question.profile or "document"
        self.discount = question.discount or "discounted"
        self.discounts: dict[str, str] = {}
        """Modes by scenario, where each may name its own; they win over ``discount``."""
        self.parameters = dict(question.set)
        self.table: ParameterTable = load_parameters(self.profile)
        for name, value in self.parameters.items():
            problem = self.table.override_problem(name, value)
            if problem is not None:
                raise UsageError(problem)
        self._wanted = folder
        self.store: ResultStore | None = None
        self._results: dict[str, Results] = {}
        self._named: dict[str, Scenario] = {}
        self.kept: dict[str, str] = {}

    def assume(self, *, profile: str | None = None, discount: str | None = None) -> None:
        """Take the profile or the mode that a scenario names, where the question names none."""
        if self.question.profile is None and profile is not None:
            self.profile, self.table = profile, load_parameters(profile)
        if self.question.discount is None and discount is not None:
            self.discount = discount

    @cached_property
    def hash(self) -> str:
        """Names the study, whatever the number of draws and replicates, which may grow."""
        probe = self.spec(Scenario("probe"), draw=None)
        # constants that no run reads may change within a folder
        kept = {id: v for id, v in self.parameters.items() if not id.startswith(EXPERIMENT)}
        return canonical_hash(
            {
                "analysis": self.analysis,
                "asked": self.question.asks(),
                "runs": probe.identity,
                "parameters": kept,
                "discount": self.discount,
            }
        )

    @cached_property
    def folder(self) -> Path:
        """Where the results go: the folder asked for, else one that the study's hash names."""
        size = canonical_hash([self.hash, self.question.draws, self.question.replicates])[:8]
        return Path(self._wanted or f"results/{self.analysis}-{size}")

    def open(self, *, force: bool = False) -> None:
        """Make the folder ready. Raises OutputError for one that cannot be used."""
        self.store = ResultStore(self.folder)
        self.store.open(self.hash, force=force)

    def value(self, parameter: str) -> float:
        """The value of a parameter that is not drawn: the one that was set, else the central."""
        return self.parameters.get(parameter, self.table[parameter].value)

    def spec(
        self, scenario: Scenario, draw: int | None, replicate: int = 0, **more: Any
    ) -> RunSpec:
        """A run with all options of the question; ``more``: other fields of RunSpec.

        ``parameters`` among them win over those of the question.
        """
        parameters = {**self.parameters, **dict(more.pop("parameters", {}))}
        given: dict[str, Any] = {
            "scale": self.question.scale,
            "seed": self.question.seed,
            "years": self.question.years,
            "profile": self.profile,
            "discount": self.discount,
            "parameters": parameters,
            **more,
        }
        return RunSpec(scenario, draw=draw, replicate=replicate, **given)

    def name(self, *scenarios: Scenario) -> None:
        """Keep scenarios: their names are told, and their files stand in the folder."""
        self._named |= {s.id: s for s in scenarios}

    def keep(self, name: str, text: str) -> None:
        """Keep a text file beside the tables; "" for one that only another answer would have."""
        self.kept[name] = text

    def run(self, specs: Sequence[RunSpec], what: str, *, keep: bool = True) -> Results:
        """Run specs; ``what`` names them to whoever watches.

        ``keep``: in the folder, where they are never run again; else they are gone afterwards.
        """
        results = self.runner(self, specs, what, self.store if keep else None)
        self._results[what] = results
        return results

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The runs that have failed so far, each once."""
        found = {f.identity: f for r in self._results.values() for f in r.failures}
        return tuple(found.values())

    def scenario_texts(self) -> dict[str, str]:
        """The scenarios that were named, as texts of files by name."""
        return {f"{SCENARIOS}/{s.id}.yaml": s.to_yaml() for s in self._named.values()}

    def names(self) -> dict[str, dict[str, str]]:
        """Id -> language -> name of the scenarios that were named."""
        return names_of(self._named.values())

    def manifest(self, command: Sequence[str], facts: Mapping[str, Any]) -> dict[str, Any]:
        """What was asked and run, and the facts that are told. ``command``: the line that did."""
        from sim.runs.manifest import manifest_of

        runs = list(self._results.values())
        timings: dict[str, float] = {}
        for result in runs:
            for name, seconds in result.timings.items():
                timings[name] = timings.get(name, 0.0) + seconds
        timings["workers"] = float(self.workers)
        question = self.question
        design = {
            **question.asks(),
            "runs_of": {what: len(r.specs) for what, r in self._results.items()},
            "draws": question.draws,
            "replicates": question.replicates,
            "scale": str(question.scale),
            "seed": question.seed,
            "years": question.years,
            "profile": self.profile,
            "discount": self.discounts or self.discount,
            "parameters": self.parameters,
        }
        manifest = manifest_of(
            self.failures,
            len({spec.identity for r in runs for spec in r.specs}),
            design=design,
            hashes={"study": self.hash},
            reused=sum(r.reused for r in runs),
            timings=timings,
            command=list(command),
        )
        return {"analysis": self.analysis, **manifest, "names": self.names(), "facts": dict(facts)}
