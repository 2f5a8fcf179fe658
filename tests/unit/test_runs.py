"""The runs layer on a stand-in for the model: specs, designs, chunks, failures, the store."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from design_runs import run_design
from fake_model import fake_model

from sim.analyses.compare.call import compare
from sim.analyses.folder import read_kept
from sim.base.errors import KyodoError, OutputError, UsageError
from sim.base.scale import parse_scale
from sim.runs.batch import run_batch
from sim.runs.manifest import manifest_of
from sim.runs.run_all import run_all
from sim.runs.runner import RESULT_COLUMNS, run, tidy
from sim.runs.spec import Design, RunSpec, model_hash
from sim.runs.store import ResultStore
from sim.scenario.reader import load_scenario
from sim.scenario.types import InitiativeSetting, Scenario

BASELINE = Scenario("baseline")
M1 = Scenario("m1", initiatives={"1.1": InitiativeSetting()})


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Any:
    fake = fake_model()
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    return fake


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every burn-in is a batch of its own."""
    monkeypatch.setattr("sim.runs.batch.BATCH_SECONDS", 0.0)


def design(**more: Any) -> Design:
    return Design((BASELINE, M1), **{"draws": 3, "years": 2, **more})


def some_parameter() -> tuple[str, float]:
    from sim.figures.parameters import load_parameters

    return next((p.id, p.value) for p in load_parameters().values() if p.kind != "uncertain")


@pytest.mark.parametrize("text", ["0.01", "1/100", 0.01, Fraction(1, 100), " 1/100 "])
def test_scale_is_exact(text: Any) -> None:
    assert parse_scale(text) == Fraction(1, 100)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "1.01",
        "-1/100",
        "1/0",
        "many",
        "nan",
        "inf",
        "1/1001",
        "",
        "1e-99999999",
        "1e9999999",
        "1/" + "9" * 5000,
        "0." + "0" * 5000 + "1",
        "１/１００",
        "0x1",
        "1_0/1_000",
        "--1",
        "1e-2e-2",
    ],
)
def test_a_scale_outside_its_range_is_refused(text: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(UsageError, match="scale") as refused:
        parse_scale(text)
    assert time.perf_counter() - begun < 1  # bounded before it is computed
    assert len(str(refused.value)) < 120


def test_identity_depends_on_what_the_numbers_depend_on() -> None:
    spec = RunSpec(M1, draw=0)
    name, value = some_parameter()
    same = RunSpec(replace(M1, name_en="another name", description="text"), draw=0)
    assert same.identity == spec.identity
    others = [
        replace(spec, seed=1),
        replace(spec, draw=1),
        replace(spec, draw=None),
        replace(spec, replicate=1),
        replace(spec, scale=Fraction(1, 50)),
        replace(spec, years=9),
        replace(spec, discount="none"),
        replace(spec, by="ward"),
        replace(spec, scenario=BASELINE),
        replace(spec, parameters=((name, value * 1.001 or 0.001),)),
    ]
    assert len({spec.identity, *(other.identity for other in others)}) == 1 + len(others)


def test_overrides_of_the_run_win_over_those_of_the_scenario() -> None:
    name, value = some_parameter()
    scenario = replace(M1, parameters={name: value})
    assert RunSpec(scenario).resolved[name] == value
    assert RunSpec(scenario, parameters=((name, value * 0.999),)).resolved[name] == value * 0.999


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": -1},
        {"years": 0},
        {"years": 51},
        {"replicate": -1},
        {"draw": -1},
        {"discount": "as_claim"},
        {"by": "day"},
        {"seed": 1.5},
        {"years": True},
    ],
)
def test_a_wrong_spec_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        RunSpec(M1, **wrong)


def test_two_profiles_cannot_be_compared() -> None:
    one, two = replace(M1, profile="official"), replace(BASELINE, profile="document")
    with pytest.raises(UsageError, match="mix evidence with policy"):
        Design((one, two))
    assert Design((one, two), profile="document").profile == "document"
    assert Design((one, BASELINE)).profile == "official"


def test_a_scenario_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="'m1'"):
        Design((M1, M1))


def test_the_order_of_scenarios_does_not_change_the_study() -> None:
    assert Design((M1, BASELINE)).study_hash == Design((BASELINE, M1)).study_hash


def test_one_burn_in_serves_all_scenarios_of_a_chunk(model: Any) -> None:
    result = run_design(design(replicates=2))
    assert len(model.burn_ins) == 6
    assert len(result.table) == 6 * 2 * 2 * 2
    assert result.timings["burn_ins"] == 6


def test_a_scenario_with_parameters_of_its_own_gets_its_own_burn_in(model: Any) -> None:
    name, value = some_parameter()
    own = replace(M1, id="own", parameters={name: value})
    batch = run_batch(Design((BASELINE, M1, own), draws=1).chunk((0, 0)))
    assert [given["parameters"] for given in model.burn_ins] == [{}, {name: value}]
    assert sorted(record.scenario for record in batch.records) == ["baseline", "m1", "own"]


