"""Parameters: distributions against closed forms, strict reading, draws and overrides."""

from __future__ import annotations

import dataclasses
import math
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.base.distributions import (
    FAMILIES,
    Bernoulli,
    Choice,
    Distribution,
    LogNormal,
    Normal,
    Scaled,
    SplitNormal,
    Uniform,
)
from sim.base.errors import ContentError, UsageError
from sim.base.files import data_dir
from sim.base.randomness import parameter_uniform
from sim.figures.parameter import ParameterTable
from sim.figures.parameter_files import read_parameter_file, read_table
from sim.figures.parameters import load_parameters
from sim.figures.posterior import Posterior


class FakeProfile(dict[str, float]):
    """Stands in for an evidence profile: ids and numbers."""

    def value(self, row_id: str, /) -> float:
        return self[row_id]


PROFILE = FakeProfile(vol_rate=0.287, npo_count=8950.0)
SOME = """
    area.rate:
      value: 0.02
      unit: per month
      kind: uncertain
      status: provisional
      meaning: A rate.
      distribution: {split_normal: {p05: 0.01, median: 0.02, p95: 0.05}}
      bounds: [0, 0.06]
      source: "assumed: an example"
      evidence: [vol_rate]
    area.share:
      value: {evidence: vol_rate}
      unit: share
      kind: uncertain
      status: unverified
      meaning: A share.
      relative: true
      distribution: {split_normal: {p05: 0.8, median: 1, p95: 1.2}}
      source: document, line 104
    area.habit:
      unit: ratio
      kind: calibrated
      meaning: A behaviour.
      bounds: [0, 1]
      source: a survey
      evidence: [npo_count]
    area.fixed:
      value: 1e-3
      unit: ratio
      kind: fixed
      status: assumed
      meaning: A constant.
      source: by definition
"""
PRIORS = """
    area.habit:
      distribution: {split_normal: {p05: 0.1, median: 0.3, p95: 0.9}}
      unit: ratio
      reason: A third, three-fold either way.
      citation: Author 2000
"""
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def writer(text: str, name: str = "some.yaml", priors: str = PRIORS) -> Path:
        path = tmp_path / "parameters" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        (tmp_path / "priors.yaml").write_text(textwrap.dedent(priors), encoding="utf-8")
        return path

    return writer


@pytest.fixture
def table(write: Write) -> ParameterTable:
    return read_table(write(SOME).parent.parent, PROFILE)


# Distributions


@pytest.mark.parametrize(
    ("distribution", "points"),
    [
        (SplitNormal(0.01, 0.02, 0.05), {0.05: 0.01, 0.5: 0.02, 0.95: 0.05}),
        (SplitNormal(1.0, 1.0, 2.0), {0.05: 1.0, 0.3: 1.0, 0.5: 1.0, 0.95: 2.0}),
        (Uniform(-1.0, 3.0), {0.25: 0.0, 0.5: 1.0, 0.75: 2.0}),
        (LogNormal(30.0, 100.0), {0.5: 30.0, 0.95: 100.0, 0.05: 9.0}),
        (Normal(2.0, 0.5), {0.5: 2.0, 0.841344746068543: 2.5, 0.05: 2.0 - 0.8224268134757361}),
        (Bernoulli(0.8), {0.19: 0.0, 0.21: 1.0}),
        (Bernoulli(0.0), {0.999999: 0.0}),
        (Bernoulli(1.0), {0.000001: 1.0}),
        (Choice((3.28, 1.62), (1.0, 3.0)), {0.74: 1.62, 0.76: 3.28}),
        (Scaled(Uniform(0.5, 1.5), 10.0), {0.5: 10.0, 0.75: 12.5}),
    ],
    ids=lambda x: type(x).__name__ if isinstance(x, Distribution) else "",
)
def test_quantiles_are_those_of_the_closed_form(
    distribution: Distribution, points: dict[float, float]
) -> None:
    for u, expected in points.items():
        assert distribution.quantile(u) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    grid = [distribution.quantile(i / 1000) for i in range(1, 1000)]
    assert grid == sorted(grid)
    assert distribution.p05 == distribution.quantile(0.05)
    assert distribution.p95 == distribution.quantile(0.95)
    for u in (0.0, 1.0, -0.1, 1.1):
        with pytest.raises(ValueError, match="between 0 and 1"):
            distribution.quantile(u)


