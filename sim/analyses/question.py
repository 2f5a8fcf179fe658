"""What is asked of an analysis: a frozen dataclass whose fields say all that is to know of them.

The command line, the page's forms, the Python signature and the documentation are made from the
fields: name, type, range, default and help stand once. A field of an analysis is declared with
`asked`; those that every analysis has are declared here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from fractions import Fraction
from types import NoneType
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

from sim.base.errors import UsageError, nearest
from sim.base.scale import parse_scale
from sim.base.user_choices import DISCOUNTS

MOST_YEARS = 50
"""Fiscal years that a run may have."""
MOST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Asked:
    """How one field is asked for.

    ``help``: a sentence. ``low``, ``high``: bounds of a number, both allowed. ``choices``: the
    words that are allowed. ``metavar``: what stands for the value in a usage line. ``argument``:
    given by its place on the command line, not by a flag. ``flag``: its flag where that is not the
    name of the field. ``shown_default``: the default in words, where it depends on something.
    """

    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    metavar: str | None = None
    argument: bool = False
    flag: str | None = None
    shown_default: str | None = None


_NO_DEFAULT: Any = object()


def asked(default: Any = _NO_DEFAULT, /, help: str = "", **how: Any) -> Any:
    """A field of a question with its default (none: it must be given); ``how``: see `Asked`."""
    metadata = {"asked": Asked(help, **how)}
    if default is _NO_DEFAULT:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def how_asked(question: type[Question]) -> dict[str, Asked]:
    """The fields of a question in the order of their declaration, those of its own first."""
    shared = {f.name for f in fields(Question)}
    every = {f.name: f.metadata["asked"] for f in fields(question)}
    left_out = set(question.LEFT_OUT)
    own = {name: how for name, how in every.items() if name not in shared}
    rest = {n: how for n, how in every.items() if n in shared and n not in left_out}
    return own | rest


@dataclass(frozen=True)
class FieldKind:
    """What may stand in a field, whoever asks.

    ``plain``: what one value is: int, float, bool, str, or Fraction for a share that is also
    written as a text. ``many``: any number of them; ``pairs``: of numbers by id. ``optional``: it
    may be left open (None).
    """

    plain: type
    many: bool = False
    pairs: bool = False
    optional: bool = False


def kind_of(question: type[Question], name: str) -> FieldKind:
    """The kind of a field, from its type."""
    hint = get_type_hints(question)[name]
    options = [hint] if get_args(hint) == () or _is_container(hint) else [*get_args(hint)]
    optional = NoneType in options
    one = next(o for o in options if o is not NoneType)
    if _is_container(one):
        pairs = issubclass(get_origin(one) or one, Mapping)
        return FieldKind(float if pairs else str, many=not pairs, pairs=pairs, optional=optional)
    return FieldKind(Fraction if Fraction in options else one, optional=optional)


def default_of(question: type[Question], name: str) -> Any:
    """The default of a field; ``MISSING`` (of dataclasses) where it must be given."""
    (declared,) = (f for f in fields(question) if f.name == name)
    made = declared.default_factory
    return declared.default if made is MISSING else made()


def _is_container(hint: Any) -> bool:
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, tuple | Mapping)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What every analysis can be asked. Raises UsageError for a value that cannot be meant.

    An analysis names in ``LEFT_OUT`` what it has no use for; such a field keeps its default.
    ``set``: values of parameters by id, which win over draws and scenarios.
    """

    LEFT_OUT: ClassVar[tuple[str, ...]] = ()

    draws: int | None = asked(50, "Parameter draws (under 50: no 90 % interval).", low=1)
    replicates: int = asked(1, "Runs per draw.", low=1)
    scale: str | float | Fraction = asked("1/100", "Share of residents: 0.01 or 1/100.")
    years: int = asked(10, "Fiscal years from 2024.", low=1, high=MOST_YEARS)
    profile: str | None = asked(None, "Evidence: document, official or a file [default: document].")
    discount: str | None = asked(
        None,
        "How far to believe claimed effects [default: discounted].",
        choices=DISCOUNTS,
    )
    set: Mapping[str, float] = field(
        default_factory=dict,
        metadata={"asked": Asked("Override a parameter; can be repeated.", metavar="ID=VALUE")},
    )
    seed: int = asked(0, "Seed of all dice.", low=0, high=MOST_SEED)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", parse_scale(self.scale))
        object.__setattr__(self, "set", dict(self.set))
        for one in fields(self):
            value = getattr(self, one.name)
            if str(one.type).startswith("tuple"):  # from Python one word, or a list, may be given
                own = (value,) if isinstance(value, str) else tuple(value)
                object.__setattr__(self, one.name, own)
        for name, how in how_asked(type(self)).items():
            problem = problem_of(name, getattr(self, name), how)
            if problem is not None:
                raise UsageError(problem)

    def asks(self) -> dict[str, Any]:
        """Plain values that name the study beside what every analysis has: the own fields.

        Of a scenario stands its content, not the name it was asked for by.
        """
        shared = {f.name for f in fields(Question)}
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in shared}
        return {name: _plain(value) for name, value in own.items()}


def flag_of(name: str, how: Asked) -> str:
    """The flag of a field on a command line; of a flag with two sides, ``--yes/--no``, both."""
    return how.flag or "--" + name.replace("_", "-")


def problem_of(name: str, value: Any, how: Asked) -> str | None:
    """Why a value cannot be meant, in words that say what may stand there; None if it can."""
    for one in value if isinstance(value, tuple | list) else (value,):
        if one is None or isinstance(one, Mapping | Fraction):
            continue
        if how.choices and one not in how.choices:
            return f"{name}: '{one}' is not {' | '.join(how.choices)}{nearest(one, how.choices)}"
        if how.low is None and how.high is None:
            continue
        if isinstance(one, bool) or not isinstance(one, int | float):
            return f"{name}: {one!r} is not a number"
        if (how.low is not None and one < how.low) or (how.high is not None and one > how.high):
            low = "" if how.low is None else f" of at least {how.low:g}"
            limit = low if how.high is None else f" from {how.low:g} to {how.high:g}"
            return f"{name}: {one!r} is not a number{limit}"
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    to_dict = getattr(value, "to_dict", None)
    return value if to_dict is None else to_dict(labels=False)
