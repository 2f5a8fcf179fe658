"""What a page may ask to be run: a question, checked, as files and a command line."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sim.analyses.analysis import Analysis, analysis
from sim.analyses.question import Asked, FieldKind, Question, default_of, flag_of
from sim.app import scenarios
from sim.app.errors import ApiError
from sim.app.forms import ASKABLE, SCENARIOS, bounds, fields_of, scenario_field
from sim.app.settings import MAX_SCENARIOS, MAX_TITLE, OWN, AppSettings
from sim.base.errors import nearest
from sim.base.files import atomic_write
from sim.base.scale import parse_scale
from sim.base.user_choices import DISCOUNTS
from sim.scenario.bundled import BASELINE, scenario_ids
from sim.scenario.reader import load_scenario
from sim.scenario.types import Scenario

if TYPE_CHECKING:
    from sim.analyses.study import Study
    from sim.runs.run_all import Results
    from sim.runs.spec import RunSpec
    from sim.runs.store import ResultStore

COMPARE = "compare"
"""The analysis of a request that names none."""
SHARED = ("draws", "replicates", "scale", "years", "seed")
"""Fields that stand on every command line, default or not, so that it says what was run."""
RESULT = "result"
"""The folder of the results, beside the scenario files."""
MOST_TEXTS = 50
"""Texts or pairs in one field."""
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")


@dataclass(frozen=True)
class JobRequest:
    """A checked request. ``given``: as the page sent it, defaults filled in."""

    asked: Analysis
    given: dict[str, Any]
    scenarios: tuple[Scenario, ...]
    bundled: tuple[bool, ...]
    files: dict[str, str] = field(init=False)
    """Name -> text of the scenario files that the command reads."""

    def __post_init__(self) -> None:
        chosen = zip(self.scenarios, self.bundled, strict=True)
        files = {file_name(s.id): s.to_yaml() for s, bundled in chosen if not bundled}
        object.__setattr__(self, "files", files)

    def profile_file(self, settings: AppSettings) -> str:
        """The name under which the server's own profile stands beside the scenario files."""
        name = re.split(r"[/\\]", settings.profile)[-1]
        taken = {file.casefold() for file in self.files}
        return f"profile_{name}" if name.casefold() in taken else name

    def inputs(self, settings: AppSettings) -> dict[str, str]:
        """Name -> text of all that the command reads: scenario files and an own profile.

        The profile is copied, so that no path of this server reaches a result, and a run that goes
        on later goes on with the figures that it began with.
        """
        arguments, name = self.arguments(settings, settings.lang), self.profile_file(settings)
        if settings.own_profile is None or name not in arguments:
            return self.files
        return self.files | {name: Path(settings.profile).read_text(encoding="utf-8")}

    def names(self, folder: Path | None = None) -> list[str]:
        """How the scenarios are asked for: ids, and files as they stand in ``folder``."""
        own = "" if folder is None else f"{folder}/"
        return [
            s.id if bundled else f"{own}{file_name(s.id)}"
            for s, bundled in zip(self.scenarios, self.bundled, strict=True)
        ]

    def assumed(self, settings: AppSettings) -> dict[str, Any]:
        """Profile (its id) and discount; None where a scenario names its own."""
        defaults = {"profile": settings.profile_id, "discount": DISCOUNTS[0]}
        return {
            name: default
            if (value := self.given[name]) is None
            and all(getattr(s, name) is None for s in self.scenarios)
            else value
            for name, default in defaults.items()
        }

    def arguments(self, settings: AppSettings, lang: str) -> list[str]:
        """The arguments of ``kyodo``, to be called in the folder of the files."""
        assumed = self.assumed(settings)
        if assumed["profile"] == OWN:
            assumed["profile"] = self.profile_file(settings)
        out = [self.asked.name, *self.names()]
        fields = fields_of(self.asked)
        order = [*SHARED, *assumed, *(name for name in fields if name not in SHARED)]
        for name in dict.fromkeys(order):
            if name not in fields or name in SCENARIOS:
                continue
            value = assumed.get(name, self.given[name])
            if name in SHARED or value != default_of(self.asked.question, name):
                out += _flags(name, fields[name][0], value)
        return [*out, "--out", RESULT, "--lang", lang]

    def command(self, settings: AppSettings, lang: str) -> str:
        """The line that repeats the runs."""
        return shlex.join(["kyodo", *self.arguments(settings, lang)])

    def question(self, settings: AppSettings, folder: Path) -> Question:
        """The question, with the scenario files in ``folder``. Raises UsageError."""
        values = {n: self.given[n] for n in fields_of(self.asked) if n not in SCENARIOS}
        values |= self.assumed(settings)
        if values["profile"] is not None:
            values["profile"] = settings.profile_of(values["profile"])
        name, names = scenario_field(self.asked), self.names(folder)
        if name is not None and names:
            values[name] = names[0] if name == "scenario" else tuple(names)
        return self.asked.question(**values)

    def check(self, settings: AppSettings, lang: str) -> dict[str, Any]:
        """How to reproduce it and how long it takes. Raises UsageError and ContentError.

        ``runs``: those that are asked for first. Some analyses choose further ones by what they
        find, which nobody knows before.
        """
        from sim.analyses.study import Study
        from sim.runs.durations import START_SECONDS, residents, spec_seconds
        from sim.runs.workers import available_cores

        with TemporaryDirectory(prefix="kyodo-") as place:
            for name, text in self.files.items():
                with atomic_write(Path(place) / name, "w", newline="\n") as stream:
                    stream.write(text)
            question = self.question(settings, Path(place))
            workers = settings.workers or available_cores()
            study = Study(self.asked.name, question, runner=_tell_runs, workers=workers)
            self.asked.check(question, study)
            try:
                self.asked.answer(question, study)
                specs: Sequence[RunSpec] = ()
            except _RunsAsked as first:
                specs = first.specs
        seconds = START_SECONDS + spec_seconds(specs) / max(1, min(workers, len(specs)))
        return {
            "command": self.command(settings, lang),
            "files": file_list(self.files),
            "runs": len(specs),
            "estimate_seconds": round(seconds, 1),
            "residents": residents(parse_scale(question.scale)),
        }