def test_split_normal_with_equal_halves_is_the_normal() -> None:
    split, normal = SplitNormal(1 - 1.6448536269514722, 1.0, 2.6448536269514722), Normal(1.0, 1.0)
    for u in (0.001, 0.3, 0.5, 0.9, 0.999):
        assert split.quantile(u) == pytest.approx(normal.quantile(u), rel=1e-12)


def test_every_family_can_be_written_in_a_file(write: Write) -> None:
    written = {
        "split_normal": "{p05: 0.1, median: 0.5, p95: 0.6}",
        "uniform": "{low: 0, high: 1}",
        "log_normal": "{median: 0.5, p95: 0.9}",
        "normal": "{mean: 0.5, sd: 0.1}",
        "bernoulli": "{p: 0.5}",
        "choice": "{values: [0.5, 0.25]}",
    }
    assert set(written) == set(FAMILIES)
    for family, keys in written.items():
        path = write(
            f"""
            a.b:
              value: 0.5
              unit: share
              kind: uncertain
              status: assumed
              meaning: A share.
              distribution: {{{family}: {keys}}}
              source: example
            """
        )
        (parameter,) = read_parameter_file(path, PROFILE)
        assert parameter.quantile(0.05) < parameter.quantile(0.95)


# Reading


def test_an_entry_is_read_with_all_that_it_says(table: ParameterTable) -> None:
    assert list(table) == ["area.rate", "area.share", "area.habit", "area.fixed"]
    rate, share, habit, fixed = table.values()
    assert (rate.value, rate.unit, rate.kind, rate.status) == (
        0.02,
        "per month",
        "uncertain",
        "provisional",
    )
    assert rate.bounds == (0.0, 0.06)
    assert rate.evidence == ("vol_rate",)
    assert (rate.file.name, rate.line) == ("some.yaml", 2)
    assert (share.value, share.value_from) == (0.287, "vol_rate")
    assert share.quantile(0.95) == pytest.approx(0.287 * 1.2)
    assert fixed.value == 0.001
    with pytest.raises(dataclasses.FrozenInstanceError):
        rate.__setattr__("value", 1.0)
    assert table.provisional() == ("area.rate", "area.habit")
    assert (habit.value, habit.kind, habit.status) == (0.3, "calibrated", "provisional")
    assert habit.source == "a survey; prior: Author 2000"
    assert (habit.bounds, habit.evidence, habit.value_from) == ((0.0, 1.0), ("npo_count",), None)
    assert habit.quantile(0.05) == pytest.approx(0.1)
    assert table.calibrated() == (habit,)


def test_value_and_relative_range_follow_the_profile(write: Write) -> None:
    folder = write(SOME).parent.parent
    other = read_table(folder, FakeProfile(vol_rate=0.2, npo_count=1.0))
    assert other["area.share"].value == 0.2
    assert other["area.share"].quantile(0.05) == pytest.approx(0.16)
    assert other["area.rate"] == read_table(folder, PROFILE)["area.rate"]


def test_a_calibrated_parameter_and_its_prior_need_each_other(write: Write) -> None:
    path = write(SOME)
    with pytest.raises(ContentError, match=r"some.yaml:21: area.habit: .*needs a prior"):
        read_parameter_file(path, PROFILE)
    write(SOME, priors=PRIORS + PRIORS.replace("habit", "share"))
    with pytest.raises(
        ContentError, match=r"priors.yaml:8: 'area.share' is no calibrated parameter"
    ):
        read_table(path.parent.parent, PROFILE)
    other = path.parent.parent / "other.yaml"
    other.write_text(textwrap.dedent(PRIORS.replace("0.3", "0.5")), encoding="utf-8")
    with pytest.raises(ContentError, match="no calibrated parameter"):
        read_table(path.parent.parent, PROFILE)
    assert read_table(path.parent.parent, PROFILE, other)["area.habit"].value == 0.5


