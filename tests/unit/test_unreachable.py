"""Which targets are out of reach by construction."""

from __future__ import annotations

from sim.analyses.shared.unreachable import unreachable
from sim.model.indicators import INDICATORS
from sim.scenario.reader import load_scenario


def test_deliveries_without_their_initiative_are_out_of_reach() -> None:
    pairs = unreachable([load_scenario(s) for s in ("baseline", "m1", "all_measures")])
    delivery = {i.id for i in INDICATORS.values() if i.kind == "delivery"} | {"M3-KPIoc-2"}
    assert {i for s, i in pairs if s == "baseline"} == delivery - {"M2-KSI-1"}
    own = {"M1-KSI-1", "M1-KSI-2", "M1-KPIop-2"}
    assert {i for s, i in pairs if s == "m1"} == delivery - {"M2-KSI-1"} - own
    assert not {i for s, i in pairs if s == "all_measures"}


def test_outcomes_are_never_out_of_reach() -> None:
    pairs = unreachable([load_scenario("baseline")])
    assert {i for _, i in pairs if INDICATORS[i].kind != "delivery"} == {"M3-KPIoc-2"}