def test_results_are_tidy_and_sorted(model: Any) -> None:
    table = run_design(design(draws=11)).table
    assert tuple(table.columns) == RESULT_COLUMNS
    keys = list(RESULT_COLUMNS[:7])
    assert table.equals(table.sort_values(keys, ignore_index=True))
    missing = table[table["status"] == "not_available"]
    assert missing["value"].isna().all()
    assert set(missing["indicator"]) == {"M2-KPIoc-1"}
    assert run(RunSpec(M1, years=1)).table["draw"].tolist() == [-1, -1]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_an_error_and_not_a_gap(number: float) -> None:
    with pytest.raises(KyodoError, match=r"m1, draw 4, .*M1-KGI-1 is (nan|inf) in 2024"):
        tidy([(2024, "", "all", "M1-KGI-1", number)], RunSpec(M1, draw=4))


def test_a_failed_run_is_named_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = fake_model({"m1": ZeroDivisionError("no one left")})
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    result = run_design(design())
    assert [f.name for f in result.failures] == [f"m1, draw {d}, replicate 0" for d in range(3)]
    assert result.failures[0].error == "ZeroDivisionError: no one left"
    assert "in run" in result.failures[0].traceback
    assert set(result.table["scenario"]) == {"baseline"}
    manifest = manifest_of(
        result.failures, len(design()), design=design().to_dict(), hashes={}, reused=0,
        timings=result.timings, command=["kyodo"],
    )  # fmt: skip
    assert manifest["runs"]["failed"] == len(manifest["failures"]) == 3
    json.dumps(manifest, allow_nan=False)


def test_a_missing_value_is_refused_by_the_name_of_its_run(model: Any) -> None:
    results = run_all(list(design(draws=2)))
    assert results.cube(["M2-KPIoc-1", "M1-KGI-1"]).shape == (4, 2, 2)
    assert np.isnan(results.values("M2-KPIoc-1")).all()
    results.require_whole(["M1-KGI-1"])
    with pytest.raises(KyodoError, match=r"M2-KPIoc-1 has no value in 2024.*: baseline, draw 0"):
        results.require_whole(["M1-KGI-1", "M2-KPIoc-1"])


def test_failed_runs_are_kept_with_their_traceback_and_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = fake_model({"m1": ZeroDivisionError("no one left")})
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    store = ResultStore(tmp_path)
    store.open(design().study_hash)
    results = run_all(list(design(draws=2)), store=store)
    kept = sorted((r for r, _ in store.records() if r.error), key=lambda r: r.draw or 0)
    assert [(r.scenario, r.draw) for r in kept] == [("m1", 0), ("m1", 1)]
    assert all("in run" in record.traceback for record in kept)
    assert np.isnan(results.values("M1-KGI-1")[1]).all()
    assert not np.isnan(results.values("M1-KGI-1")[0]).any()
    with pytest.raises(KyodoError, match=r"\(and 1 more\).*: m1, draw 0, replicate 0: ZeroDiv"):
        results.require_whole()
    assert set(results.frame()["place"]) == {0, 2}


def test_equal_specs_share_one_run_and_keep_their_places(model: Any) -> None:
    one, other = design(draws=1).chunk((0, 0))
    results = run_all([one, other, one])
    assert len(model.burn_ins) == 1
    values = results.values("M1-KGI-1")
    assert values[0].tolist() == values[2].tolist() != values[1].tolist()


def test_constants_of_experiments_are_no_part_of_a_run() -> None:
    spec = RunSpec(M1, draw=0)
    weighed = replace(spec, parameters=(("experiment.value_per_project", 1.0),))
    assert weighed.identity == spec.identity
    assert weighed.burn_in_key == spec.burn_in_key


def test_a_failed_burn_in_fails_every_run_that_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = fake_model({"burn-in": ValueError("x")})
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    result = run_design(design(draws=1))
    assert [f.scenario for f in result.failures] == ["baseline", "m1"]
    assert result.table.empty
    assert tuple(result.table.columns) == RESULT_COLUMNS


def test_an_interrupt_keeps_finished_chunks(
    tmp_path: Path, model: Any, small_batches: None
) -> None:
    store = ResultStore(tmp_path / "out")
    store.open(design().study_hash)

    def stop(done: int, total: int, seconds: float) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_design(design(), store=store, progress=stop)
    assert len(model.burn_ins) == 2
    store.open(design().study_hash)
    result = run_design(design(), store=store)
    assert len(model.burn_ins) == 3
    assert result.reused == 4
    pd.testing.assert_frame_equal(result.table, run_design(design()).table, check_exact=True)