def test_a_profile_value_outside_an_absolute_range_is_refused(write: Write) -> None:
    absolute = SOME.replace("      relative: true\n", "").replace("p05: 0.8", "p05: 0.2")
    absolute = absolute.replace("median: 1, p95: 1.2", "median: 0.287, p95: 0.35")
    path = write(absolute[: absolute.index("    area.habit")])
    read_parameter_file(path, PROFILE)
    with pytest.raises(ContentError, match=r"value 0.6 \(from evidence row vol_rate\).*relative"):
        read_parameter_file(path, FakeProfile(vol_rate=0.6, npo_count=1.0))


def test_duplicate_id_in_two_files_names_both(write: Write) -> None:
    write(SOME, "a.yaml")
    second = write(SOME[SOME.index("    area.fixed") :], "b.yaml")
    with pytest.raises(
        ContentError, match=r"b.yaml:1: duplicate parameter id 'area.fixed'.*a.yaml:28"
    ):
        read_table(second.parent.parent, PROFILE)


# Draws and overrides


def test_central_values_without_a_draw(table: ParameterTable) -> None:
    assert table.resolve() == {
        "area.rate": 0.02,
        "area.share": 0.287,
        "area.habit": 0.3,
        "area.fixed": 0.001,
    }


def test_a_draw_is_the_quantile_of_the_keyed_uniform(table: ParameterTable) -> None:
    for seed, draw in ((0, 0), (0, 1), (7, 3)):
        values = table.resolve(draw=draw, seed=seed)
        # Calibrated parameters are drawn from their priors until a posterior exists.
        for drawn in ("area.rate", "area.share", "area.habit"):
            u = parameter_uniform(seed, draw, drawn)
            assert values[drawn] == table[drawn].quantile(u)
        assert values["area.fixed"] == 0.001
    rates = {table.resolve(draw=d)["area.rate"] for d in range(50)}
    assert len(rates) > 40
    assert table.resolve(draw=3, seed=1) == table.resolve(draw=3, seed=1)
    assert table.resolve(draw=3, seed=1) != table.resolve(draw=3, seed=2)


def test_under_a_posterior_calibrated_parameters_are_drawn_together(table: ParameterTable) -> None:
    values = np.linspace(0.2, 0.4, 100)[:, None]
    posterior = Posterior("document", ("area.habit",), values, {"area.habit": 0.31}, {}, {})
    under = table.with_posterior(posterior)
    assert (under["area.habit"].value, under["area.habit"].status) == (0.31, "calibrated")
    assert under.provisional() == ("area.rate",)
    assert under.resolve() == {**table.resolve(), "area.habit": 0.31}
    for seed, draw in ((0, 0), (0, 1), (7, 3)):
        drawn = under.resolve(draw=draw, seed=seed)
        assert drawn["area.habit"] == posterior.row(seed, draw)["area.habit"]
        assert {**drawn, "area.habit": 0} == {
            **table.resolve(draw=draw, seed=seed),
            "area.habit": 0,
        }
    assert under.range_of(under["area.habit"]) == (values[5, 0], values[94, 0])
    row = under.to_rows()[2]
    assert (row["id"], row["p05"], row["status"]) == ("area.habit", values[5, 0], "calibrated")
    assert (row["prior_p05"], row["prior_p95"]) == (pytest.approx(0.1), pytest.approx(0.9))
    assert under.to_rows()[0]["prior_p05"] is None


