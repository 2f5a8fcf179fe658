"""Fixed data of the page: what the registries say, no list made by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.evidence import load_profile, profile_names
from sim.indicators import INDICATORS
from sim.measures import INITIATIVES
from sim.parameters import load_parameters


def test_meta_holds_the_registries(browser: Any) -> None:
    meta = browser.get("/api/meta").json
    assert [i["id"] for i in meta["initiatives"]] == list(INITIATIVES)
    assert [i["id"] for i in meta["indicators"]] == list(INDICATORS)
    assert len(meta["wards"]) == 23
    assert meta["profile"] == "document"
    assert set(meta["limits"]) == {"ja", "en"}
    assert len(meta["limits"]["ja"]) > 5
    assert meta["credits"]
    evidence = load_profile()
    for indicator in meta["indicators"]:
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


def test_ward_inputs_have_units_and_sources(browser: Any) -> None:
    wards = browser.get("/api/wards").json
    assert len(wards["rows"]) == 23
    units = {c["id"]: c["unit"] for c in wards["columns"]}
    assert all(set(r["values"]) == set(units) for r in wards["rows"])
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