def test_resume_adds_draws_and_tries_failed_runs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ResultStore(tmp_path / "out")
    store.open(design(draws=2).study_hash)
    monkeypatch.setitem(sys.modules, "sim.model.model", fake_model({"m1": ValueError("x")}))
    assert len(run_design(design(draws=2), store=store).failures) == 2
    fake = fake_model()
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    store.open(design(draws=4).study_hash)
    result = run_design(design(draws=4), store=store)
    assert (len(result.failures), len(fake.burn_ins), result.reused) == (0, 4, 2)


def test_recorded_runs_are_never_computed_again(tmp_path: Path, model: Any) -> None:
    store = ResultStore(tmp_path)
    for draws in (3, 2, 4):
        store.open(design().study_hash)
        run_design(design(draws=draws), store=store)
    assert [given["draw"] for given in model.burn_ins] == [0, 1, 2, 3]
    assert {record.draw for record, _ in store.records()} == {0, 1, 2, 3}


@pytest.mark.usefixtures("small_batches")
def test_a_broken_shard_is_computed_again(tmp_path: Path, model: Any) -> None:
    store = ResultStore(tmp_path)
    store.open(design().study_hash)
    whole = run_design(design(), store=store).table
    broken = next(path for record, path in store.records() if record.draw == 1)
    broken.write_bytes(b"PAR1 not really")
    store.open(design().study_hash)
    again = run_design(design(), store=store)
    assert [given["draw"] for given in model.burn_ins] == [0, 1, 2, 1]
    pd.testing.assert_frame_equal(again.table, whole, check_exact=True)


def test_another_study_or_other_files_are_refused(
    tmp_path: Path, model: Any, small_batches: None
) -> None:
    store = ResultStore(tmp_path / "out")
    store.open(design().study_hash)
    run_design(design(), store=store)
    with pytest.raises(OutputError, match="another study"):
        store.open(design(seed=1).study_hash)
    assert len(list(tmp_path.rglob("*.parquet"))) == 3
    mine = tmp_path / "out" / "mine.txt"
    mine.write_text("keep", encoding="utf-8")
    store.open(design(seed=1).study_hash, force=True)
    assert list(tmp_path.rglob("*.parquet")) == []
    assert mine.read_text(encoding="utf-8") == "keep"
    foreign = ResultStore(tmp_path)
    with pytest.raises(OutputError, match="other files"):
        foreign.open(design().study_hash)


def test_a_folder_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    for out in (file, file / "below", file / "below" / "deeper"):
        with pytest.raises(OutputError, match="cannot write"):
            ResultStore(out).open(design().study_hash)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_results_come_back_as_they_were_written(tmp_path: Path, model: Any) -> None:
    store = ResultStore(tmp_path)
    store.open(design().study_hash)
    result = run_design(design(), store=store)
    store.write_results(result.table)
    pd.testing.assert_frame_equal(store.read_results(), result.table, check_exact=True)
    text = (tmp_path / "results.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf" + b"scenario,draw,replicate")
    assert not [p for p in tmp_path.rglob("*") if p.name.startswith(".")]


def test_the_hash_of_the_model_leaves_out_reports_and_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.runs import spec

    package = tmp_path / "sim"
    for room in (*spec.MODEL_ROOMS, "report", "runs", "analyses"):
        (package / room).mkdir(parents=True)
    (package / "model" / "model.py").write_text("x = 1", encoding="utf-8")
    monkeypatch.setattr(spec, "__file__", str(package / "runs" / "spec.py"))

    def now() -> str:
        model_hash.cache_clear()
        return model_hash()

    first = now()
    for room in ("report", "runs", "analyses"):
        (package / room / "charts.py").write_text("y = 1", encoding="utf-8")
    (package / "cli.py").write_text("y = 1", encoding="utf-8")
    assert now() == first
    found = {first}
    for room in spec.MODEL_ROOMS:
        (package / room / "more.py").write_text("x = 2", encoding="utf-8")
        found.add(now())
    assert len(found) == 1 + len(spec.MODEL_ROOMS)
    model_hash.cache_clear()


def test_a_folder_keeps_the_profile_of_its_own_study_only(model: Any, tmp_path: Path) -> None:
    """What ``kyodo report`` reads must not be an earlier study's profile (--force)."""
    own = tmp_path / "own.yaml"
    own.write_text("name: own\nextends: document\n", encoding="utf-8")
    out = tmp_path / "out"
    small = {"draws": 1, "scale": "1/1000", "years": 1, "out": out}
    compare(["m1"], profile=str(own), **small)
    assert (out / "profile.yaml").read_text(encoding="utf-8") == own.read_text("utf-8")
    assert load_scenario(out / "scenarios/m1.yaml") == load_scenario("m1")
    assert read_kept(out).profile == str(out / "profile.yaml")
    compare(["m1"], force=True, **small)
    assert not (out / "profile.yaml").exists()
    assert read_kept(out).profile == "document"