class _RunsAsked(Exception):
    """Carries the runs that an analysis asks for first, in place of running them."""

    def __init__(self, specs: Sequence[RunSpec]) -> None:
        super().__init__(len(specs))
        self.specs = specs


def _tell_runs(
    study: Study, specs: Sequence[RunSpec], what: str, store: ResultStore | None
) -> Results:
    raise _RunsAsked(specs)


def _flags(name: str, how: Asked, value: Any) -> list[str]:
    """A value as it is typed."""
    if isinstance(value, bool):
        yes, _, no = flag_of(name, how).partition("/")
        return [yes] if value else [no] if no else []
    if isinstance(value, Mapping):
        value = [f"{id}={number}" for id, number in value.items()]
    many = value if isinstance(value, list | tuple) else [] if value is None else [value]
    return [part for one in many for part in (flag_of(name, how), str(one))]


def file_name(id: str) -> str:
    """The name of a scenario's file (an id has letters, digits, ``_`` and ``-`` only)."""
    return f"{id}_.yaml" if _RESERVED.fullmatch(id) else f"{id}.yaml"


def file_list(files: dict[str, str]) -> list[dict[str, str]]:
    """Files for the page."""
    return [{"name": name, "yaml": text} for name, text in files.items()]


def read_request(body: bytes, settings: AppSettings) -> JobRequest:
    """Read and check a request. Raises ApiError, UsageError and ContentError."""
    found = scenarios.read_json(body)
    name = found.get("analysis", COMPARE) if isinstance(found, dict) else COMPARE
    if name not in ASKABLE:
        raise ApiError(422, "serve_request", "analysis", ", ".join(ASKABLE))
    asked = analysis(name)
    fields = fields_of(asked)
    found = scenarios.read_object(body, {"analysis", "title", "scenarios", *fields})
    given: dict[str, Any] = {}
    for one, (how, kind) in fields.items():
        if one not in SCENARIOS:
            default = default_of(asked.question, one)
            given[one] = _value(one, how, kind, found.get(one, default), default)
    _check_choice("profile", given["profile"], settings.profile_ids())
    title = found.get("title", "")
    if not isinstance(title, str) or len(title) > MAX_TITLE:
        raise ApiError(422, "serve_request", "title")
    chosen, bundled = _scenarios(asked, found.get("scenarios"), given["years"])
    plain = [s.id if b else s.to_dict() for s, b in zip(chosen, bundled, strict=True)]
    return JobRequest(
        asked,
        {"analysis": name, "title": title, "scenarios": plain, **given},
        tuple(chosen),
        tuple(bundled),
    )


