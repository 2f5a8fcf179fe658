"""What to run: a RunSpec is one run, a Design is scenarios x draws x replicates.

A run is a pure function of its RunSpec; ``identity`` is a hash of everything that its numbers
depend on. Layer: above model; imports nothing heavy.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.errors import UsageError, nearest
from sim.base.files import data_dir
from sim.base.scale import parse_scale
from sim.base.user_choices import BY, DISCOUNTS
from sim.places.load import load_place

if TYPE_CHECKING:
    from sim.figures.parameter import ParameterTable
    from sim.scenario.types import Scenario

RESULT_SCHEMA = 1
"""Version of the columns and meanings of the results; part of every identity."""

ID_LENGTH = 16
"""Digits of an identity that name a run in shards and indexes."""

MAX_YEARS = 50
MAX_SEED = 2**63 - 1

EFFECT_GROUPS = ("initiative.", "discount.")
"""How the ids of parameters begin that initiatives alone read: sizes of effects, their discount,
uptake and costs. The burn-in and the baseline do not depend on them. (``uptake.`` is not among
them: the same slopes say which NPOs use intermediaries in the baseline.)"""

EXPERIMENT = "experiment."
"""How the ids of parameters begin that no run reads: experiments weigh the results with them."""

POPULATION = "population."
"""How the ids of parameters begin that agents are made from: shares of a whole and whole numbers,
each a figure of the profile as it stands."""

MODEL_ROOMS = ("base", "figures", "places", "scenario", "model")
"""The folders that the model consists of: its own, and the floors that it stands on."""


@lru_cache(maxsize=1)
def model_hash() -> str:
    """Hash over the sources of ``MODEL_ROOMS``, which a run's numbers depend on.

    Shards of two versions of the model are thus never mixed in one folder.
    """
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for path in sorted(p for room in MODEL_ROOMS for p in (root / room).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=16)
def evidence_hash(profile: str) -> str:
    """Hash over the bundled evidence and the data of the place, and over a user's profile file."""
    digest = hashlib.sha256()
    for folder in (data_dir("calibration", "evidence"), load_place().folder):
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    own = Path(profile)
    digest.update(own.read_bytes() if own.is_file() else profile.encode())
    return digest.hexdigest()


