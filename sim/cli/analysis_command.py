"""One command for every analysis: its options are the fields of its question.

A command checks, opens the folder, answers, writes the tables, and then tells what the folder
holds, as ``kyodo report`` would: terminal, summary.md and charts are made from the tables alone.
"""

from __future__ import annotations

import inspect
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from fractions import Fraction
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from sim.analyses.analysis import NAMES, OWN_COMMAND, Analysis, analysis
from sim.analyses.question import Asked, Question, default_of, flag_of, how_asked, kind_of
from sim.base.errors import UsageError
from sim.base.user_choices import Lang
from sim.cli import shared_options as o

if TYPE_CHECKING:
    from pathlib import Path

    from sim.analyses.study import Runner, Study
    from sim.runs.run_all import Results
    from sim.runs.spec import RunSpec
    from sim.runs.store import ResultStore


@dataclass(frozen=True)
class HowRun:
    """How a question is carried out and told; no number depends on it."""

    workers: int | None = None
    engine: o.EngineName | None = None
    scheduler: str | None = None
    out: str | None = None
    force: bool = False
    resume: bool = False
    svg: bool = False
    lang: Lang | None = None
    json: bool = False
    quiet: bool = False


_HOW: Mapping[str, Any] = {
    "workers": o.Workers,
    "engine": o.Engine,
    "scheduler": o.Scheduler,
    "out": o.Out,
    "force": o.Force,
    "resume": o.Resume,
    "svg": o.Svg,
    "lang": o.Language,
    "json": o.Json,
    "quiet": o.Quiet,
}


def add_commands(app: typer.Typer) -> None:
    """Add a command for every analysis, in the order of their names' list."""
    for name in (n for n in NAMES if n not in OWN_COMMAND):
        app.command(name)(command_of(analysis(name)))


def command_of(asked: Analysis) -> Callable[..., None]:
    """The function of a command: its signature is made of the question's fields."""
    question = asked.question

    def command(**typed: Any) -> None:
        how = HowRun(**{name: typed.pop(name) for name in _HOW})
        raise typer.Exit(carry_out(asked, _made(question, typed), how))

    command.__doc__ = inspect.getdoc(question)
    command.__name__ = asked.name
    given = [_parameter(question, name, how) for name, how in how_asked(question).items()]
    defaults = {f.name: f.default for f in fields(HowRun)}
    given += [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=defaults[name], annotation=annotation
        )
        for name, annotation in _HOW.items()
    ]
    required = [p for p in given if p.default is inspect.Parameter.empty]
    rest = [p for p in given if p.default is not inspect.Parameter.empty]
    vars(command)["__signature__"] = inspect.Signature([*required, *rest])
    command.__annotations__ = {p.name: p.annotation for p in given}
    return command


def _parameter(question: type[Question], name: str, how: Asked) -> inspect.Parameter:
    """One field as a parameter that typer understands."""
    kind, default = kind_of(question, name), default_of(question, name)
    typed: Any = kind.plain
    if how.choices and how.metavar is None:
        typed = cast(Any, Literal)[how.choices]
    elif kind.pairs or kind.plain is Fraction:
        typed = str
    if kind.many or kind.pairs:
        typed, default = GenericAlias(list, (typed,)) | None, None
    elif kind.optional:
        typed = typed | None
    shown: dict[str, Any] = {"help": how.help}
    if how.metavar is not None:
        shown["metavar"] = how.metavar
    if kind.plain in (int, float) and not kind.pairs:
        shown |= {k: v for k, v in (("min", how.low), ("max", how.high)) if v is not None}
    if how.shown_default is not None:
        shown["show_default"] = how.shown_default
    if how.argument:
        info: Any = typer.Argument(**shown)
    else:
        info = typer.Option(flag_of(name, how), **shown)
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if default is MISSING else default,
        annotation=Annotated[typed, info],
    )


def _made(question: type[Question], typed: Mapping[str, Any]) -> Question:
    """The question that was typed; what cannot be meant is named by its flag. Raises UsageError."""
    values = _values(question, typed)
    try:
        return question(**values)
    except UsageError as error:
        name, colon, rest = str(error).partition(": ")
        how = how_asked(question).get(name)
        if how is None or how.argument:
            raise
        raise UsageError(f"{flag_of(name, how)}{colon}{rest}") from None