def _scenarios(asked: Analysis, wanted: Any, years: int) -> tuple[list[Scenario], list[bool]]:
    """The scenarios of a request, and which are bundled; none sent: those of the question."""
    name = scenario_field(asked)
    most = 0 if name is None else 1 if name == "scenario" else MAX_SCENARIOS
    if wanted is None and (name is None or default_of(asked.question, name) is not MISSING):
        return [], []
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= most:
        raise ApiError(422, "serve_how_many", "scenarios", most=most)
    chosen, bundled = [], []
    for n, one in enumerate(wanted):
        if isinstance(one, str):
            if one not in scenario_ids():
                raise ApiError(422, "serve_scenario", f"scenarios.{n}", ", ".join(scenario_ids()))
            chosen.append(load_scenario(one, years))
        else:
            chosen.append(scenarios.of_plan(one, years))
            if chosen[-1].id == BASELINE:
                raise ApiError(422, "serve_reserved", f"scenarios.{n}.id")
        bundled.append(isinstance(one, str))
    ids = [s.id.casefold() for s in chosen]
    if len(set(ids)) != len(ids):
        twice = next(i for i in ids if ids.count(i) > 1)
        raise ApiError(422, "serve_request", "scenarios", f"id '{twice}' x 2")
    return chosen, bundled


def _value(name: str, how: Asked, kind: FieldKind, value: Any, default: Any) -> Any:
    """A field as it was sent, if it is of its kind and within its bounds. Raises ApiError 422."""
    if value is None and default is None:
        return None
    if kind.pairs:
        return _pairs(name, value)
    if kind.many:
        sent = isinstance(value, list | tuple) and len(value) <= MOST_TEXTS
        texts = list(value) if sent else [None]
        for text in texts:
            _check_text(name, text, how)
        return texts
    if kind.plain in (int, float):
        _check_number(name, value, how, kind)
    elif kind.plain is Fraction:
        return _share(name, value)
    elif kind.plain is bool:
        if not isinstance(value, bool):
            raise ApiError(422, "serve_request", name, "true, false")
    else:
        _check_text(name, value, how)
    return value


def _check_number(name: str, value: Any, how: Asked, kind: FieldKind) -> None:
    low, high = bounds(name, how, kind)
    types = int if kind.plain is int else int | float
    fits = isinstance(value, types) and not isinstance(value, bool) and math.isfinite(value)
    fits = fits and (low is None or value >= low) and (high is None or value <= high)
    if not fits:
        limits = [f"{low:,}" if low is not None else "-∞", f"{high:,}" if high is not None else "∞"]
        raise ApiError(422, "serve_number", name, low=limits[0], high=limits[1])


def _share(name: str, value: Any) -> str:
    if not isinstance(value, str | int | float) or len(str(value)) > 20:
        raise ApiError(422, "serve_request", name, "1/100")
    return str(parse_scale(str(value)))


def _pairs(name: str, value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping) or len(value) > MOST_TEXTS:
        raise ApiError(422, "serve_request", name, "{id: number}")
    for number in value.values():
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise ApiError(422, "serve_request", name, "{id: number}")
    return dict(value)


def _check_text(name: str, value: Any, how: Asked) -> None:
    if not isinstance(value, str) or len(value) > MAX_TITLE or value.startswith("-"):
        raise ApiError(422, "serve_request", name, ", ".join(how.choices))
    if how.choices:
        _check_choice(name, value, how.choices)


def _check_choice(name: str, value: Any, valid: Sequence[str]) -> None:
    if value is not None and value not in valid:
        near = nearest(str(value), valid)
        raise ApiError(422, "serve_request", name, f"{', '.join(valid)}{near}")
