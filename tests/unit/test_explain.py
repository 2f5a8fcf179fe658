"""What the intervals come from: the runs (real model, small), kept and stored tables, the note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from design_runs import run_design

import sim.analyses.compare.interval_parts_table as stored
import sim.runs.manifest as manifest_module
from sim.analyses.compare.design import build_design
from sim.analyses.compare.explain import explain
from sim.analyses.compare.interval_parts import PART_COLUMNS
from sim.base.errors import ContentError, UsageError
from sim.figures.parameters import load_parameters
from sim.figures.posterior import Posterior
from sim.runs.manifest import interval_note
from sim.runs.run_all import Results, run_all
from sim.runs.runner import combine, run_specs
from sim.runs.spec import EFFECT_GROUPS, Design, RunSpec
from sim.scenario.reader import load_scenario

DRAWS = 4


@pytest.fixture(scope="module")
def design() -> Design:
    return build_design(["baseline", "all_measures"], draws=2, scale="1/1000", years=2, seed=5)


@pytest.fixture(scope="module")
def table(design: Design) -> pd.DataFrame:
    return run_design(design).table


@pytest.fixture(scope="module")
def rows(design: Design, table: pd.DataFrame) -> pd.DataFrame:
    seen: list[int] = []

    def run(specs: Sequence[RunSpec], what: str) -> Results:
        seen.append(len(specs))
        assert "4 draws" in what
        return in_memory(specs, what)

    parts = explain(design, DRAWS, run, table=table)
    assert not parts.failures
    assert (parts.draws, parts.source) == (DRAWS, "runs")
    # f, c and e of two draws, c of the two of the study and e of their measures
    assert seen == [2 * 5 + 2 * 3]
    return parts.rows


def in_memory(specs: Sequence[RunSpec], what: str) -> Results:
    return run_all(specs)


# ---- the runs


def values(spec: RunSpec, *more: RunSpec) -> list[bytes]:
    """The values of runs that share one burn-in, as bytes."""
    results, failures, _, burn_ins = run_specs([spec, *more])
    assert (failures, burn_ins) == ([], 1)
    return [combine([r.table])["value"].to_numpy().tobytes() for r in results]


def test_equal_effects_give_the_run_itself_and_the_baseline_reads_none(design: Design) -> None:
    base, measures = design.chunk((1, 0))
    plain, same, other = values(
        measures, replace(measures, effects_draw=1), replace(measures, effects_draw=9)
    )
    assert same == plain
    assert other != plain
    plain, other = values(base, replace(base, effects_draw=9))
    assert other == plain


def test_a_branch_with_other_effects_is_a_run_with_these_parameters(design: Design) -> None:
    """Branching with other effects equals burning in with them: the burn-in reads none of them."""
    measures = replace(design.chunk((1, 0))[1], effects_draw=9)
    assert measures.effects is not None
    own = replace(measures, effects_draw=None, parameters=tuple(measures.effects.items()))
    assert values(measures) == values(own)


def test_only_effects_are_replaced() -> None:
    spec = RunSpec(load_scenario("m1", 10), draw=0)
    other = replace(spec, effects_draw=7)
    changed = {id for id, value in spec.resolved.items() if other.resolved[id] != value}
    assert len(changed) > 80
    assert all(id.startswith(EFFECT_GROUPS) for id in changed)
    assert other.burn_in_key == spec.burn_in_key
    assert other.identity != spec.identity
    given = replace(other, parameters=(("initiative.1.1.grade", 0.5),))
    assert given.resolved["initiative.1.1.grade"] == 0.5
    assert other.name.startswith("m1, draw 0, replicate 0 (effects of draw 7")


def test_central_values_have_no_effects_to_replace() -> None:
    with pytest.raises(UsageError, match="effects_draw"):
        RunSpec(load_scenario("m1", 10), effects_draw=3)


def test_the_parts_of_the_real_model(rows: pd.DataFrame) -> None:
    assert tuple(rows.columns) == PART_COLUMNS
    assert set(rows["fiscal_year"]) == {2025}
    base = rows.loc[rows["scenario"] == "baseline"]
    assert set(base["of"]) == {"value"}
    effects = base.loc[base["part"] == "effects", "share"].dropna()
    assert len(effects) > 10
    assert (effects == 0.0).all()
    whole = rows.groupby(["scenario", "indicator", "of"])["share"].sum(min_count=3).dropna()
    np.testing.assert_allclose(whole, 1.0, atol=1e-12)
    moved = rows.loc[(rows["of"] == "effect") & (rows["part"] == "effects"), "share"]
    assert (moved.dropna() > 0).sum() > 10
    shares = rows[["share", "low", "high"]].dropna()
    assert ((shares >= 0) & (shares <= 1)).to_numpy().all()


def test_runs_that_a_study_has_are_not_run_again(design: Design, rows: pd.DataFrame) -> None:
    found = explain(design, DRAWS, in_memory).rows
    pd.testing.assert_frame_equal(found, rows, check_exact=True)


@pytest.mark.slow
def test_two_workers_give_the_shares_of_one(
    design: Design, table: pd.DataFrame, rows: pd.DataFrame
) -> None:
    two = explain(design, DRAWS, lambda specs, _: run_all(specs, workers=2), table=table)
    pd.testing.assert_frame_equal(two.rows, rows, check_exact=True)


def test_too_few_draws_are_refused(design: Design) -> None:
    with pytest.raises(UsageError, match="at least 4"):
        explain(design, 3, in_memory)


# ---- tables made before


@pytest.fixture
def usual(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rows: pd.DataFrame) -> Path:
    """A table for ``document``, and a posterior that belongs to it."""
    path = tmp_path / "document_parts.csv"
    stored.write_parts(path, rows)
    monkeypatch.setattr(stored, "parts_path", lambda profile: path)
    calibrate(monkeypatch)
    return path


def calibrate(monkeypatch: pytest.MonkeyPatch, profile: str = "document", own: bool = True) -> None:
    """Let parameters be drawn from an ensemble that was made for ``profile``."""
    plain = load_parameters("document", posterior=False)
    ids = tuple(p.id for p in plain.calibrated())
    centre = {p.id: p.value for p in plain.calibrated()}
    ensemble = np.tile([centre[id] for id in ids], (100, 1))
    posterior = Posterior(profile, ids, ensemble, centre, {}, {}, borrowed=not own)
    known = plain.with_posterior(posterior)
    for place in ("sim.figures.parameters.load_parameters", "sim.runs.manifest.load_parameters"):
        monkeypatch.setattr(place, lambda profile="document": known)


def test_a_stored_table_is_used_for_the_usual_settings_only(
    usual: Path, rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    design = build_design(["all_measures"])
    found = stored.stored_parts(design)
    assert found is not None
    assert (found.source, found.draws) == ("table", DRAWS)
    pd.testing.assert_frame_equal(found.rows, rows, check_exact=False, atol=1e-15)
    assert stored.stored_parts(build_design(["all_measures"], draws=7, seed=3)) is not None
    for other in (
        {"scale": "1/200"},
        {"years": 9},
        {"discount": "as_claimed"},
        {"parameters": {"collaboration.trend": 0.01}},
        {"draws": None},
    ):
        given: dict[str, Any] = other
        assert stored.stored_parts(build_design(["all_measures"], **given)) is None, other
    changed = replace(load_scenario("all_measures", 10), initiatives={})
    assert stored.stored_parts(build_design([changed])) is None
    assert stored.stored_parts(build_design(["staged"])) is None
    assert stored.stored_parts(build_design(["m1"])) is None
    calibrate(monkeypatch, own=False)
    assert stored.stored_parts(design) is None
    usual.unlink()
    calibrate(monkeypatch)
    assert stored.stored_parts(design) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "columns are not"),
        (",".join(PART_COLUMNS) + "\nm1,M1-KGI-1,2026,value,luck,0.5,0.4,0.6,50\n", "not known"),
        (",".join(PART_COLUMNS) + "\nm1,M1-KGI-1,2026,value,chance,x,0.4,0.6,50\n", "no number"),
        (",".join(PART_COLUMNS) + "\nm1,M1-KGI-1,2026,value,chance,2,0.4,0.6,50\n", "outside"),
        ("", "no table"),
    ],
)
def test_what_is_no_such_table_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "document_parts.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=said):
        stored.read_parts(path)


def test_the_table_stands_beside_the_posterior(tmp_path: Path) -> None:
    assert stored.parts_path("official").name == "official_parts.csv"
    assert stored.parts_path("official").parent.name == "posterior"
    own = tmp_path / "my_ward.yaml"
    assert stored.parts_path(str(own)) == tmp_path / "my_ward_parts.csv"


# ---- what the note in the manifest says


@pytest.mark.parametrize("state", ["own", "borrowed", "none"])
@pytest.mark.parametrize("draws", [2, None])
def test_the_note_says_where_parameters_come_from(
    state: str, draws: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    design = replace(build_design(["m1"], draws=draws), profile="document")
    if state == "none":
        plain = load_parameters("document", posterior=False)
        monkeypatch.setattr(manifest_module, "load_parameters", lambda profile: plain)
    else:
        calibrate(monkeypatch, "document" if state == "own" else "official", state == "own")
    table = manifest_module.load_parameters(str(design.profile))
    note = interval_note(table, design.draws is not None)
    where = note["contains"] if draws else note["leaves_out"]
    text = next(line for line in where if "parameters of behaviour" in line)
    assert ("not calibrated" in text) == (state == "none")
    assert ("calibrated for official, not for this profile" in text) == (state == "borrowed")
    assert any("levels" in line and "agreement" in line for line in note["leaves_out"]) == (
        state != "own"
    )
    if state == "none":
        assert note["posterior"] is None
    else:
        assert note["posterior"]["borrowed"] == (state == "borrowed")