def _values(question: type[Question], typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed as values of fields: words for choices, pairs for ``ID=VALUE``."""
    from sim.figures.parameters import parse_set

    out: dict[str, Any] = {}
    for name, value in typed.items():
        kind = kind_of(question, name)
        if kind.pairs:
            flag, out[name] = f"--{name}", {}
            for text in value or ():
                key, number = _pair(parse_set, text, flag)
                if key in out[name]:
                    raise UsageError(f"{flag} {text}: {key} is set twice")
                out[name][key] = number
        elif kind.many:
            out |= {name: tuple(value)} if value is not None else {}
        else:
            out[name] = getattr(value, "value", value)
    return out


def _pair(parse: Callable[[str], tuple[str, float]], text: str, flag: str) -> tuple[str, float]:
    try:
        return parse(text)
    except UsageError as error:
        raise UsageError(str(error).replace("--set", flag)) from None


def carry_out(asked: Analysis, question: Question, how: HowRun) -> int:
    """Answer a question, keep all of it in a folder, and tell it; return the exit code.

    1 if a run failed.
    """
    from sim.analyses.folder import keep
    from sim.analyses.study import Study
    from sim.cli.running import engine_of
    from sim.report.tell import tell
    from sim.runs.workers import available_cores

    workers = how.workers or available_cores()
    study = Study(
        asked.name,
        question,
        folder=how.out,
        runner=_runner(how, workers),
        engine=engine_of(how.engine and how.engine.value, how.scheduler, workers),
        workers=workers,
    )
    asked.check(question, study)
    study.open(force=how.force)
    tables = asked.tables(asked.answer(question, study))
    lang = o.language(how.lang)
    files = keep(study, tables, lang, [shlex.join(["kyodo", *sys.argv[1:]])])
    told = tell(study.folder, lang, svg=how.svg, workers=workers)
    if how.json:
        o.emit_json({**asked.content(tables), "manifest": told.manifest})
    elif not how.quiet:
        o.emit("\n".join(told.terminal()))
    if not how.quiet:
        names = ["manifest.json", *files, *told.files]
        o.say(f"results in {study.folder}: {', '.join(names)}")
    return _failed(told.manifest, study.folder)


def _failed(manifest: Mapping[str, Any], folder: Path) -> int:
    """Name the first failed runs on stderr, and say what of them is left; the exit code."""
    failures = manifest["failures"]
    for failure in failures[:5]:
        o.say(f"error: run failed: {failure['name']}: {failure['error']}")
    if len(failures) > 5:
        o.say(f"error: ... and {len(failures) - 5} more failed runs")
    if not failures:
        return 0
    pairs = len(manifest["facts"].get("left_out", ()))
    left = f", {pairs} (draw, replicate) pairs left out" if pairs else ""
    of = manifest["runs"]["requested"]
    kept = folder / "manifest.json"
    o.say(f"error: {len(failures)} of {of} runs failed{left}; tracebacks in {kept}")
    return 1


def _runner(how: HowRun, workers: int) -> Runner:
    """What a command does with the runs of a study."""

    def run(
        study: Study, specs: Sequence[RunSpec], what: str, store: ResultStore | None
    ) -> Results:
        from sim.cli.running import run_kept
        from sim.runs.batch import at_once

        distinct = list({spec.identity: spec for spec in specs}.values())
        most = workers if study.engine is not None else min(workers, at_once(distinct))
        line = "" if how.quiet else _announcement(study, distinct, what, most)
        return run_kept(
            specs, line, workers=most, engine=study.engine, store=store, quiet=how.quiet
        )

    return run


def _announcement(study: Study, specs: Sequence[RunSpec], what: str, workers: int) -> str:
    from sim.runs.durations import START_SECONDS, duration, residents, spec_seconds

    took = duration(START_SECONDS + spec_seconds(specs) / workers)
    n, years, scale = len(specs), study.question.years, specs[0].scale
    return (
        f"kyodo {study.analysis}: {what}: {n:,} run{'' if n == 1 else 's'} of"
        f" {years} year{'' if years == 1 else 's'} at scale"
        f" {scale} (about {residents(scale):,} residents), profile {study.profile},"
        f" on {workers} worker{'' if workers == 1 else 's'}: {took};"
        f" results in {study.folder}"
    )
