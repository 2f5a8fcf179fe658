"""What a study leaves in its folder, and how it is read back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fake_model import fake_model

import sim
from sim.analyses.analysis import FOLDER_OF, NAMES, analysis
from sim.analyses.folder import read_kept
from sim.analyses.tables import Tables, check_tables, columns, read_tables
from sim.base.errors import KyodoError, OutputError
from sim.runs.batch import FEWEST_OF_GROUP, at_once
from sim.runs.spec import Design
from sim.scenario.reader import load_scenario

SMALL = {"draws": 4, "scale": "1/1000", "years": 1}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A model that needs no time."""
    fake = fake_model()
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    return fake


def test_tables_of_an_earlier_study_do_not_stay(model: Any, tmp_path: Path) -> None:
    sim.compare(["m1"], out=tmp_path, explain_draws=4, **SMALL)
    assert set(read_kept(tmp_path).tables) == {"comparison", "results", "interval_parts"}
    sim.compare(["m2"], out=tmp_path, force=True, **SMALL)
    assert not (tmp_path / "interval_parts.csv").exists()
    assert set(read_kept(tmp_path).tables) == {"comparison", "results"}


def test_a_manifest_of_another_kind_is_refused(model: Any, tmp_path: Path) -> None:
    sim.compare(["m1"], out=tmp_path, **SMALL)
    (tmp_path / "manifest.json").write_text('{"analysis": "compare"}', encoding="utf-8")
    with pytest.raises(OutputError, match="not a manifest of kyodo"):
        read_kept(tmp_path)


def test_a_column_may_lack_where_it_is_declared_so(tmp_path: Path) -> None:
    schema = {"t": columns(text="a") | columns(text="ward", may_lack=True)}
    for frame in (pd.DataFrame({"a": ["x"]}), pd.DataFrame({"a": ["x"], "ward": ["13101"]})):
        check_tables(Tables({"t": frame}), schema)
        frame.to_csv(tmp_path / "t.csv", index=False)
        pd.testing.assert_frame_equal(read_tables(tmp_path, schema, {})["t"], frame)
    with pytest.raises(KyodoError, match="column 'a'"):
        check_tables(Tables({"t": pd.DataFrame({"ward": ["x"]})}), schema)


def test_a_table_kept_as_parquet_is_read_from_there(tmp_path: Path) -> None:
    schema = {"t": columns(text="month", number="value")}
    frame = pd.DataFrame({"month": ["", "2024-04"], "value": [0.1, float("nan")]})
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    (tmp_path / "t.csv").write_text("month,value\n", encoding="utf-8")
    pd.testing.assert_frame_equal(read_tables(tmp_path, schema, {})["t"], frame)


def test_runs_of_one_burn_in_keep_one_process() -> None:
    one, many = load_scenario("m1"), 2 * FEWEST_OF_GROUP
    alike = [Design((one,), draws=3, years=1).chunk((0, 0))[0]] * many
    assert at_once(alike[:4]) == 1
    assert at_once(alike) == 2
    assert at_once(list(Design((one,), draws=3, years=1))) == 3


def test_a_further_question_has_the_tables_of_its_folder() -> None:
    assert set(FOLDER_OF) <= set(NAMES)
    for name, folder in FOLDER_OF.items():
        assert analysis(name).schema is analysis(folder).schema
        assert analysis(name).question is not analysis(folder).question
