"""Designs of sweeps: points, levers, broken files, what may be extended."""

from __future__ import annotations

import csv
import itertools
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_model import fake_model

from sim.analyses.sweep.design import read_sweep
from sim.analyses.sweep.estimate import Sweep, index_table, parse_part
from sim.analyses.sweep.points import SweepPoints, at_point, factorial, spread, unit_points
from sim.base.errors import ContentError, UsageError
from sim.figures.parameters import load_parameters
from sim.runs.run_all import run_all
from sim.scenario.reader import load_scenario

BROKEN = Path(__file__).resolve().parent.parent / "broken" / "sweeps"
with (BROKEN / "expected.csv").open(encoding="utf-8", newline="") as stream:
    CASES = {case["file"]: case for case in csv.DictReader(stream)}


@pytest.mark.parametrize("name", CASES)
def test_a_broken_design_is_refused_with_file_and_line(name: str) -> None:
    case = CASES[name]
    with pytest.raises(ContentError) as caught:
        read_sweep(BROKEN / f"{name}.yaml")
    error = caught.value
    assert error.path is not None
    found = (error.path.name, str(error.line or ""), error.message)
    assert found == (case["reported_in"], case["line"], case["message"])


def test_every_broken_design_is_expected_and_there() -> None:
    assert {path.stem for path in BROKEN.glob("*.yaml")} == set(CASES)
    assert len(CASES) >= 20


def write(folder: Path, text: str) -> Path:
    path = folder / "design.yaml"
    path.write_text(text, encoding="utf-8")
    return path


DESIGN = """
scenarios: [baseline, m1]
points:
  method: sobol
  count: 4
  vary:
    initiative.1.2.conversion: prior
    strength.1: {low: 0.2, high: 1}
draws: 2
replicates: 2
years: 2
"""


def test_the_runs_are_scenarios_x_points_x_draws_x_replicates(tmp_path: Path) -> None:
    sweep = read_sweep(write(tmp_path, DESIGN))
    specs = list(sweep)
    assert len(specs) == len(sweep) == 2 * 4 * 2 * 2
    assert [sweep[n].identity for n in range(len(sweep))] == [s.identity for s in specs]
    assert sweep[-1].identity == specs[-1].identity
    # the baseline has no strength, but the parameter moves with the point all the same
    assert len({s.identity for s in specs}) == len(specs)
    keys = [s.burn_in_key for s in specs]
    assert sum(a != b for a, b in itertools.pairwise(keys)) + 1 == len(set(keys)) == 4


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, DESIGN)
    sweep = read_sweep(path, draws=5, scale="1/1000", overrides={"collaboration.trend": 0.01})
    assert (sweep.draws, sweep.replicates, str(sweep.scale)) == (5, 2, "1/1000")
    assert sweep[0].overrides["collaboration.trend"] == 0.01
    with pytest.raises(UsageError, match="draws: 0"):
        read_sweep(path, draws=0)


def test_more_draws_replicates_or_sobol_points_are_the_same_study(tmp_path: Path) -> None:
    sweep = read_sweep(write(tmp_path, DESIGN))
    more = read_sweep(write(tmp_path, DESIGN.replace("count: 4", "count: 9")), draws=7)
    assert more.study_hash == sweep.study_hash
    assert {s.identity for s in sweep} < {s.identity for s in more}
    wider = read_sweep(write(tmp_path, DESIGN.replace("high: 1}", "high: 0.9}")))
    assert wider.study_hash != sweep.study_hash
    latin = DESIGN.replace("sobol", "latin_hypercube")
    one = read_sweep(write(tmp_path, latin))
    other = read_sweep(write(tmp_path, latin.replace("count: 4", "count: 8")))
    assert one.study_hash != other.study_hash
    assert sweep.study_hash != one.study_hash


def test_shards_share_the_runs_out(tmp_path: Path) -> None:
    sweep = read_sweep(write(tmp_path, DESIGN))
    parts = [replace(sweep, part=(i, 3)) for i in (1, 2, 3)]
    shared = [[s.identity for s in part] for part in parts]
    assert sum(len(part) for part in parts) == len(sweep)
    assert sorted(itertools.chain(*shared)) == sorted(s.identity for s in sweep)
    assert parts[1].study_hash == sweep.study_hash
    for text in ("0/3", "4/3", "2", "a/b", "1/0"):
        with pytest.raises(UsageError, match="--shard"):
            parse_part(text)


def test_points_of_a_file_are_taken_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("start_year.1,discount.cap\n2025,1\n2026,0.9\n", "utf-8")
    path = write(tmp_path, "scenarios: [m1]\npoints: {method: file, file: p.csv}\n")
    sweep = read_sweep(path)
    assert [s.start for s in sweep[1].scenario.initiatives.values()] == [24] * 5
    assert sweep[1].overrides == {"discount.cap": 0.9}


def test_a_full_factorial_has_every_combination() -> None:
    points = factorial({"a": [1, 2], "b": [3, 4, 5]})
    assert points.values.tolist() == [[1, 3], [1, 4], [1, 5], [2, 3], [2, 4], [2, 5]]
    assert points.row(4) == {"a": 2.0, "b": 4.0}
    with pytest.raises(UsageError, match="full factorial"):
        factorial({str(n): range(100) for n in range(4)})


