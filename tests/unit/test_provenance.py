"""Where a number comes from, as the summary prints it."""

from __future__ import annotations

import pytest

from sim.base.errors import UsageError
from sim.figures.evidence import load_profile
from sim.model.model import BurnIn
from sim.pages.labels import Labels
from sim.report.sources import source_text
from sim.scenario.types import InitiativeSetting, Scenario

ROW = "m2_kgi1_survival_current"


def test_a_line_number_is_one_of_the_document() -> None:
    assert "line 264" in source_text("Current", ROW, load_profile("document"), Labels("en"))


def test_rows_of_another_profile_name_their_own_source() -> None:
    profile = load_profile("official")
    shown = source_text("Current", ROW, profile, Labels("en"))
    assert "line" not in shown
    assert profile[ROW].source.title in shown
    assert "official" in shown


def test_wards_that_do_not_exist_are_refused() -> None:
    start = BurnIn(scale=0.001, years=1, burn_in_months=12)
    nowhere = Scenario(id="x", initiatives={"2.3": InitiativeSetting()}, wards=(99999,))
    with pytest.raises(UsageError, match="none of"):
        start.branch(nowhere)
