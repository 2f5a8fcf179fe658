"""Kyodo: a policy simulator for co-production (kyodo) in Tokyo's special wards.

A two-minute tour::

    from fractions import Fraction
    import sim

    # 1. What is there? Nothing is simulated yet.
    list(sim.INITIATIVES)            # fifteen initiatives, "1.1" ... "3.5"
    list(sim.INDICATORS)             # twenty-four indicators, then auxiliary ones
    sim.load_profile()["vol_rate"]   # one figure with source, status and unit

    # 2. One run: every random choice is keyed, so the same spec gives the same table.
    spec = sim.RunSpec(sim.load_scenario("m1"), scale=Fraction(1, 1000), years=3)
    result = sim.run(spec)           # RunResult: .table is a tidy pandas DataFrame
    result.table.query("indicator == 'M1-KGI-1'")

    # 3. Scenarios like for like: same draws, same replicates, paired differences.
    study = sim.compare(["baseline", "m1"], draws=10, scale="1/1000", years=3)
    study.rows                       # medians, 90 % intervals, effects, chances of the targets

    # 4. Any other analysis by its name; its fields are the options of the command.
    found = sim.ask("attribute", scenario="m1", draws=10, scale="1/1000", years=3)
    found.tables["shares"]           # what each measure and initiative adds
    found.pages("ja")                # the same in words and charts

    # 5. An ordinary Mesa model, to step and to look inside.
    model = sim.CollaborationModel("baseline", scale=0.001, years=1)
    model.step()

The figures of the source document are unverified, and behaviour is calibrated to them: every
number is "given these figures", never a forecast. Heavy libraries load when a name is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from sim.analyses.ask import ask
    from sim.analyses.compare.call import compare
    from sim.figures.evidence import load_profile
    from sim.figures.parameters import load_parameters
    from sim.model.indicators import INDICATORS
    from sim.model.measures import INITIATIVES
    from sim.model.model import BurnIn, CollaborationModel
    from sim.places.load import load_place
    from sim.runs.runner import RunResult, run
    from sim.runs.spec import RunSpec
    from sim.scenario.reader import load_scenario

__all__ = [
    "INDICATORS",
    "INITIATIVES",
    "BurnIn",
    "CollaborationModel",
    "RunResult",
    "RunSpec",
    "__version__",
    "ask",
    "compare",
    "load_parameters",
    "load_place",
    "load_profile",
    "load_scenario",
    "run",
]

_HOME = {
    "BurnIn": "sim.model.model",
    "CollaborationModel": "sim.model.model",
    "INDICATORS": "sim.model.indicators",
    "INITIATIVES": "sim.model.measures",
    "RunResult": "sim.runs.runner",
    "RunSpec": "sim.runs.spec",
    "ask": "sim.analyses.ask",
    "compare": "sim.analyses.compare.call",
    "load_parameters": "sim.figures.parameters",
    "load_place": "sim.places.load",
    "load_profile": "sim.figures.evidence",
    "load_scenario": "sim.scenario.reader",
    "run": "sim.runs.runner",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute '{name}'")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