@pytest.mark.parametrize("count", [1, 7, 64])
def test_a_latin_hypercube_has_one_point_a_slice(count: int) -> None:
    unit = unit_points("latin_hypercube", count, 3, seed=5)
    for column in unit.T:
        assert sorted((column * count).astype(int)) == list(range(count))


def test_a_sobol_sequence_goes_on_where_it_stopped() -> None:
    few, many = (unit_points("sobol", n, 4, seed=2) for n in (5, 70))
    assert np.array_equal(few, many[:5])
    assert not np.array_equal(few, unit_points("sobol", 5, 4, seed=3))
    # balance: a power of two fills both halves of every axis equally
    assert ((many[:64] < 0.5).sum(axis=0) == 32).all()


def test_points_cover_the_range_and_the_own_distribution() -> None:
    table = load_parameters()
    unit = unit_points("sobol", 512, 3, seed=0)
    points = spread(
        unit,
        {
            "initiative.1.2.conversion": None,
            "strength.2": (0.2, 0.6),
            "start_year.2": (2024.0, 2026.0),
        },
        table,
    )
    own, strength, start = points.values.T
    parameter = table["initiative.1.2.conversion"]
    assert np.mean(own < parameter.quantile(0.25)) == pytest.approx(0.25, abs=0.01)
    assert 0.2 <= strength.min() < 0.21
    assert 0.59 < strength.max() <= 0.6
    counts = np.bincount(start.astype(int) - 2024)
    assert len(counts) == 3
    assert counts.min() > 160


def test_levers_move_only_what_the_scenario_switches_on() -> None:
    base, m1 = load_scenario("baseline"), load_scenario("m1")
    point = {"strength.1": 0.5, "strength.1.2": 0.25, "start_year.1": 2026, "discount.cap": 1.0}
    moved, parameters = at_point(m1, point)
    assert parameters == {"discount.cap": 1.0}
    assert {id: s.strength for id, s in moved.initiatives.items()} == {
        "1.1": 0.5, "1.2": 0.25, "1.3": 0.5, "1.4": 0.5, "1.5": 0.5,
    }  # fmt: skip
    assert {s.start for s in moved.initiatives.values()} == {24}
    assert at_point(base, point)[0] == base
    sweep = Sweep((base,), SweepPoints(("strength.1",), np.array([[0.1], [0.9]])))
    assert sweep[0].identity == sweep[1].identity


def test_scenarios_bring_their_own_discount_and_profile(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "id: own\nname: {en: x}\nextends: m1\ndiscount: none\nprofile: official\n", "utf-8"
    )
    sweep = read_sweep(write(tmp_path, "scenarios: [m1, own.yaml]\nyears: 1\n"))
    assert sweep.profile == "official"
    assert [spec.discount for spec in sweep] == ["discounted", "none"]
    assert sweep.to_dict()["discount"] == {"m1": "discounted", "own": "none"}
    other = "id: other\nname: {en: x}\nextends: m1\nprofile: document\n"
    (tmp_path / "other.yaml").write_text(other, "utf-8")
    two = write(tmp_path, "scenarios: [other.yaml, own.yaml]\nyears: 1\n")
    with pytest.raises(ContentError, match="mix evidence with policy"):
        read_sweep(two)
    assert read_sweep(two, profile="document").profile == "document"


def test_a_factor_cannot_be_varied_and_set(tmp_path: Path) -> None:
    path = write(tmp_path, DESIGN)
    with pytest.raises(UsageError, match=r"initiative\.1\.2\.conversion is varied"):
        read_sweep(path, overrides={"initiative.1.2.conversion": 0.2})


def test_points_of_a_file_name_their_line(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("strength.1\n\n0.5\n\n1.5\n", "utf-8")
    path = write(tmp_path, "scenarios: [m1]\npoints: {method: file, file: p.csv}\n")
    with pytest.raises(ContentError, match=r"p\.csv:5: strength\.1: 1\.5 is not between"):
        read_sweep(path)
    (tmp_path / "p.csv").write_text("strength.1\ninf\n", "utf-8")
    with pytest.raises(ContentError, match=r"p\.csv:2: strength\.1: inf is not finite"):
        read_sweep(path)


def test_the_index_has_the_values_of_every_factor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sim.model.model", fake_model({"m1": ValueError("x")}))
    sweep = read_sweep(write(tmp_path, DESIGN))
    table = index_table(sweep, run_all(sweep))
    assert len(table) == len(sweep)
    for row, spec in zip(table.to_dict(orient="records"), sweep, strict=True):
        assert row["run"] == spec.run_id
        assert row["initiative.1.2.conversion"] == spec.overrides["initiative.1.2.conversion"]
        assert (row["scenario"], row["draw"]) == (spec.scenario.id, spec.draw)
        if spec.scenario.id == "m1":
            assert row["strength.1"] == spec.scenario.initiatives["1.1"].strength
    assert set(table.loc[table["scenario"] == "m1", "status"]) == {"failed"}
    assert table["traceback"].str.contains("ValueError").sum() == len(sweep) // 2


def test_validate_knows_a_design(tmp_path: Path) -> None:
    from sim.cli.validate import validate_file

    said = validate_file(write(tmp_path, DESIGN))
    assert said.endswith("design.yaml: valid design of a sweep, 32 runs")
    with pytest.raises(ContentError, match="unknown key 'drows'"):
        validate_file(BROKEN / "unknown_key.yaml")
