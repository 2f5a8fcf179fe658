"""The design of a comparison: the scenarios that run like for like, loaded and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from sim.base.errors import UsageError
from sim.base.scale import parse_scale
from sim.runs.spec import Design
from sim.scenario.bundled import BASELINE, STANDARD
from sim.scenario.reader import load_scenario
from sim.scenario.types import Scenario


def build_design(
    scenarios: Sequence[str | Path | Scenario] | str | Path | Scenario | None = None,
    *,
    draws: int | None = 50,
    replicates: int = 1,
    scale: str | float | Fraction = "1/100",
    years: int = 10,
    seed: int = 0,
    profile: str | None = None,
    discount: str | None = None,
    parameters: Mapping[str, float] | None = None,
    by: str = "year",
    with_baseline: bool = True,
) -> Design:
    """Load and check all that a comparison needs, before anything runs or is written.

    ``scenarios``: bundled ids, files or Scenario objects, or one of them; None = the baseline and
    the seven combinations. The baseline comes first and is added if it is missing, unless
    ``with_baseline`` is False. Raises UsageError and ContentError.
    """
    exact = parse_scale(scale)
    if isinstance(scenarios, str | Path | Scenario):
        scenarios = [scenarios]
    names: list[str | Path | Scenario] = list(STANDARD if scenarios is None else scenarios)
    loaded = [load_scenario(name, years) for name in names]
    if with_baseline:
        others = [s for s in loaded if s.id != BASELINE]
        if any(s.id == BASELINE and s.initiatives for s in loaded):
            raise UsageError("the scenario 'baseline' switches on initiatives: give it another id")
        own = [s for s in loaded if s.id == BASELINE]
        if len(own) > 1:
            raise UsageError("two scenarios have the id 'baseline': give one of them another id")
        first = own or [load_scenario(BASELINE, years)]
        loaded = [*first, *others]
    design = Design(
        tuple(loaded),
        draws=draws,
        replicates=replicates,
        scale=exact,
        seed=seed,
        years=years,
        profile=profile,
        discount=discount,
        parameters=tuple((parameters or {}).items()),
        by=by,
    )
    design.check()
    return design
