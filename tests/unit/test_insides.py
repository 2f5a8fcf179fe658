"""The funnel of participation and the survival of NPOs, on agents made by hand and in runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.analyses.compare.estimate import Comparison
from sim.analyses.compare.insides import (
    FUNNEL_COLUMNS,
    STEPS,
    SURVIVAL_COLUMNS,
    Survivors,
    funnel_of,
    funnel_table,
    insides,
    survival_table,
)
from sim.base.errors import UsageError
from sim.model.agents.npos import ACTIVE, CLOSED, DORMANT, FUTURE
from sim.model.agents.residents import (
    EPISODIC,
    INTERESTED,
    KNOW_NOT_HOW,
    NO_TIME,
    REGULAR,
    Residents,
)
from sim.model.agents.residents import blocks_of as blocks

SMALL = {"draws": 2, "scale": "1/1000", "years": 1}


def test_a_step_holds_only_residents_of_the_step_before() -> None:
    residents = Residents(blocks(np.array([6] + [0] * 22)), 23)
    residents.set("inactive", slice(None), 12)
    # nobody interested: a regular volunteer who is not, and one who is none of all that
    residents.set("inactive", np.array([0]), 0)
    residents.set("state", np.array([0]), REGULAR)
    for place, traits, inactive, state in (
        (2, INTERESTED, 12, 0),
        (3, INTERESTED | NO_TIME | KNOW_NOT_HOW, 12, 0),
        (4, INTERESTED | NO_TIME, 11, EPISODIC),
        (5, INTERESTED, 3, REGULAR),
    ):
        residents.set("traits", np.array([place]), traits)
        residents.set("inactive", np.array([place]), inactive)
        residents.set("state", np.array([place]), state)
    assert funnel_of(residents) == {
        "residents": 6, "interested": 4, "participants": 2, "regular": 1,
        "no_time": 1, "know_not_how": 1, "know_not_what": 0, "no_barrier": 1,
    }  # fmt: skip


class Npos:
    """As much of a frame of NPOs as is followed."""

    def __init__(self, *status: int) -> None:
        self.status = np.array(status)

    def values(self, name: str) -> np.ndarray:
        assert name == "status"
        return self.status


def test_who_falls_dormant_has_left_for_good_and_who_revives_stays_registered() -> None:
    npos = Npos(ACTIVE, ACTIVE, ACTIVE, ACTIVE, DORMANT, CLOSED, FUTURE)
    stand_in: Any = npos
    followed = Survivors(stand_in)
    assert followed.shares(npos) == (1.0, 1.0)
    npos.status = np.array([DORMANT, ACTIVE, CLOSED, ACTIVE, DORMANT, CLOSED, ACTIVE])
    assert followed.shares(npos) == (0.8, 0.5)
    npos.status = np.array([ACTIVE, ACTIVE, CLOSED, ACTIVE, CLOSED, CLOSED, ACTIVE])
    assert followed.shares(npos) == (0.6, 0.5)


@pytest.fixture(scope="module")
def study() -> Comparison:
    return sim.compare(["baseline", "m1"], **SMALL)


def test_tables_agree_with_the_indicators_of_the_same_runs(
    study: Comparison,
) -> None:
    found = insides(["baseline", "m1"], **SMALL)
    assert tuple(found.funnel.columns) == FUNNEL_COLUMNS
    assert tuple(found.survival.columns) == SURVIVAL_COLUMNS
    values = study.table.set_index(["scenario", "indicator", "draw"])["value"].sort_index()
    for scenario in ("baseline", "m1"):
        steps = found.funnel.query(f"scenario == '{scenario}' and kind == 'step'").set_index("step")
        assert list(steps.index) == list(STEPS)
        assert steps["median"]["residents"] == pytest.approx(8_638_445)
        rate = values[scenario, "participation_rate"]
        assert steps["share"]["participants"] == pytest.approx(rate.median())
        assert steps["low"]["participants"] == pytest.approx(8_638_445 * rate.min())
        regular = rate * values[scenario, "regular_share"]
        assert steps["share"]["regular"] == pytest.approx(regular.median())
        gap = (steps["median"]["interested"] - steps["median"]["participants"]) / 8_638_445
        assert gap == pytest.approx(values[scenario, "interest_gap"].median(), abs=1e-3)
        left = found.survival.query(f"scenario == '{scenario}' and kind == 'registered'")
        assert list(left["month"]) == list(range(13))
        assert left["median"].iloc[0] == 1.0
        assert (left["median"].diff().iloc[1:] <= 0).all()
    assert set(found.survival["unit"]) == {"share"}
    assert set(found.funnel["interval_kind"]) == {"range"}
    assert not found.funnel["provisional"].any()
    assert found.funnel["note"].str.contains("input").all()


def test_survivors_are_those_not_closed_within_the_year() -> None:
    table = survival_table(["baseline"], draws=1, scale="1/1000", years=1)
    burnt = sim.BurnIn(scale="1/1000", draw=0, years=1)
    model = burnt.branch("baseline")
    before = np.isin(model.npos.status, (ACTIVE, DORMANT))
    model.run()
    share = (model.npos.status[before] != CLOSED).mean()
    last = table.query("kind == 'registered' and month == 12")
    assert float(last["median"].iloc[0]) == pytest.approx(share)
    assert 0.9 < share < 1
    assert float(last["at_start"].iloc[0]) == before.sum()


def test_what_cannot_be_looked_into_is_said() -> None:
    with pytest.raises(UsageError, match="at least one"):
        funnel_table([], **SMALL)
    with pytest.raises(UsageError, match="m1"):
        funnel_table(["m11"], **SMALL)
    with pytest.raises(UsageError, match="unknown indicator"):
        sim.ask("attribute", scenario="m1", indicator="M1-KGI-7", draws=1)
    with pytest.raises(UsageError, match="unknown indicator"):
        sim.ask("sensitivity", scenario="m1", indicator="x")


def test_an_attribution_in_memory_adds_up_to_the_effect(study: Comparison) -> None:
    found = sim.ask("attribute", scenario="m1", indicator="M1-KPIop-1", **SMALL)
    parts = found.tables["shares"].groupby("level")["mean"].sum()
    assert parts["initiative"] == pytest.approx(parts["total"])
    value = study.table.query("indicator == 'M1-KPIop-1'").set_index(["scenario", "draw"])["value"]
    assert parts["total"] == pytest.approx((value["m1"] - value["baseline"]).mean())
