"""What a page may ask to be run: checked, and turned into files and a command line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.app import scenarios
from sim.app.errors import ApiError
from sim.app.settings import (
    MAX_DRAWS,
    MAX_REPLICATES,
    MAX_SCENARIOS,
    MAX_TITLE,
    OWN,
    AppSettings,
)
from sim.base.scale import parse_scale
from sim.base.user_choices import DISCOUNTS
from sim.runs.spec import MAX_SEED, MAX_YEARS
from sim.scenario.bundled import BASELINE, scenario_ids
from sim.scenario.reader import load_scenario
from sim.scenario.types import Scenario

DEFAULTS: dict[str, Any] = {
    "draws": 50,
    "replicates": 1,
    "scale": "1/100",
    "years": 10,
    "profile": None,
    "discount": None,
    "by": None,
    "seed": 0,
    "title": "",
}
WHOLE = {
    "draws": (1, MAX_DRAWS),
    "replicates": (1, MAX_REPLICATES),
    "years": (1, MAX_YEARS),
    "seed": (0, MAX_SEED),
}
"""Whole numbers of a request and their limits."""
RESULT = "result"
"""The folder of the results, beside the scenario files."""
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")


@dataclass(frozen=True)
class JobRequest:
    """A checked request. ``given``: as the page sent it, defaults filled in."""

    given: dict[str, Any]
    scenarios: tuple[Scenario, ...]
    bundled: tuple[bool, ...]

    @property
    def files(self) -> dict[str, str]:
        """Name -> text of the scenario files that the command reads."""
        chosen = zip(self.scenarios, self.bundled, strict=True)
        return {file_name(s.id): s.to_yaml() for s, bundled in chosen if not bundled}

    @property
    def runs(self) -> int:
        """Runs in all, the baseline's among them."""
        added = BASELINE not in [s.id for s in self.scenarios]
        number = len(self.scenarios) + added
        return int(number * self.given["draws"] * self.given["replicates"])

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

    def arguments(self, settings: AppSettings, lang: str) -> list[str]:
        """The arguments of ``kyodo``, to be called in the folder of the files."""
        given = self.given
        names = [
            s.id if bundled else file_name(s.id)
            for s, bundled in zip(self.scenarios, self.bundled, strict=True)
        ]
        out = ["compare", *names]
        for name in ("draws", "replicates", "scale", "years", "seed"):
            out += [f"--{name}", str(given[name])]
        for name, default in (("profile", settings.profile_id), ("discount", DISCOUNTS[0])):
            value = given[name]
            if value is None and all(getattr(s, name) is None for s in self.scenarios):
                value = default
            if name == "profile" and value == OWN:
                value = self.profile_file(settings)
            out += [] if value is None else [f"--{name}", value]
        out += [] if given["by"] is None else ["--by", given["by"]]
        return [*out, "--out", RESULT, "--lang", lang]

    def command(self, settings: AppSettings, lang: str) -> str:
        """The line that repeats the runs."""
        return shlex.join(["kyodo", *self.arguments(settings, lang)])

    def check(self, settings: AppSettings, lang: str) -> dict[str, Any]:
        """How to reproduce it and how long it takes. Raises UsageError and ContentError."""
        from sim.analyses.compare.design import build_design
        from sim.runs.durations import estimate_seconds, residents
        from sim.runs.workers import available_cores

        given = self.given
        profile = given["profile"]
        if profile is None and all(s.profile is None for s in self.scenarios):
            profile = settings.profile_id
        names = ("draws", "replicates", "scale", "years", "seed", "discount")
        design = build_design(
            self.scenarios,
            profile=None if profile is None else settings.profile_of(profile),
            by=given["by"] or "year",
            **{name: given[name] for name in names},
        )
        workers = min(settings.workers or available_cores(), len(design.chunks))
        return {
            "command": self.command(settings, lang),
            "files": file_list(self.files),
            "runs": len(design),
            "estimate_seconds": round(estimate_seconds(design, workers), 1),
            "residents": residents(design.scale),
        }


def file_name(id: str) -> str:
    """The name of a scenario's file (an id has letters, digits, ``_`` and ``-`` only)."""
    return f"{id}_.yaml" if _RESERVED.fullmatch(id) else f"{id}.yaml"


def file_list(files: dict[str, str]) -> list[dict[str, str]]:
    """Files for the page."""
    return [{"name": name, "yaml": text} for name, text in files.items()]


def read_request(body: bytes, settings: AppSettings) -> JobRequest:
    """Read and check a request. Raises ApiError, UsageError and ContentError."""
    found = scenarios.read_object(body, {"scenarios", *DEFAULTS})
    given = {name: found.get(name, default) for name, default in DEFAULTS.items()}
    for name, (low, high) in WHOLE.items():
        _check_whole(name, given[name], low, high)
    if not isinstance(given["scale"], str | int | float) or len(str(given["scale"])) > 20:
        raise ApiError(422, "serve_request", "scale", "1/100")
    given["scale"] = str(parse_scale(str(given["scale"])))
    _check_choice("profile", given["profile"], settings.profile_ids())
    _check_choice("discount", given["discount"], DISCOUNTS)
    _check_choice("by", given["by"], ("ward",))
    title = given["title"]
    if not isinstance(title, str) or len(title) > MAX_TITLE:
        raise ApiError(422, "serve_request", "title")
    wanted = found.get("scenarios")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MAX_SCENARIOS:
        raise ApiError(422, "serve_how_many", "scenarios", most=MAX_SCENARIOS)
    chosen, bundled = [], []
    for n, one in enumerate(wanted):
        if isinstance(one, str):
            if one not in scenario_ids():
                raise ApiError(422, "serve_scenario", f"scenarios.{n}", ", ".join(scenario_ids()))
            chosen.append(load_scenario(one, given["years"]))
        else:
            chosen.append(scenarios.of_plan(one, given["years"]))
            if chosen[-1].id == BASELINE:
                raise ApiError(422, "serve_reserved", f"scenarios.{n}.id")
        bundled.append(isinstance(one, str))
    ids = [s.id.casefold() for s in chosen]
    if len(set(ids)) != len(ids):
        twice = next(i for i in ids if ids.count(i) > 1)
        raise ApiError(422, "serve_request", "scenarios", f"id '{twice}' x 2")
    plain = [s.id if b else s.to_dict() for s, b in zip(chosen, bundled, strict=True)]
    return JobRequest({"scenarios": plain, **given}, tuple(chosen), tuple(bundled))


def _check_whole(name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        limits = {"low": f"{low:,}", "high": f"{high:,}"}
        raise ApiError(422, "serve_number", name, **limits)


def _check_choice(name: str, value: Any, valid: Sequence[str]) -> None:
    if value is not None and value not in valid:
        raise ApiError(422, "serve_request", name, ", ".join(valid))
