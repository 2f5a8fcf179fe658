"""Analyses in one call: fields of the question, in memory, told as the command tells a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from fake_model import fake_model

import sim
from sim.analyses.analysis import OWN_COMMAND, analysis
from sim.analyses.ask import ask
from sim.analyses.tables import Tables, as_kept, read_tables
from sim.base.errors import KyodoError, UsageError
from sim.runs.store import ResultStore

SMALL = {"scenario": "m1", "indicator": "M1-KGI-1", "draws": 2, "scale": "1/1000", "years": 2}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Any:
    fake = fake_model()
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    return fake


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("atribute", {}, "unknown analysis 'atribute'.*attribute"),
        ("attribute", {"draw": 3}, "attribute has no field 'draw'.*draws"),
        ("attribute", {"years": 0}, "years: 0 is not a number from 1 to 50"),
        ("attribute", {"indicator": "M1-KGI-9"}, "M1-KGI-"),
        ("attribute", {"indicator": ["M1-KGI-1", "M1-KGI-9"]}, "'M1-KGI-9'"),
        # points are the draws of a sensitivity study, and luck is varied by itself
        ("sensitivity", {"draws": 3}, "sensitivity has no field 'draws'"),
        ("sensitivity", {"replicates": 2}, "sensitivity has no field 'replicates'"),
        ("sensitivity", {"method": "sobel"}, "'sobel' is not auto"),
        ("sensitivity", {"scenario": "baseline"}, "no effect"),
    ],
)
def test_what_cannot_be_asked(name: str, fields: dict[str, Any], said: str, model: Any) -> None:
    with pytest.raises(UsageError, match=said):
        ask(name, **fields)
    assert model.burn_ins == []


def test_nothing_is_written_and_the_public_name_is_this_one(
    model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = sim.ask("attribute", **SMALL)
    assert sim.ask is ask
    assert list(tmp_path.iterdir()) == []
    assert len(model.burn_ins) == 2 * 2
    # the stand-in adds 1/8 for every initiative of measure 1
    shares = found.tables["shares"]
    total = shares.loc[(shares["level"] == "total") & (shares["fiscal_year"] == 2025), "mean"]
    assert list(total) == pytest.approx([0.625])
    assert found.answer.plan.base.id == "m1"


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_pages_are_those_of_a_folder(model: Any, tmp_path: Path, lang: str) -> None:
    found = ask("attribute", **SMALL)
    told = analysis("attribute")
    store = ResultStore(tmp_path / "r")
    store.open("x", force=False)
    written = told.tables(found.answer)
    for name, frame in written.items():
        store.write_table(name, frame)
    read = read_tables(tmp_path / "r", told.schema, found.tables.facts)
    for name in written:
        assert found.tables[name].equals(read[name]), name
    pages = found.pages(lang)
    assert [p.id for p in pages][:1] == ["shares_outcome"]
    assert any("協働" in p.title for p in pages) == (lang == "ja")


def test_facts_are_those_of_a_manifest() -> None:
    kept = as_kept(Tables({}, {"years": (2024, 2025), "by": {"x": (1, None)}}), {})
    assert kept.facts == {"years": [2024, 2025], "by": {"x": [1, None]}}


def test_a_failed_run_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = fake_model({"m1": ValueError("no such month")})
    monkeypatch.setitem(sys.modules, "sim.model.model", fake)
    with pytest.raises(KyodoError, match=r"m1, .* failed: .*no such month"):
        ask("attribute", **SMALL)


@pytest.mark.parametrize(("name", "command"), list(OWN_COMMAND.items()))
def test_what_has_a_command_of_its_own_says_which(name: str, command: str) -> None:
    with pytest.raises(UsageError, match=f"{name} has no question: use kyodo {command}$"):
        ask(name)
