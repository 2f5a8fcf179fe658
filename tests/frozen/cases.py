"""The command lines whose numbers are frozen (``freeze.py``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

DESIGN_FILE = "design.yaml"
"""Stands in the arguments of a sweep for the file that holds DESIGN."""

DESIGN = """\
scenarios: [baseline, m1, all_measures]
points:
  method: sobol
  count: 2
  vary:
    initiative.1.2.conversion: prior
    collaboration.trend: {low: 0, high: 0.0525}
    strength.1: {low: 0.2, high: 1}
    start_year.2: {low: 2024, high: 2026}
draws: 2
parameters: {collaboration.proposal_rate: 0.0125}
"""

SMALL = ("--scale", "1/1000", "--years", "3", "--seed", "0", "--workers", "1")

USUAL = (("document", "discounted"),)
OTHERS = (*USUAL, ("official", "discounted"), ("document", "none"))


@dataclass(frozen=True)
class Case:
    """A command line, without where it writes and how it prints.

    ``writes``, ``quiet``, ``lang``: whether the command has these options (``--out`` ...).
    ``report``: whether a report is made of its folder. ``quick``: whether it is tested every time.
    """

    id: str
    args: tuple[str, ...]
    writes: bool = True
    quiet: bool = True
    lang: bool = True
    report: bool = False
    quick: bool = False


STUDIES: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    # What each command allows at least: 4 draws to explain, 20 to check facts, 24 to discover.
    # Other profiles and discounts are run by the command that stands nearest to the model.
    ("run", "run all_measures --draws 2", OTHERS),
    ("compare", "compare --draws 2", USUAL),
    ("compare_explain", "compare m1 all_measures --draws 4 --explain 4", USUAL),
    ("compare_ward", "compare m1 all_measures --draws 2 --by ward", USUAL),
    ("sweep", f"sweep {DESIGN_FILE}", USUAL),
    ("optimise", "optimise --draws 2 --points 1 --train 20 --search-draws 2 --rounds 1", USUAL),
    ("prioritise", "prioritise --draws 2 --stop-after 1", USUAL),
    ("attribute", "attribute --draws 2", USUAL),
    ("sensitivity", "sensitivity m1 --level --method morris --points 48", USUAL),
    ("factcheck", "factcheck --draws 20 --moved-draws 0", USUAL),
    ("discover", "discover m1 --draws 24", USUAL),
    ("timing", "timing m1 --draws 2", USUAL),
)

QUICK = {"run"}
"""Tested every time, for the document's profile and discounted effects."""


def _studies() -> Iterator[Case]:
    for name, line, pairs in STUDIES:
        for pair in pairs:
            profile, discount = pair
            yield Case(
                f"{name}-{profile}-{discount}",
                (*line.split(), *SMALL, "--profile", profile, "--discount", discount),
                lang=name != "sweep",
                report=pair == pairs[0],
                quick=pair in USUAL and name in QUICK,
            )


def _calibrations() -> Iterator[Case]:
    """The answers from stored runs; ``check`` runs the smallest ensemble that it takes."""
    for name, more in (
        ("check", ("--draws", "20", "--scale", "1/1000", "--seed", "0", "--workers", "1")),
        ("recover", ("--truths", "20", "--seed", "0")),
        ("identify", ()),
    ):
        yield Case(
            f"calibrate_{name}",
            ("calibrate", name, *more),
            writes=False,
            quiet=name != "identify",
            lang=False,
        )


def _descriptions() -> Iterator[Case]:
    """Only figures and parameters depend on the profile."""
    every = ("evidence", "parameters", "initiatives", "indicators", "scenarios", "schedule")
    for what in (*every, "decisions"):
        yield Case(f"describe_{what}", ("describe", what), False, False, False, quick=True)
    for what in every[:2]:
        args = ("describe", what, "--profile", "official")
        yield Case(f"describe_{what}-official", args, False, False, False, quick=True)


CASES: tuple[Case, ...] = (*_descriptions(), *_calibrations(), *_studies())
