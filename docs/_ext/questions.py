"""What every analysis can be asked, as Markdown, made from the fields of its question."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields

import registers

from sim.analyses.analysis import NAMES, OWN_COMMAND, analysis
from sim.analyses.question import Asked, Question, how_asked


def questions() -> str:
    """A section for each analysis: what it answers, and a table of its fields."""
    return "\n".join(section(name) for name in NAMES if name not in OWN_COMMAND)


def section(name: str) -> str:
    """One analysis: the text of its command, then its fields in the order of ``--help``."""
    question = analysis(name).question
    rows = [row(question, field, how) for field, how in how_asked(question).items()]
    text = registers.clean(inspect.getdoc(question) or "")
    heads = ("field", "on the command line", "default", "allowed", "meaning")
    return f"## {name}\n\n{text}\n\n{registers.table(heads, rows)}"


def row(question: type[Question], name: str, how: Asked) -> tuple[str, str, str, str, str]:
    """One field of a question."""
    typed = how.metavar or name.upper() if how.argument else how.flag or f"--{name}"
    typed = typed.replace("_", "-") if typed.startswith("--") else typed
    return (
        f"`{name}`",
        f"`{typed}`",
        default(question, name),
        allowed(how),
        registers.clean(how.help),
    )


def default(question: type[Question], name: str) -> str:
    """The default of a field; "none" for nothing, "must be given" where there is none."""
    declared = next(f for f in fields(question) if f.name == name)
    if declared.default is not MISSING:
        return "none" if declared.default in (None, ()) else f"`{declared.default}`"
    return "none" if declared.default_factory is not MISSING else "must be given"


def allowed(how: Asked) -> str:
    """Words or bounds."""
    if how.choices:
        return ", ".join(f"`{choice}`" for choice in how.choices)
    low = "" if how.low is None else f"{how.low:g}"
    high = "" if how.high is None else f"{how.high:g}"
    return f"{low} to {high}" if low and high else f"at least {low}" if low else ""