def canonical_hash(content: Any) -> str:
    """sha256 of the canonical JSON text of ``content`` (sorted keys, shortest floats, no NaN)."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class _Table:
    """A table of parameters as a key of a cache: the same object, not equal content."""

    def __init__(self, table: ParameterTable):
        self.table = table

    def __hash__(self) -> int:
        return id(self.table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Table) and other.table is self.table


@lru_cache(maxsize=256)
def _drawn_hash(table: _Table, draw: int | None, seed: int, effects_draw: int | None) -> str:
    values = table.table.resolve({}, draw, seed)
    if effects_draw is not None:
        other = table.table.resolve({}, draw, seed, effects_draw)
        values |= {id: v for id, v in other.items() if id.startswith(EFFECT_GROUPS)}
    # what no run reads is left out
    return canonical_hash({id: v for id, v in values.items() if not id.startswith(EXPERIMENT)})


@dataclass(frozen=True)
class RunSpec:
    """One run: a scenario, one draw of the parameters, one replicate of the dice.

    ``scale``: share of residents simulated (a Fraction; 0.01 and "1/100" are understood).
    ``draw``: None means central values; 0, 1, 2, ... a draw of the uncertain parameters.
    ``effects_draw``: another draw for the parameters of ``EFFECT_GROUPS``; behaviour and luck stay
    those of ``draw``, which must be given (see sim/analyses/compare/explain.py).
    ``parameters``: overrides as (id, value) pairs or a mapping; they win over the scenario's own.
    ``by``: "year" (all wards), "ward" or "month". Raises UsageError for values that are not valid.
    """

    scenario: Scenario
    scale: Fraction = Fraction(1, 100)
    seed: int = 0
    draw: int | None = None
    replicate: int = 0
    years: int = 10
    profile: str = "document"
    discount: str = "discounted"
    parameters: tuple[tuple[str, float], ...] = ()
    by: str = "year"
    effects_draw: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", parse_scale(self.scale))
        given: Any = self.parameters
        pairs = given.items() if isinstance(given, Mapping) else given
        pairs = tuple(sorted((str(name), float(value)) for name, value in pairs))
        object.__setattr__(self, "parameters", pairs)
        _check_whole("seed", self.seed, 0, MAX_SEED)
        _check_whole("replicate", self.replicate, 0, MAX_SEED)
        _check_whole("years", self.years, 1, MAX_YEARS)
        if self.draw is not None:
            _check_whole("draw", self.draw, 0, MAX_SEED)
        if self.effects_draw is not None:
            _check_whole("effects_draw", self.effects_draw, 0, MAX_SEED)
            if self.draw is None:
                raise UsageError("effects_draw: central values have no draw to replace")
        _check_choice("discount", self.discount, DISCOUNTS)
        _check_choice("by", self.by, BY)

    @property
    def name(self) -> str:
        """The run in words, e.g. ``m1, draw 3, replicate 0``."""
        return run_name(self.scenario.id, self.draw, self.replicate, self.point)

    @property
    def point(self) -> str:
        """What sets it apart from other runs of its scenario, draw and replicate, in words."""
        if self.effects_draw is not None:
            return f"effects of draw {self.effects_draw}"
        if self.parameters:
            return f"{len(self.parameters)} parameters set, run {self.identity[:8]}"
        return ""

    @cached_property
    def overrides(self) -> dict[str, float]:
        """The scenario's parameters with the run's own on top, by id."""
        return dict(sorted({**self.scenario.parameters, **dict(self.parameters)}.items()))

    @property
    def resolved(self) -> dict[str, float]:
        """The value of every parameter in this run. Raises UsageError for an unknown id."""
        from sim.figures.parameters import load_parameters

        # not kept: 381 numbers for each of 100,000 runs would fill the memory
        table = load_parameters(self.profile)
        values = table.resolve(self.overrides, draw=self.draw, seed=self.seed)
        return {**values, **(self.effects or {})}

    @property
    def effects(self) -> dict[str, float] | None:
        """The parameters of ``EFFECT_GROUPS`` that are not those of the burn-in; None without any.

        Those that are overridden or, with ``effects_draw``, all of them.
        """
        from sim.figures.parameters import load_parameters

        if self.effects_draw is None:
            own = {id: v for id, v in self.overrides.items() if id.startswith(EFFECT_GROUPS)}
            return own or None
        table = load_parameters(self.profile)
        values = table.resolve(self.overrides, self.draw, self.seed, self.effects_draw)
        return {id: value for id, value in values.items() if id.startswith(EFFECT_GROUPS)}

    @cached_property
    def burn_in_overrides(self) -> dict[str, float]:
        """The overrides that the burn-in reads, by id."""
        other = (*EFFECT_GROUPS, EXPERIMENT)
        return {id: v for id, v in self.overrides.items() if not id.startswith(other)}

    @cached_property
    def identity(self) -> str:
        """sha256 (hex) of all that the numbers of this run depend on."""
        return canonical_hash(
            {
                "schema": RESULT_SCHEMA,
                "model": model_hash(),
                "drawn": self._drawn_hash,
                "parameters": {
                    id: v for id, v in self.overrides.items() if not id.startswith(EXPERIMENT)
                },
                "scenario": self.scenario.to_dict(labels=False),
                "scale": str(self.scale),
                "seed": self.seed,
                "draw": self.draw,
                "replicate": self.replicate,
                "years": self.years,
                "evidence": evidence_hash(self.profile),
                "discount": self.discount,
                "by": self.by,
                "effects_draw": self.effects_draw,
            }
        )

    @property
    def run_id(self) -> str:
        """The name of the run in shards and indexes: the beginning of its identity."""
        return self.identity[:ID_LENGTH]

    @property
    def _drawn_hash(self) -> str:
        """Hash of all parameters before overrides, which many runs share."""
        from sim.figures.parameters import load_parameters

        table = load_parameters(self.profile)
        for id, value in self.overrides.items():
            problem = table.override_problem(id, value)
            if problem is not None:
                raise UsageError(problem)
        return _drawn_hash(_Table(table), self.draw, self.seed, self.effects_draw)

    @property
    def burn_in_key(self) -> tuple[Any, ...]:
        """Runs with equal keys branch from one burn-in, which no measure and no effect enters."""
        own = tuple(self.burn_in_overrides.items())
        return (self.scale, self.seed, self.draw, self.replicate, self.years, self.profile, own)


@dataclass(frozen=True)
class Design:
    """A study: every scenario with every draw and every replicate.

    ``draws`` None means one run with central values; ``profile`` and ``discount`` None mean each
    scenario's own, else ``document`` and ``discounted``. Two scenarios with different profiles
    cannot be compared (the difference would mix evidence with policy): UsageError.
    """

    scenarios: tuple[Scenario, ...]
    draws: int | None = 50
    replicates: int = 1
    scale: Fraction = Fraction(1, 100)
    seed: int = 0
    years: int = 10
    profile: str | None = None
    discount: str | None = None
    parameters: tuple[tuple[str, float], ...] = ()
    by: str = "year"
    _specs: dict[tuple[int | None, int], tuple[RunSpec, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", parse_scale(self.scale))
        if not self.scenarios:
            raise UsageError("no scenario to run")
        ids = [s.id for s in self.scenarios]
        if len(set(ids)) != len(ids):
            twice = next(i for i in ids if ids.count(i) > 1)
            raise UsageError(f"two scenarios have the id '{twice}'")
        if self.draws is not None:
            _check_whole("draws", self.draws, 1, 1_000_000)
        _check_whole("replicates", self.replicates, 1, 1_000_000)
        if self.profile is None:
            named = sorted({s.profile for s in self.scenarios if s.profile is not None})
            if len(named) > 1:
                raise UsageError(
                    f"the scenarios name different profiles ({', '.join(named)}): choose one with"
                    " --profile, or their difference would mix evidence with policy"
                )
            object.__setattr__(self, "profile", named[0] if named else "document")
        self.chunk(self.chunks[0])

    def check(self) -> None:
        """Resolve all parameters: raise UsageError or ContentError now rather than in every run."""
        for spec in self.chunk(self.chunks[0]):
            spec.resolved.keys()

    @property
    def draw_indices(self) -> tuple[int | None, ...]:
        """The draws: 0, 1, 2, ..., or only None for central values."""
        return (None,) if self.draws is None else tuple(range(self.draws))

    @property
    def chunks(self) -> tuple[tuple[int | None, int], ...]:
        """The (draw, replicate) pairs; one chunk runs all scenarios from a shared burn-in."""
        return tuple((d, r) for d in self.draw_indices for r in range(self.replicates))

    def chunk(self, key: tuple[int | None, int]) -> tuple[RunSpec, ...]:
        """The RunSpecs of one (draw, replicate), in the order of the scenarios."""
        if key not in self._specs:
            self._specs[key] = tuple(self._spec(s, *key) for s in self.scenarios)
        return self._specs[key]

    def _spec(self, scenario: Scenario, draw: int | None, replicate: int) -> RunSpec:
        return RunSpec(
            scenario=scenario,
            scale=self.scale,
            seed=self.seed,
            draw=draw,
            replicate=replicate,
            years=self.years,
            profile=str(self.profile),
            discount=self.discount or scenario.discount or "discounted",
            parameters=self.parameters,
            by=self.by,
        )

    def __iter__(self) -> Iterator[RunSpec]:
        for key in self.chunks:
            yield from self.chunk(key)

    def __len__(self) -> int:
        return len(self.scenarios) * len(self.chunks)

    @cached_property
    def study_hash(self) -> str:
        """sha256 (hex) of the study without the number of draws and replicates, which may grow."""
        runs = sorted(s.identity for s in self.chunk((self.draw_indices[0], 0)))
        return canonical_hash({"runs": runs, "central": self.draws is None})

    def to_dict(self) -> dict[str, Any]:
        """The design for the manifest: plain values only."""
        return {
            "scenarios": [s.id for s in self.scenarios],
            "draws": self.draws,
            "replicates": self.replicates,
            "scale": str(self.scale),
            "seed": self.seed,
            "years": self.years,
            "profile": self.profile,
            "discount": {s.scenario.id: s.discount for s in self.chunk(self.chunks[0])},
            "parameters": dict(self.parameters),
            "by": self.by,
        }


def run_name(scenario: str, draw: int | None, replicate: int, point: str = "") -> str:
    """A run in words: ``m1, draw 3, replicate 0``, and what sets it apart beside that."""
    drawn = "central values" if draw is None else f"draw {draw}"
    return f"{scenario}, {drawn}, replicate {replicate}" + (f" ({point})" if point else "")


def _check_whole(name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        limit = f"of at least {low}" if high >= 1_000_000 else f"from {low} to {high}"
        raise UsageError(f"{name}: {value!r} is not a whole number {limit}")


def _check_choice(name: str, value: str, valid: tuple[str, ...]) -> None:
    if value not in valid:
        raise UsageError(f"{name}: '{value}' is not {' | '.join(valid)}{nearest(value, valid)}")
