"""Fixed data of the page: what the registries say, no list made by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.analyses.shared.intervals import MIN_RUNS_CLEAR
from sim.app.fact_words import printed_text
from sim.figures.evidence import load_profile
from sim.figures.parameters import load_parameters
from sim.figures.profiles import profile_names
from sim.model.indicators import INDICATORS
from sim.model.measures import INITIATIVES
from sim.pages.indicator_notes import notes
from sim.pages.word_files import texts


def test_meta_holds_the_registries(browser: Any) -> None:
    meta = browser.get("/api/meta").json
    assert [i["id"] for i in meta["initiatives"]] == list(INITIATIVES)
    assert [i["id"] for i in meta["indicators"]] == list(INDICATORS)
    assert len(meta["wards"]) == 23
    assert meta["profile"] == "document"
    assert set(meta["limits"]) == {"ja", "en"}
    assert len(meta["limits"]["ja"]) > 5
    assert meta["credits"]
    assert meta["runs_for_a_clear_sign"] == MIN_RUNS_CLEAR
    evidence = load_profile()
    for indicator in meta["indicators"]:
        if INDICATORS[indicator["id"]].limits and indicator["id"] in notes():
            assert indicator["limits"]["ja"] == notes()[indicator["id"]]["limits_ja"]
        for name in ("target", "current"):
            id = getattr(INDICATORS[indicator["id"]], name)
            assert (indicator[name] or {}).get("id") == id
            assert id is None or indicator[name]["value"] == evidence[id].value
    for one in meta["initiatives"]:
        assert [c["id"] for c in one["claims"]] == list(INITIATIVES[one["id"]].claims)
        assert all(c["source"]["title"] and c["status"] for c in one["claims"])
        assert one["discount_factor"]["as_claimed"] == 1
        assert 0 < one["discount_factor"]["discounted"] <= 1


def test_official_figures_differ_where_there_are_any(browser: Any) -> None:
    evidence = {
        name: browser.get(f"/api/evidence?profile={name}").json["rows"] for name in profile_names()
    }
    assert len(evidence["document"]) == len(load_profile("document"))
    assert evidence["document"] != evidence["official"]
    assert any(row["status"] == "official" for row in evidence["official"])
    assert browser.get("/api/meta?profile=nothing").status == 422


def test_assumptions_have_source_line_and_grade(browser: Any) -> None:
    rows = browser.get("/api/assumptions").json["rows"]
    assert [r["id"] for r in rows] == list(load_parameters())
    assert all(r["source"] and r["status"] and r["line"] > 0 and r["unit"] for r in rows)


def test_rows_have_names_terms_and_units_in_japanese(browser: Any) -> None:
    parameters = {r["id"]: r for r in browser.get("/api/assumptions").json["rows"]}
    known = texts("sim.report.unit_names")
    for profile in profile_names():
        evidence = browser.get(f"/api/evidence?profile={profile}").json["rows"]
        rows = [*evidence, *browser.get(f"/api/assumptions?profile={profile}").json["rows"]]
        assert {r["unit"] for r in rows} <= set(known)
        printed = re.compile("percent|count|yen|years|source")
        assert [r["id"] for r in evidence if printed.search(r["printed_text"]["ja"])] == []
        assert [r["id"] for r in evidence if "source given" in r["source_text"]["ja"]] == []
        assert len([r for r in rows if not r["name"]["ja"] and not r["terms"]]) < 12
    assert all(r["name"]["ja"] and r["name"]["en"] for r in parameters.values())
    assert all(Path(r["file"]).is_file() for r in parameters.values())
    costs = [id for id, r in parameters.items() if "単価" in r["name"]["ja"]]
    assert "initiative.1.1.unit_cost" in costs
    one = INDICATORS["M1-KGI-1"]
    targets = {r["id"]: r for r in browser.get("/api/evidence").json["rows"]}
    assert targets[one.target]["name"]["ja"] == f"{one.id} {one.name_ja}：目標"


@pytest.mark.parametrize(
    ("printed", "ja"),
    [("62.8 percent", "62.8%"), ("8950 count", "8,950"), ("1995 year", "1995年"), ("x", "x")],
)
def test_printed_figures_are_written_in_japanese(printed: str, ja: str) -> None:
    assert printed_text(printed) == {"ja": ja, "en": printed.replace("8950", "8,950")}


def test_ward_inputs_have_units_and_sources(browser: Any) -> None:
    wards = browser.get("/api/wards").json
    assert len(wards["rows"]) == 23
    units = {c["id"]: c["unit"] for c in wards["columns"]}
    assert all(set(r["values"]) == set(units) for r in wards["rows"])
    assert all(c["unit_text"]["ja"] != c["unit"] or c["unit"] == "ha" for c in wards["columns"])
    assert units["area_ha_2024"] == "ha"
    assert units["local_tax_kyen_2022"] == "thousand yen"
    assert units["single_households_2020"] == "households"
    assert units["births_2023"] == "persons"
    assert wards["features"] == {}
    shapes = browser.get("/api/wards.geojson").json["features"]
    assert {s["properties"]["code"] for s in shapes} == {r["code"] for r in wards["rows"]}


def test_the_logic_model_is_what_the_initiatives_declare(browser: Any) -> None:
    logic = browser.get("/api/logic").json
    columns = {n["id"]: n["column"] for n in logic["nodes"]}
    for id, kind in INITIATIVES.items():
        found = {(e["to"], e["direction"]) for e in logic["edges"] if e["from"] == id}
        assert found == {*kind.proximal, *kind.distal}
    assert all(e["from"] in columns and e["to"] in columns for e in logic["edges"])
    for id, indicator in INDICATORS.items():
        if indicator.level == "KGI":
            assert columns[id] == "goal"
        elif indicator.kind == "delivery":
            assert columns[id] == "output"
    goals = {e["to"] for e in logic["edges"] if e["kind"] == "goal"}
    assert {columns[g] for g in goals} == {"goal"}


@pytest.mark.parametrize("name", ["meta", "assumptions", "evidence", "wards", "wards.geojson"])
def test_fixed_data_is_packed_and_revalidated(browser: Any, name: str) -> None:
    plain = browser.get(f"/api/{name}")
    packed = browser.get(f"/api/{name}", accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) < len(plain.body) / 2
    assert browser.get(f"/api/{name}", if_none_match=plain.headers["etag"]).status == 304


def test_an_own_profile_is_offered_without_its_path(
    launch: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "my folder" / "my_ward.yaml"
    path.parent.mkdir()
    path.write_text(
        "extends: document\nname: my_ward\ndescription: Ours.\n"
        "wards:\n  13112: {department: true}\n",
        encoding="utf-8",
    )
    browser = launch(profile=str(path)).browser().session()
    meta = browser.get("/api/meta")
    assert meta.json["profile"] == "own"
    assert meta.json["ward_features"] == {"13112": {"department": True}}
    assert str(tmp_path).encode() not in meta.body
    command = browser.post("/api/reproduce", {"scenarios": ["m1"]}).json["command"]
    assert "--profile my_ward.yaml" in command
    assert str(tmp_path) not in command