def test_draws_do_not_depend_on_the_other_parameters(table: ParameterTable) -> None:
    alone = ParameterTable([table["area.rate"]])
    assert alone.resolve(draw=5)["area.rate"] == table.resolve(draw=5)["area.rate"]


def test_draws_are_clipped_to_the_bounds(table: ParameterTable) -> None:
    tight = dataclasses.replace(table["area.rate"], bounds=(0.019, 0.021))
    draws = [ParameterTable([tight]).resolve(draw=d)["area.rate"] for d in range(60)]
    assert min(draws) == 0.019
    assert max(draws) == 0.021


def test_overrides_win_over_draws_and_leave_the_others_alone(table: ParameterTable) -> None:
    plain, changed = table.resolve(draw=2), table.resolve({"area.fixed": 5}, draw=2)
    assert changed["area.fixed"] == 5.0
    assert changed["area.rate"] == plain["area.rate"]
    assert table.resolve({"area.rate": 0.03}, draw=2)["area.rate"] == 0.03
    assert list(changed) == list(table)


@pytest.mark.parametrize(
    ("overrides", "draw", "message"),
    [
        ({"area.rat": 0.1}, None, r"unknown parameter 'area.rat' \(did you mean 'area.rate'\?\)"),
        ({"area.rate": 0.07}, None, "0.07 is outside 0 to 0.06"),
        ({"area.fixed": math.nan}, None, "not a finite number"),
        ({}, -1, "a draw is 0, 1, 2"),
    ],
)
def test_bad_overrides_are_usage_errors(
    table: ParameterTable, overrides: dict[str, float], draw: int | None, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        table.resolve(overrides, draw=draw)


def test_rows_for_describe(table: ParameterTable) -> None:
    rate, share, habit, fixed = table.to_rows()
    assert (rate["id"], rate["provisional"], share["provisional"]) == ("area.rate", True, False)
    assert rate["p05"] == pytest.approx(0.01)
    assert share["p95"] == pytest.approx(0.3444)
    assert habit["p95"] == habit["prior_p95"] == pytest.approx(0.9)
    assert (fixed["p05"], fixed["p95"], fixed["low"]) == (None, None, None)
    assert (share["value_from"], rate["line"]) == ("vol_rate", 2)


# The bundled parameters


def test_the_bundled_parameters_load_in_both_profiles() -> None:
    document, official = load_parameters(), load_parameters("official")
    files = {p.name for p in data_dir("calibration", "parameters").glob("*.yaml")}
    assert {p.file.name for p in document.values()} == files
    assert list(document) == list(official)
    assert load_parameters("document") is load_parameters("document")
    assert all(p.distribution is not None for p in document.values() if p.kind == "uncertain")
    for parameter in document.values():
        if parameter.distribution is not None:
            assert parameter.quantile(0.05) <= parameter.quantile(0.95)
    drawn = document.resolve(draw=0)
    assert drawn.keys() == document.resolve().keys()
    moved = [i for i in drawn if drawn[i] != document[i].value]
    kinds = {document[i].kind for i in moved}
    assert kinds == {"uncertain", "calibrated"}
    priors = load_parameters(posterior=False)
    assert priors.posterior is None
    assert {p.status for p in priors.calibrated()} == {"provisional"}
    assert [p.id for p in priors.calibrated()] == [p.id for p in document.calibrated()]
    assert set(priors.provisional()) >= {p.id for p in priors.calibrated()}


def test_a_changed_profile_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    for percent in (30, 31.5):
        path.write_text(
            "name: mine\nextends: document\nrows:\n  vol_rate:\n"
            f"    value: {percent}\n    source: {{title: Our own count}}\n    status: assumed\n",
            encoding="utf-8",
        )
        table = load_parameters(str(path))
        from_rate = [p.value for p in table.values() if p.value_from == "vol_rate"]
        assert from_rate
        assert from_rate == [pytest.approx(percent / 100)] * len(from_rate)
    assert load_parameters(str(path)) is table
